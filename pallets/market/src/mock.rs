//! A chain with real `balances` and `timestamp` and signatures of all schemes, a clearing that refuses what a test says, and a
//! scenario builder.

use crate as pallet_market;
use crate::{
	types::{FillRefusalOf, OrderOf, SignedOrderOf},
	ContractTerms, DeliveryDays, Fill, Order, SettlementKind, SignedOrder,
};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl,
	pallet_prelude::{DispatchResultWithPostInfo, ValueQuery},
	parameter_types, storage_alias,
	traits::{ConstU32, ConstU64, Hooks},
};
use frame_system::EnsureRoot;
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, ClassId, ComputeHours, Day, DeliveryRamp, FeeQuote, Grade, InstrumentId,
	InstrumentTerms, Instruments, Lots, Party, PartyAfter, Ppm, Price, PriceIndex, ReferencePins, ReferenceVersion,
	Refusal, Refused, Role, SeatHolders, Side, SubAccount, Trade, TradeBatch, TradeReceipt, TradingFees,
};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256};
use sp_runtime::{
	traits::{IdentifyAccount, IdentityLookup},
	AccountId32, BuildStorage, DispatchError, MultiSignature, MultiSigner,
};
use std::collections::{BTreeMap, BTreeSet};

pub type AccountId = AccountId32;
pub type Balance = u64;

/// The existential deposit: more than one, so that it matters.
pub const LEAST: Balance = 10;
/// What venues and holders of seats start with.
pub const ENDOWMENT: Balance = 10_000;
/// The smallest bond of a venue.
pub const BOND: Balance = 500;
/// Blocks for which a venue's bond stays held.
pub const UNBONDING: u64 = 50;
/// What is held of a proposer.
pub const DEPOSIT: Balance = 300;
/// The most proposals at a time.
pub const PROPOSALS: u32 = 3;
/// The most blocks from now in which an order can be filled.
pub const LIFETIME: u64 = 1_000;
/// Steps in which a block forgets orders.
pub const SWEEP: u32 = 3;
/// Milliseconds of a day.
pub const DAY: u64 = 24 * 3_600_000;
/// When tests begin.
pub const START: u64 = 1_800_000_000_000;
/// Days by which the averaging window grows at most.
pub const EXTENSION: u32 = 3;
/// Milliseconds from the expiry of a physical contract to its first delivery day, at least.
pub const NOTICE: u64 = 3 * DAY;
/// Milliseconds before the expiry of a physical contract from which on it is near.
pub const RAMP: u64 = 50_000;
/// The latest that a contract expires.
pub const HORIZON: u64 = 1_000_000;
/// The block in which tests begin.
pub const BLOCK: u64 = 10;
/// The chain.
pub const GENESIS: H256 = H256([7; 32]);

/// A venue from the start.
pub const VENUE: AccountId = AccountId32::new([101; 32]);
/// An account with money that is no venue.
pub const OTHER: AccountId = AccountId32::new([102; 32]);
/// Another.
pub const THIRD: AccountId = AccountId32::new([103; 32]);
/// Who has a seat from the start.
pub const SEATED: AccountId = AccountId32::new([104; 32]);
/// The contract that is listed from the start. It trades, though that is not announced.
pub const CONTRACT: InstrumentId = InstrumentId(0);
/// Its first settlement price: 2.50 dollars.
pub const PRICE: i64 = 2_500_000;
/// The floor price of its class: 50 cents.
pub const FLOOR: i64 = 500_000;
/// What a maker pays for a lot at that price: a ten-thousandth.
pub const MAKER_FEE: i128 = 25_000;
/// What a taker pays.
pub const TAKER_FEE: i128 = 50_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Market: pallet_market,
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
	type ExistentialDeposit = ConstU64<LEAST>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_timestamp::Config for Test {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

impl crate::Config for Test {
	type Batch = Batch;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Clearing;
	type Clock = Timestamp;
	type DayLength = ConstU64<DAY>;
	type DeliveryNotice = ConstU64<NOTICE>;
	type DeliveryRampLength = ConstU64<RAMP>;
	type Fees = Fees;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Index = Index;
	type Instruments = Clearing;
	type MaxContracts = ConstU32<3>;
	type MaxExtension = ConstU32<EXTENSION>;
	type MaxFillsPerBatch = ConstU32<100>;
	type MaxListingHorizon = ConstU64<HORIZON>;
	type MaxOrderLifetime = ConstU64<LIFETIME>;
	type MaxOrdersPerBatch = ConstU32<200>;
	type MaxProposals = ConstU32<PROPOSALS>;
	type MaxVenues = ConstU32<2>;
	type MinVenueBond = ConstU64<BOND>;
	type NativeBalance = Balances;
	type OrderSignature = MultiSignature;
	type ProposalDeposit = ConstU64<DEPOSIT>;
	type References = References;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Seats = Seats;
	type SweepPerBlock = ConstU32<SWEEP>;
	type VenueUnbonding = ConstU64<UNBONDING>;
	type WeightInfo = ();
}

parameter_types! {
	/// What clearing took up.
	pub static Known: BTreeMap<InstrumentId, (InstrumentTerms, Price)> = BTreeMap::new();
	/// What is held of each contract; none is nothing.
	pub static Held: BTreeMap<InstrumentId, Lots> = BTreeMap::new();
	/// What clearing took over.
	pub static Traded: Vec<Trade<AccountId>> = Vec::new();
	/// Contracts that nobody trades.
	pub static Quarantine: BTreeSet<InstrumentId> = BTreeSet::new();
	/// The days whose mean a contract is paid out at; none if nobody knows them.
	pub static Averaged: BTreeMap<InstrumentId, Option<DeliveryDays>> = BTreeMap::new();
	/// What clearing knows of contracts that are delivered.
	pub static Ramps: BTreeMap<InstrumentId, DeliveryRamp> = BTreeMap::new();
	/// The mark of every contract.
	pub static Mark: Option<Price> = None;
	/// Who relies on the only reference system, of class 1.
	pub static Pins: u32 = 0;
	/// Final prices.
	pub static Ended: BTreeMap<InstrumentId, Price> = BTreeMap::new();
	/// The fixes of the only class, by day.
	pub static Fixes: BTreeMap<Day, Price> = BTreeMap::new();
	/// The round of this day is still open.
	pub static OpenRound: Option<Day> = None;
	/// Whose trades are refused, and why.
	pub static RefusedFor: BTreeMap<AccountId, Refusal> = BTreeMap::new();
	/// Why clearing closes no batch, and takes up and forgets no contract.
	pub static Broken: Option<DispatchError> = None;
	/// Who pays its fees in tokens.
	pub static PaysInTokens: BTreeSet<AccountId> = BTreeSet::new();
	/// Who was charged for so much in a call pays nothing for the rest.
	pub static FreeFrom: Option<Cash> = None;
	/// Who has a seat.
	pub static SeatedAccounts: BTreeSet<AccountId> = BTreeSet::new();
}

/// Fees that were charged, the oldest first. In storage, so that a call that fails has charged none.
#[storage_alias]
pub type Charged = StorageValue<Mock, Vec<Charge>, ValueQuery>;

/// A fee that was charged.
#[derive(Clone, Debug, Decode, Encode, PartialEq, Eq)]
pub struct Charge {
	pub payer: AccountId,
	pub notional: Cash,
	pub full: Cash,
	pub cash: Cash,
}

impl Charge {
	/// A fee of a trader's, paid in the settlement asset.
	pub fn of(payer: Trader, notional: i128, fee: i128) -> Self {
		Self { payer: payer.account(), notional: Cash(notional), full: Cash(fee), cash: Cash(fee) }
	}
}

/// Clearing, as far as a test needs it.
pub struct Clearing;

impl Instruments for Clearing {
	type Error = DispatchError;

	fn list(instrument: InstrumentId, terms: InstrumentTerms, settlement: Price) -> Result<(), DispatchError> {
		Broken::get().map_or(Ok(()), Err)?;
		Known::mutate(|known| known.insert(instrument, (terms, settlement)));
		Ok(())
	}

	fn delist(instrument: InstrumentId) -> Result<(), DispatchError> {
		Broken::get().map_or(Ok(()), Err)?;
		Known::mutate(|known| known.remove(&instrument)).map(drop).ok_or(DispatchError::Other("unknown"))
	}

	fn average(instrument: InstrumentId, days: Option<DeliveryDays>) -> Result<(), DispatchError> {
		Averaged::mutate(|averaged| averaged.insert(instrument, days));
		Ok(())
	}

	fn deliver(instrument: InstrumentId, ramp: DeliveryRamp) -> Result<(), DispatchError> {
		Ramps::mutate(|ramps| ramps.insert(instrument, ramp));
		Ok(())
	}

	fn mark(_: InstrumentId) -> Option<Price> {
		Mark::get()
	}

	fn end(instrument: InstrumentId, price: Price) -> Result<(), DispatchError> {
		Broken::get().map_or(Ok(()), Err)?;
		Ended::mutate(|ended| ended.insert(instrument, price));
		Ok(())
	}

	fn open_interest(instrument: InstrumentId) -> Option<Lots> {
		let held = Held::get().get(&instrument).copied().unwrap_or(Lots::ZERO);
		Known::get().contains_key(&instrument).then_some(held)
	}
}

/// The only reference system is version 1 of class 1.
pub struct References;

impl ReferencePins for References {
	type Error = DispatchError;

	fn pin(class: ClassId, version: ReferenceVersion) -> Result<(), DispatchError> {
		if (class, version) != (ClassId(1), ReferenceVersion(1)) {
			return Err(DispatchError::Other("there is no such version"));
		}
		Pins::mutate(|pins| *pins += 1);
		Ok(())
	}

	fn unpin(_: ClassId, _: ReferenceVersion) {
		Pins::mutate(|pins| *pins = pins.checked_sub(1).expect("it was pinned"));
	}
}

/// The index, of days of [`DAY`] milliseconds.
pub struct Index;

impl PriceIndex for Index {
	fn fresh_fix(_: ClassId, _: u64) -> Option<gcx_primitives::Fix> {
		None
	}

	fn fixes(_: ClassId, from: Day, to: Day) -> Vec<gcx_primitives::Fix> {
		let fix = |(day, price)| gcx_primitives::Fix { day, price, time: 0 };
		Fixes::get().into_iter().filter(|(day, _)| (from..=to).contains(day)).map(fix).collect()
	}

	fn statistics(_: ClassId) -> Option<gcx_primitives::PriceStatistics> {
		None
	}

	fn floor_price(class: ClassId) -> Option<Price> {
		(class == ClassId(1)).then_some(Price(FLOOR))
	}

	fn today() -> Day {
		Day(u32::try_from(pallet_timestamp::Now::<Test>::get() / DAY).expect("days of tests are few"))
	}

	fn closed_day(_: ClassId) -> Option<Day> {
		let open = OpenRound::get().unwrap_or(Day(u32::MAX)).min(Self::today());
		open.0.checked_sub(1).map(Day)
	}
}

/// A batch that notes what it takes over.
pub struct Batch(Vec<Trade<AccountId>>);

impl TradeBatch<AccountId> for Batch {
	type Error = DispatchError;

	fn open() -> Self {
		Self(Vec::new())
	}

	fn trade(&mut self, trade: &Trade<AccountId>) -> Result<TradeReceipt, Refused> {
		if Quarantine::get().contains(&trade.instrument) {
			return Err(Refusal::Quarantined.into());
		}
		if trade.buyer.account.owner == trade.seller.account.owner {
			return Err(Refusal::SelfTrade.into());
		}
		let refused = RefusedFor::get();
		for (side, party) in [(Side::Buy, &trade.buyer), (Side::Sell, &trade.seller)] {
			if let Some(reason) = refused.get(&party.account.owner) {
				return Err(Refused { party: Some(side), reason: *reason });
			}
		}
		self.0.push(trade.clone());
		let after = |party: &Party<AccountId>, lots| PartyAfter {
			lots,
			booked: Cash::ZERO,
			fee: party.fee,
			cash: Cash(-party.fee.0),
		};
		let sold = trade.lots.checked_neg().expect("bounded");
		Ok(TradeReceipt { buyer: after(&trade.buyer, trade.lots), seller: after(&trade.seller, sold) })
	}

	fn commit(self) -> Result<(), DispatchError> {
		Broken::get().map_or(Ok(()), Err)?;
		Traded::mutate(|traded| traded.extend(self.0));
		Ok(())
	}
}

/// A ten-thousandth of the notional for makers, two for takers.
pub struct Fees(Vec<Charge>);

impl TradingFees<AccountId> for Fees {
	fn open() -> Self {
		Self(Vec::new())
	}

	fn quote(&mut self, payer: &AccountId, role: Role, notional: Cash) -> Result<FeeQuote, ArithmeticError> {
		assert!(notional >= Cash::ZERO, "a notional has no sign");
		let so_far = self.0.iter().filter(|charge| charge.payer == *payer).map(|charge| charge.notional);
		let so_far = Cash::checked_sum(so_far)?;
		let rate = match role {
			_ if FreeFrom::get().is_some_and(|from| so_far >= from) => Ppm::ZERO,
			Role::Maker => Ppm(100),
			Role::Taker => Ppm(200),
		};
		let quote = FeeQuote::in_cash(notional, rate.mul_ceil(notional)?);
		if !PaysInTokens::get().contains(payer) {
			return Ok(quote);
		}
		Ok(FeeQuote { cash: Cash::ZERO, tokens: Some((1, quote.full)), ..quote })
	}

	fn charge(&mut self, payer: &AccountId, quote: &FeeQuote) {
		let FeeQuote { notional, full, cash, .. } = *quote;
		self.0.push(Charge { payer: payer.clone(), notional, full, cash });
	}

	fn close(self) {
		Charged::mutate(|charged| charged.extend(self.0));
	}
}

/// Who a test says has a seat.
pub struct Seats;

impl SeatHolders<AccountId> for Seats {
	fn has_seat(who: &AccountId) -> bool {
		SeatedAccounts::get().contains(who)
	}
}

/// Who trades, by the scheme of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trader {
	Sr(u8),
	Ed(u8),
	Ec(u8),
}

pub const ALICE: Trader = Trader::Sr(1);
pub const BOB: Trader = Trader::Ed(2);
pub const CAROL: Trader = Trader::Ec(3);

impl Trader {
	pub fn account(self) -> AccountId {
		let signer: MultiSigner = match self {
			Self::Sr(seed) => sr25519::Pair::from_seed(&[seed; 32]).public().into(),
			Self::Ed(seed) => ed25519::Pair::from_seed(&[seed; 32]).public().into(),
			Self::Ec(seed) => ecdsa::Pair::from_seed(&[seed; 32]).public().into(),
		};
		signer.into_account()
	}

	pub fn key(self) -> AccountKey<AccountId> {
		AccountKey { owner: self.account(), sub: SubAccount(0) }
	}

	/// Signs anything.
	pub fn sign_bytes(self, bytes: &[u8]) -> MultiSignature {
		match self {
			Self::Sr(seed) => sr25519::Pair::from_seed(&[seed; 32]).sign(bytes).into(),
			Self::Ed(seed) => ed25519::Pair::from_seed(&[seed; 32]).sign(bytes).into(),
			Self::Ec(seed) => ecdsa::Pair::from_seed(&[seed; 32]).sign(bytes).into(),
		}
	}

	/// Signs an order, whosever it is.
	pub fn sign(self, order: OrderOf<Test>) -> SignedOrderOf<Test> {
		let signature = self.sign_bytes(&Market::order_payload(&order));
		SignedOrder { order, signature }
	}

	/// An order of ten lots at the first settlement price that allows a fee well above what is charged.
	pub fn order(self, side: Side) -> OrderOf<Test> {
		Order {
			account: self.account(),
			sub: SubAccount(0),
			instrument: CONTRACT,
			side,
			lots: Lots(10),
			limit: Price(PRICE),
			max_fee_per_lot: Cash(1_000_000),
			venue: None,
			expires: BLOCK + 100,
			salt: 0,
			reduce_only: false,
		}
	}

	/// Such an order to buy, signed.
	pub fn buys(self) -> SignedOrderOf<Test> {
		self.sign(self.order(Side::Buy))
	}

	/// Such an order to sell, signed.
	pub fn sells(self) -> SignedOrderOf<Test> {
		self.sign(self.order(Side::Sell))
	}
}

/// Terms of a contract that is traded from the start.
pub fn terms() -> ContractTerms {
	ContractTerms {
		instrument: InstrumentTerms {
			class: ClassId(1),
			grades: 0,
			multiplier: ComputeHours(100),
			price_band: Ppm::percent(10),
			mark_band: Ppm::percent(50),
			max_account_lots: Lots(1_000),
			max_owner_lots: Lots(1_000),
		},
		settlement: SettlementKind::Cash,
		delivery: DeliveryDays { first: Day(20_834), last: Day(20_863) },
		opens: START,
		reduce_only_from: START + 100_000,
		expires: START + 200_000,
	}
}

/// Compute of any grade, measured against this version.
pub fn physical(version: u16) -> SettlementKind {
	SettlementKind::Physical { floor: Grade::LOWEST, version: ReferenceVersion(version) }
}

/// The chain that a test begins with: one contract that trades, one venue.
pub struct Exchange {
	pub contracts: Vec<(ContractTerms, Price)>,
	pub venues: Vec<(AccountId, Balance)>,
}

impl Default for Exchange {
	fn default() -> Self {
		Self { contracts: vec![(terms(), Price(PRICE))], venues: vec![(VENUE, BOND)] }
	}
}

impl Exchange {
	/// The contract that is listed from the start has other terms.
	pub fn terms(mut self, terms: ContractTerms) -> Self {
		self.contracts = vec![(terms, Price(PRICE))];
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		Known::take();
		Held::take();
		Traded::take();
		Quarantine::take();
		RefusedFor::take();
		Broken::set(None);
		PaysInTokens::take();
		FreeFrom::set(None);
		SeatedAccounts::set([SEATED].into());
		Averaged::take();
		Ended::take();
		Ramps::take();
		Mark::set(None);
		Pins::set(0);
		Fixes::take();
		OpenRound::set(None);
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: [VENUE, OTHER, THIRD, SEATED].map(|who| (who, ENDOWMENT)).to_vec(),
				..Default::default()
			},
			market: crate::GenesisConfig { contracts: self.contracts, venues: self.venues },
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		#[cfg(feature = "runtime-benchmarks")]
		ext.register_extension(sp_keystore::KeystoreExt::new(sp_keystore::testing::MemoryKeystore::new()));
		ext.execute_with(|| {
			System::set_block_number(BLOCK);
			frame_system::BlockHash::<Test>::insert(0, GENESIS);
			pallet_timestamp::Now::<Test>::put(START);
			crate::Sweeping::<Test>::mutate(|cursor| cursor.block = BLOCK);
		});
		ext
	}

	/// Runs `test` and checks the invariants afterwards.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Market::do_try_state().expect("the invariants hold after the test");
		})
	}
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

/// Lets time pass, in milliseconds.
pub fn pass(time: u64) {
	pallet_timestamp::Now::<Test>::mutate(|now| *now += time);
}

/// Begins so many blocks.
pub fn blocks(count: u64) {
	for _ in 0..count {
		let block = System::block_number() + 1;
		System::set_block_number(block);
		Market::on_initialize(block);
	}
}

/// Of the first order with the second, at the first settlement price.
pub fn lots(lots: i64) -> Fill {
	Fill { maker: 0, taker: 1, lots: Lots(lots), price: Price(PRICE) }
}

/// The venue submits a batch.
pub fn submit(orders: &[SignedOrderOf<Test>], fills: &[Fill]) -> DispatchResultWithPostInfo {
	submit_as(VENUE, orders, fills)
}

pub fn submit_as(who: AccountId, orders: &[SignedOrderOf<Test>], fills: &[Fill]) -> DispatchResultWithPostInfo {
	let orders = orders.to_vec().try_into().expect("no more orders than a batch has");
	let fills = fills.to_vec().try_into().expect("no more fills than a batch has");
	Market::submit_fills(signed(who), orders, fills)
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

/// The pallet's newest event; panics if there is none.
pub fn last_event() -> crate::Event<Test> {
	events().pop().expect("an event")
}

/// The fills that were refused, and why.
pub fn refusals() -> Vec<(u32, FillRefusalOf<Test>)> {
	let refused = |event| match event {
		crate::Event::FillRefused { index, reason } => Some((index, reason)),
		_ => None,
	};
	events().into_iter().filter_map(refused).collect()
}

/// What so many lots count for in fees at the first settlement price.
pub fn notional(lots: i64) -> i128 {
	let multiplier = i128::from(terms().instrument.multiplier.0);
	i128::from(lots) * multiplier * i128::from(PRICE)
}

/// Lots that clearing took over, all together.
pub fn traded() -> i64 {
	Traded::get().iter().map(|trade| trade.lots.0).sum()
}

/// Lots that are remembered to be filled of an order.
pub fn filled(order: &SignedOrderOf<Test>) -> i64 {
	Market::filled(&order.order).map_or(0, |record| record.filled.0)
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId, MultiSignature> for Clearing {
	fn set_time(time: u64) {
		pallet_timestamp::Now::<Test>::put(time);
	}
	fn instrument() -> (InstrumentTerms, Price) {
		Mark::set(Some(Price(PRICE)));
		Fixes::set((1..=crate::MAX_DELIVERY_DAYS).map(|day| (Day(day), Price(PRICE))).collect());
		(terms().instrument, Price(PRICE))
	}
	fn listed(_: InstrumentId) {}
	fn seat(who: &AccountId) {
		SeatedAccounts::mutate(|seated| seated.insert(who.clone()));
	}
	fn trader(index: u32) -> AccountId {
		crate::sr25519_signer(index).into()
	}
	fn sign(who: &AccountId, payload: &[u8]) -> MultiSignature {
		crate::sr25519_sign(&sr25519::Public::from_raw(*who.as_ref()), payload).into()
	}
}
