//! What to do about a window, and what to take of a buyer, decided from what the chain says and what is known: nothing else.

use super::{
	presence::{part_of, Presence, Span},
	vouchers::Voucher,
};
use crate::chain::delivery::{Clock, Deal, Resource};
use gcx_primitives::{Capacity, Day, Ppm};
use sp_runtime::MultiSignature;
use std::time::Duration;
use thiserror::Error;

/// Slots before a window's close at which availability is posted at the latest.
const POST_SLOTS: u64 = 6;
/// Slots before a window's close at which a voucher is submitted at the latest. The last poll comes a little after the day's end, and
/// only the first voucher of a window is free if it raises little.
const SUBMIT_SLOTS: u64 = 4;
/// The part of [`Clock::submit`] before a window's close in which a voucher is submitted even if it is not for all that is due.
const SUBMIT_PARTS: u64 = 4;
/// How far apart two polls may be for the time between them to count, where nothing else is said: at most this.
const GAP: u64 = 60_000;
/// And at most this part of a day.
const GAP_PARTS: u64 = 6;
/// An endpoint is polled so many times a day at least.
const POLLS_A_DAY: u64 = 20;
/// Polls are signed for a second, so they are at least as far apart.
const SHORTEST: u64 = 1_000;
/// A dead endpoint is polled so much more rarely.
const DEAD_FACTOR: u32 = 4;

/// How far apart two moments of presence may be on days of this length, in milliseconds: a minute, or a sixth of a short day.
pub const fn gap(day: u64) -> u64 {
	let part = day / GAP_PARTS;
	if part < GAP {
		part
	} else {
		GAP
	}
}

/// A day for presence.
pub fn span(clock: &Clock, day: Day, gap: u64) -> Span {
	Span { start: clock.start(day), end: clock.end(day), gap }
}

/// How long to wait between two polls: as it is configured, or less where days are short.
pub fn every(configured: Duration, clock: &Clock) -> Duration {
	let most = Duration::from_millis((clock.day / POLLS_A_DAY).max(SHORTEST));
	configured.clamp(Duration::from_millis(SHORTEST), most.max(Duration::from_millis(SHORTEST)))
}

/// How long to wait before an endpoint is polled again that failed so many times in a row.
pub fn wait(every: Duration, failures: u32) -> Duration {
	every * (failures + 1).min(DEAD_FACTOR)
}

/// What of a resource is there on a day: nothing during maintenance, else the share of its devices that this machine is, and of that
/// what the operator says.
pub fn share(resource: &Resource, devices: u32, available: Ppm, day: Day) -> Ppm {
	if resource.maintenance.iter().any(|days| days.contains(day)) {
		return Ppm::ZERO;
	}
	let here = u64::from(devices.min(resource.devices)) * u64::from(available.min(Ppm::ONE).0);
	let share = here.checked_div(resource.devices.into()).and_then(|share| u32::try_from(share).ok());
	share.map_or(Ppm::ZERO, Ppm)
}

/// What to post about a day now: what was due times the share that was there, rounded down. None if it is not the time, it was posted,
/// or there is nothing to post.
///
/// The time is the day's end or, where the window is closed soon after it, a few blocks before that.
pub fn post(clock: &Clock, deal: &Deal, day: Day, up: Presence, share: Ppm, gap: u64) -> Option<Capacity> {
	let quantity = deal.quantity(day)?;
	let due = clock.end(day).min(clock.before_close(day, POST_SLOTS)).max(clock.start(day));
	let is_time = due <= clock.now && clock.is_open(day, clock.now) && !deal.is_closed(day);
	if !is_time || deal.window(day).available.is_some() {
		return None;
	}
	let span = span(clock, day, gap);
	let available = part_of(quantity, up.by_end(clock.now, share, &span), &span);
	(available > Capacity::ZERO).then_some(available)
}

/// Whether to submit a voucher for so much now: it says more than the chain knows, the day is over, and there will be no better one or
/// the window is closed soon.
pub fn submits(clock: &Clock, deal: &Deal, day: Day, cumulative: Capacity) -> bool {
	let Some(quantity) = deal.quantity(day) else { return false };
	let last = clock.before_close(day, SUBMIT_SLOTS).min(clock.closes(day).saturating_sub(clock.submit / SUBMIT_PARTS));
	let is_time = clock.end(day) <= clock.now && (cumulative >= quantity || last <= clock.now);
	cumulative > deal.window(day).vouchered && is_time && clock.is_open(day, clock.now) && !deal.is_closed(day)
}

/// Whether a buyer is polled for a day at a time by this machine's clock: while the window is open, until an answer came after the day's
/// end, or all is vouchered.
pub fn polls(clock: &Clock, deal: &Deal, day: Day, now: u64, vouchered: Option<Capacity>, final_answer: bool) -> bool {
	let Some(quantity) = deal.quantity(day) else { return false };
	let is_all = vouchered.is_some_and(|vouchered| vouchered >= quantity);
	let more = now < clock.end(day) || !final_answer;
	deal.key.is_some()
		&& !deal.endpoint.is_empty()
		&& clock.is_open(day, now)
		&& !deal.is_closed(day)
		&& !is_all
		&& more
}

/// Why a voucher is not taken.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum VoucherError {
	/// It is for another day than was asked.
	#[error("it is for day {}, and was asked for {}", .given.0, .asked.0)]
	OtherDay {
		/// Which.
		given: Day,
		/// Which was asked.
		asked: Day,
	},
	/// The deal has no key whose vouchers count, or the day is not delivered.
	#[error("no voucher counts for this deal and day")]
	NotCounted,
	/// It says more than is due.
	#[error("it is for more than is due")]
	AboveQuantity,
	/// It says less than the one before.
	#[error("it is for less than the one before")]
	Backwards,
	/// The deal's key did not sign it for this chain, deal and day.
	#[error("the deal's key did not sign it for this chain, deal and day")]
	BadSignature,
}

/// Looks at a voucher that came for a day. Gives its signature if it is to be kept; nothing if it says what is known already.
///
/// # Errors
/// See [`VoucherError`].
pub fn accept(
	genesis: [u8; 32],
	deal: &Deal,
	asked: Day,
	voucher: &Voucher,
	known: Option<Capacity>,
) -> Result<Option<MultiSignature>, VoucherError> {
	if voucher.day != asked {
		return Err(VoucherError::OtherDay { given: voucher.day, asked });
	}
	let (Some(quantity), Some(key)) = (deal.quantity(asked), deal.key) else { return Err(VoucherError::NotCounted) };
	let more = quantity.0.checked_mul(deal.tolerance.0.into()).map_or(0, |more| more / u128::from(Ppm::PARTS));
	if voucher.cumulative.0 > quantity.0.saturating_add(more) {
		return Err(VoucherError::AboveQuantity);
	}
	match known {
		Some(known) if voucher.cumulative < known => return Err(VoucherError::Backwards),
		Some(known) if voucher.cumulative == known => return Ok(None),
		Some(_) | None => (),
	}
	voucher.signed_by(genesis, deal.id, key).map(Some).ok_or(VoucherError::BadSignature)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::delivery::{Account, Window},
		key::Key,
	};
	use gcx_primitives::{ComputeHours, DealId, DeliveryDays, InstrumentId, Lots, ResourceId, SubAccount};
	use std::collections::BTreeMap;

	const GENESIS: [u8; 32] = [0xaa; 32];
	const DAY: Day = Day(11);
	const START: u64 = 11 * 60_000;
	const END: u64 = 12 * 60_000;
	/// One Compute Hour on each of two days.
	const DUE: Capacity = Capacity(1_000_000);
	const GAP: u64 = 10_000;
	const FULL: Presence = Presence { seen: Some(END), weighted: 60_000 * 1_000_000 };

	fn key() -> Key {
		Key::load("//Bob").unwrap()
	}

	fn deal() -> Deal {
		let account = Account { owner: [1; 32], sub: SubAccount(0) };
		Deal {
			id: DealId(3),
			instrument: InstrumentId(1),
			buyer: account.clone(),
			seller: account,
			lots: Lots(2),
			resource: Some(ResourceId(7)),
			key: Some(key().account().into()),
			endpoint: b"http://meter.example".to_vec(),
			from: Day(11),
			next: Day(11),
			days: DeliveryDays { first: Day(11), last: Day(12) },
			multiplier: ComputeHours(1),
			tolerance: Ppm::percent(2),
			windows: BTreeMap::new(),
		}
	}

	fn with(window: Window) -> Deal {
		Deal { windows: [(DAY, window)].into(), ..deal() }
	}

	/// Days of a minute, whose windows are open for six hours of a day of a day: as on a live chain, in minutes.
	fn clock(now: u64) -> Clock {
		Clock { now, slot: 100, day: 60_000, submit: 15_000, grace: 0 }
	}

	/// Days of a minute with blocks of three seconds.
	fn short(now: u64) -> Clock {
		Clock { slot: 3_000, ..clock(now) }
	}

	fn voucher(day: Day, cumulative: u128) -> Voucher {
		Voucher::new(GENESIS, DealId(3), day, Capacity(cumulative), &key())
	}

	#[test]
	fn what_was_there_is_posted_once_when_the_day_is_over() {
		let post = |now, deal: &Deal| post(&clock(now), deal, DAY, FULL, Ppm::ONE, GAP);
		assert_eq!(post(END - 1, &deal()), None);
		assert_eq!(post(END, &deal()), Some(DUE));
		assert_eq!(post(END + 14_999, &deal()), Some(DUE));
		assert_eq!(post(END + 15_000, &deal()), None);
		let posted = with(Window { available: Some(Capacity(1)), ..Window::default() });
		assert_eq!(post(END, &posted), None);
		let settled = Deal { next: Day(12), ..deal() };
		assert_eq!(post(END, &settled), None);
		let later = Deal { from: Day(12), ..deal() };
		assert_eq!(post(END, &later), None, "the day was released");
	}

	#[test]
	fn it_is_posted_a_few_blocks_before_a_window_is_closed_if_that_is_earlier() {
		let half = Presence { seen: Some(END - 5_000), weighted: 55_000 * 1_000_000 };
		let post = |now, share| post(&short(now), &deal(), DAY, half, share, GAP);
		assert_eq!(post(END - 3_001, Ppm::ONE), None);
		assert_eq!(post(END - 3_000, Ppm::ONE), Some(DUE), "the rest is as it is now");
		assert_eq!(post(END - 3_000, Ppm::ZERO), Some(Capacity(916_666)));
	}

	#[test]
	fn a_window_that_a_halt_kept_open_is_posted_late() {
		let late = Clock { grace: END + 60_000, ..clock(END + 60_000) };
		assert_eq!(post(&late, &deal(), DAY, FULL, Ppm::ONE, GAP), Some(DUE));
		assert_eq!(post(&Clock { grace: 0, ..late }, &deal(), DAY, FULL, Ppm::ONE, GAP), None);
	}

	#[test]
	fn an_outage_lowers_what_is_posted_and_nothing_is_not_posted() {
		let post = |up, share| post(&clock(END), &deal(), DAY, up, share, GAP);
		let part = Presence { weighted: 45_000 * 1_000_000, ..FULL };
		assert_eq!(post(part, Ppm::ONE), Some(Capacity(750_000)));
		assert_eq!(post(Presence::default(), Ppm::ZERO), None);
		let more = Presence { weighted: 90_000 * 1_000_000, ..FULL };
		assert_eq!(post(more, Ppm::ONE), Some(DUE), "never more than is due");
	}

	#[test]
	fn the_share_that_is_there_follows_devices_maintenance_and_the_operator() {
		let resource = Resource { agent: [0; 32], devices: 4, maintenance: Vec::new() };
		assert_eq!(share(&resource, 4, Ppm::ONE, DAY), Ppm::ONE);
		assert_eq!(share(&resource, 8, Ppm::ONE, DAY), Ppm::ONE);
		assert_eq!(share(&resource, 3, Ppm::ONE, DAY), Ppm::percent(75));
		assert_eq!(share(&resource, 3, Ppm::percent(50), DAY), Ppm(375_000));
		assert_eq!(share(&resource, 4, Ppm::percent(200), DAY), Ppm::ONE);
		let maintained = Resource { maintenance: vec![DeliveryDays { first: DAY, last: DAY }], ..resource.clone() };
		assert_eq!(share(&maintained, 4, Ppm::ONE, DAY), Ppm::ZERO);
		assert_eq!(share(&maintained, 4, Ppm::ONE, Day(12)), Ppm::ONE);
		assert_eq!(share(&Resource { devices: 0, ..resource }, 4, Ppm::ONE, DAY), Ppm::ZERO);
	}

	#[test]
	fn a_voucher_for_all_is_submitted_after_the_day_and_another_before_the_close() {
		let submits = |now, cumulative| submits(&clock(now), &deal(), DAY, Capacity(cumulative));
		assert!(!submits(END - 1, DUE.0));
		assert!(submits(END, DUE.0));
		assert!(!submits(END + 11_249, DUE.0 - 1));
		assert!(submits(END + 11_250, DUE.0 - 1));
		assert!(!submits(END + 15_000, DUE.0));
		assert!(!submits(END + 11_250, 0), "nothing is not more than nothing");
	}

	#[test]
	fn a_voucher_is_submitted_only_if_it_says_more_than_the_chain_knows() {
		let known = with(Window { vouchered: Capacity(500_000), ..Window::default() });
		assert!(submits(&clock(END + 12_000), &known, DAY, Capacity(500_001)));
		assert!(!submits(&clock(END + 12_000), &known, DAY, Capacity(500_000)));
		assert!(!submits(&clock(END + 12_000), &Deal { next: Day(12), ..deal() }, DAY, DUE));
	}

	#[test]
	fn where_a_window_is_closed_in_a_few_blocks_vouchers_are_submitted_some_blocks_before() {
		assert!(submits(&short(END + 3_000), &deal(), DAY, Capacity(1)));
		assert!(!submits(&short(END + 2_999), &deal(), DAY, Capacity(1)));
		let shorter = Clock { submit: 3_000, ..short(END) };
		assert!(submits(&shorter, &deal(), DAY, Capacity(1)));
		assert!(!submits(&Clock { now: END - 1, ..shorter }, &deal(), DAY, Capacity(1)));
	}

	#[test]
	fn a_buyer_is_polled_while_the_window_is_open_and_once_after_the_day() {
		let polls = |now, known: Option<u128>, last| polls(&clock(now), &deal(), DAY, now, known.map(Capacity), last);
		assert!(!polls(START - 1, None, false));
		assert!(polls(START, None, false));
		assert!(polls(END - 1, Some(5), false));
		assert!(polls(END, Some(5), false));
		assert!(!polls(END, Some(5), true));
		assert!(!polls(END, Some(DUE.0), false));
		assert!(!polls(END + 15_000, None, false));
	}

	#[test]
	fn a_buyer_without_a_key_or_an_endpoint_is_not_polled() {
		let polls = |deal: Deal| polls(&clock(START), &deal, DAY, START, None, false);
		assert!(polls(deal()));
		assert!(!polls(Deal { key: None, ..deal() }));
		assert!(!polls(Deal { endpoint: Vec::new(), ..deal() }));
		assert!(!polls(Deal { from: Day(12), ..deal() }));
	}

	#[test]
	fn a_good_voucher_is_taken_and_one_that_is_known_is_not_taken_again() {
		let accept = |cumulative, known: Option<u128>| {
			accept(GENESIS, &deal(), DAY, &voucher(DAY, cumulative), known.map(Capacity)).map(|taken| taken.is_some())
		};
		assert_eq!(accept(5, None), Ok(true));
		assert_eq!(accept(6, Some(5)), Ok(true));
		assert_eq!(accept(5, Some(5)), Ok(false));
		assert_eq!(accept(4, Some(5)), Err(VoucherError::Backwards));
		assert_eq!(accept(1_020_000, None), Ok(true), "within the tolerance");
		assert_eq!(accept(1_020_001, None), Err(VoucherError::AboveQuantity));
		assert_eq!(accept(u128::MAX, None), Err(VoucherError::AboveQuantity));
	}

	#[test]
	fn a_voucher_of_another_day_deal_chain_or_key_is_refused() {
		let refused = |voucher: &Voucher| accept(GENESIS, &deal(), DAY, voucher, None).unwrap_err();
		let other = VoucherError::OtherDay { given: Day(12), asked: DAY };
		assert_eq!(refused(&voucher(Day(12), 5)), other);
		assert_eq!(refused(&Voucher { day: DAY, ..voucher(Day(12), 5) }), VoucherError::BadSignature);
		let bad = [
			Voucher::new([0xbb; 32], DealId(3), DAY, Capacity(5), &key()),
			Voucher::new(GENESIS, DealId(4), DAY, Capacity(5), &key()),
			Voucher::new(GENESIS, DealId(3), DAY, Capacity(5), &Key::load("//Alice").unwrap()),
			Voucher { cumulative: Capacity(6), ..voucher(DAY, 5) },
			Voucher { signature: "0x".into(), ..voucher(DAY, 5) },
		];
		for voucher in &bad {
			assert_eq!(refused(voucher), VoucherError::BadSignature);
		}
		let keyless = Deal { key: None, ..deal() };
		assert_eq!(accept(GENESIS, &keyless, DAY, &voucher(DAY, 5), None), Err(VoucherError::NotCounted));
	}

	#[test]
	fn short_days_are_polled_more_often_and_dead_endpoints_more_rarely() {
		let five = Duration::from_secs(5);
		assert_eq!(every(five, &clock(0)), Duration::from_secs(3));
		assert_eq!(every(five, &Clock { day: 86_400_000, ..clock(0) }), five);
		assert_eq!(every(five, &Clock { day: 6_000, ..clock(0) }), Duration::from_secs(1));
		assert_eq!(every(Duration::ZERO, &clock(0)), Duration::from_secs(1));
		assert_eq!([0, 1, 9].map(|failures| wait(five, failures).as_secs()), [5, 10, 20]);
		assert_eq!((gap(86_400_000), gap(60_000)), (60_000, 10_000));
	}
}
