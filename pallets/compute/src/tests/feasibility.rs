//! Hall's condition against a maximum flow, which knows nothing of sets.

use super::*;
use crate::feasibility::{room, undeliverable, Supply};
use proptest::prelude::*;

/// The most that can be delivered: the maximum flow from resources to floors, by augmenting paths of one unit (Ford and Fulkerson
/// 1956).
fn deliverable(sold: &[(Grade, Capacity)], supply: &[Supply]) -> u128 {
	let mut served: Vec<Vec<u128>> = vec![vec![0; sold.len()]; supply.len()];
	let mut total = 0;
	while augment(sold, supply, &mut served) {
		total += 1;
	}
	total
}

/// Serves one unit more, if need be by serving others with other resources.
fn augment(sold: &[(Grade, Capacity)], supply: &[Supply], served: &mut [Vec<u128>]) -> bool {
	let used = |served: &[Vec<u128>], from: usize| served[from].iter().sum::<u128>();
	// How each resource was reached: from no other, or by taking this floor's unit from it.
	let mut reached: Vec<Option<(usize, usize)>> = vec![None; supply.len()];
	let mut is_reached: Vec<bool> = (0..supply.len()).map(|from| used(served, from) < supply[from].free.0).collect();
	let mut queue: Vec<usize> = (0..supply.len()).filter(|from| is_reached[*from]).collect();
	while let Some(from) = queue.pop() {
		for (to, (floor, amount)) in sold.iter().enumerate() {
			if !supply[from].grade.meets(floor) {
				continue;
			}
			let got: u128 = served.iter().map(|row| row[to]).sum();
			if got < amount.0 {
				let (mut from, mut to) = (from, to);
				served[from][to] += 1;
				while let Some((before, floor)) = reached[from] {
					served[from][floor] -= 1;
					served[before][floor] += 1;
					(from, to) = (before, floor);
				}
				let _ = to;
				return true;
			}
			for other in 0..supply.len() {
				if !is_reached[other] && served[other][to] > 0 {
					is_reached[other] = true;
					reached[other] = Some((from, to));
					queue.push(other);
				}
			}
		}
	}
	false
}

fn grade() -> impl Strategy<Value = Grade> {
	(0..4usize, 0..4usize, 0..3usize).prop_map(|(performance, reliability, energy)| Grade {
		performance: Performance::ALL[performance],
		reliability: Reliability::ALL[reliability],
		energy: Energy::ALL[energy],
	})
}

fn floors(most: usize) -> impl Strategy<Value = Vec<(Grade, Capacity)>> {
	proptest::collection::vec((grade(), (1..12u128).prop_map(Capacity)), 0..=most).prop_map(|mut sold| {
		let mut seen = vec![];
		sold.retain(|(floor, _)| {
			let is_new = !seen.contains(floor);
			seen.push(*floor);
			is_new
		});
		sold
	})
}

fn supply() -> impl Strategy<Value = Vec<Supply>> {
	let one = (grade(), (0..20u128).prop_map(Capacity)).prop_map(|(grade, free)| Supply { grade, free });
	proptest::collection::vec(one, 0..8)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(1_000))]

	#[test]
	fn what_cannot_be_delivered_is_what_a_maximum_flow_leaves(sold in floors(5), supply in supply()) {
		let all: u128 = sold.iter().map(|(_, amount)| amount.0).sum();
		prop_assert_eq!(undeliverable(&sold, &supply), Ok(Capacity(all - deliverable(&sold, &supply))));
	}

	#[test]
	fn the_room_can_be_sold_and_not_one_more(sold in floors(4), supply in supply(), floor in grade()) {
		let room = room(&sold, &supply, &floor).unwrap();
		let with = |more: u128| {
			let mut sold = sold.clone();
			match sold.iter_mut().find(|(other, _)| *other == floor) {
				Some((_, amount)) => amount.0 += more,
				None => sold.push((floor, Capacity(more))),
			}
			let all: u128 = sold.iter().map(|(_, amount)| amount.0).sum();
			all - deliverable(&sold, &supply)
		};
		prop_assert!(with(0) > 0 || with(room.0) == 0);
		prop_assert!(with(room.0 + 1) > 0);
		prop_assert!(with(0) == 0 || room.is_zero());
	}
}

#[test]
fn nothing_sold_is_always_deliverable() {
	assert_eq!(undeliverable(&[], &[]), Ok(Capacity::ZERO));
	assert_eq!(room(&[], &[], &Grade::LOWEST), Ok(Capacity::ZERO));
}

#[test]
fn sums_that_do_not_fit_are_an_error() {
	let huge = Supply { grade: Grade::LOWEST, free: Capacity(u128::MAX) };
	assert!(room(&[], &[huge, huge], &Grade::LOWEST).is_err());
	assert!(undeliverable(&[(Grade::LOWEST, Capacity(1))], &[huge, huge]).is_err());
}
