//! `bronze_customer`: one row per customer.
