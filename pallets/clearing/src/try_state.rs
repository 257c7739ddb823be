//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	types::{MarginAccountOf, SegmentOf},
	AccountState, Accounts, Collaterals, Config, HourlyEgress, Instrument, Instruments, Ledger, Ledgers, Listed, Owner,
	Owners, Pallet, Parameters, PendingParameters, SegmentCollateral, SegmentPositions, Settled, TotalCustody,
};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use frame_support::traits::{fungible::Inspect, fungibles::Inspect as Fungibles};
use gcx_primitives::{
	ArithmeticError, Cash, CollateralId, Guarantors, InstrumentId, RunId, Segment, SegmentSide, SubAccount,
};
use sp_runtime::TryRuntimeError;

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
		let egress = HourlyEgress::<T>::get();
		if egress.shared < Cash::ZERO || egress.hour > Self::hour() {
			violations.push(format!("the fuse is of a time to come, or negative: {egress:?}"));
		}
		violations
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
		if (account.cash < Cash::ZERO) != (account.state == AccountState::CashCall) {
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
			let gross = record.gross(id).checked_add(position.lots.checked_abs()?)?;
			record.set_gross(id, gross)?;
			let lots = i128::from(position.lots.0);
			*totals.lots.entry((id, account.segment.clone())).or_default() += lots;
			let open = totals.open.entry(id).or_default();
			*open = (open.0 + lots.max(0), open.1 + (-lots).max(0));
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
			let has = Cash::checked_sum([cash, ledger.received, ledger.given.checked_neg()?, ledger.fees])?;
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
		let is_negative =
			[ledger.custody, ledger.fees, ledger.received, ledger.given].iter().any(|it| *it < Cash::ZERO);
		if !is_answered || is_negative {
			violations.push(format!("{segment:?} has an unsound ledger: {ledger:?}"));
		}
	}
}
