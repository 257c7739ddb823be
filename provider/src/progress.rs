//! What people see: bars and spinners on a terminal, plain lines elsewhere. Everything goes to standard error.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::{borrow::Cow, io::IsTerminal, time::Duration};

/// Where progress is shown. Clones share the terminal.
#[derive(Clone, Debug)]
pub struct Progress(Option<MultiProgress>);

impl Progress {
	/// Bars if standard error is a terminal, lines if not.
	pub fn new() -> Self {
		Self(std::io::stderr().is_terminal().then(MultiProgress::new))
	}

	/// Lines, whatever standard error is.
	pub const fn plain() -> Self {
		Self(None)
	}

	/// Says something that stays.
	pub fn say(&self, line: impl AsRef<str>) {
		let shown = self.0.as_ref().is_some_and(|bars| bars.println(line.as_ref()).is_ok());
		if !shown {
			eprintln!("{}", line.as_ref());
		}
	}

	/// Says that something is wrong.
	pub fn warn(&self, line: impl AsRef<str>) {
		self.say(format!("warning: {}", line.as_ref()));
	}

	/// Shows that something is being done, until what is given back is dropped.
	pub fn task(&self, what: impl Into<Cow<'static, str>>, steps: Option<u64>) -> Task {
		let what = what.into();
		let Some(bars) = &self.0 else {
			self.say(&what);
			return Task(None);
		};
		let (bar, template) = match steps {
			Some(steps) => (ProgressBar::new(steps), "{spinner} {msg} {bar:30} {pos}/{len} {elapsed}"),
			None => (ProgressBar::new_spinner(), "{spinner} {msg} {elapsed}"),
		};
		let bar = bars.add(bar);
		if let Ok(style) = ProgressStyle::with_template(template) {
			bar.set_style(style);
		}
		bar.set_message(what);
		bar.enable_steady_tick(Duration::from_millis(120));
		Task(Some(bar))
	}
}

impl Default for Progress {
	fn default() -> Self {
		Self::new()
	}
}

/// Something that is being done. It is over when this is dropped.
#[derive(Debug)]
pub struct Task(Option<ProgressBar>);

impl Task {
	/// What it is busy with now.
	pub fn phase(&self, what: impl Into<Cow<'static, str>>) {
		if let Some(bar) = &self.0 {
			bar.set_message(what);
		}
	}

	/// So many steps are done.
	pub fn done(&self, steps: usize) {
		if let Some(bar) = &self.0 {
			bar.set_position(u64::try_from(steps).unwrap_or(u64::MAX));
		}
	}
}

impl Drop for Task {
	fn drop(&mut self) {
		if let Some(bar) = &self.0 {
			bar.finish_and_clear();
		}
	}
}
