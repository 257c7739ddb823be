//! What a history begins with.

use super::*;
use crate::tests::{
	defaults::{admit_third, try_join, THIRD},
	operations::{figures, short_times, Means, Start},
};

impl History {
	/// A chain with two months and an instrument on another class, and accounts for everybody; or an empty one.
	pub fn begin(start: &Start) -> Self {
		if start.is_open {
			match &start.means {
				Some(means) => Self::open_poor(means),
				None => open_market(),
			}
			fix(OTHER_CLASS, PRICE);
			assert_ok!(crate::Pallet::<Test>::list(ELSEWHERE, elsewhere(), Price(PRICE)));
			let terms = CollateralTerms {
				asset: TOKENS,
				in_force: Some(figures()),
				pending: None,
				held: 0,
				egress: Default::default(),
			};
			Collaterals::<Test>::insert(CollateralId(0), terms);
		}
		let prices = prices();
		let lines = Accounts::<Test>::iter();
		let mut history = Self {
			lines: lines.map(|(owner, sub, held)| ((owner, sub.0), rolled((owner, sub.0), &held, &prices))).collect(),
			prices,
			run: Settled::<Test>::get().current,
			fees: 0,
			penalties: 0,
			escrow: 0,
			deliveries: BTreeMap::new(),
			hour: Hour::default(),
			issued: issuance(),
			money: money(),
			followed: 0,
			cuts: Vec::new(),
			had: BTreeMap::new(),
			sold: Sold::default(),
			booked: BTreeMap::new(),
			gained: BTreeMap::new(),
			courses: BTreeMap::new(),
			episode: Episode::default(),
			tally: Tally::default(),
			told: BTreeMap::new(),
		};
		history.listen();
		history
	}

	/// Accounts for everybody, with no more than these means.
	fn open_poor(means: &Means) {
		BondPrice::set(means.bond_price);
		govern(|parameters| *parameters = short_times());
		let customers = [11, 12, 13, OTHERS_CUSTOMER].map(|who| (who, means.customer));
		open_market_with(customers[..2].iter().copied().chain([(GUARANTOR, means.house), (OTHER, means.house)]));
		let mut guarantors = vec![GUARANTOR, OTHER];
		if means.has_third {
			admit_third(means.house);
			assert_ok!(try_join(13, THIRD));
			guarantors.push(THIRD);
		}
		for (who, amount) in &customers[2..] {
			deposit(*who, *amount);
		}
		for who in guarantors.into_iter().filter(|_| means.contribution > 0) {
			assert_ok!(Insurance::contribute(RuntimeOrigin::signed(who), means.contribution));
		}
		if means.skin > 0 {
			assert_ok!(Insurance::fund_skin(RuntimeOrigin::signed(STRANGER), means.skin));
		}
		if means.outside > 0 {
			assert_ok!(Insurance::deposit(RuntimeOrigin::signed(32), means.outside, 0));
		}
	}
}
