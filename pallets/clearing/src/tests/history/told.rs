//! Every account's cash and collateral, from events alone.

use super::*;

/// What an account has, as events tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
	cash: i128,
	collateral: BTreeMap<CollateralId, u128>,
}

impl History {
	/// Follows the events since they were last forgotten. To do so twice changes nothing: each tells what there is, not what came.
	pub(super) fn listen(&mut self) {
		for event in System::read_events_for_pallet::<Event<Test>>() {
			match event {
				Event::Opened { owner, sub, .. } => {
					self.told.entry((owner, sub.0)).or_default();
				},
				Event::CashChanged { owner, sub, cash, .. } => {
					self.told.entry((owner, sub.0)).or_default().cash = cash.0;
				},
				Event::CollateralChanged { owner, sub, collateral, held, .. } => {
					let lines = &mut self.told.entry((owner, sub.0)).or_default().collateral;
					lines.insert(collateral, held);
					lines.retain(|_, held| *held > 0);
				},
				Event::Closed { owner, sub } => {
					self.told.remove(&(owner, sub.0));
				},
				_ => {},
			}
		}
	}

	/// What is stored is what was told.
	pub(super) fn check_what_was_told(&mut self) -> Checked {
		self.listen();
		let stored: BTreeMap<_, _> = Accounts::<Test>::iter()
			.map(|(owner, sub, account)| {
				let collateral = account.collateral.iter().map(|line| (line.id, line.amount)).collect();
				((owner, sub.0), Told { cash: account.cash.0, collateral })
			})
			.collect();
		ensure(stored == self.told, || format!("accounts have {stored:?}, events told {:?}", self.told))
	}
}
