//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	Books, Config, Earners, Era, Eras, GenesisIssuance, HoldReason, NextSeat, Offer, Pallet, Parameters, Rebates,
	RewardRole, SeatOffers, Seats, Shared, TokenBooks, Traders, Year,
};
use alloc::{collections::BTreeSet, format, string::String, vec::Vec};
use frame_support::traits::{
	fungible::{hold::Inspect as _, Inspect},
	Get,
};
use gcx_primitives::Cash;
use sp_runtime::TryRuntimeError;

/// The sum, or none where it does not fit.
fn sum(amounts: impl IntoIterator<Item = u128>) -> Option<u128> {
	amounts.into_iter().try_fold(0, u128::checked_add)
}

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::token", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("token: an invariant is broken"))
	}

	/// What is broken of the invariants, in words.
	pub(crate) fn violations() -> Vec<String> {
		let mut violations = Vec::new();
		let parameters = Parameters::<T>::get();
		if !parameters.is_valid(T::MaxSeats::get()) {
			violations.push(format!("parameters are out of bounds: {parameters:?}"));
		}
		let books = Books::<T>::get();
		Self::check_issuance(&books, &mut violations);
		Self::check_shares(&books, &mut violations);
		Self::check_pot(&books, &mut violations);
		Self::check_rewards(&books, &mut violations);
		Self::check_seats(&mut violations);
		violations
	}

	/// Nothing was burned that had not been there, and nothing issued that this year does not know of.
	fn check_issuance(books: &TokenBooks, violations: &mut Vec<String>) {
		let genesis = GenesisIssuance::<T>::get();
		let there_was = sum([genesis, books.issued]);
		let there_is = sum([T::NativeBalance::total_issuance(), books.burned.total()]);
		if there_was < there_is || there_was.is_none() {
			violations.push(format!("{there_was:?} were ever there, {there_is:?} are there or were burned"));
		}
		let year = Year::<T>::get();
		if year.issued > books.issued {
			violations.push(format!("more was issued this year than ever: {year:?}, {}", books.issued));
		}
	}

	/// What was collected is the sum of what it was shared into.
	fn check_shares(books: &TokenBooks, violations: &mut Vec<String>) {
		let Shared { collected, pool, rebates, burn, treasury, rewards } = books.tokens;
		if sum([pool, rebates, burn, treasury, rewards]) != Some(collected) {
			violations.push(format!("fees in tokens were not shared to the unit: {:?}", books.tokens));
		}
		let Shared { collected, pool, rebates, burn, treasury, rewards } = books.cash;
		if Cash::checked_sum([pool, rebates, burn, treasury, rewards]) != Ok(collected) {
			violations.push(format!("fees in cash were not shared to the unit: {:?}", books.cash));
		}
		if books.burned.trading != books.tokens.burn {
			violations.push(format!("{} of fees were to burn, {} did", books.tokens.burn, books.burned.trading));
		}
		let spent = Cash::checked_sum([books.buy_back]).and_then(|left| books.cash.burn.checked_sub(left));
		if spent.map_or(true, |spent| spent < Cash::ZERO) {
			violations.push(format!("more is left to buy tokens than was collected: {books:?}"));
		}
	}

	/// The pot has what waits and what is owed, beyond its minimum balances.
	fn check_pot(books: &TokenBooks, violations: &mut Vec<String>) {
		let pot = T::PotAccount::get();
		let cash = [books.cash_for_pool, books.cash_for_treasury, books.cash_rebates, books.buy_back];
		if cash.iter().any(|amount| *amount < Cash::ZERO) {
			violations.push(format!("the books have negative amounts: {books:?}"));
		}
		let due = sum(cash.iter().map(|amount| amount.0.unsigned_abs()));
		let needed = due.and_then(|due| due.checked_add(T::SettlementAsset::minimum_balance()));
		let has = T::SettlementAsset::balance(&pot);
		if due != Some(0) && needed.is_none_or(|needed| has < needed) {
			violations.push(format!("the pot has {has} of {needed:?} in cash"));
		}
		let due = sum([books.tokens_for_pool, books.tokens_for_treasury, books.token_rebates, books.rewards]);
		let needed = due.and_then(|due| due.checked_add(T::NativeBalance::minimum_balance()));
		let has = T::NativeBalance::balance(&pot);
		if due != Some(0) && needed.is_none_or(|needed| has < needed) {
			violations.push(format!("the pot has {has} of {needed:?} in tokens"));
		}
		let rebates: Vec<_> = Rebates::<T>::iter_values().collect();
		let of_cash = Cash::checked_sum(rebates.iter().map(|rebate| rebate.cash));
		let of_tokens = sum(rebates.iter().map(|rebate| rebate.tokens));
		if of_cash != Ok(books.cash_rebates) || of_tokens != Some(books.token_rebates) {
			violations.push(format!("rebates are {of_cash:?} and {of_tokens:?}, not as in {books:?}"));
		}
		let offered = Offer::<T>::get().map_or(Cash::ZERO, |offer| offer.offered);
		if offered < Cash::ZERO || offered > books.buy_back {
			violations.push(format!("{offered:?} of {:?} is offered for tokens", books.buy_back));
		}
	}

	/// Rewards are those of this era's fees, of past eras, and what is owed; and in no era more was earned than its points are.
	fn check_rewards(books: &TokenBooks, violations: &mut Vec<String>) {
		let era = Era::<T>::get();
		let traders = Traders::<T>::iter_values().map(|trader| (RewardRole::Trader, trader.earning));
		let earners = Earners::<T>::iter().map(|(role, _, earning)| (role, earning));
		let earnings: Vec<_> = traders.chain(earners).collect();
		let owed = sum(earnings.iter().map(|(_, earning)| earning.owed));
		let left = sum(Eras::<T>::iter_values().map(|past| past.left));
		let all = owed.zip(left).and_then(|(owed, left)| sum([owed, left, era.of_fees]));
		if all != Some(books.rewards) {
			violations.push(format!("rewards are {} and should be {all:?}", books.rewards));
		}
		for (index, past) in Eras::<T>::iter() {
			let budgets = RewardRole::ALL.map(|role| *past.budgets.of(role));
			if sum(budgets).is_none_or(|budgets| past.left > budgets) {
				violations.push(format!("era {index} has more left than it had: {past:?}"));
			}
			let is_old = era.index.checked_sub(index).is_none_or(|age| age == 0 || age > T::RewardEras::get());
			if is_old {
				violations.push(format!("era {index} is kept in era {}", era.index));
			}
		}
		for role in RewardRole::ALL {
			let now = earnings.iter().filter(|(of, earning)| *of == role && earning.era == era.index);
			let points = sum(now.map(|(_, earning)| earning.points));
			if points != Some(*era.points.of(role)) {
				violations.push(format!("{role:?} points are {points:?}, not as in {era:?}"));
			}
		}
	}

	/// A seat has one holder, who has put up its stake; only holders offer.
	fn check_seats(violations: &mut Vec<String>) {
		let seats: Vec<_> = Seats::<T>::iter().collect();
		let ids: BTreeSet<_> = seats.iter().map(|(_, seat)| seat.id).collect();
		let next = NextSeat::<T>::get();
		if ids.len() != seats.len() || ids.last().is_some_and(|last| *last >= next) {
			violations.push(format!("seats are not of one holder each: {ids:?}, next {next:?}"));
		}
		if u32::try_from(seats.len()) != Ok(Seats::<T>::count()) {
			violations.push(format!("{} seats are counted as {}", seats.len(), Seats::<T>::count()));
		}
		for (who, seat) in seats {
			let held = T::NativeBalance::balance_on_hold(&HoldReason::Seat.into(), &who);
			if held != seat.stake {
				violations.push(format!("{held} is held for a seat's stake of {}", seat.stake));
			}
		}
		if SeatOffers::<T>::iter_keys().any(|who| !Seats::<T>::contains_key(who)) {
			violations.push("somebody offers a seat without having one".into());
		}
	}
}
