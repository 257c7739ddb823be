#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod accounts;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod custody;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::{AccountEgress, Egress, MarginAccount};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{MarginAccountOf, SegmentOf},
		Egress, WeightInfo,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Time},
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{Cash, Guarantors, Houses, Ppm, SegmentSide, SubAccount};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The settlement asset: all cash is of it.
		type SettlementAsset: fungible::Inspect<Self::AccountId, Balance = u128> + fungible::Mutate<Self::AccountId>;

		/// Who stands behind whom.
		type Guarantors: Guarantors<Self::AccountId> + Houses<Self::AccountId>;

		/// The clock that hours are counted by, in milliseconds since the Unix epoch.
		type Clock: Time<Moment = u64>;

		/// Where surplus of custody accounts goes: the insurance pool's account.
		type SurplusDestination: Get<Self::AccountId>;

		/// The smallest deposit that opens an account, in the smallest unit of the settlement asset: no dust.
		#[pallet::constant]
		type MinOpening: Get<u128>;

		/// Sub-accounts that one owner can have.
		#[pallet::constant]
		type MaxSubAccounts: Get<u8>;

		/// The egress fuse: the share of all custody that may leave in an hour. A constant: no key lifts it.
		#[pallet::constant]
		type EgressLimit: Get<Ppm>;

		/// The part of that limit that is reserved: each account can always withdraw this share of what it had when the hour
		/// began. At most the limit.
		#[pallet::constant]
		type EgressReserved: Get<Ppm>;

		/// What each account can always withdraw in an hour, if its reserved share is less, in the smallest unit of the
		/// settlement asset.
		#[pallet::constant]
		type EgressFloor: Get<u128>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// Sets benchmarks up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The margin accounts by owner and sub-account. A guarantor's own is its house account.
	#[pallet::storage]
	pub type Accounts<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, SubAccount, MarginAccountOf<T>, OptionQuery>;

	/// How many margin accounts an owner has; none is not stored.
	#[pallet::storage]
	pub type AccountCount<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// What each segment's custody account holds for its accounts, in the smallest unit of the settlement asset. The
	/// account's minimum balance and what was given to it unasked are not in it.
	#[pallet::storage]
	pub type Custody<T: Config> = StorageMap<_, Blake2_128Concat, SegmentOf<T>, Cash, OptionQuery>;

	/// What all custody accounts hold together.
	#[pallet::storage]
	pub type TotalCustody<T: Config> = StorageValue<_, Cash, ValueQuery>;

	/// What left in the last hour in which money moved.
	#[pallet::storage]
	pub type HourlyEgress<T: Config> = StorageValue<_, Egress, ValueQuery>;

	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A segment got its custody account; `payer` endowed it with its minimum balance, which is in nobody's ledger.
		CustodyOpened {
			guarantor: T::AccountId,
			side: SegmentSide,
			custody: T::AccountId,
			minimum: Cash,
			payer: T::AccountId,
		},
		/// A margin account was opened.
		Opened { owner: T::AccountId, sub: SubAccount, guarantor: T::AccountId, side: SegmentSide },
		/// Cash came in; `cash` is what the account has now.
		Deposited { owner: T::AccountId, sub: SubAccount, amount: Cash, cash: Cash },
		/// Cash left: `reserved` of it out of the account's reserve for the hour, `shared` out of what all share. `cash` is
		/// what the account has now, `shared_left` what all may still withdraw beyond their reserves in this hour.
		Withdrawn {
			owner: T::AccountId,
			sub: SubAccount,
			amount: Cash,
			cash: Cash,
			reserved: Cash,
			shared: Cash,
			shared_left: Cash,
		},
		/// A margin account was closed.
		Closed { owner: T::AccountId, sub: SubAccount },
		/// What a custody account held beyond its ledger went to the pool.
		SurplusSwept { guarantor: T::AccountId, side: SegmentSide, amount: Cash },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is no guarantor's customer and no guarantor.
		NoGuarantor,
		/// There is no such margin account.
		UnknownAccount,
		/// Sub-accounts are numbered from zero up to `MaxSubAccounts − 1`; a guarantor's house has number zero alone.
		SubAccountOutOfRange,
		/// The amount is zero.
		NothingToMove,
		/// The amount is larger than the exchange deals in.
		AmountTooLarge,
		/// An account is opened with at least `MinOpening`.
		BelowMinOpening,
		/// The account has less cash than that.
		InsufficientCash,
		/// The egress fuse: beyond the accounts' reserves, so much may not leave in this hour. Only time lifts it.
		EgressFuseBlown,
		/// The guarantor's house funds stay: it is not active, or it needs them for its customers.
		HouseFundsLocked,
		/// The account still has cash.
		AccountNotEmpty,
		/// The segment has no custody account, or that holds nothing beyond its ledger.
		NothingToSweep,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::EgressReserved::get() <= T::EgressLimit::get(), "accounts' reserves exceed the fuse");
			assert!(T::EgressLimit::get() <= Ppm::ONE, "more than everything cannot leave");
			assert!(T::MaxSubAccounts::get() > 0, "an owner needs an account");
			assert!(i128::try_from(T::MinOpening::get()).is_ok(), "the smallest deposit is an amount of cash");
			assert!(i128::try_from(T::EgressFloor::get()).is_ok(), "the floor is an amount of cash");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Moves `amount` of the settlement asset from the caller to its margin account, which it opens if there is none: under
		/// its guarantor, or in its own house if it is one. The first deposit of a segment also endows the custody account
		/// with its minimum balance.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::AmountTooLarge`], [`Error::NoGuarantor`], [`Error::SubAccountOutOfRange`],
		/// [`Error::BelowMinOpening`], or the asset's error if the balance does not suffice.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(origin: OriginFor<T>, sub: SubAccount, #[pallet::compact] amount: u128) -> DispatchResult {
			Self::do_deposit(ensure_signed(origin)?, sub, amount)
		}

		/// Moves `amount` from the caller's margin account to the caller.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::AmountTooLarge`], [`Error::UnknownAccount`], [`Error::InsufficientCash`],
		/// [`Error::HouseFundsLocked`], [`Error::EgressFuseBlown`], or the asset's error if so little is withdrawn that the
		/// caller's account cannot exist.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, sub: SubAccount, #[pallet::compact] amount: u128) -> DispatchResult {
			Self::do_withdraw(ensure_signed(origin)?, sub, amount)
		}

		/// Closes an empty margin account of the caller.
		///
		/// # Errors
		/// [`Error::UnknownAccount`], [`Error::AccountNotEmpty`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, sub: SubAccount) -> DispatchResult {
			Self::do_close(ensure_signed(origin)?, sub)
		}

		/// Sends what a segment's custody account holds beyond its ledger and its minimum balance to the pool. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToSweep`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::sweep_surplus())]
		pub fn sweep_surplus(origin: OriginFor<T>, guarantor: T::AccountId, side: SegmentSide) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_sweep_surplus(guarantor, side)
		}
	}
}
