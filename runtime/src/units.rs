//! Units of money and time.

use crate::{Balance, BlockNumber};

/// Decimals of GCX. `build.rs` and the node's chain specifications say the same.
pub const GCX_DECIMALS: u8 = 12;
/// One GCX in its smallest unit.
pub const GCX: Balance = 1_000_000_000_000;
/// A thousandth of a GCX.
pub const MILLIGCX: Balance = GCX / 1_000;
/// A millionth of a GCX.
pub const MICROGCX: Balance = MILLIGCX / 1_000;

/// Decimals of the settlement asset.
pub const SETTLEMENT_DECIMALS: u8 = 6;
/// One unit of account of the settlement asset (a dollar), in its smallest unit.
pub const DOLLAR: Balance = 1_000_000;

/// Time between two slots of BABE, in milliseconds.
pub const SLOT_MILLISECONDS: u64 = 3_000;
/// Blocks in a minute, one per slot.
pub const MINUTES: BlockNumber = 20;
/// Blocks in an hour.
pub const HOURS: BlockNumber = MINUTES * 60;
/// Blocks in a day.
pub const DAYS: BlockNumber = HOURS * 24;

/// Milliseconds in a day of the exchange: of the price index, and of whatever is settled daily. In a `fast-epochs` build it
/// is a minute, as an epoch is, so that a test sees days go by.
pub const DAY_MILLISECONDS: u64 = if cfg!(feature = "fast-epochs") { 60_000 } else { 24 * 60 * 60 * 1_000 };

/// Slots in an epoch, which is also a session: an hour, or a minute in a `fast-epochs` build. It can never change on a
/// running chain.
pub const EPOCH_SLOTS: BlockNumber = if cfg!(feature = "fast-epochs") { MINUTES } else { HOURS };

/// Price of `items` entries in storage of `bytes` bytes together, held for as long as they are stored.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
	// `u32` always fits; `From` is not const.
	let (items, bytes) = (items as Balance, bytes as Balance);
	items * 200 * MILLIGCX + bytes * MILLIGCX
}
