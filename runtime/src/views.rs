//! What clients see that several pallets know a part of, or that is put together for them.

use crate::{AccountId, Balance, Clearing, Insurance, Runtime, RuntimeHoldReason, Token};
use alloc::collections::BTreeSet;
use gcx_math::fees::FeeTier;
use gcx_primitives::{Cash, InsurancePool, PoolRisk};
use gcx_runtime_api::{
	Amount, BurnedView, EraView, FeesView, PoolGuarantorView, PoolView, RewardsView, SeatsView, TierView, TokenView,
};
use pallet_token::{AccountFees, Burned, RewardRole, Supply};

/// The insurance pool, and how far each guarantor relies on it.
pub fn pool() -> PoolView<AccountId> {
	let layers = Insurance::layers();
	let contributors = pallet_insurance::Contributions::<Runtime>::iter_keys();
	let known: BTreeSet<_> = contributors.chain(pallet_clearing::Stresses::<Runtime>::iter_keys()).collect();
	let guarantors = known.into_iter().map(|guarantor| {
		let (stress, need) = Clearing::stress_view(&guarantor);
		PoolGuarantorView {
			contribution: Insurance::contribution(&guarantor),
			// A figure beyond all bounds is required by nobody.
			required: Insurance::required_contribution(&guarantor).unwrap_or(Cash(i128::MAX)),
			stress,
			need: need.amount,
			pool_use: need.level,
			lent: Insurance::lent(&guarantor),
			guarantor,
		}
	});
	PoolView {
		size: Insurance::size(),
		skin: layers.skin,
		contributions: layers.guarantors,
		outside: layers.outside,
		lent: pallet_insurance::Books::<Runtime>::get().lent,
		requirement: Clearing::requirement(),
		is_calm: Clearing::is_calm(),
		guarantors: guarantors.collect(),
		defaults: Clearing::default_views(),
	}
}

/// The token as a whole. It goes through all that is held and delegated: for callers off the chain.
pub fn token() -> TokenView {
	let supply = Token::supply();
	let Supply { genesis, issued, burned, burned_in_all, issuance, cap_left, price, era, era_ends, fees, best } =
		supply;
	let (held, staked) = held_and_staked();
	let Burned { trading, bought_back, chain, performance, seats, unclaimed, dust } = burned;
	TokenView {
		genesis: Amount(genesis),
		issued: Amount(issued),
		burned: BurnedView {
			trading: Amount(trading),
			bought_back: Amount(bought_back),
			chain: Amount(chain),
			performance: Amount(performance),
			seats: Amount(seats),
			unclaimed: Amount(unclaimed),
			dust: Amount(dust),
			other: Amount(burned_in_all.saturating_sub(burned.total())),
		},
		issuance: Amount(issuance),
		held: Amount(held),
		staked: Amount(staked),
		cap_left: Amount(cap_left),
		price,
		era: EraView { era, ends: era_ends, fees, best, growth: Cash(fees.0.saturating_sub(best.0).max(0)) },
	}
}

/// All that is on hold, and what of that, or of what is delegated, answers for its owner.
fn held_and_staked() -> (Balance, Balance) {
	let (mut held, mut staked) = (0 as Balance, 0 as Balance);
	for hold in pallet_balances::Holds::<Runtime>::iter_values().flatten() {
		held = held.saturating_add(hold.amount);
		if is_stake(&hold.id) {
			staked = staked.saturating_add(hold.amount);
		}
	}
	// Delegated stake is on keyless accounts.
	let delegated = pallet_guarantor::Guarantors::<Runtime>::iter_values()
		.fold(0 as Balance, |sum, record| sum.saturating_add(record.delegated.stake));
	(held, staked.saturating_add(delegated))
}

/// Whether what is held for this can be slashed.
const fn is_stake(reason: &RuntimeHoldReason) -> bool {
	use RuntimeHoldReason::{Attestation, Compute, Guarantor, Index, Market, Validators};
	matches!(
		reason,
		Validators(_)
			| Index(_)
			| Guarantor(_)
			| Compute(_)
			| Attestation(pallet_attestation::HoldReason::AttestorBond)
			| Market(pallet_market::HoldReason::VenueBond)
	)
}

/// What trading costs an account.
pub fn fees(who: &AccountId) -> FeesView {
	let tier_view = |FeeTier { from, maker, taker }| TierView { from, maker, taker };
	let AccountFees { tier, rates, next, volume, has_seat, pays_in_tokens } = Token::account_fees(who);
	FeesView {
		volume,
		tier,
		rates: tier_view(rates),
		next: next.map(tier_view),
		has_seat,
		pays_in_tokens,
		discount: pallet_token::Parameters::<Runtime>::get().discount,
	}
}

/// What an account can claim.
pub fn rewards(who: &AccountId) -> RewardsView {
	let of = |role| Amount(Token::claimable(role, who));
	let rebate = pallet_token::Rebates::<Runtime>::get(who).unwrap_or_default();
	RewardsView {
		validator: of(RewardRole::Validator),
		attestor: of(RewardRole::Attestor),
		operator: of(RewardRole::Operator),
		trader: of(RewardRole::Trader),
		rebate: Amount(rebate.tokens),
		cash_rebate: rebate.cash,
	}
}

/// Seats on the exchange.
pub fn seats() -> SeatsView {
	SeatsView {
		count: pallet_token::Parameters::<Runtime>::get().seats.count,
		taken: pallet_token::Seats::<Runtime>::count(),
		price: Token::seat_price().map(Amount),
	}
}
