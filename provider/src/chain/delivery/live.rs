//! Deliveries of a chain behind a node's WebSocket.

use super::{
	values::{account_value, add_goods, call, deal, endpoint, resource, window},
	Call, Clock, Deal, DeliveryChain, View, Whose,
};
use crate::{
	chain::{
		node::{constant, entries, fetch, unexpected, AtBlock, Node},
		values::{integer, number, FieldError},
		ChainError,
	},
	key::Key,
};
use gcx_primitives::DealId;
use std::collections::{btree_map::Entry, BTreeMap, BTreeSet};
use subxt::dynamic::{self, Value};

/// The pallet.
const PALLET: &str = "Delivery";
/// Blocks after which all deals are looked through again: until then only new ones are looked for. On a fork a number may be another
/// deal's.
const LOOK_THROUGH_AFTER: u64 = 64;
/// The most new deals that are looked at one by one. If there are more, all are looked through.
const MOST_NEW: u32 = 64;

/// The deals that are known to be of those that are looked at.
#[derive(Debug, Default)]
struct Known {
	deals: BTreeSet<DealId>,
	/// The number of the next deal when it was looked for new ones last.
	next: u32,
	/// The block in which all were looked through last; none before the first time.
	at: Option<u64>,
}

/// A chain behind a node.
pub struct Live {
	node: Node,
	whose: Whose,
	key: Option<Key>,
	known: Known,
}

impl Live {
	/// What a node says of these deals. Calls are signed by `key`.
	pub fn new(node: Node, whose: Whose, key: Option<Key>) -> Self {
		Self { node, whose, key, known: Known::default() }
	}

	/// Sends a call and waits until it was carried out in a block that is final. Gives back that block's hash.
	///
	/// # Errors
	/// [`ChainError::Lost`], or [`ChainError::Refused`] with the runtime's reason.
	pub async fn carry_out(&mut self, what: &Call) -> Result<String, ChainError> {
		let Some(key) = &self.key else { return Err(ChainError::Refused("there is no key to sign it".into())) };
		let (name, arguments) = call(what);
		self.node.carry_out(&dynamic::transaction(PALLET, name, arguments), key).await
	}
}

async fn look(node: &mut Node, whose: &Whose, known: &mut Known) -> Result<View, ChainError> {
	let best = node.best().await?;
	if best.metadata_ref().pallet_by_name(PALLET).is_none() {
		node.looked(best);
		return Err(ChainError::NoDeliveries);
	}
	let time = |value: Option<Value>| value.as_ref().and_then(integer);
	let now = time(fetch(&best, "Timestamp", "Now", Vec::new()).await?);
	let pulse = fetch(&best, PALLET, "Heartbeat", Vec::new()).await?;
	let clock = Clock {
		now: now.ok_or_else(|| unexpected("Timestamp", "Now", "no number"))?,
		slot: constant(&best, "Babe", "ExpectedBlockTime")?,
		day: constant(&best, PALLET, "DayLength")?.max(1),
		submit: constant(&best, PALLET, "SubmitPeriod")?,
		grace: pulse.and_then(|pulse| number(&pulse, "grace").ok()).unwrap_or(0),
	};
	let mut view = View { block: best.block_number(), clock, deals: Vec::new(), resources: BTreeMap::new() };
	let mut deliveries = BTreeMap::new();
	for found in find(&best, whose, known).await? {
		if let Entry::Vacant(delivery) = deliveries.entry(found.instrument.0) {
			let keys = vec![Value::u128(found.instrument.0.into())];
			delivery.insert(fetch(&best, PALLET, "Deliveries", keys).await?);
		}
		// A deal without a delivery would be a fault of the runtime: the others go on.
		let Some(Some(delivery)) = deliveries.get(&found.instrument.0) else { continue };
		let deal = complete(&best, found, delivery, &clock).await?;
		if let Some(id) = deal.resource.filter(|id| !view.resources.contains_key(id)) {
			if let Some(value) = fetch(&best, "Compute", "Resources", vec![Value::u128(id.0.into())]).await? {
				let resource = resource(&value).map_err(|e| unexpected("Compute", "Resources", e))?;
				view.resources.insert(id, resource);
			}
		}
		view.deals.push(deal);
	}
	node.looked(best);
	Ok(view)
}

/// The deals that are looked at, with what their own records say.
async fn find(at: &AtBlock, whose: &Whose, known: &mut Known) -> Result<Vec<Deal>, ChainError> {
	let candidates = match whose {
		Whose::Buyer(account) => {
			let with = entries(at, PALLET, "DealsWith", vec![account_value(account)]).await?;
			with.iter().map(|(id, _)| id_of(id)).collect::<Result<_, _>>()?
		},
		Whose::Resources(_) => {
			let next = fetch(at, PALLET, "NextDeal", Vec::new()).await?.as_ref().and_then(integer);
			let next = next.and_then(|next| u32::try_from(next).ok()).unwrap_or(0);
			let block = at.block_number();
			let is_due = known.at.is_none_or(|last| !(last..last.saturating_add(LOOK_THROUGH_AFTER)).contains(&block));
			if is_due || next.checked_sub(known.next).is_none_or(|new| new > MOST_NEW) {
				return look_through(at, whose, known, next, block).await;
			}
			let new = (known.next..next).map(DealId);
			known.next = next;
			known.deals.iter().copied().chain(new).collect::<BTreeSet<_>>()
		},
	};
	let mut found = Vec::new();
	for id in candidates {
		let Some(value) = fetch(at, PALLET, "Deals", vec![Value::u128(id.0.into())]).await? else { continue };
		found.push(read(id, &value)?);
	}
	found.retain(|deal| whose.has(deal));
	known.deals = found.iter().map(|deal| deal.id).collect();
	Ok(found)
}

/// Looks through all deals.
async fn look_through(
	at: &AtBlock,
	whose: &Whose,
	known: &mut Known,
	next: u32,
	block: u64,
) -> Result<Vec<Deal>, ChainError> {
	let mut found = Vec::new();
	for (id, value) in entries(at, PALLET, "Deals", Vec::new()).await? {
		found.push(read(id_of(&id)?, &value)?);
	}
	found.retain(|deal| whose.has(deal));
	found.sort_by_key(|deal| deal.id);
	*known = Known { deals: found.iter().map(|deal| deal.id).collect(), next, at: Some(block) };
	Ok(found)
}

fn id_of(value: &Value) -> Result<DealId, ChainError> {
	let id = integer(value).and_then(|id| u32::try_from(id).ok());
	id.map(DealId).ok_or_else(|| unexpected(PALLET, "Deals", "a key is no number"))
}

fn read(id: DealId, value: &Value) -> Result<Deal, ChainError> {
	deal(id, value).map_err(|e| unexpected(PALLET, "Deals", e))
}

/// Adds what other records say of a deal.
async fn complete(at: &AtBlock, mut deal: Deal, delivery: &Value, clock: &Clock) -> Result<Deal, ChainError> {
	let instrument = Value::u128(deal.instrument.0.into());
	let fail = |entry| move |e: FieldError| unexpected(PALLET, entry, e);
	add_goods(&mut deal, delivery).map_err(fail("Deliveries"))?;
	if let Some(long) = fetch(at, PALLET, "Longs", vec![instrument, account_value(&deal.buyer)]).await? {
		deal.endpoint = endpoint(&long).map_err(fail("Longs"))?;
	}
	let id = Value::u128(deal.id.0.into());
	for day in clock.open_days(&deal, clock.now) {
		let keys = vec![id.clone(), Value::u128(day.0.into())];
		if let Some(value) = fetch(at, PALLET, "Windows", keys).await? {
			deal.windows.insert(day, window(&value).map_err(fail("Windows"))?);
		}
	}
	Ok(deal)
}

impl DeliveryChain for Live {
	fn genesis(&self) -> [u8; 32] {
		self.node.genesis()
	}

	async fn next(&mut self) -> Result<View, ChainError> {
		if let Err(error) = self.node.wait().await {
			self.node.forget();
			return Err(error);
		}
		let (whose, known) = (&self.whose, &mut self.known);
		self.node.within(async |node| look(node, whose, known).await).await
	}

	async fn send(&mut self, what: Call) -> Result<(), ChainError> {
		let Some(key) = &self.key else { return Err(ChainError::Refused("there is no key to sign it".into())) };
		let (name, arguments) = call(&what);
		self.node.send(&dynamic::transaction(PALLET, name, arguments), key).await
	}
}
