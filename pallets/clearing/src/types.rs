//! The pallet's types.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use gcx_math::stress::Stress;
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, ClassId, CollateralId, DefaultStage as Stage, InstrumentId, Lots, PoolUse, Ppm,
	Price, RunId, Segment,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The most positions of an account.
pub const MAX_POSITIONS: u32 = 16;
/// The most instruments at a time.
pub const MAX_INSTRUMENTS: u32 = 64;
/// The most assets of collateral.
pub const MAX_COLLATERALS: u32 = 4;
/// The most subjects of the trigger index that an account depends on.
pub const MAX_TRIGGERS: u32 = 2 * MAX_POSITIONS + MAX_COLLATERALS;

/// [`MarginAccount`] of the runtime's types.
pub type MarginAccountOf<T> = MarginAccount<<T as frame_system::Config>::AccountId>;

/// [`Segment`] of the runtime's types.
pub type SegmentOf<T> = Segment<<T as frame_system::Config>::AccountId>;

/// [`AccountKey`] of the runtime's types.
pub type AccountKeyOf<T> = AccountKey<<T as frame_system::Config>::AccountId>;

/// A ledger line: what a customer has under its guarantor, or a guarantor in its house.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct MarginAccount<AccountId> {
	/// The segment whose custody holds the money.
	pub segment: Segment<AccountId>,
	/// Cash in the smallest unit of the settlement asset. Negative only in a cash call.
	pub cash: Cash,
	/// What stands behind its positions besides cash, each asset once.
	pub collateral: BoundedVec<CollateralLine, ConstU32<MAX_COLLATERALS>>,
	/// What it holds, each instrument once.
	pub positions: BoundedVec<Position, ConstU32<MAX_POSITIONS>>,
	/// The run up to which its positions are settled.
	pub rolled: RunId,
	/// Credits that no run has paid yet.
	pub unpaid: Unpaid,
	/// Whether it is in good standing.
	pub state: AccountState<AccountId>,
	/// What its positions required when it last traded, without its guarantor's multiplier.
	pub requirement: Cash,
	/// What left in the account's last hour of withdrawals.
	pub egress: AccountEgress,
	/// Where the trigger index has it.
	pub triggers: Triggers,
	/// What it would lose under stress beyond what it has.
	pub stress: Stress,
	/// What comes off its gain of the next run, or onto it if negative: a haircut of gains.
	pub levy: Cash,
	/// Positions that left it to be delivered, and are not done with. It stays open as long as there are any.
	pub deliveries: u32,
}

impl<AccountId> MarginAccount<AccountId> {
	/// An empty account, rolled up to `run`.
	pub fn new(segment: Segment<AccountId>, run: RunId) -> Self {
		Self {
			segment,
			cash: Cash::ZERO,
			collateral: BoundedVec::new(),
			positions: BoundedVec::new(),
			rolled: run,
			unpaid: Unpaid::default(),
			state: AccountState::Open,
			requirement: Cash::ZERO,
			egress: AccountEgress::default(),
			triggers: Triggers::default(),
			stress: Stress::default(),
			levy: Cash::ZERO,
			deliveries: 0,
		}
	}

	/// Its lots of an instrument.
	pub fn lots(&self, instrument: InstrumentId) -> Lots {
		self.positions.iter().find(|position| position.instrument == instrument).map_or(Lots::ZERO, |held| held.lots)
	}

	/// Whether it can hold all that another holds beside what it does.
	pub fn has_room_for(&self, other: &Self) -> bool {
		let new = other.positions.iter().filter(|position| self.lots(position.instrument).is_zero());
		let count = new.count().saturating_add(self.positions.len());
		u32::try_from(count).is_ok_and(|count| count <= MAX_POSITIONS)
	}

	/// Its cash without what no settlement run up to `current` has paid.
	pub fn paid(&self, current: RunId) -> Result<Cash, ArithmeticError> {
		self.cash.checked_sub(self.unpaid.left(current))
	}

	/// How much of an asset of collateral it has, in the asset's smallest unit.
	pub fn collateral(&self, id: CollateralId) -> u128 {
		self.collateral.iter().find(|line| line.id == id).map_or(0, |line| line.amount)
	}

	/// What it owes beyond its cash: the part that its guarantor's house has to advance.
	pub fn gap(&self) -> Cash {
		Cash(self.cash.0.min(0).saturating_neg())
	}
}

/// An asset of collateral in an account. Amounts are in the asset's smallest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CollateralLine {
	/// Which.
	pub id: CollateralId,
	/// How much. Not zero.
	pub amount: u128,
	/// What left in the last hour of withdrawals.
	pub egress: AccountEgress,
}

/// An asset that is taken as collateral. Amounts are in the asset's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CollateralTerms<AssetId> {
	/// The asset.
	pub asset: AssetId,
	/// What it counts for; none while its admission waits.
	pub in_force: Option<CollateralFigures>,
	/// What governance decided and from when it can be in force, in milliseconds since the Unix epoch: from the first
	/// settlement run that begins then.
	pub pending: Option<(u64, CollateralFigures)>,
	/// What all accounts have of it.
	pub held: u128,
	/// What left beyond the accounts' reserves in the last hour in which it moved.
	pub egress: Egress,
}

impl<AssetId> CollateralTerms<AssetId> {
	/// Notes what all accounts have as an hour begins. Comes before anything moves.
	pub fn begin_hour(&mut self, hour: u32) {
		self.egress = self.egress.in_hour(hour, Cash(i128::try_from(self.held).unwrap_or(i128::MAX)));
	}
}

/// What an asset of collateral counts for.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct CollateralFigures {
	/// The class of the index that has its price.
	pub class: ClassId,
	/// How many of its smallest units that price is of.
	pub unit: u128,
	/// The share of its value that does not count.
	pub haircut: Ppm,
	/// The most that one account can have of it.
	pub account_cap: u128,
	/// The most that all accounts can have of it together.
	pub total_cap: u128,
}

/// Lots of one instrument, settled up to a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Position {
	/// Of what.
	pub instrument: InstrumentId,
	/// How many. Not zero.
	pub lots: Lots,
	/// The settlement price that cash already has.
	pub basis: Price,
}

/// Whether an account is in good standing. In any other state than the first it may only reduce.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum AccountState<AccountId> {
	/// It is: its cash is not negative, and nobody found it under maintenance margin.
	#[codec(index = 0)]
	Open,
	/// Its cash is negative; its guarantor's house advances what is missing.
	#[codec(index = 1)]
	CashCall {
		/// Until when its owner can pay in before it is liquidated, in milliseconds since the Unix epoch.
		until: u64,
	},
	/// What it holds is for sale until it has initial margin and owes no cash.
	#[codec(index = 2)]
	Liquidating {
		/// Since when, in milliseconds since the Unix epoch.
		since: u64,
		/// Who found it; nobody if the chain did.
		by: Option<AccountId>,
	},
}

impl<AccountId> AccountState<AccountId> {
	/// Whether it is in good standing.
	pub const fn is_open(&self) -> bool {
		matches!(self, Self::Open)
	}

	/// Whether what it holds is for sale.
	pub const fn is_liquidating(&self) -> bool {
		matches!(self, Self::Liquidating { .. })
	}
}

/// What a level of the trigger index is of.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Subject {
	/// An instrument's mark: maintenance margin may exceed equity.
	#[codec(index = 0)]
	Mark(InstrumentId),
	/// An instrument's settlement price: cash may become negative while collateral still covers margin.
	#[codec(index = 1)]
	Settlement(InstrumentId),
	/// The price of an asset of collateral: maintenance margin may exceed equity.
	#[codec(index = 2)]
	Collateral(CollateralId),
}

/// Which way a price goes to reach a level.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Direction {
	/// Down: it is reached at the level and below.
	#[codec(index = 0)]
	Falls,
	/// Up: it is reached at the level and above.
	#[codec(index = 1)]
	Rises,
}

/// The levels of one subject at which an account is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Trigger {
	/// Of what.
	pub subject: Subject,
	/// The level below.
	pub falls: Option<Price>,
	/// The level above.
	pub rises: Option<Price>,
}

/// Where the trigger index has an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Triggers {
	/// Its levels, each subject once.
	pub levels: BoundedVec<Trigger, ConstU32<MAX_TRIGGERS>>,
	/// Its place on the watch list: what it is ranked by. Not on it if none.
	pub watched: Option<Cash>,
}

impl Triggers {
	/// How many instruments it has levels of.
	pub(crate) fn instruments(&self) -> u32 {
		let of_marks = self.levels.iter().filter(|trigger| matches!(trigger.subject, Subject::Mark(_)));
		u32::try_from(of_marks.count()).unwrap_or(u32::MAX)
	}
}

/// What came into an account's cash by trades, net, that no settlement run has paid yet. It cannot be withdrawn. And what they came to
/// in sum: it is a part of what the account gains in the next run.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Unpaid {
	/// The run after which it is still unpaid; the next one pays it.
	pub run: RunId,
	/// How much. Not negative.
	pub amount: Cash,
	/// What trades since that run came to: negative if they were at worse than the settlement price.
	pub traded: Cash,
}

impl Unpaid {
	/// After a booking of `amount` while `current` is the last run. What went out again counts against what came in.
	pub fn booked(self, current: RunId, amount: Cash) -> Result<Self, ArithmeticError> {
		let traded = self.traded(current).checked_add(amount)?;
		Ok(Self { run: current, amount: self.left(current).checked_add(amount)?.max(Cash::ZERO), traded })
	}

	/// After `amount`, which is not negative, came in by something else than a trade while `current` is the last run. It is
	/// principal, and no part of what the account gains in the next run.
	pub fn credited(self, current: RunId, amount: Cash) -> Result<Self, ArithmeticError> {
		let traded = self.traded(current);
		Ok(Self { run: current, amount: self.left(current).checked_add(amount)?, traded })
	}

	/// What trades came to since `current`, the last run.
	pub fn traded(&self, current: RunId) -> Cash {
		if self.is_paid(current) {
			Cash::ZERO
		} else {
			self.traded
		}
	}

	/// What of it is unpaid while `current` is the last run.
	pub fn left(&self, current: RunId) -> Cash {
		if self.is_paid(current) {
			Cash::ZERO
		} else {
			self.amount
		}
	}

	/// Whether it is paid once the run `current` is the last.
	pub fn is_paid(&self, current: RunId) -> bool {
		self.run < current
	}
}

/// What all accounts of an owner come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Owner {
	/// How many there are.
	pub accounts: u32,
	/// What their positions required when each last traded, together.
	pub requirement: Cash,
	/// Lots by instrument, long and short ones counted together without sign.
	pub gross: BoundedVec<(InstrumentId, Lots), ConstU32<MAX_INSTRUMENTS>>,
}

impl Owner {
	/// The owner's lots of an instrument without sign.
	pub fn gross(&self, instrument: InstrumentId) -> Lots {
		self.gross.iter().find(|(held, _)| *held == instrument).map_or(Lots::ZERO, |(_, lots)| *lots)
	}

	/// Changes the owner's lots of an instrument.
	///
	/// # Errors
	/// There are more instruments than can be.
	pub fn set_gross(&mut self, instrument: InstrumentId, lots: Lots) -> Result<(), ArithmeticError> {
		match self.gross.iter().position(|(held, _)| *held == instrument) {
			Some(index) if lots.is_zero() => {
				self.gross.remove(index);
			},
			Some(index) => self.gross[index].1 = lots,
			None if lots.is_zero() => {},
			None => self.gross.try_push((instrument, lots)).map_err(|_| ArithmeticError::Overflow)?,
		}
		Ok(())
	}
}

/// A segment's books, in the settlement asset. With every account rolled,
/// `Σ cash + received − given + borrowed + fees + penalties + escrow = custody + net`.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Ledger {
	/// What the custody account holds for the segment. Its minimum balance and what was given to it unasked are not in it.
	pub custody: Cash,
	/// N: what other segments owe this one for trades and for settled moves, less what it owes them. It is zero in sum over
	/// all segments.
	pub net: Cash,
	/// Variation margin at the prices staged for the next run.
	pub staged: Cash,
	/// Fees of its accounts' trades that were not collected yet.
	pub fees: Cash,
	/// What its accounts owe the pool for liquidations and for what they did not deliver, and was not collected yet.
	pub penalties: Cash,
	/// What its accounts put aside for deliveries: it is nobody's until they are done. Not negative.
	pub escrow: Cash,
	/// Of customers: what the house advanced and did not get back.
	pub received: Cash,
	/// Of a house: what it advanced and did not get back.
	pub given: Cash,
	/// What the insurance pool lent and did not get back.
	pub borrowed: Cash,
	/// What comes off its accounts' gains of the next run: a haircut of gains.
	pub levied: Cash,
	/// What its accounts' negative cash comes to, as they are stored.
	pub gaps: Cash,
	/// What the last run could not pay: to be received if positive, still to be paid if negative.
	pub owed: Cash,
}

impl Ledger {
	/// What its accounts' gaps come to beyond what the house advanced.
	pub fn uncovered(&self) -> Cash {
		Cash(self.gaps.0.saturating_sub(self.received.0).max(0))
	}
}

/// A segment's net lots of one instrument, settled up to a price.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SegmentPosition {
	/// Long less short lots of the segment's accounts.
	pub lots: Lots,
	/// The settlement price that the segment's N already has.
	pub basis: Price,
}

/// How far settlement has come.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Settlements<BlockNumber> {
	/// The last run that was paid: its settlement prices are in force.
	pub current: RunId,
	/// Whether prices of the next run are being staged, and the last instrument that has one.
	pub pricing: Option<Option<InstrumentId>>,
	/// The block from which the next run is due.
	pub due: BlockNumber,
}

/// A guarantor owes the exchange money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct MarginCall {
	/// How much when it was last looked at, in the settlement asset.
	pub needed: Cash,
	/// Until when, in milliseconds since the Unix epoch. Then it is in default.
	pub deadline: u64,
}

/// A guarantor in default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Failure {
	/// How far it is worked out.
	pub stage: Stage,
	/// The equity of its house when it failed, at least nothing; in the waterfall, what of that is left.
	pub house_funds: Cash,
	/// What of that went into the loss.
	pub house_took: Cash,
	/// What there was to absorb and what there still is, as far as it is known.
	pub loss: Cash,
	/// What layers took of it, that of the house among it.
	pub taken: Cash,
}

/// A call for the gains of a settlement run.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Levy<AccountId> {
	/// For whose loss.
	pub guarantor: AccountId,
	/// How much is wanted: what the house owed when it called; once all is priced, what it will owe with the run.
	pub wanted: Cash,
	/// What all net gains come to.
	pub had: Cash,
	/// How far it has come.
	pub phase: LevyPhase,
}

/// How far a call for gains has come. Cursors are storage keys of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum LevyPhase {
	/// For a run that has priced all.
	#[codec(index = 0)]
	Waiting,
	/// Gains are added up.
	#[codec(index = 1)]
	Adding {
		/// The account that was looked at last.
		cursor: Option<BoundedVec<u8, ConstU32<128>>>,
	},
	/// Each account's part is noted.
	#[codec(index = 2)]
	Cutting {
		/// The account that was looked at last.
		cursor: Option<BoundedVec<u8, ConstU32<128>>>,
		/// The gains of those before.
		seen: Cash,
	},
	/// All parts are noted; the run can be paid.
	#[codec(index = 3)]
	Cut {
		/// What they come to.
		took: Cash,
	},
	/// The run was paid.
	#[codec(index = 4)]
	Paid {
		/// What the failed house got.
		took: Cash,
	},
}

/// What a guarantor's customers and house would lack under stress, by direction of prices.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct GuarantorStress {
	/// What its customers would lose beyond what each has.
	pub customers: Stress,
	/// What its house would lose beyond what it has.
	pub house: Stress,
	/// What its house would have left beyond its own initial margin, or its own loss if that is more.
	pub free: Stress,
}

impl GuarantorStress {
	/// What customers and house would lack in the worse direction, before house funds.
	pub fn gross(&self) -> Result<Cash, ArithmeticError> {
		let up = self.customers.up.checked_add(self.house.up)?;
		Ok(up.max(self.customers.down.checked_add(self.house.down)?))
	}

	/// What customers would lack beyond free house funds and other resources, in the worse direction; at least nothing.
	pub fn beyond(&self, resources: Cash) -> Result<Cash, ArithmeticError> {
		let beyond = |customers: Cash, house: Cash, free: Cash| {
			let gross = customers.checked_add(house)?;
			gross.checked_sub(free)?.checked_sub(resources)
		};
		let up = beyond(self.customers.up, self.house.up, self.free.up)?;
		let down = beyond(self.customers.down, self.house.down, self.free.down)?;
		Ok(up.max(down).max(Cash::ZERO))
	}
}

/// What a guarantor needs of the pool.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Need {
	/// What it would lack under stress beyond its own resources.
	pub amount: Cash,
	/// How much of the pool that is.
	pub level: PoolUse,
}

/// The scan fraction of a class.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ClassRisk {
	/// The fraction.
	pub fraction: Ppm,
	/// The epoch that it is of: the number of the run that was being priced.
	pub epoch: RunId,
}

/// What an account had and withdrew in an hour.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AccountEgress {
	/// The hour since the Unix epoch. Older than the present one, nothing left in this one yet.
	pub hour: u32,
	/// What of the account's cash was paid when it was first dealt with in the hour.
	pub had: Cash,
	/// What was withdrawn since then.
	pub withdrawn: Cash,
}

impl AccountEgress {
	/// The record in `hour`: this one, or if it is of an earlier hour a new one that begins with `cash`.
	pub fn in_hour(self, hour: u32, cash: Cash) -> Self {
		if self.hour == hour {
			self
		} else {
			Self { hour, had: cash, withdrawn: Cash::ZERO }
		}
	}

	/// How much of the account's reserve for the hour is left: the share `reserved` of what it had, or the floor if that is
	/// more, rounded down.
	pub fn reserve_left(&self, reserved: Ppm, floor: Cash) -> Result<Cash, ArithmeticError> {
		let reserve = reserved.mul_floor(self.had)?.max(floor);
		Ok(reserve.checked_sub(self.withdrawn)?.max(Cash::ZERO))
	}
}

/// What custody held and what left it beyond the accounts' reserves in an hour.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Egress {
	/// The hour since the Unix epoch.
	pub hour: u32,
	/// All custody when the hour began.
	pub had: Cash,
	/// The same of the hour before in which money moved: the smaller of the two counts, so that a deposit just before the
	/// hour does not widen the fuse.
	pub had_before: Cash,
	/// What left beyond the accounts' reserves since then.
	pub shared: Cash,
}

impl Egress {
	/// The record in `hour`: this one, or if it is of an earlier hour a new one that begins with `custody`.
	pub fn in_hour(self, hour: u32, custody: Cash) -> Self {
		if self.hour == hour {
			self
		} else {
			// Before the first hour there was none to compare with.
			let had_before = if self.hour == 0 { custody } else { self.had };
			Self { hour, had: custody, had_before, shared: Cash::ZERO }
		}
	}

	/// How much may still leave in this hour beyond the accounts' reserves: the share `limit − reserved` of what custody had,
	/// rounded down.
	pub fn shared_left(&self, limit: Ppm, reserved: Ppm) -> Result<Cash, ArithmeticError> {
		let share = Ppm(limit.0.saturating_sub(reserved.0));
		let left = share.mul_floor(self.had.min(self.had_before))?.checked_sub(self.shared)?;
		Ok(left.max(Cash::ZERO))
	}
}
