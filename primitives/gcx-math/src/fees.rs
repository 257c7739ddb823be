//! What trading costs: rates by volume, the volume of the last 30 days, and how a fee is shared out.
//!
//! Rates are marginal, as in a tax table: the part of a volume that lies within a tier pays that tier's rates. So nobody pays less
//! by trading more, and nothing happens all at once at a tier's edge.

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Cash, Day, Ppm, Role};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Days of trading that count for an account's tier, today among them.
pub const VOLUME_DAYS: u32 = 30;
/// The most tiers of a schedule.
pub const MAX_TIERS: u32 = 8;
/// The highest rate of a schedule: five per cent of the notional.
pub const MAX_FEE: Ppm = Ppm::percent(5);

/// What trading costs from some volume on.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	Serialize,
	TypeInfo,
)]
pub struct FeeTier {
	/// The volume of the last 30 days above which these rates are paid.
	pub from: Cash,
	/// Of the notional, by the party whose order waited.
	pub maker: Ppm,
	/// Of the notional, by the party whose order met it.
	pub taker: Ppm,
}

impl FeeTier {
	/// What a party pays.
	pub const fn rate(&self, role: Role) -> Ppm {
		match role {
			Role::Maker => self.maker,
			Role::Taker => self.taker,
		}
	}
}

/// Whether tiers are a schedule: the first is for everybody, each begins at a larger volume than the one before and costs no more,
/// and no rate is above [`MAX_FEE`].
pub fn is_schedule(tiers: &[FeeTier]) -> bool {
	let Some(first) = tiers.first() else { return false };
	let goes_on = |pair: &[FeeTier]| match pair {
		[before, after] => before.from < after.from && after.maker <= before.maker && after.taker <= before.taker,
		_ => false,
	};
	first.from.is_zero()
		&& first.maker <= MAX_FEE
		&& first.taker <= MAX_FEE
		&& u32::try_from(tiers.len()).is_ok_and(|count| count <= MAX_TIERS)
		&& tiers.windows(2).all(goes_on)
}

/// Which tier a volume is in; the first if there are none.
pub fn tier_of(tiers: &[FeeTier], volume: Cash) -> usize {
	tiers.iter().rposition(|tier| tier.from <= volume).unwrap_or(0)
}

/// The fee of a trade that counts for `notional` by an account that has traded `before` in the last 30 days, rounded up once. What
/// is within a tier pays that tier's rate. Tiers are a schedule, amounts not negative.
///
/// # Errors
/// `Overflow` if the fee is beyond the type.
pub fn marginal_fee_ceil(tiers: &[FeeTier], role: Role, before: Cash, notional: Cash) -> Result<Cash, ArithmeticError> {
	let one = i128::from(Ppm::PARTS);
	// Of the notional, from the last tier on: what lies above this one's edge, less what lay above the edge of the one after it.
	let (mut priced, mut whole, mut parts) = (0i128, 0i128, 0i128);
	for tier in tiers.iter().rev() {
		let below = tier.from.0.saturating_sub(before.0).max(0);
		let above = notional.0.saturating_sub(below).max(priced);
		let within = above.saturating_sub(priced);
		let rate = i128::from(tier.rate(role).0);
		// Whole millions apart: a product of millionths is far within the type.
		let of_whole = (within / one).checked_mul(rate).ok_or(ArithmeticError::Overflow)?;
		whole = whole.checked_add(of_whole).ok_or(ArithmeticError::Overflow)?;
		parts = parts.saturating_add((within % one).saturating_mul(rate));
		priced = above;
	}
	let rest = parts / one + i128::from(parts % one > 0);
	whole.checked_add(rest).map(Cash).ok_or(ArithmeticError::Overflow)
}

/// What an account traded in each of the last days on which it did.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct RollingVolume {
	/// Days and what was traded on them, the oldest first.
	days: BoundedVec<(Day, Cash), ConstU32<VOLUME_DAYS>>,
}

impl RollingVolume {
	/// What was traded on the last [`VOLUME_DAYS`] days, today among them. A sum beyond the type is the largest one.
	pub fn total(&self, today: Day) -> Cash {
		let counted = self.days.iter().filter(|(day, _)| Self::counts(*day, today));
		Cash(counted.fold(0, |sum, (_, volume)| volume.0.saturating_add(sum)))
	}

	/// Adds what was traded today, and forgets the days that do not count any more. Days do not go back.
	pub fn add(&mut self, today: Day, volume: Cash) {
		self.days.retain(|(day, _)| Self::counts(*day, today));
		match self.days.last_mut() {
			Some((day, traded)) if *day >= today => traded.0 = traded.0.saturating_add(volume.0),
			Some(_) | None => {
				// There is room: of the days that count, those before today are one fewer.
				let _ = self.days.try_push((today, volume));
			},
		}
	}

	/// Whether no day counts.
	pub fn is_empty(&self, today: Day) -> bool {
		!self.days.iter().any(|(day, _)| Self::counts(*day, today))
	}

	const fn counts(day: Day, today: Day) -> bool {
		today.0.saturating_sub(day.0) < VOLUME_DAYS
	}
}

/// How a fee is shared. What the shares leave is the treasury's.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	Serialize,
	TypeInfo,
)]
pub struct FeeSplit {
	/// The insurance pool's.
	pub pool: Ppm,
	/// The rebate of the guarantor who stands behind the trade.
	pub rebate: Ppm,
	/// What burns, or buys tokens that burn.
	pub burn: Ppm,
}

/// A fee, shared out: the parts sum to it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FeeParts {
	/// The insurance pool's.
	pub pool: u128,
	/// The guarantor's.
	pub rebate: u128,
	/// What burns.
	pub burn: u128,
	/// The treasury's, with all that rounding leaves.
	pub treasury: u128,
}

impl FeeSplit {
	/// Whether the shares are no more than the whole.
	pub fn is_valid(&self) -> bool {
		let sum = [self.pool, self.rebate, self.burn].iter().try_fold(0u32, |sum, share| sum.checked_add(share.0));
		sum.is_some_and(|sum| sum <= Ppm::PARTS)
	}

	/// Shares out `fee`, each share rounded down. Shares of more than the whole are cut in the order of the fields.
	pub fn share_out(&self, fee: u128) -> FeeParts {
		let mut left = fee;
		let mut take = |share: Ppm| {
			let part = part_floor(fee, share).min(left);
			left -= part;
			part
		};
		let (pool, rebate, burn) = (take(self.pool), take(self.rebate), take(self.burn));
		FeeParts { pool, rebate, burn, treasury: left }
	}
}

/// `amount · share`, rounded down; the largest amount where that is beyond the type.
pub fn part_floor(amount: u128, share: Ppm) -> u128 {
	let (parts, share) = (u128::from(Ppm::PARTS), u128::from(share.0));
	let rest = (amount % parts) * share / parts;
	(amount / parts).saturating_mul(share).saturating_add(rest)
}

/// `amount · share`, rounded up, at most the amount if the share is at most one.
pub fn part_ceil(amount: u128, share: Ppm) -> u128 {
	let (parts, share) = (u128::from(Ppm::PARTS), u128::from(share.0));
	let rest = ((amount % parts) * share).div_ceil(parts);
	(amount / parts).saturating_mul(share).saturating_add(rest)
}

/// A schedule with the same rates for everybody.
pub fn flat(maker: Ppm, taker: Ppm) -> Vec<FeeTier> {
	alloc::vec![FeeTier { from: Cash::ZERO, maker, taker }]
}

#[cfg(test)]
mod tests;
