//! How much computing a model takes: operations of its layers, of a training run, and Compute Hours and devices for them.
//!
//! An operation is a multiplication or an addition of matrix products: a product of sums counts as two. Biases,
//! activations and normalisations are left out, as is usual: they are far less.
//!
//! | layer | operations per sample, forward | source |
//! | --- | --- | --- |
//! | convolution | `2 · Cin/groups · Kh·Kw · Cout · Hout·Wout` | Molchanov et al., *Pruning Convolutional Neural Networks for Resource Efficient Inference*, ICLR 2017, appendix A.1, without their `+ 1` for the bias, and with the size of the output, which is theirs where padding keeps it |
//! | dense | `2 · inputs · outputs`, at each position | the same |
//! | attention | projections `2·S·d·k·(h + 2·g)`, scores `2·S²·h·k`, softmax `3·S²·h`, sums `2·S²·h·k`, output `2·S·h·k·d` | Hoffmann et al., *Training Compute-Optimal Large Language Models*, 2022, appendix F, which count what Kaplan et al., *Scaling Laws for Neural Language Models*, 2020, table 1, do and the sums besides; with `g` heads of keys and values instead of `h` (Ainslie et al., *GQA*, 2023) |
//!
//! `2 · Hin·Win·Cin · Kh·Kw · Hout·Wout` is sometimes seen for a convolution. It is not used here: it pairs each input pixel with
//! each output pixel, where a kernel only ever sees `Kh·Kw` of them, and leaves the output's channels out. It gives
//! 185 · 10⁹ for the first layer of ResNet-50, which has 0.236 · 10⁹, of 8 · 10⁹ of the whole network.
//!
//! The backward pass takes twice what the forward one does (Kaplan et al., section 2.1; Hoffmann et al., appendix F).

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use gcx_primitives::{ArithmeticError, Capacity};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, traits::Zero, FixedPointNumber, FixedU128, Rounding,
};

/// The most entries of a [`Model`] that are looked at.
pub const MAX_LAYERS: usize = 4_096;
/// A training step is one forward pass, and a backward one of twice as much.
pub const PASSES_PER_STEP: u128 = 3;

/// A layer of a model. In JSON an object with its `kind`. Sizes are of height and width.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo,
)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Layer {
	/// A convolution in two dimensions. One in one dimension has a height of one throughout.
	Convolution {
		/// Size of the input in pixels.
		input: [u32; 2],
		/// Channels of the input.
		input_channels: u32,
		/// Channels of the output.
		output_channels: u32,
		/// Size of the kernel.
		kernel: [u32; 2],
		/// Pixels from one place of the kernel to the next.
		#[serde(default = "each")]
		stride: [u32; 2],
		/// Pixels added at each of the two ends.
		#[serde(default)]
		padding: [u32; 2],
		/// Groups of channels that do not see each other; as many as channels for a depthwise convolution.
		#[serde(default = "one")]
		groups: u32,
	},
	/// A matrix product with weights.
	Dense {
		/// Features that go in.
		inputs: u32,
		/// Features that come out.
		outputs: u32,
		/// How often per sample: once, or at each token of a sequence.
		#[serde(default = "one")]
		positions: u32,
	},
	/// Self-attention with its projections, over a whole sequence. A causal mask saves nothing here: it is common to compute
	/// what it hides.
	Attention {
		/// Tokens of a sequence: a sample is a sequence.
		sequence: u32,
		/// Features of a token.
		width: u32,
		/// Heads of queries.
		heads: u32,
		/// Features of a head.
		head_width: u32,
		/// Heads of keys and values, if there are fewer than of queries.
		#[serde(default)]
		key_value_heads: Option<u32>,
	},
}

const fn one() -> u32 {
	1
}

const fn each() -> [u32; 2] {
	[1, 1]
}

/// Equal layers of a model.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layers {
	/// One of them.
	pub layer: Layer,
	/// How many.
	#[serde(default = "one")]
	pub times: u32,
}

/// A model: what a sample passes through.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Model {
	/// Its layers, in any order.
	pub layers: Vec<Layers>,
}

/// Why a model has no number of operations.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub enum NoFlops {
	/// A size is zero.
	Empty,
	/// The kernel does not fit the padded input.
	KernelTooLarge,
	/// The channels cannot be split into so many groups, or the heads of queries among those of keys and values.
	Uneven,
	/// It has more than [`MAX_LAYERS`] entries.
	TooManyLayers,
	/// The number does not fit 128 bits.
	Overflow,
}

impl Layer {
	/// Operations of one forward pass of one sample. Exact.
	///
	/// # Errors
	/// `Empty`, `KernelTooLarge` and `Uneven` for a layer that cannot be; `Overflow`.
	pub fn forward(&self) -> Result<u128, NoFlops> {
		match *self {
			Self::Convolution { input, input_channels, output_channels, kernel, stride, padding, groups } => {
				let mut output = [0; 2];
				for axis in 0..2 {
					output[axis] = places(input[axis], kernel[axis], stride[axis], padding[axis])?;
				}
				let per_group = quotient(input_channels, groups)?;
				quotient(output_channels, groups)?;
				product(&[2, per_group, kernel[0], kernel[1], output_channels, output[0], output[1]])
			},
			Self::Dense { inputs, outputs, positions } => product(&[2, inputs, outputs, positions]),
			Self::Attention { sequence, width, heads, head_width, key_value_heads } => {
				let key_value_heads = key_value_heads.unwrap_or(heads);
				quotient(heads, key_value_heads)?;
				let parts = [
					product(&[2, sequence, width, heads, head_width])?,
					product(&[2, 2, sequence, width, key_value_heads, head_width])?,
					product(&[2, sequence, sequence, heads, head_width])?,
					product(&[3, sequence, sequence, heads])?,
					product(&[2, sequence, sequence, heads, head_width])?,
					product(&[2, sequence, heads, head_width, width])?,
				];
				parts.into_iter().try_fold(0u128, u128::checked_add).ok_or(NoFlops::Overflow)
			},
		}
	}
}

/// Places of a kernel along one axis: `(input + 2 · padding − kernel) / stride`, rounded down, and one.
fn places(input: u32, kernel: u32, stride: u32, padding: u32) -> Result<u32, NoFlops> {
	if input == 0 || kernel == 0 {
		return Err(NoFlops::Empty);
	}
	let padded = u64::from(input) + 2 * u64::from(padding);
	let free = padded.checked_sub(kernel.into()).ok_or(NoFlops::KernelTooLarge)?;
	let steps = free.checked_div(stride.into()).ok_or(NoFlops::Empty)?;
	u32::try_from(steps + 1).map_err(|_| NoFlops::Overflow)
}

fn quotient(of: u32, by: u32) -> Result<u32, NoFlops> {
	match of.checked_rem(by) {
		None => Err(NoFlops::Empty),
		Some(0) => Ok(of / by),
		Some(1..) => Err(NoFlops::Uneven),
	}
}

fn product(factors: &[u32]) -> Result<u128, NoFlops> {
	factors.iter().try_fold(1u128, |product, factor| match factor {
		0 => Err(NoFlops::Empty),
		1.. => product.checked_mul((*factor).into()).ok_or(NoFlops::Overflow),
	})
}

impl Model {
	/// Operations of one forward pass of one sample: inference. Exact.
	///
	/// # Errors
	/// `TooManyLayers`, `Empty` for a model without layers, and those of [`Layer::forward`].
	pub fn forward(&self) -> Result<u128, NoFlops> {
		if self.layers.len() > MAX_LAYERS {
			return Err(NoFlops::TooManyLayers);
		}
		if self.layers.is_empty() {
			return Err(NoFlops::Empty);
		}
		self.layers.iter().try_fold(0u128, |sum, layers| {
			let times = product(&[layers.times])?;
			layers.layer.forward()?.checked_mul(times).and_then(|more| sum.checked_add(more)).ok_or(NoFlops::Overflow)
		})
	}

	/// Operations of one step of training with batches of so many samples: forward and backward. Exact.
	///
	/// # Errors
	/// `Empty` for a batch of none, and those of [`Self::forward`].
	pub fn training_step(&self, batch: u32) -> Result<u128, NoFlops> {
		let samples = product(&[batch])?;
		let forward = self.forward()?;
		forward.checked_mul(PASSES_PER_STEP).and_then(|pass| pass.checked_mul(samples)).ok_or(NoFlops::Overflow)
	}
}

/// Operations of a training run: those of a step of one batch, times `samples / batch`, times epochs. The last batch counts as
/// far as it is filled. Rounded up.
///
/// # Errors
/// `DivisionByZero` for a batch of none, `Overflow` where it does not fit.
pub fn training_run(per_step: u128, samples: u64, batch: u32, epochs: u32) -> Result<u128, ArithmeticError> {
	mul_div_ceil(per_step, u128::from(samples) * u128::from(epochs), batch.into())
}

/// Compute Hours of so many operations, of a class whose reference device does so many per second. Rounded up.
///
/// # Errors
/// `DivisionByZero` for a reference of nothing, `Overflow` where it does not fit.
pub fn compute_hours(flops: u128, reference_flops_per_second: u64) -> Result<Capacity, ArithmeticError> {
	const SECONDS_PER_HOUR: u128 = 3_600;
	mul_div_ceil(flops, Capacity::PER_HOUR, u128::from(reference_flops_per_second) * SECONDS_PER_HOUR).map(Capacity)
}

/// Devices of a rate that deliver so much within so many hours. Rounded up.
///
/// # Errors
/// `DivisionByZero` for a rate or a time of nothing, `Overflow` where it does not fit.
pub fn devices_needed(capacity: Capacity, rate: FixedU128, deadline_hours: u32) -> Result<u32, ArithmeticError> {
	if rate.is_zero() || deadline_hours == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	// Rounded up twice is the same as once: the second divisor is whole.
	let device_hours = mul_div_ceil(capacity.0, FixedU128::DIV / Capacity::PER_HOUR, rate.into_inner())?;
	u32::try_from(device_hours.div_ceil(deadline_hours.into())).map_err(|_| ArithmeticError::Overflow)
}

/// `a · b / c`, rounded up, the product in 256 bits.
fn mul_div_ceil(a: u128, b: u128, c: u128) -> Result<u128, ArithmeticError> {
	if c == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	multiply_by_rational_with_rounding(a, b, c, Rounding::Up).ok_or(ArithmeticError::Overflow)
}

#[cfg(test)]
mod tests;
