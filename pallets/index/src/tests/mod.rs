//! The rules of the pallet, one file per mechanism.

mod broken;
mod classes;
mod disputes;
mod fixing;
mod parameters;
mod properties;
mod reporters;
mod series;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_err, assert_noop, assert_ok, traits::fungible::InspectHold};
pub(crate) use gcx_primitives::{ClassId, Day, Ppm, Price, PriceIndex};
pub(crate) use sp_runtime::DispatchError;
