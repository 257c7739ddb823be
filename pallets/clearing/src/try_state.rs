//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	books::Books,
	triggers::places,
	types::{AccountKeyOf, MarginAccountOf, SegmentOf},
	AccountState, Accounts, Collaterals, Config, Endings, HourlyEgress, Instrument, Instruments, Ledger, Ledgers,
	Levels, Liquidations, Listed, Moved, Owner, Owners, OwnersToCheck, Pallet, Parameters, PendingParameters, Rank,
	SegmentCollateral, SegmentPositions, Settled, Stresses, Subject, SweepUntil, TotalCustody, Trigger, Watchlist,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	format,
	string::String,
	vec::Vec,
};
use codec::Encode;
use frame_support::traits::{fungible::Inspect, fungibles::Inspect as Fungibles};
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, CollateralId, Guarantors, InstrumentId, RunId, Segment, SegmentSide, SubAccount,
};
use sp_runtime::{DispatchError, TryRuntimeError};

/// What the accounts come to, added up once.
struct Totals<T: Config> {
	instruments: BTreeMap<InstrumentId, Instrument>,
	/// Cash by segment with every account rolled, and gaps as they are stored.
	segments: BTreeMap<SegmentOf<T>, (Cash, Cash)>,
	/// Lots by instrument and segment.
	lots: BTreeMap<(InstrumentId, SegmentOf<T>), i128>,
	/// Long and short lots by instrument.
	open: BTreeMap<InstrumentId, (i128, i128)>,
	owners: BTreeMap<T::AccountId, Owner>,
}

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::clearing", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("clearing: an invariant is broken"))
	}

	/// What is broken of the invariants, in words.
	pub(crate) fn violations() -> Vec<String> {
		let mut violations = Vec::new();
		for parameters in [Some(Parameters::<T>::get()), PendingParameters::<T>::get()].into_iter().flatten() {
			if !parameters.is_valid() {
				violations.push(format!("parameters are out of bounds: {parameters:?}"));
			}
		}
		match Self::check_all(&mut violations) {
			Ok(()) => {},
			Err(error) => violations.push(format!("the books do not add up: {error:?}")),
		}
		Self::check_endings(&mut violations);
		Self::check_index(&mut violations);
		Self::check_stress(&mut violations);
		// Rolling accounts to see how they stand leaves no trace.
		let _: Result<(), DispatchError> = frame_support::storage::with_storage_layer(|| {
			Self::check_nobody_is_missed(&mut violations);
			Err(DispatchError::Other("only looked"))
		});
		let egress = HourlyEgress::<T>::get();
		if egress.shared < Cash::ZERO || egress.hour > Self::hour() {
			violations.push(format!("the fuse is of a time to come, or negative: {egress:?}"));
		}
		violations
	}

	/// What ends, and has not ended, waits for its run once; what is averaged is so over some days.
	fn check_endings(violations: &mut Vec<String>) {
		let waiting: Vec<_> = Endings::<T>::get().into_iter().map(|(id, _)| id).collect();
		for (id, instrument) in Instruments::<T>::iter() {
			let is_due = instrument.ending.is_some() && instrument.ended.is_none();
			let times = waiting.iter().filter(|other| **other == id).count();
			if times != usize::from(is_due) {
				violations.push(format!("{id:?} waits {times} times for its end: {:?}", instrument.ending));
			}
			if instrument.averaged.is_some_and(|days| days.count() == 0) {
				violations.push(format!("{id:?} is averaged over no days: {:?}", instrument.averaged));
			}
		}
	}

	/// The trigger index and the watch list have what the accounts say, and nothing else; an account has one level, or a pair, of
	/// each instrument that it holds, or is on the watch list; whoever owes cash or is for sale is on it. Who was left to be
	/// looked at has places of its own of before.
	fn check_index(violations: &mut Vec<String>) {
		let mut levels = BTreeSet::new();
		let mut watched = BTreeSet::new();
		for (owner, sub, account) in Accounts::<T>::iter() {
			let key = AccountKey { owner, sub };
			let mut subjects = Vec::new();
			for trigger in &account.triggers.levels {
				levels.extend(
					places(trigger).map(|(direction, level)| (trigger.subject, direction, level.encode(), key.clone())),
				);
				if let Subject::Mark(id) = trigger.subject {
					subjects.push(id);
				}
			}
			watched.extend(account.triggers.watched.map(|rank| (Rank::new(rank).encode(), key.clone())));
			let held: BTreeSet<_> = account.positions.iter().map(|position| position.instrument).collect();
			let is_whole = subjects.len() == held.len() && subjects.iter().all(|id| held.contains(id));
			let is_found = account.triggers.watched.is_some() || OwnersToCheck::<T>::contains_key(&key.owner);
			if !is_whole && !is_found {
				violations.push(format!("{key:?} holds {held:?} and has levels of {subjects:?}"));
			}
			if !account.state.is_open() && !is_found {
				violations.push(format!("{key:?} is {:?} and not on the watch list", account.state));
			}
		}
		let indexed: BTreeSet<_> = Levels::<T>::iter_keys()
			.map(|((subject, direction), (level, key))| (subject, direction, level.encode(), key))
			.collect();
		if indexed != levels {
			let (left, missing): (Vec<_>, Vec<_>) =
				(indexed.difference(&levels).collect(), levels.difference(&indexed).collect());
			violations.push(format!("the trigger index has {left:?} for nobody, and lacks {missing:?}"));
		}
		let listed: BTreeSet<_> = Watchlist::<T>::iter_keys().map(|(rank, key)| (rank.encode(), key)).collect();
		if listed != watched {
			violations.push(format!("the watch list has {listed:?}, accounts say {watched:?}"));
		}
	}

	/// What guarantors would lack is what their accounts would; the accounts for sale are counted; what is cut of gains goes to a
	/// failed house.
	fn check_stress(violations: &mut Vec<String>) {
		let mut sums = BTreeMap::<T::AccountId, (Cash, Cash, Cash, Cash)>::new();
		let (mut liquidating, mut levies) = (0u32, BTreeMap::<SegmentOf<T>, Cash>::new());
		for (_, _, account) in Accounts::<T>::iter() {
			liquidating += u32::from(account.state.is_liquidating());
			let add = |sum: &mut Cash, more: Cash| *sum = Cash(sum.0.saturating_add(more.0));
			let of = sums.entry(account.segment.guarantor.clone()).or_default();
			let (up, down) = match account.segment.side {
				SegmentSide::Customers => (&mut of.0, &mut of.1),
				SegmentSide::House => (&mut of.2, &mut of.3),
			};
			add(up, account.stress.up);
			add(down, account.stress.down);
			if account.rolled == Settled::<T>::get().current {
				add(levies.entry(account.segment.clone()).or_default(), account.levy);
			}
		}
		for (guarantor, noted) in Stresses::<T>::iter() {
			let counted = sums.remove(&guarantor).unwrap_or_default();
			let kept = (noted.customers.up, noted.customers.down, noted.house.up, noted.house.down);
			if counted != kept {
				violations.push(format!("{guarantor:?} would lack {counted:?}, noted is {kept:?}"));
			}
		}
		sums.retain(|_, sum| *sum != Default::default());
		if !sums.is_empty() {
			violations.push(format!("nobody noted what guarantors would lack: {sums:?}"));
		}
		if liquidating != Liquidations::<T>::get() {
			violations.push(format!("{liquidating} accounts are for sale, noted are {}", Liquidations::<T>::get()));
		}
		levies.retain(|_, levy| !levy.is_zero());
		let noted: BTreeMap<_, _> = Ledgers::<T>::iter()
			.filter(|(_, ledger)| !ledger.levied.is_zero())
			.map(|(segment, ledger)| (segment, ledger.levied))
			.collect();
		if levies != noted {
			violations.push(format!("gains are cut by {levies:?}, noted is {noted:?}"));
		}
	}

	/// Whoever lacks maintenance margin is on the watch list, or will be looked at: by its level, or by a sweep that is under way.
	fn check_nobody_is_missed(violations: &mut Vec<String>) {
		let mut books = Books::<T>::new();
		for (owner, sub, stored) in Accounts::<T>::iter() {
			let is_pending = SweepUntil::<T>::exists() || OwnersToCheck::<T>::contains_key(&owner);
			if stored.triggers.watched.is_some() || is_pending {
				continue;
			}
			let reached: Vec<_> = stored.triggers.levels.iter().filter(|trigger| Self::is_reached(trigger)).collect();
			// Prices of collateral are the index's, and are looked at in turn.
			let is_noted = |subject| matches!(subject, Subject::Collateral(_)) || Moved::<T>::contains_key(subject);
			let unnoticed = reached.iter().any(|trigger| !is_noted(trigger.subject));
			if unnoticed {
				violations.push(format!("{owner:?}/{sub:?}: {reached:?} are reached, and nobody will look"));
			}
			let key = AccountKey { owner, sub };
			let Ok(Some(account)) = books.account(&key) else { continue };
			let is_priced = account.collateral.iter().all(|line| books.collateral_price(line.id).is_some());
			let record = books.owner(&key.owner);
			let Ok(standing) = books.standing(&key, &account, &record) else { continue };
			let maintenance = standing.requirement.maintenance(&books.parameters.margin).unwrap_or_default();
			let is_short = standing.equity < maintenance && reached.is_empty() && is_priced;
			if is_short && Self::is_short_at_marks_of_now(&key, &account) {
				let equity = standing.equity;
				violations.push(format!("{key:?} is missed: it has {equity:?} of {maintenance:?}: {account:?}"));
			}
		}
	}

	/// Whether an account lacks maintenance margin at the marks of the moment as well. They are looked at in turn: one leg of a hedge
	/// may be at its new price, the other still at its old one.
	fn is_short_at_marks_of_now(key: &AccountKeyOf<T>, account: &MarginAccountOf<T>) -> bool {
		let mut is_short = true;
		let _: Result<(), DispatchError> = frame_support::storage::with_storage_layer(|| {
			let mut books = Books::<T>::new();
			let owner = books.owner(&key.owner);
			let renewed = books.renew_marks(account).and_then(|()| books.standing(key, account, &owner));
			if let Ok(standing) = renewed {
				let maintenance = standing.requirement.maintenance(&books.parameters.margin);
				is_short = maintenance.map_or(true, |maintenance| standing.equity < maintenance);
			}
			Err(DispatchError::Other("only looked"))
		});
		is_short
	}

	/// Whether a price has reached a trigger.
	fn is_reached(trigger: &Trigger) -> bool {
		let Some(price) = Self::price_of(trigger.subject) else { return false };
		trigger.falls.is_some_and(|level| price <= level) || trigger.rises.is_some_and(|level| price >= level)
	}

	fn check_all(violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		let current = Settled::<T>::get().current;
		let mut totals = Totals::<T> {
			instruments: Instruments::<T>::iter().map(|(id, held)| (id, held.at_run(current))).collect(),
			segments: BTreeMap::new(),
			lots: BTreeMap::new(),
			open: BTreeMap::new(),
			owners: BTreeMap::new(),
		};
		for (owner, sub, account) in Accounts::<T>::iter() {
			Self::check_line(&owner, sub, &account, current, violations);
			Self::add_account(&mut totals, &owner, &account, violations)?;
		}
		let noted: BTreeMap<_, _> = Owners::<T>::iter().collect();
		let sorted = |mut owner: Owner| {
			owner.gross.sort();
			owner
		};
		let noted: BTreeMap<_, _> = noted.into_iter().map(|(who, owner)| (who, sorted(owner))).collect();
		let counted: BTreeMap<_, _> =
			totals.owners.clone().into_iter().map(|(who, owner)| (who, sorted(owner))).collect();
		if noted != counted {
			violations.push(format!("owners have {counted:?}, noted are {noted:?}"));
		}
		Self::check_collateral(violations);
		Self::check_instruments(&totals, current, violations);
		Self::check_segments(totals, violations)
	}

	/// It is not settled further than the last run, nor were its credits; cash is negative only in a cash call; the account is
	/// under its owner's guarantor, or its house's only one.
	fn check_line(
		owner: &T::AccountId,
		sub: SubAccount,
		account: &MarginAccountOf<T>,
		current: RunId,
		violations: &mut Vec<String>,
	) {
		let is_called = matches!(account.state, AccountState::CashCall { .. });
		let is_negative = account.cash < Cash::ZERO;
		if (is_negative && account.state.is_open()) || (!is_negative && is_called) {
			violations.push(format!("{owner:?}/{sub:?} has {:?} and is {:?}", account.cash, account.state));
		}
		if account.rolled > current {
			violations.push(format!("{owner:?}/{sub:?} is ahead of the last run: {:?}", account.rolled));
		}
		if account.unpaid.amount < Cash::ZERO || account.unpaid.run > current {
			violations.push(format!("{owner:?}/{sub:?} has credits to come, or negative: {:?}", account.unpaid));
		}
		let guarantor = &account.segment.guarantor;
		match account.segment.side {
			SegmentSide::House if guarantor != owner || sub != SubAccount::HOUSE => {
				violations.push(format!("{owner:?}/{sub:?} is in the house of {guarantor:?}"));
			},
			SegmentSide::Customers
				if T::Guarantors::membership(owner).map(|membership| membership.guarantor).as_ref()
					!= Some(guarantor) =>
			{
				violations.push(format!("{owner:?}/{sub:?} is under {guarantor:?}, which is not its guarantor"));
			},
			SegmentSide::House | SegmentSide::Customers => {},
		}
	}

	fn add_account(
		totals: &mut Totals<T>,
		owner: &T::AccountId,
		account: &MarginAccountOf<T>,
		violations: &mut Vec<String>,
	) -> Result<(), ArithmeticError> {
		let current = Settled::<T>::get().current;
		let mut cash = account.cash;
		let record = totals.owners.entry(owner.clone()).or_default();
		record.accounts += 1;
		record.requirement = record.requirement.checked_add(account.requirement)?;
		for (index, position) in account.positions.iter().enumerate() {
			let id = position.instrument;
			let is_doubled = account.positions[..index].iter().any(|other| other.instrument == id);
			let Some(instrument) = totals.instruments.get(&id) else {
				violations.push(format!("{owner:?} holds {id:?}, which is not listed"));
				continue;
			};
			let is_settled = position.basis == instrument.settlement.price;
			if is_doubled || position.lots.is_zero() || (account.rolled == current && !is_settled) {
				violations.push(format!("{owner:?} has an unsound position: {position:?}"));
			}
			cash = cash.checked_add(instrument.gain(position.lots, position.basis)?)?;
			if instrument.ended.is_some() {
				// It goes when the account is rolled; its owner is noted with it until then.
				let gross = record.gross(id).checked_add(position.lots.checked_abs()?)?;
				record.set_gross(id, gross)?;
				continue;
			}
			let gross = record.gross(id).checked_add(position.lots.checked_abs()?)?;
			record.set_gross(id, gross)?;
			let lots = i128::from(position.lots.0);
			*totals.lots.entry((id, account.segment.clone())).or_default() += lots;
			let open = totals.open.entry(id).or_default();
			*open = (open.0 + lots.max(0), open.1 + (-lots).max(0));
		}
		if account.rolled < current {
			cash = cash.checked_sub(account.levy)?;
		}
		let segment = totals.segments.entry(account.segment.clone()).or_default();
		*segment = (segment.0.checked_add(cash)?, segment.1.checked_add(account.gap())?);
		Ok(())
	}

	/// Open interest is what accounts hold, as much long as short, and prices are of runs that there were or of the one in
	/// progress.
	fn check_instruments(totals: &Totals<T>, current: RunId, violations: &mut Vec<String>) {
		let pricing = Settled::<T>::get().pricing;
		let listed: Vec<_> = totals.instruments.keys().copied().collect();
		if listed != Listed::<T>::get().into_inner() {
			violations.push(format!("listed are {:?}, kept are {listed:?}", Listed::<T>::get()));
		}
		for (id, instrument) in &totals.instruments {
			let held = totals.open.get(id).copied().unwrap_or_default();
			let noted = (i128::from(instrument.long.0), i128::from(instrument.short.0));
			if held != noted || held.0 != held.1 {
				violations.push(format!("{id:?}: {held:?} lots are held long and short, noted are {noted:?}"));
			}
			let staged = instrument.staged.map(|staged| staged.run);
			let is_next = |run| pricing.is_some() && run == current.next();
			if instrument.settlement.run > current || staged.is_some_and(|run| !is_next(run)) {
				violations.push(format!("{id:?} has a price out of season after {current:?}: {staged:?}"));
			}
		}
	}

	/// What a segment's accounts have is what its custody records and what others owe it, and that is there, above the minimum
	/// balance.
	fn check_segments(mut totals: Totals<T>, violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		// What each segment's positions gained since their basis, and gain at the staged prices.
		let mut gains = BTreeMap::<SegmentOf<T>, (Cash, Cash)>::new();
		for (id, segment, held) in SegmentPositions::<T>::iter() {
			let counted = totals.lots.remove(&(id, segment.clone())).unwrap_or_default();
			if counted != i128::from(held.lots.0) || counted == 0 {
				violations.push(format!("{segment:?} holds {counted} of {id:?}, noted is {held:?}"));
			}
			if let Some(instrument) = totals.instruments.get(&id) {
				let gain = gains.entry(segment).or_default();
				gain.0 = gain.0.checked_add(instrument.gain(held.lots, held.basis)?)?;
				gain.1 = gain.1.checked_add(instrument.staged_gain(held.lots)?)?;
			}
		}
		totals.lots.retain(|_, lots| *lots != 0);
		if !totals.lots.is_empty() {
			violations.push(format!("positions without a segment's: {:?}", totals.lots));
		}

		let (mut custody, mut net) = (Cash::ZERO, Cash::ZERO);
		for (segment, ledger) in Ledgers::<T>::iter() {
			let (cash, gaps) = totals.segments.remove(&segment).unwrap_or_default();
			let (gained, gaining) = gains.remove(&segment).unwrap_or_default();
			let rolled = ledger.net.checked_add(gained)?;
			let given = ledger.given.checked_neg()?;
			let Ledger { received, borrowed, fees, penalties, escrow, .. } = ledger;
			let has = Cash::checked_sum([cash, received, given, borrowed, fees, penalties, escrow])?;
			let holds = ledger.custody.checked_add(rolled)?;
			if has != holds || gaps != ledger.gaps {
				violations.push(format!(
					"{segment:?}: ledgers come to {has:?} and gaps to {gaps:?}, custody and N to {holds:?}: {ledger:?}"
				));
			}
			if ledger.staged != gaining {
				violations.push(format!("{segment:?} gains {gaining:?} at the staged prices: {ledger:?}"));
			}
			Self::check_ledger(&segment, &ledger, violations);
			custody = custody.checked_add(ledger.custody)?;
			net = net.checked_add(rolled)?;
		}
		if !totals.segments.is_empty() || !gains.is_empty() {
			violations.push(format!("segments without a ledger: {:?}, {gains:?}", totals.segments));
		}
		if !net.is_zero() {
			violations.push(format!("what segments owe each other comes to {net:?}"));
		}
		if custody != TotalCustody::<T>::get() {
			violations.push(format!("all custody is {custody:?}, noted is {:?}", TotalCustody::<T>::get()));
		}
		Ok(())
	}

	/// Per segment and asset the accounts' collateral is what is recorded, and it is there; no line is none, or doubled.
	fn check_collateral(violations: &mut Vec<String>) {
		let mut counted = BTreeMap::<(CollateralId, SegmentOf<T>), u128>::new();
		let mut held = BTreeMap::<CollateralId, u128>::new();
		for (owner, sub, account) in Accounts::<T>::iter() {
			for (index, line) in account.collateral.iter().enumerate() {
				let is_doubled = account.collateral[..index].iter().any(|other| other.id == line.id);
				if is_doubled || line.amount == 0 {
					violations.push(format!("{owner:?}/{sub:?} has unsound collateral: {line:?}"));
				}
				*counted.entry((line.id, account.segment.clone())).or_default() += line.amount;
				*held.entry(line.id).or_default() += line.amount;
			}
		}
		let recorded: BTreeMap<_, _> =
			SegmentCollateral::<T>::iter().map(|(id, segment, amount)| ((id, segment), amount)).collect();
		if counted != recorded {
			violations.push(format!("collateral comes to {counted:?}, recorded is {recorded:?}"));
		}
		for ((id, segment), amount) in recorded {
			let asset = Collaterals::<T>::get(id).map(|terms| terms.asset);
			let custody = Self::custody_account(&segment);
			let actual = asset.map_or(0, |asset| <T::CollateralAssets as Fungibles<_>>::balance(asset, &custody));
			if actual < amount {
				violations.push(format!("{segment:?} has {actual} of {id:?}, recorded is {amount}"));
			}
		}
		for (id, terms) in Collaterals::<T>::iter() {
			let sum = held.remove(&id).unwrap_or_default();
			if terms.held != sum {
				violations.push(format!("{id:?}: accounts hold {sum}, noted is {}", terms.held));
			}
		}
	}

	/// Custody is there, advances are the house's, and nothing is negative that cannot be.
	fn check_ledger(segment: &SegmentOf<T>, ledger: &Ledger, violations: &mut Vec<String>) {
		let minimum = T::SettlementAsset::minimum_balance();
		let actual = T::SettlementAsset::balance(&Self::custody_account(segment));
		if Self::cash(actual.saturating_sub(minimum)).map_or(true, |actual| actual < ledger.custody) {
			violations.push(format!("{segment:?}: {ledger:?} has {actual} with its minimum"));
		}
		let other =
			|side| Ledgers::<T>::get(Segment { guarantor: segment.guarantor.clone(), side }).unwrap_or_default();
		let is_answered = match segment.side {
			SegmentSide::Customers => ledger.given.is_zero() && ledger.received == other(SegmentSide::House).given,
			SegmentSide::House => ledger.received.is_zero() && ledger.given == other(SegmentSide::Customers).received,
		};
		let Ledger { custody, fees, penalties, escrow, received, given, borrowed, .. } = *ledger;
		let amounts = [custody, fees, penalties, escrow, received, given, borrowed];
		let is_negative = amounts.iter().any(|it| *it < Cash::ZERO);
		if !is_answered || is_negative {
			violations.push(format!("{segment:?} has an unsound ledger: {ledger:?}"));
		}
	}
}
