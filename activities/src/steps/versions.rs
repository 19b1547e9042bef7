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
pub const SCORE: u32 = 1;
pub const RECOMMEND: u32 = 1;
pub const DRIFT: u32 = 1;
