//! The program: `cargo run -p gcx-tokenomics -- --help`.

use gcx_tokenomics::{
	error::Error,
	figures::Run,
	findings,
	options::Options,
	plot, report,
	simulation::{self, Setup},
	tables,
};
use std::{
	io::{ErrorKind, Write},
	process::ExitCode,
};

fn main() -> ExitCode {
	let text = match Options::from_arguments(std::env::args_os()) {
		Ok(options) => simulate(&options),
		Err(Error::Asked(text)) => Ok(text),
		Err(error) => Err(error),
	};
	match text.and_then(|text| show(&text)) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		},
	}
}

/// Writes to the standard output. A reader that has seen enough, such as `head`, is no error.
fn show(text: &str) -> Result<(), Error> {
	match std::io::stdout().write_all(text.as_bytes()) {
		Err(reason) if reason.kind() != ErrorKind::BrokenPipe => {
			Err(Error::Unwritten { file: "the standard output".into(), reason })
		},
		_ => Ok(()),
	}
}

/// Simulates the paths that are asked for, writes tables and plots, and says what came out.
fn simulate(options: &Options) -> Result<String, Error> {
	let folder = options.folder();
	std::fs::create_dir_all(&folder).map_err(|reason| Error::Unwritten { file: folder.clone(), reason })?;
	let runs = run_all(&options.setups())?;
	let files = [tables::save(&folder, &runs)?, plot::save(&folder, &runs)?].concat();
	let mut text: String = runs.iter().map(report::of).collect();
	text.push_str(&findings::of(&runs));
	text.push_str("\nWritten:\n");
	for file in files {
		text.push_str(&format!("  {}\n", file.display()));
	}
	Ok(text)
}

/// One thread for each path. What is simulated in one is nothing to the others.
fn run_all(setups: &[Setup]) -> Result<Vec<Run>, Error> {
	std::thread::scope(|scope| {
		let threads: Vec<_> =
			setups.iter().map(|setup| (setup.demand, scope.spawn(|| simulation::run(setup)))).collect();
		threads.into_iter().map(|(demand, thread)| thread.join().map_err(|_| Error::Panicked(demand))?).collect()
	})
}
