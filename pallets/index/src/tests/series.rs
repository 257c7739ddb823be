use super::*;
use gcx_primitives::{Fix, PriceStatistics};

/// Appends final fixes, a day each, as if rounds had come to them.
fn fixes(prices: &[i64]) {
	for price in prices {
		Index::fix(CLASS, Day(today()), Price(*price), &parameters());
		go_to(today() + 1, 0);
	}
}

fn statistics() -> PriceStatistics {
	Index::statistics(CLASS).expect("there is a fix")
}

#[test]
fn before_the_first_fix_there_is_nothing() {
	Market::default().run(|| {
		assert_eq!(Index::statistics(CLASS), None);
		assert_eq!(Index::fresh_fix(CLASS, u64::MAX), None);
		assert!(Index::fixes(CLASS, Day(0), Day(u32::MAX)).is_empty());
	})
}

#[test]
fn the_first_move_stands_for_all_that_is_not_known_and_the_next_are_averaged_in() {
	Market::default().run(|| {
		fixes(&[2_000]);
		assert_eq!(statistics(), PriceStatistics { mean_size: Price(2_000), ..Default::default() });
		fixes(&[2_200]);
		let first = PriceStatistics { mean_size: Price(2_100), variance: 10_000_000_000, largest_move: Ppm(100_000) };
		assert_eq!(statistics(), first);
		fixes(&[2_200]);
		assert_eq!(statistics().variance, 9_700_000_000);
		assert_eq!(statistics().mean_size, Price(2_134)); // 2,133⅓ rounded up
	})
}

#[test]
fn moves_are_measured_against_the_floor_where_the_price_is_below_it() {
	Market::default().run(|| {
		fixes(&[100, 200]);
		assert_eq!(statistics().largest_move, Ppm::percent(10));
	})
}

#[test]
fn the_largest_move_is_forgotten_after_250_fixes_and_the_series_after_more() {
	Market::default().run(|| {
		fixes(&[2_000, 4_000]);
		fixes(&[4_000; 249]);
		assert_eq!(statistics().largest_move, Ppm::ONE);
		fixes(&[4_000]);
		assert_eq!(statistics().largest_move, Ppm::ZERO);
		fixes(&[4_000; 20]);
		assert_eq!(Series::<Test>::get(CLASS).len(), 260);
		let (oldest, newest) = (FIRST_DAY + 12, FIRST_DAY + 271);
		let all = Index::fixes(CLASS, Day(0), Day(u32::MAX));
		assert_eq!((all[0].day, all[259].day), (Day(oldest), Day(newest)));
	})
}

#[test]
fn the_mean_covers_thirty_days_whatever_is_missing_in_them() {
	Market::default().run(|| {
		fixes(&[9_000, 1_000]);
		go_to(FIRST_DAY + 30, 0);
		fixes(&[-2_000]);
		// The first fix is 30 days before the newest: out. The second is in.
		assert_eq!(statistics().mean_size, Price(1_500));
	})
}

#[test]
fn fixes_are_found_by_their_days() {
	Market::default().run(|| {
		fixes(&[1_000, 2_000]);
		go_to(FIRST_DAY + 5, 0);
		fixes(&[3_000]);
		let prices = |from, to| -> Vec<i64> {
			let fixes = Index::fixes(CLASS, Day(FIRST_DAY + from), Day(FIRST_DAY + to));
			fixes.iter().map(|fix: &Fix| fix.price.0).collect()
		};
		assert_eq!(prices(0, 5), [1_000, 2_000, 3_000]);
		assert_eq!(prices(1, 4), [2_000]);
		assert!(prices(2, 4).is_empty());
	})
}

#[test]
fn age_is_measured_by_a_clock_that_moves() {
	Market::default().run(|| {
		fixes(&[2_000]);
		let time = Index::fresh_fix(CLASS, u64::MAX).unwrap().time;
		for age in [0, 1, DAY, 100 * DAY] {
			pallet_timestamp::Now::<Test>::put(time + age);
			assert!(Index::fresh_fix(CLASS, age).is_some());
			assert!(age == 0 || Index::fresh_fix(CLASS, age - 1).is_none(), "{age}");
		}
	})
}
