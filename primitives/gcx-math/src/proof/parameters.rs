//! How large a computation is and how much of it is checked.

use super::Cell;
use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input, MaxEncodedLen};
use core::{fmt, ops::Deref};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The least cells at a side of a tile.
pub const MIN_TILE: u32 = 4;
/// The most cells at a side of a tile.
pub const MAX_TILE: u32 = 32;
/// The most rows, and the most columns.
pub const MAX_SIDE: u32 = 65_536;
/// The most tiles of a round.
pub const MAX_TILES: u32 = 1 << MAX_TILE_PATH;
/// The most hashes of a path from a tile to its round's root.
pub const MAX_TILE_PATH: u32 = 24;
/// The most rounds.
pub const MAX_ROUNDS: u32 = 1 << MAX_ROUND_PATH;
/// The most hashes of a path from a round to the commitment.
pub const MAX_ROUND_PATH: u32 = 12;
/// The depth is a multiple of this: whole cache lines, vectors and words on every device.
pub const DEPTH_STEP: u32 = 64;
/// The greatest depth: no sum of so many products overflows 32 bits.
pub const MAX_DEPTH: u32 = 131_072;
/// The most cells that are opened of a device.
pub const MAX_OPENINGS: u32 = 64;
/// The most entries that the openings of a device have the chain generate.
pub const MAX_ENTRIES: u64 = 1 << 24;
/// The most products that they have it add up.
pub const MAX_PATCH_PRODUCTS: u64 = 1 << 25;

/// The greatest size of an entry.
const MAX_ENTRY: i64 = 127;
const _: () = assert!(MAX_ENTRY * MAX_ENTRY * (MAX_DEPTH as i64) <= i32::MAX as i64);
/// Products and additions are counted apart, as is usual.
const OPERATIONS_PER_PRODUCT: u64 = 2;

/// Parameters as somebody proposes them. [`Parameters`] are those that can be.
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawParameters {
	/// Rows of the left matrix and of the product.
	pub rows: u32,
	/// Columns of the right matrix and of the product.
	pub columns: u32,
	/// Columns of the left matrix and rows of the right one: products in a sum.
	pub depth: u32,
	/// Cells at a side of a tile. A tile is what a leaf commits to.
	pub tile: u32,
	/// Cells at a side of the square around a drawn cell that is recomputed: from one to the whole tile.
	pub patch: u32,
	/// Products, one after the other.
	pub rounds: u32,
	/// Cells that are drawn of a device.
	pub openings: u32,
}

/// Parameters of a class of devices, within all bounds. They cannot be decoded otherwise.
///
/// The seed of a device is bound to those of the computation. `patch` and `openings` are of the check alone: they may differ for the same
/// computation.
#[derive(
	Clone, Copy, Debug, DecodeWithMemTracking, Deserialize, Encode, Eq, MaxEncodedLen, PartialEq, Serialize, TypeInfo,
)]
#[serde(try_from = "RawParameters", into = "RawParameters")]
pub struct Parameters(RawParameters);

/// Why parameters cannot be.
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
#[serde(rename_all = "camelCase")]
pub enum ParametersError {
	/// The tile's side is no power of two between [`MIN_TILE`] and [`MAX_TILE`].
	Tile,
	/// The patch's side is no power of two between one and the tile's.
	Patch,
	/// Rows or columns are none, no multiple of the tile's side, or more than [`MAX_SIDE`].
	Sides,
	/// There are more than [`MAX_TILES`] tiles: a path would be too long.
	TooManyTiles,
	/// The depth is zero or no multiple of [`DEPTH_STEP`].
	Depth,
	/// The depth is more than [`MAX_DEPTH`]: a sum could overflow 32 bits.
	Accumulator,
	/// There is no round, or there are more than [`MAX_ROUNDS`].
	Rounds,
	/// No cell is opened, or more than [`MAX_OPENINGS`].
	Openings,
	/// The check takes more than [`MAX_ENTRIES`] entries or [`MAX_PATCH_PRODUCTS`] products: a block would be too long.
	TooHeavy,
}

impl fmt::Display for ParametersError {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(self.describe())
	}
}

impl core::error::Error for ParametersError {}

impl ParametersError {
	/// For people.
	pub const fn describe(self) -> &'static str {
		match self {
			Self::Tile => "the tile's side is no power of two in bounds",
			Self::Patch => "the patch's side is no power of two up to the tile's",
			Self::Sides => "rows or columns are no multiple of the tile's side in bounds",
			Self::TooManyTiles => "there are more tiles than a path may be long for",
			Self::Depth => "the depth is no multiple of a block",
			Self::Accumulator => "a sum of so many products could overflow 32 bits",
			Self::Rounds => "the number of rounds is out of bounds",
			Self::Openings => "the number of openings is out of bounds",
			Self::TooHeavy => "the check is too heavy for a block",
		}
	}
}

impl Deref for Parameters {
	type Target = RawParameters;

	fn deref(&self) -> &RawParameters {
		&self.0
	}
}

impl From<Parameters> for RawParameters {
	fn from(parameters: Parameters) -> Self {
		parameters.0
	}
}

impl TryFrom<RawParameters> for Parameters {
	type Error = ParametersError;

	fn try_from(raw: RawParameters) -> Result<Self, ParametersError> {
		let side_fits = |side: u32| (1..=MAX_SIDE).contains(&side) && side.is_multiple_of(raw.tile);
		if !raw.tile.is_power_of_two() || !(MIN_TILE..=MAX_TILE).contains(&raw.tile) {
			return Err(ParametersError::Tile);
		}
		if !raw.patch.is_power_of_two() || raw.patch > raw.tile {
			return Err(ParametersError::Patch);
		}
		if !side_fits(raw.rows) || !side_fits(raw.columns) {
			return Err(ParametersError::Sides);
		}
		// At most 2¹⁴ tiles at a side.
		if (raw.rows / raw.tile) * (raw.columns / raw.tile) > MAX_TILES {
			return Err(ParametersError::TooManyTiles);
		}
		if raw.depth == 0 || !raw.depth.is_multiple_of(DEPTH_STEP) {
			return Err(ParametersError::Depth);
		}
		if raw.depth > MAX_DEPTH {
			return Err(ParametersError::Accumulator);
		}
		if !(1..=MAX_ROUNDS).contains(&raw.rounds) {
			return Err(ParametersError::Rounds);
		}
		if !(1..=MAX_OPENINGS).contains(&raw.openings) {
			return Err(ParametersError::Openings);
		}
		let parameters = Self(raw);
		let check = parameters.check_cost();
		if check.entries > MAX_ENTRIES || check.products > MAX_PATCH_PRODUCTS {
			return Err(ParametersError::TooHeavy);
		}
		Ok(parameters)
	}
}

impl Decode for Parameters {
	fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
		RawParameters::decode(input)?.try_into().map_err(|error: ParametersError| error.describe().into())
	}
}

impl Parameters {
	/// The same computation with another number of cells opened.
	///
	/// # Errors
	/// `Openings` and `TooHeavy`.
	pub fn with_openings(self, openings: u32) -> Result<Self, ParametersError> {
		RawParameters { openings, ..self.0 }.try_into()
	}

	/// The same computation with another number of rounds.
	///
	/// # Errors
	/// `Rounds`.
	pub fn with_rounds(self, rounds: u32) -> Result<Self, ParametersError> {
		RawParameters { rounds, ..self.0 }.try_into()
	}

	/// The cell of a number below [`Self::cells`], counted round by round and row by row.
	pub fn cell(&self, number: u64) -> Cell {
		let columns = u64::from(self.0.columns);
		let of_round = columns * u64::from(self.0.rows);
		Cell {
			round: (number / of_round) as u32,
			row: (number % of_round / columns) as u32,
			column: (number % columns) as u32,
		}
	}

	/// Tiles in a row of tiles.
	pub const fn tiles_across(&self) -> u32 {
		self.0.columns / self.0.tile
	}

	/// Tiles of a round.
	pub const fn tiles(&self) -> u32 {
		(self.0.rows / self.0.tile) * self.tiles_across()
	}

	/// Cells of a tile.
	pub const fn tile_cells(&self) -> u32 {
		self.0.tile * self.0.tile
	}

	/// Cells of all rounds. At most 2⁴⁴.
	pub fn cells(&self) -> u64 {
		u64::from(self.0.rows) * u64::from(self.0.columns) * u64::from(self.0.rounds)
	}

	/// Operations of the whole computation: a product and an addition for each cell and unit of depth. At most 2⁶². Generating
	/// entries and hashing are not counted.
	pub fn operations(&self) -> u64 {
		OPERATIONS_PER_PRODUCT * self.cells() * u64::from(self.0.depth)
	}

	/// Whether there is such a cell.
	pub const fn has(&self, cell: &Cell) -> bool {
		cell.round < self.0.rounds && cell.row < self.0.rows && cell.column < self.0.columns
	}
}
