//! The token on the runtime: fees of real trades, what burns, who is rewarded, seats. The pallet's own tests have every rule.

use super::{scenario::*, *};
use crate::configs::{token::PotAccount, treasury::TreasuryAccount};
use frame_support::traits::fungible::{Inspect, Mutate};
use gcx_primitives::{Cash, Guarantors, InsurancePool, OnPerformance, Ppm, Price};
use pallet_token::{Event, FeeAsset, RewardRole, SeatId, Supply};
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

/// Of a Compute Hour, and of a GCX: two dollars and a half, and half a dollar.
const PRICE: Price = cents(250);
const TOKEN_PRICE: Price = cents(50);

/// Two guarantors with a customer each, a contract of 100 Compute Hours a lot, and prices of today.
fn market() -> gcx_primitives::InstrumentId {
	guarantor(Alice, dollars(1_000_000));
	guarantor(Bob, dollars(1_000_000));
	customer(Charlie, Alice, dollars(500_000));
	customer(Dave, Bob, dollars(500_000));
	postpone_settlement();
	publish(&[(AI_INFER, PRICE), (GCX_PRICE, TOKEN_PRICE)]);
	list(AI_INFER, 100, PRICE)
}

fn of_token() -> Vec<Event<Runtime>> {
	let token = |event| match event {
		RuntimeEvent::Token(event) => Some(event),
		_ => None,
	};
	events().into_iter().filter_map(token).collect()
}

/// The token reconciles, and nothing burned that was not counted.
fn assert_reconciles() {
	let Supply { genesis, issued, burned, burned_in_all, issuance, .. } = Token::supply();
	assert_eq!(burned_in_all, burned.total());
	assert_eq!(genesis + issued, issuance + burned.total());
}

fn treasury() -> (Balance, Balance) {
	let who = TreasuryAccount::get();
	(clearing::SettlementAsset::balance(&who), Balances::balance(&who))
}

#[test]
fn a_fee_in_tokens_leaves_the_margin_account_alone_and_burns_to_the_unit() {
	exchange(|| {
		let instrument = market();
		assert_ok!(send(Charlie, pallet_token::Call::pay_fees_in { asset: FeeAsset::Token }));
		let (issued, had) = (Balances::total_issuance(), tokens(Charlie));
		assert_ok!(trade(Charlie, Dave, instrument, 100, PRICE));
		// 25,000 dollars at two hundredths of a per cent are five; a quarter less is 3.75 dollars, 7.5 GCX.
		let (fee, paid) = (fee(100, 100, PRICE), 75 * GCX / 10);
		assert_eq!(fee, dollars(5));
		assert_eq!((cash(Charlie), cash(Dave)), (dollars(500_000), Cash(dollars(500_000).0 - fee.0)));
		assert_eq!(tokens(Charlie), had - paid);
		assert_eq!(Balances::total_issuance(), issued - paid * 3 / 10);
		let told = of_token();
		assert!(told.contains(&Event::FeePaidInTokens {
			who: Charlie.to_account_id(),
			fee,
			worth: Cash(3_750_000),
			tokens: paid,
			guarantor: Some(Alice.to_account_id()),
			pool: paid * 4 / 10,
			rebate: paid / 10,
			treasury: paid / 10,
			rewards: paid / 10,
			burned: paid * 3 / 10,
		}));
		assert_reconciles();
	})
}

#[test]
fn fees_of_a_run_are_shared_to_the_unit_and_the_pool_has_its_share_in_the_next_block() {
	exchange(|| {
		let instrument = market();
		assert_ok!(trade(Charlie, Dave, instrument, 100, PRICE));
		let (pool, before) = (Insurance::size(), treasury());
		settle();
		block();
		// Five dollars of each side: 40 % are the pool's, 10 % the guarantors', 30 % buy GCX, 20 % are the treasury's.
		let shared: Vec<_> = of_token()
			.into_iter()
			.filter_map(|event| match event {
				Event::FeesShared { guarantor, amount, pool, rebate, treasury, buy_back } => {
					Some((guarantor, [amount, pool, rebate, treasury, buy_back].map(|cash| cash.0 / 1_000)))
				},
				_ => None,
			})
			.collect();
		let parts = [5_000, 2_000, 500, 1_000, 1_500];
		assert_eq!(shared.len(), 2);
		for who in [Alice, Bob] {
			assert!(shared.contains(&(who.to_account_id(), parts)));
			let had = wallet(who);
			assert_ok!(send(Eve, pallet_token::Call::claim_rebate { guarantor: who.to_account_id() }));
			assert_eq!(wallet(who).0 - had.0, 500_000);
		}
		assert_eq!(Insurance::size().0 - pool.0, 4_000_000);
		pass(DAY_MILLISECONDS);
		block();
		assert_eq!(treasury().0 - before.0, 2_000_000);
		let waiting = pallet_token::Books::<Runtime>::get();
		assert_eq!(
			(waiting.buy_back, waiting.cash_rebates, waiting.cash_for_pool),
			(Cash(3_000_000), Cash(0), Cash(0))
		);
		let least = clearing::SettlementAsset::minimum_balance();
		assert_eq!(clearing::SettlementAsset::balance(&PotAccount::get()), 3_000_000 + least);
	})
}

#[test]
fn a_seat_trades_at_the_best_rates_and_proposes_contracts() {
	exchange(|| {
		let instrument = market();
		assert_ok!(send(Charlie, pallet_token::Call::buy_seat { max_price: u128::MAX }));
		let stake = pallet_token::Seats::<Runtime>::get(Charlie.to_account_id()).expect("it has one").stake;
		assert!(
			stake >= token::genesis_parameters().seats.floor
				&& of_token().contains(&Event::SeatBought { seat: SeatId(0), who: Charlie.to_account_id(), stake })
		);
		assert_ok!(trade(Charlie, Dave, instrument, 100, PRICE));
		// A hundredth of a per cent as the taker.
		assert_eq!(cash(Charlie), Cash(dollars(500_000).0 - 2_500_000));
		let terms = pallet_market::Contracts::<Runtime>::get(instrument).expect("it is listed").terms;
		let propose = |who| send(who, pallet_market::Call::propose_listing { terms, settlement: PRICE });
		assert_eq!(propose(Dave), not_traded(pallet_market::Error::NoSeat));
		assert_ok!(propose(Charlie));
		assert_ok!(govern(pallet_market::Call::approve_proposal { proposal: pallet_market::ProposalId(0) }));
		assert_eq!(Market::contracts().len(), 2);
		// A tenth of the stake burns when it is given back.
		let issued = Balances::total_issuance();
		assert_ok!(send(Charlie, pallet_token::Call::surrender_seat {}));
		assert_eq!(issued - Balances::total_issuance(), stake.div_ceil(10));
		assert_reconciles();
	})
}

#[test]
fn of_a_slash_a_fifth_burns_and_the_treasury_has_the_rest() {
	use frame_support::traits::{fungible::Balanced, OnUnbalanced};
	exchange(|| {
		let (issued, before) = (Balances::total_issuance(), treasury());
		let taken = <Balances as Balanced<AccountId>>::withdraw(
			&Eve.to_account_id(),
			100 * GCX,
			frame_support::traits::tokens::Precision::Exact,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Fortitude::Polite,
		)
		.expect("it has so much");
		<Runtime as pallet_validators::Config>::OnSlash::on_unbalanced(taken);
		assert_eq!(issued - Balances::total_issuance(), 20 * GCX);
		assert_eq!(treasury().1 - before.1, 80 * GCX);
		assert_eq!(Token::supply().burned.performance, 20 * GCX);
		assert_reconciles();
	})
}

#[test]
fn who_works_for_the_chain_claims_what_fees_set_aside() {
	exchange(|| {
		let instrument = market();
		assert_ok!(send(Charlie, pallet_token::Call::pay_fees_in { asset: FeeAsset::Token }));
		assert_ok!(trade(Charlie, Dave, instrument, 1_000, PRICE));
		Token::attested(&Eve.to_account_id());
		Token::delivered(&Dave.to_account_id(), dollars(1_000_000), Ppm::ONE);
		pass(DAY_MILLISECONDS);
		publish(&[(GCX_PRICE, TOKEN_PRICE)]);
		// 75 GCX, of which 7.5 are rewards and 22.5 burned. It is the first era with fees, 78.75 dollars net of rebates: half of them are
		// as many GCX, and so no more is issued than burned. Of 30 GCX they get 40 %, 20 %, 30 % and 10 %.
		let author = Sr25519Keyring::AliceStash;
		let due = [
			(RewardRole::Validator, author, 12 * GCX),
			(RewardRole::Attestor, Eve, 6 * GCX),
			(RewardRole::Operator, Dave, 9 * GCX),
		];
		for (role, who, expected) in due {
			assert_eq!(Token::claimable(role, &who.to_account_id()), expected, "{role:?}");
			let had = tokens(who);
			assert_ok!(send(Bob, pallet_token::Call::claim { role, who: who.to_account_id() }));
			assert_eq!(tokens(who) - had, expected);
			let again = send(Bob, pallet_token::Call::claim { role, who: who.to_account_id() });
			assert_eq!(again, Err(pallet_token::Error::<Runtime>::NothingToClaim.into()));
		}
		// Both traders share the last tenth by what they paid: 37.5 and 50 dollars.
		let [charlie, dave] = [Charlie, Dave].map(|who| Token::claimable(RewardRole::Trader, &who.to_account_id()));
		assert_eq!((charlie, dave), (3 * GCX * 375 / 875, 3 * GCX * 500 / 875));
		assert_reconciles();
	})
}

#[test]
fn the_treasury_is_spent_by_governance_in_either_asset() {
	use frame_support::traits::fungible::NativeOrWithId;
	exchange(|| {
		let who = TreasuryAccount::get();
		assert_ok!(Balances::mint_into(&who, 10 * GCX));
		assert_ok!(clearing::SettlementAsset::mint_into(&who, 7_000_000));
		let (native, cash) = (tokens(Eve), wallet(Eve));
		let spend = |kind: NativeOrWithId<AssetId>, amount| pallet_treasury::Call::<Runtime>::spend {
			asset_kind: alloc::boxed::Box::new(kind),
			amount,
			beneficiary: alloc::boxed::Box::new(Eve.to_account_id()),
			valid_from: None,
		};
		assert!(send(Bob, spend(NativeOrWithId::Native, GCX)).is_err());
		assert_ok!(govern(spend(NativeOrWithId::Native, 4 * GCX)));
		assert_ok!(govern(spend(NativeOrWithId::WithId(assets::SETTLEMENT_ASSET), 5_000_000)));
		for index in 0..2 {
			assert_ok!(send(Bob, pallet_treasury::Call::<Runtime>::payout { index }));
		}
		assert_eq!((tokens(Eve) - native, wallet(Eve).0 - cash.0), (4 * GCX, 5_000_000));
		// What was minted for this test was not issued.
		pallet_token::GenesisIssuance::<Runtime>::mutate(|genesis| *genesis += 10 * GCX);
	})
}

#[test]
fn the_simulation_runs_by_the_parameters_that_a_chain_starts_with() {
	// Its days are of 24 hours, those of a `fast-epochs` build of a minute.
	let days = |time: u64| time / DAY_MILLISECONDS * 24 * HOUR;
	let mut parameters = token::genesis_parameters();
	parameters.max_price_age = days(parameters.max_price_age);
	parameters.seats.period = days(parameters.seats.period);
	parameters.buy_back.period = days(parameters.buy_back.period);
	assert_eq!(gcx_tokenomics::parameters(), parameters);
}

#[test]
fn a_member_of_nobody_has_no_guarantor_behind_it() {
	exchange(|| {
		assert_eq!(<Guarantor as Guarantors<_>>::membership(&Eve.to_account_id()), None);
		let chosen = send(Eve, pallet_token::Call::pay_fees_in { asset: FeeAsset::Token });
		assert_eq!(chosen, Err(pallet_token::Error::<Runtime>::NotMember.into()));
	})
}
