#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod auction;
pub mod averaging;
pub mod delivery;
pub mod fees;
pub mod fixed;
pub mod flops;
pub mod grade;
pub mod index;
pub mod issuance;
pub mod levels;
pub mod margin;
pub mod pool;
pub mod proof;
pub mod rate;
pub mod robust;
pub mod scan;
pub mod stress;
pub mod volatility;

pub use gcx_primitives::ArithmeticError;
