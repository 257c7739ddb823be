//! What the market asks of clearing: instruments, and trades that clearing takes over or refuses.

use crate::{Cash, ClassId, ComputeHours, DeliveryDays, DeliveryRamp, InstrumentId, Lots, Ppm, Price, SubAccount};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::ArithmeticError;

plain_data! {
	/// A margin account's name.
	#[derive(Ord, PartialOrd)]
	pub struct AccountKey<AccountId> {
		/// Whose it is.
		pub owner: AccountId,
		/// Which of the owner's.
		pub sub: SubAccount,
	}
}

plain_data! {
	/// What clearing needs to know of an instrument. None of it changes while the instrument is listed.
	#[derive(Copy)]
	#[serde(rename_all = "camelCase")]
	pub struct InstrumentTerms {
		/// The compute class that it is on.
		pub class: ClassId,
		/// The group of grades within the class: months of one group offset each other in margin.
		pub grades: u8,
		/// Compute Hours per lot.
		pub multiplier: ComputeHours,
		/// How far a trade's price may be from the mark, as a share of the mark's size or of the class's floor price if
		/// that is more.
		pub price_band: Ppm,
		/// How far the mark may be from the last settlement price, as a share of that price's size or of the class's
		/// floor price if that is more: the daily price limit.
		pub mark_band: Ppm,
		/// The largest position of one account, long or short.
		pub max_account_lots: Lots,
		/// The most lots of one owner over all of its accounts under all guarantors, long and short ones counted
		/// together without sign.
		pub max_owner_lots: Lots,
	}
}

impl InstrumentTerms {
	/// The widest band around a settlement price: a price may go through zero, to as much below it.
	pub const MAX_BAND: Ppm = Ppm::percent(200);

	/// Whether the multiplier and the limits are within the exchange's bounds and not zero, and the bands are from one
	/// millionth to [`Self::MAX_BAND`].
	pub fn is_valid(&self) -> bool {
		let is_limit = |lots: Lots| lots > Lots::ZERO && lots.is_bounded();
		let is_band = |band: Ppm| band > Ppm::ZERO && band <= Self::MAX_BAND;
		(1..=crate::MAX_MULTIPLIER).contains(&self.multiplier.0)
			&& is_band(self.price_band)
			&& is_band(self.mark_band)
			&& is_limit(self.max_account_lots)
			&& is_limit(self.max_owner_lots)
	}
}

plain_data! {
	/// A side of a trade.
	#[derive(Copy, Ord, PartialOrd)]
	pub enum Side {
		/// Who gets lots.
		#[codec(index = 0)]
		Buy,
		/// Who gives lots.
		#[codec(index = 1)]
		Sell,
	}
}

impl Side {
	/// The other side.
	pub const fn opposite(self) -> Self {
		match self {
			Self::Buy => Self::Sell,
			Self::Sell => Self::Buy,
		}
	}
}

/// One party to a trade.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Party<AccountId> {
	/// Its margin account.
	pub account: AccountKey<AccountId>,
	/// What it pays on top, in the settlement asset. Not negative.
	pub fee: Cash,
	/// It wants to trade only if that lowers its position.
	pub reduce_only: bool,
}

/// Two parties' agreement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trade<AccountId> {
	/// On what.
	pub instrument: InstrumentId,
	/// How many lots. More than none.
	pub lots: Lots,
	/// At what price.
	pub price: Price,
	/// The contract is in a state in which positions may only be lowered.
	pub reduce_only: bool,
	/// Who buys.
	pub buyer: Party<AccountId>,
	/// Who sells.
	pub seller: Party<AccountId>,
}

/// What a trade left one party with.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct PartyAfter {
	/// Its position in the instrument.
	pub lots: Lots,
	/// What the trade booked to its cash, without the fee: `lots · multiplier · (settlement − price)`.
	pub booked: Cash,
	/// Its fee.
	pub fee: Cash,
	/// Its cash now.
	pub cash: Cash,
}

/// What a trade left both parties with.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct TradeReceipt {
	/// The buyer.
	pub buyer: PartyAfter,
	/// The seller.
	pub seller: PartyAfter,
}

plain_data! {
	/// Why a position may only be lowered.
	#[derive(Copy)]
	pub enum ReduceOnlyCause {
		/// The order says so.
		#[codec(index = 0)]
		Order,
		/// The contract is near its end, or governance said so.
		#[codec(index = 1)]
		Contract,
		/// The instrument has no mark: its prices are stale.
		#[codec(index = 2)]
		NoMark,
		/// The guarantor is not active.
		#[codec(index = 3)]
		Guarantor,
		/// The guarantor suspended the customer.
		#[codec(index = 4)]
		Customer,
		/// The account owes cash.
		#[codec(index = 5)]
		Account,
	}
}

plain_data! {
	/// Why clearing does not take a trade over. Nothing has changed then.
	#[derive(Copy)]
	#[serde(rename_all = "camelCase")]
	pub enum Refusal {
		/// There is no such instrument.
		#[codec(index = 0)]
		UnknownInstrument,
		/// An invariant of the instrument broke; nobody trades it.
		#[codec(index = 1)]
		Quarantined,
		/// The lots are none, or more than the exchange deals in.
		#[codec(index = 2)]
		LotsOutOfRange,
		/// The price is outside the band around the mark.
		#[codec(index = 3)]
		PriceOutsideBand {
			/// The lowest price of the band.
			lowest: Price,
			/// The highest.
			highest: Price,
		},
		/// Both parties are the same owner.
		#[codec(index = 4)]
		SelfTrade,
		/// There is no such margin account.
		#[codec(index = 5)]
		UnknownAccount,
		/// The position may only be lowered.
		#[codec(index = 6)]
		ReduceOnly(ReduceOnlyCause),
		/// The account has as many positions as one can have.
		#[codec(index = 7)]
		TooManyPositions,
		/// The account's position would exceed the instrument's limit for an account.
		#[codec(index = 8)]
		AccountLimit {
			/// The limit.
			limit: Lots,
			/// What the position would be, without sign.
			needed: Lots,
		},
		/// The owner's positions would exceed the instrument's limit for an owner.
		#[codec(index = 9)]
		OwnerLimit {
			/// The limit.
			limit: Lots,
			/// What the positions would be, without sign.
			needed: Lots,
		},
		/// The customer's positions would exceed what its guarantor allows in one instrument.
		#[codec(index = 10)]
		GuarantorLotsLimit {
			/// The limit.
			limit: Lots,
			/// What the positions would be, without sign.
			needed: Lots,
		},
		/// The customer's initial margin would exceed what its guarantor allows.
		#[codec(index = 11)]
		GuarantorMarginLimit {
			/// The limit.
			limit: Cash,
			/// What initial margin would be.
			needed: Cash,
		},
		/// The account's cash would be less than the trade needs.
		#[codec(index = 12)]
		InsufficientCash {
			/// What cash would be.
			had: Cash,
			/// What it has to be.
			needed: Cash,
		},
		/// The account's equity would be less than its initial margin.
		#[codec(index = 13)]
		InsufficientMargin {
			/// What equity would be.
			had: Cash,
			/// What initial margin would be.
			needed: Cash,
		},
		/// So small a position is not opened: its margin would be dust.
		#[codec(index = 14)]
		BelowMinimumMargin {
			/// What margin the account's positions would require.
			had: Cash,
			/// What they have to require at least.
			needed: Cash,
		},
		/// A figure would be beyond the exchange's bounds.
		#[codec(index = 15)]
		OutOfBounds,
		/// The account's guarantor could not stand behind what its customers would lack under stress.
		#[codec(index = 16)]
		GuarantorCover {
			/// What it stands behind at most.
			limit: Cash,
			/// What its customers would lack.
			needed: Cash,
		},
		/// A settlement run shares out a loss; trading goes on when it is paid.
		#[codec(index = 17)]
		RunInProgress,
	}
}

impl From<ArithmeticError> for Refusal {
	fn from(_: ArithmeticError) -> Self {
		Self::OutOfBounds
	}
}

plain_data! {
	/// A refusal, and whose fault it is.
	#[derive(Copy)]
	#[serde(rename_all = "camelCase")]
	pub struct Refused {
		/// The party that the refusal is about; none if it is about the trade itself.
		pub party: Option<Side>,
		/// Why.
		pub reason: Refusal,
	}
}

impl From<Refusal> for Refused {
	fn from(reason: Refusal) -> Self {
		Self { party: None, reason }
	}
}

/// A number of trades in a row. What they share is read once, and all is written at the end.
pub trait TradeBatch<AccountId>: Sized {
	/// Why it could not be written.
	type Error;

	/// Begins a batch. There must not be two at a time, and nothing else may touch clearing until it is committed.
	fn open() -> Self;

	/// Takes a trade over, wholly or not at all.
	///
	/// # Errors
	/// Why not; the batch is as it was and goes on.
	fn trade(&mut self, trade: &Trade<AccountId>) -> Result<TradeReceipt, Refused>;

	/// Writes what the trades changed.
	///
	/// # Errors
	/// A figure of the whole exchange would be out of bounds. The caller must then roll storage back.
	fn commit(self) -> Result<(), Self::Error>;
}

/// What can be traded, as clearing keeps it.
pub trait Instruments {
	/// Why a call was refused. Nothing has changed then.
	type Error;

	/// Takes an instrument up. Its first settlement price is `settlement`.
	///
	/// # Errors
	/// It is known already, there are as many as there can be, the terms or the price are out of bounds, or the class
	/// is unknown.
	fn list(instrument: InstrumentId, terms: InstrumentTerms, settlement: Price) -> Result<(), Self::Error>;

	/// Forgets an instrument that nobody holds.
	///
	/// # Errors
	/// It is unknown, or somebody holds it.
	fn delist(instrument: InstrumentId) -> Result<(), Self::Error>;

	/// An instrument is paid out at the mean of the fixes of these days. None if it is not, or if nobody knows which days will
	/// count: then it is margined like any other.
	///
	/// # Errors
	/// It is unknown, or there are no such days.
	fn average(instrument: InstrumentId, days: Option<DeliveryDays>) -> Result<(), Self::Error>;

	/// An instrument is delivered when it ends. As the ramp says, its margin rises and its limits come down.
	///
	/// # Errors
	/// It is unknown.
	fn deliver(instrument: InstrumentId, ramp: DeliveryRamp) -> Result<(), Self::Error>;

	/// What the market thinks of an instrument's price now; none without a fresh fix.
	fn mark(instrument: InstrumentId) -> Option<Price>;

	/// Has the next settlement run settle an instrument at its final price, whatever the day's limit, and end all positions in
	/// it then.
	///
	/// # Errors
	/// It is unknown, quarantined, or ending already; the price is out of bounds; or a run is being priced, and may have given
	/// it its price: this will pass.
	fn end(instrument: InstrumentId, price: Price) -> Result<(), Self::Error>;

	/// How many lots are held long, which is as many as are held short; none if the instrument is unknown.
	fn open_interest(instrument: InstrumentId) -> Option<Lots>;
}

plain_data! {
	/// Which of the two orders of a trade waited for the other.
	#[derive(Copy)]
	pub enum Role {
		/// It waited.
		#[codec(index = 0)]
		Maker,
		/// It met the order that waited.
		#[codec(index = 1)]
		Taker,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn terms() -> InstrumentTerms {
		InstrumentTerms {
			class: ClassId(1),
			grades: 0,
			multiplier: ComputeHours(100),
			price_band: Ppm::percent(10),
			mark_band: Ppm::percent(200),
			max_account_lots: Lots(1),
			max_owner_lots: Lots(crate::MAX_LOTS),
		}
	}

	#[test]
	fn terms_are_valid_within_their_bounds_only() {
		assert!(terms().is_valid());
		for broken in [
			InstrumentTerms { multiplier: ComputeHours(0), ..terms() },
			InstrumentTerms { multiplier: ComputeHours(crate::MAX_MULTIPLIER + 1), ..terms() },
			InstrumentTerms { price_band: Ppm::ZERO, ..terms() },
			InstrumentTerms { mark_band: Ppm(2_000_001), ..terms() },
			InstrumentTerms { max_account_lots: Lots(0), ..terms() },
			InstrumentTerms { max_owner_lots: Lots(crate::MAX_LOTS + 1), ..terms() },
			InstrumentTerms { max_owner_lots: Lots(-1), ..terms() },
		] {
			assert!(!broken.is_valid(), "{broken:?}");
		}
	}
}
