//! Why a fill is refused: as it is reported in a batch, and as the error of a call.

use crate::{types::FillRefusalOf, Config, ContractState, Error};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Cash, InstrumentId, Lots, Price, ReduceOnlyCause, Refusal, Refused, Role, Side};
use scale_info::TypeInfo;

/// Why an order is not filled.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum OrderRefusal<BlockNumber> {
	/// It is for no lots, or for more than the exchange deals in.
	#[codec(index = 0)]
	LotsOutOfRange {
		/// Its lots.
		lots: Lots,
	},
	/// It has expired.
	#[codec(index = 1)]
	Expired {
		/// The last block in which it could be filled.
		expires: BlockNumber,
	},
	/// It lives longer than an order may from now.
	#[codec(index = 2)]
	LivesTooLong {
		/// The last block in which it can be filled.
		expires: BlockNumber,
		/// The latest such block that an order may have.
		latest: BlockNumber,
	},
	/// It names another venue, or is taken although it names one.
	#[codec(index = 3)]
	OtherVenue,
	/// Its owner did not sign it for this chain.
	#[codec(index = 4)]
	BadSignature,
	/// Its owner cancelled it.
	#[codec(index = 5)]
	Cancelled,
	/// It has fewer lots left.
	#[codec(index = 6)]
	TooFewLots {
		/// What is left of it.
		had: Lots,
		/// The fill's lots.
		needed: Lots,
	},
	/// The price is worse than its limit.
	#[codec(index = 7)]
	PriceBeyondLimit {
		/// Its limit.
		limit: Price,
		/// The fill's price.
		price: Price,
	},
	/// The fee would be more than it allows for so many lots.
	#[codec(index = 8)]
	FeeTooHigh {
		/// The largest fee.
		most: Cash,
		/// The fee.
		needed: Cash,
	},
}

/// Why a fill is not taken. Nothing has changed then.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum FillRefusal<BlockNumber> {
	/// The fill refers to a place in the list of orders where there is none.
	#[codec(index = 0)]
	NoSuchOrder {
		/// The place.
		place: u16,
		/// How many orders there are.
		orders: u32,
	},
	/// Both orders buy, or both sell.
	#[codec(index = 1)]
	SameSide {
		/// What both do.
		side: Side,
	},
	/// The orders are for different contracts.
	#[codec(index = 2)]
	DifferentInstruments {
		/// The maker's.
		maker: InstrumentId,
		/// The taker's.
		taker: InstrumentId,
	},
	/// The fill is of no lots, or of more than the exchange deals in.
	#[codec(index = 3)]
	LotsOutOfRange {
		/// The fill's lots.
		lots: Lots,
	},
	/// The price is none that the exchange deals in.
	#[codec(index = 4)]
	PriceOutOfRange {
		/// The fill's price.
		price: Price,
	},
	/// There is no such contract.
	#[codec(index = 5)]
	UnknownInstrument,
	/// The contract is not traded yet, or no longer.
	#[codec(index = 6)]
	NotTrading {
		/// Its state.
		state: ContractState,
	},
	/// One of the orders is not filled, or the fee is more than who takes an order allowed.
	#[codec(index = 7)]
	Order {
		/// Which.
		role: Role,
		/// Why.
		reason: OrderRefusal<BlockNumber>,
	},
	/// A figure would be beyond the exchange's bounds.
	#[codec(index = 8)]
	OutOfBounds,
	/// Clearing does not take the trade over.
	#[codec(index = 9)]
	Clearing(Refused),
}

impl<BlockNumber> From<ArithmeticError> for FillRefusal<BlockNumber> {
	fn from(_: ArithmeticError) -> Self {
		Self::OutOfBounds
	}
}

impl<BlockNumber> From<Refused> for FillRefusal<BlockNumber> {
	fn from(refused: Refused) -> Self {
		Self::Clearing(refused)
	}
}

impl<T: Config> From<FillRefusalOf<T>> for Error<T> {
	fn from(refusal: FillRefusalOf<T>) -> Self {
		match refusal {
			FillRefusal::NoSuchOrder { .. } => Self::NoSuchOrder,
			FillRefusal::SameSide { .. } => Self::SameSide,
			FillRefusal::DifferentInstruments { .. } => Self::DifferentInstruments,
			FillRefusal::LotsOutOfRange { .. } => Self::LotsOutOfRange,
			FillRefusal::PriceOutOfRange { .. } => Self::PriceOutOfRange,
			FillRefusal::UnknownInstrument => Self::UnknownInstrument,
			FillRefusal::NotTrading { .. } => Self::NotTrading,
			FillRefusal::Order { reason, .. } => reason.into(),
			FillRefusal::OutOfBounds => Self::OutOfBounds,
			FillRefusal::Clearing(refused) => refused.reason.into(),
		}
	}
}

impl<T: Config, BlockNumber> From<OrderRefusal<BlockNumber>> for Error<T> {
	fn from(refusal: OrderRefusal<BlockNumber>) -> Self {
		match refusal {
			OrderRefusal::LotsOutOfRange { .. } => Self::OrderLotsOutOfRange,
			OrderRefusal::Expired { .. } => Self::OrderExpired,
			OrderRefusal::LivesTooLong { .. } => Self::OrderLivesTooLong,
			OrderRefusal::OtherVenue => Self::OtherVenue,
			OrderRefusal::BadSignature => Self::BadSignature,
			OrderRefusal::Cancelled => Self::OrderCancelled,
			OrderRefusal::TooFewLots { .. } => Self::TooFewLots,
			OrderRefusal::PriceBeyondLimit { .. } => Self::PriceBeyondLimit,
			OrderRefusal::FeeTooHigh { .. } => Self::FeeTooHigh,
		}
	}
}

impl<T: Config> From<Refusal> for Error<T> {
	fn from(refusal: Refusal) -> Self {
		match refusal {
			Refusal::UnknownInstrument => Self::UnknownInstrument,
			Refusal::Quarantined => Self::Quarantined,
			Refusal::LotsOutOfRange => Self::LotsOutOfRange,
			Refusal::PriceOutsideBand { .. } => Self::PriceOutsideBand,
			Refusal::SelfTrade => Self::SelfTrade,
			Refusal::UnknownAccount => Self::UnknownAccount,
			Refusal::ReduceOnly(ReduceOnlyCause::Order) => Self::OrderReduceOnly,
			Refusal::ReduceOnly(ReduceOnlyCause::Contract) => Self::ContractReduceOnly,
			Refusal::ReduceOnly(ReduceOnlyCause::NoMark) => Self::NoMark,
			Refusal::ReduceOnly(ReduceOnlyCause::Guarantor) => Self::GuarantorReduceOnly,
			Refusal::ReduceOnly(ReduceOnlyCause::Customer) => Self::CustomerSuspended,
			Refusal::ReduceOnly(ReduceOnlyCause::Account) => Self::AccountReduceOnly,
			Refusal::TooManyPositions => Self::TooManyPositions,
			Refusal::AccountLimit { .. } => Self::AccountLimit,
			Refusal::OwnerLimit { .. } => Self::OwnerLimit,
			Refusal::GuarantorLotsLimit { .. } => Self::GuarantorLotsLimit,
			Refusal::GuarantorMarginLimit { .. } => Self::GuarantorMarginLimit,
			Refusal::InsufficientCash { .. } => Self::InsufficientCash,
			Refusal::InsufficientMargin { .. } => Self::InsufficientMargin,
			Refusal::OutOfBounds => Self::OutOfBounds,
			Refusal::BelowMinimumMargin { .. } => Self::BelowMinimumMargin,
			Refusal::GuarantorCover { .. } => Self::GuarantorCover,
			Refusal::RunInProgress => Self::RunInProgress,
		}
	}
}
