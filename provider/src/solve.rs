//! The seeded solve: generate the system, factor it by Gaussian elimination with partial pivoting on all cores, solve it,
//! and check the solution by HPL's formula.
//!
//! Rows of the system are written as columns: what is factored is the transpose, column by column in memory as the
//! factorisation wants it, and the system is then solved with the transposes of its factors. Nothing is moved for it.

use crate::machine::Machine;
use faer::{
	dyn_stack::{MemBuffer, MemStack},
	linalg::lu::partial_pivoting::{factor, solve},
	MatMut, MatRef, Par,
};
use gcx_evidence::solve::{drawn_rows, Solution, System, MAX_ORDER, MIN_ORDER};
use rayon::prelude::*;
use serde::Serialize;
use std::{
	fmt::Write as _,
	time::{Duration, Instant},
};
use thiserror::Error;

/// HPL's bound on the scaled residual.
pub const RESIDUAL_BOUND: f64 = 16.0;
/// Relative precision of a double as HPL takes it: 2⁻⁵³ (`HPL_pdlamch`, with rounding to nearest).
const EPSILON: f64 = f64::EPSILON / 2.0;
/// Orders are multiples of this where they are chosen: whole cache lines and whole blocks.
const ORDER_STEP: u32 = 64;
/// Of the free memory, a matrix takes at most so many hundredths.
const MEMORY_PERCENT: u64 = 70;
/// The order that a machine is calibrated with.
pub const CALIBRATION_ORDER: u32 = 1_024;

/// Why there is no solution.
#[derive(Debug, Error, PartialEq)]
pub enum SolveError {
	/// The order is not between [`MIN_ORDER`] and [`MAX_ORDER`].
	#[error("order {0} is not between {MIN_ORDER} and {MAX_ORDER}")]
	Order(u32),
	/// The matrix does not fit.
	#[error("a matrix of order {order} needs {needed} bytes, and {free} are free")]
	Memory {
		/// The order.
		order: u32,
		/// Bytes that the matrix needs.
		needed: u64,
		/// Bytes that are free.
		free: u64,
	},
	/// The residual is beyond HPL's bound: this machine computes wrongly.
	#[error("the scaled residual {0:e} is not below {RESIDUAL_BOUND}: this machine computes wrongly")]
	Residual(f64),
	/// An unknown is not finite or too large for the fixed point of a solution.
	#[error("an unknown does not fit the fixed point of a solution")]
	FixedPoint,
	/// The rounded solution does not pass the rows that were tried.
	#[error("the rounded solution does not pass the check that attestors make")]
	Check,
}

/// What a solve is busy with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
	/// Entries are generated.
	Generate,
	/// The matrix is factored.
	Factor,
	/// Triangular systems are solved.
	Substitute,
	/// The residual is computed.
	Check,
}

impl Phase {
	/// For people.
	pub const fn describe(self) -> &'static str {
		match self {
			Self::Generate => "generating the system",
			Self::Factor => "factoring",
			Self::Substitute => "substituting",
			Self::Check => "checking the residual",
		}
	}
}

/// How long each phase took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
	/// Generating the system.
	#[serde(rename = "generateSeconds", serialize_with = "seconds")]
	pub generate: Duration,
	/// Factoring it.
	#[serde(rename = "factorSeconds", serialize_with = "seconds")]
	pub factor: Duration,
	/// Solving with the factors.
	#[serde(rename = "substituteSeconds", serialize_with = "seconds")]
	pub substitute: Duration,
	/// Checking.
	#[serde(rename = "checkSeconds", serialize_with = "seconds")]
	pub check: Duration,
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_f64(duration.as_secs_f64())
}

impl Timing {
	/// All of it.
	pub fn total(&self) -> Duration {
		self.generate + self.timed() + self.check
	}

	/// What HPL times: factoring and substituting.
	pub fn timed(&self) -> Duration {
		self.factor + self.substitute
	}
}

/// A system that was solved.
#[derive(Clone, Debug)]
pub struct Solved {
	/// Rows and columns.
	pub order: u32,
	/// The solution.
	pub solution: Solution,
	/// The scaled residual of HPL.
	pub residual: f64,
	/// How long it took.
	pub timing: Timing,
}

impl Solved {
	/// Operations per second by HPL's count, (2/3·N³ + 3/2·N²) / time, over the time that HPL times.
	pub fn rate(&self) -> f64 {
		operations(self.order) / self.timing.timed().as_secs_f64()
	}
}

/// HPL's count of the operations of a solve: 2/3·N³ + 3/2·N² (netlib HPL 2.3, `HPL_pdtest.c`).
pub fn operations(order: u32) -> f64 {
	let n = f64::from(order);
	(2.0 / 3.0 * n + 1.5) * n * n
}

/// Bytes of a matrix.
pub fn matrix_bytes(order: u32) -> u64 {
	u64::from(order) * u64::from(order) * 8
}

/// The largest order, a multiple of 64, whose matrix leaves free memory of the machine some room.
pub fn largest_order(machine: &Machine) -> u32 {
	let bytes = machine.free_bytes / 100 * MEMORY_PERCENT;
	rounded((bytes as f64 / 8.0).sqrt())
}

fn rounded(order: f64) -> u32 {
	let bounded = order.clamp(f64::from(MIN_ORDER), f64::from(MAX_ORDER));
	// Float to integer: in bounds by the line above.
	(bounded as u32 / ORDER_STEP * ORDER_STEP).max(MIN_ORDER)
}

/// What a small solve says of larger ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
	/// Operations per second.
	pub rate: f64,
	/// Seconds per entry outside what is timed: generated and checked.
	pub per_entry: f64,
}

impl Calibration {
	/// Of a solve.
	pub fn of(solved: &Solved) -> Self {
		let entries = f64::from(solved.order) * f64::from(solved.order);
		let outside = solved.timing.generate + solved.timing.check;
		Self { rate: solved.rate(), per_entry: outside.as_secs_f64() / entries }
	}

	/// Seconds that a solve of an order is likely to take. Larger orders run at a better rate than the calibration's: this is
	/// no less than what it takes in the end, as long as nothing else runs.
	pub fn seconds(&self, order: u32) -> f64 {
		let n = f64::from(order);
		operations(order) / self.rate + self.per_entry * n * n
	}

	/// The largest order, a multiple of 64 up to `most`, whose solve is likely to take no longer than that; [`MIN_ORDER`] if
	/// none does.
	pub fn order_within(&self, time: Duration, most: u32) -> u32 {
		let fits = |order: u32| self.seconds(order) <= time.as_secs_f64();
		let (mut low, mut high) = (MIN_ORDER / ORDER_STEP, most.min(MAX_ORDER) / ORDER_STEP);
		while low < high {
			let middle = (low + high).div_ceil(2);
			if fits(middle * ORDER_STEP) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		(low * ORDER_STEP).max(MIN_ORDER)
	}
}

/// Solves the system of a seed.
///
/// # Errors
/// See [`SolveError`].
pub fn run(seed: [u8; 32], order: u32, mut on_phase: impl FnMut(Phase)) -> Result<Solved, SolveError> {
	run_dyn(seed, order, &mut on_phase)
}

/// Not generic: the factorisation is large, and is compiled once.
fn run_dyn(seed: [u8; 32], order: u32, on_phase: &mut dyn FnMut(Phase)) -> Result<Solved, SolveError> {
	if !(MIN_ORDER..=MAX_ORDER).contains(&order) {
		return Err(SolveError::Order(order));
	}
	let free = Machine::here().free_bytes;
	let needed = matrix_bytes(order);
	if needed > free {
		return Err(SolveError::Memory { order, needed, free });
	}
	let system = System::new(seed, order);
	let n = index(order);
	let mut timing = Timing::default();

	on_phase(Phase::Generate);
	let started = Instant::now();
	let mut entries = vec![0.0_f64; n * n];
	entries.par_chunks_mut(n).zip(rows(order)).for_each(|(into, row)| system.write_row(row, into));
	let mut unknowns: Vec<f64> = rows(order).map(|row| system.right_float(row)).collect();
	timing.generate = started.elapsed();

	eliminate(n, &mut entries, &mut unknowns, &mut timing, on_phase);

	on_phase(Phase::Check);
	let started = Instant::now();
	drop(entries);
	let residual = scaled_residual(&system, &unknowns);
	if !residual.is_finite() || residual >= RESIDUAL_BOUND {
		return Err(SolveError::Residual(residual));
	}
	let solution = Solution::from_floats(&unknowns).ok_or(SolveError::FixedPoint)?;
	if !system.solves(&solution, &drawn_rows(seed, 0, order)) {
		return Err(SolveError::Check);
	}
	timing.check = started.elapsed();
	Ok(Solved { order, solution, residual, timing })
}

/// Gaussian elimination with partial pivoting, in place: `entries` are the rows of the matrix one after another, and `unknowns` the
/// right-hand side, which becomes the solution.
fn eliminate(
	n: usize,
	entries: &mut [f64],
	unknowns: &mut [f64],
	timing: &mut Timing,
	on_phase: &mut dyn FnMut(Phase),
) {
	on_phase(Phase::Factor);
	let started = Instant::now();
	let (mut permutation, mut inverse) = (vec![0_usize; n], vec![0_usize; n]);
	let mut matrix = MatMut::from_column_major_slice_mut(entries, n, n);
	let par = Par::rayon(0);
	let mut memory = MemBuffer::new(factor::lu_in_place_scratch::<usize, f64>(n, n, par, Default::default()));
	let (_, permutation) = factor::lu_in_place(
		matrix.as_mut(),
		&mut permutation,
		&mut inverse,
		par,
		MemStack::new(&mut memory),
		Default::default(),
	);
	timing.factor = started.elapsed();

	on_phase(Phase::Substitute);
	let started = Instant::now();
	let mut memory = MemBuffer::new(solve::solve_transpose_in_place_scratch::<usize, f64>(n, 1, par));
	let factors: MatRef<'_, f64> = matrix.as_ref();
	solve::solve_transpose_in_place(
		factors,
		factors,
		permutation,
		MatMut::from_column_major_slice_mut(unknowns, n, 1),
		par,
		MemStack::new(&mut memory),
	);
	timing.substitute = started.elapsed();
}

/// HPL's `‖Ax−b‖∞ / (ε · (‖A‖∞·‖x‖∞ + ‖b‖∞) · N)`. The matrix is generated again: its factors have taken its place.
pub fn scaled_residual(system: &System, unknowns: &[f64]) -> f64 {
	let largest = |values: &[f64; 3], others: &[f64; 3]| std::array::from_fn(|i| values[i].max(others[i]));
	let n = unknowns.len();
	let [off, row_sum, right] = rows(system.order())
		.map_init(
			|| vec![0.0; n],
			|row, row_number| {
				system.write_row(row_number, row);
				let right = system.right_float(row_number);
				let (mut product, mut sum) = (0.0, 0.0);
				for (entry, unknown) in row.iter().zip(unknowns) {
					product += entry * unknown;
					sum += entry.abs();
				}
				[(product - right).abs(), sum, right.abs()]
			},
		)
		.reduce(|| [0.0; 3], |a, b| largest(&a, &b));
	let solution = unknowns.iter().fold(0.0_f64, |largest, unknown| largest.max(unknown.abs()));
	off / (EPSILON * (row_sum * solution + right) * f64::from(system.order()))
}

fn rows(order: u32) -> rayon::range::Iter<u32> {
	(0..order).into_par_iter()
}

fn index(order: u32) -> usize {
	usize::try_from(order).unwrap_or(usize::MAX)
}

/// The solves of a run in HPL's own format, one result line each, with the residual check that HPL prints.
pub fn hpl_output(solves: &[Solved], threads: usize) -> String {
	const LINE: &str = "--------------------------------------------------------------------------------";
	const DOUBLE_LINE: &str = "================================================================================";
	let mut out = String::new();
	// Writing to a string does not fail.
	let _ = writeln!(out, "{DOUBLE_LINE}");
	let _ = writeln!(out, "gcx-provider {}  --  its own seeded dense solve, in HPLinpack's format", crate::VERSION);
	let _ =
		writeln!(out, "This is not HPLinpack: the solver is the crate faer, the system follows from the round's seed.");
	let _ =
		writeln!(out, "Timed as HPLinpack times: factorisation and substitution, not the generation of the system.");
	let _ = writeln!(out, "One process of {threads} threads: P = Q = 1. NB is 0: the block size is the solver's.");
	let _ = writeln!(out, "{DOUBLE_LINE}");
	for solved in solves {
		let seconds = solved.timing.timed().as_secs_f64();
		let _ = writeln!(out, "T/V                N    NB     P     Q               Time                 Gflops");
		let _ = writeln!(out, "{LINE}");
		let _ = writeln!(
			out,
			"{:<8} {:>12} {:>5} {:>5} {:>5} {:>18} {:>22}",
			"WR00R2R2",
			solved.order,
			0,
			1,
			1,
			format!("{seconds:.6}"),
			c_exponent(solved.rate() / 1e9, 6),
		);
		let _ = writeln!(out, "{LINE}");
		let verdict = if solved.residual < RESIDUAL_BOUND { "PASSED" } else { "FAILED" };
		let _ = writeln!(
			out,
			"||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)= {:>18} ...... {verdict}",
			c_exponent(solved.residual, 8),
		);
		let _ = writeln!(out, "{DOUBLE_LINE}");
	}
	let passed = solves.iter().filter(|solved| solved.residual < RESIDUAL_BOUND).count();
	let _ = writeln!(out);
	let _ = writeln!(out, "Finished {:>6} tests with the following results:", solves.len());
	let _ = writeln!(out, "         {passed:>6} tests completed and passed residual checks,");
	let _ = writeln!(out, "         {:>6} tests completed and failed residual checks,", solves.len() - passed);
	let _ = writeln!(out, "         {:>6} tests skipped because of illegal input values.", 0);
	let _ = writeln!(out, "{LINE}");
	let _ = writeln!(out);
	let _ = writeln!(out, "End of Tests.");
	let _ = writeln!(out, "{DOUBLE_LINE}");
	out
}

/// As C's `%e` writes it: an exponent of at least two digits with its sign.
pub fn c_exponent(value: f64, digits: usize) -> String {
	let text = format!("{value:.digits$e}");
	let Some((mantissa, exponent)) = text.split_once('e') else { return text };
	let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
	format!("{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_evidence::raw::{self, Kind};
	use gcx_primitives::Metric;

	fn solved(order: u32) -> Solved {
		run([7; 32], order, |_| ()).unwrap()
	}

	#[test]
	fn a_solve_passes_every_row_that_attestors_may_draw() {
		for order in [256, 257, 320] {
			let solved = solved(order);
			let rows: Vec<u32> = (0..order).collect();
			assert!(System::new([7; 32], order).solves(&solved.solution, &rows));
			assert!(solved.residual < RESIDUAL_BOUND, "{}", solved.residual);
		}
	}

	#[test]
	fn a_solve_of_another_seed_passes_nothing() {
		let solved = solved(256);
		assert!(!System::new([8; 32], 256).solves(&solved.solution, &[0, 1, 2]));
	}

	#[test]
	fn a_solution_that_is_slightly_off_fails_the_residual() {
		let system = System::new([7; 32], 256);
		let mut unknowns = solved(256).solution.to_floats();
		unknowns[3] += 1e-6;
		assert!(scaled_residual(&system, &unknowns) > RESIDUAL_BOUND);
	}

	#[test]
	fn phases_come_in_order() {
		let mut phases = Vec::new();
		run([1; 32], 256, |phase| phases.push(phase)).unwrap();
		assert_eq!(phases, [Phase::Generate, Phase::Factor, Phase::Substitute, Phase::Check]);
	}

	#[test]
	fn an_order_out_of_bounds_is_refused() {
		assert_eq!(run([0; 32], MIN_ORDER - 1, |_| ()).unwrap_err(), SolveError::Order(MIN_ORDER - 1));
		assert_eq!(run([0; 32], MAX_ORDER + 1, |_| ()).unwrap_err(), SolveError::Order(MAX_ORDER + 1));
	}

	#[test]
	fn an_order_is_chosen_that_fits_time_and_memory() {
		let calibration = Calibration { rate: 1e9, per_entry: 1e-9 };
		let order = calibration.order_within(Duration::from_secs(10), MAX_ORDER);
		assert!(
			order.is_multiple_of(64) && calibration.seconds(order) <= 10.0 && calibration.seconds(order + 64) > 10.0,
			"{order}"
		);
		assert_eq!(calibration.order_within(Duration::from_secs(1_000), 1_024), 1_024);
		assert_eq!(calibration.order_within(Duration::ZERO, MAX_ORDER), MIN_ORDER);
		let machine = Machine { threads: 1, cache_bytes: 1, free_bytes: 1 << 30 };
		assert!(matrix_bytes(largest_order(&machine)) <= 1 << 30);
		assert_eq!(largest_order(&Machine { free_bytes: 0, ..machine }), MIN_ORDER);
		assert_eq!(largest_order(&Machine { free_bytes: u64::MAX, ..machine }), MAX_ORDER);
	}

	#[test]
	fn output_in_the_format_of_hpl_is_read_as_such() {
		let solved = solved(512);
		let figure = raw::read(Kind::Hpl, &hpl_output(std::slice::from_ref(&solved), 2)).unwrap();
		assert_eq!(figure.metric, Metric::Hpl);
		let off = (figure.value as f64 / solved.rate() - 1.0).abs();
		assert!(off < 1e-3, "{off}");
	}

	#[test]
	fn exponents_are_written_as_c_writes_them() {
		assert_eq!(c_exponent(43.73, 3), "4.373e+01");
		assert_eq!(c_exponent(0.00203, 2), "2.03e-03");
		assert_eq!(c_exponent(1e120, 1), "1.0e+120");
	}
}
