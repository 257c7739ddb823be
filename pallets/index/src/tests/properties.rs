//! Whatever reporters, disputes and time do, in any order, the invariants hold and no money appears.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
	Register(AccountId, AccountId, Balance),
	BondExtra(AccountId, AccountId, Balance),
	Unregister(AccountId, AccountId),
	Withdraw(AccountId),
	Admit(AccountId),
	Expel(AccountId),
	Commit(AccountId, i64),
	CommitWrongly(AccountId),
	Reveal(AccountId, i64),
	Dispute(AccountId),
	Resolve(bool),
	Slash(AccountId, Balance),
	Pass(u64),
	PassWithoutBlock(u64),
	Quorum(u32),
}

fn step() -> impl Strategy<Value = Step> {
	let (owner, reporter, price) = (1u64..=5, 11u64..=18, 1_900i64..=2_100);
	prop_oneof![
		2 => (owner.clone(), reporter.clone(), 50u64..600).prop_map(|(o, r, b)| Step::Register(o, r, b)),
		1 => (owner.clone(), reporter.clone(), 0u64..100).prop_map(|(o, r, b)| Step::BondExtra(o, r, b)),
		1 => (owner.clone(), reporter.clone()).prop_map(|(o, r)| Step::Unregister(o, r)),
		1 => reporter.clone().prop_map(Step::Withdraw),
		1 => owner.clone().prop_map(Step::Admit),
		1 => owner.prop_map(Step::Expel),
		20 => (reporter.clone(), price.clone()).prop_map(|(r, p)| Step::Commit(r, p)),
		1 => reporter.clone().prop_map(Step::CommitWrongly),
		20 => (reporter.clone(), price).prop_map(|(r, p)| Step::Reveal(r, p)),
		2 => (30u64..33).prop_map(Step::Dispute),
		1 => any::<bool>().prop_map(Step::Resolve),
		1 => (reporter, 0u64..600).prop_map(|(r, a)| Step::Slash(r, a)),
		8 => (0..DAY / 2).prop_map(Step::Pass),
		2 => (0..2 * DAY).prop_map(Step::PassWithoutBlock),
		1 => (0u32..10).prop_map(Step::Quorum),
	]
}

/// What each reporter committed to, so that reveals succeed now and then.
type Committed = std::collections::BTreeMap<AccountId, i64>;

fn take(step: Step, committed: &mut Committed) {
	let signed = RuntimeOrigin::signed;
	let root = RuntimeOrigin::root;
	// Refusals are as good as successes here: either way nothing may break.
	let _ = match step {
		Step::Register(owner, reporter, bond) => Index::register(signed(owner), reporter, bond),
		Step::BondExtra(owner, reporter, extra) => Index::bond_extra(signed(owner), reporter, extra),
		Step::Unregister(owner, reporter) => Index::unregister(signed(owner), reporter),
		Step::Withdraw(reporter) => Index::withdraw(signed(40), reporter),
		Step::Admit(owner) => Index::admit_owner(root(), owner),
		Step::Expel(owner) => Index::expel_owner(root(), owner),
		Step::Commit(reporter, price) => Index::commit(signed(reporter), CLASS, hash(CLASS, reporter, price))
			.map(|_| {
				committed.insert(reporter, price);
			})
			.map_err(|refused| refused.error),
		Step::CommitWrongly(reporter) => {
			Index::commit(signed(reporter), CLASS, Default::default()).map(drop).map_err(|refused| refused.error)
		},
		Step::Reveal(reporter, price) => {
			let price = committed.get(&reporter).copied().unwrap_or(price);
			Index::reveal(signed(reporter), CLASS, Price(price), salt(reporter))
				.map(drop)
				.map_err(|refused| refused.error)
		},
		Step::Dispute(by) => {
			let day = Rounds::<Test>::get(CLASS).map_or(Day(0), |round| round.day);
			Index::dispute(signed(by), CLASS, day).map(drop).map_err(|refused| refused.error)
		},
		Step::Resolve(upheld) => {
			let day = Rounds::<Test>::get(CLASS).map_or(Day(0), |round| round.day);
			Index::resolve(root(), CLASS, day, upheld)
		},
		Step::Slash(reporter, amount) => Index::slash(root(), reporter, amount),
		Step::Pass(time) => {
			pallet_timestamp::Now::<Test>::mutate(|now| *now += time);
			next_block();
			Ok(())
		},
		Step::PassWithoutBlock(time) => {
			pallet_timestamp::Now::<Test>::mutate(|now| *now += time);
			Ok(())
		},
		Step::Quorum(quorum_owners) => {
			Index::set_parameters(root(), IndexParameters { quorum_owners, quorum_reports: 3, ..parameters() })
		},
	};
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

	#[test]
	fn invariants_hold_after_any_steps(steps in prop::collection::vec(step(), 1..150)) {
		Market::default().build().execute_with(|| {
			let issued = Balances::total_issuance();
			let mut committed = Committed::new();
			let mut fixed = None;
			for step in steps {
				take(step.clone(), &mut committed);
				prop_assert!(Index::do_try_state().is_ok(), "broken by {step:?}");
				prop_assert_eq!(Balances::total_issuance(), issued, "money by {:?}", step);
				// A fix is final: it is never replaced, and none comes from before.
				let newest = newest();
				prop_assert!(newest >= fixed, "{step:?} took back {fixed:?}");
				if let (Some((day, price)), Some((before, was))) = (newest, fixed) {
					prop_assert!(day > before || price == was, "{step:?} changed {fixed:?}");
				}
				fixed = newest;
			}
			Ok(())
		})?;
	}
}
