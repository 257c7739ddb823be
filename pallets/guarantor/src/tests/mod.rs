//! The rules of the pallet, one file per mechanism.

mod admission;
mod bond;
mod broken;
mod customers;
mod delegation;
mod parameters;
mod pool;
mod porting;
mod properties;
mod rewards;
mod slashing;
mod states;

// The pallet, not the record of the same name.
pub(crate) use crate::mock::Guarantor;
pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok};
pub(crate) use gcx_primitives::{
	Cash, CustomerLimits, GuarantorState, Guarantors as _, Lots, Membership, OwnResources, Ppm, ReduceOnlyReason,
};
pub(crate) use sp_runtime::DispatchError;
