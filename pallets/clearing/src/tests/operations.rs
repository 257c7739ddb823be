//! What may happen to the exchange: everything that anybody may call, and what time, prices and givers do.

mod crisis;
mod delivery;

use super::{defaults::THIRD, *};
pub use crisis::{crisis, poor, short_times, Fund, Means, Start};
pub use delivery::Delivery;
use gcx_primitives::{ClassId, CustomerLimits};
use proptest::prelude::*;

/// The instrument on another class than the two months.
pub const ELSEWHERE: InstrumentId = InstrumentId(3);
/// Ids that instruments are listed under.
pub const INSTRUMENTS: u32 = 20;
/// Who acts: both guarantors, their customers, and three that are nobody's at first.
pub const OWNERS: [AccountId; 9] = [GUARANTOR, OTHER, THIRD, 11, 12, 13, OTHERS_CUSTOMER, STRANGER, 31];
/// Who is a guarantor, or may become one.
pub const GUARANTORS: [AccountId; 5] = [GUARANTOR, OTHER, THIRD, STRANGER, 31];

/// An owner's account.
pub type Line = (AccountId, u8);

/// How much is moved.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
	/// So much.
	Units(Balance),
	/// A share of what can be withdrawn, in thousandths.
	Withdrawable(u128),
	/// All cash of the account.
	Cash,
	/// What the account owes, or what its guarantor's house is called for.
	Owed,
}

/// A price.
#[derive(Clone, Copy, Debug)]
pub enum Quote {
	/// So many thousandths of the mark above it.
	OfMark(i64),
	/// That one.
	At(i64),
}

/// Whose account it is about.
#[derive(Clone, Copy, Debug)]
pub enum Target {
	/// That one.
	Line(Line),
	/// One of those that lack maintenance margin.
	Short(usize),
	/// One of those that are for sale.
	ForSale(usize),
	/// One of the failed houses that are for sale.
	Failed(usize),
}

/// A trade that two parties want.
#[derive(Clone, Debug)]
pub struct Deal {
	pub instrument: InstrumentId,
	pub lots: i64,
	pub quote: Quote,
	pub buyer: Line,
	pub seller: Line,
	pub fees: (i128, i128),
	/// The buyer, the seller, and the contract.
	pub reduce_only: (bool, bool, bool),
}

/// A new fix of a class.
#[derive(Clone, Copy, Debug)]
pub enum Move {
	/// So many thousandths more than the last.
	By(i64),
	/// The last with the other sign.
	ThroughZero,
	/// What it was at first.
	Home,
	/// That one.
	To(i64),
	/// None: the index is silent.
	Silence,
}

#[derive(Clone, Debug)]
pub enum Operation {
	Deposit(Line, Amount),
	Withdraw(Line, Amount),
	Close(Line),
	/// Withdraws all and closes.
	WindUp(Line),
	Give(AccountId, SegmentSide, Balance),
	Sweep(AccountId, SegmentSide),
	Trade(Deal),
	Batch(Vec<Deal>),
	/// An account trades with another as many lots as so many thousandths of its free equity are the margin of: it buys, or sells.
	Lever(Line, Line, InstrumentId, i128, bool),
	OneOfEach(Line, Line, i64),
	Due,
	Step,
	Settle,
	Block,
	/// So many blocks, so many milliseconds apart.
	Blocks(u32, u64),
	Fix(ClassId, Move),
	Pass(u64),
	Refresh(InstrumentId),
	Check(Line),
	Liquidate(AccountId, Target),
	/// Who takes, of whom, which share, and the least discount.
	Bid(Line, Target, Ppm, i128),
	List(InstrumentId, ClassId, u64, i64),
	Delist(InstrumentId),
	Release(InstrumentId),
	RaiseFraction(ClassId, Ppm),
	SetParameters(ClearingParameters),
	Request(AccountId, AccountId),
	CancelRequest(AccountId),
	Accept(AccountId, CustomerLimits),
	SetLimits(AccountId, CustomerLimits),
	Leave(AccountId),
	Dismiss(AccountId),
	Apply(AccountId),
	AdmitCollateral(CollateralId, CollateralFigures),
	PutCollateral(Line, CollateralId, Amount),
	TakeCollateral(Line, CollateralId, Amount),
	Admit(AccountId),
	Refuse(AccountId),
	Exit(AccountId),
	Reap(AccountId),
	/// Somebody gives a guarantor what it is called for, and so much more for its house; it is active again.
	Rescue(AccountId, Balance),
	SetState(AccountId, GuarantorState),
	/// The index of a class jumps, everybody sees it, and a run settles there.
	Gap(ClassId, Move),
	/// So many blocks, nine minutes apart, at fresh prices.
	Wait(u32),
	/// Governance says that a guarantor has failed, and somebody looks.
	Fail(AccountId),
	/// Governance brings back whose default is worked out, each with so much for its house.
	Revive(Balance),
	/// What was torn up is listed anew.
	Relist,
	/// A step of one of the defaults.
	AdvanceDefault(usize),
	RefreshCover(AccountId),
	Fund(Fund),
	Delivery(Delivery),
}

fn owner() -> impl Strategy<Value = AccountId> {
	prop_oneof![
		3 => prop::sample::select(vec![GUARANTOR, OTHER]),
		8 => prop::sample::select(vec![11, 12, 13, OTHERS_CUSTOMER]),
		2 => prop::sample::select(OWNERS.to_vec()),
	]
}

fn guarantor() -> impl Strategy<Value = AccountId> {
	prop_oneof![6 => prop::sample::select(vec![GUARANTOR, OTHER]), 2 => prop::sample::select(GUARANTORS.to_vec())]
}

fn side() -> impl Strategy<Value = SegmentSide> {
	prop_oneof![Just(SegmentSide::Customers), Just(SegmentSide::House)]
}

/// Mostly an owner's first account; sometimes one that cannot be.
fn line() -> impl Strategy<Value = Line> {
	(owner(), prop_oneof![24 => Just(0u8), 3 => Just(1u8), 1 => 2..4u8])
}

/// A customer's first account, and mostly a house: they seldom refuse each other.
fn of_customer() -> impl Strategy<Value = Line> {
	prop::sample::select(vec![11, 12, 13, OTHERS_CUSTOMER]).prop_map(|who| (who, 0))
}

fn counterparty() -> impl Strategy<Value = Line> {
	prop_oneof![4 => prop::sample::select(vec![(GUARANTOR, 0), (OTHER, 0)]), 1 => of_customer()]
}

fn amount() -> impl Strategy<Value = Amount> {
	prop_oneof![
		3 => (0..3 * OPENING).prop_map(Amount::Units),
		3 => (0..ENDOWMENT / 10).prop_map(Amount::Units),
		1 => (0..2 * ENDOWMENT).prop_map(Amount::Units),
		3 => prop_oneof![Just(1_000u128), 0..1_100u128].prop_map(Amount::Withdrawable),
		1 => Just(Amount::Cash),
		2 => Just(Amount::Owed),
		1 => prop::sample::select(vec![1, MINIMUM - 1, u128::MAX, i128::MAX.unsigned_abs()]).prop_map(Amount::Units),
	]
}

fn instrument() -> impl Strategy<Value = InstrumentId> {
	prop_oneof![
		8 => Just(NEAR),
		5 => Just(FAR),
		4 => Just(ELSEWHERE),
		1 => (1..=INSTRUMENTS).prop_map(InstrumentId),
	]
}

fn class() -> impl Strategy<Value = ClassId> {
	prop_oneof![6 => Just(CLASS), 3 => Just(OTHER_CLASS), 1 => Just(ClassId(9))]
}

fn quote() -> impl Strategy<Value = Quote> {
	prop_oneof![
		4 => Just(Quote::OfMark(0)),
		8 => (-60..=60i64).prop_map(Quote::OfMark),
		3 => (-550..=550i64).prop_map(Quote::OfMark),
		1 => (-2 * PRICE..2 * PRICE).prop_map(Quote::At),
		1 => prop::sample::select(vec![0, i64::MIN, i64::MAX, gcx_primitives::MAX_PRICE]).prop_map(Quote::At),
	]
}

fn some_lots() -> impl Strategy<Value = i64> {
	prop_oneof![
		6 => 1..20i64,
		8 => 20..300i64,
		4 => 300..2_500i64,
		1 => prop::sample::select(vec![0, -1, i64::MIN, i64::MAX, gcx_primitives::MAX_LOTS, 1_000_000]),
	]
}

fn fee() -> impl Strategy<Value = i128> {
	prop_oneof![4 => Just(0i128), 8 => 1..200i128, 1 => 0..200_000i128, 1 => Just(gcx_primitives::MAX_LOTS.into())]
}

fn seldom() -> impl Strategy<Value = bool> {
	prop::bool::weighted(0.04)
}

fn deal() -> impl Strategy<Value = Deal> {
	// Seldom with oneself.
	let other = (owner(), seldom()).prop_flat_map(|(buyer, alone)| {
		let others = OWNERS.into_iter().filter(move |who| *who != buyer || alone).collect::<Vec<_>>();
		(Just(buyer), owner().prop_map(move |who| if others.contains(&who) { who } else { others[0] }))
	});
	let parties =
		(other, line(), line()).prop_map(|((buyer, seller), first, second)| ((buyer, first.1), (seller, second.1)));
	(instrument(), some_lots(), quote(), parties, (fee(), fee()), (seldom(), seldom(), seldom())).prop_map(
		|(instrument, lots, quote, (buyer, seller), fees, reduce_only)| Deal {
			instrument,
			lots,
			quote,
			buyer,
			seller,
			fees,
			reduce_only,
		},
	)
}

fn price_move() -> impl Strategy<Value = Move> {
	prop_oneof![
		30 => (-40..=40i64).prop_map(Move::By),
		12 => (-300..=300i64).prop_map(Move::By),
		10 => (-950..=950i64).prop_map(Move::By),
		1 => Just(Move::ThroughZero),
		8 => Just(Move::Home),
		1 => (-2 * PRICE..3 * PRICE).prop_map(Move::To),
		1 => Just(Move::Silence),
	]
}

fn some_limits() -> impl Strategy<Value = CustomerLimits> {
	let multiplier = prop_oneof![4 => Just(Ppm::ONE), 2 => (1_000_000..=5_000_000u32).prop_map(Ppm), 1 => any::<u32>().prop_map(Ppm)];
	let margin = prop_oneof![4 => Just(2_000_000i128), 2 => 0..2_000_000i128, 1 => Just(i128::MAX), 1 => Just(-1i128)];
	let lots = prop_oneof![4 => Just(1_000i64), 2 => 0..1_000i64, 1 => Just(gcx_primitives::MAX_LOTS)];
	(margin, lots, multiplier, prop::bool::weighted(0.1)).prop_map(|(margin, lots, multiplier, suspended)| {
		CustomerLimits {
			max_initial_margin: Cash(margin),
			max_lots: Lots(lots),
			margin_multiplier: multiplier,
			suspended,
		}
	})
}

fn some_parameters() -> impl Strategy<Value = ClearingParameters> {
	let time = || prop_oneof![1 => 0..2u64, 30 => HOUR..100 * HOUR];
	let threshold = prop_oneof![3 => Just(10_000i64), 1 => 0..1_000i64];
	let shares = (400_000..=1_000_000u32, 0..=1_100_000u32, 0..=520_000u32, 1..=1_000_000u32);
	let times = (time(), time(), time(), time());
	(shares, threshold, times, some_liquidation(), some_default(), some_cover()).prop_map(
		|(shares, threshold, (fix, window, settlement, call), liquidation, default, cover)| {
			let mut new = parameters();
			new.margin.maintenance = Ppm(shares.0);
			new.margin.concentration_threshold = Lots(threshold);
			new.min_cash = Ppm(shares.1);
			new.max_penalty = Ppm(shares.2);
			new.scan.floor = Ppm(shares.3);
			(new.liquidation, new.default, new.cover) = (liquidation, default, cover);
			(new.max_fix_age, new.trade_window) = (fix, window);
			(new.max_settlement_age, new.margin_call_period) = (settlement, call);
			new
		},
	)
}

fn some_default() -> impl Strategy<Value = DefaultParameters> {
	let time = || prop_oneof![1 => 0..2u64, 20 => MINUTE..12 * HOUR];
	(time(), time(), 0..=1_050_000u32).prop_map(|(porting_period, auction_period, discount)| DefaultParameters {
		porting_period,
		auction_period,
		max_discount: Ppm(discount),
	})
}

fn some_cover() -> impl Strategy<Value = CoverParameters> {
	let multiple = prop_oneof![2 => Just(u32::MAX), 2 => 0..10_000_000u32];
	(multiple, prop::array::uniform3(0..=1_010_000u32)).prop_map(|(multiple, mut shares)| {
		shares.sort_unstable();
		let [warning, call, restriction] = shares.map(Ppm);
		CoverParameters { multiple: Ppm(multiple), warning, call, restriction }
	})
}

fn some_liquidation() -> impl Strategy<Value = LiquidationParameters> {
	let share = || prop_oneof![8 => 0..=50_000u32, 1 => 0..=1_100_000u32];
	let time = || prop_oneof![1 => Just(0u64), 30 => 1..30 * MINUTE, 5 => HOUR..3 * HOUR];
	(share(), 0..=1_050_000u32, time(), time(), time(), time()).prop_map(
		|(pool_penalty, caller_share, auction_period, cash_call_period, grace_period, max_block_time)| {
			LiquidationParameters {
				pool_penalty: Ppm(pool_penalty),
				caller_share: Ppm(caller_share),
				auction_period,
				cash_call_period,
				grace_period,
				max_block_time,
			}
		},
	)
}

fn target() -> impl Strategy<Value = Target> {
	prop_oneof![
		1 => line().prop_map(Target::Line),
		4 => (0..9usize).prop_map(Target::Short),
		8 => (0..9usize).prop_map(Target::ForSale),
		1 => (0..3usize).prop_map(Target::Failed),
	]
}

fn part() -> impl Strategy<Value = Ppm> {
	prop_oneof![6 => Just(Ppm::ONE), 4 => (0..=1_000_000u32).prop_map(Ppm), 1 => any::<u32>().prop_map(Ppm)]
}

/// The least discount: mostly any is good.
fn least() -> impl Strategy<Value = i128> {
	prop_oneof![8 => Just(0i128), 2 => 0..2_000i128, 1 => Just(i128::MIN), 1 => Just(i128::MAX)]
}

fn collateral() -> impl Strategy<Value = CollateralId> {
	prop_oneof![12 => Just(CollateralId(0)), 1 => (1..9u8).prop_map(CollateralId)]
}

/// A token is worth a dollar or so.
pub fn figures() -> CollateralFigures {
	CollateralFigures {
		class: OTHER_CLASS,
		unit: 3_000,
		haircut: Ppm::percent(50),
		account_cap: ENDOWMENT / 4,
		total_cap: ENDOWMENT,
	}
}

fn some_figures() -> impl Strategy<Value = CollateralFigures> {
	let cap = || prop_oneof![2 => Just(ENDOWMENT), 2 => 0..ENDOWMENT, 1 => Just(CollateralFigures::MAX_CAP + 1)];
	(class(), 0..5_000u128, 0..=1_050_000u32, cap(), cap()).prop_map(
		|(class, unit, haircut, account_cap, total_cap)| CollateralFigures {
			class,
			unit,
			haircut: Ppm(haircut),
			account_cap,
			total_cap,
		},
	)
}

/// What money, accounts and positions do.
fn of_owners() -> impl Strategy<Value = Operation> {
	prop_oneof![
		8 => (line(), amount()).prop_map(|(line, amount)| Operation::Deposit(line, amount)),
		8 => (line(), amount()).prop_map(|(line, amount)| Operation::Withdraw(line, amount)),
		1 => line().prop_map(Operation::Close),
		1 => line().prop_map(Operation::WindUp),
		1 => (guarantor(), side(), MINIMUM..OPENING).prop_map(|(who, side, amount)| Operation::Give(who, side, amount)),
		1 => (guarantor(), side()).prop_map(|(who, side)| Operation::Sweep(who, side)),
		7 => (line(), collateral(), amount()).prop_map(|(line, id, amount)| Operation::PutCollateral(line, id, amount)),
		3 => (line(), collateral(), amount()).prop_map(|(line, id, amount)| Operation::TakeCollateral(line, id, amount)),
		24 => deal().prop_map(Operation::Trade),
		20 => (of_customer(), counterparty(), instrument(), 500..=1_000i128, any::<bool>())
			.prop_map(|(line, other, id, share, buys)| Operation::Lever(line, other, id, share, buys)),
		4 => prop::collection::vec(deal(), 0..6).prop_map(Operation::Batch),
		1 => (line(), line(), 1..20i64).prop_map(|(buyer, seller, lots)| Operation::OneOfEach(buyer, seller, lots)),
	]
}

/// What time and prices do, and who helps the settlement run on.
fn of_time() -> impl Strategy<Value = Operation> {
	// Seldom so long that it is an outage, or that every settlement price is stale.
	let time = prop_oneof![
		90 => 0..10 * MINUTE,
		12 => 0..3 * HOUR,
		4 => 12 * HOUR..30 * HOUR,
		1 => 48 * HOUR..80 * HOUR,
	];
	prop_oneof![
		4 => Just(Operation::Due),
		8 => Just(Operation::Step),
		3 => Just(Operation::Settle),
		8 => Just(Operation::Block),
		15 => (1..10u32, 3_000..9 * MINUTE).prop_map(|(count, apart)| Operation::Blocks(count, apart)),
		10 => (class(), price_move()).prop_map(|(class, to)| Operation::Fix(class, to)),
		5 => time.prop_map(Operation::Pass),
		2 => instrument().prop_map(Operation::Refresh),
		6 => line().prop_map(Operation::Check),
		4 => (owner(), target()).prop_map(|(by, target)| Operation::Liquidate(by, target)),
		14 => (prop_oneof![2 => counterparty(), 1 => line()], target(), part(), least())
			.prop_map(|(taker, of, part, least)| Operation::Bid(taker, of, part, least)),
	]
}

/// What guarantors and customers do with each other.
fn of_guarantors() -> impl Strategy<Value = Operation> {
	prop_oneof![
		5 => (owner(), guarantor()).prop_map(|(who, guarantor)| Operation::Request(who, guarantor)),
		1 => owner().prop_map(Operation::CancelRequest),
		5 => (owner(), some_limits()).prop_map(|(who, limits)| Operation::Accept(who, limits)),
		4 => (owner(), some_limits()).prop_map(|(who, limits)| Operation::SetLimits(who, limits)),
		1 => owner().prop_map(Operation::Leave),
		1 => owner().prop_map(Operation::Dismiss),
		2 => prop::sample::select(GUARANTORS.to_vec()).prop_map(Operation::Apply),
		2 => prop::sample::select(GUARANTORS.to_vec()).prop_map(Operation::Admit),
		1 => prop::sample::select(GUARANTORS.to_vec()).prop_map(Operation::Refuse),
		3 => guarantor().prop_map(|who| Operation::Deposit((who, 0), Amount::Owed)),
		16 => (guarantor(), OPENING..ENDOWMENT / 4).prop_map(|(who, amount)| Operation::Rescue(who, amount)),
		2 => prop::sample::select(GUARANTORS.to_vec()).prop_map(Operation::Exit),
		1 => prop::sample::select(GUARANTORS.to_vec()).prop_map(Operation::Reap),
	]
}

/// What governance decides.
fn of_governance() -> impl Strategy<Value = Operation> {
	use GuarantorState::{Active, Defaulted, ReduceOnly};
	let state = prop_oneof![12 => Just(Active), 3 => Just(ReduceOnly), 1 => Just(Defaulted)];
	let price = prop_oneof![4 => Just(PRICE), 1 => -PRICE..PRICE, 1 => Just(i64::MAX)];
	prop_oneof![
		2 => (instrument(), class(), 0..11u64, price).prop_map(|(id, class, hours, price)| Operation::List(id, class, hours, price)),
		2 => (1..=INSTRUMENTS).prop_map(|id| Operation::Delist(InstrumentId(id))),
		1 => instrument().prop_map(Operation::Release),
		1 => (class(), prop_oneof![Just(11_000_000u32), 100_000..500_000u32])
			.prop_map(|(class, fraction)| Operation::RaiseFraction(class, Ppm(fraction))),
		1 => (collateral(), some_figures()).prop_map(|(id, figures)| Operation::AdmitCollateral(id, figures)),
		1 => Just(Operation::AdmitCollateral(CollateralId(0), figures())),
		1 => some_parameters().prop_map(Operation::SetParameters),
		1 => Just(Operation::SetParameters(parameters())),
		1 => Just(Operation::SetParameters(short_times())),
		6 => (guarantor(), state).prop_map(|(who, state)| Operation::SetState(who, state)),
	]
}

/// Anything.
pub fn operation() -> impl Strategy<Value = Operation> {
	prop_oneof![
		48 => of_owners(),
		34 => of_time(),
		10 => of_guarantors(),
		5 => of_governance(),
		2 => crisis::of_pool(),
		1 => crisis::of_defaults(),
		5 => delivery::of_delivery(),
	]
}
