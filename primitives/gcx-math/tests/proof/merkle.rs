//! The tree.

use gcx_math::proof::{
	merkle::{climb, node, path, path_length, root, NoSuchPath},
	tile_leaf, Hash,
};
use sp_crypto_hashing::blake2_256;

fn leaves(count: u32) -> Vec<Hash> {
	(0..count).map(|leaf| blake2_256(&leaf.to_le_bytes())).collect()
}

fn path_of(leaves: &[Hash], index: u32) -> Vec<Hash> {
	path(leaves, index, blake2_256).expect("there is such a leaf")
}

#[test]
fn a_leaf_is_found_at_its_own_index_and_at_no_other() {
	for count in 1..=40_u32 {
		let leaves = leaves(count);
		let root = root(&leaves, blake2_256);
		for index in 0..count {
			let path = path_of(&leaves, index);
			assert_eq!(path.len() as u32, path_length(count, index));
			let leaf = leaves[index as usize];
			for other in 0..count + 3 {
				let found = climb(leaf, other, count, &path, blake2_256).ok() == root;
				assert_eq!(found, other == index, "leaf {index} at {other} of {count}");
			}
		}
	}
}

#[test]
fn a_path_that_is_cut_or_longer_or_altered_does_not_lead_to_the_root() {
	let leaves = leaves(24);
	let root = root(&leaves, blake2_256).unwrap();
	for index in 0..24 {
		let path = path_of(&leaves, index);
		let leaf = leaves[index as usize];
		for length in 0..path.len() {
			assert_eq!(climb(leaf, index, 24, &path[..length], blake2_256), Err(NoSuchPath));
			assert_eq!(climb(leaf, index, 24, &path[length + 1..], blake2_256), Err(NoSuchPath));
			let mut altered = path.clone();
			altered[length][31] ^= 1;
			assert_ne!(climb(leaf, index, 24, &altered, blake2_256), Ok(root));
		}
		let longer = [&path[..], &[root]].concat();
		assert_eq!(climb(leaf, index, 24, &longer, blake2_256), Err(NoSuchPath));
		assert_eq!(climb(leaf, index + 24, 24, &path, blake2_256), Err(NoSuchPath));
	}
}

#[test]
fn an_inner_node_is_no_leaf() {
	// A tile of sixteen cells is as long as two hashes.
	let [left, right] = [[1_u8; 32], [2; 32]];
	let cells: Vec<_> = [left, right]
		.concat()
		.chunks_exact(4)
		.map(|bytes| i32::from_le_bytes(bytes.try_into().expect("four bytes")))
		.collect();
	assert_ne!(tile_leaf(&cells, blake2_256), node(&left, &right, blake2_256));
	// Nor can a node be shown in place of a leaf of a smaller tree with the same root.
	let leaves = leaves(8);
	let root = root(&leaves, blake2_256).unwrap();
	let inner = node(&leaves[0], &leaves[1], blake2_256);
	let above = &path_of(&leaves, 0)[1..];
	assert_eq!(climb(inner, 0, 4, above, blake2_256), Ok(root), "the hash of a node is in the tree of four");
	assert_eq!(climb(inner, 0, 8, above, blake2_256), Err(NoSuchPath));
}

#[test]
fn the_form_is_that_of_rfc_9162() {
	let d = leaves(7);
	let join = |left: &Hash, right: &Hash| node(left, right, blake2_256);
	let left = join(&join(&d[0], &d[1]), &join(&d[2], &d[3]));
	let right = join(&join(&d[4], &d[5]), &d[6]);
	assert_eq!(root(&d, blake2_256), Some(join(&left, &right)));
	assert_eq!(path_of(&d, 6), [join(&d[4], &d[5]), left]);
	assert_eq!(path_of(&d, 4), [d[5], d[6], left]);
	assert_eq!(root(&d[..1], blake2_256), Some(d[0]));
	assert_eq!(path_of(&d[..1], 0), [] as [Hash; 0]);
	assert_eq!(root(&[], blake2_256), None);
	assert_eq!(path(&d, 7, blake2_256), None);
	assert_eq!(climb(d[0], 0, 0, &[], blake2_256), Err(NoSuchPath));
}
