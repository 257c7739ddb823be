//! Signed orders on the runtime: what an owner signs, and that it is filled.

use super::*;
use codec::Encode;
use gcx_primitives::{
	AccountKey, Cash, ComputeHours, CustomerLimits, Day, Fix, InstrumentId, InstrumentTerms, Lots, Ppm, Price,
	PriceStatistics, Role, Side, SubAccount,
};
use pallet_market::{ContractTerms, DeliveryDays, Fill, FillRefusal, Order, OrderRefusal, SettlementKind, SignedOrder};
use sp_core::{sr25519, Pair};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

/// The contract that is listed first.
const CONTRACT: InstrumentId = InstrumentId(0);
/// The newest fix, and the contract's first settlement price: 2.50 dollars.
const PRICE: Price = Price(2_500_000);
/// What each customer has.
const CASH: Cash = Cash(5_000_000_000);
/// Compute Hours a lot.
const MULTIPLIER: ComputeHours = ComputeHours(100);

/// Signs an order as its owner: a domain, the chain's genesis hash and the order, as SCALE encodes them.
fn sign(owner: &sr25519::Pair, order: Order<AccountId, BlockNumber>) -> SignedOrder<AccountId, BlockNumber, Signature> {
	let genesis_hash = System::block_hash(0);
	let payload = (*b"gcx/order/1", genesis_hash, &order).encode();
	SignedOrder { order, signature: owner.sign(&payload).into() }
}

/// The same as a browser wallet signs it.
fn sign_wrapped(
	owner: &sr25519::Pair,
	order: Order<AccountId, BlockNumber>,
) -> SignedOrder<AccountId, BlockNumber, Signature> {
	let wrapped = [&b"<Bytes>"[..], &Market::order_payload(&order), b"</Bytes>"].concat();
	SignedOrder { order, signature: owner.sign(&wrapped).into() }
}

/// An offer to trade 10 lots at a price within a hundred blocks, by any venue or by anyone who takes it.
fn order(owner: Sr25519Keyring, side: Side, limit: Price) -> Order<AccountId, BlockNumber> {
	Order {
		account: owner.to_account_id(),
		sub: SubAccount(0),
		instrument: CONTRACT,
		side,
		lots: Lots(10),
		limit,
		max_fee_per_lot: Cash(1_000_000),
		venue: None,
		expires: System::block_number() + 100,
		salt: 1,
		reduce_only: false,
	}
}

fn by(key: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(key.to_account_id())
}

/// Bob guarantees for Charlie and Alice for Dave, each of whom has 5,000 dollars of margin.
fn two_customers() {
	let limits = CustomerLimits {
		max_initial_margin: Cash(1_000_000_000_000),
		max_lots: Lots(1_000),
		margin_multiplier: Ppm::ONE,
		suspended: false,
	};
	let parameters = guarantor::genesis_parameters();
	for (guarantor, customer) in [(Bob, Charlie), (Alice, Dave)] {
		assert_ok!(Guarantor::apply(by(guarantor), parameters.min_bond));
		assert_ok!(Clearing::deposit(by(guarantor), SubAccount::HOUSE, parameters.min_house.0.unsigned_abs()));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), guarantor.to_account_id()));
		assert_ok!(Guarantor::request(by(customer), guarantor.to_account_id()));
		assert_ok!(Guarantor::accept(by(guarantor), customer.to_account_id(), limits));
		assert_ok!(Clearing::deposit(by(customer), SubAccount(0), CASH.0.unsigned_abs()));
	}
}

/// A contract of a class whose fix is of just now.
fn one_contract() {
	let now = pallet_timestamp::Now::<Runtime>::get();
	let today = Day(u32::try_from(now / DAY_MILLISECONDS).expect("an early day"));
	let fix = Fix { day: today, price: PRICE, time: now };
	pallet_index::Series::<Runtime>::mutate(AI_INFER, |series| series.try_push(fix).expect("the first"));
	let statistics = PriceStatistics { mean_size: PRICE, ..Default::default() };
	pallet_index::Latest::<Runtime>::insert(AI_INFER, (fix, statistics));

	let instrument = InstrumentTerms {
		class: AI_INFER,
		grades: 0,
		multiplier: MULTIPLIER,
		price_band: Ppm::percent(10),
		mark_band: Ppm::percent(20),
		max_account_lots: Lots(1_000),
		max_owner_lots: Lots(1_000),
	};
	let terms = ContractTerms {
		instrument,
		settlement: SettlementKind::Cash,
		delivery: DeliveryDays { first: Day(today.0 + 100), last: Day(today.0 + 129) },
		opens: now,
		reduce_only_from: now + 90 * DAY_MILLISECONDS,
		expires: now + 100 * DAY_MILLISECONDS,
	};
	assert_ok!(Market::list(RuntimeOrigin::root(), terms, PRICE));
}

fn cash(owner: Sr25519Keyring) -> Cash {
	let account = pallet_clearing::Accounts::<Runtime>::get(owner.to_account_id(), SubAccount(0));
	account.expect("it has an account").cash
}

fn lots(owner: Sr25519Keyring) -> Lots {
	let account = pallet_clearing::Accounts::<Runtime>::get(owner.to_account_id(), SubAccount(0));
	account.expect("it has an account").lots(CONTRACT)
}

/// What trading 10 lots at 2.50 dollars costs each party: 200 millionths of 2,500 dollars.
const FEE: Cash = Cash(500_000);

fn after_fee() -> Cash {
	CASH.checked_sub(FEE).expect("there is enough")
}

#[test]
fn order_that_its_owner_signed_is_taken_by_anyone() {
	on_chain(DEV_RUNTIME_PRESET, || {
		two_customers();
		one_contract();
		let offer = sign(&Charlie.pair(), order(Charlie, Side::Sell, PRICE));
		assert_ok!(Market::take(by(Dave), offer.clone(), SubAccount(0), Lots(10), FEE));
		assert_eq!((lots(Dave), lots(Charlie)), (Lots(10), Lots(-10)));
		assert_eq!((cash(Dave), cash(Charlie)), (after_fee(), after_fee()));
		let record = Market::filled(&offer.order).expect("it is remembered");
		assert_eq!((record.filled, record.cancelled), (Lots(10), false));
		let again = Market::take(by(Dave), offer, SubAccount(0), Lots(1), FEE);
		assert_eq!(again, Err(pallet_market::Error::<Runtime>::TooFewLots.into()));
	})
}

#[test]
fn venue_fills_what_wallets_signed_and_nothing_that_is_forged() {
	on_chain(DEV_RUNTIME_PRESET, || {
		two_customers();
		one_contract();
		assert_ok!(Market::register_venue(by(Eve), 10_000 * GCX));
		let bid = sign_wrapped(&Charlie.pair(), order(Charlie, Side::Buy, PRICE));
		let ask = sign_wrapped(&Dave.pair(), order(Dave, Side::Sell, PRICE));
		let forged = sign(&Eve.pair(), order(Charlie, Side::Buy, PRICE));
		let orders = vec![bid, ask, forged].try_into().expect("a small batch");
		let fill = |maker| Fill { maker, taker: 1, lots: Lots(5), price: PRICE };
		let fills = vec![fill(2), fill(0), fill(0)].try_into().expect("a small batch");
		assert_ok!(Market::submit_fills(by(Eve), orders, fills));
		assert_eq!((lots(Charlie), lots(Dave)), (Lots(10), Lots(-10)));
		assert_eq!((cash(Charlie), cash(Dave)), (after_fee(), after_fee()));
		let reason = FillRefusal::Order { role: Role::Maker, reason: OrderRefusal::BadSignature };
		System::assert_has_event(pallet_market::Event::<Runtime>::FillRefused { index: 0, reason }.into());
	})
}

#[test]
fn cancelled_order_is_not_filled() {
	on_chain(DEV_RUNTIME_PRESET, || {
		two_customers();
		one_contract();
		let offer = sign(&Charlie.pair(), order(Charlie, Side::Sell, PRICE));
		assert_ok!(Market::cancel(by(Charlie), offer.order.clone()));
		let account = AccountKey { owner: Charlie.to_account_id(), sub: SubAccount(0) };
		let id = Market::order_id(&offer.order);
		let cancelled = pallet_market::Event::<Runtime>::Cancelled {
			order: id,
			account,
			instrument: CONTRACT,
			lots: Lots(10),
			filled: Lots(0),
		};
		System::assert_has_event(cancelled.into());
		let taken = Market::take(by(Dave), offer, SubAccount(0), Lots(10), FEE);
		assert_eq!(taken, Err(pallet_market::Error::<Runtime>::OrderCancelled.into()));
	})
}
