//! Classes and the versions of their reference systems.

use crate::{
	types::{BalanceOf, ClassOf, Name},
	Class, Classes, Config, Error, Event, Pallet, ReferenceRecord, References,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_math::rate;
use gcx_primitives::{ClassId, Metric, ReferenceSystem, ReferenceVersion};
use sp_runtime::{ArithmeticError, DispatchError};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_admit_class(
		class: ClassId,
		name: Name,
		system: ReferenceSystem,
		attested_by: Option<Metric>,
		loss_per_hour: BalanceOf<T>,
	) -> DispatchResult {
		ensure!(!Classes::<T>::contains_key(class), Error::<T>::ClassExists);
		ensure!(Classes::<T>::count() < T::MaxClasses::get(), Error::<T>::TooManyClasses);
		ensure!(!name.is_empty() && core::str::from_utf8(&name).is_ok(), Error::<T>::InvalidName);
		Self::ensure_system_is_valid(&system, attested_by)?;
		let version = ReferenceVersion(1);
		References::<T>::insert(class, version, ReferenceRecord { system: system.clone(), resources: 0, pins: 0 });
		let record = Class { name: name.clone(), current: version, attested_by, loss_per_hour, versions: 1 };
		Classes::<T>::insert(class, record);
		Self::deposit_event(Event::ClassAdmitted { class, name, attested_by, loss_per_hour });
		Self::deposit_event(Event::VersionAdded { class, version, system });
		Ok(())
	}

	pub(crate) fn do_add_version(class: ClassId, system: ReferenceSystem) -> DispatchResult {
		let mut record = Self::class_of(class)?;
		Self::ensure_system_is_valid(&system, record.attested_by)?;
		ensure!(record.versions < T::MaxVersionsPerClass::get(), Error::<T>::TooManyVersions);
		// The newest version is never retired: its number is the largest that ever was.
		let version = ReferenceVersion(record.current.0.checked_add(1).ok_or(ArithmeticError::Overflow)?);
		record.current = version;
		record.versions = record.versions.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Classes::<T>::insert(class, record);
		References::<T>::insert(class, version, ReferenceRecord { system: system.clone(), resources: 0, pins: 0 });
		Self::deposit_event(Event::VersionAdded { class, version, system });
		Ok(())
	}

	pub(crate) fn do_retire_version(class: ClassId, version: ReferenceVersion) -> DispatchResult {
		let mut record = Self::class_of(class)?;
		let reference = References::<T>::get(class, version).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(record.current != version, Error::<T>::VersionCurrent);
		ensure!(!reference.is_used(), Error::<T>::VersionInUse);
		record.versions = record.versions.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
		Classes::<T>::insert(class, record);
		References::<T>::remove(class, version);
		Self::deposit_event(Event::VersionRetired { class, version });
		Ok(())
	}

	pub(crate) fn do_set_loss_per_hour(class: ClassId, loss_per_hour: BalanceOf<T>) -> DispatchResult {
		let mut record = Self::class_of(class)?;
		let before = core::mem::replace(&mut record.loss_per_hour, loss_per_hour);
		Classes::<T>::insert(class, record);
		Self::deposit_event(Event::LossPerHourChanged { class, before, loss_per_hour });
		Ok(())
	}

	/// Notes that a contract is written in the Compute Hours of a version, which is not retired while it is.
	///
	/// # Errors
	/// [`Error::UnknownVersion`].
	pub fn pin_version(class: ClassId, version: ReferenceVersion) -> DispatchResult {
		Self::change_reference(class, version, |reference| {
			reference.pins = reference.pins.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Self::deposit_event(Event::VersionPinned { class, version, pins: reference.pins });
			Ok(())
		})
	}

	/// Notes that such a contract has ended.
	///
	/// # Errors
	/// [`Error::UnknownVersion`], [`Error::NotPinned`].
	pub fn unpin_version(class: ClassId, version: ReferenceVersion) -> DispatchResult {
		Self::change_reference(class, version, |reference| {
			reference.pins = reference.pins.checked_sub(1).ok_or(Error::<T>::NotPinned)?;
			Self::deposit_event(Event::VersionUnpinned { class, version, pins: reference.pins });
			Ok(())
		})
	}

	/// Changes the record of a version that is not retired.
	pub(crate) fn change_reference(
		class: ClassId,
		version: ReferenceVersion,
		change: impl FnOnce(&mut ReferenceRecord) -> DispatchResult,
	) -> DispatchResult {
		References::<T>::try_mutate(class, version, |reference| {
			change(reference.as_mut().ok_or(Error::<T>::UnknownVersion)?)
		})
	}

	pub(crate) fn class_of(class: ClassId) -> Result<ClassOf<T>, DispatchError> {
		Ok(Classes::<T>::get(class).ok_or(Error::<T>::UnknownClass)?)
	}

	/// A system can be measured against, and has what attests its class.
	fn ensure_system_is_valid(system: &ReferenceSystem, attested_by: Option<Metric>) -> DispatchResult {
		let is_attestable = attested_by.is_none_or(|metric| Self::reference_value(system, metric).is_some());
		ensure!(rate::is_valid(system) && is_attestable, Error::<T>::InvalidSystem);
		Ok(())
	}

	/// What the reference system's device comes to.
	pub(crate) fn reference_value(system: &ReferenceSystem, metric: Metric) -> Option<u64> {
		system.metrics.iter().find(|reference| reference.metric == metric).map(|reference| reference.value)
	}
}
