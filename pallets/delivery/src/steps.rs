//! The steps of a delivery, one at a time. The hook and anyone's `advance` take the same ones.

use crate::{
	types::{DeliveryOf, StageOf},
	Active, Config, Deliveries, Error, Pallet, Stage, WeightInfo,
};
use alloc::{collections::VecDeque, vec::Vec};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays},
	ensure,
	pallet_prelude::{DispatchError, Weight},
	storage::with_storage_layer,
	weights::WeightMeter,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{InstrumentId, ListedContracts};
use sp_runtime::traits::UniqueSaturatedInto;

/// What a step came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
	/// It was taken.
	Taken,
	/// There is none to take now.
	Waits,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_advance(instrument: InstrumentId) -> DispatchResultWithPostInfo {
		let (step, weight) = match Deliveries::<T>::get(instrument) {
			Some(delivery) => {
				let weight = Self::weight_of(&delivery.stage);
				(Self::take_step(instrument, delivery)?, weight)
			},
			None => (Self::give_back_stale_cover(instrument)?, T::WeightInfo::close_delivery()),
		};
		ensure!(step == Step::Taken, Error::<T>::NothingToAdvance);
		Ok((Some(weight), Pays::No).into())
	}

	/// Takes a delivery's next step, and stores it.
	fn take_step(instrument: InstrumentId, delivery: DeliveryOf<T>) -> Result<Step, DispatchError> {
		if !Self::is_due(&delivery) {
			return Ok(Step::Waits);
		}
		match delivery.stage.clone() {
			Stage::Nominating => Ok(Self::close_nominations(instrument, delivery)),
			Stage::SameRegion { after, closed } => Self::match_in_region(instrument, delivery, after, closed),
			Stage::Drawing { seed, after } => Ok(Self::draw(instrument, delivery, seed, after)),
			Stage::Remainder { after } => Self::match_remainder(instrument, delivery, after),
			Stage::Delivering { after, until } => Self::deliver_step(instrument, delivery, after, until),
			Stage::Closing => Self::close_step(instrument, delivery),
		}
	}

	/// Whether the clock allows a delivery's next step.
	fn is_due(delivery: &DeliveryOf<T>) -> bool {
		match &delivery.stage {
			Stage::Nominating => !Self::is_nominating(delivery),
			Stage::Delivering { until, .. } => Self::now() >= *until,
			Stage::SameRegion { .. } | Stage::Drawing { .. } | Stage::Remainder { .. } | Stage::Closing => true,
		}
	}

	/// What a contract's delivery that never began leaves behind: cover of a contract that the market has forgotten.
	fn give_back_stale_cover(instrument: InstrumentId) -> Result<Step, DispatchError> {
		if T::Contracts::terms(instrument).is_some() {
			return Ok(Step::Waits);
		}
		Self::give_back_a_cover(instrument)
	}

	/// Takes steps of deliveries in turn, as long as they fit. A delivery whose step waits or fails is left for the next block, and
	/// stops no other. Returns what that weighs.
	pub(crate) fn advance_within(block: BlockNumberFor<T>, limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		let mut queue = Self::due_in_turn(block);
		while let Some(instrument) = queue.pop_front() {
			let Some(delivery) = Deliveries::<T>::get(instrument) else { continue };
			if meter.try_consume(Self::weight_of(&delivery.stage)).is_err() {
				break;
			}
			if with_storage_layer(|| Self::take_step(instrument, delivery)) == Ok(Step::Taken) {
				queue.push_back(instrument);
			}
		}
		meter.consumed()
	}

	/// The deliveries with a step to take, beginning with another one in each block.
	fn due_in_turn(block: BlockNumberFor<T>) -> VecDeque<InstrumentId> {
		let active = Active::<T>::get();
		let is_due = |instrument: &InstrumentId| Deliveries::<T>::get(instrument).is_some_and(|it| Self::is_due(&it));
		let due: Vec<_> = active.into_iter().filter(is_due).collect();
		let turn: u32 = (block % u32::MAX.into()).unique_saturated_into();
		let first = usize::try_from(turn).unwrap_or(0).checked_rem(due.len()).unwrap_or(0);
		let mut queue = VecDeque::from(due);
		queue.rotate_left(first);
		queue
	}

	/// The most that a step in this stage weighs.
	fn weight_of(stage: &StageOf<T>) -> Weight {
		match stage {
			Stage::Nominating => T::WeightInfo::close_nominations(),
			Stage::SameRegion { .. } => T::WeightInfo::match_in_region().max(T::WeightInfo::draw()),
			Stage::Drawing { .. } => T::WeightInfo::draw(),
			Stage::Remainder { .. } => T::WeightInfo::match_remainder(),
			Stage::Delivering { .. } => T::WeightInfo::settle_window().saturating_add(T::WeightInfo::look_at_deal()),
			Stage::Closing => T::WeightInfo::close_delivery(),
		}
	}

	/// The most that any step weighs.
	pub(crate) fn step_weight() -> Weight {
		T::WeightInfo::settle_window()
			.saturating_add(T::WeightInfo::look_at_deal())
			.max(T::WeightInfo::close_nominations())
			.max(T::WeightInfo::match_in_region())
			.max(T::WeightInfo::draw())
			.max(T::WeightInfo::match_remainder())
			.max(T::WeightInfo::close_delivery())
	}
}
