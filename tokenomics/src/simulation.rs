//! The days of a path: blocks of the chain, what people do in them, and what is recorded when a day and a year are over.

use crate::{
	chain::{
		self, Author, Balances, Dollars, LatestFix, Runtime, System, Token, MARKET, POOL, START, TOKEN_CLASS, TREASURY,
	},
	demand::Demand,
	error::Error,
	figures::{burned_since, EraRecord, Run, Tally, YearRecord},
	issuance::issuable,
	market::Market,
	people::{self, Trader, VALIDATORS},
	randomness::{Randomness, Stream},
	units::{self, DAY, DAYS_PER_YEAR, GCX},
};
use frame_support::traits::{fungible::Inspect, Hooks, OnUnbalanced};
use gcx_math::{fees::part_floor, issuance::EraFigures};
use gcx_primitives::{Cash, Price, PriceIndex};
use pallet_token::{ByRole, ChainFees, RewardRole, Supply, TokenBooks, TokenParameters};

/// Blocks in a day.
pub const BLOCKS: u32 = 8;
/// What the chain's own fees are worth, of the notional.
const CHAIN_FEES: f64 = 2e-6;

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Setup {
	/// The path.
	pub demand: Demand,
	/// Years of 365 days.
	pub years: u32,
	/// What all random numbers follow from.
	pub seed: u64,
	/// The share of the notional of those who pay fees in tokens.
	pub in_tokens: f64,
	/// How much days differ from each other: as stated at one, not at all at zero.
	pub noise: f64,
}

/// What the chain had when a year began.
struct Before {
	supply: Supply,
	books: TokenBooks,
	pool: u128,
	treasury: u128,
	treasury_tokens: u128,
}

impl Before {
	fn now() -> Self {
		Self {
			supply: Token::supply(),
			books: pallet_token::Books::<Runtime>::get(),
			pool: Dollars::balance(&POOL),
			treasury: Dollars::balance(&TREASURY),
			treasury_tokens: Balances::balance(&TREASURY),
		}
	}
}

/// A path, as far as it was simulated.
pub(crate) struct Simulation<'a> {
	pub(crate) setup: &'a Setup,
	pub(crate) parameters: TokenParameters,
	pub(crate) traders: Vec<Trader>,
	pub(crate) market: Market,
	pub(crate) demand: Randomness,
	pub(crate) activity: Randomness,
	pub(crate) work: Randomness,
	/// Of the year.
	pub(crate) tally: Tally,
	eras: Vec<EraRecord>,
	years: Vec<YearRecord>,
}

/// Simulates a path.
///
/// # Errors
/// The chain refuses something that it should not, or its figures do not add up.
pub fn run(setup: &Setup) -> Result<Run, Error> {
	let traders = people::traders(setup.in_tokens);
	let in_tokens = people::share_in_tokens(&traders);
	chain::empty().execute_with(|| {
		chain::begin(&traders)?;
		let random = |stream| Randomness::new(setup.seed, stream);
		let mut simulation = Simulation {
			setup,
			parameters: pallet_token::Parameters::<Runtime>::get(),
			traders,
			market: Market::new(setup.seed),
			demand: random(Stream::Demand),
			activity: random(Stream::Activity),
			work: random(Stream::Work),
			tally: Tally::default(),
			eras: Vec::new(),
			years: Vec::new(),
		};
		simulation.begin()?;
		(1..=setup.years).try_for_each(|year| simulation.year(year))?;
		Ok(Run { demand: setup.demand, in_tokens, eras: simulation.eras, years: simulation.years })
	})
}

impl Simulation<'_> {
	/// The first block, and what everybody chooses for good.
	fn begin(&mut self) -> Result<(), Error> {
		pallet_timestamp::Now::<Runtime>::put(START);
		LatestFix::set(Some((self.price(), START)));
		self.initialize_block();
		self.choose_fee_assets()
	}

	fn year(&mut self, year: u32) -> Result<(), Error> {
		let before = Before::now();
		self.tally = Tally::default();
		let first = (year - 1) * DAYS_PER_YEAR;
		(first..first + DAYS_PER_YEAR).try_for_each(|day| self.day(day))?;
		self.audit(year * DAYS_PER_YEAR)?;
		self.record_year(year, &before);
		Ok(())
	}

	/// From the block with which the day begins, which there is already, to the one with which the next begins.
	fn day(&mut self, day: u32) -> Result<(), Error> {
		let notional = self.setup.demand.notional(day, self.setup.noise, &mut self.demand);
		let orders = self.orders(notional);
		let begins = START + u64::from(day) * DAY;
		for block in 0..BLOCKS {
			if block > 0 {
				self.next_block(begins + u64::from(block) * DAY / u64::from(BLOCKS));
			}
			self.pay_chain_fees(notional / f64::from(BLOCKS))?;
			self.trade(block, &orders)?;
			self.do_work(block, notional)?;
			self.sell_into_buy_back()?;
		}
		self.trade_seats()?;
		self.claim()?;
		self.end_day(day, units::cash(notional), begins + DAY)
	}

	/// Lets the next day begin, which ends the era, and records that.
	fn end_day(&mut self, day: u32, notional: Cash, time: u64) -> Result<(), Error> {
		self.market.step();
		pallet_timestamp::Now::<Runtime>::put(time);
		LatestFix::set(Some((self.price(), time)));
		let cap_left = Token::supply().cap_left;
		let collected = pallet_token::Era::<Runtime>::get().of_fees;
		System::reset_events();
		self.initialize_block();
		let ended =
			System::read_events_for_pallet::<pallet_token::Event<Runtime>>().into_iter().find_map(
				|event| match event {
					pallet_token::Event::EraEnded { era, fees, best, burned, issued, of_fees } => {
						Some((era, EraFigures { fees, best, burned, cap_left }, issued, of_fees))
					},
					_ => None,
				},
			);
		let Some((era, figures, issued, of_fees)) = ended else { return Err(Error::EraOpen { day }) };
		let broken = |what: &str| Error::Broken { demand: self.setup.demand, day, what: what.into() };
		let price = chain::Index::fresh_fix(TOKEN_CLASS, self.parameters.max_price_age).map(|fix| fix.price);
		let (issuable, bound) = issuable(&figures, self.parameters.issuance.alpha, price)
			.map_err(|_| broken("the bounds of issuance do not fit"))?;
		if issued > issuable {
			return Err(broken("more was issued than the rule allows"));
		}
		let rewards = pallet_token::Eras::<Runtime>::get(era).unwrap_or_default().budgets;
		let supply = Token::supply();
		let price = self.price();
		self.tally_rewards(issued, &rewards, price);
		self.market.day_is_over(units::in_dollars(figures.fees));
		let EraFigures { fees, best, burned, .. } = figures;
		let of_operators = |amount| part_floor(amount, self.parameters.rewards.share(RewardRole::Operator));
		let record = EraRecord {
			day,
			notional,
			fees,
			best,
			price,
			burned,
			issuable,
			issued,
			bound,
			of_fees,
			rewards,
			operators_capped: rewards.operators < of_operators(collected).saturating_add(of_operators(issuable)),
			supply: supply.issuance,
			burned_ever: supply.burned,
		};
		self.tally.notional.0 += notional.0;
		self.eras.push(record);
		Ok(())
	}

	fn tally_rewards(&mut self, issued: u128, rewards: &ByRole<u128>, price: Price) {
		self.tally.issued.add(issued, price);
		let all = &mut self.tally.rewards;
		all.validators.add(rewards.validators, price);
		all.attestors.add(rewards.attestors, price);
		all.operators.add(rewards.operators, price);
		all.traders.add(rewards.traders, price);
	}

	/// A block at this time of the same day.
	fn next_block(&mut self, time: u64) {
		self.market.step();
		pallet_timestamp::Now::<Runtime>::put(time);
		self.initialize_block();
	}

	/// The market price now.
	pub(crate) fn price(&self) -> Price {
		self.market.price(Balances::total_issuance())
	}

	fn initialize_block(&mut self) {
		let block = System::block_number() + 1;
		System::set_block_number(block);
		let author = VALIDATORS[block as usize % VALIDATORS.len()];
		Author::set(Some(author));
		Token::on_initialize(block);
		Token::authored(&author);
	}

	/// Everybody pays for transactions.
	fn pay_chain_fees(&mut self, notional: f64) -> Result<(), Error> {
		let price = self.price();
		let fees = (notional * CHAIN_FEES / units::in_dollars_each(price) * GCX as f64) as u128;
		let credit = chain::taken(MARKET, fees.min(chain::free(MARKET)))?;
		let before = Author::get().map(|author| (author, Balances::balance(&author)));
		<ChainFees<Runtime, Author> as OnUnbalanced<_>>::on_unbalanced(credit);
		if let Some((author, before)) = before {
			self.tally.to_authors.add(Balances::balance(&author).saturating_sub(before), price);
		}
		Ok(())
	}

	fn record_year(&mut self, year: u32, before: &Before) {
		let now = Before::now();
		let spent = |books: &TokenBooks| Cash(books.cash.burn.0 - books.buy_back.0);
		let since = |now: u128, before: u128| now.saturating_sub(before);
		let dollars = |now, before| Cash(i128::try_from(since(now, before)).unwrap_or(i128::MAX));
		let seats = pallet_token::Seats::<Runtime>::iter_values().map(|seat| seat.stake);
		self.years.push(YearRecord {
			year,
			tally: self.tally,
			price: self.price(),
			supply: now.supply.issuance,
			burned: burned_since(&now.supply.burned, &before.supply.burned),
			to_pool: dollars(now.pool, before.pool),
			to_treasury: dollars(now.treasury, before.treasury),
			tokens_to_treasury: since(now.treasury_tokens, before.treasury_tokens),
			for_buy_back: Cash(now.books.cash.burn.0 - before.books.cash.burn.0),
			bought_back: Cash(spent(&now.books).0 - spent(&before.books).0),
			seats: pallet_token::Seats::<Runtime>::count(),
			seat_stakes: seats.sum(),
		});
	}
}

impl crate::figures::Valued {
	/// Adds tokens that come at a price.
	pub(crate) fn add(&mut self, tokens: u128, price: Price) {
		self.tokens = self.tokens.saturating_add(tokens);
		self.worth.0 = self.worth.0.saturating_add(units::worth(tokens, price).0);
	}
}
