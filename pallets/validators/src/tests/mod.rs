//! The rules of the pallet, one file per mechanism.

mod bonding;
mod leaving;
mod parameters;
mod properties;
mod selection;
mod slashing;

pub(crate) use crate::{
	mock::*, BondStatus, Bonds, Candidates, Error, Event, Parameters, SelectionParameters, Slashes,
};
pub(crate) use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
pub(crate) use sp_runtime::{DispatchError, Perbill};
