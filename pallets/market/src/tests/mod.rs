//! The rules of the pallet, one file per mechanism.

mod broken;
mod cancelling;
mod expiry;
mod fees;
mod fills;
mod listing;
mod matching;
mod memory;
mod physical;
mod properties;
mod proposals;
mod signatures;
mod taking;
mod venues;

pub(crate) use crate::{mock::*, types::FillRefusalOf, *};
pub(crate) use frame_support::{assert_noop, assert_ok, traits::Hooks};
pub(crate) use gcx_primitives::{
	Cash, InstrumentId, Lots, Ppm, Price, ReduceOnlyCause, Refusal, Refused, Role, Side, SubAccount,
};
pub(crate) use sp_runtime::DispatchError;

/// Why an order of a fill is refused.
pub(crate) fn of(role: Role, reason: OrderRefusal<u64>) -> FillRefusal<u64> {
	FillRefusal::Order { role, reason }
}
