//! Fills: what two orders agree on is checked against both, and handed to clearing.

use crate::{
	memory::OrderMemory,
	orders::OrderRules,
	types::{FillRefusalOf, OrderOf, OrderRefusalOf, SignedOrderOf},
	weights::WeightInfo,
	Config, ContractState, Contracts, Error, Event, Fill, FillRefusal, FilledOrder, OrderId, OrderRefusal, Pallet,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult, DispatchResultWithPostInfo, Weight},
};
use gcx_primitives::{
	AccountKey, Cash, ComputeHours, InstrumentId, Instruments, Lots, Party, Price, Role, SettlementKind, Side, Trade,
	TradeBatch, TradingFees,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_submit_fills(
		venue: T::AccountId,
		orders: &[SignedOrderOf<T>],
		fills: &[Fill],
	) -> DispatchResultWithPostInfo {
		Self::ensure_submits(&venue)?;
		ensure!(!fills.is_empty(), Error::<T>::EmptyBatch);
		let mut desk = Desk::<T>::open(orders, Some(&venue));
		for (index, fill) in (0u32..).zip(fills) {
			if let Err(reason) = desk.fill(fill) {
				Self::deposit_event(Event::FillRefused { index, reason });
			}
		}
		let verified = desk.verified;
		desk.close()?;
		Ok(Some(T::WeightInfo::submit_fills(verified, count(fills.len()))).into())
	}

	pub(crate) fn do_take(
		taker: AccountKey<T::AccountId>,
		order: SignedOrderOf<T>,
		lots: Lots,
		max_fee: Cash,
	) -> DispatchResult {
		let orders = [order];
		let mut desk = Desk::<T>::open(&orders, None);
		desk.take(taker, lots, max_fee).map_err(Error::<T>::from)?;
		desk.close()
	}

	pub(crate) fn do_exchange_for_physical(
		taker: AccountKey<T::AccountId>,
		order: SignedOrderOf<T>,
		lots: Lots,
		max_fee: Cash,
	) -> DispatchResult {
		let (instrument, maker) = (order.order.instrument, order.order.key());
		let is_physical = matches!(Self::contract(instrument)?.terms.settlement, SettlementKind::Physical { .. });
		ensure!(is_physical, Error::<T>::NotPhysical);
		let price = T::Instruments::mark(instrument).ok_or(Error::<T>::NoMark)?;
		let orders = [order];
		let mut desk = Desk::<T>::open(&orders, None);
		desk.exchange(taker.clone(), lots, price, max_fee).map_err(Error::<T>::from)?;
		desk.close()?;
		Self::deposit_event(Event::ExchangedForPhysical { instrument, lots, price, maker, taker });
		Ok(())
	}

	/// What a call with so many orders and fills costs at most.
	pub(crate) fn submit_fills_weight(orders: &[SignedOrderOf<T>], fills: &[Fill]) -> Weight {
		T::WeightInfo::submit_fills(count(orders.len()), count(fills.len()))
	}
}

fn count(length: usize) -> u32 {
	u32::try_from(length).unwrap_or(u32::MAX)
}

/// One call's orders, what it has read of them and of contracts, each once, and clearing's batch.
struct Desk<'a, T: Config> {
	orders: Vec<Offer<'a, T>>,
	venue: Option<&'a T::AccountId>,
	rules: OrderRules<T>,
	verified: u32,
	/// State and multiplier.
	contracts: BTreeMap<InstrumentId, Option<(ContractState, ComputeHours)>>,
	memory: OrderMemory<T>,
	batch: T::Batch,
}

/// An order that a call brought, and its id, or why it is not valid, once that was looked at.
struct Offer<'a, T: Config> {
	signed: &'a SignedOrderOf<T>,
	id: Option<Result<OrderId, OrderRefusalOf<T>>>,
}

/// What the parties of a fill agree on.
struct Deal {
	instrument: InstrumentId,
	lots: Lots,
	price: Price,
	value: Cash,
	reduce_only: bool,
}

/// A party that trades by an order, and that order as the fill leaves it.
struct OrderLeg<'a, T: Config> {
	party: Party<T::AccountId>,
	order: &'a OrderOf<T>,
	after: FilledOrder,
}

impl<'a, T: Config> Desk<'a, T> {
	/// Begins. What is done takes effect when the desk is closed.
	fn open(orders: &'a [SignedOrderOf<T>], venue: Option<&'a T::AccountId>) -> Self {
		Self {
			orders: orders.iter().map(|signed| Offer { signed, id: None }).collect(),
			venue,
			rules: OrderRules::today(),
			verified: 0,
			contracts: BTreeMap::new(),
			memory: OrderMemory::empty(),
			batch: T::Batch::open(),
		}
	}

	/// Writes what was filled, and closes clearing's batch.
	fn close(self) -> DispatchResult {
		self.memory.write();
		self.batch.commit().map_err(Into::<DispatchError>::into)
	}

	/// Trades what two orders agree on.
	fn fill(&mut self, fill: &Fill) -> Result<(), FillRefusalOf<T>> {
		let (maker, taker) = (self.order(fill.maker)?, self.order(fill.taker)?);
		ensure!(maker.side != taker.side, FillRefusal::SameSide { side: maker.side });
		ensure!(
			maker.instrument == taker.instrument,
			FillRefusal::DifferentInstruments { maker: maker.instrument, taker: taker.instrument }
		);
		let deal = self.deal(maker.instrument, fill.lots, fill.price)?;
		let maker = self.order_leg(Role::Maker, fill.maker, &deal)?;
		let taker = self.order_leg(Role::Taker, fill.taker, &deal)?;
		self.trade(deal, maker, taker.party, Some((taker.order, taker.after)))
	}

	/// Trades against the first order, at its limit.
	fn take(&mut self, account: AccountKey<T::AccountId>, lots: Lots, max_fee: Cash) -> Result<(), FillRefusalOf<T>> {
		let order = self.order(0)?;
		let deal = self.deal(order.instrument, lots, order.limit)?;
		self.meet(deal, account, max_fee)
	}

	/// Trades against the first order, at this price, if that lowers both positions.
	fn exchange(
		&mut self,
		account: AccountKey<T::AccountId>,
		lots: Lots,
		price: Price,
		max_fee: Cash,
	) -> Result<(), FillRefusalOf<T>> {
		let deal = self.deal(self.order(0)?.instrument, lots, price)?;
		self.meet(Deal { reduce_only: true, ..deal }, account, max_fee)
	}

	/// Trades against the first order.
	fn meet(&mut self, deal: Deal, account: AccountKey<T::AccountId>, max_fee: Cash) -> Result<(), FillRefusalOf<T>> {
		let maker = self.order_leg(Role::Maker, 0, &deal)?;
		let fee = fee_within::<T>(&account.owner, Role::Taker, deal.value, max_fee)?;
		self.trade(deal, maker, Party { account, fee, reduce_only: false }, None)
	}

	/// The order at a place.
	fn order(&self, place: u16) -> Result<&'a OrderOf<T>, FillRefusalOf<T>> {
		let offer = self.orders.get(usize::from(place)).ok_or_else(|| self.no_such_order(place))?;
		Ok(&offer.signed.order)
	}

	/// The id of the order at a place, if it is valid. It is verified once.
	fn verify(&mut self, role: Role, place: u16) -> Result<OrderId, FillRefusalOf<T>> {
		let none = self.no_such_order(place);
		let offer = self.orders.get_mut(usize::from(place)).ok_or(none)?;
		let (rules, verified) = (&self.rules, &mut self.verified);
		let id = *offer.id.get_or_insert_with(|| {
			*verified = verified.saturating_add(1);
			rules.verify(offer.signed, self.venue)
		});
		id.map_err(|reason| FillRefusal::Order { role, reason })
	}

	fn no_such_order(&self, place: u16) -> FillRefusalOf<T> {
		FillRefusal::NoSuchOrder { place, orders: count(self.orders.len()) }
	}

	/// Checks what concerns no party by itself.
	fn deal(&mut self, instrument: InstrumentId, lots: Lots, price: Price) -> Result<Deal, FillRefusalOf<T>> {
		ensure!(lots > Lots::ZERO && lots.is_bounded(), FillRefusal::LotsOutOfRange { lots });
		ensure!(price.is_bounded(), FillRefusal::PriceOutOfRange { price });
		let (state, multiplier) = self.contract(instrument).ok_or(FillRefusal::UnknownInstrument)?;
		ensure!(state.allows_trading(), FillRefusal::NotTrading { state });
		let value = lots.value(multiplier, price)?;
		Ok(Deal { instrument, lots, price, value, reduce_only: !state.allows_opening() })
	}

	/// State and multiplier of a contract.
	fn contract(&mut self, instrument: InstrumentId) -> Option<(ContractState, ComputeHours)> {
		let read = || {
			let contract = Contracts::<T>::get(instrument)?;
			Some((contract.state(Pallet::<T>::now()), contract.terms.instrument.multiplier))
		};
		*self.contracts.entry(instrument).or_insert_with(read)
	}

	/// Checks a deal against one of its orders.
	fn order_leg(&mut self, role: Role, place: u16, deal: &Deal) -> Result<OrderLeg<'a, T>, FillRefusalOf<T>> {
		let order = self.order(place)?;
		let refused = |reason| FillRefusal::Order { role, reason };
		let (limit, price) = (order.limit, deal.price);
		let is_within = match order.side {
			Side::Buy => price <= limit,
			Side::Sell => price >= limit,
		};
		ensure!(is_within, refused(OrderRefusal::PriceBeyondLimit { limit, price }));
		let id = self.verify(role, place)?;
		let record = self.memory.record(order, id);
		ensure!(!record.cancelled, refused(OrderRefusal::Cancelled));
		let had = record.lots.checked_sub(record.filled)?;
		ensure!(deal.lots <= had, refused(OrderRefusal::TooFewLots { had, needed: deal.lots }));
		let filled = record.filled.checked_add(deal.lots)?;
		// A limit that is beyond the type is beyond every fee.
		let most = Cash(order.max_fee_per_lot.0.saturating_mul(deal.lots.0.into()));
		let fee = fee_within::<T>(&order.account, role, deal.value, most)?;
		let account = order.key();
		Ok(OrderLeg {
			party: Party { account, fee, reduce_only: order.reduce_only },
			order,
			after: FilledOrder { order: id, lots: record.lots, filled },
		})
	}

	/// Hands a trade to clearing and, if that takes it over, notes what is filled of the orders.
	fn trade(
		&mut self,
		deal: Deal,
		maker: OrderLeg<'a, T>,
		taker: Party<T::AccountId>,
		taker_order: Option<(&'a OrderOf<T>, FilledOrder)>,
	) -> Result<(), FillRefusalOf<T>> {
		let Deal { instrument, lots, price, reduce_only, .. } = deal;
		let maker_side = maker.order.side;
		let (buyer, seller) = match maker_side {
			Side::Buy => (maker.party, taker),
			Side::Sell => (taker, maker.party),
		};
		let trade = Trade { instrument, lots, price, reduce_only, buyer, seller };
		let receipt = self.batch.trade(&trade)?;
		self.memory.note(maker.order, maker.after);
		if let Some((order, after)) = taker_order {
			self.memory.note(order, after);
		}
		Pallet::<T>::deposit_event(Event::Filled {
			instrument,
			lots,
			price,
			venue: self.venue.cloned(),
			maker_side,
			maker: maker.after,
			taker: taker_order.map(|(_, after)| after),
			buyer: trade.buyer.account,
			seller: trade.seller.account,
			receipt,
		});
		Ok(())
	}
}

/// The fee, if it is no more than allowed.
fn fee_within<T: Config>(payer: &T::AccountId, role: Role, value: Cash, most: Cash) -> Result<Cash, FillRefusalOf<T>> {
	let fee = T::Fees::fee(payer, role, value)?;
	let reason = OrderRefusal::FeeTooHigh { most, needed: fee };
	ensure!(fee <= most, FillRefusal::Order { role, reason });
	Ok(fee)
}
