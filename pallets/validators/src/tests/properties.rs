//! Whatever people, offences and time do, in any order, the invariants hold and no money appears.

use super::*;
use crate::PendingParameters;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
	Bond(AccountId, Balance),
	BondExtra(AccountId, Balance),
	Chill(AccountId),
	Validate(AccountId),
	Unbond(AccountId),
	Withdraw(AccountId),
	SetKeys(AccountId),
	Report { who: AccountId, ago: u32, slot: u64, percent: u32 },
	Parameters { seats: u32, floor: u32, min_bond: Balance, cap: u32 },
	NextSession,
}

fn step() -> impl Strategy<Value = Step> {
	let who = 1u64..=12;
	prop_oneof![
		3 => (who.clone(), 40u64..600).prop_map(|(who, value)| Step::Bond(who, value)),
		2 => (who.clone(), 0u64..300).prop_map(|(who, value)| Step::BondExtra(who, value)),
		2 => who.clone().prop_map(Step::Chill),
		2 => who.clone().prop_map(Step::Validate),
		2 => who.clone().prop_map(Step::Unbond),
		2 => who.clone().prop_map(Step::Withdraw),
		2 => who.clone().prop_map(Step::SetKeys),
		3 => (who, 0u32..6, 0u64..3, 0u32..=100)
			.prop_map(|(who, ago, slot, percent)| Step::Report { who, ago, slot, percent }),
		1 => (0u32..10, 0u32..6, 0u64..300, 0u32..=100)
			.prop_map(|(seats, floor, min_bond, cap)| Step::Parameters { seats, floor, min_bond, cap }),
		5 => Just(Step::NextSession),
	]
}

fn take(step: Step) {
	let signed = RuntimeOrigin::signed;
	// Refusals are as good as successes here: either way nothing may break.
	let _ = match step {
		Step::Bond(who, value) => Validators::bond(signed(who), value),
		Step::BondExtra(who, value) => Validators::bond_extra(signed(who), value),
		Step::Chill(who) => Validators::chill(signed(who)),
		Step::Validate(who) => Validators::validate(signed(who)),
		Step::Unbond(who) => Validators::unbond(signed(who)),
		Step::Withdraw(who) => Validators::withdraw_unbonded(signed(who)),
		Step::SetKeys(who) => {
			set_keys(who, who);
			Ok(())
		},
		Step::Report { who, ago, slot, percent } => {
			// Only what historical sessions can still prove reaches the pallet.
			if ago <= UnbondingSessions::get() {
				if let Some(session) = session_now().checked_sub(ago) {
					let _ = report_in(who, session, slot, Some(Perbill::from_percent(percent)));
				}
			}
			Ok(())
		},
		Step::Parameters { seats, floor, min_bond, cap } => Validators::set_parameters(
			RuntimeOrigin::root(),
			SelectionParameters { seats, floor, min_bond, slash_cap: Perbill::from_percent(cap) },
		),
		Step::NextSession => {
			next_session();
			Ok(())
		},
	};
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

	#[test]
	fn invariants_hold_after_any_steps(steps in prop::collection::vec(step(), 1..80)) {
		Network::default().build().execute_with(|| {
			let issued = Balances::total_issuance();
			for step in steps {
				take(step.clone());
				prop_assert!(Validators::do_try_state().is_ok(), "broken by {step:?}");
				prop_assert_eq!(Balances::total_issuance() + Slashed::get(), issued, "money by {:?}", step);
				prop_assert!(!seated().is_empty(), "nobody sits after {step:?}");
				prop_assert!(
					seated().len() <= usize::try_from(Parameters::<Test>::get().seats.max(8)).unwrap(),
					"too many sit after {step:?}"
				);
				prop_assert!(PendingParameters::<Test>::get().is_none_or(|(_, new)| new.is_valid::<Test>()));
				for who in seated() {
					let bond = Bonds::<Test>::get(who);
					prop_assert!(bond.is_some(), "{who} sits without a bond after {step:?}");
				}
			}
			Ok(())
		})?;
	}
}
