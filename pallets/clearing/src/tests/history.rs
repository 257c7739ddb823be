//! A chain, and beside it a much simpler account of it that knows nothing of lazy rolling, segments, advances or runs: each
//! line's cash and lots, moved at once by whatever moves them. After every operation both must say the same, the invariants must
//! hold, no money may have come or gone, and what left in the hour must have passed the fuse.

mod begin;
mod defaults;
mod ends;
mod liquidations;
mod money;
mod paths;
mod payments;
mod pool;
mod told;
mod trades;

use super::operations::{Amount, Deal, Line, Move, Operation, Quote, ELSEWHERE, GUARANTORS, OWNERS};
use super::*;
pub use defaults::Tally;
use defaults::{Course, Episode};
use frame_support::{pallet_prelude::DispatchError, storage::with_storage_layer};
use gcx_primitives::{
	AccountKey, ClassId, ComputeHours, GuarantorState, Guarantors as _, InstrumentTerms, Instruments as _, Party,
	Segment, Trade, TradeBatch,
};
use payments::put_aside;
use sp_runtime::traits::Dispatchable;
use std::collections::{BTreeMap, BTreeSet};
use told::Told;

/// What an account has, settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Holdings {
	cash: i128,
	lots: BTreeMap<InstrumentId, i64>,
	collateral: BTreeMap<CollateralId, u128>,
}

/// What left in an hour, and what might.
#[derive(Default)]
struct Hour {
	number: u32,
	/// All custody as it began.
	custody: i128,
	/// What left out of what all share.
	shared: i128,
	/// What each line had as it began, with what runs have paid it since, and what left of its reserve.
	reserves: BTreeMap<Line, (i128, i128)>,
}

/// What was sold of an account.
#[derive(Clone, Copy, Default)]
struct Sold {
	discount: i128,
	penalty: i128,
}

/// What is cut of a line's gain.
#[derive(Clone, Copy, Debug)]
struct Cut {
	line: Line,
	gain: i128,
	amount: i128,
}

/// What came of an operation: the call's outcome or refusal.
type Outcome = Result<(), String>;

/// A chain and what is known of it.
pub struct History {
	lines: BTreeMap<Line, Holdings>,
	/// Settlement prices in force, and multipliers.
	prices: BTreeMap<InstrumentId, (i64, u64)>,
	run: RunId,
	fees: i128,
	/// What is owed to the pool, and was not collected.
	penalties: i128,
	/// What is in escrow, and positions of each line that are being delivered.
	escrow: i128,
	deliveries: BTreeMap<Line, u32>,
	hour: Hour,
	issued: Balance,
	money: Balance,
	/// How many of the pallet's events were followed.
	followed: usize,
	/// What comes off lines' gains of the next run.
	cuts: Vec<Cut>,
	/// What each line had before.
	had: BTreeMap<Line, i128>,
	/// What a bid came to.
	sold: Sold,
	/// What trades came to since the last run, and what each line gained in that with what it had traded before.
	booked: BTreeMap<Line, i128>,
	gained: BTreeMap<Line, i128>,
	/// Defaults as they were told.
	courses: BTreeMap<AccountId, Course>,
	episode: Episode,
	/// How often what happened.
	pub tally: Tally,
	/// What events told of each line.
	told: BTreeMap<Line, Told>,
}

/// A violation, in words.
type Checked = Result<(), String>;

fn ensure(holds: bool, violation: impl FnOnce() -> String) -> Checked {
	holds.then_some(()).ok_or_else(violation)
}

/// An outcome, which is success or that refusal and nothing else.
fn ok_or(outcome: Outcome, refusal: &str) -> Result<Outcome, String> {
	let is_due = outcome.as_ref().err().is_none_or(|error| error == refusal);
	ensure(is_due, || format!("it failed: {outcome:?}"))?;
	Ok(outcome)
}

fn key(line: Line) -> AccountKey<AccountId> {
	AccountKey { owner: line.0, sub: SubAccount(line.1) }
}

fn as_cash(amount: Balance) -> i128 {
	i128::try_from(amount).expect("it is an amount that was moved")
}

/// The words up to the first that is not the name of a variant: `ReduceOnly(Order)`, but `PriceOutsideBand` without its figures.
fn name(value: &impl core::fmt::Debug) -> String {
	let text = format!("{value:?}");
	text.split([' ', '{']).next().unwrap_or_default().to_owned()
}

/// The name of a variant alone.
fn variant(value: &impl core::fmt::Debug) -> String {
	let text = format!("{value:?}");
	text.trim_start_matches("Event::")
		.split(|letter: char| !letter.is_alphanumeric())
		.next()
		.unwrap_or_default()
		.to_owned()
}

fn outcome(result: Result<(), DispatchError>) -> Outcome {
	result.map_err(|error| match error {
		DispatchError::Module(module) => module.message.unwrap_or("an error without a name").to_owned(),
		other => name(&other),
	})
}

fn call(call: impl Into<RuntimeCall>, who: AccountId) -> Outcome {
	let done = call.into().dispatch(RuntimeOrigin::signed(who));
	outcome(done.map(|_| ()).map_err(|error| error.error))
}

fn decide(call: impl Into<RuntimeCall>) -> Outcome {
	let done = call.into().dispatch(RuntimeOrigin::root());
	outcome(done.map(|_| ()).map_err(|error| error.error))
}

/// What is in the books of a stored account, rolled.
fn rolled(line: Line, account: &MarginAccount<AccountId>, prices: &BTreeMap<InstrumentId, (i64, u64)>) -> Holdings {
	let is_behind = account.rolled < Settled::<Test>::get().current;
	let levy = if is_behind { account.levy.0 } else { 0 };
	let mut holdings = Holdings { cash: account.cash.0 - levy, ..Default::default() };
	holdings.collateral = account.collateral.iter().map(|line| (line.id, line.amount)).collect();
	for position in &account.positions {
		let (price, multiplier) = prices.get(&position.instrument).copied().unwrap_or_default();
		holdings.cash += worth(position.lots.0, multiplier, price, position.basis.0);
		let ended = Instruments::<Test>::get(position.instrument).filter(|held| held.ended.is_some());
		if ended.as_ref().is_some_and(|held| held.delivers) {
			holdings.cash -= put_aside(line, position.instrument, position.lots.0, multiplier);
		}
		if ended.is_none() {
			holdings.lots.insert(position.instrument, position.lots.0);
		}
	}
	holdings
}

/// What lots gain from one price to another.
fn worth(lots: i64, multiplier: u64, to: i64, from: i64) -> i128 {
	i128::from(lots) * i128::from(multiplier) * (i128::from(to) - i128::from(from))
}

/// The settlement prices in force.
fn prices() -> BTreeMap<InstrumentId, (i64, u64)> {
	let current = Settled::<Test>::get().current;
	Instruments::<Test>::iter()
		.map(|(id, stored)| (id, stored.at_run(current)))
		.map(|(id, instrument)| (id, (instrument.settlement.price.0, instrument.terms.multiplier.0)))
		.collect()
}

/// The terms of the instrument on the other class.
fn elsewhere() -> InstrumentTerms {
	InstrumentTerms { class: OTHER_CLASS, multiplier: ComputeHours(7), ..terms() }
}

/// All segments that can be.
fn segments() -> impl Iterator<Item = Segment<AccountId>> {
	let sides = [SegmentSide::Customers, SegmentSide::House];
	GUARANTORS.into_iter().flat_map(move |who| sides.map(|side| segment(who, side)))
}

/// What the operation had collected for the pool.
fn penalties_collected() -> i128 {
	let amount = |event| match event {
		Event::PenaltiesCollected { amount, .. } => Some(amount.0),
		_ => None,
	};
	System::read_events_for_pallet::<Event<Test>>().into_iter().filter_map(amount).sum()
}

/// All that owners, custody accounts, the pool and the destination of fees have.
fn money() -> Balance {
	let custody = segments().map(|segment| dollars(Clearing::custody_account(&segment)));
	(1..=40).chain([POOL, FEES, crate::mock::INSURANCE]).map(dollars).chain(custody).sum()
}

impl History {
	/// Does an operation and looks at everything afterwards. Returns the path that was taken: the operation, what came of it
	/// and what else happened.
	///
	/// # Errors
	/// What should not be.
	pub fn take(&mut self, operation: &Operation) -> Result<String, String> {
		self.listen();
		System::reset_events();
		self.followed = 0;
		self.had = self.cash();
		let outcome = self.perform(operation)?;
		self.follow_settlement()?;
		self.follow_liquidations(false)?;
		self.penalties -= penalties_collected();
		self.check()?;
		let done = outcome.map_or_else(|refusal| refusal, |()| "Ok".to_owned());
		let mut path = format!("{} {done}", variant(operation));
		for state in Self::states()? {
			path.push(' ');
			path.push_str(&state);
		}
		Ok(path)
	}

	fn perform(&mut self, operation: &Operation) -> Result<Outcome, String> {
		use crate::Call as Clearing;
		use pallet_guarantor::Call as Of;
		use Operation as It;
		Ok(match operation.clone() {
			It::Deposit(line, amount) => self.deposit(line, Self::units(line, amount)),
			It::Withdraw(line, amount) => self.withdraw(line, Self::units(line, amount))?,
			It::Close(line) => self.close(line)?,
			It::WindUp(line) => match self.withdraw(line, Self::units(line, Amount::Cash))? {
				Ok(()) => self.close(line)?,
				refusal => refusal,
			},
			It::Give(guarantor, side, amount) => {
				give(guarantor, side, amount);
				Ok(())
			},
			It::Sweep(guarantor, side) => call(Clearing::sweep_surplus { guarantor, side }, STRANGER),
			It::AdmitCollateral(collateral, figures) => {
				decide(Clearing::admit_collateral { collateral, asset: TOKENS, figures })
			},
			It::PutCollateral(line, id, amount) => self.put_collateral(line, id, Self::units(line, amount)),
			It::TakeCollateral(line, id, amount) => {
				let held = self.lines.get(&line).and_then(|line| line.collateral.get(&id)).copied().unwrap_or(0);
				let amount = match amount {
					Amount::Withdrawable(share) => held * share / 1_000,
					Amount::Cash => held,
					Amount::Units(_) | Amount::Owed => Self::units(line, amount),
				};
				self.take_collateral(line, id, amount)?
			},
			It::Trade(deal) => self.trade(&deal)?,
			It::Lever(line, other, instrument, share, buys) => {
				let lots = self.affordable(line, instrument, share);
				let (buyer, seller) = if buys { (line, other) } else { (other, line) };
				let (quote, fees, reduce_only) = (Quote::OfMark(0), (0, 0), (false, false, false));
				self.trade(&Deal { instrument, lots, quote, buyer, seller, fees, reduce_only })?
			},
			It::Batch(deals) => self.batch(&deals)?,
			It::OneOfEach(buyer, seller, lots) => {
				let deals = Listed::<Test>::get().into_iter().map(|instrument| Deal {
					instrument,
					lots,
					quote: Quote::OfMark(0),
					buyer,
					seller,
					fees: (0, 0),
					reduce_only: (false, false, false),
				});
				self.batch(&deals.collect::<Vec<_>>())?
			},
			It::Due => {
				Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
				Ok(())
			},
			It::Step => {
				let done = call(Clearing::advance_settlement {}, STRANGER);
				ok_or(done, "RunNotDue")?
			},
			It::Settle => Self::settle_all()?,
			It::Block => {
				self.blocks(1, 3_000)?;
				Ok(())
			},
			It::Blocks(count, apart) => {
				self.blocks(count, apart)?;
				Ok(())
			},
			It::Fix(class, to) => {
				Self::move_price(class, to);
				Ok(())
			},
			It::Pass(time) => {
				pass(time);
				Ok(())
			},
			It::Refresh(instrument) => {
				let done = call(Clearing::refresh_mark { instrument }, STRANGER);
				ok_or(done, "UnknownInstrument")?
			},
			It::Check((owner, sub)) => {
				let done = call(Clearing::check_account { owner, sub: SubAccount(sub) }, STRANGER);
				ok_or(done, "UnknownAccount")?
			},
			It::Liquidate(by, of) => self.liquidate(by, of),
			It::Bid(taker, of, part, least) => self.bid(taker, of, part, least)?,
			It::List(id, class, hours, price) => {
				let terms = InstrumentTerms { class, multiplier: ComputeHours(hours), ..terms() };
				outcome(with_storage_layer(|| crate::Pallet::<Test>::list(id, terms, Price(price))))
			},
			It::Delist(id) => {
				let done = outcome(with_storage_layer(|| crate::Pallet::<Test>::delist(id)));
				if done.is_ok() {
					Self::forget_delivery(id);
				}
				done
			},
			It::Release(instrument) => decide(Clearing::release { instrument }),
			It::RaiseFraction(class_id, fraction) => decide(Clearing::raise_fraction { class_id, fraction }),
			It::SetParameters(parameters) => decide(Clearing::set_parameters { parameters }),
			It::Request(customer, guarantor) => call(Of::request { guarantor }, customer),
			It::CancelRequest(customer) => call(Of::cancel_request {}, customer),
			It::Accept(customer, limits) => {
				let asked = pallet_guarantor::Requests::<Test>::get(customer);
				call(Of::accept { customer, limits }, asked.unwrap_or(GUARANTOR))
			},
			It::SetLimits(customer, limits) => call(Of::set_limits { customer, limits }, Self::behind(customer)),
			It::Leave(customer) => call(Of::leave {}, customer),
			It::Dismiss(customer) => call(Of::dismiss { customer }, Self::behind(customer)),
			It::Apply(who) => call(Of::apply { bond: BOND }, who),
			It::Admit(who) => decide(Of::admit { who }),
			It::Refuse(who) => decide(Of::refuse { who }),
			It::Exit(who) => call(Of::exit {}, who),
			It::Reap(guarantor) => {
				// It gets what is due first, if anything.
				let _ = call(Of::withdraw_unbonded { guarantor }, STRANGER);
				call(Of::reap { guarantor }, STRANGER)
			},
			It::Rescue(guarantor, more) => {
				let amount = more.saturating_add(Self::units((guarantor, 0), Amount::Owed));
				mint(guarantor, amount);
				(self.issued, self.money) = (self.issued + amount, self.money + amount);
				let state = GuarantorState::Active;
				let restored = decide(Of::set_state { guarantor, state });
				self.deposit((guarantor, 0), amount).and(restored)
			},
			It::SetState(guarantor, state) => {
				let is_back = match Guarantor::state(&guarantor) {
					Some(GuarantorState::Defaulted) => {
						decide(Of::set_state { guarantor, state: GuarantorState::ReduceOnly })
					},
					_ => Ok(()),
				};
				is_back.and_then(|()| decide(Of::set_state { guarantor, state }))
			},
			It::Gap(class, to) => self.gap(class, to)?,
			It::Wait(count) => {
				self.wait(count)?;
				Ok(())
			},
			It::Fail(guarantor) => {
				let failed = decide(Of::set_state { guarantor, state: GuarantorState::Defaulted });
				let check = Clearing::check_account { owner: guarantor, sub: SubAccount::HOUSE };
				failed.and(call(check, STRANGER))
			},
			It::Revive(amount) => self.revive(amount),
			It::Relist => self.relist(),
			It::AdvanceDefault(number) => {
				let open = self.open_defaults();
				let guarantor = open.get(number % open.len().max(1)).copied().unwrap_or(GUARANTOR);
				call(Clearing::advance_default { guarantor }, STRANGER)
			},
			It::RefreshCover(guarantor) => call(Clearing::refresh_cover { guarantor }, STRANGER),
			It::Fund(fund) => Self::fund(fund),
			It::Delivery(asked) => self.deliver(asked)?,
		})
	}

	/// The guarantor of a customer, or somebody.
	fn behind(customer: AccountId) -> AccountId {
		Guarantor::membership(&customer).map_or(GUARANTOR, |membership| membership.guarantor)
	}

	fn units(line: Line, amount: Amount) -> Balance {
		let view = || Clearing::account_view(line.0, SubAccount(line.1));
		let positive = |cash: Cash| Balance::try_from(cash.0).unwrap_or(0);
		match amount {
			Amount::Units(units) => units,
			Amount::Withdrawable(share) => view().map_or(0, |view| positive(view.withdrawable) * share / 1_000),
			Amount::Cash => view().map_or(OPENING, |view| positive(view.cash)),
			Amount::Owed => {
				let called = MarginCalls::<Test>::get(line.0).map(|call| positive(call.needed));
				called.unwrap_or_else(|| view().map_or(OPENING, |view| positive(Cash(-view.cash.0))))
			},
		}
	}

	/// A whole run, with what is left of one that began before. What nobody traded during is settled to the unit: N is what
	/// is still owed.
	fn settle_all() -> Result<Outcome, String> {
		let Settlements { current, pricing, .. } = Settled::<Test>::get();
		Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
		for step in 0.. {
			ensure(step < 3 + u64::from(MAX_INSTRUMENTS), || "the run does not end".to_owned())?;
			if Settled::<Test>::get().current != current {
				break;
			}
			call(crate::Call::advance_settlement {}, STRANGER).map_err(|error| format!("no step: {error}"))?;
		}
		if pricing.is_some() {
			return Ok(Err("ended".to_owned()));
		}
		let prices = prices();
		for (segment, ledger) in Ledgers::<Test>::iter() {
			let mut net = ledger.net.0;
			for id in Listed::<Test>::get() {
				if let Some(held) = SegmentPositions::<Test>::get(id, segment) {
					let (price, multiplier) = prices.get(&id).copied().unwrap_or_default();
					net += worth(held.lots.0, multiplier, price, held.basis.0);
				}
			}
			ensure(net == ledger.owed.0, || format!("{segment:?} has {net} left of {ledger:?}"))?;
		}
		Ok(Ok(()))
	}

	fn move_price(class: ClassId, to: Move) {
		let last = last_fix(class).unwrap_or(PRICE);
		match to {
			Move::By(share) => fix(class, last.saturating_add(last.saturating_mul(share) / 1_000)),
			Move::ThroughZero => fix(class, last.saturating_neg()),
			Move::Home => fix(class, PRICE),
			Move::To(price) => fix(class, price),
			Move::Silence => no_fix(class),
		}
	}

	/// Settlement prices moved, if a run ended: within the day's limit, and never else. Everybody's cash follows.
	fn follow_settlement(&mut self) -> Checked {
		let (run, now) = (Settled::<Test>::get().current, prices());
		let mut gains = BTreeMap::<Line, i128>::new();
		for (id, (price, multiplier)) in &now {
			let Some((before, _)) = self.prices.get(id).filter(|(before, _)| before != price) else { continue };
			ensure(run != self.run, || format!("{id:?} went from {before} to {price} without a run"))?;
			let limit = PriceBand::around(Price(*before), terms().mark_band, FLOOR_PRICE).expect("it is bounded");
			ensure(limit.contains(Price(*price)), || format!("{id:?} went from {before} to {price} in a day"))?;
			for (line, holdings) in &mut self.lines {
				let lots = holdings.lots.get(id).copied().unwrap_or_default();
				let gain = worth(lots, *multiplier, *price, *before);
				holdings.cash += gain;
				*gains.entry(*line).or_default() += gain;
				self.hour.reserves.entry(*line).or_default().0 += gain.max(0);
			}
		}
		if run != self.run {
			self.note_gains(gains);
		}
		(self.run, self.prices) = (run, now);
		Ok(())
	}

	/// What has to hold after every operation.
	fn check(&mut self) -> Checked {
		let violations = Clearing::violations();
		ensure(violations.is_empty(), || violations.join("; "))?;
		#[cfg(feature = "try-runtime")]
		{
			use frame_support::traits::Hooks;
			let now = System::block_number();
			<Guarantor as Hooks<_>>::try_state(now).map_err(|error| format!("{error:?}"))?;
			<Insurance as Hooks<_>>::try_state(now).map_err(|error| format!("{error:?}"))?;
		}
		ensure(issuance() == self.issued, || format!("{} were issued, now {}", self.issued, issuance()))?;
		ensure(money() == self.money, || format!("there were {}, now {}", self.money, money()))?;

		let stored: BTreeMap<_, _> = Accounts::<Test>::iter()
			.map(|(owner, sub, account)| ((owner, sub.0), rolled((owner, sub.0), &account, &self.prices)))
			.collect();
		ensure(stored == self.lines, || format!("lines are {stored:?}, should be {:?}", self.lines))?;
		let owed: i128 = Ledgers::<Test>::iter_values().map(|ledger| ledger.penalties.0).sum();
		ensure(owed == self.penalties, || format!("penalties are {owed}, should be {}", self.penalties))?;
		let waiting: i128 = Ledgers::<Test>::iter_values().map(|ledger| ledger.fees.0).sum();
		let paid = as_cash(dollars(FEES)) - as_cash(ENDOWMENT);
		ensure(waiting + paid == self.fees, || format!("fees are {waiting} and {paid}, should be {}", self.fees))?;
		let cash: i128 = stored.values().map(|line| line.cash).sum();
		let custody = TotalCustody::<Test>::get().0;
		let borrowed: i128 = Ledgers::<Test>::iter_values().map(|ledger| ledger.borrowed.0).sum();
		let escrow = self.escrow;
		ensure(cash + waiting + owed + borrowed + escrow == custody, || {
			format!("custody is {custody}, not {cash} and {waiting} and {owed} and {borrowed} and {escrow}")
		})?;
		self.check_escrow()?;

		let lent: Balance = stored.values().flat_map(|line| line.collateral.values()).sum();
		let tokens: Balance =
			segments().map(|segment| Assets::balance(TOKENS, Clearing::custody_account(&segment))).sum();
		ensure(lent == tokens, || format!("lines have {lent} of collateral, custody has {tokens}"))?;

		for (owner, sub) in self.lines.keys() {
			let view = Clearing::account_view(*owner, SubAccount(*sub));
			ensure(view.is_some(), || format!("{owner}/{sub} cannot be seen"))?;
		}
		self.check_what_was_told()?;
		self.watch_hour(custody);
		self.check_defaults()?;
		Self::check_pool()
	}
}
