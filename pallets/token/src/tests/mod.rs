//! The rules of the pallet, one file per mechanism.

mod broken;
mod burn;
mod buy_back;
mod eras;
mod fees;
mod parameters;
mod properties;
mod rewards;
mod seats;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok, assert_storage_noop};
pub(crate) use gcx_math::fees::{FeeSplit, FeeTier};
pub(crate) use gcx_primitives::{
	Cash, FeeQuote, Guarantors as _, OnPerformance, PerformanceBurn, Ppm, Price, Role, SeatHolders, TradingFees,
};
pub(crate) use sp_runtime::{DispatchError, TokenError};
