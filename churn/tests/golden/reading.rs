//! The files of `golden`, read.

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use polars::prelude::*;

const TEXTS: [&str; 9] = [
    "customer_id",
    "month",
    "region",
    "sales_channel",
    "channel",
    "interaction_summary",
    "customer_intent",
    "sentiment_label",
    "segment",
];

const CODES: [&str; 8] = [
    "churn",
    "is_industrial",
    "is_second_residence",
    "province_code",
    "province",
    "is_high_competition_province",
    "is_urban",
    "has_interaction",
];

/// A CSV file without quotes: its header, and its rows with none for an empty cell.
pub struct Csv {
    /// The names of its columns.
    pub header: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Csv {
    /// Reads a file of the folder.
    pub fn read(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
        let text = fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        let header = lines.next().unwrap().split(',').map(str::to_owned).collect();
        let cell = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
        Self { header, rows: lines.map(|line| line.split(',').map(cell).collect()).collect() }
    }

    /// The cells of a column.
    pub fn cells(&self, column: usize) -> impl Iterator<Item = Option<&str>> {
        self.rows.iter().map(move |row| row[column].as_deref())
    }
}

/// A table of `input`, in the types of the pipeline.
pub fn input(table: &str) -> DataFrame {
    let csv = Csv::read(&format!("input/{table}.csv"));
    let column = |(position, name): (usize, &String)| typed(name, csv.cells(position));
    DataFrame::new(csv.rows.len(), csv.header.iter().enumerate().map(column).collect()).unwrap()
}

fn typed<'a>(name: &str, cells: impl Iterator<Item = Option<&'a str>>) -> Column {
    let days = |cell: &str| NaiveDate::parse_from_str(cell, "%Y-%m-%d").unwrap().to_epoch_days();
    if TEXTS.contains(&name) {
        return Column::new(name.into(), cells.collect::<Vec<_>>());
    }
    if CODES.contains(&name) {
        return Column::new(
            name.into(),
            cells.map(|cell| cell.map(|cell| cell.parse::<i32>().unwrap())).collect::<Vec<_>>(),
        );
    }
    if name.ends_with("date") {
        let days = Column::new(name.into(), cells.map(|cell| cell.map(days)).collect::<Vec<_>>());
        return days.cast(&DataType::Date).unwrap();
    }
    Column::new(name.into(), cells.map(|cell| cell.map(|cell| cell.parse::<f64>().unwrap())).collect::<Vec<_>>())
}
