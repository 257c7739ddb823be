//! Rounds, classes and answers as values that the chain's metadata describes: fields are found by name, in whatever order they are and
//! whatever else there is, so that the agent outlives upgrades that do not concern it.

use super::{Answer, Given, Round};
use gcx_primitives::{ClassId, ResourceId, RoundId};
use subxt::ext::scale_value::{Composite, Primitive, Value, ValueDef};
use thiserror::Error;

/// A field is missing, or is not what it should be.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("field `{0}` is missing or is not what it should be")]
pub struct FieldError(pub &'static str);

/// A round.
///
/// # Errors
/// Names the first field that is missing.
pub fn round<T>(value: &Value<T>) -> Result<Round, FieldError> {
	Ok(Round {
		id: RoundId(small(value, "id")?),
		nonce: field(value, "nonce").and_then(bytes).ok_or(FieldError("nonce"))?,
		class: ClassId(small(value, "class")?),
		devices: small(value, "devices")?,
		opened_slot: number(value, "opened_slot")?,
		opened_at: number(value, "opened_at")?,
		answer_until: number(value, "answer_until")?,
		solves: field(value, "solves").and_then(flag),
		agent: field(value, "agent").and_then(bytes),
		answer: option(value, "answer")?
			.map(|answer| match find(answer, "commitment") {
				Some(commitment) => bytes(commitment).ok_or(FieldError("commitment")).map(Some),
				None => Ok(None),
			})
			.transpose()?
			.map(|commitment| Given { commitment }),
		drawn: option(value, "draw")?.is_some(),
		closed: option(value, "outcome")?.is_some(),
	})
}

/// Whether a class is attested by the seeded solve.
///
/// # Errors
/// [`FieldError`] if the class does not say.
pub fn solves<T>(class: &Value<T>) -> Result<bool, FieldError> {
	Ok(option(class, "attested_by")?.is_some())
}

/// The arguments of the call `answer_draw`: resource, round, and the answer or none.
pub fn answer_arguments(resource: ResourceId, round: RoundId, answer: Option<Answer>) -> Vec<Value> {
	let answer = match answer {
		Some(Answer { order, commitment }) => Value::unnamed_variant(
			"Some",
			[Value::named_composite([
				("order", Value::u128(order.into())),
				("commitment", Value::from_bytes(commitment)),
			])],
		),
		None => Value::unnamed_variant("None", []),
	};
	vec![Value::u128(resource.0.into()), Value::u128(round.0.into()), answer]
}

/// A number, however deep in newtypes.
pub fn integer<T>(value: &Value<T>) -> Option<u64> {
	wide(value).and_then(|number| u64::try_from(number).ok())
}

/// A number of any size, however deep in newtypes.
pub(crate) fn wide<T>(value: &Value<T>) -> Option<u128> {
	match &value.value {
		ValueDef::Primitive(Primitive::U128(number)) => Some(*number),
		ValueDef::Primitive(Primitive::I128(number)) => u128::try_from(*number).ok(),
		ValueDef::Composite(inner) => wide(only(inner)?),
		_ => None,
	}
}

fn flag<T>(value: &Value<T>) -> Option<bool> {
	match &value.value {
		ValueDef::Primitive(Primitive::Bool(flag)) => Some(*flag),
		_ => None,
	}
}

/// A number of a field.
pub(crate) fn number<T>(value: &Value<T>, name: &'static str) -> Result<u64, FieldError> {
	field(value, name).and_then(integer).ok_or(FieldError(name))
}

/// A small number of a field.
pub(crate) fn small<T>(value: &Value<T>, name: &'static str) -> Result<u32, FieldError> {
	u32::try_from(number(value, name)?).map_err(|_| FieldError(name))
}

/// A field of a structure.
pub(crate) fn field<'a, T>(value: &'a Value<T>, name: &str) -> Option<&'a Value<T>> {
	match &value.value {
		ValueDef::Composite(Composite::Named(fields)) => {
			fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
		},
		_ => None,
	}
}

/// A field by its name, at any depth.
fn find<'a, T>(value: &'a Value<T>, name: &str) -> Option<&'a Value<T>> {
	let inner = match &value.value {
		ValueDef::Composite(inner) => inner,
		ValueDef::Variant(variant) => &variant.values,
		_ => return None,
	};
	field(value, name).or_else(|| match inner {
		Composite::Named(fields) => fields
			.iter()
			.find(|(field, _)| field == name)
			.map(|(_, value)| value)
			.or_else(|| fields.iter().find_map(|(_, value)| find(value, name))),
		Composite::Unnamed(values) => values.iter().find_map(|value| find(value, name)),
	})
}

/// What is in an optional field.
pub(crate) fn option<'a, T>(value: &'a Value<T>, name: &'static str) -> Result<Option<&'a Value<T>>, FieldError> {
	match field(value, name).map(|value| &value.value) {
		Some(ValueDef::Variant(variant)) if variant.name == "None" => Ok(None),
		Some(ValueDef::Variant(variant)) if variant.name == "Some" => {
			only(&variant.values).map(Some).ok_or(FieldError(name))
		},
		_ => Err(FieldError(name)),
	}
}

/// Exactly so many bytes, however deep in newtypes.
pub(crate) fn bytes<T, const LENGTH: usize>(value: &Value<T>) -> Option<[u8; LENGTH]> {
	let ValueDef::Composite(inner) = &value.value else { return None };
	if let (Some(inner), true) = (only(inner), LENGTH != 1) {
		return bytes(inner);
	}
	let Composite::Unnamed(values) = inner else { return None };
	let read: Option<Vec<u8>> =
		values.iter().map(|value| integer(value).and_then(|byte| u8::try_from(byte).ok())).collect();
	read?.try_into().ok()
}

/// Bytes, however many, however deep in newtypes.
pub(crate) fn any_bytes<T>(value: &Value<T>) -> Option<Vec<u8>> {
	let ValueDef::Composite(inner) = &value.value else { return None };
	match only(inner) {
		Some(inner) if matches!(inner.value, ValueDef::Composite(_)) => any_bytes(inner),
		_ => {
			let Composite::Unnamed(values) = inner else { return None };
			values.iter().map(|value| integer(value).and_then(|byte| u8::try_from(byte).ok())).collect()
		},
	}
}

/// What is in a structure or a variant of one field.
pub(crate) fn only<T>(inner: &Composite<T>) -> Option<&Value<T>> {
	match inner {
		Composite::Named(fields) => match fields.as_slice() {
			[(_, value)] => Some(value),
			_ => None,
		},
		Composite::Unnamed(values) => match values.as_slice() {
			[value] => Some(value),
			_ => None,
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn some(value: Value<()>) -> Value<()> {
		Value::unnamed_variant("Some", [value])
	}

	fn none() -> Value<()> {
		Value::unnamed_variant("None", [])
	}

	/// A newtype around a value.
	fn newtype(value: Value<()>) -> Value<()> {
		Value::unnamed_composite([value])
	}

	fn fields() -> Vec<(&'static str, Value<()>)> {
		vec![
			("outcome", none()),
			("id", newtype(Value::u128(3))),
			("nonce", Value::from_bytes([9; 32])),
			("class", newtype(Value::u128(1))),
			("version", newtype(Value::u128(1))),
			("provider", newtype(Value::from_bytes([1; 32]))),
			("something_new", Value::bool(true)),
			("devices", Value::u128(2)),
			("opened_slot", newtype(Value::u128(100))),
			("opened_at", Value::u128(1_800_000_000_000)),
			("answer_until", newtype(Value::u128(120))),
			("commit_until", newtype(Value::u128(130))),
			("reveal_until", newtype(Value::u128(140))),
			("answer", none()),
			("draw", none()),
		]
	}

	fn with(name: &str, value: Value<()>) -> Value<()> {
		Value::named_composite(
			fields().into_iter().map(|(field, old)| (field, if field == name { value.clone() } else { old })),
		)
	}

	#[test]
	fn a_round_is_read_by_the_names_of_its_fields() {
		let expected = Round {
			id: RoundId(3),
			nonce: [9; 32],
			class: ClassId(1),
			devices: 2,
			opened_slot: 100,
			opened_at: 1_800_000_000_000,
			answer_until: 120,
			solves: None,
			agent: None,
			answer: None,
			drawn: false,
			closed: false,
		};
		assert_eq!(round(&Value::named_composite(fields())), Ok(expected));
	}

	#[test]
	fn a_commitment_is_found_wherever_it_is_in_the_answer() {
		let hash = || newtype(Value::from_bytes([5; 32]));
		let flat = Value::named_composite([("order", Value::u128(4_096)), ("commitment", hash())]);
		let nested = Value::named_composite([("slot", Value::u128(7)), ("solve", some(flat.clone()))]);
		for answer in [flat, nested] {
			let given = round(&with("answer", some(answer))).unwrap().answer;
			assert_eq!(given, Some(Given { commitment: Some([5; 32]) }));
		}
	}

	#[test]
	fn an_answer_without_a_solve_has_no_commitment() {
		let answer = Value::named_composite([("slot", Value::u128(7)), ("solve", none())]);
		assert_eq!(round(&with("answer", some(answer))).unwrap().answer, Some(Given { commitment: None }));
	}

	#[test]
	fn a_round_that_was_drawn_and_closed_says_so() {
		let drawn = round(&with("draw", some(Value::named_composite([("rows", Value::from_bytes([2; 32]))])))).unwrap();
		assert!(drawn.drawn && !drawn.closed);
		let closed = round(&with("outcome", some(Value::unnamed_variant("Missed", [])))).unwrap();
		assert!(closed.closed);
	}

	#[test]
	fn every_field_that_is_missing_or_wrong_is_named() {
		for name in
			["id", "nonce", "class", "devices", "opened_slot", "opened_at", "answer_until", "answer", "draw", "outcome"]
		{
			let without = fields().into_iter().filter(|(field, _)| *field != name);
			let refused = round(&Value::named_composite(without)).unwrap_err();
			assert_eq!(refused.0, name);
			assert_eq!(round(&with(name, Value::string("nonsense"))).unwrap_err().0, name);
		}
		assert_eq!(round(&with("nonce", Value::from_bytes([9; 31]))).unwrap_err().0, "nonce");
		assert_eq!(round(&with("devices", Value::u128(u128::from(u32::MAX) + 1))).unwrap_err().0, "devices");
		assert!(round(&Value::u128(1)).is_err());
	}

	#[test]
	fn a_class_says_whether_it_solves() {
		let class = |by| Value::named_composite([("name", Value::string("x")), ("attested_by", by)]);
		assert_eq!(solves(&class(some(Value::unnamed_variant("Hpl", [])))), Ok(true));
		assert_eq!(solves(&class(none())), Ok(false));
		assert!(solves(&Value::named_composite([("name", Value::string("x"))])).is_err());
	}

	#[test]
	fn a_round_may_say_whose_it_is_and_whether_it_solves() {
		let mut more = fields();
		more.push(("agent", newtype(Value::from_bytes([4; 32]))));
		more.push(("solves", Value::bool(false)));
		let round = round(&Value::named_composite(more)).unwrap();
		assert_eq!((round.agent, round.solves), (Some([4; 32]), Some(false)));
	}
}
