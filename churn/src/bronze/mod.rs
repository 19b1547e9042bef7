//! Bronze: the raw files joined to one table per grain.

pub mod customer;
pub mod customer_month;
