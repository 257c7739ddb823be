//! What the pool does by itself as a block begins. Each step is bounded, and one that fails does not keep the others
//! from theirs.

use crate::{Books, Config, Contributions, Pallet, WeightInfo};
use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::Cash;
use sp_runtime::{traits::Zero, DispatchError};

impl<T: Config> Pallet<T> {
	/// Recognises income that is worth it, divides the guarantors' part of it from time to time, executes what is
	/// mature, pays a few, begins a sale that waits. Returns what it weighs.
	pub(crate) fn begin_block(block: BlockNumberFor<T>) -> Weight {
		Self::renew_parameters();
		let mut weight = T::WeightInfo::idle();
		if Self::surplus().is_ok_and(|income| income >= Self::parameters().min_distribution) {
			weight.saturating_accrue(T::WeightInfo::recognise());
			Self::attempt("recognise income", Self::recognise_income);
		}
		let is_time = (block % T::DistributionPeriod::get()).is_zero();
		if is_time && Books::<T>::get().undivided > Cash::ZERO {
			weight.saturating_accrue(T::WeightInfo::distribute(Contributions::<T>::count()));
			Self::attempt("divide income", Self::divide_income);
		}
		let mature = Self::attempt("execute redemptions", Self::execute_mature).map_or(0, |(mature, _)| mature);
		let paid = Self::pay_next(T::PaymentsPerBlock::get());
		if mature > 0 || paid > 0 {
			weight.saturating_accrue(Self::advance_weight(mature, paid));
		}
		if Self::begin_waiting() {
			weight.saturating_accrue(T::WeightInfo::begin_sale());
		}
		weight
	}

	/// Takes a step, or leaves everything as it was and says what failed.
	fn attempt<R>(what: &str, step: impl FnOnce() -> Result<R, DispatchError>) -> Option<R> {
		let result = with_storage_layer(step);
		if let Err(error) = &result {
			log::error!(target: "runtime::insurance", "cannot {what}: {error:?}");
		}
		result.ok()
	}
}
