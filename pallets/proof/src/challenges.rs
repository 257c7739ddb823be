//! Challenges: a roll-call of one resource, because the buyer of what it delivers doubts it. It is seeded for the buyer's account, and decided once.

use crate::{
	types::{Answer, Outcome},
	Challenged, Config, NextRollCall, Pallet, Purpose, RollCall, Schedules, WeightInfo,
};
use codec::Encode;
use frame_support::{pallet_prelude::Weight, traits::Get};
use gcx_primitives::{
	Beacon, ChallengeRequest, ChallengeVerdict, ComputeResources, Day, DealId, OnTenancyChallenged, ProofChallenge,
	ProofOpening, ProvableResources, ResourceId,
};
use sp_io::hashing::blake2_256;

impl<T: Config> ProofChallenge<T::AccountId> for Pallet<T> {
	fn open(request: &ChallengeRequest<T::AccountId>) -> ProofOpening {
		let ChallengeRequest { deal, day, resource, tenant } = request;
		let (resource, deal, day) = (*resource, *deal, *day);
		let provable = |class: &_| T::Compute::proof_reference(*class).is_some();
		let class = T::Compute::subject(resource).map(|subject| subject.class).filter(provable);
		let Some((class, schedule)) = class.and_then(|class| Some((class, Schedules::<T>::get(class)?))) else {
			return ProofOpening::NotProvable;
		};
		if Challenged::<T>::count() >= T::MaxChallenges::get() || Challenged::<T>::contains_key(resource) {
			return ProofOpening::Busy;
		}
		let id = NextRollCall::<T>::get();
		let seed = (b"gcx/challenge/1", Self::genesis(), id, resource, deal, day, tenant, T::Beacon::value());
		let purpose = Purpose::Challenge { resource, deal, day };
		Self::begin(id, class, purpose, schedule.terms, blake2_256(&seed.encode()));
		ProofOpening::Opened
	}

	fn is_open(resource: ResourceId, deal: DealId, day: Day) -> bool {
		Challenged::<T>::get(resource) == Some((deal, day))
	}

	fn weight() -> Weight {
		T::WeightInfo::challenge()
	}
}

impl<T: Config> Pallet<T> {
	/// Tells what came of a challenge, if the roll-call is one. `outcome` is none if it is void.
	pub(crate) fn tell(roll_call: &RollCall, outcome: Option<Outcome>, answer: Option<Answer>) {
		let Purpose::Challenge { resource, deal, day } = roll_call.purpose else { return };
		Challenged::<T>::remove(resource);
		let verdict = match (outcome, answer) {
			(Some(Outcome::Proven { operations }), Some(Answer { devices, .. })) => {
				ChallengeVerdict::Passed { per_day: T::Compute::capacity_proven(resource, devices, operations) }
			},
			(Some(Outcome::Absent | Outcome::Unshown), _) => ChallengeVerdict::Failed { challenger: None },
			(None | Some(Outcome::Proven { .. } | Outcome::Undrawn), _) => ChallengeVerdict::Undecided,
		};
		T::OnChallenged::decided(deal, day, verdict);
	}
}
