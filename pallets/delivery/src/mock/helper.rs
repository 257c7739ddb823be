//! What benchmarks need of the other pallets.

use super::{
	set_time, terms, AccountId, Balances, Capacity, Clearing, Compute, Contracts, Fixes, Key, Margins, Providers,
	CLASS, HERE, HOUSE, HOUSE_2, LEAST, LOT_DAY, STAKE,
};
use frame_support::traits::fungible::Mutate;
use gcx_primitives::{
	AccountKey, ClassId, ContractTerms, Day, DeliveryDays, InstrumentId, Lots, Price, ResourceId, SubAccount,
};
use sp_core::sr25519;
use sp_runtime::MultiSignature;

/// Sets benchmarks up.
pub struct Helper;

impl crate::BenchmarkHelper<AccountId, MultiSignature> for Helper {
	fn set_time(time: u64) {
		set_time(time);
	}

	fn contract(delivery: DeliveryDays, expires: u64) -> InstrumentId {
		let instrument = InstrumentId(1_000);
		let opens = expires.saturating_sub(1);
		let terms = ContractTerms { delivery, opens, reduce_only_from: expires, expires, ..terms() };
		Contracts::mutate(|contracts| contracts.insert(instrument, terms));
		instrument
	}

	fn trader(index: u32) -> Key {
		let owner = AccountId::new([150 + u8::try_from(index).expect("few"); 32]);
		let key = AccountKey { owner, sub: SubAccount(0) };
		Clearing::open(&key, if index == 0 { HOUSE } else { HOUSE_2 });
		key
	}

	fn hold(buyer: &Key, seller: &Key, instrument: InstrumentId, lots: Lots) {
		Clearing::hold(buyer, instrument, lots.0);
		Clearing::hold(seller, instrument, -lots.0);
	}

	fn resource(seller: &Key, _: InstrumentId) -> ResourceId {
		Providers::append(seller.owner.clone());
		Balances::set_balance(&seller.owner, STAKE + LEAST);
		let resource = Compute::add(9, seller.owner.clone(), HERE, 10);
		Compute::change(resource, |machine| machine.per_day = Capacity(10 * LOT_DAY));
		resource
	}

	fn taken_over(key: &Key) {
		Margins::mutate(|margins| margins.get_mut(key).expect("the account is open").deliveries += 1);
	}

	fn fix(class: ClassId, day: Day, price: Price) {
		assert_eq!(class, CLASS);
		Fixes::mutate(|fixes| fixes.insert(day, price));
	}

	fn signer() -> AccountId {
		crate::sr25519_signer().into()
	}

	fn sign(signer: &AccountId, payload: &[u8]) -> MultiSignature {
		crate::sr25519_sign(&sr25519::Public::from_raw(*signer.as_ref()), payload).into()
	}
}
