//! Turns a batch of the four columns into what the sums need: a customer slot, a month and tier,
//! and two readings per row.

use std::sync::LazyLock;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float64Type, Int32Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_schema::{DataType, TimeUnit};
use chrono_tz::Tz;

use super::accumulator::{Accumulator, DROPPED, Nulls, Rows};
use super::calendar::Calendar;
use super::columns::{CUSTOMER, ELEC, GAS, LARGEST_READING, LARGEST_READING_RULE, TIMESTAMP, TIMESTAMP_RULE};
use super::timestamp::{TextTimestamps, quarter_in, quarter_of};
use crate::Error;

/// One for the process: it takes a millisecond to make, and there may be thousands of slices.
static CALENDAR: LazyLock<Calendar> = LazyLock::new(Calendar::new);

/// The code of a row whose timestamp is null or no timestamp.
const NO_TIMESTAMP: u32 = u32::MAX;

/// A row that breaks a rule, or a column that does.
#[derive(Debug)]
pub(super) struct BadRow {
    column: &'static str,
    /// Counted from 0 within the batch; none when the column is at fault.
    row: Option<usize>,
    rule: &'static str,
}

impl BadRow {
    fn new(column: &'static str, row: usize, rule: &'static str) -> Self {
        Self { column, row: Some(row), rule }
    }

    /// The type was checked when the file was opened, by what its footer says; its pages may differ.
    fn other_type(column: &'static str) -> Self {
        Self { column, row: None, rule: "does not hold the type that the file says" }
    }

    /// The error, with the row group (from 0) and the rows of it that came before this batch.
    pub fn at(self, file: &str, row_group: usize, first_row: u64) -> Error {
        let row = self.row.map(|row| format!(", row {}", first_row + row as u64 + 1)).unwrap_or_default();
        Error::data(file, Some(self.column), Some(format!("row group {}{row}", row_group + 1)), self.rule)
    }
}

/// Decodes batches; keeps the work done for a dictionary as long as batches share it.
pub(super) struct Decoder {
    calendar: &'static Calendar,
    timestamps: TextTimestamps,
    customer_dictionary: Dictionary,
    timestamp_dictionary: Dictionary,
    slots: Vec<u32>,
    codes: Vec<u32>,
    elec: Vec<f64>,
    gas: Vec<f64>,
}

impl Decoder {
    /// Instants are put on the clock of `zone`.
    pub fn of(zone: Tz) -> Self {
        Self {
            calendar: &CALENDAR,
            timestamps: TextTimestamps::of(zone),
            customer_dictionary: Dictionary::default(),
            timestamp_dictionary: Dictionary::default(),
            slots: Vec::new(),
            codes: Vec::new(),
            elec: Vec::new(),
            gas: Vec::new(),
        }
    }

    /// Decodes one batch and adds it to `sums`.
    pub fn add(&mut self, batch: &RecordBatch, sums: &mut Accumulator) -> Result<(), BadRow> {
        self.customers(batch, sums).ok_or_else(|| BadRow::other_type(CUSTOMER))?;
        self.month_tiers(batch, sums).ok_or_else(|| BadRow::other_type(TIMESTAMP))?;
        for (row, (&slot, &code)) in self.slots.iter().zip(&self.codes).enumerate() {
            if code == NO_TIMESTAMP && slot != DROPPED {
                return Err(BadRow::new(TIMESTAMP, row, TIMESTAMP_RULE));
            }
        }
        let (elec, null_elec) = readings(ELEC, batch, &self.slots, &mut self.elec)?;
        let (gas, null_gas) = readings(GAS, batch, &self.slots, &mut self.gas)?;
        let nulls = if null_elec == Nulls::None { null_gas } else { null_elec };
        sums.add(&Rows { slots: &self.slots, codes: &self.codes, elec, gas, nulls });
        Ok(())
    }

    fn customers(&mut self, batch: &RecordBatch, sums: &mut Accumulator) -> Option<()> {
        let column = batch.column_by_name(CUSTOMER)?;
        // Blanks around an id are padding: a CHAR column has them in one file and not in the next.
        let mut slot_of = |customer: &str| match customer.trim() {
            "" => DROPPED,
            customer => sums.slot(customer),
        };
        if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
            return self.customer_dictionary.map(dictionary, &mut self.slots, DROPPED, slot_of);
        }
        let texts = column.as_string_opt::<i32>()?;
        let mut last = ("", DROPPED);
        self.slots.clear();
        self.slots.extend(texts.iter().map(|customer| {
            let customer = customer.unwrap_or("");
            if customer != last.0 {
                last = (customer, slot_of(customer));
            }
            last.1
        }));
        Some(())
    }

    fn month_tiers(&mut self, batch: &RecordBatch, sums: &mut Accumulator) -> Option<()> {
        let column = batch.column_by_name(TIMESTAMP)?;
        let Self { calendar, timestamps, .. } = self;
        let mut code_of = |quarter: i64| match calendar.look_up(quarter.div_euclid(4)) {
            Some(place) => sums.code(place, quarter.rem_euclid(4) as u32),
            None => NO_TIMESTAMP,
        };
        if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
            let code_of_text = |text: &str| timestamps.quarter(text.as_bytes()).map_or(NO_TIMESTAMP, &mut code_of);
            return self.timestamp_dictionary.map(dictionary, &mut self.codes, NO_TIMESTAMP, code_of_text);
        }
        self.codes.clear();
        if let Some(texts) = column.as_string_opt::<i32>() {
            let mut code_of_text = |text: &str| timestamps.quarter(text.as_bytes()).map_or(NO_TIMESTAMP, &mut code_of);
            self.codes.extend(texts.iter().map(|text| text.map_or(NO_TIMESTAMP, &mut code_of_text)));
            return Some(());
        }
        let (unit, values) = timestamp_values(column)?;
        if is_instant(column) {
            let quarters = values.iter().map(|value| timestamps.local(quarter_in(unit, *value)));
            self.codes.extend(quarters.map(code_of));
        } else {
            match unit {
                // A constant divisor is several times faster than a variable one.
                TimeUnit::Second => extend_quarters::<1>(values, &mut self.codes, code_of),
                TimeUnit::Millisecond => extend_quarters::<1_000>(values, &mut self.codes, code_of),
                TimeUnit::Microsecond => extend_quarters::<1_000_000>(values, &mut self.codes, code_of),
                TimeUnit::Nanosecond => extend_quarters::<1_000_000_000>(values, &mut self.codes, code_of),
            }
        }
        if let Some(nulls) = column.nulls() {
            for (code, valid) in self.codes.iter_mut().zip(nulls) {
                *code = if valid { *code } else { NO_TIMESTAMP };
            }
        }
        Some(())
    }
}

fn extend_quarters<const PER_SECOND: i64>(values: &[i64], codes: &mut Vec<u32>, mut code_of: impl FnMut(i64) -> u32) {
    codes.extend(values.iter().map(|value| code_of(quarter_of::<PER_SECOND>(*value))));
}

/// A Parquet timestamp with a zone, whichever, is an instant of UTC.
fn is_instant(column: &ArrayRef) -> bool {
    matches!(column.data_type(), DataType::Timestamp(_, Some(_)))
}

/// The values of a timestamp column and their unit.
fn timestamp_values(column: &ArrayRef) -> Option<(TimeUnit, &[i64])> {
    let DataType::Timestamp(unit, _) = column.data_type() else { return None };
    let values = match unit {
        TimeUnit::Second => column.as_primitive_opt::<TimestampSecondType>()?.values(),
        TimeUnit::Millisecond => column.as_primitive_opt::<TimestampMillisecondType>()?.values(),
        TimeUnit::Microsecond => column.as_primitive_opt::<TimestampMicrosecondType>()?.values(),
        TimeUnit::Nanosecond => column.as_primitive_opt::<TimestampNanosecondType>()?.values(),
    };
    Some((*unit, values))
}

/// The hours of a batch's timestamps of any accepted type, `None` where it has no timestamp.
pub(super) fn hours(batch: &RecordBatch, timestamps: &mut TextTimestamps) -> Result<Vec<Option<i64>>, BadRow> {
    let column = batch.column_by_name(TIMESTAMP);
    column.and_then(|column| hours_of(column, timestamps)).ok_or_else(|| BadRow::other_type(TIMESTAMP))
}

fn hours_of(column: &ArrayRef, timestamps: &mut TextTimestamps) -> Option<Vec<Option<i64>>> {
    if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
        let texts = dictionary.values().as_string_opt::<i32>()?;
        let of_key: Vec<_> = texts.iter().map(|text| timestamps.hour(text?.as_bytes())).collect();
        return Some(dictionary.keys().iter().map(|key| *of_key.get(key? as usize)?).collect());
    }
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Some(texts.iter().map(|text| timestamps.hour(text?.as_bytes())).collect());
    }
    let (unit, values) = timestamp_values(column)?;
    let quarters = values.iter().map(|value| quarter_in(unit, *value));
    let hours = quarters.map(|quarter| {
        let local = if is_instant(column) { timestamps.local(quarter) } else { quarter };
        local.div_euclid(4)
    });
    Some(hours.enumerate().map(|(row, hour)| column.is_valid(row).then_some(hour)).collect())
}

/// The readings of a column, null as NaN, and whether there is one; copied only when some need mending.
fn readings<'a>(
    name: &'static str,
    batch: &'a RecordBatch,
    slots: &[u32],
    mended: &'a mut Vec<f64>,
) -> Result<(&'a [f64], Nulls), BadRow> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Float64Type>());
    let column = column.ok_or_else(|| BadRow::other_type(name))?;
    let believable = |value: f64| value.abs() <= LARGEST_READING;
    let values: &[f64] = column.values();
    if column.null_count() == 0 && values.iter().fold(true, |all, &value| all & believable(value)) {
        return Ok((values, Nulls::None));
    }
    mended.clear();
    for (row, (&value, &slot)) in values.iter().zip(slots).enumerate() {
        let is_valid = column.is_valid(row);
        if slot != DROPPED && is_valid && !believable(value) {
            return Err(BadRow::new(name, row, LARGEST_READING_RULE));
        }
        mended.push(if is_valid { value } else { f64::NAN });
    }
    let nulls = if column.null_count() > 0 { Nulls::Some } else { Nulls::None };
    Ok((mended, nulls))
}

/// What each entry of a text dictionary stands for; worked out once per dictionary.
#[derive(Default)]
struct Dictionary {
    /// The dictionary of the last batch: batches of a row group share it, and holding it keeps its
    /// address from being reused.
    texts: Option<StringArray>,
    meanings: Vec<u32>,
}

impl Dictionary {
    fn map(
        &mut self,
        column: &DictionaryArray<Int32Type>,
        out: &mut Vec<u32>,
        null: u32,
        mut meaning: impl FnMut(&str) -> u32,
    ) -> Option<()> {
        let texts = column.values().as_string_opt::<i32>()?;
        if !self.texts.as_ref().is_some_and(|known| is_same(known, texts)) {
            self.meanings.clear();
            self.meanings.extend(texts.iter().map(|text| text.map_or(null, &mut meaning)));
            self.texts = Some(texts.clone());
        }
        let keys = column.keys();
        out.clear();
        if keys.null_count() == 0 {
            out.extend(keys.values().iter().map(|&key| self.meanings[key as usize]));
            return Some(());
        }
        out.extend(keys.iter().map(|key| key.map_or(null, |key| self.meanings[key as usize])));
        Some(())
    }
}

fn is_same(a: &StringArray, b: &StringArray) -> bool {
    a.len() == b.len()
        && a.value_offsets().as_ptr() == b.value_offsets().as_ptr()
        && a.value_data().as_ptr() == b.value_data().as_ptr()
}
