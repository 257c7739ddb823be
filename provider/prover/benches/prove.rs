//! How fast this processor proves, on all its threads: prints `name value unit` lines.

use gcx_math::proof::{Draw, Parameters, RawParameters};
use gcx_primitives::{ClassId, ResourceId};
use gcx_prover::{plain_rate, prove, Kernel};

/// What a processor begins with, but for the number of rounds.
const PROCESSOR: RawParameters =
	RawParameters { rows: 2_048, columns: 2_048, depth: 131_072, tile: 16, patch: 1, rounds: 2, openings: 16 };
const DRAW: Draw =
	Draw { genesis: [1; 32], class: ClassId(2), resource: ResourceId(3), device: 4, roll_call: 5, nonce: [6; 32] };

/// One computation, with the plain product before and after it: a processor that does other work as well is not always equally fast.
fn measure(name: &str, raw: RawParameters, kernel: Kernel) {
	let parameters = Parameters::try_from(raw).expect("within all bounds");
	let before = plain_rate(&parameters, kernel);
	let proof = prove(&parameters, &DRAW, kernel, |_| ());
	let report = proof.report();
	let plain = (before + plain_rate(&parameters, kernel)) / 2.0;
	println!("# {name}: {kernel}, {} threads", report.units);
	println!("prove_{name} {:.4} TOPS", report.rate() / 1e12);
	println!("prove_{name}_of_plain {:.3} share", report.rate() / plain);
	println!("prove_{name}_generation {:.3} share", report.share(report.generation));
	println!("prove_{name}_products {:.3} share", report.share(report.products));
	println!("prove_{name}_hashing {:.3} share", report.share(report.hashing));
}

fn main() {
	measure("deep", PROCESSOR, Kernel::fastest());
	for (index, kernel) in Kernel::all().into_iter().enumerate() {
		measure(&format!("shallow_{index}"), RawParameters { depth: 8_192, ..PROCESSOR }, kernel);
	}
}
