//! Cash contracts to their end: the mean of a month's fixes is paid out, to the unit.

use super::{scenario::*, *};
use gcx_primitives::{Cash, ContractState, FinalPrice, InstrumentId, Price};
use pallet_market::Contracts;
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, One};

/// Compute Hours a lot.
const HOURS: u64 = 1_000;
/// What a Compute Hour costs before the month.
const BEFORE: Price = cents(250);

/// Two guarantors with a customer each; the index has a price.
fn traders() {
	for (guarantor_, customer_) in [(Bob, Charlie), (Alice, Dave)] {
		guarantor(guarantor_, dollars(1_000_000));
		customer(customer_, guarantor_, dollars(500_000));
	}
	postpone_settlement();
	publish(&[(AI_INFER, BEFORE)]);
}

/// What lots bought at one price gain at another.
fn gain(lots: i64, from: Price, to: Price) -> i128 {
	i128::from(to.0 - from.0) * i128::from(lots) * i128::from(HOURS)
}

fn final_price(contract: InstrumentId) -> FinalPrice {
	Contracts::<Runtime>::get(contract).expect("it is not forgotten").final_price
}

/// The day that its reporters missed.
fn day_without_a_fix() {
	pass(DAY_MILLISECONDS - now() % DAY_MILLISECONDS);
	pass(DAY_MILLISECONDS / 2);
}

/// Blocks come into the next day, until the market has looked at every contract.
fn next_day() {
	pass(DAY_MILLISECONDS - now() % DAY_MILLISECONDS);
	for _ in 0..4 {
		block();
	}
}

/// Everybody is rolled, nobody holds the contract any more, and it is forgotten.
fn assert_settled(contract: InstrumentId) {
	for _ in 0..20 {
		block();
	}
	assert_eq!((lots(Charlie, contract), lots(Dave, contract)), (0, 0));
	assert!(Contracts::<Runtime>::get(contract).is_none(), "{:?}", Contracts::<Runtime>::get(contract));
	let (instrument, from, to) = (contract, ContractState::Expired, ContractState::Settled);
	let settled = pallet_market::Event::StateChanged { instrument, from, to };
	assert!(events().contains(&settled.into()));
	<AllPalletsWithSystem as frame_support::traits::TryState<BlockNumber>>::try_state(
		System::block_number(),
		frame_support::traits::TryStateSelect::All,
	)
	.expect("the invariants hold");
}

#[test]
fn a_month_settles_to_the_mean_of_its_fixes_to_the_unit() {
	exchange(|| {
		traders();
		let issued = issuance();
		let contract = list_days(AI_INFER, HOURS, BEFORE, 5);
		assert_ok!(trade(Charlie, Dave, contract, 20, BEFORE));
		let mut paid = fee(HOURS, 20, BEFORE).0;
		let days = [260, 271, 255, 240, 289].map(cents);
		for (day, price) in days.into_iter().enumerate() {
			publish(&[(AI_INFER, price)]);
			settle();
			// Every day is settled at the mean as it is expected then.
			let fixed: i64 = days[..=day].iter().map(|price| price.0).sum();
			let to_come = i64::try_from(4 - day).expect("few") * price.0;
			assert_eq!(settlement(contract), Price((fixed + to_come + 2) / 5), "day {day}");
			if day == 1 {
				// Trading goes on meanwhile; at what price does not move the mark.
				assert_ok!(trade(Charlie, Dave, contract, 5, cents(268)));
				paid += fee(HOURS, 5, cents(268)).0;
			}
		}
		let refused = trade(Charlie, Dave, contract, 1, cents(262));
		assert_eq!(refused, not_traded(pallet_market::Error::NotTrading));
		next_day();
		// (2.60 + 2.71 + 2.55 + 2.40 + 2.89) / 5
		let mean = cents(263);
		assert_eq!(final_price(contract), FinalPrice::Known(mean));
		// It moves no more, and needs no margin.
		assert_eq!((mark(contract), view(Charlie).margin.scan), (Some(mean), Cash::ZERO));
		publish(&[(AI_INFER, cents(900))]);
		settle();
		assert_settled(contract);
		let gained = gain(20, BEFORE, mean) + gain(5, cents(268), mean);
		assert_eq!(cash(Charlie).0, dollars(500_000).0 - paid + gained);
		assert_eq!(cash(Dave).0, dollars(500_000).0 - paid - gained);
		assert_sound(issued);
	})
}

#[test]
fn missing_fixes_extend_the_window_and_a_late_one_completes_it() {
	exchange(|| {
		traders();
		let issued = issuance();
		let contract = list_days(AI_INFER, HOURS, BEFORE, 4);
		assert_ok!(trade(Charlie, Dave, contract, 20, BEFORE));
		for price in [260, 240] {
			publish(&[(AI_INFER, cents(price))]);
			settle();
		}
		day_without_a_fix();
		publish(&[(AI_INFER, cents(300))]);
		next_day();
		// Three of four days do not suffice.
		assert_eq!(final_price(contract), FinalPrice::Awaited { extended: 1 });
		assert!(view(Charlie).margin.scan > Cash::ZERO, "it is margined meanwhile");
		// This day has none either; the next one has.
		publish(&[(AI_INFER, cents(281))]);
		assert_eq!(final_price(contract), FinalPrice::Awaited { extended: 2 });
		next_day();
		// (2.60 + 2.40 + 3.00 + 2.81) / 4 = 2.7025
		let mean = Price(2_702_500);
		assert_eq!(final_price(contract), FinalPrice::Known(mean));
		settle();
		assert_settled(contract);
		assert_eq!(cash(Charlie).0, dollars(500_000).0 - fee(HOURS, 20, BEFORE).0 + gain(20, BEFORE, mean));
		assert_sound(issued);
	})
}

#[test]
fn without_enough_fixes_governance_decides_and_nobody_else() {
	exchange(|| {
		traders();
		let issued = issuance();
		let contract = list_days(AI_INFER, HOURS, BEFORE, 4);
		assert_ok!(trade(Charlie, Dave, contract, 20, BEFORE));
		publish(&[(AI_INFER, cents(260))]);
		settle();
		for _ in 0..14 {
			day_without_a_fix();
		}
		next_day();
		assert_eq!(final_price(contract), FinalPrice::Undecided);
		// Prices are back: it is margined in full, marked, and its holders may still be liquidated.
		publish(&[(AI_INFER, cents(270))]);
		publish(&[(AI_INFER, cents(270))]);
		let price = cents(255);
		let call = || pallet_market::Call::decide_final_price { instrument: contract, price };
		assert_eq!(send(One, call()), Err(sp_runtime::DispatchError::BadOrigin));
		assert_ok!(govern(call()));
		assert_eq!(govern(call()), not_traded(pallet_market::Error::NotUndecided));
		settle();
		assert_settled(contract);
		assert_eq!(cash(Charlie).0, dollars(500_000).0 - fee(HOURS, 20, BEFORE).0 + gain(20, BEFORE, price));
		assert_sound(issued);
	})
}

#[test]
fn a_contract_that_expires_while_the_chain_stands_still_is_settled_when_it_is_back() {
	exchange(|| {
		traders();
		let issued = issuance();
		let contract = list_days(AI_INFER, HOURS, BEFORE, 3);
		assert_ok!(trade(Charlie, Dave, contract, 20, BEFORE));
		for price in [260, 250] {
			publish(&[(AI_INFER, cents(price))]);
			settle();
		}
		// The last day's reports are never revealed, and no block is made for two days more.
		block_after(3 * DAY_MILLISECONDS);
		next_day();
		// Two of three days do not suffice; the days of the halt brought nothing.
		let extended = match final_price(contract) {
			FinalPrice::Awaited { extended } => extended,
			other => panic!("{other:?}"),
		};
		assert!(extended >= 1, "{extended}");
		publish(&[(AI_INFER, cents(240))]);
		next_day();
		assert_eq!(final_price(contract), FinalPrice::Known(cents(250)));
		settle();
		assert_settled(contract);
		assert_eq!(cash(Charlie).0, dollars(500_000).0 - fee(HOURS, 20, BEFORE).0);
		assert_sound(issued);
	})
}
