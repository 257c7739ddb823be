//! What a guarantor may do, and who decides it.

use super::*;
use GuarantorState::{Active, Defaulted, Exited, ReduceOnly};

fn state(guarantor: AccountId) -> GuarantorState {
	Guarantor::state(&guarantor).expect("a guarantor")
}

fn govern(guarantor: AccountId, to: GuarantorState) -> frame_support::dispatch::DispatchResult {
	Guarantor::set_state(RuntimeOrigin::root(), guarantor, to)
}

#[test]
fn a_met_margin_call_makes_a_guarantor_active_again() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_eq!(state(1), ReduceOnly);
		assert_ok!(Guarantor::restore(&1, ReduceOnlyReason::MarginCall));
		assert_eq!(state(1), Active);
		let reason = ReduceOnlyReason::MarginCall;
		let expected = [
			Event::Restricted { guarantor: 1, reason },
			Event::StateChanged { guarantor: 1, from: Active, to: ReduceOnly },
			Event::Lifted { guarantor: 1, reason },
			Event::StateChanged { guarantor: 1, from: ReduceOnly, to: Active },
		];
		assert_eq!(events(), expected);
	})
}

#[test]
fn a_guarantor_is_reduce_only_until_the_last_reason_is_lifted() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_ok!(govern(1, ReduceOnly));
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::PoolUse));
		assert_ok!(Guarantor::restore(&1, ReduceOnlyReason::PoolUse));
		assert_ok!(Guarantor::restore(&1, ReduceOnlyReason::MarginCall));
		// What governance said, clearing does not lift by meeting a call.
		assert_eq!(state(1), ReduceOnly);
		assert_ok!(govern(1, Active));
		assert_eq!(state(1), Active);
		assert_ok!(Guarantor::restore(&1, ReduceOnlyReason::MarginCall));
		assert_eq!(state(1), Active);
	})
}

#[test]
fn governance_lifts_every_reason() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::PoolUse));
		assert_ok!(govern(1, Active));
		assert!(record(1).reduced_for.is_empty());
	})
}

#[test]
fn a_default_ends_only_by_governance_and_in_reduce_only() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_ok!(Guarantor::set_defaulted(&1));
		assert_eq!(last_event(), Event::StateChanged { guarantor: 1, from: ReduceOnly, to: Defaulted });
		assert_ok!(Guarantor::set_defaulted(&1));
		assert_noop!(Guarantor::restore(&1, ReduceOnlyReason::MarginCall), Error::<Test>::NotStanding);
		assert_noop!(
			Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall),
			DispatchError::from(Error::<Test>::NotStanding)
		);
		assert_noop!(govern(1, Active), Error::<Test>::WrongState);
		assert_ok!(govern(1, ReduceOnly));
		assert_ok!(govern(1, Active));
	})
}

#[test]
fn governance_takes_only_steps_that_there_are() {
	Market::default().run(|| {
		let anyone = Guarantor::set_state(signed(1), 1, ReduceOnly);
		assert_noop!(anyone, DispatchError::BadOrigin);
		assert_noop!(govern(3, ReduceOnly), Error::<Test>::NotGuarantor);
		assert_noop!(govern(1, Active), Error::<Test>::WrongState);
		assert_noop!(govern(1, Exited), Error::<Test>::WrongState);
		assert_ok!(govern(1, Defaulted));
		assert_noop!(govern(1, Defaulted), Error::<Test>::WrongState);
		assert_noop!(govern(1, Exited), Error::<Test>::WrongState);
		assert_ok!(Guarantor::exit(signed(2)));
		for to in [Active, ReduceOnly, Defaulted, Exited] {
			assert_noop!(govern(2, to), Error::<Test>::WrongState);
		}
	})
}

#[test]
fn who_left_or_never_was_is_not_restricted() {
	Market::default().run(|| {
		assert_ok!(Guarantor::exit(signed(2)));
		let reason = ReduceOnlyReason::PoolUse;
		assert_noop!(Guarantor::set_reduce_only(&2, reason), Error::<Test>::NotStanding);
		assert_noop!(Guarantor::set_defaulted(&2), Error::<Test>::NotStanding);
		assert_noop!(Guarantor::set_reduce_only(&3, reason), Error::<Test>::NotGuarantor);
		assert_noop!(Guarantor::restore(&3, reason), Error::<Test>::NotGuarantor);
		assert_noop!(Guarantor::set_defaulted(&3), Error::<Test>::NotGuarantor);
		assert_noop!(Guarantor::lock_exit(&3, 1), Error::<Test>::NotGuarantor);
		assert_eq!((Guarantor::state(&3), Guarantor::own_resources(&3)), (None, None));
	})
}

#[test]
fn a_lock_is_never_shortened() {
	Market::default().run(|| {
		lock(1, 100);
		lock(1, 50);
		assert_eq!(ExitLock::<Test>::get(1), Some(START + 100));
		lock(1, 150);
		assert_eq!(ExitLock::<Test>::get(1), Some(START + 150));
		let locked = |time| Event::ExitLocked { guarantor: 1, until: START + time };
		assert_eq!(events(), [locked(100), locked(150)]);
	})
}

#[test]
fn a_guarantor_comes_back_only_when_its_default_is_worked_out() {
	Market::default().run(|| {
		assert_ok!(govern(1, Defaulted));
		OpenDefaults::set(vec![1]);
		assert_noop!(govern(1, ReduceOnly), Error::<Test>::DefaultOpen);
		OpenDefaults::set(vec![]);
		assert_ok!(govern(1, ReduceOnly));
	})
}
