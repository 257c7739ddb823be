//! Contracts that are delivered, and what is paid for them.

use super::*;

/// What who delivers, and who tells of it, may ask of clearing.
#[derive(Clone, Copy, Debug)]
pub enum Delivery {
	/// An instrument is delivered when it ends, and near that in so many minutes and for so many.
	Ramp(InstrumentId, u64, u64),
	/// Capacity is set aside for so many lots.
	Cover(Line, InstrumentId, i64),
	/// The class can do so many Compute Hours a day.
	Capacity(u128),
	/// An instrument ends at its mark.
	End(InstrumentId),
	Escrow(Line, Amount),
	/// Of which segment's escrow, to whom, how many thousandths of it.
	Release(usize, Line, u128),
	Forfeit(usize, u128),
	Charge(Line, Line, i128),
	Fine(Line, i128),
	/// Whose stake, to whom, how many tokens, and what is wanted for them.
	SellStake(Line, Line, Balance, i128),
	Done(Line),
}

fn money() -> impl Strategy<Value = i128> {
	prop_oneof![8 => 0..20_000i128, 2 => 0..400_000i128, 1 => Just(-1i128)]
}

fn share() -> impl Strategy<Value = u128> {
	prop_oneof![4 => 0..400u128, 2 => Just(1_000u128), 1 => Just(1_001u128)]
}

pub(super) fn of_delivery() -> impl Strategy<Value = Operation> {
	prop_oneof![
		8 => (instrument(), 0..200u64, 0..600u64).prop_map(|(id, from, length)| Delivery::Ramp(id, from, length)),
		6 => (line(), instrument(), 0..300i64).prop_map(|(line, id, lots)| Delivery::Cover(line, id, lots)),
		1 => (0..2_000u128).prop_map(Delivery::Capacity),
		4 => instrument().prop_map(Delivery::End),
		4 => (line(), amount()).prop_map(|(line, amount)| Delivery::Escrow(line, amount)),
		12 => (0..9usize, line(), share()).prop_map(|(number, line, share)| Delivery::Release(number, line, share)),
		2 => (0..9usize, share()).prop_map(|(number, share)| Delivery::Forfeit(number, share)),
		6 => (line(), line(), money()).prop_map(|(seller, buyer, amount)| Delivery::Charge(seller, buyer, amount)),
		2 => (line(), money()).prop_map(|(seller, amount)| Delivery::Fine(seller, amount)),
		2 => (line(), line(), 0..3_000u128, money())
			.prop_map(|(seller, buyer, tokens, amount)| Delivery::SellStake(seller, buyer, tokens, amount)),
		3 => line().prop_map(Delivery::Done),
	]
	.prop_map(Operation::Delivery)
}
