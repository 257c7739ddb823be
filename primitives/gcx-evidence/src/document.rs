//! The document that an agent serves and a worker reads.

use crate::{hex, solve::Solution, Reason};
use alloc::{string::String, vec::Vec};
use base64::{engine::general_purpose::STANDARD, Engine};
use codec::{Decode, Encode};
use core::{fmt, marker::PhantomData};
use gcx_primitives::{ResourceId, RoundId, MAX_DEVICES};
use serde::{
	de::{Error, SeqAccess, Visitor},
	Deserialize, Deserializer, Serialize,
};
use sp_runtime::MultiSignature;

/// The most bytes of a document.
pub const MAX_DOCUMENT_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes of one benchmark's raw output.
pub const MAX_RAW_BYTES: usize = 64 * 1024;
/// The most benchmarks of a document.
pub const MAX_BENCHMARKS: usize = 8;
/// The version of the format.
pub const FORMAT: u16 = 1;
/// The most characters of a signature: a recoverable ECDSA one with its kind and 0x.
const MAX_SIGNATURE_CHARACTERS: usize = 2 + 2 * 66;
/// [`MAX_DEVICES`], where lengths are counted.
const MOST_DEVICES: usize = 1_024;
const _: () = assert!(MAX_DEVICES == 1_024, "MOST_DEVICES is MAX_DEVICES");

/// What an agent serves under `/v1/resources/{resource}/benchmarks/{round}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Document {
	/// Version of this format: 1.
	pub format: u16,
	/// What is signed.
	pub content: Content,
	/// Solutions of the drawn devices. Not signed: the content has their hashes.
	/// At most [`MAX_DEVICES`].
	#[serde(default, deserialize_with = "at_most::<_, _, MOST_DEVICES>")]
	pub opened: Vec<OpenedSolution>,
	/// Signature of the agent, a SCALE `MultiSignature` as hexadecimal with 0x, over [`Content::signed_payload`].
	pub signature: String,
}

/// What an agent signs about a run.
#[derive(Clone, Debug, Deserialize, Encode, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Content {
	/// Hash of the chain's first block, hexadecimal with 0x.
	pub genesis: String,
	/// The resource.
	pub resource: ResourceId,
	/// The round that the run answers.
	pub round: RoundId,
	/// 32 bytes that no other run has, hexadecimal with 0x.
	pub run: String,
	/// When the run began, in milliseconds since the Unix epoch.
	pub started_at: u64,
	/// When it ended.
	pub ended_at: u64,
	/// How many devices ran.
	pub devices: u32,
	/// Mean power of all of them, if it was measured during this run.
	#[serde(default)]
	pub power: Option<Power>,
	/// The seeded solve, if the class asks for it.
	#[serde(default)]
	pub solve: Option<Solve>,
	/// Declared results: at most [`MAX_BENCHMARKS`].
	#[serde(default, deserialize_with = "at_most::<_, _, MAX_BENCHMARKS>")]
	pub benchmarks: Vec<Benchmark>,
}

/// Power that was measured.
#[derive(Clone, Debug, Deserialize, Encode, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Power {
	/// Mean over the run, of all devices together, in milliwatts.
	pub milliwatts: u64,
	/// By what: free text for people, such as `nvidia-smi` or `rapl`.
	pub source: String,
}

/// The seeded solve.
#[derive(Clone, Debug, Deserialize, Encode, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Solve {
	/// Rows and columns of each device's matrix.
	pub order: u32,
	/// Hash of each device's solution, in the order of devices, hexadecimal with 0x. At most [`MAX_DEVICES`].
	#[serde(deserialize_with = "at_most::<_, _, MOST_DEVICES>")]
	pub solutions: Vec<String>,
}

/// A device's solution.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OpenedSolution {
	/// The device, counted from zero.
	pub device: u32,
	/// Its solution as [`crate::solve`] encodes it, in base64 (RFC 4648, with padding).
	pub solution: String,
}

/// A benchmark's raw output and the figure that is claimed of it.
#[derive(Clone, Debug, Deserialize, Encode, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Benchmark {
	/// Which benchmark.
	pub kind: crate::raw::Kind,
	/// The figure of all devices together, in the metric's unit.
	pub claimed: u64,
	/// What the benchmark wrote, as it stands: at most [`MAX_RAW_BYTES`]. Of longer output [`crate::raw::excerpt`] is
	/// the part that counts.
	pub raw: String,
}

impl Content {
	/// Hash of the content: BLAKE2b-256 of its SCALE encoding.
	pub fn digest(&self) -> [u8; 32] {
		sp_crypto_hashing::blake2_256(&self.encode())
	}

	/// The bytes that an agent signs.
	pub fn signed_payload(&self, genesis: [u8; 32]) -> Vec<u8> {
		signed_payload(genesis, self.resource, self.round, self.digest())
	}
}

/// The bytes that an agent signs about a run: short, so that the chain can check two of them against each other.
pub fn signed_payload(genesis: [u8; 32], resource: ResourceId, round: RoundId, digest: [u8; 32]) -> Vec<u8> {
	(b"gcx/evidence/1", genesis, resource, round, digest).encode()
}

impl Solve {
	/// Of the order and the hashes of all devices' solutions.
	pub fn new(order: u32, solutions: &[[u8; 32]]) -> Self {
		Self { order, solutions: solutions.iter().map(|hash| hex::write(hash)).collect() }
	}
}

impl OpenedSolution {
	/// Opens a device's solution.
	pub fn new(device: u32, solution: &Solution) -> Self {
		Self { device, solution: STANDARD.encode(solution.to_bytes()) }
	}

	/// The solution's bytes; none if they are no base64 with padding.
	pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
		STANDARD.decode(&self.solution).ok()
	}
}

/// The version alone: whatever else is there.
#[derive(Deserialize)]
struct Version {
	format: u16,
}

impl Document {
	/// A document of this version.
	pub fn new(content: Content, opened: Vec<OpenedSolution>, signature: &MultiSignature) -> Self {
		Self { format: FORMAT, content, opened, signature: hex::write(&signature.encode()) }
	}

	/// Reads a document.
	///
	/// Takes time and memory in proportion to the text, which is not read at all if it is longer than
	/// [`MAX_DOCUMENT_BYTES`]. A number must be written as an integer, without point or exponent. Fields may be in any
	/// order. What the document consists of may also be written as the list of its fields in their order; it says the
	/// same, and the signature is not over the text.
	///
	/// # Errors
	/// [`Reason::TooLarge`]: the document or one of its raw outputs is longer than allowed. [`Reason::UnknownFormat`]:
	/// its version is another, whatever the rest is. [`Reason::Malformed`]: anything else, also more benchmarks, hashes
	/// or solutions than allowed.
	pub fn read(json: &[u8]) -> Result<Self, Reason> {
		if json.len() > MAX_DOCUMENT_BYTES {
			return Err(Reason::TooLarge);
		}
		let text = core::str::from_utf8(json).map_err(|_| Reason::Malformed)?;
		let version: Version = serde_json::from_str(text).map_err(|_| Reason::Malformed)?;
		if version.format != FORMAT {
			return Err(Reason::UnknownFormat);
		}
		let document: Self = serde_json::from_str(text).map_err(|_| Reason::Malformed)?;
		if document.content.benchmarks.iter().any(|benchmark| benchmark.raw.len() > MAX_RAW_BYTES) {
			return Err(Reason::TooLarge);
		}
		Ok(document)
	}

	/// Its signature.
	///
	/// # Errors
	/// [`Reason::Malformed`].
	pub fn signature(&self) -> Result<MultiSignature, Reason> {
		if self.signature.len() > MAX_SIGNATURE_CHARACTERS {
			return Err(Reason::Malformed);
		}
		let bytes = hex::read(&self.signature).ok_or(Reason::Malformed)?;
		let mut left = bytes.as_slice();
		let signature = MultiSignature::decode(&mut left).map_err(|_| Reason::Malformed)?;
		if left.is_empty() {
			Ok(signature)
		} else {
			Err(Reason::Malformed)
		}
	}
}

/// Reads a list of at most so many, and stops at the first one beyond: a document of millions of empty elements takes
/// no memory.
fn at_most<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(from: D) -> Result<Vec<T>, D::Error> {
	struct AtMost<T, const MOST: usize>(PhantomData<T>);

	impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for AtMost<T, MOST> {
		type Value = Vec<T>;

		fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
			write!(f, "a list of at most {MOST}")
		}

		fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
			let mut list = Vec::new();
			while let Some(element) = elements.next_element()? {
				if list.len() == MOST {
					return Err(A::Error::invalid_length(MOST + 1, &self));
				}
				list.push(element);
			}
			Ok(list)
		}
	}

	from.deserialize_seq(AtMost::<T, MOST>(PhantomData))
}
