//! What a keeper does next, given what the runtime says is due and what it did lately. Nothing here reads the chain.

use gcx_primitives::{Cash, DefaultStage, SubAccount};
use gcx_runtime::{AccountId, BlockNumber, RuntimeCall};
use gcx_runtime_api::{DefaultView, LiquidationView};
use std::num::NonZeroU32;

/// The most transactions that a keeper submits for one block.
pub const MOST_PER_BLOCK: usize = 20;

/// Blocks for which a keeper leaves alone what it submitted, or found that nothing can be done about.
pub const MEMORY: BlockNumber = 10;

/// Something that anyone may do for the exchange. Two duties are equal if doing both would do the same thing twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Duty {
	/// Put an account up for sale, or hand over what nobody took of it.
	Liquidate {
		/// Whose account.
		owner: AccountId,
		/// Which.
		sub: SubAccount,
		/// Since when it is for sale, in milliseconds since the Unix epoch; none if it is not.
		since: Option<u64>,
	},
	/// Take the next step of a guarantor's default.
	AdvanceDefault {
		/// Whose default.
		guarantor: AccountId,
		/// The stage before the step.
		stage: DefaultStage,
		/// What layers of the waterfall took before the step: one stage can have several steps.
		taken: Cash,
	},
	/// Look at what a guarantor needs of the insurance pool.
	RefreshCover {
		/// Which guarantor.
		guarantor: AccountId,
	},
	/// Execute and pay what is mature of the pool's redemptions.
	AdvanceRedemptions,
}

impl Duty {
	/// The call that does it.
	pub fn call(&self) -> RuntimeCall {
		match self.clone() {
			Self::Liquidate { owner, sub, since: _ } => pallet_clearing::Call::liquidate { owner, sub }.into(),
			Self::AdvanceDefault { guarantor, stage: _, taken: _ } => {
				pallet_clearing::Call::advance_default { guarantor }.into()
			},
			Self::RefreshCover { guarantor } => pallet_clearing::Call::refresh_cover { guarantor }.into(),
			Self::AdvanceRedemptions => pallet_insurance::Call::advance_redemptions {}.into(),
		}
	}
}

/// What the runtime says at a block.
#[derive(Debug, Default)]
pub struct Findings {
	/// Guarantors whose default goes on if anyone takes its next step.
	pub due_defaults: Vec<AccountId>,
	/// The defaults, due or not.
	pub defaults: Vec<DefaultView<AccountId>>,
	/// Accounts that lack margin or are for sale, due or not, the most urgent first.
	pub liquidations: Vec<LiquidationView<AccountId>>,
	/// The guarantor whose turn it is to be looked at, if it is time.
	pub turn: Option<AccountId>,
}

impl Findings {
	/// What to do about them: defaults, then accounts, then the guarantor whose turn it is, then redemptions. Nothing that is
	/// in `memory`, and at most [`MOST_PER_BLOCK`].
	pub fn duties(self, memory: &Memory) -> Vec<Duty> {
		let Self { due_defaults, defaults, liquidations, turn } = self;
		let is_due = |default: &DefaultView<AccountId>| due_defaults.contains(&default.guarantor);
		let defaults = defaults.into_iter().filter(is_due).map(|default| Duty::AdvanceDefault {
			guarantor: default.guarantor,
			stage: default.stage,
			taken: default.taken,
		});
		let accounts = liquidations.into_iter().filter(|account| account.is_due).map(|account| Duty::Liquidate {
			owner: account.owner,
			sub: account.sub,
			since: account.since,
		});
		let cover = turn.map(|guarantor| Duty::RefreshCover { guarantor });
		defaults
			.chain(accounts)
			.chain(cover)
			.chain([Duty::AdvanceRedemptions])
			.filter(|duty| !memory.holds(duty))
			.take(MOST_PER_BLOCK)
			.collect()
	}
}

/// What a keeper did in the last [`MEMORY`] blocks, or saw that it could not do.
#[derive(Debug, Default)]
pub struct Memory {
	duties: Vec<(Duty, BlockNumber)>,
}

impl Memory {
	/// Forgets what is older than [`MEMORY`] blocks at block `now`.
	pub fn forget(&mut self, now: BlockNumber) {
		self.duties.retain(|(_, then)| now.saturating_sub(*then) < MEMORY);
	}

	/// Remembers what was done at block `now`.
	pub fn note(&mut self, duty: Duty, now: BlockNumber) {
		self.duties.push((duty, now));
	}

	fn holds(&self, duty: &Duty) -> bool {
		self.duties.iter().any(|(known, _)| known == duty)
	}
}

/// Whose turn it is to be looked at: one guarantor every so many blocks, in the order of their accounts.
#[derive(Debug)]
pub struct Rota {
	every: Option<NonZeroU32>,
	next: Option<BlockNumber>,
	last: Option<AccountId>,
}

impl Rota {
	/// A turn every so many blocks; never if none. The first comes that many blocks after the first that is seen, so that a node
	/// that starts over and over spends nothing.
	pub fn new(every: Option<NonZeroU32>) -> Self {
		Self { every, next: None, last: None }
	}

	/// Whether it is time for the next turn at block `now`. True once for each turn.
	pub fn is_time(&mut self, now: BlockNumber) -> bool {
		let Some(every) = self.every else { return false };
		let is_time = self.next.is_some_and(|next| now >= next);
		if is_time || self.next.is_none() {
			self.next = Some(now.saturating_add(every.get()));
		}
		is_time
	}

	/// The guarantor after the last one, or the first; none if there are none.
	pub fn take(&mut self, mut guarantors: Vec<AccountId>) -> Option<AccountId> {
		guarantors.sort();
		let after = |guarantor: &&AccountId| self.last.as_ref().is_none_or(|last| *guarantor > last);
		let turn = guarantors.iter().find(after).or(guarantors.first()).cloned();
		self.last.clone_from(&turn);
		turn
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_primitives::WaterfallLayer;

	fn account(id: u8) -> AccountId {
		AccountId::new([id; 32])
	}

	/// An account of `owner` that is due if `is_due`.
	fn view(owner: u8, since: Option<u64>, is_due: bool) -> LiquidationView<AccountId> {
		LiquidationView {
			owner: account(owner),
			sub: SubAccount(1),
			guarantor: account(200),
			equity: Cash::ZERO,
			maintenance: Cash(1),
			initial: Cash(2),
			since,
			is_due,
			lots: Vec::new(),
			collateral: None,
		}
	}

	fn default(guarantor: u8, stage: DefaultStage, taken: Cash) -> DefaultView<AccountId> {
		DefaultView { guarantor: account(guarantor), stage, loss: Cash(10), taken }
	}

	fn liquidations(duties: &[Duty]) -> Vec<&AccountId> {
		let owners = duties.iter().filter_map(|duty| match duty {
			Duty::Liquidate { owner, .. } => Some(owner),
			Duty::AdvanceDefault { .. } | Duty::RefreshCover { .. } | Duty::AdvanceRedemptions => None,
		});
		owners.collect()
	}

	#[test]
	fn keeper_submits_what_is_due_and_nothing_else() {
		let stage = DefaultStage::CloseOut;
		let findings = Findings {
			due_defaults: vec![account(9)],
			defaults: vec![default(8, stage, Cash::ZERO), default(9, stage, Cash::ZERO)],
			liquidations: vec![view(1, None, true), view(2, Some(5), false), view(3, Some(5), true)],
			turn: Some(account(7)),
		};
		assert_eq!(
			findings.duties(&Memory::default()),
			[
				Duty::AdvanceDefault { guarantor: account(9), stage, taken: Cash::ZERO },
				Duty::Liquidate { owner: account(1), sub: SubAccount(1), since: None },
				Duty::Liquidate { owner: account(3), sub: SubAccount(1), since: Some(5) },
				Duty::RefreshCover { guarantor: account(7) },
				Duty::AdvanceRedemptions,
			]
		);
	}

	#[test]
	fn keeper_leaves_a_duty_alone_until_its_memory_has_passed() {
		let found = || Findings { liquidations: vec![view(1, None, true), view(2, None, true)], ..Default::default() };
		let mut memory = Memory::default();
		memory.note(Duty::Liquidate { owner: account(1), sub: SubAccount(1), since: None }, 100);
		memory.forget(100 + MEMORY - 1);
		assert_eq!(liquidations(&found().duties(&memory)), [&account(2)]);
		memory.forget(100 + MEMORY);
		assert_eq!(liquidations(&found().duties(&memory)), [&account(1), &account(2)]);
	}

	#[test]
	fn memory_holds_when_the_best_chain_becomes_shorter() {
		let mut memory = Memory::default();
		memory.note(Duty::AdvanceRedemptions, 100);
		memory.forget(98);
		assert!(memory.holds(&Duty::AdvanceRedemptions));
	}

	#[test]
	fn account_that_was_put_up_for_sale_is_handed_over_within_memory() {
		let mut memory = Memory::default();
		memory.note(Duty::Liquidate { owner: account(1), sub: SubAccount(1), since: None }, 100);
		let findings = Findings { liquidations: vec![view(1, Some(5), true)], ..Default::default() };
		assert_eq!(liquidations(&findings.duties(&memory)), [&account(1)]);
	}

	#[test]
	fn default_is_advanced_again_within_memory_when_a_step_was_taken() {
		let stage = DefaultStage::Waterfall(WaterfallLayer::Guarantors);
		let found = |taken| Findings {
			due_defaults: vec![account(9)],
			defaults: vec![default(9, stage, taken)],
			..Default::default()
		};
		let mut memory = Memory::default();
		memory.note(Duty::AdvanceRedemptions, 100);
		memory.note(Duty::AdvanceDefault { guarantor: account(9), stage, taken: Cash::ZERO }, 100);
		assert!(found(Cash::ZERO).duties(&memory).is_empty());
		assert_eq!(
			found(Cash(3)).duties(&memory),
			[Duty::AdvanceDefault { guarantor: account(9), stage, taken: Cash(3) }]
		);
	}

	#[test]
	fn keeper_submits_no_more_than_its_bound_for_a_block() {
		let found = || Findings {
			due_defaults: vec![account(250)],
			defaults: vec![default(250, DefaultStage::CloseOut, Cash::ZERO)],
			liquidations: (0..100).map(|owner| view(owner, None, true)).collect(),
			turn: Some(account(251)),
		};
		let mut memory = Memory::default();
		let first = found().duties(&memory);
		assert_eq!(first.len(), MOST_PER_BLOCK);
		assert!(matches!(first.first(), Some(Duty::AdvanceDefault { .. })), "defaults come first");
		for duty in first {
			memory.note(duty, 1);
		}
		// What did not fit follows with the next block, where the first left off.
		assert_eq!(liquidations(&found().duties(&memory)).first(), Some(&&account(19)));
	}

	#[test]
	fn guarantors_take_turns_in_the_order_of_their_accounts() {
		let mut rota = Rota::new(NonZeroU32::new(100));
		let all = || vec![account(3), account(1), account(2)];
		let turns: Vec<_> = (0..4).filter_map(|_| rota.take(all())).collect();
		assert_eq!(turns, [account(1), account(2), account(3), account(1)]);
		// Who left is skipped, and who came takes its place in the order.
		assert_eq!(rota.take(vec![account(3), account(4)]), Some(account(3)));
		assert_eq!(rota.take(vec![account(3), account(4)]), Some(account(4)));
		assert_eq!(rota.take(Vec::new()), None);
	}

	#[test]
	fn turn_comes_every_so_many_blocks_also_when_blocks_are_skipped() {
		let mut rota = Rota::new(NonZeroU32::new(100));
		let turns: Vec<_> = [7, 106, 107, 108, 206, 210, 211, 310].map(|now| rota.is_time(now)).into();
		assert_eq!(turns, [false, false, true, false, false, true, false, true]);
		let mut never = Rota::new(None);
		assert!((0..1_000).all(|now| !never.is_time(now)));
	}

	#[test]
	fn duty_becomes_the_call_that_does_it() {
		let guarantor = account(9);
		assert_eq!(
			Duty::Liquidate { owner: account(1), sub: SubAccount(2), since: Some(5) }.call(),
			pallet_clearing::Call::liquidate { owner: account(1), sub: SubAccount(2) }.into()
		);
		assert_eq!(
			Duty::AdvanceDefault { guarantor: guarantor.clone(), stage: DefaultStage::CloseOut, taken: Cash::ZERO }
				.call(),
			pallet_clearing::Call::advance_default { guarantor: guarantor.clone() }.into()
		);
		assert_eq!(
			Duty::RefreshCover { guarantor: guarantor.clone() }.call(),
			pallet_clearing::Call::refresh_cover { guarantor }.into()
		);
		assert_eq!(Duty::AdvanceRedemptions.call(), pallet_insurance::Call::advance_redemptions {}.into());
	}
}
