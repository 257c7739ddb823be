//! What comes of delivery: stakes that are taken, windows that count, the capacity of a class, versions that contracts rely on.
//!
//! **Best metered delivery.** A resource sells at most 1.05 times the share of what was due that it delivered in its best window of
//! the last `Parameters.max_age`, and never more than its attested rate. It is a share of what was *due*, not an amount, nor a share
//! of the rate: who was asked for a tenth and delivered all of it has shown no weakness, and is not held to a tenth. It is the best
//! window, not the last: a day of failure is what stakes and reliability are for; only who never came near what it owed can promise
//! less of it. Who delivered at least 1/1.05 of a window, 95.24 %, is not bound at all. Less delivered never means more to sell: a
//! window in which nothing came counts as nothing. And like all evidence it grows old: without that, who once failed everything it
//! was asked for could never sell, and so never show, anything again. Delivery renews no other evidence, as a provider can sell to
//! itself.

use crate::{
	types::{BalanceOf, CreditOf, ProviderOf},
	BestDelivery, ClassCapacity, Classes, Config, Event, HoldReason, Pallet, Providers, Resources, Standing, Standings,
};
use frame_support::{
	defensive, defensive_assert,
	traits::{fungible::hold::Balanced as _, Imbalance},
};
use gcx_primitives::{
	Capacity, Cash, ClassId, DeliverableCapacity, OnPerformance, Ppm, ProviderStakes, ReferencePins, ReferenceVersion,
	ResourceId,
};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{CheckedAdd, CheckedSub, UniqueSaturatedInto, Zero},
	DispatchError, Rounding,
};

/// How much more than its best metered delivery a resource may sell, as a share of that.
const BEYOND_BEST: Ppm = Ppm(1_050_000);

/// What a resource may sell of what it was attested, rounded down: [`BEYOND_BEST`] times the share that it delivered at best, and no
/// more than all.
pub(crate) fn bounded_floor(per_day: Capacity, best: Ppm) -> Capacity {
	let parts = u128::from(Ppm::PARTS);
	// Below 2⁶⁴: shares are numbers of 32 bits.
	let share = u128::from(best.0).saturating_mul(BEYOND_BEST.0.into());
	let bound = multiply_by_rational_with_rounding(per_day.0, share, parts.saturating_mul(parts), Rounding::Down);
	// What does not fit is more than there is.
	per_day.min(Capacity(bound.unwrap_or(u128::MAX)))
}

/// The share of what was due that was delivered, rounded down, at most one. All of it if nothing was due.
pub(crate) fn share_floor(delivered: Capacity, due: Capacity) -> Ppm {
	if delivered >= due {
		return Ppm::ONE;
	}
	let share = multiply_by_rational_with_rounding(delivered.0, Ppm::PARTS.into(), due.0, Rounding::Down);
	share.and_then(|share| u32::try_from(share).ok()).map_or(Ppm::ONE, Ppm)
}

impl<T: Config> ProviderStakes<T::AccountId> for Pallet<T> {
	type Credit = CreditOf<T>;

	fn stake(provider: &T::AccountId) -> u128 {
		Providers::<T>::get(provider).map_or(0, |record| record.bond.unique_saturated_into())
	}

	fn loss(class: ClassId, missing: Capacity) -> u128 {
		let loss = Classes::<T>::get(class).map_or(0, |class| class.loss_per_hour.unique_saturated_into());
		// Too much for the type is more than any stake.
		Self::loss_ceil(missing, loss).unwrap_or(u128::MAX)
	}

	fn take_stake(provider: &T::AccountId, resource: Option<ResourceId>, amount: u128) -> CreditOf<T> {
		let Some(mut record) = Providers::<T>::get(provider) else { return CreditOf::<T>::zero() };
		let had = record.bond;
		let credit = Self::take_bond(&mut record, provider, BalanceOf::<T>::try_from(amount).unwrap_or(had));
		let (taken, left) = (credit.peek(), record.bond);
		if !taken.is_zero() {
			Providers::<T>::insert(provider, record);
			Self::deposit_event(Event::StakeTaken { provider: provider.clone(), resource, had, taken, left });
		}
		credit
	}

	/// A window counts as a draw: answered if all that was due was delivered. What is forgiven, who calls takes off what is due. With
	/// nothing due there was no window. A resource that is gone, or somebody else's, has no part in it.
	fn delivered(
		provider: &T::AccountId,
		resource: Option<ResourceId>,
		due: Capacity,
		delivered: Capacity,
		earned: Cash,
	) {
		let Some(mut record) = Providers::<T>::get(provider).filter(|_| !due.is_zero()) else { return };
		let reputation = &mut record.reputation;
		let sum = |so_far: Capacity, more| so_far.checked_add(more).unwrap_or(Capacity(u128::MAX));
		reputation.delivered = sum(reputation.delivered, delivered);
		reputation.undelivered = sum(reputation.undelivered, due.checked_sub(delivered).unwrap_or_default());
		if let Some(class) = resource.and_then(|resource| Self::count_window(provider, resource, due, delivered)) {
			Self::announce_shortfall(provider, &record, class);
		}
		Providers::<T>::insert(provider, record);
		// What nobody has graded earns nothing.
		if let Some((grade, _)) = resource.and_then(Self::grade) {
			T::Performance::delivered(provider, earned, grade.factor());
		}
		Self::deposit_event(Event::WindowCounted { provider: provider.clone(), resource, due, delivered });
	}
}

impl<T: Config> DeliverableCapacity for Pallet<T> {
	/// The total of what resources could deliver a day when they were last counted: whenever a round, a failure, an offence, a
	/// window of delivery or its provider changed what one can do. Evidence that grew old since is still in it. Maintenance is not
	/// looked at.
	fn per_day(class: ClassId) -> Option<Capacity> {
		Classes::<T>::contains_key(class).then(|| ClassCapacity::<T>::get(class))
	}
}

impl<T: Config> ReferencePins for Pallet<T> {
	type Error = DispatchError;

	fn pin(class: ClassId, version: ReferenceVersion) -> Result<(), DispatchError> {
		Self::pin_version(class, version)
	}

	fn unpin(class: ClassId, version: ReferenceVersion) {
		if Self::unpin_version(class, version).is_err() {
			defensive!("who relies on a version no more has pinned it");
		}
	}
}

impl<T: Config> Pallet<T> {
	/// What is lost of so much at a loss per Compute Hour, rounded up; none if it does not fit.
	pub(crate) fn loss_ceil(capacity: Capacity, per_hour: u128) -> Option<u128> {
		multiply_by_rational_with_rounding(capacity.0, per_hour, Capacity::PER_HOUR, Rounding::Up)
	}

	/// Takes at most so much of a provider's bond. Who calls stores the record.
	pub(crate) fn take_bond(record: &mut ProviderOf<T>, provider: &T::AccountId, due: BalanceOf<T>) -> CreditOf<T> {
		let had = record.bond;
		let (credit, missing) = T::NativeBalance::slash(&HoldReason::ProviderBond.into(), provider, due.min(had));
		defensive_assert!(missing.is_zero(), "a provider's bond is held in full");
		let taken = credit.peek();
		record.bond = had.checked_sub(&taken).unwrap_or_default();
		let reputation = &mut record.reputation;
		reputation.slashed = reputation.slashed.checked_add(&taken).unwrap_or(reputation.slashed);
		credit
	}

	/// Counts a window of delivery in a resource's standing, if it is the provider's. Its class if its capacity fell.
	fn count_window(
		provider: &T::AccountId,
		resource: ResourceId,
		due: Capacity,
		delivered: Capacity,
	) -> Option<ClassId> {
		let record = Resources::<T>::get(resource).filter(|record| record.provider == *provider)?;
		let mut standing = Standings::<T>::get(resource);
		let before = Self::offer(resource, &record, &standing);
		standing.count(delivered >= due);
		let share = share_floor(delivered, due);
		if Self::best_share(&standing).is_none_or(|best| best < share) {
			standing.best = Some(BestDelivery { share, at: Self::now() });
		}
		Self::recount(resource, &record, &mut standing);
		let fell = Self::fell(before.as_ref(), Self::offer(resource, &record, &standing).as_ref());
		Standings::<T>::insert(resource, standing);
		fell.then_some(record.class)
	}

	/// The share of what was due that a resource delivered in its best window; none if there was none that is young enough.
	pub(crate) fn best_share(standing: &Standing) -> Option<Ppm> {
		let max_age = Self::parameters().max_age;
		standing.best.filter(|best| Self::age(best.at) <= max_age).map(|best| best.share)
	}
}
