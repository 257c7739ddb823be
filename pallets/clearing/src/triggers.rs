//! The trigger index: at which prices an account has to be looked at, in the order of prices, so that a move visits just the
//! accounts whose level it reaches.
//!
//! Levels are computed on assumptions that leave room: a larger scan fraction, a larger price size, less open interest than
//! there are. They stay good until an assumption fails; then every account is looked at anew, in a sweep of its own.
//! Levels that still suffice are left where they are.
//!
//! An account whose levels would be no distance at all, that owes cash or is being liquidated is on the watch list
//! instead, which is gone through in turn, the largest requirement first.

use crate::{
	books::{BookError, Books},
	types::{AccountKeyOf, MarginAccountOf},
	Collaterals, Config, Direction, Instruments, Levels, Listed, Moved, OwnersToCheck, Pallet, Settled, Subject,
	Trigger, Triggers, Watchlist,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use gcx_math::{
	levels::{distances, fit, Exposure, Fit, Gap, Pledge},
	margin::{Holding, InstrumentRisk},
	scan::ScanRange,
};
use gcx_primitives::{AccountKey, ArithmeticError, Cash, CollateralId, Lots, Ppm, Price, SubAccount};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// A level as a part of a storage key: its bytes are in the order in which a price that goes its way reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Level([u8; 8]);

impl Level {
	/// The level of a price.
	pub fn new(direction: Direction, price: Price) -> Self {
		let ascending = price.0.cast_unsigned() ^ (1 << 63);
		Self(match direction {
			Direction::Rises => ascending.to_be_bytes(),
			Direction::Falls => (!ascending).to_be_bytes(),
		})
	}

	/// The price of the level.
	pub fn price(self, direction: Direction) -> Price {
		let bits = u64::from_be_bytes(self.0);
		let ascending = match direction {
			Direction::Rises => bits,
			Direction::Falls => !bits,
		};
		Price((ascending ^ (1 << 63)).cast_signed())
	}
}

/// A rank as a part of a storage key: the largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Rank([u8; 16]);

impl Rank {
	/// The rank of an amount that is not negative.
	pub fn new(amount: Cash) -> Self {
		Self((!amount.0.max(0).unsigned_abs()).to_be_bytes())
	}
}

/// An account in the order of a level or a rank.
pub type Placed<Order, AccountId> = (Order, AccountKey<AccountId>);

impl<T: Config> Books<T> {
	/// Puts the accounts that were looked at where they belong in the index. Returns how many positions they had at the most.
	pub(crate) fn reindex_all(&mut self) -> Result<u32, BookError> {
		let mut positions = 0u32;
		for key in self.to_index() {
			if self.defers_index {
				let noted = OwnersToCheck::<T>::get(&key.owner).unwrap_or(key.sub);
				OwnersToCheck::<T>::insert(key.owner, noted.min(key.sub));
				continue;
			}
			positions = positions.saturating_add(self.reindex(&key)?);
			self.recount_stress(&key)?;
		}
		for (owner, record) in self.changed_owners() {
			// The owner's other accounts pay for its concentration as well.
			let threshold = self.parameters.margin.concentration_threshold;
			let is_large = record.gross.iter().any(|(_, lots)| *lots > threshold);
			if record.accounts > 1 && is_large {
				OwnersToCheck::<T>::insert(owner, SubAccount(0));
			}
		}
		Ok(positions)
	}

	/// Puts an account where it belongs in the index. Returns how many positions it has, or has levels of if those are more.
	fn reindex(&mut self, key: &AccountKeyOf<T>) -> Result<u32, BookError> {
		let Some(mut account) = self.account(key)? else {
			let gone = self.indexed(key);
			change_index::<T>(key, &gone, &Triggers::default());
			return Ok(gone.instruments());
		};
		if self.recover(key, &mut account)? {
			self.put_triggers(key, account.clone());
		}
		let before = account.triggers.clone();
		let mut next = self.triggers(key, &account)?;
		if let (Some(place), Some(_)) = (before.watched, next.watched) {
			// It is found there; its place in the order may wait.
			next.watched = Some(place);
		}
		change_index::<T>(key, &before, &next);
		let held = u32::try_from(account.positions.len()).unwrap_or(u32::MAX);
		let positions = held.max(before.instruments());
		if next != before {
			account.triggers = next;
			self.put_triggers(key, account);
		}
		Ok(positions)
	}

	/// Where an account belongs.
	fn triggers(&mut self, key: &AccountKeyOf<T>, account: &MarginAccountOf<T>) -> Result<Triggers, BookError> {
		let owner = self.owner(&key.owner);
		let standing = self.standing(key, account, &owner)?;
		// A house may have less than it advanced.
		let is_idle = account.positions.is_empty() && account.state.is_open() && standing.cash >= Cash::ZERO;
		if is_idle {
			return Ok(Triggers::default());
		}
		let (risks, covers) = (self.assumed_risks(account)?, self.covers(key, account)?);
		let exposures: Vec<_> = account
			.positions
			.iter()
			.zip(&risks)
			.zip(covers)
			.map(|((position, assumed), covered_lots)| Exposure {
				holding: Holding {
					risk: &assumed.risk,
					lots: position.lots,
					owner_lots: owner.gross(position.instrument),
					covered_lots,
				},
				fraction: assumed.fraction,
				least: assumed.least,
			})
			.collect();
		let mut pledges = Vec::with_capacity(account.collateral.len());
		for line in &account.collateral {
			if let Some((figures, price, mean)) = self.collateral_price(line.id).filter(|(_, price, _)| price.0 > 0) {
				let price = price.min(mean);
				pledges.push((
					line.id,
					Pledge { amount: line.amount, unit: figures.unit, haircut: figures.haircut, price },
				));
			}
		}
		let parameters = self.parameters.margin;
		let lines: Vec<_> = pledges.iter().map(|(_, pledge)| *pledge).collect();
		let mut levels = BoundedVec::new();
		let mut is_close = false;
		let fits = match kept_gaps(account, &risks, &pledges) {
			Some((marks, prices)) => {
				fit(standing.equity, &exposures, &lines, &marks, &prices, &parameters)? == Fit::Fits
			},
			None => false,
		};
		if fits {
			let is_kept = |trigger: &&Trigger| !matches!(trigger.subject, Subject::Settlement(_));
			for trigger in account.triggers.levels.iter().filter(is_kept) {
				levels.try_push(*trigger).map_err(|_| ArithmeticError::Overflow)?;
			}
		} else if let Some(far) = distances(standing.equity, &exposures, &lines, &parameters)? {
			for ((position, Assumed { risk, .. }), distance) in account.positions.iter().zip(&risks).zip(&far.positions)
			{
				let subject = Subject::Mark(position.instrument);
				let trigger = around(subject, risk.mark, *distance);
				levels.try_push(trigger).map_err(|_| ArithmeticError::Overflow)?;
			}
			for ((id, pledge), distance) in pledges.iter().zip(&far.pledges) {
				let trigger = Trigger { rises: None, ..around(Subject::Collateral(*id), pledge.price, *distance) };
				levels.try_push(trigger).map_err(|_| ArithmeticError::Overflow)?;
			}
		} else {
			is_close = true;
		}
		// Cash can run out before margin does where collateral stands in for it.
		if !account.collateral.is_empty() && account.cash >= Cash::ZERO {
			for trigger in cash_levels(account, &risks)? {
				levels.try_push(trigger).map_err(|_| ArithmeticError::Overflow)?;
			}
		}
		let is_watched = is_close || !account.state.is_open();
		Ok(Triggers { levels, watched: is_watched.then_some(standing.requirement.total()?) })
	}
}

impl<T: Config> Books<T> {
	/// What the levels of an account's positions assume: of each class what leaves the most room.
	fn assumed_risks(&mut self, account: &MarginAccountOf<T>) -> Result<Vec<Assumed>, BookError> {
		let mut held = Vec::with_capacity(account.positions.len());
		for position in &account.positions {
			let instrument = self.instrument(position.instrument)?;
			held.push((instrument.terms.class, instrument.assumed));
		}
		let mut risks = Vec::with_capacity(held.len());
		for (position, (class, own)) in account.positions.iter().zip(&held) {
			let of_class = held.iter().filter(|(other, _)| other == class).map(|(_, assumed)| assumed);
			let (fraction, calm) = of_class.fold((own.fraction, own.calm), |(fraction, calm), other| {
				(fraction.max(other.fraction), calm.max(other.calm))
			});
			let instrument = self.instrument(position.instrument)?;
			risks.push(Assumed {
				risk: instrument.assumed_risk(fraction, calm)?,
				fraction,
				least: instrument.least_range(fraction)?,
				settlement: instrument.settlement.price,
			});
		}
		Ok(risks)
	}
}

/// What the levels of a position assume.
struct Assumed {
	/// At the scan fraction below.
	risk: InstrumentRisk,
	fraction: Ppm,
	/// As [`Exposure::least`].
	least: ScanRange,
	/// The settlement price, which is not assumed.
	settlement: Price,
}

/// The levels at a distance from a price: one unit beyond what is safe.
fn around(subject: Subject, price: Price, distance: Price) -> Trigger {
	let beyond = distance.0.saturating_add(1);
	Trigger {
		subject,
		falls: Some(Price(price.0.saturating_sub(beyond))),
		rises: Some(Price(price.0.saturating_add(beyond))),
	}
}

/// How far the prices are from the account's levels, if it has one of everything that it depends on and nothing else.
fn kept_gaps<A>(
	account: &crate::MarginAccount<A>,
	risks: &[Assumed],
	pledges: &[(CollateralId, Pledge)],
) -> Option<(Vec<Gap>, Vec<Price>)> {
	let find = |subject| account.triggers.levels.iter().find(|trigger| trigger.subject == subject);
	let is_margin = |trigger: &&Trigger| !matches!(trigger.subject, Subject::Settlement(_));
	let count = account.triggers.levels.iter().filter(is_margin).count();
	if count != risks.len().checked_add(pledges.len())? {
		return None;
	}
	// What is safe ends one unit before the level.
	let below = |price: Price, level: Price| Some(Price(price.0.checked_sub(level.0)?.checked_sub(1)?));
	let above = |price: Price, level: Price| Some(Price(level.0.checked_sub(price.0)?.checked_sub(1)?));
	let mut marks = Vec::with_capacity(risks.len());
	for (position, Assumed { risk, .. }) in account.positions.iter().zip(risks) {
		let trigger = find(Subject::Mark(position.instrument))?;
		marks.push(Gap { down: below(risk.mark, trigger.falls?)?, up: above(risk.mark, trigger.rises?)? });
	}
	let mut prices = Vec::with_capacity(pledges.len());
	for (id, pledge) in pledges {
		prices.push(below(pledge.price, find(Subject::Collateral(*id))?.falls?)?);
	}
	Some((marks, prices))
}

/// The settlement prices at which an account's cash could be used up: cash is shared out over its positions in proportion to
/// their scan ranges.
fn cash_levels<A>(account: &crate::MarginAccount<A>, risks: &[Assumed]) -> Result<Vec<Trigger>, ArithmeticError> {
	let mut weighed = Vec::with_capacity(risks.len());
	let mut whole = 0u128;
	for (position, Assumed { risk, .. }) in account.positions.iter().zip(risks) {
		let range = risk.range.get().max(1).unsigned_abs();
		let hours = position.lots.compute_hours(risk.multiplier)?;
		let weight = u128::from(hours.0).checked_mul(range.into()).ok_or(ArithmeticError::Overflow)?;
		whole = whole.checked_add(weight).ok_or(ArithmeticError::Overflow)?;
		weighed.push(range);
	}
	let cash = account.cash.0.max(0).unsigned_abs();
	let mut levels = Vec::with_capacity(risks.len());
	for ((position, Assumed { settlement, .. }), range) in account.positions.iter().zip(risks).zip(weighed) {
		let distance = multiply_by_rational_with_rounding(cash, range.into(), whole, Rounding::Down);
		let distance = distance.map_or(i64::MAX, |distance| i64::try_from(distance).unwrap_or(i64::MAX));
		let both = around(Subject::Settlement(position.instrument), *settlement, Price(distance));
		levels.push(match position.lots > Lots::ZERO {
			true => Trigger { rises: None, ..both },
			false => Trigger { falls: None, ..both },
		});
	}
	Ok(levels)
}

/// Writes what changed of an account's places in the index.
pub(crate) fn change_index<T: Config>(key: &AccountKeyOf<T>, before: &Triggers, after: &Triggers) {
	for gone in before.levels.iter().filter(|trigger| !after.levels.contains(trigger)) {
		for (direction, level) in places(gone) {
			Levels::<T>::remove((gone.subject, direction), (level, key));
		}
	}
	for new in after.levels.iter().filter(|trigger| !before.levels.contains(trigger)) {
		for (direction, level) in places(new) {
			Levels::<T>::insert((new.subject, direction), (level, key), ());
		}
	}
	if before.watched != after.watched {
		if let Some(rank) = before.watched {
			Watchlist::<T>::remove((Rank::new(rank), key));
		}
		if let Some(rank) = after.watched {
			Watchlist::<T>::insert((Rank::new(rank), key), ());
		}
	}
}

/// The places of a trigger.
pub(crate) fn places(trigger: &Trigger) -> impl Iterator<Item = (Direction, Level)> {
	let place = |direction, price: Option<Price>| price.map(|price| (direction, Level::new(direction, price)));
	let both = [place(Direction::Falls, trigger.falls), place(Direction::Rises, trigger.rises)];
	both.into_iter().flatten()
}

impl<T: Config> Pallet<T> {
	/// A price moved: whose levels it reached is looked at in the next blocks.
	pub(crate) fn note_move(subject: Subject) {
		Moved::<T>::insert(subject, ());
	}

	/// All settlement prices may have moved.
	pub(crate) fn note_settlement() {
		for id in Listed::<T>::get() {
			Self::note_move(Subject::Settlement(id));
			Self::note_move(Subject::Mark(id));
		}
		for id in Collaterals::<T>::iter_keys() {
			Self::note_move(Subject::Collateral(id));
		}
	}

	/// Where a subject's price is now.
	pub(crate) fn price_of(subject: Subject) -> Option<Price> {
		let instrument = |id| Some(Instruments::<T>::get(id)?.at_run(Settled::<T>::get().current));
		match subject {
			Subject::Mark(id) => Some(instrument(id)?.risk.mark),
			Subject::Settlement(id) => Some(instrument(id)?.settlement.price),
			Subject::Collateral(id) => {
				let max_age = crate::Parameters::<T>::get().max_fix_age;
				Self::fresh_collateral_price(id, max_age).map(|(_, price, mean)| price.min(mean))
			},
		}
	}

	/// The first place of a subject that its price has reached.
	pub(crate) fn first_reached(subject: Subject) -> Option<(Direction, Placed<Level, T::AccountId>)> {
		let price = Self::price_of(subject)?;
		let first = |direction| {
			let (level, key) = Levels::<T>::iter_key_prefix((subject, direction)).next()?;
			let reached_at = level.price(direction);
			let is_reached = match direction {
				Direction::Falls => price <= reached_at,
				Direction::Rises => price >= reached_at,
			};
			is_reached.then_some((direction, (level, key)))
		};
		first(Direction::Falls).or_else(|| first(Direction::Rises))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn levels_are_in_the_order_in_which_a_price_reaches_them() {
		let prices = [i64::MIN, -5, -1, 0, 1, 7, i64::MAX].map(Price);
		for pair in prices.windows(2) {
			assert!(Level::new(Direction::Rises, pair[0]).0 < Level::new(Direction::Rises, pair[1]).0);
			assert!(Level::new(Direction::Falls, pair[0]).0 > Level::new(Direction::Falls, pair[1]).0);
		}
		for (direction, price) in
			prices.into_iter().flat_map(|price| [(Direction::Falls, price), (Direction::Rises, price)])
		{
			assert_eq!(Level::new(direction, price).price(direction), price);
		}
	}

	#[test]
	fn the_largest_rank_comes_first() {
		assert!(Rank::new(Cash(2)).0 < Rank::new(Cash(1)).0 && Rank::new(Cash(1)).0 < Rank::new(Cash(0)).0);
		assert_eq!(Rank::new(Cash(-1)), Rank::new(Cash(0)));
	}
}
