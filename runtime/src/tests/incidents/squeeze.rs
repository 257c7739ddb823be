//! YFI on dYdX, November 2023: somebody bought most of a thin market, took the paper gains out as margin, and let it
//! fall.
//!
//! The insurance fund paid about 9 million dollars in November 2023 (dYdX's own announcement). YFI was 5,678 dollars
//! on 1 November and 15,955 at the highest on the 17th, and fell from 14,542 to 8,258 within the first six hours of
//! the 18th (Binance, cash market, hourly, UTC; `incidents/yfi_2023-10_12_1h_binance_spot.csv`).

use super::*;
use gcx_primitives::{Cash, InstrumentId, Lots, Price, Side, SubAccount};
use pallet_clearing::{AccountState, Error as ClearingError};
use pallet_market::Error as MarketError;
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

/// YFI at midnight UTC from 13 to 20 November 2023, in cents: up by a half in four days, down by a third in the next.
const MIDNIGHTS: [i64; 8] = [928_100, 984_400, 1_024_000, 1_175_600, 1_414_200, 1_454_200, 968_100, 883_200];
/// The squeezer's lots. One is of one unit.
const LOTS: i64 = 300;
/// What the squeezer begins with.
const STAKE: Cash = dollars(2_000_000);

/// Charlie, under Bob, is long what Dave, under Alice, is short. Custody is so large that the egress fuse is not what
/// holds anybody.
fn thin_market() -> InstrumentId {
	guarantor(Alice, dollars(40_000_000));
	guarantor(Bob, dollars(3_000_000));
	customer(Charlie, Bob, STAKE);
	customer(Dave, Alice, dollars(40_000_000));
	customer(Eve, Alice, dollars(1_000));
	let_custody_age(Eve);
	postpone_settlement();
	publish(&[(AI_INFER, cents(MIDNIGHTS[0]))]);
	let yfi = list_with(AI_INFER, 1, cents(MIDNIGHTS[0]), Lots(400), Lots(400));
	assert_ok!(trade(Charlie, Dave, yfi, LOTS, cents(MIDNIGHTS[0])));
	yfi
}

/// Takes out all that the exchange lets out now, and says how much that was.
fn take_out_all(who: Sr25519Keyring) -> Cash {
	let most = view(who).withdrawable;
	let too_much = withdraw(who, Cash(most.0 + 1));
	assert_eq!(too_much, refused(ClearingError::MarginNeeded), "{most:?}");
	if !most.is_zero() {
		assert_ok!(withdraw(who, most));
	}
	most
}

#[test]
fn gains_of_a_squeeze_leave_only_when_the_losers_have_paid_them() {
	exchange(|| {
		let issued = issuance();
		thin_market();
		let pool = pool_size();
		let (mut taken, mut paid, mut paper) = (take_out_all(Charlie), Cash::ZERO, Cash::ZERO);
		for pair in MIDNIGHTS[..6].windows(2) {
			publish(&[(AI_INFER, cents(pair[1]))]);
			let gain = Cash(i128::from(pair[1] - pair[0]) * 10_000 * i128::from(LOTS));
			let before = view(Charlie);
			assert_eq!(before.positions[0].unrealised, gain);
			// All equity beyond margin is paper: none of it leaves.
			let free_on_paper = before.margin.equity.0 - before.margin.initial_margin.0;
			assert!(before.withdrawable.0 <= (free_on_paper - gain.0).max(0));
			taken = taken.checked_add(take_out_all(Charlie)).unwrap();
			paper = paper.max(gain);
			settle();
			// The run took it from Dave: now it is cash.
			assert_eq!(cash(Charlie).0, before.cash.0 - before.withdrawable.0 + gain.0);
			paid = paid.checked_add(gain).unwrap();
			let took = take_out_all(Charlie);
			taken = taken.checked_add(took).unwrap();
			let now = view(Charlie).margin;
			assert!(took.is_zero() || now.equity >= now.initial_margin, "it leaves full initial margin");
		}
		// What was taken out is what it brought and what others lost to it, less what still stands behind the
		// position.
		let left = view(Charlie).margin;
		assert_eq!(taken.0 + left.equity.0, STAKE.0 + paid.0 - fee(1, LOTS, cents(MIDNIGHTS[0])).0);
		assert!(left.concentration > Cash::ZERO, "a large position costs more than its moves");
		// Down by a third in a day. It is sold, or its guarantor's; the pool pays nothing.
		let margin = left.initial_margin;
		publish(&[(AI_INFER, cents(MIDNIGHTS[6]))]);
		days_until(&[(AI_INFER, cents(MIDNIGHTS[6]))], || !matches!(state(Charlie), AccountState::Liquidating { .. }));
		settle();
		let fall = Cash(i128::from(MIDNIGHTS[5] - MIDNIGHTS[6]) * 10_000 * i128::from(LOTS));
		let passed_on = of_clearing().find_map(|event| match event {
			pallet_clearing::Event::LossPassedOn { loss, .. } => Some(loss),
			_ => None,
		});
		assert!(pool_size() >= pool);
		assert_eq!(stage(Bob), None);
		assert_eq!(cash(Eve), Cash(dollars(1_000).0 + 2));
		assert_sound(issued);
		tell(
			"YFI on dYdX, 2023 (fund paid 9,000,000 $)",
			format!(
				"paper gains of up to {} stayed in; margin {} ({} % of value) met a fall of {}; the guarantor's house bore {}, \
				the pool 0",
				shown(paper),
				shown(margin),
				margin.0 * 100 / (i128::from(MIDNIGHTS[5]) * 10_000 * i128::from(LOTS)),
				shown(fall),
				shown(passed_on.unwrap_or_default()),
			),
		);
	})
}

#[test]
fn an_owners_accounts_share_one_limit_and_one_charge_for_size() {
	exchange(|| {
		let yfi = thin_market();
		let second = SubAccount(1);
		let amount = dollars(2_000_000).0.unsigned_abs();
		assert_ok!(send(Charlie, pallet_clearing::Call::deposit { sub: second, amount }));
		let price = cents(MIDNIGHTS[0]);
		let take = |lots| {
			let order = offer(Dave, SubAccount(0), Side::Sell, yfi, lots, price);
			let max_fee = Cash(1 << 60);
			send(Charlie, pallet_market::Call::take { order, sub: second, lots: Lots(lots), max_fee })
		};
		// 300 in one account, 100 of 400 left for all others.
		assert_eq!(take(101), not_traded(MarketError::OwnerLimit));
		let alone = view(Charlie).margin.concentration;
		assert_ok!(take(100));
		// Both accounts pay for what the owner has in all.
		let split = Clearing::account_view(Charlie.to_account_id(), second).unwrap().margin.concentration;
		assert!(view(Charlie).margin.concentration > alone);
		assert_eq!(view(Charlie).margin.concentration, split);
		let more = trade(Charlie, Dave, yfi, 1, price);
		assert_eq!(more, not_traded(MarketError::OwnerLimit));
		tell(
			"YFI on dYdX, 2023 (limits)",
			format!(
				"400 lots of 400 over two accounts; the charge for size went from {} to {}",
				shown(alone),
				shown(split)
			),
		);
	})
}

/// Two months of hours, the price of each midnight a fix, on the real runtime; skipped where the file is not.
#[test]
fn two_months_of_yfi_pass_and_every_unit_is_somewhere() {
	let Some(file) = data("yfi_2023-10_12_1h_binance_spot.csv") else { return };
	let opens: Vec<(String, Price)> = file
		.lines()
		.skip(1)
		.filter_map(|line| {
			let fields: Vec<_> = line.split(',').collect();
			let day = fields[0].strip_suffix(" 00:00:00")?;
			Some((day.to_string(), parsed(fields[1])))
		})
		.collect();
	let from = opens.iter().position(|(day, _)| day == "2023-11-13").expect("the file has the month");
	let quoted: Vec<_> = opens[from..from + MIDNIGHTS.len()].iter().map(|(_, price)| *price).collect();
	assert_eq!(quoted, MIDNIGHTS.map(cents));
	exchange(|| {
		let issued = issuance();
		guarantor(Alice, dollars(40_000_000));
		guarantor(Bob, dollars(3_000_000));
		customer(Charlie, Bob, dollars(20_000_000));
		customer(Dave, Alice, dollars(20_000_000));
		postpone_settlement();
		publish(&[(AI_INFER, opens[0].1)]);
		let yfi = list(AI_INFER, 1, opens[0].1);
		assert_ok!(trade(Charlie, Dave, yfi, 100, opens[0].1));
		let start = (cash(Charlie), cash(Dave));
		for (_, price) in &opens[1..] {
			publish(&[(AI_INFER, *price)]);
			settle();
		}
		let last = opens[opens.len() - 1].1;
		let moved = i128::from(last.0 - opens[0].1 .0) * 100;
		assert_eq!((cash(Charlie).0, cash(Dave).0), (start.0 .0 + moved, start.1 .0 - moved));
		assert_sound(issued);
		let range = view(Charlie).margin.scan.0 * 100 / (i128::from(last.0) * 100);
		tell("YFI, two months of midnights", format!("{} days settled; scan range at the end {range} %", opens.len()));
	});
}
