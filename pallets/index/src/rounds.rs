//! A class's round of a day: commitments, reports, the price that they come to, disputes.
//!
//! A round goes from stage to stage by the clock, and one function alone moves it: `advance_by`. The hook, anyone's
//! `advance` and the calls that need to know the stage all use it. It takes at most one step at a time, and one is enough
//! to close the round of a day that is over.

use crate::{
	types::{BalanceOf, ParametersOf, ReportOf, ReporterOf, RoundOf},
	Classes, Commitment, Commitments, Config, Error, Event, HoldReason, NoPrice, Owners, Pallet, Parameters, Report,
	Reporters, Reports, Round, Rounds, Settings, Stage, WeightInfo,
};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::Encode;
use frame_support::{
	defensive,
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::hold::{Balanced, Mutate},
		tokens::Precision,
		Get, OnUnbalanced, Time,
	},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_math::index::WeightedPrice;
use gcx_primitives::{ClassId, Day, Ppm, Price, PriceIndex};
use sp_runtime::traits::{CheckedAdd, Hash, UniqueSaturatedInto, Zero};

/// What a reporter's commitment signs off: domain, chain, class, day, reporter, price, salt, in SCALE, hashed with the
/// chain's hash function. Bound to all of them, so that none can be replayed elsewhere or by another.
pub fn commitment<T: Config>(
	class: ClassId,
	day: Day,
	reporter: &T::AccountId,
	price: Price,
	salt: &[u8; 32],
) -> T::Hash {
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	T::Hashing::hash(&(b"gcx/index/1", genesis, class, day, reporter, price, salt).encode())
}

/// A call that succeeded is free: it is bonded, and possible once a day.
const FREE: PostDispatchInfo = PostDispatchInfo { actual_weight: None, pays_fee: Pays::No };

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit(account: T::AccountId, class: ClassId, hash: T::Hash) -> DispatchResultWithPostInfo {
		ensure!(Settings::<T>::contains_key(class), Error::<T>::UnknownClass);
		let reporter = Reporters::<T>::get(&account).ok_or(Error::<T>::NotReporter)?;
		ensure!(reporter.leaving.is_none(), Error::<T>::AlreadyLeaving);
		ensure!(Owners::<T>::contains_key(&reporter.owner), Error::<T>::NotAdmitted);
		let parameters = Self::parameters();
		Self::advance_by(class, &parameters);
		ensure!(reporter.bond >= parameters.min_bond, Error::<T>::BondTooSmall);
		let day = Self::today();
		ensure!(Self::into_day(day) < parameters.windows.commit, Error::<T>::NotCommitting);
		ensure!(!Commitments::<T>::contains_key(class, &account), Error::<T>::AlreadyCommitted);
		if Rounds::<T>::get(class).is_none_or(|round| round.day < day) {
			Rounds::<T>::insert(class, Round { day, stage: Stage::Reporting });
		}
		Commitments::<T>::insert(class, &account, Commitment { day, hash });
		Self::deposit_event(Event::Committed { class, day, reporter: account });
		Ok(FREE)
	}

	pub(crate) fn do_reveal(
		account: T::AccountId,
		class: ClassId,
		price: Price,
		salt: [u8; 32],
	) -> DispatchResultWithPostInfo {
		ensure!(Settings::<T>::contains_key(class), Error::<T>::UnknownClass);
		let day = Self::today();
		let windows = Parameters::<T>::get().windows;
		let time = Self::into_day(day);
		ensure!(windows.commit <= time && time < windows.reported(), Error::<T>::NotRevealing);
		let Commitment { day: committed, hash } =
			Commitments::<T>::get(class, &account).ok_or(Error::<T>::NotCommitted)?;
		ensure!(committed == day, Error::<T>::NotCommitted);
		ensure!(commitment::<T>(class, day, &account, price, &salt) == hash, Error::<T>::WrongReveal);
		ensure!(price.is_bounded(), Error::<T>::PriceOutOfBounds);
		Reports::<T>::try_append(class, Report { reporter: account.clone(), price })
			.map_err(|_| Error::<T>::TooManyReporters)?;
		Commitments::<T>::remove(class, &account);
		Self::deposit_event(Event::Reported { class, day, reporter: account, price });
		Ok(FREE)
	}

	pub(crate) fn do_dispute(by: T::AccountId, class: ClassId, day: Day) -> DispatchResultWithPostInfo {
		let parameters = Self::parameters();
		Self::advance_by(class, &parameters);
		let round = Rounds::<T>::get(class).filter(|round| round.day == day).ok_or(Error::<T>::NothingToDispute)?;
		let Stage::Proposed { price, .. } = round.stage else { return Err(Error::<T>::NothingToDispute.into()) };
		let bond = parameters.dispute_bond;
		T::NativeBalance::hold(&HoldReason::DisputeBond.into(), &by, bond)?;
		Rounds::<T>::insert(class, Round { day, stage: Stage::Disputed { price, by: by.clone(), bond } });
		Self::deposit_event(Event::Disputed { class, day, price, by, bond });
		Ok(().into())
	}

	pub(crate) fn do_resolve(class: ClassId, day: Day, upheld: bool) -> DispatchResult {
		let parameters = Self::parameters();
		Self::advance_by(class, &parameters);
		let round = Rounds::<T>::get(class).filter(|round| round.day == day).ok_or(Error::<T>::NoDispute)?;
		let Stage::Disputed { price, by, bond } = round.stage else { return Err(Error::<T>::NoDispute.into()) };
		if upheld {
			Self::release_dispute(&by, bond)?;
			Self::close(class, day, Err(NoPrice::DisputeUpheld), &parameters);
		} else {
			let (lost, missing) = T::NativeBalance::slash(&HoldReason::DisputeBond.into(), &by, bond);
			frame_support::defensive_assert!(missing.is_zero(), "a dispute's bond is held in full");
			T::OnSlash::on_unbalanced(lost);
			Self::deposit_event(Event::DisputeRejected { class, day, by, bond });
			Self::close(class, day, Ok(price), &parameters);
		}
		Ok(())
	}

	/// The most that a step of a round weighs.
	pub(crate) fn advance_weight() -> Weight {
		T::WeightInfo::conclude().max(T::WeightInfo::fix())
	}

	/// The hook: a step for one class, the next one in the next block.
	pub(crate) fn advance_in_turn(block: BlockNumberFor<T>) -> Weight {
		let classes = Classes::<T>::get();
		let turn: u32 = (block % u32::MAX.into()).unique_saturated_into();
		let place = usize::try_from(turn).unwrap_or(0).checked_rem(classes.len()).unwrap_or(0);
		// The classes, the time, the round, the parameters and those approved.
		let looked_at = T::DbWeight::get().reads(5);
		match classes.get(place).map(|class| Self::do_advance(*class)) {
			Some(true) => looked_at.saturating_add(Self::advance_weight()),
			Some(false) | None => looked_at,
		}
	}

	/// Brings the round of a class to where the clock says it is. True if that took a step.
	pub(crate) fn do_advance(class: ClassId) -> bool {
		Self::advance_by(class, &Self::parameters())
	}

	/// As [`Pallet::do_advance`], for who read the parameters in force.
	fn advance_by(class: ClassId, parameters: &ParametersOf<T>) -> bool {
		let Some(round) = Rounds::<T>::get(class) else { return false };
		let Round { day, stage } = round;
		match stage {
			Stage::Reporting if Self::into_day(day) >= parameters.windows.reported() => {
				Self::conclude(class, day, parameters);
				true
			},
			Stage::Proposed { price, until } if Self::now() >= until => {
				Self::close(class, day, Ok(price), parameters);
				true
			},
			Stage::Disputed { by, bond, .. } if Self::today() > day => {
				if Self::release_dispute(&by, bond).is_err() {
					defensive!("a dispute's bond is held in full");
				}
				Self::close(class, day, Err(NoPrice::DisputeUndecided), parameters);
				true
			},
			Stage::Reporting | Stage::Proposed { .. } | Stage::Disputed { .. } | Stage::Closed => false,
		}
	}

	/// Reporting is over: slashes the silent and proposes what the others agree on.
	fn conclude(class: ClassId, day: Day, parameters: &ParametersOf<T>) {
		for (reporter, _) in Commitments::<T>::drain_prefix(class) {
			Self::deposit_event(Event::Silent { class, day, reporter: reporter.clone() });
			// A reporter cannot have withdrawn on the day of its commitment.
			if Self::do_slash(reporter, parameters.silence_penalty).is_err() {
				defensive!("who committed is a reporter");
			}
		}
		let until = Self::now().saturating_add(parameters.windows.dispute);
		match Self::agreed_price(class, day, parameters) {
			Err(none) => Self::close(class, day, Err(none), parameters),
			Ok(_) if until > Self::start_of(day).saturating_add(T::DayLength::get()) => {
				Self::close(class, day, Err(NoPrice::OutOfTime), parameters)
			},
			Ok((price, reports, owners)) => {
				Rounds::<T>::insert(class, Round { day, stage: Stage::Proposed { price, until } });
				Self::deposit_event(Event::Proposed { class, day, price, reports, owners, until });
			},
		}
	}

	/// What the reports of the round come to: the price, how many reports are in it, from how many owners.
	fn agreed_price(class: ClassId, day: Day, parameters: &ParametersOf<T>) -> Result<(Price, u32, u32), NoPrice> {
		let reports = Reports::<T>::take(class);
		let (owners, prices) = Self::weighted(&reports, parameters);
		let within = parameters.combination.within(&prices);
		for ((report, price), within) in reports.iter().zip(&prices).zip(&within) {
			if !within && price.weight > Ppm::ZERO {
				let Report { reporter, price } = report.clone();
				Self::deposit_event(Event::Outlier { class, day, reporter, price });
			}
		}
		let kept = |index: &usize| within.get(*index).copied().unwrap_or(false);
		let agreeing: Vec<_> = (0..prices.len()).filter(kept).filter_map(|index| prices.get(index)).copied().collect();
		let mut agreeing_owners: Vec<_> = (0..owners.len()).filter(kept).filter_map(|at| owners.get(at)).collect();
		agreeing_owners.sort_unstable();
		agreeing_owners.dedup();

		let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
		let (reports, owners) = (count(agreeing.len()), count(agreeing_owners.len()));
		let below = NoPrice::BelowQuorum {
			reports,
			reports_needed: parameters.quorum_reports,
			owners,
			owners_needed: parameters.quorum_owners,
		};
		if reports < parameters.quorum_reports || owners < parameters.quorum_owners {
			return Err(below);
		}
		// Every price within is bounded and weighs: there is a mean.
		match parameters.combination.trimmed_mean(&agreeing) {
			Ok(Some(price)) => Ok((price, reports, owners)),
			Ok(None) | Err(_) => Err(below),
		}
	}

	/// The owner of each report, and its price with its weight: an owner's bonds together make its weight, and its reports
	/// share it. Who was expelled or is bonded too low has none.
	fn weighted(
		reports: &[ReportOf<T>],
		parameters: &ParametersOf<T>,
	) -> (Vec<Option<T::AccountId>>, Vec<WeightedPrice>) {
		let bonded: Vec<_> = reports
			.iter()
			.map(|report| {
				Reporters::<T>::get(&report.reporter).filter(|reporter| {
					reporter.bond >= parameters.min_bond && Owners::<T>::contains_key(&reporter.owner)
				})
			})
			.collect();
		let mut of_owner = BTreeMap::<T::AccountId, (BalanceOf<T>, u32)>::new();
		for reporter in bonded.iter().flatten() {
			let (bond, reports) = of_owner.entry(reporter.owner.clone()).or_default();
			// Both are held from one account's balance: they fit.
			*bond = bond.checked_add(&reporter.bond).unwrap_or(*bond);
			*reports = reports.saturating_add(1);
		}
		let weight = |owner: &T::AccountId| {
			let (bond, reports) = of_owner.get(owner)?;
			Some(Ppm(parameters.weight_of(*bond).0.checked_div(*reports)?))
		};
		let weigh = |(report, reporter): (&ReportOf<T>, Option<ReporterOf<T>>)| {
			let owner = reporter.map(|reporter| reporter.owner);
			let weight = owner.as_ref().and_then(weight).unwrap_or(Ppm::ZERO);
			(owner, WeightedPrice { price: report.price, weight })
		};
		reports.iter().zip(bonded).map(weigh).unzip()
	}

	/// Ends a round, with a price or without.
	fn close(class: ClassId, day: Day, outcome: Result<Price, NoPrice>, parameters: &ParametersOf<T>) {
		Rounds::<T>::insert(class, RoundOf::<T> { day, stage: Stage::Closed });
		match outcome {
			Ok(price) => Self::fix(class, day, price, parameters),
			Err(reason) => Self::deposit_event(Event::NotFixed { class, day, reason }),
		}
	}

	fn release_dispute(by: &T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		T::NativeBalance::release(&HoldReason::DisputeBond.into(), by, bond, Precision::Exact).map(drop)
	}

	/// The time in milliseconds since the Unix epoch.
	pub(crate) fn now() -> u64 {
		T::Clock::now()
	}

	/// When a day begins, in milliseconds since the Unix epoch.
	pub(crate) fn start_of(day: Day) -> u64 {
		u64::from(day.0).saturating_mul(T::DayLength::get())
	}

	/// Milliseconds since a day began.
	fn into_day(day: Day) -> u64 {
		Self::now().saturating_sub(Self::start_of(day))
	}
}
