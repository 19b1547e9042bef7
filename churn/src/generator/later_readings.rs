//! The hourly readings after the first date of the labels, in a Parquet file of their own: of everybody until they leave.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::errors::ParquetError;

use super::generated::GeneratedFile;
use super::hourly_file::{CUSTOMERS_PER_ROW_GROUP, not_written, properties, schema};
use super::later::{FIRST_DAY, Later};
use super::population::{Population, customer_id};
use super::profiles::{HOURS, YearShape};
use super::readings::{self, Consumer, Easing, NO_EASING};
use super::staging::Staging;
use crate::error::{Error, Result};
use crate::watch::Watch;

const NAME: &str = "consumption_hourly_2025.parquet";
/// The course of 2024 is taken from 3 January on, which was the same day of the week as 1 January 2025.
const SKIPPED_HOURS: usize = 48;
/// The first hour of April 2025 in that course.
const APRIL: usize = SKIPPED_HOURS + 90 * 24;

/// Writes `consumption_hourly_2025.parquet`: customers in order, 24 rows for each day that they were there.
pub fn consumption_hourly(
    population: &Population,
    later: &Later,
    staging: &Staging,
    watch: &dyn Watch,
) -> Result<GeneratedFile> {
    let path = staging.path(NAME);
    let file = File::create(&path).map_err(Error::file("create", &path))?;
    let options = ArrowWriterOptions::new().with_properties(properties()).with_skip_arrow_metadata(true);
    let mut writer =
        ArrowWriter::try_new_with_options(file, Arc::new(schema()), options).map_err(not_written(&path))?;
    let hours = Hours { population, later, shape: YearShape::of_2024(), timestamps: timestamps(later) };
    let total: usize = (0..population.len()).map(|index| hours.of(index)).sum();
    let mut done = 0;
    for first in (0..population.len()).step_by(CUSTOMERS_PER_ROW_GROUP) {
        watch.report(done, Some(total as u64))?;
        let batch = hours.batch(first..(first + CUSTOMERS_PER_ROW_GROUP).min(population.len()));
        let batch = batch.map_err(not_written(&path))?;
        writer.write(&batch).and_then(|()| writer.flush()).map_err(not_written(&path))?;
        done += batch.num_rows() as u64;
    }
    writer.close().map_err(not_written(&path))?;
    watch.report(done, Some(total as u64))?;
    Ok(GeneratedFile { name: NAME, rows: done })
}

/// What row groups are made of.
struct Hours<'a> {
    population: &'a Population,
    later: &'a Later,
    shape: YearShape,
    timestamps: Arc<StringArray>,
}

impl Hours<'_> {
    /// How many readings a customer has.
    fn of(&self, index: usize) -> usize {
        self.later.days(index) * 24
    }

    /// Whoever leaves goes on as in the months before; of who means to leave next, some of April to June falls away.
    fn consumer(&self, index: usize) -> Consumer<'_> {
        let (attributes, level) = (&self.population.attributes[index], &self.population.levels[index]);
        let (first, second) = (self.population.minds[index], self.later.minds.as_ref().and_then(|minds| minds[index]));
        let leaving = if first.leaves { Easing { from_hour: 0, share: first.eases_off } } else { NO_EASING };
        let leaving_next = second.map_or(NO_EASING, |mind| Easing { from_hour: APRIL, share: mind.eases_off });
        Consumer { attributes, level, easings: [leaving, leaving_next] }
    }

    fn batch(&self, customers: Range<usize>) -> Result<RecordBatch, ParquetError> {
        let ids = Arc::new(StringArray::from_iter_values(customers.clone().map(customer_id)));
        let counts = customers.clone().map(|index| self.of(index));
        let id_keys = counts.clone().enumerate().flat_map(|(place, hours)| std::iter::repeat_n(place as i32, hours));
        let timestamp_keys = counts.flat_map(|hours| 0..hours as i32);
        let (mut electricity_kwh, mut gas_m3) = (Vec::new(), Vec::new());
        let (mut year_kwh, mut year_m3) = (vec![0.0; HOURS], vec![0.0; HOURS]);
        for index in customers {
            let consumer = self.consumer(index);
            // Another year: its weather, idle spells and faults are drawn anew.
            readings::fill(&self.shape, &consumer, self.later.seed, index, &mut year_kwh, &mut year_m3);
            let hours = SKIPPED_HOURS..SKIPPED_HOURS + self.of(index);
            electricity_kwh.extend_from_slice(&year_kwh[hours.clone()]);
            gas_m3.extend_from_slice(&year_m3[hours]);
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from_iter_values(id_keys), ids)?),
            Arc::new(DictionaryArray::<Int32Type>::try_new(
                Int32Array::from_iter_values(timestamp_keys),
                self.timestamps.clone(),
            )?),
            Arc::new(Float64Array::from(electricity_kwh)),
            Arc::new(Float64Array::from(gas_m3)),
        ];
        Ok(RecordBatch::try_new(Arc::new(schema()), columns)?)
    }
}

/// Every hour of the later months, as the readings write it.
fn timestamps(later: &Later) -> Arc<StringArray> {
    let days = FIRST_DAY.iter_days().take_while(|day| *day < later.end);
    let hours = days.flat_map(|day| (0..24).map(move |hour| format!("{day} {hour:02}:00:00")));
    Arc::new(StringArray::from_iter_values(hours))
}
