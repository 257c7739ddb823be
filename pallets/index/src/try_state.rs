//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	types::BalanceOf, Classes, Commitments, Config, HoldReason, Latest, Owners, Pallet, Parameters, PendingParameters,
	Reporters, Reports, Rounds, Series, Settings, Stage,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	format,
	string::String,
	vec::Vec,
};
use frame_support::traits::fungible::InspectHold;
use gcx_primitives::{ClassId, Price, PriceIndex};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::index", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("index: an invariant is broken"))
	}

	/// What is broken of the invariants, in words.
	pub(crate) fn violations() -> Vec<String> {
		let mut violations = Vec::new();
		let pending = PendingParameters::<T>::get().map(|(_, parameters)| parameters);
		for parameters in [Some(Parameters::<T>::get()), pending].into_iter().flatten() {
			if !parameters.is_valid::<T>() {
				violations.push(format!("parameters contradict each other: {parameters:?}"));
			}
		}
		Self::check_classes(&mut violations);
		Self::check_bonds_are_held(&mut violations);
		for class in Classes::<T>::get() {
			Self::check_round(class, &mut violations);
			Self::check_series(class, &mut violations);
		}
		violations
	}

	fn check_classes(violations: &mut Vec<String>) {
		let listed: BTreeSet<_> = Classes::<T>::get().into_iter().collect();
		let settled: BTreeMap<_, _> = Settings::<T>::iter().collect();
		if listed.len() != Classes::<T>::get().len() || !settled.keys().eq(listed.iter()) {
			violations.push(format!("listed classes {listed:?} are not those with settings {settled:?}"));
		}
		for (class, settings) in settled {
			let floors = [Some(settings.floor), settings.next_floor.map(|(_, floor)| floor)];
			if floors.into_iter().flatten().any(|floor| floor <= Price::ZERO || !floor.is_bounded()) {
				violations.push(format!("{class:?} has a floor that is none: {settings:?}"));
			}
		}
	}

	/// What is held of an account is what its reporters are bonded with, and what its disputes are.
	fn check_bonds_are_held(violations: &mut Vec<String>) {
		let nothing = |owner| (owner, BalanceOf::<T>::zero());
		let mut bonded: BTreeMap<T::AccountId, BalanceOf<T>> = Owners::<T>::iter_keys().map(nothing).collect();
		for reporter in Reporters::<T>::iter_values() {
			let sum = bonded.entry(reporter.owner).or_default();
			*sum = sum.checked_add(&reporter.bond).unwrap_or(*sum);
		}
		let mut disputing = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for round in Rounds::<T>::iter_values() {
			if let Stage::Disputed { by, bond, .. } = round.stage {
				let sum = disputing.entry(by).or_default();
				*sum = sum.checked_add(&bond).unwrap_or(*sum);
			}
		}
		for (reason, owed) in [(HoldReason::ReporterBond, bonded), (HoldReason::DisputeBond, disputing)] {
			for (who, due) in owed {
				let held = T::NativeBalance::balance_on_hold(&reason.into(), &who);
				if held != due {
					violations.push(format!("{who:?} has {held:?} held for {reason:?} of {due:?}"));
				}
			}
		}
	}

	/// A round is of today or before; what it collects is its reporters', once each, while it is reporting.
	fn check_round(class: ClassId, violations: &mut Vec<String>) {
		let reports = Reports::<T>::get(class);
		let reporting: BTreeSet<_> = reports.iter().map(|report| report.reporter.clone()).collect();
		let committed: BTreeSet<_> = Commitments::<T>::iter_key_prefix(class).collect();
		if reporting.len() != reports.len() || !reporting.is_disjoint(&committed) {
			violations.push(format!("{class:?} has a reporter twice: {reports:?}, {committed:?}"));
		}
		if reporting.union(&committed).any(|who| !Reporters::<T>::contains_key(who)) {
			violations.push(format!("{class:?} has reports of others than reporters: {reports:?}, {committed:?}"));
		}
		if reports.iter().any(|report| !report.price.is_bounded()) {
			violations.push(format!("{class:?} has a report beyond the bounds: {reports:?}"));
		}
		let round = Rounds::<T>::get(class);
		if round.as_ref().is_some_and(|round| round.day > Self::today()) {
			violations.push(format!("{class:?} has a round of a day to come: {round:?}"));
		}
		let open = matches!(round.map(|round| round.stage), Some(Stage::Reporting));
		let collects = !reporting.is_empty() || !committed.is_empty();
		if collects && !open {
			violations.push(format!("{class:?} collects reports outside of a round: {reports:?}, {committed:?}"));
		}
	}

	/// The series ascends, its prices are bounded, and it ends with the newest fix.
	fn check_series(class: ClassId, violations: &mut Vec<String>) {
		let series = Series::<T>::get(class);
		if series.windows(2).any(|pair| matches!(pair, [earlier, later] if earlier.day >= later.day)) {
			violations.push(format!("the fixes of {class:?} do not ascend: {series:?}"));
		}
		if series.iter().any(|fix| !fix.price.is_bounded()) {
			violations.push(format!("a fix of {class:?} is beyond the bounds: {series:?}"));
		}
		let latest = Latest::<T>::get(class);
		if latest.map(|(fix, _)| fix) != series.last().copied() {
			violations.push(format!("the newest fix of {class:?} is not the last of its series: {latest:?}"));
		}
	}
}
