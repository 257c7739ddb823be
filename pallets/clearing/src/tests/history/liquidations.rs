//! What liquidations do to the simple account of the chain, and whether they keep to their rules.

use super::*;
use crate::tests::operations::Target;
use frame_support::storage::{with_transaction, TransactionOutcome};
use gcx_runtime_api::AccountView;

/// What was taken of an account at a time.
#[derive(Default)]
struct Taken {
	/// Lots at mark, without sign.
	value: i128,
	/// What the taker gained at mark.
	discount: i128,
	is_by_house: bool,
}

/// A share of an amount that is not negative.
fn share(ppm: Ppm, amount: i128, up: bool) -> i128 {
	let product = amount * i128::from(ppm.0);
	if up {
		(product + 999_999).div_euclid(1_000_000)
	} else {
		product.div_euclid(1_000_000)
	}
}

fn view(line: Line) -> Option<AccountView<AccountId>> {
	Clearing::account_view(line.0, SubAccount(line.1))
}

/// Equity; of a house with what it advanced.
fn own_equity(view: &AccountView<AccountId>) -> i128 {
	let ledger = Ledgers::<Test>::get(segment(view.guarantor, view.side)).unwrap_or_default();
	view.margin.equity.0 + ledger.given.0
}

impl History {
	/// Follows what happened since it last looked. Collateral is bought with money if `by_bid`, else the house takes it over.
	pub(super) fn follow_liquidations(&mut self, by_bid: bool) -> Checked {
		let events = events();
		let mut taken = Taken::default();
		for event in events.iter().skip(self.followed) {
			match event {
				Event::Liquidated { owner, sub, taker, taker_sub, instrument, lots, price } => {
					let (line, taker) = ((*owner, sub.0), (*taker, taker_sub.0));
					ensure(by_bid, || format!("nobody bid: {event:?}"))?;
					self.pass_on(line, taker, *instrument, lots.0, price.0, &mut taken)?;
				},
				Event::HandedOver { owner, sub, guarantor, instrument, lots, price } => {
					taken.is_by_house = true;
					let (line, house) = ((*owner, sub.0), (*guarantor, 0));
					self.pass_on(line, house, *instrument, lots.0, price.0, &mut taken)?;
				},
				Event::PenaltyPaid { owner, sub, to_house, to_pool, to_caller } => {
					let taken = core::mem::take(&mut taken);
					self.pay_penalty((*owner, sub.0), &taken, [to_house.0, to_pool.0, to_caller.0])?;
				},
				Event::CollateralSold { owner, sub, to, collateral, amount, price } => {
					self.sell_collateral((*owner, sub.0), *to, (*collateral, *amount), price.0, by_bid)?;
				},
				Event::LossPassedOn { owner, sub, guarantor, loss, .. } => {
					let line = self.lines.get_mut(&(*owner, sub.0)).ok_or("a loss of nobody")?;
					line.cash += loss.0;
					let is_last = line.cash == 0 && line.lots.is_empty() && loss.0 > 0;
					ensure(is_last, || format!("{event:?} left {line:?}"))?;
					self.lines.get_mut(&(*guarantor, 0)).ok_or("a house that there is not")?.cash -= loss.0;
				},
				Event::LayerTaken { guarantor, layer, took, .. }
					if ![Layer::Customer, Layer::HouseFunds, Layer::Gains].contains(layer) =>
				{
					self.lines.get_mut(&(*guarantor, 0)).ok_or("a house that there is not")?.cash += took.0;
				},
				Event::GainCut { owner, sub, gain, amount } => {
					ensure(*amount <= *gain, || format!("{event:?} is more than the gain"))?;
					self.cuts.push(Cut { line: (*owner, sub.0), gain: gain.0, amount: amount.0 });
				},
				Event::GainsTaken { guarantor, had, took, .. } => {
					let cuts = core::mem::take(&mut self.cuts);
					let sum: i128 = cuts.iter().map(|cut| cut.amount).sum();
					ensure(sum == took.0, || format!("{took:?} were taken, cut were {sum}"))?;
					self.check_cuts(*guarantor, &cuts, had.0, took.0)?;
					for Cut { line, amount, .. } in cuts {
						self.lines.get_mut(&line).ok_or("a gain of nobody")?.cash -= amount;
					}
					self.lines.get_mut(&(*guarantor, 0)).ok_or("a house that there is not")?.cash += took.0;
				},
				Event::InstrumentEnded { instrument, .. } => self.end_positions(*instrument),
				Event::Opened { owner, sub, side: SegmentSide::House, .. } => {
					// The house of one that failed, which had none: the pool lent what custody has to have.
					let house = Ledgers::<Test>::get(segment(*owner, SegmentSide::House)).unwrap_or_default();
					let opened = Holdings { cash: -house.borrowed.0, ..Default::default() };
					self.lines.entry((*owner, sub.0)).or_insert(opened);
				},
				Event::TornUp { .. } => self.tally.count("instruments torn up"),
				_ => {},
			}
			self.follow_default(event)?;
		}
		self.followed = events.len();
		ensure(taken.value == 0, || "lots were taken and no penalty was told".to_owned())
	}

	/// Lots of an account are another's: closer to zero for the one, at mark or by no more than the largest discount better for the
	/// other.
	fn pass_on(
		&mut self,
		line: Line,
		taker: Line,
		id: InstrumentId,
		lots: i64,
		price: i64,
		taken: &mut Taken,
	) -> Checked {
		let instrument = Instruments::<Test>::get(id).ok_or("unknown lots were taken")?;
		let (settlement, multiplier) = self.prices.get(&id).copied().unwrap_or_default();
		let (mark, size) = (instrument.risk.mark.0, instrument.risk.mark.0.abs().max(instrument.floor.0));
		let width = (mark - price) * lots.signum();
		let parameters = Parameters::<Test>::get();
		let most = parameters.max_penalty.0 - parameters.liquidation.pool_penalty.0;
		let of_default = Defaults::<Test>::contains_key(line.0) && line.1 == 0;
		let most = if of_default { parameters.default.max_discount.0 } else { most };
		let most = if taken.is_by_house { 0 } else { share(Ppm(most), size.into(), false) };
		let is_fair = width >= 0 && i128::from(width) <= most;
		ensure(is_fair, || format!("{line:?} sold {lots} of {id:?} at {price}, the mark is {mark}, at most {most}"))?;
		let before = self.lines.get(&line).and_then(|line| line.lots.get(&id)).copied().unwrap_or(0);
		let is_reduced = before.signum() == lots.signum() && lots.abs() <= before.abs();
		ensure(is_reduced, || format!("{line:?} had {before} and {lots} were taken"))?;
		ensure(line.0 != taker.0, || format!("{line:?} took its own"))?;
		let booked = &mut self.booked;
		for (key, lots) in [(line, -lots), (taker, lots)] {
			let line = self.lines.get_mut(&key).ok_or("who is liquidated, or takes, has no account")?;
			line.cash += worth(lots, multiplier, settlement, price);
			*booked.entry(key).or_default() += worth(lots, multiplier, settlement, price);
			*line.lots.entry(id).or_default() += lots;
			line.lots.retain(|_, lots| *lots != 0);
		}
		if of_default {
			self.tally.count("parts of failed houses sold");
			self.sold.discount += worth(lots.abs(), multiplier, width, 0);
			return Ok(());
		}
		taken.value += worth(lots.abs(), multiplier, size, 0);
		taken.discount += worth(lots.abs(), multiplier, width, 0);
		Ok(())
	}

	/// A bid's penalty goes to the pool and to who found the account, a hand-over's to the house; neither is more than its share.
	fn pay_penalty(&mut self, line: Line, taken: &Taken, [to_house, to_pool, to_caller]: [i128; 3]) -> Checked {
		let parameters = Parameters::<Test>::get();
		let most = if taken.is_by_house { parameters.max_penalty } else { parameters.liquidation.pool_penalty };
		let penalty = to_house + to_pool + to_caller;
		let is_fair = penalty <= share(most, taken.value, true)
			&& (taken.is_by_house || to_house == 0)
			&& (!taken.is_by_house || to_pool + to_caller == 0);
		ensure(is_fair, || format!("{line:?} paid {to_house}, {to_pool} and {to_caller} for {}", taken.value))?;
		let callers = share(parameters.liquidation.caller_share, penalty, false);
		ensure(to_caller == 0 || to_caller == callers, || format!("{to_caller} of {penalty} for the caller"))?;
		let guarantor = Self::behind_line(line)?;
		self.lines.get_mut(&line).ok_or("nobody paid")?.cash -= penalty;
		if to_house > 0 {
			self.lines.get_mut(&(guarantor, 0)).ok_or("a house that there is not")?.cash += to_house;
		}
		self.penalties += to_pool;
		self.sold.discount += taken.discount;
		self.sold.penalty += penalty;
		Ok(())
	}

	/// Collateral is sold at no less than it counts for, and no more than it is worth.
	fn sell_collateral(
		&mut self,
		line: Line,
		to: AccountId,
		(id, amount): (CollateralId, u128),
		price: i128,
		by_bid: bool,
	) -> Checked {
		let figures = Collaterals::<Test>::get(id).and_then(|terms| terms.in_force).ok_or("unknown collateral")?;
		let value = i128::from(last_fix(figures.class).unwrap_or(0).max(0)) * as_cash(amount);
		let unit = as_cash(figures.unit);
		let counts = share(Ppm(1_000_000 - figures.haircut.0), value.div_euclid(unit), false);
		let is_fair = counts <= price && price <= value.div_euclid(unit) + 1 && (by_bid || price == counts);
		ensure(is_fair, || format!("{amount} sold for {price}, it counts for {counts} of {value}/{unit}"))?;
		let sold = self.lines.get_mut(&line).ok_or("collateral of nobody")?;
		let held = sold.collateral.remove(&id).unwrap_or(0);
		let left = held.checked_sub(amount).ok_or("more than it had")?;
		if left > 0 {
			sold.collateral.insert(id, left);
		}
		sold.cash += price;
		if !by_bid {
			let house = self.lines.get_mut(&(to, 0)).ok_or("a house that there is not")?;
			house.cash -= price;
			*house.collateral.entry(id).or_default() += amount;
		}
		Ok(())
	}

	fn behind_line(line: Line) -> Result<AccountId, String> {
		let account = Accounts::<Test>::get(line.0, SubAccount(line.1));
		Ok(account.ok_or("who is liquidated has no account")?.segment.guarantor)
	}

	/// The account that is meant, of those that there are.
	pub(super) fn line_of(&self, target: Target) -> Line {
		let nth = |number: usize, is_meant: &dyn Fn(Line) -> bool| {
			let meant: Vec<_> = self.lines.keys().copied().filter(|line| is_meant(*line)).collect();
			meant.get(number % meant.len().max(1)).copied().unwrap_or((11, 0))
		};
		match target {
			Target::Line(line) => line,
			Target::Short(number) => {
				nth(number, &|line| view(line).is_some_and(|view| view.margin.equity < view.margin.maintenance_margin))
			},
			Target::ForSale(number) => nth(number, &|line| {
				let account = Accounts::<Test>::get(line.0, SubAccount(line.1));
				account.is_some_and(|account| account.state.is_liquidating())
			}),
			Target::Failed(number) => nth(number, &|line| {
				let stage = Defaults::<Test>::get(line.0).map(|failure| failure.stage);
				line.1 == 0 && matches!(stage, Some(Stage::Auction { .. }))
			}),
		}
	}

	/// How many lots so many thousandths of an account's free equity are the margin of; at least one.
	pub(super) fn affordable(&self, line: Line, id: InstrumentId, thousandths: i128) -> i64 {
		let (Some(view), Some(instrument)) = (view(line), Instruments::<Test>::get(id)) else { return 1 };
		let free = (view.margin.equity.0 - view.margin.initial_margin.0).max(0) * thousandths / 1_000;
		let each = i128::from(instrument.terms.multiplier.0) * i128::from(instrument.risk.range.get());
		i64::try_from(free / each.max(1)).unwrap_or(1).clamp(1, 1_000)
	}

	/// Some accounts as they are once the market was looked at for all instruments.
	fn at_new_marks<const N: usize>(lines: [Line; N]) -> [Option<AccountView<AccountId>>; N] {
		with_transaction(|| {
			for instrument in Listed::<Test>::get() {
				let _ = Clearing::refresh_mark(RuntimeOrigin::signed(STRANGER), instrument);
			}
			TransactionOutcome::Rollback(Ok::<_, DispatchError>(lines.map(view)))
		})
		.unwrap_or_else(|error| panic!("it only looks: {error:?}"))
	}

	/// A bid. The account has what it had less discount and penalty, and nothing below zero that was not; the taker what it had and
	/// the discount.
	pub(super) fn bid(&mut self, taker: Line, of: Target, part: Ppm, least: i128) -> Result<Outcome, String> {
		let of = self.line_of(of);
		let before = Self::at_new_marks([of, taker]);
		let bid = crate::Call::bid {
			sub: SubAccount(taker.1),
			owner: of.0,
			owner_sub: SubAccount(of.1),
			part,
			least: Cash(least),
		};
		let gave = before.each_ref().map(|view| view.as_ref().map_or(0, own_equity));
		let done = call(bid, taker.0);
		if done.is_ok() {
			self.sold = Sold::default();
			self.follow_liquidations(true)?;
			let after = Self::at_new_marks([of, taker]).map(|view| view.map_or(0, |view| own_equity(&view)));
			let Sold { discount, penalty } = self.sold;
			let is_of_lots = events().iter().any(|event| matches!(event, Event::Liquidated { .. }));
			if is_of_lots {
				let is_paid = after[0] == gave[0] - discount - penalty && after[1] == gave[1] + discount;
				ensure(is_paid, || format!("{gave:?} became {after:?} by {discount} and {penalty}"))?;
				let is_house = Defaults::<Test>::contains_key(of.0);
				let is_bounded = (is_house || after[0] >= gave[0].min(0)) && discount >= least;
				ensure(is_bounded, || format!("{gave:?} became {after:?}, {discount} of {least}"))?;
			} else {
				// What it counts for may be rounded away.
				ensure(after[0] >= gave[0] - 2, || format!("{gave:?} became {after:?} by a sale"))?;
			}
		}
		Ok(done)
	}

	/// Somebody finds an account, or has it handed over. What was found lacked margin, or was late.
	pub(super) fn liquidate(&mut self, by: AccountId, of: Target) -> Outcome {
		let of = self.line_of(of);
		call(crate::Call::liquidate { owner: of.0, sub: SubAccount(of.1) }, by)
	}

	/// Blocks come. What each does is followed before the next.
	pub(super) fn blocks(&mut self, count: u32, apart: u64) -> Checked {
		for _ in 0..count {
			// The next block adds its own three seconds.
			pass(apart.saturating_sub(3_000));
			self.had = self.cash();
			next_block();
			<Insurance as frame_support::traits::Hooks<_>>::on_initialize(System::block_number());
			let Settlements { pricing, due, .. } = Settled::<Test>::get();
			ensure(pricing.is_none() && due > System::block_number(), || "the run is stuck".to_owned())?;
			self.follow_settlement()?;
			self.follow_liquidations(false)?;
			self.watch_hour(TotalCustody::<Test>::get().0);
		}
		Ok(())
	}

	/// What each line has.
	pub(super) fn cash(&self) -> BTreeMap<Line, i128> {
		self.lines.iter().map(|(line, holdings)| (*line, holdings.cash)).collect()
	}
}
