//! The insurance pool's calls in blocks, and a step of the waterfall.

use crate::{
	chain::{Chain, Times},
	exchange::{Traders, POOLED},
	figures::Samples,
	fills::BATCH,
	Result,
};
use gcx_runtime::{Runtime, RuntimeCall, RuntimeEvent};

/// Makes an empty block and one with a batch of deposits of outsiders.
pub fn measure_deposits(chain: &mut Chain, empty: &mut Samples, full: &mut Samples) -> Result<()> {
	let Times { import, .. } = chain.next_block(Vec::new())?;
	empty.add(import);
	let pairs = chain.traders.next_pairs(BATCH);
	let call = || {
		let call = pallet_insurance::Call::<Runtime>::deposit { amount: POOLED, min_shares: 1 };
		RuntimeCall::Insurance(call)
	};
	// The same accounts come round again.
	let signed = |pair| {
		let [who, _] = Traders::keys(pair);
		Ok(chain.signed(&who, chain.nonce(&who)?, call()))
	};
	let transactions = pairs.into_iter().map(signed).collect::<Result<Vec<_>>>()?;
	full.add(chain.next_block(transactions)?.import);
	let deposits =
		|event: &RuntimeEvent| matches!(event, RuntimeEvent::Insurance(pallet_insurance::Event::Deposited { .. }));
	let found = chain.events()?.iter().filter(|event| deposits(event)).count();
	if found != BATCH as usize {
		return Err(format!("{found} deposits instead of {BATCH}").into());
	}
	Ok(())
}
