//! What sellers nominate that cannot be delivered, and what refuses it. Nothing is changed then.

use super::*;
use gcx_primitives::{Performance, ProviderOffence, ResourceState};
use pallet_compute::Error as ComputeError;
use pallet_delivery::Error;
use Sr25519Keyring::Ferdie;

/// Charlie bought four lots of Dave at this floor, who has set capacity aside for them. Nominations are open.
fn sold(price: Price, floor: Grade) -> InstrumentId {
	let contract = list_graded(price, floor);
	assert_ok!(trade(Charlie, Dave, contract, 4, price));
	assert_ok!(cover(Dave, contract, 4));
	expire(contract, price);
	contract
}

/// Registers a resource of another class, or one that was never examined.
fn register(who: Sr25519Keyring, class: ClassId) -> ResourceId {
	let resource = pallet_compute::NextResource::<Runtime>::get();
	let (devices, agent) = (4 * DEVICES, One.to_account_id());
	let call = pallet_compute::Call::register_resource { class, region: REGION, devices, agent, version: None };
	assert_ok!(send(who, call));
	resource
}

#[test]
fn only_a_seller_nominates_and_no_more_than_it_sold() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let good = provider(Dave, 4);
		let contract = sold(price, Grade::LOWEST);
		assert_noop!(nominate(Charlie, contract, good, 1), Error::<Runtime>::NotShort);
		assert_noop!(nominate(Dave, contract, ResourceId(99), 1), Error::<Runtime>::UnknownResource);
		assert_noop!(nominate(Dave, contract, good, 0), Error::<Runtime>::NoLots);
		assert_noop!(nominate(Dave, contract, good, 5), Error::<Runtime>::TooManyLots);
		assert_ok!(nominate(Dave, contract, good, 4));
		assert_noop!(nominate(Dave, contract, good, 1), Error::<Runtime>::TooManyLots);
	})
}

#[test]
fn a_resource_without_a_grade_or_with_too_low_a_one_is_not_nominated() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let good = provider(Dave, 4);
		let (slow, unknown) = (register(Dave, CLASS), register(Dave, CLASS));
		// It is as fast as the reference: a C. One of eight tenths of that is a D.
		for round in 1..=compute::genesis_parameters().warmup_rounds {
			attest(slow, round, 4 * DEVICES, REFERENCE / 10 * 8);
		}
		let floor = Grade { performance: Performance::C, ..Grade::LOWEST };
		let contract = sold(price, floor);
		for bad in [slow, unknown] {
			assert_noop!(nominate(Dave, contract, bad, 1), ComputeError::<Runtime>::GradeTooLow);
		}
		assert_ok!(nominate(Dave, contract, good, 2));
		// And what was good is not, once it is found to be slower.
		attest(good, 99, 4 * DEVICES, REFERENCE / 10 * 8);
		assert_noop!(nominate(Dave, contract, good, 1), ComputeError::<Runtime>::GradeTooLow);
	})
}

#[test]
fn a_resource_in_jail_is_not_nominated() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let (good, silent, false_) = (provider(Dave, 4), register(Dave, CLASS), register(Dave, CLASS));
		for resource in [silent, false_] {
			for round in 1..=compute::genesis_parameters().warmup_rounds {
				attest(resource, round, 4 * DEVICES, REFERENCE);
			}
		}
		let contract = sold(price, Grade::LOWEST);
		// One does not answer any more; the other says what is not true.
		for _ in 0..compute::genesis_parameters().suspect_limit {
			Compute::missed(silent);
		}
		Compute::offended(false_, ProviderOffence::FalseSolve, None);
		for jailed in [silent, false_] {
			assert_eq!(<Compute as ComputeResources<AccountId>>::state(jailed), Some(ResourceState::Jailed));
		}
		assert_noop!(nominate(Dave, contract, silent, 1), ComputeError::<Runtime>::CapacityExceeded);
		// Nothing that it was graded by counts any more.
		assert_noop!(nominate(Dave, contract, false_, 1), ComputeError::<Runtime>::GradeTooLow);
		assert_ok!(nominate(Dave, contract, good, 4));
	})
}

#[test]
fn a_resource_of_anothers_or_of_other_goods_is_not_nominated() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let (good, foreign) = (provider(Dave, 4), provider(Ferdie, 4));
		let other_class = register(Dave, AI_INFER);
		let system =
			pallet_compute::References::<Runtime>::get(CLASS, ReferenceVersion(1)).expect("it is there").system;
		assert_ok!(govern(pallet_compute::Call::add_version { class: CLASS, system }));
		let other_version = register(Dave, CLASS);
		let contract = sold(price, Grade::LOWEST);
		assert_noop!(nominate(Dave, contract, foreign, 1), Error::<Runtime>::NotOwner);
		assert_noop!(nominate(Ferdie, contract, foreign, 1), Error::<Runtime>::NotShort);
		assert_noop!(nominate(Dave, contract, other_class, 1), Error::<Runtime>::WrongClass);
		assert_noop!(nominate(Dave, contract, other_version, 1), Error::<Runtime>::WrongVersion);
		assert_ok!(nominate(Dave, contract, good, 4));
	})
}

#[test]
fn a_resource_that_is_oversold_is_not_nominated_beyond_what_it_can_do() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let resource = provider(Dave, 4);
		let contract = list_physical(price);
		assert_ok!(trade(Charlie, Dave, contract, 6, price));
		assert_noop!(cover(Dave, contract, 5), ComputeError::<Runtime>::CapacityExceeded);
		assert_ok!(cover(Dave, contract, 4));
		expire(contract, price);
		assert_noop!(nominate(Dave, contract, resource, 5), ComputeError::<Runtime>::CapacityExceeded);
		// Half of its capacity is gone after all of it was sold.
		attest(resource, 99, 4 * DEVICES, REFERENCE / 2);
		assert_noop!(nominate(Dave, contract, resource, 3), ComputeError::<Runtime>::CapacityExceeded);
		assert_ok!(nominate(Dave, contract, resource, 2));
		assert_noop!(nominate(Dave, contract, resource, 1), ComputeError::<Runtime>::CapacityExceeded);
	})
}

#[test]
fn one_capacity_is_not_nominated_twice() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let (busy, idle) = (provider(Dave, 4), register(Dave, CLASS));
		for round in 1..=compute::genesis_parameters().warmup_rounds {
			attest(idle, round, 4 * DEVICES, REFERENCE);
		}
		// For both contracts together there is capacity.
		let (one, other) = (list_physical(price), list_physical(price));
		for contract in [one, other] {
			assert_ok!(trade(Charlie, Dave, contract, 4, price));
			assert_ok!(cover(Dave, contract, 4));
		}
		expire(one, price);
		until(|| delivery(other).is_taken_over());
		assert_ok!(nominate(Dave, one, busy, 3));
		assert_noop!(nominate(Dave, other, busy, 2), ComputeError::<Runtime>::CapacityExceeded);
		assert_ok!(nominate(Dave, other, busy, 1));
		for contract in [one, other] {
			assert_noop!(nominate(Dave, contract, busy, 1), ComputeError::<Runtime>::CapacityExceeded);
		}
		assert_ok!(nominate(Dave, one, idle, 1));
		assert_ok!(nominate(Dave, other, idle, 3));
		for resource in [busy, idle] {
			let first = delivery(one).goods.days.first;
			assert_eq!(<Compute as CapacityLedger<AccountId>>::nominated(resource, first), Capacity(4 * LOT_DAY));
		}
	})
}
