use super::*;
use proptest::prelude::*;

const fn tier(from: i128, maker: u32, taker: u32) -> FeeTier {
	FeeTier { from: Cash(from), maker: Ppm(maker), taker: Ppm(taker) }
}

/// Two hundredths of a per cent, from a million on one, from ten on a half.
fn schedule() -> [FeeTier; 3] {
	[tier(0, 200, 300), tier(1_000_000, 100, 200), tier(10_000_000, 50, 100)]
}

fn fee(role: Role, before: i128, notional: i128) -> i128 {
	marginal_fee_ceil(&schedule(), role, Cash(before), Cash(notional)).unwrap().0
}

#[test]
fn each_part_of_a_volume_pays_the_rate_of_its_tier() {
	assert_eq!(fee(Role::Maker, 0, 1_000_000), 200);
	assert_eq!(fee(Role::Taker, 0, 1_000_000), 300);
	assert_eq!(fee(Role::Maker, 1_000_000, 1_000_000), 100);
	// Half a million at 200, nine at 100, two at 50.
	assert_eq!(fee(Role::Maker, 500_000, 11_500_000), 100 + 900 + 100);
	assert_eq!(fee(Role::Taker, 20_000_000, 1_000_000), 100);
	assert_eq!(fee(Role::Maker, 0, 0), 0);
}

#[test]
fn a_fee_is_rounded_up_once() {
	assert_eq!(fee(Role::Maker, 0, 1), 1);
	assert_eq!(fee(Role::Maker, 0, 5_000), 1);
	assert_eq!(fee(Role::Maker, 0, 5_001), 2);
	// A part of a unit in either tier is one unit together: 1 · 200 and 1 · 100 millionths.
	assert_eq!(fee(Role::Maker, 999_999, 2), 1);
}

#[test]
fn a_schedule_is_for_everybody_and_never_dearer_for_more() {
	assert!(is_schedule(&schedule()));
	assert!(is_schedule(&flat(MAX_FEE, MAX_FEE)));
	for broken in [
		vec![],
		vec![tier(1, 200, 200)],
		vec![tier(0, 200, 200), tier(0, 100, 100)],
		vec![tier(0, 200, 200), tier(5, 201, 200)],
		vec![tier(0, 200, 200), tier(5, 200, 201)],
		vec![tier(0, 50_001, 200)],
		vec![tier(0, 200, 50_001)],
		(0..9).map(|at| tier(at, 1, 1)).collect(),
	] {
		assert!(!is_schedule(&broken), "{broken:?}");
	}
	assert_eq!([0, 999_999, 1_000_000, i128::MAX].map(|volume| tier_of(&schedule(), Cash(volume))), [0, 0, 1, 2]);
	assert_eq!(tier_of(&[], Cash(1)), 0);
}

#[test]
fn volume_counts_for_thirty_days() {
	let mut volume = RollingVolume::default();
	assert!(volume.is_empty(Day(100)));
	volume.add(Day(100), Cash(7));
	volume.add(Day(100), Cash(1));
	volume.add(Day(110), Cash(20));
	assert_eq!([100, 110, 129, 130, 139, 140].map(|day| volume.total(Day(day)).0), [28, 28, 28, 20, 20, 0]);
	assert!(!volume.is_empty(Day(139)) && volume.is_empty(Day(140)));
	volume.add(Day(140), Cash(1));
	assert_eq!(volume.days.len(), 1);
	// Day after day for a year there is room for thirty.
	for day in 200..565 {
		volume.add(Day(day), Cash(1));
		assert_eq!(volume.total(Day(day)).0, i128::from((day - 199).min(VOLUME_DAYS)));
	}
}

#[test]
fn volumes_beyond_every_figure_are_the_largest_one_and_cost_what_the_last_tier_says() {
	let mut volume = RollingVolume::default();
	for day in 0..3_650 {
		volume.add(Day(day), Cash(i128::MAX));
		volume.add(Day(day), Cash(i128::MAX));
	}
	assert_eq!(volume.total(Day(3_649)), Cash(i128::MAX));
	assert_eq!(fee(Role::Maker, i128::MAX, 1_000_000), 50);
	let largest = 10i128.pow(30);
	assert_eq!(fee(Role::Taker, 0, largest), (largest - 10_000_000) / 10_000 + 300 + 1_800);
	let dear = [tier(0, 2_000_000, 2_000_000)];
	let beyond = marginal_fee_ceil(&dear, Role::Maker, Cash(0), Cash(i128::MAX));
	assert_eq!(beyond, Err(ArithmeticError::Overflow));
}

#[test]
fn the_treasury_has_what_rounding_leaves() {
	let split = FeeSplit { pool: Ppm(333_333), rebate: Ppm(333_333), burn: Ppm(333_334) };
	assert!(split.is_valid());
	assert_eq!(split.share_out(10), FeeParts { pool: 3, rebate: 3, burn: 3, treasury: 1 });
	assert!(!FeeSplit { burn: Ppm(333_335), ..split }.is_valid());
	assert!(!FeeSplit { burn: Ppm(u32::MAX), ..split }.is_valid());
	assert_eq!((part_floor(3, Ppm(500_000)), part_ceil(3, Ppm(500_000))), (1, 2));
	assert_eq!(part_floor(u128::MAX, Ppm::percent(200)), u128::MAX);
}

proptest! {
	// What is traded at once costs what it costs in two parts, but for one unit of rounding; and more never costs less.
	#[test]
	fn splitting_a_trade_changes_nothing_but_a_rounding(
		before in 0i128..20_000_000, first in 0i128..20_000_000, second in 0i128..20_000_000,
	) {
		let apart = fee(Role::Maker, before, first) + fee(Role::Maker, before + first, second);
		let together = fee(Role::Maker, before, first + second);
		prop_assert!(together <= apart && apart <= together + 1);
		prop_assert!(together >= fee(Role::Maker, before, first));
		// Between the dearest rate and the cheapest.
		let at = |rate: u32| Ppm(rate).mul_ceil(Cash(first)).unwrap().0;
		prop_assert!((at(50)..=at(200)).contains(&fee(Role::Maker, before, first)));
	}

	#[test]
	fn the_parts_of_a_fee_sum_to_it(fee: u128, pool: u32, rebate: u32, burn: u32) {
		let split = FeeSplit { pool: Ppm(pool), rebate: Ppm(rebate), burn: Ppm(burn) };
		let FeeParts { pool, rebate, burn, treasury } = split.share_out(fee);
		prop_assert_eq!(pool.checked_add(rebate).and_then(|sum| sum.checked_add(burn)?.checked_add(treasury)), Some(fee));
	}

	#[test]
	fn parts_round_as_they_say(amount in 0u128..1 << 100, share in 0u32..=1_000_000) {
		let (down, up) = (part_floor(amount, Ppm(share)), part_ceil(amount, Ppm(share)));
		prop_assert!(down <= up && up <= down + 1 && up <= amount);
		prop_assert!(down * 1_000_000 <= amount * u128::from(share) && amount * u128::from(share) <= up * 1_000_000);
	}

	#[test]
	fn a_window_is_the_sum_of_its_days(trades in prop::collection::vec((0u32..4, 0i128..1_000), 0..200)) {
		let (mut volume, mut day, mut book) = (RollingVolume::default(), 1_000, Vec::new());
		for (later, amount) in trades {
			day += later;
			volume.add(Day(day), Cash(amount));
			book.push((day, amount));
			let expected: i128 = book.iter().filter(|(at, _)| at + VOLUME_DAYS > day).map(|(_, amount)| amount).sum();
			prop_assert_eq!(volume.total(Day(day)), Cash(expected));
		}
	}
}
