//! The off-chain worker of a node whose keystore has attestors' keys.
//!
//! It runs for every block, and several runs may overlap. A run looks at the open rounds, the most urgent first, and for each
//! whose panel one of the node's attestors is on:
//!
//! 1. it takes a lock for the round, reads the gateway's address from the node's own storage ([`GATEWAY_KEY`]), and asks the
//!    gateway for the results; redirects are not followed, one deadline is over headers and body, and no more is read than a
//!    document may have;
//! 2. it reads the document and checks everything in it, the drawn rows of the solve among that, and recomputes every figure;
//! 3. it writes down what it found, and commits to that by a general transaction that the attestor's key signs;
//! 4. when the panel reveals, it reveals that.
//!
//! Who receives nothing tries again, at growing intervals, and abstains in the last slots of the window. What was committed to
//! is kept in the node's storage until the round is over: after a restart it can be revealed, and nothing else is ever signed
//! for the same round. The salt follows from a secret of the node. No document, address or clock makes a run fail: every way
//! in which it can go ends in a finding and in a counter ([`WorkerCounters`], [`COUNTERS_KEY`]).

mod counters;
mod gateway;
mod http;
mod progress;

pub use counters::{WorkerCounters, COUNTERS_KEY};
pub use gateway::{BadGateway, Gateway, GATEWAY_KEY, MAX_GATEWAY_BYTES};

use crate::{
	types::RoundOf, Agenda, Call, Commits, Config, Domain, Finding, LastRuns, Members, Pallet, Payload, Report,
	Reveals, Rounds, Stage,
};
use alloc::vec::Vec;
use codec::Encode;
use counters::count;
use frame_support::traits::Get;
use frame_system::offchain::SubmitTransaction;
use gcx_evidence::{Document, Expected, ExpectedSolve, Findings, Reason};
use gcx_primitives::ResourceId;
use progress::{Progress, ProgressKey};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	offchain::{
		storage_lock::{StorageLock, Time},
		Duration,
	},
	traits::Convert,
	AccountId32,
};

/// The most requests of a run: what is left over is for the next block's.
pub const FETCHES_PER_RUN: u32 = 4;
/// Milliseconds from a request to the end of its answer.
pub const FETCH_DEADLINE: u64 = 6_000;
/// Milliseconds for which a run has a round for itself, if it does not give it back: more than a request takes and a check.
const LOCK: u64 = 3 * FETCH_DEADLINE;
/// Milliseconds before the first retry; doubled for each that follows.
const FIRST_RETRY: u64 = 2_000;
/// The most milliseconds between two tries.
const LAST_RETRY: u64 = 60_000;
/// In so many last slots of the window for commitments there is no further retry: who received nothing abstains.
const LAST_SLOTS: u64 = 3;
/// A transaction that is not on the chain after so many slots is sent again.
const RESEND_SLOTS: u64 = 3;

/// An attestor of this node, and a round whose panel it is on.
struct Duty<T: Config> {
	key: T::AuthorityId,
	account: T::AccountId,
	resource: ResourceId,
	round: RoundOf<T>,
}

/// What a gateway's answer about a round came to, for all of the node's attestors; none while it was not asked.
type Answered = Option<Result<Report, Reason>>;

/// One run.
pub fn run<T: Config>() {
	let attestors: Vec<(T::AuthorityId, T::AccountId)> =
		T::AuthorityId::all().into_iter().map(|key| (key.clone(), T::AttestorAccount::convert(key))).collect();
	if attestors.is_empty() {
		return;
	}
	progress::forget_closed::<T>();
	let mut fetches = FETCHES_PER_RUN;
	let open = Agenda::<T>::get().into_iter().filter_map(|(_, id)| Some((id, Rounds::<T>::get(id)?)));
	// A gateway can make a request last. What needs none goes first: a reveal that comes late is slashed.
	let (reveals, others): (Vec<_>, Vec<_>) = open.partition(|(_, round)| round.stage == Stage::Reveal);
	for (resource, round) in reveals.into_iter().chain(others) {
		let mut answer = None;
		for (key, account) in attestors.iter().filter(|(_, account)| round.panel().contains(account)) {
			let (key, account, round) = (key.clone(), account.clone(), round.clone());
			Duty::<T> { key, account, resource, round }.attend(&mut fetches, &mut answer);
		}
	}
}

impl<T: Config> Duty<T> {
	/// Takes the next step of this duty, unless another run is at it.
	fn attend(&self, fetches: &mut u32, answer: &mut Answered) {
		let lock_key = (b"gcx::attestation::lock", self.resource, self.round.id).encode();
		let mut lock = StorageLock::<Time>::with_deadline(&lock_key, Duration::from_millis(LOCK));
		let Ok(_guard) = lock.try_lock() else { return };
		match self.round.stage {
			Stage::Commit => self.commit(fetches, answer),
			Stage::Reveal => self.reveal(),
			Stage::Answer | Stage::Closed => (),
		}
	}

	fn progress_key(&self) -> ProgressKey {
		ProgressKey {
			resource: self.resource,
			round: self.round.id,
			drawn: self.round.digest(),
			attestor: self.account.clone().into(),
		}
	}

	/// Examines what the provider answered, if that was not done, and commits to what was found.
	fn commit(&self, fetches: &mut u32, answer: &mut Answered) {
		let slot = T::Slot::get();
		let committed = Members::<T>::get(self.resource, &self.account).commitment.is_some();
		if committed || slot > self.round.commit_until {
			return;
		}
		let key = self.progress_key();
		let mut progress = key.read().unwrap_or_else(|| {
			count(|counters| counters.rounds_seen += 1);
			key.enlist();
			Progress::default()
		});
		if progress.finding.is_none() {
			progress.finding = self.examine(&mut progress, slot, fetches, answer);
			key.write(&progress);
		}
		let Some(finding) = &progress.finding else { return };
		if progress.committed.is_some_and(|sent| slot < sent.saturating_add(RESEND_SLOTS)) {
			return;
		}
		let hash = self.commitment(finding);
		if progress.committed.replace(slot).is_some() {
			count(|counters| counters.resent += 1);
		}
		key.write(&progress);
		let (payload, signature) = match self.signed(Commits(hash)) {
			Some(signed) => signed,
			None => return,
		};
		if self.submit(Call::commit_authorized { payload, signature }) {
			count(|counters| counters.commits += 1);
		}
	}

	/// What there is to find now; none if there is nothing yet.
	fn examine(&self, progress: &mut Progress, slot: u64, fetches: &mut u32, answer: &mut Answered) -> Option<Finding> {
		let is_last = slot.saturating_add(LAST_SLOTS) > self.round.commit_until;
		if now() < progress.next_try && !is_last {
			return None;
		}
		if answer.is_none() {
			*answer = self.ask(fetches);
		}
		match answer.clone()? {
			Ok(report) => Some(Finding::Attested(report)),
			Err(reason) if !reason.is_silence() => Some(Finding::Refused(reason)),
			Err(reason) if is_last => Some(Finding::Abstained(reason)),
			Err(_) => {
				progress.next_try = now().saturating_add(back_off(progress.tries));
				progress.tries = progress.tries.saturating_add(1);
				None
			},
		}
	}

	/// Asks the gateway for the results and examines them; none if this run has asked often enough, or there is no gateway.
	fn ask(&self, fetches: &mut u32) -> Answered {
		if *fetches == 0 {
			return None;
		}
		let gateway = match Gateway::of_this_node() {
			Ok(Some(gateway)) => gateway,
			Ok(None) => {
				count(|counters| counters.without_gateway += 1);
				return None;
			},
			Err(bad) => {
				log::warn!(target: "runtime::attestation", "the gateway's address is none: {bad}");
				count(|counters| counters.bad_gateway += 1);
				return None;
			},
		};
		*fetches = fetches.saturating_sub(1);
		let examined = self.fetch(&gateway).and_then(|document| self.check(&document));
		count(|counters| {
			counters.fetches += 1;
			match &examined {
				Ok(_) => counters.accepted += 1,
				Err(reason) => counters.refuse(*reason),
			}
		});
		if examined == Err(Reason::TimedOut) {
			// Runs queue behind each other: none waits for two answers that do not come.
			*fetches = 0;
		}
		Some(examined)
	}

	fn fetch(&self, gateway: &Gateway) -> Result<Vec<u8>, Reason> {
		// Solutions are asked for where there are any.
		let devices = match (&self.round.draw, self.round.solves) {
			(Some(draw), true) => draw.devices.as_slice(),
			(Some(_), false) | (None, _) => &[],
		};
		http::get(&gateway.results(self.resource, self.round.id, devices))
	}

	fn check(&self, document: &[u8]) -> Result<Report, Reason> {
		let agent: AccountId32 = self.round.agent.clone().into();
		let draw = self.round.draw.as_ref().ok_or(Reason::WrongRound)?;
		let committed = self.round.answer.as_ref().and_then(|answer| answer.solve);
		let solve = committed.map(|solve| ExpectedSolve {
			order: solve.order,
			commitment: solve.commitment,
			nonce: self.round.nonce,
			devices: &draw.devices,
			rows: draw.rows,
		});
		let expected = Expected {
			genesis: Pallet::<T>::genesis(),
			resource: self.resource,
			round: self.round.id,
			agent: &agent,
			devices: self.round.devices,
			opened_at: self.round.opened_at,
			now: now(),
			last_run: LastRuns::<T>::get(self.resource),
			solve,
		};
		let Findings { run, evidence, declared, milliwatts } = Document::read(document)?.check(&expected)?;
		let report = Report { run, evidence, declared, milliwatts };
		// The chain takes no figure of nothing.
		if Finding::Attested(report.clone()).is_valid() {
			Ok(report)
		} else {
			Err(Reason::FigureOutOfRange)
		}
	}

	/// Reveals what was committed to, if it is kept here.
	fn reveal(&self) {
		let slot = T::Slot::get();
		let member = Members::<T>::get(self.resource, &self.account);
		let Some(committed) = member.commitment.filter(|_| member.finding.is_none()) else { return };
		if slot > self.round.reveal_until {
			return;
		}
		let key = self.progress_key();
		let mut progress = key.read().unwrap_or_else(|| {
			key.enlist();
			Progress::default()
		});
		let kept = progress.finding.clone().filter(|finding| self.commitment(finding) == committed);
		let Some(finding) = kept else {
			if !progress.lost {
				progress.lost = true;
				key.write(&progress);
				count(|counters| counters.lost += 1);
			}
			return;
		};
		if progress.revealed.is_some_and(|sent| slot < sent.saturating_add(RESEND_SLOTS)) {
			return;
		}
		if progress.revealed.replace(slot).is_some() {
			count(|counters| counters.resent += 1);
		}
		key.write(&progress);
		let Some((payload, signature)) = self.signed(Reveals { finding, salt: self.salt() }) else { return };
		if self.submit(Call::reveal_authorized { payload, signature }) {
			count(|counters| counters.reveals += 1);
		}
	}

	/// The salt of this round, from the node's secret.
	fn salt(&self) -> [u8; 32] {
		let subject = (Pallet::<T>::genesis(), self.resource, self.round.digest(), &self.account);
		sp_io::hashing::blake2_256(&(b"gcx/salt/1", progress::secret(), subject).encode())
	}

	fn commitment(&self, finding: &Finding) -> [u8; 32] {
		let RoundOf::<T> { id, version, .. } = self.round;
		let genesis = Pallet::<T>::genesis();
		crate::commitment(genesis, self.resource, id, version, finding, &self.account, &self.salt())
	}

	#[allow(clippy::type_complexity, reason = "it is what both calls take")]
	fn signed<Statement: Domain>(
		&self,
		statement: Statement,
	) -> Option<(Payload<T::AuthorityId, Statement>, <T::AuthorityId as RuntimeAppPublic>::Signature)> {
		let payload = Payload {
			genesis: Pallet::<T>::genesis(),
			resource: self.resource,
			round: self.round.id,
			drawn: self.round.digest(),
			attestor: self.key.clone(),
			statement,
		};
		let signature = self.key.sign(&payload.signed_bytes());
		if signature.is_none() {
			count(|counters| counters.unsigned += 1);
		}
		signature.map(|signature| (payload, signature))
	}

	/// Hands a transaction to the node's pool. True if it took it.
	fn submit(&self, call: Call<T>) -> bool {
		let transaction = T::create_authorized_transaction(call.into());
		let taken = SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_ok();
		if !taken {
			count(|counters| counters.unsubmitted += 1);
		}
		taken
	}
}

/// The node's clock in milliseconds since the Unix epoch.
fn now() -> u64 {
	sp_io::offchain::timestamp().unix_millis()
}

/// Milliseconds to wait after so many failed tries.
fn back_off(tries: u32) -> u64 {
	FIRST_RETRY.saturating_mul(1u64.checked_shl(tries.min(16)).unwrap_or(u64::MAX)).min(LAST_RETRY)
}
