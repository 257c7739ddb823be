#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod fixed;
pub mod index;
pub mod margin;
pub mod scan;
pub mod volatility;

pub use gcx_primitives::ArithmeticError;
