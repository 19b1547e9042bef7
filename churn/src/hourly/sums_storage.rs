//! Partial sums as a small Parquet file: a line per customer and month, the counts in its metadata.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, Float64Array, LargeBinaryArray, RecordBatch, StringArray, UInt32Array};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::calendar::ReadingMonth;
use super::counts::Counts;
use super::exact_sum::are_parts;
use super::hours::Hours;
use super::partial_sums::{Line, PartialSums};
use super::within_hour::{Pairs, WithinHour};
use crate::parquet_check;
use crate::wall::contained;
use crate::{Error, Result};

const CUSTOMER: &str = "customer_id";
const MONTH: &str = "month";
const ELEC_KWH: [&str; 3] = ["elec_kwh_tier_1_peak", "elec_kwh_tier_2_standard", "elec_kwh_tier_3_offpeak"];
const GAS_M3: [&str; 3] = ["gas_m3_tier_1_peak", "gas_m3_tier_2_standard", "gas_m3_tier_3_offpeak"];
/// What each of the six lacks of the sum.
const RESTS: [&str; 6] = [
    "elec_kwh_tier_1_peak_rest",
    "elec_kwh_tier_2_standard_rest",
    "elec_kwh_tier_3_offpeak_rest",
    "gas_m3_tier_1_peak_rest",
    "gas_m3_tier_2_standard_rest",
    "gas_m3_tier_3_offpeak_rest",
];

/// The counters, in the order of [`counters`].
const COUNTERS: [&str; 9] =
    ["readings", "null_elec", "null_gas", "negative_elec", "negative_gas", "zero_elec", "days", "quarters", "pace"];
const HOURS: &str = "hours";
/// Of the readings that are not on the full hour.
const WITHIN_HOUR: &str = "within_hour";
/// The pairs of copies and of filled ones, in the order of [`pairs`].
const PAIRS: [&str; 4] = ["pairs", "equal_pairs", "filled_pairs", "equal_filled_pairs"];

fn counters(counts: &Counts) -> [u32; 9] {
    let Counts { readings, null_elec, null_gas, negative_elec, negative_gas, zero_elec, days, quarters, pace } =
        *counts;
    [readings, null_elec, null_gas, negative_elec, negative_gas, zero_elec, days, quarters, pace]
}

fn pairs(within_hour: &WithinHour) -> [u32; 4] {
    let WithinHour { sum: _, copies, filled } = *within_hour;
    [copies.all, copies.equal, filled.all, filled.equal]
}

impl PartialSums {
    /// Writes the sums; equal sums give equal bytes.
    pub fn write(&self, path: &Path) -> Result<()> {
        let file = File::create(path).map_err(Error::file("write", path))?;
        self.write_to(file).map_err(|error| Error::file("write", path)(error.into()))
    }

    fn write_to(&self, file: File) -> Result<(), ParquetError> {
        let counts = self.counts().map(|(name, count)| KeyValue::new(name.to_owned(), count.to_string()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(counts.to_vec()))
            .build();
        let batch = self.to_batch()?;
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(())
    }

    fn counts(&self) -> [(&'static str, u64); 4] {
        [
            ("rows", self.rows),
            ("dropped_rows", self.dropped_rows),
            ("negative_elec", self.negative_elec),
            ("negative_gas", self.negative_gas),
        ]
    }

    fn to_batch(&self) -> Result<RecordBatch, ParquetError> {
        let customers: ArrayRef =
            Arc::new(StringArray::from_iter_values(self.lines.iter().map(|line| self.customer(line))));
        let months: ArrayRef =
            Arc::new(StringArray::from_iter_values(self.lines.iter().map(|line| line.month.to_string())));
        let mut columns = vec![(CUSTOMER, customers), (MONTH, months)];
        for tier in 0..3 {
            let elec = Float64Array::from_iter_values(self.lines.iter().map(|line| line.elec_kwh[tier]));
            let gas = Float64Array::from_iter_values(self.lines.iter().map(|line| line.gas_m3[tier]));
            columns.push((ELEC_KWH[tier], Arc::new(elec)));
            columns.push((GAS_M3[tier], Arc::new(gas)));
        }
        for (place, name) in RESTS.into_iter().enumerate() {
            let rests = Float64Array::from_iter_values(self.lines.iter().map(|line| line.rests[place]));
            columns.push((name, Arc::new(rests)));
        }
        for (place, name) in COUNTERS.into_iter().enumerate() {
            let of_lines = self.lines.iter().map(|line| counters(&line.counts)[place]);
            columns.push((name, Arc::new(UInt32Array::from_iter_values(of_lines))));
        }
        let hours = self.lines.iter().map(|line| line.hours.to_bytes());
        columns.push((HOURS, Arc::new(LargeBinaryArray::from_iter_values(hours))));
        let sums = Float64Array::from_iter_values(self.lines.iter().map(|line| line.within_hour.sum));
        columns.push((WITHIN_HOUR, Arc::new(sums)));
        for (place, name) in PAIRS.into_iter().enumerate() {
            let of_lines = self.lines.iter().map(|line| pairs(&line.within_hour)[place]);
            columns.push((name, Arc::new(UInt32Array::from_iter_values(of_lines))));
        }
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    /// Reads sums written by [`Self::write`].
    pub fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::file("open", path))?;
        let name = path.display().to_string();
        contained(&name, || {
            Self::read_from(file)
                .map_err(|problem| Error::data(&name, None, None, format!("is no file of partial sums ({problem})")))
        })
    }

    fn read_from(file: File) -> Result<Self, String> {
        parquet_check::whole(&file)?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
        let metadata = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        let count = |name: &str| {
            let entry = metadata.iter().find(|entry| entry.key == name).and_then(|entry| entry.value.as_ref());
            entry.and_then(|value| value.parse().ok()).ok_or_else(|| format!("the count `{name}` is missing"))
        };
        let mut sums = Self {
            rows: count("rows")?,
            dropped_rows: count("dropped_rows")?,
            negative_elec: count("negative_elec")?,
            negative_gas: count("negative_gas")?,
            customers: Vec::new(),
            lines: Vec::new(),
        };
        for batch in builder.build().map_err(|error| error.to_string())? {
            sums.push_lines(&batch.map_err(|error| error.to_string())?)?;
        }
        Ok(sums)
    }

    fn push_lines(&mut self, batch: &RecordBatch) -> Result<(), String> {
        let texts = |name: &str| {
            let column = full_column(batch, name)?;
            column.as_string_opt::<i32>().ok_or_else(|| format!("the column `{name}` is not text"))
        };
        let numbers = |name: &str| {
            let column = full_column(batch, name)?.as_primitive_opt::<Float64Type>();
            column.ok_or_else(|| format!("the column `{name}` is not 64-bit floating point"))
        };
        let measures = |name: &str| {
            let column = numbers(name)?;
            // Readings below 0 count as 0, and none is beyond belief: no sum of them can be otherwise.
            let is_sum = |value: &f64| value.is_finite() && *value >= 0.0;
            if column.values().iter().all(is_sum) { Ok(column) } else { Err(format!("the column `{name}` is no sum")) }
        };
        let (customers, months) = (texts(CUSTOMER)?, texts(MONTH)?);
        let [elec, gas] = [ELEC_KWH, GAS_M3].map(|names| names.map(measures));
        let ([e1, e2, e3], [g1, g2, g3]) = (elec, gas);
        let (elec, gas) = ([e1?, e2?, e3?], [g1?, g2?, g3?]);
        let [r1, r2, r3, r4, r5, r6] = RESTS.map(numbers);
        let rests = [r1?, r2?, r3?, r4?, r5?, r6?];
        for ((sum, rest), name) in elec.into_iter().chain(gas).zip(rests).zip(RESTS) {
            if !sum.values().iter().zip(rest.values()).all(|(sum, rest)| are_parts(*sum, *rest)) {
                return Err(format!("the column `{name}` is no rest of a sum"));
            }
        }
        let counter = |name: &str| {
            let column = full_column(batch, name)?.as_primitive_opt::<UInt32Type>();
            column.ok_or_else(|| format!("the column `{name}` is not a 32-bit count"))
        };
        let [readings, null_elec, null_gas, negative_elec, negative_gas, zero_elec, days, quarters, pace] =
            COUNTERS.map(counter);
        let (readings, zero_elec, days, quarters, pace) = (readings?, zero_elec?, days?, quarters?, pace?);
        if !pace.values().iter().all(|pace| matches!(*pace, 0 | 1 | 2 | 4)) {
            return Err("the column `pace` is of no readings".to_owned());
        }
        let hours = full_column(batch, HOURS)?.as_binary_opt::<i64>();
        let hours = hours.ok_or_else(|| format!("the column `{HOURS}` is not binary"))?;
        let (nulls, negatives) = ([null_elec?, null_gas?], [negative_elec?, negative_gas?]);
        let within_hours = measures(WITHIN_HOUR)?;
        let [copies, equal_copies, filled, equal_filled] = PAIRS.map(counter);
        let copies = [copies?, equal_copies?];
        let filled = [filled?, equal_filled?];
        let pairs_of =
            |[all, equal]: [&UInt32Array; 2], row: usize| Pairs { all: all.value(row), equal: equal.value(row) };
        for row in 0..batch.num_rows() {
            let customer = customers.value(row);
            if self.customers.last().map(String::as_str) != Some(customer) {
                self.customers.push(customer.to_owned());
            }
            self.lines.push(Line {
                customer: self.customers.len() as u32 - 1,
                month: ReadingMonth::parse(months.value(row)).ok_or("a month is not YYYY-MM")?,
                elec_kwh: elec.map(|tier| tier.value(row)),
                gas_m3: gas.map(|tier| tier.value(row)),
                rests: rests.map(|column| column.value(row)),
                counts: Counts {
                    readings: readings.value(row),
                    null_elec: nulls[0].value(row),
                    null_gas: nulls[1].value(row),
                    negative_elec: negatives[0].value(row),
                    negative_gas: negatives[1].value(row),
                    zero_elec: zero_elec.value(row),
                    days: days.value(row),
                    quarters: quarters.value(row),
                    pace: pace.value(row),
                },
                hours: Hours::from_bytes(hours.value(row))
                    .ok_or_else(|| format!("the column `{HOURS}` is of no month"))?,
                within_hour: WithinHour {
                    sum: within_hours.value(row),
                    copies: pairs_of(copies, row),
                    filled: pairs_of(filled, row),
                },
            });
        }
        Ok(())
    }
}

fn full_column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, String> {
    let column = batch.column_by_name(name).ok_or_else(|| format!("the column `{name}` is missing"))?;
    if column.null_count() > 0 {
        return Err(format!("the column `{name}` has nulls"));
    }
    Ok(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> PartialSums {
        let line = |customer, month, value: f64| Line {
            customer,
            month: ReadingMonth::parse(month).unwrap(),
            elec_kwh: [value, 0.1 + 0.2, 0.0],
            gas_m3: [1.0 / 3.0, 0.0, value],
            rests: [0.0, 1e-17, 0.0, -1e-18, 0.0, 0.0],
            counts: Counts {
                readings: 744,
                null_elec: 1,
                null_gas: 2,
                zero_elec: 3,
                days: 1 << 30,
                quarters: 1,
                pace: 1,
                ..Counts::default()
            },
            hours: Hours::of_whole_days(1 << 30),
            within_hour: WithinHour {
                sum: value / 3.0,
                copies: Pairs { all: 744, equal: 7 },
                filled: Pairs { all: 713, equal: 6 },
            },
        };
        PartialSums {
            rows: 1 << 60,
            dropped_rows: 3,
            negative_elec: 2,
            negative_gas: 1,
            customers: vec!["C1".into(), "C2".into()],
            lines: vec![line(0, "2024-01", 1e-300), line(0, "2024-02", 5.5), line(1, "2023-12", 1e6)],
        }
    }

    #[test]
    fn sums_survive_their_file_to_the_last_bit_and_equal_sums_give_equal_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["a", "b"].map(|name| folder.path().join(name));
        example().write(&first).unwrap();
        let read = PartialSums::read(&first).unwrap();
        assert_eq!(read, example());
        read.write(&second).unwrap();
        assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
    }

    #[test]
    fn sums_of_no_reading_survive_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none");
        let none = PartialSums::merge([]).unwrap();
        none.write(&path).unwrap();
        assert_eq!(PartialSums::read(&path).unwrap(), none);
    }

    #[test]
    fn sums_that_cannot_be_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sums");
        for impossible in [f64::NAN, f64::INFINITY, -1.0] {
            let mut sums = example();
            sums.lines[1].gas_m3[2] = impossible;
            sums.write(&path).unwrap();
            let message = PartialSums::read(&path).unwrap_err().to_string();
            assert!(message.contains("`gas_m3_tier_3_offpeak` is no sum"), "{message}");
        }
        for impossible in [f64::NAN, 1e-3] {
            let mut sums = example();
            sums.lines[2].rests[1] = impossible;
            sums.write(&path).unwrap();
            let message = PartialSums::read(&path).unwrap_err().to_string();
            assert!(message.contains("`elec_kwh_tier_2_standard_rest` is no rest of a sum"), "{message}");
        }
    }

    #[test]
    fn another_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other");
        std::fs::write(&path, "PAR1").unwrap();
        let message = PartialSums::read(&path).unwrap_err().to_string();
        assert!(message.contains("is no file of partial sums"), "{message}");
        assert!(matches!(PartialSums::read(&folder.path().join("absent")), Err(Error::File { .. })));
    }
}
