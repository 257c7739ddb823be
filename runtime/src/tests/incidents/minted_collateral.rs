//! Drift, 2026: who took over the administration listed a worthless asset of its own as collateral, lent against it,
//! and emptied the exchange of about 285 million dollars.
//!
//! Here the key that governs is the attacker's. It can do all that a call of the exchange does; it cannot hurry a
//! delay, and no call widens the egress fuse. (Who can replace the runtime's code can do anything. That is not what
//! this is about.)

use super::*;
use codec::Compact;
use frame_support::traits::fungible::NativeOrWithId;
use gcx_primitives::{Cash, ClassId, CollateralId, Ppm, Price, SubAccount};
use pallet_clearing::{CollateralFigures, Error as ClearingError};
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

/// The asset that the attacker makes.
const FAKE: u32 = 666;
/// Its number among the collateral.
const COLLATERAL: CollateralId = CollateralId(1);
/// A class whose price the attacker sets: it took the reporters over as well.
const PUMPED: ClassId = ClassId(99);
/// How long a decision on collateral waits.
const DELAY: u64 = 7 * DAY_MILLISECONDS;

fn figures(cap: u128) -> CollateralFigures {
	CollateralFigures { class: PUMPED, unit: 1, haircut: Ppm::ZERO, account_cap: cap, total_cap: cap }
}

fn admit(cap: u128) -> frame_support::pallet_prelude::DispatchResult {
	let asset = NativeOrWithId::WithId(FAKE);
	govern(pallet_clearing::Call::admit_collateral { collateral: COLLATERAL, asset, figures: figures(cap) })
}

fn pledge(amount: u128) -> frame_support::pallet_prelude::DispatchResult {
	send(Charlie, pallet_clearing::Call::deposit_collateral { sub: SubAccount(0), collateral: COLLATERAL, amount })
}

/// Honest guarantors and customers with 50 million dollars, and Charlie, who is the attacker and has half a million.
fn honest_money() {
	guarantor(Alice, dollars(10_000_000));
	guarantor(Bob, dollars(1_000_000));
	customer(Charlie, Bob, dollars(500_000));
	customer(Dave, Alice, dollars(35_000_000));
	customer(Eve, Bob, dollars(3_500_000));
	let_custody_age(Charlie);
	postpone_settlement();
}

/// Makes an asset, gives Charlie all there is, and a class with a price of a thousand dollars a unit.
fn mint() {
	let owner = Charlie.to_account_id();
	let create = pallet_assets::Call::force_create {
		id: Compact(FAKE),
		owner: owner.clone().into(),
		is_sufficient: true,
		min_balance: 1,
	};
	assert_ok!(govern(create));
	let mint = pallet_assets::Call::mint { id: Compact(FAKE), beneficiary: owner.into(), amount: 1 << 90 };
	assert_ok!(send(Charlie, mint));
	assert_ok!(govern(pallet_index::Call::set_class { class: PUMPED, floor: Price(1) }));
}

#[test]
fn a_new_collateral_waits_a_week_and_is_capped_then() {
	exchange(|| {
		honest_money();
		mint();
		let began = now();
		assert_ok!(admit(1_000));
		let mut tried = 0;
		while now() < began + DELAY - DAY_MILLISECONDS {
			publish(&[(PUMPED, cents(100_000))]);
			settle();
			assert_eq!(pledge(1), refused(ClearingError::UnknownCollateral));
			tried += 1;
		}
		// Deciding again begins the week anew.
		assert_ok!(admit(1 << 80));
		let again = now();
		while now() < again + DELAY {
			assert_eq!(pledge(1), refused(ClearingError::UnknownCollateral));
			publish(&[(PUMPED, cents(100_000))]);
			settle();
			tried += 1;
		}
		settle();
		assert_ok!(pledge(1_000));
		// A cap is raised with the same delay.
		assert_ok!(admit(1_000));
		publish(&[(PUMPED, cents(100_000))]);
		while now() < again + 2 * DELAY + DAY_MILLISECONDS {
			publish(&[(PUMPED, cents(100_000))]);
		}
		settle();
		assert_eq!(pledge(1), refused(ClearingError::CollateralCap));
		assert_ok!(admit(1 << 80));
		settle();
		assert_eq!(pledge(1), refused(ClearingError::CollateralCap));
		tell(
			"Drift, 2026 (collateral)",
			format!(
				"refused on each of {tried} days of waiting ({} days' delay, begun anew by each decision); then capped",
				DELAY / DAY_MILLISECONDS
			),
		);
	})
}

#[test]
fn worthless_collateral_lets_no_cash_out() {
	exchange(|| {
		honest_money();
		mint();
		assert_ok!(admit(1 << 80));
		let began = now();
		while now() < began + DELAY {
			publish(&[(PUMPED, cents(100_000)), (AI_INFER, cents(250))]);
		}
		settle();
		// A septillion units at a thousand dollars each.
		assert_ok!(pledge(1 << 80));
		let margin = view(Charlie).margin;
		assert!(margin.equity > dollars(1_000_000_000_000));
		// Collateral stands behind margin; only paid cash leaves, and it has its own half a million of that.
		let own = cash(Charlie);
		assert_eq!(withdraw(Charlie, Cash(own.0 + 1)), refused(ClearingError::InsufficientCash));
		assert_eq!(view(Charlie).withdrawable, own);
		// Nor does it lose cash to an accomplice that it has not: a fill that would, is refused.
		let contract = list(AI_INFER, 1_000, cents(250));
		let loss_in_a_fill = trade(Charlie, Dave, contract, 1_000, cents(500));
		assert_eq!(loss_in_a_fill, not_traded(pallet_market::Error::InsufficientCash));
		tell(
			"Drift, 2026 (lending)",
			format!("collateral marked at {} let out no more than its own {}", shown(margin.equity), shown(own)),
		);
	})
}

/// Everything that governance can set, set as wide as it goes: nothing of it is the fuse.
fn widen_everything() {
	let mut clearing = pallet_clearing::Parameters::<Runtime>::get();
	clearing.min_cash = Ppm::ZERO;
	clearing.margin.maintenance = Ppm::percent(50);
	clearing.max_penalty = Ppm::percent(50);
	clearing.max_fix_age = u64::MAX;
	clearing.max_settlement_age = u64::MAX;
	clearing.margin_call_period = u64::MAX;
	clearing.cover.multiple = Ppm(u32::MAX);
	assert_ok!(govern(pallet_clearing::Call::set_parameters { parameters: clearing }));
	let mut insurance = pallet_insurance::Parameters::<Runtime>::get();
	insurance.bond_haircut = Ppm::ZERO;
	insurance.max_price_age = u64::MAX;
	assert_ok!(govern(pallet_insurance::Call::set_parameters { parameters: insurance }));
	let mut guarantors = pallet_guarantor::Parameters::<Runtime>::get();
	guarantors.min_house = Cash::ZERO;
	guarantors.min_bond = GCX;
	assert_ok!(govern(pallet_guarantor::Call::set_parameters { parameters: guarantors }));
	for _ in 0..10 {
		publish(&[(AI_INFER, cents(250))]);
		settle();
	}
}

#[test]
fn no_call_widens_what_an_hour_lets_out() {
	exchange(|| {
		honest_money();
		widen_everything();
		assert_eq!(pallet_clearing::Parameters::<Runtime>::get().cover.multiple, Ppm(u32::MAX));
		// The attacker has Dave's key as well, with 70 % of all that there is.
		let_custody_age(Charlie);
		let before = pallet_clearing::TotalCustody::<Runtime>::get();
		let (mut out, mut blown) = (Cash::ZERO, 0);
		let ask = |amount: i64| withdraw(Dave, dollars(amount));
		for amount in [35_000_000, 20_000_000, 10_000_000, 5_000_000, 4_000_000, 2_000_000, 1_000_000, 500_000, 100_000]
		{
			loop {
				match ask(amount) {
					Ok(()) => out = out.checked_add(dollars(amount)).unwrap(),
					Err(error) => {
						let fuse = ClearingError::<Runtime>::EgressFuseBlown.into();
						assert_eq!(error, fuse, "{}", why(error));
						blown += 1;
						break;
					},
				}
			}
		}
		// Its own tenth, and the tenth that all share.
		let most = before.0 / 10 + 35_000_000_000_000 / 10;
		assert!(out.0 <= most && out.0 >= most - 200_000_000_000, "{out:?} of {most}");
		assert!(out.0 * 5 <= before.0);
		// The key that governs cannot help itself to custody either: no asset that the exchange holds has an owner
		// with a key.
		let custody = Clearing::custody_account(&gcx_primitives::Segment {
			guarantor: Alice.to_account_id(),
			side: gcx_primitives::SegmentSide::Customers,
		});
		let held = Assets::balance(assets::SETTLEMENT_ASSET, custody.clone());
		let thief: AccountId = Charlie.to_account_id();
		let (id, amount) = (Compact(assets::SETTLEMENT_ASSET), held / 2);
		let seize =
			pallet_assets::Call::force_transfer { id, source: custody.clone().into(), dest: thief.into(), amount };
		assert!(govern(seize.clone()).is_err());
		assert!(send(Alice, seize).is_err());
		assert_eq!(Assets::balance(assets::SETTLEMENT_ASSET, custody.clone()), held);
		// An hour later the others still have their own reserve, whatever the attacker drained of what is shared.
		assert_ok!(withdraw(Eve, dollars(350_000)));
		tell(
			"Drift, 2026 (egress)",
			format!(
				"with every parameter set as wide as it goes {} of {} left in an hour ({} %); the fuse blew {blown} times; others' \
				reserve still paid 350000.00 $",
				shown(out),
				shown(before),
				out.0 * 100 / before.0,
			),
		);
	})
}
