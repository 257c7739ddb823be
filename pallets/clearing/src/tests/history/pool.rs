//! What the insurance pool is asked to do, and whether its books add up.

use super::*;
use crate::tests::operations::Fund;
use pallet_insurance::{Books as PoolBooks, Buckets, Call as Of, Contributions, Holders, OpenBuckets, SaleId, Sales};

impl History {
	pub(super) fn fund(fund: Fund) -> Outcome {
		match fund {
			Fund::Skin(who, amount) => call(Of::fund_skin { amount }, who),
			Fund::Contribute(who, amount) => call(Of::contribute { amount }, who),
			Fund::TakeBack(who, share) => {
				let has = Contributions::<Test>::get(who).unwrap_or_default().amount.0.unsigned_abs();
				call(Of::withdraw_contribution { amount: has * share / 1_000 }, who)
			},
			Fund::Deposit(who, amount) => call(Of::deposit { amount, min_shares: 0 }, who),
			Fund::Redeem(who, share) => {
				let has = Holders::<Test>::get(who).map_or(0, |holder| holder.shares);
				call(Of::redeem { shares: has / 1_000 * share }, who)
			},
			Fund::Collect(who) => call(Of::collect { who }, STRANGER),
			Fund::Distribute => call(Of::distribute {}, STRANGER),
			Fund::AdvanceRedemptions => call(Of::advance_redemptions {}, STRANGER),
			Fund::Buy(who, number, share) => {
				let (sale, left) = Self::sale(number);
				call(Of::buy { sale, amount: left * share / 1_000, max_price: Price(i64::MAX) }, who)
			},
			Fund::BeginSale(number) => call(Of::begin_sale { sale: Self::sale(number).0 }, STRANGER),
			Fund::BondPrice(price) => {
				BondPrice::set(price);
				Ok(())
			},
		}
	}

	/// One of the sales, and how many tokens are left of it.
	fn sale(number: usize) -> (SaleId, u128) {
		let mut all: Vec<_> = Sales::<Test>::iter().map(|(id, sale)| (id, sale.amount)).collect();
		all.sort_unstable();
		all.get(number % all.len().max(1)).copied().unwrap_or_default()
	}

	/// All that is in the pool is somebody's, to the unit: layers and what is set aside are what is there and what is lent; shares
	/// are those that outsiders have.
	pub(super) fn check_pool() -> Checked {
		let books = PoolBooks::<Test>::get();
		let claims =
			[books.skin, books.contributed, books.undivided, books.outside.value, books.set_aside, books.proceeds];
		let claims: i128 = claims.iter().map(|claim| claim.0).sum();
		let backed = books.recorded.0 + books.lent.0;
		ensure(claims == backed, || format!("the pool has {backed} for {claims}: {books:?}"))?;
		let account = as_cash(dollars(crate::mock::INSURANCE));
		let is_there = books.recorded.0 == 0 || account >= books.recorded.0 + as_cash(MINIMUM);
		ensure(is_there, || format!("the pool's account has {account} of {books:?}"))?;
		let contributed: i128 = Contributions::<Test>::iter_values().map(|one| one.amount.0).sum();
		ensure(contributed == books.contributed.0, || format!("{contributed} were contributed: {books:?}"))?;
		let series = books.outside.series;
		let held = Holders::<Test>::iter_values().filter(|holder| holder.series == series).map(|holder| holder.shares);
		let leaving = OpenBuckets::<Test>::get().into_iter().filter_map(|open| Buckets::<Test>::get(open.id));
		let shares: u128 = held.chain(leaving.map(|bucket| bucket.left)).sum();
		ensure(shares == books.outside.shares, || format!("{shares} shares are held: {books:?}"))
	}
}
