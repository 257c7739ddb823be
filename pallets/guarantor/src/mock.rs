//! A chain with real `balances` and `timestamp`, houses and positions as a test says, and a scenario builder.

use crate as pallet_guarantor;
use crate::{
	types::{CreditOf, DelegationOf, GuarantorOf},
	GuarantorParameters,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::Balanced,
		tokens::{Fortitude, Precision, Preservation},
		ConstU32, ConstU64, Imbalance,
	},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use gcx_primitives::{
	Cash, CustomerLimits, CustomerPositions, GuarantorRewards, Guarantors as _, HouseFunds, Lots, Ppm,
};
use sp_runtime::{BuildStorage, DispatchError};
use std::collections::{BTreeMap, BTreeSet};

pub type AccountId = u64;
pub type Balance = u64;

/// The existential deposit: more than one, so that it matters.
pub const LEAST: Balance = 10;
/// What every account of the tests starts with.
pub const ENDOWMENT: Balance = 1_000_000;
/// The bond of the guarantors that are there from the start.
pub const BOND: Balance = 1_000;
/// Milliseconds for which stake answers after it began to leave.
pub const UNBONDING: u64 = 21_000;
/// Milliseconds until approved parameters are in force.
pub const DELAY: u64 = 2_000;
/// When tests begin.
pub const START: u64 = 1_800_000_000_000;
/// What guarantors need in their houses.
pub const MIN_HOUSE: Cash = Cash(500);

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Guarantor: pallet_guarantor,
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
	type ExistentialDeposit = ConstU64<LEAST>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_timestamp::Config for Test {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

parameter_types! {
	pub const GuarantorPalletId: PalletId = PalletId(*b"gcx/guar");
	pub static MinUnbonding: u64 = 20_000;
	/// What each house has; none is nothing.
	pub static Houses: BTreeMap<AccountId, Cash> = BTreeMap::new();
	/// Customers with positions, and guarantors whose house has.
	pub static Open: BTreeSet<AccountId> = BTreeSet::new();
	/// Guarantors whose default is not worked out.
	pub static OpenDefaults: Vec<AccountId> = Vec::new();
	/// Why no customer can be moved now.
	pub static PortRefused: Option<DispatchError> = None;
	/// Who was moved, from whom and to whom, in turn.
	pub static PortedAccounts: Vec<(AccountId, AccountId, AccountId)> = Vec::new();
	pub const PortWeight: Weight = Weight::from_parts(7, 7);
}

/// Clearing, as far as a test needs it.
pub struct Clearing;
impl HouseFunds<AccountId> for Clearing {
	fn house_funds(guarantor: &AccountId) -> Cash {
		Houses::get().get(guarantor).copied().unwrap_or(Cash::ZERO)
	}
}
impl CustomerPositions<AccountId> for Clearing {
	type Error = DispatchError;

	fn has_none(customer: &AccountId) -> bool {
		!Open::get().contains(customer)
	}
	fn house_is_flat(guarantor: &AccountId) -> bool {
		!Open::get().contains(guarantor)
	}
	fn is_default_open(guarantor: &AccountId) -> bool {
		OpenDefaults::get().contains(guarantor)
	}
	fn port(customer: &AccountId, from: &AccountId, to: &AccountId) -> Result<(), DispatchError> {
		let has = Guarantor::membership(customer).map(|membership| membership.guarantor);
		assert_eq!(has, Some(*from), "the membership changes after all that the customer has");
		if let Some(error) = PortRefused::get() {
			return Err(error);
		}
		PortedAccounts::mutate(|ported| ported.push((*customer, *from, *to)));
		Ok(())
	}
}

impl pallet_guarantor::Config for Test {
	type Clock = Timestamp;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type HouseFunds = Clearing;
	type MaxCustomersPerGuarantor = ConstU32<3>;
	type MaxGuarantors = ConstU32<4>;
	type MinUnbonding = MinUnbonding;
	type NativeBalance = Balances;
	type PalletId = GuarantorPalletId;
	type ParameterDelay = ConstU64<DELAY>;
	type PortWeight = PortWeight;
	type Positions = Clearing;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = ();
}

pub fn parameters() -> GuarantorParameters<Balance> {
	GuarantorParameters {
		min_bond: 400,
		min_house: MIN_HOUSE,
		min_delegation: 50,
		max_delegation_ratio: Ppm::percent(300),
		unbonding: UNBONDING,
		min_commission: Ppm::percent(5),
		max_commission: Ppm::percent(40),
	}
}

pub fn limits() -> CustomerLimits {
	CustomerLimits {
		max_initial_margin: Cash(1_000_000),
		max_lots: Lots(100),
		margin_multiplier: Ppm::percent(120),
		suspended: false,
	}
}

/// The chain that a test begins with: the guarantors 1 and 2 with a bond of 1,000 each; customer 31 of guarantor 1.
/// Accounts up to 50 have money, and the houses of those up to 10.
pub struct Market {
	pub guarantors: Vec<(AccountId, Balance)>,
	pub customers: Vec<(AccountId, AccountId, CustomerLimits)>,
	pub parameters: Option<GuarantorParameters<Balance>>,
}

impl Default for Market {
	fn default() -> Self {
		Self {
			guarantors: vec![(1, BOND), (2, BOND)],
			customers: vec![(31, 1, limits())],
			parameters: Some(parameters()),
		}
	}
}

impl Market {
	pub fn customers(mut self, customers: &[(AccountId, AccountId)]) -> Self {
		self.customers = customers.iter().map(|(customer, guarantor)| (*customer, *guarantor, limits())).collect();
		self
	}

	pub fn parameters(mut self, parameters: GuarantorParameters<Balance>) -> Self {
		self.parameters = Some(parameters);
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		MinUnbonding::set(20_000);
		Houses::set((1..=10).map(|who| (who, Cash(1_000))).collect());
		Open::set(BTreeSet::new());
		PortRefused::set(None);
		PortedAccounts::set(Vec::new());
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: (1..=50).map(|who| (who, ENDOWMENT)).chain([(Slashed::ACCOUNT, LEAST)]).collect(),
				..Default::default()
			},
			guarantor: crate::GenesisConfig {
				guarantors: self.guarantors,
				customers: self.customers,
				parameters: self.parameters,
			},
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		ext.execute_with(|| {
			System::set_block_number(1);
			pallet_timestamp::Now::<Test>::put(START);
		});
		ext
	}

	/// Runs `test` and checks the invariants and that no money came or went afterwards.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issued = Balances::total_issuance();
			test();
			Guarantor::do_try_state().expect("the invariants hold after the test");
			assert_eq!(Balances::total_issuance(), issued, "money came or went");
		})
	}
}

/// Lets time pass, in milliseconds.
pub fn pass(time: u64) {
	pallet_timestamp::Now::<Test>::mutate(|now| *now += time);
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// A record; panics if there is none.
pub fn record(guarantor: AccountId) -> GuarantorOf<Test> {
	crate::Guarantors::<Test>::get(guarantor).expect("a guarantor")
}

pub fn delegation(guarantor: AccountId, delegator: AccountId) -> Option<DelegationOf<Test>> {
	crate::Delegations::<Test>::get(guarantor, delegator)
}

pub fn delegate(delegator: AccountId, guarantor: AccountId, amount: Balance) {
	assert_ok!(Guarantor::delegate(signed(delegator), guarantor, amount));
}

/// What is held of an account for its bond.
pub fn held(who: AccountId) -> Balance {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&crate::HoldReason::GuarantorBond.into(), &who)
}

/// All that an account gained or lost since the start.
pub fn gained(who: AccountId) -> i128 {
	i128::from(Balances::free_balance(who)) + i128::from(Balances::reserved_balance(who)) - i128::from(ENDOWMENT)
}

/// Gathers what is slashed on an account of its own.
pub struct Slashed;
impl Slashed {
	const ACCOUNT: AccountId = 1_000;

	/// All that was slashed.
	pub fn get() -> Balance {
		Balances::free_balance(Self::ACCOUNT) - LEAST
	}

	fn take(credit: CreditOf<Test>) {
		Balances::resolve(&Self::ACCOUNT, credit).expect("the account takes any amount");
	}
}

/// Slashes a guarantor and returns how much that was.
pub fn slash(guarantor: AccountId, amount: Balance) -> Balance {
	let credit = <Guarantor as gcx_primitives::Guarantors<AccountId>>::slash(&guarantor, amount);
	let took = credit.peek();
	Slashed::take(credit);
	took
}

/// Pays a reward from account 50, which gets back what could not be paid; returns how much was.
pub fn reward(guarantor: AccountId, amount: Balance) -> Balance {
	let credit = <Balances as Balanced<AccountId>>::withdraw(
		&50,
		amount,
		Precision::Exact,
		Preservation::Preserve,
		Fortitude::Polite,
	)
	.expect("account 50 is rich");
	match Guarantor::reward(&guarantor, credit) {
		Ok(()) => amount,
		Err(back) => {
			let unpaid = back.peek();
			Balances::resolve(&50, back).expect("account 50 takes it");
			amount - unpaid
		},
	}
}

/// Locks a guarantor's exit for some milliseconds from now.
pub fn lock(guarantor: AccountId, time: u64) {
	assert_ok!(Guarantor::lock_exit(&guarantor, Guarantor::now() + time));
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

/// The pallet's newest event; panics if there is none.
pub fn last_event() -> crate::Event<Test> {
	events().pop().expect("an event")
}
