//! The chain as the agent sees it.

pub mod delivery;
pub mod live;
pub mod memory;
pub mod node;
pub mod values;

use gcx_primitives::{ClassId, ResourceId, RoundId};
use std::future::Future;
use thiserror::Error;

/// A round of a resource, as far as its agent needs to know it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Round {
	/// Its number.
	pub id: RoundId,
	/// What seeds the solve.
	pub nonce: [u8; 32],
	/// The resource's class.
	pub class: ClassId,
	/// Devices of the resource.
	pub devices: u32,
	/// The slot that it was opened in.
	pub opened_slot: u64,
	/// When it was opened, in milliseconds since the Unix epoch by the chain's clock.
	pub opened_at: u64,
	/// The last slot in which it can be answered.
	pub answer_until: u64,
	/// Whether the seeded solve is asked for. None if the chain did not say.
	pub solves: Option<bool>,
	/// The account whose key signs its results. None if the chain did not say.
	pub agent: Option<[u8; 32]>,
	/// What it was answered with.
	pub answer: Option<Given>,
	/// Whether devices and rows were drawn: the answer's time is over.
	pub drawn: bool,
	/// Whether it has come to a result.
	pub closed: bool,
}

/// An answer that is on the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Given {
	/// What was committed to; none where the class asks for no solve.
	pub commitment: Option<[u8; 32]>,
}

/// An answer to a draw of a class that solves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
	/// Rows and columns.
	pub order: u32,
	/// What is committed to: [`gcx_evidence::solve::commitment`].
	pub commitment: [u8; 32],
}

/// What a block says of one resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
	/// The resource.
	pub resource: ResourceId,
	/// Its round in the best block.
	pub best: Option<Round>,
	/// Its round in the last finalised block.
	pub finalised: Option<Round>,
}

/// What a new best block says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct View {
	/// Its number.
	pub block: u64,
	/// Its slot.
	pub slot: u64,
	/// Milliseconds of a slot.
	pub slot_millis: u64,
	/// Each resource.
	pub seen: Vec<Seen>,
}

/// Why the chain said nothing.
#[derive(Debug, Error)]
pub enum ChainError {
	/// The node cannot be reached, or broke off, or said nothing for long. Worth trying again.
	#[error("the node at {url} is lost: {why}")]
	Lost {
		/// Where.
		url: String,
		/// Why.
		why: String,
	},
	/// The runtime is not as the agent knows it: a pallet, an entry or a field is missing. It may come with an upgrade.
	#[error("the runtime is not as expected: {0}")]
	Unexpected(String),
	/// The transaction was refused.
	#[error("the transaction was not accepted: {0}")]
	Refused(String),
	/// The runtime has no deliveries. They may come with an upgrade.
	#[error("the runtime has no deliveries")]
	NoDeliveries,
	/// The node is of another chain than before. Final.
	#[error("the node is of another chain than before")]
	OtherChain,
}

impl ChainError {
	/// Whether trying again is pointless.
	pub const fn is_final(&self) -> bool {
		match self {
			Self::OtherChain => true,
			Self::Lost { .. } | Self::Unexpected(_) | Self::Refused(_) | Self::NoDeliveries => false,
		}
	}
}

/// A chain with attestation rounds.
pub trait Chain: Send {
	/// Hash of its first block.
	fn genesis(&self) -> [u8; 32];

	/// Waits for a best block that was not seen yet. May be dropped before it is ready, and then called again, without missing the
	/// newest block.
	///
	/// After an error it connects anew when it is called again.
	fn next(&mut self) -> impl Future<Output = Result<View, ChainError>> + Send;

	/// Sends the answer to a draw, once. It counts only on chains that contain the block that was seen last: on another fork the same
	/// round may have another nonce, and the answer would be false there.
	fn answer(
		&mut self,
		resource: ResourceId,
		round: RoundId,
		answer: Option<Answer>,
	) -> impl Future<Output = Result<(), ChainError>> + Send;
}
