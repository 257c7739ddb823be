//! Who stands behind whom: what the guarantors tell clearing, and what they ask of it.

use crate::{Cash, Lots, Ppm};
use sp_arithmetic::{traits::CheckedAdd, ArithmeticError};

plain_data! {
	/// What a guarantor may do.
	#[derive(Copy)]
	pub enum GuarantorState {
		/// It takes customers, and they and its house trade.
		#[codec(index = 0)]
		Active,
		/// It takes no customers; they and its house may only reduce risk.
		#[codec(index = 1)]
		ReduceOnly,
		/// It failed its obligations: its customers move on and what it put up absorbs the loss.
		#[codec(index = 2)]
		Defaulted,
		/// It left. What it put up is released after the unbonding time and answers until then.
		#[codec(index = 3)]
		Exited,
	}
}

impl GuarantorState {
	/// Whether it may accept customers and delegated stake, and give up part of its bond.
	pub const fn takes_on(self) -> bool {
		matches!(self, Self::Active)
	}

	/// Whether trades that open risk are possible under it.
	pub const fn opens_risk(self) -> bool {
		matches!(self, Self::Active)
	}

	/// Whether it stands behind customers, so that its bond can be raised and it can leave.
	pub const fn is_standing(self) -> bool {
		matches!(self, Self::Active | Self::ReduceOnly)
	}

	/// Whether stake that is due is paid out. While a margin call is unmet or a default is worked out it is not: it
	/// would leave before the loss is known.
	pub const fn releases_stake(self) -> bool {
		matches!(self, Self::Active | Self::Exited)
	}
}

plain_data! {
	/// Why a guarantor is reduce-only. There may be several reasons at a time; it is until the last is lifted.
	#[derive(Copy, Ord, PartialOrd)]
	pub enum ReduceOnlyReason {
		/// It did not meet a margin call, or has not yet.
		#[codec(index = 0)]
		MarginCall,
		/// Its customers' stress uses too much of the insurance pool.
		#[codec(index = 1)]
		PoolUse,
		/// Governance said so.
		#[codec(index = 2)]
		Governance,
	}
}

impl ReduceOnlyReason {
	/// How many reasons there are.
	pub const COUNT: u32 = 3;
}

plain_data! {
	/// What a guarantor lets a customer do. Checked on every fill before it counts.
	#[derive(Copy)]
	#[serde(rename_all = "camelCase")]
	pub struct CustomerLimits {
		/// The largest initial margin that its positions may need, over all of its accounts under the guarantor.
		pub max_initial_margin: Cash,
		/// The largest position in one instrument, long or short.
		pub max_lots: Lots,
		/// What initial margin is multiplied by for new trades and withdrawals, never for maintenance margin.
		pub margin_multiplier: Ppm,
		/// It may only reduce risk.
		pub suspended: bool,
	}
}

impl CustomerLimits {
	/// The largest margin multiplier: five.
	pub const MAX_MULTIPLIER: Ppm = Ppm::percent(500);

	/// Whether nothing is negative, the lots are within the exchange's bounds and the multiplier is from one to five.
	pub fn is_valid(&self) -> bool {
		self.max_initial_margin >= Cash::ZERO
			&& self.max_lots >= Lots::ZERO
			&& self.max_lots.is_bounded()
			&& (Ppm::ONE..=Self::MAX_MULTIPLIER).contains(&self.margin_multiplier)
	}
}

plain_data! {
	/// Under whom a customer trades, and how far.
	pub struct Membership<AccountId> {
		/// Who guarantees its trades.
		pub guarantor: AccountId,
		/// How far.
		pub limits: CustomerLimits,
	}
}

plain_data! {
	/// What a guarantor's slash reaches, part by part, in the bonded token's smallest unit.
	#[derive(Copy, Default)]
	pub struct OwnResources<Balance> {
		/// Its own bond.
		pub bond: Balance,
		/// What is leaving its own bond.
		pub unbonding: Balance,
		/// What others delegated to it.
		pub delegated: Balance,
		/// What is leaving of that.
		pub undelegating: Balance,
	}
}

impl<Balance: CheckedAdd> OwnResources<Balance> {
	/// All of it.
	pub fn total(&self) -> Result<Balance, ArithmeticError> {
		self.bond
			.checked_add(&self.unbonding)
			.and_then(|sum| sum.checked_add(&self.delegated))
			.and_then(|sum| sum.checked_add(&self.undelegating))
			.ok_or(ArithmeticError::Overflow)
	}
}

/// The guarantors, as clearing sees them.
pub trait Guarantors<AccountId> {
	/// An amount of the bonded token.
	type Balance;
	/// Money that was taken and is not yet anybody's. Dropping it burns it.
	type Credit;
	/// Why a call was refused. Nothing has changed then.
	type Error;

	/// Under whom an account trades; none for an account that is nobody's customer.
	fn membership(customer: &AccountId) -> Option<Membership<AccountId>>;

	/// What a guarantor may do; none for an account that is none.
	fn state(guarantor: &AccountId) -> Option<GuarantorState>;

	/// How many customers a guarantor has.
	fn customers(guarantor: &AccountId) -> u32;

	/// What a slash of the guarantor would reach; none for an account that is none.
	fn own_resources(guarantor: &AccountId) -> Option<OwnResources<Self::Balance>>;

	/// Adds a reason for the guarantor to be reduce-only. Nothing changes if there is that reason already.
	///
	/// # Errors
	/// The account is no guarantor, or one that defaulted or left.
	fn set_reduce_only(guarantor: &AccountId, reason: ReduceOnlyReason) -> Result<(), Self::Error>;

	/// Lifts a reason. With the last of them the guarantor is active again. Nothing changes if there is no such reason.
	///
	/// # Errors
	/// The account is no guarantor, or one that defaulted or left.
	fn restore(guarantor: &AccountId, reason: ReduceOnlyReason) -> Result<(), Self::Error>;

	/// The guarantor failed. Nothing changes if it is in default already.
	///
	/// # Errors
	/// The account is no guarantor, or one that left.
	fn set_defaulted(guarantor: &AccountId) -> Result<(), Self::Error>;

	/// The guarantor may not leave, and stake behind it is not paid out, until this time in milliseconds since the Unix
	/// epoch. A lock is never shortened.
	///
	/// # Errors
	/// The account is no guarantor.
	fn lock_exit(guarantor: &AccountId, until: u64) -> Result<(), Self::Error>;

	/// Takes `amount` from everything behind the guarantor pro rata, or everything if that is less. Nothing from an
	/// account that is no guarantor.
	fn slash(guarantor: &AccountId, amount: Self::Balance) -> Self::Credit;
}

/// Who has a house account, and what must stay in it.
pub trait Houses<AccountId> {
	/// Whether the account is a guarantor, or applies to be one and funds its house.
	fn has_house(who: &AccountId) -> bool;

	/// What must stay in the house account of `who`, in the settlement asset; none if nothing may leave it now.
	fn house_floor(who: &AccountId) -> Option<Cash>;
}

/// Pays guarantors and those who delegated to them.
pub trait GuarantorRewards<AccountId> {
	/// Money that is not yet anybody's.
	type Credit;

	/// Shares a reward among all who stand behind a guarantor.
	///
	/// # Errors
	/// What could not be paid comes back: all of it if the account is no guarantor.
	fn reward(guarantor: &AccountId, reward: Self::Credit) -> Result<(), Self::Credit>;
}

/// The settlement asset that a guarantor put up for its house.
pub trait HouseFunds<AccountId> {
	/// What the house account has, in the settlement asset.
	fn house_funds(guarantor: &AccountId) -> Cash;
}

/// What customers and houses have in clearing: whether they are free to go, and their move to another guarantor.
pub trait CustomerPositions<AccountId> {
	/// Why a move was refused. Nothing has changed then.
	type Error;

	/// Whether a customer has no position and no money under its guarantor, and owes none.
	fn has_none(customer: &AccountId) -> bool;

	/// Whether the guarantor's house has no position and owes nothing.
	fn house_is_flat(guarantor: &AccountId) -> bool;

	/// Whether a default of the guarantor is not worked out: what it owes is not absorbed yet, or its positions are held.
	fn is_default_open(guarantor: &AccountId) -> bool;

	/// Moves all of a customer's margin accounts from its guarantor to another one: positions at the settlement price,
	/// cash, collateral. A customer without an account has nothing to move.
	///
	/// It is called before the membership changes: `from` is still the customer's guarantor, in whatever state, and
	/// `to` is about to be.
	///
	/// # Errors
	/// An account owes cash, or a settlement run has not paid the customers' segment of either guarantor yet.
	fn port(customer: &AccountId, from: &AccountId, to: &AccountId) -> Result<(), Self::Error>;
}

/// A chain without clearing: houses have nothing.
impl<AccountId> HouseFunds<AccountId> for () {
	fn house_funds(_: &AccountId) -> Cash {
		Cash::ZERO
	}
}

/// A chain without clearing: nobody has a position, and there is nothing to move.
impl<AccountId> CustomerPositions<AccountId> for () {
	/// There is none; a message, because that is an error of every runtime.
	type Error = &'static str;

	fn has_none(_: &AccountId) -> bool {
		true
	}

	fn house_is_flat(_: &AccountId) -> bool {
		true
	}

	fn is_default_open(_: &AccountId) -> bool {
		false
	}

	fn port(_: &AccountId, _: &AccountId, _: &AccountId) -> Result<(), Self::Error> {
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn limits() -> CustomerLimits {
		CustomerLimits { max_initial_margin: Cash(1), max_lots: Lots(1), margin_multiplier: Ppm::ONE, suspended: false }
	}

	#[test]
	fn limits_are_valid_within_their_bounds_only() {
		assert!(limits().is_valid());
		assert!(CustomerLimits { margin_multiplier: Ppm::percent(500), ..limits() }.is_valid());
		assert!(!CustomerLimits { margin_multiplier: Ppm(5_000_001), ..limits() }.is_valid());
		assert!(!CustomerLimits { margin_multiplier: Ppm(999_999), ..limits() }.is_valid());
		assert!(!CustomerLimits { max_initial_margin: Cash(-1), ..limits() }.is_valid());
		assert!(!CustomerLimits { max_lots: Lots(-1), ..limits() }.is_valid());
		assert!(!CustomerLimits { max_lots: Lots(crate::MAX_LOTS + 1), ..limits() }.is_valid());
	}

	#[test]
	fn resources_add_up_or_say_that_they_do_not_fit() {
		let resources = OwnResources { bond: 1u8, unbonding: 2, delegated: 3, undelegating: 4 };
		assert_eq!(resources.total(), Ok(10));
		assert_eq!(OwnResources { bond: 250, ..resources }.total(), Err(ArithmeticError::Overflow));
	}

	#[test]
	fn stake_is_released_only_where_no_loss_is_open() {
		use GuarantorState::*;
		assert_eq!([Active, ReduceOnly, Defaulted, Exited].map(|s| s.releases_stake()), [true, false, false, true]);
		assert_eq!([Active, ReduceOnly, Defaulted, Exited].map(|s| s.is_standing()), [true, true, false, false]);
		assert_eq!([Active, ReduceOnly, Defaulted, Exited].map(|s| s.takes_on()), [true, false, false, false]);
	}
}
