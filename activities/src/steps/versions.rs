//! The code version of each stage: raise it when the same input gives another output, so that
//! stored outputs of the old code are not taken for results of the new.

pub const BRONZE_CUSTOMER: u32 = 1;
pub const HOURLY_SUMS: u32 = 1;
pub const READINGS_FROM_CSV: u32 = 1;
pub const BRONZE_CUSTOMER_MONTH: u32 = 1;
pub const SILVER: u32 = 1;
pub const GOLD: u32 = 1;
pub const TRAIN: u32 = 1;
pub const EVALUATE: u32 = 1;
pub const SCORE: u32 = 2;
pub const RECOMMEND: u32 = 2;
pub const DRIFT: u32 = 1;

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
    ]
    .map(|(stage, version)| (stage.to_owned(), version))
    .into()
}
