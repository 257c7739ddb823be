//! The pallet's types.

use crate::Config;
use alloc::vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{fungible::Credit, ConstU32},
	BoundedVec,
};
use gcx_math::{
	fees::{is_schedule, FeeSplit, FeeTier, RollingVolume, MAX_TIERS},
	pool::mul_div,
};
use gcx_primitives::{Cash, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Rounding;

/// The token, taken from somebody and not yet anybody's.
pub(crate) type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;
pub(crate) type SeatOfferOf<T> = SeatOffer<<T as frame_system::Config>::AccountId>;

macro_rules! stored {
	($type:item) => {
		#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		$type
	};
}

macro_rules! governed {
	($type:item) => {
		stored! {
			#[derive(Serialize, Deserialize)]
			#[serde(rename_all = "camelCase")]
			$type
		}
	};
}

governed! {
	/// What governs the token. Tokens are in their smallest unit, cash in the settlement asset's, times in milliseconds.
	pub struct TokenParameters {
		/// What trading costs, by the volume of 30 days.
		pub tiers: BoundedVec<FeeTier, ConstU32<MAX_TIERS>>,
		/// What a fee is less if it is paid in tokens.
		pub discount: Ppm,
		/// How fees are shared.
		pub split: FeeSplit,
		/// The largest age of a price of the token.
		pub max_price_age: u64,
		/// The share of the chain's own fees that burns. The block's author has the rest, and tips.
		pub chain_burn: Ppm,
		/// The share that burns of what is left of a slash once the injured are whole.
		pub slash_burn: Ppm,
		/// How much may be issued.
		pub issuance: IssuanceTerms,
		/// Who is rewarded.
		pub rewards: RewardTerms,
		/// What seats there are, and what they cost.
		pub seats: SeatTerms,
		/// How fees buy tokens that burn.
		pub buy_back: BuyBackTerms,
	}
}

governed! {
	/// How many tokens may be issued.
	#[derive(Copy)]
	pub struct IssuanceTerms {
		/// In a year of 365 days.
		#[serde(with = "gcx_primitives::decimal")]
		pub cap_per_year: u128,
		/// Of the growth of fees over the best era before: at most the whole.
		pub alpha: Ppm,
	}
}

governed! {
	/// How an era's budget is divided. The four shares sum to the whole.
	#[derive(Copy)]
	pub struct RewardTerms {
		/// Of what the treasury gets of fees that are paid in tokens, the share that is rewards instead.
		pub of_fees: Ppm,
		/// To validators, by the blocks that they made.
		pub validators: Ppm,
		/// To attestors, by the rounds in which they found what the quorum did.
		pub attestors: Ppm,
		/// To providers, by the value of what they delivered times their grade's factor.
		pub operators: Ppm,
		/// To traders, by the fees that they paid.
		pub traders: Ppm,
		/// What operators get is worth at most so much of the value of what they delivered.
		pub operators_cap: Ppm,
		/// What traders get is worth at most so much of their fees.
		pub traders_cap: Ppm,
	}
}

impl RewardTerms {
	/// The share of a role.
	pub const fn share(&self, role: RewardRole) -> Ppm {
		match role {
			RewardRole::Validator => self.validators,
			RewardRole::Attestor => self.attestors,
			RewardRole::Operator => self.operators,
			RewardRole::Trader => self.traders,
		}
	}

	/// What a role's points, which are cash, allow it to be paid for each unit of them; none if it is paid whatever they are.
	pub const fn cap(&self, role: RewardRole) -> Option<Ppm> {
		match role {
			RewardRole::Validator | RewardRole::Attestor => None,
			RewardRole::Operator => Some(self.operators_cap),
			RewardRole::Trader => Some(self.traders_cap),
		}
	}
}

governed! {
	/// What seats there are, and what they cost.
	#[derive(Copy)]
	pub struct SeatTerms {
		/// How many.
		pub count: u32,
		/// The price that a sale begins at, where none was sold before.
		#[serde(with = "gcx_primitives::decimal")]
		pub start: u128,
		/// The price that it falls to.
		#[serde(with = "gcx_primitives::decimal")]
		pub floor: u128,
		/// In so much time.
		pub period: u64,
		/// The price of the next seat begins at so much of the last one's.
		pub rise: Ppm,
		/// What burns of a seat's stake when it changes hands or is given up.
		pub resale_burn: Ppm,
	}
}

governed! {
	/// How fees in the settlement asset buy tokens that burn.
	#[derive(Copy)]
	pub struct BuyBackTerms {
		/// The least that is offered.
		pub min_offer: Cash,
		/// The price that is offered rises in so much time.
		pub period: u64,
		/// From so much of the index.
		pub first: Ppm,
		/// To so much of it.
		pub last: Ppm,
	}
}

/// The longest period of an auction, in milliseconds: 30 days. Prices are computed in full precision whatever it is.
pub const MAX_PERIOD: u64 = 30 * 24 * 60 * 60 * 1_000;

impl TokenParameters {
	/// Whether the tiers are a schedule, no share is more than the whole, the shares of rewards are the whole together, nobody gets back
	/// what it paid for trading with itself, auctions go from one price to another in some time, and none pays more than the index.
	pub fn is_valid(&self, max_seats: u32) -> bool {
		let Self { discount, split, chain_burn, slash_burn, issuance, rewards, seats, buy_back, .. } = self;
		let shares = [*discount, *chain_burn, *slash_burn, issuance.alpha, rewards.of_fees, seats.resale_burn];
		let of_roles = RewardRole::ALL.iter().try_fold(0u32, |sum, role| sum.checked_add(rewards.share(*role).0));
		let is_period = |period: u64| (1..=MAX_PERIOD).contains(&period);
		is_schedule(&self.tiers)
			&& shares.iter().all(|share| *share <= Ppm::ONE)
			&& *discount < Ppm::ONE
			&& split.is_valid()
			&& of_roles == Some(Ppm::PARTS)
			&& rewards.traders_cap <= Ppm::percent(50)
			&& self.keeps_more_than_comes_back()
			&& seats.count <= max_seats
			&& seats.floor > 0
			&& seats.floor <= seats.start
			&& seats.rise >= Ppm::ONE
			&& is_period(seats.period)
			&& buy_back.min_offer > Cash::ZERO
			&& is_period(buy_back.period)
			&& buy_back.first > Ppm::ZERO
			&& buy_back.first <= buy_back.last
			&& buy_back.last <= Ppm::ONE
	}

	/// Whether part of every fee is lost to who pays it, even if it is also the guarantor, all validators and attestors, and delivers what it
	/// trades; and what operators get is less than that part of both parties' fees in the cheapest tier.
	///
	/// Of a fee of one, in the settlement asset, the rebate `r` comes back, what traders get, and of what validators and attestors get at
	/// most `α · (1 − r)` for growth, and what was bought for the burn, in this era or the next, at no less than `first` of the index.
	/// In tokens it is less the discount, and what burns lets as much be issued at most: so the larger of both.
	fn keeps_more_than_comes_back(&self) -> bool {
		let Self { discount, split, issuance, rewards, buy_back, .. } = self;
		let one = u128::from(Ppm::PARTS);
		let of = |share: u128, part: Ppm| (share * u128::from(part.0)).div_ceil(one);
		let less = |share: Ppm| one.saturating_sub(share.0.into());
		let grown = of(less(split.rebate), issuance.alpha);
		let shared = u128::from(split.pool.0) + u128::from(split.rebate.0) + u128::from(split.burn.0);
		let set_aside = of(one.saturating_sub(shared), rewards.of_fees);
		let traders = u128::from(rewards.traders_cap.0).min(of(set_aside + grown, rewards.traders));
		let blocks = Ppm(rewards.validators.0.saturating_add(rewards.attestors.0));
		let bought = (u128::from(split.burn.0) * one).div_ceil(u128::from(buy_back.first.0.clamp(1, Ppm::PARTS)));
		let always = u128::from(split.rebate.0) + traders;
		let in_cash = always + of(grown + bought, blocks);
		let in_tokens = always + of(set_aside + grown.max(split.burn.0.into()), blocks);
		let kept_of_tokens = of(less(*discount), Ppm(u32::try_from(one.saturating_sub(in_tokens)).unwrap_or(0)));
		let kept = one.saturating_sub(in_cash).min(kept_of_tokens.saturating_sub(1));
		let cheapest = self.tiers.last().map_or(0, |tier| u128::from(tier.maker.0) + u128::from(tier.taker.0));
		let operators = u128::from(rewards.operators_cap.0);
		kept > 0 && (operators == 0 || operators * one < cheapest * kept)
	}
}

/// Two hundredths of a per cent of every trade; nothing is issued, and there are no seats.
impl Default for TokenParameters {
	fn default() -> Self {
		let rate = Ppm(200);
		Self {
			tiers: BoundedVec::truncate_from(vec![FeeTier { from: Cash::ZERO, maker: rate, taker: rate }]),
			discount: Ppm::percent(25),
			split: FeeSplit { pool: Ppm::percent(40), rebate: Ppm::percent(10), burn: Ppm::percent(30) },
			max_price_age: 2 * 24 * 60 * 60 * 1_000,
			chain_burn: Ppm::percent(50),
			slash_burn: Ppm::percent(20),
			issuance: IssuanceTerms { cap_per_year: 0, alpha: Ppm::percent(50) },
			rewards: RewardTerms {
				of_fees: Ppm::percent(50),
				validators: Ppm::percent(40),
				attestors: Ppm::percent(20),
				operators: Ppm::percent(30),
				traders: Ppm::percent(10),
				operators_cap: Ppm(50),
				traders_cap: Ppm::percent(25),
			},
			seats: SeatTerms {
				count: 0,
				start: 1,
				floor: 1,
				period: MAX_PERIOD,
				rise: Ppm::percent(200),
				resale_burn: Ppm::percent(10),
			},
			buy_back: BuyBackTerms {
				min_offer: Cash(1),
				period: 24 * 60 * 60 * 1_000,
				first: Ppm::percent(90),
				last: Ppm::ONE,
			},
		}
	}
}

stored! {
	/// What fees are paid in, if the account has it.
	#[derive(Copy)]
	pub enum FeeAsset {
		/// The settlement asset, out of the margin account.
		#[codec(index = 0)]
		Settlement,
		/// The token at a discount, out of the owner's free balance.
		#[codec(index = 1)]
		Token,
	}
}

stored! {
	/// Why a fee was paid in the settlement asset though its payer chose tokens.
	#[derive(Copy)]
	pub enum FallbackReason {
		/// The token has no fresh price.
		#[codec(index = 0)]
		NoPrice,
		/// The payer has too few tokens that are free.
		#[codec(index = 1)]
		TooFewTokens {
			/// How many it would have taken.
			needed: u128,
		},
	}
}

stored! {
	/// For what rewards are paid.
	#[derive(Copy, Ord, PartialOrd)]
	pub enum RewardRole {
		/// Making blocks. A block is a point.
		#[codec(index = 0)]
		Validator,
		/// Examining compute. A round is a point.
		#[codec(index = 1)]
		Attestor,
		/// Delivering compute. A unit of cash that it was sold for, times the grade's factor, is a point.
		#[codec(index = 2)]
		Operator,
		/// Trading. A unit of cash of fees is a point.
		#[codec(index = 3)]
		Trader,
	}
}

impl RewardRole {
	/// All of them.
	pub const ALL: [Self; 4] = [Self::Validator, Self::Attestor, Self::Operator, Self::Trader];
}

stored! {
	/// Something for each role.
	#[derive(Copy, Default)]
	pub struct ByRole<V> {
		/// Validators.
		pub validators: V,
		/// Attestors.
		pub attestors: V,
		/// Operators.
		pub operators: V,
		/// Traders.
		pub traders: V,
	}
}

impl<V> ByRole<V> {
	/// That of a role.
	pub const fn of(&self, role: RewardRole) -> &V {
		match role {
			RewardRole::Validator => &self.validators,
			RewardRole::Attestor => &self.attestors,
			RewardRole::Operator => &self.operators,
			RewardRole::Trader => &self.traders,
		}
	}

	/// That of a role, to be changed.
	pub(crate) const fn of_mut(&mut self, role: RewardRole) -> &mut V {
		match role {
			RewardRole::Validator => &mut self.validators,
			RewardRole::Attestor => &mut self.attestors,
			RewardRole::Operator => &mut self.operators,
			RewardRole::Trader => &mut self.traders,
		}
	}
}

stored! {
	/// The era that is going on.
	#[derive(Copy, Default)]
	pub struct CurrentEra {
		/// Its number.
		pub index: u32,
		/// When it began, in milliseconds since the Unix epoch; zero before the first block.
		pub began: u64,
		/// Fees that were charged in it, net of rebates, in the settlement asset.
		pub fees: Cash,
		/// Tokens that fees burned in it: of trades, of the chain, and those that fees bought.
		pub burned: u128,
		/// Tokens of fees that are rewards.
		pub of_fees: u128,
		/// Points so far.
		pub points: ByRole<u128>,
	}
}

stored! {
	/// An era that is over, while its rewards can be earned.
	#[derive(Copy, Default)]
	pub struct PastEra {
		/// Points.
		pub points: ByRole<u128>,
		/// What those share.
		pub budgets: ByRole<u128>,
		/// What of all budgets was not allotted yet.
		pub left: u128,
	}
}

impl PastEra {
	/// What so many points of a role earn, rounded down.
	pub(crate) fn reward(&self, role: RewardRole, points: u128) -> u128 {
		mul_div(*self.budgets.of(role), points, *self.points.of(role), Rounding::Down).unwrap_or(0)
	}
}

stored! {
	/// What an account earned in a role.
	#[derive(Copy, Default)]
	pub struct Earning {
		/// The era in which it earned last.
		pub era: u32,
		/// Its points of that era.
		pub points: u128,
		/// Rewards of earlier eras, not paid yet.
		pub owed: u128,
	}
}

stored! {
	/// What is known of an account that trades.
	#[derive(Default)]
	pub struct Trader {
		/// It chose to pay fees in tokens.
		pub pays_in_tokens: bool,
		/// What it traded.
		pub volume: RollingVolume,
		/// What it earned by that.
		pub earning: Earning,
	}
}

stored! {
	/// What a guarantor gets of the fees of those it stands behind, and was not paid yet.
	#[derive(Copy, Default)]
	pub struct Rebate {
		/// Of the settlement asset.
		pub cash: Cash,
		/// Tokens.
		pub tokens: u128,
	}
}

stored! {
	/// A seat's number. Numbers are counted up and never used again.
	#[derive(Copy, Default, Ord, PartialOrd)]
	pub struct SeatId(pub u32);
}

stored! {
	/// A seat on the exchange.
	#[derive(Copy)]
	pub struct Seat {
		/// Which.
		pub id: SeatId,
		/// What is held of its holder for it.
		pub stake: u128,
	}
}

stored! {
	/// A holder's offer of its seat.
	#[derive(Copy)]
	pub struct SeatOffer<AccountId> {
		/// What it wants to be paid. The stake comes on top: who takes the seat puts up its own.
		pub price: u128,
		/// Who may take it; anyone if nobody is named.
		pub to: Option<AccountId>,
	}
}

stored! {
	/// The sale of the exchange's own seats.
	#[derive(Copy)]
	pub struct SeatSale {
		/// Since when the price falls, in milliseconds since the Unix epoch.
		pub began: u64,
		/// From where.
		pub first: u128,
	}
}

stored! {
	/// An offer of fees for tokens that burn.
	#[derive(Copy)]
	pub struct BuyBack {
		/// Since when the price rises, in milliseconds since the Unix epoch.
		pub began: u64,
		/// From where, for each priced unit of tokens.
		pub first: Price,
		/// To where.
		pub last: Price,
		/// How much is offered still.
		pub offered: Cash,
	}
}

stored! {
	/// A year of 365 days since the Unix epoch, and what was issued in it.
	#[derive(Copy, Default)]
	pub struct IssuanceYear {
		/// Its number.
		pub year: u32,
		/// Tokens.
		pub issued: u128,
	}
}

stored! {
	/// What became of something that was shared: `collected` is the sum of the others.
	#[derive(Copy, Default)]
	pub struct Shared<A> {
		/// All of it.
		pub collected: A,
		/// The insurance pool's.
		pub pool: A,
		/// The guarantors'.
		pub rebates: A,
		/// What burned, or buys tokens that burn.
		pub burn: A,
		/// The treasury's.
		pub treasury: A,
		/// Rewards.
		pub rewards: A,
	}
}

stored! {
	/// Tokens that were burned, by what for.
	#[derive(Copy, Default)]
	pub struct Burned {
		/// Of fees of trades that were paid in tokens.
		pub trading: u128,
		/// Bought by fees of trades that were paid in the settlement asset.
		pub bought_back: u128,
		/// Of the chain's own fees.
		pub chain: u128,
		/// For bad performance: of slashes, and of bonds.
		pub performance: u128,
		/// Of seats that changed hands.
		pub seats: u128,
		/// Rewards that nobody claimed.
		pub unclaimed: u128,
		/// Balances too small to be kept.
		pub dust: u128,
	}
}

impl Burned {
	/// All of them.
	pub fn total(&self) -> u128 {
		let Self { trading, bought_back, chain, performance, seats, unclaimed, dust } = *self;
		// Each was a part of the issuance, which fits.
		[trading, bought_back, chain, performance, seats, unclaimed, dust].into_iter().fold(0, u128::saturating_add)
	}
}

stored! {
	/// The pallet's books. What is waiting or owed is on its account, beyond the minimum balances.
	#[derive(Copy, Default)]
	pub struct TokenBooks {
		/// Fees in the settlement asset, ever.
		pub cash: Shared<Cash>,
		/// Of those, what waits to be sent to the insurance pool.
		pub cash_for_pool: Cash,
		/// To the treasury.
		pub cash_for_treasury: Cash,
		/// What guarantors can claim.
		pub cash_rebates: Cash,
		/// What buys tokens.
		pub buy_back: Cash,
		/// Fees in tokens, ever.
		pub tokens: Shared<u128>,
		/// Of those, what waits to be sold for the insurance pool.
		pub tokens_for_pool: u128,
		/// To be sent to the treasury.
		pub tokens_for_treasury: u128,
		/// What guarantors can claim.
		pub token_rebates: u128,
		/// Rewards that were not paid: of this era's fees, of past eras, and what is owed.
		pub rewards: u128,
		/// Tokens that were issued, ever.
		pub issued: u128,
		/// Tokens that were burned, ever.
		pub burned: Burned,
	}
}
