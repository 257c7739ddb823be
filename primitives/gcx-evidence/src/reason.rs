//! Why a result was not accepted.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Why a result was not accepted: what a machine counts and a person reads.
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
	Ord,
	PartialEq,
	PartialOrd,
	Serialize,
	TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
	/// The gateway could not be reached, or broke the connection off.
	#[codec(index = 0)]
	Unreachable,
	/// The gateway did not answer in time: the deadline is one over headers and body.
	#[codec(index = 1)]
	TimedOut,
	/// The gateway answered with another status than 200. Redirects are not followed.
	#[codec(index = 2)]
	HttpStatus,
	/// The answer is larger than is read.
	#[codec(index = 3)]
	TooLarge,
	/// The answer is no JSON of the format: a field is missing, unknown, twice there, or not of its type.
	#[codec(index = 4)]
	Malformed,
	/// The results are in a version of the format that is not known.
	#[codec(index = 5)]
	UnknownFormat,
	/// The signature is not one of the resource's agent over this content.
	#[codec(index = 6)]
	BadSignature,
	/// The results are of another chain.
	#[codec(index = 7)]
	WrongChain,
	/// The results are of another resource.
	#[codec(index = 8)]
	WrongResource,
	/// The results are of another round.
	#[codec(index = 9)]
	WrongRound,
	/// The run began before the round was opened.
	#[codec(index = 10)]
	OlderThanRound,
	/// The run ended before it began, or in the future by the attestor's clock.
	#[codec(index = 11)]
	ClockSkew,
	/// The run was the answer to an earlier round.
	#[codec(index = 12)]
	Replayed,
	/// The number of devices is not the resource's.
	#[codec(index = 13)]
	WrongDevices,
	/// The class asks for a solve and there is none, or it is not the one that was committed to.
	#[codec(index = 14)]
	WrongSolve,
	/// A solution that was drawn is missing, too short or too long.
	#[codec(index = 15)]
	SolutionMissing,
	/// A solution does not solve the system: a drawn row's residual is too large.
	#[codec(index = 16)]
	SolveFailed,
	/// There is nothing to attest: no solve is asked for and no benchmark was declared.
	#[codec(index = 17)]
	NothingDeclared,
	/// A benchmark is there twice.
	#[codec(index = 18)]
	DeclaredTwice,
	/// Raw output is not the output of the benchmark that it is said to be.
	#[codec(index = 19)]
	Unrecognised,
	/// Raw output ends before its result.
	#[codec(index = 20)]
	Truncated,
	/// The benchmark itself says that the run is invalid, or its residual check failed.
	#[codec(index = 21)]
	RunInvalid,
	/// Raw output says there was a residual check, and it has none.
	#[codec(index = 22)]
	ResidualMissing,
	/// A figure is not what follows from the raw fields beside it.
	#[codec(index = 23)]
	FigureMismatch,
	/// A figure is none: not a number, infinite, zero, negative, or larger than anything can compute.
	#[codec(index = 24)]
	FigureOutOfRange,
	/// The benchmark has no metric in any reference system: another model, another scenario, an accuracy run.
	#[codec(index = 25)]
	NoMetric,
	/// The run was shorter than the benchmark's rules ask for.
	#[codec(index = 26)]
	TooShort,
	/// The run is an audit or compliance run, not a result.
	#[codec(index = 27)]
	AuditRun,
}

impl Reason {
	/// Whether nothing was received at all: who has this to say saw no result and abstains.
	pub const fn is_silence(self) -> bool {
		matches!(self, Self::Unreachable | Self::TimedOut | Self::HttpStatus)
	}
}
