//! A chain of sessions with real `session`, `historical`, `offences` and `balances`, and a scenario builder.

use crate as pallet_validators;
use crate::{types::CreditOf, SelectionParameters};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Imbalance, OnFinalize, OnInitialize, OnUnbalanced},
};
use frame_system::EnsureRoot;
use pallet_session::historical::IdentificationTuple;
use sp_runtime::{impl_opaque_keys, testing::UintAuthorityId, traits::OpaqueKeys, BuildStorage, Perbill};
use sp_staking::{
	offence::{Kind, Offence, OffenceError, ReportOffence},
	SessionIndex,
};

pub type AccountId = u64;
pub type Balance = u64;

/// Blocks in a session.
pub const SESSION: u64 = 5;
/// What every account of the tests starts with.
pub const ENDOWMENT: Balance = 1_000_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Validators: pallet_validators,
		Session: pallet_session,
		Historical: pallet_session::historical,
		Offences: pallet_offences,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU64<1>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

impl_opaque_keys! {
	pub struct MockSessionKeys {
		pub dummy: UintAuthorityId,
	}
}

pub fn keys(of: u64) -> MockSessionKeys {
	MockSessionKeys { dummy: UintAuthorityId(of) }
}

pub struct MockEngine;
impl pallet_session::SessionHandler<AccountId> for MockEngine {
	const KEY_TYPE_IDS: &'static [sp_runtime::KeyTypeId] = &[sp_runtime::key_types::DUMMY];
	fn on_genesis_session<K: OpaqueKeys>(_: &[(AccountId, K)]) {}
	fn on_new_session<K: OpaqueKeys>(changed: bool, validators: &[(AccountId, K)], _: &[(AccountId, K)]) {
		LastRotation::set(Some((changed, validators.iter().map(|(who, _)| *who).collect())));
	}
	fn on_disabled(_: u32) {}
}

parameter_types! {
	/// Whether the last rotation changed the set or its keys, and who sits.
	pub static LastRotation: Option<(bool, Vec<AccountId>)> = None;
	/// All that was slashed.
	pub static Slashed: Balance = 0;
	pub static UnbondingSessions: SessionIndex = 4;
	pub static JailSessions: SessionIndex = 3;
	pub static ReportLongevitySessions: SessionIndex = 4;
	pub static MaxSetIdSessionEntries: u64 = 4;
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = sp_runtime::traits::ConvertInto;
	type ShouldEndSession = pallet_session::PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type NextSessionRotation = pallet_session::PeriodicSessions<ConstU64<SESSION>, ConstU64<0>>;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Validators>;
	type SessionHandler = MockEngine;
	type Keys = MockSessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ();
}

impl pallet_session::historical::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = crate::IdentifyBonded;
}

impl pallet_offences::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = IdentificationTuple<Self>;
	type OnOffenceHandler = Validators;
}

/// Counts what it is handed, and burns it.
pub struct CountSlashed;
impl OnUnbalanced<CreditOf<Test>> for CountSlashed {
	fn on_nonzero_unbalanced(credit: CreditOf<Test>) {
		Slashed::mutate(|total| *total += credit.peek());
	}
}

impl pallet_validators::Config for Test {
	type NativeBalance = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type OnSlash = CountSlashed;
	type MaxCandidates = ConstU32<8>;
	type MaxValidators = ConstU32<8>;
	type UnbondingSessions = UnbondingSessions;
	type JailSessions = JailSessions;
	type ReportLongevitySessions = ReportLongevitySessions;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type WeightInfo = ();
}

/// The chain that a test begins with: four validators 1 to 4 with bonds of 400, 300, 200 and 100; accounts up to 20
/// have money.
pub struct Network {
	pub bonds: Vec<(AccountId, Balance)>,
	pub parameters: SelectionParameters<Balance>,
}

impl Default for Network {
	fn default() -> Self {
		Self {
			bonds: vec![(1, 400), (2, 300), (3, 200), (4, 100)],
			parameters: SelectionParameters { seats: 4, floor: 2, min_bond: 50, slash_cap: Perbill::one() },
		}
	}
}

impl Network {
	pub fn validators(mut self, count: u64) -> Self {
		self.bonds = (1..=count).map(|who| (who, 1_000 - who)).collect();
		self.parameters.seats = u32::try_from(count).expect("small");
		self
	}

	pub fn floor(mut self, floor: u32) -> Self {
		self.parameters.floor = floor;
		self
	}

	pub fn slash_cap(mut self, cap: Perbill) -> Self {
		self.parameters.slash_cap = cap;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		LastRotation::set(None);
		Slashed::set(0);
		UnbondingSessions::set(4);
		JailSessions::set(3);
		ReportLongevitySessions::set(4);
		MaxSetIdSessionEntries::set(4);
		let keys = self.bonds.iter().map(|(who, _)| (*who, *who, keys(*who))).collect();
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: (1..=20).map(|who| (who, ENDOWMENT)).collect(),
				..Default::default()
			},
			validators: crate::GenesisConfig { bonds: self.bonds, parameters: self.parameters },
			session: pallet_session::GenesisConfig { keys, ..Default::default() },
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs `test` and checks the invariants afterwards.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Validators::do_try_state().expect("the invariants hold after the test");
		})
	}
}

pub fn session_now() -> SessionIndex {
	Session::current_index()
}

/// Goes on to the first block of the next session.
pub fn next_session() {
	let target = session_now() + 1;
	while session_now() < target {
		let now = System::block_number();
		Session::on_finalize(now);
		System::set_block_number(now + 1);
		Session::on_initialize(now + 1);
	}
}

pub fn skip_sessions(count: u32) {
	(0..count).for_each(|_| next_session());
}

/// Bonds `who` and sets its session keys.
pub fn join(who: AccountId, bond: Balance) {
	assert_ok!(Validators::bond(RuntimeOrigin::signed(who), bond));
	set_keys(who, who);
}

/// Sets the session keys of `who` to those of number `key`.
pub fn set_keys(who: AccountId, key: u64) {
	pallet_session::NextKeys::<Test>::insert(who, keys(key));
}

/// What remains of an account's bond; panics if it has none.
pub fn bond_of(who: AccountId) -> Balance {
	crate::Bonds::<Test>::get(who).expect("bonded").amount
}

pub fn seated() -> Vec<AccountId> {
	Session::validators()
}

pub fn disabled() -> Vec<AccountId> {
	let seated = seated();
	Session::disabled_validators().into_iter().map(|index| seated[usize::try_from(index).unwrap()]).collect()
}

/// An equivocation whose fraction is set by the test, or BABE's own formula if none is.
pub struct Equivocation {
	pub offenders: Vec<AccountId>,
	pub session: SessionIndex,
	pub slot: u64,
	pub fraction: Option<Perbill>,
}

impl Offence<IdentificationTuple<Test>> for Equivocation {
	const ID: Kind = *b"test:equivocatio";
	type Slot = u64;

	fn offenders(&self) -> Vec<IdentificationTuple<Test>> {
		self.offenders.iter().map(|who| (*who, ())).collect()
	}
	fn session_index(&self) -> SessionIndex {
		self.session
	}
	fn validator_set_count(&self) -> u32 {
		4
	}
	fn slot(&self) -> u64 {
		self.slot
	}
	fn slash_fraction(&self, offenders: u32) -> Perbill {
		self.fraction.unwrap_or_else(|| Perbill::from_rational(3 * offenders, self.validator_set_count()).square())
	}
}

/// Reports that `who` equivocated in `slot` of the present session.
pub fn report(who: AccountId, slot: u64) -> Result<(), OffenceError> {
	report_in(who, session_now(), slot, None)
}

pub fn report_in(
	who: AccountId,
	session: SessionIndex,
	slot: u64,
	fraction: Option<Perbill>,
) -> Result<(), OffenceError> {
	Offences::report_offence(vec![], Equivocation { offenders: vec![who], session, slot, fraction })
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}
