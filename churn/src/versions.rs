//! The version of every computation whose output is stored; each number stands beside its computation.
//!
//! Raise a number by one when the same input and the same settings now give other bytes: a formula, an order
//! of sums, a rounding, a column or a library that computes. Leave it when only speed, words of messages or the
//! shape of the code changed. The number is part of the digest that names the output's folder: what older code
//! stored is then no longer found, the stage is made again, and everything behind it whose input comes out
//! different. Forgotten, a stored output of the old code is taken for one of the new.

pub use crate::bronze::customer::VERSION as BRONZE_CUSTOMER;
pub use crate::bronze::customer_month::VERSION as BRONZE_CUSTOMER_MONTH;
pub use crate::drift::VERSION as DRIFT;
pub use crate::erasure::VERSION as WITHOUT_ERASED;
pub use crate::gold::VERSION as GOLD;
pub use crate::hourly::{CONVERSION_VERSION as READINGS_FROM_CSV, SUMS_VERSION as HOURLY_SUMS};
pub use crate::label::VERSION as LABEL_SNAPSHOTS;
pub use crate::model::apply::VERSION as SCORE;
pub use crate::model::fit::VERSION as TRAIN;
pub use crate::model::measure::VERSION as EVALUATE;
pub use crate::model::trial::VERSION as TRIAL;
pub use crate::recommend::VERSION as RECOMMEND;
pub use crate::silver::VERSION as SILVER;

/// All of them, by the names that the lake's folders have.
pub fn all() -> std::collections::BTreeMap<String, u32> {
    [
        ("bronze_customer", BRONZE_CUSTOMER),
        ("hourly_sums", HOURLY_SUMS),
        ("readings", READINGS_FROM_CSV),
        ("bronze_customer_month", BRONZE_CUSTOMER_MONTH),
        ("silver", SILVER),
        ("gold_master", GOLD),
        ("train", TRAIN),
        ("evaluate", EVALUATE),
        ("scores", SCORE),
        ("recommendations", RECOMMEND),
        ("drift", DRIFT),
        ("without_erased", WITHOUT_ERASED),
        ("label_snapshots", LABEL_SNAPSHOTS),
        ("trials", TRIAL),
    ]
    .map(|(stage, version)| (stage.to_owned(), version))
    .into()
}
