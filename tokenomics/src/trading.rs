//! Who trades how much on a day, and pays for it in what.

use crate::{
	chain::{
		attempted, collect, free, fund_with_tokens, refused, AccountId, LatestFix, Runtime, RuntimeOrigin, Token,
		MARKET,
	},
	error::Error,
	figures::Tally,
	simulation::{Simulation, BLOCKS},
	units::{self, GCX},
};
use gcx_math::issuance::tokens_ceil;
use gcx_primitives::{Cash, FeeQuote, Ppm, Role, SeatHolders, TradingFees};
use pallet_token::{Error as Refusal, FeeAsset, FeeDesk};
use std::collections::BTreeMap;

/// For how many days' fees an account buys tokens at a time.
const FEES_AT_ONCE: u128 = 20;

/// What a trader does on a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
	/// Its place among the traders.
	trader: usize,
	/// What its orders that waited count for, and those that met one.
	sides: [Cash; 2],
}

impl Simulation<'_> {
	/// Those who pay in tokens choose so.
	pub(crate) fn choose_fee_assets(&self) -> Result<(), Error> {
		self.traders.iter().filter(|trader| trader.pays_in_tokens).try_for_each(|trader| {
			Token::pay_fees_in(RuntimeOrigin::signed(trader.who), FeeAsset::Token)
				.map_err(|reason| refused("choose what fees are paid in", reason))
		})
	}

	/// Shares a day's notional, in dollars, among those who trade: between half and three halves of what each does on average.
	pub(crate) fn orders(&mut self, notional: f64) -> Vec<Order> {
		let noise = self.setup.noise;
		let mut weights = Vec::new();
		for (at, trader) in self.traders.iter().enumerate() {
			let (trades, deviation) = (self.activity.happens(trader.activity), self.activity.uniform() - 0.5);
			if trades || noise == 0.0 {
				weights.push((at, trader.weights.map(|weight| weight * (1.0 + noise * deviation))));
			}
		}
		let whole = [0, 1].map(|side| weights.iter().map(|(_, weights)| weights[side]).sum::<f64>());
		let of_side = |weights: [f64; 2], side: usize| units::cash(notional * weights[side] / whole[side]);
		let order = |(trader, weights): (usize, _)| Order { trader, sides: [of_side(weights, 0), of_side(weights, 1)] };
		weights.into_iter().map(order).collect()
	}

	/// The trades of those whose block it is. What they pay in cash arrives by guarantor.
	pub(crate) fn trade(&mut self, block: u32, orders: &[Order]) -> Result<(), Error> {
		let of_block = |order: &&Order| order.trader % BLOCKS as usize == block as usize;
		let mut arrived = BTreeMap::new();
		let mut desk = FeeDesk::<Runtime>::open();
		for order in orders.iter().filter(of_block) {
			let Some(trader) = self.traders.get(order.trader) else { continue };
			let (who, has_seat) = (trader.who, Token::has_seat(&trader.who));
			if trader.pays_in_tokens {
				self.fund_fees(who, order)?;
			}
			for (role, notional) in [Role::Maker, Role::Taker].into_iter().zip(order.sides) {
				let quote = desk.quote(&who, role, notional).map_err(|reason| refused("quote a fee", reason))?;
				desk.charge(&who, &quote);
				arrived.entry(trader.guarantor).or_insert(Cash::ZERO).0 += quote.cash.0;
				self.tally.add_fee(&quote, has_seat, trader.pays_in_tokens);
			}
		}
		desk.close();
		let arrived = arrived.into_iter().filter(|(_, cash)| *cash > Cash::ZERO);
		arrived.into_iter().try_for_each(|(guarantor, cash)| collect(guarantor, cash))
	}

	/// Who lacks tokens for what its fees are at most buys many at a time.
	fn fund_fees(&self, who: AccountId, order: &Order) -> Result<(), Error> {
		let Some((price, _)) = LatestFix::get() else { return Ok(()) };
		let dearest = self.parameters.tiers.first().map_or(Ppm::ZERO, |tier| tier.maker.max(tier.taker));
		let both = Cash(order.sides.iter().map(|side| side.0).sum());
		let tokens = dearest.mul_ceil(both).and_then(|fee| tokens_ceil(fee, price, GCX));
		let tokens = tokens.map_err(|reason| refused("tell the most that fees are", reason))?;
		// Where the market has too few, fees fall back to dollars.
		fund_with_tokens(who, tokens, tokens.saturating_mul(FEES_AT_ONCE)).map(|_| ())
	}

	/// The market sells tokens for fees as soon as the price that is offered is its own.
	pub(crate) fn sell_into_buy_back(&self) -> Result<(), Error> {
		if !pallet_token::Offer::<Runtime>::exists() {
			return Ok(());
		}
		let sold = Token::sell_tokens(RuntimeOrigin::signed(MARKET), free(MARKET), self.price());
		let unless = [Refusal::NoOffer, Refusal::OfferOver, Refusal::PriceTooLow, Refusal::NothingToMove];
		attempted("buy tokens", sold, unless).map(|_| ())
	}
}

impl Tally {
	fn add_fee(&mut self, quote: &FeeQuote, has_seat: bool, chose_tokens: bool) {
		self.sides.0 += quote.notional.0;
		self.fees.0 += quote.worth().0;
		if has_seat {
			self.seated.0 += quote.notional.0;
		}
		if quote.tokens.is_some() {
			self.in_tokens.0 += quote.worth().0;
		} else if chose_tokens && quote.cash > Cash::ZERO {
			self.fallbacks += 1;
		}
	}
}
