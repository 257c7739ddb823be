//! What can be asked of a class.

use crate::{mock::*, Error, Event, ProposedTerms, Schedules, MAX_WINDOW};
use frame_support::{assert_noop, assert_ok};
use gcx_math::proof::RawParameters;
use gcx_primitives::ClassId;
use sp_runtime::DispatchError;

fn with(computation: RawParameters) -> ProposedTerms {
	ProposedTerms { parameters: computation, ..terms() }
}

#[test]
fn governance_alone_sets_and_removes_terms() {
	run_with(Vec::new(), || {
		let stranger = || RuntimeOrigin::signed(STRANGER);
		assert_noop!(Proof::set_terms(stranger(), CLASS, terms()), DispatchError::BadOrigin);
		assert_noop!(Proof::remove_terms(stranger(), CLASS), DispatchError::BadOrigin);
		assert_noop!(Proof::remove_terms(RuntimeOrigin::root(), CLASS), Error::<Test>::NotScheduled);
		assert_ok!(terms_set(CLASS, terms()));
		let schedule = Schedules::<Test>::get(CLASS).unwrap();
		assert_eq!(events(), [Event::TermsSet { class: CLASS, terms: schedule.terms, due: 1 }]);
		assert_ok!(Proof::remove_terms(RuntimeOrigin::root(), CLASS));
		assert_eq!(events().pop(), Some(Event::TermsRemoved { class: CLASS }));
		assert_eq!(Schedules::<Test>::count(), 0);
	});
}

#[test]
fn terms_that_would_overflow_a_sum_or_a_block_are_refused_by_name() {
	run(|| {
		let refused = |computation| terms_set(CLASS, with(computation)).expect_err("refused");
		let deep = RawParameters { depth: 131_136, ..COMPUTATION };
		assert_eq!(refused(deep), Error::<Test>::AccumulatorOverflows.into());
		// 64 openings of whole tiles at the greatest depth.
		let heavy = RawParameters { depth: 131_072, patch: 4, openings: 64, ..COMPUTATION };
		assert_eq!(refused(heavy), Error::<Test>::CheckTooHeavy.into());
		let odd = [
			RawParameters { tile: 3, ..COMPUTATION },
			RawParameters { patch: 8, ..COMPUTATION },
			RawParameters { rows: 9, ..COMPUTATION },
			RawParameters { rows: 65_536, columns: 65_536, ..COMPUTATION },
			RawParameters { depth: 65, ..COMPUTATION },
			RawParameters { rounds: 0, ..COMPUTATION },
			RawParameters { openings: 65, ..COMPUTATION },
		];
		for computation in odd {
			assert_eq!(refused(computation), Error::<Test>::InvalidComputation.into(), "{computation:?}");
		}
		// What is drawn of a suspect counts.
		let suspects = ProposedTerms {
			parameters: RawParameters { depth: 131_072, patch: 4, openings: 1, ..COMPUTATION },
			suspect_openings: 64,
			..terms()
		};
		assert_noop!(terms_set(CLASS, suspects), Error::<Test>::CheckTooHeavy);
	});
}

#[test]
fn windows_intervals_and_draws_are_bounded() {
	run(|| {
		let invalid = [
			ProposedTerms { every: 0, ..terms() },
			ProposedTerms { commit_slots: 0, ..terms() },
			ProposedTerms { open_slots: 0, ..terms() },
			ProposedTerms { open_slots: MAX_WINDOW + 1, ..terms() },
			ProposedTerms { opened: 0, ..terms() },
			ProposedTerms { suspect_openings: 3, ..terms() },
		];
		for terms in invalid {
			assert_noop!(terms_set(CLASS, terms), Error::<Test>::InvalidTerms);
		}
		// A tenth of two epochs' time, and a slot more.
		assert_ok!(terms_set(CLASS, ProposedTerms { commit_slots: 20, ..terms() }));
		assert_noop!(terms_set(CLASS, ProposedTerms { commit_slots: 21, ..terms() }), Error::<Test>::TooMuchTime);
	});
}

#[test]
fn a_class_that_cannot_be_proven_is_not_called() {
	run(|| {
		assert_noop!(terms_set(OTHER_CLASS, terms()), Error::<Test>::NotProvable);
	});
}

#[test]
fn as_many_classes_are_called_as_can_be() {
	run(|| {
		Provable::set([CLASS, OTHER_CLASS, ClassId(5)].into());
		assert_ok!(terms_set(OTHER_CLASS, terms()));
		assert_noop!(terms_set(ClassId(5), terms()), Error::<Test>::TooManyClasses);
		// One that is called already can have others.
		assert_ok!(terms_set(CLASS, ProposedTerms { every: 9, ..terms() }));
	});
}

#[test]
#[should_panic(expected = "cannot be called")]
fn a_genesis_with_terms_that_cannot_be_is_none() {
	run_with(vec![(OTHER_CLASS, terms())], || ());
}
