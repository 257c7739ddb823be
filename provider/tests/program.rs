//! The program as it is run.

use gcx_evidence::{
	raw::{self, Kind},
	Benchmark,
};
use serde_json::Value;
use std::{
	fs,
	path::{Path, PathBuf},
	process::{Child, Command, Output, Stdio},
	time::{Duration, Instant},
};

fn program() -> Command {
	Command::new(env!("CARGO_BIN_EXE_gcx-provider"))
}

fn run(arguments: &[&str]) -> Output {
	program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn bench_prints_figures_that_attestors_accept() {
	let output = run(&["bench", "--order", "512", "--stream-bytes", "8000000", "--json"]);
	assert!(output.status.success(), "{}", text(&output.stderr));
	let report: Value = serde_json::from_slice(&output.stdout).unwrap();
	let benchmarks: Vec<Benchmark> = serde_json::from_value(report["benchmarks"].clone()).unwrap();
	assert_eq!(benchmarks.iter().map(|benchmark| benchmark.kind).collect::<Vec<_>>(), [Kind::Hpl, Kind::Stream]);
	for benchmark in &benchmarks {
		assert_eq!(raw::read(benchmark.kind, &benchmark.raw).unwrap().value, benchmark.claimed);
	}
	assert_eq!(report["solve"]["order"], 512);
	let near = |measured: &Value, declared: u64| (measured.as_f64().unwrap() / declared as f64 - 1.0).abs() < 0.01;
	assert!(near(&report["solve"]["operationsPerSecond"], benchmarks[0].claimed));
	assert!(near(&report["stream"]["triad"], benchmarks[1].claimed));
}

#[test]
fn bench_says_what_it_measured_to_people() {
	let output = run(&["bench", "--order", "256", "--no-stream"]);
	let said = text(&output.stdout);
	assert!(output.status.success() && said.contains("order 256") && said.contains("Gflop/s"), "{said}");
	// Nothing but the report goes to standard output, and no bars to a pipe.
	assert!(!said.contains('\u{1b}') && !text(&output.stderr).contains('\u{1b}'));
}

#[test]
fn check_names_the_figure_or_the_reason_of_each_file() {
	let folder = tempfile::tempdir().unwrap();
	let write = |name: &str, content: &[u8]| {
		let path = folder.path().join(name);
		fs::write(&path, content).unwrap();
		path.to_str().unwrap().to_owned()
	};
	let bench = run(&["bench", "--order", "256", "--no-stream", "--json"]);
	let report: Value = serde_json::from_slice(&bench.stdout).unwrap();
	let raw = report["benchmarks"][0]["raw"].as_str().unwrap();
	let good = write("a.out", raw.as_bytes());
	let failed = write("b.out", raw.replace("PASSED", "FAILED").as_bytes());
	let cut = write("c-hpl.out", raw.split("End of").next().unwrap().split("Finished").next().unwrap().as_bytes());
	let other = write("d.out", b"hello");
	let binary = write("stream.out", &[0xff, 0xfe, 0]);

	let output = run(&["check", &good]);
	assert!(output.status.success());
	assert!(text(&output.stdout).contains("Hpl: Hpl "), "{}", text(&output.stdout));
	let output = run(&["check", "--json", &good, &failed, &cut, &other, &binary, "/nonexistent"]);
	assert!(!output.status.success(), "a refused file is a failure");
	let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
	let refused: Vec<_> = (0..6).map(|index| listed[index]["refused"].as_str().unwrap_or("accepted")).collect();
	assert_eq!(refused, ["accepted", "runInvalid", "truncated", "unrecognised", "unrecognised", "unrecognised"]);
	assert_eq!((&listed[1]["kind"], &listed[3]["kind"]), (&"hpl".into(), &Value::Null));
}

#[test]
fn openapi_prints_the_description() {
	let description: Value = serde_json::from_slice(&run(&["openapi"]).stdout).unwrap();
	assert_eq!(description["openapi"], "3.1.0");
}

#[test]
fn nonsense_on_the_command_line_is_refused() {
	for arguments in [&["run"][..], &["run", "--resource", "7"], &["bench", "--order", "1"], &["check"], &["fly"]] {
		let output = run(arguments);
		assert!(!output.status.success() && !output.stderr.is_empty(), "{arguments:?}");
	}
	let output = run(&["run", "--config", "/nonexistent/gcx.toml"]);
	assert!(text(&output.stderr).contains("/nonexistent/gcx.toml"));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused_and_not_shown() {
	use std::os::unix::fs::PermissionsExt;
	let file = tempfile::NamedTempFile::new().unwrap();
	let secret = "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
	fs::write(file.path(), secret).unwrap();
	fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
	let output = run(&["run", "--resource", "7", "--key", file.path().to_str().unwrap()]);
	let said = text(&output.stderr);
	assert!(!output.status.success() && said.contains("chmod 600") && !said.contains("e5be9a50"), "{said}");
}

fn buyer(arguments: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_gcx-buyer")).args(arguments).output().unwrap()
}

#[test]
fn the_buyer_prints_its_description() {
	let description: Value = serde_json::from_slice(&buyer(&["openapi"]).stdout).unwrap();
	assert_eq!(description["openapi"], "3.1.0");
}

#[test]
fn the_buyer_refuses_nonsense_before_it_asks_a_node() {
	let request = ["request", "--key", "//Bob", "--contract", "3", "--region", "276", "--endpoint"];
	for (arguments, says) in [
		(&[&request[..], &["ftp://meter.example"]].concat()[..], "http:// or https://"),
		(&[&request[..], &["http://user:secret@meter.example"]].concat(), "credentials"),
		(&["run", "--account", "nobody"], "no address"),
		(&["run", "--account", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"], "--voucher-key"),
		(
			&[
				"run",
				"--account",
				"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
				"--voucher-key",
				"//Bob",
				"--object",
			],
			"--object needs --key",
		),
		(
			&["run", "--account", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", "--key", "//Bob"],
			"not the account that is named",
		),
		(&["run"], "required"),
		(&["fly"], "unrecognized"),
	] {
		let output = buyer(arguments);
		let said = text(&output.stderr);
		assert!(!output.status.success() && said.contains(says), "{arguments:?}: {said}");
		assert!(!said.contains("secret"), "{said}");
	}
}

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
	fn drop(&mut self) {
		let _ = self.0.kill();
		let _ = self.0.wait();
	}
}

#[cfg(unix)]
#[test]
fn an_agent_that_waits_for_its_node_stops_when_it_is_told_to() {
	let state = tempfile::tempdir().unwrap();
	let child = program()
		.args(["run", "--resource", "7", "--key", "//Alice", "--node", "ws://127.0.0.1:1", "--order", "256"])
		.args(["--listen", "127.0.0.1:0", "--state", state.path().to_str().unwrap()])
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	let mut child = Running(child);
	// It has to have come as far as waiting, or the signal finds the default: it says so on standard error.
	let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.0.stderr.take().unwrap()));
	let said: Vec<_> = lines.by_ref().map_while(Result::ok).take(2).collect();
	assert!(said[0].contains("development seed") && said[1].contains("trying again"), "{said:?}");
	let stopped = Command::new("kill").args(["-TERM", &child.0.id().to_string()]).status().unwrap();
	assert!(stopped.success());
	let began = Instant::now();
	let status = loop {
		if let Some(status) = child.0.try_wait().unwrap() {
			break status;
		}
		assert!(began.elapsed() < Duration::from_secs(30), "it does not stop");
		std::thread::sleep(Duration::from_millis(20));
	};
	assert!(status.success(), "{status}");
}

/// Published outputs. None, saying so, where they are absent.
fn shared() -> Option<PathBuf> {
	let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
	let folder = package.join("../../shared/data/bench");
	if folder.is_dir() {
		return Some(folder);
	}
	println!("skipped: {} is absent", folder.display());
	None
}

fn files(folder: &Path, into: &mut Vec<String>) {
	for entry in fs::read_dir(folder).unwrap().flatten() {
		match entry.file_type().unwrap().is_dir() {
			true => files(&entry.path(), into),
			false => into.push(entry.path().to_str().unwrap().to_owned()),
		}
	}
}

#[test]
fn every_published_output_ends_in_a_figure_or_a_named_refusal() {
	let Some(folder) = shared() else { return };
	let mut all = Vec::new();
	files(&folder, &mut all);
	all.sort();
	let output = program().arg("check").arg("--json").args(&all).output().unwrap();
	let listed: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!(listed.len(), all.len());
	let mut figures = 0;
	for file in &listed {
		let name = file["file"].as_str().unwrap();
		match (file["figure"].is_null(), file["refused"].as_str()) {
			(false, None) => {
				figures += 1;
				// What is recognised is what its folder says.
				let kind = file["kind"].as_str().unwrap();
				assert!(name.contains(&format!("/{kind}/")) || name.contains("handedited"), "{name}: {kind}");
			},
			(true, Some(_)) => (),
			other => panic!("{name}: {other:?}"),
		}
	}
	assert!(figures >= 15, "only {figures} of {} came to a figure", all.len());
}
