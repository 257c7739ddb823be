//! The rules of the pallet, one file per mechanism.

mod broken;
mod classes;
mod delivery;
mod evidence;
mod feasibility;
mod ledger;
mod life;
mod maintenance;
mod offences;
mod parameters;
mod properties;
mod proven;
mod providers;
mod prune;
mod resources;
mod shortfall;
mod views;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
pub(crate) use gcx_primitives::*;
pub(crate) use sp_runtime::DispatchError;
