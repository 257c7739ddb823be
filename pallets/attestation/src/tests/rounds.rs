//! A round from its opening to its outcome: deadlines, skipped slots, halts.

use super::*;

fn answer_late(by: AccountId) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Attestation::answer_draw(signed(by), RESOURCE, round().id, Some(SOLVE))
}

#[test]
fn a_resource_is_drawn_and_the_provider_is_asked_for_an_answer() {
	World::default().run(|| {
		assert_eq!(open(), RoundId(1));
		let TestRound { opened_slot, opened_at, answer_until, nonce, solves, .. } = round();
		assert_eq!((opened_slot, answer_until, solves), (FIRST_SLOT + 1, FIRST_SLOT + 5, true));
		// The clock of the block before: this block's is not set yet.
		assert_eq!(opened_at, FIRST_SLOT * SLOT);
		assert_eq!(events(), [Event::Opened { resource: RESOURCE, round: RoundId(1), nonce, answer_until }]);
	})
}

#[test]
fn a_round_goes_from_the_answer_to_the_outcome() {
	World::default().run(|| {
		open();
		block_after(1);
		answer(Some(SOLVE));
		assert_eq!(held(HoldReason::RoundFee, &provider()), 103);
		// The last slot for the answer is 1005; the first randomness from after it is there two blocks later.
		blocks(4);
		assert_eq!((slot(), round().stage), (FIRST_SLOT + 6, Stage::Answer));
		block_after(1);
		assert_eq!((round().stage, round().commit_until), (Stage::Commit, FIRST_SLOT + 11));
		let draw = round().draw.unwrap();
		assert_eq!((draw.devices.to_vec(), draw.panel.len()), (vec![0, 1], 4));
		(1..=4).for_each(|number| commit(number, &attested(1_000)));
		blocks(5);
		assert_eq!((slot(), round().stage, round().reveal_until), (FIRST_SLOT + 12, Stage::Reveal, FIRST_SLOT + 16));
		(1..=4).for_each(|number| reveal(number, &attested(1_000)));
		blocks(4);
		assert_eq!(round().stage, Stage::Reveal);
		block_after(1);
		assert_eq!(round().stage, Stage::Closed);
		let Some(Outcome::Attested { run, evidence, solved, agreed, outliers, .. }) = round().outcome else {
			panic!("{:?}", round().outcome)
		};
		// 2/3 · 1024³ in one slot of six seconds.
		assert_eq!((run, evidence, solved, agreed, outliers), ([1; 32], [2; 32], Some(59_652_323), 4, 0));
		let Some(Told::Attested(RESOURCE, attestation)) = told() else { panic!("{:?}", told()) };
		assert_eq!((attestation.round, attestation.run, attestation.solved), (RoundId(1), run, solved));
	})
}

#[test]
fn a_draw_that_is_not_answered_is_missed() {
	World::default().run(|| {
		open();
		blocks(4);
		assert_eq!(round().outcome, None);
		block_after(1);
		assert_eq!(round().outcome, Some(Outcome::Missed));
		assert_eq!(told(), Some(Told::Missed(RESOURCE)));
		assert_noop!(answer_late(agent()), Error::<Test>::NotAnswering);
	})
}

#[test]
fn a_solve_that_is_right_but_late_is_refused() {
	World::default().run(|| {
		open();
		blocks(4);
		// The last slot is still in time, whoever of the two sends it.
		undone(|| {
			assert_ok!(answer_late(agent()));
		});
		block_after(1);
		assert_noop!(answer_late(provider()), Error::<Test>::NotAnswering);
	})
}

#[test]
fn an_answer_is_the_providers_once_and_of_the_round() {
	World::default().run(|| {
		let id = open();
		let answer_draw = |who, id, solve| Attestation::answer_draw(signed(who), RESOURCE, id, solve);
		assert_noop!(answer_draw(account(42), id, Some(SOLVE)), Error::<Test>::NotProvider);
		assert_noop!(answer_draw(agent(), id.next(), Some(SOLVE)), Error::<Test>::UnknownRound);
		assert_noop!(
			Attestation::answer_draw(signed(agent()), ResourceId(2), id, Some(SOLVE)),
			Error::<Test>::UnknownRound
		);
		assert_noop!(answer_draw(agent(), id, None), Error::<Test>::SolveMissing);
		for order in [0, 255, 65_537, u32::MAX] {
			let solve = Some(SolveCommitment { order, ..SOLVE });
			assert_noop!(answer_draw(agent(), id, solve), Error::<Test>::OrderOutOfRange);
		}
		for order in [256, 65_536] {
			let solve = Some(SolveCommitment { order, ..SOLVE });
			undone(|| {
				assert_ok!(answer_draw(agent(), id, solve));
			});
		}
		assert_ok!(answer_draw(provider(), id, Some(SOLVE)));
		assert_noop!(answer_draw(agent(), id, Some(SOLVE)), Error::<Test>::AlreadyAnswered);
	})
}

#[test]
fn an_answer_is_free() {
	World::default().run(|| {
		let id = open();
		let paid = Attestation::answer_draw(signed(agent()), RESOURCE, id, Some(SOLVE)).unwrap();
		assert_eq!(paid.pays_fee, frame_support::dispatch::Pays::No);
	})
}

#[test]
fn a_class_without_a_solve_is_answered_without_one() {
	World::default().declared().run(|| {
		let id = open();
		let answer_draw = |solve| Attestation::answer_draw(signed(agent()), RESOURCE, id, solve);
		assert_noop!(answer_draw(Some(SOLVE)), Error::<Test>::SolveUnexpected);
		assert_ok!(answer_draw(None));
		until(Stage::Commit);
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert!(matches!(round().outcome, Some(Outcome::Attested { solved: None, .. })));
	})
}

#[test]
fn a_provider_that_cannot_pay_the_fee_does_not_answer() {
	World::default().change(|parameters| parameters.round_fee = ENDOWMENT).run(|| {
		open();
		assert!(answer_late(agent()).is_err());
		assert_eq!(round().answer, None);
	})
}

#[test]
fn the_rate_counts_slots_and_at_least_one() {
	// In the slot of the opening, one later, and three later. The nonce is a slot older.
	for (wait, slots) in [(0, 1), (1, 2), (3, 4)] {
		World::default().run(|| {
			open();
			blocks(wait);
			answer(Some(SOLVE));
			until(Stage::Commit);
			examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
			let Some(Outcome::Attested { solved, .. }) = round().outcome else { panic!("{:?}", round()) };
			assert_eq!(solved, gcx_math::rate::solve_rate(1_024, slots, SLOT).ok());
		})
	}
}

#[test]
fn skipped_slots_count_against_who_is_slow() {
	World::default().run(|| {
		open();
		block_after(3);
		answer(Some(SOLVE));
		// Two slots without a block: the deadline is over, and the windows that follow are whole.
		block_after(3);
		assert_eq!(round().stage, Stage::Answer);
		block_after(2);
		assert_eq!((round().stage, round().commit_until), (Stage::Commit, slot() + 4));
		(1..=3).for_each(|number| commit(number, &attested(5)));
		block_after(5);
		assert_eq!((round().stage, round().reveal_until), (Stage::Reveal, slot() + 4));
		(1..=3).for_each(|number| reveal(number, &attested(5)));
		block_after(5);
		let Some(Outcome::Attested { solved, .. }) = round().outcome else { panic!("{:?}", round()) };
		assert_eq!(solved, gcx_math::rate::solve_rate(1_024, 4, SLOT).ok());
	})
}

#[test]
fn nothing_is_drawn_from_randomness_that_could_be_known_before_the_deadline() {
	World::default().run(|| {
		open();
		answer(Some(SOLVE));
		Fresh::set(false);
		blocks(20);
		assert_eq!((round().stage, round().outcome), (Stage::Answer, None));
		assert_noop!(Attestation::advance(signed(account(1)), RESOURCE), Error::<Test>::NothingToAdvance);
		Fresh::set(true);
		block_after(1);
		assert_eq!(round().stage, Stage::Commit);
	})
}

#[test]
fn no_round_is_opened_without_fresh_randomness() {
	World::default().run(|| {
		Fresh::set(false);
		blocks(10);
		assert_eq!(Rounds::<Test>::get(RESOURCE), None);
	})
}

#[test]
fn nonces_differ_between_rounds_resources_and_chains() {
	let resources = [(RESOURCE, subject(true)), (ResourceId(2), subject(true))];
	World::default().resources(&resources).run(|| {
		blocks(6);
		let first = round();
		assert_ne!(first.nonce, round_of(ResourceId(2)).nonce);
		blocks(40);
		assert!(round().id > first.id && round().nonce != first.nonce);
	});
	World::default().run(|| {
		open();
		let nonce = round().nonce;
		World::default().run(|| {
			frame_system::BlockHash::<Test>::insert(0, sp_core::H256([8; 32]));
			open();
			assert_ne!(round().nonce, nonce);
		});
	});
}

#[test]
fn a_resource_rests_between_rounds() {
	World::default().run(|| {
		open();
		let opened = round().opened_slot;
		until(Stage::Closed);
		blocks(opened + 19 - slot());
		assert_eq!((slot(), round().id), (opened + 19, RoundId(1)));
		block_after(1);
		assert_eq!((round().opened_slot, round().id), (opened + 20, RoundId(2)));
	})
}

#[test]
fn a_resource_is_not_drawn_in_states_that_do_not_allow_it() {
	use ResourceState::*;
	for state in [Registered, Warmup, Active, Suspect, Maintenance, Jailed, Exiting] {
		World::default().run(|| {
			Resources::mutate(|resources| resources.get_mut(&RESOURCE).unwrap().1 = state);
			blocks(3);
			assert_eq!(Rounds::<Test>::contains_key(RESOURCE), state.allows_draws(), "{state:?}");
		});
	}
}

#[test]
fn nothing_is_drawn_without_resources_or_without_enough_attestors() {
	World::default().resources(&[]).run(|| blocks(3));
	World::default().attestors(&[(1, 11), (2, 12)]).run(|| {
		blocks(3);
		assert_eq!(Rounds::<Test>::get(RESOURCE), None);
	})
}

#[test]
fn open_rounds_and_steps_of_a_block_are_bounded() {
	let resources: Vec<_> = (1..=20).map(|id| (ResourceId(id), subject(true))).collect();
	World::default().resources(&resources).change(|parameters| parameters.draws_per_block = 3).run(|| {
		let mut before = 0;
		for _ in 0..60 {
			block_after(1);
			assert!(Agenda::<Test>::get().len() <= 6);
			let closed = Rounds::<Test>::iter_values().filter(|round| round.outcome.is_some()).count();
			assert!(closed <= before + 3);
			before = closed;
			assert_ok!(Attestation::do_try_state());
		}
		assert!(before >= 15, "{before}");
	})
}

#[test]
fn anyone_brings_a_round_on_that_is_due() {
	World::default().run(|| {
		open();
		let advance = || Attestation::advance(signed(account(60)), RESOURCE);
		assert_noop!(advance(), Error::<Test>::NothingToAdvance);
		assert_noop!(Attestation::advance(signed(account(60)), ResourceId(9)), Error::<Test>::UnknownRound);
		// Past the deadline, in a block whose hook had no room for it.
		CurrentSlot::mutate(|slot| *slot += 5);
		assert_ok!(advance());
		assert_eq!(round().outcome, Some(Outcome::Missed));
		assert_eq!(Agenda::<Test>::get().len(), 0);
		assert_noop!(advance(), Error::<Test>::NothingToAdvance);
	})
}

#[test]
fn a_draw_that_could_not_be_answered_for_a_halt_is_not_missed() {
	World::default().run(|| {
		open();
		block_after(10);
		assert_eq!(round().outcome, Some(Outcome::StoodStill));
		assert_eq!(told(), None);
	});
	// Nor is an answer taken from who had the nonce all the while.
	World::default().change(|parameters| (parameters.answer_slots, parameters.min_interval_slots) = (10, 40)).run(
		|| {
			open();
			block_after(8);
			assert_eq!(round().stage, Stage::Answer);
			assert_noop!(answer_late(agent()), Error::<Test>::NotAnswering);
			until(Stage::Closed);
			assert_eq!(round().outcome, Some(Outcome::StoodStill));
		},
	)
}

#[test]
fn an_answer_from_before_a_halt_counts() {
	World::default().run(|| {
		open();
		answer(Some(SOLVE));
		block_after(50);
		assert_eq!(round().stage, Stage::Answer);
		block_after(1);
		assert_eq!((round().stage, round().commit_until), (Stage::Commit, slot() + 4));
	})
}

#[test]
fn a_window_for_commitments_begins_again_after_a_halt() {
	World::default().run(|| {
		drawn();
		commit(1, &attested(5));
		block_after(100);
		assert_eq!((round().stage, round().commit_until), (Stage::Commit, slot() + 4));
		(2..=4).for_each(|number| commit(number, &attested(5)));
		blocks(5);
		assert_eq!(round().stage, Stage::Reveal);
		(1..=4).for_each(|number| reveal(number, &attested(5)));
		until(Stage::Closed);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 4, .. })));
	})
}

#[test]
fn nobody_is_slashed_for_a_halt_in_the_window_for_findings() {
	World::default().run(|| {
		drawn();
		(1..=4).for_each(|number| commit(number, &attested(5)));
		until(Stage::Reveal);
		reveal(1, &attested(5));
		block_after(100);
		assert_eq!((round().stage, round().reveal_until), (Stage::Reveal, slot() + 4));
		(2..=4).for_each(|number| reveal(number, &attested(5)));
		until(Stage::Closed);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 4, .. })));
		assert_eq!(Slashed::get(), 0);
	})
}

#[test]
fn a_window_that_is_over_when_a_halt_begins_is_over() {
	World::default().run(|| {
		drawn();
		(1..=4).for_each(|number| commit(number, &attested(5)));
		until(Stage::Reveal);
		(1..=3).for_each(|number| reveal(number, &attested(5)));
		// The last slot of the window has its block.
		blocks(4);
		assert_eq!(slot(), round().reveal_until);
		block_after(100);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 3, .. })));
		assert_eq!(Slashed::get(), 10);
	})
}

#[test]
fn a_new_round_forgets_what_belonged_to_the_last() {
	World::default().run(|| {
		drawn();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_eq!(Members::<Test>::iter_prefix(RESOURCE).count(), 3);
		Disputes::<Test>::mutate(RESOURCE, |disputed| disputed.double_signed = true);
		until(Stage::Answer);
		assert_eq!(Members::<Test>::iter_prefix(RESOURCE).count(), 0);
		assert_eq!(Disputes::<Test>::get(RESOURCE), Disputed::default());
		assert_eq!(LastRuns::<Test>::get(RESOURCE), Some([1; 32]));
	})
}

#[test]
fn a_round_can_be_disputed_for_a_while_however_late_it_ended() {
	World::default().run(|| {
		drawn();
		block_after(100);
		until(Stage::Closed);
		let closed = slot();
		until(Stage::Answer);
		assert_eq!(slot(), closed + 4);
	})
}
