//! The rules of the pallet, one file per mechanism.

mod attestors;
mod authorized;
mod broken;
mod challenges;
mod closing;
mod disputes;
mod gateway;
mod hostile;
mod network;
mod panel;
mod parameters;
mod properties;
mod rounds;
mod solving;
mod tally;
mod views;
mod worker;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok};
pub(crate) use gcx_evidence::Reason;
pub(crate) use gcx_primitives::{Capacity, ChallengeVerdict, Day, DealId, Ppm, ResourceId, ResourceState, RoundId};
pub(crate) use sp_runtime::DispatchError;
