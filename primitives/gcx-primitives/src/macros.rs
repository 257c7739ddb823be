//! What types of plain data have in common.

/// Derives for a type what all data that is stored, sent and shown has: it is cloned, compared, printed, encoded in
/// SCALE with a bound, described in the metadata, and read and written by serde. What it can do besides, its own
/// `derive` says.
macro_rules! plain_data {
	($type:item) => {
		#[derive(
			Clone,
			Debug,
			Eq,
			PartialEq,
			codec::Decode,
			codec::DecodeWithMemTracking,
			codec::Encode,
			codec::MaxEncodedLen,
			scale_info::TypeInfo,
			serde::Deserialize,
			serde::Serialize,
		)]
		$type
	};
}
