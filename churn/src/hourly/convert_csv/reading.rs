//! From a row to a checked reading, by the places that the header gives.

use std::io::BufRead;

use super::number::number;
use crate::csv::{Header, Problem, Records};
use crate::hourly::columns::{CUSTOMER, ELEC, GAS, TIMESTAMP, TIMESTAMP_RULE};
use crate::hourly::timestamp::TextTimestamps;
use crate::{Error, Result};

/// The columns of a reading, in the order of [`Header::places`].
pub(super) const COLUMNS: [&str; 4] = [CUSTOMER, TIMESTAMP, ELEC, GAS];

/// One checked row; `None` is null.
#[derive(Default)]
pub(super) struct Reading<'a> {
    pub customer: Option<&'a str>,
    /// The quarter of an hour that the timestamp lies in, as of [`TextTimestamps::quarter`].
    pub quarter: Option<i64>,
    pub elec: Option<f64>,
    pub gas: Option<f64>,
}

/// The reading of the row that `records` stands at.
pub(super) fn reading<'a, R: BufRead>(
    records: &'a Records<R>,
    header: &Header,
    timestamps: &mut TextTimestamps,
) -> Result<Reading<'a>> {
    header.check_width(records)?;
    let text = |column: usize| records.text(header.places[column], COLUMNS[column]).map(str::trim);
    let customer = text(0)?;
    if customer.is_empty() {
        return Ok(Reading::default());
    }
    let timestamp = text(1)?;
    let quarter = quarter_in(records, timestamp, timestamps)?;
    let number = |column: usize| {
        number(text(column)?, records.dialect()).map_err(|rule| problem(records, COLUMNS[column], rule))
    };
    let (elec, gas) = (number(2)?, number(3)?);
    Ok(Reading { customer: Some(customer), quarter: Some(quarter), elec, gas })
}

/// The quarter of an hour of the row that `records` stands at; none where it has no customer.
pub(super) fn quarter<R: BufRead>(
    records: &Records<R>,
    header: &Header,
    timestamps: &mut TextTimestamps,
) -> Result<Option<i64>> {
    header.check_width(records)?;
    let text = |column: usize| records.text(header.places[column], COLUMNS[column]).map(str::trim);
    if text(0)?.is_empty() {
        return Ok(None);
    }
    quarter_in(records, text(1)?, timestamps).map(Some)
}

fn quarter_in<R: BufRead>(records: &Records<R>, timestamp: &str, timestamps: &mut TextTimestamps) -> Result<i64> {
    let quarter = timestamps.quarter(timestamp.as_bytes());
    quarter.ok_or_else(|| records.problem(&Problem(Some(TIMESTAMP), TIMESTAMP_RULE)))
}

fn problem<R: BufRead>(records: &Records<R>, column: &str, rule: &str) -> Error {
    records.problem(&Problem(Some(column), rule))
}
