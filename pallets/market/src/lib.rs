#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod expiry;
mod fills;
mod listing;
mod memory;
#[cfg(test)]
mod mock;
mod orders;
mod proposals;
mod refusals;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod venues;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{sr25519_sign, sr25519_signer, BenchmarkHelper};
pub use gcx_primitives::{ContractState, ContractTerms, DeliveryDays, FinalPrice, SettlementKind, MAX_DELIVERY_DAYS};
pub use pallet::*;
pub use refusals::{FillRefusal, OrderRefusal};
pub use types::{
	Contract, Fill, FilledOrder, Order, OrderId, OrderRecord, Proposal, ProposalId, SignedOrder, SweepCursor, Venue,
};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{BalanceOf, FillRefusalOf, OrderOf, ProposalOf, SignedOrderOf, SweepCursorOf, VenueOf},
		Contract, ContractState, ContractTerms, Fill, FilledOrder, OrderId, OrderRecord, ProposalId, WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Inspect},
			Time,
		},
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{
		AccountKey, Cash, Day, InstrumentId, Instruments, Lots, Price, PriceIndex, ReferencePins, SeatHolders, Side,
		SubAccount, TradeBatch, TradeReceipt, TradingFees,
	};
	use sp_runtime::traits::{IdentifyAccount, Verify};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token that venues bond, and proposers deposit.
		type NativeBalance: Inspect<Self::AccountId> + hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds, [`HoldReason`] among them.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who lists and restricts contracts, decides on proposed ones, and suspends venues.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock, in milliseconds since the Unix epoch.
		type Clock: Time<Moment = u64>;

		/// Clearing, as it keeps what can be traded.
		type Instruments: Instruments<Error: Into<DispatchError>>;

		/// Clearing, as it takes trades over.
		type Batch: TradeBatch<Self::AccountId, Error: Into<DispatchError>>;

		/// The prices that cash contracts are paid out at, and the floor of what a trade counts for in fees.
		type Index: PriceIndex;

		/// The reference systems whose Compute Hours physical contracts are about.
		type References: ReferencePins<Error: Into<DispatchError>>;

		/// What trading costs.
		type Fees: TradingFees<Self::AccountId>;

		/// Who may propose listings.
		type Seats: SeatHolders<Self::AccountId>;

		/// How orders are signed.
		type OrderSignature: Verify<Signer: IdentifyAccount<AccountId = Self::AccountId>> + Parameter;

		/// The most contracts that are not settled.
		#[pallet::constant]
		type MaxContracts: Get<u32>;

		/// The latest that a contract may expire, in milliseconds from its listing.
		#[pallet::constant]
		type MaxListingHorizon: Get<u64>;

		/// The most days after its own that count for a cash contract's final price, if there were too few fixes; and the days
		/// after its expiry for which a physical one waits for a mark.
		#[pallet::constant]
		type MaxExtension: Get<u32>;

		/// The length of a day, in milliseconds: the index's.
		#[pallet::constant]
		type DayLength: Get<u64>;

		/// How long before a physical contract expires its margin begins to rise and its limits to come down, in milliseconds.
		#[pallet::constant]
		type DeliveryRampLength: Get<u64>;

		/// The least time from the expiry of a physical contract to its first delivery day, in milliseconds.
		#[pallet::constant]
		type DeliveryNotice: Get<u64>;

		/// What is held of a proposer for each of its proposals until that is decided or withdrawn.
		#[pallet::constant]
		type ProposalDeposit: Get<BalanceOf<Self>>;

		/// The most proposals at a time.
		#[pallet::constant]
		type MaxProposals: Get<u32>;

		/// The most orders of one batch.
		#[pallet::constant]
		type MaxOrdersPerBatch: Get<u32>;

		/// The most fills of one batch.
		#[pallet::constant]
		type MaxFillsPerBatch: Get<u32>;

		/// The most blocks from now in which an order can still be filled.
		#[pallet::constant]
		type MaxOrderLifetime: Get<BlockNumberFor<Self>>;

		/// Steps in which each block forgets expired orders. One of them is spent on the block that expired last.
		#[pallet::constant]
		type SweepPerBlock: Get<u32>;

		/// The smallest bond of a venue.
		#[pallet::constant]
		type MinVenueBond: Get<BalanceOf<Self>>;

		/// Blocks for which a venue's bond stays held after it left.
		#[pallet::constant]
		type VenueUnbonding: Get<BlockNumberFor<Self>>;

		/// The most venues, those that are leaving among them.
		#[pallet::constant]
		type MaxVenues: Get<u32>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// Sets benchmarks up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId, Self::OrderSignature>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A venue's bond.
		#[codec(index = 0)]
		VenueBond,
		/// The deposits of an account's proposals.
		#[codec(index = 1)]
		Proposal,
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The id of the next contract. Ids are counted up and never used again.
	#[pallet::storage]
	pub type NextInstrument<T: Config> = StorageValue<_, InstrumentId, ValueQuery>;

	/// The contracts that are not settled, in the order in which they were listed.
	#[pallet::storage]
	pub type Active<T: Config> = StorageValue<_, BoundedVec<InstrumentId, T::MaxContracts>, ValueQuery>;

	/// Each contract that is not settled.
	#[pallet::storage]
	pub type Contracts<T: Config> = StorageMap<_, Twox64Concat, InstrumentId, Contract, OptionQuery>;

	/// The id of the next proposal. Ids are counted up and never used again.
	#[pallet::storage]
	pub type NextProposal<T: Config> = StorageValue<_, ProposalId, ValueQuery>;

	/// Listings that seats' holders propose and nobody has decided on.
	#[pallet::storage]
	pub type Proposals<T: Config> = CountedStorageMap<_, Twox64Concat, ProposalId, ProposalOf<T>, OptionQuery>;

	/// What happened to orders, by the last block in which they can be filled, and their id.
	#[pallet::storage]
	pub type FilledLots<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BlockNumberFor<T>, Identity, OrderId, OrderRecord, OptionQuery>;

	/// How far expired orders have been forgotten.
	#[pallet::storage]
	pub type Sweeping<T: Config> = StorageValue<_, SweepCursorOf<T>, ValueQuery>;

	/// Every venue that is bonded.
	#[pallet::storage]
	pub type Venues<T: Config> = CountedStorageMap<_, Twox64Concat, T::AccountId, VenueOf<T>, OptionQuery>;

	/// Bonds and deposits are of the bonded token, in its smallest unit.
	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A contract was listed with a first settlement price; it is in that state.
		Listed { instrument: InstrumentId, terms: ContractTerms, settlement: Price, state: ContractState },
		/// Something else can be done with a contract from now. `Settled` is the last that is heard of it.
		StateChanged { instrument: InstrumentId, from: ContractState, to: ContractState },
		/// Governance made a contract reduce-only.
		Restricted { instrument: InstrumentId },
		/// Governance lifted its restriction of a contract.
		Lifted { instrument: InstrumentId },
		/// An expired contract has its final price: the mean of `fixed` fixes, of days up to `last`. The next settlement run pays it
		/// out.
		FinalPriceSet { instrument: InstrumentId, price: Price, fixed: u32, last: Day },
		/// An expired physical contract has its final price: its mark. The next settlement run pays it out, and who holds it then
		/// delivers.
		DeliveryPriceSet { instrument: InstrumentId, price: Price },
		/// An expired physical contract has had no mark for too long: governance decides.
		DeliveryPriceUndecided { instrument: InstrumentId },
		/// Too few days of an expired contract have a fix, `fixed` by now: those up to `last` count as well.
		AveragingExtended { instrument: InstrumentId, fixed: u32, last: Day },
		/// Too few days up to `last` have a fix, and no other day can count: governance decides.
		FinalPriceUndecided { instrument: InstrumentId, fixed: u32, last: Day },
		/// Governance decided on an expired contract's final price. The next settlement run pays it out.
		FinalPriceDecided { instrument: InstrumentId, price: Price },
		/// Lots were traded. The order that waited was the maker's, on that side; who took an order without one has none.
		/// Without a venue the order was taken.
		Filled {
			instrument: InstrumentId,
			lots: Lots,
			price: Price,
			venue: Option<T::AccountId>,
			maker_side: Side,
			maker: FilledOrder,
			taker: Option<FilledOrder>,
			buyer: AccountKey<T::AccountId>,
			seller: AccountKey<T::AccountId>,
			receipt: TradeReceipt,
		},
		/// Both parties to the fill before lowered their positions at the mark, for compute that they exchange off the book.
		ExchangedForPhysical {
			instrument: InstrumentId,
			lots: Lots,
			price: Price,
			maker: AccountKey<T::AccountId>,
			taker: AccountKey<T::AccountId>,
		},
		/// The fill at place `index` of a batch was not taken; the others were tried all the same.
		FillRefused { index: u32, reason: FillRefusalOf<T> },
		/// The owner of an order cancelled what was left of its lots.
		Cancelled {
			order: OrderId,
			account: AccountKey<T::AccountId>,
			instrument: InstrumentId,
			lots: Lots,
			filled: Lots,
		},
		/// So many expired orders were forgotten.
		Swept { orders: u32 },
		/// An account is a venue, with that bond.
		VenueRegistered { venue: T::AccountId, bond: BalanceOf<T> },
		/// A venue submits no more fills. Its bond can be withdrawn from the block `due` on.
		VenueLeft { venue: T::AccountId, due: BlockNumberFor<T> },
		/// A venue that left got its bond back and is forgotten.
		VenueBondWithdrawn { venue: T::AccountId, bond: BalanceOf<T> },
		/// Governance suspended a venue.
		VenueSuspended { venue: T::AccountId },
		/// A venue is no longer suspended.
		VenueReinstated { venue: T::AccountId },
		/// A seat's holder proposes a contract with a first settlement price. So much is held of it until that is decided or
		/// withdrawn.
		ListingProposed {
			proposal: ProposalId,
			proposer: T::AccountId,
			deposit: BalanceOf<T>,
			terms: ContractTerms,
			settlement: Price,
		},
		/// A proposer withdrew its proposal. Its deposit was released.
		ProposalWithdrawn { proposal: ProposalId },
		/// Governance approved a proposal: it was listed as that instrument, and the deposit was released.
		ProposalApproved { proposal: ProposalId, instrument: InstrumentId },
		/// Governance rejected a proposal. The deposit was released.
		ProposalRejected { proposal: ProposalId },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// Multiplier, bands or limits of the instrument are not within the exchange's bounds.
		InvalidInstrument,
		/// The last delivery day is before the first, or there are more than [`MAX_DELIVERY_DAYS`](crate::MAX_DELIVERY_DAYS).
		InvalidDelivery,
		/// A contract opens, is reduce-only later, and expires then or later.
		InvalidTimes,
		/// A physical contract expires at least `DeliveryNotice` before its first delivery day.
		NoticeTooShort,
		/// The contract is settled in cash.
		NotPhysical,
		/// The contract would have expired already.
		AlreadyPast,
		/// The contract expires later than `MaxListingHorizon` from now.
		BeyondHorizon,
		/// There are as many contracts as there can be.
		TooManyContracts,
		/// Governance restricted the contract already.
		AlreadyRestricted,
		/// Governance did not restrict the contract.
		NotRestricted,
		/// The contract's state was announced already.
		NothingToAdvance,
		/// Somebody holds the expired contract. One with a final price is paid out by the next settlement run.
		StillHeld,
		/// The days that count for the contract's final price are not over.
		AwaitsFixes,
		/// The expired contract has no mark that it could end at.
		AwaitsMark,
		/// There were too few fixes for a final price: governance decides.
		AwaitsGovernance,
		/// Governance decides on a final price only where there were too few fixes.
		NotUndecided,
		/// The account has no seat.
		NoSeat,
		/// There are as many proposals as there can be.
		TooManyProposals,
		/// There is no such proposal; or it was decided or withdrawn.
		UnknownProposal,
		/// A proposal is withdrawn by its proposer.
		NotProposer,
		/// The account is not a venue.
		NotVenue,
		/// The account is a venue, or was one and its bond is not withdrawn.
		AlreadyVenue,
		/// The venue is suspended.
		VenueSuspended,
		/// The venue is not suspended.
		VenueNotSuspended,
		/// The venue is leaving.
		VenueLeaving,
		/// The venue is not leaving; `deregister_venue` comes first.
		VenueNotLeaving,
		/// The unbonding time is not over.
		StillUnbonding,
		/// The bond is smaller than `MinVenueBond`.
		BondTooSmall,
		/// There are as many venues as there can be.
		TooManyVenues,
		/// A batch has a fill.
		EmptyBatch,
		/// An order is cancelled by its owner.
		NotOwner,
		/// All lots of the order are filled; there is nothing to cancel.
		OrderFilled,
		/// No block has passed whose orders are not forgotten.
		NothingToSweep,
		/// The fill refers to an order that is not in the list.
		NoSuchOrder,
		/// Both orders buy, or both sell.
		SameSide,
		/// The orders are for different contracts.
		DifferentInstruments,
		/// The lots are none, or more than the exchange deals in.
		LotsOutOfRange,
		/// The price is none that the exchange deals in.
		PriceOutOfRange,
		/// There is no such contract.
		UnknownInstrument,
		/// The contract is not traded yet, or no longer.
		NotTrading,
		/// The order is for no lots, or for more than the exchange deals in.
		OrderLotsOutOfRange,
		/// The order has expired.
		OrderExpired,
		/// The order lives longer than `MaxOrderLifetime` from now.
		OrderLivesTooLong,
		/// The order names a venue.
		OtherVenue,
		/// The order's owner did not sign it for this chain.
		BadSignature,
		/// The order's owner cancelled it.
		OrderCancelled,
		/// The order has fewer lots left.
		TooFewLots,
		/// The price is worse than the order's limit.
		PriceBeyondLimit,
		/// The fee is more than the order, or who takes it, allows.
		FeeTooHigh,
		/// A figure would be beyond the exchange's bounds.
		OutOfBounds,
		/// An invariant of the instrument broke; nobody trades it.
		Quarantined,
		/// The price is outside the band around the mark.
		PriceOutsideBand,
		/// Both parties are the same owner.
		SelfTrade,
		/// There is no such margin account.
		UnknownAccount,
		/// The order only lowers a position, and the trade would not.
		OrderReduceOnly,
		/// Positions in the contract are only lowered now, and the trade would not.
		ContractReduceOnly,
		/// The instrument has no fresh price; positions in it are only lowered, and by an order's price.
		NoMark,
		/// The guarantor is not active; positions under it are only lowered.
		GuarantorReduceOnly,
		/// The guarantor suspended the customer; its positions are only lowered.
		CustomerSuspended,
		/// The account owes cash; its positions are only lowered.
		AccountReduceOnly,
		/// The account has as many positions as one can have.
		TooManyPositions,
		/// The account's position would exceed the instrument's limit for an account.
		AccountLimit,
		/// The owner's positions would exceed the instrument's limit for an owner.
		OwnerLimit,
		/// The customer's positions would exceed what its guarantor allows in one instrument.
		GuarantorLotsLimit,
		/// The customer's initial margin would exceed what its guarantor allows.
		GuarantorMarginLimit,
		/// The account has too little cash for the trade.
		InsufficientCash,
		/// The account's equity would be less than its initial margin.
		InsufficientMargin,
		/// The account would have positions whose initial margin is less than the smallest there is.
		BelowMinimumMargin,
		/// The account's guarantor could not stand behind what its customers would lack under stress.
		GuarantorCover,
		/// A settlement run shares out a loss; trading goes on when it is paid.
		RunInProgress,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Contracts and their first settlement prices. Clearing takes them up, so that its genesis comes first. How far off
		/// they expire is not checked.
		pub contracts: Vec<(ContractTerms, Price)>,
		/// Venues and their bonds. Each needs the balance.
		pub venues: Vec<(T::AccountId, BalanceOf<T>)>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { contracts: Vec::new(), venues: Vec::new() }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(&self.contracts, &self.venues);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Forgets expired orders and advances one contract. Anyone can do the same by [`Pallet::sweep`] and
		/// [`Pallet::advance`].
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::on_initialize_idle()
				.saturating_add(Self::sweep_some(T::SweepPerBlock::get()))
				.saturating_add(Self::advance_in_turn(now))
		}

		fn integrity_test() {
			let orders = T::MaxOrdersPerBatch::get();
			assert!((2..=1 << u16::BITS).contains(&orders), "a fill needs two orders, and says which in 16 bits each");
			assert!(T::MaxFillsPerBatch::get() > 0, "a batch has a fill");
			assert!(T::MaxContracts::get() > 0 && T::MaxVenues::get() > 0, "a market needs a contract and a venue");
			assert!(T::MaxListingHorizon::get() > 0, "nothing could be listed");
			assert!(T::MaxProposals::get() > 0, "a seat's holder could propose nothing");
			assert!(T::DayLength::get() > 0, "a day has a length");
			assert!(T::SweepPerBlock::get() > 1, "one step goes over an empty block; nothing would be forgotten");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Lists a contract. Clearing takes it up at its first settlement price.
		///
		/// # Errors
		/// [`Error::AlreadyPast`], [`Error::BeyondHorizon`], [`Error::InvalidInstrument`], [`Error::InvalidDelivery`],
		/// [`Error::InvalidTimes`], [`Error::NoticeTooShort`], [`Error::PriceOutOfRange`], [`Error::TooManyContracts`],
		/// clearing's error if it does not take the contract up, compute's if a physical contract's class has no such
		/// reference system, or `BadOrigin` for anyone but governance.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::list())]
		pub fn list(origin: OriginFor<T>, terms: ContractTerms, first_settlement: Price) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_list(terms, first_settlement).map(drop)
		}

		/// Makes a contract reduce-only.
		///
		/// # Errors
		/// [`Error::UnknownInstrument`], [`Error::AlreadyRestricted`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::restrict())]
		pub fn restrict(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_restrict(instrument)
		}

		/// Lifts governance's restriction of a contract.
		///
		/// # Errors
		/// [`Error::UnknownInstrument`], [`Error::NotRestricted`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::lift())]
		pub fn lift(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_lift(instrument)
		}

		/// Takes a contract's next step: its state is announced; expired, it comes to its final price, or its averaging window
		/// grows by a day; held by nobody, it is settled. Anyone may.
		///
		/// # Errors
		/// [`Error::UnknownInstrument`], [`Error::NothingToAdvance`], [`Error::AwaitsFixes`], [`Error::AwaitsMark`],
		/// [`Error::AwaitsGovernance`], [`Error::StillHeld`], or clearing's error if it does not forget the contract, or cannot end it now.
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::advance_weight())]
		pub fn advance(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_advance(instrument)
		}

		/// Fills orders that the caller, a venue, brought together. Each fill is taken or refused by itself: one that is
		/// refused is reported by [`Event::FillRefused`] with its reason, and the others are tried. Only orders that a fill
		/// refers to are verified, each once; what was not verified is not paid for.
		///
		/// # Errors
		/// [`Error::NotVenue`], [`Error::VenueSuspended`], [`Error::VenueLeaving`], [`Error::EmptyBatch`], or clearing's
		/// error if it cannot close the batch.
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::submit_fills_weight(orders, fills))]
		pub fn submit_fills(
			origin: OriginFor<T>,
			orders: BoundedVec<SignedOrderOf<T>, T::MaxOrdersPerBatch>,
			fills: BoundedVec<Fill, T::MaxFillsPerBatch>,
		) -> DispatchResultWithPostInfo {
			Self::do_submit_fills(ensure_signed(origin)?, &orders, &fills)
		}

		/// Trades so many lots of the caller's margin account `sub` against an order that names no venue, at its limit.
		/// The caller's fee is at most `max_fee`.
		///
		/// # Errors
		/// Why the order is not filled, from [`Error::LotsOutOfRange`] on, or clearing's error if it cannot close the
		/// batch.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::take())]
		pub fn take(
			origin: OriginFor<T>,
			order: SignedOrderOf<T>,
			sub: SubAccount,
			lots: Lots,
			max_fee: Cash,
		) -> DispatchResult {
			let taker = AccountKey { owner: ensure_signed(origin)?, sub };
			Self::do_take(taker, order, lots, max_fee)
		}

		/// Cancels what is left of the caller's order. It need not be signed: that nobody can fill it is remembered before
		/// anybody has it.
		///
		/// # Errors
		/// [`Error::NotOwner`], [`Error::OrderLotsOutOfRange`], [`Error::OrderExpired`], [`Error::OrderLivesTooLong`],
		/// [`Error::OrderCancelled`], [`Error::OrderFilled`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::cancel())]
		pub fn cancel(origin: OriginFor<T>, order: OrderOf<T>) -> DispatchResult {
			Self::do_cancel(ensure_signed(origin)?, order)
		}

		/// Forgets expired orders in up to `limit` steps, each of which forgets one order or goes over a block without
		/// any. Steps that were not needed are not paid for. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToSweep`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::sweep(*limit))]
		pub fn sweep(origin: OriginFor<T>, limit: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_sweep(limit)
		}

		/// Makes the caller a venue and holds `bond` of its balance.
		///
		/// # Errors
		/// [`Error::AlreadyVenue`], [`Error::BondTooSmall`], [`Error::TooManyVenues`], or the token's error if the balance
		/// does not suffice.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::register_venue())]
		pub fn register_venue(origin: OriginFor<T>, #[pallet::compact] bond: BalanceOf<T>) -> DispatchResult {
			Self::do_register_venue(ensure_signed(origin)?, bond)
		}

		/// The caller, a venue, leaves: it submits no more fills, and its bond stays held for `VenueUnbonding` blocks.
		///
		/// # Errors
		/// [`Error::NotVenue`], [`Error::VenueLeaving`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::deregister_venue())]
		pub fn deregister_venue(origin: OriginFor<T>) -> DispatchResult {
			Self::do_deregister_venue(ensure_signed(origin)?)
		}

		/// Gives a venue that left its bond back and forgets it. Anyone may ask for it: its place is free then.
		///
		/// # Errors
		/// [`Error::NotVenue`], [`Error::VenueNotLeaving`], [`Error::VenueSuspended`], [`Error::StillUnbonding`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::withdraw_venue_bond())]
		pub fn withdraw_venue_bond(origin: OriginFor<T>, venue: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw_venue_bond(venue)
		}

		/// Suspends a venue: it submits no fills, and its bond stays held even if it leaves.
		///
		/// # Errors
		/// [`Error::NotVenue`], [`Error::VenueSuspended`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::suspend_venue())]
		pub fn suspend_venue(origin: OriginFor<T>, venue: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_suspend_venue(venue)
		}

		/// Lifts a venue's suspension.
		///
		/// # Errors
		/// [`Error::NotVenue`], [`Error::VenueNotSuspended`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::reinstate_venue())]
		pub fn reinstate_venue(origin: OriginFor<T>, venue: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_reinstate_venue(venue)
		}

		/// Decides on the final price of an expired contract for which there were too few fixes.
		///
		/// # Errors
		/// [`Error::UnknownInstrument`], [`Error::NotUndecided`], [`Error::PriceOutOfRange`], clearing's error if it cannot end
		/// the contract now, or `BadOrigin` for anyone but governance.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::decide_final_price())]
		pub fn decide_final_price(origin: OriginFor<T>, instrument: InstrumentId, price: Price) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_decide(instrument, price)
		}

		/// Exchanges a position in a physical contract for compute off the book: the caller's margin account `sub` and the owner
		/// of an order that names no venue both lower their positions by so many lots, at the mark. What the one delivers to the
		/// other instead, the exchange does not know. Both pay the fee; the caller's is at most `max_fee`.
		///
		/// # Errors
		/// [`Error::UnknownInstrument`], [`Error::NotPhysical`], [`Error::NoMark`], why the order is not filled at the mark, from
		/// [`Error::LotsOutOfRange`] on, among it [`Error::ContractReduceOnly`] if a position would not be lowered, or clearing's
		/// error if it cannot close the batch.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::exchange_for_physical())]
		pub fn exchange_for_physical(
			origin: OriginFor<T>,
			order: SignedOrderOf<T>,
			sub: SubAccount,
			lots: Lots,
			max_fee: Cash,
		) -> DispatchResult {
			let taker = AccountKey { owner: ensure_signed(origin)?, sub };
			Self::do_exchange_for_physical(taker, order, lots, max_fee)
		}

		/// Proposes to governance that a contract be listed at a first settlement price. The caller has a seat; `ProposalDeposit` of
		/// its balance is held until the proposal is decided or withdrawn.
		///
		/// # Errors
		/// [`Error::NoSeat`], [`Error::TooManyProposals`], [`Error::AlreadyPast`], [`Error::BeyondHorizon`],
		/// [`Error::InvalidInstrument`], [`Error::InvalidDelivery`], [`Error::InvalidTimes`], [`Error::PriceOutOfRange`],
		/// [`Error::NoticeTooShort`], or the token's error if the balance does not suffice.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::propose_listing())]
		pub fn propose_listing(origin: OriginFor<T>, terms: ContractTerms, settlement: Price) -> DispatchResult {
			Self::do_propose_listing(ensure_signed(origin)?, terms, settlement)
		}

		/// Withdraws the caller's proposal and releases its deposit, whether or not the caller has a seat still.
		///
		/// # Errors
		/// [`Error::UnknownProposal`], [`Error::NotProposer`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::withdraw_proposal())]
		pub fn withdraw_proposal(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			Self::do_withdraw_proposal(ensure_signed(origin)?, proposal)
		}

		/// Lists what was proposed, as [`Pallet::list`] does, and releases the deposit. The proposer need not have its seat still.
		///
		/// # Errors
		/// [`Error::UnknownProposal`], those of [`Pallet::list`], which leave the proposal as it is, or `BadOrigin` for anyone but
		/// governance.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::approve_proposal())]
		pub fn approve_proposal(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_approve_proposal(proposal)
		}

		/// Rejects a proposal and releases the deposit.
		///
		/// # Errors
		/// [`Error::UnknownProposal`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::reject_proposal())]
		pub fn reject_proposal(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_reject_proposal(proposal)
		}
	}
}
