//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	types::SaleOf, Assessments, Books, Bucket, BucketId, Buckets, Config, Contributions, Draws, FinishedBuckets,
	Holder, Holders, Lent, NextBucket, NextSale, OnSale, OpenBuckets, Owed, Pallet, Parameters, PendingParameters,
	PoolBooks, Redemption, Redemptions, SaleId, SalePurpose, Sales, WaitingSales, MAX_CONTRIBUTORS,
};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use frame_support::traits::fungible::Inspect;
use gcx_primitives::Cash;
use sp_runtime::TryRuntimeError;

/// The sum, or none where it does not fit.
fn sum(amounts: impl IntoIterator<Item = Cash>) -> Option<Cash> {
	Cash::checked_sum(amounts).ok()
}

/// The sum, or none where it does not fit.
fn count(amounts: impl IntoIterator<Item = u128>) -> Option<u128> {
	amounts.into_iter().try_fold(0, u128::checked_add)
}

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::insurance", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("insurance: an invariant is broken"))
	}

	/// What is broken of the invariants, in words.
	pub(crate) fn violations() -> Vec<String> {
		let mut violations = Vec::new();
		let pending = PendingParameters::<T>::get().map(|(_, parameters)| parameters);
		for parameters in [Some(Parameters::<T>::get()), pending].into_iter().flatten() {
			if !parameters.is_valid::<T>() {
				violations.push(format!("parameters are out of bounds: {parameters:?}"));
			}
		}
		let books = Books::<T>::get();
		Self::check_books(&books, &mut violations);
		Self::check_contributions(&books, &mut violations);
		Self::check_outside(&books, &mut violations);
		Self::check_redemptions(&books, &mut violations);
		Self::check_sales(&books, &mut violations);
		violations
	}

	/// Nothing is negative, the identity holds, the money is there, and what is lent is lent to somebody.
	fn check_books(books: &PoolBooks, violations: &mut Vec<String>) {
		let PoolBooks { skin, contributed, undivided, outside, set_aside, proceeds, lent, recorded, owed_outside } =
			*books;
		let amounts = [skin, contributed, undivided, outside.value, set_aside, proceeds, lent, recorded, owed_outside];
		let is_negative = amounts.iter().any(|amount| *amount < Cash::ZERO);
		if is_negative || books.liquid().map_or(true, |liquid| liquid < Cash::ZERO) {
			violations.push(format!("the books have negative amounts: {books:?}"));
		}
		let claims = sum([skin, contributed, undivided, outside.value, set_aside, proceeds]);
		if claims.is_none() || claims != sum([recorded, lent]) {
			violations.push(format!("the books do not balance: {books:?}"));
		}
		let balance = Self::cash(T::SettlementAsset::balance(&Self::pool_account())).ok();
		let minimum = Self::cash(T::SettlementAsset::minimum_balance()).ok();
		let needed = minimum.and_then(|minimum| sum([minimum, recorded]));
		if !recorded.is_zero() && (needed.is_none() || balance < needed) {
			violations.push(format!("the pool has {balance:?} of {needed:?}"));
		}
		let loans: Vec<_> = Lent::<T>::iter_values().collect();
		if loans.iter().any(|loan| *loan <= Cash::ZERO) || sum(loans) != Some(lent) {
			violations.push(format!("{lent:?} is lent, and not to those that owe it"));
		}
	}

	/// Contributions are counted, add up to the layer, and nobody is assessed more than it had contributed.
	fn check_contributions(books: &PoolBooks, violations: &mut Vec<String>) {
		let contributions: Vec<_> = Contributions::<T>::iter().collect();
		let counted = Contributions::<T>::count();
		if u32::try_from(contributions.len()) != Ok(counted) || counted > MAX_CONTRIBUTORS {
			violations.push(format!("{} contributions are counted as {counted}", contributions.len()));
		}
		if sum(contributions.iter().map(|(_, contribution)| contribution.amount)) != Some(books.contributed) {
			violations.push(format!("contributions are not {:?} in sum", books.contributed));
		}
		if books.contributed.is_zero() && !books.undivided.is_zero() {
			violations.push(format!("{:?} is to be divided among nobody", books.undivided));
		}
		let window = Draws::<T>::get().number;
		for (who, contribution) in contributions {
			let is_bounded = Cash::ZERO <= contribution.assessed && contribution.assessed <= contribution.base;
			if contribution.amount < Cash::ZERO || !is_bounded || contribution.window > window {
				violations.push(format!("{who:?} has a contribution that cannot be: {contribution:?}"));
			}
		}
	}

	/// There is money only if there are shares, shares without money only while they are to be repaid, and all shares
	/// are somebody's.
	fn check_outside(books: &PoolBooks, violations: &mut Vec<String>) {
		let outside = &books.outside;
		if outside.shares == 0 && !(outside.value.is_zero() && books.owed_outside.is_zero()) {
			violations.push(format!("there is money without shares: {books:?}"));
		}
		if outside.shares > 0 && outside.value.is_zero() && books.owed_outside.is_zero() {
			violations.push(format!("there are shares of nothing: {books:?}"));
		}
		let holders: Vec<_> = Holders::<T>::iter().collect();
		let held =
			holders.iter().filter(|(_, holder)| holder.series == outside.series).map(|(_, holder)| holder.shares);
		let leaving = OpenBuckets::<T>::get().into_iter().filter_map(|open| Buckets::<T>::get(open.id));
		if count(held.chain(leaving.map(|bucket| bucket.left))) != Some(outside.shares) {
			violations.push(format!("{} shares are not those of the holders", outside.shares));
		}
		for (who, holder) in holders {
			let is_redeeming = |id: &BucketId| Redemptions::<T>::contains_key(id, &who);
			if holder.is_empty() || !holder.redeeming.iter().all(is_redeeming) {
				violations.push(format!("{who:?} holds nothing, or redeems what it does not: {holder:?}"));
			}
		}
	}

	/// Open buckets wait in order and finished ones do not; each has its members, and what they can collect is set
	/// aside.
	fn check_redemptions(books: &PoolBooks, violations: &mut Vec<String>) {
		let open = OpenBuckets::<T>::get();
		if !open.is_sorted_by(|one, other| one.due < other.due) {
			violations.push(format!("open buckets are out of order: {open:?}"));
		}
		for open in open {
			if Buckets::<T>::get(open.id).is_none_or(|bucket| bucket.due != open.due || bucket.is_finished()) {
				violations.push(format!("an open bucket is not: {open:?}"));
			}
		}
		let mut members = BTreeMap::<BucketId, Vec<Redemption>>::new();
		for (id, who, redemption) in Redemptions::<T>::iter() {
			let holds = |holder: Holder| holder.redeeming.contains(&id);
			if !Buckets::<T>::contains_key(id) || !Holders::<T>::get(&who).is_some_and(holds) {
				violations.push(format!("{who:?} has a redemption of nothing: {redemption:?}"));
			}
			members.entry(id).or_default().push(redemption);
		}
		let mut set_aside: Vec<_> = Owed::<T>::iter_values().collect();
		if set_aside.iter().any(|owed| *owed <= Cash::ZERO) {
			violations.push("somebody is owed nothing".into());
		}
		for (id, bucket) in Buckets::<T>::iter() {
			Self::check_bucket(id, &bucket, members.remove(&id).unwrap_or_default(), violations);
			set_aside.push(bucket.uncollected);
		}
		if sum(set_aside) != Some(books.set_aside) {
			violations.push(format!("{:?} is set aside, and not for those it is for", books.set_aside));
		}
		for id in FinishedBuckets::<T>::iter_keys() {
			if !Buckets::<T>::contains_key(id) {
				violations.push(format!("{id:?} is finished and gone"));
			}
		}
	}

	fn check_bucket(id: BucketId, bucket: &Bucket, members: Vec<Redemption>, violations: &mut Vec<String>) {
		let is_open = OpenBuckets::<T>::get().iter().any(|open| open.id == id);
		if is_open == bucket.is_finished() || is_open == FinishedBuckets::<T>::contains_key(id) {
			violations.push(format!("{id:?} is neither open nor finished, or both: {bucket:?}"));
		}
		if id >= NextBucket::<T>::get() || bucket.left > bucket.shares || bucket.uncollected < Cash::ZERO {
			violations.push(format!("{id:?} cannot be: {bucket:?}"));
		}
		if u32::try_from(members.len()) != Ok(bucket.members) || members.is_empty() {
			violations.push(format!("{id:?} has {} members: {bucket:?}", members.len()));
		}
		// Those that were paid are gone from a finished bucket.
		let shares = count(members.iter().map(|member| member.shares));
		if shares.is_none_or(|shares| shares > bucket.shares || (is_open && shares < bucket.shares)) {
			violations.push(format!("the shares of {id:?} are not its members': {bucket:?}"));
		}
		let claims = members.iter().map(|member| bucket.claim(member).ok());
		let claims = claims.collect::<Option<Vec<_>>>();
		let is_negative = claims.iter().flatten().any(|claim| *claim < Cash::ZERO);
		if is_negative || claims.and_then(sum).is_none_or(|claims| claims > bucket.uncollected) {
			violations.push(format!("{id:?} cannot pay its members: {bucket:?}"));
		}
	}

	/// The tokens for sale are on their account, and what sales are to pay or have fetched is in the books.
	fn check_sales(books: &PoolBooks, violations: &mut Vec<String>) {
		let sales: BTreeMap<SaleId, SaleOf<T>> = Sales::<T>::iter().collect();
		let on_sale = OnSale::<T>::get();
		if count(sales.values().map(|sale| sale.amount)) != Some(on_sale) {
			violations.push(format!("{on_sale} tokens are not those of the sales"));
		}
		let balance = T::NativeBalance::balance(&Self::sale_account());
		let kept = on_sale.checked_add(T::NativeBalance::minimum_balance());
		if on_sale > 0 && kept.is_none_or(|kept| balance < kept) {
			violations.push(format!("of {on_sale} tokens for sale {balance} are there"));
		}
		let (mut owed, mut fetched) = (Vec::new(), Vec::new());
		for (id, sale) in &sales {
			let is_assessment = Assessments::<T>::get(&sale.guarantor) == Some(*id);
			let is_left = match &sale.purpose {
				SalePurpose::Repay(advance) => {
					owed.push(advance.outside);
					let parts = advance.guarantors.iter().map(|(_, due)| *due).chain([advance.skin, advance.outside]);
					let is_negative = parts.into_iter().any(|due| due < Cash::ZERO);
					sale.amount > 0 && !is_assessment && !is_negative
				},
				SalePurpose::Assessment { fetched: so_far } => {
					fetched.push(*so_far);
					is_assessment
				},
				SalePurpose::Income => sale.amount > 0 && !is_assessment,
			};
			let is_waiting = WaitingSales::<T>::contains_key(id);
			if !is_left || *id >= NextSale::<T>::get() || is_waiting != sale.course.is_none() {
				violations.push(format!("{id:?} cannot be: {sale:?}"));
			}
		}
		if sum(owed) != Some(books.owed_outside) || sum(fetched) != Some(books.proceeds) {
			violations.push(format!("sales do not owe or hold what the books say: {books:?}"));
		}
		let named = Assessments::<T>::iter_values().chain(WaitingSales::<T>::iter_keys());
		for id in named {
			if !sales.contains_key(&id) {
				violations.push(format!("{id:?} is waited for and gone"));
			}
		}
	}
}
