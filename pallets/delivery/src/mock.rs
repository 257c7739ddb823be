//! A chain with real `balances` and `timestamp`, and everything else that delivery deals with in memory that is rolled back like any
//! storage: clearing with an exact ledger, capacity, stakes, challenges, contracts, an index. And a scenario builder.

#[cfg(feature = "runtime-benchmarks")]
mod helper;

use crate as pallet_delivery;
use crate::{types::*, DeliveryParameters};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl,
	pallet_prelude::{OptionQuery, ValueQuery},
	parameter_types, storage_alias,
	traits::{
		fungible::{Balanced, Inspect},
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU64, Hooks, Imbalance, Randomness,
	},
	weights::Weight,
};
use frame_system::EnsureRoot;
use gcx_primitives::{
	AccountKey, Attestation, Capacity, CapacityLedger, Cash, ChallengeRequest, ClassId, ComputeHours, ComputeResources,
	ContractTerms, Day, DeliveryClearing, DeliveryDays, Fix, Grade, InstrumentId, InstrumentTerms, ListedContracts,
	Lots, OnDeliverable, PerformanceBurn, Ppm, Price, PriceIndex, PriceStatistics, ProviderOffence, ProviderStakes,
	ReferencePins, ReferenceVersion, Region, ResourceId, ResourceState, Segment, SegmentSide, SettlementKind,
	SubAccount, Subject, TenancyChallenge,
};
use sp_core::{sr25519, Pair, H256};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DispatchError, MultiSignature};
use std::collections::BTreeMap;

pub type AccountId = AccountId32;
pub type Balance = u128;
pub type Key = AccountKey<AccountId>;
pub type Custody = Segment<AccountId>;

/// The existential deposit: more than one, so that it matters.
pub const LEAST: Balance = 7;
/// Tokens that a provider has at stake.
pub const STAKE: Balance = 1_000_000_000;
/// What every margin account starts with: a hundred thousand dollars.
pub const CASH: i128 = 100_000_000_000;
/// Milliseconds of a day, and of what a runtime says in days.
pub const DAY: u64 = 24 * 3_600_000;
pub const NOMINATION: u64 = DAY;
pub const MATCHING: u64 = DAY / 4;
pub const SUBMIT: u64 = DAY / 4;
pub const MAX_BLOCK_TIME: u64 = 60_000;
/// The first delivery day, and how many there are.
pub const FIRST: Day = Day(20_840);
pub const DAYS: u32 = 4;
/// When tests begin: five days before the first delivery day.
pub const START: u64 = (FIRST.0 as u64 - 5) * DAY;
/// When the contract expires: three days before the first delivery day.
pub const EXPIRY: u64 = (FIRST.0 as u64 - 3) * DAY;
/// Hash of the first block.
pub const GENESIS: [u8; 32] = [9; 32];
/// The contract that is physical, and one that is settled in cash.
pub const CONTRACT: InstrumentId = InstrumentId(7);
pub const CASH_CONTRACT: InstrumentId = InstrumentId(8);
pub const CLASS: ClassId = ClassId(1);
pub const VERSION: ReferenceVersion = ReferenceVersion(2);
/// Compute Hours of a lot, and so 25 CH a lot and day.
pub const MULTIPLIER: u64 = 100;
/// What a lot and day are, in millionths of a Compute Hour.
pub const LOT_DAY: u128 = 25_000_000;
/// The final price: 3 dollars a Compute Hour.
pub const PRICE: Price = Price(3_000_000);
/// What a lot costs at that price: 300 dollars.
pub const VALUE: i128 = 300_000_000;
/// Where resources are.
pub const HERE: Region = Region(276);
pub const THERE: Region = Region(840);
/// Smallest units of cash for one of the token.
pub const TOKEN_PRICE: u128 = 4;
/// What a Compute Hour that is not delivered costs a provider, in tokens.
pub const LOSS: u128 = 1_000_000;
/// The floor of the contract.
pub const FLOOR: Grade = Grade {
	performance: gcx_primitives::Performance::C,
	reliability: gcx_primitives::Reliability::Third,
	energy: gcx_primitives::Energy::Z,
};

/// Buyers, sellers and others, by number. Sellers are providers.
pub const BUYER: AccountId = AccountId::new([1; 32]);
pub const BUYER_2: AccountId = AccountId::new([2; 32]);
pub const SELLER: AccountId = AccountId::new([11; 32]);
pub const SELLER_2: AccountId = AccountId::new([12; 32]);
/// Sells without being a provider.
pub const TRADER: AccountId = AccountId::new([21; 32]);
pub const ANYONE: AccountId = AccountId::new([31; 32]);
/// Guarantors.
pub const HOUSE: AccountId = AccountId::new([101; 32]);
pub const HOUSE_2: AccountId = AccountId::new([102; 32]);
/// Whose tokens stakes become that are sold.
pub const POOL: AccountId = AccountId::new([201; 32]);

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Delivery: pallet_delivery,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<Balance>;
	type AccountId = AccountId;
	type Block = frame_system::mocking::MockBlock<Test>;
	type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<LEAST>;
}

impl pallet_timestamp::Config for Test {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

parameter_types! {
	/// What a block may spend on steps: some hundred, as long as a test says nothing else.
	pub static BlockWeight: Weight = Weight::from_parts(50_000_000_000, 0);
	/// The most deliveries.
	pub static MaxDeliveries: u32 = 4;
	/// What burns of a stake once the buyer is whole.
	pub static Burns: Ppm = Ppm::percent(20);
}

/// Burns it.
pub struct Burned;
impl PerformanceBurn<CreditOf<Test>> for Burned {
	fn share() -> Ppm {
		Burns::get()
	}
	fn burn(tokens: CreditOf<Test>) {
		drop(tokens);
	}
}

impl crate::Config for Test {
	type Burn = Burned;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = helper::Helper;
	type BlockWeight = BlockWeight;
	type Challenge = Challenges;
	type Clearing = Clearing;
	type Clock = Timestamp;
	type Contracts = Market;
	type DayLength = ConstU64<DAY>;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Index = Index;
	type Ledger = Compute;
	type MatchingPeriod = ConstU64<MATCHING>;
	type MaxBlockTime = ConstU64<MAX_BLOCK_TIME>;
	type MaxDeliveries = MaxDeliveries;
	type NativeBalance = Balances;
	type NominationPeriod = ConstU64<NOMINATION>;
	type Pins = Compute;
	type Randomness = BlockRandomness;
	type Resources = Compute;
	type Stakes = Compute;
	type SubmitPeriod = ConstU64<SUBMIT>;
	type VoucherSignature = MultiSignature;
	type WeightInfo = ();
}

fn other(reason: &'static str) -> DispatchError {
	DispatchError::Other(reason)
}

/// A margin account of the mock's clearing.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Margin {
	pub segment: Custody,
	pub cash: Cash,
	/// Positions of instruments that have not ended.
	pub lots: BTreeMap<InstrumentId, Lots>,
	/// Positions that were taken over and are not done with.
	pub deliveries: u32,
}

#[storage_alias]
pub type Margins = StorageValue<Mock, BTreeMap<Key, Margin>, ValueQuery>;
#[storage_alias]
pub type Escrows = StorageValue<Mock, BTreeMap<Custody, Cash>, ValueQuery>;
/// What the insurance pool has: it begins with a million dollars.
#[storage_alias]
pub type Pool = StorageValue<Mock, Cash, ValueQuery>;
/// Accounts that lack margin as soon as anybody looks.
#[storage_alias]
pub type Unmargined = StorageValue<Mock, Vec<Key>, ValueQuery>;
/// There is no fresh price of the token.
#[storage_alias]
pub type TokenPriceless = StorageValue<Mock, bool, ValueQuery>;
/// Accounts that clearing cannot pay.
#[storage_alias]
pub type Unpayable = StorageValue<Mock, Vec<Key>, ValueQuery>;
/// Positions that clearing comes upon, and hands over, when it next pays out of escrow.
#[storage_alias]
pub type ComeUpon = StorageValue<Mock, Vec<(Key, InstrumentId)>, ValueQuery>;
/// Why clearing pays nothing.
#[storage_alias]
pub type ClearingBroken = StorageValue<Mock, bool, ValueQuery>;

/// Clearing: accounts in segments, and escrow of each segment.
pub struct Clearing;

impl Clearing {
	pub fn cash(key: &Key) -> i128 {
		Margins::get().get(key).map_or(0, |margin| margin.cash.0)
	}

	pub fn escrow_of_segment(segment: &Custody) -> i128 {
		Escrows::get().get(segment).map_or(0, |cash| cash.0)
	}

	/// All money that there is. Nothing but what a test does changes it.
	pub fn money() -> i128 {
		let accounts: i128 = Margins::get().values().map(|margin| margin.cash.0).sum();
		accounts + Escrows::get().values().map(|cash| cash.0).sum::<i128>() + Pool::get().0
	}

	/// Clearing counts as many positions of each account as delivery has.
	pub fn assert_counts() {
		let positions = crate::Longs::<Test>::iter_keys().chain(crate::Shorts::<Test>::iter_keys());
		let mut open = BTreeMap::<Key, u32>::new();
		positions.for_each(|(_, key)| *open.entry(key).or_default() += 1);
		for (key, margin) in Margins::get() {
			assert_eq!(margin.deliveries, open.get(&key).copied().unwrap_or(0), "of {key:?}");
		}
	}

	/// Opens an account under a guarantor.
	pub fn open(key: &Key, guarantor: AccountId) {
		let segment = Segment { guarantor, side: SegmentSide::Customers };
		let margin = Margin { segment, cash: Cash(CASH), lots: BTreeMap::new(), deliveries: 0 };
		Margins::mutate(|margins| margins.insert(key.clone(), margin));
	}

	/// An account has that position.
	pub fn hold(key: &Key, instrument: InstrumentId, lots: i64) {
		Margins::mutate(|margins| {
			margins.get_mut(key).expect("the account is open").lots.insert(instrument, Lots(lots));
		});
	}

	fn change(key: &Key, by: i128) -> Result<(), DispatchError> {
		Margins::mutate(|margins| {
			let margin = margins.get_mut(key).ok_or(other("no such account"))?;
			margin.cash = margin.cash.checked_add(Cash(by))?;
			Ok(())
		})
	}

	fn change_escrow(segment: &Custody, by: i128) -> Result<(), DispatchError> {
		Escrows::mutate(|escrows| {
			let escrow = escrows.entry(segment.clone()).or_default();
			let after = escrow.checked_add(Cash(by))?;
			if after < Cash::ZERO {
				return Err(other("not so much in escrow"));
			}
			*escrow = after;
			Ok(())
		})
	}

	fn ensure_works(amount: Cash) -> Result<(), DispatchError> {
		assert!(amount >= Cash::ZERO, "amounts are not negative");
		if ClearingBroken::get() {
			return Err(other("clearing is broken"));
		}
		Ok(())
	}

	/// The instrument ends: everybody that holds it is asked for escrow and handed over, but for those `but` for later. Returns
	/// whether it is delivered; if not, positions are gone.
	pub fn end(instrument: InstrumentId, price: Price, but: &[Key]) -> bool {
		let lots = |margin: &Margin| margin.lots.get(&instrument).copied().unwrap_or(Lots::ZERO);
		let open_interest = Margins::get().values().map(|margin| lots(margin).0.max(0)).sum();
		let begins = Delivery::begins(instrument, price, Lots(open_interest));
		for key in Margins::get().into_keys().filter(|key| !but.contains(key)) {
			if begins {
				Self::hand_over(&key, instrument);
			} else {
				Margins::mutate(|margins| margins.get_mut(&key).and_then(|margin| margin.lots.remove(&instrument)));
			}
		}
		begins
	}

	/// An account is rolled after its instrument ended.
	pub fn hand_over(key: &Key, instrument: InstrumentId) {
		let mut margin = Margins::get().remove(key).expect("the account is open");
		let Some(lots) = margin.lots.remove(&instrument).filter(|lots| !lots.is_zero()) else { return };
		let escrow = Delivery::escrow_of(key, instrument, lots).expect("it is delivered");
		margin.cash.0 -= escrow.0;
		margin.deliveries += 1;
		let segment = margin.segment.clone();
		Margins::mutate(|margins| margins.insert(key.clone(), margin));
		Self::change_escrow(&segment, escrow.0).expect("not negative");
		Delivery::take_over(key, &segment, instrument, lots, escrow);
	}
}

impl DeliveryClearing<AccountId> for Clearing {
	type Error = DispatchError;
	type Credit = CreditOf<Test>;

	fn lots(key: &Key, id: InstrumentId) -> Lots {
		Margins::get().get(key).and_then(|margin| margin.lots.get(&id).copied()).unwrap_or(Lots::ZERO)
	}

	fn ensure_margined(key: &Key) -> Result<(), DispatchError> {
		if Unmargined::get().contains(key) {
			return Err(other("insufficient margin"));
		}
		Ok(())
	}

	fn escrow(from: &Key, amount: Cash) -> Result<Custody, DispatchError> {
		Self::ensure_works(amount)?;
		let margin = Margins::get().remove(from).ok_or(other("no such account"))?;
		if margin.cash < amount {
			return Err(other("insufficient cash"));
		}
		Self::change(from, -amount.0)?;
		Self::change_escrow(&margin.segment, amount.0)?;
		Ok(margin.segment)
	}

	fn release(from: &Custody, to: &Key, amount: Cash) -> Result<(), DispatchError> {
		Self::ensure_works(amount)?;
		if Unpayable::get().contains(to) {
			return Err(other("cannot be paid"));
		}
		Self::change_escrow(from, -amount.0)?;
		Self::change(to, amount.0)?;
		for (key, instrument) in ComeUpon::take() {
			Self::hand_over(&key, instrument);
		}
		Ok(())
	}

	fn forfeit(from: &Custody, amount: Cash) -> Result<(), DispatchError> {
		Self::ensure_works(amount)?;
		Self::change_escrow(from, -amount.0)?;
		Pool::mutate(|pool| pool.0 += amount.0);
		Ok(())
	}

	fn charge(seller: &Key, buyer: &Key, amount: Cash) -> Result<(), DispatchError> {
		Self::ensure_works(amount)?;
		Self::change(seller, -amount.0)?;
		Self::change(buyer, amount.0)
	}

	fn fine(seller: &Key, amount: Cash) -> Result<(), DispatchError> {
		Self::ensure_works(amount)?;
		Self::change(seller, -amount.0)?;
		Pool::mutate(|pool| pool.0 += amount.0);
		Ok(())
	}

	fn stake_worth(amount: Cash) -> Option<u128> {
		let amount = u128::try_from(amount.0).expect("not negative");
		(!TokenPriceless::get()).then(|| amount.div_ceil(TOKEN_PRICE))
	}

	fn sell_stake(seller: &Key, stake: CreditOf<Test>, advance: Cash, buyer: &Key) -> Result<Cash, DispatchError> {
		Self::ensure_works(advance)?;
		if !Margins::get().contains_key(seller) {
			return Err(other("no such account"));
		}
		let worth = if TokenPriceless::get() { 0 } else { stake.peek() * TOKEN_PRICE };
		let paid = advance.0.min(i128::try_from(worth).expect("small")).min(Pool::get().0);
		let _ = Balances::resolve(&POOL, stake);
		Pool::mutate(|pool| pool.0 -= paid);
		Self::change(buyer, paid)?;
		Ok(Cash(paid))
	}

	fn done(key: &Key) {
		Margins::mutate(|margins| {
			let margin = margins.get_mut(key).expect("an account with a delivery stays open");
			margin.deliveries = margin.deliveries.checked_sub(1).expect("a position is done with once");
		});
	}

	fn escrowed(segment: &Custody) -> Cash {
		Cash(Self::escrow_of_segment(segment))
	}
}

/// A resource of the mock's compute. Nothing of it is read from a record of rounds: a test says what it is.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Machine {
	pub provider: AccountId,
	pub agent: AccountId,
	pub class: ClassId,
	pub version: ReferenceVersion,
	pub grade: Option<Grade>,
	pub region: Region,
	pub is_active: bool,
	pub per_day: Capacity,
}

/// What providers delivered of what was due.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, PartialEq)]
pub struct Reputation {
	pub windows: u32,
	pub due: Capacity,
	pub delivered: Capacity,
	pub earned: Cash,
}

#[storage_alias]
pub type Machines = StorageValue<Mock, BTreeMap<ResourceId, Machine>, ValueQuery>;
/// What is sold of a provider's day. Everything has the same class and floor.
#[storage_alias]
pub type Sold = StorageValue<Mock, BTreeMap<(AccountId, Day), Capacity>, ValueQuery>;
#[storage_alias]
pub type NominatedOf = StorageValue<Mock, BTreeMap<(ResourceId, Day), Capacity>, ValueQuery>;
#[storage_alias]
pub type Reputations = StorageValue<Mock, BTreeMap<AccountId, Reputation>, ValueQuery>;
/// Providers, and what they have at stake: in tokens of their own.
#[storage_alias]
pub type Providers = StorageValue<Mock, Vec<AccountId>, ValueQuery>;
/// Versions that are relied on, and how often.
#[storage_alias]
pub type Pinned = StorageValue<Mock, BTreeMap<(ClassId, ReferenceVersion), u32>, ValueQuery>;
/// The ledger forgot what was before this day.
#[storage_alias]
pub type ForgottenBefore = StorageValue<Mock, Day, ValueQuery>;

/// Compute: resources, the capacity ledger, stakes.
pub struct Compute;

impl Compute {
	/// A resource of a provider that does so many lots a day.
	pub fn add(id: u32, provider: AccountId, region: Region, lots: u128) -> ResourceId {
		let machine = Machine {
			agent: AccountId::new([100 + u8::try_from(id).expect("few"); 32]),
			provider,
			class: CLASS,
			version: VERSION,
			grade: Some(FLOOR),
			region,
			is_active: true,
			per_day: Capacity(LOT_DAY * lots),
		};
		Machines::mutate(|machines| machines.insert(ResourceId(id), machine));
		ResourceId(id)
	}

	/// Changes a resource.
	pub fn change(id: ResourceId, change: impl FnOnce(&mut Machine)) {
		Machines::mutate(|machines| change(machines.get_mut(&id).expect("it is registered")));
	}

	pub fn sold(provider: &AccountId, day: Day) -> u128 {
		Sold::get().get(&(provider.clone(), day)).map_or(0, |sold| sold.0)
	}

	/// Capacity of a provider's day: what is there, and what of it is spoken for.
	fn room(provider: &AccountId, day: Day) -> (u128, u128) {
		let machines = Machines::get();
		let own = machines.iter().filter(|(_, machine)| machine.provider == *provider);
		let able = own.clone().filter(|(_, machine)| machine.is_active && machine.grade.is_some());
		let there = able.map(|(_, machine)| machine.per_day.0).sum();
		let nominated: u128 = own.map(|(id, _)| Self::nominated(*id, day).0).sum();
		(there, Self::sold(provider, day) + nominated)
	}

	fn days(days: DeliveryDays) -> impl Iterator<Item = Day> {
		(days.first.0..=days.last.0).map(Day)
	}

	fn ensure_ahead(days: DeliveryDays) -> Result<(), DispatchError> {
		if !days.is_valid() || days.first < Delivery::today() {
			return Err(other("invalid days"));
		}
		Ok(())
	}
}

impl CapacityLedger<AccountId> for Compute {
	type Error = DispatchError;

	fn sellable(provider: &AccountId, _: ClassId, _: &Grade, day: Day) -> Capacity {
		let (there, taken) = Self::room(provider, day);
		Capacity(there.saturating_sub(taken))
	}

	fn sell(
		provider: &AccountId,
		class: ClassId,
		floor: &Grade,
		days: DeliveryDays,
		per_day: Capacity,
	) -> Result<(), DispatchError> {
		assert!(class == CLASS && *floor == FLOOR && !per_day.is_zero());
		Self::ensure_ahead(days)?;
		if !Providers::get().contains(provider) {
			return Err(other("not a provider"));
		}
		if Self::days(days).any(|day| Self::sellable(provider, class, floor, day) < per_day) {
			return Err(other("capacity exceeded"));
		}
		Sold::mutate(|sold| {
			Self::days(days).for_each(|day| sold.entry((provider.clone(), day)).or_default().0 += per_day.0);
		});
		Ok(())
	}

	fn unsell(
		provider: &AccountId,
		class: ClassId,
		floor: &Grade,
		days: DeliveryDays,
		per_day: Capacity,
	) -> Result<(), DispatchError> {
		assert!(class == CLASS && *floor == FLOOR && !per_day.is_zero());
		let is_forgotten = |day| day < ForgottenBefore::get() || Self::sold(provider, day) < per_day.0;
		if Self::days(days).any(is_forgotten) {
			return Err(other("not sold"));
		}
		Sold::mutate(|sold| {
			Self::days(days).for_each(|day| sold.entry((provider.clone(), day)).or_default().0 -= per_day.0);
			sold.retain(|_, sold| !sold.is_zero());
		});
		Ok(())
	}

	fn nominate(
		resource: ResourceId,
		floor: &Grade,
		days: DeliveryDays,
		per_day: Capacity,
	) -> Result<(), DispatchError> {
		assert!(*floor == FLOOR && !per_day.is_zero());
		Self::ensure_ahead(days)?;
		let machine = Machines::get().remove(&resource).ok_or(other("no such resource"))?;
		if !machine.grade.is_some_and(|grade| grade.meets(floor)) {
			return Err(other("grade too low"));
		}
		let able = if machine.is_active { machine.per_day.0 } else { 0 };
		if Self::days(days).any(|day| Self::nominated(resource, day).0 + per_day.0 > able) {
			return Err(other("capacity exceeded"));
		}
		Self::unsell(&machine.provider, machine.class, floor, days, per_day)?;
		NominatedOf::mutate(|nominated| {
			Self::days(days).for_each(|day| nominated.entry((resource, day)).or_default().0 += per_day.0);
		});
		Ok(())
	}

	fn release(resource: ResourceId, days: DeliveryDays, per_day: Capacity) -> Result<(), DispatchError> {
		let is_forgotten = |day| day < ForgottenBefore::get() || Self::nominated(resource, day) < per_day;
		if Self::days(days).any(is_forgotten) {
			return Err(other("not nominated"));
		}
		NominatedOf::mutate(|nominated| {
			Self::days(days).for_each(|day| nominated.entry((resource, day)).or_default().0 -= per_day.0);
			nominated.retain(|_, nominated| !nominated.is_zero());
		});
		Ok(())
	}

	fn nominated(resource: ResourceId, day: Day) -> Capacity {
		NominatedOf::get().get(&(resource, day)).copied().unwrap_or_default()
	}
}

impl ComputeResources<AccountId> for Compute {
	fn drawable() -> u32 {
		0
	}
	fn drawable_at(_: u32) -> Option<ResourceId> {
		None
	}
	fn subject(resource: ResourceId) -> Option<Subject<AccountId>> {
		let Machine { provider, agent, class, version, .. } = Machines::get().remove(&resource)?;
		Some(Subject { provider, agent, class, version, devices: 1, solves: true })
	}
	fn state(resource: ResourceId) -> Option<ResourceState> {
		let machine = Machines::get().remove(&resource)?;
		Some(if machine.is_active { ResourceState::Active } else { ResourceState::Jailed })
	}
	fn region(resource: ResourceId) -> Option<Region> {
		Machines::get().get(&resource).map(|machine| machine.region)
	}
	fn is_delivering(resource: ResourceId) -> bool {
		!Self::nominated(resource, Delivery::today()).is_zero()
	}
	fn capacity_shown(_: ResourceId, _: u32, _: u64) -> Capacity {
		Capacity::ZERO
	}
	fn attested(_: ResourceId, _: Attestation) {}
	fn unattested(_: ResourceId) {}
	fn refused(_: ResourceId) {}
	fn missed(_: ResourceId) {}
	fn offended(_: ResourceId, _: ProviderOffence, _: Option<AccountId>) {}
}

impl ProviderStakes<AccountId> for Compute {
	type Credit = CreditOf<Test>;

	fn stake(provider: &AccountId) -> u128 {
		let is_provider = Providers::get().contains(provider);
		let free = Balances::reducible_balance(provider, Preservation::Preserve, Fortitude::Polite);
		if is_provider {
			free
		} else {
			0
		}
	}

	fn loss(class: ClassId, missing: Capacity) -> u128 {
		assert_eq!(class, CLASS);
		(missing.0 * LOSS).div_ceil(Capacity::PER_HOUR)
	}

	fn take_stake(provider: &AccountId, _: Option<ResourceId>, amount: u128) -> CreditOf<Test> {
		let amount = amount.min(Self::stake(provider));
		<Balances as Balanced<AccountId>>::withdraw(
			provider,
			amount,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)
		.expect("it has so much")
	}

	fn delivered(provider: &AccountId, _: Option<ResourceId>, due: Capacity, delivered: Capacity, earned: Cash) {
		Reputations::mutate(|reputations| {
			let reputation = reputations.entry(provider.clone()).or_default();
			reputation.windows += 1;
			reputation.due.0 += due.0;
			reputation.delivered.0 += delivered.0;
			reputation.earned.0 += earned.0;
		});
	}
}

impl ReferencePins for Compute {
	type Error = DispatchError;

	fn pin(class: ClassId, version: ReferenceVersion) -> Result<(), DispatchError> {
		if (class, version) != (CLASS, VERSION) {
			return Err(other("unknown version"));
		}
		Pinned::mutate(|pinned| *pinned.entry((class, version)).or_default() += 1);
		Ok(())
	}

	fn unpin(class: ClassId, version: ReferenceVersion) {
		Pinned::mutate(|pinned| {
			let pins = pinned.get_mut(&(class, version)).expect("it was pinned");
			*pins = pins.checked_sub(1).expect("it was pinned");
		});
	}
}

/// Challenges that were asked for.
#[storage_alias]
pub type Challenged = StorageValue<Mock, Vec<ChallengeRequest<AccountId>>, ValueQuery>;
/// No more challenges are taken up.
#[storage_alias]
pub type ChallengesFull = StorageValue<Mock, bool, ValueQuery>;

/// Who takes challenges up; a test decides them.
pub struct Challenges;

impl TenancyChallenge<AccountId> for Challenges {
	type Error = DispatchError;

	fn request(request: ChallengeRequest<AccountId>) -> Result<(), DispatchError> {
		if ChallengesFull::get() {
			return Err(other("too many challenges"));
		}
		Challenged::append(request);
		Ok(())
	}
}

#[storage_alias]
pub type Contracts = StorageValue<Mock, BTreeMap<InstrumentId, ContractTerms>, ValueQuery>;

/// Who lists contracts.
pub struct Market;

impl ListedContracts for Market {
	fn terms(id: InstrumentId) -> Option<ContractTerms> {
		Contracts::get().remove(&id)
	}
}

/// Fixes of the class, by day.
#[storage_alias]
pub type Fixes = StorageValue<Mock, BTreeMap<Day, Price>, ValueQuery>;
/// The round of this day is still open.
#[storage_alias]
pub type OpenRound = StorageValue<Mock, Day, OptionQuery>;

/// The index.
pub struct Index;

impl PriceIndex for Index {
	fn fresh_fix(_: ClassId, _: u64) -> Option<Fix> {
		None
	}
	fn fixes(class: ClassId, from: Day, to: Day) -> Vec<Fix> {
		assert_eq!(class, CLASS);
		let fix = |(day, price)| Fix { day, price, time: 0 };
		Fixes::get().into_iter().filter(|(day, _)| (from..=to).contains(day)).map(fix).collect()
	}
	fn statistics(_: ClassId) -> Option<PriceStatistics> {
		None
	}
	fn floor_price(_: ClassId) -> Option<Price> {
		None
	}
	fn today() -> Day {
		Day(u32::try_from(pallet_timestamp::Now::<Test>::get() / DAY).expect("days of tests are few"))
	}
	fn closed_day(_: ClassId) -> Option<Day> {
		let open = OpenRound::get().unwrap_or(Day(u32::MAX)).min(Self::today());
		open.0.checked_sub(1).map(Day)
	}
}

/// Blocks contribute none.
#[storage_alias]
pub type Silent = StorageValue<Mock, bool, ValueQuery>;
/// What the hashes of blocks follow from.
#[storage_alias]
pub type Luck = StorageValue<Mock, u64, ValueQuery>;

/// Hashes of the block before: each contributes.
pub struct BlockRandomness;

impl Randomness<Option<H256>, u64> for BlockRandomness {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		let content = (subject, System::block_number(), Luck::get()).encode();
		((!Silent::get()).then(|| H256(sp_io::hashing::blake2_256(&content))), System::block_number())
	}
}

/// Terms of the physical contract.
pub fn terms() -> ContractTerms {
	ContractTerms {
		instrument: InstrumentTerms {
			class: CLASS,
			grades: 0,
			multiplier: ComputeHours(MULTIPLIER),
			price_band: Ppm::percent(10),
			mark_band: Ppm::percent(50),
			max_account_lots: Lots(1_000),
			max_owner_lots: Lots(1_000),
		},
		settlement: SettlementKind::Physical { floor: FLOOR, version: VERSION },
		delivery: days(),
		opens: START - 10 * DAY,
		reduce_only_from: EXPIRY,
		expires: EXPIRY,
	}
}

/// The delivery days.
pub fn days() -> DeliveryDays {
	DeliveryDays { first: FIRST, last: Day(FIRST.0 + DAYS - 1) }
}

/// The day with this index.
pub fn day(index: u32) -> Day {
	Day(FIRST.0 + index)
}

/// An owner's first margin account.
pub fn key(owner: &AccountId) -> Key {
	AccountKey { owner: owner.clone(), sub: SubAccount(0) }
}

/// The chain that a test begins with. All accounts have [`CASH`]; buyers are under one guarantor and sellers under another. Sellers are
/// providers with [`STAKE`]: the first has the resources 1 (here) and 2 (there) of ten lots a day each, the second resource 3 (here) of
/// ten. Nobody holds anything yet.
#[derive(Default)]
pub struct Exchange {
	pub parameters: DeliveryParameters,
	/// Positions in [`CONTRACT`].
	pub positions: Vec<(AccountId, i64)>,
}

impl Exchange {
	/// These positions are held in [`CONTRACT`].
	pub fn holding(positions: &[(AccountId, i64)]) -> Self {
		Self { positions: positions.to_vec(), ..Self::default() }
	}

	pub fn build(self) -> sp_io::TestExternalities {
		BlockWeight::set(Weight::from_parts(50_000_000_000, 0));
		MaxDeliveries::set(4);
		Burns::set(Ppm::percent(20));
		let funded = [SELLER, SELLER_2].map(|who| (who, STAKE + LEAST)).into_iter().chain([(POOL, LEAST)]);
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig { balances: funded.collect(), ..Default::default() },
			delivery: crate::GenesisConfig { parameters: self.parameters, ..Default::default() },
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		#[cfg(feature = "runtime-benchmarks")]
		ext.register_extension(sp_keystore::KeystoreExt::new(sp_keystore::testing::MemoryKeystore::new()));
		ext.execute_with(|| {
			System::set_block_number(1);
			frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
			set_time(START);
			for owner in [BUYER, BUYER_2] {
				Clearing::open(&key(&owner), HOUSE);
			}
			for owner in [SELLER, SELLER_2, TRADER] {
				Clearing::open(&key(&owner), HOUSE_2);
			}
			Pool::put(Cash(1_000_000_000_000));
			Providers::put(vec![SELLER, SELLER_2]);
			Compute::add(1, SELLER, HERE, 10);
			Compute::add(2, SELLER, THERE, 10);
			Compute::add(3, SELLER_2, HERE, 10);
			let cash = ContractTerms { settlement: SettlementKind::Cash, ..terms() };
			Contracts::put(BTreeMap::from([(CONTRACT, terms()), (CASH_CONTRACT, cash)]));
			for (owner, lots) in self.positions {
				Clearing::hold(&key(&owner), CONTRACT, lots);
			}
		});
		ext
	}

	/// Runs `test`, and checks the invariants and that no money came or went.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let before = Clearing::money();
			test();
			assert_eq!(Delivery::violations(), Vec::<String>::new(), "the invariants hold after the test");
			Clearing::assert_counts();
			assert_eq!(Clearing::money(), before, "money neither comes nor goes");
		})
	}
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

/// Sets the clock without a block.
pub fn set_time(time: u64) {
	pallet_timestamp::Now::<Test>::put(time);
}

/// A block at a time. That the chain stood still before, or not, is as a test says: see [`halt_until`].
pub fn block_at(time: u64) {
	crate::Heartbeat::<Test>::mutate(|pulse| pulse.last = pulse.last.max(time.saturating_sub(MAX_BLOCK_TIME)));
	halt_until(time);
}

/// A block at a time before which no block came.
pub fn halt_until(time: u64) {
	set_time(time);
	let block = System::block_number() + 1;
	System::set_block_number(block);
	Delivery::on_initialize(block);
}

/// So many blocks, each a second after the one before.
pub fn blocks(count: u64) {
	for _ in 0..count {
		block_at(pallet_timestamp::Now::<Test>::get() + 1_000);
	}
}

/// The contract expires and ends at its final price: everybody is handed over. Must be delivered.
pub fn deliver() {
	block_at(EXPIRY);
	assert!(Clearing::end(CONTRACT, PRICE, &[]), "it is delivered");
}

/// Nominations are over and all is matched. Returns the deals.
pub fn matched() -> Vec<gcx_primitives::DealId> {
	block_at(Delivery::start_of(FIRST) - MATCHING);
	blocks(3);
	crate::DealsOf::<Test>::iter_prefix_values(CONTRACT).collect()
}

/// Somebody who signs vouchers.
pub fn voucher_pair(seed: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[seed; 32])
}

/// Its account.
pub fn voucher_key(seed: u8) -> AccountId {
	voucher_pair(seed).public().into()
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

/// The pallet's newest event; panics if there is none.
pub fn last_event() -> crate::Event<Test> {
	events().pop().expect("an event")
}

/// An error of the mock.
pub fn refused(reason: &'static str) -> DispatchError {
	other(reason)
}
