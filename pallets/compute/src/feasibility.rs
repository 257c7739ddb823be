//! Whether what is sold can be delivered.
//!
//! What is sold asks for grades, and each resource meets some of them. All of it can be delivered exactly if for every set of the
//! grades asked for, no more is sold at them than resources have that meet at least one: Hall's condition (P. Hall, *On
//! Representatives of Subsets*, J. London Math. Soc. 10 (1935)), in Gale's form for amounts (D. Gale, *A theorem on flows in
//! networks*, Pacific J. Math. 7 (1957)). The largest excess over all sets is what cannot be delivered at best (max-flow,
//! min-cut). There are few grades asked for on a day, so that all sets are looked at.

use alloc::vec::Vec;
use gcx_primitives::{ArithmeticError, Capacity, Grade};

/// What a resource has left on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Supply {
	/// Its grade.
	pub grade: Grade,
	/// How much is neither nominated nor pledged.
	pub free: Capacity,
}

/// A set of floors, by their places: one bit each.
type Floors = u32;

/// Every set of floors that is not empty, with what is sold at them and what there is for them.
fn sets(
	sold: &[(Grade, Capacity)],
	supply: &[Supply],
) -> impl Iterator<Item = Result<(Floors, Capacity, Capacity), ArithmeticError>> {
	let bit = |place: usize| -> Floors { 1 << place };
	let needs: Vec<_> = sold.iter().enumerate().map(|(place, (_, amount))| (bit(place), *amount)).collect();
	let meets = |grade: &Grade| -> Floors {
		let met = sold.iter().enumerate().filter(|(_, (floor, _))| grade.meets(floor));
		met.map(|(place, _)| bit(place)).sum()
	};
	let serves: Vec<_> = supply.iter().map(|supply| (meets(&supply.grade), supply.free)).collect();
	let sum = |of: &[(Floors, Capacity)], set: Floors| {
		let within = of.iter().filter(|(floors, _)| floors & set != 0);
		within.map(|(_, amount)| *amount).try_fold(Capacity::ZERO, Capacity::checked_add)
	};
	(1..bit(sold.len())).map(move |set| Ok((set, sum(&needs, set)?, sum(&serves, set)?)))
}

/// What of all that is sold cannot be delivered, at best.
pub(crate) fn undeliverable(sold: &[(Grade, Capacity)], supply: &[Supply]) -> Result<Capacity, ArithmeticError> {
	sets(sold, supply).try_fold(Capacity::ZERO, |most, set| {
		let (_, needed, available) = set?;
		Ok(most.max(needed.checked_sub(available).unwrap_or_default()))
	})
}

/// How much more can be sold at a floor, so that all can be delivered. Nothing while what is sold already cannot.
pub(crate) fn room(sold: &[(Grade, Capacity)], supply: &[Supply], floor: &Grade) -> Result<Capacity, ArithmeticError> {
	let mut sold = sold.to_vec();
	let place = sold.iter().position(|(other, _)| other == floor).unwrap_or_else(|| {
		sold.push((*floor, Capacity::ZERO));
		sold.len() - 1
	});
	sets(&sold, supply)
		.try_fold(Some(Capacity(u128::MAX)), |least, set| {
			let (floors, needed, available) = set?;
			Ok(match (least, available.checked_sub(needed)) {
				(Some(least), Ok(left)) if floors & (1 << place) != 0 => Some(least.min(left)),
				(least, Ok(_)) => least,
				(_, Err(_)) => None,
			})
		})
		.map(Option::unwrap_or_default)
}
