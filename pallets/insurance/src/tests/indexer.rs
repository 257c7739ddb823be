//! All balances from the events alone.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Indexer {
	books: PoolBooks,
	contributions: BTreeMap<AccountId, i128>,
	holders: BTreeMap<AccountId, u128>,
	lent: BTreeMap<AccountId, i128>,
	tokens: BTreeMap<SaleId, u128>,
	/// Assessments that are not collected: the sale and what it fetched.
	assessments: BTreeMap<AccountId, (SaleId, i128)>,
	unpaid_outside: BTreeMap<SaleId, i128>,
	closed: BTreeSet<SaleId>,
}

impl Indexer {
	/// Reads the events since they were reset, and compares.
	pub fn follow(&mut self) {
		for event in events() {
			self.read(event.clone());
			self.read_sale(event);
		}
		let PoolBooks { recorded, lent, .. } = Books::<Test>::get();
		self.books.recorded = recorded;
		self.books.lent = lent;
		self.books.owed_outside = Cash(self.unpaid_outside.values().sum());
		assert_eq!(self.books, Books::<Test>::get());
		assert_eq!(self.lent.values().sum::<i128>(), lent.0);
		for (who, amount) in &self.contributions {
			assert_eq!(contribution(*who), *amount, "the contribution of {who}");
		}
		for (who, shares) in &self.holders {
			assert_eq!(Insurance::shares_of(who), *shares, "the shares of {who}");
		}
		for (sale, tokens) in &self.tokens {
			assert_eq!(Sales::<Test>::get(sale).map_or(0, |sale| sale.amount), *tokens, "the tokens of {sale:?}");
		}
	}

	fn contribution(&mut self, who: AccountId, change: i128) {
		*self.contributions.entry(who).or_default() += change;
		self.books.contributed.0 += change;
	}

	fn read(&mut self, event: Event<Test>) {
		let books = &mut self.books;
		match event {
			Event::SkinFunded { amount, skin, .. } => {
				books.skin.0 += amount.0;
				assert_eq!(books.skin, skin);
			},
			Event::Contributed { guarantor, amount, .. } => self.contribution(guarantor, amount.0),
			Event::ContributionWithdrawn { guarantor, amount, .. } => self.contribution(guarantor, -amount.0),
			Event::Deposited { who, amount, shares, value, all_shares } => {
				*self.holders.entry(who).or_default() += shares;
				books.outside.shares += shares;
				books.outside.value.0 += amount.0;
				assert_eq!((books.outside.value, books.outside.shares), (value, all_shares));
			},
			Event::RedemptionRequested { who, shares, left, .. } => {
				let held = self.holders.entry(who).or_default();
				*held -= shares;
				assert_eq!(*held, left);
			},
			Event::RedemptionExecuted { shares, amount, .. } => {
				books.outside.shares -= shares;
				books.outside.value.0 -= amount.0;
				books.set_aside.0 += amount.0;
			},
			Event::Collected { amount, .. } => books.set_aside.0 -= amount.0,
			Event::BucketClosed { rest, .. } => books.set_aside.0 -= rest.0,
			Event::IncomeRecognised { skin, guarantors, outside } => {
				books.skin.0 += skin.0;
				books.undivided.0 += guarantors.0;
				books.outside.value.0 += outside.0;
			},
			Event::IncomeShared { guarantor, amount, .. } => self.contribution(guarantor, amount.0),
			Event::IncomeDivided { amount, rest } => {
				books.undivided.0 -= amount.0;
				books.skin.0 += rest.0;
			},
			Event::Lent { guarantor, amount, lent, .. } => {
				let owes = self.lent.entry(guarantor).or_default();
				*owes += amount.0;
				assert_eq!(*owes, lent.0);
			},
			Event::TakenBack { guarantor, amount, lent, .. } => {
				let owes = self.lent.entry(guarantor).or_default();
				*owes -= amount.0;
				assert_eq!(*owes, lent.0);
			},
			Event::LoanReassigned { from, to, amount, left, lent } => {
				for (who, change, owes) in [(from, -amount.0, left), (to, amount.0, lent)] {
					let noted = self.lent.entry(who).or_default();
					*noted += change;
					assert_eq!(*noted, owes.0);
				}
			},
			Event::Absorbed { layer, guarantor, took, forgiven, moved, .. } => {
				assert_eq!(forgiven.0 + moved.0, took.0);
				*self.lent.entry(guarantor).or_default() -= forgiven.0;
				match layer {
					PoolLayer::Skin => books.skin.0 -= took.0,
					PoolLayer::Outside => books.outside.value.0 -= took.0,
					PoolLayer::Own | PoolLayer::Guarantors => (),
				}
			},
			Event::ContributionDrawn { contributor, took, .. } => self.contribution(contributor, -took.0),
			Event::SeriesEnded { series } => {
				assert_eq!(books.outside.series, series);
				books.outside.series += 1;
				books.outside.shares = 0;
				self.holders.clear();
			},
			Event::ContributionRepaid { guarantor, amount, is_owed: false } => self.contribution(guarantor, amount.0),
			Event::ContributionRepaid { amount, is_owed: true, .. } => books.set_aside.0 += amount.0,
			_ => (),
		}
	}

	fn read_sale(&mut self, event: Event<Test>) {
		let books = &mut self.books;
		match event {
			Event::SaleOpened { sale, guarantor, amount, is_assessment } => {
				self.tokens.insert(sale, amount);
				if is_assessment {
					self.assessments.insert(guarantor, (sale, 0));
				}
			},
			Event::Advanced { sale, outside, .. } => {
				self.unpaid_outside.insert(sale, outside.0);
			},
			Event::SaleBegun { sale, amount, .. } => {
				self.tokens.insert(sale, amount);
			},
			Event::BondBurned { sale, had, burned, left, .. } => {
				assert_eq!((self.tokens.insert(sale, left), had - burned), (Some(had), left));
			},
			Event::Bought { sale, amount, cost, left, .. } => {
				let tokens = self.tokens.get_mut(&sale).expect("it was opened");
				*tokens -= amount;
				assert_eq!(*tokens, left);
				if let Some((_, fetched)) = self.assessments.values_mut().find(|(id, _)| *id == sale) {
					*fetched += cost.0;
					books.proceeds.0 += cost.0;
				}
			},
			Event::Repaid { sale, outside, skin, .. } => {
				books.skin.0 += skin.0;
				books.outside.value.0 += outside.0;
				*self.unpaid_outside.get_mut(&sale).expect("it was advanced") -= outside.0;
			},
			Event::AssessmentCollected { guarantor, took, forgiven, moved, income, .. } => {
				let (_, fetched) = self.assessments.remove(&guarantor).expect("it was assessed");
				assert_eq!((forgiven.0 + moved.0, took.0 + income.0), (took.0, fetched));
				books.proceeds.0 -= fetched;
				*self.lent.entry(guarantor).or_default() -= forgiven.0;
			},
			Event::SaleClosed { sale, .. } => {
				assert!(self.closed.insert(sale));
				self.unpaid_outside.remove(&sale);
			},
			_ => (),
		}
	}
}
