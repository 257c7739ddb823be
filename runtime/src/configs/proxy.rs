//! Keys that may act for an account, each within a scope.

use crate::{units::deposit, Balance, Balances, Runtime, RuntimeCall, RuntimeEvent, System};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

parameter_types! {
	/// Reserved for an account's list of proxies ...
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	/// ... and for each of them (an account, a scope, a delay).
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	/// Reserved for an account's list of announcements ...
	pub const AnnouncementDepositBase: Balance = deposit(1, 8);
	/// ... and for each of them (an account, a hash, a height).
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
}

/// What a proxy may do.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	Any,
	/// Everything that moves no money.
	NonTransfer,
	/// What a validator does day to day: bond, chill, keys. Not the withdrawal of the bond's owner's other money.
	Validation,
	/// Veto announced calls of other proxies, nothing else.
	CancelProxy,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			Self::NonTransfer => matches!(
				call,
				RuntimeCall::System(..)
					| RuntimeCall::Validators(..)
					| RuntimeCall::Session(..)
					| RuntimeCall::Utility(..)
					| RuntimeCall::Multisig(..)
					| RuntimeCall::Proxy(..)
			),
			Self::Validation => {
				matches!(call, RuntimeCall::Validators(..) | RuntimeCall::Session(..) | RuntimeCall::Utility(..))
			},
			Self::CancelProxy => matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(one, same) if one == same => true,
			(Self::Any, _) => true,
			(Self::NonTransfer, Self::Validation | Self::CancelProxy) => true,
			(Self::NonTransfer | Self::Validation | Self::CancelProxy, _) => false,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
	type CallHasher = BlakeTwo256;
	type Currency = Balances;
	type MaxPending = ConstU32<32>;
	type MaxProxies = ConstU32<32>;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type ProxyType = ProxyType;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = crate::weights::pallet_proxy::WeightInfo<Runtime>;
}
