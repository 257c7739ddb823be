//! The replay as a picture: the price between the bounds that the scan range set it, and the scan fraction below.

use crate::{
	breaches::{Horizon, Move},
	calendar::date,
	error::Error,
	replay::DailyRisk,
};
use gcx_primitives::{Day, Ppm, Price};
use plotters::backend::SVGBackend;
use plotters::{
	chart::ChartBuilder,
	coord::Shift,
	drawing::{DrawingArea, IntoDrawingArea},
	element::Circle,
	series::LineSeries,
	style::{Color, RGBColor, BLACK, RED, WHITE},
};
use std::{error::Error as StdError, ops::Range, path::Path};

const SIZE: (u32, u32) = (1_200, 800);
const PRICE_HEIGHT: u32 = 540;
const BOUND: RGBColor = RGBColor(120, 150, 190);
const FRACTION: RGBColor = RGBColor(40, 90, 160);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn StdError>>;

/// Writes the plot as SVG.
///
/// # Errors
/// `Unwritten` if the file cannot be written.
pub fn save(file: &Path, title: &str, days: &[DailyRisk], horizons: &[Horizon]) -> Result<(), Error> {
	let svg = svg(title, days, horizons).map_err(|reason| Error::Undrawn(reason.to_string()))?;
	std::fs::write(file, svg).map_err(|reason| Error::Unwritten { file: file.to_owned(), reason })
}

fn svg(title: &str, days: &[DailyRisk], horizons: &[Horizon]) -> Result<String, Box<dyn StdError>> {
	let mut svg = String::new();
	{
		let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
		root.fill(&WHITE)?;
		let (upper, lower) = root.split_vertically(PRICE_HEIGHT);
		draw_prices(&upper, title, days, horizons)?;
		draw_fractions(&lower, days)?;
		root.present()?;
	}
	Ok(svg)
}

/// The fixes, for each the bounds that the fix before set it, and the breaches of the first horizon.
fn draw_prices(area: &Area, title: &str, days: &[DailyRisk], horizons: &[Horizon]) -> Drawn {
	let bound = |sign: f64| {
		let known = days.iter().zip(days.iter().skip(1));
		known.map(move |(known, next)| (x(next.day), in_dollars(known.price) + sign * known.range.get() as f64 / 1e6))
	};
	let prices = || days.iter().map(|day| (x(day.day), in_dollars(day.price)));
	let heights = span(bound(-1.0).chain(bound(1.0)).chain(prices()).map(|(_, y)| y));
	let mut chart = ChartBuilder::on(area)
		.caption(format!("{title}: price, its bounds by the scan range, breaches in one day"), ("sans-serif", 20))
		.margin(12)
		.x_label_area_size(24)
		.y_label_area_size(70)
		.build_cartesian_2d(dates(days), heights)?;
	chart.configure_mesh().light_line_style(WHITE).x_label_formatter(&label).y_desc("dollars").draw()?;
	chart.draw_series(LineSeries::new(bound(-1.0), BOUND))?;
	chart.draw_series(LineSeries::new(bound(1.0), BOUND))?;
	chart.draw_series(LineSeries::new(prices(), BLACK))?;
	let breaches = horizons.first().into_iter().flat_map(Horizon::breaches);
	let circle = |breach: &Move| Circle::new((x(breach.to), in_dollars(breach.price)), 4, RED.filled());
	chart.draw_series(breaches.map(circle))?;
	Ok(())
}

fn draw_fractions(area: &Area, days: &[DailyRisk]) -> Drawn {
	let fractions = || days.iter().map(|day| (x(day.day), 100.0 * f64::from(day.fraction.0) / f64::from(Ppm::PARTS)));
	let highest = fractions().map(|(_, y)| y).fold(0.0, f64::max);
	let mut chart = ChartBuilder::on(area)
		.caption("scan fraction", ("sans-serif", 20))
		.margin(12)
		.x_label_area_size(24)
		.y_label_area_size(70)
		.build_cartesian_2d(dates(days), 0.0..highest * 1.1)?;
	chart.configure_mesh().light_line_style(WHITE).x_label_formatter(&label).y_desc("per cent").draw()?;
	chart.draw_series(LineSeries::new(fractions(), FRACTION))?;
	Ok(())
}

fn x(day: Day) -> f64 {
	f64::from(day.0)
}

fn in_dollars(price: Price) -> f64 {
	price.0 as f64 / 1e6
}

fn dates(days: &[DailyRisk]) -> Range<f64> {
	span(days.iter().map(|day| x(day.day)))
}

fn label(day: &f64) -> String {
	// The axis is within the days of the series.
	date(Day(*day as u32))
}

/// From the least to the largest figure.
fn span(figures: impl Iterator<Item = f64>) -> Range<f64> {
	let (least, largest) =
		figures.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, largest), y| (least.min(y), largest.max(y)));
	least..largest
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::replay::{replay, tests::daily};

	#[test]
	fn every_breach_is_a_circle_and_the_title_is_escaped() {
		let prices = [3_000_000, 3_000_000, 5_000_000, 5_000_000, 1_000_000, 1_000_000];
		let days = replay(&daily(&prices), Price(1)).unwrap();
		let horizons = [Horizon::of(1, &days).unwrap()];
		let svg = svg("H100 <SXM> & co", &days, &horizons).unwrap();
		assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
		assert!(svg.contains("H100 &lt;SXM&gt; &amp; co"));
		assert_eq!(svg.matches("<circle").count(), 2);
		assert_eq!(horizons[0].breaches().count(), 2);
	}
}
