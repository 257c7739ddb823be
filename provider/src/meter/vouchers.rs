//! Vouchers and polls: what a buyer and a seller's agent sign, and how they say it to each other.
//!
//! The agent polls the buyer's endpoint, and proves by its signature that it is the resource's. The buyer answers with its newest
//! voucher: what it has received of that day, all together.

use codec::{Decode, Encode};
use gcx_evidence::hex;
use gcx_primitives::{Capacity, Day, DealId};
use serde::{Deserialize, Serialize};
use sp_runtime::{traits::Verify, AccountId32, MultiSignature};

use crate::key::Key;

/// The longest signature that is read, in bytes.
const MAX_SIGNATURE: usize = 66;

/// What a buyer's key signs: for this chain, this deal and this day, so much in all.
pub fn voucher_payload(genesis: [u8; 32], deal: DealId, day: Day, cumulative: Capacity) -> Vec<u8> {
	(b"gcx/voucher/1", genesis, deal.0, day.0, cumulative.0).encode()
}

/// What an agent's key signs when it polls, at a time in seconds since the Unix epoch.
pub fn poll_payload(genesis: [u8; 32], deal: DealId, day: Day, at: u64) -> Vec<u8> {
	(b"gcx/meter/1", genesis, deal.0, day.0, at).encode()
}

/// A poll, as it is sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
	/// The day.
	pub day: Day,
	/// When, in seconds since the Unix epoch.
	pub at: u64,
	/// Of the resource's agent: SCALE of a `MultiSignature`, in hexadecimal.
	pub signature: String,
}

impl Poll {
	/// A poll, signed.
	pub fn new(genesis: [u8; 32], deal: DealId, day: Day, at: u64, key: &Key) -> Self {
		Self { day, at, signature: write(&key.sign(&poll_payload(genesis, deal, day, at))) }
	}

	/// Whether this agent signed it for this chain and deal.
	pub fn is_signed_by(&self, genesis: [u8; 32], deal: DealId, agent: [u8; 32]) -> bool {
		let payload = poll_payload(genesis, deal, self.day, self.at);
		read(&self.signature).is_some_and(|it| it.verify(payload.as_slice(), &AccountId32::new(agent)))
	}
}

/// A voucher, as it is sent and stored.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Voucher {
	/// The day.
	pub day: Day,
	/// What was received of that day, all together, in millionths of a Compute Hour.
	pub cumulative: Capacity,
	/// Of the deal's key: SCALE of a `MultiSignature`, in hexadecimal.
	pub signature: String,
}

impl Voucher {
	/// A voucher, signed.
	pub fn new(genesis: [u8; 32], deal: DealId, day: Day, cumulative: Capacity, key: &Key) -> Self {
		let signature = write(&key.sign(&voucher_payload(genesis, deal, day, cumulative)));
		Self { day, cumulative, signature }
	}

	/// Its signature, if this key signed it for this chain and deal.
	pub fn signed_by(&self, genesis: [u8; 32], deal: DealId, key: [u8; 32]) -> Option<MultiSignature> {
		let payload = voucher_payload(genesis, deal, self.day, self.cumulative);
		read(&self.signature).filter(|it| it.verify(payload.as_slice(), &AccountId32::new(key)))
	}
}

fn write(signature: &MultiSignature) -> String {
	hex::write(&signature.encode())
}

fn read(text: &str) -> Option<MultiSignature> {
	if text.len() > MAX_SIGNATURE * 2 + 2 {
		return None;
	}
	let bytes = hex::read(text)?;
	let mut rest = bytes.as_slice();
	MultiSignature::decode(&mut rest).ok().filter(|_| rest.is_empty())
}

/// Millionths of a Compute Hour for people: `12.5 CH`.
pub fn hours(capacity: Capacity) -> String {
	let (whole, part) = (capacity.0 / Capacity::PER_HOUR, capacity.0 % Capacity::PER_HOUR);
	let text = format!("{whole}.{part:06}");
	format!("{} CH", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
	use super::*;

	const GENESIS: [u8; 32] = [0xaa; 32];

	fn key() -> Key {
		Key::load("//Alice").unwrap()
	}

	#[test]
	fn what_is_signed_is_as_the_chain_reads_it() {
		let mut expected = b"gcx/voucher/1".to_vec();
		expected.extend([0xaa; 32]);
		expected.extend([3, 0, 0, 0, 0x10, 0x27, 0, 0]);
		expected.extend(1_500_000u128.to_le_bytes());
		assert_eq!(voucher_payload(GENESIS, DealId(3), Day(10_000), Capacity(1_500_000)), expected);
		let typed = (b"gcx/voucher/1", GENESIS, DealId(3), Day(10_000), Capacity(1_500_000)).encode();
		assert_eq!(typed, expected);
		let mut expected = b"gcx/meter/1".to_vec();
		expected.extend([0xaa; 32]);
		expected.extend([3, 0, 0, 0, 0x10, 0x27, 0, 0]);
		expected.extend(7u64.to_le_bytes());
		assert_eq!(poll_payload(GENESIS, DealId(3), Day(10_000), 7), expected);
	}

	#[test]
	fn a_voucher_is_good_for_one_chain_deal_day_and_quantity_of_one_key() {
		let account = key().account().into();
		let voucher = Voucher::new(GENESIS, DealId(3), Day(10), Capacity(5), &key());
		assert!(voucher.signed_by(GENESIS, DealId(3), account).is_some());
		assert!(voucher.signed_by([0xbb; 32], DealId(3), account).is_none());
		assert!(voucher.signed_by(GENESIS, DealId(4), account).is_none());
		assert!(voucher.signed_by(GENESIS, DealId(3), [1; 32]).is_none());
		assert!(Voucher { day: Day(11), ..voucher.clone() }.signed_by(GENESIS, DealId(3), account).is_none());
		let more = Voucher { cumulative: Capacity(6), ..voucher };
		assert!(more.signed_by(GENESIS, DealId(3), account).is_none());
	}

	#[test]
	fn a_poll_is_good_for_one_chain_deal_day_and_time_of_one_agent() {
		let account = key().account().into();
		let poll = Poll::new(GENESIS, DealId(3), Day(10), 7, &key());
		assert!(poll.is_signed_by(GENESIS, DealId(3), account));
		assert!(!poll.is_signed_by([0xbb; 32], DealId(3), account));
		assert!(!poll.is_signed_by(GENESIS, DealId(4), account));
		assert!(!poll.is_signed_by(GENESIS, DealId(3), [1; 32]));
		assert!(!Poll { day: Day(11), ..poll.clone() }.is_signed_by(GENESIS, DealId(3), account));
		assert!(!Poll { at: 8, ..poll }.is_signed_by(GENESIS, DealId(3), account));
	}

	#[test]
	fn a_signature_that_is_none_is_refused() {
		let good = Voucher::new(GENESIS, DealId(3), Day(10), Capacity(5), &key());
		let account = key().account().into();
		for text in ["", "0x", "0x01", "nonsense", &format!("{}00", good.signature), &"0x00".repeat(100_000)] {
			let voucher = Voucher { signature: text.to_owned(), ..good.clone() };
			assert!(voucher.signed_by(GENESIS, DealId(3), account).is_none(), "{text}");
		}
	}

	#[test]
	fn hours_are_written_without_zeros_at_their_end() {
		assert_eq!(hours(Capacity(0)), "0 CH");
		assert_eq!(hours(Capacity(12_500_000)), "12.5 CH");
		assert_eq!(hours(Capacity(20_000_000)), "20 CH");
		assert_eq!(hours(Capacity(1)), "0.000001 CH");
	}
}
