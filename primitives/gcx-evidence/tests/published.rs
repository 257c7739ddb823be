//! Every published output of the data set ends in a figure or in a named refusal: the ones that stand here. The figures
//! were worked out from the files' fields with exact fractions, apart from this code; each agrees with the printed one
//! to its last digit.

use gcx_evidence::{
	raw::{excerpt, read, Figure, Kind},
	Reason::{self, *},
};
use gcx_primitives::Metric;
use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
};

/// The data set, if it is there.
fn bench_folder() -> Option<PathBuf> {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bench");
	if folder.is_dir() {
		return Some(folder);
	}
	println!("skipped: the published outputs are not at {}", folder.display());
	None
}

fn text(path: &Path) -> String {
	String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// What a provider would send of an output, read.
fn outcome(kind: Kind, output: &str) -> Result<(Metric, u64, Option<u64>), Reason> {
	let part = excerpt(kind, output).ok_or(TooLarge)?;
	read(kind, part).map(|Figure { metric, value, milliwatts }| (metric, value, milliwatts))
}

/// Files of a folder by name, licences and nested folders left out.
fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
	fs::read_dir(folder)
		.unwrap()
		.map(|entry| entry.unwrap().path())
		.filter(|path| path.is_file())
		.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
		.filter(|(name, _)| !name.ends_with("LICENSE"))
		.collect()
}

/// Reads each file of a folder, prints what came of it, and compares it with what is expected: of exactly these files.
fn compare(folder: &Path, kind: Kind, metric: Metric, expected: &[(&str, Result<u64, Reason>)]) {
	let found: Vec<(String, Result<u64, Reason>)> = files(folder)
		.into_iter()
		.map(|(name, path)| {
			let outcome = outcome(kind, &text(&path));
			println!("{kind:?} | {name} | {outcome:?}");
			(name, outcome.map(|(found, value, _)| if found == metric { value } else { 0 }))
		})
		.collect();
	let expected: Vec<_> = expected.iter().map(|(name, outcome)| (name.to_string(), *outcome)).collect();
	assert_eq!(found, expected);
}

#[test]
fn every_published_hpl_output_ends_as_it_should() {
	let Some(bench) = bench_folder() else { return };
	let expected = [
		("824380210_OceanCat_12node.log", Ok(21_562_365_134_216)),
		("824380210_run_linpack_on_socket_FAILED_residual.md", Err(RunInvalid)),
		("824380210_stark_node03-node04.log", Ok(4_197_134_345_569)),
		("asc22_a100_40GB.out", Ok(22_608_945_715_726)),
		("asc22_a100_80GB.out", Ok(24_081_299_673_262)),
		("asc22_gpu-1020.hpllog", Ok(44_449_789_230_844)),
		("asc22_gpu-765.hpllog", Ok(34_094_250_709_966)),
		("asc_report_HPL.out", Ok(1_715_796_568_627)),
		("kish29_hpl23_res_interrupted.txt", Err(Truncated)),
		("sc14_HPL_2014_08_28_0230.txt", Ok(3_846_980_188_497)),
		("sc14_HPL_2014_08_28_0315_truncated.txt", Err(Truncated)),
		("sc14_no_CUDA_8runs.txt", Ok(493_941_095_322)),
		("superbench_hpl_results_epyc.log", Ok(8_126_146_503_723)),
		("virtualclient_HPLResultsIntel.txt", Ok(668_030_109_189)),
	];
	compare(&bench.join("hpl"), Kind::Hpl, Metric::Hpl, &expected);
}

#[test]
fn every_published_hpcg_output_ends_as_it_should() {
	let Some(bench) = bench_folder() else { return };
	let expected = [
		("a64fx_INVALID_1_fj017-1ranks-12threads_HPCG-Benchmark_3.0_2023-07-16_15-29-04.txt", Err(RunInvalid)),
		("a64fx_INVALID_2_fj005-1ranks-10threads_HPCG-Benchmark_3.0_2022-11-11_06-03-30.txt", Err(RunInvalid)),
		("a64fx_INVALID_3_fj003-1ranks-10threads_HPCG-Benchmark_3.0_2022-11-14_14-01-33.txt", Err(RunInvalid)),
		("a64fx_VALID_30min_fj001-1ranks-9threads_HPCG-Benchmark_3.0_2023-08-04_11-17-48.txt", Ok(6_231_554_068)),
		("a64fx_VALID_30min_fj006-1ranks-10threads_HPCG-Benchmark_3.0_2023-08-01_09-15-19.txt", Ok(6_616_626_741)),
		// 1,799.17 s.
		("a64fx_VALID_but_under1800s_fj005-1ranks-12threads_HPCG-Benchmark_3.0_2023-08-03_03-19-58.txt", Err(TooShort)),
		// 379.5 s.
		("a64fx_multinode_fj024-128ranks-10threads_HPCG-Benchmark_3.0_2023-08-15_11-30-02.txt", Err(TooShort)),
		// 101.4 s.
		("fritz_icelake_VALID_short_f0965_21r2t_2022-07-27.txt", Err(TooShort)),
		("jiela42_hpcg31_HPCG-Benchmark_3.1_2025-04-11_20-46-35.txt", Err(RunInvalid)),
		// 129.3 s.
		("jiela42_hpcg31_HPCG-Benchmark_3.1_2025-04-11_22-05-21.txt", Err(TooShort)),
		// 0.07 s; its rating is 1 % off its own fields as well.
		("virtualclient_HpcgExample1.txt", Err(TooShort)),
	];
	compare(&bench.join("hpcg"), Kind::Hpcg, Metric::Hpcg, &expected);
}

#[test]
fn every_published_stream_output_ends_as_it_should() {
	let Some(bench) = bench_folder() else { return };
	let expected = [
		// A page with one run in it, and nothing else that looks like one.
		("nvidia_grace_STREAM_index.md", Ok(806_835_691_273)),
		("superbench_streamResultNeo.log", Ok(105_255_463_781)),
		("superbench_streamResultZen.log", Ok(363_209_867_201)),
		("virtualclient_StreamExample.txt", Ok(23_314_000_246)),
	];
	compare(&bench.join("stream"), Kind::Stream, Metric::StreamTriad, &expected);
}

#[test]
fn every_published_mlperf_log_ends_as_it_should() {
	let Some(bench) = bench_folder() else { return };
	let folder = bench.join("mlperf/logs_v5.1");
	let mut counts = BTreeMap::<Reason, u32>::new();
	for (name, path) in files(&folder) {
		let outcome = outcome(Kind::Mlperf, &text(&path));
		println!("Mlperf | {name} | {outcome:?}");
		let expected = if name.starts_with("INVALID") {
			RunInvalid
		} else if name.contains("__compliance__") {
			AuditRun
		} else {
			// A valid run of a scenario without a metric, an accuracy run, or one of a model that the log does not
			// name.
			NoMetric
		};
		assert_eq!(outcome, Err(expected), "{name}");
		*counts.entry(expected).or_default() += 1;
	}
	assert_eq!(counts, BTreeMap::from([(RunInvalid, 4), (AuditRun, 9), (NoMetric, 6)]));
}

#[test]
fn system_descriptions_are_no_results() {
	let Some(bench) = bench_folder() else { return };
	let descriptions = files(&bench.join("mlperf")).into_iter().filter(|(name, _)| name.starts_with("system_"));
	for (name, path) in descriptions {
		assert_eq!(outcome(Kind::Mlperf, &text(&path)), Err(Unrecognised), "{name}");
	}
}

#[test]
fn every_row_of_the_mlperf_summary_ends_as_it_should() {
	let Some(bench) = bench_folder() else { return };
	let summary = text(&bench.join("mlperf/inference_v5.1_summary_results.json"));
	let rows: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(&summary).unwrap();
	assert_eq!(rows.len(), 1_448);
	let (mut llama, mut diffusion, mut refused, mut powered) = (0, 0, 0, 0);
	for row in &rows {
		match outcome(Kind::Mlperf, row.get()) {
			Ok((metric, value, milliwatts)) => {
				powered += u32::from(milliwatts.is_some());
				let fields: serde_json::Value = serde_json::from_str(row.get()).unwrap();
				let printed = fields["Performance_Result"].as_f64().unwrap();
				assert!((printed * 1_000.0 - value as f64).abs() <= 1.0);
				match metric {
					Metric::MlperfLlama2Offline => llama += 1,
					Metric::MlperfSdxlOffline => diffusion += 1,
					Metric::Hpl | Metric::Hpcg | Metric::StreamTriad | Metric::Int8Operations => panic!("{metric:?}"),
				}
			},
			Err(NoMetric) => refused += 1,
			Err(reason) => panic!("{reason:?}: {}", row.get()),
		}
	}
	println!("Mlperf | inference_v5.1_summary_results.json | {llama} of Llama 2 70B, {diffusion} of Stable Diffusion XL, {powered} of them with power; {refused} NoMetric");
	// Closed, offline: 47 + 47 of Llama 2 70B at 99 and 99.9 %, 20 of Stable Diffusion XL; power of one each.
	assert_eq!((llama, diffusion, powered, refused), (94, 20, 3, 1_334));
	let lenovo =
		rows.iter().find(|row| row.get().contains("\"5.1-0061\"") && row.get().contains("\"Offline\"")).unwrap();
	assert_eq!(outcome(Kind::Mlperf, lenovo.get()), Ok((Metric::MlperfLlama2Offline, 102_909_000, Some(10_400_998))));
}

#[test]
fn a_vendors_edited_examples_are_all_refused() {
	let Some(bench) = bench_folder() else { return };
	let expected = [
		// Two rows, and HPL's own count says one.
		("virtualclient_HPLResultsArm.txt", Kind::Hpl, FigureMismatch),
		// No row, and the count says one.
		("virtualclient_HPLIncorrectResults_no_result_rows.txt", Kind::Hpl, FigureMismatch),
		// A table with other columns than STREAM's.
		("virtualclient_StreamExampleWindows.txt", Kind::Stream, Unrecognised),
		("virtualclient_StreamInvalidMetricCountExample.txt", Kind::Stream, Unrecognised),
		("virtualclient_StreamInvalidExample.txt", Kind::Stream, Unrecognised),
	];
	let folder = bench.join("handedited_vendor_fixtures");
	for (name, kind, reason) in expected {
		assert_eq!(outcome(kind, &text(&folder.join(name))), Err(reason), "{name}");
	}
	assert_eq!(files(&folder).len(), expected.len());
}

#[test]
fn no_output_is_taken_for_another_benchmarks() {
	let Some(bench) = bench_folder() else { return };
	let kinds =
		[(Kind::Hpl, "hpl"), (Kind::Hpcg, "hpcg"), (Kind::Stream, "stream"), (Kind::Mlperf, "mlperf/logs_v5.1")];
	for (own, folder) in kinds {
		for (name, path) in files(&bench.join(folder)) {
			for (other, _) in kinds.into_iter().filter(|(other, _)| *other != own) {
				let outcome = outcome(other, &text(&path));
				assert!(matches!(outcome, Err(Unrecognised | TooLarge | NoMetric)), "{name} as {other:?}: {outcome:?}");
			}
		}
	}
}
