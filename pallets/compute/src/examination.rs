//! What rounds find of resources: the way in for the pallets that examine them.

use crate::{
	types::ResourceOf, Classes, Config, Event, Failure, Pallet, Providers, References, Resource, Resources, Roster,
	Standings, WeightInfo,
};
use frame_support::{defensive, pallet_prelude::Weight};
use gcx_math::rate;
use gcx_primitives::{
	Attestation, Capacity, CapacityLedger, ClassId, ComputeResources, Metric, ProvableResources, ProvenCompute,
	ProviderOffence, Region, ResourceId, ResourceState, Subject, Tier,
};

impl<T: Config> ComputeResources<T::AccountId> for Pallet<T> {
	fn drawable() -> u32 {
		Roster::<T>::count()
	}

	fn drawable_at(index: u32) -> Option<ResourceId> {
		Roster::<T>::get(index)
	}

	fn subject(resource: ResourceId) -> Option<Subject<T::AccountId>> {
		let Resource { provider, agent, class, version, devices, .. } = Resources::<T>::get(resource)?;
		let solves = Classes::<T>::get(class)?.attested_by.is_some();
		Some(Subject { provider, agent, class, version, devices, solves })
	}

	fn state(resource: ResourceId) -> Option<ResourceState> {
		let record = Resources::<T>::get(resource)?;
		Some(record.life.state(record.is_maintained_on(Self::today())))
	}

	fn region(resource: ResourceId) -> Option<Region> {
		Resources::<T>::get(resource).map(|record| record.region)
	}

	fn is_delivering(resource: ResourceId) -> bool {
		!Self::nominated(resource, Self::today()).is_zero()
	}

	fn capacity_shown(resource: ResourceId, devices: u32, solved: u64) -> Capacity {
		let attested_by = || Classes::<T>::get(Resources::<T>::get(resource)?.class)?.attested_by;
		attested_by().map_or(Capacity::ZERO, |metric| Self::capacity_by(metric, resource, devices, solved))
	}

	fn attested(resource: ResourceId, attestation: Attestation) {
		let Some(mut record) = Self::examined(resource) else { return };
		if attestation.devices != record.devices {
			// It has other devices than when the round was opened: nothing was found of these.
			Self::deposit_event(Event::RoundUnattested { resource });
			return;
		}
		let class = Classes::<T>::get(record.class);
		let reference = References::<T>::get(record.class, record.version);
		let (Some(class), Some(reference)) = (class, reference) else {
			defensive!("a version that a resource is measured against is not retired");
			return;
		};
		let mut standing = Standings::<T>::get(resource);
		let before = Self::offer(resource, &record, &standing);
		Self::take_in(resource, &record, &mut standing, &class, &reference.system, &attestation);
		let life = record.life.pass(Self::parameters().warmup_rounds);
		Self::set_life(resource, &mut record, life);
		Self::recount(resource, &record, &mut standing);
		let after = Self::offer(resource, &record, &standing);
		let (round, evidence) = (attestation.round, attestation.evidence);
		let found = |tier| standing.evidence(tier).filter(|found| found.round == round).map(|found| found.rate);
		let (attested, declared) = (found(Tier::Attested), found(Tier::Declared));
		let grade = standing.graded.map(|(grade, _)| grade);
		Self::deposit_event(Event::RoundPassed { resource, round, evidence, attested, declared, grade });
		Resources::<T>::insert(resource, &record);
		let has_fallen = standing.has_fallen();
		Standings::<T>::insert(resource, standing);
		let fell = Self::fell(before.as_ref(), after.as_ref());
		let (provider, reliability) = (record.provider.clone(), grade.map(|grade| grade.reliability));
		Self::update_provider(&record, fell || has_fallen, |record| {
			record.reputation.passed = record.reputation.passed.saturating_add(1);
			if let Some(reliability) = reliability.filter(|_| has_fallen) {
				Self::burn_for_fall(record, &provider, resource, reliability);
			}
		});
	}

	fn unattested(resource: ResourceId) {
		if Self::examined(resource).is_some() {
			Self::deposit_event(Event::RoundUnattested { resource });
		}
	}

	fn refused(resource: ResourceId) {
		Self::fail(resource, Failure::Refused);
	}

	fn missed(resource: ResourceId) {
		Self::fail(resource, Failure::Missed);
	}

	fn offended(resource: ResourceId, offence: ProviderOffence, reporter: Option<T::AccountId>) {
		let Some(mut record) = Resources::<T>::get(resource) else { return };
		let until = Self::days_from_now(Self::parameters().jail_days);
		let life = record.life.jail(until);
		Self::set_life(resource, &mut record, life);
		Resources::<T>::insert(resource, &record);
		Standings::<T>::mutate(resource, |standing| {
			standing.forget();
			Self::recount(resource, &record, standing);
		});
		let provider = record.provider.clone();
		Self::update_provider(&record, true, |record| Self::slash(record, &provider, resource, offence, reporter));
	}
}

impl<T: Config> ProvableResources<T::AccountId> for Pallet<T> {
	fn proof_reference(class: ClassId) -> Option<u64> {
		let current = Classes::<T>::get(class)?.current;
		Self::reference_value(&References::<T>::get(class, current)?.system, Metric::Int8Operations)
	}

	fn capacity_proven(resource: ResourceId, devices: u32, operations: u64) -> Capacity {
		Self::capacity_by(Metric::Int8Operations, resource, devices, operations)
	}

	fn proven(resource: ResourceId, proof: ProvenCompute) {
		let Some(mut record) = Self::examined(resource).filter(|record| record.devices == proof.devices) else {
			// It has other devices than when it committed, or does not count: nothing was found of these.
			return;
		};
		let Some(reference) = References::<T>::get(record.class, record.version) else {
			defensive!("a version that a resource is measured against is not retired");
			return;
		};
		let mut standing = Standings::<T>::get(resource);
		let before = Self::offer(resource, &record, &standing);
		if !Self::take_in_proof(&mut standing, &reference.system, &proof) {
			// Its version is of a time before the class could be proven.
			return;
		}
		let life = record.life.pass(Self::parameters().warmup_rounds);
		Self::set_life(resource, &mut record, life);
		Self::recount(resource, &record, &mut standing);
		let after = Self::offer(resource, &record, &standing);
		let rate = standing.proven.as_ref().map(|proven| proven.rate).unwrap_or_default();
		let grade = standing.graded.map(|(grade, _)| grade);
		Self::deposit_event(Event::Proven { resource, roll_call: proof.roll_call, rate, grade });
		Resources::<T>::insert(resource, &record);
		let has_fallen = standing.has_fallen();
		Standings::<T>::insert(resource, standing);
		let fell = Self::fell(before.as_ref(), after.as_ref());
		let (provider, reliability) = (record.provider.clone(), grade.map(|grade| grade.reliability));
		Self::update_provider(&record, fell || has_fallen, |record| {
			record.reputation.passed = record.reputation.passed.saturating_add(1);
			if let Some(reliability) = reliability.filter(|_| has_fallen) {
				Self::burn_for_fall(record, &provider, resource, reliability);
			}
		});
	}

	fn absent(resource: ResourceId) {
		Self::fail(resource, Failure::Absent);
	}
}

impl<T: Config> Pallet<T> {
	/// The most that closing a round weighs here, whatever was found: one of `attested`, `unattested`, `refused`, `missed`.
	pub fn closed_weight() -> Weight {
		T::WeightInfo::attested().max(T::WeightInfo::failed()).max(T::WeightInfo::unattested())
	}

	/// The most that what a roll-call found of a resource weighs here: one of `proven`, `absent`, `offended`. `proven` is what `attested` is,
	/// with one rate instead of two, and without the class.
	pub fn reckoned_weight() -> Weight {
		T::WeightInfo::attested().max(T::WeightInfo::failed()).max(T::WeightInfo::offended())
	}

	/// A resource that rounds count for. What a round finds that was opened before it went to jail, or began to leave, does not.
	fn examined(resource: ResourceId) -> Option<ResourceOf<T>> {
		Resources::<T>::get(resource).filter(|record| record.life.stage.is_examined())
	}

	/// The capacity a day of so many devices with so much per second, by a metric of the version that a resource is measured against. Zero if there is no
	/// such resource, or no such metric.
	fn capacity_by(metric: Metric, resource: ResourceId, devices: u32, value: u64) -> Capacity {
		let capacity = || {
			let Resource { class, version, .. } = Resources::<T>::get(resource)?;
			let reference = Self::reference_value(&References::<T>::get(class, version)?.system, metric)?;
			let rate = rate::attested_rate(value, reference).ok()?;
			rate::capacity_per_day(rate, devices).ok()
		};
		capacity().unwrap_or_default()
	}

	fn fail(resource: ResourceId, failure: Failure) {
		let Some(mut record) = Self::examined(resource) else { return };
		let parameters = Self::parameters();
		let had_capacity = record.life.stage.has_capacity();
		let until = Self::days_from_now(parameters.jail_days);
		let failures = record.life.failures.saturating_add(1);
		let limit = parameters.suspect_limit;
		Self::deposit_event(Event::RoundFailed { resource, failure, failures, limit });
		let life = record.life.fail(limit, until);
		Self::set_life(resource, &mut record, life);
		Resources::<T>::insert(resource, &record);
		Standings::<T>::mutate(resource, |standing| {
			standing.count(false);
			if failure == Failure::Absent {
				standing.proven = None;
				if standing.attested.is_none() && standing.declared.is_none() {
					// Nothing is left that a grade could follow from.
					standing.graded = None;
				}
			}
			Self::recount(resource, &record, standing);
		});
		Self::update_provider(&record, had_capacity, |record| {
			let rounds = match failure {
				Failure::Missed | Failure::Absent => &mut record.reputation.missed,
				Failure::Refused => &mut record.reputation.refused,
			};
			*rounds = rounds.saturating_add(1);
		});
	}

	/// Changes the record of a resource's provider, and tells of what it can no longer deliver if its capacity fell.
	fn update_provider(
		resource: &ResourceOf<T>,
		capacity_fell: bool,
		change: impl FnOnce(&mut crate::types::ProviderOf<T>),
	) {
		let Some(mut record) = Providers::<T>::get(&resource.provider) else {
			defensive!("a resource's provider is known");
			return;
		};
		change(&mut record);
		if capacity_fell {
			Self::announce_shortfall(&resource.provider, &record, resource.class);
		}
		Providers::<T>::insert(&resource.provider, record);
	}
}
