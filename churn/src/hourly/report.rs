//! What the readings held besides their sums, for the quality report of bronze.

use serde::{Deserialize, Serialize};

use super::partial_sums::PartialSums;
use crate::violation::{Severity, Violation};

/// Counts over all readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl PartialSums {
    /// The counts behind the sums.
    pub fn report(&self) -> ReadingsReport {
        ReadingsReport {
            rows: self.rows,
            dropped_rows: self.dropped_rows,
            negative_elec: self.negative_elec,
            negative_gas: self.negative_gas,
            customers: self.customers() as u64,
            customer_months: self.customer_months() as u64,
        }
    }
}

impl ReadingsReport {
    /// What people should know of: rows that count for nobody. Negative readings are everyday.
    pub fn violations(&self) -> Vec<Violation> {
        let dropped = Violation {
            table: "consumption_hourly".to_owned(),
            column: Some("customer_id".to_owned()),
            rule: "readings without a customer are dropped".to_owned(),
            count: self.dropped_rows,
            examples: Vec::new(),
            severity: Severity::Warn,
        };
        if self.dropped_rows > 0 { vec![dropped] } else { Vec::new() }
    }
}
