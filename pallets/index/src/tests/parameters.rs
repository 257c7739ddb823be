use super::*;

#[test]
fn parameters_change_the_day_after_tomorrow() {
	Market::default().run(|| {
		let changed = IndexParameters { min_bond: 200, ..parameters() };
		assert_noop!(Index::set_parameters(RuntimeOrigin::signed(1), changed.clone()), DispatchError::BadOrigin);
		assert_ok!(Index::set_parameters(RuntimeOrigin::root(), changed.clone()));
		commit(11, 5);
		next_day();
		assert_eq!(Parameters::<Test>::get(), parameters());
		next_day();
		assert_eq!(Parameters::<Test>::get(), changed);
		assert!(events().contains(&Event::ParametersChanged { parameters: changed }));
		assert_eq!(PendingParameters::<Test>::get(), None);
	})
}

#[test]
fn parameters_that_contradict_each_other_are_refused() {
	Market::default().run(|| {
		let valid = parameters();
		let windows = valid.windows;
		let of = |windows| IndexParameters { windows, ..parameters() };
		let invalid = [
			IndexParameters { min_bond: 0, ..parameters() },
			IndexParameters { full_bond: 99, ..parameters() },
			IndexParameters { silence_penalty: 101, ..parameters() },
			IndexParameters { dispute_bond: 0, ..parameters() },
			IndexParameters { quorum_owners: 0, ..parameters() },
			IndexParameters { quorum_owners: 4, ..parameters() },
			IndexParameters { quorum_reports: 9, ..parameters() },
			IndexParameters { decay: Ppm::ONE, ..parameters() },
			of(Windows { commit: 0, ..windows }),
			of(Windows { reveal: 0, ..windows }),
			of(Windows { dispute: 0, ..windows }),
			of(Windows { dispute: 30_000, ..windows }),
			of(Windows { commit: u64::MAX, ..windows }),
		];
		for parameters in invalid {
			let refused = Index::set_parameters(RuntimeOrigin::root(), parameters);
			assert_noop!(refused, Error::<Test>::InvalidParameters);
		}
		let mut combination = valid.combination;
		combination.trim = Ppm::percent(50);
		let refused = Index::set_parameters(RuntimeOrigin::root(), IndexParameters { combination, ..valid });
		assert_noop!(refused, Error::<Test>::InvalidParameters);
	})
}

#[test]
fn the_mock_passes_its_integrity_test() {
	Market::default().run(<Index as frame_support::traits::Hooks<u64>>::integrity_test)
}

#[test]
#[should_panic(expected = "the series is shorter than the memory of moves")]
fn a_series_shorter_than_the_memory_of_moves_is_no_runtime() {
	Market::default().run(|| {
		MaxFixes::set(250);
		<Index as frame_support::traits::Hooks<u64>>::integrity_test();
	})
}
