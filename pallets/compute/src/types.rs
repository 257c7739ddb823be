//! The pallet's types.

use crate::{life::Life, Config};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{
		fungible::{Credit, Inspect},
		ConstU32, Get,
	},
	BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use gcx_math::grade::GradeThresholds;
use gcx_primitives::{
	Capacity, ClassId, Day, DeliveryDays, Grade, Measurements, Metric, Ppm, ProviderOffence, ReferenceSystem,
	ReferenceVersion, Region, Reliability, ResourceId, RoundId,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{
	traits::{Member, Zero},
	FixedU128,
};

/// The longest name of a class, in bytes.
pub const MAX_NAME: u32 = 32;
/// Maintenance windows of a resource that are kept: those to come and those that still count towards the cap.
pub const MAX_WINDOWS: u32 = 8;
/// Days over which declared maintenance is counted.
pub const MAINTENANCE_PERIOD: u32 = 30;
/// Whole days between the declaration of maintenance and its first day.
pub const MAINTENANCE_NOTICE: u32 = 1;
/// Draws after which those counted so far count half: uptime is of about the last so many.
pub const UPTIME_MEMORY: u64 = 10_000;
/// The largest part of a slash that goes to who proved the offence.
pub const MAX_REPORTER_SHARE: Ppm = Ppm::percent(50);

/// Balance of the bonded token, in its smallest unit.
pub type BalanceOf<T> = <<T as Config>::NativeBalance as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// An amount that was taken from a bond and is not yet anybody's.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;

/// [`Class`] of the runtime's balance type.
pub type ClassOf<T> = Class<BalanceOf<T>>;

/// [`Provider`] of the runtime's types.
pub type ProviderOf<T> = Provider<BalanceOf<T>, <T as Config>::MaxClasses, <T as Config>::MaxResourcesPerProvider>;

/// [`Resource`] of the runtime's types.
pub type ResourceOf<T> = Resource<<T as frame_system::Config>::AccountId>;

/// [`LedgerDay`] of the runtime's types.
pub type LedgerDayOf<T> = LedgerDay<<T as Config>::MaxFloors, <T as Config>::MaxResourcesPerProvider>;

/// [`ComputeParameters`] of the runtime's balance type.
pub type ParametersOf<T> = ComputeParameters<BalanceOf<T>>;

/// Name of a class, UTF-8.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME>>;

/// A kind of work with its own reference system.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Class<Balance> {
	/// What it is called.
	pub name: Name,
	/// The reference system that a resource registered now is measured against. The newest one.
	pub current: ReferenceVersion,
	/// The metric that the seeded solve measures. None if a solve says nothing of this class: then nothing of it can be
	/// attested.
	pub attested_by: Option<Metric>,
	/// What a seller's bond must cover per Compute Hour that is sold and not delivered, in the token's smallest unit.
	pub loss_per_hour: Balance,
	/// How many versions of its reference system are not retired.
	pub versions: u32,
}

/// A version of a class's reference system, and who relies on it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ReferenceRecord {
	/// What is measured, and against what.
	pub system: ReferenceSystem,
	/// Resources that are measured against it.
	pub resources: u32,
	/// Contracts that are written in its Compute Hours.
	pub pins: u32,
}

impl ReferenceRecord {
	/// Whether somebody relies on it.
	pub const fn is_used(&self) -> bool {
		self.resources > 0 || self.pins > 0
	}
}

/// How a provider's resources did, since it registered. Numbers of rounds of all of its resources together.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reputation<Balance> {
	/// Rounds in which a quorum attested the answer.
	pub passed: u32,
	/// Rounds in which a quorum refused the answer.
	pub refused: u32,
	/// Rounds that were not answered in time.
	pub missed: u32,
	/// Times that it was slashed.
	pub offences: u32,
	/// What it was slashed in all, for offences and for what it did not deliver, in the token's smallest unit.
	pub slashed: Balance,
	/// What it delivered of what was due, in all windows.
	pub delivered: Capacity,
	/// What it did not.
	pub undelivered: Capacity,
}

/// What a provider owes of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Position {
	/// Of which class.
	pub class: ClassId,
	/// What is sold or nominated, of all days together.
	pub outstanding: Capacity,
	/// The last day that the ledger has, or had, an entry for.
	pub last: Day,
}

/// Somebody who offers compute and answers for it with a bond.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxClasses, MaxResources))]
#[allow(clippy::multiple_bound_locations, reason = "the derives without bounds repeat those of the fields")]
pub struct Provider<Balance: Member, MaxClasses: Get<u32>, MaxResources: Get<u32>> {
	/// What is held of its balance, in the token's smallest unit.
	pub bond: Balance,
	/// The day on which it registered.
	pub since: Day,
	/// Its resources.
	pub resources: BoundedVec<ResourceId, MaxResources>,
	/// What it owes, by class.
	pub positions: BoundedVec<Position, MaxClasses>,
	/// How its resources did.
	pub reputation: Reputation<Balance>,
	/// It is leaving: it registers no more resources, and its bond can be withdrawn after this day.
	pub leaving: Option<Day>,
}

impl<Balance: Member + Zero, MaxClasses: Get<u32>, MaxResources: Get<u32>> Provider<Balance, MaxClasses, MaxResources> {
	/// A provider without resources.
	pub fn new(bond: Balance, since: Day) -> Self {
		let reputation = Reputation {
			passed: 0,
			refused: 0,
			missed: 0,
			offences: 0,
			slashed: Zero::zero(),
			delivered: Capacity::ZERO,
			undelivered: Capacity::ZERO,
		};
		let (resources, positions) = (BoundedVec::new(), BoundedVec::new());
		Self { bond, since, resources, positions, reputation, leaving: None }
	}

	/// What it owes of a class.
	pub fn position(&self, class: ClassId) -> Option<&Position> {
		self.positions.iter().find(|position| position.class == class)
	}

	/// Whether anything is sold or nominated.
	pub fn owes(&self) -> bool {
		self.positions.iter().any(|position| !position.outstanding.is_zero())
	}
}

/// Identical devices of one provider at one site, in one class.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Resource<AccountId> {
	/// Whose it is.
	pub provider: AccountId,
	/// The account whose key signs its results and answers its draws.
	pub agent: AccountId,
	/// Its class.
	pub class: ClassId,
	/// The reference system that it is measured against.
	pub version: ReferenceVersion,
	/// Where it is.
	pub region: Region,
	/// How many devices it has.
	pub devices: u32,
	/// The day on which it was registered.
	pub since: Day,
	/// How far it has come.
	pub life: Life,
	/// Declared maintenance, to come and of the last [`MAINTENANCE_PERIOD`] days, the earliest first.
	pub maintenance: BoundedVec<DeliveryDays, ConstU32<MAX_WINDOWS>>,
}

impl<AccountId> Resource<AccountId> {
	/// Whether maintenance is declared for a day.
	pub fn is_maintained_on(&self, day: Day) -> bool {
		self.maintenance.iter().any(|window| window.first <= day && day <= window.last)
	}
}

/// What is known of a resource's speed, from one round or roll-call.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Evidence {
	/// Compute Hours of the resource's reference version per hour and device.
	pub rate: FixedU128,
	/// When the round was closed, in milliseconds since the Unix epoch.
	pub at: u64,
	/// The round.
	pub round: RoundId,
	/// The run that the provider answered with.
	pub run: [u8; 32],
	/// Hash of the signed content of its results.
	pub evidence: [u8; 32],
	/// What was measured, per device.
	pub measurements: Measurements,
}

/// The best window of a resource's deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BestDelivery {
	/// The share of what was due that was delivered, rounded down. At most one.
	pub share: Ppm,
	/// When the window was settled, in milliseconds since the Unix epoch.
	pub at: u64,
}

/// What is known of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Standing {
	/// What its provider declared and attestors recomputed.
	pub declared: Option<Evidence>,
	/// What the seeded solve showed.
	pub attested: Option<Evidence>,
	/// What the chain itself has checked. Its round is the roll-call, its run the roll-call's nonce, its evidence the commitment.
	pub proven: Option<Evidence>,
	/// Its grade and when it got it, in milliseconds since the Unix epoch.
	pub graded: Option<(Grade, u64)>,
	/// Draws that it answered to a quorum's satisfaction, and windows in which it delivered all that was due; older ones count
	/// less.
	pub answered: u64,
	/// Draws that it did not answer so, and windows in which it did not; older ones count less.
	pub missed: u64,
	/// Its best window of delivery. Kept when what was found of its speed is forgotten: new devices and offences make no delivery better.
	pub best: Option<BestDelivery>,
	/// Its capacity a day when it was last counted: so much of its class's total it is.
	pub counted: Capacity,
	/// The best reliability that it had since its provider last paid for a fall of two grades.
	pub peak: Option<Reliability>,
}

impl Standing {
	/// Counts a draw, or a window of delivery.
	pub(crate) fn count(&mut self, answered: bool) {
		if self.answered.saturating_add(self.missed) >= UPTIME_MEMORY {
			self.answered /= 2;
			self.missed = self.missed.div_ceil(2);
		}
		let counter = if answered { &mut self.answered } else { &mut self.missed };
		*counter = counter.saturating_add(1);
	}

	/// Whether its reliability is two grades or more below the best that it had. Then it is paid for, and the grade of now is the best.
	pub(crate) fn has_fallen(&mut self) -> bool {
		let Some((Grade { reliability: now, .. }, _)) = self.graded else { return false };
		let peak = self.peak.map_or(now, |peak| peak.max(now));
		let has_fallen = peak.steps_above(now) >= 2;
		self.peak = Some(if has_fallen { now } else { peak });
		has_fallen
	}

	/// Forgets what was found of its speed.
	pub(crate) fn forget(&mut self) {
		(self.declared, self.attested, self.proven, self.graded) = (None, None, None, None);
	}
}

/// What of a resource's day is spoken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Booking {
	/// Which.
	pub resource: ResourceId,
	/// What it will deliver to buyers.
	pub nominated: Capacity,
	/// What its provider set aside.
	pub pledged: Capacity,
}

/// What of a provider's day is spoken for, in one class.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxFloors, MaxResources))]
pub struct LedgerDay<MaxFloors: Get<u32>, MaxResources: Get<u32>> {
	/// What is sold and not nominated, by the lowest grade that may be delivered. None of them zero.
	pub sold: BoundedVec<(Grade, Capacity), MaxFloors>,
	/// What is nominated and pledged, by resource. None of them nothing.
	pub booked: BoundedVec<Booking, MaxResources>,
}

impl<MaxFloors: Get<u32>, MaxResources: Get<u32>> Default for LedgerDay<MaxFloors, MaxResources> {
	fn default() -> Self {
		Self { sold: BoundedVec::new(), booked: BoundedVec::new() }
	}
}

/// What governs compute.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct ComputeParameters<Balance> {
	/// The smallest bond of a provider, in the token's smallest unit.
	pub min_bond: Balance,
	/// What the bond must have beyond that for each resource. This part covers no sales.
	pub bond_per_resource: Balance,
	/// Evidence and grades that are older count for nothing. Milliseconds.
	pub max_age: u64,
	/// Rounds that a resource must pass before it can sell.
	pub warmup_rounds: u32,
	/// Rounds missed or refused in a row after which a resource is jailed.
	pub suspect_limit: u32,
	/// Days for which it is.
	pub jail_days: u32,
	/// The most days of declared maintenance in any [`MAINTENANCE_PERIOD`] days.
	pub maintenance_days: u32,
	/// The part of its bond that a provider loses that signed two results for one round.
	pub double_signed: Ppm,
	/// The part that a provider loses that committed to a false solution.
	pub false_solve: Ppm,
	/// The part that a provider loses that committed to a computation and did not show what was drawn of it.
	pub unshown_proof: Ppm,
	/// The part of its bond that burns when the reliability of one of its resources falls by two grades.
	pub reliability_fall: Ppm,
	/// The part of a slash that goes to who proved the offence.
	pub reporter_share: Ppm,
	/// What makes which grade.
	pub thresholds: GradeThresholds,
}

/// No bonds and the smallest limits: what storage holds before genesis.
impl<Balance: Zero> Default for ComputeParameters<Balance> {
	fn default() -> Self {
		Self {
			min_bond: Zero::zero(),
			bond_per_resource: Zero::zero(),
			max_age: 7 * 24 * 3_600_000,
			warmup_rounds: 3,
			suspect_limit: 3,
			jail_days: 1,
			maintenance_days: 3,
			double_signed: Ppm::percent(50),
			false_solve: Ppm::percent(25),
			unshown_proof: Ppm::percent(25),
			reliability_fall: Ppm::percent(1),
			reporter_share: Ppm::percent(10),
			thresholds: GradeThresholds::default(),
		}
	}
}

impl<Balance> ComputeParameters<Balance> {
	/// Whether the parameters agree with each other and with the runtime's bounds.
	pub fn is_valid<T: Config>(&self) -> bool
	where
		Balance: PartialOrd<BalanceOf<T>>,
	{
		let rounds = self.max_age > 0 && self.warmup_rounds > 0 && self.suspect_limit > 0;
		let days = self.jail_days > 0 && self.maintenance_days < MAINTENANCE_PERIOD;
		let slashed = |share: Ppm| Ppm::ZERO < share && share <= Ppm::ONE;
		self.min_bond >= T::NativeBalance::minimum_balance()
			&& rounds && days
			&& slashed(self.double_signed)
			&& slashed(self.false_solve)
			&& slashed(self.unshown_proof)
			&& self.reliability_fall <= Ppm::ONE
			&& self.reporter_share <= MAX_REPORTER_SHARE
			&& self.thresholds.is_valid()
	}

	/// The part of its bond that an offence costs a provider.
	pub(crate) const fn share_of(&self, offence: ProviderOffence) -> Ppm {
		match offence {
			ProviderOffence::DoubleSigned => self.double_signed,
			ProviderOffence::FalseSolve => self.false_solve,
			ProviderOffence::UnshownProof => self.unshown_proof,
		}
	}
}

/// A class of the genesis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenesisClass<Balance> {
	/// Its number.
	pub class: ClassId,
	/// Its name.
	pub name: alloc::string::String,
	/// Its first reference system.
	pub system: ReferenceSystem,
	/// As [`Class::attested_by`].
	pub attested_by: Option<Metric>,
	/// As [`Class::loss_per_hour`].
	pub loss_per_hour: Balance,
}
