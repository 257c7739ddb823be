//! Crises in a history, and its end: prices jump, time goes by, guarantors come back.

use super::*;
use crate::tests::operations::short_times;
use gcx_primitives::ClassId;

impl History {
	/// Prices jump, marks follow, and a run settles at them.
	pub(super) fn gap(&mut self, class: ClassId, to: Move) -> Result<Outcome, String> {
		Self::move_price(class, to);
		for instrument in Listed::<Test>::get() {
			let looked = call(crate::Call::refresh_mark { instrument }, STRANGER);
			ensure(looked.is_ok(), || format!("{instrument:?} cannot be looked at: {looked:?}"))?;
		}
		self.blocks(1, 3_000)?;
		Self::settle_all()
	}

	/// Time goes by while the index repeats itself.
	pub(super) fn wait(&mut self, count: u32) -> Checked {
		for _ in 0..count {
			for class in [CLASS, OTHER_CLASS] {
				if let Some(price) = last_fix(class) {
					fix(class, price);
				}
			}
			self.blocks(1, 9 * MINUTE)?;
		}
		Ok(())
	}

	/// Governance brings back whose default is worked out, and somebody gives each house so much.
	pub(super) fn revive(&mut self, amount: Balance) -> Outcome {
		let mut done = Err("NotInDefault".to_owned());
		for guarantor in GUARANTORS {
			let stage = Defaults::<Test>::get(guarantor).map(|failure| failure.stage);
			if stage != Some(Stage::Settled) {
				continue;
			}
			for state in [GuarantorState::ReduceOnly, GuarantorState::Active] {
				let _ = decide(pallet_guarantor::Call::set_state { guarantor, state });
			}
			mint(guarantor, amount);
			(self.issued, self.money) = (self.issued + amount, self.money + amount);
			done = self.deposit((guarantor, 0), amount);
		}
		done
	}

	/// What ended is delisted, as soon as everybody that held it is rolled, and listed anew.
	pub(super) fn relist(&mut self) -> Outcome {
		let mut done = Err("NothingToDo".to_owned());
		for (id, terms) in [(NEAR, terms()), (FAR, terms()), (ELSEWHERE, elsewhere())] {
			if Instruments::<Test>::get(id).is_some_and(|instrument| instrument.ended.is_none()) {
				continue;
			}
			if with_storage_layer(|| crate::Pallet::<Test>::delist(id)).is_ok() {
				self.prices.remove(&id);
				Self::forget_delivery(id);
			}
			let price = Price(last_fix(terms.class).unwrap_or(PRICE));
			done = outcome(with_storage_layer(|| crate::Pallet::<Test>::list(id, terms, price)));
		}
		done
	}

	/// Whether the pool's money is with a guarantor whose loss waits for gains.
	fn is_lent_to_who_waits(&self) -> bool {
		pallet_insurance::Lent::<Test>::iter_keys()
			.any(|who| self.courses.get(&who).is_some_and(Course::waits_for_gains))
	}

	/// Whether a failed house is owed what a guarantor cannot pay whose loss waits for gains: it cannot give its excess back yet.
	fn is_owed_by_who_waits(&self, guarantor: AccountId) -> bool {
		let is_owed =
			Ledgers::<Test>::get(segment(guarantor, SegmentSide::House)).is_some_and(|ledger| ledger.owed.0 > 0);
		is_owed && self.courses.values().any(Course::waits_for_gains)
	}

	/// Days go by, and prices go up and down a little. Every default is worked out then, or waits for gains that nobody makes, or
	/// for what the pool lent to one that does, or for what one that does owes it, or for a house that nobody opens.
	///
	/// # Errors
	/// What should not be.
	pub fn end(&mut self) -> Checked {
		self.listen();
		System::reset_events();
		self.followed = 0;
		if BondPrice::get() == 0 {
			// What guarantors were assessed waits for a price.
			BondPrice::set(20);
		}
		let decided = decide(crate::Call::set_parameters { parameters: short_times() });
		ensure(decided.is_ok(), || format!("{decided:?}"))?;
		let prices = [CLASS, OTHER_CLASS].map(|class| last_fix(class).unwrap_or(PRICE).clamp(-3 * PRICE, 3 * PRICE));
		for round in 0..60 {
			if self.open_defaults().is_empty() && round > 0 {
				break;
			}
			for (class, price) in [CLASS, OTHER_CLASS].into_iter().zip(prices) {
				fix(class, price + 50 * (round % 2));
			}
			self.listen();
			System::reset_events();
			self.followed = 0;
			self.wait(10)?;
			self.penalties -= penalties_collected();
		}
		self.check()?;
		for (guarantor, course) in &self.courses {
			let waits_for_another = self.is_lent_to_who_waits() || self.is_owed_by_who_waits(*guarantor);
			// Where the pool has nothing, nobody gives a house without custody what it has to have.
			let has_custody = Ledgers::<Test>::contains_key(segment(*guarantor, SegmentSide::House));
			let waits = course.waits_for_gains() || (course.is_open() && (waits_for_another || !has_custody));
			ensure(waits || !course.is_open(), || {
				format!("the default of {guarantor} does not end: {:?}, {course:?}", Defaults::<Test>::get(guarantor))
			})?;
		}
		Ok(())
	}
}
