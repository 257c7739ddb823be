//! Rounds and answers by way of a type registry, as a runtime's metadata has one: types of the shape that the chain's have, encoded and
//! decoded as the client does it.

#![allow(dead_code)] // Fields are read by way of their encoding.

use codec::Encode;
use gcx_primitives::{ClassId, ReferenceVersion, ResourceId, RoundId};
use gcx_provider::chain::{
	values::{answer_arguments, integer, round, solves},
	Answer, Given,
};
use scale_info::{MetaType, PortableRegistry, Registry, TypeInfo};
use sp_runtime::AccountId32;
use subxt::ext::{
	scale_encode::EncodeAsType,
	scale_value::{scale::decode_as_type, Value},
};

#[derive(Encode, TypeInfo)]
struct SolveCommitment {
	order: u32,
	commitment: [u8; 32],
}

#[derive(Encode, TypeInfo)]
struct ChainAnswer {
	slot: u64,
	solve: Option<SolveCommitment>,
	fee: u128,
}

#[derive(Encode, TypeInfo)]
struct Draw {
	slot: u64,
	rows: [u8; 32],
	devices: Vec<u32>,
	panel: Vec<AccountId32>,
}

#[derive(Encode, TypeInfo)]
enum Stage {
	Answer,
	Commit,
}

#[derive(Encode, TypeInfo)]
enum Outcome {
	Attested { run: [u8; 32], solved: Option<u64> },
	Missed,
}

#[derive(Encode, TypeInfo)]
struct ChainRound {
	id: RoundId,
	nonce: [u8; 32],
	class: ClassId,
	version: ReferenceVersion,
	provider: AccountId32,
	agent: AccountId32,
	devices: u32,
	solves: bool,
	opened_slot: u64,
	opened_at: u64,
	stage: Stage,
	since: u64,
	answer_until: u64,
	commit_until: u64,
	reveal_until: u64,
	answer: Option<ChainAnswer>,
	draw: Option<Draw>,
	outcome: Option<Outcome>,
}

#[derive(Encode, TypeInfo)]
struct Class {
	name: Vec<u8>,
	attested_by: Option<gcx_primitives::Metric>,
	loss_per_hour: u128,
}

fn chain_round() -> ChainRound {
	ChainRound {
		id: RoundId(3),
		nonce: [9; 32],
		class: ClassId(1),
		version: ReferenceVersion(1),
		provider: AccountId32::new([1; 32]),
		agent: AccountId32::new([2; 32]),
		devices: 4,
		solves: true,
		opened_slot: 1 << 40,
		opened_at: 1_800_000_000_000,
		stage: Stage::Answer,
		since: 1 << 40,
		answer_until: (1 << 40) + 20,
		commit_until: u64::MAX,
		reveal_until: u64::MAX,
		answer: None,
		draw: None,
		outcome: None,
	}
}

/// A registry with one type, and its number there.
fn registry<T: TypeInfo + 'static>() -> (PortableRegistry, u32) {
	let mut registry = Registry::new();
	let id = registry.register_type(&MetaType::new::<T>()).id;
	(registry.into(), id)
}

/// What the client makes of a stored value.
fn decoded<T: Encode + TypeInfo + 'static>(stored: &T) -> Value {
	let (registry, id) = registry::<T>();
	decode_as_type(&mut stored.encode().as_slice(), id, &registry).unwrap().remove_context()
}

/// What the client sends for a value of a type.
fn encoded<T: TypeInfo + 'static>(value: &Value) -> Vec<u8> {
	let (registry, id) = registry::<T>();
	value.encode_as_type(id, &registry).unwrap()
}

#[test]
fn a_stored_round_is_read() {
	let read = round(&decoded(&chain_round())).unwrap();
	assert_eq!((read.id, read.class, read.devices), (RoundId(3), ClassId(1), 4));
	assert_eq!((read.nonce, read.agent, read.solves), ([9; 32], Some([2; 32]), Some(true)));
	assert_eq!((read.opened_slot, read.answer_until), (1 << 40, (1 << 40) + 20));
	assert_eq!((read.opened_at, read.answer), (1_800_000_000_000, None));
	assert!(!read.drawn && !read.closed);
}

#[test]
fn a_stored_round_that_was_answered_drawn_and_closed_is_read() {
	let solve = Some(SolveCommitment { order: 4_096, commitment: [5; 32] });
	let answered = ChainRound {
		answer: Some(ChainAnswer { slot: 7, solve, fee: 10 }),
		draw: Some(Draw { slot: 8, rows: [6; 32], devices: vec![0, 3], panel: vec![AccountId32::new([7; 32])] }),
		outcome: Some(Outcome::Attested { run: [8; 32], solved: Some(1) }),
		stage: Stage::Commit,
		..chain_round()
	};
	let read = round(&decoded(&answered)).unwrap();
	assert_eq!(read.answer, Some(Given { commitment: Some([5; 32]) }));
	assert!(read.drawn && read.closed);
	let declared =
		ChainRound { answer: Some(ChainAnswer { slot: 7, solve: None, fee: 0 }), solves: false, ..chain_round() };
	let read = round(&decoded(&declared)).unwrap();
	assert_eq!((read.answer, read.solves), (Some(Given { commitment: None }), Some(false)));
	let missed = ChainRound { outcome: Some(Outcome::Missed), ..chain_round() };
	assert!(round(&decoded(&missed)).unwrap().closed);
}

#[test]
fn a_stored_class_and_a_slot_are_read() {
	let class = |attested_by| Class { name: b"HPC-FP64".to_vec(), attested_by, loss_per_hour: 1 };
	assert_eq!(solves(&decoded(&class(Some(gcx_primitives::Metric::Hpl)))), Ok(true));
	assert_eq!(solves(&decoded(&class(None))), Ok(false));
	assert_eq!(integer(&decoded(&u64::MAX)), Some(u64::MAX));
}

#[test]
fn an_answer_is_sent_as_the_call_takes_it() {
	let answer = Answer { order: 4_096, commitment: [5; 32] };
	let arguments = answer_arguments(ResourceId(7), RoundId(3), Some(answer));
	let [resource, round, solve] = arguments.as_slice() else { panic!("{arguments:?}") };
	assert_eq!(encoded::<ResourceId>(resource), ResourceId(7).encode());
	assert_eq!(encoded::<RoundId>(round), RoundId(3).encode());
	let expected = Some(SolveCommitment { order: 4_096, commitment: [5; 32] });
	assert_eq!(encoded::<Option<SolveCommitment>>(solve), expected.encode());
	let arguments = answer_arguments(ResourceId(7), RoundId(3), None);
	assert_eq!(encoded::<Option<SolveCommitment>>(&arguments[2]), None::<SolveCommitment>.encode());
}
