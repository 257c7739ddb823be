//! Openings: what was drawn of a commitment is shown, and the chain computes it itself.

use crate::{
	commitments::FREE,
	types::{Answer, Shown},
	Config, Error, Event, Member, Members, Pallet, RollCall, RollCalls, Stage, WeightInfo,
};
use codec::Encode;
use frame_support::{dispatch::DispatchResultWithPostInfo, ensure, pallet_prelude::Weight};
use gcx_math::proof::{DeviceCell, Draw, Fleet, Hash, OpeningError, Parameters, DEPTH_STEP};
use gcx_primitives::{Beacon, ResourceId, RollCallId};
use sp_io::hashing::blake2_256;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open(
		who: T::AccountId,
		id: RollCallId,
		resource: ResourceId,
		shown: &[Shown],
	) -> DispatchResultWithPostInfo {
		let roll_call = RollCalls::<T>::get(id).ok_or(Error::<T>::UnknownRollCall)?;
		let randomness = Self::opening(&roll_call).ok_or(Error::<T>::NotOpening)?;
		Self::own(&who, resource)?;
		let mut member = Members::<T>::get(id, resource).ok_or(Error::<T>::NotCommitted)?;
		let mut answer = member.answer.ok_or(Error::<T>::NotCommitted)?;
		ensure!(!shown.is_empty(), Error::<T>::NothingShown);
		ensure!(Self::is_drawn(id, &roll_call, resource, &member, &randomness), Error::<T>::NotDrawn);
		let fleet = Self::fleet(id, &roll_call, resource, &answer)?;
		let drawn = fleet.drawn_cells(Self::openings_of(&roll_call, &member), &randomness, blake2_256);
		for Shown { index, opening } in shown {
			let at = usize::try_from(*index).ok().and_then(|index| drawn.get(index)).ok_or(Error::<T>::NotDrawn)?;
			// There are at most as many openings as bits.
			let bit = 1u64.checked_shl(*index).ok_or(Error::<T>::NotDrawn)?;
			ensure!(answer.shown & bit == 0, Error::<T>::AlreadyShown);
			answer.shown |= bit;
			fleet.check(at, opening, blake2_256).map_err(Error::<T>::of_opening)?;
		}
		let openings = u32::try_from(shown.len()).unwrap_or(u32::MAX);
		let left = Self::left(&roll_call, &member, &answer);
		member.answer = Some(answer);
		Members::<T>::insert(id, resource, member);
		Self::deposit_event(Event::Opened { roll_call: id, resource, openings, left });
		Ok(FREE)
	}

	/// What is drawn follows from this, while it can be shown.
	fn opening(roll_call: &RollCall) -> Option<Hash> {
		match roll_call.stage {
			Stage::Opening { randomness } => {
				roll_call.open_until.filter(|until| T::Beacon::slot() <= *until).map(|_| randomness)
			},
			Stage::Committing { .. } | Stage::Reckoning { .. } => None,
		}
	}

	/// What a resource claims. Its rounds were seen to be in range when it committed.
	pub(crate) fn fleet(
		id: RollCallId,
		roll_call: &RollCall,
		resource: ResourceId,
		answer: &Answer,
	) -> Result<Fleet, Error<T>> {
		let RollCall { class, nonce, terms, .. } = *roll_call;
		let draw = Draw { genesis: Self::genesis(), class, resource, device: 0, roll_call: id.0, nonce };
		let Answer { devices, rounds, commitment, .. } = *answer;
		Fleet::new(terms.parameters, rounds, draw, devices, commitment).map_err(|_| Error::<T>::RoundsOutOfRange)
	}

	/// The cells that were drawn of a resource, in order; none if nothing was.
	pub fn drawn_cells(id: RollCallId, resource: ResourceId) -> Option<alloc::vec::Vec<DeviceCell>> {
		let roll_call = RollCalls::<T>::get(id)?;
		let randomness = Self::opening(&roll_call)?;
		let member = Members::<T>::get(id, resource)?;
		let fleet = Self::fleet(id, &roll_call, resource, &member.answer?).ok()?;
		let is_drawn = Self::is_drawn(id, &roll_call, resource, &member, &randomness);
		is_drawn.then(|| fleet.drawn_cells(Self::openings_of(&roll_call, &member), &randomness, blake2_256))
	}

	/// Whether a resource that committed is drawn: with the share of those that committed that the terms ask for; a suspect always is.
	pub(crate) fn is_drawn(
		id: RollCallId,
		roll_call: &RollCall,
		resource: ResourceId,
		member: &Member,
		randomness: &Hash,
	) -> bool {
		if member.suspect {
			return true;
		}
		let digest = blake2_256(&(b"gcx/proof/resource/1", randomness, id, resource).encode());
		let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = digest;
		// Evenly below the number of those that committed but for 2⁻³².
		let number = u128::from(u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]));
		let drawn = number.saturating_mul(roll_call.committed.into()) >> 64;
		drawn < roll_call.terms.opened.into()
	}

	/// How many cells are drawn of a resource that is drawn.
	pub(crate) fn openings_of(roll_call: &RollCall, member: &Member) -> u32 {
		if member.suspect {
			roll_call.terms.suspect_openings
		} else {
			roll_call.terms.parameters.openings
		}
	}

	/// How many of the drawn cells are still to be shown.
	pub(crate) fn left(roll_call: &RollCall, member: &Member, answer: &Answer) -> u32 {
		Self::openings_of(roll_call, member).saturating_sub(answer.shown.count_ones())
	}

	/// What so many openings in a roll-call weigh; without such a roll-call, what it takes to see that.
	pub(crate) fn open_weight(id: RollCallId, openings: usize) -> Weight {
		let blocks = RollCalls::<T>::get(id).map_or(0, |roll_call| blocks(&roll_call.terms.parameters));
		T::WeightInfo::open(blocks).saturating_mul(u64::try_from(openings).unwrap_or(u64::MAX).max(1))
	}
}

/// Pieces of [`DEPTH_STEP`] products each of an opening. With a patch of `p` cells a side there are `p²` products for `2 · p` entries: counted by the products, entries
/// are never too few.
pub(crate) fn blocks(parameters: &Parameters) -> u32 {
	let steps = parameters.depth.checked_div(DEPTH_STEP).unwrap_or(0);
	steps.saturating_mul(parameters.patch).saturating_mul(parameters.patch)
}

impl<T: Config> Error<T> {
	fn of_opening(error: OpeningError) -> Self {
		match error {
			OpeningError::NoSuchCell => Self::NotDrawn,
			OpeningError::DevicePath => Self::WrongDevicePath,
			OpeningError::DeviceNotCommitted => Self::DeviceNotCommitted,
			OpeningError::TileSize => Self::WrongTileSize,
			OpeningError::PreviousRound => Self::WrongPreviousRound,
			OpeningError::TilePath => Self::WrongTilePath,
			OpeningError::RoundPath => Self::WrongRoundPath,
			OpeningError::PreviousNotCommitted => Self::PreviousRoundNotCommitted,
			OpeningError::NotCommitted => Self::TileNotCommitted,
			OpeningError::WrongProduct => Self::WrongProduct,
		}
	}
}
