//! Sessions: an epoch each, with a record of past ones for late reports.

use crate::{units::deposit, AccountId, Babe, Balance, Balances, Runtime, RuntimeEvent, SessionKeys, Validators};
use frame_support::parameter_types;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

parameter_types! {
	/// Held for an account's session keys (two of 32 bytes and their owner entries), apart from any bond.
	pub const KeyDeposit: Balance = deposit(3, 200);
}

impl pallet_session::Config for Runtime {
	type Currency = Balances;
	/// Never more than a third: finality needs the others.
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type KeyDeposit = KeyDeposit;
	type Keys = SessionKeys;
	type NextSessionRotation = Babe;
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Validators>;
	type ShouldEndSession = Babe;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = crate::weights::pallet_session::WeightInfo<Runtime>;
}

impl pallet_session::historical::Config for Runtime {
	type FullIdentification = ();
	type FullIdentificationOf = pallet_validators::IdentifyBonded;
	type RuntimeEvent = RuntimeEvent;
}
