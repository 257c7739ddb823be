#![doc = include_str!("../README.md")]

pub mod bench;
pub mod buyer;
pub mod chain;
pub mod cli;
pub mod config;
pub mod key;
pub mod machine;
pub mod meter;
pub mod outputs;
pub mod progress;
pub mod proofs;
pub mod prove;
pub mod rounds;
pub mod run;
pub mod serve;
pub mod solve;
pub mod store;
pub mod stream;

/// Version of the agent.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
