//! Names of things.

plain_data! {
	/// A compute class: a kind of work with its own reference system. Compute Hours of two classes are different goods.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct ClassId(pub u32);
}

plain_data! {
	/// A contract that is traded: one delivery month of one class and group of grades.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct InstrumentId(pub u32);
}

plain_data! {
	/// An asset that governance admitted as collateral.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct CollateralId(pub u8);
}

plain_data! {
	/// A settlement run: runs since genesis.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct RunId(pub u32);
}

impl RunId {
	/// The run after this one.
	pub const fn next(self) -> Self {
		Self(self.0.saturating_add(1))
	}
}

plain_data! {
	/// One of an owner's margin accounts.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct SubAccount(pub u8);
}

impl SubAccount {
	/// The one account of a guarantor's house.
	pub const HOUSE: Self = Self(0);
}

plain_data! {
	/// Whose money a guarantor's segment holds.
	#[derive(Copy, Ord, PartialOrd)]
	pub enum SegmentSide {
		/// The guarantor's customers', all together.
		#[codec(index = 0)]
		Customers,
		/// The guarantor's own.
		#[codec(index = 1)]
		House,
	}
}

plain_data! {
	/// One custody account and one netting ledger: a guarantor's customers or its house, never both.
	#[derive(Copy, Ord, PartialOrd)]
	pub struct Segment<AccountId> {
		/// Whose segment it is.
		pub guarantor: AccountId,
		/// Whose money is in it.
		pub side: SegmentSide,
	}
}
