//! What is known of defaults: each goes through its stages, its layers bear the loss in their order and exactly it, and gains are cut
//! of nobody but who gained.

use super::*;
use gcx_primitives::InsurancePool as _;
use pallet_insurance::Pallet as Pool;

/// The layers that say something in every round, whatever they have, in their order.
const SAID: [Layer; 7] = [
	Layer::HouseFunds,
	Layer::Contribution,
	Layer::Bond,
	Layer::Skin,
	Layer::Guarantors,
	Layer::Outside,
	Layer::Assessments,
];

/// A default as its events tell it.
#[derive(Clone, Debug)]
pub(super) struct Course {
	stage: Stage,
	/// The layers that were asked in this round, and what each has left.
	asked: Vec<(Layer, i128)>,
	/// How often gains were asked.
	rounds: u32,
	/// Those that took anything.
	used: BTreeSet<Layer>,
	taken: i128,
	/// What of that was the house's own.
	of_house: i128,
	/// What is to be taken, as the last layer said.
	unpaid: i128,
}

/// Defaults that were open at the same time.
#[derive(Clone, Debug, Default)]
pub(super) struct Episode {
	failed: BTreeSet<AccountId>,
	settled: BTreeSet<AccountId>,
	/// Whether there was no guarantor at some time that had not failed.
	were_all: bool,
}

/// How often what happened. A name is there from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
	/// What is counted.
	const NAMES: [&str; 23] = [
		"defaults begun",
		"defaults with customers closed out",
		"defaults with an auction",
		"defaults in the waterfall",
		"defaults settled",
		"times that one failed alone",
		"times that two failed together",
		"times that more failed together",
		"times that all had failed",
		"layers used: customer",
		"layers used: house funds",
		"layers used: contribution",
		"layers used: bond",
		"layers used: skin",
		"layers used: guarantors",
		"layers used: outside",
		"layers used: assessments",
		"layers used: gains",
		"instruments torn up",
		"instruments delivered",
		"instruments ended in cash",
		"parts of failed houses sold",
		"excess given back",
	];

	pub(super) fn count(&mut self, name: &'static str) {
		*self.0.get_mut(name).unwrap_or_else(|| panic!("{name} is not counted")) += 1;
	}

	/// How often that was.
	pub fn of(&self, name: &str) -> u64 {
		self.0.get(name).copied().unwrap_or_else(|| panic!("{name} is not counted"))
	}

	/// Adds what another counted.
	pub fn add(&mut self, other: &Self) {
		for (name, times) in &other.0 {
			*self.0.entry(name).or_default() += times;
		}
	}

	/// What was counted, in order.
	pub fn lines(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
		Self::NAMES.iter().map(|name| (*name, self.of(name)))
	}
}

impl Default for Tally {
	fn default() -> Self {
		Self(Self::NAMES.iter().map(|name| (*name, 0)).collect())
	}
}

fn name_of(layer: Layer) -> Option<&'static str> {
	Some(match layer {
		Layer::Customer => "layers used: customer",
		Layer::HouseFunds => "layers used: house funds",
		Layer::Contribution => "layers used: contribution",
		Layer::Bond => "layers used: bond",
		Layer::Skin => "layers used: skin",
		Layer::Guarantors => "layers used: guarantors",
		Layer::Outside => "layers used: outside",
		Layer::Assessments => "layers used: assessments",
		Layer::Gains => "layers used: gains",
		Layer::Assess | Layer::TearUp => return None,
	})
}

impl Course {
	const fn begun(stage: Stage) -> Self {
		Self { stage, asked: Vec::new(), rounds: 0, used: BTreeSet::new(), taken: 0, of_house: 0, unpaid: 0 }
	}

	/// A layer is asked: after all before it, which have nothing left. Returns whether it took something for the first time.
	fn ask(&mut self, layer: Layer, [had, took, left, unpaid]: [i128; 4]) -> Result<bool, String> {
		ensure(had >= 0 && took >= 0 && had - took == left && unpaid >= 0, || {
			format!("{layer:?} had {had}, took {took}, left {left}, {unpaid} unpaid")
		})?;
		ensure(matches!(self.stage, Stage::Waterfall(_)), || format!("{layer:?} is asked in {:?}", self.stage))?;
		if layer == Layer::HouseFunds {
			self.asked.clear();
			self.of_house += took;
		}
		let is_in_order = self.asked.last().is_none_or(|(last, _)| *last <= layer);
		ensure(is_in_order, || format!("{layer:?} is asked after {:?}", self.asked))?;
		self.asked.retain(|(asked, _)| *asked != layer);
		for before in SAID.into_iter().filter(|before| *before < layer) {
			let (_, spare) = self
				.asked
				.iter()
				.find(|(asked, _)| *asked == before)
				.ok_or(format!("{before:?} is not asked before {layer:?}"))?;
			ensure(took == 0 || *spare == 0, || format!("{layer:?} took {took}, {before:?} has {spare} left"))?;
		}
		// What the pool could not advance on a bond is no more there: it is for sale.
		let spare = if layer == Layer::Bond && unpaid > 0 { 0 } else { left };
		self.asked.push((layer, spare));
		self.rounds += u32::from(layer == Layer::Gains);
		(self.taken, self.unpaid) = (self.taken + took, unpaid);
		Ok(took > 0 && self.used.insert(layer))
	}
}

impl Course {
	pub(super) fn is_open(&self) -> bool {
		self.stage != Stage::Settled
	}

	/// Whether all layers before gains gave all that they had, and it was not enough.
	pub(super) fn waits_for_gains(&self) -> bool {
		let is_empty = |layer: &Layer| self.asked.iter().any(|(asked, spare)| asked == layer && *spare == 0);
		self.is_open() && self.unpaid > 0 && self.rounds > 0 && self.asked.iter().all(|(layer, _)| is_empty(layer))
	}
}

impl History {
	/// Follows what is told of defaults. The money that a layer brought is on the house's line already.
	pub(super) fn follow_default(&mut self, event: &Event<Test>) -> Checked {
		match event {
			Event::Defaulted { guarantor, porting_until, .. } => {
				let course = Course::begun(Stage::Porting { until: *porting_until });
				let open = self.courses.insert(*guarantor, course).filter(Course::is_open);
				ensure(open.is_none(), || format!("{guarantor} fails while it is in default: {open:?}"))?;
				self.tally.count("defaults begun");
				self.episode.failed.insert(*guarantor);
				self.episode.settled.remove(guarantor);
				let is_open = |who: &AccountId| {
					self.courses.get(who).is_some_and(Course::is_open)
						|| !Guarantor::state(who).is_some_and(|state| state != GuarantorState::Exited)
				};
				self.episode.were_all |= GUARANTORS.iter().all(is_open);
			},
			Event::DefaultAdvanced { guarantor, stage } => {
				let course = self.courses.get_mut(guarantor).ok_or("nobody's default goes on")?;
				let name = match (course.stage, stage) {
					(Stage::Porting { .. }, Stage::CloseOut) => "defaults with customers closed out",
					(Stage::CloseOut, Stage::Auction { .. }) => "defaults with an auction",
					(Stage::Auction { .. }, Stage::Waterfall(Layer::HouseFunds)) => "defaults in the waterfall",
					(from, to) => return Err(format!("{guarantor} went from {from:?} to {to:?}")),
				};
				course.stage = *stage;
				self.tally.count(name);
			},
			Event::LayerTaken { guarantor, layer, had, took, left, unpaid } => {
				self.follow_layer(*guarantor, *layer, [had.0, took.0, left.0, unpaid.0])?;
			},
			Event::ExcessReturned { guarantor, amount } => {
				let course = self.courses.get(guarantor).ok_or("excess of nobody's default")?;
				let given = course.taken - course.of_house;
				let is_theirs = amount.0 > 0 && amount.0 <= given;
				ensure(is_theirs, || format!("{amount:?} of {given} went back"))?;
				let house = self.lines.get_mut(&(*guarantor, 0)).ok_or("a house that there is not")?;
				house.cash -= amount.0;
				ensure(house.cash >= 0, || format!("{amount:?} went back and left {house:?}"))?;
				self.tally.count("excess given back");
			},
			Event::DefaultSettled { guarantor, loss, taken } => self.settle_default(*guarantor, loss.0, taken.0)?,
			_ => {},
		}
		Ok(())
	}

	fn follow_layer(&mut self, guarantor: AccountId, layer: Layer, figures: [i128; 4]) -> Checked {
		let [had, took, left, unpaid] = figures;
		if layer == Layer::Customer {
			// It goes to its guarantor with nothing left.
			ensure(had == took && left == 0 && took >= 0 && unpaid > 0, || format!("a customer's own: {figures:?}"))?;
			if took > 0 {
				self.tally.count("layers used: customer");
			}
			return Ok(());
		}
		let Some(course) = self.courses.get_mut(&guarantor).filter(|course| course.is_open()) else {
			// Its guarantor bears it out of what it has.
			let is_sound = layer == Layer::HouseFunds && had - took == left && took >= 0 && unpaid >= 0;
			return ensure(is_sound, || format!("{layer:?} of {guarantor}, which has not failed: {figures:?}"));
		};
		let is_first = course.ask(layer, figures).map_err(|violation| format!("{guarantor}: {violation}"))?;
		if let Some(name) = name_of(layer).filter(|_| is_first) {
			self.tally.count(name);
		}
		let owed = self.lines.get(&(guarantor, 0)).map_or(0, |house| (-house.cash).max(0));
		ensure(unpaid == owed, || format!("{layer:?} leaves {unpaid} of {guarantor} unpaid, its house owes {owed}"))
	}

	/// Of the loss the layers took all; nothing is owed and nothing is held.
	fn settle_default(&mut self, guarantor: AccountId, loss: i128, taken: i128) -> Checked {
		let course = self.courses.get_mut(&guarantor).ok_or("nobody's default is settled")?;
		let is_exact = loss == taken && taken == course.taken;
		ensure(is_exact, || format!("{loss} were lost by {guarantor}, {taken} taken: {course:?}"))?;
		course.stage = Stage::Settled;
		if let Some(house) = self.lines.get(&(guarantor, 0)) {
			ensure(house.cash >= 0 && house.lots.is_empty(), || format!("{guarantor} is settled with {house:?}"))?;
		}
		self.tally.count("defaults settled");
		self.episode.settled.insert(guarantor);
		if !self.courses.values().any(Course::is_open) {
			let Episode { failed, settled, were_all } = core::mem::take(&mut self.episode);
			ensure(failed == settled, || format!("{failed:?} failed and {settled:?} are settled"))?;
			self.tally.count(match settled.len() {
				1 => "times that one failed alone",
				2 => "times that two failed together",
				_ => "times that more failed together",
			});
			if were_all {
				self.tally.count("times that all had failed");
			}
		}
		Ok(())
	}

	/// A run is over: each line gained so much in it, with what it traded at since the one before.
	pub(super) fn note_gains(&mut self, gains: BTreeMap<Line, i128>) {
		let booked = core::mem::take(&mut self.booked);
		let all = gains.keys().chain(booked.keys()).copied().collect::<BTreeSet<_>>();
		let net = |line: &Line| booked.get(line).copied().unwrap_or(0) + gains.get(line).copied().unwrap_or(0);
		self.gained = all.into_iter().map(|line| (line, net(&line))).collect();
	}

	/// Nobody's principal pays: of each line no more is cut than it gained in the run, pro rata within a unit, and nothing of the
	/// house that failed.
	pub(super) fn check_cuts(&self, guarantor: AccountId, cuts: &[Cut], had: i128, took: i128) -> Checked {
		ensure(0 <= took && took <= had, || format!("{took} were taken of gains of {had}"))?;
		for Cut { line, gain, amount } in cuts {
			let gained = self.gained.get(line).copied().unwrap_or(0);
			let is_own = *amount > 0 && *amount <= gained && line.0 != guarantor;
			ensure(is_own, || format!("{line:?} gained {gained} in the run, {amount} of {gain} were cut"))?;
			// The parts are differences of sums that are rounded down.
			let is_fair = (amount * had - gain * took).abs() < had;
			ensure(is_fair, || format!("{amount} were cut of {gain} of {line:?}, {took} of {had} of all"))?;
		}
		Ok(())
	}

	/// What the chain stores of defaults is what it told of them, and what the pool lent is what segments borrowed.
	pub(super) fn check_defaults(&mut self) -> Checked {
		for guarantor in GUARANTORS {
			let stored = Defaults::<Test>::get(guarantor);
			let told = self.courses.get(&guarantor).map(|course| (course.stage == Stage::Settled, course.taken));
			let is = stored.map(|failure| (failure.stage == Stage::Settled, failure.taken.0));
			let is_forgotten = is.is_none() && told.is_some_and(|(is_settled, _)| is_settled);
			ensure(is == told || is_forgotten, || {
				format!("the default of {guarantor} is {stored:?}, told was {told:?}")
			})?;
			if is_forgotten {
				self.courses.remove(&guarantor);
			}
			if let Some(failure) = stored {
				let is_sound = failure.house_took <= failure.taken && failure.house_funds >= Cash::ZERO;
				ensure(is_sound, || format!("the default of {guarantor} is {failure:?}"))?;
			}
			let sides = [SegmentSide::Customers, SegmentSide::House];
			let borrowed =
				sides.map(|side| Ledgers::<Test>::get(segment(guarantor, side)).unwrap_or_default().borrowed.0);
			let lent = Pool::<Test>::lent(&guarantor);
			ensure(lent.0 == borrowed[0] + borrowed[1], || format!("{guarantor} was lent {lent:?}, has {borrowed:?}"))?;
		}
		Ok(())
	}

	/// Whose default is not worked out.
	pub(super) fn open_defaults(&self) -> Vec<AccountId> {
		self.courses.iter().filter(|(_, course)| course.is_open()).map(|(guarantor, _)| *guarantor).collect()
	}
}
