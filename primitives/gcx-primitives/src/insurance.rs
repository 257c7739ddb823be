//! The insurance pool, as the default waterfall sees it, and what the pool has to know of clearing.

use crate::Cash;

plain_data! {
	/// The parts of the pool, each with its own money, in the order in which the waterfall takes them.
	#[derive(Copy, Ord, PartialOrd)]
	pub enum PoolLayer {
		/// What the guarantor that failed contributed itself.
		#[codec(index = 0)]
		Own,
		/// Skin in the game: the exchange's own tranche.
		#[codec(index = 1)]
		Skin,
		/// The other guarantors' contributions, pro rata to their risk; those apart that are in default themselves.
		#[codec(index = 2)]
		Guarantors,
		/// What outsiders contributed for a share of the income.
		#[codec(index = 3)]
		Outside,
	}
}

plain_data! {
	/// What a layer gave to a loss: `had − took = left`.
	#[derive(Copy, Default)]
	pub struct Taken {
		/// Before.
		pub had: Cash,
		/// What it gave.
		pub took: Cash,
		/// After.
		pub left: Cash,
	}
}

plain_data! {
	/// A layer of the waterfall, in the order in which they absorb a loss. The first comes before anything reaches the guarantor.
	#[derive(Copy, Ord, PartialOrd)]
	pub enum WaterfallLayer {
		/// 1: the customer's own cash and collateral.
		#[codec(index = 0)]
		Customer,
		/// 2: the house's own funds.
		#[codec(index = 1)]
		HouseFunds,
		/// 2: what the failed guarantor contributed to the pool.
		#[codec(index = 2)]
		Contribution,
		/// 2: what the pool advances on its bond.
		#[codec(index = 3)]
		Bond,
		/// 3: skin in the game.
		#[codec(index = 4)]
		Skin,
		/// 4: the other guarantors' contributions.
		#[codec(index = 5)]
		Guarantors,
		/// 4: outsiders' contributions.
		#[codec(index = 6)]
		Outside,
		/// 5: the other guarantors are assessed.
		#[codec(index = 7)]
		Assess,
		/// 5: what was assessed is sold.
		#[codec(index = 8)]
		Assessments,
		/// 6: gains of the next settlement run.
		#[codec(index = 9)]
		Gains,
		/// 7: what the house holds is torn up.
		#[codec(index = 10)]
		TearUp,
	}
}

impl WaterfallLayer {
	/// The layer after this one; none after the last.
	pub const fn next(self) -> Option<Self> {
		Some(match self {
			Self::Customer => Self::HouseFunds,
			Self::HouseFunds => Self::Contribution,
			Self::Contribution => Self::Bond,
			Self::Bond => Self::Skin,
			Self::Skin => Self::Guarantors,
			Self::Guarantors => Self::Outside,
			Self::Outside => Self::Assess,
			Self::Assess => Self::Assessments,
			Self::Assessments => Self::Gains,
			Self::Gains => Self::TearUp,
			Self::TearUp => return None,
		})
	}
}

plain_data! {
	/// How far a default is worked out.
	#[derive(Copy)]
	pub enum DefaultStage {
		/// Customers can move to other guarantors.
		#[codec(index = 0)]
		Porting {
			/// Until when, in milliseconds since the Unix epoch.
			until: u64,
		},
		/// What customers that stayed hold is liquidated.
		#[codec(index = 1)]
		CloseOut,
		/// What the house holds is for sale to other houses.
		#[codec(index = 2)]
		Auction {
			/// Since when, in milliseconds since the Unix epoch.
			since: u64,
		},
		/// The layers of the waterfall absorb what the house owes; this one is next.
		#[codec(index = 3)]
		Waterfall(WaterfallLayer),
		/// Nothing is owed and nothing held any more.
		#[codec(index = 4)]
		Settled,
	}
}

impl DefaultStage {
	/// Whether customers' positions are closed out.
	pub const fn closes_out(self) -> bool {
		!matches!(self, Self::Porting { .. })
	}
}

plain_data! {
	/// How much of the pool a guarantor uses: what it would lack under stress, as a share of the pool.
	#[derive(Copy, Default, Ord, PartialOrd)]
	pub enum PoolUse {
		/// Less than what is warned of.
		#[default]
		#[codec(index = 0)]
		Normal,
		/// So much that everybody is told.
		#[codec(index = 1)]
		Warned,
		/// So much that the guarantor has to pay in what is beyond.
		#[codec(index = 2)]
		Called,
		/// So much that it may only reduce.
		#[codec(index = 3)]
		Restricted,
	}
}

/// The insurance pool. All money is of the settlement asset.
///
/// The pool *lends* to a segment so that a settlement run is paid in full while it is not yet known who bears the loss, and
/// *absorbs* what was lost. What absorbs a loss is forgiven of what was lent first; only the rest moves.
pub trait InsurancePool<AccountId> {
	/// Bonded tokens that were taken and are not yet anybody's. Dropping it burns them.
	type Credit;

	/// The account of the pool's money. What is sent to it beyond what the pool has recorded is income.
	fn account() -> AccountId;

	/// What a guarantor has contributed.
	fn contribution(guarantor: &AccountId) -> Cash;

	/// Whether a guarantor has contributed what its risk requires.
	fn has_contributed(guarantor: &AccountId) -> bool;

	/// What skin in the game, all contributions and outsiders' money come to, lent or not.
	fn size() -> Cash;

	/// What so many bonded tokens (in their smallest unit) count for after the haircut, rounded down; none without a fresh
	/// price.
	fn bond_value(amount: u128) -> Option<Cash>;

	/// How many bonded tokens (in their smallest unit) count for `value`, rounded up; none without a fresh price.
	fn bond_worth(value: Cash) -> Option<u128>;

	/// Lends at most `amount` for the customers or the house of `guarantor`: sends it to the custody account `to`. Returns what
	/// was sent, which is nothing if so little cannot be sent.
	fn lend(guarantor: &AccountId, to: &AccountId, amount: Cash) -> Cash;

	/// What `guarantor`'s segments have been lent and not given back.
	fn lent(guarantor: &AccountId) -> Cash;

	/// Takes back `amount` of what was lent from the custody account `from`.
	///
	/// # Errors
	/// The account has less, or less was lent. Nothing has moved then.
	fn take_back(guarantor: &AccountId, from: &AccountId, amount: Cash) -> Result<(), sp_arithmetic::ArithmeticError>;

	/// Lets `to` owe what was lent to `from`, at most `amount`, because it owed that one as much. No money moves. Returns how much.
	fn reassign(from: &AccountId, to: &AccountId, amount: Cash) -> Cash;

	/// Takes at most `loss` of a layer for a loss of `guarantor`. Of what it takes, up to `lent` is forgiven of what was lent to
	/// the guarantor; the rest is sent to the custody account `to`. It takes less than the layer has where the rest is lent to
	/// others and not there.
	fn absorb(layer: PoolLayer, guarantor: &AccountId, loss: Cash, lent: Cash, to: &AccountId) -> Taken;

	/// Puts bonded tokens of `guarantor` up for sale and advances at most `advance` on them, from skin in the game, the other
	/// guarantors and outsiders, in that order and by the rules of [`absorb`](Self::absorb). What the sale fetches repays them
	/// in the reverse order; of the tokens that are left then the governed share burns. Returns what was advanced.
	fn sell_bond(guarantor: &AccountId, bond: Self::Credit, advance: Cash, lent: Cash, to: &AccountId) -> Cash;

	/// As [`sell_bond`](Self::sell_bond), of tokens of which all has burned that should. Nothing was lent for them.
	fn sell_stake(guarantor: &AccountId, stake: Self::Credit, advance: Cash, to: &AccountId) -> Cash;

	/// Assesses the other guarantors for a loss of `guarantor`: takes of each one's bond what counts for its part of the
	/// loss, at most its contribution before the event in any 20 days, and puts it up for sale. `had` is what could be
	/// assessed, `took` what was. What is not in bonds counts as nothing.
	fn assess(guarantor: &AccountId, loss: Cash) -> Taken;

	/// What the sale of assessments for `guarantor` fetched, sent to the custody account `to` by the rules of
	/// [`absorb`](Self::absorb), at most `loss`; the rest is income. None while the sale goes on.
	fn collect_assessment(guarantor: &AccountId, loss: Cash, lent: Cash, to: &AccountId) -> Option<Cash>;
}

/// What the pool has to know of clearing.
pub trait PoolRisk<AccountId> {
	/// What the pool has to have: what the two largest guarantors would lack under stress.
	fn requirement() -> Cash;

	/// What a guarantor's customers and house would lack under stress, before its own resources.
	fn risk(guarantor: &AccountId) -> Cash;

	/// The same of all guarantors together.
	fn total_risk() -> Cash;

	/// Whether no loss is open: no margin call, no account with negative equity that is known, no default that is not worked
	/// out.
	fn is_calm() -> bool;
}

/// A chain without clearing: nothing is at risk.
impl<AccountId> PoolRisk<AccountId> for () {
	fn requirement() -> Cash {
		Cash::ZERO
	}

	fn risk(_: &AccountId) -> Cash {
		Cash::ZERO
	}

	fn total_risk() -> Cash {
		Cash::ZERO
	}

	fn is_calm() -> bool {
		true
	}
}
