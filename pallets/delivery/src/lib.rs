#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod closing;
mod cover;
mod deals;
mod failure;
mod matching;
#[cfg(test)]
mod mock;
mod nominations;
mod parameters;
mod settling;
mod steps;
mod takeover;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;
mod windows;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{sr25519_sign, sr25519_signer, BenchmarkHelper};
pub use pallet::*;
pub use types::{
	Backing, Cover, Deal, Delivery, DeliveryParameters, Endpoint, Goods, Long, Money, Objection, Offer, Pulse, Request,
	Short, Stage, Tally, Window, MAX_ENDPOINT, MAX_FIX_DAYS,
};
pub use weights::WeightInfo;

/// Days between the approval of new parameters and the first day they hold.
pub const PARAMETER_DELAY: u32 = 2;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{AccountKeyOf, CreditOf, DealOf, DeliveryOf, LongOf, OfferOf, Place, ShortOf, WindowOf},
		Backing, Cover, DeliveryParameters, Endpoint, Money, Pulse, Tally, WeightInfo,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Randomness, Time},
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{
		AccountKey, Capacity, CapacityLedger, Cash, ChallengeVerdict, ComputeResources, Day, DealId, DeliveryClearing,
		DeliveryDays, InstrumentId, ListedContracts, Lots, PerformanceBurn, Price, PriceIndex, ProviderStakes,
		ReferencePins, Region, ResourceId, Side, SubAccount, TenancyChallenge,
	};
	use sp_runtime::traits::{IdentifyAccount, Verify};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token that providers bond.
		type NativeBalance: fungible::Balanced<Self::AccountId, Balance = u128>;

		/// Who decides about the parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock, in milliseconds since the Unix epoch.
		type Clock: Time<Moment = u64>;

		/// The prices at which missing compute is replaced.
		type Index: PriceIndex;

		/// What was agreed about contracts.
		type Contracts: ListedContracts;

		/// Clearing: positions and money.
		type Clearing: DeliveryClearing<Self::AccountId, Error: Into<DispatchError>, Credit = CreditOf<Self>>;

		/// What is sold of providers' capacity.
		type Ledger: CapacityLedger<Self::AccountId, Error: Into<DispatchError>>;

		/// What delivers.
		type Resources: ComputeResources<Self::AccountId>;

		/// What providers have at stake.
		type Stakes: ProviderStakes<Self::AccountId, Credit = CreditOf<Self>>;

		/// What burns of a stake once the buyer is whole.
		type Burn: PerformanceBurn<CreditOf<Self>>;

		/// The reference systems that deliveries rely on.
		type Pins: ReferencePins;

		/// Who has a resource show what it can do.
		type Challenge: TenancyChallenge<Self::AccountId, Error: Into<DispatchError>>;

		/// Randomness of the block before, if it has any.
		type Randomness: Randomness<Option<Self::Hash>, BlockNumberFor<Self>>;

		/// How vouchers are signed.
		type VoucherSignature: Verify<Signer: IdentifyAccount<AccountId = Self::AccountId>> + Parameter;

		/// Length of a day in milliseconds. Days are counted from the Unix epoch, as the index counts them.
		#[pallet::constant]
		type DayLength: Get<u64>;

		/// The least time for nominations, in milliseconds: a contract that ends with less before its deadline ends in cash.
		#[pallet::constant]
		type NominationPeriod: Get<u64>;

		/// Milliseconds before the first delivery day at which nominations are closed. Who was taken over late has as long as this
		/// all the same.
		#[pallet::constant]
		type MatchingPeriod: Get<u64>;

		/// Milliseconds after a delivery day in which vouchers and availability for it are still accepted.
		#[pallet::constant]
		type SubmitPeriod: Get<u64>;

		/// The chain stood still if a block came more than so many milliseconds after the one before.
		#[pallet::constant]
		type MaxBlockTime: Get<u64>;

		/// The most deliveries at a time.
		#[pallet::constant]
		type MaxDeliveries: Get<u32>;

		/// What each block spends on steps of deliveries at most.
		type BlockWeight: Get<Weight>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// Sets benchmarks up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId, Self::VoucherSignature>;
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The parameters in force, but for those approved whose day has come.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, DeliveryParameters, ValueQuery>;

	/// Approved parameters, and the first day on which they are in force.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, (Day, DeliveryParameters), OptionQuery>;

	/// When blocks came.
	#[pallet::storage]
	pub type Heartbeat<T: Config> = StorageValue<_, Pulse, ValueQuery>;

	/// The id of the next deal. Ids are counted up and never used again.
	#[pallet::storage]
	pub type NextDeal<T: Config> = StorageValue<_, DealId, ValueQuery>;

	/// Capacity that shorts set aside and that was not taken over yet.
	#[pallet::storage]
	pub type Covers<T: Config> =
		StorageDoubleMap<_, Twox64Concat, InstrumentId, Blake2_128Concat, AccountKeyOf<T>, Cover, OptionQuery>;

	/// The deliveries, in the order in which they began.
	#[pallet::storage]
	pub type Active<T: Config> = StorageValue<_, BoundedVec<InstrumentId, T::MaxDeliveries>, ValueQuery>;

	/// Each delivery.
	#[pallet::storage]
	pub type Deliveries<T: Config> = StorageMap<_, Twox64Concat, InstrumentId, DeliveryOf<T>, OptionQuery>;

	/// Long positions that were taken over, until all of their deals are closed.
	#[pallet::storage]
	pub type Longs<T: Config> =
		StorageDoubleMap<_, Twox64Concat, InstrumentId, Blake2_128Concat, AccountKeyOf<T>, LongOf<T>, OptionQuery>;

	/// Short positions that were taken over, until all of their deals are closed.
	#[pallet::storage]
	pub type Shorts<T: Config> =
		StorageDoubleMap<_, Twox64Concat, InstrumentId, Blake2_128Concat, AccountKeyOf<T>, ShortOf<T>, OptionQuery>;

	/// The queue of each region: buyers who want lots there, in the order in which they asked.
	#[pallet::storage]
	pub type Requested<T: Config> = StorageNMap<
		_,
		(NMapKey<Twox64Concat, InstrumentId>, NMapKey<Twox64Concat, Region>, NMapKey<Identity, Place>),
		AccountKeyOf<T>,
		OptionQuery,
	>;

	/// What sellers nominated and is not matched yet, in the order in which they did.
	#[pallet::storage]
	pub type Offered<T: Config> =
		StorageDoubleMap<_, Twox64Concat, InstrumentId, Identity, Place, OfferOf<T>, OptionQuery>;

	/// Buyers who want lots of whatever region is left, in an order that was drawn.
	#[pallet::storage]
	pub type Lottery<T: Config> =
		StorageDoubleMap<_, Twox64Concat, InstrumentId, Identity, [u8; 32], AccountKeyOf<T>, OptionQuery>;

	/// Deals that are open.
	#[pallet::storage]
	pub type Deals<T: Config> = StorageMap<_, Twox64Concat, DealId, DealOf<T>, OptionQuery>;

	/// The open deals of each delivery, in the order of their ids.
	#[pallet::storage]
	pub type DealsOf<T: Config> = StorageDoubleMap<_, Twox64Concat, InstrumentId, Identity, Place, DealId, OptionQuery>;

	/// The open deals of each account, whichever side it is on.
	#[pallet::storage]
	pub type DealsWith<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, AccountKeyOf<T>, Twox64Concat, DealId, (), OptionQuery>;

	/// Windows of open deals in which something happened and that are not settled.
	#[pallet::storage]
	pub type Windows<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DealId, Twox64Concat, Day, WindowOf<T>, OptionQuery>;

	/// Amounts of stake are of the bonded token, in its smallest unit.
	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Governance approved parameters. They are in force from the day `from` on.
		ParametersApproved { from: Day, parameters: DeliveryParameters },
		/// Approved parameters are in force.
		ParametersChanged { parameters: DeliveryParameters },
		/// A short set capacity aside for so many lots more; it has for `covered` now.
		Covered { instrument: InstrumentId, account: AccountKeyOf<T>, lots: Lots, covered: Lots },
		/// Capacity that was set aside for so many lots was given back; it has for `covered` now.
		Uncovered { instrument: InstrumentId, account: AccountKeyOf<T>, lots: Lots, covered: Lots },
		/// A contract that ended at that price is delivered. Nominations are open until then, in milliseconds since the Unix epoch.
		Begun { instrument: InstrumentId, price: Price, open_interest: Lots, nominate_until: u64 },
		/// A position was taken over, and its money is in escrow. For so many lots of a short capacity was set aside.
		TakenOver { instrument: InstrumentId, account: AccountKeyOf<T>, lots: Lots, covered: Lots, escrowed: Cash },
		/// A seller nominated a resource for so many lots, and got that much of its deposit back.
		Nominated {
			instrument: InstrumentId,
			account: AccountKeyOf<T>,
			resource: ResourceId,
			region: Region,
			lots: Lots,
			place: u32,
			returned: Cash,
		},
		/// A buyer said where it wants its lots.
		Requested {
			instrument: InstrumentId,
			account: AccountKeyOf<T>,
			region: Region,
			key: Option<T::AccountId>,
			endpoint: Endpoint,
			place: u32,
		},
		/// Nominations are closed, and lots are matched.
		NominationsClosed { instrument: InstrumentId },
		/// Requests of the offers' regions are matched. Buyers who are left are drawn an order by this seed.
		Seeded { instrument: InstrumentId, seed: [u8; 32] },
		/// Lots were matched. They are delivered from the day `from` on; so much is in escrow for them.
		Matched {
			deal: DealId,
			instrument: InstrumentId,
			buyer: AccountKeyOf<T>,
			seller: AccountKeyOf<T>,
			lots: Lots,
			backing: Backing,
			from: Day,
			escrow: Cash,
			deposit: Cash,
		},
		/// Lots were matched too late for these days. What was to be delivered on them is owed no more; price and deposit went back.
		Late {
			instrument: InstrumentId,
			buyer: AccountKeyOf<T>,
			seller: AccountKeyOf<T>,
			lots: Lots,
			days: DeliveryDays,
			quantity: Capacity,
			price: Cash,
			deposit: Cash,
		},
		/// All lots are matched.
		AllMatched { instrument: InstrumentId, deals: u32 },
		/// A seller said what it had available on a day.
		Posted { deal: DealId, day: Day, available: Capacity },
		/// A buyer's key signed for so much of a day, all together.
		Vouchered { deal: DealId, day: Day, cumulative: Capacity },
		/// A buyer objected, and put that bond into escrow.
		Objected { deal: DealId, day: Day, bond: Cash },
		/// The challenge of an objection is decided.
		Decided { deal: DealId, day: Day, verdict: ChallengeVerdict<T::AccountId> },
		/// An objection's bond was paid to that party.
		BondPaid { deal: DealId, day: Day, to: Side, amount: Cash },
		/// A window is settled. So much was to be delivered and so much was; the seller was paid that, and the buyer and, of its
		/// deposit, the seller got that back. What is missing was compensated or, if it is little, released.
		WindowSettled {
			deal: DealId,
			day: Day,
			quantity: Capacity,
			delivered: Capacity,
			paid: Cash,
			returned: Cash,
			deposit_returned: Cash,
			compensated: bool,
		},
		/// A buyer was made whole for what was missing of a window, at that price of replacement: out of the seller's deposit, its
		/// stake and its account.
		MadeWhole {
			deal: DealId,
			day: Day,
			missing: Capacity,
			replacement: Price,
			needed: Cash,
			deposit: Cash,
			stake: Cash,
			account: Cash,
		},
		/// So much of a seller's stake was taken for what was missing of a window, and shared out.
		StakeShared { deal: DealId, day: Day, taken: u128, make_whole: u128, challenger: u128, pool: u128, burn: u128 },
		/// A seller without a stake paid the insurance pool for what was missing of a window: out of its deposit and its account.
		Fined { deal: DealId, day: Day, deposit: Cash, account: Cash },
		/// A party of a deal agrees on an alternative to its delivery.
		AlternativeOffered { deal: DealId, by: Side },
		/// Both parties agree on an alternative: what was still to be delivered is owed no more; price and deposit went back.
		AlternativeAgreed { deal: DealId, quantity: Capacity, returned: Cash, deposit_returned: Cash },
		/// All windows of a deal are settled.
		DealClosed { deal: DealId, instrument: InstrumentId },
		/// All deals of a delivery are closed.
		DeliveryClosed { instrument: InstrumentId, tally: Tally, money: Money },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The parameters are no rates, or more than they may be.
		InvalidParameters,
		/// There is no such contract.
		UnknownContract,
		/// The contract is settled in cash.
		NotPhysical,
		/// The contract has expired.
		Expired,
		/// Lots are asked for, more than none.
		NoLots,
		/// The account's short position is smaller.
		NotSoShort,
		/// For so many lots no capacity is set aside.
		NotCovered,
		/// The contract is not delivered.
		UnknownDelivery,
		/// Nominations are closed.
		NotNominating,
		/// The account has no short position in delivery.
		NotShort,
		/// The account has no long position in delivery.
		NotLong,
		/// Fewer lots are left.
		TooManyLots,
		/// There is no such resource.
		UnknownResource,
		/// The resource is another provider's.
		NotOwner,
		/// The resource is of another class.
		WrongClass,
		/// The resource is measured against another reference system.
		WrongVersion,
		/// There is no such deal, or it is closed.
		UnknownDeal,
		/// The deal is delivered by neither the caller nor a resource that it answers for.
		NotSeller,
		/// The deal is not the caller's to object to.
		NotBuyer,
		/// The caller is no party of the deal.
		NotParty,
		/// It is not the time: the window is none of the deal's, has not begun, or is over.
		OutOfWindow,
		/// No resource is nominated for the deal: nothing counts but what the buyer's key signs for.
		NoResource,
		/// The seller said already what it has available.
		AlreadyPosted,
		/// More than the window's quantity.
		AboveQuantity,
		/// The buyer named no key.
		NoKey,
		/// The buyer's key did not sign this voucher for this chain, deal and day.
		BadSignature,
		/// A voucher for as much or more is known.
		NotHigher,
		/// Nearly all is vouchered, or no resource could be challenged.
		NothingToObject,
		/// The buyer objected already.
		AlreadyObjected,
		/// The caller agreed already.
		AlreadyAgreed,
		/// An objection is not settled.
		ObjectionOpen,
		/// The delivery has no step to take now.
		NothingToAdvance,
		/// The window cannot be settled yet, or was.
		NotDue,
		/// The window's objection is not decided.
		AwaitsVerdict,
		/// The price of replacement is not known yet.
		AwaitsFix,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The parameters from the start.
		pub parameters: DeliveryParameters,
		/// Nothing.
		#[serde(skip)]
		pub marker: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(
				self.parameters.is_valid(),
				"genesis: the parameters of delivery are not valid: {:?}",
				self.parameters
			);
			Parameters::<T>::put(self.parameters);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Notes the time and takes steps of deliveries within [`Config::BlockWeight`]. Anyone can do the same by
		/// [`Pallet::advance`].
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::on_initialize_idle()
				.saturating_add(Self::beat())
				.saturating_add(Self::advance_within(now, T::BlockWeight::get()))
		}

		fn integrity_test() {
			Self::check_constants();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Sets capacity of the caller, a provider, aside for so many lots of the short position of its margin account `sub`. They
		/// need no cash as delivery nears.
		///
		/// # Errors
		/// [`Error::NoLots`], [`Error::UnknownContract`], [`Error::NotPhysical`], [`Error::Expired`], [`Error::NotSoShort`], or the
		/// capacity ledger's error if the caller has not so much to sell.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::cover())]
		pub fn cover(origin: OriginFor<T>, sub: SubAccount, instrument: InstrumentId, lots: Lots) -> DispatchResult {
			Self::do_cover(AccountKey { owner: ensure_signed(origin)?, sub }, instrument, lots)
		}

		/// Gives capacity that was set aside for so many lots back: the caller bought them back, or has the margin.
		///
		/// # Errors
		/// [`Error::NoLots`], [`Error::NotCovered`], or clearing's error if the account lacks the margin.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::uncover())]
		pub fn uncover(origin: OriginFor<T>, sub: SubAccount, instrument: InstrumentId, lots: Lots) -> DispatchResult {
			Self::do_uncover(AccountKey { owner: ensure_signed(origin)?, sub }, instrument, lots)
		}

		/// Nominates a resource of the caller for so many of the lots that its margin account `sub` delivers. Lots with capacity
		/// set aside go first; for others capacity is sold now and their deposit goes back.
		///
		/// # Errors
		/// [`Error::NoLots`], [`Error::UnknownDelivery`], [`Error::NotNominating`], [`Error::NotShort`], [`Error::TooManyLots`],
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::WrongClass`], [`Error::WrongVersion`], or the capacity
		/// ledger's error if the resource is ungraded, graded too low, or has not so much capacity left.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::nominate())]
		pub fn nominate(
			origin: OriginFor<T>,
			sub: SubAccount,
			instrument: InstrumentId,
			resource: ResourceId,
			lots: Lots,
		) -> DispatchResult {
			Self::do_nominate(AccountKey { owner: ensure_signed(origin)?, sub }, instrument, resource, lots)
		}

		/// Says where the caller wants the lots that are delivered to its margin account `sub`, and whose vouchers count. It can say
		/// something else until nominations are closed, and keeps its place in the queue if the region is the same.
		///
		/// # Errors
		/// [`Error::UnknownDelivery`], [`Error::NotNominating`], [`Error::NotLong`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::request())]
		pub fn request(
			origin: OriginFor<T>,
			sub: SubAccount,
			instrument: InstrumentId,
			region: Region,
			key: Option<T::AccountId>,
			endpoint: Endpoint,
		) -> DispatchResult {
			Self::do_request(AccountKey { owner: ensure_signed(origin)?, sub }, instrument, region, key, endpoint)
		}

		/// Says what the caller, a deal's seller or its resource's agent, has available on a day: once, during the day or within
		/// `SubmitPeriod` after it. Free if it is taken.
		///
		/// # Errors
		/// [`Error::UnknownDeal`], [`Error::NotSeller`], [`Error::NoResource`], [`Error::OutOfWindow`], [`Error::AlreadyPosted`],
		/// [`Error::AboveQuantity`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::post_availability())]
		pub fn post_availability(
			origin: OriginFor<T>,
			deal: DealId,
			day: Day,
			available: Capacity,
		) -> DispatchResultWithPostInfo {
			Self::do_post_availability(ensure_signed(origin)?, deal, day, available)
		}

		/// Submits a voucher: what the buyer's key signed to have received on a day, all together. It signs
		/// [`Pallet::voucher_payload`]. Anyone may. Free if it is taken and is the window's first, or raises what is known by at
		/// least a tenth of the window's quantity.
		///
		/// # Errors
		/// [`Error::UnknownDeal`], [`Error::NoKey`], [`Error::OutOfWindow`], [`Error::NotHigher`], [`Error::AboveQuantity`],
		/// [`Error::BadSignature`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::submit_voucher())]
		pub fn submit_voucher(
			origin: OriginFor<T>,
			deal: DealId,
			day: Day,
			cumulative: Capacity,
			signature: T::VoucherSignature,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_submit_voucher(deal, day, cumulative, &signature)
		}

		/// Objects to a day's delivery while the day lasts, with a bond: the resource has to show what it can do.
		///
		/// # Errors
		/// [`Error::UnknownDeal`], [`Error::NotBuyer`], [`Error::OutOfWindow`], [`Error::NothingToObject`],
		/// [`Error::AlreadyObjected`], clearing's error if the caller lacks the cash, or the challenge's if it cannot be had.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::object())]
		pub fn object(origin: OriginFor<T>, deal: DealId, day: Day) -> DispatchResult {
			Self::do_object(ensure_signed(origin)?, deal, day)
		}

		/// Agrees that the caller and the other party of a deal settle the rest of it between themselves. Once both did, price and
		/// deposit of all that is open go back, and nobody owes anything any more. An agreement of one party lapses when a window of
		/// the deal is over, or the buyer objects.
		///
		/// # Errors
		/// [`Error::UnknownDeal`], [`Error::NotParty`], [`Error::AlreadyAgreed`], [`Error::ObjectionOpen`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::agree_alternative())]
		pub fn agree_alternative(origin: OriginFor<T>, deal: DealId) -> DispatchResult {
			Self::do_agree_alternative(ensure_signed(origin)?, deal)
		}

		/// Takes a delivery's next step. Of a contract that ended without being delivered, gives cover back. Anyone may; free if
		/// there was one.
		///
		/// # Errors
		/// [`Error::NothingToAdvance`], or why the step cannot be taken.
		#[pallet::call_index(8)]
		#[pallet::weight(Pallet::<T>::step_weight())]
		pub fn advance(origin: OriginFor<T>, instrument: InstrumentId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_advance(instrument)
		}

		/// Settles a window that is due. Anyone may; free if it was.
		///
		/// # Errors
		/// [`Error::UnknownDeal`], [`Error::OutOfWindow`], [`Error::NotDue`], [`Error::AwaitsVerdict`], [`Error::AwaitsFix`], or
		/// clearing's error if it cannot pay.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::settle_window())]
		pub fn settle_window(origin: OriginFor<T>, deal: DealId, day: Day) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_settle_window(deal, day)
		}

		/// Decides about the parameters. They are in force [`PARAMETER_DELAY`](crate::PARAMETER_DELAY) days later, for deliveries
		/// that begin then.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: DeliveryParameters) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}
}
