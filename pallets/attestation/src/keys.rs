//! The type of attestors' keys.

use sp_application_crypto::KeyTypeId;

/// The type of attestors' keys in a node's keystore.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"atst");

/// Attestors' keys on sr25519. An attestor's account is its public key.
pub mod sr25519 {
	use sp_runtime::{traits::Convert, AccountId32};

	mod app_sr25519 {
		use sp_application_crypto::{app_crypto, sr25519};
		app_crypto!(sr25519, super::super::KEY_TYPE);
	}

	sp_application_crypto::with_pair! {
		/// An attestor's pair of keys.
		pub type AuthorityPair = app_sr25519::Pair;
	}

	/// A signature of an attestor.
	pub type AuthoritySignature = app_sr25519::Signature;

	/// An attestor's public key.
	pub type AuthorityId = app_sr25519::Public;

	/// The account whose key it is: the bytes of the key.
	pub struct KeyAccount;

	impl Convert<AuthorityId, AccountId32> for KeyAccount {
		fn convert(key: AuthorityId) -> AccountId32 {
			sp_application_crypto::sr25519::Public::from(key).into()
		}
	}
}
