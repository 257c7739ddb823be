//! The paths as pictures: supply, what burned since genesis by what for, and what each role earned in a year.

use crate::{
	error::Error,
	figures::{roles, EraRecord, Run, Valued, BURN_KINDS},
	units::{grouped, in_dollars, in_gcx, DAYS_PER_YEAR},
};
use plotters::backend::SVGBackend;
use plotters::{
	chart::{ChartBuilder, SeriesLabelPosition},
	coord::Shift,
	drawing::{DrawingArea, IntoDrawingArea},
	element::{PathElement, Rectangle},
	series::LineSeries,
	style::{Color, RGBColor, BLACK, WHITE},
};
use std::{
	error::Error as StdError,
	path::{Path, PathBuf},
};

const WIDTH: u32 = 1_200;
const PANEL: u32 = 420;
/// Of the highest bar, so that names stand over the bars.
const HEADROOM: f64 = 1.45;
/// One day of so many is drawn, and the last.
const DRAWN: usize = 7;
const FONT: (&str, u32) = ("sans-serif", 20);
const COLOURS: [RGBColor; 7] = [
	RGBColor(40, 90, 160),
	RGBColor(220, 120, 40),
	RGBColor(60, 150, 80),
	RGBColor(190, 50, 50),
	RGBColor(130, 90, 170),
	RGBColor(140, 100, 60),
	RGBColor(120, 120, 120),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn StdError>>;
type Point = (f64, f64);

/// Writes `supply.svg`, `burned.svg` and `rewards.svg`.
///
/// # Errors
/// `Undrawn` or `Unwritten`.
pub fn save(folder: &Path, runs: &[Run]) -> Result<Vec<PathBuf>, Error> {
	let panels = u32::try_from(runs.len()).unwrap_or(u32::MAX);
	let write = |name: &str, panels: u32, draw: &dyn Fn(&Area) -> Drawn| {
		let file = folder.join(name);
		let svg = svg(panels, draw).map_err(|reason| Error::Undrawn(reason.to_string()))?;
		std::fs::write(&file, svg).map_err(|reason| Error::Unwritten { file: file.clone(), reason })?;
		Ok(file)
	};
	Ok(vec![
		write("supply.svg", 1, &|area| draw_supply(area, runs))?,
		write("burned.svg", panels, &|area| draw_each(area, runs, draw_burned))?,
		write("rewards.svg", panels, &|area| draw_each(area, runs, draw_rewards))?,
	])
}

fn svg(panels: u32, draw: &dyn Fn(&Area) -> Drawn) -> Result<String, Box<dyn StdError>> {
	let mut svg = String::new();
	{
		let root = SVGBackend::with_string(&mut svg, (WIDTH, PANEL.saturating_mul(panels))).into_drawing_area();
		root.fill(&WHITE)?;
		draw(&root)?;
		root.present()?;
	}
	Ok(svg)
}

/// The runs among each other.
fn draw_each(area: &Area, runs: &[Run], draw: fn(&Area, &Run) -> Drawn) -> Drawn {
	area.split_evenly((runs.len(), 1)).iter().zip(runs).try_for_each(|(panel, run)| draw(panel, run))
}

fn draw_supply(area: &Area, runs: &[Run]) -> Drawn {
	let line = |run: &Run| {
		let points = drawn(run).map(|era| (years(era.day), in_gcx(era.supply))).collect();
		(run.demand.name().to_owned(), points)
	};
	draw_lines(area, "supply", runs.iter().map(line).collect(), None)
}

fn draw_burned(area: &Area, run: &Run) -> Drawn {
	let line = |(name, kind): crate::figures::BurnKind| {
		let points = drawn(run).map(|era| (years(era.day), in_gcx(kind(&era.burned_ever)))).collect();
		(name.to_owned(), points)
	};
	let title = format!("{}: burned since genesis", run.demand);
	draw_lines(area, &title, BURN_KINDS.map(line).to_vec(), Some(0.0))
}

/// Amounts of GCX over the years, with their names. Heights begin at `floor`, above which amounts rise; without one, amounts fall.
fn draw_lines(area: &Area, title: &str, lines: Vec<(String, Vec<Point>)>, floor: Option<f64>) -> Drawn {
	let points = || lines.iter().flat_map(|(_, points)| points);
	let highest = points().map(|(_, y)| *y).fold(f64::NEG_INFINITY, f64::max);
	let lowest = floor.unwrap_or_else(|| points().map(|(_, y)| *y).fold(f64::INFINITY, f64::min));
	let last = points().map(|(x, _)| *x).fold(0.0, f64::max);
	let corner = if floor.is_some() { SeriesLabelPosition::UpperLeft } else { SeriesLabelPosition::LowerLeft };
	let margin = (highest - lowest).max(1e-6) * 0.05;
	let mut chart = ChartBuilder::on(area)
		.caption(title, FONT)
		.margin(12)
		.x_label_area_size(36)
		.y_label_area_size(110)
		.build_cartesian_2d(0.0..last, lowest - if floor.is_some() { 0.0 } else { margin }..highest + margin)?;
	chart
		.configure_mesh()
		.light_line_style(WHITE)
		.x_desc("years")
		.y_desc("GCX")
		.y_label_formatter(&|y: &f64| grouped(*y))
		.draw()?;
	for ((name, points), colour) in lines.into_iter().zip(COLOURS.iter().cycle().copied()) {
		chart
			.draw_series(LineSeries::new(points, colour.stroke_width(2)))?
			.label(name)
			.legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
	}
	chart.configure_series_labels().position(corner).background_style(WHITE.mix(0.8)).border_style(BLACK).draw()?;
	Ok(())
}

/// A bar for each role in each year.
fn draw_rewards(area: &Area, run: &Run) -> Drawn {
	let all = roles::<Valued>();
	let highest = run
		.years
		.iter()
		.flat_map(|year| all.map(|(_, role)| in_dollars(role(&year.tally.rewards).worth)))
		.fold(1.0, f64::max);
	let last = run.years.len() as f64;
	let mut chart = ChartBuilder::on(area)
		.caption(format!("{}: rewards of each year", run.demand), FONT)
		.margin(12)
		.x_label_area_size(36)
		.y_label_area_size(110)
		.build_cartesian_2d(0.5..last + 0.5, 0.0..highest * HEADROOM)?;
	chart
		.configure_mesh()
		.disable_x_mesh()
		.light_line_style(WHITE)
		.x_desc("year")
		.y_desc("dollars when they came")
		.x_label_formatter(&|x: &f64| format!("{x:.0}"))
		.y_label_formatter(&|y: &f64| grouped(*y))
		.draw()?;
	let width = 0.8 / all.len() as f64;
	for (at, ((name, role), colour)) in all.into_iter().zip(COLOURS).enumerate() {
		let left = |year: u32| f64::from(year) - 0.4 + width * at as f64;
		let bar = |year: &crate::figures::YearRecord| {
			let height = in_dollars(role(&year.tally.rewards).worth);
			Rectangle::new([(left(year.year), 0.0), (left(year.year) + width, height)], colour.filled())
		};
		chart
			.draw_series(run.years.iter().map(bar))?
			.label(name)
			.legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], colour.filled()));
	}
	chart
		.configure_series_labels()
		.position(SeriesLabelPosition::UpperLeft)
		.background_style(WHITE.mix(0.8))
		.border_style(BLACK)
		.draw()?;
	Ok(())
}

fn drawn(run: &Run) -> impl Iterator<Item = &EraRecord> {
	let last = run.eras.len().saturating_sub(1);
	run.eras.iter().enumerate().filter(move |(at, _)| at.is_multiple_of(DRAWN) || *at == last).map(|(_, era)| era)
}

fn years(day: u32) -> f64 {
	f64::from(day) / f64::from(DAYS_PER_YEAR)
}
