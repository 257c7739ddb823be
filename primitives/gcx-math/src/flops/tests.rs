use super::*;
use alloc::{vec, vec::Vec};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

const TERA: u128 = 1_000_000_000_000;

fn convolution(input: u32, channels: [u32; 2], kernel: u32, stride: u32, padding: u32) -> Layer {
	Layer::Convolution {
		input: [input; 2],
		input_channels: channels[0],
		output_channels: channels[1],
		kernel: [kernel; 2],
		stride: [stride; 2],
		padding: [padding; 2],
		groups: 1,
	}
}

fn model(layers: impl IntoIterator<Item = (u32, Layer)>) -> Model {
	Model { layers: layers.into_iter().map(|(times, layer)| Layers { layer, times }).collect() }
}

// The operations of a convolution: 2 · 3 · 7² · 64 · 112², and not the 185 · 10⁹ of every input pixel with every output pixel.
#[test]
fn the_first_layer_of_resnet_50_has_236_million() {
	assert_eq!(convolution(224, [3, 64], 7, 2, 3).forward(), Ok(236_027_904));
}

// Simonyan and Zisserman, *Very Deep Convolutional Networks*, 2015, table 1, column D: 15.47 · 10⁹ multiplications.
#[test]
fn vgg_16_has_30_940_million() {
	let same = |input, from, to| convolution(input, [from, to], 3, 1, 1);
	let dense = |inputs, outputs| Layer::Dense { inputs, outputs, positions: 1 };
	let vgg = model([
		(1, same(224, 3, 64)),
		(1, same(224, 64, 64)),
		(1, same(112, 64, 128)),
		(1, same(112, 128, 128)),
		(1, same(56, 128, 256)),
		(2, same(56, 256, 256)),
		(1, same(28, 256, 512)),
		(2, same(28, 512, 512)),
		(3, same(14, 512, 512)),
		(1, dense(25_088, 4_096)),
		(1, dense(4_096, 4_096)),
		(1, dense(4_096, 1_000)),
	]);
	assert_eq!(vgg.forward(), Ok(30_940_528_640));
	assert_eq!(vgg.training_step(256), Ok(3 * 256 * 30_940_528_640));
}

#[test]
fn groups_divide_the_work_and_strides_the_places() {
	let depthwise = |groups| Layer::Convolution {
		input: [32, 64],
		input_channels: 8,
		output_channels: 8,
		kernel: [3, 1],
		stride: [2, 3],
		padding: [1, 0],
		groups,
	};
	// Places: (32 + 2 − 3) / 2 + 1 = 16, (64 − 1) / 3 + 1 = 22.
	assert_eq!(depthwise(8).forward(), Ok(2 * 3 * 8 * 16 * 22));
	assert_eq!(depthwise(1).forward(), Ok(8 * 2 * 3 * 8 * 16 * 22));
	assert_eq!(depthwise(3).forward(), Err(NoFlops::Uneven));
	assert_eq!(depthwise(0).forward(), Err(NoFlops::Empty));
}

// GPT-3 (Brown et al., 2020): Kaplan's 2·N + 2·layers·context·width per token, and the sums and the softmax that they leave out.
#[test]
fn a_transformer_agrees_with_kaplan_and_hoffmann() {
	let (layers, width, sequence, heads) = (96, 12_288, 2_048, 96);
	let gpt = model([
		(layers, Layer::Attention { sequence, width, heads, head_width: 128, key_value_heads: None }),
		(layers, Layer::Dense { inputs: width, outputs: 4 * width, positions: sequence }),
		(layers, Layer::Dense { inputs: 4 * width, outputs: width, positions: sequence }),
	]);
	let [l, d, s, h] = [layers, width, sequence, heads].map(u128::from);
	let parameters = 12 * l * d * d;
	let kaplan = s * (2 * parameters + 2 * l * s * d);
	assert_eq!(gpt.forward(), Ok(kaplan + l * (2 * s * s * d + 3 * s * s * h)));
}

#[test]
fn fewer_heads_of_keys_and_values_take_less() {
	let of = |key_value_heads| {
		Layer::Attention { sequence: 16, width: 64, heads: 8, head_width: 8, key_value_heads }.forward()
	};
	assert_eq!(of(Some(8)), of(None));
	// Keys and values: 2 · 2 · 16 · 64 · 8 per head.
	assert_eq!(of(None).unwrap() - of(Some(2)).unwrap(), 6 * 32_768);
	assert_eq!(of(Some(3)), Err(NoFlops::Uneven));
	assert_eq!(of(Some(16)), Err(NoFlops::Uneven));
	assert_eq!(of(Some(0)), Err(NoFlops::Empty));
}

#[test]
fn a_layer_that_cannot_be_is_refused() {
	assert_eq!(convolution(0, [1, 1], 1, 1, 0).forward(), Err(NoFlops::Empty));
	assert_eq!(convolution(5, [0, 1], 1, 1, 0).forward(), Err(NoFlops::Empty));
	assert_eq!(convolution(5, [1, 0], 1, 1, 0).forward(), Err(NoFlops::Empty));
	assert_eq!(convolution(5, [1, 1], 0, 1, 0).forward(), Err(NoFlops::Empty));
	assert_eq!(convolution(5, [1, 1], 1, 0, 0).forward(), Err(NoFlops::Empty));
	assert_eq!(convolution(5, [1, 1], 8, 1, 1).forward(), Err(NoFlops::KernelTooLarge));
	assert_eq!(convolution(u32::MAX, [1, 1], 1, 1, 1).forward(), Err(NoFlops::Overflow));
	assert_eq!(convolution(u32::MAX, [u32::MAX; 2], 1, 1, 0).forward(), Err(NoFlops::Overflow));
	assert_eq!(Layer::Dense { inputs: 0, outputs: 1, positions: 1 }.forward(), Err(NoFlops::Empty));
	let attention = Layer::Attention { sequence: 0, width: 1, heads: 1, head_width: 1, key_value_heads: None };
	assert_eq!(attention.forward(), Err(NoFlops::Empty));
}

#[test]
fn a_model_that_cannot_be_is_refused() {
	let dense = Layer::Dense { inputs: 1, outputs: 1, positions: 1 };
	assert_eq!(model([]).forward(), Err(NoFlops::Empty));
	assert_eq!(model([(0, dense)]).forward(), Err(NoFlops::Empty));
	assert_eq!(model([(1, dense)]).training_step(0), Err(NoFlops::Empty));
	assert_eq!(model(vec![(1, dense); MAX_LAYERS]).forward(), Ok(8_192));
	assert_eq!(model(vec![(1, dense); MAX_LAYERS + 1]).forward(), Err(NoFlops::TooManyLayers));
	let large = Layer::Dense { inputs: u32::MAX, outputs: u32::MAX, positions: u32::MAX };
	assert_eq!(model([(u32::MAX, large)]).forward(), Err(NoFlops::Overflow));
	assert_eq!(model([(u32::MAX >> 1, large)]).training_step(2), Err(NoFlops::Overflow));
}

// The worked example of the exchange: 10¹² per step, a million samples in batches of 256, ten epochs.
#[test]
fn the_worked_example_takes_39_thousand_million_million() {
	let run = training_run(TERA, 1_000_000, 256, 10).unwrap();
	assert_eq!(run, 39_062_500_000_000_000);
	// On a reference of 10¹² per second: 10.85 hours; within five hours on devices of rate 1: three, of rate 0.5: five.
	let needed = compute_hours(run, 1_000_000_000_000).unwrap();
	assert_eq!(needed, Capacity(10_850_695));
	assert_eq!(devices_needed(needed, FixedU128::from_u32(1), 5), Ok(3));
	assert_eq!(devices_needed(needed, FixedU128::from_rational(1, 2), 5), Ok(5));
}

#[test]
fn needs_round_up() {
	assert_eq!(training_run(1, 1, 3, 1), Ok(1));
	assert_eq!(training_run(0, 1, 3, 1), Ok(0));
	assert_eq!(training_run(u128::MAX, 2, 2, 1), Ok(u128::MAX));
	assert_eq!(compute_hours(1, u64::MAX), Ok(Capacity(1)));
	assert_eq!(compute_hours(3_600, 1), Ok(Capacity(1_000_000)));
	assert_eq!(devices_needed(Capacity(1_000_001), FixedU128::from_u32(1), 1), Ok(2));
	assert_eq!(devices_needed(Capacity(1_000_000), FixedU128::from_u32(1), 1), Ok(1));
	assert_eq!(devices_needed(Capacity::ZERO, FixedU128::from_u32(1), 1), Ok(0));
}

#[test]
fn what_divides_by_nothing_or_does_not_fit_is_refused() {
	assert_eq!(training_run(1, 1, 0, 1), Err(ArithmeticError::DivisionByZero));
	assert_eq!(training_run(u128::MAX, 2, 1, 1), Err(ArithmeticError::Overflow));
	assert_eq!(compute_hours(1, 0), Err(ArithmeticError::DivisionByZero));
	assert_eq!(compute_hours(u128::MAX, 1), Err(ArithmeticError::Overflow));
	let one = FixedU128::from_u32(1);
	assert_eq!(devices_needed(Capacity(1), FixedU128::from_inner(0), 1), Err(ArithmeticError::DivisionByZero));
	assert_eq!(devices_needed(Capacity(1), one, 0), Err(ArithmeticError::DivisionByZero));
	assert_eq!(devices_needed(Capacity(u128::MAX), one, 1), Err(ArithmeticError::Overflow));
	assert_eq!(devices_needed(Capacity(u128::MAX), FixedU128::from_inner(1), 1), Err(ArithmeticError::Overflow));
}

#[test]
fn a_model_is_read_from_json() {
	let json = r#"{"layers": [
		{"layer": {"kind": "convolution", "input": [224, 224], "inputChannels": 3, "outputChannels": 64,
			"kernel": [7, 7], "stride": [2, 2], "padding": [3, 3]}},
		{"layer": {"kind": "dense", "inputs": 10, "outputs": 20}, "times": 3},
		{"layer": {"kind": "attention", "sequence": 4, "width": 8, "heads": 2, "headWidth": 4}}
	]}"#;
	let model: Model = serde_json::from_str(json).unwrap();
	let expected = self::model([
		(1, convolution(224, [3, 64], 7, 2, 3)),
		(3, Layer::Dense { inputs: 10, outputs: 20, positions: 1 }),
		(1, Layer::Attention { sequence: 4, width: 8, heads: 2, head_width: 4, key_value_heads: None }),
	]);
	assert_eq!(model, expected);
	let back = serde_json::to_string(&model).unwrap();
	assert_eq!(serde_json::from_str::<Model>(&back).unwrap(), model);
	assert_eq!(Model::decode(&mut &model.encode()[..]).unwrap(), model);
	for wrong in [
		r#"{"layers": [{"layer": {"kind": "pooling", "inputs": 10, "outputs": 20}}]}"#,
		r#"{"layers": [{"layer": {"kind": "dense", "inputs": 10}}]}"#,
		r#"{"layers": [{"layer": {"kind": "dense", "inputs": -1, "outputs": 20}}]}"#,
		r#"{"layers": [{"layer": {"kind": "dense", "inputs": 1, "outputs": 4294967296}}]}"#,
		r#"{"layers": [{"layer": {"kind": "dense", "inputs": 1, "outputs": 2, "position": 3}}]}"#,
		r#"{"layers": [{"layer": {"kind": "dense", "inputs": 1, "outputs": 2}, "repeat": 3}]}"#,
	] {
		assert!(serde_json::from_str::<Model>(wrong).is_err(), "{wrong}");
	}
}

fn layers() -> impl Strategy<Value = Layer> {
	let size = || prop_oneof![0u32..64, any::<u32>()];
	let sizes = move || [size(), size()];
	prop_oneof![
		(sizes(), size(), size(), sizes(), sizes(), sizes(), size()).prop_map(
			|(input, input_channels, output_channels, kernel, stride, padding, groups)| Layer::Convolution {
				input,
				input_channels,
				output_channels,
				kernel,
				stride,
				padding,
				groups,
			}
		),
		(size(), size(), size()).prop_map(|(inputs, outputs, positions)| Layer::Dense { inputs, outputs, positions }),
		(size(), size(), size(), size(), prop::option::of(size())).prop_map(
			|(sequence, width, heads, head_width, key_value_heads)| Layer::Attention {
				sequence,
				width,
				heads,
				head_width,
				key_value_heads,
			}
		),
	]
}

fn big(of: impl Into<BigInt>) -> BigInt {
	of.into()
}

fn ceil(over: BigInt, under: BigInt) -> BigInt {
	BigRational::new(over, under).ceil().to_integer()
}

proptest! {
	#[test]
	fn no_layer_panics(stack in prop::collection::vec((any::<u32>(), layers()), 0..8), batch: u32) {
		let model = model(stack);
		let forward = model.forward();
		if let Ok(step) = model.training_step(batch) {
			prop_assert_eq!(Ok(step / 3 / u128::from(batch)), forward);
		}
	}

	// A kernel as large as its input is a dense layer.
	#[test]
	fn a_convolution_over_everything_is_dense(size in 1u32..64, from in 1u32..512, to in 1u32..512) {
		let dense = Layer::Dense { inputs: size * size * from, outputs: to, positions: 1 };
		prop_assert_eq!(convolution(size, [from, to], size, 1, 0).forward(), dense.forward());
	}

	#[test]
	fn more_layers_are_the_sum(stack in prop::collection::vec((1u32..9, layers()), 1..8)) {
		let each: Result<Vec<u128>, _> = stack.iter().map(|layer| model([*layer]).forward()).collect();
		match model(stack.clone()).forward() {
			Ok(all) => prop_assert_eq!(all, each.unwrap().iter().sum::<u128>()),
			Err(NoFlops::Overflow) => {},
			Err(error) => prop_assert!(each.is_err(), "{:?}", error),
		}
	}

	#[test]
	fn needs_are_exact_and_round_up(flops: u128, samples: u64, batch in 1u32.., epochs: u32, reference in 1u64..) {
		let check = |got: Result<u128, ArithmeticError>, exact: BigInt| match got {
			Ok(got) => big(got) == exact,
			Err(error) => error == ArithmeticError::Overflow && exact > big(u128::MAX),
		};
		prop_assert!(check(training_run(flops, samples, batch, epochs), ceil(big(flops) * samples * epochs, big(batch))));
		let hours = compute_hours(flops, reference).map(|capacity| capacity.0);
		prop_assert!(check(hours, ceil(big(flops) * 1_000_000, big(reference) * 3_600)));
	}

	#[test]
	fn just_enough_devices_are_asked_for(capacity in 0u128..1 << 100, rate in 1u128.., hours in 1u32..) {
		let exact = ceil(big(capacity) * TERA, big(rate) * hours);
		match devices_needed(Capacity(capacity), FixedU128::from_inner(rate), hours) {
			Ok(devices) => prop_assert_eq!(big(devices), exact),
			Err(error) => {
				prop_assert_eq!(error, ArithmeticError::Overflow);
				prop_assert!(exact > big(u32::MAX));
			},
		}
	}
}
