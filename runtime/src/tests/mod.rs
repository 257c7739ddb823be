//! The composed runtime, whole: real blocks over the genesis presets.

mod chain;
mod composition;
mod custody;
mod delivery;
mod emergencies;
mod equivocations;
mod expiry;
mod genesis;
mod incidents;
mod money;
mod orders;
mod prices;
mod proof;
mod scenario;
mod sessions;
mod supply;

pub(crate) use crate::{configs::*, genesis::*, units::*, *};
pub(crate) use chain::*;
pub(crate) use frame_support::assert_ok;
pub(crate) use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
