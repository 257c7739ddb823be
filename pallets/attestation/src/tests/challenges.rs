//! Challenges: when they open, and that each is decided once.

use super::{
	network::Node,
	solving::{committed, document, hashes, solutions, solved},
	*,
};
use gcx_evidence::signed_payload;
use gcx_primitives::{ChallengeRequest, OnTenancyChallenged, ProofOpening, TenancyChallenge};
use gcx_runtime_api::PurposeView;
use sp_core::Pair;
use sp_runtime::MultiSignature;
use std::collections::BTreeSet;

/// The verdicts so far, of the challenge of the tests alone.
fn verdicts() -> Vec<ChallengeVerdict<AccountId>> {
	let decided = Decided::get().into_iter();
	decided
		.map(|(deal, day, verdict)| {
			assert_eq!((deal, day), (DealId(1), Day(1)));
			verdict
		})
		.collect()
}

const FAILED: ChallengeVerdict<AccountId> = ChallengeVerdict::Failed { challenger: None };

fn set_state(resource: ResourceId, state: ResourceState) {
	Resources::mutate(|resources| resources.get_mut(&resource).expect("it is one").1 = state);
}

fn two_resources() -> World {
	World::default().resources(&[(RESOURCE, subject(true)), (ResourceId(2), subject(true))])
}

/// Makes blocks until the challenge's round is open, and says how many.
fn opens_after() -> u64 {
	let since = slot();
	until(Stage::Answer);
	assert!(round().purpose.is_of(DealId(1), Day(1)));
	slot() - since
}

/// The challenges that wait, by deal.
fn waiting() -> Vec<u32> {
	Requested::<Test>::get().iter().map(|challenge| challenge.request.deal.0).collect()
}

/// A challenge's round is opened, answered and drawn.
fn challenge_drawn() {
	challenged();
	drawn();
	assert!(round().purpose.is_challenge());
}

#[test]
fn a_challenge_opens_in_a_slot_that_nobody_knows() {
	let mut after = BTreeSet::new();
	for luck in 0..60 {
		World::default().run(|| {
			Luck::set(luck);
			challenged();
			after.insert(opens_after());
		});
	}
	// One in three; at the latest after four times three.
	assert!(after.len() >= 6 && after.contains(&1), "{after:?}");
	assert!(after.iter().all(|slots| (1..=12).contains(slots)), "{after:?}");
	World::default().run(|| {
		ChallengeSpread::set(1);
		challenged();
		assert_eq!(opens_after(), 1);
		let requested =
			Event::ChallengeRequested { resource: RESOURCE, deal: DealId(1), day: Day(1), tenant: account(50) };
		let opened = Event::ChallengeOpened { resource: RESOURCE, round: RoundId(1), deal: DealId(1), day: Day(1) };
		assert_eq!((&events()[0], &events()[2]), (&requested, &opened));
	});
}

#[test]
fn a_challenge_opens_surely_after_four_times_the_spread() {
	for luck in 0..20 {
		World::default().run(|| {
			Luck::set(luck);
			ChallengeSpread::set(100_000);
			challenged();
			// Randomness that was known before opens nothing.
			Fresh::set(false);
			CurrentSlot::mutate(|slot| *slot += 399_998);
			block_after(1);
			Fresh::set(true);
			assert!(Requested::<Test>::get().len() == 1 && !Rounds::<Test>::contains_key(RESOURCE));
			block_after(1);
			assert!(round().purpose.is_challenge());
		});
	}
}

#[test]
fn a_challenge_of_a_busy_resource_waits() {
	World::default().run(|| {
		ChallengeSpread::set(1);
		drawn();
		challenged();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_eq!((&round().purpose, waiting()), (&Purpose::Draw, vec![1]));
		let closed = slot();
		// Its dispute is not taken away.
		blocks(3);
		assert_eq!((round().id, round().stage), (RoundId(1), Stage::Closed));
		block_after(1);
		assert_eq!((slot(), round().id, round().opened_slot), (closed + 4, RoundId(2), closed + 4));
		assert_eq!((round().purpose.is_challenge(), waiting()), (true, vec![]));
		assert_eq!(Decided::get(), []);
	})
}

#[test]
fn nobody_knows_the_slot_after_a_rest_either() {
	let mut after = BTreeSet::new();
	for luck in 0..40 {
		World::default().run(|| {
			drawn();
			challenged();
			examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
			Luck::set(luck);
			after.insert(opens_after());
		});
	}
	assert!(after.len() >= 4 && after.iter().all(|slots| (4..=16).contains(slots)), "{after:?}");
}

#[test]
fn challenges_of_a_resource_open_one_after_the_other() {
	two_resources().run(|| {
		Delivering::set([RESOURCE, ResourceId(2)].into());
		for (deal, resource) in [(7, 1), (3, 1), (9, 2), (5, 1)] {
			assert_ok!(challenge_of(ResourceId(resource), deal, 1));
		}
		let mut opened = Vec::new();
		for _ in 0..120 {
			block_after(1);
			assert_ok!(Attestation::do_try_state());
			let open = events().into_iter().filter_map(|event| match event {
				Event::ChallengeOpened { deal, .. } => Some(deal.0),
				_ => None,
			});
			opened = open.collect();
		}
		opened.retain(|deal| *deal != 9);
		assert_eq!(opened, [7, 3, 5]);
		assert_eq!(Decided::get().len(), 4);
	})
}

#[test]
fn each_outcome_gives_one_verdict() {
	let refused = || Finding::Refused(Reason::SolveFailed);
	let silent = || Finding::Abstained(Reason::TimedOut);
	let all = |finding: &dyn Fn() -> Finding| (1..=4).map(|number| (number, finding())).collect::<Vec<_>>();
	for (findings, verdict) in [
		(all(&|| attested(5)), None),
		(all(&refused), Some(FAILED)),
		(all(&silent), Some(ChallengeVerdict::Undecided)),
		(vec![], Some(ChallengeVerdict::Undecided)),
	] {
		World::default().run(|| {
			challenge_drawn();
			examined(&findings);
			let verdict = verdict.unwrap_or_else(|| {
				let Some(Outcome::Attested { solved, .. }) = round().outcome else { panic!("{:?}", round()) };
				// What the two devices that answered came to.
				ChallengeVerdict::Passed { per_day: Capacity(2 * u128::from(solved.expect("it solved"))) }
			});
			assert_eq!(verdicts(), std::slice::from_ref(&verdict));
			let decided = Event::ChallengeDecided { resource: RESOURCE, deal: DealId(1), day: Day(1), verdict };
			assert_eq!(events().last(), Some(&decided));
			blocks(30);
			assert_eq!(Decided::get().len(), 1);
		});
	}
	World::default().run(|| {
		challenged();
		until(Stage::Closed);
		assert_eq!((round().outcome, verdicts()), (Some(Outcome::Missed), vec![FAILED]));
		// To who keeps resources it is a draw like any other.
		assert_eq!(told(), Some(Told::Missed(RESOURCE)));
	});
	World::default().run(|| {
		challenged();
		opens_after();
		block_after(10);
		assert_eq!((round().outcome, verdicts()), (Some(Outcome::StoodStill), vec![ChallengeVerdict::Undecided]));
	});
	World::default().attestors(&[(1, 11)]).run(|| {
		challenged();
		opens_after();
		answer(Some(SOLVE));
		until(Stage::Closed);
		assert_eq!(round().outcome, Some(Outcome::NoPanel { attestors: 1, owners: 1 }));
		assert_eq!((verdicts(), Balances::free_balance(provider())), (vec![ChallengeVerdict::Undecided], ENDOWMENT));
	});
	World::default().declared().run(|| {
		challenge_drawn();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert!(matches!(round().outcome, Some(Outcome::Attested { solved: None, .. })));
		assert_eq!(verdicts(), [ChallengeVerdict::Undecided]);
	});
}

#[test]
fn who_signed_two_results_for_a_challenge_failed_it_whatever_a_quorum_finds() {
	World::default().run(|| {
		challenge_drawn();
		let signed_by_agent = |digest: u8| {
			let signature = agent_pair().sign(&signed_payload(GENESIS, RESOURCE, round().id, [digest; 32]));
			([digest; 32], MultiSignature::Sr25519(signature))
		};
		let (first, second) = (signed_by_agent(1), signed_by_agent(2));
		assert_ok!(Attestation::report_double_signing(signed(account(60)), RESOURCE, round().id, first, second));
		assert_eq!(Decided::get(), []);
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert!(matches!(round().outcome, Some(Outcome::Attested { .. })));
		assert_eq!(verdicts(), [FAILED]);
	})
}

#[test]
fn what_is_shown_after_the_verdict_changes_no_verdict() {
	World::default().run(|| {
		challenged();
		opens_after();
		let mut wrong = solutions(round().nonce);
		wrong[1].0[7] ^= 1 << 40;
		answer(Some(committed(&wrong)));
		until(Stage::Commit);
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		let before = verdicts();
		assert!(matches!(before[..], [ChallengeVerdict::Passed { .. }]));
		let (hashes, bytes) = (hashes(&wrong), wrong[1].to_bytes());
		assert_ok!(Attestation::dispute_solve(
			signed(account(60)),
			RESOURCE,
			round().id,
			hashes.try_into().expect("few"),
			1,
			bytes.try_into().expect("short"),
		));
		assert!(matches!(told(), Some(Told::Offended(RESOURCE, gcx_primitives::ProviderOffence::FalseSolve, _))));
		blocks(20);
		assert_eq!(verdicts(), before);
	})
}

#[test]
fn a_challenge_of_who_answers_no_more_is_failed() {
	for state in [ResourceState::Jailed, ResourceState::Exiting] {
		World::default().run(|| {
			challenged();
			set_state(RESOURCE, state);
			block_after(1);
			assert_eq!((verdicts(), waiting()), (vec![FAILED], vec![]));
			blocks(20);
			assert_eq!((Decided::get().len(), Rounds::<Test>::contains_key(RESOURCE)), (1, false));
		});
	}
	World::default().run(|| {
		challenged();
		Resources::set(Default::default());
		block_after(1);
		assert_eq!(verdicts(), [FAILED]);
	});
	// Also while another round of it is open.
	World::default().run(|| {
		drawn();
		challenged();
		set_state(RESOURCE, ResourceState::Jailed);
		block_after(1);
		assert_eq!((verdicts(), round().stage), (vec![FAILED], Stage::Commit));
	});
}

#[test]
fn a_challenge_is_taken_up_in_every_state_that_answers() {
	use ResourceState::*;
	for state in [Registered, Warmup, Active, Suspect] {
		World::default().run(|| {
			set_state(RESOURCE, state);
			challenged();
			assert!(opens_after() <= 12);
		});
	}
}

#[test]
fn maintenance_that_was_declared_before_is_waited_out() {
	let mut after = BTreeSet::new();
	for luck in 0..40 {
		World::default().run(|| {
			Luck::set(luck);
			challenged();
			set_state(RESOURCE, ResourceState::Maintenance);
			blocks(60);
			assert_eq!((waiting(), Decided::get()), (vec![1], vec![]));
			set_state(RESOURCE, ResourceState::Active);
			after.insert(opens_after());
		});
	}
	assert!(after.len() >= 4 && after.iter().all(|slots| *slots <= 12), "{after:?}");
}

#[test]
fn what_cannot_be_taken_up_is_refused() {
	World::default().run(|| {
		Delivering::set([RESOURCE].into());
		let error = |error: Error<Test>| Err(error.into());
		assert_eq!(challenge_of(ResourceId(9), 1, 1), error(Error::UnknownResource));
		assert_ok!(challenge_of(RESOURCE, 1, 1));
		assert_eq!(challenge_of(RESOURCE, 1, 1), error(Error::AlreadyChallenged));
		for (deal, day) in [(1, 2), (2, 1), (2, 2), (3, 1)] {
			assert_ok!(challenge_of(RESOURCE, deal, day));
		}
		assert_eq!(challenge_of(RESOURCE, 4, 1), error(Error::TooManyChallenges));
		assert_eq!(challenge_of(RESOURCE, 3, 1), error(Error::AlreadyChallenged));
		// While its round is open it cannot be asked for again, and when it is decided it can.
		opens_after();
		assert_eq!(challenge_of(RESOURCE, 1, 1), error(Error::AlreadyChallenged));
		assert_ok!(challenge_of(RESOURCE, 4, 1));
		until(Stage::Closed);
		assert_eq!(challenge_of(RESOURCE, 1, 1), error(Error::TooManyChallenges));
		assert_eq!(Decided::get().len(), 1);
	})
}

#[test]
fn the_work_of_a_challenge_is_of_its_tenancy() {
	World::default().run(|| {
		let parameters = parameters();
		let nonce = |purpose| {
			let mut nonce = [0; 32];
			undone(|| {
				Attestation::open(RESOURCE, slot(), &parameters, purpose).expect("it is known");
				nonce = round().nonce;
			});
			nonce
		};
		let of = |deal, day, tenant| Purpose::Challenge { deal: DealId(deal), day: Day(day), tenant: account(tenant) };
		let purposes = [Purpose::Draw, of(1, 1, 50), of(2, 1, 50), of(1, 2, 50), of(1, 1, 51)];
		let nonces: BTreeSet<_> = purposes.into_iter().map(nonce).collect();
		assert_eq!(nonces.len(), 5);
	})
}

#[test]
fn a_delivering_resource_is_not_drawn() {
	two_resources().run(|| {
		Delivering::set([RESOURCE].into());
		blocks(30);
		assert!(!Rounds::<Test>::contains_key(RESOURCE) && Rounds::<Test>::contains_key(ResourceId(2)));
		Delivering::set(Default::default());
		until(Stage::Answer);
		assert_eq!(round().purpose, Purpose::Draw);
	})
}

#[test]
fn a_challenge_costs_its_provider_what_a_draw_costs() {
	World::default().run(|| {
		challenge_drawn();
		assert_eq!(held(HoldReason::RoundFee, &provider()), 103);
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5)), (4, attested(5))]);
		assert_eq!((Balances::free_balance(provider()), Unpaid::get()), (ENDOWMENT - 103, 3));
		// And it rests as after a draw.
		Delivering::set(Default::default());
		let opened = round().opened_slot;
		until(Stage::Answer);
		assert_eq!(round().opened_slot, opened + 20);
	})
}

#[test]
fn challenges_and_draws_together_are_bounded() {
	let resources: Vec<_> = (1..=20).map(|id| (ResourceId(id), subject(true))).collect();
	World::default().resources(&resources).change(|parameters| parameters.draws_per_block = 3).run(|| {
		ChallengeSpread::set(1);
		for resource in 1..=5 {
			assert_ok!(challenge_of(ResourceId(resource), resource, 1));
		}
		block_after(1);
		// Three a block, challenges before draws.
		let open = |purpose: fn(&TestRound) -> bool| Rounds::<Test>::iter_values().filter(purpose).count();
		assert_eq!((Agenda::<Test>::get().len(), waiting()), (3, vec![4, 5]));
		block_after(1);
		assert_eq!((waiting(), open(|round| round.purpose.is_challenge())), (vec![], 5));
		assert!(Agenda::<Test>::get().len() <= 6);
		for resource in 6..=10 {
			assert_ok!(challenge_of(ResourceId(resource), resource, 1));
		}
		for _ in 0..60 {
			block_after(1);
			assert!(Agenda::<Test>::get().len() <= 6);
			assert_ok!(Attestation::do_try_state());
		}
		assert_eq!(Decided::get().len(), 10);
		// What is decided without a round is too.
		for resource in 11..=15 {
			assert_ok!(challenge_of(ResourceId(resource), resource, 1));
			set_state(ResourceId(resource), ResourceState::Exiting);
		}
		block_after(1);
		assert_eq!((Decided::get().len(), waiting()), (13, vec![14, 15]));
	})
}

#[test]
fn the_hook_and_anyones_step_weigh_what_a_verdict_weighs() {
	use frame_support::{dispatch::GetDispatchInfo, traits::Hooks, weights::Weight};
	let next = || {
		CurrentSlot::mutate(|slot| *slot += 1);
		System::set_block_number(System::block_number() + 1);
		Attestation::on_initialize(System::block_number())
	};
	World::default().run(|| {
		challenged();
		let mut decided = Vec::new();
		while Decided::get().is_empty() {
			decided.push(next());
		}
		// All else weighs nothing here.
		let last = decided.pop().expect("there was a block");
		assert_eq!(last, Court::weight());
		assert!(decided.iter().all(|weight| *weight == Weight::zero()) && last.all_lte(Attestation::heaviest_block()));
		set_state(RESOURCE, ResourceState::Jailed);
		assert_ok!(challenge_of(RESOURCE, 2, 1));
		assert_eq!(next(), Court::weight());
	});
	assert_eq!(Attestation::heaviest_block(), Court::weight() * 6);
	let advance = Call::<Test>::advance { resource: RESOURCE };
	assert_eq!(advance.get_dispatch_info().call_weight, Court::weight());
}

#[test]
fn anyone_brings_a_challenge_to_its_verdict() {
	World::default().run(|| {
		challenged();
		opens_after();
		CurrentSlot::mutate(|slot| *slot += 5);
		assert_ok!(Attestation::advance(signed(account(60)), RESOURCE));
		assert_eq!(verdicts(), [FAILED]);
		block_after(1);
		assert_eq!(verdicts().len(), 1);
	})
}

#[test]
fn a_node_examines_a_challenge_like_a_draw() {
	Node::run(World::default(), &[1, 2, 3], |node| {
		challenged();
		let solutions = solved();
		assert!(round().purpose.is_challenge());
		node.network.serves(document(&solutions, |_| ()));
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		assert!(matches!(verdicts()[..], [ChallengeVerdict::Passed { .. }]));
	})
}

#[test]
fn a_rounds_purpose_is_shown() {
	World::default().run(|| {
		let purpose = || Attestation::round_view(RESOURCE).map(|view| view.purpose);
		open();
		assert_eq!(purpose(), Some(PurposeView::Draw));
		challenged();
		until(Stage::Closed);
		until(Stage::Answer);
		let (deal, day, tenant) = (DealId(1), Day(1), account(50));
		assert_eq!(purpose(), Some(PurposeView::Challenge { deal, day, tenant }));
		let json = serde_json::to_string(&Attestation::round_view(RESOURCE)).unwrap();
		assert!(json.contains("\"purpose\":{\"purpose\":\"challenge\",\"deal\":1,\"day\":1,\"tenant\":\""), "{json}");
	})
}

#[test]
fn a_challenge_that_is_refused_leaves_nothing() {
	World::default().run(|| {
		let request = |resource| ChallengeRequest { deal: DealId(1), day: Day(1), resource, tenant: account(50) };
		assert_noop!(Attestation::request(request(ResourceId(9))), Error::<Test>::UnknownResource);
		assert_ok!(Attestation::request(request(RESOURCE)));
		assert_noop!(Attestation::request(request(RESOURCE)), Error::<Test>::AlreadyChallenged);
	})
}

#[test]
fn a_challenge_of_what_can_be_proven_is_handed_over_in_its_slot() {
	World::default().run(|| {
		ChallengeSpread::set(1);
		ProofOpens::set(ProofOpening::Busy);
		challenged();
		blocks(5);
		// It waits until there is room, however long.
		assert_eq!((waiting(), HandedOver::get().len()), (vec![1], 0));
		ProofOpens::set(ProofOpening::Opened);
		blocks(1);
		assert_eq!((waiting(), HandedOver::get().len()), (vec![], 1));
		assert!(Rounds::<Test>::get(RESOURCE).is_none_or(|round| !round.purpose.is_challenge()));
		// It is not decided here, and not taken up a second time.
		assert_eq!(verdicts(), []);
		assert_eq!(challenge_of(RESOURCE, 1, 1), Err(Error::<Test>::AlreadyChallenged.into()));
	});
}
