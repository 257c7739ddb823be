//! What the meter knows, on disk: the vouchers that it holds, and how much of each day its resources were there. A file is whole or not
//! there at all, and on disk before anything follows from it.

use super::{presence::Presence, vouchers::Voucher};
use crate::store::write_atomically;
use gcx_primitives::{Day, DealId, ResourceId};
use serde::{de::DeserializeOwned, Serialize};
use std::{
	collections::BTreeMap,
	fs, io,
	path::{Path, PathBuf},
	str::FromStr,
};

/// Days for which what is known is kept after they are over, whatever happens.
pub const KEPT_DAYS: u32 = 8;

/// The meter's part of an agent's state folder. Whoever has that folder's lock has this.
#[derive(Debug)]
pub struct MeterStore {
	folder: PathBuf,
	vouchers: BTreeMap<(DealId, Day), Voucher>,
	presence: BTreeMap<(ResourceId, Day), Presence>,
}

impl MeterStore {
	/// Opens a folder, which is made if it is not there. A file that cannot be read is passed over, and named: a buyer signs again
	/// what is asked for again.
	///
	/// # Errors
	/// The folder cannot be read or made.
	pub fn open(folder: PathBuf) -> io::Result<(Self, Vec<PathBuf>)> {
		fs::create_dir_all(&folder)?;
		let mut store = Self { folder, vouchers: BTreeMap::new(), presence: BTreeMap::new() };
		let mut damaged = Vec::new();
		for entry in fs::read_dir(&store.folder)? {
			let path = entry?.path();
			let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
			if path.extension().is_none_or(|extension| extension != "json") {
				continue;
			}
			if let (Some(("voucher", [deal, day])), Some(voucher)) = (parts(name), read::<Voucher>(&path)) {
				store.vouchers.insert((DealId(deal), Day(day)), voucher);
			} else if let (Some(("presence", [resource, day])), Some(presence)) = (parts(name), read(&path)) {
				store.presence.insert((ResourceId(resource), Day(day)), presence);
			} else {
				damaged.push(path);
			}
		}
		Ok((store, damaged))
	}

	/// The highest voucher of a window.
	pub fn voucher(&self, deal: DealId, day: Day) -> Option<&Voucher> {
		self.vouchers.get(&(deal, day))
	}

	/// Keeps a voucher. It counts as received from then on.
	///
	/// # Errors
	/// It cannot be written; then it does not count.
	pub fn keep(&mut self, deal: DealId, voucher: Voucher) -> io::Result<()> {
		self.write(&format!("voucher-{}-{}", deal.0, voucher.day.0), &voucher)?;
		self.vouchers.insert((deal, voucher.day), voucher);
		Ok(())
	}

	/// How much of a day a resource was there.
	pub fn presence(&self, resource: ResourceId, day: Day) -> Presence {
		self.presence.get(&(resource, day)).copied().unwrap_or_default()
	}

	/// Notes how much of a day a resource was there.
	///
	/// # Errors
	/// It cannot be written; then it is not noted.
	pub fn note(&mut self, resource: ResourceId, day: Day, presence: Presence) -> io::Result<()> {
		if self.presence(resource, day) == presence {
			return Ok(());
		}
		self.write(&format!("presence-{}-{}", resource.0, day.0), &presence)?;
		self.presence.insert((resource, day), presence);
		Ok(())
	}

	/// Forgets days that are long over.
	pub fn forget_before(&mut self, today: Day) {
		let is_old = |day: Day| day.0.saturating_add(KEPT_DAYS) < today.0;
		let old: Vec<_> = self.vouchers.keys().copied().filter(|(_, day)| is_old(*day)).collect();
		for (deal, day) in old {
			self.vouchers.remove(&(deal, day));
			// A file that stays is read again at the next start, and forgotten again.
			let _ = fs::remove_file(self.path(&format!("voucher-{}-{}", deal.0, day.0)));
		}
		let old: Vec<_> = self.presence.keys().copied().filter(|(_, day)| is_old(*day)).collect();
		for (resource, day) in old {
			self.presence.remove(&(resource, day));
			let _ = fs::remove_file(self.path(&format!("presence-{}-{}", resource.0, day.0)));
		}
	}

	fn path(&self, name: &str) -> PathBuf {
		self.folder.join(format!("{name}.json"))
	}

	fn write(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
		write_atomically(&self.folder, &self.path(name), &serde_json::to_vec(value)?)
	}
}

/// A name such as `voucher-3-20000`.
pub(crate) fn parts(name: &str) -> Option<(&str, [u32; 2])> {
	let (rest, last) = name.rsplit_once('-')?;
	let (kind, first) = rest.rsplit_once('-')?;
	Some((kind, [u32::from_str(first).ok()?, u32::from_str(last).ok()?]))
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
	serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_primitives::Capacity;

	const DEAL: DealId = DealId(3);
	const RESOURCE: ResourceId = ResourceId(7);

	fn voucher(day: u32, cumulative: u128) -> Voucher {
		Voucher { day: Day(day), cumulative: Capacity(cumulative), signature: "0x01".into() }
	}

	fn open(folder: &Path) -> (MeterStore, Vec<PathBuf>) {
		MeterStore::open(folder.join("meter")).unwrap()
	}

	#[test]
	fn what_is_kept_is_there_after_a_restart() {
		let folder = tempfile::tempdir().unwrap();
		let (mut store, _) = open(folder.path());
		let presence = Presence { seen: Some(5), weighted: 6 };
		store.keep(DEAL, voucher(11, u128::MAX)).unwrap();
		store.note(RESOURCE, Day(11), presence).unwrap();
		let (again, damaged) = open(folder.path());
		assert!(damaged.is_empty());
		assert_eq!(again.voucher(DEAL, Day(11)), Some(&voucher(11, u128::MAX)));
		assert_eq!(again.voucher(DEAL, Day(12)), None);
		assert_eq!(again.presence(RESOURCE, Day(11)), presence);
		assert_eq!(again.presence(RESOURCE, Day(12)), Presence::default());
	}

	#[test]
	fn a_file_that_cannot_be_read_is_named_and_passed_over() {
		let folder = tempfile::tempdir().unwrap();
		let (mut store, _) = open(folder.path());
		store.keep(DEAL, voucher(11, 1)).unwrap();
		for (name, text) in [("voucher-3-12.json", "{"), ("voucher-3.json", "{}"), ("presence-7-11.json", "[]")] {
			fs::write(folder.path().join("meter").join(name), text).unwrap();
		}
		fs::write(folder.path().join("meter/voucher-3-13.new"), "half").unwrap();
		let (again, damaged) = open(folder.path());
		assert_eq!(damaged.len(), 3, "{damaged:?}");
		assert!(again.voucher(DEAL, Day(11)).is_some());
	}

	#[test]
	fn days_that_are_long_over_are_forgotten() {
		let folder = tempfile::tempdir().unwrap();
		let (mut store, _) = open(folder.path());
		for day in [1, 2] {
			store.keep(DEAL, voucher(day, 1)).unwrap();
			store.note(RESOURCE, Day(day), Presence { seen: Some(1), weighted: 1 }).unwrap();
		}
		store.forget_before(Day(2 + KEPT_DAYS));
		let (again, _) = open(folder.path());
		assert!(again.voucher(DEAL, Day(1)).is_none() && again.voucher(DEAL, Day(2)).is_some());
		assert_eq!((store.presence(RESOURCE, Day(1)).seen, again.presence(RESOURCE, Day(1)).seen), (None, None));
		assert!(again.presence(RESOURCE, Day(2)).seen.is_some());
	}
}
