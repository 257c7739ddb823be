//! Blocks of fills and of transfers, good ones and refused ones.

use crate::{
	chain::{Chain, Times},
	exchange::{self, Traders, PRICE, SECOND_LIMIT, SUB},
	figures::Samples,
	Result,
};
use frame_support::traits::Get;
use gcx_primitives::{Cash, Lots, Price, Refusal, Side};
use gcx_runtime::{AccountId, Market, Nonce, Runtime, RuntimeCall, RuntimeEvent, UncheckedExtrinsic};
use pallet_market::{Fill, FillRefusal, Order, SignedOrder};
use sp_core::{sr25519, Pair};
use std::time::Duration;

/// Fills of a block, in batches as large as they may be; and transfers of a block.
pub const BATCH: u32 = 100;

/// What becomes of a batch's fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
	/// All are taken.
	Filled,
	/// Clearing refuses each for its price, before it looks at anybody.
	RefusedForPrice,
	/// Clearing refuses each for the lots of the second party, when both are margined.
	RefusedForLimit,
}

/// Seconds of each of a block's operations.
#[derive(Clone, Copy, Debug)]
pub struct Each {
	/// As [`Times::apply`].
	pub apply: f64,
	/// As [`Times::root`].
	pub root: f64,
	/// As [`Times::commit`].
	pub commit: f64,
	/// As [`Times::import`].
	pub import: f64,
}

/// What blocks of one kind took, and the empty ones that were made between.
#[derive(Default)]
pub struct Cost {
	empty: [Samples; 4],
	full: [Samples; 4],
}

/// In a fixed order.
fn parts(times: Times) -> [Duration; 4] {
	[times.apply, times.root, times.commit, times.import]
}

impl Cost {
	/// One more of each.
	pub fn add(&mut self, empty: Times, full: Times) {
		for (samples, time) in self.empty.iter_mut().zip(parts(empty)).chain(self.full.iter_mut().zip(parts(full))) {
			samples.add(time);
		}
	}

	/// What each operation cost beyond an empty block, of blocks with a batch of them.
	pub fn each(&self) -> Each {
		self.each_of(BATCH)
	}

	/// The same, of blocks with so many.
	pub fn each_of(&self, operations: u32) -> Each {
		let of = |part: usize| (self.full[part].typical() - self.empty[part].typical()) / f64::from(operations);
		Each { apply: of(0), root: of(1), commit: of(2), import: of(3) }
	}

	/// Makes an empty block and one with a batch of transfers.
	pub fn measure_transfers(&mut self, chain: &mut Chain) -> Result<()> {
		let empty = chain.next_block(Vec::new())?;
		let full = transfers(chain)?;
		self.add(empty, full);
		Ok(())
	}

	/// Makes an empty block and one with a batch of fills.
	pub fn measure_fills(&mut self, chain: &mut Chain) -> Result<()> {
		let empty = chain.next_block(Vec::new())?;
		let full = fills(chain, Fate::Filled)?;
		self.add(empty, full);
		Ok(())
	}
}

/// What fills and transfers cost in one state.
#[derive(Default)]
pub struct FillCosts {
	/// Fills that are taken.
	pub fills: Cost,
	/// Transfers.
	pub transfers: Cost,
	/// Fills of which clearing refuses to look at anybody.
	pub refused_for_price: Cost,
	/// Fills that are refused at last.
	pub refused_for_limit: Cost,
}

impl FillCosts {
	/// Makes a block of each kind, each with accounts that no block has touched.
	pub fn measure(&mut self, chain: &mut Chain) -> Result<()> {
		let empty = chain.next_block(Vec::new())?;
		self.fills.add(empty, fills(chain, Fate::Filled)?);
		self.transfers.add(empty, transfers(chain)?);
		self.refused_for_price.add(empty, fills(chain, Fate::RefusedForPrice)?);
		self.refused_for_limit.add(empty, fills(chain, Fate::RefusedForLimit)?);
		assert!(!chain.traders.is_used_up(), "there are too few accounts for so many rounds");
		Ok(())
	}
}

/// Makes a block of transfers.
fn transfers(chain: &mut Chain) -> Result<Times> {
	let transactions = chain.traders.next_pairs(BATCH).into_iter().map(|pair| {
		let [from, to] = Traders::keys(pair);
		let call = pallet_balances::Call::<Runtime>::transfer_keep_alive {
			dest: AccountId::from(to.public()).into(),
			value: gcx_runtime::units::MILLIGCX,
		};
		chain.signed(&from, 0, RuntimeCall::Balances(call))
	});
	let transactions: Vec<_> = transactions.collect();
	let times = chain.next_block(transactions)?;
	expect(chain, "transfers", |event| {
		matches!(event, RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. }))
	})?;
	Ok(times)
}

/// Makes a block with a batch of fills.
fn fills(chain: &mut Chain, fate: Fate) -> Result<Times> {
	let pairs = chain.traders.next_pairs(BATCH);
	let most: u32 = <Runtime as pallet_market::Config>::MaxFillsPerBatch::get();
	let nonce = chain.nonce(&exchange::venue())?;
	let batches =
		(nonce..).zip(pairs.chunks(usize::try_from(most)?)).map(|(nonce, pairs)| batch(chain, pairs, fate, nonce));
	let batches = batches.collect::<Result<Vec<_>>>()?;
	let times = chain.next_block(batches)?;
	match fate {
		Fate::Filled => {
			expect(chain, "fills", |event| matches!(event, RuntimeEvent::Market(pallet_market::Event::Filled { .. })))
		},
		Fate::RefusedForPrice => expect_refused(chain, |reason| matches!(reason, Refusal::PriceOutsideBand { .. })),
		Fate::RefusedForLimit => expect_refused(chain, |reason| matches!(reason, Refusal::GuarantorLotsLimit { .. })),
	}?;
	Ok(times)
}

/// A venue's transaction with a fill of each pair.
fn batch(chain: &Chain, pairs: &[u32], fate: Fate, nonce: Nonce) -> Result<UncheckedExtrinsic> {
	let lots = match fate {
		Fate::Filled | Fate::RefusedForPrice => Lots(1),
		Fate::RefusedForLimit => SECOND_LIMIT,
	};
	let price = match fate {
		Fate::Filled | Fate::RefusedForLimit => PRICE,
		Fate::RefusedForPrice => Price(2 * PRICE.0),
	};
	let mut orders = Vec::new();
	let mut fills = Vec::new();
	let expires = chain.number() + 10_000;
	chain.with_genesis(|| {
		for pair in pairs {
			// In even places the first is long: all positions grow.
			let place = chain.number() % 2 * 2;
			let (instrument, _) = chain.traders.contract(*pair, place);
			let maker = u16::try_from(orders.len()).expect("a batch is small");
			for (key, side) in Traders::keys(*pair).iter().zip([Side::Buy, Side::Sell]) {
				let order = Order {
					account: AccountId::from(key.public()),
					sub: SUB,
					instrument,
					side,
					lots,
					limit: if side == Side::Buy { Price(4 * PRICE.0) } else { Price(1) },
					max_fee_per_lot: Cash(1_000_000),
					venue: None,
					expires,
					salt: chain.number().into(),
					reduce_only: false,
				};
				orders.push(signed_order(key, order));
			}
			fills.push(Fill { maker, taker: maker + 1, lots, price });
		}
	});
	let orders = orders.try_into().map_err(|_| "too many orders for a batch")?;
	let fills = fills.try_into().map_err(|_| "too many fills for a batch")?;
	let venue = exchange::venue();
	let call = pallet_market::Call::<Runtime>::submit_fills { orders, fills };
	Ok(chain.signed(&venue, nonce, RuntimeCall::Market(call)))
}

fn signed_order(
	key: &sr25519::Pair,
	order: Order<AccountId, u32>,
) -> SignedOrder<AccountId, u32, gcx_runtime::Signature> {
	let signature = key.sign(&Market::order_payload(&order)).into();
	SignedOrder { order, signature }
}

/// The last block's batch was refused, every fill for that reason.
fn expect_refused(chain: &Chain, is_reason: impl Fn(&Refusal) -> bool) -> Result<()> {
	expect(chain, "refusals", |event| match event {
		RuntimeEvent::Market(pallet_market::Event::FillRefused { reason: FillRefusal::Clearing(refused), .. }) => {
			is_reason(&refused.reason)
		},
		_ => false,
	})
}

/// The last block had as many of these events as a batch has operations, and nothing in it failed.
fn expect(chain: &Chain, what: &str, is_one: impl Fn(&RuntimeEvent) -> bool) -> Result<()> {
	let events = chain.events()?;
	let failed =
		|event: &RuntimeEvent| matches!(event, RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { .. }));
	let found = events.iter().filter(|event| is_one(event)).count();
	if found != BATCH as usize || events.iter().any(failed) {
		let last = events.iter().rev().find(|event| !is_one(event));
		return Err(format!("{found} {what} instead of {BATCH}, and {last:?}").into());
	}
	Ok(())
}
