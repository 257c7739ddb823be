//! Rounds and answers by way of a type registry, as a runtime's metadata has one: types of the shape that the chain's have, encoded and
//! decoded as the client does it.

#![allow(dead_code)] // Fields are read by way of their encoding.

use codec::Encode;
use gcx_primitives::{
	AccountKey, Capacity, Cash, ClassId, ComputeHours, Day, DealId, DeliveryDays, InstrumentId, Lots, Ppm,
	ReferenceVersion, Region, ResourceId, RoundId, Side, SubAccount,
};
use gcx_provider::{
	chain::{
		delivery::{
			values::{account_value, add_goods, call, deal, endpoint, resource, window},
			Account, Call, Resource, Window,
		},
		values::{answer_arguments, integer, round, solves},
		Answer, Given,
	},
	key::Key,
};
use scale_info::{MetaType, PortableRegistry, Registry, TypeInfo};
use sp_runtime::{AccountId32, MultiSignature};
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

#[derive(Encode, TypeInfo)]
struct Segment {
	guarantor: AccountId32,
	side: u8,
}

#[derive(Encode, TypeInfo)]
enum Backing {
	Resource(ResourceId),
	Sold,
	Deposit,
}

/// As a bounded vector describes itself.
#[derive(Encode, TypeInfo)]
struct Bounded<T>(Vec<T>);

#[derive(Encode, TypeInfo)]
struct ChainDeal {
	instrument: InstrumentId,
	buyer: AccountKey<AccountId32>,
	buyer_segment: Segment,
	seller: AccountKey<AccountId32>,
	seller_segment: Segment,
	lots: Lots,
	backing: Backing,
	key: Option<AccountId32>,
	from: Day,
	next: Day,
	escrow: Cash,
	deposit: Cash,
	open_objections: u32,
	agreed: Option<Side>,
}

#[derive(Encode, TypeInfo)]
struct Goods {
	class: ClassId,
	version: ReferenceVersion,
	floor: gcx_primitives::Grade,
	days: DeliveryDays,
	multiplier: ComputeHours,
}

#[derive(Encode, TypeInfo)]
struct Rules {
	tolerance: Ppm,
	objection: Ppm,
	fix_days: u32,
}

#[derive(Encode, TypeInfo)]
struct ChainDelivery {
	goods: Goods,
	price: gcx_primitives::Price,
	rules: Rules,
	deals: u32,
}

#[derive(Encode, TypeInfo)]
struct ChainRequest {
	region: Region,
	key: Option<AccountId32>,
	endpoint: Bounded<u8>,
	place: u32,
}

#[derive(Encode, TypeInfo)]
struct Long {
	segment: Segment,
	lots: Lots,
	request: Option<ChainRequest>,
	deals: u32,
}

#[derive(Encode, TypeInfo)]
struct Objection {
	bond: Cash,
	least: Capacity,
}

#[derive(Encode, TypeInfo)]
struct ChainWindow {
	available: Option<Capacity>,
	vouchered: Capacity,
	objection: Option<Objection>,
}

#[derive(Encode, TypeInfo)]
struct ChainResource {
	provider: AccountId32,
	agent: AccountId32,
	class: ClassId,
	devices: u32,
	maintenance: Bounded<DeliveryDays>,
}

fn account(byte: u8, sub: u8) -> AccountKey<AccountId32> {
	AccountKey { owner: AccountId32::new([byte; 32]), sub: SubAccount(sub) }
}

fn segment() -> Segment {
	Segment { guarantor: AccountId32::new([9; 32]), side: 0 }
}

fn chain_deal(backing: Backing, key: Option<[u8; 32]>) -> ChainDeal {
	ChainDeal {
		instrument: InstrumentId(5),
		buyer: account(1, 2),
		buyer_segment: segment(),
		seller: account(3, 0),
		seller_segment: segment(),
		lots: Lots(17),
		backing,
		key: key.map(AccountId32::new),
		from: Day(20_001),
		next: Day(20_002),
		escrow: Cash(1),
		deposit: Cash(0),
		open_objections: 0,
		agreed: None,
	}
}

#[test]
fn a_stored_deal_is_read_with_what_other_records_say_of_it() {
	let stored = chain_deal(Backing::Resource(ResourceId(7)), Some([4; 32]));
	let mut read = deal(DealId(3), &decoded(&stored)).unwrap();
	assert_eq!((read.id, read.instrument, read.lots), (DealId(3), InstrumentId(5), Lots(17)));
	assert_eq!(read.buyer, Account { owner: [1; 32], sub: SubAccount(2) });
	assert_eq!(read.seller, Account { owner: [3; 32], sub: SubAccount(0) });
	assert_eq!((read.resource, read.key), (Some(ResourceId(7)), Some([4; 32])));
	assert_eq!((read.from, read.next), (Day(20_001), Day(20_002)));
	let days = DeliveryDays { first: Day(20_000), last: Day(20_009) };
	let goods = Goods {
		class: ClassId(1),
		version: ReferenceVersion(1),
		floor: gcx_primitives::Grade::LOWEST,
		days,
		multiplier: ComputeHours(100),
	};
	let rules = Rules { tolerance: Ppm::percent(2), objection: Ppm::percent(10), fix_days: 7 };
	let delivery = ChainDelivery { goods, price: gcx_primitives::Price(-1), rules, deals: 1 };
	add_goods(&mut read, &decoded(&delivery)).unwrap();
	assert_eq!((read.days, read.multiplier, read.tolerance), (days, ComputeHours(100), Ppm::percent(2)));
	assert_eq!(read.quantity(Day(20_001)), Some(Capacity(170_000_000)));
	for backing in [Backing::Sold, Backing::Deposit] {
		let read = deal(DealId(3), &decoded(&chain_deal(backing, None))).unwrap();
		assert_eq!((read.resource, read.key), (None, None));
	}
}

#[test]
fn an_endpoint_is_read_as_it_was_written() {
	let long = |request| Long { segment: segment(), lots: Lots(1), request, deals: 1 };
	let request =
		|bytes: &[u8]| ChainRequest { region: Region(276), key: None, endpoint: Bounded(bytes.into()), place: 0 };
	for bytes in [&b"http://meter.example"[..], b"x", b"", &[0xff; 128]] {
		assert_eq!(endpoint(&decoded(&long(Some(request(bytes))))), Ok(bytes.to_vec()));
	}
	assert_eq!(endpoint(&decoded(&long(None))), Ok(Vec::new()));
}

#[test]
fn a_stored_window_is_read() {
	let nothing = ChainWindow { available: None, vouchered: Capacity(0), objection: None };
	assert_eq!(window(&decoded(&nothing)), Ok(Window::default()));
	let objection = Some(Objection { bond: Cash(1), least: Capacity(1) });
	let all = ChainWindow { available: Some(Capacity(u128::MAX)), vouchered: Capacity(7), objection };
	let read = Window { available: Some(Capacity(u128::MAX)), vouchered: Capacity(7), objected: true };
	assert_eq!(window(&decoded(&all)), Ok(read));
}

#[test]
fn a_stored_resource_is_read_with_its_maintenance() {
	let days = |first, last| DeliveryDays { first: Day(first), last: Day(last) };
	for maintenance in [vec![], vec![days(1, 2)], vec![days(1, 2), days(5, 5)]] {
		let stored = ChainResource {
			provider: AccountId32::new([1; 32]),
			agent: AccountId32::new([2; 32]),
			class: ClassId(1),
			devices: 4,
			maintenance: Bounded(maintenance.clone()),
		};
		assert_eq!(resource(&decoded(&stored)), Ok(Resource { agent: [2; 32], devices: 4, maintenance }));
	}
}

#[test]
fn a_margin_account_is_a_key_as_the_chain_takes_it() {
	let value = account_value(&Account { owner: [1; 32], sub: SubAccount(2) });
	assert_eq!(encoded::<AccountKey<AccountId32>>(&value), account(1, 2).encode());
}

#[test]
fn calls_about_deliveries_are_sent_as_the_chain_takes_them() {
	let arguments = |what: &Call| call(what).1;
	let posted = Call::PostAvailability { deal: DealId(3), day: Day(20_001), available: Capacity(u128::MAX) };
	let [deal, day, available] = &arguments(&posted)[..] else { panic!("{posted:?}") };
	assert_eq!(encoded::<DealId>(deal), DealId(3).encode());
	assert_eq!(encoded::<Day>(day), Day(20_001).encode());
	assert_eq!(encoded::<Capacity>(available), Capacity(u128::MAX).encode());
	let signature: MultiSignature = Key::load("//Alice").unwrap().sign(b"payload");
	let submitted =
		Call::SubmitVoucher { deal: DealId(3), day: Day(1), cumulative: Capacity(7), signature: signature.clone() };
	assert_eq!(encoded::<MultiSignature>(&arguments(&submitted)[3]), signature.encode());
	let requested = Call::Request {
		sub: SubAccount(2),
		instrument: InstrumentId(5),
		region: Region(276),
		key: Some([4; 32]),
		endpoint: b"http://meter.example".to_vec(),
	};
	let [sub, instrument, region, key, endpoint] = &arguments(&requested)[..] else { panic!("{requested:?}") };
	assert_eq!(encoded::<SubAccount>(sub), SubAccount(2).encode());
	assert_eq!(encoded::<InstrumentId>(instrument), InstrumentId(5).encode());
	assert_eq!(encoded::<Region>(region), Region(276).encode());
	assert_eq!(encoded::<Option<AccountId32>>(key), Some(AccountId32::new([4; 32])).encode());
	assert_eq!(encoded::<Bounded<u8>>(endpoint), b"http://meter.example".to_vec().encode());
	let silent = Call::Request {
		sub: SubAccount(0),
		instrument: InstrumentId(5),
		region: Region(276),
		key: None,
		endpoint: Vec::new(),
	};
	assert_eq!(encoded::<Option<AccountId32>>(&arguments(&silent)[3]), None::<AccountId32>.encode());
	assert_eq!(encoded::<Bounded<u8>>(&arguments(&silent)[4]), Vec::<u8>::new().encode());
	assert_eq!(arguments(&Call::Object { deal: DealId(3), day: Day(1) }).len(), 2);
}
