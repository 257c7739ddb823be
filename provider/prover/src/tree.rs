//! The Merkle tree of [`gcx_math::proof::merkle`] with all its nodes kept, so that a path is read off it.

use gcx_math::proof::{merkle, Hash};
use rayon::prelude::*;
use sp_crypto_hashing::blake2_256;

/// The fewest nodes that a thread is given: fewer are sooner hashed than handed over.
const MIN_NODES: usize = 256;

/// Level by level, the leaves first, the root alone in the last one.
#[derive(Clone)]
pub(crate) struct Tree(Vec<Vec<Hash>>);

impl Tree {
	/// The tree over leaves. Without any it has no root.
	pub(crate) fn over(leaves: Vec<Hash>) -> Self {
		let mut levels = vec![leaves];
		while let Some(level) = levels.last().filter(|level| level.len() > 1) {
			let above = level.par_chunks(2).with_min_len(MIN_NODES).map(|pair| match pair {
				[left, right] => merkle::node(left, right, blake2_256),
				alone => alone.first().copied().unwrap_or_default(),
			});
			levels.push(above.collect());
		}
		Self(levels)
	}

	/// The root.
	pub(crate) fn root(&self) -> Hash {
		self.0.last().and_then(|level| level.first()).copied().unwrap_or_default()
	}

	/// A leaf.
	pub(crate) fn leaf(&self, index: u32) -> Option<&Hash> {
		self.0.first()?.get(index as usize)
	}

	/// The hashes beside a leaf on its way to the root, the lowest first.
	pub(crate) fn path(&self, index: u32) -> Vec<Hash> {
		let beside = |(height, level): (usize, &Vec<Hash>)| level.get((index as usize >> height) ^ 1).copied();
		self.0.iter().enumerate().filter_map(beside).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_tree_has_the_root_and_the_paths_of_the_function() {
		for number in 1..=70_u32 {
			let leaves: Vec<_> = (0..number).map(|leaf| blake2_256(&leaf.to_le_bytes())).collect();
			let tree = Tree::over(leaves.clone());
			assert_eq!(Some(tree.root()), merkle::root(&leaves, blake2_256));
			for index in 0..number {
				assert_eq!(Some(tree.path(index)), merkle::path(&leaves, index, blake2_256));
				assert_eq!(tree.leaf(index), leaves.get(index as usize));
			}
			assert_eq!(tree.leaf(number), None);
		}
	}
}
