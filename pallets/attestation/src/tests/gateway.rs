//! The gateway's address: https, or this machine.

use super::*;
use crate::worker::{BadGateway, Gateway};
use proptest::prelude::*;

fn results(address: &str, devices: &[u32]) -> Result<String, BadGateway> {
	Gateway::parse(address.as_bytes()).map(|gateway| gateway.results(ResourceId(7), RoundId(3), devices))
}

#[test]
fn results_are_under_the_address() {
	let results_at = |address| results(address, &[0, 3]).unwrap();
	assert_eq!(
		results_at("https://gateway.example.org"),
		"https://gateway.example.org/v1/resources/7/benchmarks/3?devices=0,3"
	);
	assert_eq!(
		results_at("https://gateway.example.org:8443/gcx/"),
		"https://gateway.example.org:8443/gcx/v1/resources/7/benchmarks/3?devices=0,3"
	);
	assert_eq!(results("http://127.0.0.1:80", &[]).unwrap(), "http://127.0.0.1:80/v1/resources/7/benchmarks/3");
}

#[test]
fn http_is_for_this_machine_alone() {
	for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]"] {
		assert!(results(&format!("http://{host}:8080"), &[]).is_ok(), "{host}");
	}
	for host in [
		"example.org",
		"localhost.example.org",
		"127.example.org",
		"localhost.",
		"128.0.0.1",
		"10.0.0.1",
		"0.0.0.0",
		"[::]",
		"[::2]",
		"[::ffff:127.0.0.1]",
		"127.0.0.1.example.org",
	] {
		let refused = results(&format!("http://{host}:8080"), &[]);
		assert!(matches!(refused, Err(BadGateway::NotLoopback | BadGateway::BadHost)), "{host}: {refused:?}");
	}
}

#[test]
fn what_is_no_address_is_refused_by_name() {
	use BadGateway::*;
	for (address, why) in [
		("", UnknownScheme),
		("gateway.example.org", UnknownScheme),
		("ftp://127.0.0.1", UnknownScheme),
		("HTTPS://127.0.0.1", UnknownScheme),
		("https://", BadHost),
		("https:///path", BadHost),
		("https://user@host", UnexpectedCharacter),
		("http://localhost@example.org", UnexpectedCharacter),
		("https://host?query", UnexpectedCharacter),
		("https://host#fragment", UnexpectedCharacter),
		("https://host\\path", UnexpectedCharacter),
		("https://ho st", UnexpectedCharacter),
		("https://host\r\nX: y", UnexpectedCharacter),
		("https://host%2e", UnexpectedCharacter),
		("https://höst", UnexpectedCharacter),
		("https://host:", BadPort),
		("https://host:0", BadPort),
		("https://host:65536", BadPort),
		("https://host:80:80", BadPort),
		("https://[::1]80", BadPort),
		("https://[::1", BadHost),
		("https://[::g]", BadHost),
		("https://::1", BadPort),
		("https://127.1", BadHost),
		("https://0x7f.0.0.1", BadHost),
		("https://256.0.0.1", BadHost),
		("http://2130706433", BadHost),
		("https://-host", BadHost),
		("https://ho..st", BadHost),
		("https://host/../other", BadPath),
		("https://host//path", BadPath),
		("https://host/a/./b", BadPath),
		("https://host/a:b", BadPath),
	] {
		assert_eq!(results(address, &[]), Err(why), "{address}");
		assert!(!why.to_string().is_empty());
	}
	assert_eq!(results(&format!("https://{}", "a.".repeat(127)), &[]), Err(TooLong));
}

proptest! {
	#[test]
	fn no_address_panics(address in prop::collection::vec(any::<u8>(), 0..300)) {
		let _ = Gateway::parse(&address);
	}

	#[test]
	fn what_is_taken_is_secure_or_of_this_machine(
		address in "https?://[a-z0-9.:\\[\\]/-]{0,40}",
	) {
		if Gateway::parse(address.as_bytes()).is_ok() {
			let host = address.trim_start_matches("http://");
			let is_loopback = ["localhost", "127.", "["].iter().any(|start| host.starts_with(start));
			prop_assert!(address.starts_with("https://") || is_loopback, "{address}");
		}
	}
}
