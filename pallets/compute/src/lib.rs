#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod capacity;
mod classes;
mod delivery;
mod examination;
mod feasibility;
mod ledger;
mod life;
mod maintenance;
#[cfg(test)]
mod mock;
mod parameters;
mod providers;
mod prune;
mod resources;
mod roster;
mod standing;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{heaviest_resource, BenchmarkHelper};
pub use life::{Failure, Life, Stage};
pub use pallet::*;
pub use types::{
	BestDelivery, Booking, Class, ComputeParameters, Evidence, GenesisClass, LedgerDay, Name, Position, Provider,
	ReferenceRecord, Reputation, Resource, Standing, MAINTENANCE_NOTICE, MAINTENANCE_PERIOD, MAX_NAME,
	MAX_REPORTER_SHARE, MAX_WINDOWS, UPTIME_MEMORY,
};
pub use weights::WeightInfo;

/// Days between the approval of new parameters and the first day they hold.
pub const PARAMETER_DELAY: u32 = 2;
/// Days, today among them, that are looked at for what is no longer covered when a resource loses capacity.
pub const SHORTFALL_DAYS: u32 = 7;
/// The most steps of cleaning that one call takes.
pub const MAX_PRUNE_STEPS: u32 = 100;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{BalanceOf, ClassOf, CreditOf, GenesisClass, LedgerDayOf, Name, ParametersOf, ProviderOf, ResourceOf},
		Failure, ReferenceRecord, Standing, WeightInfo, MAINTENANCE_PERIOD, MAX_PRUNE_STEPS,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, hold, Inspect},
			OnUnbalanced, Time,
		},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use gcx_math::rate::NoRate;
	use gcx_primitives::{
		Capacity, ClassId, Day, DeliveryDays, Grade, Metric, OnPerformance, PerformanceBurn, ProviderOffence,
		ReferenceSystem, ReferenceVersion, Region, Reliability, ResourceId, ResourceState, RollCallId, RoundId,
	};
	use sp_runtime::FixedU128;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token that is bonded.
		type NativeBalance: Inspect<Self::AccountId>
			+ fungible::Balanced<Self::AccountId>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The runtime's reasons for holds, [`HoldReason`] among them.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who admits classes and versions and changes parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock, in milliseconds since the Unix epoch. Ages of evidence are measured with it.
		type Clock: Time<Moment = u64>;

		/// Today. Never goes back.
		type Today: Get<Day>;

		/// Takes the slashed money that no reporter gets. Dropping it burns it.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// What burns for a fall of reliability.
		type Burn: PerformanceBurn<CreditOf<Self>>;

		/// Who is told of what was delivered.
		type Performance: OnPerformance<Self::AccountId>;

		/// The most classes.
		#[pallet::constant]
		type MaxClasses: Get<u32>;

		/// The most versions of a class's reference system that are not retired.
		#[pallet::constant]
		type MaxVersionsPerClass: Get<u32>;

		/// The most resources of one provider, those that are leaving among them.
		#[pallet::constant]
		type MaxResourcesPerProvider: Get<u32>;

		/// The most different grades at which a provider's day of one class is sold. At most eight: what is checked grows with
		/// two to its power.
		#[pallet::constant]
		type MaxFloors: Get<u32>;

		/// The most days ahead of today that can be sold or pledged.
		#[pallet::constant]
		type MaxDaysAhead: Get<u32>;

		/// Days for which a bond stays held, and slashable, after its provider or its resource left; and for which what was sold
		/// for a day is remembered after it.
		#[pallet::constant]
		type UnbondingDays: Get<u32>;

		/// Measured weights of the calls, and of what other pallets call.
		type WeightInfo: WeightInfo;

		/// Sets benchmarks up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of a provider.
		#[codec(index = 0)]
		ProviderBond,
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What governs compute now.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParametersOf<T>, ValueQuery>;

	/// Approved parameters and the day from whose start they are in force.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, (Day, ParametersOf<T>), OptionQuery>;

	/// The classes.
	#[pallet::storage]
	pub type Classes<T: Config> = CountedStorageMap<_, Twox64Concat, ClassId, ClassOf<T>, OptionQuery>;

	/// The versions of reference systems that are not retired.
	#[pallet::storage]
	pub type References<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ClassId, Twox64Concat, ReferenceVersion, ReferenceRecord, OptionQuery>;

	/// The providers, those that are leaving among them.
	#[pallet::storage]
	pub type Providers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ProviderOf<T>, OptionQuery>;

	/// The number of the next resource.
	#[pallet::storage]
	pub type NextResource<T: Config> = StorageValue<_, ResourceId, ValueQuery>;

	/// The resources, those that are leaving among them.
	#[pallet::storage]
	pub type Resources<T: Config> = StorageMap<_, Twox64Concat, ResourceId, ResourceOf<T>, OptionQuery>;

	/// What is known of each resource.
	#[pallet::storage]
	pub type Standings<T: Config> = StorageMap<_, Twox64Concat, ResourceId, Standing, ValueQuery>;

	/// What all resources of a class can deliver a day: the sum of what each was counted with when it last changed. Nothing if there
	/// is no entry.
	#[pallet::storage]
	pub type ClassCapacity<T: Config> = StorageMap<_, Twox64Concat, ClassId, Capacity, ValueQuery>;

	/// The resources that are examined, in seats from zero on without a gap.
	#[pallet::storage]
	pub type Roster<T: Config> = CountedStorageMap<_, Twox64Concat, u32, ResourceId, OptionQuery>;

	/// The seat of each resource that is examined.
	#[pallet::storage]
	pub type Seats<T: Config> = StorageMap<_, Twox64Concat, ResourceId, u32, OptionQuery>;

	/// What is spoken for of each day, by provider and class.
	#[pallet::storage]
	pub type Ledger<T: Config> = StorageNMap<
		_,
		(NMapKey<Twox64Concat, Day>, NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Twox64Concat, ClassId>),
		LedgerDayOf<T>,
		ValueQuery,
	>;

	/// No day before this one has an entry in the ledger. None while there never was one.
	#[pallet::storage]
	pub type OldestDay<T: Config> = StorageValue<_, Day, OptionQuery>;

	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// There is a new class, with the first version of its reference system.
		ClassAdmitted { class: ClassId, name: Name, attested_by: Option<Metric>, loss_per_hour: BalanceOf<T> },
		/// A version of a class's reference system. Resources that register from now on are measured against it.
		VersionAdded { class: ClassId, version: ReferenceVersion, system: ReferenceSystem },
		/// A version that nobody used is gone.
		VersionRetired { class: ClassId, version: ReferenceVersion },
		/// A contract relies on a version; `pins` of them do.
		VersionPinned { class: ClassId, version: ReferenceVersion, pins: u32 },
		/// A contract relies on a version no more; `pins` of them still do.
		VersionUnpinned { class: ClassId, version: ReferenceVersion, pins: u32 },
		/// What a bond must cover per Compute Hour of a class.
		LossPerHourChanged { class: ClassId, before: BalanceOf<T>, loss_per_hour: BalanceOf<T> },
		/// Somebody offers compute, with a bond.
		ProviderRegistered { provider: T::AccountId, bond: BalanceOf<T> },
		/// A provider's bond was raised by `extra` to `bond`.
		BondRaised { provider: T::AccountId, extra: BalanceOf<T>, bond: BalanceOf<T> },
		/// A provider is leaving. Its bond can be withdrawn after the day `until`.
		ProviderLeaving { provider: T::AccountId, bond: BalanceOf<T>, until: Day },
		/// A provider's bond was given back in full, and it is no provider any more.
		BondWithdrawn { provider: T::AccountId, bond: BalanceOf<T> },
		/// A provider has a new resource.
		ResourceRegistered {
			resource: ResourceId,
			provider: T::AccountId,
			agent: T::AccountId,
			class: ClassId,
			version: ReferenceVersion,
			region: Region,
			devices: u32,
		},
		/// Another account's key signs a resource's results and answers its draws.
		AgentChanged { resource: ResourceId, before: T::AccountId, agent: T::AccountId },
		/// A resource has more devices or fewer. With more, what was found of it counts no more.
		DevicesChanged { resource: ResourceId, before: u32, devices: u32 },
		/// A resource is not drawn and has no capacity on these days.
		MaintenanceDeclared { resource: ResourceId, first: Day, last: Day },
		/// A resource's state changed, but for maintenance, which begins and ends by the day alone.
		StateChanged { resource: ResourceId, from: ResourceState, to: ResourceState },
		/// A resource is leaving. It can be removed after the day `until`.
		ResourceExiting { resource: ResourceId, until: Day },
		/// A resource is gone.
		ResourceRemoved { resource: ResourceId, provider: T::AccountId },
		/// A resource passed a round. The rates are per device, in Compute Hours of its version an hour.
		RoundPassed {
			resource: ResourceId,
			round: RoundId,
			evidence: [u8; 32],
			attested: Option<FixedU128>,
			declared: Option<FixedU128>,
			grade: Option<Grade>,
		},
		/// No rate follows from what a resource declared in a round; what it declared before counts no more.
		DeclaredRefused { resource: ResourceId, round: RoundId, reason: NoRate },
		/// The chain itself checked what a resource computed in a roll-call. The rate is per device, in Compute Hours of its version an hour.
		Proven { resource: ResourceId, roll_call: RollCallId, rate: FixedU128, grade: Option<Grade> },
		/// No quorum found anything in a resource's answer. Nothing changes.
		RoundUnattested { resource: ResourceId },
		/// A resource failed a round or a roll-call, `failures` in a row now; at `limit` it is jailed.
		RoundFailed { resource: ResourceId, failure: Failure, failures: u32, limit: u32 },
		/// A provider was slashed: `taken` of its bond of `had`, so that `left` is left, of which `reward` went to the reporter.
		Slashed {
			provider: T::AccountId,
			resource: ResourceId,
			offence: ProviderOffence,
			had: BalanceOf<T>,
			taken: BalanceOf<T>,
			left: BalanceOf<T>,
			reporter: Option<T::AccountId>,
			reward: BalanceOf<T>,
		},
		/// The reliability of a resource fell by two grades or more, to this one: `burned` of its provider's bond of `had`, so that `left` is
		/// left.
		ReliabilityFell {
			provider: T::AccountId,
			resource: ResourceId,
			reliability: Reliability,
			had: BalanceOf<T>,
			burned: BalanceOf<T>,
			left: BalanceOf<T>,
		},
		/// A provider did not deliver what it owed: `taken` of its bond of `had`, so that `left` is left. What becomes of it, who
		/// took it says.
		StakeTaken {
			provider: T::AccountId,
			resource: Option<ResourceId>,
			had: BalanceOf<T>,
			taken: BalanceOf<T>,
			left: BalanceOf<T>,
		},
		/// A window of delivery was settled, and counts towards reputation and reliability.
		WindowCounted { provider: T::AccountId, resource: Option<ResourceId>, due: Capacity, delivered: Capacity },
		/// So much more of a provider's compute is sold on each of these days. Of its bond, `at_risk` is for what is sold.
		Sold {
			provider: T::AccountId,
			class: ClassId,
			floor: Grade,
			days: DeliveryDays,
			per_day: Capacity,
			at_risk: BalanceOf<T>,
			bond: BalanceOf<T>,
		},
		/// So much less of a provider's compute is sold on each of these days.
		Unsold { provider: T::AccountId, class: ClassId, floor: Grade, days: DeliveryDays, per_day: Capacity },
		/// So much of what was sold will be delivered by a resource.
		Nominated { resource: ResourceId, provider: T::AccountId, floor: Grade, days: DeliveryDays, per_day: Capacity },
		/// So much of what a resource was to deliver was delivered, or will not be.
		Released { resource: ResourceId, provider: T::AccountId, days: DeliveryDays, per_day: Capacity },
		/// A provider set so much of a resource aside.
		Pledged { resource: ResourceId, days: DeliveryDays, per_day: Capacity },
		/// A provider set so much less of a resource aside.
		Unpledged { resource: ResourceId, days: DeliveryDays, per_day: Capacity },
		/// What is spoken for of a provider's day exceeds its capacity by `short`.
		Shortfall { provider: T::AccountId, class: ClassId, day: Day, short: Capacity },
		/// What was spoken for of a day long past is forgotten.
		Forgotten { provider: T::AccountId, class: ClassId, day: Day, sold: Capacity, nominated: Capacity },
		/// New parameters were approved; they are in force from the start of the day `from`.
		ParametersApproved { from: Day, parameters: ParametersOf<T> },
		/// The parameters that are in force from now.
		ParametersChanged { parameters: ParametersOf<T> },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such class.
		UnknownClass,
		/// There is a class of this number already.
		ClassExists,
		/// There are as many classes as there can be.
		TooManyClasses,
		/// A class's name is UTF-8 and not empty.
		InvalidName,
		/// The reference system contradicts itself, or does not have the metric that attests its class.
		InvalidSystem,
		/// The class has no such version of its reference system, or it is retired.
		UnknownVersion,
		/// The class has as many versions as it can have; one must be retired first.
		TooManyVersions,
		/// Resources are measured against the version, or contracts rely on it.
		VersionInUse,
		/// The version is the class's current one.
		VersionCurrent,
		/// No contract relies on the version.
		NotPinned,
		/// The account is a provider already.
		AlreadyProvider,
		/// The account is no provider.
		NotProvider,
		/// The bond is smaller than `Parameters.min_bond`, the part for each resource, and what is at risk come to.
		BondTooSmall,
		/// The amount is zero.
		NoAmount,
		/// The provider is leaving.
		ProviderLeaving,
		/// The provider still has resources.
		HasResources,
		/// Something of the provider's is still sold or nominated.
		StillOwes,
		/// The provider, or the resource, is not leaving.
		NotLeaving,
		/// The unbonding time is not over; the bond can still be slashed.
		StillUnbonding,
		/// There is no such resource.
		UnknownResource,
		/// The resource is somebody else's.
		NotOwner,
		/// The provider has as many resources as one can have.
		TooManyResources,
		/// A resource has from one to [`MAX_DEVICES`](gcx_primitives::MAX_DEVICES) devices, and a change changes their number.
		InvalidDevices,
		/// The resource is leaving.
		ResourceExiting,
		/// The days end before they begin, are too many, in the past, or too far ahead.
		InvalidDays,
		/// Maintenance begins sooner than a whole day after its declaration.
		NoticeTooShort,
		/// Maintenance is declared for one of the days already.
		MaintenanceOverlaps,
		/// More than `Parameters.maintenance_days` in 30 days would be maintenance.
		TooMuchMaintenance,
		/// The resource has as many maintenance windows as are kept.
		TooManyWindows,
		/// The resource is not in jail.
		NotJailed,
		/// The time in jail is not over.
		StillJailed,
		/// Something of the resource is nominated or pledged.
		StillBooked,
		/// What is sold or nominated would not be covered any more.
		CapacitySold,
		/// The provider cannot deliver so much more at that grade, or the resource cannot at all.
		CapacityExceeded,
		/// The free part of the provider's bond does not cover so much more.
		BondExhausted,
		/// The day is sold at as many different grades as it can be.
		TooManyFloors,
		/// The resource's grade is below what was sold, or it has none.
		GradeTooLow,
		/// Less is sold at that grade on one of the days.
		NotSold,
		/// Less of the resource is nominated on one of the days.
		NotNominated,
		/// Less of the resource is pledged on one of the days.
		NotPledged,
		/// Nothing is old enough to be forgotten.
		NothingToPrune,
		/// The parameters contradict each other or the runtime's bounds.
		InvalidParameters,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The classes with their first reference systems.
		pub classes: Vec<GenesisClass<BalanceOf<T>>>,
		/// Providers and their bonds. Each needs the balance.
		pub providers: Vec<(T::AccountId, BalanceOf<T>)>,
		/// The parameters in force from the start; none for the loosest that are valid.
		pub parameters: Option<ParametersOf<T>>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { classes: Vec::new(), providers: Vec::new(), parameters: None }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let parameters = self.parameters.clone().unwrap_or_else(|| ParametersOf::<T> {
				min_bond: T::NativeBalance::minimum_balance(),
				..Default::default()
			});
			assert!(parameters.is_valid::<T>(), "genesis: the parameters of compute contradict each other");
			Parameters::<T>::put(parameters);
			for GenesisClass { class, name, system, attested_by, loss_per_hour } in &self.classes {
				let Ok(name) = Name::try_from(name.clone().into_bytes()) else {
					panic!("genesis: the name of the class {class:?} is too long");
				};
				if let Err(error) =
					Pallet::<T>::do_admit_class(*class, name, system.clone(), *attested_by, *loss_per_hour)
				{
					panic!("genesis: the class {class:?} cannot be admitted: {error:?}");
				}
			}
			for (provider, bond) in &self.providers {
				if let Err(error) = Pallet::<T>::do_register_provider(provider.clone(), *bond) {
					panic!("genesis: {provider:?} cannot bond {bond:?}: {error:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Puts approved parameters into force when their day has come.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::renew_parameters()
		}

		/// Forgets what was spoken for of days long past. Anyone can do the same by [`Pallet::prune`].
		fn on_idle(_: BlockNumberFor<T>, limit: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(limit);
			Self::prune_while(&mut meter, MAX_PRUNE_STEPS);
			meter.consumed()
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
		/// Admits a class with the first version of its reference system. `attested_by` is the metric that the seeded solve
		/// measures, if one does; `loss_per_hour` what a bond must cover per Compute Hour sold.
		///
		/// # Errors
		/// [`Error::ClassExists`], [`Error::TooManyClasses`], [`Error::InvalidName`], [`Error::InvalidSystem`], or `BadOrigin`
		/// for anyone but governance.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::admit_class())]
		pub fn admit_class(
			origin: OriginFor<T>,
			class: ClassId,
			name: Name,
			system: ReferenceSystem,
			attested_by: Option<Metric>,
			#[pallet::compact] loss_per_hour: BalanceOf<T>,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_admit_class(class, name, system, attested_by, loss_per_hour)
		}

		/// Adds a version of a class's reference system. Resources that register from now on are measured against it; what is
		/// measured against an older one, and contracts of its Compute Hours, stay as they are.
		///
		/// # Errors
		/// [`Error::UnknownClass`], [`Error::InvalidSystem`], [`Error::TooManyVersions`], or `BadOrigin` for anyone but
		/// governance.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_version())]
		pub fn add_version(origin: OriginFor<T>, class: ClassId, system: ReferenceSystem) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_add_version(class, system)
		}

		/// Removes a version of a class's reference system that nobody uses.
		///
		/// # Errors
		/// [`Error::UnknownClass`], [`Error::UnknownVersion`], [`Error::VersionCurrent`], [`Error::VersionInUse`], or
		/// `BadOrigin` for anyone but governance.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::retire_version())]
		pub fn retire_version(origin: OriginFor<T>, class: ClassId, version: ReferenceVersion) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_retire_version(class, version)
		}

		/// Sets what a bond must cover per Compute Hour of a class. Where a bond covers what is sold no more, nothing is undone,
		/// and nothing more can be sold.
		///
		/// # Errors
		/// [`Error::UnknownClass`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_loss_per_hour())]
		pub fn set_loss_per_hour(
			origin: OriginFor<T>,
			class: ClassId,
			#[pallet::compact] loss_per_hour: BalanceOf<T>,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_loss_per_hour(class, loss_per_hour)
		}

		/// Makes the caller a provider, with `bond` of its balance held.
		///
		/// # Errors
		/// [`Error::AlreadyProvider`], [`Error::BondTooSmall`], or the token's error if the balance does not suffice.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::register_provider())]
		pub fn register_provider(origin: OriginFor<T>, #[pallet::compact] bond: BalanceOf<T>) -> DispatchResult {
			Self::do_register_provider(ensure_signed(origin)?, bond)
		}

		/// Adds `extra` to the caller's bond.
		///
		/// # Errors
		/// [`Error::NoAmount`], [`Error::NotProvider`], [`Error::ProviderLeaving`], or the token's error if the balance does
		/// not suffice.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::bond_extra())]
		pub fn bond_extra(origin: OriginFor<T>, #[pallet::compact] extra: BalanceOf<T>) -> DispatchResult {
			Self::do_bond_extra(ensure_signed(origin)?, extra)
		}

		/// Begins to give the caller's bond back. It stays held, and slashable, for [`Config::UnbondingDays`].
		///
		/// # Errors
		/// [`Error::NotProvider`], [`Error::ProviderLeaving`], [`Error::HasResources`], [`Error::StillOwes`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>) -> DispatchResult {
			Self::do_unbond(ensure_signed(origin)?)
		}

		/// Gives the whole remaining bond of a provider that left back to it. Anyone may ask for it.
		///
		/// # Errors
		/// [`Error::NotProvider`], [`Error::NotLeaving`], [`Error::StillUnbonding`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, provider: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw(provider)
		}

		/// Registers a resource of the caller's: so many identical devices at one site. It is measured against `version`, or the
		/// class's current one. `agent` is the account whose key signs its results and answers its draws.
		///
		/// # Errors
		/// [`Error::NotProvider`], [`Error::ProviderLeaving`], [`Error::UnknownClass`], [`Error::UnknownVersion`],
		/// [`Error::InvalidDevices`], [`Error::TooManyResources`], [`Error::BondTooSmall`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::register_resource())]
		pub fn register_resource(
			origin: OriginFor<T>,
			class: ClassId,
			region: Region,
			devices: u32,
			agent: T::AccountId,
			version: Option<ReferenceVersion>,
		) -> DispatchResult {
			Self::do_register_resource(ensure_signed(origin)?, class, region, devices, agent, version)
		}

		/// Gives one of the caller's resources another agent.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::ResourceExiting`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_agent())]
		pub fn set_agent(origin: OriginFor<T>, resource: ResourceId, agent: T::AccountId) -> DispatchResult {
			Self::do_set_agent(ensure_signed(origin)?, resource, agent)
		}

		/// Changes how many devices one of the caller's resources has. With more of them, what was found of it counts no more
		/// until it passes another round.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::ResourceExiting`], [`Error::InvalidDevices`], or
		/// [`Error::CapacitySold`] where less of what is spoken for would be covered than is now.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_devices(Pallet::<T>::days_ahead()))]
		pub fn set_devices(origin: OriginFor<T>, resource: ResourceId, devices: u32) -> DispatchResultWithPostInfo {
			let looked_at = Self::do_set_devices(ensure_signed(origin)?, resource, devices)?;
			Ok(Some(T::WeightInfo::set_devices(looked_at)).into())
		}

		/// Declares maintenance of one of the caller's resources from the day `first` to the day `last`, both included. It is not
		/// drawn and has no capacity on these days. Between today and the first day lies a whole one.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::ResourceExiting`], [`Error::InvalidDays`],
		/// [`Error::NoticeTooShort`], [`Error::MaintenanceOverlaps`], [`Error::TooMuchMaintenance`],
		/// [`Error::TooManyWindows`], or [`Error::CapacitySold`] where less of what is spoken for would be covered than is now.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::declare_maintenance(MAINTENANCE_PERIOD))]
		pub fn declare_maintenance(
			origin: OriginFor<T>,
			resource: ResourceId,
			first: Day,
			last: Day,
		) -> DispatchResult {
			Self::do_declare_maintenance(ensure_signed(origin)?, resource, DeliveryDays { first, last })
		}

		/// Takes one of the caller's resources out of jail. It begins anew.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::NotJailed`], [`Error::StillJailed`], or
		/// [`Error::BondTooSmall`] if the bond was slashed below what it must be.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::unjail())]
		pub fn unjail(origin: OriginFor<T>, resource: ResourceId) -> DispatchResult {
			Self::do_unjail(ensure_signed(origin)?, resource)
		}

		/// One of the caller's resources begins to leave: it is not drawn and has no capacity any more.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::ResourceExiting`], [`Error::StillBooked`], or
		/// [`Error::CapacitySold`] where less of what is sold would be covered than is now.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::exit_resource(Pallet::<T>::days_ahead()))]
		pub fn exit_resource(origin: OriginFor<T>, resource: ResourceId) -> DispatchResultWithPostInfo {
			let looked_at = Self::do_exit_resource(ensure_signed(origin)?, resource)?;
			Ok(Some(T::WeightInfo::exit_resource(looked_at)).into())
		}

		/// Removes a resource that left [`Config::UnbondingDays`] ago. Anyone may.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotLeaving`], [`Error::StillUnbonding`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::remove_resource())]
		pub fn remove_resource(origin: OriginFor<T>, resource: ResourceId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove_resource(resource)
		}

		/// Sets so much of one of the caller's resources aside on each of these days: it is not sold.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::InvalidDays`], [`Error::NoAmount`],
		/// [`Error::CapacityExceeded`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::pledge(Pallet::<T>::count(days)))]
		pub fn pledge(
			origin: OriginFor<T>,
			resource: ResourceId,
			days: DeliveryDays,
			per_day: Capacity,
		) -> DispatchResult {
			Self::do_pledge(ensure_signed(origin)?, resource, days, per_day)
		}

		/// Sets so much less aside.
		///
		/// # Errors
		/// [`Error::UnknownResource`], [`Error::NotOwner`], [`Error::InvalidDays`], [`Error::NoAmount`],
		/// [`Error::NotPledged`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::unpledge(Pallet::<T>::count(days)))]
		pub fn unpledge(
			origin: OriginFor<T>,
			resource: ResourceId,
			days: DeliveryDays,
			per_day: Capacity,
		) -> DispatchResult {
			Self::do_unpledge(ensure_signed(origin)?, resource, days, per_day)
		}

		/// Forgets what was spoken for of days long past, in at most `steps` steps and [`MAX_PRUNE_STEPS`]. Anyone may. Free if
		/// something was forgotten.
		///
		/// # Errors
		/// [`Error::NothingToPrune`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::prune_step().saturating_mul(u64::from((*steps).min(MAX_PRUNE_STEPS)).saturating_add(1)))]
		pub fn prune(origin: OriginFor<T>, steps: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_prune(steps)
		}

		/// Approves new parameters, in force from the day after tomorrow. Replaces an approval that is not yet in force.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParametersOf<T>) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}
}
