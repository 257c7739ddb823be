//! What keeps the agent from signing two results for one round.

mod common;

use common::{key, GENESIS, RESOURCE};
use gcx_evidence::{hex, Content, OpenedSolution, Solve};
use gcx_primitives::{ResourceId, RoundId};
use gcx_provider::store::{Record, Store, StoreError, KEPT_ROUNDS};
use sp_runtime::{traits::Verify, MultiSignature};
use std::fs;

const A: [u8; 32] = [1; 32];
const B: [u8; 32] = [2; 32];

fn record(round: u32, nonce: [u8; 32]) -> Record {
	Record {
		resource: RESOURCE,
		round: RoundId(round),
		nonce: hex::write(&nonce),
		started_at: 5,
		devices: 2,
		solve: Some(Solve { order: 256, solutions: vec![hex::write(&[3; 32]), hex::write(&[4; 32])] }),
		solutions: vec![
			OpenedSolution { device: 0, solution: "AAAA".into() },
			OpenedSolution { device: 1, solution: "BBBB".into() },
		],
		solve_benchmark: None,
		content: None,
		sealed: false,
		signature: None,
	}
}

fn content(round: u32, ended_at: u64) -> Content {
	Content {
		genesis: hex::write(&GENESIS),
		resource: RESOURCE,
		round: RoundId(round),
		run: hex::write(&[6; 32]),
		started_at: 5,
		ended_at,
		devices: 2,
		power: None,
		solve: record(round, A).solve,
		benchmarks: Vec::new(),
	}
}

fn seal(store: &Store, round: u32, nonce: [u8; 32]) -> Result<(), StoreError> {
	store.seal((RESOURCE, RoundId(round)), &hex::write(&nonce), GENESIS, &key()).map(|_| ())
}

fn sealed(store: &Store, round: u32, nonce: [u8; 32]) {
	store.prepare(record(round, nonce)).unwrap();
	store.complete(&hex::write(&nonce), content(round, 9)).unwrap();
	seal(store, round, nonce).unwrap();
}

#[test]
fn what_was_prepared_first_is_what_is_committed_to() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	store.prepare(record(1, A)).unwrap();
	let second = Record { started_at: 77, solve: None, ..record(1, A) };
	assert_eq!(*store.prepare(second).unwrap(), record(1, A));
}

#[test]
fn what_was_completed_first_is_what_is_signed() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	store.prepare(record(1, A)).unwrap();
	let nonce = hex::write(&A);
	store.complete(&nonce, content(1, 9)).unwrap();
	assert_eq!(store.complete(&nonce, content(1, 10)).unwrap().content, Some(content(1, 9)));
	seal(&store, 1, A).unwrap();
	let document = store.get(RESOURCE, RoundId(1)).unwrap().document(&[1]).unwrap();
	assert_eq!(document.content, content(1, 9));
	assert_eq!(document.opened, [OpenedSolution { device: 1, solution: "BBBB".into() }]);
	let bytes: [u8; 65] = hex::read_exact(&document.signature).unwrap();
	let signature = <MultiSignature as codec::Decode>::decode(&mut &bytes[..]).unwrap();
	assert!(signature.verify(document.content.signed_payload(GENESIS).as_slice(), &key().account()));
}

#[test]
fn another_nonce_takes_the_place_of_what_is_not_sealed_and_never_of_what_is() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	store.prepare(record(1, A)).unwrap();
	assert_eq!(store.prepare(record(1, B)).unwrap().nonce, hex::write(&B));
	// What belongs to the first nonce has no place any more.
	assert!(matches!(store.complete(&hex::write(&A), content(1, 9)), Err(StoreError::Missing { .. })));
	assert!(matches!(seal(&store, 1, B), Err(StoreError::Missing { .. })), "there is no content yet");
	store.complete(&hex::write(&B), content(1, 9)).unwrap();
	assert!(matches!(seal(&store, 1, A), Err(StoreError::Missing { .. })));
	seal(&store, 1, B).unwrap();
	assert!(matches!(store.prepare(record(1, A)), Err(StoreError::Sealed { .. })));
}

#[test]
fn what_is_sealed_survives_a_restart() {
	let folder = tempfile::tempdir().unwrap();
	let before = {
		let store = Store::open(folder.path(), GENESIS).unwrap();
		sealed(&store, 1, A);
		store.get(RESOURCE, RoundId(1)).unwrap()
	};
	let store = Store::open(folder.path(), GENESIS).unwrap();
	assert_eq!(store.get(RESOURCE, RoundId(1)), Some(before.clone()));
	assert!(matches!(store.prepare(record(1, B)), Err(StoreError::Sealed { .. })));
	seal(&store, 1, A).unwrap();
	assert_eq!(store.get(RESOURCE, RoundId(1)), Some(before), "it is not signed anew");
}

#[test]
fn an_agent_that_fell_over_between_sealing_and_signing_signs_the_same_content() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	sealed(&store, 1, A);
	drop(store);
	let path = folder.path().join(&hex::write(&GENESIS)[2..]).join("7-1.json");
	let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
	json["signature"] = serde_json::Value::Null;
	fs::write(&path, json.to_string()).unwrap();

	let store = Store::open(folder.path(), GENESIS).unwrap();
	assert!(matches!(store.prepare(record(1, B)), Err(StoreError::Sealed { .. })));
	assert!(store.get(RESOURCE, RoundId(1)).unwrap().document(&[]).is_none(), "nothing is served without a signature");
	seal(&store, 1, A).unwrap();
	assert_eq!(store.get(RESOURCE, RoundId(1)).unwrap().content, Some(content(1, 9)));
}

#[test]
fn a_write_that_was_broken_off_changes_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	sealed(&store, 1, A);
	drop(store);
	let path = folder.path().join(&hex::write(&GENESIS)[2..]);
	fs::write(path.join("7-1.new"), "{\"half\":").unwrap();
	assert!(Store::open(folder.path(), GENESIS).unwrap().get(RESOURCE, RoundId(1)).is_some());
}

#[test]
fn a_damaged_record_stops_the_agent() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	sealed(&store, 1, A);
	drop(store);
	fs::write(folder.path().join(&hex::write(&GENESIS)[2..]).join("7-1.json"), "{").unwrap();
	assert!(matches!(Store::open(folder.path(), GENESIS), Err(StoreError::Damaged(..))));
}

#[test]
fn old_rounds_are_dropped_and_stay_over() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	let rounds = u32::try_from(KEPT_ROUNDS).unwrap() + 3;
	for round in 0..rounds {
		sealed(&store, round, A);
	}
	let kept = (0..rounds).filter(|round| store.get(RESOURCE, RoundId(*round)).is_some()).count();
	assert_eq!(kept, KEPT_ROUNDS);
	assert!(matches!(store.prepare(record(0, B)), Err(StoreError::Over { .. })));
	drop(store);
	let store = Store::open(folder.path(), GENESIS).unwrap();
	assert!(matches!(store.prepare(record(0, B)), Err(StoreError::Over { .. })));
	let other = Record { resource: ResourceId(8), ..record(0, A) };
	assert!(store.prepare(other).is_ok(), "another resource has rounds of its own");
}

#[test]
fn chains_do_not_share_records() {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path(), GENESIS).unwrap();
	sealed(&store, 1, A);
	let other = Store::open(folder.path(), [0xbb; 32]).unwrap();
	assert_eq!(other.get(RESOURCE, RoundId(1)), None);
}
