//! The program as it is called: figures of the fixture, refusals, and real series where they are present.

use std::{
	path::{Path, PathBuf},
	process::{Command, Output},
};

fn run(arguments: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_gcx-backtest")).args(arguments).output().expect("the program starts")
}

/// The report of a back-test that comes to an end.
fn report(file: &Path, arguments: &[&str]) -> String {
	let output = run(&[&[file.to_str().expect("the path is text")], arguments].concat());
	let text = |bytes| String::from_utf8(bytes).expect("the program writes text");
	assert!(output.status.success(), "{}: {}", file.display(), text(output.stderr));
	text(output.stdout)
}

/// What stands beside a label: once, or once for each horizon.
fn figures<'a>(report: &'a str, label: &str) -> Vec<&'a str> {
	report.lines().filter_map(|line| line.trim().strip_prefix(label)).map(str::trim).collect()
}

/// The folder of the package. The one that was compiled in may be that of another checkout: they share a target folder.
fn package() -> PathBuf {
	std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests").into()
}

fn fixture() -> PathBuf {
	package().join("fixtures/wti_front_2020.csv")
}

/// The one sentence with which the program refuses.
fn refusal(arguments: &[&str]) -> String {
	let output = run(arguments);
	assert_eq!(output.status.code(), Some(1), "{arguments:?}");
	assert!(output.stdout.is_empty(), "{arguments:?}");
	let text = String::from_utf8(output.stderr).expect("the program writes text");
	assert_eq!(text.lines().count(), 1, "{text}");
	text.trim_end().strip_prefix("error: ").expect("a refusal is an error").to_owned()
}

// The figures were computed a second time, in rational arithmetic, from the formulas alone.
#[test]
fn oil_through_zero_breaches_a_range_that_the_model_then_makes_up_for() {
	let report = report(&fixture(), &["--floor", "10"]);
	for (label, expected) in [
		("price column", vec!["close"]),
		("rows dropped", vec!["0"]),
		("prices outside the filter", vec!["0"]),
		("dates", vec!["2020-02-18 to 2020-06-30"]),
		("days with a fix", vec!["94"]),
		("days with no fix", vec!["40, at most 3 in a row"]),
		("lowest fix", vec!["-37.63 on 2020-04-20"]),
		("highest fix", vec!["53.78 on 2020-02-20"]),
		("floor price", vec!["10.00"]),
		("scan fraction", vec!["min 20.00 %, mean 161.49 %, max 305.97 %, last 305.97 %"]),
		("peak to trough of the fraction", vec!["15.30"]),
		("largest rise within 5 days", vec!["3.05-fold"]),
		("largest rise within 30 days", vec!["9.74-fold"]),
		("moves", vec!["93", "92"]),
		("breaches", vec!["3", "4"]),
		("rate", vec!["3.23 %", "4.35 %"]),
		("Kupiec: likelihood ratio", vec!["2.9340", "5.7028"]),
		("Kupiec: p-value", vec!["0.0867", "0.0169"]),
		("99.00 % coverage at 5.00 %", vec!["accepted", "rejected: too many breaches"]),
	] {
		assert_eq!(figures(&report, label), expected, "{label}:\n{report}");
	}
	let largest = figures(&report, "largest in scan ranges");
	assert!(largest[0].starts_with("7.06: 55.90 against 7.9149, ") && largest[0].ends_with("2020-04-17 to 2020-04-20"));
	assert!(largest[1].starts_with("7.23: 57.50 against ") && largest[1].ends_with("2020-04-16 to 2020-04-20"));
}

#[test]
fn a_lower_coverage_allows_more_breaches() {
	let report = report(&fixture(), &["--floor", "10", "--coverage", "97.5"]);
	assert_eq!(figures(&report, "97.50 % coverage at 5.00 %"), ["accepted", "accepted"]);
}

#[test]
fn the_plot_is_written_where_it_is_asked_for() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("oil.svg");
	report(&fixture(), &["--floor", "10", "--plot", file.to_str().unwrap()]);
	let svg = std::fs::read_to_string(&file).unwrap();
	assert!(svg.starts_with("<svg ") && svg.contains("wti_front_2020"));
	assert_eq!(svg.matches("<circle").count(), 3);
}

#[test]
fn a_refusal_names_what_is_wrong() {
	let folder = tempfile::tempdir().unwrap();
	let written = |name: &str, content: &str| {
		let file = folder.path().join(name);
		std::fs::write(&file, content).unwrap();
		file.to_str().unwrap().to_owned()
	};
	let fixture = fixture();
	let fixture = fixture.to_str().unwrap();
	let short = written("short.csv", "date,close\n2020-01-01,1\n2020-01-02,2\n");
	let several = written("several.csv", "date,gpu_model,price\n2020-01-01,H100,1\n2020-01-01,T4,1\n");
	let empty = written("empty.csv", "");
	let nowhere = folder.path().join("no/such/plot.svg");
	let folder = folder.path().to_str().unwrap();
	for (arguments, part) in [
		(vec!["absent.csv"], "cannot open absent.csv: No such file"),
		(vec![folder], "cannot read "),
		(vec![empty.as_str()], "has no column that is known to hold the date: name it with --date-column"),
		(vec![fixture, "--column", "settle"], "has no column \"settle\"; it has date, close"),
		(vec![fixture, "--date-column", "day"], "has no column \"day\"; it has date, close"),
		(vec![fixture, "--item", "H100"], "hold the item: name it with --item-column; it has date, close"),
		(vec![fixture, "--only", "date=never"], "has 0 days with a price and a back-test needs 10"),
		(vec![short.as_str()], "has 2 days with a price and a back-test needs 10"),
		(vec![several.as_str()], "holds several items: choose one with --item; it has H100, T4"),
		(vec![several.as_str(), "--item", "K80"], "has no item \"K80\"; it has H100, T4"),
		(vec![fixture, "--floor", "0"], "a floor price is at least a millionth of a dollar"),
		(vec![fixture, "--coverage", "0"], "a coverage is above 0 and below 100 per cent"),
		(vec![fixture, "--plot", nowhere.to_str().unwrap()], "plot.svg: No such file"),
		(vec![fixture, "--colour"], "unexpected argument '--colour' found"),
		(vec![], "the following required arguments were not provided: <FILE>"),
	] {
		let refusal = refusal(&arguments);
		assert!(refusal.contains(part), "{refusal}");
	}
}

#[test]
fn help_is_no_refusal() {
	let output = run(&["--help"]);
	assert!(output.status.success() && String::from_utf8(output.stdout).unwrap().contains("--item-column"));
}

/// A file of the shared data. None, saying so, where it is absent.
fn shared(name: &str) -> Option<PathBuf> {
	let file = package().join("../../shared/data/prices").join(name);
	if !file.exists() {
		println!("skipped: there is no {}", file.display());
	}
	file.exists().then_some(file)
}

/// Dollars of the fix that a line of the report begins with.
fn dollars(report: &str, label: &str) -> f64 {
	let fix = figures(report, label)[0].split(' ').next().expect("a fix comes first");
	fix.parse().expect("a fix is a number")
}

#[test]
fn the_mislabelled_rows_of_many_venues_do_not_reach_the_price() {
	let Some(file) = shared("multi_venue_daily_2026-02_07.csv") else { return };
	let clean = report(&file, &["--item", "H100_SXM", "--quorum", "3"]);
	assert_eq!(figures(&clean, "unit_flag NODE_PRICE_NOT_PER_GPU"), ["314"]);
	assert_eq!(figures(&clean, "days with a fix"), ["159"]);
	assert!(dollars(&clean, "lowest fix") > 1.5 && dollars(&clean, "highest fix") < 4.0);
	// In the first eight days more than half of the rows are per node, which no filter can tell from the truth; the
	// fixes are too high, and still none is a node's price.
	let kept = report(&file, &["--item", "H100_SXM", "--quorum", "3", "--keep-flagged"]);
	assert_eq!(figures(&kept, "rows dropped"), ["0"]);
	assert_eq!(figures(&kept, "days with a fix"), ["159"]);
	assert!((4.0..10.0).contains(&dollars(&kept, "highest fix")));
	assert_eq!(dollars(&kept, "lowest fix"), dollars(&clean, "lowest fix"));
}

#[test]
fn an_absurd_row_among_many_is_filtered_whether_or_not_it_is_flagged() {
	let Some(file) = shared("multi_venue_daily_2026-02_07.csv") else { return };
	let arguments = ["--item", "RTX_5090", "--only", "kind=on-demand"];
	let clean = report(&file, &arguments);
	assert_eq!(figures(&clean, "unit_flag SUSPECT_HIGH"), ["6"]);
	let kept = report(&file, &[&arguments[..], &["--keep-flagged"]].concat());
	assert_eq!(figures(&clean, "highest fix"), figures(&kept, "highest fix"));
	assert_eq!(figures(&clean, "breaches"), figures(&kept, "breaches"));
}

#[test]
fn the_bid_auctions_of_2015_are_more_than_the_model_covers() {
	let Some(file) = shared("aws_spot_g2_k520_daily_2015.csv") else { return };
	let report = report(&file, &["--floor", "0.65"]);
	assert_eq!(figures(&report, "99.00 % coverage at 5.00 %"), ["rejected: too many breaches"; 2]);
	assert_eq!(figures(&report, "breaches"), ["8", "11"]);
}

#[test]
fn spot_prices_that_their_provider_smooths_never_breach_the_least_fraction() {
	let Some(file) = shared("aws_spot_cross_az_median_daily_2022-12_2024-04.csv") else { return };
	let report = report(&file, &["--item", "H100"]);
	assert_eq!(figures(&report, "breaches"), ["0", "0"]);
	assert_eq!(figures(&report, "scan fraction"), ["min 20.00 %, mean 20.00 %, max 20.00 %, last 20.00 %"]);
	assert_eq!(figures(&report, "99.00 % coverage at 5.00 %"), ["rejected: too few breaches"; 2]);
}

#[test]
fn every_other_series_comes_to_an_end_with_the_columns_that_are_known() {
	for (name, arguments, days) in [
		("aws_spot_p2p3_daily_2019-2020.csv", vec!["--item", "K80"], "91"),
		("primeintellect_30min_2025-10_11.csv", vec!["--item", "B200_180GB"], "29"),
		("wti_cl_front_futures_daily_yahoo.csv", vec![], "6443"),
		("btc_usd_daily_yahoo.csv", vec![], "4213"),
	] {
		let Some(file) = shared(name) else { continue };
		let report = report(&file, &arguments);
		assert_eq!(figures(&report, "days with a fix"), [days], "{name}");
	}
}
