#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod guarantor;
mod ids;
mod index;
mod quantities;
mod rates;

pub use guarantor::{
	CustomerLimits, CustomerPositions, GuarantorRewards, GuarantorState, Guarantors, HouseFunds, Houses, Membership,
	OwnResources, ReduceOnlyReason,
};
pub use ids::{ClassId, Segment, SegmentSide, SubAccount};
pub use index::{Day, Fix, PriceIndex, PriceStatistics};
pub use quantities::{Cash, ComputeHours, Lots, Price, MAX_LOTS, MAX_MULTIPLIER, MAX_PRICE};
pub use rates::Ppm;
pub use sp_arithmetic::ArithmeticError;
