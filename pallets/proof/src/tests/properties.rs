//! Random roll-calls: whatever resources do, each that was called comes to one outcome, and the right one.

use crate::{mock::*, Outcome};
use gcx_primitives::{ResourceId, ResourceState};
use proptest::prelude::*;

/// What a resource does in a roll-call.
#[derive(Clone, Copy, Debug)]
enum Act {
	Prove { rounds: u32, devices: u32 },
	Stay,
	Hide { shown: usize },
	Lie,
	Deliver,
}

fn any_act() -> impl Strategy<Value = Act> {
	prop_oneof![
		4 => (1..=3_u32, 1..=3_u32).prop_map(|(rounds, devices)| Act::Prove { rounds, devices }),
		1 => Just(Act::Stay),
		1 => (0..4_usize).prop_map(|shown| Act::Hide { shown }),
		1 => Just(Act::Lie),
		1 => Just(Act::Deliver),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	#[test]
	fn each_comes_to_what_it_did(
		acts in prop::collection::vec((any_act(), any::<bool>()), 1..8),
		step in 0_u64..40,
		luck: u64,
	) {
		run(|| {
			Luck::set(luck);
			let machines: Vec<ResourceId> = acts.iter().map(|(act, suspect)| {
				let machine = resource(if let Act::Prove { devices, .. } = act { *devices } else { 1 });
				if *suspect {
					change(machine, |machine| machine.state = ResourceState::Suspect);
				}
				if matches!(act, Act::Deliver) {
					change(machine, |machine| machine.delivers = true);
				}
				machine
			}).collect();
			StepWeight::set(step);
			let id = called();
			for (machine, (act, _)) in machines.iter().zip(&acts) {
				match act {
					Act::Prove { rounds, .. } => Work::honest(id, *machine, *rounds).commit(id).unwrap(),
					Act::Hide { .. } => Work::honest(id, *machine, 1).commit(id).unwrap(),
					Act::Lie => commit(AGENT, id, *machine, 3, [luck as u8; 32]).unwrap(),
					Act::Stay | Act::Deliver => (),
				}
			}
			until_drawn(id);
			for (machine, (act, _)) in machines.iter().zip(&acts) {
				match act {
					Act::Prove { rounds, .. } => Work::honest(id, *machine, *rounds).open(id).unwrap(),
					Act::Hide { shown } => {
						let all = Work::honest(id, *machine, 1).shown(id);
						let _ = open(AGENT, id, *machine, all[..*shown].to_vec());
					},
					Act::Lie | Act::Stay | Act::Deliver => (),
				}
			}
			until_closed(id);
			for (machine, (act, _)) in machines.iter().zip(&acts) {
				let outcome = outcome(*machine);
				let right = match act {
					Act::Prove { .. } => matches!(outcome, Some(Outcome::Proven { .. })),
					Act::Stay => outcome == Some(Outcome::Absent),
					Act::Hide { .. } | Act::Lie => outcome == Some(Outcome::Unshown),
					Act::Deliver => outcome.is_none(),
				};
				assert!(right, "{act:?}: {outcome:?}");
			}
		});
	}
}
