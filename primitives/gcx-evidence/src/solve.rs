//! The seeded solve: a dense system of linear equations that follows from a seed, entry by entry.
//!
//! # Why this system
//!
//! - Entries are uniform in [−½, ½), as HPL's are (`HPL_rand`, netlib HPL 2.3). The matrix is not diagonally dominant,
//!   not symmetric and not sparse, and its condition number grows like its order, so that an iterative method needs
//!   more operations than elimination does.
//! - An entry follows from (seed, order, row, column) alone, whatever was computed before: who checks a row computes
//!   that row. Systems of different orders have nothing in common, so that the solution of one is no part of another's.
//! - The map from counter to entry is not linear, so that no row is a combination of others, as rows of a linear
//!   congruential generator are.
//!
//! # The mixer
//!
//! Of the seed, the order and a row follow two 64-bit keys by BLAKE2b. A word, which holds the entries of two
//! neighbouring columns, is the finaliser of SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number
//! generators*, OOPSLA 2014; its constants are David Stafford's "Mix13") over `first key + pair · γ`, with γ the
//! generator's odd step 0x9e3779b97f4a7c15, and the second key is xored in after its first multiplication. Two rows
//! would have to agree in both keys to be the same. It is no cipher and need not be one: the seed is known to all, and
//! nobody can choose it.
//!
//! # What it says
//!
//! That somebody held a vector that solves the system as well as elimination in double precision does, not how it was
//! computed: single precision and iterative refinement come to the same result in less time. It does not certify native
//! double precision.

use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use gcx_primitives::MAX_DEVICES;
use sp_crypto_hashing::{blake2_256, blake2_512};

/// Rows that are drawn per device.
pub const DRAWN_ROWS: u32 = 64;
/// The smallest order of a system.
pub const MIN_ORDER: u32 = 256;
/// The largest order of a system.
pub const MAX_ORDER: u32 = 65_536;
/// Bytes of one unknown in an encoded solution: an `i64`, little endian, in units of 2⁻⁴⁰.
pub const BYTES_PER_UNKNOWN: usize = 8;

/// The step of SplitMix64: 2⁶⁴ divided by the golden ratio, odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// Stafford's Mix13, first factor.
const FIRST_FACTOR: u64 = 0xbf58_476d_1ce4_e5b9;
/// Stafford's Mix13, second factor.
const SECOND_FACTOR: u64 = 0x94d0_49bb_1331_11eb;
/// The pair of columns that the right-hand side is in: beyond any column.
const RIGHT_PAIR: u64 = 1 << 32;
/// A unit of an entry, 2⁻³², as floating point.
const ENTRY_UNIT: f64 = 1.0 / 4_294_967_296.0;
/// Units of an unknown in one: 2⁴⁰.
const UNKNOWNS_PER_ONE: f64 = 1_099_511_627_776.0;
/// Bits of the unit of an unknown.
const UNKNOWN_BITS: u32 = 40;
/// The scaled residual that HPL lets pass is 16 = 2⁴, times ε = 2⁻⁵³: `N · 2⁻⁴⁹`.
const TOLERANCE_BITS: u32 = 49;

/// A device's seed in a round.
pub fn device_seed(nonce: [u8; 32], device: u32) -> [u8; 32] {
	blake2_256(&(b"gcx/solve/device/1", nonce, device).encode())
}

/// The system of a seed.
#[derive(Clone, Debug)]
pub struct System {
	seed: [u8; 32],
	order: u32,
}

/// The keys of one row.
#[derive(Clone, Copy)]
struct RowKeys {
	first: u64,
	second: u64,
}

impl RowKeys {
	/// The word of a pair of columns.
	#[inline(always)]
	fn word(self, pair: u64) -> u64 {
		let mut word = self.first.wrapping_add(pair.wrapping_mul(STEP));
		word = (word ^ (word >> 30)).wrapping_mul(FIRST_FACTOR) ^ self.second;
		word = (word ^ (word >> 27)).wrapping_mul(SECOND_FACTOR);
		word ^ (word >> 31)
	}

	/// The entries of a pair of columns: the low half of the word is the even one.
	#[inline(always)]
	fn pair(self, pair: u64) -> [i32; 2] {
		let [a, b, c, d, e, f, g, h] = self.word(pair).to_le_bytes();
		[i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h])]
	}
}

impl System {
	/// The system of a seed with so many unknowns. Orders outside [`MIN_ORDER`] and [`MAX_ORDER`] have entries too, and
	/// nothing [`Self::solves`] them.
	pub fn new(seed: [u8; 32], order: u32) -> Self {
		Self { seed, order }
	}

	/// Rows, columns, unknowns.
	pub fn order(&self) -> u32 {
		self.order
	}

	fn row_keys(&self, row: u32) -> RowKeys {
		let digest = blake2_256(&(b"gcx/solve/row/1", self.seed, self.order, row).encode());
		let [first, second, _, _]: [u64; 4] = words(&digest);
		RowKeys { first, second }
	}

	/// The entry of the matrix in a row and column in units of 2⁻³²: uniform in [−2³¹, 2³¹), so in [−½, ½).
	///
	/// Computes the row's keys each time: [`Self::write_row`] is the way to a whole row.
	pub fn entry(&self, row: u32, column: u32) -> i32 {
		let [even, odd] = self.row_keys(row).pair(u64::from(column / 2));
		if column.is_multiple_of(2) {
			even
		} else {
			odd
		}
	}

	/// Writes a row of the matrix as floating point: what a solver takes. Each entry is exact. As many columns are
	/// written as `into` has places; a whole row has [`Self::order`].
	#[inline]
	pub fn write_row(&self, row: u32, into: &mut [f64]) {
		let keys = self.row_keys(row);
		let mut pair = 0;
		let mut places = into.chunks_exact_mut(2);
		for place in places.by_ref() {
			let [even, odd] = keys.pair(pair);
			place[0] = f64::from(even) * ENTRY_UNIT;
			place[1] = f64::from(odd) * ENTRY_UNIT;
			pair += 1;
		}
		if let [last] = places.into_remainder() {
			let [even, _] = keys.pair(pair);
			*last = f64::from(even) * ENTRY_UNIT;
		}
	}

	/// The right-hand side of a row, in the same units as [`Self::entry`].
	pub fn right(&self, row: u32) -> i32 {
		let [right, _] = self.row_keys(row).pair(RIGHT_PAIR);
		right
	}

	/// The right-hand side of a row as floating point, exact.
	pub fn right_float(&self, row: u32) -> f64 {
		f64::from(self.right(row)) * ENTRY_UNIT
	}

	/// Whether a solution solves the drawn rows. In integers, so that every machine agrees. False for a solution of
	/// another length than the order, for an order out of bounds, for a row that the system does not have, and if no
	/// row is given. Costs `rows · order` multiplications.
	///
	/// # The criterion
	///
	/// A row `i` passes if
	///
	/// `|a_i·x − b_i| ≤ 16 · ε · N · (Σ_j |a_ij| · ‖x‖∞ + |b_i|) + Σ_j |a_ij| · 2⁻⁴¹` with `ε = 2⁻⁵³`.
	///
	/// The first term is HPL's (netlib HPL 2.3, `HPL_pdtest.c` and the FAQ: `‖Ax−b‖∞ / (ε · (‖A‖∞·‖x‖∞ + ‖b‖∞) · N)`
	/// below 16), with the row's own sum and right-hand side in place of their maxima over all rows: never looser than
	/// HPL's. Elimination in double precision comes to some thousandths of it. The second term is what rounding `x` to
	/// units of 2⁻⁴⁰ can add at most: half a unit for each unknown.
	///
	/// # Exactness
	///
	/// Everything is counted in units of 2⁻⁷². With entries below 2³¹, unknowns up to 2⁶³ and `N ≤ 2¹⁶`: the sum is at
	/// most 2¹¹⁰, `b` is at most 2⁷¹, `N · (Σ|a|·‖x‖∞ + |b|)` is at most 2¹²⁶ + 2⁸⁷, and the slack times 2⁴⁹ is at most
	/// 2⁹⁵. All are below 2¹²⁷, whatever the solution says, and no step rounds: the left side is an integer, so the
	/// floor of the right side decides alike.
	///
	/// # Why a huge solution does not help
	///
	/// The bound grows with `‖x‖∞`, and so does the residual. A vector passes only if it is the exact solution of a
	/// system whose entries differ from these by no more than `16·ε·N` of their row's mean (Rigal and Gaches, J. ACM
	/// 14, 1967). For a vector so large that `b` drowns in the bound this asks for `A·x ≈ 0` to the same relative
	/// precision, so for a nearly singular matrix. The least singular value of such a random matrix is about
	/// `1/√(12·N)` (Edelman, SIAM J. Matrix Anal. Appl. 9, 1988), and `|A·x|` of its singular vector is then about
	/// `‖x‖∞/√(12·N)`, against a bound of `N²·2⁻⁵¹·‖x‖∞`: at the largest order 2⁻¹⁰ against 2⁻¹⁹. Where a matrix is
	/// singular enough all the same, one in some hundreds at the largest order, that vector costs as much to find as
	/// the solution. The vector of zeros leaves `|b_i|`, which the bound does not come near to.
	///
	/// # What drawn rows show
	///
	/// A vector that fails in a share `s` of all rows is noticed with probability `1 − (1 − s)^64`: 47 % of 1 %, 96 %
	/// of 5 %, 99.9 % of 10 %. Every unknown is in every row, so an unknown that is off makes nearly all rows fail; who
	/// wants a share of rows to hold solves a smaller system, and leaving out 1 % of the rows spares 3 % of the work.
	pub fn solves(&self, solution: &Solution, rows: &[u32]) -> bool {
		let bounds = MIN_ORDER..=MAX_ORDER;
		let Ok(length) = u32::try_from(solution.0.len()) else { return false };
		if rows.is_empty() || !bounds.contains(&self.order) || length != self.order {
			return false;
		}
		let largest = solution.0.iter().map(|unknown| unknown.unsigned_abs()).max().unwrap_or(0);
		rows.iter().all(|&row| row < self.order && self.row_holds(row, &solution.0, largest))
	}

	/// Whether one row passes: see [`Self::solves`], which has checked the order.
	fn row_holds(&self, row: u32, unknowns: &[i64], largest: u64) -> bool {
		let keys = self.row_keys(row);
		let [right, _] = keys.pair(RIGHT_PAIR);
		let mut sum = RowSum::default();
		let mut pair = 0;
		let mut pairs = unknowns.chunks_exact(2);
		for both in pairs.by_ref() {
			let [even, odd] = keys.pair(pair);
			sum.add(even, both[0]);
			sum.add(odd, both[1]);
			pair += 1;
		}
		if let [last] = pairs.remainder() {
			let [even, _] = keys.pair(pair);
			sum.add(even, *last);
		}
		let residual = (sum.total() - (i128::from(right) << UNKNOWN_BITS)).unsigned_abs();
		let magnitudes = u128::from(sum.magnitudes);
		let scale = magnitudes * u128::from(largest) + (u128::from(right.unsigned_abs()) << UNKNOWN_BITS);
		let bound = u128::from(self.order) * scale + (magnitudes << (TOLERANCE_BITS - 1));
		residual <= bound >> TOLERANCE_BITS
	}
}

/// A row's product with the unknowns, in two parts, so that each multiplication fits 64 bits: 128-bit ones are calls in
/// WebAssembly.
#[derive(Default)]
struct RowSum {
	/// Of the unknowns' upper 32 bits, signed.
	upper: i128,
	/// Of their lower 32 bits, not signed.
	lower: i128,
	/// Sum of the entries' magnitudes.
	magnitudes: u64,
}

impl RowSum {
	#[inline(always)]
	fn add(&mut self, entry: i32, unknown: i64) {
		let factor = i64::from(entry);
		// Entries are at least −2³¹ and below 2³¹; the parts at least −2³¹ and below 2³²: products fit.
		self.upper += i128::from(factor * (unknown >> 32));
		self.lower += i128::from(factor * (unknown & 0xffff_ffff));
		self.magnitudes += u64::from(entry.unsigned_abs());
	}

	fn total(&self) -> i128 {
		(self.upper << 32) + self.lower
	}
}

/// A solution in fixed point, units of 2⁻⁴⁰.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Solution(pub Vec<i64>);

impl Solution {
	/// From floating point, rounded to the nearest (a half away from zero); none if an unknown is not finite or does
	/// not fit, that is from 2²³ on.
	pub fn from_floats(unknowns: &[f64]) -> Option<Self> {
		unknowns.iter().map(|&unknown| to_fixed(unknown)).collect::<Option<Vec<_>>>().map(Self)
	}

	/// As floating point, rounded where an unknown has more than 53 bits.
	pub fn to_floats(&self) -> Vec<f64> {
		self.0.iter().map(|&unknown| unknown as f64 / UNKNOWNS_PER_ONE).collect()
	}

	/// As bytes.
	pub fn to_bytes(&self) -> Vec<u8> {
		self.0.iter().flat_map(|unknown| unknown.to_le_bytes()).collect()
	}

	/// From bytes; none if their number is no multiple of eight.
	pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
		let unknowns = bytes.chunks_exact(BYTES_PER_UNKNOWN);
		if !unknowns.remainder().is_empty() {
			return None;
		}
		unknowns.map(|unknown| unknown.try_into().ok().map(i64::from_le_bytes)).collect::<Option<Vec<_>>>().map(Self)
	}

	/// Its hash: BLAKE2b-256 of its bytes.
	pub fn hash(&self) -> [u8; 32] {
		blake2_256(&self.to_bytes())
	}
}

/// Rounds to units of 2⁻⁴⁰ without the standard library's `round`.
fn to_fixed(unknown: f64) -> Option<i64> {
	const LIMIT: f64 = 9_223_372_036_854_775_808.0;
	let scaled = unknown * UNKNOWNS_PER_ONE;
	if !(scaled > -LIMIT && scaled < LIMIT) {
		return None;
	}
	let whole = scaled as i64;
	let rest = scaled - whole as f64;
	if rest >= 0.5 {
		whole.checked_add(1)
	} else if rest <= -0.5 {
		whole.checked_sub(1)
	} else {
		Some(whole)
	}
}

/// What a provider commits to: a hash over the hashes of its devices' solutions, in the order of devices.
pub fn commitment(solutions: &[[u8; 32]]) -> [u8; 32] {
	blake2_256(&(b"gcx/solve/commitment/1", solutions).encode())
}

/// The rows that are drawn of a device: [`DRAWN_ROWS`] of them, some perhaps twice. None if the order is zero.
///
/// Each is the upper half of a 64-bit word of a hash times the order, so that no row is likelier than another by more
/// than `order / 2⁶⁴` of its share, at most 2⁻⁴⁸.
pub fn drawn_rows(seed: [u8; 32], device: u32, order: u32) -> Vec<u32> {
	let mut draws = Draws::new((b"gcx/solve/rows/1", seed, device).encode());
	(0..DRAWN_ROWS).filter_map(|_| draws.below(order)).collect()
}

/// The devices that are drawn: all of them if there are no more than `most`, or so many different ones, in ascending
/// order.
///
/// By Floyd's sampling (Bentley and Floyd, *A sample of brilliance*, CACM 30, 1987): every set is equally likely but
/// for 2⁻⁵⁴ of its share per draw, and the work is that of `most` draws. Devices beyond [`MAX_DEVICES`] are not drawn:
/// no resource has them.
pub fn drawn_devices(seed: [u8; 32], devices: u32, most: u32) -> Vec<u32> {
	let devices = devices.min(MAX_DEVICES);
	if devices <= most {
		return (0..devices).collect();
	}
	let mut draws = Draws::new((b"gcx/solve/devices/1", seed).encode());
	let mut drawn = BTreeSet::new();
	for last in devices - most..devices {
		let device = draws.below(last + 1).unwrap_or(last);
		if !drawn.insert(device) {
			drawn.insert(last);
		}
	}
	drawn.into_iter().collect()
}

/// 64-bit words from BLAKE2b-512 of a prefix and a counter.
struct Draws {
	prefix: Vec<u8>,
	block: u32,
	left: Vec<u64>,
}

impl Draws {
	fn new(prefix: Vec<u8>) -> Self {
		Self { prefix, block: 0, left: Vec::new() }
	}

	fn next(&mut self) -> u64 {
		if let Some(word) = self.left.pop() {
			return word;
		}
		let digest = blake2_512(&(&self.prefix, self.block).encode());
		self.block = self.block.wrapping_add(1);
		let [first, rest @ ..]: [u64; 8] = words(&digest);
		self.left = rest.into_iter().rev().collect();
		first
	}

	/// A number below a bound; none if the bound is zero.
	fn below(&mut self, bound: u32) -> Option<u32> {
		let wide = (u128::from(self.next()) * u128::from(bound)) >> 64;
		u32::try_from(wide).ok().filter(|number| *number < bound)
	}
}

/// A hash as words, little endian; words beyond its end are zero.
fn words<const WORDS: usize>(hash: &[u8]) -> [u64; WORDS] {
	let mut words = [0; WORDS];
	for (word, bytes) in words.iter_mut().zip(hash.chunks_exact(8)) {
		*word = bytes.try_into().map_or(0, u64::from_le_bytes);
	}
	words
}
