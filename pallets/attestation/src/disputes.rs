//! What anyone can show about a resource's last round, and what follows.

use crate::{
	types::{Domain, EquivocationOf, RoundOf, SignatureOf},
	Answer, Config, Disputes, Equivocation, Error, Event, Finding, Members, Offence, Pallet, Parameters, Payload,
	SignedDigest, WeightInfo,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, weights::Weight};
use gcx_evidence::{
	signed_payload,
	solve::{self, Solution, System, BYTES_PER_UNKNOWN},
	Reason,
};
use gcx_primitives::{ComputeResources, ProviderOffence, ResourceId, RoundId};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::traits::{Convert, Verify};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_report_equivocation(reporter: T::AccountId, proof: EquivocationOf<T>) -> DispatchResult {
		let (resource, round, attestor) = match proof {
			Equivocation::Commitments(first, second) => Self::contradiction(&first, &second)?,
			Equivocation::Findings(first, second) => Self::contradiction(&first, &second)?,
		};
		let account = T::AttestorAccount::convert(attestor);
		ensure!(round.panel().contains(&account), Error::<T>::NotOnPanel);
		let mut member = Members::<T>::get(resource, &account);
		ensure!(!member.equivocated, Error::<T>::AlreadyPunished);
		member.equivocated = true;
		Members::<T>::insert(resource, &account, member);
		let share = Parameters::<T>::get().equivocation_slash;
		Self::slash_share(&account, share, Offence::Equivocation, Some(&reporter));
		Ok(())
	}

	/// What two statements are about, and whose they are, if they contradict each other and are signed.
	fn contradiction<Statement: Domain + PartialEq>(
		(first, by_first): &(Payload<T::AuthorityId, Statement>, SignatureOf<T>),
		(second, by_second): &(Payload<T::AuthorityId, Statement>, SignatureOf<T>),
	) -> Result<(ResourceId, RoundOf<T>, T::AuthorityId), Error<T>> {
		let round = Self::round(first.resource, first.round)?;
		let is_of_round = |payload: &Payload<_, _>| {
			payload.genesis == Self::genesis()
				&& payload.resource == first.resource
				&& payload.round == first.round
				&& payload.drawn == round.digest()
		};
		let same_attestor = first.attestor == second.attestor;
		ensure!(is_of_round(first) && is_of_round(second) && same_attestor, Error::<T>::WrongSubject);
		ensure!(first.statement != second.statement, Error::<T>::NoContradiction);
		let is_signed = |payload: &Payload<T::AuthorityId, Statement>, signature: &SignatureOf<T>| {
			payload.attestor.verify(&payload.signed_bytes(), signature)
		};
		ensure!(is_signed(first, by_first) && is_signed(second, by_second), Error::<T>::BadSignature);
		Ok((first.resource, round, first.attestor.clone()))
	}

	pub(crate) fn do_report_double_signing(
		reporter: T::AccountId,
		resource: ResourceId,
		id: RoundId,
		first: SignedDigest,
		second: SignedDigest,
	) -> DispatchResult {
		let round = Self::round(resource, id)?;
		ensure!(first.0 != second.0, Error::<T>::NoContradiction);
		let mut disputed = Disputes::<T>::get(resource);
		ensure!(!disputed.double_signed, Error::<T>::AlreadyEstablished);
		let agent = round.agent.into();
		let is_signed = |(digest, signature): &SignedDigest| {
			signature.verify(&signed_payload(Self::genesis(), resource, id, *digest)[..], &agent)
		};
		ensure!(is_signed(&first) && is_signed(&second), Error::<T>::BadSignature);
		disputed.double_signed = true;
		Disputes::<T>::insert(resource, disputed);
		Self::deposit_event(Event::DoubleSigned { resource, round: id, by: reporter.clone() });
		T::Compute::offended(resource, ProviderOffence::DoubleSigned, Some(reporter));
		Ok(())
	}

	/// What a dispute weighs that brings so many hashes and so many bytes of a solution.
	pub(crate) fn dispute_weight(hashes: usize, bytes: usize) -> Weight {
		let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
		T::WeightInfo::dispute_solve(count(hashes), count(bytes.div_ceil(BYTES_PER_UNKNOWN)))
	}

	pub(crate) fn do_dispute_solve(
		reporter: T::AccountId,
		resource: ResourceId,
		id: RoundId,
		hashes: &[[u8; 32]],
		device: u32,
		solution: &[u8],
	) -> DispatchResult {
		let round = Self::round(resource, id)?;
		// While findings can still be revealed, one could follow what the chain found.
		ensure!(round.outcome.is_some(), Error::<T>::StillOpen);
		let committed = round.answer.as_ref().and_then(|Answer { solve, .. }| *solve);
		let (Some(committed), Some(draw)) = (committed, &round.draw) else {
			return Err(Error::<T>::NothingToDispute.into());
		};
		ensure!(draw.devices.contains(&device), Error::<T>::NotDrawn);
		let mut disputed = Disputes::<T>::get(resource);
		let established = disputed.false_solve || disputed.solved.contains(&device);
		ensure!(!established, Error::<T>::AlreadyEstablished);
		let of_all_devices = u32::try_from(hashes.len()).is_ok_and(|count| count == round.devices);
		ensure!(of_all_devices && solve::commitment(hashes) == committed.commitment, Error::<T>::WrongHashes);
		let hash = usize::try_from(device).ok().and_then(|device| hashes.get(device));
		ensure!(hash == Some(&sp_io::hashing::blake2_256(solution)), Error::<T>::WrongSolution);
		let solves = Self::solves(round.nonce, device, committed.order, draw.rows, solution);
		let by = reporter.clone();
		Self::deposit_event(Event::SolveExamined { resource, round: id, device, solves, by });
		if solves {
			// Devices that are drawn are no more than there is room for.
			disputed.solved.try_push(device).map_err(|_| Error::<T>::NotDrawn)?;
			let all = disputed.solved.len() == draw.devices.len();
			Disputes::<T>::insert(resource, disputed);
			if all {
				Self::slash_disproved(resource, &round, &reporter, |finding| match finding {
					Finding::Refused(reason) => *reason == Reason::SolveFailed,
					Finding::Attested(_) | Finding::Abstained(_) => false,
				});
			}
		} else {
			disputed.false_solve = true;
			Disputes::<T>::insert(resource, disputed);
			Self::slash_disproved(resource, &round, &reporter, |finding| match finding {
				Finding::Attested(_) => true,
				Finding::Refused(_) | Finding::Abstained(_) => false,
			});
			T::Compute::offended(resource, ProviderOffence::FalseSolve, Some(reporter));
		}
		Ok(())
	}

	/// Whether a device's solution has the right length and solves the rows that were drawn of it.
	fn solves(nonce: [u8; 32], device: u32, order: u32, rows: [u8; 32], solution: &[u8]) -> bool {
		let length = usize::try_from(order).ok().and_then(|order| order.checked_mul(BYTES_PER_UNKNOWN));
		let Some(solution) = Solution::from_bytes(solution).filter(|_| length == Some(solution.len())) else {
			return false;
		};
		let system = System::new(solve::device_seed(nonce, device), order);
		system.solves(&solution, &solve::drawn_rows(rows, device, order))
	}

	/// Slashes the members of a panel whose findings are the opposite of what the chain found, once each.
	fn slash_disproved(
		resource: ResourceId,
		round: &RoundOf<T>,
		reporter: &T::AccountId,
		is_opposite: impl Fn(&Finding) -> bool,
	) {
		let share = Parameters::<T>::get().wrong_evidence_slash;
		for account in round.panel() {
			let mut member = Members::<T>::get(resource, account);
			if !member.disproved && member.finding.as_ref().is_some_and(&is_opposite) {
				member.disproved = true;
				Members::<T>::insert(resource, account, member);
				Self::slash_share(account, share, Offence::WrongEvidence, Some(reporter));
			}
		}
	}
}
