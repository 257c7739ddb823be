//! Whatever guarantors, outsiders, losses, prices and time do, in any order: the books are those of a second pool, the
//! invariants hold, no money appears, and everybody gets what is its own in the end.

use super::{indexer::Indexer, model::Model, *};
use frame_support::storage::with_storage_layer;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
	Contribute(AccountId, Balance),
	Withdraw(AccountId, Balance),
	Deposit(AccountId, Balance),
	Redeem(AccountId, u32),
	Collect(AccountId),
	FundSkin(Balance),
	Income(Balance),
	Distribute,
	Lend(AccountId, i128),
	TakeBack(AccountId, i128),
	Absorb(PoolLayer, AccountId, i128),
	SellBond(AccountId, Balance, i128),
	Buy(u32, Balance),
	BeginSale(u32),
	Assess(AccountId, i128),
	CollectAssessment(AccountId, i128),
	Advance,
	Block,
	Pass(u64),
	Calm(bool),
	/// So many per cent of what the pool has.
	Requirement(i128),
	Risk(AccountId, i128),
	Price(Option<i64>),
	State(AccountId, GuarantorState),
	Exit(AccountId),
	Unbond(AccountId, Balance),
	WithdrawUnbonded(AccountId),
}

fn guarantor() -> std::ops::RangeInclusive<AccountId> {
	1..=4
}

fn outsider() -> std::ops::RangeInclusive<AccountId> {
	21..=25
}

fn money_step() -> impl Strategy<Value = Step> {
	let amount = prop_oneof![4 => 1u128..5_000, 1 => 1u128..1_000_000];
	prop_oneof![
		6 => (guarantor(), amount.clone()).prop_map(|(who, amount)| Step::Contribute(who, amount)),
		3 => (guarantor(), 1u128..3_000).prop_map(|(who, amount)| Step::Withdraw(who, amount)),
		8 => (outsider(), amount.clone()).prop_map(|(who, amount)| Step::Deposit(who, amount)),
		6 => (outsider(), 1u32..=100).prop_map(|(who, percent)| Step::Redeem(who, percent)),
		3 => (1u64..=25).prop_map(Step::Collect),
		1 => amount.clone().prop_map(Step::FundSkin),
		3 => amount.prop_map(Step::Income),
		1 => Just(Step::Distribute),
	]
}

fn loss_step() -> impl Strategy<Value = Step> {
	let layer = prop::sample::select(vec![PoolLayer::Own, PoolLayer::Skin, PoolLayer::Guarantors, PoolLayer::Outside]);
	let loss = prop_oneof![6 => 0i128..3_000, 1 => -5i128..5_000_000];
	prop_oneof![
		4 => (guarantor(), loss.clone()).prop_map(|(who, amount)| Step::Lend(who, amount)),
		4 => (guarantor(), 0i128..100_000).prop_map(|(who, amount)| Step::TakeBack(who, amount)),
		6 => (layer, guarantor(), loss.clone()).prop_map(|(layer, who, loss)| Step::Absorb(layer, who, loss)),
		2 => (guarantor(), 0u128..5_000, loss.clone()).prop_map(|(who, bond, advance)| Step::SellBond(who, bond, advance)),
		5 => (0u32..6, 1u128..4_000).prop_map(|(sale, amount)| Step::Buy(sale, amount)),
		1 => (0u32..6).prop_map(Step::BeginSale),
		2 => (guarantor(), loss.clone()).prop_map(|(who, loss)| Step::Assess(who, loss)),
		3 => (guarantor(), loss).prop_map(|(who, loss)| Step::CollectAssessment(who, loss)),
	]
}

fn world_step() -> impl Strategy<Value = Step> {
	use GuarantorState::{Active, Defaulted, Exited, ReduceOnly};
	let state = prop::sample::select(vec![Active, Active, ReduceOnly, Defaulted, Exited]);
	prop_oneof![
		8 => Just(Step::Block),
		2 => Just(Step::Advance),
		8 => (0..8 * DAY).prop_map(Step::Pass),
		2 => prop::bool::weighted(0.8).prop_map(Step::Calm),
		4 => prop_oneof![1 => -1i128..=0, 3 => 1i128..150].prop_map(Step::Requirement),
		3 => (guarantor(), prop_oneof![1 => Just(0i128), 4 => 1i128..1_000]).prop_map(|(who, risk)| Step::Risk(who, risk)),
		5 => prop_oneof![1 => Just(None), 8 => (-5i64..5_000).prop_map(Some)].prop_map(Step::Price),
		2 => (guarantor(), state).prop_map(|(who, state)| Step::State(who, state)),
		1 => guarantor().prop_map(Step::Exit),
		1 => (guarantor(), 1u128..BOND).prop_map(|(who, amount)| Step::Unbond(who, amount)),
		1 => guarantor().prop_map(Step::WithdrawUnbonded),
	]
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![5 => money_step(), 3 => loss_step(), 4 => world_step()]
}

fn call<R, E: Into<DispatchError>>(call: impl FnOnce() -> Result<R, E>) -> bool {
	with_storage_layer(|| call().map(drop).map_err(Into::<DispatchError>::into)).is_ok()
}

/// What guarantors gave, by the events.
fn drawn() -> impl Iterator<Item = (AccountId, i128)> {
	events().into_iter().filter_map(|event| match event {
		Event::ContributionDrawn { contributor, took, .. } => Some((contributor, took.0)),
		_ => None,
	})
}

fn int(amount: Balance) -> i128 {
	i128::try_from(amount).unwrap()
}

/// Takes a step in the pallet, and in the model if it was not refused.
fn take(step: Step, model: &mut Model) {
	match step {
		Step::Contribute(who, amount) => {
			if call(|| Insurance::contribute(signed(who), amount).map_err(|error| error.error)) {
				model.contribute(who, int(amount));
			}
		},
		Step::Withdraw(who, amount) => {
			let had = Insurance::required_contribution(&who).unwrap().0;
			if call(|| Insurance::withdraw_contribution(signed(who), amount).map_err(|error| error.error)) {
				model.withdraw(who, int(amount));
				assert!(contribution(who) >= had.min(contribution(who) + int(amount)), "what is required stays");
			}
		},
		Step::Deposit(who, amount) => {
			if call(|| Insurance::deposit(signed(who), amount, 0)) {
				model.deposit(who, int(amount));
			}
		},
		Step::Redeem(who, percent) => {
			let shares = Insurance::shares_of(&who) * u128::from(percent) / 100;
			if call(|| Insurance::redeem(signed(who), shares)) {
				model.redeem(who, shares);
			}
		},
		Step::Collect(who) => drop(call(|| Insurance::collect(signed(ANYONE), who))),
		Step::FundSkin(amount) => {
			if call(|| Insurance::fund_skin(signed(ANYONE), amount)) {
				model.skin += int(amount);
				model.money += int(amount);
			}
		},
		Step::Income(amount) => {
			income(amount);
			model.earn(int(amount));
		},
		Step::Distribute => {
			if call(|| Insurance::distribute(signed(ANYONE)).map_err(|error| error.error)) {
				model.divide();
			}
		},
		Step::Lend(who, amount) => {
			let lent = lend(who, amount);
			assert_eq!(lent, model.lend(who, amount));
		},
		Step::TakeBack(who, amount) => {
			if Insurance::take_back(&who, &CUSTODY, Cash(amount)).is_ok() {
				model.take_back(who, amount);
			}
		},
		Step::Absorb(..) | Step::SellBond(..) | Step::Buy(..) | Step::BeginSale(_) => take_loss(step, model),
		Step::Assess(..) | Step::CollectAssessment(..) => take_loss(step, model),
		Step::Advance => {
			if call(|| Insurance::advance_redemptions(signed(ANYONE)).map_err(|error| error.error)) {
				model.execute();
			}
		},
		Step::Block => {
			next_block();
			if model.surplus >= 50 {
				model.recognise();
			}
			if System::block_number().is_multiple_of(PERIOD) && model.undivided > 0 {
				model.divide();
			}
			model.execute();
		},
		Step::Pass(time) => pass(time),
		Step::Calm(calm) => Calm::set(calm),
		Step::Requirement(percent) => Requirement::set(Insurance::size().0 * percent / 100),
		Step::Risk(who, risk) => Risks::mutate(|risks| {
			risks.insert(who, risk);
		}),
		Step::Price(price) => TokenPrice::set(price.map(|price| (price, now(), price.abs()))),
		Step::State(who, to) => drop(call(|| Guarantor::set_state(RuntimeOrigin::root(), who, to))),
		Step::Exit(who) => drop(call(|| Guarantor::exit(signed(who)))),
		Step::Unbond(who, amount) => drop(call(|| Guarantor::unbond(signed(who), amount))),
		Step::WithdrawUnbonded(who) => drop(call(|| Guarantor::withdraw_unbonded(signed(44), who))),
	}
}

/// A step of a default.
fn take_loss(step: Step, model: &mut Model) {
	match step {
		Step::Absorb(layer, who, loss) => {
			let lent = Insurance::lent(&who).0;
			let given = absorb(layer, who, loss);
			let (had, took, _) = model.draw(layer, who, loss, lent, &mut drawn());
			model.end_series();
			assert_eq!(given, taken(had, took));
		},
		Step::SellBond(who, tokens, advance) => {
			let (sale, mut lent) = (NextSale::<Test>::get().0, Insurance::lent(&who).0);
			let advanced = sell_bond(who, tokens, advance);
			if NextSale::<Test>::get().0 > sale {
				let (mut parts, mut left, mut gave) = (drawn(), advance, BTreeMap::new());
				let mut took = BTreeMap::new();
				for layer in [PoolLayer::Skin, PoolLayer::Guarantors, PoolLayer::Outside] {
					let before = model.lent.get(&who).copied().unwrap_or(0);
					let (_, given, of) = model.draw(layer, who, left, lent, &mut parts);
					lent -= before - model.lent.get(&who).copied().unwrap_or(0);
					left -= given;
					gave.extend(of);
					took.insert(layer, given);
				}
				assert_eq!(advanced, took.values().sum::<i128>());
				let amount = Sales::<Test>::get(SaleId(sale)).expect("it is open").amount;
				let parts = (took[&PoolLayer::Skin], gave, took[&PoolLayer::Outside]);
				model.open_sale(sale, amount, parts, advance);
			} else {
				assert_eq!(advanced, 0);
			}
		},
		Step::Buy(sale, amount) => {
			let before = (Balances::free_balance(ANYONE), gained(ANYONE));
			let bought = call(|| {
				Insurance::buy(signed(ANYONE), SaleId(sale), amount, Price(i64::MAX)).map_err(|error| error.error)
			});
			if bought {
				let (tokens, cost) = (Balances::free_balance(ANYONE) - before.0, before.1 - gained(ANYONE));
				assert!(tokens > 0 && cost > 0);
				let repaid = events().into_iter().filter_map(|event| match event {
					Event::ContributionRepaid { guarantor, amount, is_owed } => Some((guarantor, amount.0, is_owed)),
					_ => None,
				});
				model.buy(sale, tokens, cost, repaid.collect());
				model.end_series();
			}
		},
		Step::BeginSale(sale) => drop(call(|| Insurance::begin_sale(signed(ANYONE), SaleId(sale)))),
		Step::Assess(who, loss) => {
			// What income adds to contributions comes first.
			model.divide();
			let (sale, caps) = (NextSale::<Test>::get().0, model.caps(who));
			let before = OnSale::<Test>::get();
			let had: i128 = caps.values().sum();
			let assessed = assess(who, loss);
			assert_eq!(assessed, taken(had, loss.min(had).max(0)));
			let parts = events().into_iter().filter_map(|event| match event {
				Event::Assessed { contributor, took, tokens, .. } => Some((contributor, took.0, tokens)),
				_ => None,
			});
			let parts: Vec<_> = parts.collect();
			for (contributor, part, tokens) in &parts {
				let exact = assessed.took.0 * caps[contributor] / had;
				assert!((part - exact).abs() <= 4 && *part <= caps[contributor]);
				assert_eq!(Insurance::bond_worth(Cash(*part)), Some(*tokens));
			}
			model.assess(&parts.iter().map(|(who, part, _)| (*who, *part)).collect::<Vec<_>>());
			if !parts.is_empty() {
				let id = Assessments::<Test>::get(who).expect("there is a sale").0;
				assert!(id <= sale);
				model.open_assessment(id, who, OnSale::<Test>::get() - before);
			}
		},
		Step::CollectAssessment(who, loss) => {
			if let Some(took) = collect_assessment(who, loss) {
				assert_eq!(took, model.collect_assessment(who, loss));
			}
		},
		_ => unreachable!("a step of a default"),
	}
}

/// What was paid, by the events, is what the model pays.
fn follow_payments(model: &mut Model) {
	for event in events() {
		if let Event::Collected { who, amount } = event {
			assert_eq!(amount.0, model.collect(who), "what {who} collects");
		}
	}
	model.forget_contributors();
}

/// Peace returns: all that is lent comes back, all sales end, nothing is needed; everybody goes home.
fn wind_up(model: &mut Model) {
	let do_step = |step, model: &mut Model| {
		System::reset_events();
		take(step, model);
		follow_payments(model);
		model.compare();
	};
	Calm::set(true);
	Requirement::set(0);
	Risks::set(BTreeMap::new());
	set_price(PRICE);
	for who in guarantor() {
		// Custody has what it was sent.
		do_step(Step::TakeBack(who, Insurance::lent(&who).0), model);
		do_step(Step::State(who, GuarantorState::ReduceOnly), model);
		do_step(Step::State(who, GuarantorState::Active), model);
	}
	for sale in Sales::<Test>::iter_keys().collect::<Vec<_>>() {
		do_step(Step::BeginSale(sale.0), model);
		do_step(Step::Buy(sale.0, Balance::MAX), model);
	}
	pass(EXIT_LOCK);
	for who in guarantor() {
		do_step(Step::CollectAssessment(who, 0), model);
		do_step(Step::Exit(who), model);
	}
	for who in outsider() {
		do_step(Step::Redeem(who, 100), model);
	}
	pass(2 * COOLING_OFF);
	for _ in 0..2 * PERIOD {
		do_step(Step::Block, model);
	}
	for who in guarantor().chain(outsider()) {
		do_step(Step::Collect(who), model);
		do_step(Step::WithdrawUnbonded(who), model);
	}
	do_step(Step::Distribute, model);
	for who in guarantor() {
		let all = u128::try_from(contribution(who)).unwrap();
		do_step(Step::Withdraw(who, all), model);
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	#[test]
	fn the_books_are_those_of_a_second_pool_whatever_happens(steps in prop::collection::vec(step(), 100..160)) {
		Chain::default().build().execute_with(|| {
			use frame_support::traits::fungible::Inspect;
			let tokens = || Balances::total_issuance() + Burnt::get();
			let issued = || (<Dollars as Inspect<AccountId>>::total_issuance(), tokens());
			let before = issued();
			let (mut model, mut indexer) = (Model::default(), Indexer::default());
			for step in steps {
				System::reset_events();
				take(step.clone(), &mut model);
				follow_payments(&mut model);
				model.compare();
				indexer.follow();
				prop_assert_eq!(Insurance::violations(), Vec::<String>::new(), "broken by {:?}", step);
				prop_assert_eq!(issued(), before, "money by {:?}", step);
			}
			wind_up(&mut model);
			// All that is left is nobody's: skin in the game, roundings, and income that came after the last left.
			prop_assert_eq!(Insurance::violations(), Vec::<String>::new());
			prop_assert_eq!((layers().1, layers().2), (0, 0), "{:?}", Books::<Test>::get());
			let books = Books::<Test>::get();
			prop_assert_eq!((books.set_aside, books.proceeds, books.lent), (Cash(0), Cash(0), Cash(0)));
			prop_assert_eq!(Holders::<Test>::iter().count() + Buckets::<Test>::iter().count(), 0);
			prop_assert_eq!(OnSale::<Test>::get(), 0);
			prop_assert_eq!(issued(), before);
			Ok(())
		})?;
	}
}
