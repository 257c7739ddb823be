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
	AccountKey, ArithmeticError, Cash, ComputeHours, FeeQuote, InstrumentId, InstrumentTerms, Instruments, Lots, Party,
	Price, PriceIndex, Refusal, Role, SettlementKind, Side, Trade, TradeBatch, TradingFees,
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

	/// What a trade of so many lots (of either sign) counts for in fees: `lots · multiplier · max(|price|, floor)`, where the floor is
	/// the floor price of the contract's class. Not negative, and exact.
	///
	/// # Errors
	/// `UnknownInstrument` if there is no such contract, `OutOfBounds` if the amount is beyond the type.
	pub fn notional(instrument: InstrumentId, lots: Lots, price: Price) -> Result<Cash, Refusal> {
		let traded = Traded::now::<T>(instrument).ok_or(Refusal::UnknownInstrument)?;
		Ok(traded.notional(lots, price)?)
	}

	/// What a call with so many orders and fills costs at most.
	pub(crate) fn submit_fills_weight(orders: &[SignedOrderOf<T>], fills: &[Fill]) -> Weight {
		T::WeightInfo::submit_fills(count(orders.len()), count(fills.len()))
	}
}

fn count(length: usize) -> u32 {
	u32::try_from(length).unwrap_or(u32::MAX)
}

/// What a fill needs to know of its contract.
#[derive(Clone, Copy)]
struct Traded {
	state: ContractState,
	multiplier: ComputeHours,
	/// The floor price of its class.
	floor: Price,
}

impl Traded {
	/// As it is now; none if there is no such contract.
	fn now<T: Config>(instrument: InstrumentId) -> Option<Self> {
		let contract = Contracts::<T>::get(instrument)?;
		let InstrumentTerms { class, multiplier, .. } = contract.terms.instrument;
		// Clearing takes up no contract of a class that the index does not know.
		let floor = T::Index::floor_price(class).unwrap_or_default();
		Some(Self { state: contract.state(Pallet::<T>::now()), multiplier, floor })
	}

	fn notional(&self, lots: Lots, price: Price) -> Result<Cash, ArithmeticError> {
		lots.value(self.multiplier, price.checked_abs()?.max(self.floor))?.checked_abs()
	}
}

/// One call's orders, what it has read of them and of contracts, each once, its fees and clearing's batch.
struct Desk<'a, T: Config> {
	orders: Vec<Offer<'a, T>>,
	venue: Option<&'a T::AccountId>,
	rules: OrderRules<T>,
	verified: u32,
	contracts: BTreeMap<InstrumentId, Option<Traded>>,
	memory: OrderMemory<T>,
	fees: T::Fees,
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
	/// What the fees are of.
	notional: Cash,
	reduce_only: bool,
}

/// A party, and what it will pay.
struct Leg<T: Config> {
	party: Party<T::AccountId>,
	fee: FeeQuote,
}

/// A party that trades by an order, and that order as the fill leaves it.
struct OrderLeg<'a, T: Config> {
	leg: Leg<T>,
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
			fees: T::Fees::open(),
			batch: T::Batch::open(),
		}
	}

	/// Writes what was filled and charged, and closes clearing's batch. That comes last: whom it tells of a change finds all of it written.
	fn close(self) -> DispatchResult {
		self.memory.write();
		self.fees.close();
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
		self.trade(deal, maker, taker.leg, Some((taker.order, taker.after)))
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
		let taker = self.leg(Role::Taker, account, &deal, max_fee, false)?;
		self.trade(deal, maker, taker, None)
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
		let traded = *self.contracts.entry(instrument).or_insert_with(|| Traded::now::<T>(instrument));
		let traded = traded.ok_or(FillRefusal::UnknownInstrument)?;
		let state = traded.state;
		ensure!(state.allows_trading(), FillRefusal::NotTrading { state });
		let notional = traded.notional(lots, price)?;
		Ok(Deal { instrument, lots, price, notional, reduce_only: !state.allows_opening() })
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
		let leg = self.leg(role, order.key(), deal, most, order.reduce_only)?;
		Ok(OrderLeg { leg, order, after: FilledOrder { order: id, lots: record.lots, filled } })
	}

	/// A party, if its fee is no more than allowed, whatever it is paid in.
	fn leg(
		&mut self,
		role: Role,
		account: AccountKey<T::AccountId>,
		deal: &Deal,
		most: Cash,
		reduce_only: bool,
	) -> Result<Leg<T>, FillRefusalOf<T>> {
		let fee = self.fees.quote(&account.owner, role, deal.notional)?;
		let reason = OrderRefusal::FeeTooHigh { most, needed: fee.full };
		ensure!(fee.full <= most, FillRefusal::Order { role, reason });
		Ok(Leg { party: Party { account, fee: fee.cash, reduce_only }, fee })
	}

	/// Hands a trade to clearing and, if that takes it over, notes what is filled of the orders and charges both parties.
	fn trade(
		&mut self,
		deal: Deal,
		maker: OrderLeg<'a, T>,
		taker: Leg<T>,
		taker_order: Option<(&'a OrderOf<T>, FilledOrder)>,
	) -> Result<(), FillRefusalOf<T>> {
		let Deal { instrument, lots, price, reduce_only, .. } = deal;
		let maker_side = maker.order.side;
		let taker_owner = taker.party.account.owner.clone();
		let (buyer, seller) = match maker_side {
			Side::Buy => (maker.leg.party, taker.party),
			Side::Sell => (taker.party, maker.leg.party),
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
		self.fees.charge(&maker.order.account, &maker.leg.fee);
		self.fees.charge(&taker_owner, &taker.fee);
		Ok(())
	}
}
