//! Accelerators come to what this processor comes to, and show it; what they do wrong is not shown.

use gcx_math::proof::{merkle, tile_leaf, Draw, Fleet, Hash, Line, Parameters, RawParameters, Side};
use gcx_primitives::{ClassId, ResourceId};
use gcx_prover::{gpus, Accelerator, AcceleratorError, Kernel, OpenError, Prover, RoundDone};
use sp_crypto_hashing::blake2_256;
use std::{
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
	time::Duration,
};

const DRAW: Draw =
	Draw { genesis: [1; 32], class: ClassId(2), resource: ResourceId(3), device: 4, roll_call: 5, nonce: [6; 32] };

/// Cell by cell, on this processor.
#[derive(Default)]
struct Slow {
	/// Does every round after so many as if another seed had been asked for.
	errs_after: Option<u32>,
	/// Fails in every round after so many.
	fails_after: Option<u32>,
	/// What it says that a round takes, by which leaves are kept.
	takes: Duration,
	done: AtomicU32,
}

impl Slow {
	fn failure() -> AcceleratorError {
		AcceleratorError::Failed { name: "slow".into(), cause: "it is tired".into() }
	}
}

impl Accelerator for Slow {
	fn name(&self) -> String {
		"slow".into()
	}

	fn round(&self, parameters: &Parameters, seed: &Hash, leaves: bool) -> Result<RoundDone, AcceleratorError> {
		let before = self.done.fetch_add(1, Ordering::Relaxed);
		if self.fails_after.is_some_and(|after| before >= after) {
			return Err(Self::failure());
		}
		let mut seed = *seed;
		seed[0] ^= u8::from(self.errs_after.is_some_and(|after| before >= after));
		let line = |side, index| Line::new(&seed, side, index, blake2_256);
		let cell = |row, column| -> i32 {
			let (left, right) = (line(Side::Left, row), line(Side::Right, column));
			(0..parameters.depth).map(|at| i32::from(left.entry(at)) * i32::from(right.entry(at))).sum()
		};
		let tile = |number: u32| {
			let corner = [number / parameters.tiles_across(), number % parameters.tiles_across()];
			let [rows, columns] = corner.map(|at| at * parameters.tile..(at + 1) * parameters.tile);
			let cells: Vec<_> = rows.flat_map(|row| columns.clone().map(move |column| (row, column))).collect();
			tile_leaf(&cells.into_iter().map(|(row, column)| cell(row, column)).collect::<Vec<_>>(), blake2_256)
		};
		let all: Vec<_> = (0..parameters.tiles()).map(tile).collect();
		let root = merkle::root(&all, blake2_256).unwrap();
		let time = Duration::from_millis(1).max(self.takes);
		Ok(RoundDone { root, leaves: leaves.then_some(all), generation: time, products: 2 * time, hashing: 3 * time })
	}

	fn plain(&self, _: &Parameters) -> Result<Duration, AcceleratorError> {
		Ok(Duration::from_millis(1))
	}
}

fn parameters([rows, columns, depth, tile, rounds]: [u32; 5]) -> Parameters {
	RawParameters { rows, columns, depth, tile, patch: 1, rounds, openings: 16 }.try_into().unwrap()
}

/// Does all rounds on these, and shows what is drawn of them; both are those of this processor.
fn same_as_this_processor(asked: Parameters, accelerators: Vec<Arc<dyn Accelerator>>) {
	let devices = accelerators.len() as u32;
	let [mut theirs, mut ours] =
		[Prover::on(asked, &DRAW, accelerators), Prover::new(asked, &DRAW, devices, Kernel::portable())];
	let mut steps = 0;
	while theirs.round(|| steps += 1).unwrap() {}
	while ours.round(|| ()).unwrap() {}
	assert_eq!(steps, asked.rounds);
	let [theirs, ours] = [theirs, ours].map(|prover| prover.finish().unwrap());
	assert_eq!(theirs.commitment(), ours.commitment(), "{asked:?}");
	assert_eq!((theirs.devices(), theirs.rounds()), (devices, asked.rounds));
	let fleet = Fleet::new(asked, asked.rounds, DRAW, devices, theirs.commitment()).unwrap();
	let cells = fleet.drawn_cells(16, &[7; 32], blake2_256);
	let shown = theirs.open(&cells).unwrap();
	assert_eq!(shown, ours.open(&cells).unwrap());
	for (at, shown) in cells.iter().zip(&shown) {
		assert_eq!(fleet.check(at, shown, blake2_256), Ok(()), "{at:?}");
	}
}

fn slow(number: u32) -> Vec<Arc<dyn Accelerator>> {
	(0..number).map(|_| Arc::new(Slow::default()) as Arc<dyn Accelerator>).collect()
}

#[test]
fn accelerators_come_to_what_this_processor_comes_to_and_show_it() {
	for shape in [[4, 4, 64, 4, 1], [12, 20, 128, 4, 3], [32, 64, 64, 32, 2]] {
		for devices in [1, 3] {
			same_as_this_processor(parameters(shape), slow(devices));
		}
	}
}

#[test]
fn gpus_come_to_what_this_processor_comes_to_and_show_it() {
	let all = match gpus() {
		Ok(all) => all,
		Err(AcceleratorError::Missing(what)) => {
			eprintln!("skipped: {what}");
			return;
		},
		Err(failed) => panic!("{failed}"),
	};
	// Shapes with one tile, with levels of odd numbers of nodes, and with sums at the greatest depth.
	let shapes = [
		[4, 4, 64, 4, 1],
		[20, 12, 128, 4, 3],
		[24, 56, 1_088, 8, 3],
		[144, 272, 64, 16, 2],
		[32, 160, 448, 32, 3],
		[160, 96, 131_072, 32, 1],
		[1_024, 2_048, 8_192, 16, 2],
	];
	for shape in shapes {
		same_as_this_processor(parameters(shape), all.clone());
	}
}

#[test]
fn a_report_has_the_time_of_all_accelerators() {
	let mut prover = Prover::on(parameters([4, 4, 64, 4, 2]), &DRAW, slow(3));
	while prover.round(|| ()).unwrap() {}
	let proof = prover.finish().unwrap();
	let report = proof.report();
	assert_eq!((report.engine.as_str(), report.units), ("slow; slow; slow", 3));
	let time = |times: u64| Duration::from_millis(6 * times);
	assert_eq!([report.generation, report.products, report.hashing], [time(1), time(2), time(3)]);
}

#[test]
fn what_comes_out_differently_the_second_time_is_not_shown() {
	let asked = parameters([12, 20, 128, 4, 2]);
	let errs: Arc<dyn Accelerator> = Arc::new(Slow { errs_after: Some(2), ..Slow::default() });
	let mut prover = Prover::on(asked, &DRAW, vec![errs]);
	while prover.round(|| ()).unwrap() {}
	let proof = prover.finish().unwrap();
	let fleet = Fleet::new(asked, 2, DRAW, 1, proof.commitment()).unwrap();
	let cell = fleet.drawn_cells(1, &[7; 32], blake2_256)[0];
	assert_eq!(proof.open(&[cell]), Err(OpenError::Differs(cell.cell)));
}

#[test]
fn an_accelerator_that_fails_is_named() {
	let asked = parameters([12, 20, 128, 4, 2]);
	let fails = |after| Arc::new(Slow { fails_after: Some(after), ..Slow::default() }) as Arc<dyn Accelerator>;
	let mut prover = Prover::on(asked, &DRAW, vec![Arc::new(Slow::default()), fails(1)]);
	assert_eq!(prover.round(|| ()), Ok(true));
	assert_eq!(prover.round(|| ()), Err(Slow::failure()));
	let mut prover = Prover::on(asked, &DRAW, vec![fails(2)]);
	while prover.round(|| ()).unwrap() {}
	let proof = prover.finish().unwrap();
	let fleet = Fleet::new(asked, 2, DRAW, 1, proof.commitment()).unwrap();
	let cell = fleet.drawn_cells(1, &[7; 32], blake2_256)[0];
	assert_eq!(proof.open(&[cell]), Err(OpenError::Accelerator(Slow::failure())));
}

#[test]
fn another_one_shows_what_one_cannot_any_more() {
	let asked = parameters([12, 20, 128, 4, 2]);
	for broken in [Slow { fails_after: Some(2), ..Slow::default() }, Slow { errs_after: Some(2), ..Slow::default() }] {
		let mut prover = Prover::on(asked, &DRAW, vec![Arc::new(broken), Arc::new(Slow::default())]);
		while prover.round(|| ()).unwrap() {}
		let proof = prover.finish().unwrap();
		let fleet = Fleet::new(asked, 2, DRAW, 2, proof.commitment()).unwrap();
		for at in fleet.drawn_cells(16, &[7; 32], blake2_256) {
			assert_eq!(fleet.check(&at, &proof.open(&[at]).unwrap()[0], blake2_256), Ok(()), "{at:?}");
		}
	}
}

#[test]
fn one_that_takes_long_keeps_what_it_did() {
	let asked = parameters([12, 20, 128, 4, 3]);
	let takes = Duration::from_millis(100);
	let slow = Arc::new(Slow { takes, ..Slow::default() });
	let mut prover = Prover::on(asked, &DRAW, vec![slow.clone()]);
	while prover.round(|| ()).unwrap() {}
	let proof = prover.finish().unwrap();
	let fleet = Fleet::new(asked, 3, DRAW, 1, proof.commitment()).unwrap();
	let mut again = 0;
	for at in fleet.drawn_cells(16, &[7; 32], blake2_256) {
		again += u32::from(at.cell.round == 0);
		assert_eq!(fleet.check(&at, &proof.open(&[at]).unwrap()[0], blake2_256), Ok(()), "{at:?}");
	}
	// Only after the first round was it known how long one takes.
	assert_eq!(slow.done.load(Ordering::Relaxed), 3 + again);
}

#[test]
fn without_any_there_is_nothing_to_prove() {
	let mut prover = Prover::on(parameters([4, 4, 64, 4, 2]), &DRAW, Vec::new());
	assert_eq!(prover.round(|| ()), Ok(false));
	assert!(prover.finish().is_none());
}

#[cfg(not(feature = "cuda"))]
#[test]
fn without_the_feature_there_are_no_gpus() {
	assert!(matches!(gpus(), Err(AcceleratorError::Missing(what)) if what.contains("`cuda`")));
}
