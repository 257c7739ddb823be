//! Customers and their limits.

use super::*;

#[test]
fn a_customer_joins_with_the_consent_of_both() {
	Market::default().run(|| {
		assert_noop!(Guarantor::accept(signed(2), 32, limits()), Error::<Test>::NoRequest);
		assert_ok!(Guarantor::request(signed(32), 2));
		assert_eq!(Guarantor::membership(&32), None);
		// Another guarantor was not asked.
		assert_noop!(Guarantor::accept(signed(1), 32, limits()), Error::<Test>::NoRequest);
		assert_ok!(Guarantor::accept(signed(2), 32, limits()));
		assert_eq!(Guarantor::membership(&32), Some(Membership { guarantor: 2, limits: limits() }));
		assert_eq!((Guarantor::customers(&2), Guarantor::customers(&3)), (1, 0));
		assert_eq!(Requests::<Test>::get(32), None);
		let asked = Event::Requested { customer: 32, guarantor: 2 };
		assert_eq!(events(), [asked, Event::Accepted { customer: 32, guarantor: 2, limits: limits() }]);
	})
}

#[test]
fn an_account_asks_one_guarantor_at_a_time() {
	Market::default().run(|| {
		assert_noop!(Guarantor::cancel_request(signed(32)), Error::<Test>::NoRequest);
		assert_ok!(Guarantor::request(signed(32), 2));
		assert_noop!(Guarantor::request(signed(32), 1), Error::<Test>::AlreadyRequested);
		assert_ok!(Guarantor::cancel_request(signed(32)));
		assert_eq!(last_event(), Event::RequestCancelled { customer: 32, guarantor: 2 });
		assert_ok!(Guarantor::request(signed(32), 1));
	})
}

#[test]
fn a_declined_request_is_gone() {
	Market::default().run(|| {
		assert_ok!(Guarantor::request(signed(32), 2));
		assert_noop!(Guarantor::decline(signed(1), 32), Error::<Test>::NoRequest);
		assert_ok!(Guarantor::decline(signed(2), 32));
		assert_eq!(last_event(), Event::Declined { customer: 32, guarantor: 2 });
		assert_noop!(Guarantor::accept(signed(2), 32, limits()), Error::<Test>::NoRequest);
	})
}

#[test]
fn a_guarantor_is_nobodys_customer() {
	Market::default().run(|| {
		assert_noop!(Guarantor::request(signed(1), 1), Error::<Test>::GuarantorAsCustomer);
		assert_noop!(Guarantor::request(signed(1), 2), Error::<Test>::GuarantorAsCustomer);
		assert_ok!(Guarantor::request(signed(3), 1));
		assert_ok!(Guarantor::apply(signed(3), 500));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), 3));
		assert_noop!(Guarantor::accept(signed(1), 3, limits()), Error::<Test>::GuarantorAsCustomer);
	})
}

#[test]
fn a_request_needs_an_active_guarantor() {
	Market::default().run(|| {
		assert_noop!(Guarantor::request(signed(32), 3), Error::<Test>::NotGuarantor);
		assert_ok!(Guarantor::set_reduce_only(&2, ReduceOnlyReason::MarginCall));
		assert_noop!(Guarantor::request(signed(32), 2), Error::<Test>::NotActive);
	})
}

#[test]
fn a_reduce_only_guarantor_keeps_its_customers_and_takes_no_more() {
	Market::default().run(|| {
		assert_ok!(Guarantor::request(signed(32), 1));
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_noop!(Guarantor::accept(signed(1), 32, limits()), Error::<Test>::NotActive);
		assert!(Guarantor::membership(&31).is_some());
		assert_ok!(Guarantor::decline(signed(1), 32));
	})
}

#[test]
fn a_guarantor_whose_bond_is_too_small_takes_no_more_customers() {
	Market::default().run(|| {
		assert_ok!(Guarantor::request(signed(32), 1));
		slash(1, 601);
		assert_noop!(Guarantor::accept(signed(1), 32, limits()), Error::<Test>::BondTooSmall);
		assert_ok!(Guarantor::bond_extra(signed(1), 1));
		assert_ok!(Guarantor::accept(signed(1), 32, limits()));
	})
}

#[test]
fn a_guarantor_has_no_more_customers_than_one_can_have() {
	Market::default().run(|| {
		for customer in 32..=34 {
			assert_ok!(Guarantor::request(signed(customer), 1));
		}
		assert_ok!(Guarantor::accept(signed(1), 32, limits()));
		assert_ok!(Guarantor::accept(signed(1), 33, limits()));
		assert_noop!(Guarantor::accept(signed(1), 34, limits()), Error::<Test>::TooManyCustomers);
		assert_ok!(Guarantor::leave(signed(31)));
		assert_ok!(Guarantor::accept(signed(1), 34, limits()));
	})
}

#[test]
fn limits_are_the_guarantors_to_set() {
	Market::default().run(|| {
		let suspended = CustomerLimits { suspended: true, ..limits() };
		assert_noop!(Guarantor::set_limits(signed(2), 31, suspended), Error::<Test>::NotCustomer);
		assert_noop!(Guarantor::set_limits(signed(31), 31, suspended), Error::<Test>::NotCustomer);
		assert_noop!(Guarantor::set_limits(signed(1), 32, suspended), Error::<Test>::NotCustomer);
		assert_ok!(Guarantor::set_limits(signed(1), 31, suspended));
		assert_eq!(Guarantor::membership(&31).unwrap().limits, suspended);
		assert_eq!(last_event(), Event::LimitsSet { customer: 31, guarantor: 1, limits: suspended });
	})
}

#[test]
fn limits_out_of_bounds_are_refused() {
	Market::default().run(|| {
		assert_ok!(Guarantor::request(signed(32), 1));
		let invalid = [
			CustomerLimits { max_initial_margin: Cash(-1), ..limits() },
			CustomerLimits { max_lots: Lots(-1), ..limits() },
			CustomerLimits { margin_multiplier: Ppm(999_999), ..limits() },
			CustomerLimits { margin_multiplier: Ppm(5_000_001), ..limits() },
		];
		for limits in invalid {
			assert_noop!(Guarantor::set_limits(signed(1), 31, limits), Error::<Test>::InvalidLimits);
			assert_noop!(Guarantor::accept(signed(1), 32, limits), Error::<Test>::InvalidLimits);
		}
	})
}

#[test]
fn a_customer_leaves_any_guarantor_with_nothing_open() {
	Market::default().run(|| {
		assert_noop!(Guarantor::leave(signed(32)), Error::<Test>::NotCustomer);
		Open::set([31].into());
		assert_noop!(Guarantor::leave(signed(31)), Error::<Test>::HasPositions);
		Open::set(Default::default());
		assert_ok!(Guarantor::set_defaulted(&1));
		assert_ok!(Guarantor::leave(signed(31)));
		assert_eq!((Guarantor::membership(&31), Guarantor::customers(&1)), (None, 0));
		assert_eq!(last_event(), Event::Left { customer: 31, guarantor: 1 });
	})
}

#[test]
fn a_guarantor_dismisses_a_customer_with_nothing_open() {
	Market::default().run(|| {
		assert_noop!(Guarantor::dismiss(signed(2), 31), Error::<Test>::NotCustomer);
		Open::set([31].into());
		assert_noop!(Guarantor::dismiss(signed(1), 31), Error::<Test>::HasPositions);
		Open::set(Default::default());
		assert_ok!(Guarantor::dismiss(signed(1), 31));
		assert_eq!(last_event(), Event::Dismissed { customer: 31, guarantor: 1 });
		assert_eq!(Guarantor::customers(&1), 0);
	})
}
