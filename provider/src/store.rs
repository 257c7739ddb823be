//! What the agent has done in which round, on disk: so that it never signs two results for one round.
//!
//! A record is written whole to a new file, synchronised, and renamed into place. It goes through three states:
//!
//! 1. **prepared**: the solutions, before they are committed to on the chain;
//! 2. **complete**: the content that is to be signed;
//! 3. **sealed**: the content may be signed from now on, and never changes again.
//!
//! Until it is sealed, a record can be replaced by one of another nonce: the chain's best blocks may turn out not to be
//! its final ones, and then the round of that number is another. Nothing was signed by then.

use gcx_evidence::{hex, Benchmark, Content, Document, OpenedSolution, Solve, FORMAT};
use gcx_primitives::{ResourceId, RoundId};
use serde::{Deserialize, Serialize};
use std::{
	collections::BTreeMap,
	fs::{self, File, OpenOptions},
	io::{self, Write},
	path::{Path, PathBuf},
	sync::{Arc, PoisonError, RwLock},
};
use thiserror::Error;

use crate::key::Key;
use codec::Encode;

/// Rounds of a resource that are kept.
pub const KEPT_ROUNDS: usize = 8;

/// What was done in one round.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Record {
	/// The resource.
	pub resource: ResourceId,
	/// The round.
	pub round: RoundId,
	/// Its nonce, hexadecimal with 0x.
	pub nonce: String,
	/// When the run began, in milliseconds since the Unix epoch.
	pub started_at: u64,
	/// Devices.
	pub devices: u32,
	/// The seeded solve, if the class asks for one.
	pub solve: Option<Solve>,
	/// Every device's solution.
	pub solutions: Vec<OpenedSolution>,
	/// The solve as a declared result.
	pub solve_benchmark: Option<Benchmark>,
	/// What is to be signed.
	pub content: Option<Content>,
	/// Whether that may be signed, and so never changes again.
	pub sealed: bool,
	/// The signature.
	pub signature: Option<String>,
}

impl Record {
	/// The hashes of its solutions.
	pub fn solution_hashes(&self) -> Vec<[u8; 32]> {
		let solutions = self.solve.iter().flat_map(|solve| &solve.solutions);
		solutions.filter_map(|text| hex::read_exact(text)).collect()
	}

	/// The document that is served, with the solutions of these devices. None until it is signed.
	pub fn document(&self, devices: &[u32]) -> Option<Document> {
		let opened = self.solutions.iter().filter(|solution| devices.contains(&solution.device)).cloned().collect();
		Some(Document { format: FORMAT, content: self.content.clone()?, opened, signature: self.signature.clone()? })
	}
}

/// Why something was not stored.
#[derive(Debug, Error)]
pub enum StoreError {
	/// The folder or a file in it cannot be read or written.
	#[error("{0}: {1}")]
	Io(PathBuf, io::Error),
	/// A record cannot be read. It may say that something was signed, so it is not overwritten.
	#[error("{0} is damaged: {1}. Until it is mended or its round is over, nothing can be signed safely")]
	Damaged(PathBuf, serde_json::Error),
	/// Another agent has this folder.
	#[error("another agent works with {0}")]
	Locked(PathBuf),
	/// A result of this round was signed for another nonce, or another content: a second one would be slashed.
	#[error("a result of round {} of resource {} was sealed already: a second one would be slashed", .round.0, .resource.0)]
	Sealed {
		/// The resource.
		resource: ResourceId,
		/// The round.
		round: RoundId,
	},
	/// A later round was sealed: this one is over.
	#[error("round {} of resource {} is over", .round.0, .resource.0)]
	Over {
		/// The resource.
		resource: ResourceId,
		/// The round.
		round: RoundId,
	},
	/// The record is not there, or not that far.
	#[error("nothing to sign for round {} of resource {}", .round.0, .resource.0)]
	Missing {
		/// The resource.
		resource: ResourceId,
		/// The round.
		round: RoundId,
	},
}

type Records = BTreeMap<(ResourceId, RoundId), Arc<Record>>;

/// The records of one chain.
#[derive(Debug)]
pub struct Store {
	folder: PathBuf,
	records: RwLock<Records>,
	_lock: File,
}

impl Store {
	/// Opens the records of a chain in a folder, which is made if it is not there. One agent at a time can.
	///
	/// # Errors
	/// [`StoreError::Io`], [`StoreError::Locked`], [`StoreError::Damaged`].
	pub fn open(state: &Path, genesis: [u8; 32]) -> Result<Self, StoreError> {
		let folder = state.join(hex::write(&genesis).trim_start_matches("0x"));
		let io = |error| StoreError::Io(folder.clone(), error);
		fs::create_dir_all(&folder).map_err(io)?;
		let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(io)?;
		match lock.try_lock() {
			Ok(()) => (),
			Err(fs::TryLockError::WouldBlock) => return Err(StoreError::Locked(folder)),
			Err(fs::TryLockError::Error(error)) => return Err(io(error)),
		}
		let mut records = Records::new();
		for entry in fs::read_dir(&folder).map_err(io)? {
			let path = entry.map_err(io)?.path();
			if path.extension().is_some_and(|extension| extension == "json") {
				let bytes = fs::read(&path).map_err(|error| StoreError::Io(path.clone(), error))?;
				let record: Record =
					serde_json::from_slice(&bytes).map_err(|error| StoreError::Damaged(path.clone(), error))?;
				records.insert((record.resource, record.round), Arc::new(record));
			}
		}
		Ok(Self { folder, records: RwLock::new(records), _lock: lock })
	}

	/// The folder of this chain.
	pub fn folder(&self) -> &Path {
		&self.folder
	}

	/// The record of a round.
	pub fn get(&self, resource: ResourceId, round: RoundId) -> Option<Arc<Record>> {
		self.records.read().unwrap_or_else(PoisonError::into_inner).get(&(resource, round)).cloned()
	}

	/// Stores what was prepared for a round, before it is committed to. If the same nonce was prepared before, that stays and is
	/// given back: what may have been committed to is what will be signed.
	///
	/// # Errors
	/// [`StoreError::Sealed`] if a result was sealed for another nonce, [`StoreError::Over`], [`StoreError::Io`].
	pub fn prepare(&self, record: Record) -> Result<Arc<Record>, StoreError> {
		let (resource, round) = (record.resource, record.round);
		let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
		if let Some(there) = records.get(&(resource, round)) {
			if there.nonce == record.nonce {
				return Ok(there.clone());
			}
			if there.sealed {
				return Err(StoreError::Sealed { resource, round });
			}
		}
		let later = (resource, round.next())..=(resource, RoundId(u32::MAX));
		if records.range(later).any(|(_, record)| record.sealed) {
			return Err(StoreError::Over { resource, round });
		}
		self.write(&mut records, record)
	}

	/// Stores the content that is to be signed. If there is one already, that stays.
	///
	/// # Errors
	/// [`StoreError::Missing`] if nothing was prepared, or for another nonce than `nonce`, [`StoreError::Io`].
	pub fn complete(&self, nonce: &str, content: Content) -> Result<Arc<Record>, StoreError> {
		let (resource, round) = (content.resource, content.round);
		let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
		let there = records
			.get(&(resource, round))
			.filter(|record| record.nonce == nonce)
			.ok_or(StoreError::Missing { resource, round })?;
		if there.content.is_some() {
			return Ok(there.clone());
		}
		let record = Record { content: Some(content), ..Record::clone(there) };
		self.write(&mut records, record)
	}

	/// Seals a round's content and signs it. Does nothing if it is signed.
	///
	/// # Errors
	/// [`StoreError::Missing`] if it is not complete, or has another nonce, [`StoreError::Io`].
	pub fn seal(
		&self,
		(resource, round): (ResourceId, RoundId),
		nonce: &str,
		genesis: [u8; 32],
		key: &Key,
	) -> Result<Arc<Record>, StoreError> {
		let missing = || StoreError::Missing { resource, round };
		let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
		let there = records.get(&(resource, round)).filter(|record| record.nonce == nonce).ok_or_else(missing)?;
		if there.signature.is_some() {
			return Ok(there.clone());
		}
		let payload = there.content.as_ref().ok_or_else(missing)?.signed_payload(genesis);
		// It is on disk that this content is the one before the key sees it.
		let record = Record { sealed: true, ..Record::clone(there) };
		let sealed = self.write(&mut records, record)?;
		let signature = Some(hex::write(&key.sign(&payload).encode()));
		let written = self.write(&mut records, Record { signature, ..Record::clone(&sealed) })?;
		self.prune(&mut records, resource);
		Ok(written)
	}

	fn write(&self, records: &mut Records, record: Record) -> Result<Arc<Record>, StoreError> {
		let path = self.path(record.resource, record.round);
		let bytes = serde_json::to_vec_pretty(&record).map_err(|error| StoreError::Io(path.clone(), error.into()))?;
		write_atomically(&self.folder, &path, &bytes).map_err(|error| StoreError::Io(path, error))?;
		let record = Arc::new(record);
		records.insert((record.resource, record.round), record.clone());
		Ok(record)
	}

	/// Drops the oldest rounds of a resource. The newest are kept, so that a round that is over stays over.
	fn prune(&self, records: &mut Records, resource: ResourceId) {
		let of_resource = (resource, RoundId(0))..=(resource, RoundId(u32::MAX));
		let rounds: Vec<_> = records.range(of_resource).map(|(key, _)| *key).collect();
		for key in rounds.iter().take(rounds.len().saturating_sub(KEPT_ROUNDS)) {
			records.remove(key);
			// A file that stays is read again at the next start, and dropped again.
			let _ = fs::remove_file(self.path(key.0, key.1));
		}
	}

	fn path(&self, resource: ResourceId, round: RoundId) -> PathBuf {
		self.folder.join(format!("{}-{}.json", resource.0, round.0))
	}
}

pub(crate) fn write_atomically(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
	let new = path.with_extension("new");
	let mut options = OpenOptions::new();
	options.create(true).truncate(true).write(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	let mut file = options.open(&new)?;
	file.write_all(bytes)?;
	file.sync_all()?;
	fs::rename(&new, path)?;
	File::open(folder)?.sync_all()
}
