//! From a line to a checked reading, by the places that the header gives.

use super::lines::Bad;
use crate::Result;
use crate::hourly::columns::{CUSTOMER, ELEC, GAS, LARGEST_READING, LARGEST_READING_RULE, TIMESTAMP, TIMESTAMP_RULE};
use crate::hourly::timestamp::TextTimestamps;

const COLUMNS: [&str; 4] = [CUSTOMER, TIMESTAMP, ELEC, GAS];

/// What each field of a line is: a place in [`COLUMNS`], or nothing that is needed.
pub(super) struct Header(Vec<Option<usize>>);

/// One checked row; `None` is null.
#[derive(Default)]
pub(super) struct Reading<'a> {
    pub customer: Option<&'a str>,
    pub timestamp: Option<&'a str>,
    pub elec: Option<f64>,
    pub gas: Option<f64>,
}

impl Header {
    pub fn parse(line: &str) -> Result<Self, Bad> {
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let mut roles = Vec::new();
        let mut rest = Some(line);
        while let Some(fields) = rest {
            let (field, after) = split_field(fields).map_err(|rule| Bad(None, rule))?;
            roles.push(COLUMNS.iter().position(|column| *column == field));
            rest = after;
        }
        for (role, column) in COLUMNS.iter().enumerate() {
            if roles.iter().filter(|known| **known == Some(role)).count() != 1 {
                return Err(Bad(Some(column), "the header must name this column exactly once"));
            }
        }
        Ok(Self(roles))
    }

    pub fn reading<'a>(&self, line: &'a str, timestamps: &mut TextTimestamps) -> Result<Reading<'a>, Bad> {
        let [customer, timestamp, elec, gas] = self.fields(line).map_err(|rule| Bad(None, rule))?;
        if customer.is_empty() {
            return Ok(Reading::default());
        }
        if timestamps.hour(timestamp.as_bytes()).is_none() {
            return Err(Bad(Some(TIMESTAMP), TIMESTAMP_RULE));
        }
        let (elec, gas) = (number(ELEC, elec)?, number(GAS, gas)?);
        Ok(Reading { customer: Some(customer), timestamp: Some(timestamp), elec, gas })
    }

    fn fields<'a>(&self, line: &'a str) -> Result<[&'a str; 4], &'static str> {
        let mut wanted = [""; 4];
        let mut rest = Some(line);
        for role in &self.0 {
            let (field, after) = split_field(rest.ok_or("has fewer fields than the header")?)?;
            if let Some(role) = role {
                wanted[*role] = field;
            }
            rest = after;
        }
        match rest {
            None => Ok(wanted),
            Some(_) => Err("has more fields than the header"),
        }
    }
}

/// The first field of a line and what follows its comma.
fn split_field(line: &str) -> Result<(&str, Option<&str>), &'static str> {
    let Some(quoted) = line.strip_prefix('"') else {
        return Ok(match line.split_once(',') {
            Some((field, after)) => (field, Some(after)),
            None => (line, None),
        });
    };
    let (field, after) = quoted.split_once('"').ok_or("a quoted field does not end on its line")?;
    match after.strip_prefix(',') {
        Some(after) => Ok((field, Some(after))),
        None if after.is_empty() => Ok((field, None)),
        None => Err("a quoted field is followed by other text"),
    }
}

fn number(column: &'static str, field: &str) -> Result<Option<f64>, Bad> {
    if field.is_empty() {
        return Ok(None);
    }
    let value: f64 = field.parse().map_err(|_| Bad(Some(column), "not a number (with a decimal point)"))?;
    // Written so that what is not a number fails.
    if value.abs() <= LARGEST_READING { Ok(Some(value)) } else { Err(Bad(Some(column), LARGEST_READING_RULE)) }
}
