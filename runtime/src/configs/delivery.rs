//! Delivery: what time is given for what.

#[cfg(feature = "runtime-benchmarks")]
use crate::RuntimeOrigin;
use crate::{
	configs::{system::MAXIMUM_BLOCK_WEIGHT, Governance},
	units::DAY_MILLISECONDS,
	Attestation, Balances, Clearing, Compute, Index, Market, Runtime, Signature, Timestamp,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::Weight,
};
#[cfg(feature = "runtime-benchmarks")]
use gcx_primitives::{
	AccountKey, Cash, ClassId, ContractTerms, Day, DeliveryDays, DeliveryRamp, Grade, InstrumentId, Instruments, Lots,
	Party, Price, ReferenceVersion, ResourceId, SettlementKind, SubAccount, Trade, TradeBatch,
};
use sp_runtime::Perbill;

parameter_types! {
	/// What a block spends on deliveries at most.
	pub BlockWeight: Weight = Perbill::from_percent(3) * MAXIMUM_BLOCK_WEIGHT;
}

impl pallet_delivery::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type BlockWeight = BlockWeight;
	type Burn = crate::Token;
	type Challenge = Attestation;
	type Clearing = Clearing;
	type Clock = Timestamp;
	type Contracts = Market;
	type DayLength = ConstU64<DAY_MILLISECONDS>;
	type GovernanceOrigin = Governance;
	type Index = Index;
	type Ledger = Compute;
	type MatchingPeriod = ConstU64<{ DAY_MILLISECONDS / 4 }>;
	/// As long as for clearing.
	type MaxBlockTime = ConstU64<{ super::clearing::MAX_BLOCK_TIME }>;
	type MaxDeliveries = ConstU32<{ pallet_clearing::MAX_INSTRUMENTS }>;
	type NativeBalance = Balances;
	type NominationPeriod = ConstU64<DAY_MILLISECONDS>;
	type Pins = Compute;
	/// The output of the block before: its author alone could know it, a block ahead.
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type Resources = Compute;
	type Stakes = Compute;
	type SubmitPeriod = ConstU64<{ DAY_MILLISECONDS / 4 }>;
	type VoucherSignature = Signature;
	type WeightInfo = crate::weights::pallet_delivery::WeightInfo<Runtime>;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_delivery::BenchmarkHelper<crate::AccountId, Signature> for Runtime {
	/// Prices are as fresh as before.
	fn set_time(time: u64) {
		pallet_timestamp::Now::<Self>::put(time);
		for class in pallet_index::Latest::<Self>::iter_keys().collect::<alloc::vec::Vec<_>>() {
			pallet_index::Latest::<Self>::mutate_extant(class, |(fix, _)| fix.time = time);
		}
		for instrument in pallet_clearing::Listed::<Self>::get() {
			pallet_clearing::Instruments::<Self>::mutate(instrument, |record| {
				record.as_mut().expect("it is listed").settlement.time = time;
			});
			let anyone = RuntimeOrigin::signed(frame_benchmarking::account("anyone", 0, 0));
			frame_support::assert_ok!(Clearing::refresh_mark(anyone, instrument));
		}
	}

	fn contract(days: DeliveryDays, expires: u64) -> InstrumentId {
		let (instrument, price) = crate::benchmarks::instrument();
		crate::benchmarks::compute_class(instrument.class);
		let now = pallet_timestamp::Now::<Self>::get();
		// As it would be if it had been listed long ago.
		let later = now + 100 * DAY_MILLISECONDS;
		let first = Day(u32::try_from(later / DAY_MILLISECONDS).expect("days are few") + 10);
		let terms = ContractTerms {
			instrument,
			settlement: SettlementKind::Physical { floor: Grade::LOWEST, version: ReferenceVersion(1) },
			delivery: DeliveryDays { first, last: first },
			opens: now,
			reduce_only_from: later,
			expires: later,
		};
		let id = pallet_market::NextInstrument::<Self>::get();
		frame_support::assert_ok!(Market::list(RuntimeOrigin::root(), terms, price));
		pallet_market::Contracts::<Self>::mutate_extant(id, |contract| {
			let terms = &mut contract.terms;
			(terms.delivery, terms.reduce_only_from, terms.expires) = (days, expires, expires);
		});
		let ramp = DeliveryRamp { from: now, until: expires, days: days.count() };
		frame_support::assert_ok!(<Clearing as Instruments>::deliver(id, ramp));
		id
	}

	fn trader(index: u32) -> AccountKey<crate::AccountId> {
		let owner = frame_benchmarking::account("trader", index, 0);
		let guarantor = frame_benchmarking::account("guarantor", index, 0);
		let owner = crate::benchmarks::trader_of(owner, &guarantor);
		AccountKey { owner, sub: SubAccount(0) }
	}

	fn hold(
		buyer: &AccountKey<crate::AccountId>,
		seller: &AccountKey<crate::AccountId>,
		instrument: InstrumentId,
		lots: Lots,
	) {
		let price = Clearing::mark(instrument).expect("its class has a fix");
		let party = |account: &AccountKey<_>| Party { account: account.clone(), fee: Cash::ZERO, reduce_only: false };
		let (buyer, seller) = (party(buyer), party(seller));
		let mut batch = <pallet_clearing::Books<Self> as TradeBatch<_>>::open();
		let trade = Trade { instrument, lots, price, reduce_only: false, buyer, seller };
		batch.trade(&trade).expect("both can afford it");
		frame_support::assert_ok!(batch.commit());
	}

	fn resource(seller: &AccountKey<crate::AccountId>, _: InstrumentId) -> ResourceId {
		crate::benchmarks::resource(&seller.owner)
	}

	fn taken_over(key: &AccountKey<crate::AccountId>) {
		pallet_clearing::Accounts::<Self>::mutate(&key.owner, key.sub, |account| {
			account.as_mut().expect("it is open").deliveries += 1;
		});
	}

	fn fix(class: ClassId, day: Day, price: Price) {
		super::clearing::price_class(<Self as pallet_insurance::Config>::BondClass::get());
		crate::benchmarks::fill_series_until(class, day, price);
	}

	fn signer() -> crate::AccountId {
		pallet_delivery::sr25519_signer().into()
	}

	fn sign(signer: &crate::AccountId, payload: &[u8]) -> Signature {
		let signer = sp_core::sr25519::Public::from_raw(*AsRef::<[u8; 32]>::as_ref(signer));
		pallet_delivery::sr25519_sign(&signer, payload).into()
	}
}
