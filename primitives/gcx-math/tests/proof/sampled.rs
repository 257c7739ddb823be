//! A commitment of which only what is drawn was computed: stands for an honest one of any size where the rest is not looked at.

use gcx_math::proof::{
	dot, merkle, round_leaf, round_seed, tile_leaf, Blake2b256, Cell, Claim, Hash, Line, Opening, Parameters,
	PreviousRound, Side, BLOCK,
};

/// A hash that stands for what was not computed.
fn other(hash: Blake2b256, of: &str, at: [u32; 2]) -> Hash {
	hash(format!("{of} {at:?}").as_bytes())
}

/// One cell by itself.
fn cell_value(seed: &Hash, row: u32, column: u32, depth: u32, hash: Blake2b256) -> i32 {
	let left = Line::new(seed, Side::Left, row, hash);
	let right = Line::new(seed, Side::Right, column, hash);
	(0..depth / BLOCK as u32).map(|block| dot(&left.block(block), &right.block(block))).sum()
}

/// A commitment, the cells that are drawn with some randomness, and their openings, which hold. No round may be drawn twice: the number
/// of rounds has to be a multiple of that of openings.
pub fn openings(
	parameters: &Parameters,
	seed: Hash,
	randomness: &Hash,
	hash: Blake2b256,
) -> (Hash, Vec<(Cell, Opening)>) {
	assert_eq!(parameters.rounds % parameters.openings, 0, "each opening has rounds of its own");
	let mut claim = Claim { parameters, seed, commitment: [0; 32] };
	let mut roots: Vec<_> = (0..parameters.rounds).map(|round| other(hash, "round", [round, 0])).collect();
	// In the order of rounds: the root of the round before is there.
	let cells = claim.drawn_cells(randomness, hash);
	let mut shown = Vec::new();
	for cell in &cells {
		let previous = cell.round.checked_sub(1).map(|before| roots[before as usize]);
		let round_seed = previous.map_or(seed, |root| round_seed(&seed, cell.round, &root, hash));
		let (edge, patch) = (parameters.tile, parameters.patch);
		let [top, left] = [cell.row, cell.column].map(|at| at - at % patch);
		let mut tile = vec![0; parameters.tile_cells() as usize];
		for (row, column) in (0..patch * patch).map(|at| (top + at / patch, left + at % patch)) {
			let place = row % edge * edge + column % edge;
			tile[place as usize] = cell_value(&round_seed, row, column, parameters.depth, hash);
		}
		let index = cell.tile(parameters);
		let length = merkle::path_length(parameters.tiles(), index);
		let path: Vec<_> = (0..length).map(|level| other(hash, "tile", [cell.round, level])).collect();
		let leaf = tile_leaf(&tile, hash);
		roots[cell.round as usize] = merkle::climb(leaf, index, parameters.tiles(), &path, hash).expect("its length");
		shown.push((tile, path, previous));
	}
	let leaves: Vec<_> = roots.iter().map(|root| round_leaf(root, hash)).collect();
	let round_path = |round| merkle::path(&leaves, round, hash).expect("a round").try_into().expect("in bounds");
	claim.commitment = merkle::root(&leaves, hash).expect("there are rounds");
	let openings = cells.into_iter().zip(shown).map(|(cell, (tile, path, previous))| {
		let previous = previous.map(|root| PreviousRound { root, path: round_path(cell.round - 1) });
		let opening = Opening {
			tile: tile.try_into().expect("in bounds"),
			tile_path: path.try_into().expect("in bounds"),
			round_path: round_path(cell.round),
			previous,
		};
		(cell, opening)
	});
	(claim.commitment, openings.collect())
}
