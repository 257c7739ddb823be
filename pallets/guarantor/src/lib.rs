#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod admission;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bond;
mod customers;
mod delegation;
mod houses;
#[cfg(test)]
mod mock;
mod parameters;
mod pool;
mod rewards;
mod slashing;
mod states;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

use gcx_primitives::Ppm;
pub use pallet::*;
pub use pool::SharePool;
pub use types::{BondChunk, Delegation, Guarantor, GuarantorParameters, LeavingShares, SlashedPart, SlashedParts};
pub use weights::WeightInfo;

/// Parts of a bond, or of a delegation, that can be leaving at a time. The last place for a bond's is kept for `exit`.
pub const MAX_CHUNKS: u32 = 8;
/// The largest delegated stake that can be allowed: a hundred times the bond.
pub const MAX_DELEGATION_RATIO: Ppm = Ppm::percent(10_000);
/// The longest unbonding time that can be set, in milliseconds: a year of 365 days.
pub const MAX_UNBONDING: u64 = 365 * 24 * 60 * 60 * 1_000;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{BalanceOf, DelegationOf, GuarantorOf, ParametersOf, SlashedPartsOf},
		WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, hold, Inspect},
			Time,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use gcx_primitives::{
		CustomerLimits, CustomerPositions, GuarantorState, HouseFunds, Membership, Ppm, ReduceOnlyReason,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token that is bonded and delegated.
		type NativeBalance: Inspect<Self::AccountId>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::Balanced<Self::AccountId>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The runtime's reasons for holds, [`HoldReason`] among them.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who admits guarantors, restricts and restores them, and changes parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock. Stake is released by it, not by blocks: a chain that stood still releases nothing early.
		type Clock: Time<Moment = u64>;

		/// What a guarantor's house has, asked at its admission.
		type HouseFunds: HouseFunds<Self::AccountId>;

		/// Whether customers and houses are free to go, and how what a customer has goes to another guarantor.
		type Positions: CustomerPositions<Self::AccountId, Error: Into<DispatchError>>;

		/// What a move of all that a customer can have weighs: `port` of [`Config::Positions`], at worst.
		type PortWeight: Get<Weight>;

		/// The domain that the accounts of delegated stake are derived in.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The most guarantors, those that left and are not yet forgotten among them.
		#[pallet::constant]
		type MaxGuarantors: Get<u32>;

		/// The most customers of one guarantor.
		#[pallet::constant]
		type MaxCustomersPerGuarantor: Get<u32>;

		/// Milliseconds between the approval of new parameters and the moment they are in force.
		#[pallet::constant]
		type ParameterDelay: Get<u64>;

		/// The shortest unbonding time that can be set, in milliseconds. On a live chain at least 20 days: no less than
		/// exits are locked for after a draw.
		#[pallet::constant]
		type MinUnbonding: Get<u64>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A guarantor's own bond, what is leaving it, and what is bonded with an application.
		#[codec(index = 0)]
		GuarantorBond,
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What governs the guarantors now.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParametersOf<T>, ValueQuery>;

	/// Approved parameters and the time from which they are in force, in milliseconds since the Unix epoch.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, (u64, ParametersOf<T>), OptionQuery>;

	/// Who asks to be a guarantor, and with what bond. It is held.
	#[pallet::storage]
	pub type Applications<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, BalanceOf<T>, OptionQuery>;

	/// The guarantors.
	#[pallet::storage]
	pub type Guarantors<T: Config> = CountedStorageMap<_, Twox64Concat, T::AccountId, GuarantorOf<T>, OptionQuery>;

	/// Until when a guarantor may not leave and stake behind it is not paid out, in milliseconds since the Unix epoch.
	#[pallet::storage]
	pub type ExitLock<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, u64, OptionQuery>;

	/// What has been delegated, by guarantor and delegator.
	#[pallet::storage]
	pub type Delegations<T: Config> =
		StorageDoubleMap<_, Twox64Concat, T::AccountId, Twox64Concat, T::AccountId, DelegationOf<T>, OptionQuery>;

	/// Which guarantor an account asked to be its customer. It may be another's until that one accepts.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, T::AccountId, OptionQuery>;

	/// The customers, under whom they trade, and how far.
	#[pallet::storage]
	pub type Customers<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, Membership<T::AccountId>, OptionQuery>;

	/// Amounts are of the bonded token, in its smallest unit; times are milliseconds since the Unix epoch.
	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account asks to be a guarantor; its bond is held.
		Applied { who: T::AccountId, bond: BalanceOf<T> },
		/// An account took its application back, and its bond with it.
		ApplicationWithdrawn { who: T::AccountId, bond: BalanceOf<T> },
		/// Governance refused an application; the bond was given back.
		ApplicationRefused { who: T::AccountId, bond: BalanceOf<T> },
		/// An account is a guarantor, or one again, with `bond` of its own.
		Admitted { guarantor: T::AccountId, bond: BalanceOf<T> },
		/// A guarantor's own bond was raised by `extra` to `bond`.
		BondRaised { guarantor: T::AccountId, extra: BalanceOf<T>, bond: BalanceOf<T> },
		/// Part of a guarantor's own bond is leaving; `left` remains. It can be withdrawn from `due` on.
		Unbonding { guarantor: T::AccountId, amount: BalanceOf<T>, left: BalanceOf<T>, due: u64 },
		/// A guarantor got back what was due of its bond; `left` is still leaving.
		Withdrawn { guarantor: T::AccountId, amount: BalanceOf<T>, left: BalanceOf<T> },
		/// A guarantor left; all of its own bond is leaving and can be withdrawn from `due` on.
		Exited { guarantor: T::AccountId, bond: BalanceOf<T>, due: u64 },
		/// A guarantor that left was forgotten. It got back `surplus` of its pool's account: the minimum balance it had
		/// put in, and whatever was given or rounded.
		Reaped { guarantor: T::AccountId, surplus: BalanceOf<T> },
		/// A guarantor keeps `commission` of the rewards of delegated stake from the time `from`.
		CommissionSet { guarantor: T::AccountId, commission: Ppm, from: u64 },
		/// Stake was delegated, for so many shares.
		Delegated { guarantor: T::AccountId, delegator: T::AccountId, amount: BalanceOf<T>, shares: BalanceOf<T> },
		/// Delegated stake is leaving. What a slash leaves of `amount` can be withdrawn from `due` on.
		Undelegating {
			guarantor: T::AccountId,
			delegator: T::AccountId,
			shares: BalanceOf<T>,
			amount: BalanceOf<T>,
			due: u64,
		},
		/// A delegator got back what was due.
		Undelegated { guarantor: T::AccountId, delegator: T::AccountId, amount: BalanceOf<T> },
		/// A reward was shared: the bond's part and the commission went to the guarantor, the rest to delegated stake.
		Rewarded { guarantor: T::AccountId, own: BalanceOf<T>, commission: BalanceOf<T>, delegated: BalanceOf<T> },
		/// Of everything behind a guarantor `took` of the `needed` was taken.
		Slashed { guarantor: T::AccountId, needed: BalanceOf<T>, took: BalanceOf<T>, parts: SlashedPartsOf<T> },
		/// An account asks a guarantor to be its customer, or to be ported to it if it has another.
		Requested { customer: T::AccountId, guarantor: T::AccountId },
		/// An account took its request back.
		RequestCancelled { customer: T::AccountId, guarantor: T::AccountId },
		/// A guarantor declined a request.
		Declined { customer: T::AccountId, guarantor: T::AccountId },
		/// A guarantor accepted a customer that had none.
		Accepted { customer: T::AccountId, guarantor: T::AccountId, limits: CustomerLimits },
		/// A customer has other limits.
		LimitsSet { customer: T::AccountId, guarantor: T::AccountId, limits: CustomerLimits },
		/// A customer left its guarantor.
		Left { customer: T::AccountId, guarantor: T::AccountId },
		/// A guarantor dismissed a customer.
		Dismissed { customer: T::AccountId, guarantor: T::AccountId },
		/// There is a reason for a guarantor to be reduce-only.
		Restricted { guarantor: T::AccountId, reason: ReduceOnlyReason },
		/// A reason to be reduce-only was lifted.
		Lifted { guarantor: T::AccountId, reason: ReduceOnlyReason },
		/// A guarantor may do something else from now.
		StateChanged { guarantor: T::AccountId, from: GuarantorState, to: GuarantorState },
		/// A guarantor may not leave, and stake behind it is not paid out, until then.
		ExitLocked { guarantor: T::AccountId, until: u64 },
		/// New parameters were approved; they are in force from then.
		ParametersApproved { from: u64, parameters: ParametersOf<T> },
		/// The parameters that are in force from now.
		ParametersChanged { parameters: ParametersOf<T> },
		/// A customer is another guarantor's, `to`, who accepted it with all that it has.
		Ported { customer: T::AccountId, from: T::AccountId, to: T::AccountId, limits: CustomerLimits },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is a guarantor that has not left.
		AlreadyGuarantor,
		/// The account applied already.
		AlreadyApplied,
		/// The account did not apply.
		NoApplication,
		/// The bond is, or would be, smaller than `Parameters.min_bond`.
		BondTooSmall,
		/// The house funds are smaller than `Parameters.min_house`.
		HouseFundsTooSmall,
		/// There are as many guarantors as there can be.
		TooManyGuarantors,
		/// The account is not a guarantor.
		NotGuarantor,
		/// The guarantor is not active: it is reduce-only, in default, or left.
		NotActive,
		/// The guarantor is in default, or left.
		NotStanding,
		/// The guarantor has not left.
		NotExited,
		/// The guarantor is in default.
		InDefault,
		/// The guarantor cannot go from its state to that one.
		WrongState,
		/// The guarantor's default is not worked out: it cannot come back yet.
		DefaultOpen,
		/// The guarantor still has customers.
		HasCustomers,
		/// The guarantor's house has positions or owes money.
		HouseNotFlat,
		/// Exits are locked until a time that has not come.
		ExitLocked,
		/// Some of the guarantor's own bond was not withdrawn yet.
		StillBonded,
		/// Some delegated stake was not withdrawn yet.
		StillDelegated,
		/// The amount is zero.
		NothingToAdd,
		/// The amount is zero, or more than there is.
		NotSoMuch,
		/// So many parts are leaving already that one must be withdrawn first.
		TooManyChunks,
		/// Nothing is due yet.
		NothingDue,
		/// Stake is not paid out while its guarantor is reduce-only or in default: a loss may be open.
		StakeSuspended,
		/// The commission is not within `Parameters.min_commission` and `Parameters.max_commission`.
		CommissionOutOfBounds,
		/// A guarantor raises its bond; it does not delegate to itself.
		OwnGuarantor,
		/// Less than `Parameters.min_delegation` would be delegated.
		DelegationTooSmall,
		/// Delegated stake would be more than `Parameters.max_delegation_ratio` times the guarantor's own bond.
		DelegationRatioExceeded,
		/// So much of the pool was slashed that its shares can no longer be counted. It begins anew when they are gone.
		PoolWornOut,
		/// The account delegated nothing to that guarantor.
		NoDelegation,
		/// A guarantor has a house account; it is nobody's customer.
		GuarantorAsCustomer,
		/// The account is a customer: of the very guarantor that it asks, or of any if it applies to be one.
		AlreadyCustomer,
		/// The account has an open request; it can be cancelled.
		AlreadyRequested,
		/// There is no such request.
		NoRequest,
		/// Limits are not negative and within the exchange's bounds, and the margin multiplier is from one to five.
		InvalidLimits,
		/// The guarantor has as many customers as one can have.
		TooManyCustomers,
		/// The account is not a customer, or not the caller's.
		NotCustomer,
		/// The account still has positions or money in clearing, or owes some.
		HasPositions,
		/// The parameters contradict each other or the runtime's bounds.
		InvalidParameters,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The founding guarantors and their bonds. Each needs the balance; their house funds are not asked for.
		pub guarantors: Vec<(T::AccountId, BalanceOf<T>)>,
		/// The customers: account, guarantor, limits.
		pub customers: Vec<(T::AccountId, T::AccountId, CustomerLimits)>,
		/// The parameters in force from the start; none for the loosest that are valid.
		pub parameters: Option<ParametersOf<T>>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { guarantors: Vec::new(), customers: Vec::new(), parameters: None }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(self);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
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
		/// Holds `bond` of the caller's balance and asks governance to make it a guarantor. The minimum balance of the
		/// account for delegated stake comes from the caller too.
		///
		/// # Errors
		/// [`Error::AlreadyGuarantor`], [`Error::AlreadyApplied`], [`Error::AlreadyCustomer`], [`Error::BondTooSmall`],
		/// or the token's error if the balance does not suffice.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::apply())]
		pub fn apply(origin: OriginFor<T>, #[pallet::compact] bond: BalanceOf<T>) -> DispatchResult {
			Self::do_apply(ensure_signed(origin)?, bond)
		}

		/// Takes the caller's application back, and its bond.
		///
		/// # Errors
		/// [`Error::NoApplication`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw_application())]
		pub fn withdraw_application(origin: OriginFor<T>) -> DispatchResult {
			Self::do_withdraw_application(ensure_signed(origin)?)
		}

		/// Refuses an application and gives the bond back.
		///
		/// # Errors
		/// [`Error::NoApplication`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::refuse())]
		pub fn refuse(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_refuse(who)
		}

		/// Makes an applicant an active guarantor, or one that left so again.
		///
		/// # Errors
		/// [`Error::NoApplication`], [`Error::BondTooSmall`],
		/// [`Error::HouseFundsTooSmall`], [`Error::TooManyGuarantors`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::admit())]
		pub fn admit(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_admit(who)
		}

		/// Adds `extra` to the caller's own bond.
		///
		/// # Errors
		/// [`Error::NothingToAdd`], [`Error::NotGuarantor`], [`Error::NotStanding`], or the token's error if the
		/// balance does not suffice.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::bond_extra())]
		pub fn bond_extra(origin: OriginFor<T>, #[pallet::compact] extra: BalanceOf<T>) -> DispatchResult {
			Self::do_bond_extra(ensure_signed(origin)?, extra)
		}

		/// Lets `amount` of the caller's own bond leave. It stays held, and answers, for the unbonding time.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::NotActive`], [`Error::NotSoMuch`], [`Error::BondTooSmall`],
		/// [`Error::DelegationRatioExceeded`], [`Error::TooManyChunks`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>, #[pallet::compact] amount: BalanceOf<T>) -> DispatchResult {
			Self::do_unbond(ensure_signed(origin)?, amount)
		}

		/// Gives a guarantor back what is due of its bond. Anyone may ask for it.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::StakeSuspended`], [`Error::ExitLocked`], [`Error::NothingDue`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::withdraw_unbonded())]
		pub fn withdraw_unbonded(origin: OriginFor<T>, guarantor: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw_unbonded(guarantor)
		}

		/// The caller, a guarantor, leaves: all of its own bond begins to leave.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::InDefault`], [`Error::NotStanding`], [`Error::HasCustomers`],
		/// [`Error::HouseNotFlat`], [`Error::ExitLocked`], [`Error::TooManyChunks`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::exit())]
		pub fn exit(origin: OriginFor<T>) -> DispatchResult {
			Self::do_exit(ensure_signed(origin)?)
		}

		/// Forgets a guarantor that left, once everything is withdrawn. Anyone may.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::NotExited`], [`Error::ExitLocked`], [`Error::StillBonded`],
		/// [`Error::StillDelegated`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::reap())]
		pub fn reap(origin: OriginFor<T>, guarantor: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_reap(guarantor)
		}

		/// Sets what the caller, a guarantor, keeps of the rewards of delegated stake. Less holds at once, more after
		/// the unbonding time, so that who delegated can leave before.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::CommissionOutOfBounds`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_commission())]
		pub fn set_commission(origin: OriginFor<T>, commission: Ppm) -> DispatchResult {
			Self::do_set_commission(ensure_signed(origin)?, commission)
		}

		/// Delegates `amount` of the caller's balance to a guarantor, for shares of its pool, rounded down.
		///
		/// # Errors
		/// [`Error::OwnGuarantor`], [`Error::NotGuarantor`], [`Error::NotActive`], [`Error::DelegationTooSmall`],
		/// [`Error::DelegationRatioExceeded`], [`Error::PoolWornOut`], or the token's error if the balance does not
		/// suffice.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::delegate())]
		pub fn delegate(
			origin: OriginFor<T>,
			guarantor: T::AccountId,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_delegate(guarantor, ensure_signed(origin)?, amount)
		}

		/// Lets so many of the caller's shares leave a guarantor's pool, for their stake, rounded down. It answers for
		/// the unbonding time.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::NoDelegation`], [`Error::NotSoMuch`], [`Error::DelegationTooSmall`] if
		/// less would remain, [`Error::TooManyChunks`], [`Error::PoolWornOut`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::undelegate())]
		pub fn undelegate(
			origin: OriginFor<T>,
			guarantor: T::AccountId,
			#[pallet::compact] shares: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_undelegate(guarantor, ensure_signed(origin)?, shares)
		}

		/// Gives a delegator back what is due, and forgets shares that became worthless. If the guarantor left, what is
		/// still delegated begins to leave. Anyone may.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::NoDelegation`], [`Error::StakeSuspended`], [`Error::ExitLocked`],
		/// [`Error::NothingDue`], [`Error::TooManyChunks`], [`Error::PoolWornOut`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::withdraw_undelegated())]
		pub fn withdraw_undelegated(
			origin: OriginFor<T>,
			guarantor: T::AccountId,
			delegator: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw_undelegated(guarantor, delegator)
		}

		/// Asks a guarantor to take the caller as a customer. If the caller is another guarantor's, it asks to be
		/// ported: it stays where it is until it is accepted. That other guarantor, whatever its state, has no say.
		///
		/// # Errors
		/// [`Error::GuarantorAsCustomer`], [`Error::AlreadyCustomer`] (of this guarantor), [`Error::AlreadyRequested`],
		/// [`Error::NotGuarantor`], [`Error::NotActive`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::request())]
		pub fn request(origin: OriginFor<T>, guarantor: T::AccountId) -> DispatchResult {
			Self::do_request(ensure_signed(origin)?, guarantor)
		}

		/// Takes the caller's request back.
		///
		/// # Errors
		/// [`Error::NoRequest`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::cancel_request())]
		pub fn cancel_request(origin: OriginFor<T>) -> DispatchResult {
			Self::do_cancel_request(ensure_signed(origin)?)
		}

		/// The caller, a guarantor, takes who asked for it as a customer. Who is another guarantor's is ported: all that
		/// it has in clearing moves with it, at once or not at all.
		///
		/// # Errors
		/// [`Error::NoRequest`], [`Error::InvalidLimits`], [`Error::NotGuarantor`], [`Error::NotActive`],
		/// [`Error::BondTooSmall`], [`Error::TooManyCustomers`].
		///
		/// Of who is nobody's customer: [`Error::GuarantorAsCustomer`], [`Error::AlreadyApplied`],
		/// [`Error::HasPositions`] (it still has money in a house of its own). Of who is ported: clearing's error, if
		/// an account owes cash or a settlement run has not paid either guarantor's customers yet.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::accept().saturating_add(T::PortWeight::get()))]
		pub fn accept(
			origin: OriginFor<T>,
			customer: T::AccountId,
			limits: CustomerLimits,
		) -> DispatchResultWithPostInfo {
			Self::do_accept(ensure_signed(origin)?, customer, limits)
		}

		/// The caller declines a request for it.
		///
		/// # Errors
		/// [`Error::NoRequest`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::decline())]
		pub fn decline(origin: OriginFor<T>, customer: T::AccountId) -> DispatchResult {
			Self::do_decline(ensure_signed(origin)?, customer)
		}

		/// Sets the limits of one of the caller's customers. They bind new trades, never what is open.
		///
		/// # Errors
		/// [`Error::NotCustomer`], [`Error::InvalidLimits`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::set_limits())]
		pub fn set_limits(origin: OriginFor<T>, customer: T::AccountId, limits: CustomerLimits) -> DispatchResult {
			Self::do_set_limits(ensure_signed(origin)?, customer, limits)
		}

		/// The caller, a customer, leaves its guarantor, whatever that one's state. A request to another stays open.
		///
		/// # Errors
		/// [`Error::NotCustomer`], [`Error::HasPositions`].
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::leave())]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			Self::do_leave(ensure_signed(origin)?)
		}

		/// The caller, a guarantor, dismisses one of its customers, whose request to another stays open.
		///
		/// # Errors
		/// [`Error::NotCustomer`], [`Error::HasPositions`].
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::dismiss())]
		pub fn dismiss(origin: OriginFor<T>, customer: T::AccountId) -> DispatchResult {
			Self::do_dismiss(ensure_signed(origin)?, customer)
		}

		/// Moves a guarantor to a state: an active one to reduce-only, a reduce-only one back, either to default, and
		/// one in default back to reduce-only once that is worked out.
		///
		/// # Errors
		/// [`Error::NotGuarantor`], [`Error::WrongState`] for any other step,
		/// [`Error::DefaultOpen`] for who comes back too early, or `BadOrigin` for anyone but governance.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::set_state())]
		pub fn set_state(origin: OriginFor<T>, guarantor: T::AccountId, state: GuarantorState) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_state(guarantor, state)
		}

		/// Approves new parameters, in force after [`Config::ParameterDelay`]. Replaces an approval that is not yet in
		/// force.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParametersOf<T>) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}
}
