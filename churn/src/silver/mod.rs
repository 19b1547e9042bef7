//! Silver: bronze cleaned, enriched, and cut at the snapshot date.

pub mod customer;
pub mod customer_month;
mod imputation;
mod margins;
