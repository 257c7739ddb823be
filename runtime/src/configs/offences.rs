//! Proven misbehaviour of validators.

use crate::{Runtime, RuntimeEvent, Validators};
use pallet_session::historical::IdentificationTuple;

impl pallet_offences::Config for Runtime {
	type IdentificationTuple = IdentificationTuple<Self>;
	type OnOffenceHandler = Validators;
	type RuntimeEvent = RuntimeEvent;
}
