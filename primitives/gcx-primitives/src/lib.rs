#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[macro_use]
mod macros;

mod beacon;
mod compute;
mod contracts;
pub mod decimal;
mod delivery;
mod guarantor;
mod ids;
mod index;
mod insurance;
mod keyless;
mod quantities;
mod rates;
mod token;
mod trading;

pub use beacon::Beacon;
pub use compute::{
	Attestation, Capacity, CapacityLedger, ComputeResources, Energy, Grade, Measurement, Measurements, Metric,
	Performance, ProvableResources, ProvenCompute, ProviderOffence, Reference, ReferenceSystem, ReferenceVersion,
	Region, Reliability, ResourceId, ResourceState, RollCallId, RoundId, Subject, Tier, HOURS_PER_DAY, MAX_DEVICES,
	MAX_METRICS,
};
pub use contracts::{
	ContractState, ContractTerms, DeliveryDays, DeliveryRamp, FinalPrice, SettlementKind, MAX_DELIVERY_DAYS,
};
pub use delivery::{
	ChallengeRequest, ChallengeVerdict, DealId, DeliverableCapacity, DeliveryClearing, ListedContracts, OnDeliverable,
	OnTenancyChallenged, ProofChallenge, ProofOpening, ProviderStakes, ReferencePins, TenancyChallenge,
};
pub use guarantor::{
	CustomerLimits, CustomerPositions, GuarantorRewards, GuarantorState, Guarantors, HouseFunds, Houses, Membership,
	OwnResources, ReduceOnlyReason,
};
pub use ids::{ClassId, CollateralId, InstrumentId, RunId, Segment, SegmentSide, SubAccount};
pub use index::{Day, Fix, PriceIndex, PriceStatistics};
pub use insurance::{DefaultStage, InsurancePool, PoolLayer, PoolRisk, PoolUse, Taken, WaterfallLayer};
pub use keyless::keyless_account;
pub use quantities::{Cash, ComputeHours, Lots, Price, MAX_LOTS, MAX_MULTIPLIER, MAX_PRICE};
pub use rates::Ppm;
pub use sp_arithmetic::ArithmeticError;
pub use token::{FeeQuote, FeesCollected, OnPerformance, PerformanceBurn, SeatHolders, TokenIncome, TradingFees};
pub use trading::{
	AccountKey, InstrumentTerms, Instruments, Party, PartyAfter, ReduceOnlyCause, Refusal, Refused, Role, Side, Trade,
	TradeBatch, TradeReceipt,
};
