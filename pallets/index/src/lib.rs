#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod reporters;
mod rounds;
mod series;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use rounds::commitment;
pub use types::{ClassSettings, Commitment, IndexParameters, NoPrice, Report, Reporter, Round, Stage, Windows};
pub use weights::WeightInfo;

/// Days between the approval of new parameters, or of a class's new floor, and the first day they hold.
pub const PARAMETER_DELAY: u32 = 2;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{BalanceOf, CreditOf, ParametersOf, ReportOf, ReporterOf, RoundOf},
		ClassSettings, Commitment, NoPrice, WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Inspect},
			OnUnbalanced, Time,
		},
	};
	use frame_system::pallet_prelude::*;
	use gcx_math::index::MOVE_MEMORY;
	use gcx_primitives::{ClassId, Day, Fix, Price, PriceStatistics};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token that is bonded.
		type NativeBalance: Inspect<Self::AccountId>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The runtime's reasons for holds, [`HoldReason`] among them.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who admits owners and classes, decides disputes and changes parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock, in milliseconds since the Unix epoch. Ages are measured with it, not in blocks: a chain that stood still
		/// has old prices.
		type Clock: Time<Moment = u64>;

		/// Takes the slashed money. Dropping it burns it.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// Length of a day in milliseconds. Days are counted from the Unix epoch.
		#[pallet::constant]
		type DayLength: Get<u64>;

		/// The most classes.
		#[pallet::constant]
		type MaxClasses: Get<u32>;

		/// The most reporters, those that are leaving among them.
		#[pallet::constant]
		type MaxReporters: Get<u32>;

		/// The most reporters of one owner, those that are leaving among them.
		#[pallet::constant]
		type MaxReportersPerOwner: Get<u32>;

		/// Fixes of a class that are kept. More than the memory of moves.
		#[pallet::constant]
		type MaxFixes: Get<u32>;

		/// Days for which a bond stays held, and slashable, after its reporter stopped.
		#[pallet::constant]
		type UnbondingDays: Get<u32>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// Sets benchmarks up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bonds of an owner's reporters.
		#[codec(index = 0)]
		ReporterBond,
		/// A dispute that is not yet decided.
		#[codec(index = 1)]
		DisputeBond,
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What governs the index now.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParametersOf<T>, ValueQuery>;

	/// Approved parameters and the day from whose start they are in force.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, (Day, ParametersOf<T>), OptionQuery>;

	/// The classes, in the order in which they were admitted.
	#[pallet::storage]
	pub type Classes<T: Config> = StorageValue<_, BoundedVec<ClassId, T::MaxClasses>, ValueQuery>;

	/// The settings of each class.
	#[pallet::storage]
	pub type Settings<T: Config> = StorageMap<_, Twox64Concat, ClassId, ClassSettings, OptionQuery>;

	/// Who may own reporters.
	#[pallet::storage]
	pub type Owners<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, (), OptionQuery>;

	/// Every reporter that is bonded, whatever it is doing.
	#[pallet::storage]
	pub type Reporters<T: Config> = CountedStorageMap<_, Twox64Concat, T::AccountId, ReporterOf<T>, OptionQuery>;

	/// The round that a class is in, or was in last.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, ClassId, RoundOf<T>, OptionQuery>;

	/// Commitments of the round that are not yet revealed.
	#[pallet::storage]
	pub type Commitments<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ClassId, Twox64Concat, T::AccountId, Commitment<T::Hash>, OptionQuery>;

	/// Reports of the round.
	#[pallet::storage]
	pub type Reports<T: Config> =
		StorageMap<_, Twox64Concat, ClassId, BoundedVec<ReportOf<T>, T::MaxReporters>, ValueQuery>;

	/// The newest final fixes of a class, the oldest first.
	#[pallet::storage]
	pub type Series<T: Config> = StorageMap<_, Twox64Concat, ClassId, BoundedVec<Fix, T::MaxFixes>, ValueQuery>;

	/// The newest fix of a class and what follows from its series.
	#[pallet::storage]
	pub type Latest<T: Config> = StorageMap<_, Twox64Concat, ClassId, (Fix, PriceStatistics), OptionQuery>;

	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A class has an index from now, with a floor price.
		ClassAdmitted { class: ClassId, floor: Price },
		/// A class gets another floor price on the day `from`.
		FloorApproved { class: ClassId, floor: Price, from: Day },
		/// An account may own reporters.
		OwnerAdmitted { owner: T::AccountId },
		/// An account may no longer own reporters; its reports count no more.
		OwnerExpelled { owner: T::AccountId },
		/// A reporter was bonded.
		Registered { reporter: T::AccountId, owner: T::AccountId, bond: BalanceOf<T> },
		/// A reporter's bond was raised by `extra` to `bond`.
		BondRaised { reporter: T::AccountId, extra: BalanceOf<T>, bond: BalanceOf<T> },
		/// A reporter stopped. Its bond can be withdrawn after the day `until`.
		Leaving { reporter: T::AccountId, until: Day },
		/// A bond was given back in full.
		Withdrawn { reporter: T::AccountId, owner: T::AccountId, bond: BalanceOf<T> },
		/// A reporter lost `amount` of its bond; `left` remains.
		Slashed { reporter: T::AccountId, amount: BalanceOf<T>, left: BalanceOf<T> },
		/// A reporter committed to a price.
		Committed { class: ClassId, day: Day, reporter: T::AccountId },
		/// A reporter revealed a price.
		Reported { class: ClassId, day: Day, reporter: T::AccountId, price: Price },
		/// A reporter committed and did not reveal.
		Silent { class: ClassId, day: Day, reporter: T::AccountId },
		/// A report was too far from the others to count.
		Outlier { class: ClassId, day: Day, reporter: T::AccountId, price: Price },
		/// So many reports of so many owners agree on a price, which can be disputed until `until`, in milliseconds since
		/// the Unix epoch.
		Proposed { class: ClassId, day: Day, price: Price, reports: u32, owners: u32, until: u64 },
		/// Somebody disputes the proposed price.
		Disputed { class: ClassId, day: Day, price: Price, by: T::AccountId, bond: BalanceOf<T> },
		/// Governance rejected a dispute; its bond is lost.
		DisputeRejected { class: ClassId, day: Day, by: T::AccountId, bond: BalanceOf<T> },
		/// The price of a class and day is final.
		Fixed { class: ClassId, fix: Fix, statistics: PriceStatistics },
		/// There is no price for a class and day, and there will be none.
		NotFixed { class: ClassId, day: Day, reason: NoPrice },
		/// New parameters were approved; they are in force from the start of the day `from`.
		ParametersApproved { from: Day, parameters: ParametersOf<T> },
		/// The parameters that are in force from now.
		ParametersChanged { parameters: ParametersOf<T> },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The class has no index.
		UnknownClass,
		/// There are as many classes as there can be.
		TooManyClasses,
		/// A floor price is positive and within the exchange's bounds.
		InvalidFloor,
		/// The account may not own reporters.
		NotAdmitted,
		/// The account may own reporters already.
		AlreadyAdmitted,
		/// The account is a reporter already.
		AlreadyReporter,
		/// The account is not a reporter, or not the caller's.
		NotReporter,
		/// There are as many reporters as there can be.
		TooManyReporters,
		/// The owner has as many reporters as one can have.
		TooManyReportersOfOwner,
		/// The bond is smaller than `Parameters.min_bond`.
		BondTooSmall,
		/// The amount to add is zero.
		NothingToAdd,
		/// The reporter is leaving.
		AlreadyLeaving,
		/// The reporter is not leaving; `unregister` comes first.
		NotLeaving,
		/// The unbonding time is not over; the bond can still be slashed.
		StillUnbonding,
		/// The window for commitments is not open.
		NotCommitting,
		/// The reporter committed for this class and day already.
		AlreadyCommitted,
		/// The window for reports is not open.
		NotRevealing,
		/// The reporter did not commit for this class and day, or revealed already.
		NotCommitted,
		/// Price and salt are not what the reporter committed to.
		WrongReveal,
		/// The price is beyond the exchange's bounds.
		PriceOutOfBounds,
		/// No price is proposed for this class and day, or the window for disputes is over.
		NothingToDispute,
		/// No dispute is open for this class and day.
		NoDispute,
		/// The parameters contradict each other or the runtime's bounds.
		InvalidParameters,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The classes and their floor prices.
		pub classes: Vec<(ClassId, Price)>,
		/// The reporters: account, owner, bond. Each owner is admitted and needs the balance.
		pub reporters: Vec<(T::AccountId, T::AccountId, BalanceOf<T>)>,
		/// The parameters in force from the start; none for the loosest that are valid.
		pub parameters: Option<ParametersOf<T>>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { classes: Vec::new(), reporters: Vec::new(), parameters: None }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let parameters = self.parameters.clone().unwrap_or_else(|| ParametersOf::<T> {
				min_bond: T::NativeBalance::minimum_balance(),
				full_bond: T::NativeBalance::minimum_balance(),
				dispute_bond: T::NativeBalance::minimum_balance(),
				..Default::default()
			});
			assert!(parameters.is_valid::<T>(), "genesis: the index's parameters contradict each other");
			Parameters::<T>::put(parameters);
			for (class, floor) in &self.classes {
				if let Err(error) = Pallet::<T>::do_set_class(*class, *floor) {
					panic!("genesis: the class {class:?} cannot be admitted: {error:?}");
				}
			}
			for (reporter, owner, bond) in &self.reporters {
				Owners::<T>::insert(owner, ());
				if let Err(error) = Pallet::<T>::do_register(owner.clone(), reporter.clone(), *bond) {
					panic!("genesis: {owner:?} cannot bond {bond:?} for {reporter:?}: {error:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Brings the rounds on, one class a block in turn. Anyone can do the same by [`Pallet::advance`].
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::advance_in_turn(now)
		}

		fn integrity_test() {
			assert!(
				usize::try_from(T::MaxFixes::get()).is_ok_and(|fixes| fixes > MOVE_MEMORY),
				"the series is shorter than the memory of moves"
			);
			assert!(T::DayLength::get() > 0, "a day has a length");
			assert!(T::MaxClasses::get() > 0 && T::MaxReporters::get() > 0, "an index needs a class and a reporter");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Admits a class with a floor price, or gives an admitted one another, from the day after tomorrow.
		///
		/// # Errors
		/// [`Error::InvalidFloor`], [`Error::TooManyClasses`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_class())]
		pub fn set_class(origin: OriginFor<T>, class: ClassId, floor: Price) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_class(class, floor)
		}

		/// Lets an account own reporters.
		///
		/// # Errors
		/// [`Error::AlreadyAdmitted`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::admit_owner())]
		pub fn admit_owner(origin: OriginFor<T>, owner: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_admit_owner(owner)
		}

		/// No longer lets an account own reporters. Those it has begin to leave; what they reported today does not count.
		///
		/// # Errors
		/// [`Error::NotAdmitted`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::expel_owner())]
		pub fn expel_owner(origin: OriginFor<T>, owner: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_expel_owner(owner)
		}

		/// Holds `bond` of the caller's balance for an account that reports prices in its name.
		///
		/// # Errors
		/// [`Error::NotAdmitted`], [`Error::AlreadyReporter`], [`Error::BondTooSmall`], [`Error::TooManyReporters`],
		/// [`Error::TooManyReportersOfOwner`], or the token's error if the balance does not suffice.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			reporter: T::AccountId,
			#[pallet::compact] bond: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_register(ensure_signed(origin)?, reporter, bond)
		}

		/// Adds `extra` to the bond of one of the caller's reporters.
		///
		/// # Errors
		/// [`Error::NothingToAdd`], [`Error::NotReporter`], [`Error::AlreadyLeaving`], or the token's error if the balance
		/// does not suffice.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::bond_extra())]
		pub fn bond_extra(
			origin: OriginFor<T>,
			reporter: T::AccountId,
			#[pallet::compact] extra: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_bond_extra(ensure_signed(origin)?, reporter, extra)
		}

		/// Stops one of the caller's reporters. Its bond stays held, and slashable, for [`Config::UnbondingDays`].
		///
		/// # Errors
		/// [`Error::NotReporter`], [`Error::AlreadyLeaving`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::unregister())]
		pub fn unregister(origin: OriginFor<T>, reporter: T::AccountId) -> DispatchResult {
			Self::do_unregister(ensure_signed(origin)?, reporter)
		}

		/// Gives the whole remaining bond of a stopped reporter back to its owner. Anyone may ask for it: the reporter's
		/// place is free then.
		///
		/// # Errors
		/// [`Error::NotReporter`], [`Error::NotLeaving`], [`Error::StillUnbonding`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, reporter: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw(reporter)
		}

		/// Commits the caller, a reporter, to a price of a class for today: the hash is [`commitment`](crate::commitment).
		/// Free if it succeeds.
		///
		/// # Errors
		/// [`Error::UnknownClass`], [`Error::NotReporter`], [`Error::AlreadyLeaving`], [`Error::NotAdmitted`],
		/// [`Error::BondTooSmall`], [`Error::NotCommitting`], [`Error::AlreadyCommitted`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::commit().saturating_add(Pallet::<T>::advance_weight()))]
		pub fn commit(origin: OriginFor<T>, class: ClassId, hash: T::Hash) -> DispatchResultWithPostInfo {
			Self::do_commit(ensure_signed(origin)?, class, hash)
		}

		/// Reveals the price that the caller committed to. Free if it succeeds.
		///
		/// # Errors
		/// [`Error::UnknownClass`], [`Error::NotRevealing`], [`Error::NotCommitted`], [`Error::WrongReveal`],
		/// [`Error::PriceOutOfBounds`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::reveal())]
		pub fn reveal(
			origin: OriginFor<T>,
			class: ClassId,
			price: Price,
			salt: [u8; 32],
		) -> DispatchResultWithPostInfo {
			Self::do_reveal(ensure_signed(origin)?, class, price, salt)
		}

		/// Disputes the price that is proposed for a class and day, with a bond that is lost if governance rejects it.
		///
		/// # Errors
		/// [`Error::NothingToDispute`], or the token's error if the balance does not suffice.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::dispute().saturating_add(Pallet::<T>::advance_weight()))]
		pub fn dispute(origin: OriginFor<T>, class: ClassId, day: Day) -> DispatchResultWithPostInfo {
			Self::do_dispute(ensure_signed(origin)?, class, day)
		}

		/// Decides the dispute of a class and day: upheld, there is no fix; rejected, the price is final.
		///
		/// # Errors
		/// [`Error::NoDispute`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::resolve().saturating_add(Pallet::<T>::advance_weight()))]
		pub fn resolve(origin: OriginFor<T>, class: ClassId, day: Day, upheld: bool) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_resolve(class, day, upheld)
		}

		/// Takes up to `amount` of a reporter's bond, for prices that were proven false.
		///
		/// # Errors
		/// [`Error::NotReporter`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::slash())]
		pub fn slash(
			origin: OriginFor<T>,
			reporter: T::AccountId,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_slash(reporter, amount)
		}

		/// Brings the round of a class to where the clock says it is. Anyone may, so that the index depends on no hook.
		///
		/// # Errors
		/// [`Error::UnknownClass`].
		#[pallet::call_index(12)]
		#[pallet::weight(Pallet::<T>::advance_weight())]
		pub fn advance(origin: OriginFor<T>, class: ClassId) -> DispatchResult {
			ensure_signed(origin)?;
			ensure!(Settings::<T>::contains_key(class), Error::<T>::UnknownClass);
			Self::do_advance(class);
			Ok(())
		}

		/// Approves new parameters, in force from the day after tomorrow. Replaces an approval that is not yet in force.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParametersOf<T>) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}
}
