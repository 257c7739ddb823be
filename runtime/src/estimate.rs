//! How many Compute Hours of a class something takes.

use gcx_math::flops;
use gcx_primitives::{Capacity, Metric, ReferenceSystem};
use gcx_runtime_api::{Estimate, NoEstimate, Work};
use sp_runtime::FixedU128;

/// What a class's hours are counted in.
enum Counted {
	/// Operations per second.
	Operations(u64),
	/// Thousandths of a token or a sample per second.
	Outputs(u64),
}

/// The metric that weighs most, the first of them, is what a class is about.
fn counted(system: &ReferenceSystem) -> Option<Counted> {
	let heaviest = system.metrics.iter().map(|reference| reference.weight).max()?;
	let reference = system.metrics.iter().find(|reference| reference.weight == heaviest)?;
	Some(match reference.metric {
		Metric::Hpl | Metric::Hpcg | Metric::Int8Operations => Counted::Operations(reference.value),
		Metric::MlperfLlama2Offline | Metric::MlperfSdxlOffline => Counted::Outputs(reference.value),
		// Bytes are no operations: nothing that is asked about is counted in them.
		Metric::StreamTriad => return None,
	})
}

/// What some work takes on the reference system, and how many of its devices are done in time. Rounded up.
///
/// # Errors
/// [`NoEstimate`].
pub fn estimate(system: &ReferenceSystem, work: &Work, deadline_hours: Option<u32>) -> Result<Estimate, NoEstimate> {
	let operations = match work {
		Work::Inference { model, samples } => {
			Some(model.forward()?.checked_mul((*samples).into()).ok_or(NoEstimate::TooLarge)?)
		},
		Work::Training { model, samples, batch, epochs } => {
			Some(flops::training_run(model.training_step(*batch)?, *samples, *batch, *epochs)?)
		},
		Work::Operations { count } => Some(*count),
		Work::Outputs { count: _ } => None,
	};
	let capacity = match (work, operations, counted(system)) {
		(_, Some(operations), Some(Counted::Operations(per_second))) => flops::compute_hours(operations, per_second)?,
		(_, Some(_), _) => return Err(NoEstimate::NotInOperations),
		(Work::Outputs { count }, None, Some(Counted::Outputs(thousandths_per_second))) => {
			flops::compute_hours(u128::from(*count) * 1_000, thousandths_per_second)?
		},
		(_, None, _) => return Err(NoEstimate::NotInOutputs),
	};
	let devices = deadline_hours.map(|hours| devices(capacity, hours)).transpose()?;
	Ok(Estimate { operations, capacity, devices })
}

fn devices(capacity: Capacity, hours: u32) -> Result<u32, NoEstimate> {
	if hours == 0 {
		return Err(NoEstimate::NoTime);
	}
	Ok(flops::devices_needed(capacity, FixedU128::from_u32(1), hours)?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_math::flops::{Layer, Layers, Model, NoFlops};
	use gcx_primitives::{Ppm, Reference};

	fn system(metric: Metric, value: u64) -> ReferenceSystem {
		let reference = Reference { metric, value, weight: Ppm::ONE, floor: Ppm::percent(10) };
		ReferenceSystem { metrics: vec![reference].try_into().unwrap(), milliwatts: 1 }
	}

	fn dense() -> Model {
		let layer = Layer::Dense { inputs: 1_000, outputs: 500, positions: 1 };
		Model { layers: vec![Layers { layer, times: 1_000 }] }
	}

	#[test]
	fn training_takes_hours_of_the_reference_system() {
		// 2 · 1,000 · 500 · 1,000 operations a sample, three passes, 3,600 samples ten times.
		let work = Work::Training { model: dense(), samples: 3_600, batch: 100, epochs: 10 };
		let operations = 3 * 1_000_000_000 * 36_000;
		let tera = system(Metric::Hpl, 1_000_000_000_000);
		let expected = Estimate { operations: Some(operations), capacity: Capacity(30_000), devices: Some(1) };
		assert_eq!(estimate(&tera, &work, Some(1)), Ok(expected));
		let giga = estimate(&system(Metric::Hpl, 1_000_000_000), &work, Some(4)).unwrap();
		assert_eq!((giga.capacity, giga.devices), (Capacity(30_000_000), Some(8)));
	}

	#[test]
	fn tokens_take_hours_of_a_system_that_is_measured_in_them() {
		let infers = system(Metric::MlperfLlama2Offline, 1_000_000);
		let work = Work::Outputs { count: 3_600_000 };
		let expected = Estimate { operations: None, capacity: Capacity(1_000_000), devices: None };
		assert_eq!(estimate(&infers, &work, None), Ok(expected));
	}

	#[test]
	fn what_a_class_is_not_measured_in_is_refused() {
		let infers = system(Metric::MlperfLlama2Offline, 1_000);
		let solves = system(Metric::Hpl, 1_000);
		let work = Work::Inference { model: dense(), samples: 1 };
		assert_eq!(estimate(&infers, &work, None), Err(NoEstimate::NotInOperations));
		assert_eq!(estimate(&solves, &Work::Outputs { count: 1 }, None), Err(NoEstimate::NotInOutputs));
		assert_eq!(
			estimate(&system(Metric::StreamTriad, 1), &Work::Operations { count: 1 }, None),
			Err(NoEstimate::NotInOperations)
		);
	}

	#[test]
	fn impossible_work_is_refused() {
		let solves = system(Metric::Hpl, 1);
		let empty = Work::Inference { model: Model { layers: vec![] }, samples: 1 };
		assert_eq!(estimate(&solves, &empty, None), Err(NoEstimate::Model(NoFlops::Empty)));
		assert_eq!(estimate(&solves, &Work::Operations { count: 1 }, Some(0)), Err(NoEstimate::NoTime));
		assert_eq!(estimate(&solves, &Work::Operations { count: u128::MAX }, None), Err(NoEstimate::TooLarge));
		let endless = Work::Inference { model: dense(), samples: u64::MAX };
		assert_eq!(estimate(&solves, &endless, Some(1)), Err(NoEstimate::TooLarge));
	}
}
