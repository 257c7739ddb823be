//! Which parameters can be.

use super::{checked, CPU, GPU, SMALL};
use codec::{DecodeAll, Encode, MaxEncodedLen};
use gcx_math::proof::{Parameters, ParametersError, RawParameters, MAX_ENTRIES, MAX_OPENINGS};
use proptest::prelude::*;

fn refused(raw: RawParameters) -> ParametersError {
	Parameters::try_from(raw).expect_err("out of bounds")
}

#[test]
fn parameters_are_refused_by_name_when_they_are_out_of_bounds() {
	use ParametersError::*;
	for (raw, error) in [
		(RawParameters { tile: 0, ..SMALL }, Tile),
		(RawParameters { tile: 2, patch: 1, ..SMALL }, Tile),
		(RawParameters { tile: 24, patch: 1, ..SMALL }, Tile),
		(RawParameters { tile: 64, rows: 64, columns: 64, ..SMALL }, Tile),
		(RawParameters { tile: 1 << 31, rows: 1 << 31, columns: 1 << 31, ..SMALL }, Tile),
		(RawParameters { patch: 0, ..SMALL }, Patch),
		(RawParameters { patch: 3, ..SMALL }, Patch),
		(RawParameters { patch: 16, ..SMALL }, Patch),
		(RawParameters { rows: 0, ..SMALL }, Sides),
		(RawParameters { columns: 0, ..SMALL }, Sides),
		(RawParameters { rows: 52, ..SMALL }, Sides),
		(RawParameters { columns: 4, ..SMALL }, Sides),
		(RawParameters { rows: 65_544, ..SMALL }, Sides),
		(RawParameters { columns: u32::MAX - 7, ..SMALL }, Sides),
		(RawParameters { rows: 32_768, columns: 32_776, ..SMALL }, TooManyTiles),
		(RawParameters { rows: 65_536, columns: 65_536, tile: 4, patch: 4, ..SMALL }, TooManyTiles),
		(RawParameters { depth: 0, ..SMALL }, Depth),
		(RawParameters { depth: 63, ..SMALL }, Depth),
		(RawParameters { depth: 96, ..SMALL }, Depth),
		(RawParameters { depth: 131_136, patch: 1, ..SMALL }, Accumulator),
		(RawParameters { depth: u32::MAX - 63, ..SMALL }, Accumulator),
		(RawParameters { rounds: 0, ..SMALL }, Rounds),
		(RawParameters { rounds: 4_097, ..SMALL }, Rounds),
		(RawParameters { rounds: u32::MAX, ..SMALL }, Rounds),
		(RawParameters { openings: 0, ..SMALL }, Openings),
		(RawParameters { openings: 65, ..SMALL }, Openings),
		(RawParameters { openings: u32::MAX, ..SMALL }, Openings),
		(RawParameters { patch: 16, ..GPU }, TooHeavy),
		(RawParameters { patch: 16, depth: 8_256, ..GPU }, TooHeavy),
		(RawParameters { patch: 2, openings: 33, ..GPU }, TooHeavy),
	] {
		assert_eq!(refused(raw), error, "{raw:?}");
		assert!(!error.describe().is_empty());
	}
}

#[test]
fn parameters_are_taken_up_to_their_bounds() {
	for raw in [
		SMALL,
		GPU,
		CPU,
		RawParameters { rows: 65_536, columns: 65_536, ..GPU },
		RawParameters { rows: 32_768, columns: 32_768, tile: 8, ..GPU },
		RawParameters { rows: 4, columns: 4, depth: 64, tile: 4, patch: 1, rounds: 1, openings: 1 },
		RawParameters { tile: 32, patch: 32, columns: 32, rows: 65_536, depth: 512, rounds: 4_096, openings: 64 },
		RawParameters { patch: 16, depth: 8_192, ..GPU },
		RawParameters { patch: 2, openings: 32, ..GPU },
	] {
		assert_eq!(RawParameters::from(checked(raw)), raw);
	}
}

#[test]
fn as_many_cells_can_be_opened_at_the_greatest_depth_as_at_any() {
	let most = checked(GPU).with_openings(MAX_OPENINGS).unwrap();
	assert_eq!(most.check_cost().entries, MAX_ENTRIES);
	assert_eq!(most.with_openings(0), Err(ParametersError::Openings));
	assert_eq!(most.with_openings(16), Ok(checked(GPU)));
}

#[test]
fn operations_are_counted_over_all_rounds() {
	// 2 · 16,384² · 131,072 · 512 and 2 · 2,048² · 131,072 · 16.
	assert_eq!(checked(GPU).operations(), 36_028_797_018_963_968);
	assert_eq!(checked(CPU).operations(), 17_592_186_044_416);
	assert_eq!(checked(SMALL).operations(), 2 * 48 * 32 * 192 * 3);
	let largest = RawParameters { rows: 65_536, columns: 65_536, rounds: 4_096, ..GPU };
	assert_eq!(checked(largest).operations(), 1 << 62);
	assert_eq!(checked(largest).cells(), 1 << 44);
}

#[test]
fn parameters_out_of_bounds_cannot_be_decoded() {
	for raw in [RawParameters { depth: 131_136, patch: 1, ..SMALL }, RawParameters { rounds: 0, ..SMALL }] {
		assert!(Parameters::decode_all(&mut &raw.encode()[..]).is_err());
		let json = serde_json::to_string(&raw).unwrap();
		let error = serde_json::from_str::<Parameters>(&json).unwrap_err().to_string();
		assert!(error.contains(refused(raw).describe()), "{error}");
	}
	let bytes = checked(SMALL).encode();
	assert_eq!(bytes, SMALL.encode());
	assert_eq!(bytes.len(), Parameters::max_encoded_len());
	assert_eq!(Parameters::decode_all(&mut &bytes[..]), Ok(checked(SMALL)));
	let json = serde_json::to_string(&checked(SMALL)).unwrap();
	assert_eq!(serde_json::from_str::<Parameters>(&json).unwrap(), checked(SMALL));
}

proptest! {
	#[test]
	fn any_numbers_are_judged_without_a_panic(numbers: [u32; 7], small in proptest::array::uniform7(0_u32..300)) {
		for [rows, columns, depth, tile, patch, rounds, openings] in [numbers, small] {
			let raw = RawParameters { rows, columns, depth, tile, patch, rounds, openings };
			if let Ok(parameters) = Parameters::try_from(raw) {
				prop_assert!(parameters.check_cost().entries <= MAX_ENTRIES);
			}
		}
	}
}
