//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	prune, ClassCapacity, Classes, Config, HoldReason, Ledger, NextResource, OldestDay, Pallet, Parameters,
	PendingParameters, Providers, References, Resources, Roster, Seats, Stage, Standing, Standings,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	format,
	string::String,
	vec::Vec,
};
use frame_support::traits::{fungible::InspectHold, Get};
use gcx_math::rate;
use gcx_primitives::{Capacity, ClassId, Day, Metric, Ppm, MAX_DEVICES};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::compute", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("compute: an invariant is broken"))
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
		Self::check_references(&mut violations);
		Self::check_providers(&mut violations);
		Self::check_resources(&mut violations);
		Self::check_standings(&mut violations);
		Self::check_capacity(&mut violations);
		Self::check_roster(&mut violations);
		Self::check_ledger(&mut violations);
		violations
	}

	/// A class's current version is its newest, and as many are kept as it counts.
	fn check_classes(violations: &mut Vec<String>) {
		for (class, record) in Classes::<T>::iter() {
			let versions: Vec<_> = References::<T>::iter_key_prefix(class).collect();
			if versions.iter().max() != Some(&record.current) {
				violations.push(format!("the newest version of {class:?} is not its current one: {versions:?}"));
			}
			if u32::try_from(versions.len()) != Ok(record.versions) || record.versions > T::MaxVersionsPerClass::get() {
				violations.push(format!("{class:?} counts {} versions of {versions:?}", record.versions));
			}
			if record.name.is_empty() || core::str::from_utf8(&record.name).is_err() {
				violations.push(format!("{class:?} has no name: {:?}", record.name));
			}
		}
		if Classes::<T>::count() > T::MaxClasses::get() {
			violations.push(format!("there are {} classes", Classes::<T>::count()));
		}
	}

	/// A version is of a class, can be measured against, and counts the resources that are.
	fn check_references(violations: &mut Vec<String>) {
		let mut measured = BTreeMap::<_, u32>::new();
		for resource in Resources::<T>::iter_values() {
			let resources = measured.entry((resource.class, resource.version)).or_default();
			*resources = resources.saturating_add(1);
		}
		for (class, version, reference) in References::<T>::iter() {
			let attested_by = match Classes::<T>::get(class) {
				Some(class) => class.attested_by,
				None => {
					violations.push(format!("{version:?} is of {class:?}, which there is none of"));
					None
				},
			};
			let attests = attested_by.is_none_or(|by| Self::reference_value(&reference.system, by).is_some());
			if !rate::is_valid(&reference.system) || !attests {
				violations.push(format!("{class:?} cannot be measured by {version:?}: {:?}", reference.system));
			}
			let resources = measured.remove(&(class, version)).unwrap_or(0);
			if reference.resources != resources {
				violations
					.push(format!("{version:?} of {class:?} counts {} of {resources} resources", reference.resources));
			}
		}
		for (of, _) in measured {
			violations.push(format!("resources are measured against {of:?}, which is retired"));
		}
	}

	/// What is held of a provider is its bond; its resources are its own; what it owes is what the ledger says.
	fn check_providers(violations: &mut Vec<String>) {
		let owed = Self::owed_by_ledger(violations);
		for (who, provider) in Providers::<T>::iter() {
			let held = T::NativeBalance::balance_on_hold(&HoldReason::ProviderBond.into(), &who);
			if held != provider.bond {
				violations.push(format!("{who:?} has {held:?} held of {:?}", provider.bond));
			}
			let listed: BTreeSet<_> = provider.resources.iter().copied().collect();
			let own = Resources::<T>::iter().filter(|(_, resource)| resource.provider == who);
			let own: BTreeSet<_> = own.map(|(resource, _)| resource).collect();
			if listed.len() != provider.resources.len() || listed != own {
				violations.push(format!("{who:?} lists the resources {listed:?} of {own:?}"));
			}
			if provider.leaving.is_some() && (!own.is_empty() || provider.owes()) {
				violations.push(format!("{who:?} is leaving, and has resources or owes something"));
			}
			let classes: BTreeSet<_> = provider.positions.iter().map(|position| position.class).collect();
			if classes.len() != provider.positions.len() {
				violations.push(format!("{who:?} has a position twice: {:?}", provider.positions));
			}
			for position in &provider.positions {
				let due = owed.get(&(who.clone(), position.class)).map_or(Capacity::ZERO, |(amount, _)| *amount);
				if position.outstanding != due {
					violations.push(format!("{who:?} owes {position:?}, by the ledger {due:?}"));
				}
			}
		}
		for ((who, class), (amount, last)) in owed {
			let provider = Providers::<T>::get(&who);
			let position = provider.as_ref().and_then(|provider| provider.position(class));
			if position.is_none() && !amount.is_zero() {
				violations.push(format!("{who:?} owes nothing of {class:?}, by the ledger {amount:?}"));
			}
			if position.is_some_and(|position| position.last < last) {
				violations.push(format!("{who:?} has an entry of {class:?} for {last:?}, after its last day"));
			}
		}
	}

	/// What is sold and nominated in all, and the last day that there is an entry for.
	fn owed_by_ledger(violations: &mut Vec<String>) -> BTreeMap<(T::AccountId, ClassId), (Capacity, Day)> {
		let mut owed = BTreeMap::<(T::AccountId, ClassId), (Capacity, Day)>::new();
		for ((day, provider, class), entry) in Ledger::<T>::iter() {
			let (sum, last) = owed.entry((provider.clone(), class)).or_default();
			*last = day.max(*last);
			let total = prune::sums::<T>(&entry).and_then(|(sold, nominated)| sold.checked_add(nominated));
			match total.and_then(|total| sum.checked_add(total)) {
				Ok(total) => *sum = total,
				Err(_) => violations.push(format!("what {provider:?} owes of {class:?} does not fit")),
			}
		}
		owed
	}

	fn check_resources(violations: &mut Vec<String>) {
		for (resource, record) in Resources::<T>::iter() {
			if resource >= NextResource::<T>::get() {
				violations.push(format!("{resource:?} was never registered"));
			}
			if !Providers::<T>::contains_key(&record.provider) {
				violations.push(format!("{resource:?} is of {:?}, who is no provider", record.provider));
			}
			if !(1..=MAX_DEVICES).contains(&record.devices) {
				violations.push(format!("{resource:?} has {} devices", record.devices));
			}
			let ascends = record.maintenance.windows(2).all(|pair| match pair {
				[earlier, later] => earlier.last < later.first,
				_ => true,
			});
			if !ascends || record.maintenance.iter().any(|window| !window.is_valid()) {
				violations.push(format!("{resource:?} has maintenance that overlaps: {:?}", record.maintenance));
			}
			let life = record.life;
			let agrees = match life.stage {
				Stage::Registered | Stage::Jailed { .. } | Stage::Exiting { .. } => {
					life.passed == 0 && life.failures == 0
				},
				Stage::Warmup | Stage::Active => life.passed > 0 && life.failures == 0,
				Stage::Suspect => life.failures > 0,
			};
			if !agrees {
				violations.push(format!("{resource:?} did not get to where it is: {life:?}"));
			}
		}
	}

	/// Who passed a round was measured in it or before; a grade follows from evidence; nothing is of a time to come.
	fn check_standings(violations: &mut Vec<String>) {
		let now = Self::now();
		for (resource, standing) in Standings::<T>::iter() {
			let Some(record) = Resources::<T>::get(resource) else {
				violations.push(format!("there is a standing of {resource:?}, which there is none of"));
				continue;
			};
			let evidence = [&standing.declared, &standing.attested, &standing.proven];
			if standing.graded.is_some() && evidence.iter().all(|evidence| evidence.is_none()) {
				violations.push(format!("the grade of {resource:?} follows from nothing"));
			}
			let times = evidence.into_iter().flatten().map(|evidence| evidence.at);
			let mut times = times.chain(standing.graded.map(|(_, at)| at)).chain(standing.best.map(|best| best.at));
			if times.any(|at| at > now) {
				violations.push(format!("the standing of {resource:?} is of a time to come: {standing:?}"));
			}
			let attestable = Classes::<T>::get(record.class).is_some_and(|class| class.attested_by.is_some());
			if standing.attested.is_some() && !attestable {
				violations.push(format!("{resource:?} is attested, of a class that cannot be"));
			}
			let system = References::<T>::get(record.class, record.version).map(|reference| reference.system);
			let provable =
				system.is_some_and(|system| Self::reference_value(&system, Metric::Int8Operations).is_some());
			if standing.proven.is_some() && !provable {
				violations.push(format!("{resource:?} is proven, of a version that cannot be"));
			}
		}
	}

	/// The total of a class is what its resources were counted with, and only active ones are.
	fn check_capacity(violations: &mut Vec<String>) {
		let mut sums = BTreeMap::<ClassId, Capacity>::new();
		for (resource, Standing { counted, best, .. }) in Standings::<T>::iter() {
			if best.is_some_and(|best| best.share > Ppm::ONE) {
				violations.push(format!("{resource:?} delivered more than all that was due: {best:?}"));
			}
			let Some(record) = Resources::<T>::get(resource).filter(|_| !counted.is_zero()) else { continue };
			if !record.life.stage.has_capacity() {
				violations.push(format!("{resource:?} is counted with {counted:?} and has no capacity"));
			}
			let sum = sums.entry(record.class).or_default();
			*sum = sum.checked_add(counted).unwrap_or(Capacity(u128::MAX));
		}
		let totals: BTreeMap<_, _> = ClassCapacity::<T>::iter().collect();
		if totals != sums {
			violations.push(format!("classes are said to have {totals:?}, their resources have {sums:?}"));
		}
	}

	/// The roster has no gap, and on it is who is examined, once each.
	fn check_roster(violations: &mut Vec<String>) {
		let seats: BTreeMap<_, _> = Roster::<T>::iter().collect();
		if !seats.keys().copied().eq(0..Roster::<T>::count()) {
			violations.push(format!("the roster has gaps: {seats:?}"));
		}
		let listed: BTreeMap<_, _> = Seats::<T>::iter().collect();
		if listed.len() != seats.len() || listed.iter().any(|(who, seat)| seats.get(seat) != Some(who)) {
			violations.push(format!("seats {listed:?} are not those of the roster {seats:?}"));
		}
		let examined = Resources::<T>::iter().filter(|(_, record)| record.life.stage.is_examined());
		let examined: BTreeSet<_> = examined.map(|(resource, _)| resource).collect();
		if !listed.keys().eq(examined.iter()) {
			violations.push(format!("on the roster are {listed:?}, examined are {examined:?}"));
		}
	}

	/// Entries say something, of floors and resources once each, and of no day before the oldest.
	fn check_ledger(violations: &mut Vec<String>) {
		let oldest = OldestDay::<T>::get();
		for ((day, provider, class), entry) in Ledger::<T>::iter() {
			let of = format!("the entry of {provider:?} and {class:?} for {day:?}");
			if oldest.is_none_or(|oldest| day < oldest) {
				violations.push(format!("{of} is before the oldest day {oldest:?}"));
			}
			let nothing = entry.sold.iter().any(|(_, amount)| amount.is_zero())
				|| entry.booked.iter().any(|booking| booking.nominated.is_zero() && booking.pledged.is_zero());
			if nothing || (entry.sold.is_empty() && entry.booked.is_empty()) {
				violations.push(format!("{of} has nothing in it: {entry:?}"));
			}
			let floors = entry.sold.iter().enumerate();
			let is_twice = |(place, (floor, _)): (usize, &(_, _))| {
				entry.sold.iter().skip(place.saturating_add(1)).any(|(other, _)| other == floor)
			};
			let booked: BTreeSet<_> = entry.booked.iter().map(|booking| booking.resource).collect();
			if floors.into_iter().any(is_twice) || booked.len() != entry.booked.len() {
				violations.push(format!("{of} has something twice: {entry:?}"));
			}
			// A resource may be gone before the days that it was booked on are forgotten.
			let is_theirs = |resource: &_| match Resources::<T>::get(resource) {
				Some(record) => record.provider == provider && record.class == class,
				None => day < Self::today(),
			};
			if !booked.iter().all(is_theirs) {
				violations.push(format!("{of} books resources of others: {entry:?}"));
			}
		}
	}
}
