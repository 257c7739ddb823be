//! What passes and what does not.

use super::{checked, claim, seed, DRAW, GPU, SMALL};
use codec::{Decode, Encode};
use gcx_math::proof::{
	reference::{product, Transcript},
	Cell, Claim, Draw, Hash, Line, Opening, OpeningError, Parameters, RawParameters, Side,
};
use gcx_primitives::{ClassId, ResourceId};
use proptest::prelude::*;
use sp_crypto_hashing::blake2_256;
use std::{collections::BTreeSet, sync::OnceLock};

/// Two rounds of six tiles.
const TINY: RawParameters =
	RawParameters { rows: 12, columns: 8, depth: 64, tile: 4, patch: 4, rounds: 2, openings: 4 };

/// The honest computation of [`SMALL`], computed once.
fn honest() -> &'static Transcript {
	static HONEST: OnceLock<Transcript> = OnceLock::new();
	HONEST.get_or_init(|| {
		let parameters = checked(SMALL);
		Transcript::honest(parameters, seed(&parameters), blake2_256)
	})
}

fn small_claim(parameters: &Parameters) -> Claim<'_> {
	claim(parameters, seed(parameters), honest().commitment())
}

/// The middle cell of each tile of each round.
fn cell_per_tile(parameters: &Parameters) -> Vec<Cell> {
	let middle = |at: u32| at * parameters.tile + parameters.tile / 2;
	let across = parameters.tiles_across();
	(0..parameters.rounds)
		.flat_map(|round| {
			(0..parameters.tiles()).map(move |tile| Cell {
				round,
				row: middle(tile / across),
				column: middle(tile % across),
			})
		})
		.collect()
}

/// A transcript whose rounds are honest but for what is done to each product.
fn tampered(parameters: Parameters, seed: Hash, mut tamper: impl FnMut(u32, &mut [i32])) -> Transcript {
	let mut transcript = Transcript::new(parameters, seed, blake2_256);
	for round in 0..parameters.rounds {
		let mut cells = product(&parameters, &transcript.next_seed(), blake2_256);
		tamper(round, &mut cells);
		transcript.push(&cells);
	}
	transcript
}

fn check(transcript: &Transcript, claim: &Claim, cell: &Cell) -> Result<(), OpeningError> {
	claim.check(cell, &transcript.open(cell).expect("the cell is there"), blake2_256)
}

fn place(parameters: &Parameters, row: u32, column: u32) -> usize {
	(row * parameters.columns + column) as usize
}

#[test]
fn every_tile_of_an_honest_computation_passes() {
	let parameters = checked(SMALL);
	for cell in cell_per_tile(&parameters) {
		assert_eq!(check(honest(), &small_claim(&parameters), &cell), Ok(()));
	}
}

#[test]
fn every_single_flipped_tile_fails_and_no_other_does() {
	let parameters = checked(TINY);
	let seed = seed(&parameters);
	let cells = cell_per_tile(&parameters);
	for flipped in &cells {
		let at = place(&parameters, flipped.row, flipped.column);
		let transcript = tampered(parameters, seed, |round, cells| {
			if round == flipped.round {
				cells[at] ^= 1;
			}
		});
		let claim = claim(&parameters, seed, transcript.commitment());
		for cell in &cells {
			let expected = if cell == flipped { Err(OpeningError::WrongProduct) } else { Ok(()) };
			assert_eq!(check(&transcript, &claim, cell), expected, "{flipped:?} flipped, {cell:?} drawn");
		}
	}
}

#[test]
fn every_tile_that_is_altered_after_the_commitment_fails() {
	let parameters = checked(SMALL);
	for cell in cell_per_tile(&parameters) {
		for changed in [0, 36, 63] {
			let mut opening = honest().open(&cell).unwrap();
			opening.tile[changed] ^= 1 << 30;
			let result = small_claim(&parameters).check(&cell, &opening, blake2_256);
			assert_eq!(result, Err(OpeningError::NotCommitted));
		}
	}
}

#[test]
fn a_wrong_cell_is_found_wherever_it_is_in_the_patch() {
	for patch in [1, 2, 4] {
		let parameters = checked(RawParameters { patch, ..TINY });
		let seed = seed(&parameters);
		for at in 0..16 {
			let (row, column) = (4 + at / 4, at % 4);
			let transcript = tampered(parameters, seed, |_, cells| cells[place(&parameters, row, column)] += 1);
			let claim = claim(&parameters, seed, transcript.commitment());
			for drawn in 0..16 {
				let cell = Cell { round: 1, row: 4 + drawn / 4, column: drawn % 4 };
				let same_patch = cell.row / patch == row / patch && cell.column / patch == column / patch;
				assert_eq!(check(&transcript, &claim, &cell).is_err(), same_patch, "patch {patch}");
			}
		}
	}
}

#[test]
fn a_wrong_seed_fails_everywhere() {
	let parameters = checked(SMALL);
	let mut wrong = small_claim(&parameters);
	wrong.seed[31] ^= 1;
	for cell in cell_per_tile(&parameters) {
		assert_eq!(check(honest(), &wrong, &cell), Err(OpeningError::WrongProduct));
	}
}

#[test]
fn whatever_a_seed_is_bound_to_fails_when_it_is_swapped() {
	let parameters = checked(SMALL);
	let swapped = [
		Draw { genesis: [9; 32], ..DRAW },
		Draw { class: ClassId(3), ..DRAW },
		Draw { resource: ResourceId(2), ..DRAW },
		Draw { device: 5, ..DRAW },
		Draw { roll_call: 4, ..DRAW },
		Draw { nonce: [7; 32], ..DRAW },
	];
	for draw in swapped {
		let wrong = Claim { seed: draw.seed(&parameters, blake2_256), ..small_claim(&parameters) };
		for cell in cell_per_tile(&parameters) {
			assert_eq!(check(honest(), &wrong, &cell), Err(OpeningError::WrongProduct), "{draw:?}");
		}
	}
}

#[test]
fn seeds_are_bound_to_the_computation_and_not_to_its_check() {
	let of = |raw| DRAW.seed(&checked(raw), blake2_256);
	let seeds: BTreeSet<_> = [
		SMALL,
		RawParameters { rows: 40, ..SMALL },
		RawParameters { columns: 40, ..SMALL },
		RawParameters { rows: 32, columns: 48, ..SMALL },
		RawParameters { depth: 256, ..SMALL },
		RawParameters { tile: 16, ..SMALL },
		RawParameters { rounds: 4, ..SMALL },
	]
	.map(of)
	.into();
	assert_eq!(seeds.len(), 7);
	assert_eq!(of(RawParameters { patch: 1, openings: 3, ..SMALL }), of(SMALL));
}

#[test]
fn an_opening_of_another_round_fails() {
	let parameters = checked(SMALL);
	let claim = small_claim(&parameters);
	for cell in cell_per_tile(&parameters) {
		let opening = honest().open(&cell).unwrap();
		for round in (0..3).filter(|round| *round != cell.round) {
			let elsewhere = Cell { round, ..cell };
			let expected = match (cell.round, round) {
				(0, _) | (_, 0) => OpeningError::PreviousRound,
				_ => OpeningError::PreviousNotCommitted,
			};
			assert_eq!(claim.check(&elsewhere, &opening, blake2_256), Err(expected));
			// With the round before that it would have to be.
			let mut mended = opening.clone();
			mended.previous = honest().open(&elsewhere).unwrap().previous;
			let result = claim.check(&elsewhere, &mended, blake2_256);
			assert!(matches!(result, Err(OpeningError::RoundPath | OpeningError::NotCommitted)), "{result:?}");
			// And with the path of that round.
			mended.round_path = honest().open(&elsewhere).unwrap().round_path;
			assert_eq!(claim.check(&elsewhere, &mended, blake2_256), Err(OpeningError::NotCommitted));
		}
	}
}

#[test]
fn an_opening_of_another_tile_fails() {
	let parameters = checked(SMALL);
	let cells = cell_per_tile(&parameters);
	for (at, cell) in cells.iter().enumerate() {
		let opening = honest().open(cell).unwrap();
		for other in cells.iter().filter(|other| other.round == cell.round && *other != cell).skip(at % 3).step_by(3) {
			let result = small_claim(&parameters).check(other, &opening, blake2_256);
			assert!(matches!(result, Err(OpeningError::NotCommitted | OpeningError::TilePath)), "{result:?}");
		}
	}
}

#[test]
fn a_path_that_is_cut_or_longer_fails() {
	let parameters = checked(SMALL);
	let claim = small_claim(&parameters);
	for cell in cell_per_tile(&parameters) {
		let opening = honest().open(&cell).unwrap();
		let judged = |change: &dyn Fn(&mut Opening)| {
			let mut changed = opening.clone();
			change(&mut changed);
			claim.check(&cell, &changed, blake2_256)
		};
		let (tile, round) = (Err(OpeningError::TilePath), Err(OpeningError::RoundPath));
		assert_eq!(
			judged(&|opening| {
				opening.tile_path.pop();
			}),
			tile
		);
		assert_eq!(
			judged(&|opening| {
				opening.tile_path.remove(0);
			}),
			tile
		);
		assert_eq!(judged(&|opening| opening.tile_path.truncate(0)), tile);
		assert_eq!(judged(&|opening| opening.tile_path.try_push([0; 32]).unwrap()), tile);
		assert_eq!(
			judged(&|opening| {
				opening.round_path.pop();
			}),
			round
		);
		assert_eq!(judged(&|opening| opening.round_path.try_push([0; 32]).unwrap()), round);
		if cell.round > 0 {
			let previous = |opening: &mut Opening| opening.previous.clone().unwrap();
			let cut = |opening: &mut Opening| {
				let mut shorter = previous(opening);
				shorter.path.pop();
				opening.previous = Some(shorter);
			};
			let longer = |opening: &mut Opening| {
				let mut longer = previous(opening);
				longer.path.try_push([0; 32]).unwrap();
				opening.previous = Some(longer);
			};
			assert_eq!(judged(&cut), round);
			assert_eq!(judged(&longer), round);
		}
	}
}

#[test]
fn a_hash_that_is_altered_on_any_path_fails() {
	let parameters = checked(SMALL);
	let claim = small_claim(&parameters);
	for cell in cell_per_tile(&parameters) {
		let opening = honest().open(&cell).unwrap();
		let judged = |changed: &Opening| claim.check(&cell, changed, blake2_256);
		for at in 0..opening.tile_path.len() {
			let mut changed = opening.clone();
			changed.tile_path[at][0] ^= 1;
			assert_eq!(judged(&changed), Err(OpeningError::NotCommitted));
		}
		for at in 0..opening.round_path.len() {
			let mut changed = opening.clone();
			changed.round_path[at][31] ^= 0x80;
			assert_eq!(judged(&changed), Err(OpeningError::NotCommitted));
		}
		for at in 0..opening.previous.as_ref().map_or(0, |previous| previous.path.len()) {
			let mut changed = opening.clone();
			changed.previous.as_mut().unwrap().path[at][7] ^= 1;
			assert_eq!(judged(&changed), Err(OpeningError::PreviousNotCommitted));
		}
	}
}

#[test]
fn the_round_before_has_to_be_the_one_that_was_committed_to() {
	let parameters = checked(SMALL);
	let claim = small_claim(&parameters);
	let cell = Cell { round: 1, row: 0, column: 0 };
	let mut opening = honest().open(&cell).unwrap();
	opening.previous.as_mut().unwrap().root = [0; 32];
	assert_eq!(claim.check(&cell, &opening, blake2_256), Err(OpeningError::PreviousNotCommitted));
	let previous = honest().open(&cell).unwrap().previous;
	opening.previous = None;
	assert_eq!(claim.check(&cell, &opening, blake2_256), Err(OpeningError::PreviousRound));
	let first = Cell { round: 0, ..cell };
	let mut opening = honest().open(&first).unwrap();
	opening.previous = previous;
	assert_eq!(claim.check(&first, &opening, blake2_256), Err(OpeningError::PreviousRound));
}

#[test]
fn a_cell_that_is_not_there_and_a_tile_of_another_size_fail() {
	let parameters = checked(SMALL);
	let claim = small_claim(&parameters);
	let cell = Cell { round: 0, row: 0, column: 0 };
	let opening = honest().open(&cell).unwrap();
	for wrong in [Cell { round: 3, ..cell }, Cell { row: 48, ..cell }, Cell { column: 32, ..cell }] {
		assert_eq!(claim.check(&wrong, &opening, blake2_256), Err(OpeningError::NoSuchCell));
		assert_eq!(honest().open(&wrong), None);
	}
	let mut shorter = opening.clone();
	shorter.tile.pop();
	assert_eq!(claim.check(&cell, &shorter, blake2_256), Err(OpeningError::TileSize));
	let mut longer = opening;
	longer.tile.try_push(0).unwrap();
	assert_eq!(claim.check(&cell, &longer, blake2_256), Err(OpeningError::TileSize));
}

#[test]
fn rounds_that_do_not_follow_from_each_other_fail() {
	// All rounds from the device's seed: as if they had been computed at the same time.
	let parameters = checked(SMALL);
	let seed = seed(&parameters);
	let mut transcript = Transcript::new(parameters, seed, blake2_256);
	let first = product(&parameters, &seed, blake2_256);
	for _ in 0..3 {
		transcript.push(&first);
	}
	let claim = claim(&parameters, seed, transcript.commitment());
	for cell in cell_per_tile(&parameters) {
		let expected = if cell.round == 0 { Ok(()) } else { Err(OpeningError::WrongProduct) };
		assert_eq!(check(&transcript, &claim, &cell), expected);
	}
}

#[test]
fn a_commitment_that_leaves_rounds_out_fails() {
	let parameters = checked(SMALL);
	let seed = seed(&parameters);
	let mut transcript = Transcript::new(parameters, seed, blake2_256);
	for _ in 0..2 {
		transcript.push(&product(&parameters, &transcript.next_seed(), blake2_256));
	}
	let claim = claim(&parameters, seed, transcript.commitment());
	for cell in cell_per_tile(&parameters) {
		match transcript.open(&cell) {
			Some(opening) => {
				assert_eq!(claim.check(&cell, &opening, blake2_256), Err(OpeningError::RoundPath));
			},
			None => assert_eq!(cell.round, 2),
		}
	}
}

#[test]
fn cheaper_arithmetic_fails() {
	let parameters = checked(SMALL);
	let seed = seed(&parameters);
	let sums = |of: fn(i32, i32) -> i32, depth: u32| {
		let mut transcript = Transcript::new(parameters, seed, blake2_256);
		for _ in 0..parameters.rounds {
			let round_seed = transcript.next_seed();
			let line = |side, index| Line::new(&round_seed, side, index, blake2_256);
			let cells: Vec<i32> = (0..parameters.rows * parameters.columns)
				.map(|cell| {
					let left = line(Side::Left, cell / parameters.columns);
					let right = line(Side::Right, cell % parameters.columns);
					(0..depth).map(|at| of(left.entry(at).into(), right.entry(at).into())).sum()
				})
				.collect();
			transcript.push(&cells);
		}
		transcript
	};
	let wrong = |transcript: &Transcript| {
		let claim = claim(&parameters, seed, transcript.commitment());
		let cells = cell_per_tile(&parameters);
		cells.iter().filter(|cell| check(transcript, &claim, cell).is_err()).count()
	};
	assert_eq!(wrong(&sums(|left, right| left * right, 192)), 0, "exact");
	assert_eq!(wrong(&sums(|left, right| left * right, 128)), 72, "a third of the depth left out");
	assert_eq!(wrong(&sums(|left, right| (left & !1) * right, 192)), 72, "seven bits");
	assert_eq!(wrong(&sums(|left, right| (left >> 4) * (right >> 4) * 256, 192)), 72, "four bits");
	// Pairs of products that saturate at 16 bits, as some vector instructions have it.
	assert_eq!(wrong(&sums(|left, right| (left * right).clamp(-8_191, 8_191), 192)), 72, "saturating");
}

#[test]
fn cells_are_drawn_one_from_each_equal_part() {
	for (raw, openings) in [(SMALL, 8), (GPU, 16), (GPU, 64), (SMALL, 5)] {
		let parameters = checked(raw).with_openings(openings).unwrap();
		let claim = claim(&parameters, [3; 32], Some([0; 32]));
		let number = |cell: &Cell| {
			let row = u64::from(cell.round) * u64::from(raw.rows) + u64::from(cell.row);
			u128::from(row * u64::from(raw.columns) + u64::from(cell.column))
		};
		for randomness in 0..=255 {
			let drawn = claim.drawn_cells(&[randomness; 32], blake2_256);
			assert_eq!(drawn.len() as u32, openings);
			for (part, cell) in (0_u128..).zip(&drawn) {
				assert!(parameters.has(cell));
				let bounds =
					[part, part + 1].map(|bound| u128::from(parameters.cells()) * bound / u128::from(openings));
				assert!((bounds[0]..bounds[1]).contains(&number(cell)));
			}
		}
	}
}

#[test]
fn draws_differ_between_devices_and_randomness_and_are_even() {
	let parameters = checked(RawParameters { rounds: 1, rows: 8, columns: 8, openings: 4, ..SMALL });
	let mut hits = [0_u32; 64];
	let mut seen = BTreeSet::new();
	for device in 0..40 {
		let seed = Draw { device, ..DRAW }.seed(&parameters, blake2_256);
		for randomness in 0..40 {
			let drawn = claim(&parameters, seed, Some([0; 32])).drawn_cells(&[randomness; 32], blake2_256);
			for cell in &drawn {
				hits[place(&parameters, cell.row, cell.column)] += 1;
			}
			seen.insert(drawn.encode());
		}
	}
	// 1,600 draws of one in sixteen: 100 each with a deviation of 9.7.
	assert!(hits.iter().all(|hits| hits.abs_diff(100) < 50), "{hits:?}");
	// 16⁴ draws are possible: of 1,600 some 20 are the same by chance.
	assert!(seen.len() > 1_550, "{} of 1,600 differ", seen.len());
}

#[test]
fn a_cheat_is_drawn_at_least_as_often_as_the_formula_says() {
	// The last tenth of all cells is left out, or every tenth column of each round, which has the same share in each part.
	const DRAWS: u32 = 4_000;
	let parameters = checked(RawParameters { rows: 80, columns: 40, rounds: 4, openings: 8, ..SMALL });
	let honest = 1.0 - 0.9_f64.powi(8);
	let deviation = (honest * (1.0 - honest) / f64::from(DRAWS)).sqrt();
	let caught = |wrong: fn(&Cell) -> bool| {
		let found = (0..DRAWS)
			.filter(|draw| {
				let randomness = blake2_256(&draw.to_le_bytes());
				let claim = claim(&parameters, [5; 32], Some([0; 32]));
				claim.drawn_cells(&randomness, blake2_256).iter().any(wrong)
			})
			.count();
		found as f64 / f64::from(DRAWS)
	};
	let spread = caught(|cell| cell.column % 10 == 0);
	assert!((spread - honest).abs() < 4.0 * deviation, "{spread} against {honest}");
	let at_the_end = caught(|cell| cell.round == 3 && cell.row >= 48);
	assert!(at_the_end > honest + 4.0 * deviation, "{at_the_end} against {honest}");
}

#[test]
fn an_opening_has_one_encoding_and_its_lists_are_bounded() {
	let cell = Cell { round: 2, row: 47, column: 31 };
	let opening = honest().open(&cell).unwrap();
	let bytes = opening.encode();
	assert_eq!(Opening::decode(&mut &bytes[..]), Ok(opening.clone()));
	let too_long = (opening.tile.to_vec(), vec![[0_u8; 32]; 25], opening.round_path.to_vec(), None::<()>);
	assert!(Opening::decode(&mut &too_long.encode()[..]).is_err());
	let too_large = (vec![0_i32; 1_025], opening.tile_path.to_vec(), opening.round_path.to_vec(), None::<()>);
	assert!(Opening::decode(&mut &too_large.encode()[..]).is_err());
}

prop_compose! {
	fn any_small()(
		edge in prop::sample::select(vec![4_u32, 8]),
		patch in prop::sample::select(vec![1_u32, 2, 4]),
		tall in 1_u32..5,
		wide in 1_u32..5,
		deep in 1_u32..4,
		rounds in 1_u32..6,
		openings in 1_u32..9,
	) -> Parameters {
		let (rows, columns, depth) = (edge * tall, edge * wide, 64 * deep);
		checked(RawParameters { rows, columns, depth, tile: edge, patch, rounds, openings })
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn honest_always_passes(parameters in any_small(), seed: Hash, randomness: Hash) {
		let transcript = Transcript::honest(parameters, seed, blake2_256);
		let claim = claim(&parameters, seed, transcript.commitment());
		for cell in claim.drawn_cells(&randomness, blake2_256) {
			prop_assert_eq!(check(&transcript, &claim, &cell), Ok(()));
		}
	}

	#[test]
	fn a_changed_cell_that_is_drawn_never_passes(
		parameters in any_small(),
		seed: Hash,
		randomness: Hash,
		which: prop::sample::Index,
		change in prop::num::i32::ANY.prop_filter("a change", |change| *change != 0),
	) {
		let cells = claim(&parameters, seed, Some([0; 32])).drawn_cells(&randomness, blake2_256);
		let wrong = which.get(&cells);
		let transcript = tampered(parameters, seed, |round, cells| {
			if round == wrong.round {
				cells[place(&parameters, wrong.row, wrong.column)] ^= change;
			}
		});
		let claim = claim(&parameters, seed, transcript.commitment());
		prop_assert_eq!(check(&transcript, &claim, wrong), Err(OpeningError::WrongProduct));
	}

	#[test]
	fn any_bit_of_an_opening_that_is_flipped_fails(which: prop::sample::Index, bit: prop::sample::Index) {
		let parameters = checked(SMALL);
		let cells = cell_per_tile(&parameters);
		let cell = which.get(&cells);
		let mut bytes = honest().open(cell).unwrap().encode();
		let at = bit.index(bytes.len() * 8);
		bytes[at / 8] ^= 1 << (at % 8);
		let mut rest = &bytes[..];
		if let Ok(opening) = Opening::decode(&mut rest) {
			prop_assert!(!rest.is_empty() || small_claim(&parameters).check(cell, &opening, blake2_256).is_err());
		}
	}

	#[test]
	fn random_openings_are_judged_without_a_panic(
		tile in prop::collection::vec(any::<i32>(), 64),
		tile_path in prop::collection::vec(any::<Hash>(), 0..6),
		round_path in prop::collection::vec(any::<Hash>(), 0..3),
		numbers in prop::array::uniform3(0_u32..50),
	) {
		let parameters = checked(SMALL);
		let [round, row, column] = numbers;
		let opening = Opening {
			tile: tile.try_into().unwrap(),
			tile_path: tile_path.try_into().unwrap(),
			round_path: round_path.try_into().unwrap(),
			previous: None,
		};
		let cell = Cell { round: round % 4, row, column };
		prop_assert!(small_claim(&parameters).check(&cell, &opening, blake2_256).is_err());
	}
}
