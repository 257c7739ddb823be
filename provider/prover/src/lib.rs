#![doc = include_str!("../README.md")]

mod accelerator;
#[cfg(feature = "cuda")]
mod cuda;
mod fleet;
mod kernel;
mod product;
mod prove;
mod report;
mod tree;

pub use accelerator::{gpus, Accelerator, AcceleratorError, RoundDone};
pub use fleet::{FleetProof, Prover};
pub use kernel::Kernel;
pub use product::steps;
pub use prove::{plain_rate, prove, OpenError, Proof};
pub use report::Report;
