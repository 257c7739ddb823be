//! How many Compute Hours something takes.

use codec::{Decode, DecodeWithMemTracking, Encode};
use gcx_math::flops::{Model, NoFlops};
use gcx_primitives::{ArithmeticError, Capacity};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What is to be computed. In JSON an object with its `kind`.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Work {
	/// Samples pass through a model once.
	Inference {
		/// The model.
		model: Model,
		/// How many samples.
		samples: u64,
	},
	/// A model is trained.
	Training {
		/// The model.
		model: Model,
		/// Samples in an epoch.
		samples: u64,
		/// Samples in a batch.
		batch: u32,
		/// How often all samples are seen.
		epochs: u32,
	},
	/// Operations that were counted elsewhere.
	Operations {
		/// How many. In JSON a decimal string.
		#[serde(with = "gcx_primitives::decimal")]
		count: u128,
	},
	/// What a class is measured in that is not measured in operations: tokens or samples.
	Outputs {
		/// How many.
		count: u64,
	},
}

/// What something takes on the reference system of a class.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
	/// Operations, where it is counted in these. In JSON a decimal string.
	#[serde(with = "gcx_primitives::decimal::optional")]
	pub operations: Option<u128>,
	/// Millionths of a Compute Hour, rounded up. In JSON a decimal string.
	pub capacity: Capacity,
	/// Reference devices that are done within the deadline, rounded up; none without a deadline.
	pub devices: Option<u32>,
}

/// Why there is no estimate.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub enum NoEstimate {
	/// There is no such class.
	UnknownClass,
	/// The class is not measured in operations per second: it takes a number of [`Work::Outputs`].
	NotInOperations,
	/// The class is not measured in tokens or samples per second.
	NotInOutputs,
	/// The deadline is now.
	NoTime,
	/// The model has no number of operations.
	Model(NoFlops),
	/// A figure does not fit.
	TooLarge,
}

impl From<NoFlops> for NoEstimate {
	fn from(reason: NoFlops) -> Self {
		Self::Model(reason)
	}
}

impl From<ArithmeticError> for NoEstimate {
	fn from(_: ArithmeticError) -> Self {
		Self::TooLarge
	}
}
