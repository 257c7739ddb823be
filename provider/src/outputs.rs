//! A folder of raw outputs that exist already, served as declared results.

use gcx_evidence::{
	raw::{self, Figure, Kind},
	Benchmark, Reason, MAX_BENCHMARKS,
};
use gcx_primitives::Metric;
use serde::Serialize;
use std::{
	fs, io,
	path::{Path, PathBuf},
};

/// The most files of a folder that are read.
pub const MAX_FILES: usize = 1_000;
/// The longest file that is read. Of output that is longer than what a document may hold, its last table of results is taken.
pub const MAX_FILE_BYTES: u64 = 8 << 20;
/// How deep folders are descended into.
const MAX_DEPTH: usize = 4;
/// Every kind, in the order in which they are tried.
pub const KINDS: [Kind; 4] = [Kind::Hpl, Kind::Hpcg, Kind::Stream, Kind::Mlperf];

/// What a file came to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
	/// Its path below the folder.
	pub file: String,
	/// What it is the output of. None if it was not recognised.
	pub kind: Option<Kind>,
	/// What it comes to.
	pub figure: Option<Read>,
	/// Why it is refused.
	pub refused: Option<Reason>,
	/// Whether it is among the declared results. Of several files of one metric the best is.
	pub declared: bool,
}

/// A figure that was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
	/// Of what.
	pub metric: Metric,
	/// How much, of all devices together.
	pub value: u64,
	/// Its unit.
	pub unit: &'static str,
}

impl From<Figure> for Read {
	fn from(figure: Figure) -> Self {
		Self { metric: figure.metric, value: figure.value, unit: unit(figure.metric) }
	}
}

/// The unit that a metric is counted in.
pub const fn unit(metric: Metric) -> &'static str {
	match metric {
		Metric::Hpl | Metric::Hpcg => "operations per second",
		Metric::StreamTriad => "bytes per second",
		Metric::MlperfLlama2Offline => "thousandths of a token per second",
		Metric::MlperfSdxlOffline => "thousandths of a sample per second",
		Metric::Int8Operations => "8-bit integer operations per second",
	}
}

/// A folder that was read: what each file came to, and the benchmarks that are declared of it.
#[derive(Clone, Debug, Default)]
pub struct Folder {
	/// Every file, in the order of their paths.
	pub outputs: Vec<Output>,
	/// The best of each metric, in the order of their files.
	pub benchmarks: Vec<Benchmark>,
}

impl Folder {
	/// Reads a folder. Of files of one metric the one with the greatest figure is declared, of no more than `room` metrics. Figures
	/// are of so many devices together; one that is less than a unit a device is out of range.
	///
	/// # Errors
	/// If the folder cannot be read. A file that cannot be read is refused as not recognised.
	pub fn read(folder: &Path, devices: u32, room: usize) -> io::Result<Self> {
		let mut files = Vec::new();
		collect(folder, MAX_DEPTH, &mut files)?;
		files.sort();
		files.truncate(MAX_FILES);
		let mut outputs = Vec::with_capacity(files.len());
		let mut best: Vec<(usize, Read, Benchmark)> = Vec::new();
		for (index, file) in files.iter().enumerate() {
			let name = file.strip_prefix(folder).unwrap_or(file).display().to_string();
			let (kind, read) = read_file(file, &name);
			let read = read.and_then(|(read, raw)| match read.value.checked_div(u64::from(devices)) {
				Some(each) if each > 0 => Ok((read, raw)),
				Some(_) | None => Err(Reason::FigureOutOfRange),
			});
			let figure = read.as_ref().ok().map(|(read, _)| *read);
			outputs.push(Output { file: name, kind, figure, refused: read.as_ref().err().copied(), declared: false });
			if let (Some(kind), Ok((read, raw))) = (kind, read) {
				let benchmark = Benchmark { kind, claimed: read.value, raw };
				match best.iter_mut().find(|(_, other, _)| other.metric == read.metric) {
					Some(other) if other.1.value >= read.value => (),
					Some(other) => *other = (index, read, benchmark),
					None => best.push((index, read, benchmark)),
				}
			}
		}
		best.sort_by_key(|(index, ..)| *index);
		best.truncate(room.min(MAX_BENCHMARKS));
		for (index, ..) in &best {
			outputs[*index].declared = true;
		}
		Ok(Self { outputs, benchmarks: best.into_iter().map(|(.., benchmark)| benchmark).collect() })
	}
}

/// Plain files below a folder. Links are not followed: they could lead anywhere.
fn collect(folder: &Path, depth: usize, into: &mut Vec<PathBuf>) -> io::Result<()> {
	for entry in fs::read_dir(folder)? {
		let entry = entry?;
		let kind = entry.file_type()?;
		if kind.is_file() {
			into.push(entry.path());
		} else if kind.is_dir() && depth > 0 {
			collect(&entry.path(), depth - 1, into)?;
		}
		if into.len() > MAX_FILES * 4 {
			break;
		}
	}
	Ok(())
}

type FileRead = (Option<Kind>, Result<(Read, String), Reason>);

/// Reads one file. Its name is what is shown of it, and may name its kind.
pub fn read_file(file: &Path, name: &str) -> FileRead {
	let text = match text_of(file) {
		Ok(text) => text,
		Err(reason) => return (named_kind(name), Err(reason)),
	};
	let (kind, figure) = recognise(&text, named_kind(name));
	let part = kind.and_then(|kind| raw::excerpt(kind, &text)).map(str::to_owned);
	(kind, figure.and_then(|figure| Ok((figure.into(), part.ok_or(Reason::TooLarge)?))))
}

fn text_of(file: &Path) -> Result<String, Reason> {
	if fs::metadata(file).map_err(|_| Reason::Unrecognised)?.len() > MAX_FILE_BYTES {
		return Err(Reason::TooLarge);
	}
	fs::read(file).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Reason::Unrecognised)
}

/// Recognises raw output: as the kind that its name says, or as the first that it is.
///
/// A refusal that says more than "not recognised" tells the kind, too.
pub fn recognise(text: &str, named: Option<Kind>) -> (Option<Kind>, Result<Figure, Reason>) {
	let (mut refused, mut too_large) = (None, false);
	let others = KINDS.into_iter().filter(|kind| Some(*kind) != named);
	for kind in named.into_iter().chain(others) {
		match raw::excerpt(kind, text).ok_or(Reason::TooLarge).and_then(|part| raw::read(kind, part)) {
			Ok(figure) => return (Some(kind), Ok(figure)),
			Err(Reason::Unrecognised) => (),
			// Too large for any kind says nothing of the kind.
			Err(Reason::TooLarge) if named.is_none() => too_large = true,
			Err(reason) => {
				refused.get_or_insert((kind, reason));
			},
		}
	}
	match refused {
		Some((kind, reason)) => (Some(kind), Err(reason)),
		None => (named, Err(if too_large { Reason::TooLarge } else { Reason::Unrecognised })),
	}
}

/// The kind that a path names: the innermost part of it that contains a benchmark's name.
fn named_kind(path: &str) -> Option<Kind> {
	let lower = path.to_ascii_lowercase();
	let names = [("hpcg", Kind::Hpcg), ("hpl", Kind::Hpl), ("stream", Kind::Stream), ("mlperf", Kind::Mlperf)];
	lower.rsplit(['/', '\\']).find_map(|part| names.iter().find(|(name, _)| part.contains(name)).map(|(_, kind)| *kind))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::solve::{hpl_output, run};

	fn hpl(order: u32) -> String {
		hpl_output(&[run([1; 32], order, |_| ()).unwrap()], 1)
	}

	fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
		let path = folder.join(name);
		fs::create_dir_all(path.parent().unwrap()).unwrap();
		fs::write(path, content).unwrap();
	}

	#[test]
	fn a_path_names_its_kind_by_its_innermost_part() {
		assert_eq!(named_kind("hpl/run1.txt"), Some(Kind::Hpl));
		assert_eq!(named_kind("hpl/HPCG-Benchmark_3.1.txt"), Some(Kind::Hpcg));
		assert_eq!(named_kind("results/stream.log"), Some(Kind::Stream));
		assert_eq!(named_kind("mlperf/v5.1/row.json"), Some(Kind::Mlperf));
		assert_eq!(named_kind("a/b.txt"), None);
	}

	#[test]
	fn the_best_of_each_metric_is_declared_and_the_rest_is_listed() {
		let folder = tempfile::tempdir().unwrap();
		// The times of one of them are made ten times longer and its rate ten times less: it is slower by what it says.
		let fast = hpl(512);
		write(folder.path(), "b/hpl.txt", &fast);
		write(folder.path(), "a/hpl.txt", hpl(256));
		write(folder.path(), "notes.txt", "nothing");
		let read = Folder::read(folder.path(), 1, MAX_BENCHMARKS).unwrap();
		let names: Vec<_> = read.outputs.iter().map(|output| output.file.as_str()).collect();
		assert_eq!(names, ["a/hpl.txt", "b/hpl.txt", "notes.txt"]);
		let values: Vec<_> = read.outputs.iter().map(|output| output.figure.map_or(0, |figure| figure.value)).collect();
		let best = values.iter().max().unwrap();
		assert_eq!(read.benchmarks.len(), 1);
		assert_eq!(read.benchmarks[0].claimed, *best);
		for (output, value) in read.outputs.iter().zip(&values) {
			assert_eq!(output.declared, value == best, "{output:?}");
		}
		assert_eq!(read.outputs[2].refused, Some(Reason::Unrecognised));
		assert!(Folder::read(folder.path(), 1, 0).unwrap().benchmarks.is_empty());
	}

	#[test]
	fn a_figure_of_less_than_a_unit_a_device_is_out_of_range() {
		let folder = tempfile::tempdir().unwrap();
		write(folder.path(), "hpl.txt", hpl(256));
		let read = Folder::read(folder.path(), u32::MAX, MAX_BENCHMARKS).unwrap();
		let value = Folder::read(folder.path(), 1, MAX_BENCHMARKS).unwrap().benchmarks[0].claimed;
		let too_small = value < u64::from(u32::MAX);
		assert_eq!(read.outputs[0].refused, too_small.then_some(Reason::FigureOutOfRange));
	}

	#[test]
	fn a_file_that_is_too_large_or_no_text_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		write(folder.path(), "hpl.bin", [0xff, 0xfe]);
		write(folder.path(), "large.txt", vec![b'x'; usize::try_from(MAX_FILE_BYTES).unwrap() + 1]);
		write(folder.path(), "long.txt", vec![b'x'; gcx_evidence::MAX_RAW_BYTES + 1]);
		let read = Folder::read(folder.path(), 1, MAX_BENCHMARKS).unwrap();
		let refused: Vec<_> = read.outputs.iter().map(|output| output.refused).collect();
		assert_eq!(refused, [Some(Reason::Unrecognised), Some(Reason::TooLarge), Some(Reason::TooLarge)]);
	}

	#[test]
	fn long_output_of_hpl_is_declared_by_its_last_table() {
		let folder = tempfile::tempdir().unwrap();
		let long = format!("{}{}", "Prog= 1.0%\n".repeat(10_000), hpl(256));
		write(folder.path(), "hpl.txt", &long);
		let read = Folder::read(folder.path(), 1, MAX_BENCHMARKS).unwrap();
		assert_eq!(read.outputs[0].refused, None);
		assert!(read.benchmarks[0].raw.len() < long.len());
		assert!(raw::read(Kind::Hpl, &read.benchmarks[0].raw).is_ok());
	}

	#[cfg(unix)]
	#[test]
	fn links_are_not_followed() {
		let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
		write(other.path(), "hpl.txt", hpl(256));
		std::os::unix::fs::symlink(other.path().join("hpl.txt"), folder.path().join("hpl.txt")).unwrap();
		std::os::unix::fs::symlink(other.path(), folder.path().join("more")).unwrap();
		assert!(Folder::read(folder.path(), 1, MAX_BENCHMARKS).unwrap().outputs.is_empty());
		assert!(Folder::read(Path::new("/nonexistent"), 1, MAX_BENCHMARKS).is_err());
	}
}
