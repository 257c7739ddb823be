//! The rules of the pallet, one file per mechanism.

mod absorption;
mod assessments;
mod attacks;
mod block;
mod broken;
mod contributions;
mod income;
mod indexer;
mod lending;
mod model;
mod outside;
mod parameters;
mod properties;
mod redemptions;
mod sales;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok};
pub(crate) use gcx_primitives::{Cash, GuarantorState, Guarantors as _, InsurancePool, PoolLayer, Ppm, Price};
pub(crate) use sp_runtime::{DispatchError, TokenError};

/// Governance moves a guarantor to another state.
pub(crate) fn set_state(guarantor: AccountId, state: GuarantorState) {
	assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), guarantor, state));
}
