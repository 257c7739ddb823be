//! The market: how long orders live, what venues and proposals put up.

use crate::{
	configs::Governance,
	units::{DAYS, DAY_MILLISECONDS, GCX},
	Balances, Clearing, Compute, Index, Runtime, RuntimeHoldReason, Signature, Timestamp,
};
use frame_support::traits::{ConstU128, ConstU32, ConstU64};

impl pallet_market::Config for Runtime {
	type Batch = pallet_clearing::Books<Self>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type Clock = Timestamp;
	type DayLength = ConstU64<DAY_MILLISECONDS>;
	/// Time for nominations, and for compute to be made ready.
	type DeliveryNotice = ConstU64<{ 3 * DAY_MILLISECONDS }>;
	/// A fifth of what delivery needs a day.
	type DeliveryRampLength = ConstU64<{ 5 * DAY_MILLISECONDS }>;
	type Fees = pallet_token::FeeDesk<Self>;
	type GovernanceOrigin = Governance;
	type Index = Index;
	type Instruments = Clearing;
	type MaxContracts = ConstU32<{ pallet_clearing::MAX_INSTRUMENTS }>;
	/// The dearest fills, of accounts full of positions whose levels are all written anew, are a quarter of what transactions have
	/// of a block.
	type MaxFillsPerBatch = ConstU32<25>;
	/// A third of a month.
	type MaxExtension = ConstU32<10>;
	/// Two years.
	type MaxListingHorizon = ConstU64<{ 730 * DAY_MILLISECONDS }>;
	/// A week.
	type MaxOrderLifetime = ConstU32<{ 7 * DAYS }>;
	type MaxOrdersPerBatch = ConstU32<50>;
	type MaxVenues = ConstU32<100>;
	type MaxProposals = ConstU32<32>;
	type MinVenueBond = ConstU128<{ 10_000 * GCX }>;
	type NativeBalance = Balances;
	type OrderSignature = Signature;
	/// Given back whatever becomes of it.
	type ProposalDeposit = ConstU128<{ 100 * GCX }>;
	type References = Compute;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Seats = crate::Token;
	/// As many as a block full of fills can bring.
	type SweepPerBlock = ConstU32<200>;
	type VenueUnbonding = ConstU32<{ 7 * DAYS }>;
	type WeightInfo = crate::weights::pallet_market::WeightInfo<Runtime>;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_market::BenchmarkHelper<crate::AccountId, Signature> for Runtime {
	fn set_time(time: u64) {
		pallet_timestamp::Now::<Self>::put(time);
	}

	fn instrument() -> (gcx_primitives::InstrumentTerms, gcx_primitives::Price) {
		let (terms, price) = crate::benchmarks::instrument();
		crate::benchmarks::compute_class(terms.class);
		(terms, price)
	}

	fn listed(instrument: gcx_primitives::InstrumentId) {
		frame_support::assert_ok!(Clearing::refresh_mark(
			crate::RuntimeOrigin::signed(super::clearing::PoolAccount::get()),
			instrument
		));
	}

	fn seat(who: &crate::AccountId) {
		let seat = pallet_token::Seat { id: pallet_token::SeatId(0), stake: 0 };
		pallet_token::Seats::<Self>::insert(who, seat);
	}

	fn trader(index: u32) -> crate::AccountId {
		crate::benchmarks::trader(pallet_market::sr25519_signer(index).into())
	}

	fn sign(trader: &crate::AccountId, payload: &[u8]) -> Signature {
		let signer = sp_core::sr25519::Public::from_raw(*AsRef::<[u8; 32]>::as_ref(trader));
		pallet_market::sr25519_sign(&signer, payload).into()
	}
}
