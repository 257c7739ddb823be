//! A data centre sells its capacity ahead, all of it. On the second day two fifths of its devices are down. It is paid for what it
//! delivered; the buyer has its money back for the rest, and what that costs elsewhere on top, out of the data centre's stake.

use super::*;
use pallet_delivery::Event;

/// What became of the stake that was taken for a window.
fn stake_shared() -> [u128; 5] {
	let shared = events().into_iter().find_map(|event| match event {
		RuntimeEvent::Delivery(Event::StakeShared { taken, make_whole, challenger, pool, burn, .. }) => {
			Some([taken, make_whole, challenger, pool, burn])
		},
		_ => None,
	});
	shared.expect("a stake was taken")
}

#[test]
fn a_data_centre_that_partly_fails_makes_its_buyer_whole() {
	exchange(|| {
		let (price, dear) = (cents(250), cents(400));
		market(price);
		let (issued, tokens_issued) = (issuance(), Balances::total_issuance());
		let resource = provider(Dave, 10);
		let contract = list_physical(price);
		assert_ok!(trade(Charlie, Dave, contract, 10, price));
		assert_ok!(cover(Dave, contract, 10));
		let paid = fee(HOURS, 10, price);
		expire(contract, price);
		assert_ok!(nominate(Dave, contract, resource, 10));
		let deals = matched(contract, price);
		let [deal] = deals[..] else { panic!("one deal: {deals:?}") };
		let first = on_delivery_day(contract, 0);
		assert_ok!(post(One, deal, first, 10 * LOT_DAY));
		// Compute is dear on the second day.
		day(dear);
		let second = Day(first.0 + 1);
		assert_eq!(today(), second);
		assert_ok!(post(One, deal, second, 6 * LOT_DAY));
		finish(contract, dear);

		// 2,400 CH a day: of the second 1,440 were delivered and 960 were not.
		let due = value(10, price).0 / 2;
		let (earned, refund) = (due * 6 / 10, due * 4 / 10);
		let extra = 960 * i128::from(dear.0 - price.0);
		assert_eq!(extra, dollars(1_440).0);
		assert_eq!(cash(Charlie).0, CASH.0 - paid.0 - 2 * due + refund + extra);
		assert_eq!(cash(Dave).0, CASH.0 - paid.0 + due + earned);
		// Ten GCX for every hour that was missing.
		let [taken, make_whole, challenger, pool, burn] = stake_shared();
		assert_eq!(taken, 960 * 10 * GCX);
		assert_eq!(make_whole + challenger + pool + burn, taken);
		assert_eq!((challenger, burn), (0, (taken - make_whole) / 5));
		assert_eq!(<Compute as gcx_primitives::ProviderStakes<AccountId>>::stake(&Dave.to_account_id()), BOND - taken);
		assert_eq!(Balances::total_issuance(), tokens_issued - burn);
		let (tally, _) = closed(contract);
		let expected = Tally {
			delivered: Capacity(10 * LOT_DAY + 6 * LOT_DAY),
			compensated: Capacity(4 * LOT_DAY),
			released: Capacity::ZERO,
		};
		assert_eq!(tally, expected);
		assert_whole(issued, contract);
	})
}
