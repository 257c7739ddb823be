//! Who buys a seat, and who gives one up: whoever saves enough by it.

use crate::{
	chain::{attempted, fund_with_tokens, Runtime, RuntimeOrigin, Token, START},
	error::Error,
	people::Trader,
	simulation::Simulation,
	units::{self, in_dollars, DAY, DAYS_PER_YEAR},
};
use gcx_math::fees::{tier_of, VOLUME_DAYS};
use gcx_primitives::{Ppm, Role};
use pallet_token::Error as Refusal;

/// A seat is bought if it saves so much of its price in a year.
const BOUGHT_AT: f64 = 0.2;
/// A seat is given up if it saves less than so much of its stake in a year.
const SURRENDERED_UNDER: f64 = 0.05;

impl Simulation<'_> {
	/// The trader who saves the most buys a seat if the price is right, and who saves too little by its own gives it up. Nobody
	/// knows what it would save before 30 days.
	pub(crate) fn trade_seats(&mut self) -> Result<(), Error> {
		if crate::chain::now().saturating_sub(START) < u64::from(VOLUME_DAYS) * DAY {
			return Ok(());
		}
		let mut best: Option<(f64, u64)> = None;
		for trader in self.traders.iter().filter(|trader| trader.wants_seat) {
			let saving = self.saving(trader);
			match pallet_token::Seats::<Runtime>::get(trader.who) {
				None if best.is_none_or(|(most, _)| saving > most) => best = Some((saving, trader.who)),
				None => {},
				Some(seat) if saving < SURRENDERED_UNDER * in_dollars(units::worth(seat.stake, self.price())) => {
					let done = Token::surrender_seat(RuntimeOrigin::signed(trader.who));
					self.tally.seats_surrendered += u32::from(attempted("take a seat back", done, [])?);
				},
				Some(_) => {},
			}
		}
		let Some(((saving, who), price)) = best.zip(Token::seat_price()) else { return Ok(()) };
		if saving < BOUGHT_AT * in_dollars(units::worth(price, self.price())) {
			return Ok(());
		}
		if !fund_with_tokens(who, price, 0)? {
			return Ok(());
		}
		let bought = Token::buy_seat(RuntimeOrigin::signed(who), price);
		self.tally.seats_bought +=
			u32::from(attempted("sell a seat", bought, [Refusal::NoSeatLeft, Refusal::SaleNotBegun])?);
		Ok(())
	}

	/// Dollars that a seat saves in a year, at the pace of the last 30 days.
	fn saving(&self, trader: &Trader) -> f64 {
		let tiers = &self.parameters.tiers;
		let volume = Token::account_fees(&trader.who).volume;
		let (Some(own), Some(best)) = (tiers.get(tier_of(tiers, volume)), tiers.last()) else { return 0.0 };
		let rate = |rate: Ppm| f64::from(rate.0) / f64::from(Ppm::PARTS);
		let each = |role: Role| rate(own.rate(role)) - rate(best.rate(role));
		let [waited, met] = trader.weights.map(|weight| weight / trader.weight());
		let discount = if trader.pays_in_tokens { rate(self.parameters.discount) } else { 0.0 };
		let days = f64::from(DAYS_PER_YEAR) / f64::from(VOLUME_DAYS);
		in_dollars(volume) * days * (waited * each(Role::Maker) + met * each(Role::Taker)) * (1.0 - discount)
	}
}
