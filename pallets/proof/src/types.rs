//! The pallet's types.

use crate::{Config, Error};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	traits::{ConstU32, Get},
	BoundedVec,
};
use gcx_math::proof::{DeviceOpening, Hash, Parameters, ParametersError, RawParameters};
use gcx_primitives::{ClassId, Day, DealId, ProvableResources, ResourceId, RollCallId};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Roll-calls of a resource that are remembered.
pub const MAX_HISTORY: u32 = 8;
/// The longest window, in slots: sums of windows do not overflow, and a window is far shorter than a chain's life.
pub const MAX_WINDOW: u32 = 1 << 24;

macro_rules! stored {
	($type:item) => {
		#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		$type
	};
}

stored! {
	/// What is asked of the resources of a class, and how often.
	#[derive(Copy, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub struct RollCallTerms<Computation> {
		/// What each device computes. Its rounds are the most that count; its openings are what is drawn of a resource.
		pub parameters: Computation,
		/// Epochs from one roll-call to the next.
		pub every: u32,
		/// Slots that resources have to commit.
		pub commit_slots: u32,
		/// Slots that they have to show what was drawn.
		pub open_slots: u32,
		/// What is drawn of a suspect resource instead: at least as much.
		pub suspect_openings: u32,
		/// How many of the resources that committed are drawn, on average. Suspects are drawn besides.
		pub opened: u32,
	}
}

/// Terms within all bounds.
pub type Terms = RollCallTerms<Parameters>;
/// Terms as somebody proposes them.
pub type ProposedTerms = RollCallTerms<RawParameters>;

impl ProposedTerms {
	/// These terms, if they can be those of a class.
	pub(crate) fn check<T: Config>(self, class: ClassId) -> Result<Terms, Error<T>> {
		let parameters = Parameters::try_from(self.parameters).map_err(Error::<T>::of_parameters)?;
		let Self { every, commit_slots, open_slots, suspect_openings, opened, .. } = self;
		parameters.with_openings(suspect_openings).map_err(Error::<T>::of_parameters)?;
		ensure!(suspect_openings >= parameters.openings && opened > 0, Error::<T>::InvalidTerms);
		let windows = [commit_slots, open_slots].into_iter().all(|window| (1..=MAX_WINDOW).contains(&window));
		ensure!(windows && every > 0, Error::<T>::InvalidTerms);
		// Of a share in millionths of epochs' slots, each far below 2⁶⁴.
		let allowed = u128::from(T::MaxShareOfTime::get().0)
			.saturating_mul(every.into())
			.saturating_mul(T::EpochSlots::get().into());
		let taken = u128::from(commit_slots).saturating_mul(gcx_primitives::Ppm::PARTS.into());
		ensure!(taken <= allowed, Error::<T>::TooMuchTime);
		ensure!(T::Compute::proof_reference(class).is_some(), Error::<T>::NotProvable);
		Ok(Terms { parameters, every, commit_slots, open_slots, suspect_openings, opened })
	}
}

impl<T: Config> Error<T> {
	fn of_parameters(error: ParametersError) -> Self {
		match error {
			ParametersError::Accumulator => Self::AccumulatorOverflows,
			ParametersError::TooHeavy => Self::CheckTooHeavy,
			ParametersError::Tile
			| ParametersError::Patch
			| ParametersError::Sides
			| ParametersError::TooManyTiles
			| ParametersError::Depth
			| ParametersError::Rounds
			| ParametersError::Openings => Self::InvalidComputation,
		}
	}
}

stored! {
	/// The terms of a class, and when it is called next.
	#[derive(Copy)]
	pub struct Schedule {
		/// The terms of its next roll-call.
		pub terms: Terms,
		/// The epoch in which that begins, at the earliest.
		pub due: u64,
	}
}

stored! {
	/// What a roll-call waits for.
	#[derive(Copy)]
	pub enum Stage {
		/// Resources commit. Meanwhile those that are called are written down, one seat of the roster after the other from the last
		/// one on: `seats` of them are not looked at yet.
		#[codec(index = 0)]
		Committing {
			/// Seats that are left.
			seats: u32,
		},
		/// What was drawn is shown.
		#[codec(index = 1)]
		Opening {
			/// What was drawn follows from it.
			randomness: Hash,
		},
		/// The outcome of each resource is reckoned, one after the other.
		#[codec(index = 2)]
		Reckoning {
			/// As before; none if the roll-call is void, since the chain stood still.
			randomness: Option<Hash>,
		},
	}
}

stored! {
	/// Whom a roll-call calls, and why.
	#[derive(Copy)]
	pub enum Purpose {
		/// All resources of its class, because it is time.
		#[codec(index = 0)]
		Class,
		/// One resource, because the buyer of what it delivers doubts it.
		#[codec(index = 1)]
		Challenge {
			/// The resource.
			resource: ResourceId,
			/// The delivery.
			deal: DealId,
			/// The day of it.
			day: Day,
		},
	}
}

stored! {
	/// A roll-call. Deadlines are slots, the last ones in which what they are for is accepted.
	pub struct RollCall {
		/// The class that it calls, or of which it calls one resource.
		pub class: ClassId,
		/// Whom it calls of that.
		pub purpose: Purpose,
		/// What it asks for.
		pub terms: Terms,
		/// From which every device's seed follows.
		pub nonce: Hash,
		/// The slot of the block whose contribution made the nonce: from then on it could be known.
		pub seed_slot: u64,
		/// The slot in which it began.
		pub began: u64,
		/// What it waits for.
		pub stage: Stage,
		/// The slot in which this stage began.
		pub since: u64,
		/// The last slot for commitments.
		pub commit_until: u64,
		/// The last slot for openings, once something is drawn.
		pub open_until: Option<u64>,
		/// Resources that were called, or committed without being called.
		pub called: u32,
		/// Resources that committed.
		pub committed: u32,
		/// What it came to so far.
		pub tally: Tally,
	}
}

stored! {
	/// How many resources of a roll-call came to what.
	#[derive(Copy, Default)]
	pub struct Tally {
		/// Showed all that was drawn.
		pub proven: u32,
		/// Committed, and were not drawn.
		pub undrawn: u32,
		/// Did not commit.
		pub absent: u32,
		/// Committed, and did not show all that was drawn.
		pub unshown: u32,
		/// Were called in vain: the chain stood still.
		pub void: u32,
	}
}

stored! {
	/// What all roll-calls that are over came to, together.
	#[derive(Copy, Default)]
	pub struct Totals {
		/// Roll-calls.
		pub roll_calls: u64,
		/// As in [`Tally`].
		pub proven: u64,
		/// As in [`Tally`].
		pub undrawn: u64,
		/// As in [`Tally`].
		pub absent: u64,
		/// As in [`Tally`].
		pub unshown: u64,
		/// As in [`Tally`].
		pub void: u64,
	}
}

impl Totals {
	/// With one more roll-call.
	#[must_use]
	pub(crate) fn with(self, tally: Tally) -> Self {
		let plus = |total: u64, more: u32| total.saturating_add(more.into());
		Self {
			roll_calls: plus(self.roll_calls, 1),
			proven: plus(self.proven, tally.proven),
			undrawn: plus(self.undrawn, tally.undrawn),
			absent: plus(self.absent, tally.absent),
			unshown: plus(self.unshown, tally.unshown),
			void: plus(self.void, tally.void),
		}
	}
}

stored! {
	/// A resource in a roll-call.
	#[derive(Copy)]
	pub struct Member {
		/// It was suspect when it was called, or committed: more is drawn of it, and always.
		pub suspect: bool,
		/// What it committed to.
		pub answer: Option<Answer>,
	}
}

stored! {
	/// What a resource committed to.
	#[derive(Copy)]
	pub struct Answer {
		/// Devices that it had then.
		pub devices: u32,
		/// Rounds that each of them did.
		pub rounds: u32,
		/// The root over the commitments of all devices: [`gcx_math::proof::Fleet`].
		pub commitment: Hash,
		/// The openings that were found to be right, a bit for each.
		pub shown: u64,
	}
}

stored! {
	/// What a roll-call came to for a resource.
	#[derive(Copy, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Outcome {
		/// The chain checked all that was drawn.
		#[codec(index = 0)]
		Proven {
			/// 8-bit integer operations per second and device, at least.
			operations: u64,
		},
		/// It committed, and was not drawn.
		#[codec(index = 1)]
		Undrawn,
		/// It did not commit.
		#[codec(index = 2)]
		Absent,
		/// It committed, and did not show all that was drawn.
		#[codec(index = 3)]
		Unshown,
	}
}

stored! {
	/// A roll-call that a resource was in.
	#[derive(Copy)]
	pub struct Passage {
		/// Which.
		pub roll_call: RollCallId,
		/// When it was reckoned, in milliseconds since the Unix epoch.
		pub at: u64,
		/// What it came to.
		pub outcome: Outcome,
	}
}

/// The last roll-calls of a resource, the oldest first.
pub type History = BoundedVec<Passage, ConstU32<MAX_HISTORY>>;

/// What is shown of one of the drawn cells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Shown {
	/// Which of the drawn cells it is, from zero on.
	pub index: u32,
	/// What is there.
	pub opening: DeviceOpening,
}
