//! The state that is measured: an exchange of a given size, made by the pallets' own calls.

use frame_support::{assert_ok, traits::fungible::Mutate, BoundedVec};
use gcx_primitives::{
	AccountKey, Cash, ClassId, ComputeHours, ContractTerms, CustomerLimits, Day, DeliveryDays, Fix, InstrumentId,
	InstrumentTerms, Lots, Party, Ppm, Price, PriceIndex, PriceStatistics, SettlementKind, SubAccount, Trade,
	TradeBatch, MAX_LOTS,
};
use gcx_runtime::{
	configs::{clearing::SettlementAsset, guarantor},
	genesis::{self, AI_INFER, GEMM_INT8, HPC_FP64},
	units::{DAY_MILLISECONDS, DOLLAR, GCX},
	AccountId, Balances, Clearing, Guarantor, Index, Market, Runtime, RuntimeGenesisConfig, RuntimeOrigin,
};
use pallet_clearing::{Books, ClearingParameters};
use serde_json::Value;
use sp_core::{
	sr25519,
	storage::{well_known_keys, Storage},
	Pair,
};
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;

/// The time at genesis, in milliseconds since the Unix epoch: a slot and a day begin.
pub const NOW: u64 = 30_000_000 * 60_000;
/// The price at which all positions were opened.
pub const PRICE: Price = Price(2_500_000);
/// The fix after that, at which the first settlement run moves money.
const NEXT_FIX: Price = Price(2_550_000);
/// The first settlement run is due at this block; all else is measured before.
pub const SETTLEMENT_DUE: u32 = 140;
/// Positions of an account.
pub const POSITIONS: u32 = 4;
/// What each account put in.
const DEPOSIT: u128 = 10_000_000 * DOLLAR;
/// What it puts into the insurance pool at a time.
pub const POOLED: u128 = 100 * DOLLAR;
/// The most lots in a contract that a guarantor allows the second account of a pair.
pub const SECOND_LIMIT: Lots = Lots(1_000);
/// The account of each owner.
pub const SUB: SubAccount = SubAccount(0);
/// Accounts with little more than initial margin, on every exchange as many.
pub const THIN: u32 = 400;
/// What they are long in, and its class.
pub const THIN_INSTRUMENT: InstrumentId = InstrumentId(0);
pub const THIN_CLASS: ClassId = HPC_FP64;
/// What each put in, and its lots: their initial margin is 510 dollars.
const THIN_DEPOSIT: u128 = 600 * DOLLAR;
const THIN_LOTS: Lots = Lots(10);
/// Owners of thin accounts are numbered from here.
const FIRST_THIN: u32 = 1_000_000;
/// Trades that are booked together while the state is prepared.
const TRADES_AT_ONCE: usize = 1_000;
/// So long prices count, and trades are averaged: longer than anything here takes.
const LONG: u64 = 1_000 * 24 * 3_600_000;

/// How large an exchange is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
	/// Margin accounts with positions, each of another owner. Even.
	pub accounts: u32,
	/// One, or an even number.
	pub guarantors: u32,
	/// Contracts, a multiple of four.
	pub instruments: u32,
}

/// Accounts come in pairs, of which the first is long where the second is short and the other way round, under different
/// guarantors. So the guarantors of first accounts and those of second ones have something to settle whatever there is.
#[derive(Clone, Copy, Debug)]
pub struct Traders {
	size: Size,
	/// How many pairs were handed out.
	used: u32,
}

impl Traders {
	/// Nobody.
	pub const NONE: Self = Self { size: Size { accounts: 0, guarantors: 0, instruments: 0 }, used: 0 };

	fn pairs(&self) -> u32 {
		self.size.accounts / 2
	}

	/// The next pairs: none twice before all were handed out, and in no order.
	pub fn next_pairs(&mut self, count: u32) -> Vec<u32> {
		// Relatively prime to the number of pairs.
		const STRIDE: u64 = 7_919;
		let pairs = u64::from(self.pairs());
		let from = u64::from(self.used);
		self.used += count;
		let place = |index| u32::try_from((from + index) * STRIDE % pairs).expect("there are fewer than 2³² pairs");
		(0..u64::from(count)).map(place).collect()
	}

	/// Whether every pair was handed out.
	pub fn is_used_up(&self) -> bool {
		self.used > self.pairs()
	}

	/// The keys of a pair.
	pub fn keys(pair: u32) -> [sr25519::Pair; 2] {
		[key("trader", 2 * pair), key("trader", 2 * pair + 1)]
	}

	/// One of a pair's contracts, and whether the first of the pair is long.
	pub fn contract(&self, pair: u32, place: u32) -> (InstrumentId, bool) {
		let sides = (self.size.guarantors / 2).max(1);
		let group = pair / sides % (self.size.instruments / POSITIONS);
		(InstrumentId(group * POSITIONS + place), place.is_multiple_of(2))
	}

	/// The guarantors of a pair.
	fn guarantors(&self, pair: u32) -> [u32; 2] {
		match self.size.guarantors {
			1 => [0, 0],
			many => [pair % (many / 2) * 2, pair % (many / 2) * 2 + 1],
		}
	}
}

/// The key of a name and a number.
fn key(name: &str, index: u32) -> sr25519::Pair {
	sr25519::Pair::from_seed(&sp_io::hashing::blake2_256(format!("{name} {index}").as_bytes()))
}

/// A guarantor's account.
pub fn guarantor(index: u32) -> AccountId {
	account(&key("guarantor", index))
}

/// Who submits fills.
pub fn venue() -> sr25519::Pair {
	key("venue", 0)
}

fn account(of: &sr25519::Pair) -> AccountId {
	of.public().into()
}

fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

/// A prepared exchange.
pub struct Exchange {
	/// Its whole state.
	pub storage: Storage,
	/// Who trades on it.
	pub traders: Traders,
}

impl Exchange {
	/// Makes one.
	pub fn prepare(size: Size) -> Self {
		let traders = Traders { size, used: 0 };
		let mut storage = development_genesis();
		BasicExternalities::execute_with_storage(&mut storage, || {
			pallet_timestamp::Now::<Runtime>::put(NOW);
			let parameters = ClearingParameters {
				max_fix_age: LONG,
				max_settlement_age: LONG,
				trade_window: LONG,
				..pallet_clearing::Parameters::<Runtime>::get()
			};
			pallet_clearing::Parameters::<Runtime>::put(parameters);
			pallet_clearing::Settled::<Runtime>::mutate(|settlements| settlements.due = SETTLEMENT_DUE);
			fix_prices(PRICE);
			list_contracts(size.instruments);
			let guarantors: Vec<_> = (0..size.guarantors).map(admit_guarantor).collect();
			let enrol = |pair| enrol_pair(pair, traders.guarantors(pair).map(|index| &guarantors[index as usize]));
			let accounts: Vec<_> = (0..traders.pairs()).map(enrol).collect();
			open_positions(&traders, &accounts);
			open_thin_accounts(&guarantors, &accounts[0][0]);
			let venue = account(&venue());
			Balances::set_balance(&venue, 1_000_000 * GCX);
			assert_ok!(Market::register_venue(signed(&venue), 10_000 * GCX));
			fix_prices(NEXT_FIX);
			// What was made for this is of the chain's beginning.
			pallet_token::GenesisIssuance::<Runtime>::put(Balances::total_issuance());
		});
		put_code(&mut storage);
		Self { storage, traders }
	}
}

/// Puts the runtime itself into a state.
pub fn put_code(storage: &mut Storage) {
	let code = gcx_runtime::WASM_BINARY.expect("the runtime was built with its wasm");
	storage.top.insert(well_known_keys::CODE.to_vec(), code.to_vec());
}

/// The genesis of the preset for development.
pub fn development_genesis() -> Storage {
	fn merge(into: &mut Value, patch: Value) {
		match (into, patch) {
			(Value::Object(into), Value::Object(patch)) => {
				for (key, value) in patch {
					merge(into.entry(key).or_insert(Value::Null), value);
				}
			},
			(into, patch) => *into = patch,
		}
	}
	let preset = genesis::preset(&"development".into()).expect("there is a preset for development");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("it is JSON");
	merge(&mut config, serde_json::from_slice(&preset).expect("it is JSON"));
	let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("the preset is complete");
	config.build_storage().expect("the preset is valid")
}

/// All classes have this as their newest fix.
fn fix_prices(price: Price) {
	let statistics = PriceStatistics { mean_size: price, ..Default::default() };
	for class in classes() {
		let fix = Fix { day: Index::today(), price, time: NOW };
		pallet_index::Series::<Runtime>::insert(class, BoundedVec::truncate_from(vec![fix]));
		pallet_index::Latest::<Runtime>::insert(class, (fix, statistics));
	}
}

fn classes() -> [ClassId; 3] {
	[HPC_FP64, AI_INFER, GEMM_INT8]
}

/// Contracts in groups of four, each of two classes.
fn list_contracts(count: u32) {
	let today = Index::today();
	for index in 0..count {
		let class = classes()[(index / 2) as usize % classes().len()];
		let instrument = InstrumentTerms {
			class,
			grades: 0,
			multiplier: ComputeHours(100),
			price_band: Ppm::percent(50),
			mark_band: Ppm::percent(100),
			max_account_lots: Lots(1_000_000),
			max_owner_lots: Lots(1_000_000),
		};
		let terms = ContractTerms {
			instrument,
			settlement: SettlementKind::Cash,
			delivery: DeliveryDays { first: Day(today.0 + 600), last: Day(today.0 + 630) },
			opens: 0,
			reduce_only_from: NOW + 600 * DAY_MILLISECONDS,
			expires: NOW + 600 * DAY_MILLISECONDS,
		};
		assert_ok!(Market::list(RuntimeOrigin::root(), terms, PRICE));
	}
}

fn admit_guarantor(index: u32) -> AccountId {
	let who = account(&key("guarantor", index));
	let parameters = guarantor::genesis_parameters();
	let house = 100 * parameters.min_house.0.unsigned_abs();
	Balances::set_balance(&who, 10 * parameters.min_bond);
	// Twice: the custody accounts need their minimum balances.
	assert_ok!(SettlementAsset::mint_into(&who, 2 * house));
	assert_ok!(Guarantor::apply(signed(&who), parameters.min_bond));
	assert_ok!(Clearing::deposit(signed(&who), SubAccount::HOUSE, house));
	assert_ok!(Guarantor::admit(RuntimeOrigin::root(), who.clone()));
	who
}

/// Both of a pair become customers, with GCX of their own and money on their margin accounts.
fn enrol_pair(pair: u32, guarantors: [&AccountId; 2]) -> [AccountId; 2] {
	let limits = CustomerLimits {
		max_initial_margin: Cash(i128::MAX),
		max_lots: Lots(MAX_LOTS),
		margin_multiplier: Ppm::ONE,
		suspended: false,
	};
	let both = [limits, CustomerLimits { max_lots: SECOND_LIMIT, ..limits }];
	let accounts = Traders::keys(pair).map(|key| account(&key));
	for ((customer, guarantor), limits) in accounts.iter().zip(guarantors).zip(both) {
		Balances::set_balance(customer, 100 * GCX);
		assert_ok!(SettlementAsset::mint_into(customer, DEPOSIT + 100 * POOLED + DOLLAR));
		assert_ok!(Guarantor::request(signed(customer), guarantor.clone()));
		assert_ok!(Guarantor::accept(signed(guarantor), customer.clone(), limits));
		assert_ok!(Clearing::deposit(signed(customer), SUB, DEPOSIT));
	}
	accounts
}

/// Each pair opens its positions, with each other.
fn open_positions(traders: &Traders, accounts: &[[AccountId; 2]]) {
	let trades: Vec<_> = (0..traders.pairs()).flat_map(|pair| (0..POSITIONS).map(move |place| (pair, place))).collect();
	for batch in trades.chunks(TRADES_AT_ONCE) {
		let mut books = <Books<Runtime> as TradeBatch<AccountId>>::open();
		for (pair, place) in batch {
			let (instrument, first_is_long) = traders.contract(*pair, *place);
			let party = |owner: &AccountId| Party {
				account: AccountKey { owner: owner.clone(), sub: SUB },
				fee: Cash::ZERO,
				reduce_only: false,
			};
			let [first, second] = accounts[*pair as usize].each_ref().map(party);
			let (buyer, seller) = if first_is_long { (first, second) } else { (second, first) };
			let lots = Lots(10 + i64::from(pair % 7));
			let trade = Trade { instrument, lots, price: PRICE, reduce_only: false, buyer, seller };
			books.trade(&trade).expect("the accounts have enough");
		}
		books.commit().expect("the books balance");
	}
}

/// Thin accounts under all guarantors in turn; the first trader of all sells to them.
fn open_thin_accounts(guarantors: &[AccountId], seller: &AccountId) {
	let limits = CustomerLimits {
		max_initial_margin: Cash(i128::MAX),
		max_lots: Lots(MAX_LOTS),
		margin_multiplier: Ppm::ONE,
		suspended: false,
	};
	let mut books = Vec::new();
	for index in 0..THIN {
		let who = account(&key("thin", FIRST_THIN + index));
		let guarantor = &guarantors[index as usize % guarantors.len()];
		Balances::set_balance(&who, GCX);
		assert_ok!(SettlementAsset::mint_into(&who, THIN_DEPOSIT + DOLLAR));
		assert_ok!(Guarantor::request(signed(&who), guarantor.clone()));
		assert_ok!(Guarantor::accept(signed(guarantor), who.clone(), limits));
		assert_ok!(Clearing::deposit(signed(&who), SUB, THIN_DEPOSIT));
		books.push(who);
	}
	let mut batch = <Books<Runtime> as TradeBatch<AccountId>>::open();
	for who in books {
		let party = |owner: &AccountId| Party {
			account: AccountKey { owner: owner.clone(), sub: SUB },
			fee: Cash::ZERO,
			reduce_only: false,
		};
		let (buyer, seller) = (party(&who), party(seller));
		let instrument = THIN_INSTRUMENT;
		let trade = Trade { instrument, lots: THIN_LOTS, price: PRICE, reduce_only: false, buyer, seller };
		batch.trade(&trade).expect("both have enough");
	}
	batch.commit().expect("the books balance");
}

#[cfg(all(test, feature = "try-runtime"))]
mod tests {
	use super::*;
	use frame_support::traits::{TryState, TryStateSelect};

	#[test]
	fn prepared_exchange_keeps_every_pallets_invariants() {
		for guarantors in [1, 4] {
			let mut exchange = Exchange::prepare(Size { accounts: 40, guarantors, instruments: 8 });
			BasicExternalities::execute_with_storage(&mut exchange.storage, || {
				<gcx_runtime::AllPalletsWithSystem as TryState<u32>>::try_state(0, TryStateSelect::All).unwrap();
			});
		}
	}
}
