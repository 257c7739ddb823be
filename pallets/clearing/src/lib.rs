#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod accounts;
mod advances;
mod auction;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod books;
mod collateral;
mod cover;
mod custody;
mod defaults;
mod delivery;
mod endings;
mod gains;
mod handover;
mod instrument;
mod instruments;
mod liquidation;
mod looks;
mod margin;
#[cfg(test)]
mod mock;
mod offer;
mod parameters;
mod porting;
mod settlement;
mod sweep;
#[cfg(test)]
mod tests;
mod trades;
mod triggers;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
mod waterfall;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{end_run, fill_but_one, BenchmarkHelper};
pub use books::Books;
pub use gcx_primitives::{DefaultStage as Stage, PoolUse, WaterfallLayer as Layer};
pub use instrument::{Assumptions, Ending, Instrument, Market, PriceBand, Settlement, Traded, OPEN_INTEREST_DAYS};
pub use liquidation::Pulse;
pub use pallet::*;
pub use parameters::{ClearingParameters, CoverParameters, DefaultParameters, LiquidationParameters};
pub use triggers::{Level, Placed, Rank};
pub use types::{
	AccountEgress, AccountState, ClassRisk, CollateralFigures, CollateralLine, CollateralTerms, Direction, Egress,
	Failure, GuarantorStress, Ledger, Levy, LevyPhase, MarginAccount, MarginCall, Need, Owner, Position,
	SegmentPosition, Settlements, Subject, Trigger, Triggers, Unpaid, MAX_COLLATERALS, MAX_INSTRUMENTS, MAX_POSITIONS,
	MAX_TRIGGERS,
};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{MarginAccountOf, SegmentOf, MAX_INSTRUMENTS},
		ClassRisk, ClearingParameters, CollateralFigures, CollateralTerms, Direction, Egress, Failure, GuarantorStress,
		Instrument, Layer, Ledger, Level, Levy, MarginCall, Need, Owner, Placed, PoolUse, Pulse, Rank, SegmentPosition,
		Settlements, Stage, Subject, WeightInfo,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, fungibles, Imbalance, Time},
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{
		AccountKey, Cash, ClassId, CollateralId, DeliverableCapacity, FeesCollected, Guarantors, Houses, InstrumentId,
		InstrumentTerms, InsurancePool, Lots, OnDeliverable, Ppm, Price, PriceIndex, Refusal, RunId, SegmentSide,
		SubAccount,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The settlement asset: all cash is of it.
		type SettlementAsset: fungible::Inspect<Self::AccountId, Balance = u128> + fungible::Mutate<Self::AccountId>;

		/// Who stands behind whom.
		type Guarantors: Guarantors<Self::AccountId, Balance = u128, Credit: Imbalance<u128>> + Houses<Self::AccountId>;

		/// The insurance pool.
		type Pool: InsurancePool<Self::AccountId, Credit = <Self::Guarantors as Guarantors<Self::AccountId>>::Credit>;

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

		/// Who takes positions over that are delivered, and knows what covers those that will be. Nothing is delivered of `()`.
		type Deliveries: OnDeliverable<Self::AccountId>;

		/// What can be delivered: limits come down to it as delivery nears.
		type Capacity: DeliverableCapacity;

		/// Who changes parameters, raises scan fractions and ends quarantines.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Where the fees of trading go.
		type FeeDestination: Get<Self::AccountId>;

		/// Who is told that they arrived there.
		type FeesCollected: FeesCollected<Self::AccountId>;

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

		/// The most accounts that the sweep looks at in a block, and a quarter of what is looked at of the watch list. One of
		/// each is, whatever the weight.
		#[pallet::constant]
		type AccountsPerBlock: Get<u32>;

		/// Accounts that a step of a haircut of gains goes through.
		#[pallet::constant]
		type AccountsPerStep: Get<u32>;

		/// What looking at accounts may weigh in a block.
		#[pallet::constant]
		type InspectionWeight: Get<Weight>;

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

	/// The trigger index: by subject and direction, in the order in which a price reaches them, the accounts that have to be
	/// looked at then. The keys are not hashed, so that they keep that order.
	#[pallet::storage]
	pub type Levels<T: Config> =
		StorageDoubleMap<_, Identity, (Subject, Direction), Identity, Placed<Level, T::AccountId>, (), OptionQuery>;

	/// The subjects whose price moved since the index was last looked through.
	#[pallet::storage]
	pub type Moved<T: Config> = StorageMap<_, Identity, Subject, (), OptionQuery>;

	/// The accounts that are looked at in turn whatever prices do, the largest requirement first.
	#[pallet::storage]
	pub type Watchlist<T: Config> = StorageMap<_, Identity, Placed<Rank, T::AccountId>, (), OptionQuery>;

	/// The storage key of the place on the watch list that was looked at last.
	#[pallet::storage]
	pub type WatchCursor<T: Config> = StorageValue<_, BoundedVec<u8, ConstU32<128>>, OptionQuery>;

	/// Owners whose concentration may have changed what their accounts require, and the account that is looked at next.
	#[pallet::storage]
	pub type OwnersToCheck<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, SubAccount, OptionQuery>;

	/// The accounts that are still to be looked at because an assumption of the trigger index failed: all up to this storage key.
	#[pallet::storage]
	pub type SweepUntil<T: Config> = StorageValue<_, BoundedVec<u8, ConstU32<128>>, OptionQuery>;

	/// Accounts that are for sale.
	#[pallet::storage]
	pub type Liquidations<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The guarantors in default, also those whose default is worked out until governance brings them back.
	#[pallet::storage]
	pub type Defaults<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Failure, OptionQuery>;

	/// The instruments that end, and the run after which they do.
	#[pallet::storage]
	pub type Endings<T: Config> =
		StorageValue<_, BoundedVec<(InstrumentId, RunId), ConstU32<MAX_INSTRUMENTS>>, ValueQuery>;

	/// A call for the gains of a settlement run.
	#[pallet::storage]
	pub type GainsCall<T: Config> = StorageValue<_, Levy<T::AccountId>, OptionQuery>;

	/// What each guarantor's customers and house would lack under stress, as their accounts were when they were last touched.
	#[pallet::storage]
	pub type Stresses<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, GuarantorStress, ValueQuery>;

	/// What each guarantor needs of the pool, as it was when it was last looked at.
	#[pallet::storage]
	pub type Needs<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Need, ValueQuery>;

	/// The guarantor that was looked at last.
	#[pallet::storage]
	pub type CoverCursor<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

	/// What the pool has to have: what the two guarantors lack that lack most.
	#[pallet::storage]
	pub type Requirement<T: Config> = StorageValue<_, Cash, ValueQuery>;

	/// When blocks came.
	#[pallet::storage]
	pub type Heartbeat<T: Config> = StorageValue<_, Pulse, ValueQuery>;

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
		/// An account's cash, after all that one step changed of it, whatever that was. Whoever follows these knows what every
		/// account has: the last one counts.
		CashChanged { owner: T::AccountId, sub: SubAccount, before: Cash, cash: Cash },
		/// What an account has of an asset of collateral, in the same way.
		CollateralChanged { owner: T::AccountId, sub: SubAccount, collateral: CollateralId, before: u128, held: u128 },
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
		/// An account is for sale: its equity at mark is less than maintenance margin, or it owes cash for too long.
		LiquidationBegun {
			owner: T::AccountId,
			sub: SubAccount,
			equity: Cash,
			maintenance: Cash,
			by: Option<T::AccountId>,
		},
		/// A margin account took lots (signed as the taker gets them) of an account that is for sale.
		Liquidated {
			owner: T::AccountId,
			sub: SubAccount,
			taker: T::AccountId,
			taker_sub: SubAccount,
			instrument: InstrumentId,
			lots: Lots,
			price: Price,
		},
		/// Lots that nobody took went to the guarantor's house.
		HandedOver {
			owner: T::AccountId,
			sub: SubAccount,
			guarantor: T::AccountId,
			instrument: InstrumentId,
			lots: Lots,
			price: Price,
		},
		/// What an account paid for being liquidated, and to whom.
		PenaltyPaid { owner: T::AccountId, sub: SubAccount, to_house: Cash, to_pool: Cash, to_caller: Cash },
		/// Collateral of an account that is for sale was sold for cash.
		CollateralSold {
			owner: T::AccountId,
			sub: SubAccount,
			to: T::AccountId,
			collateral: CollateralId,
			amount: u128,
			price: Cash,
		},
		/// A customer lost all its `own` and `loss` more. Its guarantor's house bears that.
		LossPassedOn { owner: T::AccountId, sub: SubAccount, guarantor: T::AccountId, own: Cash, loss: Cash },
		/// An account is not for sale any more: it has initial margin and owes no cash.
		Recovered { owner: T::AccountId, sub: SubAccount },
		/// The pool lent `amount` of the `needed` that a segment could not pay in a settlement run.
		Borrowed { guarantor: T::AccountId, side: SegmentSide, amount: Cash, needed: Cash },
		/// A segment gave back what the pool had lent.
		Repaid { guarantor: T::AccountId, side: SegmentSide, amount: Cash },
		/// A failed house owes to the pool, instead of to a segment `of` another guarantor that waits for it, what the pool had lent
		/// that segment.
		LoanTakenOver { guarantor: T::AccountId, of: T::AccountId, side: SegmentSide, amount: Cash },
		/// A guarantor failed. Its customers can move until then.
		Defaulted { guarantor: T::AccountId, house_funds: Cash, porting_until: u64 },
		/// A default goes on.
		DefaultAdvanced { guarantor: T::AccountId, stage: Stage },
		/// What a layer had, took of a loss and has left; what of the loss is not absorbed yet.
		LayerTaken { guarantor: T::AccountId, layer: Layer, had: Cash, took: Cash, left: Cash, unpaid: Cash },
		/// Nothing is owed and nothing is held any more: of the loss, the layers took all.
		DefaultSettled { guarantor: T::AccountId, loss: Cash, taken: Cash },
		/// Prices came back after layers had paid for a failed house: the pool got so much of it back, as income.
		ExcessReturned { guarantor: T::AccountId, amount: Cash },
		/// An account's gain of the next run is cut, for a failed house.
		GainCut { owner: T::AccountId, sub: SubAccount, gain: Cash, amount: Cash },
		/// The gains of a run came to `had`; the failed house of a guarantor got `took` of them.
		GainsTaken { guarantor: T::AccountId, run: RunId, had: Cash, took: Cash },
		/// An instrument ends with the next run: nobody wanted what a failed house holds of it.
		TornUp { instrument: InstrumentId, long: Lots, short: Lots },
		/// An instrument's positions ended at this settlement price.
		InstrumentEnded { instrument: InstrumentId, run: RunId, price: Price },
		/// A guarantor uses another part of the pool.
		PoolUseChanged { guarantor: T::AccountId, level: PoolUse, need: Cash },
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
		/// What a segment's accounts owed the pool for liquidations and deliveries was collected.
		PenaltiesCollected { guarantor: T::AccountId, side: SegmentSide, amount: Cash },
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
		/// A position left its account to be delivered, and took `amount` of its cash along, into its segment's escrow.
		Escrowed { owner: T::AccountId, sub: SubAccount, instrument: InstrumentId, lots: Lots, amount: Cash },
		/// An account put some of its cash into its segment's escrow.
		PutInEscrow { owner: T::AccountId, sub: SubAccount, amount: Cash, cash: Cash },
		/// A segment's escrow paid an account, of whatever segment.
		EscrowReleased {
			guarantor: T::AccountId,
			side: SegmentSide,
			owner: T::AccountId,
			sub: SubAccount,
			amount: Cash,
			cash: Cash,
		},
		/// Escrow of a segment became fees, which go to the pool.
		EscrowForfeited { guarantor: T::AccountId, side: SegmentSide, amount: Cash },
		/// An account was charged for what it did not deliver. It owes cash if it had less.
		DeliveryCharged { owner: T::AccountId, sub: SubAccount, amount: Cash, cash: Cash },
		/// An account was paid for what was not delivered to it.
		DeliveryPaid { owner: T::AccountId, sub: SubAccount, amount: Cash, cash: Cash },
		/// An account was charged for what it did not deliver, for the pool. It owes cash if it had less.
		DeliveryFined { owner: T::AccountId, sub: SubAccount, amount: Cash, cash: Cash },
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
		/// Positions that left the account are still being delivered.
		DeliveryOpen,
		/// The segment has less in escrow than that.
		EscrowTooSmall,
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
		/// The instrument is quarantined: first it has to be sound.
		InstrumentQuarantined,
		/// The instrument ends with the next settlement run already.
		AlreadyEnding,
		/// The instrument's lots do not cancel out.
		Unbalanced,
		/// A scan fraction can be raised at once, up to tenfold, and comes down by itself.
		FractionNotRaised,
		/// The parameters are out of the exchange's bounds.
		InvalidParameters,
		/// The segment has no custody account, or that holds nothing beyond its ledger.
		NothingToSweep,
		/// The account has maintenance margin, and owes no cash or has time left to pay it.
		Sound,
		/// A price that the account depends on is not fresh, or it, or the chain, came back only now: nobody is liquidated.
		InGrace,
		/// The account is for sale already; what nobody takes goes to the house later.
		AlreadyForSale,
		/// The account is not for sale, or has nothing that could be taken.
		NotForSale,
		/// Nobody takes what is offered of its own.
		OwnAccount,
		/// The discount is less than was asked for.
		WorseThanAsked,
		/// The guarantor has no house account, or none with room for what it would take.
		NoHouse,
		/// The taker has too little cash, or too little margin, for what it would take.
		TakerMargin,
		/// What would be taken is beyond a limit of the taker, or too small.
		TakerLimit,
		/// The taker may only lower its positions.
		TakerReduceOnly,
		/// The account, or what is to be taken, is beyond the exchange's bounds.
		OutOfBounds,
		/// The taker's guarantor could not stand behind it.
		TakerCover,
		/// The guarantor is not in default.
		NotInDefault,
		/// The default goes on by itself when its time has come.
		NothingToDo,
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
		/// Settlement first, as far as its weight goes; then marks; then the accounts that prices reached, and the sweep.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::beat();
			let settling = Self::run_within(T::RunWeight::get());
			let marks = Self::refresh_next(T::InstrumentsPerBlock::get());
			let inspecting = Self::inspect_next(T::InspectionWeight::get());
			let steps = Self::advance_defaults();
			let covers = u32::from(Self::refresh_next_cover());
			settling
				.saturating_add(T::WeightInfo::advance_default().saturating_mul(steps.into()))
				.saturating_add(T::WeightInfo::refresh_cover().saturating_mul(covers.into()))
				.saturating_add(T::DbWeight::get().reads_writes(2, 1))
				.saturating_add(T::WeightInfo::refresh().saturating_mul(marks.into()))
				.saturating_add(inspecting)
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

		/// Closes an empty margin account of the caller. The house of a guarantor whose default is not worked out stays open.
		///
		/// # Errors
		/// [`Error::UnknownAccount`], [`Error::AccountNotEmpty`], [`Error::DeliveryOpen`], [`Error::HouseFundsLocked`].
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
		/// account, and of every one whose guarantor was called, looks whether a margin call is due, met or missed. A
		/// customer's is liquidated if it has to be. Anyone may.
		///
		/// # Errors
		/// [`Error::UnknownAccount`].
		#[pallet::call_index(6)]
		#[pallet::weight(Pallet::<T>::heaviest_look())]
		pub fn check_account(origin: OriginFor<T>, owner: T::AccountId, sub: SubAccount) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let (_, weight) = Self::look(&AccountKey { owner, sub }, None)?;
			Ok(Some(weight).into())
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

		/// Puts a customer's account that lacks maintenance margin up for sale, or gives what nobody took of it to its
		/// guarantor's house. Who finds an account gets a share of the penalties it pays. Free of charge if there was something to
		/// do.
		///
		/// # Errors
		/// [`Error::UnknownAccount`], [`Error::Sound`], [`Error::InGrace`], [`Error::AlreadyForSale`], [`Error::NoHouse`].
		#[pallet::call_index(13)]
		#[pallet::weight(Pallet::<T>::heaviest_look())]
		pub fn liquidate(origin: OriginFor<T>, owner: T::AccountId, sub: SubAccount) -> DispatchResultWithPostInfo {
			Self::do_liquidate(ensure_signed(origin)?, owner, sub)
		}

		/// Takes the share `part` of what is offered of an account that is for sale, rounded up, at a discount of at least `least`
		/// in sum. Positions go to the caller's margin account `sub`, which needs the margin for them; collateral goes to the
		/// caller, who pays for it at once.
		///
		/// # Errors
		/// [`Error::UnknownAccount`], [`Error::OwnAccount`], [`Error::NotForSale`], [`Error::NoMark`], [`Error::InGrace`],
		/// [`Error::NothingToMove`], [`Error::WorseThanAsked`], [`Error::TakerMargin`], [`Error::TakerLimit`],
		/// [`Error::TakerReduceOnly`], or the asset's error if the caller cannot pay for collateral.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::bid())]
		pub fn bid(
			origin: OriginFor<T>,
			sub: SubAccount,
			owner: T::AccountId,
			owner_sub: SubAccount,
			part: Ppm,
			least: Cash,
		) -> DispatchResult {
			Self::do_bid(ensure_signed(origin)?, sub, AccountKey { owner, sub: owner_sub }, part, least)
		}

		/// Takes the next step of a guarantor's default, for whoever does not want to wait for the next block. Free of charge if
		/// there was one.
		///
		/// # Errors
		/// [`Error::NotInDefault`], [`Error::NothingToDo`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::advance_default())]
		pub fn advance_default(origin: OriginFor<T>, guarantor: T::AccountId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_advance_default(guarantor)?;
			Ok(Pays::No.into())
		}

		/// Looks at what a guarantor needs of the insurance pool, and at what the pool has to have.
		///
		/// # Errors
		/// [`Error::NoGuarantor`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::refresh_cover())]
		pub fn refresh_cover(origin: OriginFor<T>, guarantor: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_refresh_cover(&guarantor)
		}
	}

	impl<T> From<Refusal> for Error<T> {
		fn from(refusal: Refusal) -> Self {
			match refusal {
				Refusal::InsufficientCash { .. } | Refusal::InsufficientMargin { .. } => Self::TakerMargin,
				Refusal::ReduceOnly(_) => Self::TakerReduceOnly,
				Refusal::TooManyPositions
				| Refusal::AccountLimit { .. }
				| Refusal::OwnerLimit { .. }
				| Refusal::GuarantorLotsLimit { .. }
				| Refusal::GuarantorMarginLimit { .. }
				| Refusal::BelowMinimumMargin { .. } => Self::TakerLimit,
				Refusal::UnknownInstrument => Self::UnknownInstrument,
				Refusal::UnknownAccount => Self::UnknownAccount,
				Refusal::SelfTrade => Self::OwnAccount,
				Refusal::GuarantorCover { .. } => Self::TakerCover,
				Refusal::RunInProgress => Self::RunInProgress,
				Refusal::Quarantined
				| Refusal::LotsOutOfRange
				| Refusal::PriceOutsideBand { .. }
				| Refusal::OutOfBounds => Self::OutOfBounds,
			}
		}
	}
}
