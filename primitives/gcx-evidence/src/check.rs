//! What a worker finds in a document.

use crate::{
	document::{Content, Document, OpenedSolution},
	hex, raw,
	solve::{commitment, device_seed, drawn_rows, Solution, System, BYTES_PER_UNKNOWN},
	Reason, Solve,
};
use alloc::vec::Vec;
use gcx_primitives::{Measurement, Measurements, ResourceId, RoundId};
use sp_runtime::{traits::Verify, AccountId32};

/// How much earlier than the round's opening a run may say that it began, in milliseconds: clocks differ.
pub const STARTED_SKEW_MS: u64 = 2_000;
/// How much later than now a run may say that it ended, in milliseconds: clocks differ.
pub const ENDED_SKEW_MS: u64 = 60_000;
/// The share of a recomputed figure that what is claimed of it may be off: a thousandth.
pub const CLAIM_SHARE: u64 = 1_000;
/// The most power that is believed of a resource, in milliwatts: a gigawatt.
pub const MAX_MILLIWATTS: u64 = 1_000_000_000_000;

/// What a document has to be the answer to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expected<'a> {
	/// Hash of the chain's first block.
	pub genesis: [u8; 32],
	/// The resource.
	pub resource: ResourceId,
	/// The round.
	pub round: RoundId,
	/// Whose signature counts.
	pub agent: &'a AccountId32,
	/// Devices of the resource.
	pub devices: u32,
	/// When the round was opened, in milliseconds since the Unix epoch by the chain's clock.
	pub opened_at: u64,
	/// The time by the reader's clock.
	pub now: u64,
	/// The run of the last round that came to a result.
	pub last_run: Option<[u8; 32]>,
	/// The solve that was committed to; none where the class asks for none.
	pub solve: Option<ExpectedSolve<'a>>,
}

/// The solve that was committed to on the chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExpectedSolve<'a> {
	/// Rows and columns.
	pub order: u32,
	/// The commitment: [`crate::solve::commitment`] of all devices' solutions' hashes.
	pub commitment: [u8; 32],
	/// The round's nonce, from which every device's seed follows.
	pub nonce: [u8; 32],
	/// The devices that were drawn.
	pub devices: &'a [u32],
	/// The seed from which rows are drawn, known only after the commitment.
	pub rows: [u8; 32],
}

/// What is left of a document when everything in it was checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Findings {
	/// The run.
	pub run: [u8; 32],
	/// [`Content::digest`].
	pub evidence: [u8; 32],
	/// Recomputed figures, per device (divided by their number, rounded down).
	pub declared: Measurements,
	/// Mean power of the whole resource in milliwatts: what the agent measured, or else the largest that raw output
	/// itself says.
	pub milliwatts: Option<u64>,
}

impl Document {
	/// Checks everything that can be checked, in this order:
	///
	/// 1. the signature, over the chain, resource, round and digest of the content itself, so that everything after it
	///    can be laid at the agent's door;
	/// 2. chain, resource, round, number of devices;
	/// 3. times: begun no earlier than [`STARTED_SKEW_MS`] before the round was opened, ended no earlier than begun,
	///    and no later than [`ENDED_SKEW_MS`] from now;
	/// 4. the run is not the last one again;
	/// 5. the solve: order and hashes are those of the commitment, each drawn device is opened once and no other one,
	///    each solution has the length of the order and its hash, and solves the drawn rows;
	/// 6. every benchmark is read from its raw output; the figure claimed is the one recomputed but for one part in
	///    [`CLAIM_SHARE`]; no metric is there twice;
	/// 7. power is neither zero nor more than [`MAX_MILLIWATTS`].
	///
	/// # Errors
	/// The first thing that is wrong.
	pub fn check(&self, expected: &Expected<'_>) -> Result<Findings, Reason> {
		let content = &self.content;
		let evidence = self.check_signature(expected.agent)?;
		check_subject(content, expected)?;
		let run = hex::read_exact(&content.run).ok_or(Reason::Malformed)?;
		check_times(content, expected)?;
		if expected.last_run == Some(run) {
			return Err(Reason::Replayed);
		}
		match (&content.solve, &expected.solve) {
			(Some(solve), Some(committed)) => check_solve(solve, &self.opened, content.devices, committed)?,
			(None, None) if self.opened.is_empty() => {},
			(None, None) | (None, Some(_)) | (Some(_), None) => return Err(Reason::WrongSolve),
		}
		let (declared, declared_milliwatts) = read_benchmarks(content)?;
		if expected.solve.is_none() && declared.is_empty() {
			return Err(Reason::NothingDeclared);
		}
		let milliwatts = content.power.as_ref().map(|power| power.milliwatts).or(declared_milliwatts);
		if milliwatts.is_some_and(|milliwatts| milliwatts == 0 || milliwatts > MAX_MILLIWATTS) {
			return Err(Reason::FigureOutOfRange);
		}
		Ok(Findings { run, evidence, declared, milliwatts })
	}

	/// Checks the signature over what the content itself says, and answers its digest.
	fn check_signature(&self, agent: &AccountId32) -> Result<[u8; 32], Reason> {
		let signature = self.signature()?;
		let genesis = hex::read_exact(&self.content.genesis).ok_or(Reason::Malformed)?;
		let digest = self.content.digest();
		let payload = crate::signed_payload(genesis, self.content.resource, self.content.round, digest);
		if signature.verify(payload.as_slice(), agent) {
			Ok(digest)
		} else {
			Err(Reason::BadSignature)
		}
	}
}

/// Checks that the content is about what was asked for.
fn check_subject(content: &Content, expected: &Expected<'_>) -> Result<(), Reason> {
	if hex::read_exact(&content.genesis) != Some(expected.genesis) {
		return Err(Reason::WrongChain);
	}
	if content.resource != expected.resource {
		return Err(Reason::WrongResource);
	}
	if content.round != expected.round {
		return Err(Reason::WrongRound);
	}
	if content.devices != expected.devices || content.devices == 0 {
		return Err(Reason::WrongDevices);
	}
	Ok(())
}

/// Checks when the run began and ended. A sum beyond the last instant is that instant.
fn check_times(content: &Content, expected: &Expected<'_>) -> Result<(), Reason> {
	if content.started_at.saturating_add(STARTED_SKEW_MS) < expected.opened_at {
		return Err(Reason::OlderThanRound);
	}
	if content.ended_at < content.started_at || content.ended_at > expected.now.saturating_add(ENDED_SKEW_MS) {
		return Err(Reason::ClockSkew);
	}
	Ok(())
}

/// Checks the solve against its commitment, and the drawn rows of the drawn devices.
fn check_solve(
	solve: &Solve,
	opened: &[OpenedSolution],
	devices: u32,
	committed: &ExpectedSolve<'_>,
) -> Result<(), Reason> {
	if solve.order != committed.order || u32::try_from(solve.solutions.len()) != Ok(devices) {
		return Err(Reason::WrongSolve);
	}
	let hashes = solve.solutions.iter().map(|hash| hex::read_exact(hash)).collect::<Option<Vec<[u8; 32]>>>();
	let hashes = hashes.ok_or(Reason::Malformed)?;
	if commitment(&hashes) != committed.commitment {
		return Err(Reason::WrongSolve);
	}
	if committed.devices.is_empty() {
		// Nothing would be checked.
		return Err(Reason::SolutionMissing);
	}
	for device in committed.devices {
		let mut openings = opened.iter().filter(|opening| opening.device == *device);
		let opening = openings.next().ok_or(Reason::SolutionMissing)?;
		if openings.next().is_some() {
			return Err(Reason::Malformed);
		}
		let hash = usize::try_from(*device).ok().and_then(|at| hashes.get(at)).ok_or(Reason::SolutionMissing)?;
		check_opening(opening, hash, committed)?;
	}
	// Each drawn device is opened once: any other opening was not asked for.
	if opened.len() != committed.devices.len() {
		return Err(Reason::Malformed);
	}
	Ok(())
}

/// Checks one device's solution.
fn check_opening(opening: &OpenedSolution, hash: &[u8; 32], committed: &ExpectedSolve<'_>) -> Result<(), Reason> {
	let length = usize::try_from(committed.order).ok().and_then(|order| order.checked_mul(BYTES_PER_UNKNOWN));
	let encoded = length.and_then(|length| base64::encoded_len(length, true));
	if encoded != Some(opening.solution.len()) {
		return Err(Reason::SolutionMissing);
	}
	let bytes = opening.bytes().ok_or(Reason::Malformed)?;
	let solution = Solution::from_bytes(&bytes).ok_or(Reason::SolutionMissing)?;
	if Some(bytes.len()) != length {
		return Err(Reason::SolutionMissing);
	}
	if solution.hash() != *hash {
		return Err(Reason::WrongSolve);
	}
	let system = System::new(device_seed(committed.nonce, opening.device), committed.order);
	if system.solves(&solution, &drawn_rows(committed.rows, opening.device, committed.order)) {
		Ok(())
	} else {
		Err(Reason::SolveFailed)
	}
}

/// Reads every benchmark: figures per device, rounded down, and the largest power that raw output says.
fn read_benchmarks(content: &Content) -> Result<(Measurements, Option<u64>), Reason> {
	let mut declared = Measurements::default();
	let mut milliwatts = None;
	for benchmark in &content.benchmarks {
		let figure = raw::read(benchmark.kind, &benchmark.raw)?;
		if benchmark.claimed.abs_diff(figure.value) > figure.value / CLAIM_SHARE {
			return Err(Reason::FigureMismatch);
		}
		if declared.iter().any(|measurement| measurement.metric == figure.metric) {
			return Err(Reason::DeclaredTwice);
		}
		let value = figure.value.checked_div(u64::from(content.devices)).unwrap_or(0);
		if value == 0 {
			return Err(Reason::FigureOutOfRange);
		}
		let measurement = Measurement { metric: figure.metric, value };
		declared.try_push(measurement).map_err(|_| Reason::TooLarge)?;
		milliwatts = milliwatts.max(figure.milliwatts);
	}
	Ok((declared, milliwatts))
}
