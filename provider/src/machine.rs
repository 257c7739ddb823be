//! What this machine has: threads, caches, free memory.

use serde::Serialize;
use std::{fs, num::NonZeroUsize, path::Path, thread};

/// A last-level cache where the operating system names none: 32 MiB.
const ASSUMED_CACHE: u64 = 32 << 20;
/// Free memory where the operating system names none: 4 GiB.
const ASSUMED_MEMORY: u64 = 4 << 30;
/// Where Linux describes its processors.
const PROCESSORS: &str = "/sys/devices/system/cpu";

/// A machine, as far as its benchmarks need to know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
	/// Threads that run at the same time.
	pub threads: usize,
	/// Bytes of all last-level caches together.
	pub cache_bytes: u64,
	/// Bytes of memory that could be had now.
	pub free_bytes: u64,
}

impl Machine {
	/// This machine, now. Where the operating system does not say, 32 MiB of cache and 4 GiB of free memory are assumed.
	pub fn here() -> Self {
		Self {
			threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
			cache_bytes: last_level_caches(Path::new(PROCESSORS)).unwrap_or(ASSUMED_CACHE),
			free_bytes: fs::read_to_string("/proc/meminfo")
				.ok()
				.and_then(|text| available(&text))
				.unwrap_or(ASSUMED_MEMORY),
		}
	}
}

/// The line `MemAvailable:  123 kB` of `/proc/meminfo`, in bytes.
fn available(meminfo: &str) -> Option<u64> {
	let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
	line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

/// All caches of the highest level in a tree such as `/sys/devices/system/cpu`, each counted once.
fn last_level_caches(root: &Path) -> Option<u64> {
	let mut caches = std::collections::BTreeMap::new();
	for processor in fs::read_dir(root).ok()?.flatten() {
		let Ok(indices) = fs::read_dir(processor.path().join("cache")) else { continue };
		for cache in indices.flatten() {
			let field =
				|name: &str| fs::read_to_string(cache.path().join(name)).ok().map(|text| text.trim().to_owned());
			let (Some(level), Some(size), Some(shared)) =
				(field("level").and_then(|text| text.parse::<u32>().ok()), field("size"), field("shared_cpu_list"))
			else {
				continue;
			};
			if let Some(bytes) = bytes_of(&size) {
				caches.insert((level, shared), bytes);
			}
		}
	}
	let last = caches.keys().map(|(level, _)| *level).max()?;
	Some(caches.iter().filter(|((level, _), _)| *level == last).map(|(_, bytes)| bytes).sum())
}

/// Bytes of a size such as `491520K`.
fn bytes_of(size: &str) -> Option<u64> {
	let (digits, unit) = size.split_at(size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len()));
	let factor = match unit {
		"" => 1,
		"K" => 1 << 10,
		"M" => 1 << 20,
		"G" => 1 << 30,
		_ => return None,
	};
	digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sizes_are_read_with_their_unit() {
		assert_eq!(bytes_of("491520K"), Some(491_520 * 1_024));
		assert_eq!(bytes_of("8M"), Some(8 << 20));
		assert_eq!(bytes_of("64"), Some(64));
		assert_eq!(bytes_of("K"), None);
		assert_eq!(bytes_of("8 bananas"), None);
	}

	#[test]
	fn free_memory_is_read_in_kibibytes() {
		assert_eq!(available("MemTotal:  9 kB\nMemAvailable:     100 kB\n"), Some(102_400));
		assert_eq!(available("MemTotal:  9 kB\n"), None);
	}

	#[test]
	fn a_shared_cache_counts_once_and_two_sockets_count_twice() {
		let root = tempfile::tempdir().unwrap();
		for (processor, shared) in [("cpu0", "0-1"), ("cpu1", "0-1"), ("cpu2", "2-3")] {
			for (index, level, size) in [("index0", "1", "32K"), ("index3", "3", "16M")] {
				let folder = root.path().join(processor).join("cache").join(index);
				fs::create_dir_all(&folder).unwrap();
				fs::write(folder.join("level"), level).unwrap();
				fs::write(folder.join("size"), format!("{size}\n")).unwrap();
				fs::write(folder.join("shared_cpu_list"), shared).unwrap();
			}
		}
		assert_eq!(last_level_caches(root.path()), Some(32 << 20));
	}

	#[test]
	fn this_machine_has_threads_and_memory() {
		let here = Machine::here();
		assert!(here.threads > 0 && here.cache_bytes > 0 && here.free_bytes > 0);
	}
}
