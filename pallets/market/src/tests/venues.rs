//! Who may submit fills.

use super::*;
use frame_support::traits::fungible::InspectHold;

fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&crate::HoldReason::VenueBond.into(), &who)
}

fn tries(who: AccountId) -> frame_support::pallet_prelude::DispatchResultWithPostInfo {
	submit_as(who, &[ALICE.buys(), BOB.sells()], &[lots(1)])
}

#[test]
fn anyone_with_a_bond_is_a_venue() {
	Exchange::default().run(|| {
		assert_noop!(tries(OTHER), Error::<Test>::NotVenue);
		assert_noop!(Market::register_venue(signed(OTHER), BOND - 1), Error::<Test>::BondTooSmall);
		let unavailable = DispatchError::Token(sp_runtime::TokenError::FundsUnavailable);
		assert_noop!(Market::register_venue(signed(OTHER), ENDOWMENT), unavailable);
		assert_ok!(Market::register_venue(signed(OTHER), BOND + 1));
		assert_eq!(last_event(), Event::VenueRegistered { venue: OTHER, bond: BOND + 1 });
		assert_eq!(held(OTHER), BOND + 1);
		assert_ok!(tries(OTHER));
		assert_noop!(Market::register_venue(signed(OTHER), BOND), Error::<Test>::AlreadyVenue);
		assert_noop!(Market::register_venue(signed(THIRD), BOND), Error::<Test>::TooManyVenues);
	})
}

#[test]
fn a_venue_that_leaves_submits_nothing_and_gets_its_bond_back_later() {
	Exchange::default().run(|| {
		assert_noop!(Market::withdraw_venue_bond(signed(OTHER), VENUE), Error::<Test>::VenueNotLeaving);
		assert_ok!(Market::deregister_venue(signed(VENUE)));
		let due = BLOCK + UNBONDING;
		assert_eq!(last_event(), Event::VenueLeft { venue: VENUE, due });
		assert_noop!(tries(VENUE), Error::<Test>::VenueLeaving);
		assert_noop!(Market::deregister_venue(signed(VENUE)), Error::<Test>::VenueLeaving);
		assert_noop!(Market::register_venue(signed(VENUE), BOND), Error::<Test>::AlreadyVenue);
		System::set_block_number(due - 1);
		assert_noop!(Market::withdraw_venue_bond(signed(OTHER), VENUE), Error::<Test>::StillUnbonding);
		System::set_block_number(due);
		assert_ok!(Market::withdraw_venue_bond(signed(OTHER), VENUE));
		assert_eq!(last_event(), Event::VenueBondWithdrawn { venue: VENUE, bond: BOND });
		assert_eq!((held(VENUE), Balances::free_balance(VENUE)), (0, ENDOWMENT));
		assert_noop!(tries(VENUE), Error::<Test>::NotVenue);
		assert_ok!(Market::register_venue(signed(VENUE), BOND));
	})
}

#[test]
fn a_suspended_venue_submits_nothing_until_it_is_reinstated() {
	Exchange::default().run(|| {
		assert_noop!(Market::suspend_venue(signed(VENUE), VENUE), DispatchError::BadOrigin);
		assert_noop!(Market::reinstate_venue(signed(VENUE), VENUE), DispatchError::BadOrigin);
		assert_noop!(Market::reinstate_venue(root(), VENUE), Error::<Test>::VenueNotSuspended);
		assert_ok!(Market::suspend_venue(root(), VENUE));
		assert_eq!(last_event(), Event::VenueSuspended { venue: VENUE });
		assert_noop!(tries(VENUE), Error::<Test>::VenueSuspended);
		assert_noop!(Market::suspend_venue(root(), VENUE), Error::<Test>::VenueSuspended);
		assert_ok!(Market::reinstate_venue(root(), VENUE));
		assert_eq!(last_event(), Event::VenueReinstated { venue: VENUE });
		assert_ok!(tries(VENUE));
	})
}

#[test]
fn a_suspended_venue_leaves_without_its_bond() {
	Exchange::default().run(|| {
		assert_ok!(Market::suspend_venue(root(), VENUE));
		assert_ok!(Market::deregister_venue(signed(VENUE)));
		System::set_block_number(BLOCK + UNBONDING);
		assert_noop!(Market::withdraw_venue_bond(signed(VENUE), VENUE), Error::<Test>::VenueSuspended);
		assert_ok!(Market::reinstate_venue(root(), VENUE));
		assert_noop!(tries(VENUE), Error::<Test>::VenueLeaving);
		assert_ok!(Market::withdraw_venue_bond(signed(VENUE), VENUE));
	})
}

#[test]
fn who_is_no_venue_is_neither_left_nor_suspended() {
	Exchange::default().run(|| {
		assert_noop!(Market::deregister_venue(signed(OTHER)), Error::<Test>::NotVenue);
		assert_noop!(Market::withdraw_venue_bond(signed(OTHER), OTHER), Error::<Test>::NotVenue);
		assert_noop!(Market::suspend_venue(root(), OTHER), Error::<Test>::NotVenue);
		assert_noop!(Market::reinstate_venue(root(), OTHER), Error::<Test>::NotVenue);
		assert_noop!(submit_as(OTHER, &[], &[]), Error::<Test>::NotVenue);
	})
}

#[test]
#[should_panic(expected = "cannot be a venue")]
fn a_genesis_with_a_venue_that_cannot_pay_is_refused() {
	Exchange { venues: vec![(VENUE, ENDOWMENT + 1)], ..Default::default() }.build();
}
