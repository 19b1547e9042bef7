//! Turns a batch of the four columns into what the sums need: a customer slot, a month and tier,
//! and two readings per row.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int32Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, TimeUnit};

use super::accumulator::Accumulator;
use super::calendar::Calendar;
use super::timestamp::{TextTimestamps, units_per_hour};
use super::{CUSTOMER, ELEC, GAS, LARGEST_READING, LARGEST_READING_RULE, TIMESTAMP, TIMESTAMP_RULE};

/// The slot of a row that has no customer: it is counted and not looked at further.
pub(super) const DROPPED: u32 = u32::MAX;
/// The code of a row whose timestamp is null or no timestamp.
const NO_TIMESTAMP: u32 = u32::MAX;

/// A batch, ready to be summed; all four have one entry per row.
pub(super) struct Rows<'a> {
    /// The customer slot, or [`DROPPED`].
    pub slots: &'a [u32],
    /// Month index times four plus tier.
    pub codes: &'a [u32],
    pub elec: &'a [f64],
    pub gas: &'a [f64],
}

/// A row that breaks a rule.
#[derive(Debug)]
pub(super) struct BadRow {
    pub column: &'static str,
    /// Counted from 0 within the batch.
    pub row: usize,
    pub rule: &'static str,
}

/// Decodes batches; keeps the work done for a dictionary as long as batches share it.
pub(super) struct Decoder {
    calendar: Calendar,
    timestamps: TextTimestamps,
    customer_dictionary: Dictionary,
    timestamp_dictionary: Dictionary,
    slots: Vec<u32>,
    codes: Vec<u32>,
    elec: Vec<f64>,
    gas: Vec<f64>,
}

impl Decoder {
    pub fn new() -> Self {
        Self {
            calendar: Calendar::new(),
            timestamps: TextTimestamps::new(),
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
        self.customers(column(batch, CUSTOMER), sums);
        self.month_tiers(column(batch, TIMESTAMP), sums);
        for (row, (&slot, &code)) in self.slots.iter().zip(&self.codes).enumerate() {
            if code == NO_TIMESTAMP && slot != DROPPED {
                return Err(BadRow { column: TIMESTAMP, row, rule: TIMESTAMP_RULE });
            }
        }
        let elec = readings(ELEC, column(batch, ELEC).as_primitive(), &self.slots, &mut self.elec)?;
        let gas = readings(GAS, column(batch, GAS).as_primitive(), &self.slots, &mut self.gas)?;
        sums.add(&Rows { slots: &self.slots, codes: &self.codes, elec, gas });
        Ok(())
    }

    fn customers(&mut self, column: &ArrayRef, sums: &mut Accumulator) {
        let mut slot_of = |customer: &str| if customer.is_empty() { DROPPED } else { sums.slot(customer) };
        if column.as_dictionary_opt::<Int32Type>().is_some() {
            self.customer_dictionary.map(column, &mut self.slots, DROPPED, slot_of);
            return;
        }
        let mut last = ("", DROPPED);
        self.slots.clear();
        self.slots.extend(column.as_string::<i32>().iter().map(|customer| {
            let customer = customer.unwrap_or("");
            if customer != last.0 {
                last = (customer, slot_of(customer));
            }
            last.1
        }));
    }

    fn month_tiers(&mut self, column: &ArrayRef, sums: &mut Accumulator) {
        let Self { calendar, timestamps, .. } = self;
        let mut code_of = |hour: i64| match calendar.look_up(hour) {
            Some((month, tier)) => sums.code(month, tier),
            None => NO_TIMESTAMP,
        };
        let mut code_of_text = |text: &str| timestamps.hour(text.as_bytes()).map_or(NO_TIMESTAMP, &mut code_of);
        if column.as_dictionary_opt::<Int32Type>().is_some() {
            self.timestamp_dictionary.map(column, &mut self.codes, NO_TIMESTAMP, code_of_text);
            return;
        }
        self.codes.clear();
        if let Some(texts) = column.as_string_opt::<i32>() {
            self.codes.extend(texts.iter().map(|text| text.map_or(NO_TIMESTAMP, &mut code_of_text)));
            return;
        }
        let (unit, values) = timestamp_values(column);
        match unit {
            // A constant divisor is several times faster than a variable one.
            TimeUnit::Second => extend_hours::<3_600>(values, &mut self.codes, code_of),
            TimeUnit::Millisecond => extend_hours::<3_600_000>(values, &mut self.codes, code_of),
            TimeUnit::Microsecond => extend_hours::<3_600_000_000>(values, &mut self.codes, code_of),
            TimeUnit::Nanosecond => extend_hours::<3_600_000_000_000>(values, &mut self.codes, code_of),
        }
        if let Some(nulls) = column.nulls() {
            for (code, valid) in self.codes.iter_mut().zip(nulls) {
                *code = if valid { *code } else { NO_TIMESTAMP };
            }
        }
    }
}

fn extend_hours<const UNITS_PER_HOUR: i64>(values: &[i64], codes: &mut Vec<u32>, mut code_of: impl FnMut(i64) -> u32) {
    codes.extend(values.iter().map(|value| code_of(value.div_euclid(UNITS_PER_HOUR))));
}

/// The values of a timestamp column and their unit.
fn timestamp_values(column: &ArrayRef) -> (TimeUnit, &[i64]) {
    let DataType::Timestamp(unit, _) = column.data_type() else {
        unreachable!("the type of the column was checked when the file was opened")
    };
    let values = match unit {
        TimeUnit::Second => column.as_primitive::<TimestampSecondType>().values(),
        TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().values(),
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().values(),
        TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().values(),
    };
    (*unit, values)
}

/// The hours of a timestamp column of any accepted type, `None` where it has no timestamp.
pub(super) fn hours<'a>(column: &'a ArrayRef, timestamps: &'a mut TextTimestamps) -> Vec<Option<i64>> {
    if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
        let texts: &StringArray = dictionary.values().as_string();
        let of_key: Vec<_> = texts.iter().map(|text| timestamps.hour(text?.as_bytes())).collect();
        return dictionary.keys().iter().map(|key| of_key[key? as usize]).collect();
    }
    if let Some(texts) = column.as_string_opt::<i32>() {
        return texts.iter().map(|text| timestamps.hour(text?.as_bytes())).collect();
    }
    let (unit, values) = timestamp_values(column);
    let hours = values.iter().map(|value| value.div_euclid(units_per_hour(unit)));
    hours.enumerate().map(|(row, hour)| column.is_valid(row).then_some(hour)).collect()
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).expect("the columns were checked when the file was opened")
}

/// The readings of a column, null as 0; copied only when some need mending.
fn readings<'a>(
    name: &'static str,
    column: &'a Float64Array,
    slots: &[u32],
    mended: &'a mut Vec<f64>,
) -> Result<&'a [f64], BadRow> {
    let believable = |value: f64| value.abs() <= LARGEST_READING;
    let values: &[f64] = column.values();
    if column.null_count() == 0 && values.iter().fold(true, |all, &value| all & believable(value)) {
        return Ok(values);
    }
    mended.clear();
    for (row, (&value, &slot)) in values.iter().zip(slots).enumerate() {
        let counts = slot != DROPPED && column.is_valid(row);
        if counts && !believable(value) {
            return Err(BadRow { column: name, row, rule: LARGEST_READING_RULE });
        }
        mended.push(if counts { value } else { 0.0 });
    }
    Ok(mended)
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
    fn map(&mut self, column: &ArrayRef, out: &mut Vec<u32>, null: u32, mut meaning: impl FnMut(&str) -> u32) {
        let column = column.as_dictionary::<Int32Type>();
        let texts: &StringArray = column.values().as_string();
        if !self.texts.as_ref().is_some_and(|known| is_same(known, texts)) {
            self.meanings.clear();
            self.meanings.extend(texts.iter().map(|text| text.map_or(null, &mut meaning)));
            self.texts = Some(texts.clone());
        }
        let keys = column.keys();
        out.clear();
        if keys.null_count() == 0 {
            out.extend(keys.values().iter().map(|&key| self.meanings[key as usize]));
            return;
        }
        out.extend(keys.iter().map(|key| key.map_or(null, |key| self.meanings[key as usize])));
    }
}

fn is_same(a: &StringArray, b: &StringArray) -> bool {
    a.len() == b.len()
        && a.value_offsets().as_ptr() == b.value_offsets().as_ptr()
        && a.value_data().as_ptr() == b.value_data().as_ptr()
}
