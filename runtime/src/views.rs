//! What clients see that several pallets know a part of.

use crate::{AccountId, Clearing, Insurance, Runtime};
use alloc::collections::BTreeSet;
use gcx_primitives::{Cash, InsurancePool, PoolRisk};
use gcx_runtime_api::{PoolGuarantorView, PoolView};

/// The insurance pool, and how far each guarantor relies on it.
pub fn pool() -> PoolView<AccountId> {
	let layers = Insurance::layers();
	let contributors = pallet_insurance::Contributions::<Runtime>::iter_keys();
	let known: BTreeSet<_> = contributors.chain(pallet_clearing::Stresses::<Runtime>::iter_keys()).collect();
	let guarantors = known.into_iter().map(|guarantor| {
		let (stress, need) = Clearing::stress_view(&guarantor);
		PoolGuarantorView {
			contribution: Insurance::contribution(&guarantor),
			// A figure beyond all bounds is required by nobody.
			required: Insurance::required_contribution(&guarantor).unwrap_or(Cash(i128::MAX)),
			stress,
			need: need.amount,
			pool_use: need.level,
			lent: Insurance::lent(&guarantor),
			guarantor,
		}
	});
	PoolView {
		size: Insurance::size(),
		skin: layers.skin,
		contributions: layers.guarantors,
		outside: layers.outside,
		lent: pallet_insurance::Books::<Runtime>::get().lent,
		requirement: Clearing::requirement(),
		is_calm: Clearing::is_calm(),
		guarantors: guarantors.collect(),
		defaults: Clearing::default_views(),
	}
}
