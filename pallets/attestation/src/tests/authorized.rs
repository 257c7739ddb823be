//! Commitments and findings by general transactions that an attestor's key signed the content of.

use super::*;
use frame_support::pallet_prelude::{
	InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
};
use frame_support::traits::Authorize;
use sp_core::Pair;
use sp_runtime::traits::Applyable;
use sp_runtime::traits::Checkable;

pub(super) type Key = crate::sr25519::AuthorityId;
pub(super) type Signature = crate::sr25519::AuthoritySignature;

/// A statement of an attestor about the open round, and its signature.
pub(super) fn stated<S: Domain>(number: u8, statement: S) -> (Payload<Key, S>, Signature) {
	let (genesis, drawn, attestor) = (GENESIS, round().digest(), key(number));
	let payload = Payload { genesis, resource: RESOURCE, round: round().id, drawn, attestor, statement };
	let signature = pair(number).sign(&payload.signed_bytes());
	(payload, signature)
}

fn committing(number: u8) -> Call<Test> {
	let (payload, signature) = stated(number, Commits(hash(number, &attested(5))));
	Call::commit_authorized { payload, signature }
}

fn revealing(number: u8) -> Call<Test> {
	let (payload, signature) = stated(number, Reveals { finding: attested(5), salt: salt(number) });
	Call::reveal_authorized { payload, signature }
}

fn validity(call: &Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
	call.authorize(TransactionSource::External).expect("it can be authorised").map(|(valid, _)| valid)
}

fn invalid(call: &Call<Test>) -> InvalidTransaction {
	match validity(call) {
		Err(TransactionValidityError::Invalid(invalid)) => invalid,
		other => panic!("{other:?}"),
	}
}

/// As a block's author would apply it.
pub(super) fn apply(
	call: Call<Test>,
) -> sp_runtime::ApplyExtrinsicResultWithInfo<frame_support::dispatch::PostDispatchInfo> {
	let transaction = Extrinsic::new_transaction(RuntimeCall::Attestation(call), TxExtension::new());
	let info = frame_support::dispatch::GetDispatchInfo::get_dispatch_info(&transaction);
	let checked = Checkable::check(transaction, &frame_system::ChainContext::<Test>::default())?;
	checked.apply::<Test>(&info, 0)
}

#[test]
fn a_commitment_and_a_finding_come_by_general_transactions() {
	World::default().run(|| {
		drawn();
		for number in 1..=4 {
			let applied = apply(committing(number)).unwrap().unwrap();
			assert_eq!(applied.pays_fee, frame_support::dispatch::Pays::No);
		}
		until(Stage::Reveal);
		for number in 1..=4 {
			apply(revealing(number)).unwrap().unwrap();
		}
		until(Stage::Closed);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 4, .. })));
	})
}

#[test]
fn the_call_is_for_nobody_but_who_was_authorised() {
	World::default().run(|| {
		drawn();
		let (payload, signature) = stated(1, Commits([1; 32]));
		for origin in [signed(attestor(1)), RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(
				Attestation::commit_authorized(origin.clone(), payload.clone(), signature.clone()),
				DispatchError::BadOrigin
			);
		}
		let (payload, signature) = stated(1, Reveals { finding: attested(5), salt: salt(1) });
		assert_noop!(Attestation::reveal_authorized(signed(attestor(1)), payload, signature), DispatchError::BadOrigin);
	})
}

#[test]
fn a_transaction_lives_as_long_as_its_window_and_is_one_of_a_kind() {
	World::default().run(|| {
		drawn();
		let valid = validity(&committing(1)).unwrap();
		assert_eq!((valid.longevity, valid.propagate, valid.provides.len()), (5, true, 1));
		assert_eq!(validity(&committing(1)).unwrap().provides, valid.provides);
		assert_ne!(validity(&committing(2)).unwrap().provides, valid.provides);
		commit(1, &attested(5));
		until(Stage::Reveal);
		assert_ne!(validity(&revealing(1)).unwrap().provides, valid.provides);
	})
}

#[test]
fn what_the_key_did_not_sign_is_no_transaction() {
	World::default().run(|| {
		drawn();
		let (payload, signature) = stated(1, Commits([1; 32]));
		// Another key's signature, and one of something else.
		let by_other = pair(2).sign(&payload.signed_bytes());
		assert_eq!(
			invalid(&Call::commit_authorized { payload: payload.clone(), signature: by_other }),
			InvalidTransaction::BadProof
		);
		let changed = Payload { statement: Commits([2; 32]), ..payload.clone() };
		assert_eq!(
			invalid(&Call::commit_authorized { payload: changed, signature: signature.clone() }),
			InvalidTransaction::BadProof
		);
		// Another chain, another draw, another round, a stranger.
		let signed_by = |number, payload: Payload<Key, Commits>| {
			let signature = pair(number).sign(&payload.signed_bytes());
			invalid(&Call::commit_authorized { payload, signature })
		};
		let other = Payload { genesis: [1; 32], ..payload.clone() };
		assert_eq!(signed_by(1, other), InvalidTransaction::BadProof);
		let other = Payload { drawn: [1; 32], ..payload.clone() };
		assert_eq!(signed_by(1, other), InvalidTransaction::BadProof);
		let other = Payload { round: RoundId(9), ..payload.clone() };
		assert_eq!(signed_by(1, other), InvalidTransaction::Stale);
		let other = Payload { resource: ResourceId(9), ..payload.clone() };
		assert_eq!(signed_by(1, other), InvalidTransaction::Stale);
		let other = Payload { attestor: key(9), ..payload };
		assert_eq!(signed_by(9, other), InvalidTransaction::BadProof);
	})
}

#[test]
fn a_statement_of_one_kind_is_none_of_the_other() {
	let commits = Payload {
		genesis: GENESIS,
		resource: RESOURCE,
		round: RoundId(1),
		drawn: [0; 32],
		attestor: key(1),
		statement: Commits([1; 32]),
	};
	assert!(commits.signed_bytes().windows(b"commit".len()).any(|bytes| bytes == b"commit"));
	assert_ne!(Commits::DOMAIN, Reveals::DOMAIN);
}

#[test]
fn a_transaction_out_of_its_window_is_none() {
	World::default().run(|| {
		drawn();
		apply(committing(1)).unwrap().unwrap();
		assert_eq!(invalid(&committing(1)), InvalidTransaction::Stale);
		assert_eq!(invalid(&revealing(1)), InvalidTransaction::Future);
		let late = committing(2);
		until(Stage::Reveal);
		assert_eq!(invalid(&late), InvalidTransaction::Stale);
		assert_eq!(invalid(&revealing(2)), InvalidTransaction::BadProof);
		apply(revealing(1)).unwrap().unwrap();
		assert_eq!(invalid(&revealing(1)), InvalidTransaction::Stale);
	})
}

#[test]
fn a_finding_that_was_not_committed_to_is_no_transaction() {
	World::default().run(|| {
		drawn();
		apply(committing(1)).unwrap().unwrap();
		until(Stage::Reveal);
		let (payload, signature) = stated(1, Reveals { finding: attested(6), salt: salt(1) });
		assert_eq!(invalid(&Call::reveal_authorized { payload, signature }), InvalidTransaction::BadProof);
	})
}

#[test]
fn a_finding_that_comes_too_late_is_stale() {
	World::default().run(|| {
		drawn();
		apply(committing(1)).unwrap().unwrap();
		until(Stage::Reveal);
		let late = revealing(1);
		until(Stage::Closed);
		assert_eq!(invalid(&late), InvalidTransaction::Stale);
	})
}
