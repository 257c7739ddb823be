//! Deposits and withdrawals, of cash and of collateral; the fuse that what leaves goes through.

use super::*;

impl History {
	pub(super) fn deposit(&mut self, line: Line, amount: Balance) -> Outcome {
		call(crate::Call::deposit { sub: SubAccount(line.1), amount }, line.0)?;
		if !self.lines.contains_key(&line) {
			self.hour.reserves.remove(&line);
		}
		self.lines.entry(line).or_default().cash += as_cash(amount);
		Ok(())
	}

	/// What leaves is the account's own, was withdrawable, and leaves full margin behind.
	pub(super) fn withdraw(&mut self, line: Line, amount: Balance) -> Result<Outcome, String> {
		let view = || Clearing::account_view(line.0, SubAccount(line.1));
		let before = view().map_or(0, |view| view.withdrawable.0);
		let done = call(crate::Call::withdraw { sub: SubAccount(line.1), amount }, line.0);
		if done.is_ok() {
			let moved = as_cash(amount);
			self.lines.entry(line).or_default().cash -= moved;
			self.pass_fuse(line, moved)?;
			let after = view().ok_or("who withdrew has no account any more")?;
			ensure(moved <= before, || format!("{moved} left, {before} could"))?;
			Self::ensure_covered(&after)?;
		}
		Ok(done)
	}

	/// Without gains, and without what a house advanced, an account has its margin.
	fn ensure_covered(view: &gcx_runtime_api::AccountView<AccountId>) -> Checked {
		let own = Ledgers::<Test>::get(segment(view.guarantor, view.side)).unwrap_or_default();
		let left = view.cash.0 - own.given.0;
		let gains: i128 = view.positions.iter().map(|position| position.unrealised.0.max(0)).sum();
		let is_covered = left >= 0 && view.margin.equity.0 - gains >= view.margin.initial_margin.0;
		ensure(is_covered, || format!("what was withdrawn was needed: {view:?}"))
	}

	pub(super) fn put_collateral(&mut self, line: Line, collateral: CollateralId, amount: Balance) -> Outcome {
		call(crate::Call::deposit_collateral { sub: SubAccount(line.1), collateral, amount }, line.0)?;
		*self.lines.entry(line).or_default().collateral.entry(collateral).or_default() += amount;
		Ok(())
	}

	pub(super) fn take_collateral(&mut self, line: Line, id: CollateralId, amount: Balance) -> Result<Outcome, String> {
		let taken = crate::Call::withdraw_collateral { sub: SubAccount(line.1), collateral: id, amount };
		let done = call(taken, line.0);
		if done.is_ok() {
			let lines = &mut self.lines.entry(line).or_default().collateral;
			let left =
				lines.remove(&id).and_then(|held| held.checked_sub(amount)).ok_or("it had no such collateral")?;
			if left > 0 {
				lines.insert(id, left);
			}
			let after = Clearing::account_view(line.0, SubAccount(line.1)).ok_or("who withdrew has no account")?;
			if !after.positions.is_empty() {
				Self::ensure_covered(&after)?;
			}
		}
		Ok(done)
	}

	pub(super) fn close(&mut self, line: Line) -> Result<Outcome, String> {
		let done = call(crate::Call::close { sub: SubAccount(line.1) }, line.0);
		if done.is_ok() {
			let gone = self.lines.remove(&line).unwrap_or_default();
			ensure(gone == Holdings::default(), || format!("closed with {gone:?}"))?;
		}
		Ok(done)
	}

	/// A new hour begins, if one does.
	pub(super) fn watch_hour(&mut self, custody: i128) {
		if Clearing::hour() == self.hour.number {
			return;
		}
		let stored = |line: &Line| Accounts::<Test>::get(line.0, SubAccount(line.1)).map_or(0, |held| held.cash.0);
		let before = |line: &Line| self.had.get(line).copied().unwrap_or(0);
		let most = |line: &Line, cash: i128| cash.max(stored(line)).max(before(line));
		let had = self.lines.iter().map(|(line, holdings)| (*line, (most(line, holdings.cash), 0)));
		self.hour = Hour { number: Clearing::hour(), custody, shared: 0, reserves: had.collect() };
	}

	/// What left in an hour is at most the shared part of custody, and every account's reserve: of what it had as the hour
	/// began, or the floor.
	fn pass_fuse(&mut self, line: Line, moved: i128) -> Checked {
		let passed = events().into_iter().rev().find_map(|event| match event {
			Event::Withdrawn { reserved, shared, .. } => Some((reserved.0, shared.0)),
			_ => None,
		});
		let (reserved, shared) = passed.ok_or("nobody was told of a withdrawal")?;
		ensure(reserved + shared == moved, || format!("{moved} left, {reserved} and {shared} were told"))?;
		self.hour.shared += shared;
		let (had, used) = self.hour.reserves.entry(line).or_default();
		*used += reserved;
		let (had, used) = (*had, *used);
		let reserve = (had / 10).max(as_cash(FLOOR));
		ensure(used <= reserve, || format!("{used} left in an hour by the reserve of {line:?}, which had {had}"))?;
		let Hour { custody, shared, .. } = self.hour;
		ensure(shared <= custody / 10, || format!("{shared} of {custody} left in an hour beyond all reserves"))
	}
}
