//! The program as it is called: what it writes, what it says, and what it refuses.

use std::{
	path::Path,
	process::{Command, Output},
};

fn run(arguments: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_gcx-tokenomics")).args(arguments).output().expect("the program starts")
}

/// What a run that comes to its end says.
fn report(folder: &Path, arguments: &[&str]) -> String {
	let folder = ["--out", folder.to_str().expect("the path is text")];
	let output = run(&[&folder, arguments].concat());
	let text = |bytes| String::from_utf8(bytes).expect("the program writes text");
	assert!(output.status.success(), "{}", text(output.stderr));
	text(output.stdout)
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

/// Records of a table without its header, and where a column is.
fn table(file: &Path, name: &str) -> (Vec<csv::StringRecord>, usize) {
	let mut reader = csv::Reader::from_path(file).expect("the table is there");
	let at = reader.headers().expect("it has a header").iter().position(|column| column == name);
	(reader.records().map(|row| row.expect("it is CSV")).collect(), at.expect("it has the column"))
}

/// Tokens to the unit.
fn units(text: &str) -> u128 {
	text.replace('.', "").parse().expect("an exact amount")
}

#[test]
fn a_year_of_all_paths_writes_tables_and_plots_and_says_what_it_shows() {
	let folder = tempfile::tempdir().expect("a folder");
	let text = report(folder.path(), &["--years", "1"]);
	for part in [
		"growth: what a year brought",
		"flat: what",
		"collapse: what",
		"What this shows",
		"The supply rose on 0 of 365 days",
	] {
		assert!(text.contains(part), "{part}:\n{text}");
	}
	let (years, _) = table(&folder.path().join("years.csv"), "supply");
	assert_eq!(years.len(), 3);
	for name in ["growth", "flat", "collapse"] {
		let (days, _) = table(&folder.path().join(format!("days-{name}.csv")), "supply");
		assert_eq!(days.len(), 365);
	}
	for name in ["supply.svg", "burned.svg", "rewards.svg"] {
		let svg = std::fs::read_to_string(folder.path().join(name)).expect("the plot is there");
		assert!(svg.starts_with("<svg ") && svg.contains("growth") && svg.trim_end().ends_with("</svg>"), "{name}");
	}
}

#[test]
fn the_tables_add_up_to_the_unit() {
	let folder = tempfile::tempdir().expect("a folder");
	report(folder.path(), &["--years", "2", "--path", "flat", "--seed", "7"]);
	let file = folder.path().join("years.csv");
	let mut supply = 120_000_000 * 1_000_000_000_000;
	let (rows, _) = table(&file, "supply");
	let column = |name| table(&file, name).1;
	let burned = [
		"burned_fees_of_trades",
		"burned_bought_back",
		"burned_fees_of_the_chain",
		"burned_performance",
		"burned_seats",
		"burned_unclaimed_rewards",
		"burned_dust",
	]
	.map(column);
	let (issued, at_the_end) = (column("issued"), column("supply"));
	for row in rows {
		supply += units(&row[issued]);
		supply -= burned.iter().map(|kind| units(&row[*kind])).sum::<u128>();
		assert_eq!(units(&row[at_the_end]), supply);
	}
}

#[test]
fn the_same_seed_brings_the_same_figures_and_another_one_others() {
	let days = |seed| {
		let folder = tempfile::tempdir().expect("a folder");
		report(folder.path(), &["--years", "1", "--path", "growth", "--seed", seed]);
		std::fs::read_to_string(folder.path().join("days-growth.csv")).expect("the table is there")
	};
	let first = days("5");
	assert_eq!(first, days("5"));
	assert_ne!(first, days("6"));
}

#[test]
fn a_refusal_names_what_is_wrong() {
	let folder = tempfile::tempdir().expect("a folder");
	let file = folder.path().join("file");
	std::fs::write(&file, "").expect("it can be written");
	let file = file.to_str().expect("the path is text");
	for (arguments, part) in [
		(vec!["--years", "0"], "0 is not in 1..=50"),
		(vec!["--years", "ten"], "invalid value 'ten' for '--years <YEARS>'"),
		(vec!["--seed", "-1"], "unexpected argument '-1' found"),
		(vec!["--in-tokens", "1.01"], "a share is from 0 to 1"),
		(vec!["--in-tokens", "most"], "it is not a number"),
		(vec!["--path", "boom"], "[possible values: growth, flat, collapse]"),
		(vec!["--out", file], "cannot write "),
		(vec!["--colour"], "unexpected argument '--colour' found"),
		(vec!["growth"], "unexpected argument 'growth' found"),
	] {
		let refusal = refusal(&arguments);
		assert!(refusal.contains(part), "{arguments:?}: {refusal}");
	}
}

#[test]
fn help_is_no_refusal() {
	let output = run(&["--help"]);
	assert!(output.status.success() && String::from_utf8(output.stdout).expect("text").contains("--in-tokens"));
}
