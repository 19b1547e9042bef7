//! Silver: bronze cleaned, enriched, and cut at the snapshot date.

mod carrying;
pub mod customer;
pub mod customer_month;
mod imputation;
mod margins;

pub(crate) use customer::is_known_channel;
pub(crate) use customer_month::{FIXED_COST_AND_FEE, PROVINCE_COSTS};
pub(crate) use imputation::PRICE_AND_CONSUMPTION;

/// The version of these computations, of both tables together; see [`crate::versions`].
pub const VERSION: u32 = 4;
