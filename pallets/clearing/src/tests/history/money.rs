//! Deposits and withdrawals, of cash and of collateral.

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
}
