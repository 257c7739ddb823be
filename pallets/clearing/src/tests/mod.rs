//! The rules of the pallet, one file per mechanism.

mod accounts;
mod broken;
mod custody;
mod fuse;
mod properties;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok};
pub(crate) use gcx_primitives::{Cash, CustomerPositions, HouseFunds, SegmentSide, SubAccount};
