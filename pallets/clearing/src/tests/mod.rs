//! The rules of the pallet, one file per mechanism.

mod accounts;
mod advances;
mod auctions;
mod averaging;
mod broken;
mod cash_calls;
mod collateral;
mod cover;
mod custody;
mod defaults;
mod delivery;
mod endings;
mod fuse;
mod fuzz;
mod gains;
mod handover;
mod history;
mod limits;
mod liquidation;
mod margin;
mod marks;
mod missed;
mod nearing;
mod operations;
mod payments;
mod porting;
mod properties;
mod quarantine;
mod regressions;
mod settlement;
mod spared;
mod trades;
mod triggers;
mod views;
mod waterfall;
mod withdrawals;

pub(crate) use crate::{mock::*, *};
pub(crate) use frame_support::{assert_noop, assert_ok};
pub(crate) use gcx_primitives::{
	Cash, ClassId, CollateralId, CustomerPositions, GuarantorState, HouseFunds, InstrumentId, Lots, Ppm, Price,
	ReduceOnlyCause, Refusal, Refused, RunId, SegmentSide, Side, SubAccount,
};
