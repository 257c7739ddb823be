#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod block;
mod burn;
mod buy_back;
mod eras;
mod fees;
#[cfg(test)]
mod mock;
mod rewards;
mod seats;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use burn::{ChainFees, Dust, Slashed};
pub use fees::FeeDesk;
pub use pallet::*;
pub use types::{
	Burned, BuyBack, BuyBackTerms, ByRole, CurrentEra, Earning, FallbackReason, FeeAsset, IssuanceTerms, IssuanceYear,
	PastEra, Rebate, RewardRole, RewardTerms, Seat, SeatId, SeatOffer, SeatSale, SeatTerms, Shared, TokenBooks,
	TokenParameters, Trader, MAX_PERIOD,
};
pub use views::{AccountFees, Supply};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{CreditOf, SeatOfferOf},
		Burned, BuyBack, CurrentEra, Earning, FallbackReason, FeeAsset, IssuanceYear, PastEra, Rebate, RewardRole,
		Seat, SeatId, SeatSale, TokenBooks, TokenParameters, Trader, WeightInfo,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, hold, Inspect},
			Time,
		},
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{Cash, ClassId, GuarantorRewards, Guarantors, Price, PriceIndex, TokenIncome};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token.
		type NativeBalance: fungible::Inspect<Self::AccountId, Balance = u128>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::Balanced<Self::AccountId>
			+ hold::Inspect<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The asset that trades are settled in.
		type SettlementAsset: fungible::Inspect<Self::AccountId, Balance = u128> + fungible::Mutate<Self::AccountId>;

		/// The runtime's reasons for holds, [`HoldReason`] among them.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who sets parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock, in milliseconds since the Unix epoch.
		type Clock: Time<Moment = u64>;

		/// Where the price of the token comes from, and the day.
		type Index: PriceIndex;

		/// Who stands behind whom.
		type Guarantors: Guarantors<Self::AccountId>;

		/// How a rebate in tokens reaches all who stand behind a guarantor.
		type GuarantorRewards: GuarantorRewards<Self::AccountId, Credit = CreditOf<Self>>;

		/// Who sells tokens for the insurance pool.
		type PoolIncome: TokenIncome<CreditOf<Self>>;

		/// The account of the insurance pool's money.
		#[pallet::constant]
		type PoolAccount: Get<Self::AccountId>;

		/// The treasury's account.
		#[pallet::constant]
		type TreasuryAccount: Get<Self::AccountId>;

		/// The keyless account of what waits, is owed, or buys tokens. Genesis endows it with both minimum balances.
		#[pallet::constant]
		type PotAccount: Get<Self::AccountId>;

		/// The class of the index that has the token's price.
		#[pallet::constant]
		type TokenClass: Get<ClassId>;

		/// The token's smallest units in what that price is of: 10¹² for a token of twelve decimals.
		#[pallet::constant]
		type TokenUnit: Get<u128>;

		/// How long an era is, in milliseconds.
		#[pallet::constant]
		type EraLength: Get<u64>;

		/// Eras after its own in which a reward can be claimed. What nobody claimed burns then.
		#[pallet::constant]
		type RewardEras: Get<u32>;

		/// The most seats that governance can create.
		#[pallet::constant]
		type MaxSeats: Get<u32>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// What benchmarks need of the other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The stake of a seat.
		#[codec(index = 0)]
		Seat,
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What governs the token.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, TokenParameters, ValueQuery>;

	/// Tokens that there were as the chain began.
	#[pallet::storage]
	pub type GenesisIssuance<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// The pallet's books.
	#[pallet::storage]
	pub type Books<T: Config> = StorageValue<_, TokenBooks, ValueQuery>;

	/// The era that is going on.
	#[pallet::storage]
	pub type Era<T: Config> = StorageValue<_, CurrentEra, ValueQuery>;

	/// Eras that are over and whose rewards can be claimed.
	#[pallet::storage]
	pub type Eras<T: Config> = StorageMap<_, Twox64Concat, u32, PastEra, OptionQuery>;

	/// The most fees that an era had, net of rebates, in the settlement asset.
	#[pallet::storage]
	pub type BestEra<T: Config> = StorageValue<_, Cash, ValueQuery>;

	/// What was issued this year.
	#[pallet::storage]
	pub type Year<T: Config> = StorageValue<_, IssuanceYear, ValueQuery>;

	/// Accounts that trade, or chose what they pay fees in.
	#[pallet::storage]
	pub type Traders<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Trader, OptionQuery>;

	/// Accounts that earn as validators, attestors or operators.
	#[pallet::storage]
	pub type Earners<T: Config> =
		StorageDoubleMap<_, Twox64Concat, RewardRole, Blake2_128Concat, T::AccountId, Earning, OptionQuery>;

	/// What guarantors can claim. Nothing is not stored.
	#[pallet::storage]
	pub type Rebates<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Rebate, OptionQuery>;

	/// The seats, by holder.
	#[pallet::storage]
	pub type Seats<T: Config> = CountedStorageMap<_, Blake2_128Concat, T::AccountId, Seat, OptionQuery>;

	/// The number of the next seat.
	#[pallet::storage]
	pub type NextSeat<T: Config> = StorageValue<_, SeatId, ValueQuery>;

	/// The sale of the exchange's own seats.
	#[pallet::storage]
	pub type Sale<T: Config> = StorageValue<_, SeatSale, OptionQuery>;

	/// Seats that their holders offer, by holder.
	#[pallet::storage]
	pub type SeatOffers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, SeatOfferOf<T>, OptionQuery>;

	/// The offer of fees for tokens, while there is one.
	#[pallet::storage]
	pub type Offer<T: Config> = StorageValue<_, BuyBack, OptionQuery>;

	/// Tokens are in their smallest unit, cash in the settlement asset's; times are milliseconds since the Unix epoch.
	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Governance set these parameters.
		ParametersSet { parameters: TokenParameters },
		/// An account pays its fees so from now.
		FeeAssetChosen { who: T::AccountId, asset: FeeAsset },
		/// A fee was paid in tokens, which were worth so much, and they were shared: to the insurance pool, the guarantor behind
		/// the trade, the treasury and rewards; the rest burned.
		FeePaidInTokens {
			who: T::AccountId,
			fee: Cash,
			worth: Cash,
			tokens: u128,
			guarantor: Option<T::AccountId>,
			pool: u128,
			rebate: u128,
			treasury: u128,
			rewards: u128,
			burned: u128,
		},
		/// An account that chose tokens paid a fee in the settlement asset.
		FeeFellBack { who: T::AccountId, fee: Cash, reason: FallbackReason },
		/// Fees of those that a guarantor stands behind arrived and were shared: to the insurance pool, the guarantor and the
		/// treasury; the rest buys tokens that burn.
		FeesShared { guarantor: T::AccountId, amount: Cash, pool: Cash, rebate: Cash, treasury: Cash, buy_back: Cash },
		/// Fees were sent to the insurance pool.
		PoolPaid { amount: Cash },
		/// Tokens of fees are for sale for the insurance pool.
		PoolTokensForSale { amount: u128 },
		/// The treasury got its share of fees.
		TreasuryPaid { cash: Cash, tokens: u128 },
		/// A guarantor was paid its rebates. Its tokens were shared among all who stand behind it.
		RebatePaid { guarantor: T::AccountId, cash: Cash, tokens: u128 },
		/// An era is over: its fees net of rebates, the best era's before, and tokens that fees burned. So much was issued; with
		/// so much of fees it is the rewards of the era.
		EraEnded { era: u32, fees: Cash, best: Cash, burned: u128, issued: u128, of_fees: u128 },
		/// Rewards of an era that nobody claimed burned.
		RewardsExpired { era: u32, amount: u128 },
		/// An account was paid what it had earned in a role.
		RewardPaid { who: T::AccountId, role: RewardRole, amount: u128 },
		/// Nothing is known any more of an account in a role.
		Forgotten { who: T::AccountId, role: RewardRole },
		/// The price of a seat falls from now on.
		SeatSaleBegun { first: u128, floor: u128, until: u64 },
		/// The exchange sold a seat. The price is held as its stake.
		SeatBought { seat: SeatId, who: T::AccountId, stake: u128 },
		/// A holder offers its seat to somebody, or to anyone.
		SeatOffered { seat: SeatId, who: T::AccountId, price: u128, to: Option<T::AccountId> },
		/// A holder offers its seat no more.
		SeatOfferWithdrawn { seat: SeatId, who: T::AccountId },
		/// A seat changed hands for a price. So much of the old holder's stake burned; the rest was released, and the new holder put
		/// up a whole one.
		SeatTransferred { seat: SeatId, from: T::AccountId, to: T::AccountId, price: u128, stake: u128, burned: u128 },
		/// A holder gave its seat back to the exchange. So much of its stake burned; the rest was released.
		SeatSurrendered { seat: SeatId, who: T::AccountId, stake: u128, burned: u128 },
		/// So much is offered for tokens at a price that rises from now on.
		BuyBackBegun { offered: Cash, first: Price, last: Price, until: u64 },
		/// Tokens were bought for `paid` and burned; `left` is offered still.
		BoughtBack { who: T::AccountId, tokens: u128, price: Price, paid: Cash, left: Cash },
		/// An offer for tokens is over. What was not sold for is offered again.
		BuyBackEnded { left: Cash },
		/// Tokens burned for bad performance.
		PerformanceBurned { amount: u128 },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The parameters are out of the bounds of the pallet or the runtime.
		InvalidParameters,
		/// Only who trades under a guarantor, or is one, chooses what its fees are paid in.
		NotMember,
		/// The account pays its fees so already.
		AlreadyChosen,
		/// The account earned nothing in that role that was not paid, or its era is not over.
		NothingToClaim,
		/// The account trades, earned something, or pays its fees in tokens.
		StillNeeded,
		/// Nothing is known of the account.
		NothingToForget,
		/// All seats are taken.
		NoSeatLeft,
		/// No sale of seats has begun.
		SaleNotBegun,
		/// The account has a seat.
		AlreadySeated,
		/// The account has no seat.
		NoSeat,
		/// The price is higher than that.
		PriceTooHigh,
		/// The price is lower than that.
		PriceTooLow,
		/// The seat is not for sale, or not to this account.
		NotOffered,
		/// Nothing is offered for tokens.
		NoOffer,
		/// The offer is over. Another begins as soon as the token has a fresh price.
		OfferOver,
		/// The amount is zero, or buys nothing.
		NothingToMove,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// What governs the token from the start.
		pub parameters: Option<TokenParameters>,
		/// Nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Comes after that of the token's balances.
		fn build(&self) {
			let parameters = self.parameters.clone().unwrap_or_default();
			assert!(parameters.is_valid(T::MaxSeats::get()), "genesis: the token's parameters are out of bounds");
			Parameters::<T>::put(parameters);
			GenesisIssuance::<T>::put(T::NativeBalance::total_issuance());
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Sends what waits, ends an era that is over, begins an auction.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::begin_block()
		}

		fn integrity_test() {
			assert!(T::TokenUnit::get() > 0, "a price is of something");
			assert!(T::EraLength::get() > 0, "an era is some time");
			assert!(T::RewardEras::get() > 0, "a reward can be claimed");
			assert_ne!(T::PotAccount::get(), T::TreasuryAccount::get(), "the treasury's money is its own");
			assert_ne!(T::PotAccount::get(), T::PoolAccount::get(), "the pool's money is its own");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Governance sets the parameters, in force at once: an order says itself what it pays at most.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: TokenParameters) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}

		/// Chooses what the caller's fees are paid in. Where it has too few tokens, or they have no fresh price, a fee is paid in
		/// the settlement asset all the same.
		///
		/// # Errors
		/// [`Error::NotMember`] or [`Error::AlreadyChosen`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::pay_fees_in())]
		pub fn pay_fees_in(origin: OriginFor<T>, asset: FeeAsset) -> DispatchResult {
			Self::do_pay_fees_in(ensure_signed(origin)?, asset)
		}

		/// Pays an account what it earned in a role in eras that are over. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToClaim`], or the token's error if the account cannot take so little.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, role: RewardRole, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(role, who)
		}

		/// Pays a guarantor its rebates: cash to itself, tokens to all who stand behind it. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToClaim`], or an asset's error if the account cannot take so little.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::claim_rebate())]
		pub fn claim_rebate(origin: OriginFor<T>, guarantor: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_rebate(guarantor)
		}

		/// Buys one of the exchange's seats at the price of now, at most `max_price`. It is held, not spent.
		///
		/// # Errors
		/// [`Error::AlreadySeated`], [`Error::NoSeatLeft`], [`Error::SaleNotBegun`], [`Error::PriceTooHigh`], or the token's error
		/// if the caller has not so much.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::buy_seat())]
		pub fn buy_seat(origin: OriginFor<T>, #[pallet::compact] max_price: u128) -> DispatchResult {
			Self::do_buy_seat(ensure_signed(origin)?, max_price)
		}

		/// Offers the caller's seat for a price, to somebody or to anyone. It replaces an earlier offer.
		///
		/// # Errors
		/// [`Error::NoSeat`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::offer_seat())]
		pub fn offer_seat(
			origin: OriginFor<T>,
			#[pallet::compact] price: u128,
			to: Option<T::AccountId>,
		) -> DispatchResult {
			Self::do_offer_seat(ensure_signed(origin)?, price, to)
		}

		/// Offers the caller's seat no more.
		///
		/// # Errors
		/// [`Error::NotOffered`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::withdraw_offer())]
		pub fn withdraw_offer(origin: OriginFor<T>) -> DispatchResult {
			Self::do_withdraw_offer(ensure_signed(origin)?)
		}

		/// Takes a seat that its holder offers: pays the holder its price, at most `max_price`, and puts up the stake. A share of
		/// the holder's stake burns.
		///
		/// # Errors
		/// [`Error::NotOffered`], [`Error::AlreadySeated`], [`Error::PriceTooHigh`], or the token's error if the caller has not so
		/// much.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::take_seat())]
		pub fn take_seat(
			origin: OriginFor<T>,
			holder: T::AccountId,
			#[pallet::compact] max_price: u128,
		) -> DispatchResult {
			Self::do_take_seat(ensure_signed(origin)?, holder, max_price)
		}

		/// Gives the caller's seat back to the exchange. A share of its stake burns.
		///
		/// # Errors
		/// [`Error::NoSeat`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::surrender_seat())]
		pub fn surrender_seat(origin: OriginFor<T>) -> DispatchResult {
			Self::do_surrender_seat(ensure_signed(origin)?)
		}

		/// Sells at most `amount` tokens for fees, at the price of now for each priced unit, at least `min_price`. What is paid is
		/// rounded down. The tokens burn.
		///
		/// # Errors
		/// [`Error::NoOffer`], [`Error::OfferOver`], [`Error::PriceTooLow`], [`Error::NothingToMove`], or an asset's error if it
		/// cannot be moved.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::sell_tokens())]
		pub fn sell_tokens(origin: OriginFor<T>, #[pallet::compact] amount: u128, min_price: Price) -> DispatchResult {
			Self::do_sell_tokens(ensure_signed(origin)?, amount, min_price)
		}

		/// Forgets an account in a role: a trader whose trades count no more, or somebody who earned what nobody can claim any more.
		/// Anyone may, free of charge if there was something to forget.
		///
		/// # Errors
		/// [`Error::NothingToForget`] or [`Error::StillNeeded`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::forget())]
		pub fn forget(origin: OriginFor<T>, role: RewardRole, who: T::AccountId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_forget(role, who)?;
			Ok(Pays::No.into())
		}
	}

	impl<T: Config> Pallet<T> {
		/// Counts tokens as burned.
		pub(crate) fn count_burned(count: impl FnOnce(&mut Burned)) {
			Books::<T>::mutate(|books| count(&mut books.burned));
		}
	}
}
