//! Checked rows as columns.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringBuilder, TimestampMillisecondBuilder};
use arrow_array::{ArrayRef, Float64Array, StringArray, TimestampMillisecondArray};
use arrow_schema::ArrowError;

use super::reading::Reading;

const MILLISECONDS_OF_A_QUARTER: i64 = 15 * 60 * 1000;

/// The rows of a block.
pub(super) struct Rows {
    customers: StringArray,
    timestamps: TimestampMillisecondArray,
    elec: Float64Array,
    gas: Float64Array,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.elec.len()
    }

    /// The columns as they are written.
    pub fn columns(self) -> [ArrayRef; 4] {
        [Arc::new(self.customers), Arc::new(self.timestamps), Arc::new(self.elec), Arc::new(self.gas)]
    }
}

/// Rows while they are collected.
#[derive(Default)]
pub(super) struct RowsBuilder {
    customers: StringBuilder,
    /// Of the clock of the settings: the beginnings of quarters of an hour.
    timestamps: TimestampMillisecondBuilder,
    elec: Float64Builder,
    gas: Float64Builder,
    pub len: usize,
}

impl RowsBuilder {
    #[inline]
    pub fn push(&mut self, reading: &Reading<'_>) {
        self.customers.append_option(reading.customer);
        self.timestamps.append_option(reading.quarter.map(|quarter| quarter * MILLISECONDS_OF_A_QUARTER));
        self.elec.append_option(reading.elec);
        self.gas.append_option(reading.gas);
        self.len += 1;
    }

    /// Adds so many rows, from the one at `first`.
    pub fn extend(&mut self, rows: &Rows, first: usize, count: usize) -> Result<(), ArrowError> {
        self.customers.append_array(&rows.customers.slice(first, count))?;
        self.timestamps.append_array(&rows.timestamps.slice(first, count));
        self.elec.append_array(&rows.elec.slice(first, count));
        self.gas.append_array(&rows.gas.slice(first, count));
        self.len += count;
        Ok(())
    }

    /// The rows that were collected; none is left.
    pub fn finish(&mut self) -> Rows {
        self.len = 0;
        Rows {
            customers: self.customers.finish(),
            timestamps: self.timestamps.finish(),
            elec: self.elec.finish(),
            gas: self.gas.finish(),
        }
    }
}
