#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod accounts;
mod advances;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod books;
mod collateral;
mod custody;
mod instrument;
mod instruments;
mod margin;
#[cfg(test)]
mod mock;
mod porting;
mod settlement;
mod sweep;
#[cfg(test)]
mod tests;
mod trades;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{end_run, fill_but_one, BenchmarkHelper};
pub use books::Books;
pub use instrument::{Instrument, Market, PriceBand, Settlement, Traded, OPEN_INTEREST_DAYS};
pub use pallet::*;
pub use types::{
	AccountEgress, AccountState, ClassRisk, ClearingParameters, CollateralFigures, CollateralLine, CollateralTerms,
	Egress, Ledger, MarginAccount, MarginCall, Owner, Position, SegmentPosition, Settlements, Unpaid, MAX_COLLATERALS,
	MAX_INSTRUMENTS, MAX_POSITIONS,
};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{MarginAccountOf, SegmentOf, MAX_INSTRUMENTS},
		ClassRisk, ClearingParameters, CollateralFigures, CollateralTerms, Egress, Instrument, Ledger, MarginCall,
		Owner, SegmentPosition, Settlements, WeightInfo,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, fungibles, Time},
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{
		Cash, ClassId, CollateralId, Guarantors, Houses, InstrumentId, InstrumentTerms, Lots, Ppm, Price, PriceIndex,
		RunId, SegmentSide, SubAccount,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The settlement asset: all cash is of it.
		type SettlementAsset: fungible::Inspect<Self::AccountId, Balance = u128> + fungible::Mutate<Self::AccountId>;

		/// Who stands behind whom.
		type Guarantors: Guarantors<Self::AccountId> + Houses<Self::AccountId>;

		/// How assets of collateral are named.
		type CollateralAssetId: Parameter + MaxEncodedLen + MaybeSerializeDeserialize;

		/// The settlement asset among them. It is cash, and never collateral.
		type SettlementAssetId: Get<Self::CollateralAssetId>;

		/// The assets that governance may admit as collateral.
		type CollateralAssets: fungibles::Inspect<Self::AccountId, AssetId = Self::CollateralAssetId, Balance = u128>
			+ fungibles::Mutate<Self::AccountId>;

		/// Milliseconds between a decision on collateral and the time that it can be in force.
		#[pallet::constant]
		type CollateralDelay: Get<u64>;

		/// Prices of compute, and of collateral.
		type Index: PriceIndex;

		/// Who changes parameters, raises scan fractions and ends quarantines.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Where the fees of trading go.
		type FeeDestination: Get<Self::AccountId>;

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

		/// The least that the positions of an account require once it opens one, in the smallest unit of the settlement asset:
		/// no dust.
		#[pallet::constant]
		type MinRequirement: Get<u128>;

		/// Blocks between two settlement runs.
		#[pallet::constant]
		type SettlementPeriod: Get<BlockNumberFor<Self>>;

		/// What settlement may weigh in a block.
		#[pallet::constant]
		type RunWeight: Get<Weight>;

		/// Instruments whose marks are looked at in a block.
		#[pallet::constant]
		type InstrumentsPerBlock: Get<u32>;

		/// Accounts that are checked in a block.
		#[pallet::constant]
		type AccountsPerBlock: Get<u32>;

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
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId, Self::CollateralAssetId>;
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The margin accounts by owner and sub-account. A guarantor's own is its house account.
	#[pallet::storage]
	pub type Accounts<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, SubAccount, MarginAccountOf<T>, OptionQuery>;

	/// What all accounts of an owner come to; none is not stored.
	#[pallet::storage]
	pub type Owners<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Owner, OptionQuery>;

	/// The segments' books. Their number is what a settlement run costs.
	#[pallet::storage]
	pub type Ledgers<T: Config> = CountedStorageMap<_, Blake2_128Concat, SegmentOf<T>, Ledger, OptionQuery>;

	/// What each segment holds of an instrument in sum.
	#[pallet::storage]
	pub type SegmentPositions<T: Config> =
		StorageDoubleMap<_, Twox64Concat, InstrumentId, Blake2_128Concat, SegmentOf<T>, SegmentPosition, OptionQuery>;

	/// The instruments.
	#[pallet::storage]
	pub type Instruments<T: Config> = StorageMap<_, Twox64Concat, InstrumentId, Instrument, OptionQuery>;

	/// Their ids, the smallest first.
	#[pallet::storage]
	pub type Listed<T: Config> = StorageValue<_, BoundedVec<InstrumentId, ConstU32<MAX_INSTRUMENTS>>, ValueQuery>;

	/// The scan fractions of the classes that have, or had, an instrument.
	#[pallet::storage]
	pub type ClassRisks<T: Config> = StorageMap<_, Twox64Concat, ClassId, ClassRisk, ValueQuery>;

	/// How far settlement has come.
	#[pallet::storage]
	pub type Settled<T: Config> = StorageValue<_, Settlements<BlockNumberFor<T>>, ValueQuery>;

	/// What governs clearing.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ClearingParameters, ValueQuery>;

	/// What will govern it when the next settlement run begins.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, ClearingParameters, OptionQuery>;

	/// The assets of collateral.
	#[pallet::storage]
	pub type Collaterals<T: Config> =
		StorageMap<_, Twox64Concat, CollateralId, CollateralTerms<T::CollateralAssetId>, OptionQuery>;

	/// What each segment's custody account holds of an asset of collateral, in the asset's smallest unit.
	#[pallet::storage]
	pub type SegmentCollateral<T: Config> =
		StorageDoubleMap<_, Twox64Concat, CollateralId, Blake2_128Concat, SegmentOf<T>, u128, OptionQuery>;

	/// The guarantors that owe the exchange money.
	#[pallet::storage]
	pub type MarginCalls<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, MarginCall, OptionQuery>;

	/// The instrument whose mark was looked at last.
	#[pallet::storage]
	pub type MarksCursor<T: Config> = StorageValue<_, InstrumentId, OptionQuery>;

	/// The storage key of the account that was checked last.
	#[pallet::storage]
	pub type AccountsCursor<T: Config> = StorageValue<_, BoundedVec<u8, ConstU32<128>>, OptionQuery>;

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
		/// Governance admits an asset as collateral, or changes what it counts for: from the first settlement run that begins
		/// then, in milliseconds since the Unix epoch.
		CollateralApproved {
			collateral: CollateralId,
			asset: T::CollateralAssetId,
			figures: CollateralFigures,
			from: u64,
		},
		/// What an asset of collateral counts for from now.
		CollateralInForce { collateral: CollateralId, figures: CollateralFigures },
		/// Collateral came in; `held` is what the account has of it now.
		CollateralDeposited { owner: T::AccountId, sub: SubAccount, collateral: CollateralId, amount: u128, held: u128 },
		/// Collateral left; `held` is what the account has of it now.
		CollateralWithdrawn { owner: T::AccountId, sub: SubAccount, collateral: CollateralId, amount: u128, held: u128 },
		/// A settlement run moved an account's cash: its positions gained, or lost, so much since it was last rolled.
		VariationMargin { owner: T::AccountId, sub: SubAccount, run: RunId, amount: Cash, cash: Cash },
		/// A customer's account is in another guarantor's custody now, with all its positions.
		Ported { owner: T::AccountId, sub: SubAccount, from: T::AccountId, to: T::AccountId, cash: Cash },
		/// A house advanced `amount` of the `needed` that its customers' accounts owe.
		Advanced { guarantor: T::AccountId, amount: Cash, needed: Cash },
		/// A house got back what it had advanced.
		AdvanceRepaid { guarantor: T::AccountId, amount: Cash },
		/// A guarantor's house lacks so much. It may only reduce, and its house funds stay, until it has paid in.
		MarginCalled { guarantor: T::AccountId, needed: Cash, deadline: u64 },
		/// A guarantor's house lacks nothing any more.
		MarginCallMet { guarantor: T::AccountId },
		/// The deadline of a margin call went by.
		MarginCallMissed { guarantor: T::AccountId, needed: Cash },
		/// An instrument can be held from now on. `settlement` is its first settlement price.
		InstrumentListed { instrument: InstrumentId, terms: InstrumentTerms, settlement: Price },
		/// Nobody holds the instrument, and nobody can any more.
		InstrumentDelisted { instrument: InstrumentId },
		/// An instrument has another mark, or none.
		MarkChanged { instrument: InstrumentId, mark: Option<Price> },
		/// A settlement run begins: prices are staged.
		RunBegun { run: RunId },
		/// An instrument's settlement price was staged. Without a mark it stays as it was.
		Priced { instrument: InstrumentId, run: RunId, before: Price, price: Price, has_mark: bool, fraction: Ppm },
		/// What a segment had to receive in a run, or to pay if negative; what moved; what is still owed; its custody now.
		SegmentSettled { guarantor: T::AccountId, side: SegmentSide, due: Cash, moved: Cash, owed: Cash, custody: Cash },
		/// A segment's fees were collected.
		FeesCollected { guarantor: T::AccountId, side: SegmentSide, amount: Cash },
		/// The staged prices are in force; so much was collected and paid.
		RunSettled { run: RunId, collected: Cash },
		/// An instrument's lots or gains do not cancel out. Nobody trades it and no run settles it.
		Quarantined { instrument: InstrumentId, long: Lots, short: Lots, segments: i128, moved: Cash },
		/// An instrument is sound again.
		Released { instrument: InstrumentId },
		/// Governance raised a class's scan fraction.
		FractionRaised { class: ClassId, before: Ppm, fraction: Ppm },
		/// These parameters will be in force when the next settlement run begins.
		ParametersApproved { parameters: ClearingParameters },
		/// The parameters in force from now.
		ParametersChanged { parameters: ClearingParameters },
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
		/// The account still has cash, owes some, or has positions.
		AccountNotEmpty,
		/// That much is needed for margin, unrealised losses, or was not yet paid by a settlement run.
		MarginNeeded,
		/// An instrument of the account has no mark: nobody knows what it needs.
		NoMark,
		/// The segment's custody does not have that much yet: others owe it to the segment.
		CustodyTooSmall,
		/// The last settlement run did not pay the segment, or was not paid by it, in full.
		SettlementUnpaid,
		/// Prices are being staged; it will be over in a few blocks.
		RunInProgress,
		/// The next settlement run is not due.
		RunNotDue,
		/// An account of the customer owes cash.
		OwesCash,
		/// The asset is no collateral, or not yet.
		UnknownCollateral,
		/// Unit, haircut or caps are out of bounds, there is no such asset, it has another number, or it is the settlement asset.
		InvalidCollateral,
		/// There are as many assets of collateral as there can be.
		TooManyCollaterals,
		/// The account, or all accounts together, would have more of the asset than is taken.
		CollateralCap,
		/// The account has less of the asset than that.
		InsufficientCollateral,
		/// So little of the asset cannot be held.
		TooLittleCollateral,
		/// There is no such instrument.
		UnknownInstrument,
		/// There is such an instrument already.
		AlreadyListed,
		/// The instrument's terms or its first settlement price are out of bounds.
		InvalidTerms,
		/// The class has no price index, or no instrument.
		UnknownClass,
		/// There are as many instruments as there can be.
		TooManyInstruments,
		/// Somebody holds the instrument.
		InstrumentHeld,
		/// The instrument is not quarantined.
		NotQuarantined,
		/// The instrument's lots do not cancel out.
		Unbalanced,
		/// A scan fraction can be raised at once, up to tenfold, and comes down by itself.
		FractionNotRaised,
		/// The parameters are out of the exchange's bounds.
		InvalidParameters,
		/// The segment has no custody account, or that holds nothing beyond its ledger.
		NothingToSweep,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The parameters from the start.
		pub parameters: ClearingParameters,
		/// The assets of collateral from the start.
		pub collaterals: alloc::vec::Vec<(CollateralId, T::CollateralAssetId, CollateralFigures)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.parameters.is_valid(), "the parameters are out of the exchange's bounds");
			Parameters::<T>::put(self.parameters);
			for (id, asset, figures) in &self.collaterals {
				assert!(figures.is_valid(), "collateral {} is out of the exchange's bounds", id.0);
				assert!(*asset != T::SettlementAssetId::get(), "the settlement asset is no collateral");
				let terms = CollateralTerms {
					asset: asset.clone(),
					in_force: Some(*figures),
					pending: None,
					held: 0,
					egress: Default::default(),
				};
				Collaterals::<T>::insert(id, terms);
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Settlement first, as far as its weight goes; then marks; then the sweep.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			let settling = Self::run_within(T::RunWeight::get());
			let marks = Self::refresh_next(T::InstrumentsPerBlock::get());
			let checks = Self::check_next(T::AccountsPerBlock::get());
			settling
				.saturating_add(T::WeightInfo::refresh().saturating_mul(marks.into()))
				.saturating_add(T::WeightInfo::check().saturating_mul(checks.into()))
		}

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
		/// [`Error::SettlementUnpaid`], [`Error::NoMark`], [`Error::MarginNeeded`], [`Error::HouseFundsLocked`],
		/// [`Error::EgressFuseBlown`], [`Error::CustodyTooSmall`], or the asset's error if so little is withdrawn that the
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

		/// Takes the next step of the settlement run, for whoever does not want to wait for the next block. Free of charge if there
		/// was one.
		///
		/// # Errors
		/// [`Error::RunNotDue`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::step_weight())]
		pub fn advance_settlement(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			ensure!(Self::advance_run()?, Error::<T>::RunNotDue);
			Ok(Pays::No.into())
		}

		/// Looks at the market for an instrument's mark, for whoever does not want to wait for its turn.
		///
		/// # Errors
		/// [`Error::UnknownInstrument`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::refresh())]
		pub fn refresh_mark(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::refresh(instrument)
		}

		/// Rolls an account, lets its guarantor's house advance what it owes, and calls the guarantor if it cannot; of a house
		/// account, and of every one whose guarantor was called, looks whether a margin call is due, met or missed. Anyone
		/// may.
		///
		/// # Errors
		/// [`Error::UnknownAccount`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::check())]
		pub fn check_account(origin: OriginFor<T>, owner: T::AccountId, sub: SubAccount) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_check(owner, sub)
		}

		/// Governance changes what governs clearing, from the next settlement run on.
		///
		/// # Errors
		/// [`Error::InvalidParameters`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ClearingParameters) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			ensure!(parameters.is_valid(), Error::<T>::InvalidParameters);
			PendingParameters::<T>::put(parameters);
			Self::deposit_event(Event::ParametersApproved { parameters });
			Ok(())
		}

		/// Governance raises a class's scan fraction at once. It comes down by itself, a little a day.
		///
		/// # Errors
		/// [`Error::UnknownClass`], [`Error::FractionNotRaised`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::raise_fraction())]
		pub fn raise_fraction(origin: OriginFor<T>, class_id: ClassId, fraction: Ppm) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_raise_fraction(class_id, fraction)
		}

		/// Governance ends the quarantine of an instrument whose lots cancel out again.
		///
		/// # Errors
		/// [`Error::UnknownInstrument`], [`Error::NotQuarantined`], [`Error::Unbalanced`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::release())]
		pub fn release(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_release(instrument)
		}

		/// Governance admits an asset as collateral, or changes what it counts for: from the first settlement run that begins after
		/// `CollateralDelay`. What accounts have beyond a lower cap may stay.
		///
		/// # Errors
		/// [`Error::InvalidCollateral`], [`Error::UnknownClass`], [`Error::TooManyCollaterals`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::admit_collateral())]
		pub fn admit_collateral(
			origin: OriginFor<T>,
			collateral: CollateralId,
			asset: T::CollateralAssetId,
			figures: CollateralFigures,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_admit_collateral(collateral, asset, figures)
		}

		/// Moves an amount of collateral from the caller to its margin account.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::UnknownCollateral`], [`Error::UnknownAccount`], [`Error::CollateralCap`],
		/// [`Error::TooLittleCollateral`], or the asset's error if the balance does not suffice.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::deposit_collateral())]
		pub fn deposit_collateral(
			origin: OriginFor<T>,
			sub: SubAccount,
			collateral: CollateralId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			Self::do_deposit_collateral(ensure_signed(origin)?, sub, collateral, amount)
		}

		/// Moves an amount of collateral from the caller's margin account to the caller.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::UnknownCollateral`], [`Error::UnknownAccount`],
		/// [`Error::InsufficientCollateral`], [`Error::TooLittleCollateral`], [`Error::EgressFuseBlown`], [`Error::NoMark`],
		/// [`Error::MarginNeeded`], [`Error::HouseFundsLocked`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::withdraw_collateral())]
		pub fn withdraw_collateral(
			origin: OriginFor<T>,
			sub: SubAccount,
			collateral: CollateralId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			Self::do_withdraw_collateral(ensure_signed(origin)?, sub, collateral, amount)
		}
	}
}
