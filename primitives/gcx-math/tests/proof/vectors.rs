//! Numbers that never change. They were computed by a second implementation, in another language, from the module's text.

use super::{checked, claim, seed, SMALL};
use gcx_math::proof::{
	reference::{product, Transcript},
	Cell, Line, Side,
};
use sp_crypto_hashing::blake2_256;

const DEVICE_SEED: &str = "5d65bfc6a9895add28f22cc8cb48e55e753fab806e9581921160a68ac1ce09bf";
const ROUND_SEED: &str = "196beab9da8d8125e24628b6bf34cb71b53b92b088c88f46d7fc96bfed39941e";
const COMMITMENT: &str = "94cbe7c05b087e9063207294d19928d1bea40505a5c760656429173cb271d804";
const DRAWN: [[u32; 3]; 8] =
	[[0, 4, 5], [0, 27, 5], [0, 36, 8], [1, 6, 29], [1, 26, 18], [1, 44, 1], [2, 13, 12], [2, 46, 24]];

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn entries_are_pinned() {
	let line = Line::new(&[0; 32], Side::Left, 0, blake2_256);
	assert_eq!(line, Line { first: 0x9fd0_fccc_a3a4_df62, second: 0x1cec_6c04_cefe_022f });
	let entries: Vec<_> = (0..16).map(|depth| line.entry(depth)).collect();
	assert_eq!(entries, [66, 12, 1, -55, -78, -78, 7, 77, 39, 98, -55, 76, 66, 97, 43, 33]);
	let zeros: Vec<_> = (0..486).filter(|depth| line.entry(*depth) == 0).collect();
	assert_eq!(zeros, [88, 206, 234, 485]);
	let right = Line::new(&[0; 32], Side::Right, 0, blake2_256);
	assert_eq!(right.block(0)[..8], [-102, -57, 49, -121, -63, -95, -42, -21]);
	let far = Line::new(&[0xa5; 32], Side::Right, 65_535, blake2_256);
	assert_eq!(far.block(2_047)[56..], [83, -76, 106, -6, -60, 96, 18, 36]);
}

#[test]
fn a_computation_is_pinned() {
	let parameters = checked(SMALL);
	let seed = seed(&parameters);
	assert_eq!(hex(&seed), DEVICE_SEED);
	let mut transcript = Transcript::new(parameters, seed, blake2_256);
	let first = product(&parameters, &transcript.next_seed(), blake2_256);
	assert_eq!([first[0], first[48 * 32 - 1]], [-27_774, 75_974]);
	transcript.push(&first);
	assert_eq!(hex(&transcript.next_seed()), ROUND_SEED);
	transcript.push(&product(&parameters, &transcript.next_seed(), blake2_256));
	let third = product(&parameters, &transcript.next_seed(), blake2_256);
	assert_eq!(third[48 * 32 - 1], -71_178);
	transcript.push(&third);
	let commitment = transcript.commitment();
	assert_eq!(commitment.map(|root| hex(&root)).as_deref(), Some(COMMITMENT));
	let drawn = claim(&parameters, seed, commitment).drawn_cells(&[7; 32], blake2_256);
	assert_eq!(drawn, DRAWN.map(|[round, row, column]| Cell { round, row, column }));
}
