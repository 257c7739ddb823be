//! A second pool, written from the rules alone, in plain integers and lists: what the pallet's books must be after
//! every step.
//!
//! Where an amount is divided among several, the rules fix the sum and each part to within the roundings; the model
//! takes the parts from the events, and checks both.

use super::*;
use std::collections::BTreeMap;

/// A bucket of redemptions.
#[derive(Clone, Debug, Default)]
pub struct ModelBucket {
	due: u64,
	shares: u128,
	left: u128,
	paid: i128,
	/// Shares and what was collected, by account.
	members: BTreeMap<AccountId, (u128, i128)>,
	rest: i128,
}

/// A sale: what it is to repay by guarantor, skin in the game, outsiders; or what it fetched.
#[derive(Clone, Debug, Default)]
pub struct ModelSale {
	amount: u128,
	guarantors: BTreeMap<AccountId, i128>,
	skin: i128,
	outside: i128,
	/// A fifth of what is left burns once all is repaid.
	burns: bool,
	/// For whom it was assessed, and what it fetched.
	assessed: Option<(AccountId, i128)>,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
	pub skin: i128,
	pub contributions: BTreeMap<AccountId, i128>,
	pub undivided: i128,
	pub value: i128,
	pub shares: u128,
	pub holders: BTreeMap<AccountId, u128>,
	/// By the number of the request that opened it.
	pub buckets: BTreeMap<u64, ModelBucket>,
	requests: u64,
	pub lent: BTreeMap<AccountId, i128>,
	pub owed: BTreeMap<AccountId, i128>,
	/// What is on the account and not recorded.
	pub surplus: i128,
	/// What the pool's account has beyond its minimum balance.
	pub money: i128,
	pub sales: BTreeMap<u32, ModelSale>,
	until: u64,
	base: BTreeMap<AccountId, i128>,
}

fn floor(amount: i128, part: i128, whole: i128) -> i128 {
	amount * part / whole
}

fn ceil(amount: i128, part: i128, whole: i128) -> i128 {
	(amount * part + whole - 1) / whole
}

fn int(amount: u128) -> i128 {
	i128::try_from(amount).expect("the tests' amounts are small")
}

impl Model {
	pub fn contributed(&self) -> i128 {
		self.contributions.values().sum()
	}

	fn lent_sum(&self) -> i128 {
		self.lent.values().sum()
	}

	pub fn owed_outside(&self) -> i128 {
		self.sales.values().map(|sale| sale.outside).sum()
	}

	pub fn proceeds(&self) -> i128 {
		self.sales.values().filter_map(|sale| sale.assessed).map(|(_, fetched)| fetched).sum()
	}

	pub fn set_aside(&self) -> i128 {
		let buckets = self.buckets.values();
		let uncollected = buckets.map(|one| one.rest).sum::<i128>();
		uncollected + self.owed.values().sum::<i128>()
	}

	fn layers(&self) -> i128 {
		self.skin + self.contributed() + self.undivided + self.value
	}

	/// What nobody has a claim on and nobody has borrowed.
	pub fn liquid(&self) -> i128 {
		self.layers() - self.lent_sum()
	}

	/// Income comes, one way or another.
	pub fn earn(&mut self, amount: i128) {
		self.surplus += amount;
		self.money += amount;
	}

	pub fn recognise(&mut self) {
		let income = std::mem::take(&mut self.surplus);
		let target = ceil(Requirement::get().max(0), 1, 4);
		let skin = income.min((target - self.skin).max(0));
		let guarantors = self.contributed() + self.undivided;
		let at_risk = guarantors + self.value;
		let rest = income - skin;
		let outside = if at_risk == 0 { 0 } else { floor(rest, self.value, at_risk) };
		self.value += outside;
		if at_risk == 0 {
			self.skin += income;
		} else {
			self.skin += skin;
			self.undivided += rest - outside;
		}
	}

	pub fn divide(&mut self) {
		self.recognise();
		let (all, pot) = (self.contributed(), std::mem::take(&mut self.undivided));
		let mut rest = pot;
		for amount in self.contributions.values_mut().filter(|_| pot > 0) {
			let part = floor(pot, *amount, all);
			*amount += part;
			rest -= part;
		}
		self.skin += rest;
	}

	pub fn contribute(&mut self, who: AccountId, amount: i128) {
		self.divide();
		*self.contributions.entry(who).or_default() += amount;
		self.money += amount;
	}

	pub fn withdraw(&mut self, who: AccountId, amount: i128) {
		self.divide();
		*self.contributions.get_mut(&who).expect("it contributed") -= amount;
		self.money -= amount;
	}

	/// Nothing of a contribution is left, and it is forgotten.
	pub fn forget_contributors(&mut self) {
		self.contributions.retain(|who, _| Contributions::<Test>::contains_key(who));
	}

	pub fn deposit(&mut self, who: AccountId, amount: i128) {
		self.recognise();
		let shares = match self.shares {
			0 => u128::try_from(amount).unwrap() * 1_000_000,
			all => u128::try_from(amount).unwrap() * all / u128::try_from(self.value).unwrap(),
		};
		self.shares += shares;
		self.value += amount;
		self.money += amount;
		*self.holders.entry(who).or_default() += shares;
	}

	pub fn redeem(&mut self, who: AccountId, shares: u128) {
		*self.holders.get_mut(&who).expect("it holds") -= shares;
		let due = (now() + COOLING_OFF).div_ceil(DAY) * DAY;
		let number = self.requests;
		self.requests += 1;
		// A bucket that matures later and has nothing left is one of a series that is over.
		let open = self.buckets.iter().find(|(_, one)| one.due == due && one.left > 0).map(|(number, _)| *number);
		let bucket = self.buckets.entry(open.unwrap_or(number)).or_default();
		bucket.due = due;
		bucket.shares += shares;
		bucket.left += shares;
		bucket.members.entry(who).or_default().0 += shares;
	}

	/// Executes what is mature.
	pub fn execute(&mut self) {
		let mature: Vec<u64> = self
			.buckets
			.iter()
			.filter(|(_, one)| one.due <= now() && one.left > 0)
			.map(|(number, _)| *number)
			.collect();
		if mature.is_empty() || !Calm::get() || self.lent_sum() > 0 || self.owed_outside() > 0 {
			return;
		}
		self.recognise();
		let spare = (self.layers() - Requirement::get().max(0)).max(0);
		let asked: u128 = mature.iter().map(|number| self.buckets[number].left).sum();
		let asked = int(asked) * self.value / int(self.shares);
		for number in mature {
			let bucket = self.buckets.get_mut(&number).expect("it is mature");
			let leaving =
				if asked <= spare { bucket.left } else { bucket.left * spare.unsigned_abs() / asked.unsigned_abs() };
			let amount = int(leaving) * self.value / int(self.shares);
			self.shares -= leaving;
			self.value -= amount;
			bucket.left -= leaving;
			bucket.paid += amount;
			bucket.rest += amount;
		}
	}

	/// Pays an account all that it can collect, and says how much that is.
	pub fn collect(&mut self, who: AccountId) -> i128 {
		let mut amount = self.owed.remove(&who).unwrap_or(0);
		for bucket in self.buckets.values_mut() {
			let Some((shares, collected)) = bucket.members.get_mut(&who) else { continue };
			let claim = floor(bucket.paid, int(*shares), int(bucket.shares)) - *collected;
			*collected += claim;
			bucket.rest -= claim;
			amount += claim;
			if bucket.left == 0 {
				bucket.members.remove(&who);
			}
		}
		let closed = self.buckets.values().filter(|one| one.members.is_empty()).map(|one| one.rest);
		self.surplus += closed.sum::<i128>();
		self.buckets.retain(|_, bucket| !bucket.members.is_empty());
		self.money -= amount;
		amount
	}

	pub fn lend(&mut self, who: AccountId, needed: i128) -> i128 {
		let amount = needed.min(self.liquid()).max(0);
		*self.lent.entry(who).or_default() += amount;
		self.money -= amount;
		amount
	}

	pub fn take_back(&mut self, who: AccountId, amount: i128) {
		*self.lent.entry(who).or_default() -= amount;
		self.money += amount;
	}

	/// A draw locks, and begins a window if the last is over.
	pub fn note_draw(&mut self) {
		if self.until <= now() {
			self.base = self.contributions.clone();
		}
		self.until = now() + EXIT_LOCK;
	}

	fn survivors(&self, failed: AccountId) -> BTreeMap<AccountId, i128> {
		let bears = |who: &AccountId| *who != failed && Guarantor::state(who) != Some(GuarantorState::Defaulted);
		self.contributions.iter().filter(|(who, _)| bears(who)).map(|(who, has)| (*who, *has)).collect()
	}

	/// What a layer gives to a loss; `parts` are what the guarantors gave of it, by the events.
	pub fn draw(
		&mut self,
		layer: PoolLayer,
		failed: AccountId,
		needed: i128,
		lent: i128,
		parts: &mut impl Iterator<Item = (AccountId, i128)>,
	) -> (i128, i128, BTreeMap<AccountId, i128>) {
		self.divide();
		let had = match layer {
			PoolLayer::Own => self.contributions.get(&failed).copied().unwrap_or(0),
			PoolLayer::Skin => self.skin,
			PoolLayer::Guarantors => self.survivors(failed).values().sum(),
			PoolLayer::Outside => self.value,
		};
		let forgivable = lent.min(self.lent.get(&failed).copied().unwrap_or(0)).max(0);
		let took = needed.min(had).min(forgivable + self.liquid()).max(0);
		let mut gave = BTreeMap::new();
		if took == 0 {
			return (had, took, gave);
		}
		self.note_draw();
		match layer {
			PoolLayer::Own => {
				assert_eq!(parts.next(), Some((failed, took)));
				*self.contributions.get_mut(&failed).expect("it has some") -= took;
			},
			PoolLayer::Skin => self.skin -= took,
			PoolLayer::Guarantors => {
				while gave.values().sum::<i128>() < took {
					let (who, part) = parts.next().expect("all of it is taken from somebody");
					gave.insert(who, part);
				}
				self.check_level(failed, took, &gave);
				for (who, part) in &gave {
					*self.contributions.get_mut(who).expect("it has some") -= part;
				}
			},
			PoolLayer::Outside => self.value -= took,
		}
		let forgiven = took.min(forgivable);
		*self.lent.entry(failed).or_default() -= forgiven;
		self.money -= took - forgiven;
		(had, took, gave)
	}

	/// Each survivor gives what it has, or the level times its risk: found by letting the level rise from one that is
	/// exhausted to the next.
	fn check_level(&self, failed: AccountId, took: i128, gave: &BTreeMap<AccountId, i128>) {
		assert_eq!(gave.values().sum::<i128>(), took);
		let survivors = self.survivors(failed);
		let slack = int(survivors.len() as u128) + 1;
		let risk = |who: &AccountId| Risks::get().get(who).copied().unwrap_or(0);
		let mut by_ratio: Vec<_> = survivors.iter().filter(|(who, has)| risk(who) > 0 && **has > 0).collect();
		by_ratio.sort_by(|a, b| (a.1 * risk(b.0)).cmp(&(b.1 * risk(a.0))));
		let (mut due, mut weights) = (took, by_ratio.iter().map(|(who, _)| risk(who)).sum::<i128>());
		for (who, has) in by_ratio {
			let exact = (*has).min(floor(due, risk(who), weights));
			due -= exact;
			weights -= risk(who);
			let part = gave.get(who).copied().unwrap_or(0);
			assert!((part - exact).abs() <= slack, "{who} gave {part} for {exact}");
		}
		let lightest: i128 = gave.iter().filter(|(who, _)| risk(who) == 0).map(|(_, part)| part).sum();
		assert!((lightest - due).abs() <= slack, "those without risk gave {lightest} for {due}");
	}

	/// Outsiders who have nothing, and are to get nothing, are gone.
	pub fn end_series(&mut self) {
		if self.value == 0 && self.shares > 0 && self.owed_outside() == 0 {
			self.shares = 0;
			self.holders.clear();
			for bucket in self.buckets.values_mut() {
				bucket.left = 0;
			}
		}
	}

	/// A bond is for sale, on which all that was `needed` was advanced, or less.
	pub fn open_sale(
		&mut self,
		id: u32,
		amount: u128,
		(skin, of, outside): (i128, BTreeMap<AccountId, i128>, i128),
		needed: i128,
	) {
		let burns = skin + of.values().sum::<i128>() + outside == needed && needed > 0;
		let sale = ModelSale { amount, guarantors: of, skin, outside, burns, assessed: None };
		self.sales.insert(id, sale);
	}

	pub fn open_assessment(&mut self, id: u32, failed: AccountId, amount: u128) {
		let sale = self.sales.entry(id).or_default();
		sale.amount += amount;
		sale.assessed = Some((failed, sale.assessed.map_or(0, |(_, fetched)| fetched)));
	}

	/// Somebody buys; `parts` are what guarantors were repaid, by the events, and whether they are owed it.
	pub fn buy(&mut self, id: u32, amount: u128, cost: i128, parts: Vec<(AccountId, i128, bool)>) {
		self.money += cost;
		let mut sale = self.sales.remove(&id).expect("there is such a sale");
		sale.amount -= amount;
		if let Some((_, fetched)) = &mut sale.assessed {
			*fetched += cost;
		} else {
			let outside = cost.min(sale.outside);
			sale.outside -= outside;
			self.value += outside;
			let dues: i128 = sale.guarantors.values().sum();
			let guarantors = (cost - outside).min(dues);
			assert_eq!(parts.iter().map(|(_, part, _)| part).sum::<i128>(), guarantors);
			for (who, part, is_owed) in parts {
				let due = sale.guarantors.get_mut(&who).expect("it is due");
				assert!((part - floor(guarantors, *due, dues)).abs() <= 5 && part <= *due);
				*due -= part;
				match self.contributions.get_mut(&who) {
					Some(amount) => *amount += part,
					None => *self.owed.entry(who).or_default() += part,
				}
				assert_eq!(is_owed, !self.contributions.contains_key(&who));
			}
			let skin = (cost - outside - guarantors).min(sale.skin);
			sale.skin -= skin;
			self.skin += skin;
			self.surplus += cost - outside - guarantors - skin;
			let is_repaid = sale.outside == 0 && sale.skin == 0 && sale.guarantors.values().all(|due| *due == 0);
			if sale.burns && is_repaid {
				sale.burns = false;
				sale.amount -= sale.amount / 5;
			}
		}
		if sale.amount > 0 || sale.assessed.is_some() {
			self.sales.insert(id, sale);
		}
	}

	/// What each guarantor can be assessed.
	pub fn caps(&self, failed: AccountId) -> BTreeMap<AccountId, i128> {
		let base = if self.until <= now() { &self.contributions } else { &self.base };
		let cap = |who: &AccountId, base: i128| {
			let states = [GuarantorState::Active, GuarantorState::ReduceOnly, GuarantorState::Exited];
			let own =
				Guarantor::own_resources(who).filter(|_| Guarantor::state(who).is_some_and(|s| states.contains(&s)));
			let tokens = own.map_or(0, |own| own.bond + own.unbonding);
			base.min(Insurance::bond_value(tokens).map_or(0, |value| value.0))
		};
		let others = base.iter().filter(|(who, _)| **who != failed && self.contributions.contains_key(who));
		others.map(|(who, base)| (*who, cap(who, *base))).collect()
	}

	pub fn assess(&mut self, parts: &[(AccountId, i128)]) {
		if !parts.is_empty() {
			self.note_draw();
		}
		for (who, part) in parts {
			*self.base.get_mut(who).expect("it had contributed") -= part;
		}
	}

	/// The assessment for somebody is collected; says how much.
	pub fn collect_assessment(&mut self, failed: AccountId, loss: i128) -> i128 {
		let Some((id, sale)) =
			self.sales.iter_mut().find(|(_, sale)| sale.assessed.is_some_and(|(who, _)| who == failed))
		else {
			return 0;
		};
		let (_, fetched) = sale.assessed.take().expect("it is one");
		let (id, is_sold) = (*id, sale.amount == 0);
		let took = loss.max(0).min(fetched);
		let lent = self.lent.entry(failed).or_default();
		let forgiven = took.min(*lent);
		*lent -= forgiven;
		self.money -= took - forgiven;
		self.surplus += fetched - took;
		if is_sold {
			self.sales.remove(&id);
		}
		took
	}

	/// The pallet's books are the model's.
	pub fn compare(&self) {
		let books = Books::<Test>::get();
		let pallet = [
			books.skin,
			books.contributed,
			books.undivided,
			books.outside.value,
			books.set_aside,
			books.proceeds,
			books.lent,
			books.owed_outside,
			books.recorded,
		];
		let model = [
			self.skin,
			self.contributed(),
			self.undivided,
			self.value,
			self.set_aside(),
			self.proceeds(),
			self.lent_sum(),
			self.owed_outside(),
			self.money - self.surplus,
		];
		assert_eq!(pallet.map(|amount| amount.0), model, "the books: {self:?}");
		assert_eq!(int(dollars(POOL)) - int(MINIMUM), self.money, "the money");
		assert_eq!(books.outside.shares, self.shares, "the shares");
		let contributions: BTreeMap<_, _> =
			Contributions::<Test>::iter().map(|(who, one)| (who, one.amount.0)).collect();
		assert_eq!(contributions, self.contributions, "the contributions");
		for (who, shares) in &self.holders {
			assert_eq!(Insurance::shares_of(who), *shares, "the shares of {who}");
		}
		for (who, lent) in &self.lent {
			assert_eq!(Insurance::lent(who).0, *lent, "what {who} was lent");
		}
		let amounts: BTreeMap<_, _> = Sales::<Test>::iter().map(|(id, sale)| (id.0, sale.amount)).collect();
		let expected: BTreeMap<_, _> = self.sales.iter().map(|(id, sale)| (*id, sale.amount)).collect();
		assert_eq!(amounts, expected, "the sales");
	}
}
