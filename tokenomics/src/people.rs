//! Who trades and who works, and how much of it each does.

use crate::chain::{AccountId, GUARANTORS};

/// An account that trades.
#[derive(Clone, Debug)]
pub struct Trader {
	/// Its account.
	pub who: AccountId,
	/// Who stands behind it.
	pub guarantor: AccountId,
	/// Its part of the notional whose orders waited, and of the notional that met them, if all trade.
	pub weights: [f64; 2],
	/// The probability that it trades on a day.
	pub activity: f64,
	/// It is large enough to want a seat.
	pub wants_seat: bool,
	/// It pays fees in tokens.
	pub pays_in_tokens: bool,
}

impl Trader {
	/// Of both parts together.
	pub fn weight(&self) -> f64 {
		self.weights[0] + self.weights[1]
	}
}

/// Market makers: weight of orders that waited, and of orders that met one.
const MAKERS: [[f64; 2]; 4] = [[20.0, 4.0], [14.0, 3.0], [10.0, 3.0], [6.0, 2.0]];
/// Funds.
const FUNDS: [[f64; 2]; 8] =
	[[4.0, 10.0], [4.0, 8.0], [3.0, 7.0], [3.0, 6.0], [2.0, 5.0], [2.0, 4.0], [1.0, 3.0], [1.0, 2.0]];
/// Buyers and sellers of compute, the largest first. Each stands for many, none of which is large enough for a seat.
const HEDGERS: u32 = 18;

/// Thirty traders, from market makers, who trade every day, to those who hedge compute. The largest come first, and pay in tokens as
/// far as the share allows that is asked for, so that they come near to it.
pub fn traders(in_tokens: f64) -> Vec<Trader> {
	let hedger = |at: u32| {
		let size = 4.0 / (1.0 + f64::from(at) / 3.0);
		[size / 3.0, size]
	};
	let of = |activity: f64, wants_seat: bool| move |weights: [f64; 2]| (weights, activity, wants_seat);
	let mut all: Vec<_> = MAKERS.into_iter().map(of(1.0, true)).collect();
	all.extend(FUNDS.into_iter().map(of(0.9, true)));
	all.extend((0..HEDGERS).map(hedger).map(of(0.6, false)));
	let sums = [0, 1].map(|side| all.iter().map(|(weights, ..)| weights[side]).sum::<f64>());
	let mut traders: Vec<_> = (0u32..)
		.zip(all)
		.map(|(at, (weights, activity, wants_seat))| Trader {
			who: 100 + AccountId::from(at),
			guarantor: GUARANTORS[at as usize % GUARANTORS.len()],
			weights: [weights[0] / sums[0] / 2.0, weights[1] / sums[1] / 2.0],
			activity,
			wants_seat,
			pays_in_tokens: false,
		})
		.collect();
	traders.sort_by(|one, other| other.weight().total_cmp(&one.weight()));
	let mut left = in_tokens;
	for trader in &mut traders {
		// What floats leave of the whole.
		if trader.weight() <= left + 1e-9 {
			trader.pays_in_tokens = true;
			left -= trader.weight();
		}
	}
	traders
}

/// The share of the notional of those who pay in tokens, if all trade.
pub fn share_in_tokens(traders: &[Trader]) -> f64 {
	traders.iter().filter(|trader| trader.pays_in_tokens).fold(0.0, |sum, trader| sum + trader.weight())
}

/// Who makes blocks in turn.
pub const VALIDATORS: [AccountId; 7] = [200, 201, 202, 203, 204, 205, 206];
/// Who examines compute.
pub const ATTESTORS: [AccountId; 5] = [300, 301, 302, 303, 304];
/// Who delivers compute, and its part of what is delivered.
pub const OPERATORS: [(AccountId, f64); 6] =
	[(400, 0.35), (401, 0.25), (402, 0.15), (403, 0.12), (404, 0.08), (405, 0.05)];

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn weights_are_the_whole() {
		let whole = traders(0.5).iter().map(Trader::weight).sum::<f64>();
		assert!((whole - 1.0).abs() < 1e-9);
		assert!((OPERATORS.iter().map(|(_, part)| part).sum::<f64>() - 1.0).abs() < 1e-9);
	}

	#[test]
	fn the_share_in_tokens_is_met_within_a_hundredth() {
		for asked in [0.0, 0.1, 0.25, 0.5, 0.77, 1.0] {
			let share = share_in_tokens(&traders(asked));
			assert!((share - asked).abs() < 0.01, "{asked}: {share}");
		}
		assert!(traders(0.0).iter().all(|trader| !trader.pays_in_tokens));
		assert!(traders(1.0).iter().all(|trader| trader.pays_in_tokens));
	}
}
