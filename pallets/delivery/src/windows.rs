//! Windows: what a seller has available on a day of a deal, what the buyer's key signs for, and what the buyer objects to.

use crate::{
	types::{DealOf, DeliveryOf, ObjectionOf},
	Config, Deals, Deliveries, Error, Event, Objection, Pallet, Stage, WeightInfo, Windows,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	dispatch::{Pays, PostDispatchInfo},
	ensure,
	pallet_prelude::{DispatchResult, DispatchResultWithPostInfo, Weight},
	traits::Get,
};
use gcx_math::delivery::is_within;
use gcx_primitives::{
	Capacity, CapacityLedger, Cash, ChallengeRequest, ChallengeVerdict, ComputeResources, Day, DealId,
	DeliveryClearing, OnTenancyChallenged, TenancyChallenge,
};
use sp_runtime::{traits::Verify, ArithmeticError};

/// A call that costs its weight and no fee.
const FREE: PostDispatchInfo = PostDispatchInfo { actual_weight: None, pays_fee: Pays::No };

/// A voucher is free if it raises what is known by this part of its window's quantity.
const FREE_PART: u128 = 10;

impl<T: Config> Pallet<T> {
	/// The seller, or the agent of its resource, says what it has available.
	pub(crate) fn do_post_availability(
		who: T::AccountId,
		id: DealId,
		day: Day,
		available: Capacity,
	) -> DispatchResultWithPostInfo {
		let deal = Self::deal(id)?;
		let delivery = Self::delivery(deal.instrument)?;
		ensure!(Self::is_sellers(&deal, &who), Error::<T>::NotSeller);
		// An objection to what nobody could show would come to nothing.
		ensure!(deal.backing.resource().is_some(), Error::<T>::NoResource);
		Self::ensure_open(&delivery, &deal, day)?;
		let mut window = Windows::<T>::get(id, day).unwrap_or_default();
		ensure!(window.available.is_none(), Error::<T>::AlreadyPosted);
		ensure!(available <= delivery.goods.quantity_on(deal.lots, day)?, Error::<T>::AboveQuantity);
		window.available = Some(available);
		Windows::<T>::insert(id, day, window);
		Self::deposit_event(Event::Posted { deal: id, day, available });
		Ok(FREE)
	}

	/// Stores what the buyer's key signed for, if that is more than is known. Free for the first voucher of a window and for those
	/// that raise it by a tenth: a dozen at most.
	pub(crate) fn do_submit_voucher(
		id: DealId,
		day: Day,
		cumulative: Capacity,
		signature: &T::VoucherSignature,
	) -> DispatchResultWithPostInfo {
		let deal = Self::deal(id)?;
		let delivery = Self::delivery(deal.instrument)?;
		let key = deal.key.clone().ok_or(Error::<T>::NoKey)?;
		Self::ensure_open(&delivery, &deal, day)?;
		let mut window = Windows::<T>::get(id, day).unwrap_or_default();
		let raised = cumulative.0.checked_sub(window.vouchered.0).filter(|raised| *raised > 0);
		let raised = raised.ok_or(Error::<T>::NotHigher)?;
		let quantity = delivery.goods.quantity_on(deal.lots, day)?;
		let excess = Capacity(cumulative.0.saturating_sub(quantity.0));
		ensure!(is_within(excess, quantity, delivery.rules.tolerance), Error::<T>::AboveQuantity);
		let payload = Self::voucher_payload(id, day, cumulative);
		ensure!(signature.verify(payload.as_slice(), &key), Error::<T>::BadSignature);
		let is_free = window.vouchered.is_zero() || raised.saturating_mul(FREE_PART) >= quantity.0;
		window.vouchered = cumulative;
		Windows::<T>::insert(id, day, window);
		Self::deposit_event(Event::Vouchered { deal: id, day, cumulative });
		Ok(if is_free { FREE } else { ().into() })
	}

	/// What a buyer's key signs to have received so much of a deal on a day, all together: the SCALE encoding of
	/// `(b"gcx/voucher/1", hash of the first block, deal, day, cumulative)`, and nothing around it. So a voucher is good for one
	/// window of one deal of one chain.
	pub fn voucher_payload(deal: DealId, day: Day, cumulative: Capacity) -> Vec<u8> {
		(b"gcx/voucher/1", Self::genesis(), deal, day, cumulative).encode()
	}

	/// The buyer objects, with a bond, and the resource is challenged.
	pub(crate) fn do_object(who: T::AccountId, id: DealId, day: Day) -> DispatchResult {
		let mut deal = Self::deal(id)?;
		let mut delivery = Self::delivery(deal.instrument)?;
		ensure!(who == deal.buyer.owner, Error::<T>::NotBuyer);
		Self::ensure_open(&delivery, &deal, day)?;
		ensure!(Self::now() < Self::end_of(day), Error::<T>::OutOfWindow);
		let mut window = Windows::<T>::get(id, day).unwrap_or_default();
		ensure!(window.objection.is_none(), Error::<T>::AlreadyObjected);
		let resource = deal.backing.resource().ok_or(Error::<T>::NothingToObject)?;
		let quantity = delivery.goods.quantity_on(deal.lots, day)?;
		let missing = Capacity(quantity.0.saturating_sub(window.vouchered.0));
		ensure!(!is_within(missing, quantity, delivery.rules.tolerance), Error::<T>::NothingToObject);

		let due = delivery.goods.cash_on(delivery.value_of(deal.lots)?, day)?;
		let bond = delivery.rules.objection.mul_ceil(due)?.max(Cash(1));
		let segment = T::Clearing::escrow(&deal.buyer, bond).map_err(Into::into)?;
		let tenant = deal.key.clone().unwrap_or(who);
		T::Challenge::request(ChallengeRequest { deal: id, day, resource, tenant }).map_err(Into::into)?;

		let least = T::Ledger::nominated(resource, day);
		window.objection = Some(Objection { bond, segment, least, verdict: None });
		deal.open_objections = deal.open_objections.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		deal.agreed = None;
		delivery.money.escrowed = delivery.money.escrowed.checked_add(bond)?;
		Windows::<T>::insert(id, day, window);
		Deliveries::<T>::insert(deal.instrument, delivery);
		Deals::<T>::insert(id, deal);
		Self::deposit_event(Event::Objected { deal: id, day, bond });
		Ok(())
	}

	/// When a day's window is closed for posts and vouchers, in milliseconds since the Unix epoch: it can be settled from then on. If
	/// the chain stood still, everybody has `SubmitPeriod` after it came back.
	pub fn closes(day: Day) -> u64 {
		Self::closes_after(Self::grace(), day)
	}

	/// The same if the chain came back at `grace`.
	pub(crate) fn closes_after(grace: u64, day: Day) -> u64 {
		Self::end_of(day).max(grace).saturating_add(T::SubmitPeriod::get())
	}

	/// A window has begun and is not closed. One that was looked at when it was due stays closed, even if it waits.
	fn ensure_open(delivery: &DeliveryOf<T>, deal: &DealOf<T>, day: Day) -> DispatchResult {
		let now = Self::now();
		let is_open = Self::start_of(day) <= now && now < Self::closes(day);
		ensure!(is_open && deal.next <= day && day <= delivery.goods.days.last, Error::<T>::OutOfWindow);
		Ok(())
	}

	/// Whether somebody speaks for a deal's seller: as its owner, or as the agent of its resource.
	pub(crate) fn is_sellers(deal: &DealOf<T>, who: &T::AccountId) -> bool {
		let agent = || T::Resources::subject(deal.backing.resource()?).map(|subject| subject.agent);
		*who == deal.seller.owner || agent().is_some_and(|agent| agent == *who)
	}

	/// Something that a delivery waited for came: if it rests, it looks at its deals again.
	fn wake(delivery: &mut DeliveryOf<T>) {
		if let Stage::Delivering { after: None, until } = &mut delivery.stage {
			*until = 0;
		}
	}
}

impl<T: Config> OnTenancyChallenged<T::AccountId> for Pallet<T> {
	/// Notes the verdict. The first one holds; of what is unknown or settled nothing follows.
	fn decided(id: DealId, day: Day, verdict: ChallengeVerdict<T::AccountId>) {
		let Some(mut window) = Windows::<T>::get(id, day) else { return };
		let undecided = |objection: &&mut ObjectionOf<T>| objection.verdict.is_none();
		let Some(objection) = window.objection.as_mut().filter(undecided) else { return };
		objection.verdict = Some(verdict.clone());
		Windows::<T>::insert(id, day, window);
		if let Some(deal) = Deals::<T>::get(id) {
			Deliveries::<T>::mutate_extant(deal.instrument, Self::wake);
		}
		Self::deposit_event(Event::Decided { deal: id, day, verdict });
	}

	fn weight() -> Weight {
		T::WeightInfo::decided()
	}
}
