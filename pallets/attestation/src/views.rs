//! What the runtime API answers.

use crate::{
	types::{AttestorOf, RoundOf},
	Answer, Attestor, Attestors, Config, Finding, Members, Outcome, Pallet, Purpose, Record, Rounds, Stage,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;
use frame_support::traits::Get;
use gcx_evidence::{hex, Reason};
use gcx_primitives::ResourceId;
use gcx_runtime_api::{
	Amount, AnswerView, AttestorView, FindingView, MemberView, OutcomeView, PurposeView, ReasonCount, RoundPhase,
	RoundView,
};
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> Pallet<T> {
	/// The last round of a resource, open or closed; none if it had none.
	pub fn round_view(resource: ResourceId) -> Option<RoundView<T::AccountId>> {
		let round = Rounds::<T>::get(resource)?;
		let slot = T::Slot::get();
		let member = |account: &T::AccountId| {
			let member = Members::<T>::get(resource, account);
			let (committed, finding) = (member.commitment.is_some(), member.finding.as_ref().map(finding_view));
			MemberView { attestor: account.clone(), committed, finding }
		};
		let panel: Vec<_> = round.panel().iter().map(member).collect();
		Some(RoundView {
			resource,
			round: round.id,
			purpose: purpose_view(round.purpose.clone()),
			nonce: hex::write(&round.nonce),
			class: round.class,
			version: round.version,
			phase: phase::<T>(&round, slot),
			slot,
			devices: round.devices,
			solves: round.solves,
			opened_slot: round.opened_slot,
			opened_at: round.opened_at,
			answer_until: round.answer_until,
			commit_until: round.commit_until,
			reveal_until: round.reveal_until,
			answer: round.answer.as_ref().map(answer_view),
			examined: round.draw.as_ref().map_or(Vec::new(), |draw| draw.devices.to_vec()),
			reasons: counted(&panel),
			panel,
			outcome: round.outcome.map(outcome_view),
			provider: round.provider,
			agent: round.agent,
		})
	}

	/// The attestors, by account.
	pub fn attestors() -> Vec<AttestorView<T::AccountId>> {
		let mut attestors: Vec<_> = Attestors::<T>::iter().map(attestor_view::<T>).collect();
		attestors.sort_by(|one, other| one.attestor.cmp(&other.attestor));
		attestors
	}
}

fn purpose_view<AccountId>(purpose: Purpose<AccountId>) -> PurposeView<AccountId> {
	match purpose {
		Purpose::Draw => PurposeView::Draw,
		Purpose::Challenge { deal, day, tenant } => PurposeView::Challenge { deal, day, tenant },
	}
}

fn phase<T: Config>(round: &RoundOf<T>, slot: u64) -> RoundPhase {
	let is_over = round.due().is_some_and(|until| until < slot);
	match round.stage {
		Stage::Answer if is_over && round.answer.is_some() => RoundPhase::Drawing,
		Stage::Closed => RoundPhase::Closed,
		Stage::Answer | Stage::Commit | Stage::Reveal if is_over => RoundPhase::Due,
		Stage::Answer => RoundPhase::Answering,
		Stage::Commit => RoundPhase::Committing,
		Stage::Reveal => RoundPhase::Revealing,
	}
}

fn answer_view<Balance: UniqueSaturatedInto<u128> + Copy>(answer: &Answer<Balance>) -> AnswerView {
	AnswerView {
		slot: answer.slot,
		order: answer.solve.map(|solve| solve.order),
		commitment: answer.solve.map(|solve| hex::write(&solve.commitment)),
		fee: Amount(answer.fee.unique_saturated_into()),
	}
}

fn finding_view(finding: &Finding) -> FindingView {
	match finding {
		Finding::Attested(_) => FindingView::Attested,
		Finding::Refused(reason) => FindingView::Refused(*reason),
		Finding::Abstained(reason) => FindingView::Abstained(*reason),
	}
}

fn outcome_view(outcome: Outcome) -> OutcomeView {
	match outcome {
		Outcome::Attested { run, evidence, solved, declared, milliwatts, agreed, outliers } => OutcomeView::Attested {
			run: hex::write(&run),
			evidence: hex::write(&evidence),
			solved,
			declared: declared.into_inner(),
			milliwatts,
			agreed,
			outliers,
		},
		Outcome::Refused { reason, agreed, outliers } => OutcomeView::Refused { reason, agreed, outliers },
		Outcome::NoQuorum { counted, owners } => OutcomeView::NoQuorum { counted, owners },
		Outcome::Missed => OutcomeView::Missed,
		Outcome::NoPanel { attestors, owners } => OutcomeView::NoPanel { attestors, owners },
		Outcome::StoodStill => OutcomeView::StoodStill,
	}
}

/// The reasons of a panel, the most frequent first; of equally frequent ones the first by number.
fn counted<AccountId>(panel: &[MemberView<AccountId>]) -> Vec<ReasonCount> {
	let mut counts = BTreeMap::<Reason, u32>::new();
	for member in panel {
		match member.finding {
			Some(FindingView::Refused(reason) | FindingView::Abstained(reason)) => {
				let count = counts.entry(reason).or_default();
				*count = count.saturating_add(1);
			},
			Some(FindingView::Attested) | None => (),
		}
	}
	let mut reasons: Vec<_> = counts.into_iter().map(|(reason, members)| ReasonCount { reason, members }).collect();
	reasons.sort_by_key(|count| Reverse(count.members));
	reasons
}

fn attestor_view<T: Config>((account, attestor): (T::AccountId, AttestorOf<T>)) -> AttestorView<T::AccountId> {
	let Attestor { owner, bond, leaving, standing, duties, record } = attestor;
	let Record { agreed, outlier, undecided, silent, missed } = record;
	let bond = Amount(UniqueSaturatedInto::<u128>::unique_saturated_into(bond));
	AttestorView {
		attestor: account,
		owner,
		bond,
		standing,
		leaving,
		duties,
		agreed,
		outlier,
		undecided,
		silent,
		missed,
	}
}
