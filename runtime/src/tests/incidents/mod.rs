//! What broke elsewhere, told again on this runtime. Each module is an incident, with its figures and where they are
//! from, and what the exchange does about it instead.
//!
//! With `--nocapture` each says in a line what it came to.

mod minted_collateral;
mod negative_price;
mod outage;
mod power_spread;
mod ring_fence;
mod rounding;
mod squeeze;
mod stale_prices;

use super::{scenario::*, *};

/// A file of the real data that tests use where they have it, or none, which is said.
fn data(name: &str) -> Option<String> {
	// The folder that was compiled in may be that of another checkout: they share a target folder.
	let package = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
	let file = std::path::Path::new(&package).join("../../shared/data/incidents").join(name);
	let found = std::fs::read_to_string(&file).ok();
	if found.is_none() {
		println!("skipped: there is no {}", file.display());
	}
	found
}

/// A price in dollars with at most two decimals, as a file has it.
fn parsed(price: &str) -> gcx_primitives::Price {
	let (whole, part) = price.split_once('.').unwrap_or((price, ""));
	let part: i64 = format!("{part:0<2}").parse().expect("cents");
	let size: i64 = whole.trim_start_matches('-').parse().expect("dollars");
	let size = size * 100 + part;
	cents(if whole.starts_with('-') { -size } else { size })
}
