//! What happened, in words: the path that an operation took.

use super::*;

impl History {
	/// What else happened, by names.
	pub(super) fn states() -> Result<BTreeSet<String>, String> {
		let mut states = BTreeSet::new();
		for event in events() {
			let state = match &event {
				Event::Quarantined { .. } => return Err(format!("{event:?}")),
				Event::MarginCalled { guarantor, .. } => {
					let is_active = Guarantor::state(guarantor) == Some(GuarantorState::Active);
					ensure(!is_active || !MarginCalls::<Test>::contains_key(guarantor), || {
						format!("{guarantor} is called and active")
					})?;
					"MarginCalled".to_owned()
				},
				Event::SegmentSettled { due, owed, .. } => match (owed.0.signum(), due.0.signum()) {
					(0, _) => continue,
					(-1, _) => "Unable".to_owned(),
					_ => "Unpaid".to_owned(),
				},
				Event::Advanced { amount, needed, .. } if amount < needed => "AdvancedInPart".to_owned(),
				Event::MarkChanged { mark: None, .. } => "MarkLost".to_owned(),
				Event::Opened { .. }
				| Event::CustodyOpened { .. }
				| Event::MarginCallMet { .. }
				| Event::MarginCallMissed { .. }
				| Event::Advanced { .. }
				| Event::AdvanceRepaid { .. }
				| Event::Ported { .. }
				| Event::LiquidationBegun { .. }
				| Event::Liquidated { .. }
				| Event::HandedOver { .. }
				| Event::CollateralSold { .. }
				| Event::LossPassedOn { .. }
				| Event::Recovered { .. }
				| Event::ParametersChanged { .. }
				| Event::FeesCollected { .. }
				| Event::PenaltiesCollected { .. }
				| Event::RunBegun { .. }
				| Event::RunSettled { .. } => variant(&event),
				_ => continue,
			};
			states.insert(state);
		}
		let is_short = |segment: &Segment<AccountId>| {
			Ledgers::<Test>::get(segment).is_some_and(|ledger| ledger.uncovered() > Cash::ZERO)
		};
		let customers = |guarantor| segment(guarantor, SegmentSide::Customers);
		if OWNERS.into_iter().any(|guarantor| is_short(&customers(guarantor))) {
			states.insert("(uncovered)".to_owned());
		}
		Ok(states)
	}
}
