//! What the runtime API answers.

use crate::{
	types::{AccountKeyOf, DealOf, DeliveryOf, LongOf, ObjectionOf, ShortOf},
	Active, Backing, Config, Covers, Deals, DealsWith, Deliveries, Endpoint, Longs, Pallet, Shorts, Stage, Windows,
};
use alloc::{string::String, vec::Vec};
use gcx_primitives::{Day, DealId, DeliveryDays, InstrumentId, Lots};
use gcx_runtime_api::{
	BackingView, DealView, DeliveryPositionView, DeliveryStage, DeliveryView, ObjectionView, WindowView,
};

impl<T: Config> Pallet<T> {
	/// The contracts that are being delivered, in the order in which that began.
	pub fn deliveries() -> Vec<InstrumentId> {
		Active::<T>::get().into_inner()
	}

	/// The delivery of a contract; none if it is not being delivered.
	pub fn delivery_view(instrument: InstrumentId) -> Option<DeliveryView> {
		let delivery = Deliveries::<T>::get(instrument)?;
		let stage = match &delivery.stage {
			Stage::Nominating => DeliveryStage::Nominating { until: Self::nominate_until(&delivery) },
			Stage::SameRegion { .. } | Stage::Drawing { .. } | Stage::Remainder { .. } => DeliveryStage::Matching,
			Stage::Delivering { .. } => DeliveryStage::Delivering,
			Stage::Closing => DeliveryStage::Closing,
		};
		let DeliveryOf::<T> { goods, price, value, open_interest, taken_long, taken_short, deals, .. } = delivery;
		let (tally, money) = (delivery.tally, delivery.money);
		Some(DeliveryView {
			instrument,
			class: goods.class,
			version: goods.version,
			floor: goods.floor,
			days: goods.days,
			multiplier: goods.multiplier,
			price,
			value,
			open_interest,
			taken_long,
			taken_short,
			stage,
			deals,
			delivered: tally.delivered,
			compensated: tally.compensated,
			released: tally.released,
			escrowed: money.escrowed,
			paid: money.paid,
			returned: money.returned,
			forfeited: money.forfeited,
		})
	}

	/// An account's position in a contract's delivery, or what it set aside for it before; none if there is neither.
	pub fn position_view(
		account: &AccountKeyOf<T>,
		instrument: InstrumentId,
	) -> Option<DeliveryPositionView<T::AccountId>> {
		let long = Longs::<T>::get(instrument, account).map(long_view::<T>);
		let short = || Shorts::<T>::get(instrument, account).map(short_view::<T>);
		let cover = || Covers::<T>::get(instrument, account).map(|cover| covered_view::<T>(cover.lots));
		long.or_else(short).or_else(cover)
	}

	/// A deal; none if there is none, or it is closed.
	pub fn deal_view(id: DealId) -> Option<DealView<T::AccountId>> {
		let deal = Deals::<T>::get(id)?;
		let delivery = Deliveries::<T>::get(deal.instrument)?;
		let request = Longs::<T>::get(deal.instrument, &deal.buyer).and_then(|long| long.request);
		let last = delivery.goods.days.last;
		let begun = (deal.from.0..=last.0).map(Day).take_while(|day| Self::start_of(*day) <= Self::now());
		let windows = begun.filter_map(|day| Self::window_view(id, &deal, &delivery, day)).collect();
		let backing = match deal.backing {
			Backing::Resource(resource) => BackingView::Resource(resource),
			Backing::Sold => BackingView::Sold,
			Backing::Deposit => BackingView::Deposit,
		};
		Some(DealView {
			deal: id,
			instrument: deal.instrument,
			buyer: deal.buyer,
			seller: deal.seller,
			lots: deal.lots,
			backing,
			key: deal.key,
			endpoint: request.map(|request| text(&request.endpoint)),
			days: DeliveryDays { first: deal.from, last },
			escrow: deal.escrow,
			deposit: deal.deposit,
			agreed: deal.agreed,
			windows,
		})
	}

	/// The open deals of an account, on either side, in the order of their ids.
	pub fn deals_of(account: &AccountKeyOf<T>) -> Vec<DealId> {
		let mut deals: Vec<_> = DealsWith::<T>::iter_key_prefix(account).collect();
		deals.sort_unstable();
		deals
	}

	/// A window that is not settled; none if it is.
	fn window_view(
		id: DealId,
		deal: &DealOf<T>,
		delivery: &DeliveryOf<T>,
		day: Day,
	) -> Option<WindowView<T::AccountId>> {
		let record = Windows::<T>::get(id, day);
		if day < deal.next && record.is_none() {
			return None;
		}
		let window = record.unwrap_or_default();
		let goods = delivery.goods;
		Some(WindowView {
			day,
			opens: Self::start_of(day),
			closes: Self::closes(day),
			quantity: goods.quantity_on(deal.lots, day).ok()?,
			due: delivery.value_of(deal.lots).and_then(|value| goods.cash_on(value, day)).ok()?,
			available: window.available,
			vouchered: window.vouchered,
			objection: window.objection.map(objection_view::<T>),
		})
	}
}

fn objection_view<T: Config>(objection: ObjectionOf<T>) -> ObjectionView<T::AccountId> {
	let ObjectionOf::<T> { bond, least, verdict, .. } = objection;
	ObjectionView { bond, least, verdict }
}

fn covered_view<T: Config>(covered: Lots) -> DeliveryPositionView<T::AccountId> {
	DeliveryPositionView {
		lots: Lots::ZERO,
		left: Lots::ZERO,
		escrow: Default::default(),
		covered,
		nominated: Lots::ZERO,
		region: None,
		key: None,
		endpoint: None,
		deals: 0,
	}
}

fn long_view<T: Config>(long: LongOf<T>) -> DeliveryPositionView<T::AccountId> {
	let LongOf::<T> { lots, left, escrow, request, deals, .. } = long;
	let region = request.as_ref().map(|request| request.region);
	let endpoint = request.as_ref().map(|request| text(&request.endpoint));
	let key = request.and_then(|request| request.key);
	DeliveryPositionView { lots, left, escrow, region, key, endpoint, deals, ..covered_view::<T>(Lots::ZERO) }
}

fn short_view<T: Config>(short: ShortOf<T>) -> DeliveryPositionView<T::AccountId> {
	let ShortOf::<T> { lots, left, nominated, covered, deposit, deals, .. } = short;
	// Lots are bounded far below where this could differ.
	let lots = Lots(lots.0.saturating_neg());
	DeliveryPositionView { lots, left, escrow: deposit, nominated, deals, ..covered_view::<T>(covered) }
}

/// An endpoint as text. Bytes that are none are shown as such.
fn text(endpoint: &Endpoint) -> String {
	String::from_utf8_lossy(endpoint).into_owned()
}
