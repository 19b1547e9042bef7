//! What the readings held besides their sums, for the quality report of bronze.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::partial_sums::PartialSums;
use crate::quality::{Finding, Severity};

/// Counts over all readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingsReport {
    /// Readings, dropped ones included.
    pub rows: u64,
    /// Readings dropped because the customer is null or empty.
    pub dropped_rows: u64,
    /// Electricity readings below 0, counted as 0.
    pub negative_elec: u64,
    /// Gas readings below 0, counted as 0.
    pub negative_gas: u64,
    /// Customers with a reading.
    pub customers: u64,
    /// Customer-months with a reading.
    pub customer_months: u64,
    /// What they cover.
    #[serde(default)]
    pub coverage: Coverage,
}

impl PartialSums {
    /// The counts behind the sums, on the clock of `zone`; `scaled_to` as of [`PartialSums::to_frame`].
    pub fn report(&self, zone: Tz, scaled_to: f64) -> ReadingsReport {
        ReadingsReport {
            rows: self.rows,
            dropped_rows: self.dropped_rows,
            negative_elec: self.negative_elec,
            negative_gas: self.negative_gas,
            customers: self.customers() as u64,
            customer_months: self.customer_months() as u64,
            coverage: self.coverage(zone, scaled_to),
        }
    }
}

impl ReadingsReport {
    /// What people should know of: rows that count for nobody. Negative readings are everyday.
    pub fn findings(&self) -> Vec<Finding> {
        if self.dropped_rows == 0 {
            return Vec::new();
        }
        let words = format!("readings without a customer are dropped ({} rows)", self.dropped_rows);
        let finding = Finding::new(Severity::Warn, "consumption_hourly", "no_customer", words);
        vec![finding.of_column("customer_id").counting_of(self.dropped_rows, self.rows)]
    }
}
