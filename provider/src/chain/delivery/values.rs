//! Deals, windows and calls as values that the chain's metadata describes: fields are found by name, as those of rounds are.

use super::{Account, Call, Deal, Resource, Window};
use crate::chain::values::{any_bytes, bytes, field, number, only, option, small, wide, FieldError};
use gcx_primitives::{
	Capacity, ComputeHours, Day, DealId, DeliveryDays, InstrumentId, Lots, Ppm, ResourceId, SubAccount,
};
use sp_runtime::MultiSignature;
use subxt::ext::scale_value::{Value, ValueDef};

/// What a deal's own record says.
///
/// # Errors
/// Names the first field that is missing. What other records say of it is left empty.
pub fn deal<T>(id: DealId, value: &Value<T>) -> Result<Deal, FieldError> {
	let backing = field(value, "backing").ok_or(FieldError("backing"))?;
	Ok(Deal {
		id,
		instrument: InstrumentId(small(value, "instrument")?),
		buyer: field(value, "buyer").and_then(account).ok_or(FieldError("buyer"))?,
		seller: field(value, "seller").and_then(account).ok_or(FieldError("seller"))?,
		lots: Lots(i64::try_from(number(value, "lots")?).map_err(|_| FieldError("lots"))?),
		resource: resource_of(backing)?,
		key: option(value, "key")?.map(|key| bytes(key).ok_or(FieldError("key"))).transpose()?,
		endpoint: Vec::new(),
		from: Day(small(value, "from")?),
		next: Day(small(value, "next")?),
		days: DeliveryDays { first: Day(0), last: Day(0) },
		multiplier: ComputeHours(0),
		tolerance: Ppm::ZERO,
		windows: std::collections::BTreeMap::new(),
	})
}

/// The resource behind a seller's side, if there is one.
fn resource_of<T>(backing: &Value<T>) -> Result<Option<ResourceId>, FieldError> {
	match &backing.value {
		ValueDef::Variant(variant) if variant.name == "Resource" => {
			let number = only(&variant.values).and_then(wide).and_then(|number| u32::try_from(number).ok());
			number.map(|number| Some(ResourceId(number))).ok_or(FieldError("backing"))
		},
		ValueDef::Variant(_) => Ok(None),
		_ => Err(FieldError("backing")),
	}
}

/// Adds what the record of a delivery says to a deal of it.
///
/// # Errors
/// Names the first field that is missing.
pub fn add_goods<T>(deal: &mut Deal, delivery: &Value<T>) -> Result<(), FieldError> {
	let goods = field(delivery, "goods").ok_or(FieldError("goods"))?;
	deal.days = field(goods, "days").and_then(days).ok_or(FieldError("days"))?;
	deal.multiplier = ComputeHours(number(goods, "multiplier")?);
	let rules = field(delivery, "rules").ok_or(FieldError("rules"))?;
	deal.tolerance = Ppm(small(rules, "tolerance")?);
	Ok(())
}

/// Where a buyer's side answers, by the record of its position; nowhere if it did not say.
///
/// # Errors
/// Names the field that is missing.
pub fn endpoint<T>(long: &Value<T>) -> Result<Vec<u8>, FieldError> {
	match option(long, "request")? {
		Some(request) => field(request, "endpoint").and_then(any_bytes).ok_or(FieldError("endpoint")),
		None => Ok(Vec::new()),
	}
}

/// A window.
///
/// # Errors
/// Names the first field that is missing.
pub fn window<T>(value: &Value<T>) -> Result<Window, FieldError> {
	let available = option(value, "available")?;
	Ok(Window {
		available: available.map(|it| wide(it).map(Capacity).ok_or(FieldError("available"))).transpose()?,
		vouchered: field(value, "vouchered").and_then(wide).map(Capacity).ok_or(FieldError("vouchered"))?,
		objected: option(value, "objection")?.is_some(),
	})
}

/// A resource.
///
/// # Errors
/// Names the first field that is missing.
pub fn resource<T>(value: &Value<T>) -> Result<Resource, FieldError> {
	Ok(Resource {
		agent: field(value, "agent").and_then(bytes).ok_or(FieldError("agent"))?,
		devices: small(value, "devices")?,
		maintenance: field(value, "maintenance").and_then(all_days).ok_or(FieldError("maintenance"))?,
	})
}

/// A list of days, however deep in newtypes.
fn all_days<T>(value: &Value<T>) -> Option<Vec<DeliveryDays>> {
	let ValueDef::Composite(inner) = &value.value else { return None };
	match only(inner) {
		Some(inner) if days(inner).is_none() => all_days(inner),
		_ => inner.values().map(days).collect(),
	}
}

fn days<T>(value: &Value<T>) -> Option<DeliveryDays> {
	Some(DeliveryDays { first: Day(small(value, "first").ok()?), last: Day(small(value, "last").ok()?) })
}

fn account<T>(value: &Value<T>) -> Option<Account> {
	let sub = u8::try_from(small(value, "sub").ok()?).ok()?;
	Some(Account { owner: field(value, "owner").and_then(bytes)?, sub: SubAccount(sub) })
}

/// A margin account as a key.
pub fn account_value(account: &Account) -> Value {
	Value::named_composite([("owner", Value::from_bytes(account.owner)), ("sub", Value::u128(account.sub.0.into()))])
}

/// A call's name and arguments.
pub fn call(call: &Call) -> (&'static str, Vec<Value>) {
	let small = |number: u32| Value::u128(number.into());
	match call {
		Call::PostAvailability { deal, day, available } => {
			("post_availability", vec![small(deal.0), small(day.0), Value::u128(available.0)])
		},
		Call::SubmitVoucher { deal, day, cumulative, signature } => {
			("submit_voucher", vec![small(deal.0), small(day.0), Value::u128(cumulative.0), signature_value(signature)])
		},
		Call::Request { sub, instrument, region, key, endpoint } => {
			let key = match key {
				Some(key) => Value::unnamed_variant("Some", [Value::from_bytes(key)]),
				None => Value::unnamed_variant("None", []),
			};
			let (sub, region) = (Value::u128(sub.0.into()), Value::u128(region.0.into()));
			("request", vec![sub, small(instrument.0), region, key, Value::from_bytes(endpoint)])
		},
		Call::Object { deal, day } => ("object", vec![small(deal.0), small(day.0)]),
	}
}

fn signature_value(signature: &MultiSignature) -> Value {
	let (name, bytes): (_, &[u8]) = match signature {
		MultiSignature::Ed25519(signature) => ("Ed25519", signature.as_ref()),
		MultiSignature::Sr25519(signature) => ("Sr25519", signature.as_ref()),
		MultiSignature::Ecdsa(signature) => ("Ecdsa", signature.as_ref()),
		MultiSignature::Eth(signature) => ("Eth", signature.as_ref()),
	};
	Value::unnamed_variant(name, [Value::from_bytes(bytes)])
}
