//! Whatever happens, in any order: the books are those of the events, nothing appears, and no more is paid than there is. And
//! whoever trades with itself to be rewarded for it loses.

use super::*;
use frame_support::{
	parameter_types,
	storage::with_storage_layer,
	traits::{
		fungible::Balanced,
		tokens::{Fortitude, Precision, Preservation},
		OnUnbalanced,
	},
};
use gcx_math::fees::part_floor;
use proptest::prelude::*;

parameter_types! {
	pub static Author: Option<AccountId> = None;
}

/// Who earns, besides those who trade.
const EARNERS: std::ops::RangeInclusive<AccountId> = 11..=13;

/// So many cuts of the whole into parts.
fn cuts(count: usize) -> impl Strategy<Value = Vec<u32>> {
	prop::collection::vec(prop_oneof![6 => 0..=Ppm::PARTS, 1 => Just(0), 1 => Just(Ppm::PARTS)], count).prop_map(
		|mut cuts| {
			cuts.sort_unstable();
			cuts
		},
	)
}

fn share() -> impl Strategy<Value = Ppm> {
	prop_oneof![4 => 0..=Ppm::PARTS, 1 => Just(0), 1 => Just(Ppm::PARTS)].prop_map(Ppm)
}

/// Schedules of up to three tiers.
fn tiers() -> impl Strategy<Value = Vec<FeeTier>> {
	prop::collection::vec((1i128..1_000_000_000, 0..=50_000u32, 0..=50_000u32), 1..=3).prop_map(|tiers| {
		let [mut makers, mut takers]: [Vec<u32>; 2] =
			[tiers.iter().map(|tier| tier.1).collect(), tiers.iter().map(|tier| tier.2).collect()];
		makers.sort_unstable_by(|a, b| b.cmp(a));
		takers.sort_unstable_by(|a, b| b.cmp(a));
		let mut from = 0;
		let tiers = tiers.iter().zip(makers.iter().zip(&takers)).map(|((more, ..), (maker, taker))| {
			let tier = FeeTier { from: Cash(from), maker: Ppm(*maker), taker: Ppm(*taker) };
			from += more;
			tier
		});
		tiers.collect()
	})
}

prop_compose! {
	fn reward_terms()(
		of_fees in share(), roles in cuts(3), operators_cap in 0..=Ppm::PARTS, traders_cap in 0..=500_000u32,
	) -> RewardTerms {
		RewardTerms {
			of_fees,
			validators: Ppm(roles[0]),
			attestors: Ppm(roles[1] - roles[0]),
			operators: Ppm(roles[2] - roles[1]),
			traders: Ppm(Ppm::PARTS - roles[2]),
			// Of the most that the tiers allow, which is put in below.
			operators_cap: Ppm(operators_cap),
			traders_cap: Ppm(traders_cap),
		}
	}
}

prop_compose! {
	/// Parameters of which each alone is in its bounds.
	fn parameters_in_bounds()(
		tiers in tiers(),
		discount in prop_oneof![3 => 0..500_000u32, 1 => 0..Ppm::PARTS],
		split in cuts(3),
		(chain_burn, slash_burn, alpha, resale_burn) in (share(), share(), share(), share()),
		cap_per_year in prop_oneof![1 => 0u128..10_000, 2 => Just(1u128 << 60)],
		terms in reward_terms(),
		(min_offer, period) in (1i128..2_000, 1..2 * DAY),
		(first, last) in (prop_oneof![1 => 1..=Ppm::PARTS, 4 => 800_000..=Ppm::PARTS], 0..=Ppm::PARTS),
	) -> TokenParameters {
		let best = tiers.last().expect("there is one");
		let most = u128::from((best.maker.0 + best.taker.0) / 4);
		let operators_cap = Ppm(u32::try_from(part_floor(most, terms.operators_cap)).unwrap());
		TokenParameters {
			tiers: tiers.try_into().unwrap(),
			discount: Ppm(discount),
			split: FeeSplit { pool: Ppm(split[0]), rebate: Ppm(split[1] - split[0]), burn: Ppm(split[2] - split[1]) },
			chain_burn,
			slash_burn,
			issuance: IssuanceTerms { cap_per_year, alpha },
			rewards: RewardTerms { operators_cap, ..terms },
			seats: SeatTerms { resale_burn, ..parameters().seats },
			buy_back: BuyBackTerms { min_offer: Cash(min_offer), period, first: Ppm(first), last: Ppm((first + last).min(Ppm::PARTS)) },
			..parameters()
		}
	}
}

/// Any parameters that are valid.
fn any_parameters() -> impl Strategy<Value = TokenParameters> {
	parameters_in_bounds().prop_filter("they are valid", |parameters| parameters.is_valid(5))
}

#[derive(Clone, Debug)]
enum Step {
	Trade(AccountId, Role, i128),
	PayIn(AccountId, FeeAsset),
	Author(AccountId),
	Attest(AccountId),
	Deliver(AccountId, i128, u32),
	Claim(RewardRole, AccountId),
	ClaimRebate(AccountId),
	Forget(RewardRole, AccountId),
	BuySeat(AccountId),
	OfferSeat(AccountId, u128, Option<AccountId>),
	WithdrawOffer(AccountId),
	TakeSeat(AccountId, AccountId),
	SurrenderSeat(AccountId),
	SellTokens(AccountId, u128),
	Slash(u128),
	ChainFee(Option<AccountId>, u128, u128),
	Dust(AccountId, u128),
	Parameters(Box<TokenParameters>),
	SeatCount(u32),
	Sold(bool),
	Price(Option<i64>),
	Pass(u64),
	Block,
	EndEra,
}

fn trader() -> impl Strategy<Value = AccountId> {
	prop::sample::select(vec![ALICE, BOB, GUARANTOR, STRANGER])
}

fn role() -> impl Strategy<Value = RewardRole> {
	prop::sample::select(RewardRole::ALL.to_vec())
}

fn trade_step() -> impl Strategy<Value = Step> {
	let notional = prop_oneof![6 => 0i128..3_000_000, 1 => 0i128..100_000_000_000];
	let side = prop::sample::select(vec![Role::Maker, Role::Taker]);
	let asset = prop::sample::select(vec![FeeAsset::Settlement, FeeAsset::Token, FeeAsset::Token]);
	prop_oneof![
		10 => (trader(), side, notional).prop_map(|(who, side, notional)| Step::Trade(who, side, notional)),
		3 => (trader(), asset).prop_map(|(who, asset)| Step::PayIn(who, asset)),
		4 => (trader(), 1u128..100_000).prop_map(|(who, amount)| Step::SellTokens(who, amount)),
		2 => (0u128..100_000).prop_map(Step::Slash),
		2 => (prop::option::of(EARNERS), 0u128..100_000, 0u128..100).prop_map(|(who, fee, tip)| Step::ChainFee(who, fee, tip)),
		1 => (35..40u64, 0..2 * LEAST).prop_map(|(who, left)| Step::Dust(who, left)),
	]
}

fn reward_step() -> impl Strategy<Value = Step> {
	prop_oneof![
		4 => EARNERS.prop_map(Step::Author),
		2 => EARNERS.prop_map(Step::Attest),
		3 => (EARNERS, 0i128..3_000_000, 0..=1_100_000u32).prop_map(|(who, value, factor)| Step::Deliver(who, value, factor)),
		6 => (role(), prop_oneof![EARNERS, trader()]).prop_map(|(role, who)| Step::Claim(role, who)),
		2 => (role(), prop_oneof![EARNERS, trader()]).prop_map(|(role, who)| Step::Forget(role, who)),
		2 => prop::sample::select(vec![GUARANTOR, 3]).prop_map(Step::ClaimRebate),
	]
}

fn seat_step() -> impl Strategy<Value = Step> {
	prop_oneof![
		3 => trader().prop_map(Step::BuySeat),
		3 => (trader(), 0u128..100_000, prop::option::of(trader())).prop_map(|(who, price, to)| Step::OfferSeat(who, price, to)),
		1 => trader().prop_map(Step::WithdrawOffer),
		4 => (trader(), trader()).prop_map(|(who, holder)| Step::TakeSeat(who, holder)),
		2 => trader().prop_map(Step::SurrenderSeat),
		1 => (0u32..=5).prop_map(Step::SeatCount),
	]
}

fn world_step() -> impl Strategy<Value = Step> {
	prop_oneof![
		4 => prop_oneof![1 => Just(None), 6 => (-1i64..10_000).prop_map(Some)].prop_map(Step::Price),
		4 => (0..2 * DAY).prop_map(Step::Pass),
		4 => Just(Step::Block),
		6 => Just(Step::EndEra),
		1 => any_parameters().prop_map(|parameters| Step::Parameters(Box::new(parameters))),
		1 => any::<bool>().prop_map(Step::Sold),
	]
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![6 => trade_step(), 4 => reward_step(), 2 => seat_step(), 4 => world_step()]
}

/// Makes a call, which may be refused.
fn call<R, E: Into<DispatchError>>(call: impl FnOnce() -> Result<R, E>) {
	let _ = with_storage_layer(|| call().map(drop).map_err(Into::<DispatchError>::into));
}

fn take(step: Step) {
	let taken = |amount: u128| {
		let (exact, keep) = (Precision::Exact, Preservation::Preserve);
		Balances::withdraw(&CHARLIE, amount, exact, keep, Fortitude::Polite).expect("it has so much")
	};
	match step {
		Step::Trade(who, side, notional) => drop(trade(who, side, notional)),
		Step::PayIn(who, asset) => call(|| Token::pay_fees_in(signed(who), asset)),
		Step::Author(who) => Token::authored(&who),
		Step::Attest(who) => Token::attested(&who),
		Step::Deliver(who, value, factor) => Token::delivered(&who, Cash(value), Ppm(factor)),
		Step::Claim(role, who) => call(|| Token::claim(signed(CHARLIE), role, who)),
		Step::ClaimRebate(who) => call(|| Token::claim_rebate(signed(CHARLIE), who)),
		Step::Forget(role, who) => call(|| Token::forget(signed(CHARLIE), role, who).map_err(|error| error.error)),
		Step::BuySeat(who) => call(|| Token::buy_seat(signed(who), u128::MAX)),
		Step::OfferSeat(who, price, to) => call(|| Token::offer_seat(signed(who), price, to)),
		Step::WithdrawOffer(who) => call(|| Token::withdraw_offer(signed(who))),
		Step::TakeSeat(who, holder) => call(|| Token::take_seat(signed(who), holder, u128::MAX)),
		Step::SurrenderSeat(who) => call(|| Token::surrender_seat(signed(who))),
		Step::SellTokens(who, amount) => call(|| Token::sell_tokens(signed(who), amount, Price(0))),
		Step::Slash(amount) => Slashed::<Test>::on_unbalanced(taken(amount)),
		Step::ChainFee(author, fee, tip) => {
			Author::set(author);
			ChainFees::<Test, Author>::on_unbalanceds([taken(fee), taken(tip)].into_iter());
		},
		Step::Dust(who, left) => {
			let amount = tokens(who).saturating_sub(left);
			call(|| Balances::transfer_allow_death(signed(who), CHARLIE, amount));
		},
		Step::Parameters(parameters) => {
			assert_ok!(Token::set_parameters(RuntimeOrigin::root(), *parameters));
		},
		Step::SeatCount(count) => set_parameters(|parameters| parameters.seats.count = count),
		Step::Sold(is_sold) => Sold::set(is_sold.then_some(0)),
		Step::Price(price) => TokenPrice::set(price.map(|price| (price, now()))),
		Step::Pass(time) => pass(time),
		Step::Block => next_block(),
		Step::EndEra => {
			pass(DAY);
			next_block();
		},
	}
}

/// What the events say.
#[derive(Debug, Default)]
struct Told {
	/// New tokens, and those of fees, that eras gave to be earned.
	granted: u128,
	issued: u128,
	paid: u128,
	burned: Burned,
	/// What stays, at its last end, of what a trader pays in tokens.
	tokens: Shared<u128>,
	cash: Shared<Cash>,
}

impl Told {
	fn follow(&mut self) {
		for event in events() {
			match event {
				Event::EraEnded { issued, of_fees, .. } => {
					self.granted += issued + of_fees;
					self.issued += issued;
				},
				Event::RewardPaid { amount, .. } => self.paid += amount,
				Event::RewardsExpired { amount, .. } => self.burned.unclaimed += amount,
				Event::FeePaidInTokens { tokens, pool, rebate, treasury, rewards, burned, .. } => {
					assert_eq!(tokens, pool + rebate + treasury + rewards + burned);
					self.burned.trading += burned;
					self.tokens.collected += tokens;
					self.tokens.pool += pool;
					self.tokens.rebates += rebate;
				},
				Event::FeesShared { amount, pool, rebate, treasury, buy_back, .. } => {
					assert_eq!(amount.0, pool.0 + rebate.0 + treasury.0 + buy_back.0);
					self.cash.collected.0 += amount.0;
					self.cash.burn.0 += buy_back.0;
				},
				Event::BoughtBack { tokens, .. } => self.burned.bought_back += tokens,
				Event::SeatTransferred { burned, .. } | Event::SeatSurrendered { burned, .. } => {
					self.burned.seats += burned
				},
				Event::PerformanceBurned { amount } => self.burned.performance += amount,
				_ => (),
			}
		}
		System::reset_events();
	}

	/// The books are those of the events, and no more was paid than eras gave.
	fn compare(&self) {
		let books = Books::<Test>::get();
		let Burned { chain, dust, .. } = books.burned;
		assert_eq!(books.burned, Burned { chain, dust, ..self.burned });
		assert_eq!((books.issued, books.tokens.collected), (self.issued, self.tokens.collected));
		assert_eq!((books.tokens.pool, books.tokens.rebates), (self.tokens.pool, self.tokens.rebates));
		assert_eq!((books.cash.collected, books.cash.burn), (self.cash.collected, self.cash.burn));
		let unpaid = books.rewards - Era::<Test>::get().of_fees;
		assert_eq!(self.granted, self.paid + self.burned.unclaimed + unpaid, "{self:?}");
	}
}

/// All is claimed, and what is not burns.
fn wind_up(told: &mut Told) {
	let claim_all = || {
		for role in RewardRole::ALL {
			for who in EARNERS.chain([ALICE, BOB, GUARANTOR, STRANGER]) {
				call(|| Token::claim(signed(CHARLIE), role, who));
			}
		}
	};
	take(Step::EndEra);
	claim_all();
	for _ in 0..=REWARD_ERAS {
		take(Step::EndEra);
	}
	call(|| Token::claim_rebate(signed(CHARLIE), GUARANTOR));
	told.follow();
	told.compare();
	let books = Books::<Test>::get();
	assert_eq!((books.rewards, books.token_rebates, books.cash_rebates), (0, 0, Cash(0)));
	assert_eq!((books.cash_for_pool, books.cash_for_treasury, books.tokens_for_treasury), (Cash(0), Cash(0), 0));
	// Nothing but what waits to buy tokens or to be sold is left.
	assert_eq!(dollars(POT), MINIMUM + books.buy_back.0.unsigned_abs());
	assert_eq!(tokens(POT), LEAST + books.tokens_for_pool);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn the_books_are_those_of_the_events_whatever_happens(
		parameters in any_parameters(), steps in prop::collection::vec(step(), 60..120),
	) {
		Chain { parameters: Some(parameters) }.run(|| {
			let mut told = Told::default();
			for step in steps {
				take(step.clone());
				told.follow();
				told.compare();
				assert_eq!(Token::violations(), [""; 0], "broken by {step:?}");
				assert_sound();
			}
			wind_up(&mut told);
		});
	}
}

/// Whoever trades with itself is all of these: two traders, the guarantor behind them and its only delegator, a validator, an
/// attestor and an operator.
const ATTACKER: [AccountId; 5] = [ALICE, BOB, GUARANTOR, DELEGATOR, OPERATOR];
const OPERATOR: AccountId = 11;
/// Honest ones: a guarantor that trades for itself, who earns as the attacker does, and who pays the chain and sells tokens.
const HONEST: AccountId = 3;
const RIVAL: AccountId = 12;
const PAYER: AccountId = 8;

/// A trade between the attacker's two traders.
#[derive(Clone, Copy, Debug)]
struct Wash {
	notional: i128,
	maker_in_tokens: bool,
	taker_in_tokens: bool,
}

/// An era, as it would be without the attacker's trades, and those.
#[derive(Clone, Debug)]
struct Scene {
	washes: Vec<Wash>,
	/// The attacker delivers so much of what it traded, if it did.
	delivered: Ppm,
	trades: Vec<(i128, bool)>,
	/// Blocks and rounds of the attacker, and of others.
	earned: [(u32, u32); 2],
	delivered_by_others: i128,
	/// Fees of the chain.
	chain_fees: u128,
	/// Somebody sells all tokens that fees in cash buy, at the middle of the day.
	is_sold: bool,
}

fn notional() -> impl Strategy<Value = i128> {
	prop_oneof![1 => 1i128..1_000, 2 => 1i128..1_000_000, 3 => 1_000_000i128..1_000_000_000]
}

prop_compose! {
	fn wash()(notional in notional(), maker_in_tokens: bool, taker_in_tokens: bool) -> Wash {
		Wash { notional, maker_in_tokens, taker_in_tokens }
	}
}

prop_compose! {
	fn scene()(
		washes in prop::collection::vec(wash(), 1..3),
		delivered in share(),
		trades in prop::collection::vec((notional(), any::<bool>()), 0..3),
		earned in [(1u32..4, 0u32..3), (1u32..4, 0u32..3)],
		delivered_by_others in prop_oneof![1 => Just(0), 1 => notional()],
		chain_fees in prop_oneof![1 => Just(0), 3 => 0u128..1_000_000_000],
		is_sold: bool,
	) -> Scene {
		Scene { washes, delivered, trades, earned, delivered_by_others, chain_fees, is_sold }
	}
}

/// A price of tokens, a thousand of them, and eras.
fn world() -> impl Strategy<Value = (i64, Vec<Scene>)> {
	(prop_oneof![Just(PRICE), 100..10_000i64], prop::collection::vec(scene(), 1..5))
}

fn choose(who: AccountId, in_tokens: bool) {
	let asset = if in_tokens { FeeAsset::Token } else { FeeAsset::Settlement };
	if Token::account_fees(&who).pays_in_tokens != in_tokens {
		assert_ok!(Token::pay_fees_in(signed(who), asset));
	}
}

/// What the attacker's trades cost, and the value of what it delivered, in thousandths of a unit of cash.
#[derive(Clone, Copy, Debug, Default)]
struct Costs {
	cash: i128,
	tokens: i128,
	delivered: i128,
}

/// The parties trade at one desk. What they paid is added to `costs`.
fn exchange(parties: &[(AccountId, Role)], guarantor: AccountId, notional: i128, price: i64, costs: &mut Costs) {
	let mut desk = FeeDesk::<Test>::open();
	let quotes = parties.iter().map(|(who, role)| (*who, desk.quote(who, *role, Cash(notional)).expect("it fits")));
	let quotes: Vec<_> = quotes.collect();
	for (who, quote) in &quotes {
		desk.charge(who, quote);
	}
	desk.close();
	for (who, quote) in quotes {
		if !quote.cash.is_zero() {
			collect_for(guarantor, who, quote.cash.0);
		}
		costs.cash += worth(0, quote.cash.0.unsigned_abs(), price);
		costs.tokens += worth(quote.tokens.map_or(0, |(tokens, _)| tokens), 0, price);
	}
}

/// What tokens and cash are worth, in thousandths of a unit of cash: a price is of a thousand tokens.
fn worth(tokens: u128, cash: u128, price: i64) -> i128 {
	i128::try_from(tokens * u128::from(price.unsigned_abs()) + cash * UNIT).unwrap()
}

/// What the attacker has.
fn wealth(price: i64) -> i128 {
	let own = ATTACKER.map(|who| worth(tokens(who), dollars(who), price)).iter().sum::<i128>();
	own + worth(tokens(Guarantor::pool_account(&GUARANTOR)), 0, price)
}

/// An era, with the attacker's trades or without. What those cost is added to `costs`.
fn play(scene: &Scene, is_attacked: bool, price: i64, costs: &mut Costs) {
	for (notional, in_tokens) in &scene.trades {
		choose(HONEST, *in_tokens);
		exchange(&[(HONEST, Role::Taker)], HONEST, *notional, price, &mut Costs::default());
	}
	if is_attacked {
		for Wash { notional, maker_in_tokens, taker_in_tokens } in &scene.washes {
			choose(ALICE, *maker_in_tokens);
			choose(BOB, *taker_in_tokens);
			exchange(&[(ALICE, Role::Maker), (BOB, Role::Taker)], GUARANTOR, *notional, price, costs);
		}
		let traded: i128 = scene.washes.iter().map(|wash| wash.notional).sum();
		let delivered = part_floor(traded.unsigned_abs(), scene.delivered);
		Token::delivered(&OPERATOR, Cash(traded), scene.delivered);
		costs.delivered += worth(0, delivered, price);
	}
	Token::delivered(&RIVAL, Cash(scene.delivered_by_others), Ppm::ONE);
	let earn = |earned: fn(&AccountId), (own, others): (u32, u32)| {
		(0..own).for_each(|_| earned(&OPERATOR));
		(0..others).for_each(|_| earned(&RIVAL));
	};
	earn(Token::authored, scene.earned[0]);
	earn(Token::attested, scene.earned[1]);
	let (exact, keep) = (Precision::Exact, Preservation::Preserve);
	let fees = Balances::withdraw(&PAYER, scene.chain_fees, exact, keep, Fortitude::Polite).expect("it has so much");
	ChainFees::<Test, Author>::on_unbalanced(fees);
	pass(DAY / 2);
	if scene.is_sold {
		call(|| Token::sell_tokens(signed(PAYER), u128::MAX, Price(0)));
	}
	pass(DAY / 2);
	set_price(price);
	next_block();
	assert_sound();
	for role in RewardRole::ALL {
		for who in ATTACKER {
			call(|| Token::claim(signed(CHARLIE), role, who));
		}
	}
}

/// What the attacker gains in all, in thousandths of a unit of cash, and what its trades cost.
fn gained(parameters: &TokenParameters, price: i64, scenes: &[Scene], is_attacked: bool) -> (i128, Costs) {
	Chain { parameters: Some(parameters.clone()) }.build().execute_with(|| {
		set_price(price);
		Author::set(None);
		assert_ok!(Guarantor::apply(signed(HONEST), 1_000));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), HONEST));
		let before = wealth(price);
		let mut costs = Costs::default();
		for scene in scenes {
			play(scene, is_attacked, price, &mut costs);
		}
		call(|| Token::claim_rebate(signed(CHARLIE), GUARANTOR));
		(wealth(price) - before, costs)
	})
}

/// Offers for tokens begin with an era and end with it, however little there is to offer: so that the attacker moves no honest
/// money from one era to another.
fn daily(parameters: TokenParameters) -> TokenParameters {
	let buy_back = BuyBackTerms { min_offer: Cash(1), period: DAY, ..parameters.buy_back };
	TokenParameters { buy_back, ..parameters }
}

/// What comes back at most to whoever trades with itself, in millionths of what it pays.
struct ComesBack {
	/// Of fees in the settlement asset.
	cash: u128,
	/// Of fees in tokens, of what they are worth.
	tokens: u128,
	/// Of what it delivers.
	delivered: u128,
}

impl ComesBack {
	/// Of each unit, rounded up:
	///
	/// - the rebate;
	/// - to traders their cap, or their share of all that fees of a unit bring if that is less;
	/// - to validators and attestors their share of what fees of this one unit add. That is, of fees in tokens, what of the
	///   treasury's part is rewards, and new tokens by growth or by burning, whichever bounds them. Fees in cash burn in a later
	///   era, so that in one they may raise the one bound and then the other; and below the index they buy more than they are worth.
	fn of(parameters: &TokenParameters) -> Self {
		let TokenParameters { split, rewards, issuance, buy_back, .. } = parameters;
		let one = u128::from(Ppm::PARTS);
		let part = |amount: u128, share: Ppm| (amount * u128::from(share.0)).div_ceil(one);
		let [pool, rebate, burn] = [split.pool, split.rebate, split.burn].map(|share| u128::from(share.0));
		let of_fees = part(one - pool - rebate - burn, rewards.of_fees);
		let growth = part(one - rebate, issuance.alpha);
		let to_traders = u128::from(rewards.traders_cap.0).min(part(of_fees + growth, rewards.traders));
		let blocks = Ppm(rewards.validators.0 + rewards.attestors.0);
		let bought = (burn * one).div_ceil(u128::from(buy_back.first.0.min(Ppm::PARTS)));
		Self {
			cash: rebate + to_traders + part(growth + bought, blocks),
			tokens: rebate + to_traders + part(of_fees + growth.max(burn), blocks),
			delivered: rewards.operators_cap.0.into(),
		}
	}

	/// Of such costs.
	fn most(&self, costs: &Costs) -> i128 {
		let part = |amount: i128, share: u128| amount * i128::try_from(share).unwrap() / i128::from(Ppm::PARTS);
		part(costs.cash, self.cash) + part(costs.tokens, self.tokens) + part(costs.delivered, self.delivered)
	}
}

/// What roundings may bring, in thousandths of a unit of cash: a few units of either for each trade and each era.
fn roundings(scenes: &[Scene], price: i64) -> i128 {
	let count: usize = scenes.iter().map(|scene| 8 + 4 * scene.washes.len()).sum();
	worth(1, 1, price) * i128::try_from(count).unwrap()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn who_trades_with_itself_and_is_all_that_is_rewarded_gets_no_more_than_it_paid(
		parameters in any_parameters(), (price, mut scenes) in world(),
	) {
		for scene in &mut scenes {
			*scene = Scene { trades: vec![], chain_fees: 0, is_sold: false, delivered_by_others: 0, ..scene.clone() };
		}
		let (gain, _) = gained(&daily(parameters), price, &scenes, true);
		prop_assert!(gain <= 0, "it gained {gain}");
	}

	#[test]
	fn to_who_trades_with_itself_no_more_comes_back_than_the_terms_say(
		parameters in any_parameters(), (price, scenes) in world(),
	) {
		let parameters = daily(parameters);
		let (with, costs) = gained(&parameters, price, &scenes, true);
		let (without, _) = gained(&parameters, price, &scenes, false);
		let (back, most) = (with - without + costs.cash + costs.tokens, ComesBack::of(&parameters).most(&costs));
		prop_assert!(back <= most + roundings(&scenes, price), "for {costs:?} came back {back}, not {most}");
	}

	#[test]
	fn who_trades_with_itself_loses_whatever_the_parameters(parameters in any_parameters(), (price, scenes) in world()) {
		let parameters = daily(parameters);
		let (with, costs) = gained(&parameters, price, &scenes, true);
		let (without, _) = gained(&parameters, price, &scenes, false);
		let (gain, roundings) = (with - without, roundings(&scenes, price));
		prop_assert!(gain <= roundings, "for {costs:?} it gained {gain}");
		// What is less than a millionth may be lost in roundings.
		let is_noticed = (costs.cash + costs.tokens) / i128::from(Ppm::PARTS) > roundings;
		prop_assert!(!is_noticed || gain < 0, "for {costs:?} it lost nothing");
	}
}
