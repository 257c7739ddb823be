//! The tree that tiles and rounds are committed to by.
//!
//! It has the form of RFC 9162, section 2.1: neighbours are joined level by level, and a last node without a neighbour is
//! carried up as it is. Instead of the RFC's single bytes, nodes and leaves begin with tags of their own, so that neither
//! can be taken for the other.
//!
//! The number of leaves is known to who checks. With it and the index the length of a path and the side of each of its hashes are
//! fixed, so that a leaf can be shown at its own index alone.

use super::{Blake2b256, Hash};
use alloc::vec::Vec;

/// The tag and two hashes.
pub(super) const NODE_BYTES: usize = NODE_TAG.len() + 64;
const NODE_TAG: &[u8; 16] = b"gcx/proof/node/1";

/// A path has not as many hashes as the tree asks for at this index, or there is no such index.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoSuchPath;

/// The node over two.
pub fn node(left: &Hash, right: &Hash, hash: Blake2b256) -> Hash {
	let mut bytes = [0; NODE_BYTES];
	let (tag, hashes) = bytes.split_at_mut(NODE_TAG.len());
	let (first, second) = hashes.split_at_mut(left.len());
	tag.copy_from_slice(NODE_TAG);
	first.copy_from_slice(left);
	second.copy_from_slice(right);
	hash(&bytes)
}

/// The root over leaves that are hashed already; none of no leaves.
pub fn root(leaves: &[Hash], hash: Blake2b256) -> Option<Hash> {
	let mut level = leaves.to_vec();
	while level.len() > 1 {
		level = above(&level, hash);
	}
	level.pop()
}

/// The hashes beside a leaf on its way to the root, the lowest first; none if there is no such leaf.
pub fn path(leaves: &[Hash], index: u32, hash: Blake2b256) -> Option<Vec<Hash>> {
	let mut at = usize::try_from(index).ok().filter(|index| *index < leaves.len())?;
	let mut level = leaves.to_vec();
	let mut path = Vec::new();
	while level.len() > 1 {
		path.extend(level.get(at ^ 1));
		level = above(&level, hash);
		at /= 2;
	}
	Some(path)
}

/// The next level.
fn above(level: &[Hash], hash: Blake2b256) -> Vec<Hash> {
	level
		.chunks(2)
		.map(|pair| match pair {
			[left, right] => node(left, right, hash),
			alone => alone.first().copied().unwrap_or_default(),
		})
		.collect()
}

/// Hashes of the path of the leaf at an index, of so many leaves: one for each level on which it is not alone.
pub fn path_length(leaves: u32, index: u32) -> u32 {
	Steps { at: index, width: leaves }.filter(|step| *step != Step::Up).count() as u32
}

/// The root that a leaf's path leads to. Costs as many hashes as the path has.
///
/// # Errors
/// [`NoSuchPath`] if the path is longer or shorter than that of this index, or the index is not below the number of leaves. Nothing
/// is hashed then.
pub fn climb(leaf: Hash, index: u32, leaves: u32, path: &[Hash], hash: Blake2b256) -> Result<Hash, NoSuchPath> {
	if index >= leaves || usize::try_from(path_length(leaves, index)) != Ok(path.len()) {
		return Err(NoSuchPath);
	}
	let mut beside = path.iter();
	Steps { at: index, width: leaves }.try_fold(leaf, |below, step| match step {
		Step::Up => Ok(below),
		Step::Left => beside.next().map(|right| node(&below, right, hash)).ok_or(NoSuchPath),
		Step::Right => beside.next().map(|left| node(left, &below, hash)).ok_or(NoSuchPath),
	})
}

/// Where a node is on a level.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Step {
	/// Alone: it is carried up.
	Up,
	/// Left of its neighbour.
	Left,
	/// Right of it.
	Right,
}

/// The way from a leaf to the root.
struct Steps {
	at: u32,
	width: u32,
}

impl Iterator for Steps {
	type Item = Step;

	fn next(&mut self) -> Option<Step> {
		if self.width <= 1 {
			return None;
		}
		let step = if self.at % 2 == 1 {
			Step::Right
		} else if self.at + 1 == self.width {
			Step::Up
		} else {
			Step::Left
		};
		self.at /= 2;
		self.width = self.width.div_ceil(2);
		Some(step)
	}
}
