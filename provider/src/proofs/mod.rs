//! Proof of compute: when the class of a resource is called, its devices compute until it is time to commit, and show what is drawn.
//!
//! All resources of this machine that are called at once compute in turn, a round of each, so that none has its time at the cost of
//! another. What is drawn is shown from what is kept of them; after a restart it is computed again, which comes to the same.

pub mod chain;
pub mod step;

use crate::{chain::ChainError, progress::Progress};
use chain::{ProofChain, Shown};
use gcx_evidence::hex;
use gcx_math::proof::{DeviceCell, Draw, Fleet, Hash, Parameters, ParametersError};
use gcx_primitives::{ResourceId, RollCallId};
use gcx_prover::{Accelerator, AcceleratorError, FleetProof, Kernel, OpenError, Prover};
use gcx_runtime_api::{ProofOutcomeView, ProofView, RollCallView};
use sp_crypto_hashing::blake2_256;
use std::{
	collections::BTreeMap,
	future::Future,
	num::NonZeroUsize,
	pin::pin,
	sync::Arc,
	time::{Duration, Instant},
};
use step::{decide, Done, Step};
use thiserror::Error;
use tokio::sync::mpsc;

/// How long it waits before it asks a chain again that failed, at first.
const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
/// How long at most: each failure doubles it.
const LAST_BACK_OFF: Duration = Duration::from_secs(30);

/// Why what was drawn cannot be shown.
#[derive(Debug, Error)]
enum ShowError {
	/// The chain's parameters are none.
	#[error("the chain asks for what cannot be: {0}")]
	Parameters(#[from] ParametersError),
	/// What the chain says is no hash.
	#[error("the chain says {0}, which is no hash")]
	Hash(String),
	/// This machine computes wrongly, or cannot.
	#[error(transparent)]
	Open(#[from] OpenError),
	/// The computation came to no end.
	#[error("showing it was stopped: {0}")]
	Stopped(tokio::task::JoinError),
}

/// Why a resource has nothing to commit to.
#[derive(Debug, Error)]
enum ComputeError {
	/// The time was up.
	#[error("no round was done in time")]
	NoTime,
	/// A machine failed.
	#[error(transparent)]
	Accelerator(#[from] AcceleratorError),
}

/// What computes: the devices of a resource.
pub enum Machines {
	/// This processor, as so many devices, on so many threads or all there are.
	Processor {
		/// Devices.
		devices: u32,
		/// Threads.
		threads: Option<NonZeroUsize>,
	},
	/// Accelerators, a device each.
	Accelerators(Vec<Arc<dyn Accelerator>>),
}

/// What every part came to.
type Computed = Vec<(Part, Result<FleetProof, ComputeError>)>;

/// What is computed at a time: some resources, until a time or for so many rounds.
struct Job {
	provers: Vec<(Part, Prover)>,
	/// Stop when no further round would be done by then.
	until: Option<Instant>,
	/// Stop after so many rounds.
	rounds: u32,
}

/// A resource's part in a roll-call. On another fork, one of the same number may have another nonce.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Part {
	resource: ResourceId,
	roll_call: RollCallId,
	nonce: String,
}

/// What the loop remembers of a resource's part in a roll-call that is going on.
#[derive(Default)]
struct Memo {
	done: Done,
	proof: Option<Arc<FleetProof>>,
	/// Whether it was said that it is too late.
	said: bool,
}

/// Answers roll-calls.
pub struct Proofs<C> {
	chain: C,
	machines: Machines,
	progress: Progress,
	memos: BTreeMap<Part, Memo>,
}

impl<C: ProofChain> Proofs<C> {
	/// Of a chain's resources.
	pub const fn new(chain: C, machines: Machines, progress: Progress) -> Self {
		Self { chain, machines, progress, memos: BTreeMap::new() }
	}

	/// Goes on until `stop` is ready.
	///
	/// # Errors
	/// What makes it pointless to go on. A node that is lost is asked again, for ever.
	pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), ChainError> {
		let (sender, mut finished) = mpsc::channel(1);
		let mut stop = pin!(stop);
		let mut back_off = FIRST_BACK_OFF;
		let mut views = Vec::new();
		loop {
			tokio::select! {
				() = &mut stop => return Ok(()),
				Some(computed) = finished.recv() => self.take(computed),
				next = self.chain.next() => match next {
					Ok(next) => {
						back_off = FIRST_BACK_OFF;
						views = next;
					},
					Err(error) if error.is_final() => return Err(error),
					Err(error) => {
						self.progress.warn(format!("roll-calls: {error}; asking again in {:.1} s", back_off.as_secs_f64()));
						tokio::select! {
							() = &mut stop => return Ok(()),
							() = tokio::time::sleep(back_off) => (),
						}
						back_off = (back_off * 2).min(LAST_BACK_OFF);
						continue;
					},
				},
			}
			self.look(&views, &sender).await;
		}
	}

	/// Looks at every resource.
	async fn look(&mut self, views: &[ProofView], sender: &mpsc::Sender<Computed>) {
		let mut provers = Vec::new();
		let mut slots = u64::MAX;
		for view in views {
			self.report(view);
			for current in &view.current {
				let roll_call = &current.roll_call;
				let part = part(view.resource, roll_call);
				let memo = self.memos.entry(part.clone()).or_default();
				match decide(view, current, &memo.done) {
					Step::Wait => (),
					Step::TooLate => {
						if !std::mem::replace(&mut memo.said, true) {
							self.warn(&part, "there is too little time left to compute anything");
						}
					},
					Step::Compute { .. } if view.devices > self.machines.devices() => {
						if !std::mem::replace(&mut memo.said, true) {
							let devices = view.devices;
							self.warn(&part, &format!("the resource has {devices} devices, and this machine is fewer"));
						}
					},
					Step::Compute { slots: left } => match self.prover(view, roll_call, view.devices) {
						Ok(prover) => {
							self.memos.entry(part.clone()).or_default().done.begun = true;
							slots = slots.min(left);
							provers.push((part, prover));
						},
						Err(error) => self.warn(&part, &error.to_string()),
					},
					Step::ComputeAgain { rounds, devices } => match self.prover(view, roll_call, devices) {
						Ok(prover) => {
							let done = Done { begun: true, ..Done::default() };
							self.memos.entry(part.clone()).or_default().done = done;
							self.say(&part, "what was committed to is computed again");
							self.begin(Job { provers: vec![(part, prover)], until: None, rounds }, sender);
						},
						Err(error) => self.warn(&part, &error.to_string()),
					},
					Step::Commit => self.commit(view, &part).await,
					Step::Open { drawn, missing } => self.open(view, roll_call, &part, drawn, &missing).await,
				}
			}
		}
		let slot_millis = views.first().map_or(0, |view| view.slot_millis);
		if !provers.is_empty() {
			let time = Duration::from_millis(slots.saturating_mul(slot_millis));
			for (part, _) in &provers {
				self.say(part, &format!("called; computing for {:.0} s", time.as_secs_f64()));
			}
			self.begin(Job { provers, until: Some(Instant::now() + time), rounds: u32::MAX }, sender);
		}
	}

	/// Forgets roll-calls that are over, and says what they came to.
	fn report(&mut self, view: &ProofView) {
		let goes_on = |of: &Part| view.current.iter().any(|current| part(view.resource, &current.roll_call) == *of);
		let is_over = |of: &Part, _: &mut Memo| of.resource == view.resource && !goes_on(of);
		for part in self.memos.extract_if(.., is_over).map(|(part, _)| part).collect::<Vec<_>>() {
			let Some(last) = view.history.iter().rev().find(|last| last.roll_call == part.roll_call) else {
				// It is not called, or the chain went on along another fork.
				continue;
			};
			match last.outcome {
				ProofOutcomeView::Proven { operations } => {
					self.say(&part, &format!("proven: {:.4} TOPS a device", operations as f64 / 1e12));
				},
				ProofOutcomeView::Undrawn => self.say(&part, "nothing was drawn of it"),
				ProofOutcomeView::Absent => self.warn(&part, "it was absent: what it proved before counts no more"),
				ProofOutcomeView::Unshown => {
					self.warn(&part, "not all that was drawn was shown in time: it was slashed");
				},
			}
		}
	}

	fn prover(&self, view: &ProofView, roll_call: &RollCallView, devices: u32) -> Result<Prover, ShowError> {
		let asked = Parameters::try_from(roll_call.parameters)?;
		let draw = self.draw(view, roll_call)?;
		Ok(match &self.machines {
			Machines::Processor { .. } => Prover::new(asked, &draw, devices, Kernel::fastest()),
			Machines::Accelerators(all) => {
				Prover::on(asked, &draw, all.iter().cycle().take(devices as usize).cloned().collect())
			},
		})
	}

	fn draw(&self, view: &ProofView, roll_call: &RollCallView) -> Result<Draw, ShowError> {
		Ok(Draw {
			genesis: self.chain.genesis(),
			class: view.class,
			resource: view.resource,
			device: 0,
			roll_call: roll_call.roll_call.0,
			nonce: hash(&roll_call.nonce)?,
		})
	}

	/// Computes beside everything else.
	fn begin(&self, job: Job, sender: &mpsc::Sender<Computed>) {
		let threads = match self.machines {
			Machines::Processor { threads, .. } => threads.map_or(0, usize::from),
			Machines::Accelerators(_) => 0,
		};
		let sender = sender.clone();
		tokio::task::spawn_blocking(move || {
			let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
			let computed = match pool {
				Ok(pool) => pool.install(|| job.compute()),
				Err(_) => job.compute(),
			};
			// If nobody listens any more, the agent has stopped.
			let _ = sender.blocking_send(computed);
		});
	}

	fn take(&mut self, computed: Computed) {
		for (part, proof) in computed {
			let Some(memo) = self.memos.get_mut(&part) else {
				// The chain went on without it, or on another fork.
				continue;
			};
			let proof = match proof {
				Ok(proof) => proof,
				Err(error) => {
					// What was up is up; a machine may recover.
					memo.done.begun = matches!(error, ComputeError::NoTime);
					self.warn(&part, &error.to_string());
					continue;
				},
			};
			memo.done.commitment = Some(proof.commitment());
			let (rounds, rate) = (proof.rounds(), proof.report().rate() / 1e12);
			memo.proof = Some(Arc::new(proof));
			self.say(&part, &format!("{rounds} rounds of each device, {rate:.4} TOPS in all"));
		}
	}

	async fn commit(&mut self, view: &ProofView, part: &Part) {
		let Some(memo) = self.memos.get_mut(part) else { return };
		let Some(proof) = memo.proof.clone() else { return };
		memo.done.committed = Some(view.slot);
		match self.chain.commit(part.roll_call, part.resource, proof.rounds(), proof.commitment()).await {
			Ok(()) => self.say(part, &format!("committed to {}", hex::write(&proof.commitment()))),
			Err(error) => self.warn(part, &format!("not committed: {error}")),
		}
	}

	async fn open(&mut self, view: &ProofView, roll_call: &RollCallView, part: &Part, drawn: u32, missing: &[u32]) {
		let Some(proof) = self.memos.get(part).and_then(|memo| memo.proof.clone()) else { return };
		let began = Instant::now();
		let shown = match self.wanted(view, roll_call, &proof, drawn, missing) {
			Ok(wanted) => shown(proof, wanted).await,
			Err(error) => Err(error),
		};
		let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
		let opened = view.slot.saturating_add(took / view.slot_millis.max(1));
		self.memos.entry(part.clone()).or_default().done.opened = Some(opened);
		let shown = match shown {
			Ok(shown) => shown,
			Err(error) => return self.warn(part, &error.to_string()),
		};
		let openings = shown.len();
		match self.chain.open(part.roll_call, part.resource, shown).await {
			Ok(()) => self.say(part, &format!("{openings} cells shown")),
			Err(error) => self.warn(part, &format!("not shown: {error}")),
		}
	}

	/// The drawn cells that are not on the chain, with their places.
	fn wanted(
		&self,
		view: &ProofView,
		roll_call: &RollCallView,
		proof: &FleetProof,
		drawn: u32,
		missing: &[u32],
	) -> Result<Vec<(u32, DeviceCell)>, ShowError> {
		let asked = Parameters::try_from(roll_call.parameters)?;
		let draw = self.draw(view, roll_call)?;
		let fleet = Fleet::new(asked, proof.rounds(), draw, proof.devices(), proof.commitment())?;
		let randomness = hash(roll_call.randomness.as_deref().unwrap_or_default())?;
		let cells = fleet.drawn_cells(drawn, &randomness, blake2_256);
		Ok((0..).zip(cells).filter(|(index, _)| missing.contains(index)).collect())
	}

	fn say(&self, part: &Part, what: &str) {
		self.progress.say(format!("resource {}, roll-call {}: {what}", part.resource.0, part.roll_call.0));
	}

	fn warn(&self, part: &Part, what: &str) {
		self.progress.warn(format!("resource {}, roll-call {}: {what}", part.resource.0, part.roll_call.0));
	}
}

impl Machines {
	/// The most devices that a resource can have.
	fn devices(&self) -> u32 {
		match self {
			Self::Processor { devices, .. } => *devices,
			Self::Accelerators(all) => u32::try_from(all.len()).unwrap_or(u32::MAX),
		}
	}
}

impl Job {
	/// Does rounds of all resources in turn, as long as there is time for another one. One whose machine fails goes on no more, and has nothing to show.
	fn compute(mut self) -> Computed {
		let mut failed = Vec::new();
		let mut longest = Duration::ZERO;
		for _ in 0..self.rounds {
			let began = Instant::now();
			if self.until.is_some_and(|until| began + longest > until) {
				break;
			}
			let mut goes_on = false;
			self.provers.retain_mut(|(part, prover)| match prover.round(|| ()) {
				Ok(did) => {
					goes_on |= did;
					true
				},
				Err(error) => {
					failed.push((part.clone(), Err(error.into())));
					false
				},
			});
			if !goes_on {
				break;
			}
			longest = longest.max(began.elapsed());
		}
		let done = self.provers.into_iter().map(|(part, prover)| (part, prover.finish().ok_or(ComputeError::NoTime)));
		done.chain(failed).collect()
	}
}

/// What there is to show of these, computed beside everything else: an accelerator may do whole rounds again.
async fn shown(proof: Arc<FleetProof>, wanted: Vec<(u32, DeviceCell)>) -> Result<Vec<Shown>, ShowError> {
	let (indices, cells): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
	let openings = tokio::task::spawn_blocking(move || proof.open(&cells)).await.map_err(ShowError::Stopped)??;
	Ok(indices.into_iter().zip(openings).collect())
}

fn part(resource: ResourceId, roll_call: &RollCallView) -> Part {
	Part { resource, roll_call: roll_call.roll_call, nonce: roll_call.nonce.clone() }
}

fn hash(text: &str) -> Result<Hash, ShowError> {
	hex::read_exact(text).ok_or_else(|| ShowError::Hash(text.into()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_math::proof::RawParameters;
	use gcx_primitives::ClassId;
	use gcx_prover::RoundDone;

	/// A chain that nothing is asked of.
	struct Nowhere;

	impl ProofChain for Nowhere {
		fn genesis(&self) -> Hash {
			Hash::default()
		}

		async fn next(&mut self) -> Result<Vec<ProofView>, ChainError> {
			std::future::pending().await
		}

		async fn commit(&mut self, _: RollCallId, _: ResourceId, _: u32, _: Hash) -> Result<(), ChainError> {
			Ok(())
		}

		async fn open(&mut self, _: RollCallId, _: ResourceId, _: Vec<Shown>) -> Result<(), ChainError> {
			Ok(())
		}
	}

	/// A machine that never works.
	struct Broken;

	impl Broken {
		fn failure() -> AcceleratorError {
			AcceleratorError::Failed { name: "broken".into(), cause: "it is".into() }
		}
	}

	impl Accelerator for Broken {
		fn name(&self) -> String {
			"broken".into()
		}

		fn round(&self, _: &Parameters, _: &Hash, _: bool) -> Result<RoundDone, AcceleratorError> {
			Err(Self::failure())
		}

		fn plain(&self, _: &Parameters) -> Result<Duration, AcceleratorError> {
			Err(Self::failure())
		}
	}

	fn part_of(resource: u32) -> Part {
		Part { resource: ResourceId(resource), roll_call: RollCallId(1), nonce: "0x00".into() }
	}

	#[test]
	fn a_machine_that_fails_stops_no_other_and_has_nothing_to_show() {
		let raw = RawParameters { rows: 16, columns: 16, depth: 64, tile: 16, patch: 1, rounds: 3, openings: 1 };
		let asked = Parameters::try_from(raw).unwrap();
		let draw = |resource| Draw {
			genesis: [0; 32],
			class: ClassId(0),
			resource: ResourceId(resource),
			device: 0,
			roll_call: 1,
			nonce: [1; 32],
		};
		let provers = vec![
			(part_of(1), Prover::on(asked, &draw(1), vec![Arc::new(Broken)])),
			(part_of(2), Prover::new(asked, &draw(2), 1, Kernel::portable())),
		];
		let computed = Job { provers, until: None, rounds: u32::MAX }.compute();
		let found: BTreeMap<_, _> = computed
			.into_iter()
			.map(|(part, proof)| {
				(part.resource.0, proof.map(|proof| proof.rounds()).map_err(|error| error.to_string()))
			})
			.collect();
		assert_eq!(found, [(1, Err(Broken::failure().to_string())), (2, Ok(3))].into());
	}

	#[test]
	fn what_failed_is_tried_again_and_what_had_no_time_is_not() {
		let machines = Machines::Processor { devices: 1, threads: None };
		let mut proofs = Proofs::new(Nowhere, machines, Progress::plain());
		for resource in [1, 2] {
			let done = Done { begun: true, ..Done::default() };
			proofs.memos.insert(part_of(resource), Memo { done, ..Memo::default() });
		}
		proofs.take(vec![(part_of(1), Err(Broken::failure().into())), (part_of(2), Err(ComputeError::NoTime))]);
		assert_eq!([1, 2].map(|resource| proofs.memos[&part_of(resource)].done.begun), [false, true]);
	}
}
