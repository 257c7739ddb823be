#![doc = include_str!("../README.md")]

mod audit;
mod chain;
pub mod demand;
pub mod error;
pub mod figures;
pub mod findings;
pub mod issuance;
mod market;
pub mod options;
mod parameters;
mod people;
pub mod plot;
mod randomness;
pub mod report;
mod seats;
pub mod simulation;
pub mod tables;
mod trading;
pub mod units;
mod work;

pub use chain::GENESIS_SUPPLY;
pub use parameters::parameters;
