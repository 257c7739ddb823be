//! The rules of the pallet, one file per mechanism.

mod closing;
mod cover;
mod failure;
mod hostile;
mod matching;
mod nominations;
mod parameters;
mod properties;
mod scenes;
mod takeover;
mod try_state;
mod views;
mod windows;

/// The pallet of the mock's runtime, not the record.
pub(crate) use crate::mock::Delivery;
pub(crate) use crate::{mock::*, types::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok, dispatch::Pays, pallet_prelude::DispatchResult};
pub(crate) use gcx_primitives::{
	AccountKey, Capacity, CapacityLedger, Cash, ChallengeVerdict, Day, DealId, DeliveryDays, InstrumentId, Lots,
	OnDeliverable, OnTenancyChallenged, Ppm, Price, ReferenceVersion, Region, ResourceId, SettlementKind, Side,
	SubAccount,
};
