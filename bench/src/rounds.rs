//! Rounds of attestation: a state in which panels commit, and what they commit and reveal in blocks.

use crate::{
	chain::{Chain, Times},
	exchange,
	fills::Cost,
	Result,
};
use frame_support::{assert_ok, traits::fungible::Mutate, BoundedVec};
use frame_system::offchain::CreateAuthorizedTransaction;
use gcx_primitives::{Measurement, Measurements, Metric, ReferenceVersion, ResourceId, RoundId};
use gcx_provider::rounds::work::now;
use gcx_runtime::{
	genesis::HPC_FP64,
	units::{GCX, SLOT_MILLISECONDS},
	AccountId, Attestation, Balances, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, UncheckedExtrinsic,
};
use pallet_attestation::{
	sr25519::{AuthorityId, AuthoritySignature},
	Agenda, Answer, Attestors, Call, Commits, Domain, Draw, Event, Finding, Parameters, Payload, Purpose, Report,
	Reveals, Round, Rounds, SolveCommitment, Stage,
};
use sp_core::{sr25519, storage::Storage, Pair};
use sp_state_machine::BasicExternalities;

/// The round of every resource.
pub const ROUND: RoundId = RoundId(1);
/// Its nonce, of all resources the same: one solution answers them all.
pub const NONCE: [u8; 32] = [4; 32];
/// The version of the reference system.
const VERSION: ReferenceVersion = ReferenceVersion(1);
/// The seed of the rows that are examined.
const ROWS: [u8; 32] = [5; 32];
/// What commitments are salted with.
const SALT: [u8; 32] = [7; 32];
/// Slots of each window, unless a shorter one is asked for: longer than anything here takes.
const LONG: u64 = 1_000;
/// The window for commitments where all members of panels commit in blocks of their own.
pub const COMMIT_SLOTS: u64 = 30;
/// Attestors of a panel.
pub const PANEL: usize = 16;
/// Reveals of a block: there are enough of them for all blocks that are measured.
pub const REVEALS: u32 = 90;
/// Commitments of a block.
const COMMITS: usize = 128;

/// The attestors of the development genesis.
const NAMES: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];

/// The key of a development account.
pub fn key(derivation: &str) -> sr25519::Pair {
	sr25519::Pair::from_string(derivation, None).expect("it is a derivation")
}

/// The attestors: those of the development genesis, and three more of each of their owners.
pub fn attestors() -> Vec<sr25519::Pair> {
	let own = NAMES.iter().map(|name| key(&format!("//{name}")));
	let more = NAMES.iter().flat_map(|name| (1..4).map(move |number| key(&format!("//{name}//{number}"))));
	own.chain(more).collect()
}

/// What rounds a state has.
pub struct Prepared<'a> {
	/// Rounds, each of another resource.
	pub count: u32,
	/// How many of the attestors are on every panel.
	pub panel: usize,
	/// What every provider answered.
	pub solve: SolveCommitment,
	/// Whose key signs the results.
	pub agent: &'a AccountId,
	/// Slots of the window for commitments.
	pub commit_slots: u64,
}

impl Prepared<'_> {
	/// Opens the rounds, answers and draws them, in a state that begins with a slot. Nothing else is drawn: there are no resources.
	pub fn put_into(&self, storage: &mut Storage, slot: u64) {
		BasicExternalities::execute_with_storage(storage, || {
			Parameters::<Runtime>::mutate(|parameters| {
				(parameters.answer_slots, parameters.commit_slots) = (LONG, self.commit_slots);
				(parameters.reveal_slots, parameters.min_interval_slots) = (LONG, 4 * LONG);
				assert!(parameters.is_valid::<Runtime>(), "windows may be that long");
			});
			let panel: Vec<AccountId> = attestors().iter().map(|key| key.public().into()).take(self.panel).collect();
			let known = Attestors::<Runtime>::count() as usize;
			for (index, attestor) in panel.iter().enumerate().skip(known) {
				let owner = owner((index - known) / 3);
				let bond = Parameters::<Runtime>::get().min_bond;
				assert_ok!(Balances::mint_into(&owner, bond + GCX));
				assert_ok!(Attestation::register(RuntimeOrigin::signed(owner), attestor.clone(), bond));
			}
			for attestor in &panel {
				Attestors::<Runtime>::mutate(attestor, |there| {
					there.as_mut().expect("it is registered").duties = self.count;
				});
			}
			let commit_until = slot + self.commit_slots;
			for resource in (0..self.count).map(ResourceId) {
				Rounds::<Runtime>::insert(resource, self.round(&panel, slot));
			}
			let agenda: Vec<_> = (0..self.count).map(|resource| (commit_until, ResourceId(resource))).collect();
			Agenda::<Runtime>::put(BoundedVec::try_from(agenda).expect("so many may be open"));
		});
		exchange::put_code(storage);
	}

	fn round(&self, panel: &[AccountId], slot: u64) -> Round<AccountId, u128> {
		Round {
			id: ROUND,
			purpose: Purpose::Draw,
			nonce: NONCE,
			class: HPC_FP64,
			version: VERSION,
			provider: self.agent.clone(),
			agent: self.agent.clone(),
			devices: 1,
			solves: true,
			seed_slot: slot - 3,
			opened_slot: slot - 2,
			// Workers compare it with the clock of their machine.
			opened_at: now(),
			stage: Stage::Commit,
			since: slot,
			answer_until: slot - 1,
			commit_until: slot + self.commit_slots,
			reveal_until: slot + self.commit_slots + LONG,
			answer: Some(Answer { slot: slot - 1, solve: Some(self.solve), fee: 0 }),
			draw: Some(Draw {
				rows: ROWS,
				devices: BoundedVec::truncate_from(vec![0]),
				panel: BoundedVec::try_from(panel.to_vec()).expect("it is no larger than a panel can be"),
			}),
			outcome: None,
		}
	}
}

/// The owner of one of the attestors of the development genesis.
fn owner(index: usize) -> AccountId {
	key(&format!("//{}//stash", NAMES[index])).public().into()
}

/// The slot of a state's first block before any.
pub fn first_slot() -> u64 {
	crate::exchange::NOW / SLOT_MILLISECONDS
}

/// What all attestors find.
fn finding() -> Finding {
	let figure = |(metric, value)| Measurement { metric, value };
	let declared = [(Metric::Hpl, 1_000), (Metric::Hpcg, 1_000), (Metric::StreamTriad, 1_000)].map(figure);
	Finding::Attested(Report {
		run: [1; 32],
		evidence: [2; 32],
		declared: Measurements::truncate_from(declared.to_vec()),
		milliwatts: Some(1_000),
	})
}

/// Everything that panels say in their rounds, a block after the other.
pub struct Statements {
	/// Resources and attestors whose findings are not revealed yet.
	left: Vec<(ResourceId, usize)>,
	attestors: Vec<sr25519::Pair>,
	digest: [u8; 32],
}

impl Statements {
	/// Everybody commits, in blocks; then it is time to reveal.
	pub fn commit(chain: &mut Chain, prepared: &Prepared<'_>) -> Result<Self> {
		let attestors = attestors();
		let panel: Vec<AccountId> = attestors.iter().map(|key| key.public().into()).take(prepared.panel).collect();
		let digest = prepared.round(&panel, first_slot()).digest();
		let all: Vec<_> = (0..prepared.count)
			.flat_map(|resource| (0..prepared.panel).map(move |index| (ResourceId(resource), index)))
			.collect();
		let statements = Self { left: all.clone(), attestors, digest };
		for some in all.chunks(COMMITS) {
			let transactions: Vec<_> = some.iter().map(|who| statements.commitment(chain, *who)).collect();
			chain.next_block(transactions)?;
			let found = count(chain, |event| matches!(event, Event::Committed { .. }))?;
			if found != some.len() {
				return Err(format!("{found} commitments instead of {}", some.len()).into());
			}
		}
		let mut revealing = 0;
		while revealing < prepared.count as usize {
			chain.next_block(Vec::new())?;
			revealing += count(chain, |event| matches!(event, Event::Revealing { .. }))?;
			assert!(u64::from(chain.number()) < 2 * LONG, "the window ends");
		}
		Ok(statements)
	}

	/// Makes an empty block, and one in which the next findings are revealed.
	pub fn measure_reveals(&mut self, chain: &mut Chain, cost: &mut Cost) -> Result<()> {
		let empty = chain.next_block(Vec::new())?;
		let full = self.reveal(chain)?;
		cost.add(empty, full);
		Ok(())
	}

	fn reveal(&mut self, chain: &mut Chain) -> Result<Times> {
		let from = self.left.len().checked_sub(REVEALS as usize).ok_or("there are no findings left")?;
		let some = self.left.split_off(from);
		let transactions: Vec<_> = some.iter().map(|who| self.finding(chain, *who)).collect();
		let times = chain.next_block(transactions)?;
		let found = count(chain, |event| matches!(event, Event::Revealed { .. }))?;
		if found != REVEALS as usize {
			return Err(format!("{found} findings instead of {REVEALS}").into());
		}
		Ok(times)
	}

	fn commitment(&self, chain: &Chain, (resource, attestor): (ResourceId, usize)) -> UncheckedExtrinsic {
		let account: AccountId = self.attestors[attestor].public().into();
		let genesis = chain.genesis.into();
		let hash = pallet_attestation::commitment(genesis, resource, ROUND, VERSION, &finding(), &account, &SALT);
		let (payload, signature) = self.signed(chain, (resource, attestor), Commits(hash));
		authorized(Call::commit_authorized { payload, signature })
	}

	fn finding(&self, chain: &Chain, who: (ResourceId, usize)) -> UncheckedExtrinsic {
		let (payload, signature) = self.signed(chain, who, Reveals { finding: finding(), salt: SALT });
		authorized(Call::reveal_authorized { payload, signature })
	}

	fn signed<S: Domain>(
		&self,
		chain: &Chain,
		(resource, attestor): (ResourceId, usize),
		statement: S,
	) -> (Payload<AuthorityId, S>, AuthoritySignature) {
		let key = &self.attestors[attestor];
		let payload = Payload {
			genesis: chain.genesis.into(),
			resource,
			round: ROUND,
			drawn: self.digest,
			attestor: key.public().into(),
			statement,
		};
		let signature = key.sign(&payload.signed_bytes()).into();
		(payload, signature)
	}
}

fn authorized(call: Call<Runtime>) -> UncheckedExtrinsic {
	<Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(call.into())
}

/// How many of the last block's events are these.
pub fn count(chain: &Chain, is_one: impl Fn(&Event<Runtime>) -> bool) -> Result<usize> {
	let events = chain.events()?;
	Ok(events.iter().filter(|event| matches!(event, RuntimeEvent::Attestation(event) if is_one(event))).count())
}
