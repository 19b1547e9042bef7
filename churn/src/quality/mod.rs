//! What was found out about a delivery and the tables made of it, in one form for everybody who is told.
//!
//! The checks here look at a delivery as a whole: what its readings cover, what its consumption has to do with contracted
//! power, which prices and costs are not there yet, and what is otherwise than in the last published run. The rules of
//! single columns are in [`crate::contract`].

/// Raised by one when a check of a layer, here or in [`crate::contract`] and [`crate::delivery`], says something else of the
/// same tables: reports of checks that passed are then not taken over any more.
pub const VERSION: u32 = 8;

mod as_of;
mod by_customer;
mod contract_dates;
mod customers;
mod dated_labels;
mod day_and_month;
mod evaluation;
mod finding;
mod fixed_costs;
mod fuels;
mod gas;
mod gas_gap;
mod late_readings;
mod later_months;
mod money;
mod odd_hours;
mod odd_months;
mod outcomes;
mod power;
mod provinces;
mod published;
mod readings;
mod renumbered;
mod rules;
mod swapped;
mod usual;
mod without_readings;

pub use crate::violation::Severity;
pub use as_of::{first_covered_day, last_covered_day, require_covered};
pub use contract_dates::of_contract_dates;
pub use customers::{CustomerCoverage, coverage_of_customers, of_contacts, of_customers, of_labels};
pub use dated_labels::customers_of_all_dates;
pub use day_and_month::of_days_and_months;
pub use evaluation::{CheckState, Evaluation};
pub use finding::{Finding, worst_first};
pub use fixed_costs::of_fixed_costs;
pub use fuels::of_fuels;
pub use gas::of_gas;
pub use gas_gap::of_gas_gaps;
pub use late_readings::of_late_readings;
pub use later_months::{months_in_view, sparing_later_months, sparing_later_ranges};
pub use money::of_money;
pub use odd_hours::of_odd_hours;
pub use odd_months::of_odd_months;
pub use outcomes::of_outcomes;
pub use power::of_power;
pub use provinces::of_provinces;
pub use published::{MonthlyFacts, against_published};
pub use readings::{RunDates, of_readings};
pub use renumbered::{COLUMNS_OF_CUSTOMERS, of_published_customers};
pub use rules::{CheckRules, Limits, Plausible};
pub use swapped::of_swapped_columns;
pub use without_readings::naming_without_readings;
