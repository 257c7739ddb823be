//! What has to be true of the chain whatever happens on it.

use crate::{
	chain::{AllPalletsWithSystem, System, Token},
	error::Error,
	simulation::Simulation,
};
use frame_support::traits::{TryState, TryStateSelect};

impl Simulation<'_> {
	/// Checks the invariants of all pallets, and that what there was at first and what was issued since is what there is and what
	/// burned, to the unit.
	///
	/// # Errors
	/// `Broken`.
	pub(crate) fn audit(&self, day: u32) -> Result<(), Error> {
		let broken = |what| Error::Broken { demand: self.setup.demand, day, what };
		AllPalletsWithSystem::try_state(System::block_number(), TryStateSelect::All)
			.map_err(|reason| broken(format!("{reason:?}")))?;
		let supply = Token::supply();
		let there_was = supply.genesis.checked_add(supply.issued);
		let there_is = supply.issuance.checked_add(supply.burned.total());
		if there_was.is_none() || there_was != there_is {
			return Err(broken(format!("{there_was:?} were ever there, {there_is:?} are there or were burned")));
		}
		Ok(())
	}
}
