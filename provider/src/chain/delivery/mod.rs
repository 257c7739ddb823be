//! Deliveries as the two sides of them see the chain: deals, and their windows.

pub mod follow;
pub mod live;
pub mod memory;
pub mod values;

use super::ChainError;
use gcx_math::delivery::{capacity_of, part};
use gcx_primitives::{
	AccountKey, Capacity, ComputeHours, Day, DealId, DeliveryDays, InstrumentId, Lots, Ppm, Region, ResourceId,
	SubAccount,
};
use sp_runtime::MultiSignature;
use std::{collections::BTreeMap, future::Future};

/// A margin account.
pub type Account = AccountKey<[u8; 32]>;

/// A delivery day of a deal, as far as the chain knows it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Window {
	/// What the seller said to have available, if it did.
	pub available: Option<Capacity>,
	/// What the buyer's key signed for.
	pub vouchered: Capacity,
	/// Whether the buyer objected.
	pub objected: bool,
}

/// A deal that is open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Deal {
	/// Its number.
	pub id: DealId,
	/// The contract.
	pub instrument: InstrumentId,
	/// Who bought.
	pub buyer: Account,
	/// Who sold.
	pub seller: Account,
	/// How many lots.
	pub lots: Lots,
	/// The resource that delivers; none if no resource is behind it.
	pub resource: Option<ResourceId>,
	/// The account whose vouchers count, if anybody's.
	pub key: Option<[u8; 32]>,
	/// Where the buyer's side answers. Bytes that a stranger chose; none if there are none.
	pub endpoint: Vec<u8>,
	/// The first day that is delivered.
	pub from: Day,
	/// The first day whose window was not looked at yet: those before are closed.
	pub next: Day,
	/// The contract's days.
	pub days: DeliveryDays,
	/// Compute Hours per lot.
	pub multiplier: ComputeHours,
	/// So much of a window's quantity may be missing, and a voucher may exceed it by as much.
	pub tolerance: Ppm,
	/// Records of its windows.
	pub windows: BTreeMap<Day, Window>,
}

impl Deal {
	/// What is delivered on a day; none on a day that is not delivered.
	pub fn quantity(&self, day: Day) -> Option<Capacity> {
		if !self.days.contains(day) || day < self.from {
			return None;
		}
		let total = capacity_of(self.lots, self.multiplier).ok()?;
		let index = day.0.checked_sub(self.days.first.0)?;
		part(total.0, index, self.days.count()).ok().map(Capacity)
	}

	/// What the chain knows of a day.
	pub fn window(&self, day: Day) -> Window {
		self.windows.get(&day).copied().unwrap_or_default()
	}

	/// Whether a day's window was looked at when it was due: it is closed, whether it is settled or waits.
	pub fn is_closed(&self, day: Day) -> bool {
		day < self.next
	}
}

/// A resource, as far as its agent and its buyers need to know it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Resource {
	/// The account whose key answers for it.
	pub agent: [u8; 32],
	/// How many devices it has.
	pub devices: u32,
	/// When it is maintained.
	pub maintenance: Vec<DeliveryDays>,
}

/// The chain's time, and how it counts days. Times are milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Clock {
	/// The time of the block.
	pub now: u64,
	/// Milliseconds of a slot.
	pub slot: u64,
	/// Milliseconds of a day. Not zero.
	pub day: u64,
	/// For how long after a day its window is open.
	pub submit: u64,
	/// When the chain came back after it last stood still.
	pub grace: u64,
}

impl Clock {
	/// The day of a time.
	pub fn day_of(&self, time: u64) -> Day {
		Day(time.checked_div(self.day).and_then(|day| u32::try_from(day).ok()).unwrap_or(u32::MAX))
	}

	/// When a day begins.
	pub fn start(&self, day: Day) -> u64 {
		u64::from(day.0).saturating_mul(self.day)
	}

	/// When it is over.
	pub fn end(&self, day: Day) -> u64 {
		self.start(day).saturating_add(self.day)
	}

	/// When its window is closed.
	pub fn closes(&self, day: Day) -> u64 {
		self.end(day).max(self.grace).saturating_add(self.submit)
	}

	/// So many slots before a day's window is closed.
	pub fn before_close(&self, day: Day, slots: u64) -> u64 {
		self.closes(day).saturating_sub(self.slot.saturating_mul(slots))
	}

	/// Whether a day's window is open at a time.
	pub fn is_open(&self, day: Day, time: u64) -> bool {
		self.start(day) <= time && time < self.closes(day)
	}

	/// The days of a deal whose windows are open at a time, the latest first.
	pub fn open_days(&self, deal: &Deal, time: u64) -> Vec<Day> {
		let first = deal.from.max(deal.days.first).max(deal.next).0;
		let last = deal.days.last.min(self.day_of(time)).0;
		(first..=last).rev().map(Day).take_while(|day| time < self.closes(*day)).collect()
	}
}

/// What a block says of deliveries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct View {
	/// Its number.
	pub block: u64,
	/// Its time.
	pub clock: Clock,
	/// The deals that are looked at, in the order of their numbers.
	pub deals: Vec<Deal>,
	/// The resources behind them.
	pub resources: BTreeMap<ResourceId, Resource>,
}

/// Whose deals are looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Whose {
	/// Those that these resources deliver.
	Resources(Vec<ResourceId>),
	/// Those of a margin account that bought.
	Buyer(Account),
}

impl Whose {
	/// Whether a deal is one of them.
	pub fn has(&self, deal: &Deal) -> bool {
		match self {
			Self::Resources(resources) => deal.resource.is_some_and(|resource| resources.contains(&resource)),
			Self::Buyer(account) => deal.buyer == *account,
		}
	}
}

/// What is sent about deliveries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Call {
	/// What a deal's resource has available on a day.
	PostAvailability {
		/// The deal.
		deal: DealId,
		/// The day.
		day: Day,
		/// How much.
		available: Capacity,
	},
	/// What the buyer's key signed to have received on a day.
	SubmitVoucher {
		/// The deal.
		deal: DealId,
		/// The day.
		day: Day,
		/// How much, all together.
		cumulative: Capacity,
		/// The key's signature.
		signature: MultiSignature,
	},
	/// Where a buyer wants its lots.
	Request {
		/// The margin account of the caller.
		sub: SubAccount,
		/// The contract.
		instrument: InstrumentId,
		/// In which region, if possible.
		region: Region,
		/// Whose vouchers count, if anybody's.
		key: Option<[u8; 32]>,
		/// Where the buyer's side answers.
		endpoint: Vec<u8>,
	},
	/// An objection to a day's delivery.
	Object {
		/// The deal.
		deal: DealId,
		/// The day.
		day: Day,
	},
}

/// A chain with deliveries.
pub trait DeliveryChain: Send {
	/// Hash of its first block.
	fn genesis(&self) -> [u8; 32];

	/// Waits for a best block that was not seen yet. May be dropped before it is ready, and then called again, without missing the
	/// newest block.
	///
	/// After an error it connects anew when it is called again.
	fn next(&mut self) -> impl Future<Output = Result<View, ChainError>> + Send;

	/// Sends a call, once. That it was taken, a later block says.
	fn send(&mut self, call: Call) -> impl Future<Output = Result<(), ChainError>> + Send;
}

#[cfg(test)]
mod tests {
	use super::*;

	fn deal() -> Deal {
		let account = Account { owner: [1; 32], sub: SubAccount(0) };
		Deal {
			id: DealId(3),
			instrument: InstrumentId(1),
			buyer: account.clone(),
			seller: account,
			lots: Lots(1),
			resource: Some(ResourceId(7)),
			key: None,
			endpoint: Vec::new(),
			from: Day(11),
			next: Day(11),
			days: DeliveryDays { first: Day(10), last: Day(12) },
			multiplier: ComputeHours(1),
			tolerance: Ppm::percent(2),
			windows: BTreeMap::new(),
		}
	}

	const CLOCK: Clock = Clock { now: 0, slot: 3_000, day: 60_000, submit: 15_000, grace: 0 };

	#[test]
	fn the_days_of_a_deal_add_up_but_for_those_before_it_was_matched() {
		let deal = deal();
		let quantities: Vec<_> = (9..=13).map(|day| deal.quantity(Day(day)).map(|quantity| quantity.0)).collect();
		assert_eq!(quantities, [None, None, Some(333_333), Some(333_334), None]);
	}

	#[test]
	fn a_window_is_open_from_the_days_start_until_some_time_after_its_end() {
		let open = |time| CLOCK.open_days(&deal(), time).iter().map(|day| day.0).collect::<Vec<_>>();
		assert!(open(11 * 60_000 - 1).is_empty());
		assert_eq!(open(11 * 60_000), [11]);
		assert_eq!(open(12 * 60_000), [12, 11]);
		assert_eq!(open(12 * 60_000 + 15_000), [12]);
		assert_eq!(open(13 * 60_000 + 14_999), [12]);
		assert!(open(13 * 60_000 + 15_000).is_empty());
	}

	#[test]
	fn after_a_halt_windows_that_were_open_stay_open_for_a_while() {
		let clock = Clock { grace: 20 * 60_000, ..CLOCK };
		assert_eq!(clock.open_days(&deal(), 20 * 60_000), [Day(12), Day(11)]);
		assert!(clock.open_days(&deal(), 20 * 60_000 + 15_000).is_empty());
	}

	#[test]
	fn a_window_that_was_looked_at_is_closed_even_if_it_waits() {
		let closed = Deal { next: Day(12), ..deal() };
		assert_eq!(CLOCK.open_days(&closed, 12 * 60_000), [Day(12)]);
		let waits = Deal { windows: [(Day(11), Window::default())].into(), ..closed };
		assert_eq!(CLOCK.open_days(&waits, 12 * 60_000), [Day(12)]);
	}
}
