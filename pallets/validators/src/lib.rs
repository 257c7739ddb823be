#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod candidacy;
#[cfg(test)]
mod mock;
mod selection;
mod slashing;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use selection::IdentifyBonded;
pub use types::{Bond, BondStatus, SelectionParameters, SlashRecord};
pub use weights::WeightInfo;

/// Sessions between the approval of new parameters and the first session they bind, so that nobody is surprised by
/// a set that was already planned.
pub const PARAMETER_DELAY: sp_staking::SessionIndex = 2;

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{BalanceOf, BondOf, CreditOf, ParametersOf},
		SlashRecord, WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Inspect},
			OnUnbalanced,
		},
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::Perbill;
	use sp_staking::SessionIndex;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// What the runtime provides. Validators are accounts (`ValidatorId = AccountId`) without further
	/// identification: a report's identity hashes it, so it must never change.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
		+ pallet_session::historical::Config<FullIdentification = ()>
	{
		/// The token that is bonded.
		type NativeBalance: Inspect<Self::AccountId>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The runtime's reasons for holds, [`HoldReason`] among them.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who may change the [`SelectionParameters`](crate::SelectionParameters).
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Takes the slashed money. Dropping it burns it.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// The most candidates at a time. The lowest bond makes room when a higher one arrives.
		#[pallet::constant]
		type MaxCandidates: Get<u32>;

		/// The most validators that the consensus engines can seat: an upper bound of the governed seats.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// Sessions for which a bond stays held, and slashable, after its owner's last possible session.
		#[pallet::constant]
		type UnbondingSessions: Get<SessionIndex>;

		/// Sessions during which an equivocator may not become a candidate again.
		#[pallet::constant]
		type JailSessions: Get<SessionIndex>;

		/// Sessions for which a transaction with an equivocation report stays valid. At most the unbonding time.
		#[pallet::constant]
		type ReportLongevitySessions: Get<SessionIndex>;

		/// Past authority sets that GRANDPA can attribute to a session. At least the unbonding time, or a late report
		/// could not be checked while the bond is still there.
		#[pallet::constant]
		type MaxSetIdSessionEntries: Get<u64>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of a validator or candidate.
		#[codec(index = 0)]
		ValidatorBond,
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What governs selection and slashing now.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParametersOf<T>, ValueQuery>;

	/// Approved parameters and the session from whose start they are in force.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, (SessionIndex, ParametersOf<T>), OptionQuery>;

	/// Every bond, whoever holds it and whatever it is doing.
	#[pallet::storage]
	pub type Bonds<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, BondOf<T>, OptionQuery>;

	/// The candidates with their bonds, the highest first; equal bonds in order of arrival.
	#[pallet::storage]
	pub type Candidates<T: Config> =
		StorageValue<_, BoundedVec<(T::AccountId, BalanceOf<T>), T::MaxCandidates>, ValueQuery>;

	/// What each offender of a session has been slashed for that session, for as long as it can still be reported.
	#[pallet::storage]
	pub type Slashes<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		SessionIndex,
		Twox64Concat,
		T::AccountId,
		SlashRecord<BalanceOf<T>>,
		OptionQuery,
	>;

	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account bonded and is a candidate now.
		Bonded { who: T::AccountId, bond: BalanceOf<T> },
		/// A bond was raised by `extra` to `bond`.
		BondRaised { who: T::AccountId, extra: BalanceOf<T>, bond: BalanceOf<T> },
		/// A candidate withdrew from the selection; its bond stays.
		Chilled { who: T::AccountId },
		/// A chilled or leaving account is a candidate again.
		Validating { who: T::AccountId, bond: BalanceOf<T> },
		/// The list of candidates was full: the lowest bond made room for a higher one, and its owner is chilled.
		Outbid { who: T::AccountId, bond: BalanceOf<T>, by: T::AccountId },
		/// An account began to leave. It can withdraw in any session after `until`.
		Unbonding { who: T::AccountId, bond: BalanceOf<T>, until: SessionIndex },
		/// A bond was given back in full.
		Withdrawn { who: T::AccountId, bond: BalanceOf<T> },
		/// An equivocator may not be a candidate before session `until`.
		Jailed { who: T::AccountId, until: SessionIndex },
		/// A validator equivocated in `session`: `fraction` of its bond then is lost for it in total, `amount` of it now;
		/// `left` is what remains bonded.
		Slashed {
			who: T::AccountId,
			session: SessionIndex,
			fraction: Perbill,
			amount: BalanceOf<T>,
			left: BalanceOf<T>,
		},
		/// An equivocation was proven of an account that has no bond here. Nothing could be slashed.
		OffenderWithoutBond { who: T::AccountId, session: SessionIndex },
		/// Fewer candidates than the floor are eligible for `session`; seated validators filled up to `seated`.
		BelowFloor { session: SessionIndex, eligible: u32, floor: u32, seated: u32 },
		/// New parameters were approved; they are in force from the start of session `from`.
		ParametersApproved { from: SessionIndex, parameters: ParametersOf<T> },
		/// The parameters that are in force from now.
		ParametersChanged { parameters: ParametersOf<T> },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The bond is smaller than `Parameters.min_bond`.
		BondTooSmall,
		/// The account has a bond already; `bond_extra` adds to it.
		AlreadyBonded,
		/// The account has no bond.
		NotBonded,
		/// The account is not a candidate: it is chilled or leaving.
		NotCandidate,
		/// The account is a candidate already.
		AlreadyCandidate,
		/// The account is leaving already.
		AlreadyUnbonding,
		/// The account is not leaving; `unbond` comes first.
		NotUnbonding,
		/// The unbonding time is not over; the bond can still be slashed.
		StillUnbonding,
		/// The account equivocated and may not be a candidate before its jail is over.
		Jailed,
		/// The account counts towards the floor: without it fewer than `Parameters.floor` candidates would be
		/// eligible.
		TooFewValidators,
		/// The list of candidates is full of bonds that are at least as high.
		OutbidByAll,
		/// The amount to add is zero.
		NothingToAdd,
		/// The parameters contradict each other: they need 1 ≤ floor ≤ seats ≤ `MaxValidators`, and a minimum bond of
		/// at least the existential deposit.
		InvalidParameters,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Who is bonded from the start, and how much. Each needs the balance for it, and session keys to sit.
		pub bonds: Vec<(T::AccountId, BalanceOf<T>)>,
		/// The parameters in force from the start.
		pub parameters: ParametersOf<T>,
	}

	/// Nobody bonded, and the loosest parameters that are valid.
	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			let min_bond = T::NativeBalance::minimum_balance();
			Self { bonds: Vec::new(), parameters: ParametersOf::<T> { min_bond, ..Default::default() } }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.parameters.is_valid::<T>(), "genesis: the validators' parameters contradict each other");
			Parameters::<T>::put(self.parameters.clone());
			for (who, amount) in &self.bonds {
				if let Err(error) = Pallet::<T>::do_bond(who.clone(), *amount) {
					panic!("genesis: {who:?} cannot bond {amount:?}: {error:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let unbonding = T::UnbondingSessions::get();
			assert!(T::ReportLongevitySessions::get() <= unbonding, "a report could arrive after the bond is gone");
			assert!(
				T::MaxSetIdSessionEntries::get() >= u64::from(unbonding),
				"GRANDPA forgets authority sets whose members can still be slashed"
			);
			assert!(
				T::JailSessions::get() >= PARAMETER_DELAY,
				"an equivocator could be a candidate again before its last planned session is over"
			);
			assert!(
				T::MaxValidators::get() <= T::MaxCandidates::get(),
				"there are more seats than candidates to fill them"
			);
			assert!(T::MaxValidators::get() > 0, "a chain needs a validator");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	use crate::PARAMETER_DELAY;

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Holds `value` of the caller's balance and makes it a candidate.
		///
		/// Without session keys a candidate is never seated: `Session::set_keys` comes before or after.
		///
		/// # Errors
		/// [`Error::AlreadyBonded`], [`Error::BondTooSmall`], [`Error::OutbidByAll`], or the token's error if the
		/// balance does not suffice.
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::bond())]
		pub fn bond(origin: OriginFor<T>, #[pallet::compact] value: BalanceOf<T>) -> DispatchResult {
			Self::do_bond(ensure_signed(origin)?, value)
		}

		/// Adds `extra` to the caller's bond.
		///
		/// # Errors
		/// [`Error::NotBonded`], [`Error::AlreadyUnbonding`], [`Error::NothingToAdd`], or the token's error if the
		/// balance does not suffice.
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::bond_extra())]
		pub fn bond_extra(origin: OriginFor<T>, #[pallet::compact] extra: BalanceOf<T>) -> DispatchResult {
			Self::do_bond_extra(ensure_signed(origin)?, extra)
		}

		/// Takes the caller out of the selection; its bond stays held. It goes on to sit for as long as it is planned.
		///
		/// # Errors
		/// [`Error::NotBonded`], [`Error::NotCandidate`], [`Error::TooFewValidators`].
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::chill())]
		pub fn chill(origin: OriginFor<T>) -> DispatchResult {
			Self::do_chill(ensure_signed(origin)?)
		}

		/// Makes a chilled or leaving caller a candidate again.
		///
		/// # Errors
		/// [`Error::NotBonded`], [`Error::AlreadyCandidate`], [`Error::Jailed`], [`Error::BondTooSmall`] (after a slash
		/// or a raise of the minimum), [`Error::OutbidByAll`].
		#[pallet::call_index(3)]
		#[pallet::weight(<T as Config>::WeightInfo::validate())]
		pub fn validate(origin: OriginFor<T>) -> DispatchResult {
			Self::do_validate(ensure_signed(origin)?)
		}

		/// Begins to leave. The bond stays held, and slashable, for [`Config::UnbondingSessions`] after the last session
		/// in which the caller can sit.
		///
		/// # Errors
		/// [`Error::NotBonded`], [`Error::AlreadyUnbonding`], [`Error::TooFewValidators`].
		#[pallet::call_index(4)]
		#[pallet::weight(<T as Config>::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>) -> DispatchResult {
			Self::do_unbond(ensure_signed(origin)?)
		}

		/// Gives the whole remaining bond back to the caller once the unbonding time is over.
		///
		/// # Errors
		/// [`Error::NotBonded`], [`Error::NotUnbonding`], [`Error::StillUnbonding`].
		#[pallet::call_index(5)]
		#[pallet::weight(<T as Config>::WeightInfo::withdraw_unbonded())]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResult {
			Self::do_withdraw_unbonded(ensure_signed(origin)?)
		}

		/// Approves new parameters, in force [`PARAMETER_DELAY`] sessions from now. Replaces an approval that is not
		/// yet in force. Candidates with bonds under a raised minimum stay bonded but are no longer eligible.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(6)]
		#[pallet::weight(<T as Config>::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParametersOf<T>) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}
}
