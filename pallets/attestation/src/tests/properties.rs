//! Whatever happens, the invariants hold, no money is made or lost, and every round ends.

use super::{authorized::stated, *};
use frame_support::traits::fungible::InspectHold;
use gcx_evidence::signed_payload;
use proptest::prelude::*;
use sp_core::Pair;
use sp_runtime::MultiSignature;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Step {
	Answer(u32, bool),
	Commit(u8, u32, u8),
	Reveal(u8, u32),
	RevealWrongly(u8, u32),
	Pass(u64),
	Advance(u32),
	Equivocate(u8),
	Unregister(u8),
	Withdraw(u8),
	Register(u8, u8),
	BondExtra(u8),
	Expel(u8),
	Admit(u8),
	State(u32, bool),
	Fresh(bool),
	Fee(Balance),
	Challenge(u32, u32, u32),
	Deliver(u32, bool),
	Maintain(u32),
	DoubleSign(u32),
}

const RESOURCES: u32 = 3;

fn step() -> impl Strategy<Value = Step> {
	let (resource, number) = (1..=RESOURCES, 1u8..=7);
	prop_oneof![
		12 => (resource.clone(), prop::bool::weighted(0.9)).prop_map(|(resource, right)| Step::Answer(resource, right)),
		30 => (number.clone(), resource.clone(), 0u8..8).prop_map(|(n, r, finding)| Step::Commit(n, r, finding)),
		30 => (number.clone(), resource.clone()).prop_map(|(n, r)| Step::Reveal(n, r)),
		2 => (number.clone(), resource.clone()).prop_map(|(n, r)| Step::RevealWrongly(n, r)),
		20 => (1u64..4).prop_map(Step::Pass),
		1 => (5u64..30).prop_map(Step::Pass),
		4 => resource.clone().prop_map(Step::Advance),
		1 => number.clone().prop_map(Step::Equivocate),
		1 => number.clone().prop_map(Step::Unregister),
		1 => number.clone().prop_map(Step::Withdraw),
		2 => (number.clone(), 11u8..17).prop_map(|(number, owner)| Step::Register(number, owner)),
		1 => number.prop_map(Step::BondExtra),
		1 => (11u8..17).prop_map(Step::Expel),
		2 => (11u8..17).prop_map(Step::Admit),
		1 => (resource.clone(), any::<bool>()).prop_map(|(resource, active)| Step::State(resource, active)),
		4 => (resource.clone(), 0u32..3, 0u32..2).prop_map(|(resource, deal, day)| Step::Challenge(resource, deal, day)),
		1 => (resource.clone(), any::<bool>()).prop_map(|(resource, delivers)| Step::Deliver(resource, delivers)),
		1 => resource.clone().prop_map(Step::Maintain),
		1 => resource.prop_map(Step::DoubleSign),
		1 => prop::bool::weighted(0.7).prop_map(Step::Fresh),
		1 => (0u64..1_000).prop_map(Step::Fee),
	]
}

fn finding(kind: u8) -> Finding {
	match kind {
		0..=3 => attested(1_000),
		4 => attested(1_005),
		5 => attested(2_000),
		6 => Finding::Refused(Reason::SolveFailed),
		_ => Finding::Abstained(Reason::TimedOut),
	}
}

/// What attestors committed to, so that reveals succeed now and then.
type Committed = BTreeMap<(u8, u32), Finding>;

fn round_id(resource: u32) -> RoundId {
	Rounds::<Test>::get(ResourceId(resource)).map_or(RoundId(0), |round| round.id)
}

fn commit_to(number: u8, resource: u32, finding: Finding, committed: &mut Committed) {
	let Some(TestRound { id, version, .. }) = Rounds::<Test>::get(ResourceId(resource)) else { return };
	let (who, resource_id) = (attestor(number), ResourceId(resource));
	let hash = crate::commitment(GENESIS, resource_id, id, version, &finding, &who, &salt(number));
	if Attestation::commit(signed(who), resource_id, id, hash).is_ok() {
		committed.insert((number, resource), finding);
	}
}

/// The challenges that were taken up and not yet decided, and how many were taken up and decided.
#[derive(Default)]
struct Docket {
	open: BTreeSet<(DealId, Day)>,
	taken_up: usize,
	decided: usize,
}

impl Docket {
	/// Each was asked for before, and was not decided since.
	fn strike(&mut self) {
		for (deal, day, verdict) in Decided::get().into_iter().skip(self.decided) {
			assert!(self.open.remove(&(deal, day)), "{deal:?} {day:?} {verdict:?}");
			self.decided += 1;
		}
		assert_eq!(self.taken_up, self.decided + self.open.len());
	}
}

fn take(step: Step, committed: &mut Committed, docket: &mut Docket) {
	let reveal = |number, resource, finding| {
		let (id, resource) = (round_id(resource), ResourceId(resource));
		let _ = Attestation::reveal(signed(attestor(number)), resource, id, finding, salt(number));
	};
	// Refusals are as good as successes here: either way nothing may break.
	match step {
		Step::Answer(resource, right) => {
			let solve = right.then_some(SOLVE);
			let _ = Attestation::answer_draw(signed(agent()), ResourceId(resource), round_id(resource), solve);
		},
		Step::Commit(number, resource, kind) => commit_to(number, resource, finding(kind), committed),
		Step::Reveal(number, resource) => {
			if let Some(finding) = committed.get(&(number, resource)) {
				reveal(number, resource, finding.clone());
			}
		},
		Step::RevealWrongly(number, resource) => reveal(number, resource, attested(7)),
		Step::Pass(slots) => block_after(slots),
		Step::Advance(resource) => drop(Attestation::advance(signed(account(60)), ResourceId(resource))),
		Step::Equivocate(number) => {
			if Rounds::<Test>::contains_key(RESOURCE) {
				let said = |said| stated(number, Commits([said; 32]));
				let proof = Box::new(Equivocation::Commitments(said(1), said(2)));
				let _ = Attestation::report_equivocation(signed(account(60)), proof);
			}
		},
		Step::Unregister(number) => {
			if let Some(one) = Attestors::<Test>::get(attestor(number)) {
				let _ = Attestation::unregister(signed(one.owner), attestor(number));
			}
		},
		Step::Withdraw(number) => drop(Attestation::withdraw(signed(account(60)), attestor(number))),
		Step::Register(number, owner) => {
			let _ = Attestation::register(signed(account(owner)), attestor(number), 300);
		},
		Step::BondExtra(number) => {
			if let Some(one) = Attestors::<Test>::get(attestor(number)) {
				let _ = Attestation::bond_extra(signed(one.owner), attestor(number), 50);
			}
		},
		Step::Expel(owner) => drop(Attestation::expel_owner(RuntimeOrigin::root(), account(owner))),
		Step::Admit(owner) => drop(Attestation::admit_owner(RuntimeOrigin::root(), account(owner))),
		Step::State(resource, active) => {
			let state = if active { ResourceState::Active } else { ResourceState::Jailed };
			Resources::mutate(|resources| resources.get_mut(&ResourceId(resource)).expect("it is one").1 = state);
		},
		Step::Challenge(resource, deal, day) => {
			// A delivery is of one resource.
			let deal = 10 * resource + deal;
			let taken_up = challenge_of(ResourceId(resource), deal, day).is_ok();
			assert!(!taken_up || docket.open.insert((DealId(deal), Day(day))));
			docket.taken_up += usize::from(taken_up);
		},
		Step::Deliver(resource, delivers) => Delivering::mutate(|delivering| {
			if delivers {
				delivering.insert(ResourceId(resource));
			} else {
				delivering.remove(&ResourceId(resource));
			}
		}),
		Step::Maintain(resource) => {
			let state = ResourceState::Maintenance;
			Resources::mutate(|resources| resources.get_mut(&ResourceId(resource)).expect("it is one").1 = state);
		},
		Step::DoubleSign(resource) => {
			let (resource, id) = (ResourceId(resource), round_id(resource));
			let said = |digest: u8| {
				let signature = agent_pair().sign(&signed_payload(GENESIS, resource, id, [digest; 32]));
				([digest; 32], MultiSignature::Sr25519(signature))
			};
			let _ = Attestation::report_double_signing(signed(account(60)), resource, id, said(1), said(2));
		},
		Step::Fresh(fresh) => Fresh::set(fresh),
		Step::Fee(round_fee) => {
			let changed = AttestationParameters { round_fee, ..parameters() };
			assert_ok!(Attestation::set_parameters(RuntimeOrigin::root(), changed));
		},
	}
}

/// What all the accounts of the tests have, free and held.
fn all_money() -> Balance {
	let accounts = (1..=60).chain([200, 201]).map(account);
	accounts.map(|who| Balances::free_balance(&who) + Balances::total_balance_on_hold(&who)).sum()
}

/// Every fee was paid, burned or given back, by what the events say.
fn fees_are_accounted_for() -> bool {
	events().iter().all(|event| {
		let Event::Closed { outcome, fee, paid, unpaid, .. } = event else { return true };
		match outcome {
			Outcome::Attested { .. } | Outcome::Refused { .. } | Outcome::NoQuorum { .. } => *fee == paid + unpaid,
			Outcome::Missed | Outcome::StoodStill => (*fee, *paid, *unpaid) == (0, 0, 0),
			Outcome::NoPanel { .. } => (*paid, *unpaid) == (0, 0),
		}
	})
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

	#[test]
	fn invariants_hold_and_money_is_conserved_and_every_round_ends(
		luck: u64,
		steps in prop::collection::vec(step(), 1..250),
	) {
		let resources: Vec<_> = (1..=RESOURCES).map(|id| (ResourceId(id), subject(true))).collect();
		let attestors: Vec<_> = (1..=6).map(|number| (number, 10 + number)).collect();
		let world = World::default().resources(&resources).attestors(&attestors);
		world.change(|parameters| parameters.draws_per_block = 2).build().execute_with(|| {
			Luck::set(luck);
			let money = all_money();
			let (mut committed, mut docket) = (Committed::new(), Docket::default());
			for step in steps {
				take(step.clone(), &mut committed, &mut docket);
				docket.strike();
				prop_assert_eq!(Attestation::violations(), [""; 0], "broken by {:?}", step);
				prop_assert_eq!(all_money(), money, "money by {:?}", step);
			}
			// With blocks and randomness, everything that is open comes to an outcome, and nothing new is opened.
			Fresh::set(true);
			Resources::mutate(|resources| resources.values_mut().for_each(|entry| entry.1 = ResourceState::Exiting));
			blocks(40);
			docket.strike();
			prop_assert!(docket.open.is_empty() && Requested::<Test>::get().is_empty());
			prop_assert_eq!(Agenda::<Test>::get().len(), 0);
			prop_assert!(Rounds::<Test>::iter_values().all(|round| round.outcome.is_some()));
			prop_assert_eq!(Attestation::violations(), [""; 0]);
			prop_assert_eq!(all_money(), money);
			prop_assert!(fees_are_accounted_for());
			Ok(())
		})?;
	}
}
