//! What the panel of a round does: it commits to findings and reveals them, by signed transactions or by general ones whose
//! content the attestor's key signed.

use crate::{
	rounds::FREE,
	types::{Domain, RoundOf, SignatureOf},
	Commits, Config, Error, Event, Finding, Members, Pallet, Payload, Reveals, Stage,
};
use codec::Encode;
use frame_support::{
	dispatch::DispatchResultWithPostInfo,
	ensure,
	pallet_prelude::{InvalidTransaction, TransactionSource, ValidTransaction},
	traits::Get,
	weights::Weight,
};
use gcx_primitives::{ReferenceVersion, ResourceId, RoundId};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	traits::Convert,
	transaction_validity::{TransactionPriority, TransactionValidityWithRefund},
};

/// Ahead of transactions that pay: a panel is small, and each member has two transactions a round.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 2;

/// What an attestor commits to: domain, chain, resource, round, version of the reference system, finding, attestor, salt, in
/// SCALE, hashed with BLAKE2b-256. Bound to all of them, so that none can be replayed elsewhere or by another.
pub fn commitment<AccountId: Encode>(
	genesis: [u8; 32],
	resource: ResourceId,
	round: RoundId,
	version: ReferenceVersion,
	finding: &Finding,
	attestor: &AccountId,
	salt: &[u8; 32],
) -> [u8; 32] {
	let content = (b"gcx/attestation/1", genesis, resource, round, version, finding, attestor, salt);
	sp_io::hashing::blake2_256(&content.encode())
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit(
		attestor: T::AccountId,
		resource: ResourceId,
		id: RoundId,
		hash: [u8; 32],
	) -> DispatchResultWithPostInfo {
		let round = Self::round(resource, id)?;
		Self::ensure_may_commit(resource, &round, &attestor)?;
		Members::<T>::mutate(resource, &attestor, |member| member.commitment = Some(hash));
		Self::deposit_event(Event::Committed { resource, round: id, attestor });
		Ok(FREE)
	}

	pub(crate) fn do_reveal(
		attestor: T::AccountId,
		resource: ResourceId,
		id: RoundId,
		finding: Finding,
		salt: [u8; 32],
	) -> DispatchResultWithPostInfo {
		let round = Self::round(resource, id)?;
		Self::ensure_may_reveal(resource, &round, &attestor, &finding, &salt)?;
		Members::<T>::mutate(resource, &attestor, |member| member.finding = Some(finding.clone()));
		Self::deposit_event(Event::Revealed { resource, round: id, attestor, finding });
		Ok(FREE)
	}

	fn ensure_may_commit(resource: ResourceId, round: &RoundOf<T>, attestor: &T::AccountId) -> Result<(), Error<T>> {
		ensure!(round.panel().contains(attestor), Error::<T>::NotOnPanel);
		let is_open = round.stage == Stage::Commit && T::Slot::get() <= round.commit_until;
		ensure!(is_open, Error::<T>::NotCommitting);
		ensure!(Members::<T>::get(resource, attestor).commitment.is_none(), Error::<T>::AlreadyCommitted);
		Ok(())
	}

	fn ensure_may_reveal(
		resource: ResourceId,
		round: &RoundOf<T>,
		attestor: &T::AccountId,
		finding: &Finding,
		salt: &[u8; 32],
	) -> Result<(), Error<T>> {
		ensure!(round.panel().contains(attestor), Error::<T>::NotOnPanel);
		let is_open = round.stage == Stage::Reveal && T::Slot::get() <= round.reveal_until;
		ensure!(is_open, Error::<T>::NotRevealing);
		let member = Members::<T>::get(resource, attestor);
		let committed = member.commitment.ok_or(Error::<T>::NotCommitted)?;
		ensure!(member.finding.is_none(), Error::<T>::AlreadyRevealed);
		let hash = commitment(Self::genesis(), resource, round.id, round.version, finding, attestor, salt);
		ensure!(hash == committed, Error::<T>::WrongReveal);
		ensure!(finding.is_valid(), Error::<T>::InvalidFinding);
		Ok(())
	}

	pub(crate) fn authorize_commit(
		_: TransactionSource,
		payload: &Payload<T::AuthorityId, Commits>,
		signature: &SignatureOf<T>,
	) -> TransactionValidityWithRefund {
		let (round, account) = Self::subject_of(payload)?;
		Self::ensure_may_commit(payload.resource, &round, &account).map_err(|error| refused(&round, error))?;
		Self::authorized(payload, signature, account, "commit", round.commit_until)
	}

	pub(crate) fn authorize_reveal(
		_: TransactionSource,
		payload: &Payload<T::AuthorityId, Reveals>,
		signature: &SignatureOf<T>,
	) -> TransactionValidityWithRefund {
		let (round, account) = Self::subject_of(payload)?;
		let Reveals { finding, salt } = &payload.statement;
		Self::ensure_may_reveal(payload.resource, &round, &account, finding, salt)
			.map_err(|error| refused(&round, error))?;
		Self::authorized(payload, signature, account, "reveal", round.reveal_until)
	}

	/// The round that a payload is about, if that is the one that this chain has, and the attestor's account.
	fn subject_of<Statement>(
		payload: &Payload<T::AuthorityId, Statement>,
	) -> Result<(RoundOf<T>, T::AccountId), InvalidTransaction> {
		let round = Self::round(payload.resource, payload.round).map_err(|_| InvalidTransaction::Stale)?;
		if payload.genesis != Self::genesis() || payload.drawn != round.digest() {
			return Err(InvalidTransaction::BadProof);
		}
		Ok((round, T::AttestorAccount::convert(payload.attestor.clone())))
	}

	/// The signature is checked last: it costs most.
	fn authorized<Statement: Domain>(
		payload: &Payload<T::AuthorityId, Statement>,
		signature: &SignatureOf<T>,
		account: T::AccountId,
		phase: &'static str,
		until: u64,
	) -> TransactionValidityWithRefund {
		if !payload.attestor.verify(&payload.signed_bytes(), signature) {
			return Err(InvalidTransaction::BadProof.into());
		}
		ValidTransaction::with_tag_prefix("GcxAttestation")
			.priority(PRIORITY)
			.and_provides((account, payload.resource, payload.round, phase))
			// Slots are at least as many as blocks.
			.longevity(until.saturating_sub(T::Slot::get()).saturating_add(1))
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}
}

/// Why a transaction is not valid whose call would be refused: too early, or too late, or never right.
fn refused<T: Config>(round: &RoundOf<T>, error: Error<T>) -> InvalidTransaction {
	let is_out_of_window = matches!(error, Error::NotCommitting | Error::NotRevealing);
	if is_out_of_window && round.stage == Stage::Commit && T::Slot::get() <= round.commit_until {
		InvalidTransaction::Future
	} else if is_out_of_window || matches!(error, Error::AlreadyCommitted | Error::AlreadyRevealed) {
		InvalidTransaction::Stale
	} else {
		InvalidTransaction::BadProof
	}
}
