//! Days from dates and back.
//!
//! Source: Hinnant, *chrono-compatible low-level date algorithms* (2013): years of March to February in eras of 400.

use gcx_primitives::Day;

/// Days from 0000-03-01 to the Unix epoch.
const EPOCH: i64 = 719_468;
/// Days in 400 years.
const ERA: i64 = 146_097;

/// The day of a date `YYYY-MM-DD`, alone or followed by a time. None of what is no date of the Unix epoch or later.
pub fn day(text: &str) -> Option<Day> {
	let text = text.trim();
	let (date, time) = text.split_at_checked(10)?;
	let dashed = date.bytes().enumerate().all(|(at, byte)| match at {
		4 | 7 => byte == b'-',
		_ => byte.is_ascii_digit(),
	});
	if !dashed || !(time.is_empty() || time.starts_with(['T', ' '])) {
		return None;
	}
	let (year, month, of_month) = (date[..4].parse().ok()?, date[5..7].parse().ok()?, date[8..].parse().ok()?);
	if !(1..=12).contains(&month) || !(1..=31).contains(&of_month) {
		return None;
	}
	let day = Day(u32::try_from(days(year, month, of_month)).ok()?);
	// The 30th of February is the 1st or 2nd of March.
	(self::date(day) == date).then_some(day)
}

/// The date of a day as `YYYY-MM-DD`.
pub fn date(day: Day) -> String {
	let days = i64::from(day.0) + EPOCH;
	let (era, of_era) = (days / ERA, days % ERA);
	let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
	let of_year = of_era - (365 * year + year / 4 - year / 100);
	let month = (5 * of_year + 2) / 153;
	let of_month = of_year - (153 * month + 2) / 5 + 1;
	let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
	format!("{:04}-{month:02}-{of_month:02}", era * 400 + year + next)
}

fn days(year: i64, month: i64, of_month: i64) -> i64 {
	let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
	let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
	era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + of_month - 1 - EPOCH
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_date_is_its_day_since_the_epoch() {
		assert_eq!(day("1970-01-01"), Some(Day(0)));
		assert_eq!(day("2000-02-29"), Some(Day(11_016)));
		assert_eq!(day("2020-04-20"), Some(Day(18_372)));
		assert_eq!(day("2025-10-19T21:01:58.727366+00:00"), day("2025-10-19"));
		assert_eq!(day("2025-10-19 21:01"), day("2025-10-19"));
	}

	#[test]
	fn every_day_of_two_centuries_comes_back_from_its_date() {
		assert!((0..73_000).map(Day).all(|of| day(&date(of)) == Some(of)));
	}

	#[test]
	fn what_is_no_date_is_no_day() {
		for text in ["", "2020-02-30", "2021-02-29", "2020-13-01", "2020-00-10", "2020-01-00", "20200420", "1969-12-31"]
		{
			assert_eq!(day(text), None, "{text}");
		}
		for text in ["20-04-2020", "2020-4-20", "2020-04-20x", "+020-01-01", "2020-01-0é", "date"] {
			assert_eq!(day(text), None, "{text}");
		}
	}
}
