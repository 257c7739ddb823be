//! Contracts: how they are listed, what can be done with them when, and how they are forgotten.

use crate::{
	types::BalanceOf, weights::WeightInfo, Active, Config, Contract, ContractState, ContractTerms, Contracts, Error,
	Event, NextInstrument, Pallet,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult, Weight},
	storage::with_storage_layer,
	traits::{Get, Time},
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{DeliveryRamp, InstrumentId, Instruments, ListedContracts, Price, ReferencePins, SettlementKind};
use sp_runtime::{traits::UniqueSaturatedInto, ArithmeticError};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_list(terms: ContractTerms, settlement: Price) -> Result<InstrumentId, DispatchError> {
		Self::ensure_in_time(&terms)?;
		Self::take_up(terms, settlement)
	}

	/// Refuses a contract that has expired, or expires too far off.
	pub(crate) fn ensure_in_time(terms: &ContractTerms) -> DispatchResult {
		let now = Self::now();
		ensure!(terms.expires > now, Error::<T>::AlreadyPast);
		ensure!(terms.expires <= now.saturating_add(T::MaxListingHorizon::get()), Error::<T>::BeyondHorizon);
		Ok(())
	}

	/// Refuses terms that are none, whatever is listed or known besides.
	pub(crate) fn ensure_valid(terms: &ContractTerms, settlement: Price) -> DispatchResult {
		ensure!(terms.instrument.is_valid(), Error::<T>::InvalidInstrument);
		ensure!(terms.delivery.is_valid(), Error::<T>::InvalidDelivery);
		ensure!(terms.has_valid_times(), Error::<T>::InvalidTimes);
		ensure!(settlement.is_bounded(), Error::<T>::PriceOutOfRange);
		if let SettlementKind::Physical { .. } = terms.settlement {
			let begins = u64::from(terms.delivery.first.0).saturating_mul(T::DayLength::get());
			let is_noticed = terms.expires.saturating_add(T::DeliveryNotice::get()) <= begins;
			ensure!(is_noticed, Error::<T>::NoticeTooShort);
		}
		Ok(())
	}

	pub(crate) fn do_restrict(instrument: InstrumentId) -> DispatchResult {
		let mut contract = Self::contract(instrument)?;
		ensure!(!contract.restricted, Error::<T>::AlreadyRestricted);
		contract.restricted = true;
		Self::deposit_event(Event::Restricted { instrument });
		Self::announce(instrument, &mut contract);
		Contracts::<T>::insert(instrument, contract);
		Ok(())
	}

	pub(crate) fn do_lift(instrument: InstrumentId) -> DispatchResult {
		let mut contract = Self::contract(instrument)?;
		ensure!(contract.restricted, Error::<T>::NotRestricted);
		contract.restricted = false;
		Self::deposit_event(Event::Lifted { instrument });
		Self::announce(instrument, &mut contract);
		Contracts::<T>::insert(instrument, contract);
		Ok(())
	}

	/// Takes one step: announces the state that a contract is in by now, or, if that is `Expired` and was announced,
	/// brings it to its end.
	pub(crate) fn do_advance(instrument: InstrumentId) -> DispatchResult {
		let mut contract = Self::contract(instrument)?;
		if Self::announce(instrument, &mut contract) {
			Contracts::<T>::insert(instrument, contract);
			return Ok(());
		}
		match contract.announced {
			ContractState::Expired => Self::wind_up(instrument, contract),
			ContractState::Listed | ContractState::Trading | ContractState::ReduceOnly | ContractState::Settled => {
				Err(Error::<T>::NothingToAdvance.into())
			},
		}
	}

	/// Advances one contract, each in its turn, and returns what that cost. One that cannot be advanced stops nothing.
	pub(crate) fn advance_in_turn(block: BlockNumberFor<T>) -> Weight {
		let active = Active::<T>::get();
		let turn: u32 = (block % u32::MAX.into()).unique_saturated_into();
		let place = usize::try_from(turn).unwrap_or(0).checked_rem(active.len()).unwrap_or(0);
		let Some(instrument) = active.get(place) else { return Weight::zero() };
		// A step that fails leaves nothing behind; it is charged like one that is taken.
		let _ = with_storage_layer(|| Self::do_advance(*instrument));
		Self::advance_weight()
	}

	/// The most that a step of a contract weighs.
	pub(crate) fn advance_weight() -> Weight {
		T::WeightInfo::advance_contract().max(T::WeightInfo::conclude())
	}

	/// What genesis says, or a panic that says what is wrong with it.
	pub(crate) fn build_genesis(contracts: &[(ContractTerms, Price)], venues: &[(T::AccountId, BalanceOf<T>)]) {
		for (terms, settlement) in contracts {
			if let Err(error) = Self::take_up(*terms, *settlement) {
				panic!("genesis: the contract {terms:?} cannot be listed at {settlement:?}: {error:?}");
			}
		}
		for (venue, bond) in venues {
			if let Err(error) = Self::do_register_venue(venue.clone(), *bond) {
				panic!("genesis: {venue:?} cannot be a venue with {bond:?}: {error:?}");
			}
		}
	}

	/// Lists a contract, whenever it expires: at genesis there is no time yet.
	fn take_up(terms: ContractTerms, settlement: Price) -> Result<InstrumentId, DispatchError> {
		Self::ensure_valid(&terms, settlement)?;
		if let SettlementKind::Physical { version, .. } = terms.settlement {
			T::References::pin(terms.instrument.class, version).map_err(Into::into)?;
		}
		let instrument = NextInstrument::<T>::get();
		let next = instrument.0.checked_add(1).map(InstrumentId).ok_or(ArithmeticError::Overflow)?;
		Active::<T>::try_append(instrument).map_err(|()| Error::<T>::TooManyContracts)?;
		T::Instruments::list(instrument, terms.instrument, settlement).map_err(Into::into)?;
		match terms.settlement {
			SettlementKind::Cash => T::Instruments::average(instrument, Some(terms.delivery)),
			SettlementKind::Physical { .. } => {
				let from = terms.expires.saturating_sub(T::DeliveryRampLength::get());
				let days = terms.delivery.count();
				T::Instruments::deliver(instrument, DeliveryRamp { from, until: terms.expires, days })
			},
		}
		.map_err(Into::into)?;
		let contract = Contract::new(terms, Self::now());
		Contracts::<T>::insert(instrument, contract);
		NextInstrument::<T>::put(next);
		Self::deposit_event(Event::Listed { instrument, terms, settlement, state: contract.announced });
		Ok(instrument)
	}

	/// Announces the state that a contract is in by now. False if it was announced already.
	fn announce(instrument: InstrumentId, contract: &mut Contract) -> bool {
		let (from, to) = (contract.announced, contract.state(Self::now()));
		if from == to {
			return false;
		}
		contract.announced = to;
		Self::deposit_event(Event::StateChanged { instrument, from, to });
		true
	}

	/// Forgets an expired contract that nobody holds, here and in clearing.
	pub(crate) fn settle(instrument: InstrumentId, contract: &Contract) -> DispatchResult {
		T::Instruments::delist(instrument).map_err(Into::into)?;
		if let SettlementKind::Physical { version, .. } = contract.terms.settlement {
			T::References::unpin(contract.terms.instrument.class, version);
		}
		Active::<T>::mutate(|active| active.retain(|other| *other != instrument));
		Contracts::<T>::remove(instrument);
		let (from, to) = (ContractState::Expired, ContractState::Settled);
		Self::deposit_event(Event::StateChanged { instrument, from, to });
		Ok(())
	}

	pub(crate) fn contract(instrument: InstrumentId) -> Result<Contract, DispatchError> {
		Contracts::<T>::get(instrument).ok_or(Error::<T>::UnknownInstrument.into())
	}

	/// The time, in milliseconds since the Unix epoch.
	pub(crate) fn now() -> u64 {
		T::Clock::now()
	}
}

impl<T: Config> Pallet<T> {
	/// Every contract that is not settled, with the state that it is in now, in the order of their ids.
	pub fn contracts() -> Vec<(InstrumentId, Contract, ContractState)> {
		let now = Self::now();
		Active::<T>::get()
			.into_iter()
			.filter_map(|instrument| {
				Contracts::<T>::get(instrument).map(|contract| (instrument, contract, contract.state(now)))
			})
			.collect()
	}
}

impl<T: Config> ListedContracts for Pallet<T> {
	fn terms(id: InstrumentId) -> Option<ContractTerms> {
		Contracts::<T>::get(id).map(|contract| contract.terms)
	}
}
