//! A crash in blocks: the accounts that a price reached are found and put up for sale, whatever the number of others.

use crate::{
	chain::{Chain, Head},
	exchange::{self, THIN, THIN_INSTRUMENT},
	figures::Samples,
	Result,
};
use codec::Encode;
use gcx_primitives::{Day, Fix, Price, PriceStatistics};
use gcx_runtime::{Runtime, RuntimeCall, RuntimeEvent};
use pallet_clearing::Event;
use sp_core::{sr25519, Pair};

/// Empty blocks before each crash.
const EMPTY: u32 = 5;
/// What the thin accounts' contract costs after it: they have less than maintenance margin.
const CRASHED: Price = Price(2_150_000);

/// What a crash took.
pub struct Crash {
	/// Seconds of its blocks beyond as many empty ones.
	pub seconds: f64,
	/// The most accounts that one block put up for sale.
	pub most_per_block: u32,
}

/// The same crash on two chains, which take turns block by block.
pub fn measure_both(first: &mut Chain, second: &mut Chain, rounds: usize) -> Result<(Crash, Crash)> {
	let mut runners = [Runner::new(first), Runner::new(second)];
	// The first reads what no block has read for long, and counts for nothing.
	for round in 0..=rounds {
		runners.iter_mut().for_each(Runner::begin);
		while runners.iter().any(|runner| !runner.is_over()) {
			for runner in runners.iter_mut().filter(|runner| !runner.is_over()) {
				runner.next_block(round > 0)?;
			}
		}
		runners.reverse();
	}
	if rounds.is_multiple_of(2) {
		runners.reverse();
	}
	Ok((runners[0].crash(), runners[1].crash()))
}

/// A chain on which the same crash is made again and again, each time on a fork from the same block.
struct Runner<'a> {
	chain: &'a mut Chain,
	base: Head,
	/// Blocks of the fork so far.
	made: u32,
	/// Accounts that were put up for sale so far.
	found: u32,
	most_per_block: u32,
	empty: Samples,
	blocks: Vec<Samples>,
}

impl<'a> Runner<'a> {
	fn new(chain: &'a mut Chain) -> Self {
		let base = chain.head();
		Self { chain, base, made: 0, found: 0, most_per_block: 0, empty: Samples::default(), blocks: Vec::new() }
	}

	fn begin(&mut self) {
		self.chain.fork_from(self.base);
		(self.made, self.found) = (0, 0);
	}

	fn is_over(&self) -> bool {
		self.found >= THIN
	}

	fn next_block(&mut self, counts: bool) -> Result<()> {
		if self.made == EMPTY {
			return self.crash_price();
		}
		let took = self.chain.next_block(Vec::new())?.import;
		// What the fall does comes in the blocks after it.
		let place = self.made.checked_sub(EMPTY + 1).map(usize::try_from).transpose()?;
		self.made += 1;
		assert!(self.made < 1_000, "all are found in the end: {} of {THIN}", self.found);
		let of_block = |event: &RuntimeEvent| matches!(event, RuntimeEvent::Clearing(Event::LiquidationBegun { .. }));
		let found = u32::try_from(self.chain.events()?.iter().filter(|event| of_block(event)).count())?;
		self.found += found;
		self.most_per_block = self.most_per_block.max(found);
		if counts && self.made <= EMPTY {
			self.empty.add(took);
		}
		if let Some(place) = place {
			self.blocks.resize_with(self.blocks.len().max(place + 1), Samples::default);
			if counts {
				self.blocks[place].add(took);
			}
		}
		Ok(())
	}

	/// Makes the block in which the price falls.
	fn crash_price(&mut self) -> Result<()> {
		if self.chain.next_block(self.crashing()?).is_err() {
			// The block that begins a session has no room for transactions.
			self.chain.next_block(Vec::new())?;
			self.chain.next_block(self.crashing()?)?;
		}
		self.made += 1;
		Ok(())
	}

	/// Sets the index to the price after the crash, and has the contract's mark looked at.
	fn crashing(&self) -> Result<Vec<gcx_runtime::UncheckedExtrinsic>> {
		let fix = Fix { day: Day(0), price: CRASHED, time: exchange::NOW };
		let statistics = PriceStatistics { mean_size: exchange::PRICE, ..Default::default() };
		let key = pallet_index::Latest::<Runtime>::hashed_key_for(exchange::THIN_CLASS);
		let items = vec![(key, (fix, statistics).encode())];
		let set = RuntimeCall::System(frame_system::Call::set_storage { items });
		let sudo = RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(set) });
		let alice = sr25519::Pair::from_string("//Alice", None)?;
		let look = RuntimeCall::Clearing(pallet_clearing::Call::refresh_mark { instrument: THIN_INSTRUMENT });
		Ok(vec![self.chain.signed(&alice, 0, sudo), self.chain.signed(&alice, 1, look)])
	}

	fn crash(&self) -> Crash {
		let empty = self.empty.typical();
		let seconds = self.blocks.iter().map(|block| block.typical() - empty).sum();
		Crash { seconds, most_per_block: self.most_per_block }
	}
}
