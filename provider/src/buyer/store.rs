//! What was acknowledged, on disk: so that a voucher never says less than one before it, and no poll counts twice.

use crate::{
	meter::{
		presence::Presence,
		store::{parts, KEPT_DAYS},
		vouchers::Voucher,
	},
	store::{write_atomically, StoreError},
};
use gcx_evidence::hex;
use gcx_primitives::{Day, DealId};
use serde::{Deserialize, Serialize};
use std::{
	collections::BTreeMap,
	fs::{self, File, OpenOptions},
	io,
	path::{Path, PathBuf},
};

/// What was acknowledged of one window.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
	/// The time of the last poll that was answered, in seconds since the Unix epoch.
	pub at: u64,
	/// How much of the day the agent was there.
	pub presence: Presence,
	/// The newest voucher.
	pub voucher: Voucher,
}

/// Records of windows.
pub type Records = BTreeMap<(DealId, Day), Record>;

/// The records of one chain.
#[derive(Debug)]
pub struct BuyerStore {
	folder: PathBuf,
	records: Records,
	_lock: File,
}

fn folder_of(state: &Path, genesis: [u8; 32]) -> PathBuf {
	state.join(hex::write(&genesis).trim_start_matches("0x"))
}

impl BuyerStore {
	/// Opens the records of a chain in a folder, which is made if it is not there. One program at a time can.
	///
	/// # Errors
	/// [`StoreError::Io`], [`StoreError::Locked`], [`StoreError::Damaged`].
	pub fn open(state: &Path, genesis: [u8; 32]) -> Result<Self, StoreError> {
		let folder = folder_of(state, genesis);
		let io = |error| StoreError::Io(folder.clone(), error);
		fs::create_dir_all(&folder).map_err(io)?;
		let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(io)?;
		match lock.try_lock() {
			Ok(()) => (),
			Err(fs::TryLockError::WouldBlock) => return Err(StoreError::Locked(folder)),
			Err(fs::TryLockError::Error(error)) => return Err(io(error)),
		}
		let records = read(&folder)?;
		Ok(Self { folder, records, _lock: lock })
	}

	/// The records, to look at: without the lock, and none where there is no folder.
	///
	/// # Errors
	/// [`StoreError::Io`], [`StoreError::Damaged`].
	pub fn look(state: &Path, genesis: [u8; 32]) -> Result<Records, StoreError> {
		let folder = folder_of(state, genesis);
		if !folder.is_dir() {
			return Ok(Records::new());
		}
		read(&folder)
	}

	/// All records.
	pub const fn records(&self) -> &Records {
		&self.records
	}

	/// The record of a window.
	pub fn get(&self, deal: DealId, day: Day) -> Option<&Record> {
		self.records.get(&(deal, day))
	}

	/// Writes a record down. Its voucher may be given away from then on.
	///
	/// # Errors
	/// It cannot be written.
	pub fn put(&mut self, deal: DealId, record: Record) -> io::Result<()> {
		let day = record.voucher.day;
		write_atomically(&self.folder, &self.path(deal, day), &serde_json::to_vec_pretty(&record)?)?;
		self.records.insert((deal, day), record);
		Ok(())
	}

	/// Forgets days that are long over.
	pub fn forget_before(&mut self, today: Day) {
		let is_old = |day: Day| day.0.saturating_add(KEPT_DAYS) < today.0;
		let old: Vec<_> = self.records.keys().copied().filter(|(_, day)| is_old(*day)).collect();
		for (deal, day) in old {
			self.records.remove(&(deal, day));
			// A file that stays is read again at the next start, and forgotten again.
			let _ = fs::remove_file(self.path(deal, day));
		}
	}

	fn path(&self, deal: DealId, day: Day) -> PathBuf {
		self.folder.join(format!("window-{}-{}.json", deal.0, day.0))
	}
}

fn read(folder: &Path) -> Result<Records, StoreError> {
	let mut records = Records::new();
	for entry in fs::read_dir(folder).map_err(|error| StoreError::Io(folder.into(), error))? {
		let path = entry.map_err(|error| StoreError::Io(folder.into(), error))?.path();
		let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
		let Some(("window", [deal, day])) = parts(name) else { continue };
		if path.extension().is_some_and(|extension| extension == "json") {
			let bytes = fs::read(&path).map_err(|error| StoreError::Io(path.clone(), error))?;
			let record = serde_json::from_slice(&bytes).map_err(|error| StoreError::Damaged(path.clone(), error))?;
			records.insert((DealId(deal), Day(day)), record);
		}
	}
	Ok(records)
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_primitives::Capacity;

	const GENESIS: [u8; 32] = [0xaa; 32];

	fn record(day: u32, at: u64) -> Record {
		let voucher = Voucher { day: Day(day), cumulative: Capacity(5), signature: "0x01".into() };
		Record { at, presence: Presence { seen: Some(7), weighted: 9 }, voucher }
	}

	#[test]
	fn what_was_acknowledged_is_there_after_a_restart_and_of_its_chain_alone() {
		let state = tempfile::tempdir().unwrap();
		let mut store = BuyerStore::open(state.path(), GENESIS).unwrap();
		store.put(DealId(3), record(11, 100)).unwrap();
		store.put(DealId(3), record(11, 101)).unwrap();
		assert!(matches!(BuyerStore::open(state.path(), GENESIS), Err(StoreError::Locked(_))));
		assert_eq!(BuyerStore::look(state.path(), GENESIS).unwrap().len(), 1);
		drop(store);
		let again = BuyerStore::open(state.path(), GENESIS).unwrap();
		assert_eq!(again.get(DealId(3), Day(11)), Some(&record(11, 101)));
		assert!(BuyerStore::look(state.path(), [1; 32]).unwrap().is_empty());
	}

	#[test]
	fn a_record_that_is_damaged_stops_the_buyer() {
		let state = tempfile::tempdir().unwrap();
		let mut store = BuyerStore::open(state.path(), GENESIS).unwrap();
		store.put(DealId(3), record(11, 100)).unwrap();
		fs::write(store.path(DealId(3), Day(11)), "{").unwrap();
		drop(store);
		assert!(matches!(BuyerStore::open(state.path(), GENESIS), Err(StoreError::Damaged(..))));
	}

	#[test]
	fn days_that_are_long_over_are_forgotten() {
		let state = tempfile::tempdir().unwrap();
		let mut store = BuyerStore::open(state.path(), GENESIS).unwrap();
		store.put(DealId(3), record(1, 100)).unwrap();
		store.put(DealId(3), record(2, 100)).unwrap();
		store.forget_before(Day(2 + KEPT_DAYS));
		assert_eq!(
			BuyerStore::look(state.path(), GENESIS).unwrap().into_keys().collect::<Vec<_>>(),
			[(DealId(3), Day(2))]
		);
	}
}
