//! The buyer's side of a delivery: it answers the polls of the sellers' agents with vouchers, and objects where too little came.
//!
//! Nothing is signed for a deal that is not the buyer's own, for a day whose window is not open, or for more than is due; and what is
//! signed is on disk before it is answered.

pub mod book;
pub mod cli;
pub mod run;
pub mod serve;
pub mod step;
pub mod store;
