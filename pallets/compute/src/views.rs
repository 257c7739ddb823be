//! What clients see.

use crate::{
	prune, types::BalanceOf, Booking, ClassCapacity, Classes, Config, Ledger, Pallet, Providers, References, Resource,
	Resources, Standing, Standings,
};
use alloc::{
	format,
	string::{String, ToString},
	vec::Vec,
};
use gcx_math::grade::uptime;
use gcx_primitives::{Capacity, CapacityLedger, ClassId, Grade, ResourceId, Tier};
use gcx_runtime_api::{
	Amount, CapacityView, ClassView, EvidenceView, GradeView, ReferenceView, ReputationView, ResourceView, UptimeView,
};
use sp_runtime::{
	traits::{UniqueSaturatedInto, Zero},
	FixedPointNumber, FixedU128,
};

impl<T: Config> Pallet<T> {
	/// A class for clients; none if there is none.
	pub fn class_view(class: ClassId) -> Option<ClassView> {
		let record = Classes::<T>::get(class)?;
		let mut versions: Vec<_> = References::<T>::iter_prefix(class)
			.map(|(version, reference)| ReferenceView {
				version,
				system: reference.system,
				resources: reference.resources,
				pins: reference.pins,
			})
			.collect();
		versions.sort_unstable_by_key(|reference| reference.version);
		Some(ClassView {
			class,
			name: String::from_utf8_lossy(&record.name).into_owned(),
			current: record.current,
			attested_by: record.attested_by,
			loss_per_hour: amount::<T>(record.loss_per_hour),
			capacity: ClassCapacity::<T>::get(class),
			versions,
		})
	}

	/// A resource for clients; none if there is none.
	pub fn resource_view(resource: ResourceId) -> Option<ResourceView<T::AccountId>> {
		let record = Resources::<T>::get(resource)?;
		let standing = Standings::<T>::get(resource);
		let max_age = Self::parameters().max_age;
		let strongest = Self::strongest(&standing, max_age);
		let grade = Self::unexpired_grade(&standing, max_age);
		let capacity = Self::capacity_view(resource, &record, &standing);
		let reputation = Self::reputation_view(&record.provider)?;
		let uptime = UptimeView {
			answered: standing.answered,
			missed: standing.missed,
			uptime: decimal(uptime(standing.answered, standing.missed)),
		};
		Some(ResourceView {
			resource,
			class: record.class,
			version: record.version,
			region: record.region,
			devices: record.devices,
			since: record.since,
			state: record.life.state(record.is_maintained_on(Self::today())),
			passed: record.life.passed,
			failures: record.life.failures,
			grade: grade.map(|(parts, age)| GradeView { grade: parts.to_string(), parts, age }),
			tier: strongest.map(|(tier, _)| tier),
			rate: strongest.map(|(_, evidence)| decimal(evidence.rate)),
			evidence: Self::evidence_views(&standing, max_age),
			uptime,
			capacity,
			maintenance: record.maintenance.to_vec(),
			reputation,
			provider: record.provider,
			agent: record.agent,
		})
	}

	fn evidence_views(standing: &Standing, max_age: u64) -> Vec<EvidenceView> {
		let view = |tier| {
			let evidence = standing.evidence(tier)?;
			let age = Self::age(evidence.at);
			Some(EvidenceView {
				tier,
				rate: decimal(evidence.rate),
				age,
				is_expired: age > max_age,
				round: evidence.round,
				run: hexadecimal(&evidence.run),
				evidence: hexadecimal(&evidence.evidence),
				measurements: evidence.measurements.to_vec(),
			})
		};
		[Tier::Proven, Tier::Attested, Tier::Declared].into_iter().filter_map(view).collect()
	}

	fn capacity_view(resource: ResourceId, record: &Resource<T::AccountId>, standing: &Standing) -> CapacityView {
		let (day, provider, class) = (Self::today(), &record.provider, record.class);
		let entry = Ledger::<T>::get((day, provider, class));
		let offer = Self::offer(resource, record, standing);
		let booking = entry.booked.iter().find(|booking| booking.resource == resource);
		let nothing = Booking { resource, nominated: Capacity::ZERO, pledged: Capacity::ZERO };
		let booking = booking.copied().unwrap_or(nothing);
		let floor = offer.as_ref().map_or(Grade::LOWEST, |offer| offer.grade);
		CapacityView {
			day,
			capacity: offer.map_or(Capacity::ZERO, |offer| offer.on(day)),
			nominated: booking.nominated,
			pledged: booking.pledged,
			sold: prune::sums::<T>(&entry).map_or(Capacity::ZERO, |(sold, _)| sold),
			sellable: Self::sellable(provider, class, &floor, day),
			shortfall: Self::shortfall(provider, class, day),
			best_delivery: Self::best_share(standing),
		}
	}

	fn reputation_view(provider: &T::AccountId) -> Option<ReputationView> {
		let record = Providers::<T>::get(provider)?;
		let reputation = record.reputation;
		Some(ReputationView {
			passed: reputation.passed,
			refused: reputation.refused,
			missed: reputation.missed,
			offences: reputation.offences,
			slashed: amount::<T>(reputation.slashed),
			delivered: reputation.delivered,
			undelivered: reputation.undelivered,
			bond: amount::<T>(record.bond),
			at_risk: amount::<T>(Self::at_risk(&record).unwrap_or_else(|_| Zero::zero())),
		})
	}
}

fn amount<T: Config>(balance: BalanceOf<T>) -> Amount {
	Amount(balance.unique_saturated_into())
}

/// All decimals that are not zero at the end.
pub(crate) fn decimal(number: FixedU128) -> String {
	let (whole, rest) = (number.into_inner() / FixedU128::DIV, number.into_inner() % FixedU128::DIV);
	if rest == 0 {
		return whole.to_string();
	}
	format!("{whole}.{rest:018}").trim_end_matches('0').into()
}

fn hexadecimal(bytes: &[u8]) -> String {
	bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}
