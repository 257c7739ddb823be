//! The rows of a file: which belong to the series, which of them are usable, and what is wrong with the others.

use crate::{
	calendar,
	decimal::{self, NotAPrice},
	error::Error,
	options::Options,
};
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use gcx_primitives::{Day, Price};
use std::{
	collections::{BTreeMap, BTreeSet},
	fmt,
	fs::File,
};

/// Names of columns in the order of preference, in lower case.
const DATE_COLUMNS: &[&str] = &["date", "day", "timestamp", "timestamp_utc", "time"];
const PRICE_COLUMNS: &[&str] =
	&["price_usd_per_gpu_hour", "median_usd_per_gpu_hour", "settlement", "settle", "close", "price"];
const ITEM_COLUMNS: &[&str] = &["gpu_model", "item", "symbol"];
const FLAG_COLUMN: &str = "unit_flag";

/// Why a row of the series is not used.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Unusable {
	/// Its text is not UTF-8.
	Garbled,
	/// Its date is no date.
	Date,
	/// Its price is no number.
	Price,
	/// Its price is beyond the exchange's bounds.
	Absurd,
	/// The file itself marks it, with this text, as wrong.
	Flagged(String),
}

impl fmt::Display for Unusable {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		match self {
			Self::Garbled => formatter.write_str("unparseable text"),
			Self::Date => formatter.write_str("unparseable date"),
			Self::Price => formatter.write_str("unparseable price"),
			Self::Absurd => formatter.write_str("absurd: beyond a billion dollars"),
			Self::Flagged(flag) => write!(formatter, "unit_flag {flag}"),
		}
	}
}

/// What the rows of one series hold.
#[derive(Debug)]
pub struct Rows {
	/// The column that the prices are from.
	pub column: String,
	/// The item, where the file names any.
	pub item: Option<String>,
	/// Rows of the whole file.
	pub in_file: usize,
	/// Rows of the series.
	pub in_series: usize,
	/// The usable ones.
	pub prices: Vec<(Day, Price)>,
	/// How many of the others are unusable why.
	pub unusable: BTreeMap<Unusable, usize>,
}

impl Rows {
	/// Reads the rows of the series that the options choose.
	///
	/// # Errors
	/// If the file cannot be read, lacks a column, or does not hold just the one item.
	pub fn read(options: &Options) -> Result<Self, Error> {
		let file = &options.file;
		let open = File::open(file).map_err(|reason| Error::Unopened { file: file.clone(), reason })?;
		let mut reader = ReaderBuilder::new().flexible(true).from_reader(open);
		let unreadable = |reason| Error::Unreadable { file: file.clone(), reason };
		let columns = Columns::find(reader.headers().map_err(unreadable)?, options)?;

		let (records, garbled) = readable(&mut reader).map_err(unreadable)?;
		let in_file = records.len() + garbled;
		let chosen = records.into_iter().filter(|record| columns.meets_conditions(record)).collect::<Vec<_>>();
		let item = columns.item(&chosen, options)?;
		let of_item = |record: &&StringRecord| item.is_none() || columns.item_of(record) == item.as_deref();

		let mut rows = Self {
			column: columns.price_name.clone(),
			item: item.clone(),
			in_file,
			// Nobody can tell which series a garbled row belongs to: it counts against each.
			in_series: garbled,
			prices: Vec::new(),
			unusable: (garbled > 0).then_some((Unusable::Garbled, garbled)).into_iter().collect(),
		};
		for record in chosen.iter().filter(of_item) {
			rows.in_series += 1;
			match columns.price_of(record, options.keep_flagged) {
				Ok(price) => rows.prices.push(price),
				Err(why) => *rows.unusable.entry(why).or_default() += 1,
			}
		}
		Ok(rows)
	}
}

/// The rows that are text, and how many are not.
fn readable(reader: &mut Reader<File>) -> Result<(Vec<StringRecord>, usize), csv::Error> {
	let (mut records, mut garbled) = (Vec::new(), 0);
	for record in reader.records() {
		match record {
			Ok(record) => records.push(record),
			Err(error) if matches!(error.kind(), ErrorKind::Utf8 { .. }) => garbled += 1,
			Err(error) => return Err(error),
		}
	}
	Ok((records, garbled))
}

/// Where in a row is what.
struct Columns {
	date: usize,
	price: usize,
	price_name: String,
	item: Option<usize>,
	flag: Option<usize>,
	conditions: Vec<(usize, String)>,
}

impl Columns {
	fn find(header: &StringRecord, options: &Options) -> Result<Self, Error> {
		let names = || header.iter().map(str::to_owned).collect::<Vec<_>>();
		let named = |column: &str| {
			header.iter().position(|name| name.trim().eq_ignore_ascii_case(column)).ok_or_else(|| Error::NoColumn {
				file: options.file.clone(),
				column: column.to_owned(),
				columns: names(),
			})
		};
		let known = |columns: &[&str]| columns.iter().find_map(|column| named(column).ok());
		let chosen = |asked: &Option<String>, columns: &[&str], what, option| match asked {
			Some(column) => named(column),
			None => known(columns).ok_or_else(|| Error::NoKnownColumn {
				file: options.file.clone(),
				what,
				option,
				columns: names(),
			}),
		};
		let date = chosen(&options.date_column, DATE_COLUMNS, "date", "--date-column")?;
		let price = chosen(&options.column, PRICE_COLUMNS, "price", "--column")?;
		let item = if options.item.is_some() || options.item_column.is_some() {
			Some(chosen(&options.item_column, ITEM_COLUMNS, "item", "--item-column")?)
		} else {
			known(ITEM_COLUMNS)
		};
		let condition = |(column, value): &(String, String)| Ok((named(column)?, value.clone()));
		Ok(Self {
			date,
			price,
			price_name: header.get(price).unwrap_or_default().trim().to_owned(),
			item,
			flag: known(&[FLAG_COLUMN]),
			conditions: options.only.iter().map(condition).collect::<Result<_, Error>>()?,
		})
	}

	fn meets_conditions(&self, record: &StringRecord) -> bool {
		self.conditions.iter().all(|(column, value)| record.get(*column).is_some_and(|field| field.trim() == value))
	}

	fn item_of<'a>(&self, record: &'a StringRecord) -> Option<&'a str> {
		record.get(self.item?).map(str::trim)
	}

	/// The item of the series: the one asked for, or the only one.
	fn item(&self, records: &[StringRecord], options: &Options) -> Result<Option<String>, Error> {
		let items: BTreeSet<_> = records.iter().filter_map(|record| self.item_of(record)).collect();
		let file = || options.file.clone();
		let all = || items.iter().map(|item| (*item).to_owned()).collect();
		match &options.item {
			Some(item) if items.contains(item.as_str()) => Ok(Some(item.clone())),
			Some(item) => Err(Error::NoItem { file: file(), item: item.clone(), items: all() }),
			None if items.len() > 1 => Err(Error::SeveralItems { file: file(), items: all() }),
			None => Ok(items.first().map(|item| (*item).to_owned())),
		}
	}

	fn price_of(&self, record: &StringRecord, keep_flagged: bool) -> Result<(Day, Price), Unusable> {
		let flag = self.flag.and_then(|flag| record.get(flag)).map_or("", str::trim);
		if !flag.is_empty() && !keep_flagged {
			return Err(Unusable::Flagged(flag.to_owned()));
		}
		let day = record.get(self.date).and_then(calendar::day).ok_or(Unusable::Date)?;
		let price = decimal::price(record.get(self.price).unwrap_or_default()).map_err(|reason| match reason {
			NotAPrice::Unparseable => Unusable::Price,
			NotAPrice::OutOfBounds => Unusable::Absurd,
		})?;
		Ok((day, price))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	fn read(content: impl AsRef<[u8]>, arguments: &[&str]) -> Result<Rows, Error> {
		let file = tempfile::NamedTempFile::new().unwrap();
		std::fs::write(file.path(), content).unwrap();
		let program = ["gcx-backtest", file.path().to_str().unwrap()];
		Rows::read(&Options::parse_from(program.iter().chain(arguments)))
	}

	#[test]
	fn dirty_rows_are_counted_by_what_is_wrong_and_the_others_kept() {
		let mut content = b"date,close,unit_flag\n2020-04-20,-37.63,\n2020-04-21\n,10.01,\n2020-02-30,1,\n".to_vec();
		content.extend(b"2020-04-22,n/a,\n2020-04-22,1e12,\n2020-04-22,98.32,NODE_PRICE\n2020-04-23,16.5,,surplus\n");
		content.extend(b"2020-04-24,\xff\xfe,\n");
		let rows = read(&content, &[]).unwrap();
		let day = |date| calendar::day(date).unwrap();
		assert_eq!(rows.prices, [(day("2020-04-20"), Price(-37_630_000)), (day("2020-04-23"), Price(16_500_000))]);
		let unusable = [
			(Unusable::Garbled, 1),
			(Unusable::Date, 2),
			(Unusable::Price, 2),
			(Unusable::Absurd, 1),
			(Unusable::Flagged("NODE_PRICE".to_owned()), 1),
		];
		assert_eq!(rows.unusable, unusable.into());
		assert_eq!((rows.in_file, rows.in_series), (9, 9));
		assert_eq!(read(&content, &["--keep-flagged"]).unwrap().prices.len(), 3);
	}

	#[test]
	fn one_item_is_chosen_out_of_several() {
		let content =
			"Date,gpu_model,kind,price\n2026-01-01,H100,spot,2\n2026-01-01,H100,on-demand,3\n2026-01-01,T4,spot,1\n";
		let rows = read(content, &["--item", "H100"]).unwrap();
		assert_eq!((rows.in_file, rows.in_series, rows.prices.len()), (3, 2, 2));
		let rows = read(content, &["--item", "H100", "--only", "kind=on-demand"]).unwrap();
		assert_eq!(rows.prices[0].1, Price(3_000_000));
		let rows = read(content, &["--item-column", "kind", "--item", "spot"]).unwrap();
		assert_eq!(rows.prices.len(), 2);
		assert!(matches!(read(content, &[]), Err(Error::SeveralItems { items, .. }) if items == ["H100", "T4"]));
		assert!(matches!(read(content, &["--item", "K80"]), Err(Error::NoItem { .. })));
		let only = read(content, &["--only", "kind=on-demand"]).unwrap();
		assert_eq!(only.item.as_deref(), Some("H100"));
	}

	#[test]
	fn a_missing_column_is_named() {
		let refusal = |content: &str, arguments: &[&str]| read(content, arguments).unwrap_err().to_string();
		assert!(refusal("a,b\n", &[]).ends_with("hold the date: name it with --date-column; it has a, b"));
		assert!(refusal("date,b\n", &[]).ends_with("hold the price: name it with --column; it has date, b"));
		assert!(refusal("date,b\n", &["--column", "c"]).ends_with("has no column \"c\"; it has date, b"));
		assert!(refusal("date,price\n", &["--item", "x"])
			.ends_with("hold the item: name it with --item-column; it has date, price"));
		assert!(refusal("date,price\n", &["--only", "kind=x"]).ends_with("has no column \"kind\"; it has date, price"));
	}
}
