//! A request that ends: by its answer, its deadline, or its size.

use super::FETCH_DEADLINE;
use alloc::vec::Vec;
use gcx_evidence::{Reason, MAX_DOCUMENT_BYTES};
use sp_runtime::offchain::{
	http::{Error, Request},
	Duration, HttpError,
};

/// Bytes that are read at a time.
const CHUNK: usize = 64 * 1024;

/// The body of what is at an address, if the status is 200. Redirects are not followed.
///
/// # Errors
/// [`Reason::Unreachable`], [`Reason::TimedOut`], [`Reason::HttpStatus`], [`Reason::TooLarge`].
pub(super) fn get(url: &str) -> Result<Vec<u8>, Reason> {
	let deadline = sp_io::offchain::timestamp().add(Duration::from_millis(FETCH_DEADLINE));
	let pending =
		Request::get(url).deadline(deadline).add_header("accept", "application/json").send().map_err(broken_off)?;
	let response = match pending.try_wait(deadline) {
		Ok(Ok(response)) => response,
		Ok(Err(Error::DeadlineReached)) | Err(_) => return Err(Reason::TimedOut),
		Ok(Err(Error::IoError | Error::Unknown)) => return Err(Reason::Unreachable),
	};
	if response.code != 200 {
		return Err(Reason::HttpStatus);
	}
	let mut body = Vec::new();
	let mut chunk = alloc::vec![0; CHUNK];
	loop {
		let read =
			sp_io::offchain::http_response_read_body(response.id, &mut chunk, Some(deadline)).map_err(broken_off)?;
		let Some(read) = usize::try_from(read).ok().filter(|read| *read > 0) else { return Ok(body) };
		if body.len().saturating_add(read) > MAX_DOCUMENT_BYTES {
			return Err(Reason::TooLarge);
		}
		body.extend(chunk.iter().take(read));
		// A drip that never pauses for long enough to meet the deadline is over all the same.
		if sp_io::offchain::timestamp() > deadline {
			return Err(Reason::TimedOut);
		}
	}
}

fn broken_off(error: HttpError) -> Reason {
	match error {
		HttpError::DeadlineReached => Reason::TimedOut,
		HttpError::IoError | HttpError::Invalid => Reason::Unreachable,
	}
}
