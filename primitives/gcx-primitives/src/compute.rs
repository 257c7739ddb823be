//! Compute: what is measured of a resource, what that is worth, and what the pallets tell each other of it.

use crate::{ClassId, Ppm};
use bounded_collections::{BoundedVec, ConstU32};
use core::fmt;

/// The most metrics of one reference system, and so the most figures of one run that count.
pub const MAX_METRICS: u32 = 8;
/// The most devices of one resource.
pub const MAX_DEVICES: u32 = 1_024;
/// Hours of a delivery day. Days of a test network are shorter by the clock; what a contract says of a day is of this many
/// hours everywhere.
pub const HOURS_PER_DAY: u32 = 24;

plain_data! {
	/// Identical devices of one provider at one site, in one class.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct ResourceId(pub u32);
}

plain_data! {
	/// A version of a class's reference system. Versions of a class are counted from one.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct ReferenceVersion(pub u16);
}

plain_data! {
	/// An attestation round of a resource: rounds of that resource so far.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct RoundId(pub u32);
}

impl RoundId {
	/// The round after this one.
	pub const fn next(self) -> Self {
		Self(self.0.saturating_add(1))
	}
}

plain_data! {
	/// A roll-call of proof of compute: roll-calls of the chain so far.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct RollCallId(pub u32);
}

impl RollCallId {
	/// The roll-call after this one.
	pub const fn next(self) -> Self {
		Self(self.0.saturating_add(1))
	}
}

plain_data! {
	/// A region of the world by its number in UN M49, such as 840 for the United States or 276 for Germany.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct Region(pub u16);
}

plain_data! {
	/// A figure that a benchmark comes to, and its unit. All are rates: more is better.
	#[derive(Copy, Ord, PartialOrd)]
	#[serde(rename_all = "camelCase")]
	pub enum Metric {
		/// Double-precision operations per second of HPL, or of the seeded solve in its stead.
		#[codec(index = 0)]
		Hpl,
		/// Double-precision operations per second of HPCG.
		#[codec(index = 1)]
		Hpcg,
		/// Bytes per second of STREAM's triad.
		#[codec(index = 2)]
		StreamTriad,
		/// Thousandths of a token per second of MLPerf Inference's Llama 2 70B, offline.
		#[codec(index = 3)]
		MlperfLlama2Offline,
		/// Thousandths of a sample per second of MLPerf Inference's Stable Diffusion XL, offline.
		#[codec(index = 4)]
		MlperfSdxlOffline,
		/// 8-bit integer operations per second of matrix products.
		#[codec(index = 5)]
		Int8Operations,
	}
}

plain_data! {
	/// What a benchmark came to on one device, in the metric's unit.
	#[derive(Copy)]
	pub struct Measurement {
		/// Of what.
		pub metric: Metric,
		/// How much. Not zero.
		pub value: u64,
	}
}

/// The figures of a run: at most one of each metric.
pub type Measurements = BoundedVec<Measurement, ConstU32<MAX_METRICS>>;

plain_data! {
	/// How strong the evidence is that a resource can do what is said of it.
	#[derive(Copy, Ord, PartialOrd)]
	#[serde(rename_all = "camelCase")]
	pub enum Tier {
		/// The provider signed raw output that holds together. Shown, compared; sells nothing.
		#[codec(index = 0)]
		Declared,
		/// A solve seeded and timed by the chain, checked by attestors.
		#[codec(index = 1)]
		Attested,
		/// A computation that the chain itself has checked.
		#[codec(index = 2)]
		Proven,
	}
}

macro_rules! grade_axis {
	($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $letter:literal),+ $(,)? }) => {
		plain_data! {
			$(#[$doc])*
			///
			/// The order is that of quality: the best is the greatest.
			#[derive(Copy, Ord, PartialOrd)]
			pub enum $name {
				$($(#[$variant_doc])* $variant),+
			}
		}

		impl $name {
			/// All of them, the worst first.
			pub const ALL: &'static [Self] = &[$(Self::$variant),+];

			/// How a grade shows it.
			pub const fn letter(self) -> char {
				match self {
					$(Self::$variant => $letter),+
				}
			}
		}
	};
}

grade_axis! {
	/// Rate against the reference.
	Performance {
		/// Less than C.
		D = 'D',
		/// From 0.9 by default.
		C = 'C',
		/// From 1.1 by default.
		B = 'B',
		/// From 1.5 by default.
		A = 'A',
	}
}

grade_axis! {
	/// Uptime.
	Reliability {
		/// Less than the third.
		Fourth = '4',
		/// From 95 % by default.
		Third = '3',
		/// From 99 % by default.
		Second = '2',
		/// More than 99.9 % by default.
		First = '1',
	}
}

grade_axis! {
	/// Compute Hours per kilowatt-hour against the reference.
	Energy {
		/// Less than Y, or not measured.
		Z = 'Z',
		/// From 0.8 by default.
		Y = 'Y',
		/// From 1.25 by default.
		X = 'X',
	}
}

plain_data! {
	/// The quality of a resource, written `A2Y`.
	#[derive(Copy)]
	pub struct Grade {
		/// How fast.
		pub performance: Performance,
		/// How reliable.
		pub reliability: Reliability,
		/// How frugal.
		pub energy: Energy,
	}
}

impl Grade {
	/// The lowest: what everything that has a grade meets.
	pub const LOWEST: Self = Self { performance: Performance::D, reliability: Reliability::Fourth, energy: Energy::Z };

	/// Whether a resource of this grade may be delivered where `floor` is asked for: it is as good on every axis.
	pub fn meets(&self, floor: &Self) -> bool {
		self.performance >= floor.performance && self.reliability >= floor.reliability && self.energy >= floor.energy
	}

	/// How much what it delivers counts for in rewards: the whole for the best, a quarter less for each step of performance or of
	/// reliability, and never nothing. Energy does not count: a roll-call measures no power.
	pub fn factor(&self) -> Ppm {
		let below = |best: u8, grade: u8| u32::from(best.saturating_sub(grade));
		let performance = below(Performance::A as u8, self.performance as u8);
		let reliability = below(Reliability::First as u8, self.reliability as u8);
		let left = |steps: u32| u64::from(4u32.saturating_sub(steps));
		let parts = u64::from(Ppm::PARTS).saturating_mul(left(performance)).saturating_mul(left(reliability)) / 16;
		Ppm(u32::try_from(parts).unwrap_or(Ppm::PARTS))
	}
}

impl fmt::Display for Grade {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}{}{}", self.performance.letter(), self.reliability.letter(), self.energy.letter())
	}
}

impl Reliability {
	/// How many grades this is above another one; none if it is not.
	pub const fn steps_above(self, other: Self) -> u8 {
		(self as u8).saturating_sub(other as u8)
	}
}

quantity! {
	/// Millionths of a Compute Hour of one class: what the capacity ledger counts in. In JSON it is a decimal string.
	Capacity(#[serde(with = "crate::decimal")] u128)
}

impl Capacity {
	/// Millionths in a Compute Hour.
	pub const PER_HOUR: u128 = 1_000_000;
}

plain_data! {
	/// What can be done with a resource.
	#[derive(Copy)]
	#[serde(rename_all = "camelCase")]
	pub enum ResourceState {
		/// Known, never answered a draw.
		#[codec(index = 0)]
		Registered,
		/// Answers draws, not yet often enough to sell.
		#[codec(index = 1)]
		Warmup,
		/// Sells up to what was attested or proven.
		#[codec(index = 2)]
		Active,
		/// Its provider declared maintenance: it is not drawn and sells nothing meanwhile.
		#[codec(index = 3)]
		Maintenance,
		/// It missed a draw, or what it answered was refused. Sells nothing more until it passes one.
		#[codec(index = 4)]
		Suspect,
		/// It did what is slashed. It is not drawn and sells nothing until its provider takes it out of jail.
		#[codec(index = 5)]
		Jailed,
		/// It is leaving: it is not drawn and sells nothing more; its provider can still be slashed for it.
		#[codec(index = 6)]
		Exiting,
	}
}

impl ResourceState {
	/// Whether attestation rounds are drawn for it.
	pub const fn allows_draws(self) -> bool {
		match self {
			Self::Registered | Self::Warmup | Self::Active | Self::Suspect => true,
			Self::Maintenance | Self::Jailed | Self::Exiting => false,
		}
	}

	/// Whether more of it may be sold.
	pub const fn allows_sales(self) -> bool {
		match self {
			Self::Active => true,
			Self::Registered | Self::Warmup | Self::Maintenance | Self::Suspect | Self::Jailed | Self::Exiting => false,
		}
	}
}

plain_data! {
	/// What an attestation round needs to know of a resource.
	pub struct Subject<AccountId> {
		/// Whose it is.
		pub provider: AccountId,
		/// The account whose key signs its results and answers its draws.
		pub agent: AccountId,
		/// Its class.
		pub class: ClassId,
		/// The reference system that it is measured against.
		pub version: ReferenceVersion,
		/// How many devices it has.
		pub devices: u32,
		/// Whether its class is attested by the seeded solve. If not, its rounds are about declared results alone.
		pub solves: bool,
	}
}

plain_data! {
	/// What a quorum of attestors found in the results of a run.
	pub struct Attestation {
		/// The round.
		pub round: RoundId,
		/// When the round was closed, in milliseconds since the Unix epoch.
		pub at: u64,
		/// How many devices answered. What was found is of so many and no others.
		pub devices: u32,
		/// The run that the provider answered with.
		pub run: [u8; 32],
		/// Hash of the signed content of its results.
		pub evidence: [u8; 32],
		/// Double-precision operations per second and device of the seeded solve, at most: rounded down. None without a solve.
		pub solved: Option<u64>,
		/// Recomputed figures of declared results, per device.
		pub declared: Measurements,
		/// Mean power of the whole resource during the run in milliwatts, if it was measured.
		pub milliwatts: Option<u64>,
	}
}

plain_data! {
	/// What the chain itself has checked of a resource's computation in a roll-call.
	#[derive(Copy)]
	pub struct ProvenCompute {
		/// The roll-call.
		pub roll_call: RollCallId,
		/// When it was checked, in milliseconds since the Unix epoch.
		pub at: u64,
		/// How many devices computed. What was found is of so many and no others.
		pub devices: u32,
		/// 8-bit integer operations per second and device, at least: rounded down.
		pub operations: u64,
		/// What nobody knew before the roll-call.
		pub nonce: [u8; 32],
		/// What the resource committed to.
		pub commitment: [u8; 32],
	}
}

plain_data! {
	/// What a provider is slashed for.
	#[derive(Copy)]
	#[serde(rename_all = "camelCase")]
	pub enum ProviderOffence {
		/// It signed two results for one round of one resource.
		#[codec(index = 0)]
		DoubleSigned,
		/// It committed to a solution that does not solve the system.
		#[codec(index = 1)]
		FalseSolve,
		/// It committed to a computation and did not show all that was drawn of it in time, be it because it cannot or because it
		/// would not.
		#[codec(index = 2)]
		UnshownProof,
	}
}

/// Resources, for who examines them and who has them deliver.
pub trait ComputeResources<AccountId> {
	/// How many resources can be drawn from. Whether one may be drawn now, [`Self::subject`] says.
	fn drawable() -> u32;

	/// The resource at an index below [`Self::drawable`], in no particular order.
	fn drawable_at(index: u32) -> Option<ResourceId>;

	/// What a round needs to know of a resource; none if it is unknown.
	fn subject(resource: ResourceId) -> Option<Subject<AccountId>>;

	/// What can be done with a resource now; none if it is unknown.
	fn state(resource: ResourceId) -> Option<ResourceState>;

	/// Where a resource is; none if it is unknown.
	fn region(resource: ResourceId) -> Option<Region>;

	/// Whether a resource is nominated for today. It is not drawn then: what it delivers is the evidence.
	fn is_delivering(resource: ResourceId) -> bool;

	/// The capacity a day of a resource of which a solve showed so many double-precision operations per second and device,
	/// rounded down; nothing if it is unknown or its class is not attested by the solve.
	fn capacity_shown(resource: ResourceId, devices: u32, solved: u64) -> Capacity;

	/// A draw was answered in time, and a quorum found this. Grades the resource.
	fn attested(resource: ResourceId, attestation: Attestation);

	/// A draw was answered in time, and no quorum found anything in it, for or against: the attestors' fault.
	fn unattested(resource: ResourceId);

	/// A draw was answered in time, and a quorum refused the answer.
	fn refused(resource: ResourceId);

	/// A draw was not answered in time.
	fn missed(resource: ResourceId);

	/// The provider did what is slashed: it is slashed and the resource is jailed. A part of it goes to `reporter`.
	fn offended(resource: ResourceId, offence: ProviderOffence, reporter: Option<AccountId>);
}

/// Resources, for who has them prove what they can do.
pub trait ProvableResources<AccountId>: ComputeResources<AccountId> {
	/// The 8-bit integer operations per second of one device of a class's current reference system; none if there is no such class, or
	/// it is not measured by these: then nothing of it can be proven.
	fn proof_reference(class: ClassId) -> Option<u64>;

	/// The capacity a day that so many devices of a resource come to at so many 8-bit integer operations per second each. Zero if the
	/// resource is gone, or is measured by something else.
	fn capacity_proven(resource: ResourceId, devices: u32, operations: u64) -> Capacity;

	/// A roll-call was answered in time, and the chain found all that it drew to be right.
	fn proven(resource: ResourceId, proof: ProvenCompute);

	/// A roll-call was not answered in time. What was proven before counts no more.
	fn absent(resource: ResourceId);
}

/// What is sold of a provider's capacity, for who sells and delivers it. Every amount is of one delivery day.
pub trait CapacityLedger<AccountId> {
	/// Why something was refused.
	type Error;

	/// What a provider could sell more of on a day at a grade at least `floor`.
	fn sellable(provider: &AccountId, class: ClassId, floor: &Grade, day: crate::Day) -> Capacity;

	/// Notes that so much more is sold on each day from the first to the last.
	fn sell(
		provider: &AccountId,
		class: ClassId,
		floor: &Grade,
		days: crate::DeliveryDays,
		per_day: Capacity,
	) -> Result<(), Self::Error>;

	/// Takes so much of what is sold back: it was bought back, or settled otherwise.
	fn unsell(
		provider: &AccountId,
		class: ClassId,
		floor: &Grade,
		days: crate::DeliveryDays,
		per_day: Capacity,
	) -> Result<(), Self::Error>;

	/// Moves so much of what is sold to a resource that will deliver it.
	fn nominate(
		resource: ResourceId,
		floor: &Grade,
		days: crate::DeliveryDays,
		per_day: Capacity,
	) -> Result<(), Self::Error>;

	/// So much that was nominated was delivered, or will not be.
	fn release(resource: ResourceId, days: crate::DeliveryDays, per_day: Capacity) -> Result<(), Self::Error>;

	/// What a resource is nominated for on a day.
	fn nominated(resource: ResourceId, day: crate::Day) -> Capacity;
}

plain_data! {
	/// One metric of a reference system.
	#[derive(Copy)]
	pub struct Reference {
		/// What is measured.
		pub metric: Metric,
		/// What the reference system's device comes to, in the metric's unit. Not zero.
		pub value: u64,
		/// How much it counts. The weights of a reference system sum to one.
		pub weight: Ppm,
		/// The least share of the reference that a resource may have; it counts as this where it was not measured.
		pub floor: Ppm,
	}
}

plain_data! {
	/// One device of the reference system of a class: what a Compute Hour is an hour of.
	pub struct ReferenceSystem {
		/// What is measured.
		pub metrics: BoundedVec<Reference, ConstU32<MAX_METRICS>>,
		/// Power of the device, and its share of what feeds and cools it, in milliwatts. Not zero.
		pub milliwatts: u64,
	}
}
