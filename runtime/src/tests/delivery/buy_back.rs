//! An operator sold its next weeks ahead, and has a better use for its machines by then. It buys back before the last day of trading,
//! what it lost is the difference in price, and its capacity is its own again.

use super::*;

#[test]
fn an_operator_that_buys_back_has_its_capacity_back() {
	exchange(|| {
		let (sold, bought) = (cents(250), cents(290));
		market(sold);
		let issued = issuance();
		provider(Dave, 10);
		let contract = list_physical(sold);
		let uncover =
			|lots| pallet_delivery::Call::uncover { sub: SubAccount(0), instrument: contract, lots: Lots(lots) };
		let refused = |error: pallet_delivery::Error<Runtime>| DispatchResult::Err(error.into());
		assert_eq!(cover(Dave, contract, 1), refused(pallet_delivery::Error::NotSoShort));
		assert_ok!(trade(Charlie, Dave, contract, 10, sold));
		assert_ok!(cover(Dave, contract, 10));
		// What is sold cannot be sold again.
		assert_eq!(cover(Dave, contract, 1), refused(pallet_delivery::Error::NotSoShort));
		let first = pallet_market::Contracts::<Runtime>::get(contract).expect("it is listed").terms.delivery.first;
		let sellable =
			|| <Compute as CapacityLedger<AccountId>>::sellable(&Dave.to_account_id(), CLASS, &Grade::LOWEST, first);
		assert_eq!(sellable(), Capacity::ZERO);
		day(bought);
		// It buys from Charlie, who found its hours elsewhere.
		assert_ok!(trade(Dave, Charlie, contract, 10, bought));
		assert_ok!(send(Dave, uncover(10)));
		assert_eq!(send(Dave, uncover(1)), refused(pallet_delivery::Error::NotCovered));
		assert_eq!(sellable(), Capacity(10 * LOT_DAY));
		let fees = sum([fee(HOURS, 10, sold), fee(HOURS, 10, bought)]);
		let rise = value(10, Price(bought.0 - sold.0));
		settle();
		assert_eq!(cash(Dave), sum([CASH, less(fees), less(rise)]));
		assert_eq!(cash(Charlie), sum([CASH, less(fees), rise]));
		// Nobody holds it: there is nothing to deliver.
		expire(contract, bought);
		until(|| pallet_market::Contracts::<Runtime>::get(contract).is_none());
		assert!(Deliveries::<Runtime>::get(contract).is_none());
		assert_sound(issued);
	})
}

#[test]
fn two_parties_exchange_for_physical_off_the_book() {
	exchange(|| {
		let (sold, last) = (cents(250), cents(270));
		market(sold);
		let issued = issuance();
		let contract = list_physical(sold);
		assert_ok!(trade(Charlie, Dave, contract, 6, sold));
		day(last);
		// Dave signs that it buys back, Charlie takes that up: both get out at the mark, whatever the limit says.
		let order = offer(Dave, SubAccount(0), Side::Buy, contract, 6, cents(400));
		let exchange = |lots| pallet_market::Call::exchange_for_physical {
			order: order.clone(),
			sub: SubAccount(0),
			lots: Lots(lots),
			max_fee: dollars(1_000),
		};
		assert_ok!(send(Charlie, exchange(6)));
		settle();
		let fees = sum([fee(HOURS, 6, sold), fee(HOURS, 6, last)]);
		let rise = value(6, Price(last.0 - sold.0));
		assert_eq!((lots(Charlie, contract), lots(Dave, contract)), (0, 0));
		assert_eq!(cash(Dave), sum([CASH, less(fees), less(rise)]));
		assert_eq!(cash(Charlie), sum([CASH, less(fees), rise]));
		// Who holds nothing exchanges nothing.
		let again = offer(Dave, SubAccount(0), Side::Buy, contract, 1, cents(400));
		let call = pallet_market::Call::exchange_for_physical {
			order: again,
			sub: SubAccount(0),
			lots: Lots(1),
			max_fee: dollars(1_000),
		};
		assert_eq!(send(Charlie, call), not_traded(pallet_market::Error::ContractReduceOnly));
		assert_sound(issued);
	})
}
