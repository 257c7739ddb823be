//! Resources: what their providers' calls do.

use crate::{
	types::{ParametersOf, ProviderOf, ResourceOf},
	Config, Error, Event, Life, NextResource, Pallet, Providers, Resource, Resources, Stage, Standings,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{Defensive, Get},
	BoundedVec,
};
use gcx_primitives::{ClassId, Day, ReferenceVersion, Region, ResourceId, MAX_DEVICES};
use sp_runtime::{traits::CheckedAdd, ArithmeticError, DispatchError};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_resource(
		provider: T::AccountId,
		class: ClassId,
		region: Region,
		devices: u32,
		agent: T::AccountId,
		version: Option<ReferenceVersion>,
	) -> DispatchResult {
		let mut record = Self::staying_provider(&provider)?;
		let version = version.unwrap_or(Self::class_of(class)?.current);
		ensure!((1..=MAX_DEVICES).contains(&devices), Error::<T>::InvalidDevices);
		let resource = NextResource::<T>::get();
		record.resources.try_push(resource).map_err(|_| Error::<T>::TooManyResources)?;
		Self::ensure_bond_suffices(&record, &Self::parameters())?;
		Self::change_reference(class, version, |reference| {
			reference.resources = reference.resources.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})?;
		NextResource::<T>::put(ResourceId(resource.0.checked_add(1).ok_or(ArithmeticError::Overflow)?));
		Resources::<T>::insert(
			resource,
			Resource {
				provider: provider.clone(),
				agent: agent.clone(),
				class,
				version,
				region,
				devices,
				since: Self::today(),
				life: Life::NEW,
				maintenance: BoundedVec::new(),
			},
		);
		Providers::<T>::insert(&provider, record);
		Self::seat(resource);
		Self::deposit_event(Event::ResourceRegistered { resource, provider, agent, class, version, region, devices });
		Ok(())
	}

	pub(crate) fn do_set_agent(provider: T::AccountId, resource: ResourceId, agent: T::AccountId) -> DispatchResult {
		let mut record = Self::staying_resource(&provider, resource)?;
		let before = core::mem::replace(&mut record.agent, agent.clone());
		Resources::<T>::insert(resource, record);
		Self::deposit_event(Event::AgentChanged { resource, before, agent });
		Ok(())
	}

	/// Returns how many days of the ledger were looked at.
	pub(crate) fn do_set_devices(
		provider: T::AccountId,
		resource: ResourceId,
		devices: u32,
	) -> Result<u32, DispatchError> {
		let before = Self::staying_resource(&provider, resource)?;
		let is_other = devices != before.devices;
		ensure!((1..=MAX_DEVICES).contains(&devices) && is_other, Error::<T>::InvalidDevices);
		let (mut after, mut standing) = (before.clone(), Standings::<T>::get(resource));
		after.devices = devices;
		if devices > before.devices {
			standing.forget();
		}
		let looked_at = Self::ensure_covered_with(resource, &after, &standing)?;
		Self::recount(resource, &after, &mut standing);
		Resources::<T>::insert(resource, after);
		Standings::<T>::insert(resource, standing);
		Self::deposit_event(Event::DevicesChanged { resource, before: before.devices, devices });
		Ok(looked_at)
	}

	pub(crate) fn do_unjail(provider: T::AccountId, resource: ResourceId) -> DispatchResult {
		let mut record = Self::own_resource(&provider, resource)?;
		match record.life.stage {
			Stage::Jailed { until } => ensure!(Self::today() > until, Error::<T>::StillJailed),
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect | Stage::Exiting { .. } => {
				return Err(Error::<T>::NotJailed.into())
			},
		}
		Self::ensure_bond_suffices(&Self::provider_of(&provider)?, &Self::parameters())?;
		Self::set_life(resource, &mut record, Life::NEW);
		Resources::<T>::insert(resource, record);
		Ok(())
	}

	/// Returns how many days of the ledger were looked at.
	pub(crate) fn do_exit_resource(provider: T::AccountId, resource: ResourceId) -> Result<u32, DispatchError> {
		let mut record = Self::own_resource(&provider, resource)?;
		let until = Self::days_from_now(T::UnbondingDays::get());
		let life = record.life.exit(until).ok_or(Error::<T>::ResourceExiting)?;
		ensure!(!Self::is_booked(resource, &record), Error::<T>::StillBooked);
		let after = Resource { life, ..record.clone() };
		let looked_at = Self::ensure_covered_with(resource, &after, &Standings::<T>::get(resource))?;
		Self::set_life(resource, &mut record, life);
		Standings::<T>::mutate(resource, |standing| Self::recount(resource, &record, standing));
		Resources::<T>::insert(resource, record);
		Self::deposit_event(Event::ResourceExiting { resource, until });
		Ok(looked_at)
	}

	pub(crate) fn do_remove_resource(resource: ResourceId) -> DispatchResult {
		let Resource { provider, class, version, life, .. } = Self::resource_of(resource)?;
		let until = match life.stage {
			Stage::Exiting { until } => until,
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect | Stage::Jailed { .. } => {
				return Err(Error::<T>::NotLeaving.into())
			},
		};
		ensure!(Self::today() > until, Error::<T>::StillUnbonding);
		Self::change_reference(class, version, |reference| {
			reference.resources = reference.resources.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
			Ok(())
		})?;
		let mut record = Self::provider_of(&provider).defensive()?;
		record.resources.retain(|other| *other != resource);
		Providers::<T>::insert(&provider, record);
		Resources::<T>::remove(resource);
		Standings::<T>::remove(resource);
		Self::deposit_event(Event::ResourceRemoved { resource, provider });
		Ok(())
	}

	/// Moves a resource to another stage, and on or off the roster with it. Who calls stores the record.
	pub(crate) fn set_life(resource: ResourceId, record: &mut ResourceOf<T>, life: Life) {
		let (from, to) = (record.life.state(false), life.state(false));
		if life.stage.is_examined() {
			Self::seat(resource);
		} else {
			Self::unseat(resource);
		}
		record.life = life;
		if from != to {
			Self::deposit_event(Event::StateChanged { resource, from, to });
		}
	}

	/// The bond is what a provider with so many resources and so much sold must have.
	fn ensure_bond_suffices(record: &ProviderOf<T>, parameters: &ParametersOf<T>) -> DispatchResult {
		let reserve = Self::reserve(parameters, record.resources.len())?;
		let needed = reserve.checked_add(&Self::at_risk(record)?).ok_or(ArithmeticError::Overflow)?;
		ensure!(record.bond >= needed, Error::<T>::BondTooSmall);
		Ok(())
	}

	/// Whether something of a resource is nominated or pledged, from today on.
	fn is_booked(resource: ResourceId, record: &ResourceOf<T>) -> bool {
		Self::days_with_entries(&record.provider, record.class).any(|day| {
			let entry = crate::Ledger::<T>::get((day, &record.provider, record.class));
			entry.booked.iter().any(|booking| booking.resource == resource)
		})
	}

	pub(crate) fn resource_of(resource: ResourceId) -> Result<ResourceOf<T>, DispatchError> {
		Ok(Resources::<T>::get(resource).ok_or(Error::<T>::UnknownResource)?)
	}

	pub(crate) fn own_resource(provider: &T::AccountId, resource: ResourceId) -> Result<ResourceOf<T>, DispatchError> {
		let record = Self::resource_of(resource)?;
		ensure!(record.provider == *provider, Error::<T>::NotOwner);
		Ok(record)
	}

	pub(crate) fn staying_resource(
		provider: &T::AccountId,
		resource: ResourceId,
	) -> Result<ResourceOf<T>, DispatchError> {
		let record = Self::own_resource(provider, resource)?;
		match record.life.stage {
			Stage::Exiting { .. } => Err(Error::<T>::ResourceExiting.into()),
			Stage::Registered | Stage::Warmup | Stage::Active | Stage::Suspect | Stage::Jailed { .. } => Ok(record),
		}
	}

	/// The days from today on that the ledger may have an entry of a provider and class for.
	pub(crate) fn days_with_entries(provider: &T::AccountId, class: ClassId) -> impl Iterator<Item = Day> {
		let last =
			Providers::<T>::get(provider).and_then(|record| record.position(class).map(|position| position.last));
		let today = Self::today();
		// No entry is farther ahead than days can be sold.
		let days = last.map(|last| today.0..=last.min(Self::days_from_now(T::MaxDaysAhead::get())).0);
		days.into_iter().flatten().map(Day)
	}
}
