//! Bytes as text: hexadecimal with 0x, lower case, so that the same bytes are the same text.

use alloc::{string::String, vec::Vec};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Writes bytes.
pub fn write(bytes: &[u8]) -> String {
	let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
	let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]);
	"0x".chars().chain(digits).collect()
}

/// Reads bytes; none if the text does not begin with 0x, has an odd number of digits, or any other character than 0 to
/// 9 and a to f.
pub fn read(text: &str) -> Option<Vec<u8>> {
	let digits = text.strip_prefix("0x")?.as_bytes().chunks_exact(2);
	if !digits.remainder().is_empty() {
		return None;
	}
	digits.map(|pair| Some((nibble(*pair.first()?)? << 4) | nibble(*pair.last()?)?)).collect()
}

/// Reads exactly so many bytes; none as for [`read`], and for any other number of them.
pub fn read_exact<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
	if text.len() != LENGTH * 2 + 2 {
		return None;
	}
	read(text)?.try_into().ok()
}

fn nibble(digit: u8) -> Option<u8> {
	match digit {
		b'0'..=b'9' => Some(digit - b'0'),
		b'a'..=b'f' => Some(digit - b'a' + 10),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;

	#[test]
	fn bytes_come_back() {
		assert_eq!(write(&[]), "0x");
		assert_eq!(write(&[0, 1, 0xab, 255]), "0x0001abff");
		assert_eq!(read("0x0001abff"), Some(vec![0, 1, 0xab, 255]));
		assert_eq!(read_exact("0x0001abff"), Some([0, 1, 0xab, 255]));
		let all: Vec<u8> = (0..=255).collect();
		assert_eq!(read(&write(&all)), Some(all));
	}

	#[test]
	fn anything_else_is_refused() {
		for text in ["", "0", "00", "0X00", "0xAB", "0x0", "0x000", "0x0g", "0x 0", "0x00 ", " 0x00", "0xé0", "0x+1"] {
			assert_eq!(read(text), None, "{text}");
		}
		assert_eq!(read_exact::<3>("0x0001"), None);
		assert_eq!(read_exact::<1>("0x0001"), None);
	}
}
