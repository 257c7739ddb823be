//! Parameters, genesis and the runtime's constants.

use super::*;
use frame_support::traits::Hooks;
use sp_runtime::BuildStorage;

const ROOT: fn() -> RuntimeOrigin = RuntimeOrigin::root;

/// Each field out of its bounds, by a little where that can be.
fn invalid() -> Vec<TokenParameters> {
	type Change = fn(&mut TokenParameters);
	let changes: [Change; 33] = [
		|all| all.tiers = Default::default(),
		|all| all.tiers[0].from = Cash(1),
		|all| all.tiers[1].from = Cash(0),
		|all| all.tiers[1].maker = Ppm(10_001),
		|all| all.tiers[1].taker = Ppm(20_001),
		|all| all.tiers[0].taker = Ppm(50_001),
		|all| all.discount = Ppm::ONE,
		|all| all.split.burn = Ppm(500_001),
		|all| all.split.burn = Ppm(u32::MAX),
		|all| all.chain_burn = Ppm(1_000_001),
		|all| all.slash_burn = Ppm(1_000_001),
		|all| all.issuance.alpha = Ppm(1_000_001),
		|all| all.rewards.of_fees = Ppm(1_000_001),
		|all| all.rewards.validators = Ppm(400_001),
		|all| all.rewards.attestors = Ppm(199_999),
		|all| all.rewards.operators = Ppm(u32::MAX),
		|all| all.rewards.traders = Ppm::ZERO,
		|all| all.rewards.traders_cap = Ppm(500_001),
		|all| all.rewards.operators_cap = Ppm(3_226),
		|all| all.tiers[1].maker = Ppm::ZERO,
		|all| all.seats.count = 6,
		|all| all.seats.floor = 0,
		|all| all.seats.floor = 100_001,
		|all| all.seats.rise = Ppm(999_999),
		|all| all.seats.period = 0,
		|all| all.seats.period = MAX_PERIOD + 1,
		|all| all.seats.resale_burn = Ppm(1_000_001),
		|all| all.buy_back.min_offer = Cash(0),
		|all| all.buy_back.period = 0,
		|all| all.buy_back.period = MAX_PERIOD + 1,
		|all| all.buy_back.first = Ppm::ZERO,
		|all| all.buy_back.first = Ppm(1_000_001),
		|all| all.buy_back.last = Ppm(1_000_001),
	];
	let changed = changes.into_iter().map(|change| {
		let mut parameters = parameters();
		change(&mut parameters);
		parameters
	});
	changed.collect()
}

#[test]
fn governance_sets_parameters_and_they_are_in_force_at_once() {
	Chain::default().run(|| {
		let changed = TokenParameters { discount: Ppm::percent(30), ..parameters() };
		assert_noop!(Token::set_parameters(signed(ALICE), changed.clone()), DispatchError::BadOrigin);
		assert_ok!(Token::set_parameters(ROOT(), changed.clone()));
		assert_eq!(
			(Parameters::<Test>::get(), events()),
			(changed.clone(), vec![Event::ParametersSet { parameters: changed }])
		);
		pays_in_tokens(ALICE);
		assert_eq!(trade(ALICE, Role::Maker, 100_000), (0, 350));
	})
}

#[test]
fn no_call_is_made_without_a_signature() {
	Chain::default().run(|| {
		let none = RuntimeOrigin::none;
		let role = RewardRole::Trader;
		assert_noop!(Token::set_parameters(none(), parameters()), DispatchError::BadOrigin);
		assert_noop!(Token::pay_fees_in(none(), FeeAsset::Token), DispatchError::BadOrigin);
		assert_noop!(Token::claim(none(), role, ALICE), DispatchError::BadOrigin);
		assert_noop!(Token::claim_rebate(none(), GUARANTOR), DispatchError::BadOrigin);
		assert_noop!(Token::buy_seat(none(), 1), DispatchError::BadOrigin);
		assert_noop!(Token::offer_seat(none(), 1, None), DispatchError::BadOrigin);
		assert_noop!(Token::withdraw_offer(none()), DispatchError::BadOrigin);
		assert_noop!(Token::take_seat(none(), ALICE, 1), DispatchError::BadOrigin);
		assert_noop!(Token::surrender_seat(none()), DispatchError::BadOrigin);
		assert_noop!(Token::sell_tokens(none(), 1, Price(1)), DispatchError::BadOrigin);
		assert_noop!(Token::forget(none(), RewardRole::Trader, ALICE), DispatchError::BadOrigin);
	})
}

#[test]
fn parameters_out_of_bounds_are_refused() {
	Chain::default().run(|| {
		for parameters in invalid() {
			assert!(!parameters.is_valid(5), "{parameters:?}");
			assert_noop!(Token::set_parameters(ROOT(), parameters), Error::<Test>::InvalidParameters);
		}
	})
}

/// One per cent of each party; nothing is shared out, and all that grows may be issued.
fn bare() -> TokenParameters {
	let defaults = parameters();
	let (none, rate) = (Ppm::ZERO, Ppm::percent(1));
	TokenParameters {
		tiers: vec![FeeTier { from: Cash(0), maker: rate, taker: rate }].try_into().unwrap(),
		discount: none,
		split: FeeSplit { pool: none, rebate: none, burn: none },
		issuance: IssuanceTerms { alpha: Ppm::ONE, ..defaults.issuance },
		rewards: RewardTerms {
			of_fees: Ppm::ONE,
			validators: none,
			attestors: none,
			operators: none,
			traders: none,
			operators_cap: Ppm(5_000),
			traders_cap: Ppm::percent(50),
		},
		..defaults
	}
}

/// In each the attacker's two traders trade 100,000 with each other and pay 2,000, without a discount 1,000 tokens; and others did
/// what lets it be paid.
#[test]
fn parameters_under_which_trading_with_oneself_would_pay_are_refused() {
	type Change = fn(&mut TokenParameters);
	let changes: [Change; 5] = [
		// 600 tokens are the rebate and 400 rewards of traders. Of new tokens these get another 100, up to half of the fees, if the
		// chain's own fees burned as many.
		|all| {
			all.split.rebate = Ppm::percent(60);
			all.rewards.traders = Ppm::ONE;
		},
		// 900 tokens are the rebate. Who delivers 100,000 gets 250, a quarter of the fees, out of those that honest traders paid.
		|all| {
			all.split.rebate = Ppm::percent(90);
			all.rewards.operators = Ppm::ONE;
		},
		// It pays 100 tokens, and for delivering as much gets 250: the cap is of the fees without the discount.
		|all| {
			all.discount = Ppm::percent(90);
			all.rewards.operators = Ppm::ONE;
		},
		// The only validator gets the 1,000 tokens, and for the growth 1,000 new ones, if the chain's own fees burned as many.
		|all| all.rewards.validators = Ppm::ONE,
		// In cash. The only validator gets 1,000 new tokens for the growth, of what others burned; what the fees buy burns in a later
		// era, and lets at least as many be issued for honest fees that grow and burned nothing.
		|all| {
			all.split.burn = Ppm::ONE;
			all.rewards.validators = Ppm::ONE;
		},
	];
	for change in changes {
		let mut parameters = bare();
		change(&mut parameters);
		assert!(!parameters.is_valid(5), "{parameters:?}");
	}
}

#[test]
fn parameters_at_their_bounds_are_accepted() {
	Chain::default().run(|| {
		let largest = |all: &mut TokenParameters| {
			all.chain_burn = Ppm::ONE;
			all.slash_burn = Ppm::ONE;
			all.seats = SeatTerms { count: 5, start: 1, floor: 1, period: 1, rise: Ppm::ONE, resale_burn: Ppm::ONE };
			all.buy_back = BuyBackTerms { min_offer: Cash(1), period: MAX_PERIOD, first: Ppm::ONE, last: Ppm::ONE };
		};
		set_parameters(largest);
		assert!(TokenParameters::default().is_valid(0));
		set_parameters(|all| *all = TokenParameters::default());
	})
}

#[test]
#[should_panic(expected = "the token's parameters are out of bounds")]
fn parameters_out_of_bounds_are_no_genesis() {
	let parameters = Some(TokenParameters { discount: Ppm::ONE, ..parameters() });
	let _ = GenesisConfig::<Test> { parameters, ..Default::default() }.build_storage();
}

#[test]
fn a_genesis_that_names_no_parameters_has_the_default_ones() {
	let storage = GenesisConfig::<Test>::default().build_storage().unwrap();
	sp_io::TestExternalities::from(storage).execute_with(|| {
		assert_eq!(Parameters::<Test>::get(), TokenParameters::default());
		assert_eq!(GenesisIssuance::<Test>::get(), 0);
		// The first block after it begins the first era; there are no seats to sell.
		pallet_timestamp::Now::<Test>::put(START);
		next_block();
		assert_eq!((Era::<Test>::get().began, Sale::<Test>::get()), (START, None));
		assert_eq!(Token::violations(), [""; 0]);
	})
}

#[test]
fn the_mock_passes_its_integrity_test() {
	Chain::default().run(<Token as Hooks<u64>>::integrity_test)
}
