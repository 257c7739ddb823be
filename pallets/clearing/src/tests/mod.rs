//! The rules of the pallet, one file per mechanism.

mod accounts;
mod advances;
mod broken;
mod collateral;
mod custody;
mod fuse;
mod fuzz;
mod history;
mod limits;
mod margin;
mod marks;
mod operations;
mod porting;
mod properties;
mod quarantine;
mod regressions;
mod settlement;
mod trades;
mod views;
mod withdrawals;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok};
pub(crate) use gcx_primitives::{
	Cash, ClassId, CollateralId, CustomerPositions, GuarantorState, HouseFunds, InstrumentId, Lots, Ppm, Price,
	ReduceOnlyCause, Refusal, Refused, RunId, SegmentSide, Side, SubAccount,
};
