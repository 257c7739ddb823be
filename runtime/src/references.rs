//! Reference systems of the genesis classes: real devices and what was published of them.
//!
//! A Compute Hour of a class is an hour of its device. Each value is a published figure of a whole system by its number of
//! devices, rounded down, and so is its power. The weights are the exchange's own. A tenth of the reference is the floor of every
//! metric: what is slower at any of them is of another class, and what was not measured counts as that.

use crate::genesis::{AI_INFER, GEMM_INT8, HPC_FP64};
use alloc::{vec, vec::Vec};
use frame_support::BoundedVec;
use gcx_primitives::{ClassId, Metric, Ppm, Reference, ReferenceSystem};

/// The least share of the reference, of every metric.
const FLOOR: Ppm = Ppm::percent(10);

/// NVIDIA A100 SXM4 40 GB in Perlmutter, HPE Cray EX 235n, NERSC.
///
/// TOP500, June 2025, rank 25: 79,230 TFlop/s of HPL (Rmax), 1,905 TFlop/s of HPCG, 2,945 kW (as submitted; measured at level 3
/// according to the Green500 of November 2025). The power is of the whole system during HPL: hosts and interconnect included.
mod perlmutter {
	/// 774,144 accelerator cores on the list are the multiprocessors of 7,168 A100 with 108 each: 1,792 nodes of four.
	const DEVICES: u64 = 774_144 / 108;
	/// Operations per second of HPL.
	pub const HPL: u64 = 79_230_000_000_000_000 / DEVICES;
	/// Operations per second of HPCG.
	pub const HPCG: u64 = 1_905_000_000_000_000 / DEVICES;
	/// Bytes per second of the triad of one device, doubles in arrays of 268.4 MB: BabelStream 4.0 (Deakin et al., IJCSE 17(3),
	/// 2018) on Perlmutter, 1,376,683.861 MB/s, as printed in the sample output of the NERSC-10 memory-bandwidth benchmark
	/// (ukri-bench/benchmark-BabelStream @ 0182f0e, README). 89 % of the 1,555 GB/s of the data sheet.
	pub const STREAM_TRIAD: u64 = 1_376_683_861_000;
	/// Milliwatts.
	pub const POWER: u64 = 2_945_000_000 / DEVICES;
}

/// NVIDIA B200 SXM 180 GB, eight in a Lenovo ThinkSystem.
///
/// MLPerf Inference v5.1, datacenter, closed division, category available, submitter Lenovo: the results of this device with
/// measured power. mlcommons/inference_results_v5.1 @ 965182b0, summary_results.json.
mod lenovo_b200 {
	const DEVICES: u64 = 8;
	/// Thousandths of a token per second. Id 5.1-0061, SR680a_V3_B200SXMx8_TRT, llama2-70b-99.9, Offline: 102,909 tokens/s.
	pub const LLAMA2_OFFLINE: u64 = 102_909_000 / DEVICES;
	/// Thousandths of a sample per second. Id 5.1-0062, SR780a_V3_B200SXMx8_TRT, stable-diffusion-xl, Offline:
	/// 31.7836 samples/s.
	pub const SDXL_OFFLINE: u64 = 31_783 / DEVICES;
	/// Milliwatts, of the whole server in the run of Llama 2: 10,400.999 W.
	pub const POWER: u64 = 10_400_999 / DEVICES;
}

/// NVIDIA A100 SXM4 40 GB in a DGX A100 of the Paderborn Center for Parallel Computing.
mod a100 {
	/// Operations per second of products of 8-bit integers on the tensor cores, measured with GPUInspector.jl: 620.11 · 10¹²
	/// (pc2/GPUInspector.jl @ 83ce4ac, docs/src/devices/a100_sxm2.md). The data sheet has 624 · 10¹² without sparsity: 108
	/// multiprocessors · 4 tensor cores · 1,024 operations · 1.41 GHz.
	pub const INT8: u64 = 620_110_000_000_000;
	/// Milliwatts: the maximum thermal design power of the data sheet (NVIDIA, *A100 Tensor Core GPU*, SXM). Of the device alone.
	pub const POWER: u64 = 400_000;
}

fn system(metrics: &[(Metric, u64, Ppm)], milliwatts: u64) -> ReferenceSystem {
	let reference = |(metric, value, weight): &(Metric, u64, Ppm)| Reference {
		metric: *metric,
		value: *value,
		weight: *weight,
		floor: FLOOR,
	};
	ReferenceSystem { metrics: BoundedVec::truncate_from(metrics.iter().map(reference).collect()), milliwatts }
}

/// The classes of a preset: id, name, the metric that the seeded solve stands for if there is one, reference system.
///
/// HPL alone is half of HPC-FP64; the other half is about memory, as most of what runs on such systems is. Of AI-INFER language
/// models are the larger part. GEMM-INT8 has but one metric.
pub fn genesis_classes() -> Vec<(ClassId, &'static str, Option<Metric>, ReferenceSystem)> {
	let hpc_fp64 = system(
		&[
			(Metric::Hpl, perlmutter::HPL, Ppm::percent(50)),
			(Metric::Hpcg, perlmutter::HPCG, Ppm::percent(25)),
			(Metric::StreamTriad, perlmutter::STREAM_TRIAD, Ppm::percent(25)),
		],
		perlmutter::POWER,
	);
	let ai_infer = system(
		&[
			(Metric::MlperfLlama2Offline, lenovo_b200::LLAMA2_OFFLINE, Ppm::percent(70)),
			(Metric::MlperfSdxlOffline, lenovo_b200::SDXL_OFFLINE, Ppm::percent(30)),
		],
		lenovo_b200::POWER,
	);
	let gemm_int8 = system(&[(Metric::Int8Operations, a100::INT8, Ppm::ONE)], a100::POWER);
	vec![
		(HPC_FP64, "HPC-FP64", Some(Metric::Hpl), hpc_fp64),
		(AI_INFER, "AI-INFER", None, ai_infer),
		(GEMM_INT8, "GEMM-INT8", None, gemm_int8),
	]
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_math::rate::{declared_rate, is_valid};
	use gcx_primitives::Measurement;
	use sp_runtime::FixedU128;
	use std::{collections::BTreeSet, fs, path::Path};

	#[test]
	fn every_reference_system_is_valid() {
		for (class, name, attested_by, system) in genesis_classes() {
			assert!(is_valid(&system), "{name} ({class:?})");
			let metrics: Vec<_> = system.metrics.iter().map(|reference| reference.metric).collect();
			assert!(
				attested_by.is_none_or(|metric| metrics.contains(&metric)),
				"{name} is attested by what it has not"
			);
		}
	}

	#[test]
	fn every_class_is_there_once() {
		let classes = genesis_classes();
		let ids: BTreeSet<_> = classes.iter().map(|(class, ..)| class.0).collect();
		let names: BTreeSet<_> = classes.iter().map(|(_, name, ..)| *name).collect();
		assert_eq!((ids.len(), names.len()), (classes.len(), classes.len()));
	}

	#[test]
	fn the_reference_device_has_a_rate_of_one() {
		for (_, name, _, system) in genesis_classes() {
			let own: Vec<_> = system
				.metrics
				.iter()
				.map(|reference| Measurement { metric: reference.metric, value: reference.value })
				.collect();
			assert_eq!(declared_rate(&system, &own), Ok(FixedU128::from_u32(1)), "{name}");
		}
	}

	#[test]
	fn the_values_per_device_are_of_the_size_that_is_known() {
		assert_eq!(perlmutter::HPL, 11_053_292_410_714);
		assert_eq!(perlmutter::HPCG, 265_764_508_928);
		assert_eq!(perlmutter::POWER, 410_853);
		assert_eq!(lenovo_b200::LLAMA2_OFFLINE, 12_863_625);
		assert_eq!(lenovo_b200::SDXL_OFFLINE, 3_972);
		assert_eq!(lenovo_b200::POWER, 1_300_124);
	}

	/// A file of the shared data. None, saying so, where it is absent.
	fn shared(name: &str) -> Option<String> {
		let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".into());
		let file = Path::new(&package).join("../../shared/data").join(name);
		let text = fs::read_to_string(&file).ok();
		if text.is_none() {
			println!("skipped: {} is not there", file.display());
		}
		text
	}

	#[test]
	fn perlmutter_is_on_the_list_with_these_figures() {
		let Some(list) = shared("top500/top500_2025-06.csv") else { return };
		let row = list.lines().find(|row| row.contains(",Perlmutter,")).unwrap();
		assert!(row.starts_with("25,"), "{row}");
		assert!(row.contains(",888832,774144,79230,"), "{row}");
		assert!(row.contains(",1905,2945,Submitted,"), "{row}");
	}

	#[test]
	fn the_b200_is_in_the_results_with_these_figures() {
		let Some(results) = shared("bench/mlperf/inference_v5.1_summary_results.json") else { return };
		let results: Vec<serde_json::Value> = serde_json::from_str(&results).unwrap();
		let find = |id: &str, model: &str| {
			let is_it = |row: &&serde_json::Value| {
				row["ID"] == id
					&& row["UsedModel"] == model
					&& row["Scenario"] == "Offline"
					&& row["Category"] == "closed"
					&& row["Accelerator"] == "NVIDIA B200-SXM-180GB"
					&& row["a#"] == 8
					&& row["Nodes"] == 1
					&& row["inferred"] == 0
			};
			results.iter().find(is_it).unwrap().clone()
		};
		let llama = find("5.1-0061", "llama2-70b-99.9");
		assert_eq!(llama["Performance_Result"].to_string(), "102909.0");
		assert!(llama["Power_Result"].to_string().starts_with("10400.99"));
		let sdxl = find("5.1-0062", "stable-diffusion-xl");
		assert_eq!(sdxl["Performance_Result"].to_string(), "31.7836");
	}
}
