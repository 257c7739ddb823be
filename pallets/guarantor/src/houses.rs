//! Houses: who has one, and what must stay in it.

use crate::{Applications, Config, Guarantors, Pallet};
use gcx_primitives::{Cash, GuarantorState, Houses};
use GuarantorState::{Active, Defaulted, Exited, ReduceOnly};

impl<T: Config> Houses<T::AccountId> for Pallet<T> {
	fn has_house(who: &T::AccountId) -> bool {
		Applications::<T>::contains_key(who)
			|| Guarantors::<T>::get(who).is_some_and(|guarantor| guarantor.state != Exited)
	}

	/// An active guarantor with customers keeps the smallest house funds; while it is reduce-only or in default all of it
	/// stays. Who applies, has no customers or left needs nothing.
	fn house_floor(who: &T::AccountId) -> Option<Cash> {
		let Some(guarantor) = Guarantors::<T>::get(who) else { return Some(Cash::ZERO) };
		match guarantor.state {
			Active if guarantor.customers > 0 => Some(Self::parameters().min_house),
			Active | Exited => Some(Cash::ZERO),
			ReduceOnly | Defaulted => None,
		}
	}
}
