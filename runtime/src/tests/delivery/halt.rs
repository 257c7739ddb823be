//! A contract that expires while the chain stands still.

use super::*;

#[test]
fn expiry_during_a_halt_is_delivered_if_there_is_time_left_and_ends_in_cash_if_not() {
	for (halt, is_delivered) in [(DAY_MILLISECONDS / 4, true), (u64::from(NOTICE + 1) * DAY_MILLISECONDS, false)] {
		exchange(|| {
			let price = cents(250);
			market(price);
			let issued = issuance();
			let contract = list_physical(price);
			assert_ok!(trade(Charlie, Dave, contract, 3, price));
			let expires = pallet_market::Contracts::<Runtime>::get(contract).expect("it is listed").terms.expires;
			while now() + DAY_MILLISECONDS < expires {
				day(price);
			}
			// No block is made for so long; nobody fixes a price meanwhile.
			block_after(expires - now() + halt);
			if !is_delivered {
				// All prices grew too old: two runs with fresh ones, and there is a mark again.
				day(price);
				day(price);
			}
			until(|| {
				let contract = pallet_market::Contracts::<Runtime>::get(contract);
				contract.is_none_or(|contract| matches!(contract.final_price, gcx_primitives::FinalPrice::Known(_)))
			});
			settle();
			for _ in 0..40 {
				block();
			}
			assert_eq!(Deliveries::<Runtime>::contains_key(contract), is_delivered, "{halt}");
			let paid = fee(HOURS, 3, price);
			let escrowed = if is_delivered { value(3, price) } else { Cash::ZERO };
			assert_eq!(cash(Charlie), sum([CASH, less(paid), less(escrowed)]));
			assert_eq!(lots(Charlie, contract), 0);
			assert_sound(issued);
		})
	}
}
