//! Customers that change hands with all that they have.

use super::*;
use frame_support::dispatch::GetDispatchInfo;

/// What the new guarantor sets: other limits than the old one's.
fn tighter() -> CustomerLimits {
	CustomerLimits { max_lots: Lots(7), ..limits() }
}

/// Customer 31 of guarantor 1 asks guarantor 2.
fn ask() {
	assert_ok!(Guarantor::request(signed(31), 2));
}

fn guarantor_of(customer: AccountId) -> Option<AccountId> {
	Guarantor::membership(&customer).map(|membership| membership.guarantor)
}

fn counts() -> (u32, u32) {
	(Guarantor::customers(&1), Guarantor::customers(&2))
}

#[test]
fn a_customer_is_ported_with_all_that_it_has_when_another_guarantor_accepts_it() {
	Market::default().run(|| {
		Open::set([31].into());
		ask();
		assert_eq!((guarantor_of(31), counts()), (Some(1), (1, 0)));
		assert_ok!(Guarantor::accept(signed(2), 31, tighter()));
		assert_eq!(Guarantor::membership(&31), Some(Membership { guarantor: 2, limits: tighter() }));
		assert_eq!(counts(), (0, 1));
		assert_eq!(PortedAccounts::get(), [(31, 1, 2)]);
		assert_eq!(Requests::<Test>::get(31), None);
		let asked = Event::Requested { customer: 31, guarantor: 2 };
		assert_eq!(events(), [asked, Event::Ported { customer: 31, from: 1, to: 2, limits: tighter() }]);
	})
}

#[test]
fn a_customer_asks_any_guarantor_but_its_own() {
	Market::default().run(|| {
		assert_noop!(Guarantor::request(signed(31), 1), Error::<Test>::AlreadyCustomer);
		assert_noop!(Guarantor::request(signed(31), 3), Error::<Test>::NotGuarantor);
		assert_ok!(Guarantor::set_reduce_only(&2, ReduceOnlyReason::PoolUse));
		assert_noop!(Guarantor::request(signed(31), 2), Error::<Test>::NotActive);
		assert_ok!(Guarantor::restore(&2, ReduceOnlyReason::PoolUse));
		ask();
		assert_noop!(Guarantor::request(signed(31), 2), Error::<Test>::AlreadyRequested);
		assert_noop!(Guarantor::request(signed(31), 1), Error::<Test>::AlreadyCustomer);
	})
}

#[test]
fn a_customer_that_did_not_ask_is_not_ported() {
	Market::default().run(|| {
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::NoRequest);
		ask();
		assert_noop!(Guarantor::accept(signed(1), 31, limits()), Error::<Test>::NoRequest);
		assert_noop!(Guarantor::decline(signed(1), 31), Error::<Test>::NoRequest);
	})
}

#[test]
fn a_customer_stays_when_it_cancels_or_is_declined() {
	Market::default().run(|| {
		ask();
		assert_ok!(Guarantor::cancel_request(signed(31)));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::NoRequest);
		ask();
		assert_ok!(Guarantor::decline(signed(2), 31));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::NoRequest);
		assert_eq!((guarantor_of(31), counts()), (Some(1), (1, 0)));
	})
}

#[test]
fn a_customer_that_asks_is_its_old_guarantors_until_it_is_ported() {
	Market::default().run(|| {
		ask();
		assert_noop!(Guarantor::set_limits(signed(2), 31, tighter()), Error::<Test>::NotCustomer);
		assert_noop!(Guarantor::dismiss(signed(2), 31), Error::<Test>::NotCustomer);
		assert_ok!(Guarantor::set_limits(signed(1), 31, tighter()));
		assert_ok!(Guarantor::accept(signed(2), 31, limits()));
		assert_noop!(Guarantor::set_limits(signed(1), 31, tighter()), Error::<Test>::NotCustomer);
		assert_noop!(Guarantor::dismiss(signed(1), 31), Error::<Test>::NotCustomer);
		assert_ok!(Guarantor::set_limits(signed(2), 31, tighter()));
	})
}

#[test]
fn a_customer_that_leaves_after_it_asked_is_enrolled_like_anyone() {
	Market::default().run(|| {
		ask();
		assert_ok!(Guarantor::leave(signed(31)));
		assert_eq!(Requests::<Test>::get(31), Some(2));
		assert_ok!(Guarantor::accept(signed(2), 31, limits()));
		assert_eq!(last_event(), Event::Accepted { customer: 31, guarantor: 2, limits: limits() });
		assert_eq!((counts(), PortedAccounts::get()), ((0, 1), vec![]));
	})
}

#[test]
fn a_customer_that_is_dismissed_after_it_asked_is_enrolled_like_anyone() {
	Market::default().run(|| {
		ask();
		Open::set([31].into());
		// What it has open, its guarantor cannot get rid of.
		assert_noop!(Guarantor::dismiss(signed(1), 31), Error::<Test>::HasPositions);
		Open::set(Default::default());
		assert_ok!(Guarantor::dismiss(signed(1), 31));
		assert_ok!(Guarantor::accept(signed(2), 31, limits()));
		assert_eq!(last_event(), Event::Accepted { customer: 31, guarantor: 2, limits: limits() });
		assert_eq!((counts(), PortedAccounts::get()), ((0, 1), vec![]));
	})
}

#[test]
fn a_customer_that_leaves_can_ask_for_its_old_guarantor_again() {
	Market::default().run(|| {
		ask();
		assert_ok!(Guarantor::leave(signed(31)));
		assert_ok!(Guarantor::cancel_request(signed(31)));
		assert_ok!(Guarantor::request(signed(31), 1));
		assert_ok!(Guarantor::accept(signed(1), 31, limits()));
		assert_eq!(counts(), (1, 0));
	})
}

#[test]
fn a_customer_that_asked_and_left_is_refused_when_it_applies_to_be_a_guarantor() {
	Market::default().run(|| {
		ask();
		assert_noop!(Guarantor::apply(signed(31), BOND), Error::<Test>::AlreadyCustomer);
		assert_ok!(Guarantor::leave(signed(31)));
		assert_ok!(Guarantor::apply(signed(31), BOND));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::AlreadyApplied);
		Houses::mutate(|houses| houses.insert(31, MIN_HOUSE));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), 31));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::GuarantorAsCustomer);
		assert_ok!(Guarantor::cancel_request(signed(31)));
	})
}

#[test]
fn a_customer_stays_when_the_new_guarantor_is_not_active_any_more() {
	Market::default().run(|| {
		ask();
		assert_ok!(Guarantor::set_reduce_only(&2, ReduceOnlyReason::MarginCall));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::NotActive);
		assert_ok!(Guarantor::set_defaulted(&2));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::NotActive);
		assert_eq!((guarantor_of(31), PortedAccounts::get()), (Some(1), vec![]));
		assert_ok!(Guarantor::cancel_request(signed(31)));
	})
}

#[test]
fn a_customer_stays_when_the_new_guarantor_left() {
	Market::default().run(|| {
		ask();
		assert_ok!(Guarantor::exit(signed(2)));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::NotActive);
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_unbonded(signed(2), 2));
		assert_ok!(Guarantor::reap(signed(2), 2));
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::NotGuarantor);
		assert_ok!(Guarantor::decline(signed(2), 31));
		assert_eq!((guarantor_of(31), PortedAccounts::get()), (Some(1), vec![]));
	})
}

#[test]
fn a_customer_stays_when_the_new_guarantor_may_not_take_it() {
	Market::default().customers(&[(31, 1), (32, 2), (33, 2), (34, 2)]).run(|| {
		ask();
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::TooManyCustomers);
		assert_ok!(Guarantor::leave(signed(32)));
		let invalid = CustomerLimits { margin_multiplier: Ppm(999_999), ..limits() };
		assert_noop!(Guarantor::accept(signed(2), 31, invalid), Error::<Test>::InvalidLimits);
		slash(2, 601);
		assert_noop!(Guarantor::accept(signed(2), 31, limits()), Error::<Test>::BondTooSmall);
		// Clearing was not even asked.
		assert_eq!((counts(), PortedAccounts::get()), ((1, 2), vec![]));
		assert_ok!(Guarantor::bond_extra(signed(2), 1));
		assert_ok!(Guarantor::accept(signed(2), 31, limits()));
		assert_eq!((counts(), PortedAccounts::get()), ((0, 3), vec![(31, 1, 2)]));
	})
}

#[test]
fn a_customer_stays_when_clearing_does_not_move_it() {
	Market::default().run(|| {
		ask();
		PortRefused::set(Some(DispatchError::Other("an account owes cash")));
		assert_noop!(Guarantor::accept(signed(2), 31, tighter()), DispatchError::Other("an account owes cash"));
		assert_eq!(Guarantor::membership(&31), Some(Membership { guarantor: 1, limits: limits() }));
		assert_eq!((Requests::<Test>::get(31), counts()), (Some(2), (1, 0)));
		PortRefused::set(None);
		assert_ok!(Guarantor::accept(signed(2), 31, tighter()));
	})
}

#[test]
fn a_guarantor_does_not_hold_its_customers_back_in_any_state() {
	use GuarantorState::{Active, Defaulted, ReduceOnly};
	for state in [Active, ReduceOnly, Defaulted] {
		Market::default().run(|| {
			if state != Active {
				assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), 1, state));
			}
			lock(1, 1_000);
			Open::set([1, 31].into());
			ask();
			assert_ok!(Guarantor::accept(signed(2), 31, limits()));
			assert_eq!((guarantor_of(31), counts()), (Some(2), (0, 1)));
			assert_eq!(Guarantor::state(&1), Some(state));
		})
	}
}

#[test]
fn a_guarantor_leaves_when_its_last_customer_was_ported() {
	Market::default().run(|| {
		assert_noop!(Guarantor::exit(signed(1)), Error::<Test>::HasCustomers);
		ask();
		assert_ok!(Guarantor::accept(signed(2), 31, limits()));
		assert_ok!(Guarantor::exit(signed(1)));
		assert_noop!(Guarantor::exit(signed(2)), Error::<Test>::HasCustomers);
	})
}

#[test]
fn counts_are_right_when_customers_go_to_and_fro() {
	Market::default().customers(&[(31, 1), (32, 1), (33, 2)]).run(|| {
		let port = |customer, to| {
			assert_ok!(Guarantor::request(signed(customer), to));
			assert_ok!(Guarantor::accept(signed(to), customer, limits()));
			counts()
		};
		assert_eq!(port(31, 2), (1, 2));
		assert_eq!(port(32, 2), (0, 3));
		assert_eq!(port(33, 1), (1, 2));
		assert_eq!(port(31, 1), (2, 1));
		assert_eq!(PortedAccounts::get(), [(31, 1, 2), (32, 1, 2), (33, 2, 1), (31, 2, 1)]);
	})
}

#[test]
fn what_porting_weighs_is_given_back_when_there_is_nothing_to_port() {
	Market::default().run(|| {
		let accept = Call::<Test>::accept { customer: 31, limits: limits() };
		assert_eq!(accept.get_dispatch_info().call_weight, PortWeight::get());
		ask();
		assert_ok!(Guarantor::request(signed(32), 2));
		let weighed = |customer| Guarantor::accept(signed(2), customer, limits()).expect("it asked").actual_weight;
		assert_eq!(weighed(31), None);
		assert_eq!(weighed(32), Some(Default::default()));
	})
}
