//! Who made this block.

use crate::{AccountId, Babe, BlockNumber, Runtime, Token};

/// Who made this block earns by it.
pub struct Author;

impl pallet_authorship::EventHandler<AccountId, BlockNumber> for Author {
	/// What that weighs is in what a block of the token's pallet does.
	fn note_author(author: AccountId) {
		Token::authored(&author);
	}
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = Author;
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
}
