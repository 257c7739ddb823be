//! The pallet's types.

use crate::{Config, FillRefusal, OrderRefusal};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::fungible::Inspect;
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{
	AccountKey, Cash, ContractState, ContractTerms, FinalPrice, InstrumentId, Lots, Price, Side, SubAccount,
};
use scale_info::TypeInfo;
use sp_core::H256;

/// Balance of the bonded token, in its smallest unit.
pub type BalanceOf<T> = <<T as Config>::NativeBalance as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// [`Order`] of the runtime's types.
pub type OrderOf<T> = Order<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// [`SignedOrder`] of the runtime's types.
pub type SignedOrderOf<T> =
	SignedOrder<<T as frame_system::Config>::AccountId, BlockNumberFor<T>, <T as Config>::OrderSignature>;

/// [`OrderRefusal`] of the runtime's types.
pub type OrderRefusalOf<T> = OrderRefusal<BlockNumberFor<T>>;

/// [`FillRefusal`] of the runtime's types.
pub type FillRefusalOf<T> = FillRefusal<BlockNumberFor<T>>;

/// [`Venue`] of the runtime's types.
pub type VenueOf<T> = Venue<BalanceOf<T>, BlockNumberFor<T>>;

/// [`Proposal`] of the runtime's types.
pub type ProposalOf<T> = Proposal<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// [`SweepCursor`] of the runtime's block number.
pub type SweepCursorOf<T> = SweepCursor<BlockNumberFor<T>>;

/// An order's name: the hash of what its owner signs.
pub type OrderId = H256;

/// A contract.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Contract {
	/// What was agreed when it was listed.
	pub terms: ContractTerms,
	/// Governance made it reduce-only.
	pub restricted: bool,
	/// The state that was last announced by an event. What holds is [`Contract::state`].
	pub announced: ContractState,
	/// How far it is from its final price. Only a contract that has expired comes any further.
	pub final_price: FinalPrice,
}

impl Contract {
	/// A contract as it is listed at the time `now`.
	pub(crate) fn new(terms: ContractTerms, now: u64) -> Self {
		let mut contract =
			Self { terms, restricted: false, announced: ContractState::Listed, final_price: FinalPrice::default() };
		contract.announced = contract.state(now);
		contract
	}

	/// What can be done with it at the time `now`, in milliseconds since the Unix epoch.
	pub const fn state(&self, now: u64) -> ContractState {
		if now >= self.terms.expires {
			ContractState::Expired
		} else if now < self.terms.opens {
			ContractState::Listed
		} else if self.restricted || now >= self.terms.reduce_only_from {
			ContractState::ReduceOnly
		} else {
			ContractState::Trading
		}
	}
}

/// A proposed listing's number. Numbers are counted up and never used again.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub struct ProposalId(pub u32);

/// A contract that a seat's holder would have listed.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Proposal<AccountId, Balance> {
	/// Who proposed it.
	pub proposer: AccountId,
	/// What is held of it on the proposer's account.
	pub deposit: Balance,
	/// What would be agreed.
	pub terms: ContractTerms,
	/// The first settlement price.
	pub settlement: Price,
}

/// An offer to trade, signed by its owner off the chain. Whoever has it can have it filled, within what it says.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Order<AccountId, BlockNumber> {
	/// Whose it is, and who signs it.
	pub account: AccountId,
	/// Which of the owner's margin accounts trades.
	pub sub: SubAccount,
	/// What is traded.
	pub instrument: InstrumentId,
	/// Whether lots are bought or sold.
	pub side: Side,
	/// How many lots, all fills together. More than none.
	pub lots: Lots,
	/// The highest price to buy at, or the lowest to sell at.
	pub limit: Price,
	/// The largest fee per lot: a fill of `n` lots costs at most `n` times as much.
	pub max_fee_per_lot: Cash,
	/// The only venue that may fill it; none for any venue, and for anyone who takes it.
	pub venue: Option<AccountId>,
	/// The last block in which it can be filled.
	pub expires: BlockNumber,
	/// Tells apart orders that say the same otherwise.
	pub salt: u64,
	/// It is filled only as far as that lowers the position.
	pub reduce_only: bool,
}

impl<AccountId: Clone, BlockNumber> Order<AccountId, BlockNumber> {
	/// The margin account that trades.
	pub fn key(&self) -> AccountKey<AccountId> {
		AccountKey { owner: self.account.clone(), sub: self.sub }
	}
}

/// An order and its owner's signature.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct SignedOrder<AccountId, BlockNumber, Signature> {
	/// The order.
	pub order: Order<AccountId, BlockNumber>,
	/// The signature of [`Pallet::order_payload`](crate::Pallet::order_payload), or of that between `<Bytes>` and `</Bytes>`.
	pub signature: Signature,
}

/// Two orders that a venue brought together.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Fill {
	/// The order that waited, as its place in the call's list.
	pub maker: u16,
	/// The order that met it, as its place in the call's list.
	pub taker: u16,
	/// How many lots are traded.
	pub lots: Lots,
	/// At what price.
	pub price: Price,
}

/// What is remembered of an order until it has expired.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct OrderRecord {
	/// The order's lots.
	pub lots: Lots,
	/// How many of them have been filled.
	pub filled: Lots,
	/// Its owner cancelled what was left.
	pub cancelled: bool,
}

impl OrderRecord {
	/// What there is to remember of an order that nothing happened to.
	pub(crate) const fn untouched(lots: Lots) -> Self {
		Self { lots, filled: Lots::ZERO, cancelled: false }
	}
}

/// An order after a fill.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct FilledOrder {
	/// Which.
	pub order: OrderId,
	/// Its lots.
	pub lots: Lots,
	/// How many of them have been filled by now.
	pub filled: Lots,
}

/// How far expired orders have been forgotten.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct SweepCursor<BlockNumber> {
	/// Nothing is remembered of orders that expired before this block.
	pub block: BlockNumber,
	/// Of those that expire in that block nothing is remembered up to this one.
	pub after: Option<OrderId>,
}

/// Who matches orders.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Venue<Balance, BlockNumber> {
	/// Its bond, held on its account.
	pub bond: Balance,
	/// Governance suspended it.
	pub suspended: bool,
	/// It is leaving; its bond can be withdrawn from this block on.
	pub leaving: Option<BlockNumber>,
}
