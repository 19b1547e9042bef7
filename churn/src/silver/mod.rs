//! Silver: bronze cleaned, enriched, and cut at the snapshot date.

pub mod customer;
pub mod customer_month;
mod imputation;
mod margins;

/// The version of these computations, of both tables together; see [`crate::versions`].
pub const VERSION: u32 = 1;
