//! Physical delivery: what the pallets tell each other of it.
//!
//! Clearing holds positions and money, compute holds capacity and stakes, attestation decides challenges, and who delivers holds the
//! obligations. None of them knows more of another than is said here.

use crate::{
	AccountKey, ArithmeticError, Capacity, Cash, ClassId, ContractTerms, Day, InstrumentId, Lots, ReferenceVersion,
	ResourceId, Segment,
};
use sp_weights::Weight;

plain_data! {
	/// A matched delivery: some lots of one buyer, and of one seller.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct DealId(pub u32);
}

plain_data! {
	/// A buyer's demand that the resource which delivers to it shows what it can do.
	pub struct ChallengeRequest<AccountId> {
		/// The delivery that it is about.
		pub deal: DealId,
		/// The day of it.
		pub day: Day,
		/// The resource.
		pub resource: ResourceId,
		/// The account to which the buyer's endpoint answers: the challenge is seeded for it.
		pub tenant: AccountId,
	}
}

plain_data! {
	/// What came of a challenge.
	#[serde(rename_all = "camelCase")]
	pub enum ChallengeVerdict<AccountId> {
		/// It was answered, and shows so much capacity a day.
		#[codec(index = 0)]
		Passed {
			/// How much, at the least.
			per_day: Capacity,
		},
		/// It was not answered in time, or the answer was refused, or there is nobody left to answer.
		#[codec(index = 1)]
		Failed {
			/// Who proved it, if somebody did who has a part of the slash for it.
			challenger: Option<AccountId>,
		},
		/// Whoever had to decide did not: it is nobody's fault here.
		#[codec(index = 2)]
		Undecided,
	}
}

/// Challenges inside a tenancy. What runs there is its implementor's matter, and may be replaced by stronger evidence.
pub trait TenancyChallenge<AccountId> {
	/// Why it is not taken up.
	type Error;

	/// Takes a challenge up. It opens in a slot that nobody knows yet, and [`OnTenancyChallenged::decided`] is called for it
	/// once.
	///
	/// # Errors
	/// Too many wait, or there is one for this delivery and day.
	fn request(request: ChallengeRequest<AccountId>) -> Result<(), Self::Error>;
}

plain_data! {
	/// What became of a challenge that was to be decided by proof of compute.
	#[derive(Copy)]
	pub enum ProofOpening {
		/// It is open: the resource is called.
		#[codec(index = 0)]
		Opened,
		/// The resource is in another challenge, or too many are open. Later.
		#[codec(index = 1)]
		Busy,
		/// Nothing of the resource's class is proven: what attestors find decides.
		#[codec(index = 2)]
		NotProvable,
	}
}

/// Challenges that the chain decides itself, by proof of compute, where it can. Each that is opened is decided once, by [`OnTenancyChallenged`].
pub trait ProofChallenge<AccountId> {
	/// Opens a challenge, of a resource that answers, in a slot with fresh randomness.
	fn open(request: &ChallengeRequest<AccountId>) -> ProofOpening;

	/// Whether the challenge of a delivery on a day is open.
	fn is_open(resource: ResourceId, deal: DealId, day: Day) -> bool;

	/// The most that [`Self::open`] weighs.
	fn weight() -> Weight;
}

impl<AccountId> ProofChallenge<AccountId> for () {
	fn open(_: &ChallengeRequest<AccountId>) -> ProofOpening {
		ProofOpening::NotProvable
	}

	fn is_open(_: ResourceId, _: DealId, _: Day) -> bool {
		false
	}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// Who wants to know what came of a challenge.
pub trait OnTenancyChallenged<AccountId> {
	/// A challenge that was taken up is decided.
	fn decided(deal: DealId, day: Day, verdict: ChallengeVerdict<AccountId>);

	/// The most that [`Self::decided`] weighs.
	fn weight() -> Weight;
}

impl<AccountId> OnTenancyChallenged<AccountId> for () {
	fn decided(_: DealId, _: Day, _: ChallengeVerdict<AccountId>) {}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// What clearing tells, and asks of, who delivers. Of `()` nothing is delivered: everything ends in cash.
pub trait OnDeliverable<AccountId> {
	/// An instrument ends at its final price with so much open interest. Whether it is delivered: if so, every position in it is
	/// handed over by [`Self::take_over`], once.
	fn begins(id: InstrumentId, price: crate::Price, open_interest: Lots) -> bool;

	/// How many lots of an account's short position have capacity set aside for them. They need no cash as delivery nears.
	fn covered(key: &AccountKey<AccountId>, id: InstrumentId) -> Lots;

	/// What an account has to put into escrow for a position, long or short, that is delivered. Not negative.
	///
	/// # Errors
	/// Nothing of it is delivered, or a figure is out of bounds.
	fn escrow_of(key: &AccountKey<AccountId>, id: InstrumentId, lots: Lots) -> Result<Cash, ArithmeticError>;

	/// A position left its margin account, and `escrowed` the account's cash. The segment is whose escrow it is in.
	fn take_over(
		key: &AccountKey<AccountId>,
		segment: &Segment<AccountId>,
		id: InstrumentId,
		lots: Lots,
		escrowed: Cash,
	);

	/// The most that [`Self::take_over`] weighs.
	fn weight() -> Weight;
}

impl<AccountId> OnDeliverable<AccountId> for () {
	fn begins(_: InstrumentId, _: crate::Price, _: Lots) -> bool {
		false
	}

	fn covered(_: &AccountKey<AccountId>, _: InstrumentId) -> Lots {
		Lots::ZERO
	}

	fn escrow_of(_: &AccountKey<AccountId>, _: InstrumentId, _: Lots) -> Result<Cash, ArithmeticError> {
		Ok(Cash::ZERO)
	}

	fn take_over(_: &AccountKey<AccountId>, _: &Segment<AccountId>, _: InstrumentId, _: Lots, _: Cash) {}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// What clearing does for who delivers. Escrow is money of a segment that belongs to no account: what goes in comes out by
/// [`release`](Self::release) or [`forfeit`](Self::forfeit), to the unit. Amounts are not negative.
///
/// Every function moves all that it says or, with an error, nothing. Those that look at accounts may hand positions over
/// ([`OnDeliverable::take_over`]) before they return, of any contract that ended and any account or house that they touch: who calls
/// one stores its own records before, and reads them again after.
pub trait DeliveryClearing<AccountId> {
	/// Why something was refused.
	type Error;
	/// Bonded tokens that were taken and are not yet anybody's. Dropping it burns them.
	type Credit;

	/// An account's position, as of the last settlement run; nothing if it has none.
	fn lots(key: &AccountKey<AccountId>, id: InstrumentId) -> Lots;

	/// Looks at an account again: what covers its positions is other than before.
	///
	/// # Errors
	/// Its equity is less than its initial margin.
	fn ensure_margined(key: &AccountKey<AccountId>) -> Result<(), Self::Error>;

	/// Puts cash of an account that it could withdraw into escrow, and says whose.
	///
	/// # Errors
	/// It has not so much to spare.
	fn escrow(from: &AccountKey<AccountId>, amount: Cash) -> Result<Segment<AccountId>, Self::Error>;

	/// Pays out of a segment's escrow to an account, of whatever segment.
	///
	/// # Errors
	/// There is not so much, or no such account.
	fn release(from: &Segment<AccountId>, to: &AccountKey<AccountId>, amount: Cash) -> Result<(), Self::Error>;

	/// Gives up escrow to the insurance pool.
	///
	/// # Errors
	/// There is not so much.
	fn forfeit(from: &Segment<AccountId>, amount: Cash) -> Result<(), Self::Error>;

	/// Charges a seller what a buyer is paid. The seller's cash may become negative: it is then called, liquidated and defaulted
	/// like anybody who owes.
	///
	/// # Errors
	/// There is no such account, or a figure is out of bounds.
	fn charge(seller: &AccountKey<AccountId>, buyer: &AccountKey<AccountId>, amount: Cash) -> Result<(), Self::Error>;

	/// Charges a seller what goes to the insurance pool. Its cash may become negative.
	///
	/// # Errors
	/// As [`Self::charge`].
	fn fine(seller: &AccountKey<AccountId>, amount: Cash) -> Result<(), Self::Error>;

	/// How many bonded tokens, in their smallest unit, count for `amount`, rounded up; none without a fresh price.
	fn stake_worth(amount: Cash) -> Option<u128>;

	/// Puts a seller's stake up for sale and pays at most `advance` on it to the buyer at once, and no more than it counts for. What
	/// the sale fetches beyond is the pool's. Returns what was paid.
	///
	/// # Errors
	/// There is no such account, or a figure is out of bounds. The stake is burnt then.
	fn sell_stake(
		seller: &AccountKey<AccountId>,
		stake: Self::Credit,
		advance: Cash,
		buyer: &AccountKey<AccountId>,
	) -> Result<Cash, Self::Error>;

	/// A position that was taken over is done with. An account is not closed before all of its own are.
	fn done(key: &AccountKey<AccountId>);

	/// What is in a segment's escrow.
	fn escrowed(segment: &Segment<AccountId>) -> Cash;
}

/// Contracts, for who delivers them.
pub trait ListedContracts {
	/// What was agreed about a contract; none if it is unknown.
	fn terms(id: InstrumentId) -> Option<ContractTerms>;
}

/// What providers have at stake, for who delivers.
pub trait ProviderStakes<AccountId> {
	/// Bonded tokens that were taken and are not yet anybody's. Dropping it burns them.
	type Credit;

	/// What can be taken of a provider, in the token's smallest unit; nothing of who is none.
	fn stake(provider: &AccountId) -> u128;

	/// What a provider forfeits for capacity that it did not deliver: the class's loss per Compute Hour times as much, rounded
	/// up, in the token's smallest unit.
	fn loss(class: ClassId, missing: Capacity) -> u128;

	/// Takes at most so much of a provider's stake, because of this resource if it named one.
	fn take_stake(provider: &AccountId, resource: Option<ResourceId>, amount: u128) -> Self::Credit;

	/// A window is settled: so much was due and so much delivered, for which so much was paid. Reliability, reputation and rewards
	/// follow.
	fn delivered(provider: &AccountId, resource: Option<ResourceId>, due: Capacity, delivered: Capacity, earned: Cash);
}

/// What can be delivered in a class.
pub trait DeliverableCapacity {
	/// Capacity a day of all resources of a class that may sell; none if nobody counts it, and nothing follows from it.
	fn per_day(class: ClassId) -> Option<Capacity>;
}

impl DeliverableCapacity for () {
	fn per_day(_: ClassId) -> Option<Capacity> {
		None
	}
}

/// Reference systems that somebody relies on.
pub trait ReferencePins {
	/// Why something was refused.
	type Error;

	/// Relies on a version of a class's reference system: as long as somebody does, it is kept.
	///
	/// # Errors
	/// There is no such version.
	fn pin(class: ClassId, version: ReferenceVersion) -> Result<(), Self::Error>;

	/// Does so no longer.
	fn unpin(class: ClassId, version: ReferenceVersion);
}
