//! Orders: what their owners sign, which are valid, and how one is cancelled.

use crate::{
	types::{OrderOf, OrderRefusalOf, SignedOrderOf},
	Config, Error, Event, FilledLots, OrderId, OrderRecord, OrderRefusal, Pallet,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{AccountKey, Lots};
use sp_io::hashing::blake2_256;
use sp_runtime::traits::{Saturating, Verify, Zero};

/// What a signed order begins with. A transaction that a wallet signs never does: it would have to be call 99 of pallet 103.
const DOMAIN: [u8; 11] = *b"gcx/order/1";
/// Browser wallets put these around what a page asks them to sign.
const WRAPPING: (&[u8], &[u8]) = (b"<Bytes>", b"</Bytes>");

/// What orders are checked against in one block.
pub(crate) struct OrderRules<T: Config> {
	genesis: T::Hash,
	now: BlockNumberFor<T>,
	latest: BlockNumberFor<T>,
}

impl<T: Config> OrderRules<T> {
	/// The rules of this chain and block.
	pub(crate) fn today() -> Self {
		let now = frame_system::Pallet::<T>::block_number();
		Self {
			genesis: frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()),
			now,
			latest: now.saturating_add(T::MaxOrderLifetime::get()),
		}
	}

	/// What the order's owner signs: domain, genesis hash and order.
	fn payload(&self, order: &OrderOf<T>) -> Vec<u8> {
		(DOMAIN, self.genesis, order).encode()
	}

	/// The order's id, if it is for a possible number of lots, lives now and not too long, may be filled by `venue` (none:
	/// by anyone), and is signed by its owner.
	pub(crate) fn verify(
		&self,
		signed: &SignedOrderOf<T>,
		venue: Option<&T::AccountId>,
	) -> Result<OrderId, OrderRefusalOf<T>> {
		let order = &signed.order;
		self.ensure_lives(order)?;
		ensure!(order.venue.is_none() || order.venue.as_ref() == venue, OrderRefusal::OtherVenue);
		let payload = self.payload(order);
		ensure!(is_signed::<T>(&payload, &signed.signature, &order.account), OrderRefusal::BadSignature);
		Ok(blake2_256(&payload).into())
	}

	fn ensure_lives(&self, order: &OrderOf<T>) -> Result<(), OrderRefusalOf<T>> {
		let (lots, expires, latest) = (order.lots, order.expires, self.latest);
		ensure!(lots > Lots::ZERO && lots.is_bounded(), OrderRefusal::LotsOutOfRange { lots });
		ensure!(expires >= self.now, OrderRefusal::Expired { expires });
		ensure!(expires <= latest, OrderRefusal::LivesTooLong { expires, latest });
		Ok(())
	}
}

/// Whether an account signed a payload, as it is or wrapped.
fn is_signed<T: Config>(payload: &[u8], signature: &T::OrderSignature, by: &T::AccountId) -> bool {
	signature.verify(payload, by) || signature.verify(&wrapped(payload)[..], by)
}

/// The payload as a browser wallet signs it.
pub(crate) fn wrapped(payload: &[u8]) -> Vec<u8> {
	[WRAPPING.0, payload, WRAPPING.1].concat()
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_cancel(who: T::AccountId, order: OrderOf<T>) -> DispatchResult {
		ensure!(order.account == who, Error::<T>::NotOwner);
		OrderRules::<T>::today().ensure_lives(&order).map_err(Error::<T>::from)?;
		let id = Self::order_id(&order);
		let record = FilledLots::<T>::get(order.expires, id).unwrap_or(OrderRecord::untouched(order.lots));
		ensure!(!record.cancelled, Error::<T>::OrderCancelled);
		ensure!(record.filled < record.lots, Error::<T>::OrderFilled);
		FilledLots::<T>::insert(order.expires, id, OrderRecord { cancelled: true, ..record });
		Self::deposit_event(Event::Cancelled {
			order: id,
			account: AccountKey { owner: who, sub: order.sub },
			instrument: order.instrument,
			lots: record.lots,
			filled: record.filled,
		});
		Ok(())
	}

	/// What the order's owner signs: the domain `gcx/order/1`, the genesis hash, and the order, each as SCALE encodes it.
	pub fn order_payload(order: &OrderOf<T>) -> Vec<u8> {
		OrderRules::<T>::today().payload(order)
	}

	/// The order's id: the BLAKE2b-256 hash of what its owner signs.
	pub fn order_id(order: &OrderOf<T>) -> OrderId {
		blake2_256(&Self::order_payload(order)).into()
	}
}
