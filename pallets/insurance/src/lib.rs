#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod absorption;
mod assessments;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod block;
mod books;
mod contributions;
mod income;
mod lending;
#[cfg(test)]
mod mock;
mod outside;
mod parameters;
mod pool;
mod redemptions;
mod sales;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
use gcx_primitives::Cash;
pub use pallet::*;
pub use types::{
	Advance, Bucket, BucketId, Contribution, DrawWindow, Holder, InsuranceParameters, Layers, OpenBucket, PoolBooks,
	Redemption, Sale, SaleCourse, SaleId, SalePurpose,
};
pub use weights::WeightInfo;

/// The most guarantors that can have contributed at a time.
pub const MAX_CONTRIBUTORS: u32 = 100;
/// The most buckets of redemptions that can be open at a time: those that are not mature, and those that wait.
pub const MAX_BUCKETS: u32 = 64;
/// The most buckets that one account can have redemptions in.
pub const MAX_REDEMPTIONS: u32 = 8;
/// The fewest shares that are bought, and that stay with who has any. A deposit loses at most as large a part of itself
/// to rounding as one share is of these, whatever somebody did to the price: a billionth.
pub const MIN_SHARES: u128 = 1_000_000_000;
/// The longest time that can be set for the price of a sale to fall, in milliseconds: 30 days.
pub const MAX_SALE_PERIOD: u64 = 30 * 24 * 60 * 60 * 1_000;
/// The largest income that can be set to wait until somebody distributes it: a million dollars.
pub const MAX_MIN_DISTRIBUTION: Cash = Cash(1_000_000_000_000);

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::SaleOf, Bucket, BucketId, Contribution, DrawWindow, Holder, InsuranceParameters, OpenBucket, PoolBooks,
		Redemption, SaleId, WeightInfo, MAX_BUCKETS, MAX_CONTRIBUTORS,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, Credit},
			Time,
		},
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{Cash, ClassId, Guarantors, PerformanceBurn, PoolLayer, PoolRisk, Price, PriceIndex};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The asset that all of the pool's money is in.
		type SettlementAsset: fungible::Inspect<Self::AccountId, Balance = u128> + fungible::Mutate<Self::AccountId>;

		/// The token that guarantors' bonds are in.
		type NativeBalance: fungible::Inspect<Self::AccountId, Balance = u128>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::Balanced<Self::AccountId>;

		/// Who changes parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock. Redemptions, sales and locks go by it, not by blocks.
		type Clock: Time<Moment = u64>;

		/// The guarantors: who may contribute, whose bond is assessed, whose exit is locked.
		type Guarantors: Guarantors<
			Self::AccountId,
			Balance = u128,
			Credit = Credit<Self::AccountId, Self::NativeBalance>,
		>;

		/// What burns of the bond of a guarantor that failed, once all is repaid.
		type Burn: PerformanceBurn<Credit<Self::AccountId, Self::NativeBalance>>;

		/// What clearing has at risk.
		type Risk: PoolRisk<Self::AccountId>;

		/// Where the price of the bonded token comes from.
		type Index: PriceIndex;

		/// The keyless account of the pool's money. Genesis endows it with the asset's minimum balance; if not, who
		/// pays in first does.
		#[pallet::constant]
		type PoolAccount: Get<Self::AccountId>;

		/// The class of the index that has the bonded token's price.
		#[pallet::constant]
		type BondClass: Get<ClassId>;

		/// The bonded token's smallest units in what that price is of: 10¹² for a token of twelve decimals.
		#[pallet::constant]
		type BondUnit: Get<u128>;

		/// The smallest deposit of an outsider, and the least that stays with one, in the settlement asset.
		#[pallet::constant]
		type MinDeposit: Get<u128>;

		/// Redemptions mature at whole multiples of so many milliseconds since the Unix epoch.
		#[pallet::constant]
		type RedemptionPeriod: Get<u64>;

		/// The shortest cooling-off that can be set, in milliseconds.
		#[pallet::constant]
		type MinCoolingOff: Get<u64>;

		/// Milliseconds after a draw in which no guarantor leaves and no contribution does: 20 days on a live chain. A
		/// window of draws ends when there was none for so long.
		#[pallet::constant]
		type ExitLock: Get<u64>;

		/// Milliseconds between the approval of new parameters and the moment they are in force.
		#[pallet::constant]
		type ParameterDelay: Get<u64>;

		/// Blocks between two divisions of the guarantors' income among them.
		#[pallet::constant]
		type DistributionPeriod: Get<BlockNumberFor<Self>>;

		/// Executed redemptions that a block pays out.
		#[pallet::constant]
		type PaymentsPerBlock: Get<u32>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// What benchmarks need of the other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What governs the pool now, unless [`PendingParameters`] are due.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, InsuranceParameters, ValueQuery>;

	/// Approved parameters and the time from which they are in force, in milliseconds since the Unix epoch.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, (u64, InsuranceParameters), OptionQuery>;

	/// The pool's books.
	#[pallet::storage]
	pub type Books<T: Config> = StorageValue<_, PoolBooks, ValueQuery>;

	/// What guarantors contributed. One whose contribution was lost stays until it is repaid, contributes anew, or is
	/// gone.
	#[pallet::storage]
	pub type Contributions<T: Config> = CountedStorageMap<_, Blake2_128Concat, T::AccountId, Contribution, OptionQuery>;

	/// What guarantors' segments were lent. Nothing is not stored.
	#[pallet::storage]
	pub type Lent<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Cash, OptionQuery>;

	/// The last window of draws.
	#[pallet::storage]
	pub type Draws<T: Config> = StorageValue<_, DrawWindow, ValueQuery>;

	/// The outsiders.
	#[pallet::storage]
	pub type Holders<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Holder, OptionQuery>;

	/// Buckets of redemptions until the last of their members was paid.
	#[pallet::storage]
	pub type Buckets<T: Config> = StorageMap<_, Twox64Concat, BucketId, Bucket, OptionQuery>;

	/// The buckets that are not executed in full, in the order in which they mature.
	#[pallet::storage]
	pub type OpenBuckets<T: Config> = StorageValue<_, BoundedVec<OpenBucket, ConstU32<MAX_BUCKETS>>, ValueQuery>;

	/// The buckets that are executed in full, until the last of their members was paid.
	#[pallet::storage]
	pub type FinishedBuckets<T: Config> = StorageMap<_, Twox64Concat, BucketId, (), OptionQuery>;

	/// What is redeemed, by bucket and account.
	#[pallet::storage]
	pub type Redemptions<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BucketId, Blake2_128Concat, T::AccountId, Redemption, OptionQuery>;

	/// What could not be paid to accounts, or not into a contribution. They can collect it.
	#[pallet::storage]
	pub type Owed<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Cash, OptionQuery>;

	/// The number of the next bucket.
	#[pallet::storage]
	pub type NextBucket<T: Config> = StorageValue<_, BucketId, ValueQuery>;

	/// Bonded tokens for sale, and assessments that are not collected.
	#[pallet::storage]
	pub type Sales<T: Config> = StorageMap<_, Twox64Concat, SaleId, SaleOf<T>, OptionQuery>;

	/// The sales that wait for a fresh price.
	#[pallet::storage]
	pub type WaitingSales<T: Config> = StorageMap<_, Twox64Concat, SaleId, (), OptionQuery>;

	/// The sale of the assessment for a guarantor that is not collected.
	#[pallet::storage]
	pub type Assessments<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, SaleId, OptionQuery>;

	/// All tokens for sale, in their smallest unit.
	#[pallet::storage]
	pub type OnSale<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// The number of the next sale.
	#[pallet::storage]
	pub type NextSale<T: Config> = StorageValue<_, SaleId, ValueQuery>;

	/// Money is of the settlement asset, tokens are of the bonded token, both in their smallest unit; times are
	/// milliseconds since the Unix epoch.
	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account gave `amount` to skin in the game, which is `skin` now.
		SkinFunded { who: T::AccountId, amount: Cash, skin: Cash },
		/// A guarantor contributed `amount`; its contribution is `contribution` now.
		Contributed { guarantor: T::AccountId, amount: Cash, contribution: Cash },
		/// A guarantor took `amount` of its contribution back, of which it needs `needed`; `left` remains.
		ContributionWithdrawn { guarantor: T::AccountId, amount: Cash, needed: Cash, left: Cash },
		/// An outsider deposited `amount` and got `shares`. All `all_shares` are worth `value` now.
		Deposited { who: T::AccountId, amount: Cash, shares: u128, value: Cash, all_shares: u128 },
		/// An outsider's shares will be redeemed from `due` on, in a bucket; `left` remain.
		RedemptionRequested { who: T::AccountId, shares: u128, left: u128, bucket: BucketId, due: u64 },
		/// Of a bucket `shares` were redeemed for `amount`, which is set aside; `left` shares wait.
		RedemptionExecuted { bucket: BucketId, shares: u128, amount: Cash, left: u128 },
		/// An account was paid what had been set aside for it.
		Collected { who: T::AccountId, amount: Cash },
		/// An account could not be paid; it is owed so much until it collects.
		PaymentDeferred { who: T::AccountId, amount: Cash, owed: Cash },
		/// All members of a bucket were paid; what rounding left of it is income.
		BucketClosed { bucket: BucketId, rest: Cash },
		/// Income was recognised: so much of it went to each layer.
		IncomeRecognised { skin: Cash, guarantors: Cash, outside: Cash },
		/// A guarantor's part of the income was added to its contribution.
		IncomeShared { guarantor: T::AccountId, amount: Cash, contribution: Cash },
		/// The guarantors' income was divided among them; what rounding left of it went to skin in the game.
		IncomeDivided { amount: Cash, rest: Cash },
		/// Of the `needed` so much was lent to a custody account of a guarantor; the guarantor owes `lent` now.
		Lent { guarantor: T::AccountId, to: T::AccountId, needed: Cash, amount: Cash, lent: Cash },
		/// What had been lent came back; the guarantor owes `lent` now.
		TakenBack { guarantor: T::AccountId, from: T::AccountId, amount: Cash, lent: Cash },
		/// A guarantor owes what had been lent to another, because it owed that one as much. They owe `left` and `lent` now.
		LoanReassigned { from: T::AccountId, to: T::AccountId, amount: Cash, left: Cash, lent: Cash },
		/// A layer gave `took` of the `had` to a loss of a guarantor. So much of it was forgiven of what had been lent,
		/// and so much was sent to a custody account.
		Absorbed {
			layer: PoolLayer,
			guarantor: T::AccountId,
			needed: Cash,
			had: Cash,
			took: Cash,
			left: Cash,
			forgiven: Cash,
			moved: Cash,
		},
		/// A guarantor's contribution gave `took` to a loss of `guarantor`.
		ContributionDrawn { contributor: T::AccountId, guarantor: T::AccountId, had: Cash, took: Cash, left: Cash },
		/// Outsiders lost all: their shares are worth nothing, and a new series begins.
		SeriesEnded { series: u32 },
		/// The pool was drawn on: no contribution leaves, and no guarantor that contributed does, until then.
		ExitsLocked { window: u32, until: u64 },
		/// Tokens are for sale for a guarantor's failure: of its own bond, or of those that were assessed for it.
		SaleOpened { sale: SaleId, guarantor: T::AccountId, amount: u128, is_assessment: bool },
		/// So much was advanced on them by skin in the game, guarantors and outsiders, and is to be repaid.
		Advanced { sale: SaleId, skin: Cash, guarantors: Cash, outside: Cash },
		/// The price of a sale of `amount` tokens begins to fall.
		SaleBegun { sale: SaleId, amount: u128, first: Price, until: u64 },
		/// Tokens were bought at a price per priced unit, for `cost`; `left` remain.
		Bought { sale: SaleId, who: T::AccountId, amount: u128, price: Price, cost: Cash, left: u128 },
		/// Of what a sale fetched so much repaid outsiders, guarantors and skin in the game; the rest is income.
		Repaid { sale: SaleId, outside: Cash, guarantors: Cash, skin: Cash, income: Cash },
		/// All that was advanced on a bond is repaid. Of the tokens that were left so many burned; the pool sells the others for itself.
		BondBurned { sale: SaleId, guarantor: T::AccountId, had: u128, burned: u128, left: u128 },
		/// A guarantor was repaid what it had advanced, into its contribution, or is owed it if it has none any more.
		ContributionRepaid { guarantor: T::AccountId, amount: Cash, is_owed: bool },
		/// A sale is over. What it did not repay of an advance is lost.
		SaleClosed { sale: SaleId, unpaid: Cash },
		/// Tokens too few to be kept were burnt.
		TokensBurnt { guarantor: T::AccountId, amount: u128 },
		/// A guarantor was assessed `took` of the `had`, and paid in tokens of the bond behind it.
		Assessed { contributor: T::AccountId, guarantor: T::AccountId, had: Cash, took: Cash, tokens: u128 },
		/// Of what assessments fetched so much was collected for a loss; the rest is income.
		AssessmentCollected {
			guarantor: T::AccountId,
			needed: Cash,
			took: Cash,
			forgiven: Cash,
			moved: Cash,
			income: Cash,
		},
		/// New parameters were approved; they are in force from then.
		ParametersApproved { from: u64, parameters: InsuranceParameters },
		/// The parameters that are in force from now.
		ParametersChanged { parameters: InsuranceParameters },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The amount is zero.
		NothingToMove,
		/// The amount is larger than the exchange deals in.
		AmountTooLarge,
		/// Only an active or reduce-only guarantor contributes.
		NotStanding,
		/// A guarantor that is reduce-only or in default takes nothing back.
		NotActive,
		/// The account has contributed nothing.
		NoContribution,
		/// The contribution would be smaller than `Parameters.min_contribution`.
		ContributionTooSmall,
		/// The guarantor's risk, or what is left of its bond, needs that contribution.
		ContributionNeeded,
		/// The pool was drawn on less than `ExitLock` ago.
		ContributionsLocked,
		/// A margin call, a negative account or a default is open.
		LossOpen,
		/// The pool has lent to the guarantor.
		MoneyLent,
		/// So much of the pool's money is lent that the rest does not suffice.
		NotLiquid,
		/// As many guarantors have contributed as can.
		TooManyContributors,
		/// The deposit is smaller than `MinDeposit`, or buys fewer than a billion shares.
		DepositTooSmall,
		/// The deposit buys fewer shares than were asked for.
		TooFewShares,
		/// A sale is to repay outsiders: who joined now would share in what is theirs.
		RepaymentOpen,
		/// So much of the pool was lost that its shares can no longer be counted. It begins anew when they are gone.
		PoolWornOut,
		/// The account has no shares.
		NoShares,
		/// That is zero, or more than the account has.
		NotSoMuch,
		/// So few shares are not redeemed, or do not stay: all of them can be redeemed.
		TooFewToSplit,
		/// As many buckets of redemptions are open as can be.
		TooManyBuckets,
		/// The account has redemptions in as many buckets as it can.
		TooManyRedemptions,
		/// Nothing is set aside for the account.
		NothingToCollect,
		/// There is no income.
		NothingToDistribute,
		/// No redemption can be executed or paid now.
		NothingToAdvance,
		/// There is no such sale.
		UnknownSale,
		/// The sale waits for a fresh price.
		SaleNotBegun,
		/// The price of the sale is still falling, or an assessment is to be collected first.
		SaleRunning,
		/// There is no fresh price of the bonded token.
		NoPrice,
		/// The price is higher than that.
		PriceTooHigh,
		/// The parameters are out of the bounds of the pallet or the runtime.
		InvalidParameters,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The parameters in force from the start.
		pub parameters: InsuranceParameters,
		/// Nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// What the preset gives to [`Config::PoolAccount`] beyond its minimum balance is income, so that it fills skin
		/// in the game first.
		fn build(&self) {
			let mut parameters = self.parameters;
			if parameters == InsuranceParameters::default() {
				// Those that nobody set fit the runtime's redemption periods.
				parameters.cooling_off = parameters.cooling_off.min(crate::types::max_cooling_off::<T>());
			}
			assert!(parameters.is_valid::<T>(), "genesis: the pool's parameters are out of bounds");
			Parameters::<T>::put(parameters);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Income, the redemptions that are mature, a few payments, a sale that waits for a price.
		fn on_initialize(block: BlockNumberFor<T>) -> Weight {
			Self::begin_block(block)
		}

		fn integrity_test() {
			Self::check_constants();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Adds `amount` to the contribution of the caller, an active or reduce-only guarantor.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::AmountTooLarge`], [`Error::NotStanding`],
		/// [`Error::ContributionTooSmall`], [`Error::TooManyContributors`], or the asset's error if the balance does
		/// not suffice.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::contribute(MAX_CONTRIBUTORS))]
		pub fn contribute(origin: OriginFor<T>, #[pallet::compact] amount: u128) -> DispatchResultWithPostInfo {
			let contributors = Contributions::<T>::count();
			Self::do_contribute(ensure_signed(origin)?, amount)?;
			Ok(Some(T::WeightInfo::contribute(contributors)).into())
		}

		/// Takes `amount` of the caller's contribution back, beyond what its risk needs. The caller is an active
		/// guarantor, or left: while its bond is still leaving, it needs what an active one needs, and then nothing.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::AmountTooLarge`], [`Error::NoContribution`], [`Error::NotActive`],
		/// [`Error::ContributionsLocked`], [`Error::LossOpen`], [`Error::MoneyLent`], [`Error::NotSoMuch`],
		/// [`Error::ContributionNeeded`], [`Error::NotLiquid`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw_contribution(MAX_CONTRIBUTORS))]
		pub fn withdraw_contribution(
			origin: OriginFor<T>,
			#[pallet::compact] amount: u128,
		) -> DispatchResultWithPostInfo {
			let contributors = Contributions::<T>::count();
			Self::do_withdraw_contribution(ensure_signed(origin)?, amount)?;
			Ok(Some(T::WeightInfo::withdraw_contribution(contributors)).into())
		}

		/// Buys shares for `amount`, rounded down, at least `min_shares`. Income that has arrived is recognised first:
		/// it belongs to those who were there.
		///
		/// # Errors
		/// [`Error::AmountTooLarge`], [`Error::DepositTooSmall`], [`Error::TooFewShares`], [`Error::RepaymentOpen`],
		/// [`Error::PoolWornOut`], or the asset's error if the balance does not suffice.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(
			origin: OriginFor<T>,
			#[pallet::compact] amount: u128,
			#[pallet::compact] min_shares: u128,
		) -> DispatchResult {
			Self::do_deposit(ensure_signed(origin)?, amount, min_shares)
		}

		/// Lets shares be redeemed: at the first multiple of `RedemptionPeriod` after the cooling-off, at the price of
		/// then, or as soon after as no loss is open and the pool does not need them. It cannot be taken back.
		///
		/// # Errors
		/// [`Error::NoShares`], [`Error::NotSoMuch`], [`Error::TooFewToSplit`], [`Error::TooManyBuckets`],
		/// [`Error::TooManyRedemptions`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::redeem())]
		pub fn redeem(origin: OriginFor<T>, #[pallet::compact] shares: u128) -> DispatchResult {
			Self::do_redeem(ensure_signed(origin)?, shares)
		}

		/// Pays an account what is set aside for it. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToCollect`], or the asset's error if the account cannot take so little.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::collect())]
		pub fn collect(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_collect(&who)
		}

		/// Gives `amount` to skin in the game. There is no way out of it. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::AmountTooLarge`], or the asset's error if the balance does not suffice.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::fund_skin())]
		pub fn fund_skin(origin: OriginFor<T>, #[pallet::compact] amount: u128) -> DispatchResult {
			Self::do_fund_skin(ensure_signed(origin)?, amount)
		}

		/// Recognises income, and divides the guarantors' part of it among them. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToDistribute`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::distribute(MAX_CONTRIBUTORS))]
		pub fn distribute(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_distribute()?;
			Ok(Some(T::WeightInfo::distribute(Contributions::<T>::count())).into())
		}

		/// Buys at most `amount` tokens of a sale, at the price of now per priced unit, at most `max_price`. The cost
		/// is rounded up. Anyone may.
		///
		/// # Errors
		/// [`Error::NothingToMove`], [`Error::UnknownSale`], [`Error::SaleNotBegun`], [`Error::PriceTooHigh`], or an
		/// error of either asset if it cannot be moved.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::buy(MAX_CONTRIBUTORS))]
		pub fn buy(
			origin: OriginFor<T>,
			sale: SaleId,
			#[pallet::compact] amount: u128,
			max_price: Price,
		) -> DispatchResultWithPostInfo {
			let repaid = Self::do_buy(ensure_signed(origin)?, sale, amount, max_price)?;
			Ok(Some(T::WeightInfo::buy(repaid)).into())
		}

		/// Begins a sale that waits for a fresh price; or begins one anew whose price has fallen as far as it goes, if
		/// it is not of an assessment that is to be collected. Anyone may.
		///
		/// # Errors
		/// [`Error::UnknownSale`], [`Error::SaleRunning`], [`Error::NoPrice`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::begin_sale())]
		pub fn begin_sale(origin: OriginFor<T>, sale: SaleId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_begin_sale(sale)
		}

		/// Executes what is mature of redemptions as far as it can be, and pays a few, for whoever does not want to
		/// wait for the next block. Free of charge if there was something to do.
		///
		/// # Errors
		/// [`Error::NothingToAdvance`].
		#[pallet::call_index(9)]
		#[pallet::weight(Pallet::<T>::advance_weight(MAX_BUCKETS, T::PaymentsPerBlock::get()))]
		pub fn advance_redemptions(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_advance_redemptions()
		}

		/// Governance approves new parameters, in force after `ParameterDelay`. It replaces an approval that is not yet
		/// in force.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: InsuranceParameters) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}
}
