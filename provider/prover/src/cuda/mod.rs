//! Rounds on NVIDIA's GPUs: entries are generated, and tiles hashed, by kernels of our own; products are cuBLAS's, on tensor cores.
//!
//! A round is done at once, without slices: both operands, the product and the nodes over its tiles are in the GPU's memory. Of a product of 16,384
//! by 16,384 along 131,072 those are 5.1 GiB.
#![allow(
	unsafe_code,
	reason = "kernels are launched, and a library is called, with buffers of the sizes that they go by"
)]

use crate::accelerator::{Accelerator, AcceleratorError, RoundDone};
use cudarc::{
	cublas::{self, CudaBlas},
	driver::{
		self, CudaContext, CudaFunction, CudaSlice, CudaStream, DevicePtr, DevicePtrMut, LaunchConfig, PushKernelArg,
	},
	nvrtc,
};
use gcx_math::proof::{Hash, Parameters, Side};
use parking_lot::FairMutex;
use std::{
	fmt::Display,
	sync::Arc,
	time::{Duration, Instant},
};

/// The kernels.
const SOURCE: &str = include_str!("kernels.cu");
/// Entries that a thread generates.
const ENTRIES_PER_THREAD: u32 = 16;
/// Words of 64 bits of a hash.
const HASH_WORDS: usize = 4;

/// What is hashed begins with these: a line, a tile, a node.
const TAGS: [&[u8; 16]; 3] = [b"gcx/proof/line/1", b"gcx/proof/tile/1", b"gcx/proof/node/1"];

/// A GPU.
struct Gpu {
	name: String,
	stream: Arc<CudaStream>,
	blas: CudaBlas,
	kernels: Kernels,
	/// The room for rounds of the last parameters. Whoever does a round has it alone, in turn.
	room: FairMutex<Option<Room>>,
}

struct Kernels {
	line_keys: CudaFunction,
	entries: CudaFunction,
	tile_leaves: CudaFunction,
	nodes: CudaFunction,
}

/// Buffers on the GPU, of the sizes that parameters ask for.
struct Room {
	parameters: Parameters,
	/// Two keys of each line, of one side at a time.
	keys: CudaSlice<u64>,
	/// Rows of the left matrix, each along the depth.
	left: CudaSlice<u64>,
	/// Columns of the right matrix, each along the depth.
	right: CudaSlice<u64>,
	/// The product, row by row.
	cells: CudaSlice<i32>,
	/// A level of hashes, and the one above it.
	hashes: [CudaSlice<u64>; 2],
}

/// Two little-endian words of a tag.
fn words(tag: &[u8; 16]) -> [u64; 2] {
	let number = u128::from_le_bytes(*tag);
	[number as u64, (number >> 64) as u64]
}

/// All GPUs of this machine, of which there is one at least.
///
/// # Errors
/// There is none; CUDA's driver, its compiler NVRTC or cuBLAS is not found; or one of the GPUs cannot be used.
pub(crate) fn gpus() -> Result<Vec<Arc<dyn Accelerator>>, AcceleratorError> {
	// SAFETY: the three look for a shared library, whose initialisers are NVIDIA's.
	let found = unsafe {
		[
			("CUDA's driver", driver::sys::is_culib_present()),
			("NVRTC of CUDA 12", nvrtc::sys::is_culib_present()),
			("cuBLAS of CUDA 12", cublas::sys::is_culib_present()),
		]
	};
	if let Some((name, _)) = found.iter().find(|(_, is_found)| !is_found) {
		return Err(AcceleratorError::Missing(format!("{name} is not found")));
	}
	let none = || AcceleratorError::Missing("the driver knows none".into());
	let count = driver::result::init().and_then(|()| CudaContext::device_count()).map_err(|error| match error.0 {
		driver::sys::CUresult::CUDA_ERROR_NO_DEVICE => none(),
		_ => AcceleratorError::Failed { name: "CUDA's driver".into(), cause: error.to_string() },
	})?;
	if count == 0 {
		return Err(none());
	}
	(0..count as usize).map(|ordinal| Ok(Arc::new(Gpu::open(ordinal)?) as Arc<dyn Accelerator>)).collect()
}

impl Gpu {
	fn open(ordinal: usize) -> Result<Self, AcceleratorError> {
		let numbered = format!("GPU {ordinal}");
		fn because<E: Display>(name: &str) -> impl Fn(E) -> AcceleratorError + '_ {
			move |error| AcceleratorError::Failed { name: name.into(), cause: error.to_string() }
		}
		let context = CudaContext::new(ordinal).map_err(because(&numbered))?;
		let name = format!("{numbered}, {}", context.name().map_err(because(&numbered))?);
		let (major, minor) = context.compute_capability().map_err(because(&name))?;
		let options = nvrtc::CompileOptions {
			options: vec![format!("--gpu-architecture=compute_{major}{minor}")],
			..nvrtc::CompileOptions::default()
		};
		let image = nvrtc::compile_ptx_with_opts(SOURCE, options).map_err(because(&name))?;
		let module = context.load_module(image).map_err(because(&name))?;
		let kernel = |of: &str| module.load_function(of).map_err(because(&name));
		let kernels = Kernels {
			line_keys: kernel("line_keys")?,
			entries: kernel("entries")?,
			tile_leaves: kernel("tile_leaves")?,
			nodes: kernel("nodes")?,
		};
		let stream = context.default_stream();
		let blas = CudaBlas::new(stream.clone()).map_err(because(&name))?;
		Ok(Self { name, stream, blas, kernels, room: FairMutex::new(None) })
	}

	fn failed(&self, error: impl Display) -> AcceleratorError {
		AcceleratorError::Failed { name: self.name.clone(), cause: error.to_string() }
	}

	/// Does something in a room for these parameters.
	fn within<T>(
		&self,
		parameters: &Parameters,
		work: impl FnOnce(&mut Room) -> Result<T, AcceleratorError>,
	) -> Result<T, AcceleratorError> {
		let mut slot = self.room.lock();
		let fits = |room: &Room| {
			let shape = |of: &Parameters| (of.rows, of.columns, of.depth, of.tile);
			shape(&room.parameters) == shape(parameters)
		};
		// What does not fit goes first: there may not be memory for both.
		let room = match slot.take().filter(fits) {
			Some(room) => room,
			None => self.build(parameters).map_err(|error| self.failed(error))?,
		};
		work(slot.insert(room))
	}

	fn build(&self, parameters: &Parameters) -> Result<Room, driver::DriverError> {
		let [rows, columns, depth, tiles] =
			[parameters.rows, parameters.columns, parameters.depth, parameters.tiles()].map(|number| number as usize);
		let stream = &self.stream;
		Ok(Room {
			parameters: *parameters,
			keys: stream.alloc_zeros(2 * rows.max(columns))?,
			left: stream.alloc_zeros(rows * depth / size_of::<u64>())?,
			right: stream.alloc_zeros(columns * depth / size_of::<u64>())?,
			cells: stream.alloc_zeros(rows * columns)?,
			hashes: [stream.alloc_zeros(tiles * HASH_WORDS)?, stream.alloc_zeros(tiles.div_ceil(2) * HASH_WORDS)?],
		})
	}

	/// Does something on the GPU, and says how long it took.
	fn timed(&self, work: impl FnOnce() -> Result<(), AcceleratorError>) -> Result<Duration, AcceleratorError> {
		let began = Instant::now();
		work()?;
		self.stream.synchronize().map_err(|error| self.failed(error))?;
		Ok(began.elapsed())
	}

	/// Generates both operands.
	fn generate(&self, room: &mut Room, seed: &Hash) -> Result<(), AcceleratorError> {
		let Room { parameters, keys, left, right, .. } = room;
		let mut seeds = [0; HASH_WORDS];
		for (word, bytes) in seeds.iter_mut().zip(seed.as_chunks::<8>().0) {
			*word = u64::from_le_bytes(*bytes);
		}
		let [tag, ..] = TAGS.map(words);
		let pairs = parameters.depth / ENTRIES_PER_THREAD;
		let sides = [(Side::Left, parameters.rows, left), (Side::Right, parameters.columns, right)];
		for (side, lines, matrix) in sides {
			let number = side as u32;
			let threads = u64::from(lines) * u64::from(pairs);
			// SAFETY: there are two keys of each line, and a matrix has `lines` by `depth` entries, sixteen of which each thread writes.
			unsafe {
				let mut launch = self.stream.launch_builder(&self.kernels.line_keys);
				launch.arg(&mut *keys).arg(&seeds[0]).arg(&seeds[1]).arg(&seeds[2]).arg(&seeds[3]);
				launch.arg(&number).arg(&lines).arg(&tag[0]).arg(&tag[1]);
				launch.launch(grid(lines.into())).map_err(|error| self.failed(error))?;
				let mut launch = self.stream.launch_builder(&self.kernels.entries);
				launch.arg(matrix).arg(&*keys).arg(&lines).arg(&pairs);
				launch.launch(grid(threads)).map_err(|error| self.failed(error))?;
			}
		}
		Ok(())
	}

	/// Multiplies: `cells = left · rightᵀ` of matrices whose lines are along the depth, 8-bit integers to 32-bit sums, which are exact.
	fn multiply(&self, room: &mut Room) -> Result<(), AcceleratorError> {
		use cublas::sys::{cublasComputeType_t, cublasGemmAlgo_t, cublasOperation_t, cudaDataType_t};
		let Room { parameters, left, right, cells, .. } = room;
		let [rows, columns, depth] =
			[parameters.rows, parameters.columns, parameters.depth].map(|number| number as i32);
		let [one, zero] = [1_i32, 0];
		let (left, _left) = left.device_ptr(&self.stream);
		let (right, _right) = right.device_ptr(&self.stream);
		let (cells, _cells) = cells.device_ptr_mut(&self.stream);
		// SAFETY: the library counts by columns. To it, what is here row by row is transposed: the product has `columns` by `rows` cells, `right` is `depth` by
		// `columns` and is turned over, `left` is `depth` by `rows`. Buffers have that many elements of those types.
		unsafe {
			cublas::result::gemm_ex(
				*self.blas.handle(),
				cublasOperation_t::CUBLAS_OP_T,
				cublasOperation_t::CUBLAS_OP_N,
				columns,
				rows,
				depth,
				(&raw const one).cast(),
				right as *const _,
				cudaDataType_t::CUDA_R_8I,
				depth,
				left as *const _,
				cudaDataType_t::CUDA_R_8I,
				depth,
				(&raw const zero).cast(),
				cells as *mut _,
				cudaDataType_t::CUDA_R_32I,
				columns,
				cublasComputeType_t::CUBLAS_COMPUTE_32I,
				cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
			)
		}
		.map_err(|error| self.failed(error))
	}

	/// Hashes the tiles.
	fn hash_tiles(&self, room: &mut Room) -> Result<(), AcceleratorError> {
		let Room { parameters, cells, hashes: [leaves, _], .. } = room;
		let [_, tag, _] = TAGS.map(words);
		let (tiles, across, columns) = (parameters.tiles(), parameters.tiles_across(), parameters.columns);
		let shift = parameters.tile.trailing_zeros();
		// SAFETY: there are a hash of each tile, and `rows` by `columns` cells.
		unsafe {
			let mut launch = self.stream.launch_builder(&self.kernels.tile_leaves);
			launch
				.arg(leaves)
				.arg(&*cells)
				.arg(&tiles)
				.arg(&across)
				.arg(&columns)
				.arg(&shift)
				.arg(&tag[0])
				.arg(&tag[1]);
			launch.launch(grid(tiles.into())).map_err(|error| self.failed(error))?;
		}
		Ok(())
	}

	/// Hashes the nodes over the tiles, level by level: which of the two buffers has the root.
	fn hash_nodes(&self, room: &mut Room) -> Result<usize, AcceleratorError> {
		let [_, _, tag] = TAGS.map(words);
		let mut count = room.parameters.tiles();
		let mut at = 0;
		while count > 1 {
			let [first, second] = &mut room.hashes;
			let (level, above) = if at == 0 { (&*first, second) } else { (&*second, first) };
			// SAFETY: a level has `count` hashes, and the one above half as many, rounded up. The buffers take turns: the one that is read is not written.
			unsafe {
				let mut launch = self.stream.launch_builder(&self.kernels.nodes);
				launch.arg(above).arg(level).arg(&count).arg(&tag[0]).arg(&tag[1]);
				launch.launch(grid(count.div_ceil(2).into())).map_err(|error| self.failed(error))?;
			}
			(count, at) = (count.div_ceil(2), 1 - at);
		}
		Ok(at)
	}

	/// Copies so many hashes from the GPU.
	fn fetch(&self, room: &Room, buffer: usize, count: usize) -> Result<Vec<Hash>, AcceleratorError> {
		let view = room.hashes[buffer].slice(..count * HASH_WORDS);
		let words = self.stream.clone_dtoh(&view).map_err(|error| self.failed(error))?;
		// A copy may go on when the call returns.
		self.stream.synchronize().map_err(|error| self.failed(error))?;
		let hash = |words: &[u64; HASH_WORDS]| {
			let mut hash = Hash::default();
			for (bytes, word) in hash.as_chunks_mut::<8>().0.iter_mut().zip(words) {
				*bytes = word.to_le_bytes();
			}
			hash
		};
		Ok(words.as_chunks().0.iter().map(hash).collect())
	}
}

/// So many threads.
fn grid(threads: u64) -> LaunchConfig {
	const BLOCK: u32 = 256;
	let blocks = u32::try_from(threads.div_ceil(BLOCK.into())).unwrap_or(u32::MAX);
	LaunchConfig { grid_dim: (blocks, 1, 1), block_dim: (BLOCK, 1, 1), shared_mem_bytes: 0 }
}

impl Accelerator for Gpu {
	fn name(&self) -> String {
		self.name.clone()
	}

	fn round(&self, parameters: &Parameters, seed: &Hash, leaves: bool) -> Result<RoundDone, AcceleratorError> {
		self.within(parameters, |room| {
			let generation = self.timed(|| self.generate(room, seed))?;
			let products = self.timed(|| self.multiply(room))?;
			let began = Instant::now();
			self.hash_tiles(room)?;
			// Nodes are written over them.
			let leaves = leaves.then(|| self.fetch(room, 0, parameters.tiles() as usize)).transpose()?;
			let buffer = self.hash_nodes(room)?;
			let root = self.fetch(room, buffer, 1)?.first().copied().unwrap_or_default();
			Ok(RoundDone { root, leaves, generation, products, hashing: began.elapsed() })
		})
	}

	fn plain(&self, parameters: &Parameters) -> Result<Duration, AcceleratorError> {
		self.within(parameters, |room| {
			self.generate(room, &Hash::default())?;
			// Once without a clock: the library chooses its kernel, and the GPU wakes up.
			self.timed(|| self.multiply(room))?;
			self.timed(|| self.multiply(room))
		})
	}
}
