#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod check;
mod document;
pub mod hex;
pub mod raw;
mod reason;
pub mod solve;

pub use check::{Expected, ExpectedSolve, Findings, CLAIM_SHARE, ENDED_SKEW_MS, MAX_MILLIWATTS, STARTED_SKEW_MS};
pub use document::{
	signed_payload, Benchmark, Content, Document, OpenedSolution, Power, Solve, FORMAT, MAX_BENCHMARKS,
	MAX_DOCUMENT_BYTES, MAX_RAW_BYTES,
};
pub use reason::Reason;
