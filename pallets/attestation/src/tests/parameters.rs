//! Parameters: what contradicts itself is refused, and changes come later.

use super::*;

type Change = fn(&mut AttestationParameters<Balance>);

#[test]
fn parameters_that_contradict_each_other_are_refused() {
	let contradictions: [Change; 27] = [
		|p| p.min_bond = 0,
		|p| p.silence_penalty = p.min_bond + 1,
		|p| p.equivocation_slash = Ppm(1_000_001),
		|p| p.wrong_evidence_slash = Ppm(1_000_001),
		|p| p.reporter_share = Ppm(500_001),
		|p| p.quorum_owners = 0,
		|p| p.quorum_owners = p.quorum_attestors + 1,
		|p| p.quorum_attestors = p.panel_size + 1,
		|p| p.panel_size = 17,
		|p| p.draws_per_block = 4,
		|p| p.device_draws = 0,
		|p| p.device_draws = 9,
		|p| p.answer_slots = 0,
		|p| p.commit_slots = 0,
		|p| p.reveal_slots = 0,
		|p| p.dispute_slots = 0,
		|p| p.answer_slots = u64::MAX,
		|p| p.commit_slots = u64::MAX,
		|p| p.reveal_slots = u64::MAX,
		|p| p.dispute_slots = u64::MAX,
		|p| p.min_interval_slots = 11,
		|p| p.min_interval_slots = u64::MAX,
		|p| p.deviations = Ppm(999_999),
		|p| p.tolerance = Ppm(1_000_001),
		|p| p.standing_down = Ppm(1_000_001),
		|p| p.standing_up = Ppm(1_000_001),
		|p| p.min_interval_slots = 0,
	];
	World::default().run(|| {
		for (place, contradiction) in contradictions.iter().enumerate() {
			let mut changed = parameters();
			contradiction(&mut changed);
			assert_eq!(
				Attestation::set_parameters(RuntimeOrigin::root(), changed),
				Err(Error::<Test>::InvalidParameters.into()),
				"{place}"
			);
		}
		let limits: [Change; 5] = [
			|p| p.silence_penalty = p.min_bond,
			|p| p.reporter_share = Ppm::percent(50),
			|p| (p.panel_size, p.device_draws) = (16, 8),
			|p| p.min_interval_slots = 12,
			|p| p.draws_per_block = 0,
		];
		for limit in limits {
			let mut changed = parameters();
			limit(&mut changed);
			assert_ok!(Attestation::set_parameters(RuntimeOrigin::root(), changed));
		}
	})
}

#[test]
fn new_parameters_hold_after_their_delay() {
	World::default().run(|| {
		let changed = AttestationParameters { round_fee: 999, ..parameters() };
		assert_noop!(Attestation::set_parameters(signed(account(1)), changed.clone()), DispatchError::BadOrigin);
		assert_ok!(Attestation::set_parameters(RuntimeOrigin::root(), changed.clone()));
		let from = FIRST_SLOT + 10;
		assert_eq!(events(), [Event::ParametersApproved { from, parameters: changed.clone() }]);
		blocks(9);
		assert_eq!(Parameters::<Test>::get(), parameters());
		block_after(1);
		assert_eq!((Parameters::<Test>::get(), PendingParameters::<Test>::get()), (changed.clone(), None));
		assert!(events().contains(&Event::ParametersChanged { parameters: changed }));
	})
}

#[test]
fn a_second_approval_replaces_the_first() {
	World::default().run(|| {
		let with_fee = |round_fee| AttestationParameters { round_fee, ..parameters() };
		assert_ok!(Attestation::set_parameters(RuntimeOrigin::root(), with_fee(1)));
		blocks(5);
		assert_ok!(Attestation::set_parameters(RuntimeOrigin::root(), with_fee(2)));
		blocks(9);
		assert_eq!(Parameters::<Test>::get().round_fee, 103);
		blocks(1);
		assert_eq!(Parameters::<Test>::get().round_fee, 2);
	})
}

#[test]
#[should_panic(expected = "attestation's parameters contradict each other")]
fn a_genesis_with_contradictory_parameters_is_refused() {
	World::default().change(|parameters| parameters.panel_size = 0).build();
}

#[test]
#[should_panic(expected = "cannot bond")]
fn a_genesis_whose_owner_cannot_pay_is_refused() {
	World { attestors: vec![(1, 11, ENDOWMENT + 1)], ..World::default() }.build();
}
