//! Whole settlement runs, in blocks.

use crate::{
	chain::{Chain, Head},
	exchange::SETTLEMENT_DUE,
	figures::Samples,
	Result,
};
use gcx_primitives::{Cash, InstrumentId, RunId};
use gcx_runtime::{Runtime, RuntimeEvent};
use pallet_clearing::{Event, Settlements};

/// Empty blocks before each run.
const EMPTY: u32 = 5;

/// Seconds of a settlement run on two chains, which take turns block by block: whatever else the machine does hits both.
pub fn measure_both(first: &mut Chain, second: &mut Chain, runs: usize) -> Result<(f64, f64)> {
	let mut runners = [Runner::new(first)?, Runner::new(second)?];
	// The first run reads what no block has read for long, and counts for nothing.
	for run in 0..=runs {
		runners.iter_mut().for_each(Runner::begin);
		while runners.iter().any(|runner| !runner.is_settled) {
			for runner in runners.iter_mut().filter(|runner| !runner.is_settled) {
				runner.next_block(run > 0)?;
			}
		}
		// Neither always goes after the other.
		runners.reverse();
	}
	if runs.is_multiple_of(2) {
		runners.reverse();
	}
	Ok((runners[0].seconds(), runners[1].seconds()))
}

/// A chain on which the same run is made again and again, each time on a fork from the same block.
struct Runner<'a> {
	chain: &'a mut Chain,
	base: Head,
	/// Blocks of the fork so far.
	made: u32,
	/// Prices that changed so far.
	priced: usize,
	/// The run is over.
	is_settled: bool,
	/// Times of the empty blocks before.
	empty: Samples,
	/// Times of each block of the run.
	blocks: Vec<Samples>,
}

impl<'a> Runner<'a> {
	/// Brings the chain to where the first run is due in a few blocks.
	fn new(chain: &'a mut Chain) -> Result<Self> {
		assert!(chain.number() + EMPTY + 1 < SETTLEMENT_DUE, "no run has begun");
		while chain.number() + EMPTY + 1 < SETTLEMENT_DUE {
			chain.next_block(Vec::new())?;
		}
		let base = chain.head();
		let (empty, blocks) = (Samples::default(), Vec::new());
		Ok(Self { chain, base, made: 0, priced: 0, is_settled: false, empty, blocks })
	}

	/// A new fork.
	fn begin(&mut self) {
		self.chain.fork_from(self.base);
		(self.made, self.priced, self.is_settled) = (0, 0, false);
	}

	/// The next block.
	fn next_block(&mut self, counts: bool) -> Result<()> {
		let took = self.chain.next_block(Vec::new())?.import;
		let place = self.made.checked_sub(EMPTY).map(usize::try_from).transpose()?;
		self.made += 1;
		assert!(self.made < 1_000, "the run comes to an end");
		if let Some(place) = place {
			self.blocks.resize_with(self.blocks.len().max(place + 1), Samples::default);
			self.look_at_events()?;
		}
		if counts {
			place.map_or(&mut self.empty, |place| &mut self.blocks[place]).add(took);
		}
		Ok(())
	}

	/// Makes sure that the run does its work.
	fn look_at_events(&mut self) -> Result<()> {
		for event in self.chain.events()? {
			match event {
				RuntimeEvent::Clearing(Event::Priced { before, price, .. }) if before != price => self.priced += 1,
				RuntimeEvent::Clearing(Event::RunSettled { run, collected }) => {
					let listed: Option<Vec<InstrumentId>> =
						self.chain.read(&pallet_clearing::Listed::<Runtime>::hashed_key())?;
					assert_eq!(self.priced, listed.unwrap_or_default().len(), "every contract got another price");
					assert!(collected > Cash::ZERO, "money moved");
					assert_eq!((run, self.current()?), (RunId(1), RunId(1)), "one run is over");
					self.is_settled = true;
				},
				_ => {},
			}
		}
		Ok(())
	}

	/// The last run that was paid.
	fn current(&self) -> Result<RunId> {
		let key = pallet_clearing::Settled::<Runtime>::hashed_key();
		let settlements: Option<Settlements<u32>> = self.chain.read(&key)?;
		Ok(settlements.unwrap_or_default().current)
	}

	/// What the run's blocks took beyond as many empty ones: of each its typical time.
	fn seconds(&self) -> f64 {
		let empty = self.empty.typical();
		self.blocks.iter().map(|block| block.typical() - empty).sum()
	}
}
