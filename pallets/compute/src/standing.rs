//! What is known of a resource: evidence by tier, its age, and the grade that follows.

use crate::{
	types::{ParametersOf, ResourceOf},
	Class, Config, Event, Evidence, Pallet, Standing, Standings,
};
use frame_support::defensive;
use gcx_math::{grade, rate};
use gcx_primitives::{
	Attestation, Energy, Grade, Measurement, Measurements, Metric, ProvenCompute, ReferenceSystem, ResourceId, RoundId,
	Tier,
};
use sp_runtime::FixedU128;

impl Standing {
	/// The evidence of a tier, however old.
	pub(crate) const fn evidence(&self, tier: Tier) -> Option<&Evidence> {
		match tier {
			Tier::Declared => self.declared.as_ref(),
			Tier::Attested => self.attested.as_ref(),
			Tier::Proven => self.proven.as_ref(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The grade of a resource and its age in milliseconds; none if it has none, or the grade is older than
	/// `Parameters.max_age`.
	pub fn grade(resource: ResourceId) -> Option<(Grade, u64)> {
		Self::unexpired_grade(&Standings::<T>::get(resource), Self::parameters().max_age)
	}

	/// The rate of a resource per device by the evidence of a tier, in Compute Hours of its reference version an hour; none if
	/// there is no such evidence, or it is older than `Parameters.max_age`.
	pub fn rate(resource: ResourceId, tier: Tier) -> Option<FixedU128> {
		let standing = Standings::<T>::get(resource);
		Self::unexpired(&standing, tier, Self::parameters().max_age).map(|evidence| evidence.rate)
	}

	/// The strongest tier of which there is evidence that is not too old.
	pub(crate) fn strongest(standing: &Standing, max_age: u64) -> Option<(Tier, &Evidence)> {
		[Tier::Proven, Tier::Attested, Tier::Declared]
			.into_iter()
			.find_map(|tier| Some((tier, Self::unexpired(standing, tier, max_age)?)))
	}

	/// The evidence that a resource sells by: what the chain has checked itself, else what attestors have.
	pub(crate) fn selling(standing: &Standing, max_age: u64) -> Option<&Evidence> {
		[Tier::Proven, Tier::Attested].into_iter().find_map(|tier| Self::unexpired(standing, tier, max_age))
	}

	pub(crate) fn unexpired(standing: &Standing, tier: Tier, max_age: u64) -> Option<&Evidence> {
		standing.evidence(tier).filter(|evidence| Self::age(evidence.at) <= max_age)
	}

	/// A grade that is not too old, and its age in milliseconds.
	pub(crate) fn unexpired_grade(standing: &Standing, max_age: u64) -> Option<(Grade, u64)> {
		let (grade, at) = standing.graded?;
		let age = Self::age(at);
		(age <= max_age).then_some((grade, age))
	}

	/// Milliseconds since a time. The clock does not go back.
	pub(crate) fn age(at: u64) -> u64 {
		Self::now().saturating_sub(at)
	}

	/// Takes what a quorum found into a resource's standing, and grades it.
	pub(crate) fn take_in(
		resource: ResourceId,
		record: &ResourceOf<T>,
		standing: &mut Standing,
		class: &Class<crate::types::BalanceOf<T>>,
		system: &ReferenceSystem,
		attestation: &Attestation,
	) {
		let parameters = Self::parameters();
		let evidence = |rate: FixedU128, measurements: Measurements| {
			let Attestation { round, at, run, evidence, .. } = *attestation;
			Evidence { rate, at, round, run, evidence, measurements }
		};
		let mut power_is_of = None;
		if !attestation.declared.is_empty() {
			standing.declared = match rate::declared_rate(system, &attestation.declared) {
				Ok(rate) => {
					power_is_of = Some(rate);
					Some(evidence(rate, attestation.declared.clone()))
				},
				Err(reason) => {
					Self::deposit_event(Event::DeclaredRefused { resource, round: attestation.round, reason });
					None
				},
			};
		}
		if let (Some(metric), Some(value)) = (class.attested_by, attestation.solved) {
			let reference = Self::reference_value(system, metric);
			match reference.and_then(|reference| rate::attested_rate(value, reference).ok()) {
				Some(rate) => {
					power_is_of = Some(rate);
					let measurements = Measurements::truncate_from([Measurement { metric, value }].to_vec());
					standing.attested = Some(evidence(rate, measurements));
				},
				None => {
					defensive!("a class's reference systems have what attests it");
				},
			}
		}
		standing.count(true);
		let watts = power_is_of.zip(attestation.milliwatts);
		// A resource of no power, or of more per watt than fits, was measured wrongly: its energy is not known.
		let energy = watts.and_then(|(rate, milliwatts)| {
			rate::energy_ratio(rate, record.devices, milliwatts, system.milliwatts).ok()
		});
		standing.graded = Self::graded(standing, energy, &parameters).map(|grade| (grade, attestation.at));
	}

	/// Takes what the chain has checked into a resource's standing, and grades it. False, and nothing changes, if the resource is not measured by
	/// what was proven.
	///
	/// A roll-call measures no power. An energy grade that is young enough is kept, and its age with it: the whole grade then grows as old as the
	/// measurement.
	pub(crate) fn take_in_proof(standing: &mut Standing, system: &ReferenceSystem, proof: &ProvenCompute) -> bool {
		let ProvenCompute { roll_call, at, operations, nonce: run, commitment: evidence, .. } = *proof;
		let reference = Self::reference_value(system, Metric::Int8Operations);
		let Some(rate) = reference.and_then(|reference| rate::attested_rate(operations, reference).ok()) else {
			return false;
		};
		let measurement = Measurement { metric: Metric::Int8Operations, value: operations };
		let measurements = Measurements::truncate_from([measurement].to_vec());
		standing.proven = Some(Evidence { rate, at, round: RoundId(roll_call.0), run, evidence, measurements });
		standing.count(true);
		let parameters = Self::parameters();
		let max_age = parameters.max_age;
		let measured = Self::unexpired_grade(standing, max_age).filter(|(grade, _)| grade.energy > Energy::Z);
		let since = measured.and(standing.graded).map_or(at, |(_, at)| at);
		standing.graded = Self::graded(standing, None, &parameters).map(|grade| {
			let energy = measured.map_or(grade.energy, |(before, _)| before.energy);
			(Grade { energy, ..grade }, since)
		});
		true
	}

	/// The grade that follows from the strongest evidence, from uptime, and from power. An earlier grade that is not too old
	/// gives way only past the line.
	fn graded(standing: &Standing, energy: Option<FixedU128>, parameters: &ParametersOf<T>) -> Option<Grade> {
		let (_, evidence) = Self::strongest(standing, parameters.max_age)?;
		let before = Self::unexpired_grade(standing, parameters.max_age).map(|(grade, _)| grade);
		let thresholds = &parameters.thresholds;
		let uptime = grade::uptime(standing.answered, standing.missed);
		Some(Grade {
			performance: thresholds.performance(evidence.rate, before.map(|grade| grade.performance)),
			reliability: thresholds.reliability(uptime, before.map(|grade| grade.reliability)),
			energy: thresholds.energy(energy, before.map(|grade| grade.energy)),
		})
	}
}
