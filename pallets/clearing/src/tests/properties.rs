//! Whatever owners, time and givers do, in any order, the invariants hold and no money appears.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
	Deposit(AccountId, u8, Balance),
	Withdraw(AccountId, u8, Balance),
	Close(AccountId, u8),
	Give(AccountId, bool, Balance),
	Sweep(AccountId, bool),
	Pass(u64),
	Leave(AccountId),
	ReduceOnly(AccountId, bool),
}

fn side(house: bool) -> SegmentSide {
	if house {
		SegmentSide::House
	} else {
		SegmentSide::Customers
	}
}

fn step() -> impl Strategy<Value = Step> {
	let who = prop::sample::select(vec![GUARANTOR, OTHER, 11, 12, 13, OTHERS_CUSTOMER, STRANGER]);
	let guarantor = prop::sample::select(vec![GUARANTOR, OTHER]);
	let amount = prop_oneof![0..3 * OPENING, 0..ENDOWMENT / 4];
	prop_oneof![
		6 => (who.clone(), 0..4u8, amount.clone()).prop_map(|(who, sub, amount)| Step::Deposit(who, sub, amount)),
		8 => (who.clone(), 0..4u8, amount.clone()).prop_map(|(who, sub, amount)| Step::Withdraw(who, sub, amount)),
		2 => (who.clone(), 0..4u8).prop_map(|(who, sub)| Step::Close(who, sub)),
		1 => (guarantor.clone(), any::<bool>(), MINIMUM..OPENING).prop_map(|(who, house, amount)| Step::Give(who, house, amount)),
		1 => (guarantor.clone(), any::<bool>()).prop_map(|(who, house)| Step::Sweep(who, house)),
		4 => (0..2 * HOUR).prop_map(Step::Pass),
		1 => who.prop_map(Step::Leave),
		1 => (guarantor, any::<bool>()).prop_map(|(who, on)| Step::ReduceOnly(who, on)),
	]
}

fn take(step: Step) {
	use gcx_primitives::{Guarantors, ReduceOnlyReason::Governance};
	// Refusals are as good as successes here: either way nothing may break.
	let _ = match step {
		Step::Deposit(who, sub, amount) => try_deposit(who, sub, amount),
		Step::Withdraw(who, sub, amount) => try_withdraw(who, sub, amount),
		Step::Close(who, sub) => try_close(who, sub),
		Step::Give(guarantor, house, amount) => {
			give(guarantor, side(house), amount);
			Ok(())
		},
		Step::Sweep(guarantor, house) => {
			Clearing::sweep_surplus(RuntimeOrigin::signed(STRANGER), guarantor, side(house))
		},
		Step::Pass(time) => {
			pass(time);
			Ok(())
		},
		Step::Leave(who) => Guarantor::leave(RuntimeOrigin::signed(who)),
		Step::ReduceOnly(who, true) => Guarantor::set_reduce_only(&who, Governance),
		Step::ReduceOnly(who, false) => Guarantor::restore(&who, Governance),
	};
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

	#[test]
	fn invariants_hold_after_any_steps(steps in prop::collection::vec(step(), 1..120)) {
		Exchange.build().execute_with(|| {
			let issued = issuance();
			let (mut hour, mut had, mut withdrawn) = (Clearing::hour(), 0, 0);
			for step in steps {
				let before = TotalCustody::<Test>::get().0;
				take(step.clone());
				prop_assert!(Clearing::do_try_state().is_ok(), "broken by {step:?}");
				prop_assert_eq!(issuance(), issued, "money by {:?}", step);
				// The fuse: what leaves in an hour is within the limit of what was there, and every account's floor.
				if Clearing::hour() != hour {
					(hour, had, withdrawn) = (Clearing::hour(), TotalCustody::<Test>::get().0, 0);
				}
				withdrawn += (before - TotalCustody::<Test>::get().0).max(0);
				let floors = 7 * 4 * i128::try_from(FLOOR).unwrap();
				prop_assert!(withdrawn <= had / 5 + floors, "{withdrawn} of {had} left by {step:?}");
			}
			Ok(())
		})?;
	}
}
