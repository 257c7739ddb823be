//! The pallet's types.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{fungible::Credit, ConstU32},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_math::delivery::{booked_ceil, capacity_of, cash_part, part, MAX_CHALLENGER};
use gcx_primitives::{
	AccountKey, ArithmeticError, Capacity, Cash, ChallengeVerdict, ClassId, ComputeHours, Day, DealId, DeliveryDays,
	Grade, InstrumentId, Lots, Ppm, Price, ReferenceVersion, Region, ResourceId, Segment, Side,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The longest endpoint that a buyer names, in bytes.
pub const MAX_ENDPOINT: u32 = 128;

/// The most days before a window's own of which a fix may stand for its own.
pub const MAX_FIX_DAYS: u32 = 30;

/// Where a buyer's side of a delivery answers. What it says is between the buyer and the seller's agent.
pub type Endpoint = BoundedVec<u8, ConstU32<MAX_ENDPOINT>>;

/// A place in a queue: big-endian, so that the order of keys is that of numbers.
pub type Place = [u8; 4];

/// An amount of the bonded token that was taken and is not yet anybody's.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;

/// [`AccountKey`] of the runtime's types.
pub type AccountKeyOf<T> = AccountKey<<T as frame_system::Config>::AccountId>;

/// [`Segment`] of the runtime's types.
pub type SegmentOf<T> = Segment<<T as frame_system::Config>::AccountId>;

/// [`Delivery`] of the runtime's types.
pub type DeliveryOf<T> = Delivery<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// [`Stage`] of the runtime's types.
pub type StageOf<T> = Stage<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// [`Long`] of the runtime's types.
pub type LongOf<T> = Long<<T as frame_system::Config>::AccountId>;

/// [`Short`] of the runtime's types.
pub type ShortOf<T> = Short<<T as frame_system::Config>::AccountId>;

/// [`Offer`] of the runtime's types.
pub type OfferOf<T> = Offer<<T as frame_system::Config>::AccountId>;

/// [`Deal`] of the runtime's types.
pub type DealOf<T> = Deal<<T as frame_system::Config>::AccountId>;

/// [`Objection`] of the runtime's types.
pub type ObjectionOf<T> = Objection<<T as frame_system::Config>::AccountId>;

/// [`Window`] of the runtime's types.
pub type WindowOf<T> = Window<<T as frame_system::Config>::AccountId>;

macro_rules! stored {
	($type:item) => {
		#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		$type
	};
}

stored! {
	/// What governance decides about deliveries. A delivery keeps to what was in force when it began.
	#[derive(Copy, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub struct DeliveryParameters {
		/// So much of a window's quantity may be missing without being anybody's failure, and a voucher may exceed it by as much.
		pub tolerance: Ppm,
		/// An objection's bond, as a share of what is due for its window.
		pub objection: Ppm,
		/// What a seller without a stake pays the insurance pool, as a share of what it did not earn.
		pub penalty: Ppm,
		/// How far the price of replacement may be from the final price, as a share of that.
		pub band: Ppm,
		/// A challenger's share of what is left of a stake after the buyer, at most
		/// [`MAX_CHALLENGER`](gcx_math::delivery::MAX_CHALLENGER).
		pub challenger: Ppm,
		/// The most days before a window's own whose fix is its price of replacement if its own has none.
		pub fix_days: u32,
	}
}

impl Default for DeliveryParameters {
	fn default() -> Self {
		Self {
			tolerance: Ppm::percent(2),
			objection: Ppm::percent(10),
			penalty: Ppm::percent(5),
			band: Ppm::percent(100),
			challenger: Ppm::percent(50),
			fix_days: 7,
		}
	}
}

impl DeliveryParameters {
	/// The largest tolerance: a tenth.
	pub const MAX_TOLERANCE: Ppm = Ppm::percent(10);

	/// Whether they are rates where rates are asked for, an objection costs something, and a challenger gets no more than it may.
	pub fn is_valid(&self) -> bool {
		self.tolerance <= Self::MAX_TOLERANCE
			&& (Ppm(1)..=Ppm::ONE).contains(&self.objection)
			&& self.penalty <= Ppm::ONE
			&& self.band <= Ppm::ONE
			&& self.challenger <= MAX_CHALLENGER
			&& self.fix_days <= MAX_FIX_DAYS
	}
}

stored! {
	/// When blocks came.
	#[derive(Copy, Default)]
	pub struct Pulse {
		/// The time of the block before, in milliseconds since the Unix epoch.
		pub last: u64,
		/// When the chain came back after it last stood still, or nothing if it never did.
		pub grace: u64,
	}
}

stored! {
	/// What is delivered of a contract.
	#[derive(Copy)]
	pub struct Goods {
		/// Compute Hours of which class.
		pub class: ClassId,
		/// And of which of its reference systems.
		pub version: ReferenceVersion,
		/// The lowest grade.
		pub floor: Grade,
		/// On which days.
		pub days: DeliveryDays,
		/// Compute Hours per lot.
		pub multiplier: ComputeHours,
	}
}

impl Goods {
	/// What the capacity ledger books for so many lots on each day, rounded up per lot.
	///
	/// # Errors
	/// `Overflow` beyond the exchange's bounds, `Underflow` for short lots.
	pub fn booked(&self, lots: Lots) -> Result<Capacity, ArithmeticError> {
		booked_ceil(lots, self.multiplier, self.days.count())
	}

	/// What is delivered for so many lots on all days together. Exact.
	///
	/// # Errors
	/// As [`Self::booked`].
	pub fn quantity(&self, lots: Lots) -> Result<Capacity, ArithmeticError> {
		capacity_of(lots, self.multiplier)
	}

	/// A day's index, counted from zero.
	pub fn index(&self, day: Day) -> u32 {
		day.0.saturating_sub(self.days.first.0)
	}

	/// What is delivered for so many lots on a day. The parts of all days are the whole.
	///
	/// # Errors
	/// As [`Self::booked`].
	pub fn quantity_on(&self, lots: Lots, day: Day) -> Result<Capacity, ArithmeticError> {
		part(self.quantity(lots)?.0, self.index(day), self.days.count()).map(Capacity)
	}

	/// The part of an amount, for all days together, that falls on a day.
	///
	/// # Errors
	/// `Underflow` for a negative amount.
	pub fn cash_on(&self, total: Cash, day: Day) -> Result<Cash, ArithmeticError> {
		cash_part(total, self.index(day), self.days.count())
	}
}

stored! {
	/// Capacity that a short set aside before its contract's end.
	#[derive(Copy)]
	pub struct Cover {
		/// For how many lots.
		pub lots: Lots,
		/// What is set aside for them.
		pub goods: Goods,
	}
}

stored! {
	/// How far a delivery is. A cursor is the last of which its stage took care; a stage begins without.
	pub enum Stage<AccountId, BlockNumber> {
		/// Positions are taken over; sellers nominate resources, buyers say where they want theirs.
		Nominating,
		/// Offers are matched with requests of their region, both the oldest first.
		SameRegion {
			/// The last offer for which nobody is left in its region.
			after: Option<u32>,
			/// The block in which nominations were closed: randomness of it was not known to who nominated.
			closed: BlockNumber,
		},
		/// Buyers who still want lots are drawn an order.
		Drawing {
			/// What the order follows from.
			seed: [u8; 32],
			/// The last buyer who was looked at.
			after: Option<AccountKey<AccountId>>,
		},
		/// They are matched in that order, first with offers, then with what sellers nominated nothing for.
		Remainder {
			/// The last seller of whom no lots are left.
			after: Option<AccountKey<AccountId>>,
		},
		/// Windows are settled.
		Delivering {
			/// The last deal that was looked at.
			after: Option<DealId>,
			/// Nothing is due before this time, in milliseconds since the Unix epoch. In a round it is when the round began.
			until: u64,
		},
		/// Nothing is open. Cover that is left is given back, and the delivery is forgotten.
		Closing,
	}
}

stored! {
	/// What became of a delivery's quantity so far.
	#[derive(Copy, Default, Serialize)]
	#[serde(rename_all = "camelCase")]
	pub struct Tally {
		/// It was delivered and paid.
		pub delivered: Capacity,
		/// It was not, and the buyer was made whole.
		pub compensated: Capacity,
		/// Nobody owes it any more: so little was missing that it does not matter, it was agreed, or it was matched too late.
		pub released: Capacity,
	}
}

stored! {
	/// What became of a delivery's escrow so far. What was put in is paid, returned, forfeited or still there.
	#[derive(Copy, Default, Serialize)]
	#[serde(rename_all = "camelCase")]
	pub struct Money {
		/// Put in, by buyers, sellers and objectors.
		pub escrowed: Cash,
		/// Paid to the other party.
		pub paid: Cash,
		/// Paid back to who put it in.
		pub returned: Cash,
		/// Paid to the insurance pool.
		pub forfeited: Cash,
	}
}

stored! {
	/// The delivery of a contract that ended.
	pub struct Delivery<AccountId, BlockNumber> {
		/// What is delivered.
		pub goods: Goods,
		/// The contract's final price. Positive.
		pub price: Price,
		/// What a lot costs at that price.
		pub value: Cash,
		/// Lots that are delivered. Positive.
		pub open_interest: Lots,
		/// The parameters in force when it began.
		pub rules: DeliveryParameters,
		/// Nominations are closed then, in milliseconds since the Unix epoch, or later: see
		/// [`Pallet::nominate_until`](crate::Pallet::nominate_until).
		pub deadline: u64,
		/// Long lots that were taken over.
		pub taken_long: Lots,
		/// Short lots that were taken over, as a positive number.
		pub taken_short: Lots,
		/// The next place in its queues.
		pub next_place: u32,
		/// How far it is.
		pub stage: Stage<AccountId, BlockNumber>,
		/// Deals that are open.
		pub deals: u32,
		/// Windows of these that were looked at and wait, for a verdict, a fix or clearing.
		pub waiting: u32,
		/// What became of its quantity so far.
		pub tally: Tally,
		/// What became of its escrow so far.
		pub money: Money,
	}
}

impl<AccountId, BlockNumber> Delivery<AccountId, BlockNumber> {
	/// Whether all positions were taken over.
	pub fn is_taken_over(&self) -> bool {
		self.taken_long == self.open_interest && self.taken_short == self.open_interest
	}

	/// What so many lots cost.
	///
	/// # Errors
	/// `Overflow` beyond the exchange's bounds.
	pub fn value_of(&self, lots: Lots) -> Result<Cash, ArithmeticError> {
		lots.value(self.goods.multiplier, self.price)
	}

	/// What a seller's deposit for so many lots with that backing is, for all days together.
	///
	/// # Errors
	/// As [`Self::value_of`].
	pub fn deposit_of(&self, lots: Lots, backing: Backing) -> Result<Cash, ArithmeticError> {
		match backing {
			Backing::Deposit => self.value_of(lots),
			Backing::Resource(_) | Backing::Sold => Ok(Cash::ZERO),
		}
	}
}

stored! {
	/// Where a buyer wants its lots.
	pub struct Request<AccountId> {
		/// In which region, if possible.
		pub region: Region,
		/// Whose vouchers count, if anybody's. Without one what the seller posts is what is delivered.
		pub key: Option<AccountId>,
		/// Where the buyer's side answers.
		pub endpoint: Endpoint,
		/// Its place in the region's queue.
		pub place: u32,
	}
}

stored! {
	/// A long position that was taken over.
	pub struct Long<AccountId> {
		/// In whose escrow its money is.
		pub segment: Segment<AccountId>,
		/// Its lots.
		pub lots: Lots,
		/// Lots that are not matched yet.
		pub left: Lots,
		/// What is in escrow for these.
		pub escrow: Cash,
		/// Where it wants them, if it said so.
		pub request: Option<Request<AccountId>>,
		/// Its open deals.
		pub deals: u32,
	}
}

stored! {
	/// A short position that was taken over. Of its lots that are not matched yet some are nominated, some have capacity set aside,
	/// and for the others there is a deposit of what they are worth.
	pub struct Short<AccountId> {
		/// In whose escrow its deposit is.
		pub segment: Segment<AccountId>,
		/// Its lots, as a positive number.
		pub lots: Lots,
		/// Lots that are not matched yet.
		pub left: Lots,
		/// Of these, lots in offers.
		pub nominated: Lots,
		/// Of these, lots that capacity is set aside for and no resource is nominated for.
		pub covered: Lots,
		/// What is in escrow for the others of these.
		pub deposit: Cash,
		/// Its open deals.
		pub deals: u32,
	}
}

stored! {
	/// A resource that a seller nominated.
	pub struct Offer<AccountId> {
		/// Whose.
		pub seller: AccountKey<AccountId>,
		/// Which.
		pub resource: ResourceId,
		/// Where it is.
		pub region: Region,
		/// Lots that are not matched yet.
		pub left: Lots,
	}
}

stored! {
	/// What stands behind a seller's side of a deal.
	#[derive(Copy, Serialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Backing {
		/// A resource is nominated for it in the capacity ledger.
		Resource(ResourceId),
		/// Capacity of the seller is sold for it in the capacity ledger, of no resource.
		Sold,
		/// A deposit of all that it is worth. Nothing is in the capacity ledger.
		Deposit,
	}
}

impl Backing {
	/// The resource, if there is one.
	pub const fn resource(self) -> Option<ResourceId> {
		match self {
			Self::Resource(resource) => Some(resource),
			Self::Sold | Self::Deposit => None,
		}
	}
}

stored! {
	/// Some lots of one buyer and of one seller. Of a day before `next` the window is open only if there is a record of it in
	/// [`Windows`](crate::Windows); `escrow` and `deposit` are what falls on open windows.
	pub struct Deal<AccountId> {
		/// The contract that ended.
		pub instrument: InstrumentId,
		/// Who bought.
		pub buyer: AccountKey<AccountId>,
		/// In whose escrow the price is.
		pub buyer_segment: Segment<AccountId>,
		/// Who sold.
		pub seller: AccountKey<AccountId>,
		/// In whose escrow the deposit is.
		pub seller_segment: Segment<AccountId>,
		/// How many lots.
		pub lots: Lots,
		/// What stands behind the seller.
		pub backing: Backing,
		/// Whose vouchers count, if anybody's.
		pub key: Option<AccountId>,
		/// The first day that is delivered. What was to be delivered before was released when the deal was matched.
		pub from: Day,
		/// The first day whose window was not yet looked at when it was due, or the day after the last.
		pub next: Day,
		/// What is left of the price. At first `lots · value`, less what fell on released days.
		pub escrow: Cash,
		/// What is left of the deposit; nothing but for [`Backing::Deposit`]. At first as much as the price.
		pub deposit: Cash,
		/// Windows with an objection that is not settled.
		pub open_objections: u32,
		/// Windows before `next` that are open: they wait, for a verdict, a fix or clearing.
		pub waiting: u32,
		/// Who agreed on an alternative to delivery, if one party did: the other has not. It holds until a window is closed, or
		/// objected to.
		pub agreed: Option<Side>,
	}
}

stored! {
	/// A delivery day of a deal, once anything happened on it.
	pub struct Window<AccountId> {
		/// What the seller said to have available, if it did.
		pub available: Option<Capacity>,
		/// What the buyer's key signed for.
		pub vouchered: Capacity,
		/// The buyer's objection, if there is one.
		pub objection: Option<Objection<AccountId>>,
	}
}

impl<AccountId> Default for Window<AccountId> {
	fn default() -> Self {
		Self { available: None, vouchered: Capacity::ZERO, objection: None }
	}
}

stored! {
	/// A buyer's objection to what a seller posted, or did not.
	pub struct Objection<AccountId> {
		/// What the buyer put into escrow for it.
		pub bond: Cash,
		/// Into whose.
		pub segment: Segment<AccountId>,
		/// What the resource was nominated for that day, of all its deals: the least that it has to show.
		pub least: Capacity,
		/// What came of the challenge, if that is known.
		pub verdict: Option<ChallengeVerdict<AccountId>>,
	}
}
