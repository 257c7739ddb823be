//! The state machine of a resource: the table in the README, as methods. Maintenance is not a stage: it lies over one, on the
//! days that were declared, and ends by itself.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{Day, ResourceState};
use scale_info::TypeInfo;

/// How far a resource has come, whatever the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Stage {
	/// Known, passed and failed no round.
	#[codec(index = 0)]
	Registered,
	/// Passed its last round, and not enough of them to sell.
	#[codec(index = 1)]
	Warmup,
	/// Sells.
	#[codec(index = 2)]
	Active,
	/// Failed its last round.
	#[codec(index = 3)]
	Suspect,
	/// It can be taken out of jail after this day.
	#[codec(index = 4)]
	Jailed {
		/// The last day in jail.
		until: Day,
	},
	/// It is leaving, and can be removed after this day.
	#[codec(index = 5)]
	Exiting {
		/// The last day on which it is slashable.
		until: Day,
	},
}

impl Stage {
	/// Whether rounds are opened for it, and what they find counts.
	pub const fn is_examined(self) -> bool {
		match self {
			Self::Registered | Self::Warmup | Self::Active | Self::Suspect => true,
			Self::Jailed { .. } | Self::Exiting { .. } => false,
		}
	}

	/// Whether it has capacity to sell and to deliver.
	pub const fn has_capacity(self) -> bool {
		match self {
			Self::Active => true,
			Self::Registered | Self::Warmup | Self::Suspect | Self::Jailed { .. } | Self::Exiting { .. } => false,
		}
	}
}

/// Why a resource fails a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Failure {
	/// It did not answer the draw in time.
	Missed,
	/// A quorum refused its answer.
	Refused,
	/// It did not answer a roll-call in time.
	Absent,
}

/// A stage, and what it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Life {
	/// The stage.
	pub stage: Stage,
	/// Rounds passed since it was registered or last jailed.
	pub passed: u32,
	/// Rounds failed in a row.
	pub failures: u32,
}

impl Life {
	/// A new resource, or one out of jail.
	pub const NEW: Self = Self { stage: Stage::Registered, passed: 0, failures: 0 };

	/// It passed a round: it is warming up, or active once it has passed `warmup` of them. Jailed and exiting resources stay
	/// as they are.
	#[must_use]
	pub fn pass(self, warmup: u32) -> Self {
		match self.stage {
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect => {
				let passed = self.passed.saturating_add(1);
				// Who was active stays so when the warm-up becomes longer.
				let is_warm = passed >= warmup || self.stage == Stage::Active;
				Self { stage: if is_warm { Stage::Active } else { Stage::Warmup }, passed, failures: 0 }
			},
			Stage::Jailed { .. } | Stage::Exiting { .. } => self,
		}
	}

	/// It failed a round: it is suspect, or in jail until the day given once it failed `limit` in a row. Jailed and exiting
	/// resources stay as they are.
	#[must_use]
	pub fn fail(self, limit: u32, until: Day) -> Self {
		match self.stage {
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect => {
				let failures = self.failures.saturating_add(1);
				if failures >= limit {
					return self.jail(until);
				}
				Self { stage: Stage::Suspect, failures, ..self }
			},
			Stage::Jailed { .. } | Stage::Exiting { .. } => self,
		}
	}

	/// It goes to jail, or stays there until the later day. An exiting resource goes on exiting.
	#[must_use]
	pub fn jail(self, until: Day) -> Self {
		let jailed = |until| Self { stage: Stage::Jailed { until }, passed: 0, failures: 0 };
		match self.stage {
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect => jailed(until),
			Stage::Jailed { until: before } => jailed(until.max(before)),
			Stage::Exiting { .. } => self,
		}
	}

	/// It begins to leave. None if it is leaving already.
	#[must_use]
	pub fn exit(self, until: Day) -> Option<Self> {
		match self.stage {
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect | Stage::Jailed { .. } => {
				Some(Self { stage: Stage::Exiting { until }, passed: 0, failures: 0 })
			},
			Stage::Exiting { .. } => None,
		}
	}

	/// What can be done with it, on a day of maintenance or not.
	pub const fn state(self, is_maintained: bool) -> ResourceState {
		match self.stage {
			Stage::Jailed { .. } => ResourceState::Jailed,
			Stage::Exiting { .. } => ResourceState::Exiting,
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect if is_maintained => {
				ResourceState::Maintenance
			},
			Stage::Registered => ResourceState::Registered,
			Stage::Warmup => ResourceState::Warmup,
			Stage::Active => ResourceState::Active,
			Stage::Suspect => ResourceState::Suspect,
		}
	}
}
