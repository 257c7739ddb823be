//! Crises: guarantors that begin with little, prices that jump, and what becomes of who fails.

use super::*;

/// What a history begins with.
#[derive(Clone, Copy, Debug)]
pub struct Start {
	/// Whether there are instruments and accounts.
	pub is_open: bool,
	/// If guarantors are to fail often: what there is then.
	pub means: Option<Means>,
}

/// What there is where guarantors fail often.
#[derive(Clone, Copy, Debug)]
pub struct Means {
	/// Cash of each house, and of each customer.
	pub house: Balance,
	pub customer: Balance,
	/// What each guarantor contributed, skin in the game, and what outsiders have.
	pub contribution: Balance,
	pub skin: Balance,
	pub outside: Balance,
	pub bond_price: i64,
	/// Whether there are three guarantors instead of two.
	pub has_third: bool,
}

impl Start {
	/// Nothing at all.
	pub const EMPTY: Self = Self { is_open: false, means: None };
	/// Everybody has plenty.
	pub const RICH: Self = Self { is_open: true, means: None };
}

/// What the insurance pool is asked to do.
#[derive(Clone, Copy, Debug)]
pub enum Fund {
	Skin(AccountId, Balance),
	Contribute(AccountId, Balance),
	/// So many thousandths of its contribution.
	TakeBack(AccountId, u128),
	Deposit(AccountId, Balance),
	/// So many thousandths of its shares.
	Redeem(AccountId, u128),
	Collect(AccountId),
	Distribute,
	AdvanceRedemptions,
	/// Who buys of which sale how many thousandths.
	Buy(AccountId, usize, u128),
	BeginSale(usize),
	BondPrice(i64),
}

/// Times that are over soon, and a gate that lets positions through that ruin who has them.
pub fn short_times() -> ClearingParameters {
	let mut new = parameters();
	new.margin_call_period = 30 * MINUTE;
	new.default.porting_period = HOUR;
	new.default.auction_period = HOUR;
	new.cover.multiple = Ppm(u32::MAX);
	new.cover.call = Ppm::ONE;
	new.cover.restriction = Ppm::ONE;
	new
}

/// Nothing, little, or more than any loss.
fn means_of(little: Balance) -> impl Strategy<Value = Balance> {
	prop_oneof![5 => Just(0u128), 8 => 1_000..little, 1 => Just(3 * ENDOWMENT / 10)]
}

fn bond_price() -> impl Strategy<Value = i64> {
	prop_oneof![1 => Just(0i64), 6 => 1..40i64, 1 => Just(1_000i64), 1 => Just(1_000_000_000_000)]
}

fn means() -> impl Strategy<Value = Means> {
	let accounts = (10_000..300_000u128, 30_000..400_000u128);
	(accounts, means_of(60_000), means_of(80_000), means_of(100_000), bond_price(), any::<bool>()).prop_map(
		|((house, customer), contribution, skin, outside, bond_price, has_third)| Means {
			house,
			customer,
			contribution,
			skin,
			outside,
			bond_price,
			has_third,
		},
	)
}

/// The beginning of a history in which guarantors fail often.
pub fn poor() -> impl Strategy<Value = Start> {
	means().prop_map(|means| Start { is_open: true, means: Some(means) })
}

fn house() -> impl Strategy<Value = Line> {
	prop::sample::select(vec![(GUARANTOR, 0), (OTHER, 0), (THIRD, 0)])
}

fn gap() -> impl Strategy<Value = Move> {
	prop_oneof![
		4 => (-950..=950i64).prop_map(Move::By),
		1 => prop_oneof![Just(-950i64), Just(950)].prop_map(Move::By),
		1 => Just(Move::ThroughZero),
		3 => Just(Move::Home),
		1 => (-PRICE..3 * PRICE).prop_map(Move::To),
	]
}

/// What is asked of the insurance pool.
pub(super) fn of_pool() -> impl Strategy<Value = Operation> {
	let outsider = || prop::sample::select(vec![STRANGER, 32, 33, 34]);
	let amount = || prop_oneof![40 => 1..20_000u128, 1 => 0..ENDOWMENT];
	let share = || prop_oneof![2 => Just(1_000u128), 3 => 0..1_100u128];
	prop_oneof![
		3 => (outsider(), amount()).prop_map(|(who, amount)| Fund::Skin(who, amount)),
		4 => (guarantor(), amount()).prop_map(|(who, amount)| Fund::Contribute(who, amount)),
		1 => (guarantor(), share()).prop_map(|(who, share)| Fund::TakeBack(who, share)),
		4 => (outsider(), amount()).prop_map(|(who, amount)| Fund::Deposit(who, amount)),
		1 => (outsider(), share()).prop_map(|(who, share)| Fund::Redeem(who, share)),
		1 => prop_oneof![outsider(), guarantor()].prop_map(Fund::Collect),
		1 => Just(Fund::Distribute),
		1 => Just(Fund::AdvanceRedemptions),
		6 => (outsider(), 0..5usize, share()).prop_map(|(who, sale, share)| Fund::Buy(who, sale, share)),
		1 => (0..5usize).prop_map(Fund::BeginSale),
		2 => bond_price().prop_map(Fund::BondPrice),
	]
	.prop_map(Operation::Fund)
}

/// What becomes of guarantors that fail.
pub(super) fn of_defaults() -> impl Strategy<Value = Operation> {
	prop_oneof![
		6 => (0..3usize).prop_map(Operation::AdvanceDefault),
		2 => guarantor().prop_map(Operation::RefreshCover),
		6 => (house(), (0..3usize).prop_map(Target::Failed), part(), least())
			.prop_map(|(taker, of, part, least)| Operation::Bid(taker, of, part, least)),
		4 => time_to_wait().prop_map(Operation::Wait),
	]
}

/// Mostly less than a stage takes.
fn time_to_wait() -> impl Strategy<Value = u32> {
	prop_oneof![8 => 1..8u32, 1 => 8..60u32]
}

/// What makes them fail, and brings them back.
fn of_ruin() -> impl Strategy<Value = Operation> {
	let party = || prop_oneof![2 => of_customer(), 2 => house()];
	prop_oneof![
		12 => (party(), party(), instrument(), 500..=1_000i128, any::<bool>())
			.prop_map(|(line, other, id, share, buys)| Operation::Lever(line, other, id, share, buys)),
		8 => (class(), gap()).prop_map(|(class, to)| Operation::Gap(class, to)),
		2 => time_to_wait().prop_map(Operation::Wait),
		1 => prop::sample::select(vec![GUARANTOR, OTHER, THIRD]).prop_map(Operation::Fail),
		3 => (10_000..300_000u128).prop_map(Operation::Revive),
		4 => Just(Operation::Relist),
		4 => (party(), 10_000..300_000u128).prop_map(|(line, amount)| Operation::Deposit(line, Amount::Units(amount))),
	]
}

/// Anything, where guarantors fail often.
pub fn crisis() -> impl Strategy<Value = Operation> {
	prop_oneof![
		14 => of_owners(),
		14 => of_time(),
		5 => of_pool(),
		16 => of_defaults(),
		28 => of_ruin(),
		1 => of_guarantors(),
		1 => of_governance(),
		3 => delivery::of_delivery(),
	]
}
