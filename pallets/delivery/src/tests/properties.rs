//! Whole deliveries at random, from the first cover to the last window. After every act the invariants hold and no money came or went;
//! at the end everybody has what the events say, every window what its history says, and nothing is left anywhere.

use super::{scenes::sign, *};
use frame_support::storage::with_storage_layer;
use proptest::{
	prelude::*,
	strategy::ValueTree,
	test_runner::{Config, TestRunner},
};
use std::collections::{BTreeMap, BTreeSet};

/// Whose vouchers count, of whoever has a key.
const KEY: u8 = 42;

/// Accounts that buy, and accounts that sell. The first provider has one of either.
fn accounts() -> [Key; 6] {
	let second = AccountKey { owner: SELLER, sub: SubAccount(1) };
	[key(&BUYER), key(&BUYER_2), second, key(&SELLER), key(&SELLER_2), key(&TRADER)]
}

/// How a history begins.
#[derive(Clone, Debug)]
struct Beginning {
	rules: DeliveryParameters,
	/// What burns of stakes.
	burns: Ppm,
	days: u32,
	multiplier: u64,
	price: i64,
	/// Lots that buyers have.
	bought: [u8; 3],
	/// How sellers share in them.
	sold: [u8; 2],
	/// Lots that sellers have cover for, if they can.
	covered: [u8; 2],
	/// What each provider has at stake.
	stake: [u128; 2],
	/// Resources that are nominated, and for how many lots.
	nominated: Vec<(u8, u8)>,
	/// Where buyers want theirs, and whether they have a key.
	requested: [Option<(bool, bool)>; 3],
	/// Who is handed over so many eighths of a day after nominations would have been closed.
	late: Option<(u8, u8)>,
}

/// What happens then. Deals are counted among those open, days back from today.
#[derive(Clone, Debug)]
enum Act {
	Wait { eighths: u8 },
	Halt { eighths: u8 },
	Post { deal: u8, back: u8, hundredths: u8 },
	Vouch { deal: u8, back: u8, hundredths: u8 },
	Object { deal: u8 },
	Decide { challenge: u8, verdict: u8 },
	Fix { back: u8, price: i64 },
	OpenRound { back: u8 },
	CloseRound,
	Agree { deal: u8, side: Side },
	Settle { deal: u8, back: u8 },
	Advance,
	CannotPay { account: u8 },
	CanPay,
	Priceless { is: bool },
}

fn beginning() -> impl Strategy<Value = Beginning> {
	let percent = |most: u32| (0..=most).prop_map(Ppm::percent);
	let rules = (
		percent(10),
		(1u32..=100).prop_map(Ppm::percent),
		percent(100),
		percent(100),
		percent(50),
		0u32..4,
		percent(100),
	);
	let rules = rules.prop_map(|(tolerance, objection, penalty, band, challenger, fix_days, burns)| {
		(DeliveryParameters { tolerance, objection, penalty, band, challenger, fix_days }, burns)
	});
	let contract = (
		1u32..=5,
		prop_oneof![Just(1u64), Just(7), Just(100)],
		prop_oneof![Just(1i64), Just(2_999_999), Just(7_777_777)],
	);
	let stake = || prop_oneof![Just(0u128), Just(10), Just(10_000_000), Just(STAKE)];
	let parties = (
		[0u8..4, 0u8..4, 0u8..3],
		[0u8..=100, 0u8..=100],
		[0u8..4, 0u8..4],
		[stake(), stake()],
		prop::collection::vec((1u8..=3, 1u8..4), 0..4),
		prop::array::uniform3(prop::option::of((any::<bool>(), prop::bool::weighted(0.8)))),
		prop::option::weighted(0.2, (0u8..6, 0u8..30)),
	);
	(rules, contract, parties).prop_map(
		|((rules, burns), (days, multiplier, price), (bought, sold, covered, stake, nominated, requested, late))| {
			Beginning {
				rules,
				burns,
				days,
				multiplier,
				price,
				bought,
				sold,
				covered,
				stake,
				nominated,
				requested,
				late,
			}
		},
	)
}

fn act() -> impl Strategy<Value = Act> {
	let share = || prop_oneof![0u8..=110, Just(98u8), Just(100)];
	prop_oneof![
		12 => (1u8..=6).prop_map(|eighths| Act::Wait { eighths }),
		1 => (1u8..=20).prop_map(|eighths| Act::Halt { eighths }),
		8 => (any::<u8>(), 0u8..2, share()).prop_map(|(deal, back, hundredths)| Act::Post { deal, back, hundredths }),
		6 => (any::<u8>(), 0u8..2, share()).prop_map(|(deal, back, hundredths)| Act::Vouch { deal, back, hundredths }),
		5 => any::<u8>().prop_map(|deal| Act::Object { deal }),
		4 => (any::<u8>(), 0u8..4).prop_map(|(challenge, verdict)| Act::Decide { challenge, verdict }),
		3 => (0u8..3, -50i64..=250).prop_map(|(back, price)| Act::Fix { back, price }),
		1 => (0u8..3).prop_map(|back| Act::OpenRound { back }),
		1 => Just(Act::CloseRound),
		2 => (any::<u8>(), prop_oneof![Just(Side::Buy), Just(Side::Sell)]).prop_map(|(deal, side)| Act::Agree { deal, side }),
		4 => (any::<u8>(), 0u8..4).prop_map(|(deal, back)| Act::Settle { deal, back }),
		2 => Just(Act::Advance),
		1 => (0u8..6).prop_map(|account| Act::CannotPay { account }),
		1 => Just(Act::CanPay),
		1 => any::<bool>().prop_map(|is| Act::Priceless { is }),
	]
}

fn history() -> impl Strategy<Value = (Beginning, Vec<Act>)> {
	(beginning(), prop::collection::vec(act(), 8..40))
}

/// Tokens of who can have some.
fn tokens() -> [u128; 4] {
	[SELLER, SELLER_2, ANYONE, POOL].map(Balances::free_balance)
}

/// What there was when trading ended.
struct Before {
	cash: BTreeMap<Key, i128>,
	tokens: [u128; 4],
	issuance: u128,
	money: i128,
	pool: i128,
}

/// A world in which a history takes place.
struct World {
	rules: DeliveryParameters,
	terms: gcx_primitives::ContractTerms,
	price: Price,
	before: Before,
}

impl World {
	/// Everything up to the day before the first window, by real calls; none if nothing is bought.
	fn new(beginning: &Beginning) -> Option<Self> {
		let bought = beginning.bought.map(i64::from);
		let all: i64 = bought.iter().sum();
		if all == 0 {
			return None;
		}
		let cuts = beginning.sold.map(|share| all * i64::from(share) / 100);
		let [low, high] = [cuts[0].min(cuts[1]), cuts[0].max(cuts[1])];
		let lots = [bought[0], bought[1], bought[2], -low, low - high, high - all];

		let mut terms = terms();
		terms.delivery.last = Day(FIRST.0 + beginning.days - 1);
		terms.instrument.multiplier.0 = beginning.multiplier;
		Contracts::mutate(|contracts| contracts.insert(CONTRACT, terms));
		Clearing::open(&accounts()[2], HOUSE_2);
		for (provider, stake) in [SELLER, SELLER_2].into_iter().zip(beginning.stake) {
			assert_ok!(Balances::force_set_balance(root(), provider, LEAST + stake));
		}
		for (account, lots) in accounts().iter().zip(lots) {
			Clearing::hold(account, CONTRACT, lots);
		}
		let cash = accounts().into_iter().map(|key| (key.clone(), Clearing::cash(&key))).collect();
		let issuance = Balances::total_issuance();
		let before = Before { cash, tokens: tokens(), issuance, money: Clearing::money(), pool: Pool::get().0 };
		let world = Self { rules: beginning.rules, terms, price: Price(beginning.price), before };
		world.begin(beginning);
		Some(world)
	}

	fn begin(&self, beginning: &Beginning) {
		for (who, lots) in [SELLER, SELLER_2].into_iter().zip(beginning.covered) {
			let _ = with_storage_layer(|| Delivery::cover(signed(who), SubAccount(0), CONTRACT, Lots(i64::from(lots))));
		}
		self.check();
		block_at(EXPIRY);
		let late = beginning.late.map(|(who, eighths)| (accounts()[usize::from(who)].clone(), eighths));
		let but: Vec<_> = late.iter().map(|(who, _)| who.clone()).collect();
		assert!(Clearing::end(CONTRACT, self.price, &but), "it is delivered");
		self.check();
		for (resource, lots) in &beginning.nominated {
			let owner = if *resource == 3 { SELLER_2 } else { SELLER };
			let (resource, lots) = (ResourceId(u32::from(*resource)), Lots(i64::from(*lots)));
			let _ = with_storage_layer(|| Delivery::nominate(signed(owner), SubAccount(0), CONTRACT, resource, lots));
			self.check();
		}
		for (account, request) in accounts().into_iter().zip(beginning.requested) {
			let Some((is_here, has_key)) = request else { continue };
			let region = if is_here { HERE } else { THERE };
			let key = has_key.then(|| voucher_key(KEY));
			let AccountKey { owner, sub } = account;
			let _ = Delivery::request(signed(owner), sub, CONTRACT, region, key, Endpoint::default());
			self.check();
		}
		block_at(Delivery::start_of(FIRST) - MATCHING);
		if let Some((who, eighths)) = late {
			block_at(Delivery::now() + u64::from(eighths) * DAY / 8);
			Clearing::hand_over(&who, CONTRACT);
			self.check();
			block_at(Delivery::now() + MATCHING);
		}
		blocks(3);
		self.check();
		block_at(Delivery::now().max(Delivery::start_of(FIRST)));
	}

	/// The invariants hold, and no money came or went.
	fn check(&self) {
		assert_eq!(Delivery::violations(), Vec::<String>::new());
		assert_eq!(Clearing::money(), self.before.money, "money neither comes nor goes");
		assert!(Escrows::get().values().all(|escrow| *escrow >= Cash(0)));
	}

	/// Does something. Whatever comes of it, it is whole or nothing.
	fn act(&self, act: &Act) {
		let _ = with_storage_layer(|| self.try_act(act));
		self.check();
	}

	fn try_act(&self, act: &Act) -> DispatchResult {
		let open: Vec<_> = DealsOf::<Test>::iter_prefix_values(CONTRACT).collect();
		let deal = |at: u8| open.get(usize::from(at) % open.len().max(1)).copied().ok_or(refused("no deal"));
		let past = |back: u8| Day(Delivery::today().0 - u32::from(back));
		let share = |id: DealId, day: Day, hundredths: u8| {
			let lots = Deals::<Test>::get(id).map_or(0, |deal| deal.lots.0);
			Capacity(self.quantity(lots, day) * u128::from(hundredths) / 100)
		};
		match *act {
			Act::Wait { eighths } => block_at(Delivery::now() + u64::from(eighths) * DAY / 8),
			Act::Halt { eighths } => halt_until(Delivery::now() + u64::from(eighths) * DAY / 8),
			Act::Post { deal: at, back, hundredths } => {
				let (id, day) = (deal(at)?, past(back));
				let seller = Delivery::deal(id)?.seller.owner;
				let available = share(id, day, hundredths);
				Delivery::post_availability(signed(seller), id, day, available).map_err(|error| error.error)?;
			},
			Act::Vouch { deal: at, back, hundredths } => {
				let (id, day) = (deal(at)?, past(back));
				let cumulative = share(id, day, hundredths);
				let signature = sign(KEY, id, day, cumulative);
				let submitted = Delivery::submit_voucher(signed(ANYONE), id, day, cumulative, signature);
				submitted.map_err(|error| error.error)?;
			},
			Act::Object { deal: at } => {
				let id = deal(at)?;
				Delivery::object(signed(Delivery::deal(id)?.buyer.owner), id, Delivery::today())?;
			},
			Act::Decide { challenge, verdict } => {
				let challenges = Challenged::get();
				let Some(it) = challenges.get(usize::from(challenge) % challenges.len().max(1)) else { return Ok(()) };
				Delivery::decided(it.deal, it.day, verdicts()[usize::from(verdict)].clone());
			},
			Act::Fix { back, price } => {
				Fixes::mutate(|fixes| fixes.insert(past(back), Price(self.price.0 * price / 100)));
			},
			Act::OpenRound { back } => OpenRound::put(past(back)),
			Act::CloseRound => OpenRound::kill(),
			Act::Agree { deal: at, side } => {
				let id = deal(at)?;
				let it = Delivery::deal(id)?;
				let who = if side == Side::Buy { it.buyer } else { it.seller };
				Delivery::agree_alternative(signed(who.owner), id)?;
			},
			Act::Settle { deal: at, back } => {
				Delivery::settle_window(signed(ANYONE), deal(at)?, past(back)).map_err(|error| error.error)?;
			},
			Act::Advance => {
				Delivery::advance(signed(ANYONE), CONTRACT).map_err(|error| error.error)?;
			},
			Act::CannotPay { account } => Unpayable::put(vec![accounts()[usize::from(account)].clone()]),
			Act::CanPay => Unpayable::kill(),
			Act::Priceless { is } => TokenPriceless::put(is),
		}
		Ok(())
	}

	/// All that is missing comes: verdicts, fixes, and time.
	fn end(&self) {
		Unpayable::kill();
		OpenRound::kill();
		for it in Challenged::get() {
			Delivery::decided(it.deal, it.day, ChallengeVerdict::Undecided);
		}
		block_at(Delivery::now().max(Delivery::end_of(self.terms.delivery.last)) + SUBMIT);
		for _ in 0..10 {
			self.check();
			block_at(Delivery::now() + SUBMIT / 10);
		}
	}

	/// Millionths of a Compute Hour of so many lots on a day: what is due by its end less what was by the end of the day before.
	fn quantity(&self, lots: i64, day: Day) -> u128 {
		let whole = u128::try_from(lots).expect("not negative") * u128::from(self.terms.instrument.multiplier.0);
		self.until(whole * 1_000_000, day)
	}

	/// What is due for that.
	fn due(&self, lots: i64, day: Day) -> u128 {
		let value = i128::from(lots) * i128::from(self.terms.instrument.multiplier.0) * i128::from(self.price.0);
		self.until(u128::try_from(value).expect("not negative"), day)
	}

	fn until(&self, whole: u128, day: Day) -> u128 {
		let count = u128::from(self.terms.delivery.count());
		let Some(index) = day.0.checked_sub(FIRST.0).map(u128::from).filter(|index| *index < count) else { return 0 };
		whole * (index + 1) / count - whole * index / count
	}
}

/// What may come of a challenge.
fn verdicts() -> [ChallengeVerdict<AccountId>; 4] {
	[
		ChallengeVerdict::Passed { per_day: Capacity(1 << 60) },
		ChallengeVerdict::Passed { per_day: Capacity(0) },
		ChallengeVerdict::Failed { challenger: Some(ANYONE) },
		ChallengeVerdict::Undecided,
	]
}

/// What a deal and its windows came to, as the events have it.
#[derive(Default)]
struct Told {
	cash: BTreeMap<Key, i128>,
	/// What buyers were paid beyond their price.
	made_whole: BTreeMap<Key, i128>,
	parties: BTreeMap<DealId, (Key, Key, i64)>,
	posted: BTreeMap<(DealId, Day), u128>,
	vouchered: BTreeMap<(DealId, Day), u128>,
	verdicts: BTreeMap<(DealId, Day), ChallengeVerdict<AccountId>>,
	settled: BTreeSet<(DealId, Day)>,
	taken: u128,
	burnt: u128,
	rewarded: u128,
	sold: u128,
	/// What the insurance pool got, less what it advanced.
	pool: i128,
	closed: Option<(Tally, Money)>,
}

impl Told {
	fn pay(&mut self, key: &Key, amount: i128) {
		*self.cash.entry(key.clone()).or_default() += amount;
	}

	/// Takes an event in, and checks what it says of a window.
	fn note(&mut self, world: &World, event: Event<Test>) {
		match event {
			Event::TakenOver { account, escrowed, .. } => self.pay(&account, -escrowed.0),
			Event::Nominated { account, returned, .. } => self.pay(&account, returned.0),
			Event::Late { buyer, seller, price, deposit, .. } => {
				self.pay(&buyer, price.0);
				self.pay(&seller, deposit.0);
			},
			Event::Matched { deal, buyer, seller, lots, .. } => {
				assert!(self.parties.insert(deal, (buyer, seller, lots.0)).is_none());
			},
			Event::Posted { deal, day, available } => {
				assert!(self.posted.insert((deal, day), available.0).is_none());
			},
			Event::Vouchered { deal, day, cumulative } => {
				assert!(self.vouchered.insert((deal, day), cumulative.0).is_none_or(|before| before < cumulative.0));
			},
			Event::Objected { deal, bond, .. } => self.pay(&self.parties[&deal].0.clone(), -bond.0),
			Event::Decided { deal, day, verdict } => {
				assert!(self.verdicts.insert((deal, day), verdict).is_none(), "it is decided once");
			},
			Event::BondPaid { deal, day, to, amount } => {
				let passed = self.verdicts[&(deal, day)] == verdicts()[0];
				assert_eq!(to, if passed { Side::Sell } else { Side::Buy });
				let (buyer, seller, _) = self.parties[&deal].clone();
				self.pay(if passed { &seller } else { &buyer }, amount.0);
			},
			Event::MadeWhole { deal, day, missing, replacement, needed, deposit, stake, account } => {
				let (buyer, seller, _) = self.parties[&deal].clone();
				assert_eq!(needed.0, deposit.0 + stake.0 + account.0);
				let band = i128::from(world.price.0) * i128::from(world.rules.band.0) / 1_000_000;
				let dearer = i128::from(replacement.0 - world.price.0);
				assert!(dearer.abs() <= band && day <= Delivery::today());
				let missing = i128::try_from(missing.0).expect("small");
				assert_eq!(needed.0, (dearer.max(0) * missing + 999_999) / 1_000_000);
				self.pay(&buyer, needed.0);
				self.pay(&seller, -account.0);
				*self.made_whole.entry(buyer).or_default() += needed.0;
				self.pool -= stake.0;
			},
			Event::StakeShared { taken, make_whole, challenger, pool, burn, .. } => {
				assert_eq!(taken, make_whole + challenger + pool + burn, "a slash is shared out to the unit");
				assert!(challenger <= (taken - make_whole) / 2);
				self.taken += taken;
				self.burnt += burn;
				self.rewarded += challenger;
				self.sold += make_whole + pool;
			},
			Event::Fined { deal, deposit, account, .. } => {
				self.pay(&self.parties[&deal].1.clone(), -account.0);
				self.pool += deposit.0 + account.0;
			},
			Event::AlternativeAgreed { deal, returned, deposit_returned, .. } => {
				let (buyer, seller, _) = self.parties[&deal].clone();
				self.pay(&buyer, returned.0);
				self.pay(&seller, deposit_returned.0);
			},
			Event::WindowSettled { deal, day, quantity, delivered, paid, returned, deposit_returned, compensated } => {
				let (buyer, seller, lots) = self.parties[&deal].clone();
				assert!(self.settled.insert((deal, day)), "a window is settled once");
				let whole = world.quantity(lots, day);
				let due = world.due(lots, day);
				let at = (deal, day);
				let stands = |verdict: &ChallengeVerdict<_>| *verdict == verdicts()[0] || *verdict == verdicts()[3];
				let posted = match self.verdicts.get(&at) {
					Some(verdict) if !stands(verdict) => 0,
					_ => self.posted.get(&at).copied().unwrap_or(0),
				};
				let got = self.vouchered.get(&at).copied().unwrap_or(0).max(posted).min(whole);
				let earned = (due * got).checked_div(whole).unwrap_or(due);
				let tolerated = whole * u128::from(world.rules.tolerance.0) / 1_000_000;
				assert_eq!((quantity.0, delivered.0, compensated), (whole, got, whole - got > tolerated));
				assert_eq!(
					(paid.0 + returned.0, paid.0),
					(i128::try_from(due).expect("small"), i128::try_from(earned).expect("small"))
				);
				self.pay(&buyer, returned.0);
				self.pay(&seller, paid.0 + deposit_returned.0);
			},
			Event::DeliveryClosed { tally, money, .. } => self.closed = Some((tally, money)),
			_ => (),
		}
	}

	/// Everybody has what was told, everything that was bought came to something, and nothing is left.
	fn check(&self, world: &World) {
		let (tally, money) = self.closed.expect("the delivery is closed");
		assert!(Deliveries::<Test>::get(CONTRACT).is_none(), "it is forgotten");
		assert_eq!(money.escrowed.0, money.paid.0 + money.returned.0 + money.forfeited.0);
		assert!([money.paid, money.returned, money.forfeited].iter().all(|amount| *amount >= Cash(0)));

		for account in accounts() {
			let told = self.cash.get(&account).copied().unwrap_or(0);
			let is = Clearing::cash(&account) - world.before.cash[&account];
			assert_eq!(is, told, "the events tell what {account:?} has");
		}
		for buyer in &accounts()[..3] {
			let gain = Clearing::cash(buyer) - world.before.cash[buyer];
			assert!(gain <= self.made_whole.get(buyer).copied().unwrap_or(0), "nobody profits from a failure");
		}
		assert_eq!(Pool::get().0 - world.before.pool, self.pool);
		let [one, other, rewarded, sold] = tokens();
		let lost = world.before.tokens[0] + world.before.tokens[1] - one - other;
		let gained = (rewarded - world.before.tokens[2], sold - world.before.tokens[3]);
		assert_eq!((lost, gained), (self.taken, (self.rewarded, self.sold)));
		assert_eq!(world.before.issuance - Balances::total_issuance(), self.burnt);

		let whole: u128 = (world.terms.delivery.first.0..=world.terms.delivery.last.0)
			.map(|day| world.quantity(world.bought(), Day(day)))
			.sum();
		assert_eq!(tally.delivered.0 + tally.compensated.0 + tally.released.0, whole);

		assert!(Escrows::get().values().all(|escrow| escrow.is_zero()), "nothing is left in escrow");
		assert_eq!((NominatedOf::get().len(), Sold::get().len()), (0, 0), "all capacity is free");
		assert!(Margins::get().values().all(|margin| margin.deliveries == 0), "everybody is done");
		assert_eq!(Pinned::get()[&(CLASS, VERSION)], 0);
		let records = [
			Deals::<Test>::iter().count(),
			Windows::<Test>::iter().count(),
			Longs::<Test>::iter().count(),
			Shorts::<Test>::iter().count(),
			Covers::<Test>::iter().count(),
			Active::<Test>::get().len(),
		];
		assert_eq!(records, [0; 6]);
	}
}

impl World {
	/// Lots that were bought.
	fn bought(&self) -> i64 {
		let begun = |event| match event {
			Event::Begun { open_interest, .. } => Some(open_interest.0),
			_ => None,
		};
		events().into_iter().find_map(begun).expect("it began")
	}
}

/// A whole history. Returns its events.
fn play(beginning: &Beginning, acts: &[Act]) -> Vec<Event<Test>> {
	let exchange = Exchange { parameters: beginning.rules, ..Exchange::default() };
	exchange.build().execute_with(|| {
		Burns::set(beginning.burns);
		let Some(world) = World::new(beginning) else { return Vec::new() };
		acts.iter().for_each(|act| world.act(act));
		world.end();
		let mut told = Told::default();
		let events = events();
		events.iter().for_each(|event| told.note(&world, event.clone()));
		told.check(&world);
		events
	})
}

proptest! {
	#![proptest_config(Config::with_cases(2_000))]

	#[test]
	fn every_lot_is_delivered_compensated_or_released((beginning, acts) in history()) {
		play(&beginning, &acts);
	}
}

/// What an event shows to have happened, if it is something that histories have to come to.
fn kinds(event: &Event<Test>) -> Vec<&'static str> {
	match event {
		Event::Covered { .. } => vec!["covered"],
		Event::Nominated { .. } => vec!["nominated"],
		Event::Late { .. } => vec!["late"],
		Event::Matched { backing, .. } => vec![match backing {
			Backing::Resource(_) => "with a resource",
			Backing::Sold => "with cover",
			Backing::Deposit => "with a deposit",
		}],
		Event::Posted { .. } => vec!["posted"],
		Event::Vouchered { .. } => vec!["vouchered"],
		Event::BondPaid { to: Side::Buy, .. } => vec!["bond returned"],
		Event::BondPaid { to: Side::Sell, .. } => vec!["bond lost"],
		Event::WindowSettled { compensated: true, .. } => vec!["failed"],
		Event::WindowSettled { quantity, delivered, .. } if delivered < quantity => vec!["nearly delivered"],
		Event::WindowSettled { .. } => vec!["delivered"],
		Event::MadeWhole { deposit, stake, account, .. } => {
			let parts = [(deposit, "out of the deposit"), (stake, "out of the stake"), (account, "out of the account")];
			parts.into_iter().filter(|(amount, _)| !amount.is_zero()).map(|(_, kind)| kind).collect()
		},
		Event::StakeShared { challenger, .. } if *challenger > 0 => vec!["with a challenger"],
		Event::Fined { .. } => vec!["fined"],
		Event::AlternativeAgreed { .. } => vec!["agreed"],
		_ => Vec::new(),
	}
}

#[test]
fn histories_come_to_all_that_can_happen() {
	let mut runner = TestRunner::deterministic();
	let mut seen = BTreeMap::<_, u32>::new();
	for _ in 0..200 {
		let (beginning, acts) = history().new_tree(&mut runner).expect("it can be drawn").current();
		let events = play(&beginning, &acts);
		events.iter().flat_map(kinds).for_each(|kind| *seen.entry(kind).or_default() += 1);
	}
	let expected = [
		"agreed",
		"bond lost",
		"bond returned",
		"covered",
		"delivered",
		"failed",
		"fined",
		"late",
		"nearly delivered",
		"nominated",
		"out of the account",
		"out of the deposit",
		"out of the stake",
		"posted",
		"vouchered",
		"with a challenger",
		"with a deposit",
		"with a resource",
		"with cover",
	];
	assert!(seen.keys().copied().eq(expected), "{seen:?}");
}
