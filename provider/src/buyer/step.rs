//! What to acknowledge of a poll, and when to object, decided from what the chain says and what is known: nothing else.

use super::store::Record;
use crate::{
	chain::delivery::{Clock, Deal},
	meter::{
		presence::{part_of, Presence},
		step::span,
		vouchers::Poll,
	},
};
use gcx_math::delivery::is_within;
use gcx_primitives::{Capacity, Day, Ppm};
use thiserror::Error;

/// Seconds that a poll's time may be away from this machine's.
pub const MAX_SKEW: u64 = 30;
/// An objection is made so long before the day's end, in milliseconds, at most.
const OBJECTION_LEAD: u64 = 300_000;
/// And at most this part of the day.
const OBJECTION_PARTS: u64 = 4;

/// Why a poll is not answered with a voucher.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum PollError {
	/// No block was seen yet.
	#[error("no block was seen yet")]
	NotReady,
	/// The deal is not this buyer's, or it is closed.
	#[error("no open deal of this buyer")]
	UnknownDeal,
	/// Another key's vouchers count for it, or nobody's.
	#[error("this buyer's key is not the deal's")]
	OtherKey,
	/// No resource is behind it.
	#[error("no resource stands behind the deal")]
	NoResource,
	/// The day is none of the deal's, has not begun, or its window is closed.
	#[error("the day's window is not open")]
	NotRunning,
	/// It was signed too long ago, or will be: the clocks differ.
	#[error("the poll's time is not within {MAX_SKEW} s of this machine's")]
	Stale,
	/// A poll of that time or a later one was answered already.
	#[error("a poll of that time was answered already")]
	Replayed,
	/// The resource's agent did not sign it for this chain, deal, day and time.
	#[error("the resource's agent did not sign it")]
	BadSignature,
	/// It cannot be written down.
	#[error("it cannot be written down")]
	NotKept,
}

/// What polls are answered by.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
	/// Hash of the chain's first block.
	pub genesis: [u8; 32],
	/// The account of the key that signs vouchers.
	pub key: [u8; 32],
	/// How far apart two polls may be for the time between them to count, in milliseconds.
	pub gap: u64,
	/// How much of what comes is acknowledged.
	pub share: Ppm,
}

/// Decides about a poll that came now, in milliseconds since the Unix epoch: the presence and the quantity to acknowledge with it.
///
/// The quantity is what is due for the whole day times the share of it in which the agent was there, rounded down, and never less than
/// before.
///
/// # Errors
/// See [`PollError`].
pub fn acknowledge(
	terms: &Terms,
	clock: &Clock,
	deal: &Deal,
	agent: Option<[u8; 32]>,
	now: u64,
	poll: &Poll,
	record: Option<&Record>,
) -> Result<(Presence, Capacity), PollError> {
	if deal.key != Some(terms.key) {
		return Err(PollError::OtherKey);
	}
	let agent = agent.ok_or(PollError::NoResource)?;
	let quantity = deal.quantity(poll.day).ok_or(PollError::NotRunning)?;
	if !clock.is_open(poll.day, now) || deal.is_closed(poll.day) {
		return Err(PollError::NotRunning);
	}
	if (now / 1_000).abs_diff(poll.at) > MAX_SKEW {
		return Err(PollError::Stale);
	}
	if record.is_some_and(|record| poll.at <= record.at) {
		return Err(PollError::Replayed);
	}
	if !poll.is_signed_by(terms.genesis, deal.id, agent) {
		return Err(PollError::BadSignature);
	}
	let span = span(clock, poll.day, terms.gap);
	let presence = record.map(|record| record.presence).unwrap_or_default().seen(now, Ppm::ONE, &span);
	let cumulative = part_of(quantity, of_share(presence.weighted, terms.share), &span);
	let before = record.map_or(Capacity::ZERO, |record| record.voucher.cumulative);
	Ok((presence, cumulative.max(before).min(quantity.max(before))))
}

/// What is known of a window beside its record on the chain.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
	/// The agent's presence.
	pub presence: Presence,
	/// Since when polls could be answered: what came before is not held against the seller.
	pub since: u64,
	/// What [`Presence::weighted`] was then.
	pub before: u64,
}

/// Whether to object to a day's delivery now: it is nearly over, and even if the agent is there until its end, less will be acknowledged
/// than the deal's tolerance allows.
///
/// Not if this machine's clock is far from the chain's: then polls are refused for that alone.
pub fn objects(terms: &Terms, clock: &Clock, deal: &Deal, day: Day, now: u64, heard: &Heard) -> bool {
	let Some(quantity) = deal.quantity(day) else { return false };
	let lead = OBJECTION_LEAD.min(clock.day / OBJECTION_PARTS);
	let end = clock.end(day);
	let is_time = end.saturating_sub(lead) <= clock.now && clock.now < end;
	if !is_time || now.abs_diff(clock.now) > MAX_SKEW * 1_000 {
		return false;
	}
	let window = deal.window(day);
	if deal.key != Some(terms.key) || deal.resource.is_none() || window.objected || deal.is_closed(day) {
		return false;
	}
	let span = span(clock, day, terms.gap);
	let missed = heard.presence.missed(now, heard.since, heard.before, &span);
	let there = span.length().saturating_sub(missed).saturating_mul(Ppm::PARTS.into());
	let best = part_of(quantity, of_share(there, terms.share), &span);
	let too_little = |got: Capacity| !is_within(Capacity(quantity.0.saturating_sub(got.0)), quantity, deal.tolerance);
	too_little(best) && too_little(window.vouchered)
}

/// A share of an amount, rounded down.
fn of_share(amount: u64, share: Ppm) -> u64 {
	let part = u128::from(amount) * u128::from(share.min(Ppm::ONE).0) / u128::from(Ppm::PARTS);
	u64::try_from(part).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::delivery::{Account, Window},
		key::Key,
		meter::vouchers::Voucher,
	};
	use gcx_primitives::{ComputeHours, DealId, DeliveryDays, InstrumentId, Lots, ResourceId, SubAccount};
	use std::collections::BTreeMap;

	const GENESIS: [u8; 32] = [0xaa; 32];
	const DAY: Day = Day(11);
	const START: u64 = 11 * 60_000;
	const END: u64 = 12 * 60_000;
	const CLOCK: Clock = Clock { now: 0, slot: 3_000, day: 60_000, submit: 15_000, grace: 0 };
	/// One Compute Hour on each of two days.
	const DUE: Capacity = Capacity(1_000_000);

	fn agent() -> Key {
		Key::load("//Alice").unwrap()
	}

	fn buyer() -> Key {
		Key::load("//Bob").unwrap()
	}

	fn terms() -> Terms {
		Terms { genesis: GENESIS, key: buyer().account().into(), gap: 10_000, share: Ppm::ONE }
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
			key: Some(buyer().account().into()),
			endpoint: Vec::new(),
			from: Day(11),
			next: Day(11),
			days: DeliveryDays { first: Day(11), last: Day(12) },
			multiplier: ComputeHours(1),
			tolerance: Ppm::percent(2),
			windows: BTreeMap::new(),
		}
	}

	fn poll(day: Day, at: u64) -> Poll {
		Poll::new(GENESIS, DealId(3), day, at, &agent())
	}

	fn record(at: u64, presence: Presence, cumulative: u128) -> Record {
		let voucher = Voucher { day: DAY, cumulative: Capacity(cumulative), signature: String::new() };
		Record { at, presence, voucher }
	}

	fn answer(now: u64, poll: &Poll, record: Option<&Record>) -> Result<u128, PollError> {
		let agent = Some(agent().account().into());
		acknowledge(&terms(), &CLOCK, &deal(), agent, now, poll, record).map(|(_, cumulative)| cumulative.0)
	}

	#[test]
	fn an_agent_that_is_there_all_day_is_acknowledged_all_that_is_due() {
		let mut known: Option<Record> = None;
		for now in (START + 3_000..=END + 3_000).step_by(3_000) {
			let poll = poll(DAY, now / 1_000);
			let agent = Some(agent().account().into());
			let (presence, cumulative) =
				acknowledge(&terms(), &CLOCK, &deal(), agent, now, &poll, known.as_ref()).unwrap();
			let expected = u128::from(now.min(END) - START) * DUE.0 / 60_000;
			assert_eq!(cumulative.0, expected);
			known = Some(record(poll.at, presence, cumulative.0));
		}
		assert_eq!(known.unwrap().voucher.cumulative, DUE);
	}

	#[test]
	fn time_in_which_the_agent_was_dark_is_not_acknowledged() {
		let presence = Presence { seen: Some(START + 20_000), weighted: 20_000 * 1_000_000 };
		let known = record((START + 20_000) / 1_000, presence, 333_333);
		let near = START + 30_000;
		assert_eq!(answer(near, &poll(DAY, near / 1_000), Some(&known)), Ok(500_000));
		let far = START + 31_000;
		assert_eq!(answer(far, &poll(DAY, far / 1_000), Some(&known)), Ok(333_333));
	}

	#[test]
	fn a_share_acknowledges_a_part_and_never_takes_back() {
		let half = Terms { share: Ppm::percent(50), ..terms() };
		let agent = Some(agent().account().into());
		let now = START + 10_000;
		let poll = poll(DAY, now / 1_000);
		let given = acknowledge(&half, &CLOCK, &deal(), agent, now, &poll, None).unwrap().1;
		assert_eq!(given, Capacity(83_333));
		let more = record(0, Presence::default(), 200_000);
		assert_eq!(acknowledge(&half, &CLOCK, &deal(), agent, now, &poll, Some(&more)).unwrap().1, Capacity(200_000));
	}

	#[test]
	fn a_poll_of_another_agent_deal_chain_or_day_is_refused() {
		let now = START + 10_000;
		let at = now / 1_000;
		for poll in [
			Poll::new(GENESIS, DealId(3), DAY, at, &buyer()),
			Poll::new(GENESIS, DealId(4), DAY, at, &agent()),
			Poll::new([0xbb; 32], DealId(3), DAY, at, &agent()),
			Poll { day: DAY, ..poll(Day(12), at) },
			Poll { at: at + 1, ..poll(DAY, at) },
			Poll { signature: "0x".into(), ..poll(DAY, at) },
		] {
			assert_eq!(answer(now, &poll, None), Err(PollError::BadSignature));
		}
	}

	#[test]
	fn a_poll_that_is_replayed_or_stale_is_refused() {
		let now = START + 40_000;
		let at = now / 1_000;
		let known = record(at, Presence::default(), 0);
		assert_eq!(answer(now, &poll(DAY, at), Some(&known)), Err(PollError::Replayed));
		assert_eq!(answer(now, &poll(DAY, at - 1), Some(&known)), Err(PollError::Replayed));
		assert!(answer(now, &poll(DAY, at + 1), Some(&known)).is_ok());
		for at in [at - 31, at + 31] {
			assert_eq!(answer(now, &poll(DAY, at), None), Err(PollError::Stale));
		}
		assert!(answer(now, &poll(DAY, at - 30), None).is_ok() && answer(now, &poll(DAY, at + 30), None).is_ok());
	}

	#[test]
	fn a_day_whose_window_is_not_open_is_refused() {
		let at = |now: u64| poll(DAY, now / 1_000);
		assert_eq!(answer(START - 1, &at(START - 1), None), Err(PollError::NotRunning));
		assert!(answer(START, &at(START), None).is_ok());
		assert!(answer(END + 14_999, &at(END + 14_999), None).is_ok());
		assert_eq!(answer(END + 15_000, &at(END + 15_000), None), Err(PollError::NotRunning));
		for day in [Day(10), Day(12), Day(13)] {
			assert_eq!(answer(START, &poll(day, START / 1_000), None), Err(PollError::NotRunning));
		}
	}

	#[test]
	fn a_deal_with_another_key_or_without_a_resource_is_refused() {
		let (now, account) = (START + 1_000, Some(agent().account().into()));
		let poll = poll(DAY, now / 1_000);
		let refused = |deal: &Deal, agent| acknowledge(&terms(), &CLOCK, deal, agent, now, &poll, None).unwrap_err();
		assert_eq!(refused(&Deal { key: None, ..deal() }, account), PollError::OtherKey);
		assert_eq!(refused(&Deal { key: Some([1; 32]), ..deal() }, account), PollError::OtherKey);
		assert_eq!(refused(&deal(), None), PollError::NoResource);
		assert_eq!(refused(&Deal { next: Day(12), ..deal() }, account), PollError::NotRunning);
	}

	fn heard(seen: u64, millis: u64) -> Heard {
		Heard { presence: Presence { seen: Some(seen), weighted: millis * 1_000_000 }, since: 0, before: 0 }
	}

	fn objects_at(now: u64, heard: &Heard) -> bool {
		objects(&terms(), &Clock { now, ..CLOCK }, &deal(), DAY, now, heard)
	}

	#[test]
	fn it_is_objected_near_the_days_end_if_too_little_came() {
		let dark = heard(START + 20_000, 20_000);
		assert!(!objects_at(END - 15_001, &dark));
		assert!(objects_at(END - 15_000, &dark) && objects_at(END - 1, &dark));
		assert!(!objects_at(END, &dark));
		assert!(objects_at(END - 15_000, &Heard { presence: Presence::default(), since: 0, before: 0 }));
	}

	#[test]
	fn it_is_not_objected_if_enough_came_or_may_still_come() {
		assert!(!objects_at(END - 15_000, &heard(END - 18_000, 42_000)));
		// A second and a little more: two per cent.
		assert!(!objects_at(END - 15_000, &heard(END - 18_000, 40_800)));
		assert!(objects_at(END - 15_000, &heard(END - 18_000, 40_799)));
	}

	#[test]
	fn what_the_buyer_did_not_listen_to_is_not_held_against_the_seller() {
		let away = Heard { since: END - 16_000, ..heard(START + 20_000, 20_000) };
		let away = Heard { before: 20_000 * 1_000_000, ..away };
		assert!(!objects_at(END - 15_500, &away), "half a second was missed");
		assert!(objects_at(END - 13_000, &away), "three seconds were missed");
	}

	#[test]
	fn it_is_not_objected_twice_or_where_it_would_be_refused() {
		let (now, dark) = (END - 10_000, heard(START, 0));
		let clock = Clock { now, ..CLOCK };
		let objects = |deal: &Deal| objects(&terms(), &clock, deal, DAY, now, &dark);
		assert!(objects(&deal()));
		let with = |window| Deal { windows: [(DAY, window)].into(), ..deal() };
		assert!(!objects(&with(Window { objected: true, ..Window::default() })));
		assert!(!objects(&with(Window { vouchered: Capacity(980_000), ..Window::default() })));
		assert!(objects(&with(Window { vouchered: Capacity(979_999), ..Window::default() })));
		assert!(!objects(&Deal { resource: None, ..deal() }));
		assert!(!objects(&Deal { key: None, ..deal() }));
	}

	#[test]
	fn it_is_not_objected_while_the_clocks_differ() {
		let clock = Clock { now: END - 10_000, ..CLOCK };
		let dark = heard(START, 0);
		assert!(!objects(&terms(), &clock, &deal(), DAY, END - 10_000 - 30_001, &dark));
		assert!(objects(&terms(), &clock, &deal(), DAY, END - 10_000 + 1_000, &dark));
	}

	#[test]
	fn who_acknowledges_a_part_only_objects_to_the_rest() {
		let now = END - 10_000;
		let half = Terms { share: Ppm::percent(50), ..terms() };
		let there = heard(END - 12_000, 48_000);
		assert!(!objects_at(now, &there));
		assert!(objects(&half, &Clock { now, ..CLOCK }, &deal(), DAY, now, &there));
	}
}
