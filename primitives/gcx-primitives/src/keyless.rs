//! Accounts that nobody has the key of.

use codec::{Decode, Error, Input};

/// The account whose id is a hash of what it is for. Nobody has its key: that would have to be found for the hash. An
/// id shorter than the hash is its first bytes; a longer one ends in zeroes.
///
/// The caller hashes a domain of its own with all that tells its accounts apart, so that no two are the same.
///
/// # Panics
/// An account id is of fixed length, and any bytes of that length are one. For a type that is not so this may panic.
pub fn keyless_account<AccountId: Decode>(hash: [u8; 32]) -> AccountId {
	AccountId::decode(&mut EndingInZeroes(&hash)).expect("an account id is of fixed length and any bytes are one; qed")
}

/// Bytes, and zeroes without end after them.
struct EndingInZeroes<'a>(&'a [u8]);

impl Input for EndingInZeroes<'_> {
	fn remaining_len(&mut self) -> Result<Option<usize>, Error> {
		Ok(None)
	}

	fn read(&mut self, into: &mut [u8]) -> Result<(), Error> {
		let (known, rest) = self.0.split_at(self.0.len().min(into.len()));
		let (head, tail) = into.split_at_mut(known.len());
		head.copy_from_slice(known);
		tail.fill(0);
		self.0 = rest;
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_id_is_the_hash_where_it_is_as_long() {
		assert_eq!(keyless_account::<[u8; 32]>([7; 32]), [7; 32]);
	}

	#[test]
	fn an_id_is_cut_from_the_hash_where_it_is_shorter() {
		let hash: [u8; 32] = core::array::from_fn(|index| u8::try_from(index).unwrap());
		assert_eq!(keyless_account::<[u8; 20]>(hash), hash[..20]);
		assert_eq!(keyless_account::<u64>(hash), u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7]));
		assert_eq!(keyless_account::<(u64, u64)>([1; 32]).1, u64::from_le_bytes([1; 8]));
	}

	#[test]
	fn an_id_ends_in_zeroes_where_it_is_longer() {
		let (head, tail) = keyless_account::<([u8; 30], [u8; 6])>([7; 32]);
		assert_eq!((head, tail), ([7; 30], [7, 7, 0, 0, 0, 0]));
	}
}
