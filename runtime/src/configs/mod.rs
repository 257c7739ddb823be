//! Configuration of the pallets, a file each, named after the pallet.

pub mod assets;
pub mod assets_holder;
pub mod attestation;
pub mod authorship;
pub mod babe;
pub mod balances;
pub mod clearing;
pub mod compute;
pub mod delivery;
pub mod grandpa;
pub mod guarantor;
pub mod index;
pub mod insurance;
pub mod market;
pub mod migrations;
pub mod multisig;
pub mod offences;
pub mod pausing;
pub mod preimage;
pub mod proof;
pub mod proxy;
pub mod safe_mode;
pub mod scheduler;
pub mod session;
pub mod sudo;
pub mod system;
pub mod timestamp;
pub mod token;
pub mod transaction_payment;
pub mod treasury;
pub mod tx_pause;
pub mod utility;
pub mod validators;

use crate::AccountId;

/// Who governs: the root origin. Until governance has its own pallets that is the sudo key.
pub type Governance = frame_system::EnsureRoot<AccountId>;
