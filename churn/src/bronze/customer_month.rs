//! `bronze_customer_month`: one row per customer and month.
