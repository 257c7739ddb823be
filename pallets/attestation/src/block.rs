//! What happens at the start of every block, in this order: parameters that are due come into force, the beacon takes up the
//! randomness of the block before, a halt is noted, due rounds are brought on, challenges are opened, resources are drawn.

use crate::{
	Agenda, Beacon, BeaconState, Config, Error, Halt, LastHalt, LastSlot, Pallet, Parameters, Purpose, Rounds,
	WeightInfo,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	defensive, ensure,
	pallet_prelude::DispatchResult,
	traits::{Get, Randomness},
	weights::Weight,
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{OnTenancyChallenged, ProofChallenge, ResourceId};
use sp_runtime::traits::Zero;

/// What a step made of a round, or that there was none to take.
pub(crate) enum Step {
	/// What it needs is not there yet.
	Waits,
	/// It goes on: its next deadline is this slot.
	Goes(u64),
	/// It is closed.
	Ends,
}

/// A hash of randomness for one purpose and subject.
pub(crate) fn derived(beacon: &[u8; 32], purpose: &[u8], subject: impl Encode) -> [u8; 32] {
	sp_io::hashing::blake2_256(&(b"gcx/draw/1", beacon, purpose, subject).encode())
}

/// A number below `bound` from a hash; its bias is under 2⁻⁹⁶. None if there is no such number.
pub(crate) fn below(bound: u32, hash: &[u8; 32]) -> Option<u32> {
	let (half, _) = hash.split_first_chunk::<16>()?;
	u32::try_from(u128::from_le_bytes(*half).checked_rem(bound.into())?).ok()
}

impl<T: Config> gcx_primitives::Beacon for Pallet<T> {
	fn slot() -> u64 {
		T::Slot::get()
	}

	fn value() -> [u8; 32] {
		Beacon::<T>::get().value
	}

	fn newest() -> u64 {
		Beacon::<T>::get().of
	}

	fn stood_still(since: u64, until: u64) -> bool {
		LastHalt::<T>::get().is_some_and(|halt| halt.touches(since, until))
	}
}

impl<T: Config> Pallet<T> {
	/// Hash of the chain's first block.
	pub fn genesis() -> [u8; 32] {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0; 32];
		for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
			*to = *from;
		}
		bytes
	}

	/// The hook.
	pub(crate) fn begin_block() -> Weight {
		let slot = T::Slot::get();
		Self::enforce_parameters(slot);
		let before = LastSlot::<T>::get();
		LastSlot::<T>::put(slot);
		let is_fresh = Self::feed_beacon(before.unwrap_or(0));
		if let Some(from) = before.filter(|before| slot.saturating_sub(*before) > T::HaltSlots::get()) {
			LastHalt::<T>::put(Halt { from, until: slot });
		}
		let mut agenda = Agenda::<T>::get();
		let mut weight = T::WeightInfo::begin_block().saturating_add(Self::bring_on(&mut agenda, slot));
		if is_fresh {
			let most = T::RoundsPerBlock::get();
			let (challenges, cost) = Self::open_challenges(&mut agenda, slot, most);
			let draws = Self::open_rounds(&mut agenda, slot, most.saturating_sub(challenges));
			weight = weight.saturating_add(cost).saturating_add(draws);
		}
		Agenda::<T>::put(agenda);
		weight
	}

	/// Mixes what the block before contributed into the beacon. True if it contributed.
	fn feed_beacon(slot_before: u64) -> bool {
		let (Some(contribution), _) = T::Randomness::random(b"gcx/attestation") else { return false };
		let BeaconState { value, .. } = Beacon::<T>::get();
		let value = sp_io::hashing::blake2_256(&(b"gcx/beacon/1", value, contribution).encode());
		Beacon::<T>::put(BeaconState { value, of: slot_before });
		true
	}

	/// Takes a step with every due round, the longest due first, at most so many a block.
	fn bring_on(agenda: &mut BoundedVec<(u64, ResourceId), T::MaxRounds>, slot: u64) -> Weight {
		let most = usize::try_from(T::RoundsPerBlock::get()).unwrap_or(usize::MAX);
		let due: Vec<_> = agenda.iter().copied().take_while(|(until, _)| *until < slot).take(most).collect();
		let mut weight = Weight::zero();
		for entry in due {
			let (step, cost) = Self::step(entry.1, slot);
			weight = weight.saturating_add(cost);
			Self::write_down(agenda, entry, step);
		}
		weight
	}

	/// Writes down what a step made of a round.
	fn write_down(agenda: &mut BoundedVec<(u64, ResourceId), T::MaxRounds>, entry: (u64, ResourceId), step: Step) {
		match step {
			Step::Waits => (),
			Step::Ends => agenda.retain(|other| *other != entry),
			Step::Goes(until) => {
				agenda.retain(|other| *other != entry);
				Self::insert(agenda, (until, entry.1));
			},
		}
	}

	/// Writes an open round down. There is room, or it would not have been opened.
	pub(crate) fn insert(agenda: &mut BoundedVec<(u64, ResourceId), T::MaxRounds>, entry: (u64, ResourceId)) {
		let place = agenda.partition_point(|other| *other < entry);
		if agenda.try_insert(place, entry).is_err() {
			defensive!("there is room for every open round");
		}
	}

	/// Looks at so many resources, at most at `most`, and opens rounds for those that may have one.
	fn open_rounds(agenda: &mut BoundedVec<(u64, ResourceId), T::MaxRounds>, slot: u64, most: u32) -> Weight {
		let parameters = Parameters::<T>::get();
		let mut weight = Weight::zero();
		for draw in 0..parameters.draws_per_block.min(most) {
			if agenda.is_full() {
				break;
			}
			weight = weight.saturating_add(T::WeightInfo::open());
			let Some(resource) = Self::drawn_resource(draw, slot, &parameters) else { continue };
			if let Some(until) = Self::open(resource, slot, &parameters, Purpose::Draw) {
				Self::insert(agenda, (until, resource));
			}
		}
		weight
	}

	pub(crate) fn do_advance(resource: ResourceId) -> DispatchResult {
		let round = Rounds::<T>::get(resource).ok_or(Error::<T>::UnknownRound)?;
		let slot = T::Slot::get();
		let until = round.due().filter(|until| *until < slot).ok_or(Error::<T>::NothingToAdvance)?;
		let (step, _) = Self::step(resource, slot);
		ensure!(!matches!(step, Step::Waits), Error::<T>::NothingToAdvance);
		Agenda::<T>::mutate(|agenda| Self::write_down(agenda, (until, resource), step));
		Ok(())
	}

	/// The most that a step of a round weighs, and of telling what came of it.
	pub(crate) fn advance_weight() -> Weight {
		let step = T::WeightInfo::miss().max(T::WeightInfo::draw()).max(T::WeightInfo::turn());
		step.max(T::WeightInfo::close()).saturating_add(T::OnChallenged::weight())
	}

	/// The most that the hook weighs: as many rounds as can be are brought on and come to their outcomes, as many challenges wait as
	/// can, and as many rounds are opened, or challenges decided, as can be.
	pub fn heaviest_block() -> Weight {
		let rounds = u64::from(T::RoundsPerBlock::get());
		T::WeightInfo::begin_block()
			.saturating_add(Self::advance_weight().saturating_mul(rounds))
			.saturating_add(T::WeightInfo::challenges(T::MaxChallenges::get()))
			.saturating_add(
				T::WeightInfo::open().max(T::OnChallenged::weight()).max(T::Proof::weight()).saturating_mul(rounds),
			)
	}
}
