//! What reading a benchmark's output costs, and grading what was read.

use crate::{figures, Result};
use gcx_evidence::raw::{self, Kind};
use gcx_math::{
	grade::{self, GradeThresholds},
	rate,
};
use gcx_primitives::{Energy, Measurement, Performance, Reliability};
use gcx_provider::solve;
use gcx_runtime::{genesis::HPC_FP64, references};
use std::hint::black_box;

/// The order of the solve whose output is read: any, it is as long whatever the order.
const ORDER: u32 = 256;

/// Seconds of reading an output of HPL: one run, as the agent writes it.
pub fn hpl_parse() -> Result<f64> {
	let output = solve::hpl_output(&[solve::run([7; 32], ORDER, |_| ())?], 1);
	raw::read(Kind::Hpl, &output).map_err(|reason| format!("HPL's output is refused: {reason:?}"))?;
	Ok(figures::each(|| raw::read(Kind::Hpl, black_box(&output))))
}

/// Seconds of grading a resource: its rate by three metrics, its energy, its uptime, and the letters that follow, where it has a
/// grade already.
pub fn grade() -> Result<f64> {
	let classes = references::genesis_classes();
	let (.., system) = classes.iter().find(|(class, ..)| *class == HPC_FP64).ok_or("there is HPC-FP64")?;
	let measured: Vec<_> = (system.metrics.iter().zip(1..))
		.map(|(reference, share)| Measurement { metric: reference.metric, value: reference.value / 2 * share })
		.collect();
	let thresholds = GradeThresholds::default();
	let grade = || {
		let rate = rate::declared_rate(system, black_box(&measured)).ok()?;
		let energy = rate::energy_ratio(rate, 4, black_box(1_600_000), system.milliwatts).ok();
		let uptime = grade::uptime(black_box(2_000), black_box(3));
		Some((
			thresholds.performance(rate, Some(Performance::C)),
			thresholds.reliability(uptime, Some(Reliability::Second)),
			thresholds.energy(energy, Some(Energy::Y)),
		))
	};
	grade().ok_or("what was measured has a rate")?;
	Ok(figures::each(grade))
}
