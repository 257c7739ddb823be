//! What is remembered of orders: how many of their lots have been filled, and which were cancelled, until strictly after
//! they expired.

use crate::{
	types::{OrderOf, SweepCursorOf},
	weights::WeightInfo,
	Config, Error, Event, FilledLots, FilledOrder, OrderId, OrderRecord, Pallet, SweepCursor, Sweeping,
};
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	pallet_prelude::{DispatchResultWithPostInfo, Weight},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{One, Saturating};

impl<T: Config> Pallet<T> {
	/// Sweeps in a block's beginning, and returns what that cost.
	pub(crate) fn sweep_some(limit: u32) -> Weight {
		match Self::sweep_expired(limit) {
			0 => Weight::zero(),
			steps => T::WeightInfo::sweep(steps),
		}
	}

	pub(crate) fn do_sweep(limit: u32) -> DispatchResultWithPostInfo {
		let steps = Self::sweep_expired(limit);
		ensure!(steps > 0, Error::<T>::NothingToSweep);
		Ok(Some(T::WeightInfo::sweep(steps)).into())
	}

	/// Forgets orders that expired before this block, the earliest first, in up to `limit` steps. A step forgets one order
	/// or leaves a block behind of which none is remembered. Returns how many steps there were.
	fn sweep_expired(limit: u32) -> u32 {
		let now = frame_system::Pallet::<T>::block_number();
		let mut cursor = Sweeping::<T>::get();
		let (mut steps, mut orders) = (0u32, 0u32);
		while cursor.block < now && steps < limit {
			steps.saturating_inc();
			match Self::next_expired(&cursor) {
				Some(order) => {
					FilledLots::<T>::remove(cursor.block, order);
					cursor.after = Some(order);
					orders.saturating_inc();
				},
				None => cursor = SweepCursor { block: cursor.block.saturating_add(One::one()), after: None },
			}
		}
		if steps > 0 {
			Sweeping::<T>::put(cursor);
		}
		if orders > 0 {
			Self::deposit_event(Event::Swept { orders });
		}
		steps
	}

	/// The next order to forget in the cursor's block. Looked for from the last one on: what was removed in this block is
	/// skipped one by one otherwise, by every sweep anew.
	fn next_expired(cursor: &SweepCursorOf<T>) -> Option<OrderId> {
		match cursor.after {
			Some(last) => {
				let from = FilledLots::<T>::hashed_key_for(cursor.block, last);
				FilledLots::<T>::iter_key_prefix_from(cursor.block, from).next()
			},
			None => FilledLots::<T>::iter_key_prefix(cursor.block).next(),
		}
	}

	/// What is remembered of an order; none if nothing happened to it, or it is forgotten.
	pub fn filled(order: &OrderOf<T>) -> Option<OrderRecord> {
		FilledLots::<T>::get(order.expires, Self::order_id(order))
	}
}

/// What a call knows of orders: each is read once, and written once if anything happened to it.
pub(crate) struct OrderMemory<T: Config> {
	records: BTreeMap<(BlockNumberFor<T>, OrderId), Remembered>,
}

struct Remembered {
	record: OrderRecord,
	changed: bool,
}

impl<T: Config> OrderMemory<T> {
	/// Nothing is read yet.
	pub(crate) const fn empty() -> Self {
		Self { records: BTreeMap::new() }
	}

	/// What is known of an order.
	pub(crate) fn record(&mut self, order: &OrderOf<T>, id: OrderId) -> OrderRecord {
		let read = || {
			let record = FilledLots::<T>::get(order.expires, id).unwrap_or(OrderRecord::untouched(order.lots));
			Remembered { record, changed: false }
		};
		self.records.entry((order.expires, id)).or_insert_with(read).record
	}

	/// Notes what a fill made of an order.
	pub(crate) fn note(&mut self, order: &OrderOf<T>, after: FilledOrder) {
		let record = OrderRecord { lots: after.lots, filled: after.filled, cancelled: false };
		self.records.insert((order.expires, after.order), Remembered { record, changed: true });
	}

	/// Writes what changed.
	pub(crate) fn write(self) {
		for ((expires, id), remembered) in self.records {
			if remembered.changed {
				FilledLots::<T>::insert(expires, id, remembered.record);
			}
		}
	}
}
