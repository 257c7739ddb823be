//! The key that signs results and answers draws.

use sp_core::{
	crypto::{ExposeSecret, SecretString},
	sr25519, Pair,
};
use sp_runtime::{AccountId32, MultiSignature};
use std::{fmt, fs, path::PathBuf};
use thiserror::Error;

/// The longest key file that is read.
const MAX_BYTES: u64 = 4_096;

/// An sr25519 key. It is never shown: its `Debug` is its account.
#[derive(Clone)]
pub struct Key(sr25519::Pair);

/// Why there is no key. Never says what is in a file.
#[derive(Debug, Error)]
pub enum KeyError {
	/// The file cannot be read.
	#[error("the key file {0} cannot be read: {1}")]
	Unreadable(PathBuf, std::io::Error),
	/// Others than its owner may read the file.
	#[error("the key file {0} may be read by others (mode {1:03o}): chmod 600 it, and replace the key if somebody could have read it")]
	Exposed(PathBuf, u32),
	/// The file is empty, or too large for a key.
	#[error("the key file {0} holds no key")]
	Empty(PathBuf),
	/// What was given is no secret.
	#[error(
		"no key: neither a secret phrase, nor 32 bytes in hexadecimal with 0x, nor a development seed such as //Alice"
	)]
	Invalid,
}

impl Key {
	/// A key by what the command line or the configuration names: a development seed such as `//Alice`, which everybody has, or
	/// else a file with a secret phrase or a seed of 32 bytes in hexadecimal, which nobody but its owner may read.
	///
	/// # Errors
	/// See [`KeyError`].
	pub fn load(source: &str) -> Result<Self, KeyError> {
		if is_development(source) {
			return Self::from_secret(source);
		}
		let path = PathBuf::from(source);
		let unreadable = |error| KeyError::Unreadable(path.clone(), error);
		let metadata = fs::metadata(&path).map_err(unreadable)?;
		check_mode(&path, &metadata)?;
		if !metadata.is_file() || metadata.len() > MAX_BYTES {
			return Err(KeyError::Empty(path));
		}
		let text = SecretString::from(fs::read_to_string(&path).map_err(unreadable)?);
		let secret = text.expose_secret().trim();
		if secret.is_empty() {
			return Err(KeyError::Empty(path));
		}
		Self::from_secret(secret)
	}

	fn from_secret(secret: &str) -> Result<Self, KeyError> {
		sr25519::Pair::from_string(secret, None).map(Self).map_err(|_| KeyError::Invalid)
	}

	/// Its account.
	pub fn account(&self) -> AccountId32 {
		AccountId32::from(self.0.public().0)
	}

	/// A signature over a payload.
	pub fn sign(&self, payload: &[u8]) -> MultiSignature {
		MultiSignature::Sr25519(self.0.sign(payload))
	}

	/// The same as 64 bytes.
	pub fn sign_raw(&self, payload: &[u8]) -> [u8; 64] {
		self.0.sign(payload).0
	}
}

/// Whether a key is a development seed, which everybody has.
pub fn is_development(source: &str) -> bool {
	source.starts_with("//")
}

impl fmt::Debug for Key {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "Key({})", self.account())
	}
}

#[cfg(unix)]
fn check_mode(path: &std::path::Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
	use std::os::unix::fs::PermissionsExt;
	let mode = metadata.permissions().mode() & 0o777;
	if mode & 0o077 != 0 {
		return Err(KeyError::Exposed(path.to_owned(), mode));
	}
	Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &std::path::Path, _: &fs::Metadata) -> Result<(), KeyError> {
	Ok(())
}

#[cfg(all(test, unix))]
mod tests {
	use super::*;
	use sp_runtime::traits::Verify;
	use std::os::unix::fs::PermissionsExt;

	const SEED: &str = "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";

	fn file(text: &str, mode: u32) -> tempfile::NamedTempFile {
		let file = tempfile::NamedTempFile::new().unwrap();
		fs::write(file.path(), text).unwrap();
		fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
		file
	}

	fn load(file: &tempfile::NamedTempFile) -> Result<Key, KeyError> {
		Key::load(file.path().to_str().unwrap())
	}

	#[test]
	fn a_key_file_is_read_when_only_its_owner_may() {
		let key = load(&file(&format!("{SEED}\n"), 0o600)).unwrap();
		assert_eq!(key.account(), Key::load("//Alice").unwrap().account());
		assert!(key.sign(b"payload").verify(&b"payload"[..], &key.account()));
	}

	#[test]
	fn a_key_file_that_others_may_read_is_refused() {
		for mode in [0o640, 0o604, 0o644, 0o660] {
			assert!(matches!(load(&file(SEED, mode)), Err(KeyError::Exposed(_, shown)) if shown == mode));
		}
	}

	#[test]
	fn a_file_that_holds_no_key_is_refused_without_saying_what_it_holds() {
		assert!(matches!(load(&file("  \n", 0o600)), Err(KeyError::Empty(_))));
		assert!(matches!(load(&file(&"x".repeat(5_000), 0o600)), Err(KeyError::Empty(_))));
		let refused = load(&file("hunter2 hunter2", 0o600)).unwrap_err();
		assert!(matches!(refused, KeyError::Invalid) && !refused.to_string().contains("hunter2"));
		assert!(matches!(Key::load("/nonexistent/key"), Err(KeyError::Unreadable(..))));
	}

	#[test]
	fn a_key_is_never_shown() {
		let key = Key::load("//Alice").unwrap();
		assert_eq!(format!("{key:?}"), "Key(5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY)");
	}
}
