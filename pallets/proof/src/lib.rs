#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod block;
mod challenges;
mod commitments;
#[cfg(test)]
mod mock;
mod openings;
mod reckoning;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::{
	Answer, History, Member, Outcome, Passage, ProposedTerms, Purpose, RollCall, RollCallTerms, Schedule, Shown, Stage,
	Tally, Terms, Totals, MAX_HISTORY, MAX_WINDOW,
};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		History, Member, Outcome, ProposedTerms, Purpose, RollCall, Schedule, Shown, Tally, Terms, Totals, WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{Randomness, Time},
	};
	use frame_system::pallet_prelude::*;
	use gcx_math::proof::{Hash, MAX_OPENINGS};
	use gcx_primitives::{
		Beacon, ClassId, Day, DealId, OnTenancyChallenged, Ppm, ProvableResources, ResourceId, RollCallId,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Who sets the terms of classes.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock, in milliseconds since the Unix epoch.
		type Clock: Time<Moment = u64>;

		/// Slots, and randomness of blocks. Its state is of this block when this pallet's hook runs.
		type Beacon: Beacon;

		/// The epoch of this block.
		type Epoch: Get<u64>;

		/// Randomness that became known with the last block of the epoch before.
		type Randomness: Randomness<Self::Hash, BlockNumberFor<Self>>;

		/// The resources.
		type Compute: ProvableResources<Self::AccountId>;

		/// Length of a slot in milliseconds.
		#[pallet::constant]
		type SlotDuration: Get<u64>;

		/// Slots of an epoch.
		#[pallet::constant]
		type EpochSlots: Get<u64>;

		/// The most of resources' time that a class's roll-calls may take.
		#[pallet::constant]
		type MaxShareOfTime: Get<Ppm>;

		/// The most roll-calls at a time, of one class each.
		#[pallet::constant]
		type MaxRollCalls: Get<u32>;

		/// The most challenges at a time, of one resource each.
		#[pallet::constant]
		type MaxChallenges: Get<u32>;

		/// Who wants to know what came of challenges.
		type OnChallenged: OnTenancyChallenged<Self::AccountId>;

		/// What a block spends on roll-calls at most, beyond seeing whether there are any.
		#[pallet::constant]
		type BlockWeight: Get<Weight>;

		/// The most that [`ProvableResources::proven`], [`ProvableResources::absent`] or
		/// [`offended`](gcx_primitives::ComputeResources::offended) weighs.
		type ReckonedWeight: Get<Weight>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// Sets benchmarks up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// The most roll-calls at a time, of classes and of single resources.
	pub struct MostAtOnce<T>(PhantomData<T>);

	impl<T: Config> Get<u32> for MostAtOnce<T> {
		fn get() -> u32 {
			T::MaxRollCalls::get().saturating_add(T::MaxChallenges::get())
		}
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The classes that are called, and when.
	#[pallet::storage]
	pub type Schedules<T: Config> = CountedStorageMap<_, Twox64Concat, ClassId, Schedule, OptionQuery>;

	/// The epoch of the newest block.
	#[pallet::storage]
	pub type LastEpoch<T: Config> = StorageValue<_, u64, OptionQuery>;

	/// The number of the next roll-call.
	#[pallet::storage]
	pub type NextRollCall<T: Config> = StorageValue<_, RollCallId, ValueQuery>;

	/// The roll-calls that are going on, the oldest first.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageValue<_, BoundedVec<RollCallId, MostAtOnce<T>>, ValueQuery>;

	/// Each of them.
	#[pallet::storage]
	pub type RollCalls<T: Config> = StorageMap<_, Twox64Concat, RollCallId, RollCall, OptionQuery>;

	/// Resources that are challenged: the deal and the day that it is about. Each is in a roll-call of its own.
	#[pallet::storage]
	pub type Challenged<T: Config> = CountedStorageMap<_, Twox64Concat, ResourceId, (DealId, Day), OptionQuery>;

	/// The resources that are in them, until they are reckoned.
	#[pallet::storage]
	pub type Members<T: Config> =
		StorageDoubleMap<_, Twox64Concat, RollCallId, Twox64Concat, ResourceId, Member, OptionQuery>;

	/// The last roll-calls of each resource.
	#[pallet::storage]
	pub type Histories<T: Config> = StorageMap<_, Twox64Concat, ResourceId, History, ValueQuery>;

	/// What all roll-calls that are over came to, since the chain began.
	#[pallet::storage]
	pub type Sums<T: Config> = StorageValue<_, Totals, ValueQuery>;

	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A class is called by these terms from its next roll-call on, at the earliest in the epoch `due`.
		TermsSet { class: ClassId, terms: Terms, due: u64 },
		/// A class is called no more.
		TermsRemoved { class: ClassId },
		/// A class is called, or one resource of it: they commit up to the slot `commit_until`.
		Called {
			roll_call: RollCallId,
			class: ClassId,
			purpose: Purpose,
			nonce: Hash,
			seed_slot: u64,
			commit_until: u64,
		},
		/// A resource committed to `rounds` rounds of each of its devices.
		Committed { roll_call: RollCallId, resource: ResourceId, devices: u32, rounds: u32, commitment: Hash },
		/// Cells were drawn: of `called` resources `committed` did, and show what was drawn up to the slot `open_until`.
		Drawn { roll_call: RollCallId, randomness: Hash, called: u32, committed: u32, open_until: u64 },
		/// The chain checked so many openings of a resource; `left` are still to be shown.
		Opened { roll_call: RollCallId, resource: ResourceId, openings: u32, left: u32 },
		/// The chain stood still while what was drawn could be shown; it can be until the slot `open_until`.
		Extended { roll_call: RollCallId, open_until: u64 },
		/// The chain stood still while resources could commit: nobody is blamed, nothing is proven.
		Voided { roll_call: RollCallId },
		/// What a roll-call came to for a resource.
		Reckoned { roll_call: RollCallId, resource: ResourceId, outcome: Outcome },
		/// A roll-call is over.
		Closed { roll_call: RollCallId, class: ClassId, tally: Tally },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The class is not called.
		NotScheduled,
		/// The class's current reference system is not measured by what is proven.
		NotProvable,
		/// A sum of so many products could overflow 32 bits.
		AccumulatorOverflows,
		/// The check of so many openings is too heavy for a block.
		CheckTooHeavy,
		/// The computation is not one that can be proven: its sides, depth, tiles, rounds or openings are out of bounds.
		InvalidComputation,
		/// A window or an interval is out of bounds, nobody would be drawn, or less of a suspect than of others.
		InvalidTerms,
		/// Roll-calls would take more of resources' time than they may.
		TooMuchTime,
		/// As many classes are called as can be.
		TooManyClasses,
		/// There is no such roll-call, or it is over.
		UnknownRollCall,
		/// There is no such resource.
		UnknownResource,
		/// The caller is neither the resource's provider nor its agent.
		NotProvider,
		/// Another class is called.
		WrongClass,
		/// Another resource is called, alone.
		NotCalled,
		/// The resource is in jail or leaving: nothing counts for it.
		NotExamined,
		/// The window for commitments is over, or the chain stood still in it.
		NotCommitting,
		/// The resource committed already.
		AlreadyCommitted,
		/// No round was done, or more than were asked for.
		RoundsOutOfRange,
		/// Nothing is drawn yet, or the window for openings is over.
		NotOpening,
		/// The resource did not commit.
		NotCommitted,
		/// The resource was not drawn, or not so many of its cells were.
		NotDrawn,
		/// No opening was given.
		NothingShown,
		/// This opening was checked before, or is there twice.
		AlreadyShown,
		/// The path of a device is longer or shorter than it can be.
		WrongDevicePath,
		/// What is shown of a device is not what the resource committed to in this place.
		DeviceNotCommitted,
		/// The tile has more or fewer cells than a tile has.
		WrongTileSize,
		/// The round before is shown of a cell in the first round, or it is not shown of one in a later round.
		WrongPreviousRound,
		/// The path of the tile is longer or shorter than it can be.
		WrongTilePath,
		/// A path of a round is longer or shorter than it can be.
		WrongRoundPath,
		/// What is shown of the round before is not what was committed to.
		PreviousRoundNotCommitted,
		/// The tile is not what was committed to in this place.
		TileNotCommitted,
		/// A cell is not the sum of the products.
		WrongProduct,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The terms of classes that are called.
		pub terms: Vec<(ClassId, ProposedTerms)>,
		/// The runtime.
		#[serde(skip)]
		pub _runtime: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (class, terms) in &self.terms {
				if let Err(error) = Pallet::<T>::do_set_terms(*class, *terms) {
					panic!("genesis: {class:?} cannot be called by {terms:?}: {error:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Calls classes in the first block of an epoch, and brings on the roll-calls that are going on.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::begin_block()
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
		/// Has the resources of a class called from the next epoch on, by these terms. A roll-call that is going on keeps its own.
		///
		/// # Errors
		/// [`Error::InvalidComputation`], [`Error::AccumulatorOverflows`], [`Error::CheckTooHeavy`], [`Error::InvalidTerms`],
		/// [`Error::TooMuchTime`], [`Error::NotProvable`], [`Error::TooManyClasses`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_terms())]
		pub fn set_terms(origin: OriginFor<T>, class: ClassId, terms: ProposedTerms) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_terms(class, terms)
		}

		/// Has a class called no more. A roll-call that is going on goes on.
		///
		/// # Errors
		/// [`Error::NotScheduled`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::remove_terms())]
		pub fn remove_terms(origin: OriginFor<T>, class: ClassId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Schedules::<T>::take(class).ok_or(Error::<T>::NotScheduled)?;
			Self::deposit_event(Event::TermsRemoved { class });
			Ok(())
		}

		/// Commits to what the devices of one of the caller's resources computed: so many rounds each. Who is exempt may, and
		/// answers for it like others. Free if it is accepted.
		///
		/// # Errors
		/// [`Error::UnknownRollCall`], [`Error::NotCommitting`], [`Error::UnknownResource`], [`Error::NotProvider`],
		/// [`Error::WrongClass`], [`Error::NotCalled`], [`Error::NotExamined`], [`Error::RoundsOutOfRange`], [`Error::AlreadyCommitted`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::commit())]
		pub fn commit(
			origin: OriginFor<T>,
			roll_call: RollCallId,
			resource: ResourceId,
			rounds: u32,
			commitment: Hash,
		) -> DispatchResultWithPostInfo {
			Self::do_commit(ensure_signed(origin)?, roll_call, resource, rounds, commitment)
		}

		/// Shows some of the cells that were drawn of one of the caller's resources, each once. All of them hold, or none is taken
		/// and they can be shown again. Free if they hold.
		///
		/// # Errors
		/// [`Error::UnknownRollCall`], [`Error::NotOpening`], [`Error::UnknownResource`], [`Error::NotProvider`],
		/// [`Error::NotCommitted`], [`Error::NotDrawn`], [`Error::NothingShown`], [`Error::AlreadyShown`], or what does not hold of
		/// an opening: [`Error::WrongDevicePath`], [`Error::DeviceNotCommitted`], [`Error::WrongTileSize`],
		/// [`Error::WrongPreviousRound`], [`Error::WrongTilePath`], [`Error::WrongRoundPath`],
		/// [`Error::PreviousRoundNotCommitted`], [`Error::TileNotCommitted`], [`Error::WrongProduct`].
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::open_weight(*roll_call, shown.len()))]
		pub fn open(
			origin: OriginFor<T>,
			roll_call: RollCallId,
			resource: ResourceId,
			shown: BoundedVec<Shown, ConstU32<MAX_OPENINGS>>,
		) -> DispatchResultWithPostInfo {
			Self::do_open(ensure_signed(origin)?, roll_call, resource, &shown)
		}
	}
}
