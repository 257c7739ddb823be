//! Whatever guarantors, delegators, customers, losses and time do, in any order, the invariants hold and no money
//! appears.

use super::*;
use frame_support::storage::with_storage_layer;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
	Apply(AccountId, Balance),
	WithdrawApplication(AccountId),
	Decide(AccountId, bool),
	BondExtra(AccountId, Balance),
	Unbond(AccountId, Balance),
	WithdrawUnbonded(AccountId),
	Exit(AccountId),
	Reap(AccountId),
	Commission(AccountId, u32),
	Delegate(AccountId, AccountId, Balance),
	Undelegate(AccountId, AccountId, u32),
	WithdrawUndelegated(AccountId, AccountId),
	Request(AccountId, AccountId),
	CancelRequest(AccountId),
	/// Whoever was asked accepts.
	Agree(AccountId),
	Answer(AccountId, AccountId, bool),
	Limits(AccountId, AccountId, u32),
	Leave(AccountId),
	Dismiss(AccountId, AccountId),
	Govern(AccountId, GuarantorState),
	Restrict(AccountId, ReduceOnlyReason, bool),
	Default(AccountId),
	Lock(AccountId, u64),
	Slash(AccountId, Balance),
	Reward(AccountId, Balance),
	Gift(AccountId, Balance),
	Open(AccountId, bool),
	RefusePorts(bool),
	Parameters {
		min_bond: Balance,
		ratio: u32,
		commission: u32,
	},
	Pass(u64),
}

fn stake_step() -> impl Strategy<Value = Step> {
	let (guarantor, delegator) = (1u64..=4, 38u64..=42);
	prop_oneof![
		2 => (guarantor.clone(), 0u64..900).prop_map(|(g, b)| Step::Apply(g, b)),
		1 => guarantor.clone().prop_map(Step::WithdrawApplication),
		2 => (guarantor.clone(), prop::bool::weighted(0.8)).prop_map(|(g, yes)| Step::Decide(g, yes)),
		2 => (guarantor.clone(), 0u64..400).prop_map(|(g, b)| Step::BondExtra(g, b)),
		4 => (guarantor.clone(), 0u64..300).prop_map(|(g, b)| Step::Unbond(g, b)),
		4 => guarantor.clone().prop_map(Step::WithdrawUnbonded),
		2 => guarantor.clone().prop_map(Step::Exit),
		2 => guarantor.clone().prop_map(Step::Reap),
		1 => (guarantor.clone(), 0u32..600_000).prop_map(|(g, c)| Step::Commission(g, c)),
		10 => (delegator.clone(), guarantor.clone(), 40u64..900).prop_map(|(d, g, b)| Step::Delegate(d, g, b)),
		8 => (delegator.clone(), guarantor.clone(), 0u32..=100).prop_map(|(d, g, p)| Step::Undelegate(d, g, p)),
		8 => (guarantor, delegator).prop_map(|(g, d)| Step::WithdrawUndelegated(g, d)),
	]
}

fn customer_step() -> impl Strategy<Value = Step> {
	// Account 4 is a guarantor at times.
	let (guarantor, customer) = (1u64..=4, prop_oneof![Just(4u64), 30u64..=34]);
	prop_oneof![
		6 => (customer.clone(), guarantor.clone()).prop_map(|(c, g)| Step::Request(c, g)),
		6 => customer.clone().prop_map(Step::Agree),
		1 => customer.clone().prop_map(Step::CancelRequest),
		2 => (guarantor.clone(), customer.clone(), prop::bool::weighted(0.8))
			.prop_map(|(guarantor, customer, yes)| Step::Answer(guarantor, customer, yes)),
		1 => (guarantor.clone(), customer.clone(), 0u32..6_000_000).prop_map(|(g, c, m)| Step::Limits(g, c, m)),
		2 => customer.clone().prop_map(Step::Leave),
		1 => (guarantor, customer.clone()).prop_map(|(g, c)| Step::Dismiss(g, c)),
		1 => (customer, any::<bool>()).prop_map(|(c, open)| Step::Open(c, open)),
		1 => prop::bool::weighted(0.2).prop_map(Step::RefusePorts),
	]
}

fn govern_step() -> impl Strategy<Value = Step> {
	use GuarantorState::{Active, Defaulted, Exited, ReduceOnly};
	let state = prop::sample::select(vec![Active, Active, ReduceOnly, Defaulted, Exited]);
	(1u64..=4, state).prop_map(|(guarantor, to)| Step::Govern(guarantor, to))
}

fn world_step() -> impl Strategy<Value = Step> {
	let guarantor = 1u64..=4;
	let reason = prop::sample::select(vec![ReduceOnlyReason::MarginCall, ReduceOnlyReason::PoolUse]);
	let loss = prop_oneof![4 => 0u64..500, 1 => 0u64..4_000, 1 => Just(Balance::MAX)];
	prop_oneof![
		4 => govern_step(),
		2 => (guarantor.clone(), reason, any::<bool>()).prop_map(|(g, r, on)| Step::Restrict(g, r, on)),
		1 => guarantor.clone().prop_map(Step::Default),
		1 => (guarantor.clone(), 0u64..5_000).prop_map(|(g, t)| Step::Lock(g, t)),
		4 => (guarantor.clone(), loss).prop_map(|(g, a)| Step::Slash(g, a)),
		4 => (guarantor.clone(), 0u64..1_000).prop_map(|(g, a)| Step::Reward(g, a)),
		1 => (guarantor, LEAST..1_000).prop_map(|(g, a)| Step::Gift(g, a)),
		1 => (0u64..800, 0u32..400, 0u32..120).prop_map(|(min_bond, ratio, commission)| {
			Step::Parameters { min_bond, ratio, commission }
		}),
		10 => (0..UNBONDING / 2).prop_map(Step::Pass),
	]
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![4 => stake_step(), 2 => customer_step(), 2 => world_step()]
}

fn take(step: Step) -> Result<(), TestCaseError> {
	let root = RuntimeOrigin::root;
	// Refusals are as good as successes here: either way nothing may break.
	let _ = match step {
		Step::Apply(who, bond) => Guarantor::apply(signed(who), bond),
		Step::WithdrawApplication(who) => Guarantor::withdraw_application(signed(who)),
		Step::Decide(who, true) => Guarantor::admit(root(), who),
		Step::Decide(who, false) => Guarantor::refuse(root(), who),
		Step::BondExtra(who, extra) => Guarantor::bond_extra(signed(who), extra),
		Step::Unbond(who, amount) => Guarantor::unbond(signed(who), amount),
		Step::WithdrawUnbonded(who) => Guarantor::withdraw_unbonded(signed(44), who),
		Step::Exit(who) => Guarantor::exit(signed(who)),
		Step::Reap(who) => Guarantor::reap(signed(44), who),
		Step::Commission(who, rate) => Guarantor::set_commission(signed(who), Ppm(rate)),
		Step::Delegate(delegator, to, amount) => Guarantor::delegate(signed(delegator), to, amount),
		Step::Undelegate(delegator, from, percent) => {
			let shares = delegation(from, delegator).map_or(0, |one| one.shares);
			let part = crate::pool::rate_floor(Ppm::percent(percent), shares).unwrap();
			Guarantor::undelegate(signed(delegator), from, part)
		},
		Step::WithdrawUndelegated(from, delegator) => Guarantor::withdraw_undelegated(signed(44), from, delegator),
		Step::Request(customer, guarantor) => Guarantor::request(signed(customer), guarantor),
		Step::CancelRequest(customer) => Guarantor::cancel_request(signed(customer)),
		Step::Agree(customer) => {
			let asked = Requests::<Test>::get(customer);
			return asked.map_or(Ok(()), |guarantor| accept_wholly(guarantor, customer));
		},
		Step::Answer(guarantor, customer, true) => return accept_wholly(guarantor, customer),
		Step::Answer(guarantor, customer, false) => Guarantor::decline(signed(guarantor), customer),
		Step::Limits(guarantor, customer, multiplier) => {
			let limits = CustomerLimits { margin_multiplier: Ppm(multiplier), ..limits() };
			Guarantor::set_limits(signed(guarantor), customer, limits)
		},
		Step::Leave(customer) => Guarantor::leave(signed(customer)),
		Step::Dismiss(guarantor, customer) => Guarantor::dismiss(signed(guarantor), customer),
		Step::Govern(guarantor, to) => Guarantor::set_state(root(), guarantor, to),
		Step::Restrict(guarantor, reason, true) => Guarantor::set_reduce_only(&guarantor, reason),
		Step::Restrict(guarantor, reason, false) => Guarantor::restore(&guarantor, reason),
		Step::Default(guarantor) => Guarantor::set_defaulted(&guarantor),
		Step::Lock(guarantor, time) => Guarantor::lock_exit(&guarantor, Guarantor::now() + time),
		Step::Slash(guarantor, amount) => return slash_exactly(guarantor, amount),
		Step::Reward(guarantor, amount) => return reward_exactly(guarantor, amount),
		Step::Gift(guarantor, amount) => {
			Balances::transfer_allow_death(signed(45), Guarantor::pool_account(&guarantor), amount)
		},
		Step::Open(who, true) => {
			Open::mutate(|open| open.insert(who));
			Ok(())
		},
		Step::Open(who, false) => {
			Open::mutate(|open| open.remove(&who));
			Ok(())
		},
		Step::RefusePorts(refused) => {
			PortRefused::set(refused.then_some(DispatchError::Other("refused")));
			Ok(())
		},
		Step::Parameters { min_bond, ratio, commission } => {
			let (max_delegation_ratio, max_commission) = (Ppm::percent(ratio), Ppm::percent(commission));
			let changed = GuarantorParameters { min_bond, max_delegation_ratio, max_commission, ..parameters() };
			Guarantor::set_parameters(root(), changed)
		},
		Step::Pass(time) => {
			pass(time);
			Ok(())
		},
	};
	Ok(())
}

/// Who is accepted is enrolled or, if it was another's, ported once; who is not stays what it was.
fn accept_wholly(guarantor: AccountId, customer: AccountId) -> Result<(), TestCaseError> {
	let customers = || Customers::<Test>::iter().count();
	let had = Guarantor::membership(&customer);
	let (before, ported_before) = (customers(), PortedAccounts::get());
	let accepted = with_storage_layer(|| Guarantor::accept(signed(guarantor), customer, limits())).is_ok();
	let ported = PortedAccounts::get().split_off(ported_before.len());
	if !accepted {
		prop_assert_eq!(Guarantor::membership(&customer), had);
		prop_assert_eq!((customers(), ported), (before, vec![]));
		return Ok(());
	}
	prop_assert_eq!(Guarantor::membership(&customer), Some(Membership { guarantor, limits: limits() }));
	match had {
		None => prop_assert_eq!((customers(), ported), (before + 1, vec![])),
		Some(had) => {
			prop_assert_ne!(had.guarantor, guarantor);
			prop_assert_eq!((customers(), ported), (before, vec![(customer, had.guarantor, guarantor)]));
		},
	}
	Ok(())
}

/// What stands behind a guarantor, all together.
fn behind(guarantor: AccountId) -> Balance {
	Guarantor::own_resources(&guarantor).map_or(0, |resources| resources.total().unwrap())
}

/// A slash takes exactly what it should, or everything.
fn slash_exactly(guarantor: AccountId, amount: Balance) -> Result<(), TestCaseError> {
	let before = behind(guarantor);
	let took = slash(guarantor, amount);
	prop_assert_eq!(took, amount.min(before));
	prop_assert_eq!(behind(guarantor), before - took);
	Ok(())
}

/// A reward arrives in full, at a guarantor and behind it, or not at all.
fn reward_exactly(guarantor: AccountId, amount: Balance) -> Result<(), TestCaseError> {
	let worth = || gained(guarantor) + i128::from(record(guarantor).delegated.stake);
	if Guarantor::state(&guarantor).is_none() {
		prop_assert_eq!(reward(guarantor, amount), 0);
		return Ok(());
	}
	let before = worth();
	prop_assert_eq!(reward(guarantor, amount), amount);
	prop_assert_eq!(worth() - before, i128::from(amount));
	Ok(())
}

/// Whoever has not yet: everything is settled and everybody goes home.
fn wind_up() {
	let root = RuntimeOrigin::root;
	Open::set(Default::default());
	for customer in (30..=34).chain([4]) {
		let _ = Guarantor::leave(signed(customer));
	}
	pass(MAX_UNBONDING);
	for who in 1..=4 {
		let _ = Guarantor::refuse(root(), who);
		let _ = Guarantor::set_state(root(), who, GuarantorState::ReduceOnly);
		let _ = Guarantor::withdraw_unbonded(signed(44), who);
		let _ = Guarantor::set_state(root(), who, GuarantorState::Active);
		let _ = Guarantor::withdraw_unbonded(signed(44), who);
		for delegator in 38..=42 {
			let _ = Guarantor::withdraw_undelegated(signed(44), who, delegator);
		}
		let _ = Guarantor::exit(signed(who));
		for delegator in 38..=42 {
			let _ = Guarantor::withdraw_undelegated(signed(44), who, delegator);
		}
	}
	pass(UNBONDING);
	for who in 1..=4 {
		let _ = Guarantor::withdraw_unbonded(signed(44), who);
		for delegator in 38..=42 {
			let _ = Guarantor::withdraw_undelegated(signed(44), who, delegator);
		}
		let _ = Guarantor::reap(signed(44), who);
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	#[test]
	fn invariants_hold_after_any_steps(steps in prop::collection::vec(step(), 1..120)) {
		Market::default().build().execute_with(|| {
			let issued = Balances::total_issuance();
			for step in steps {
				take(step.clone())?;
				prop_assert!(Guarantor::do_try_state().is_ok(), "broken by {step:?}");
				prop_assert_eq!(Balances::total_issuance(), issued, "money by {:?}", step);
			}
			// Nobody's money is stuck, whatever happened.
			wind_up();
			prop_assert!(Guarantor::do_try_state().is_ok(), "broken by winding up");
			prop_assert_eq!(Guarantors::<Test>::count(), 0, "{:?}", Guarantors::<Test>::iter().collect::<Vec<_>>());
			prop_assert_eq!(Delegations::<Test>::iter().count(), 0);
			prop_assert_eq!(Balances::total_issuance(), issued, "money by winding up");
			for who in 1..=50 {
				prop_assert_eq!(Balances::reserved_balance(who), 0, "something of {} is held", who);
			}
			Ok(())
		})?;
	}

	#[test]
	fn customers_are_counted_however_they_come_and_go(
		steps in prop::collection::vec(prop_oneof![12 => customer_step(), 1 => govern_step()], 1..200),
	) {
		let mut market = Market::default().customers(&[(31, 1), (32, 1), (33, 2)]);
		market.guarantors.push((3, BOND));
		market.build().execute_with(|| {
			for step in steps {
				take(step.clone())?;
				prop_assert!(Guarantor::do_try_state().is_ok(), "broken by {step:?}");
			}
			Ok(())
		})?;
	}
}
