//! Whatever is called, the invariants hold, the bonds are conserved, and nothing is oversold.

use super::*;
use frame_support::traits::{fungible::Balanced, Imbalance};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
	Register { devices: u32 },
	Pass { resource: u32, speed: u64 },
	Fail { resource: u32, is_missed: bool },
	Offend { resource: u32, by: AccountId },
	Deliver { resource: Option<u32>, due: u128, delivered: u128 },
	TakeStake { amount: u128 },
	SetDevices { resource: u32, devices: u32 },
	Maintain { resource: u32, first: u32, length: u32 },
	Unjail { resource: u32 },
	Exit { resource: u32 },
	Remove { resource: u32 },
	Sell { floor: usize, first: u32, length: u32, amount: u128 },
	Unsell { floor: usize, first: u32, length: u32, amount: u128 },
	Nominate { resource: u32, floor: usize, first: u32, length: u32, amount: u128 },
	Release { resource: u32, first: u32, length: u32, amount: u128 },
	Pledge { resource: u32, first: u32, length: u32, amount: u128 },
	Unpledge { resource: u32, first: u32, length: u32, amount: u128 },
	Later { days: u32 },
	Prune,
	BondExtra,
	Unbond,
	Withdraw,
	RegisterProvider,
}

fn step() -> impl Strategy<Value = Step> {
	use Step::*;
	let hours = |most: u128| (0..=most).prop_map(|hours| hours * HOUR);
	let id = || 0..4u32;
	let (day, length, place) =
		(|| 0..3u32, || 0..2u32, || prop_oneof![5 => Just(0usize), 2 => Just(1), 1 => 2..4usize]);
	prop_oneof![
		2 => (1..4u32).prop_map(|devices| Register { devices }),
		12 => (id(), 900..1_800u64).prop_map(|(resource, speed)| Pass { resource, speed }),
		2 => (id(), any::<bool>()).prop_map(|(resource, is_missed)| Fail { resource, is_missed }),
		1 => (id(), 1..3u64).prop_map(|(resource, by)| Offend { resource, by }),
		3 => (proptest::option::weighted(0.9, id()), 0..5u128, 0..5u128)
			.prop_map(|(resource, due, delivered)| Deliver { resource, due, delivered }),
		1 => prop_oneof![Just(0u128), 1..9_000u128].prop_map(|amount| TakeStake { amount }),
		2 => (id(), 1..5u32).prop_map(|(resource, devices)| SetDevices { resource, devices }),
		2 => (id(), 1..6u32, length()).prop_map(|(resource, first, length)| Maintain { resource, first, length }),
		3 => id().prop_map(|resource| Unjail { resource }),
		1 => id().prop_map(|resource| Exit { resource }),
		2 => id().prop_map(|resource| Remove { resource }),
		10 => (place(), day(), length(), hours(40))
			.prop_map(|(floor, first, length, amount)| Sell { floor, first, length, amount }),
		4 => (place(), day(), length(), hours(4))
			.prop_map(|(floor, first, length, amount)| Unsell { floor, first, length, amount }),
		8 => (id(), place(), day(), length(), hours(8))
			.prop_map(|(resource, floor, first, length, amount)| Nominate { resource, floor, first, length, amount }),
		4 => (id(), day(), length(), hours(3))
			.prop_map(|(resource, first, length, amount)| Release { resource, first, length, amount }),
		3 => (id(), day(), length(), hours(8))
			.prop_map(|(resource, first, length, amount)| Pledge { resource, first, length, amount }),
		2 => (id(), day(), length(), hours(4))
			.prop_map(|(resource, first, length, amount)| Unpledge { resource, first, length, amount }),
		2 => prop_oneof![3 => 0..2u32, 1 => 2..6u32].prop_map(|days| Later { days }),
		1 => Just(Prune),
		1 => Just(BondExtra),
		1 => Just(Unbond),
		1 => Just(Withdraw),
		1 => Just(RegisterProvider),
	]
}

/// Whether the step succeeded. What pallets call has no storage layer of its own: a refusal must not have changed anything.
fn take(step: Step) -> bool {
	use Step::*;
	let who = || signed(PROVIDER);
	let at = |place: usize| floor(Performance::ALL[place]);
	let span = |first, length| days(first, first + length);
	match step {
		Register { devices } => Compute::register_resource(who(), HPC, Region(276), devices, AGENT, None).is_ok(),
		Pass { resource, speed } => {
			pass(ResourceId(resource), speed);
			true
		},
		Fail { resource, is_missed } => {
			let id = ResourceId(resource);
			if is_missed {
				Compute::missed(id)
			} else {
				Compute::refused(id)
			}
			true
		},
		Offend { resource, by } => {
			Compute::offended(ResourceId(resource), ProviderOffence::FalseSolve, Some(by));
			true
		},
		Deliver { resource, due, delivered } => {
			let (due, delivered) = (Capacity(due * HOUR), Capacity(delivered * HOUR));
			Compute::delivered(&PROVIDER, resource.map(ResourceId), due, delivered, Cash(1));
			true
		},
		TakeStake { amount } => {
			let credit = Compute::take_stake(&PROVIDER, None, amount);
			assert!(u128::from(credit.peek()) <= amount);
			<Balances as Balanced<AccountId>>::resolve(&2, credit).expect("the account takes any amount");
			true
		},
		SetDevices { resource, devices } => Compute::set_devices(who(), ResourceId(resource), devices).is_ok(),
		Maintain { resource, first, length } => {
			let DeliveryDays { first, last } = span(first, length);
			Compute::declare_maintenance(who(), ResourceId(resource), first, last).is_ok()
		},
		Unjail { resource } => Compute::unjail(who(), ResourceId(resource)).is_ok(),
		Exit { resource } => Compute::exit_resource(who(), ResourceId(resource)).is_ok(),
		Remove { resource } => Compute::remove_resource(who(), ResourceId(resource)).is_ok(),
		Sell { floor, first, length, amount } => {
			Compute::sell(&PROVIDER, HPC, &at(floor), span(first, length), Capacity(amount)).is_ok()
		},
		Unsell { floor, first, length, amount } => {
			Compute::unsell(&PROVIDER, HPC, &at(floor), span(first, length), Capacity(amount)).is_ok()
		},
		Nominate { resource, floor, first, length, amount } => {
			Compute::nominate(ResourceId(resource), &at(floor), span(first, length), Capacity(amount)).is_ok()
		},
		Release { resource, first, length, amount } => {
			Compute::release(ResourceId(resource), span(first, length), Capacity(amount)).is_ok()
		},
		Pledge { resource, first, length, amount } => {
			Compute::pledge(who(), ResourceId(resource), span(first, length), Capacity(amount)).is_ok()
		},
		Unpledge { resource, first, length, amount } => {
			Compute::unpledge(who(), ResourceId(resource), span(first, length), Capacity(amount)).is_ok()
		},
		Later { days } => {
			later(days);
			true
		},
		Prune => Compute::prune(signed(2), 3).is_ok(),
		BondExtra => Compute::bond_extra(who(), 1_000).is_ok(),
		Unbond => Compute::unbond(who()).is_ok(),
		Withdraw => Compute::withdraw(who(), PROVIDER).is_ok(),
		RegisterProvider => Compute::register_provider(who(), 20_000).is_ok(),
	}
}

fn short_in_all() -> Vec<Capacity> {
	(0..12).map(|ahead| Compute::shortfall(&PROVIDER, HPC, Day(today() + ahead))).collect()
}

/// What the step may make short: only what a provider does not decide on.
fn may_fall_short(step: Step) -> bool {
	use Step::*;
	matches!(step, Pass { .. } | Fail { .. } | Offend { .. } | Deliver { .. } | Later { .. })
}

/// The capacity of all resources, looked at one by one.
fn what_resources_bring() -> Capacity {
	let offers = Resources::<Test>::iter().filter_map(|(id, record)| Compute::offer(id, &record, &standing(id)));
	Capacity(offers.map(|offer| offer.per_day.0).sum())
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn invariants_hold_whatever_is_called(steps in proptest::collection::vec(step(), 1..120)) {
		Market { providers: vec![(PROVIDER, 20_000)], ..Default::default() }.build().execute_with(|| {
			(0..2).map(|_| active(2, 1_200)).for_each(|id| assert_eq!(Compute::state(id), Some(ResourceState::Active)));
			let issued = Balances::total_issuance();
			for step in steps {
				let (before, root) = (short_in_all(), sp_io::storage::root(sp_runtime::StateVersion::V1));
				let succeeded = take(step);
				prop_assert_eq!(Compute::violations(), Vec::<String>::new(), "after {:?}", step);
				// Until evidence may have grown old.
				if today() < FIRST_DAY + 20 {
					prop_assert_eq!(ClassCapacity::<Test>::get(HPC), what_resources_bring(), "after {:?}", step);
				}
				prop_assert_eq!(Balances::total_issuance(), issued);
				if !succeeded {
					prop_assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), root, "{:?}", step);
				}
				if !may_fall_short(step) {
					let worse = short_in_all().iter().zip(&before).any(|(after, before)| after > before);
					prop_assert!(!worse, "{:?} makes something short", step);
				}
			}
			Ok(())
		})?;
	}

	#[test]
	fn what_is_sellable_can_be_sold_and_not_one_more(
		speeds in proptest::collection::vec(500..2_000u64, 1..4),
		sales in proptest::collection::vec((0..4usize, 0..3u32, 1..60u128), 0..12),
		at in 0..4usize,
	) {
		run(|| {
			for speed in speeds {
				active(1, speed);
			}
			for (place, day, hours) in sales {
				let _ = Compute::sell(&PROVIDER, HPC, &floor(Performance::ALL[place]), days(day, day), Capacity(hours * HOUR));
			}
			for day in 0..3 {
				let floor = floor(Performance::ALL[at]);
				let sellable = Compute::sellable(&PROVIDER, HPC, &floor, Day(today() + day));
				let sell = |amount| Compute::sell(&PROVIDER, HPC, &floor, days(day, day), amount);
				assert_eq!(sell(Capacity(sellable.0 + 1)), Err(Error::<Test>::CapacityExceeded.into()));
				if !sellable.is_zero() {
					assert_ok!(sell(sellable));
				}
				assert_eq!(Compute::shortfall(&PROVIDER, HPC, Day(today() + day)), Capacity::ZERO);
			}
		});
	}
}
