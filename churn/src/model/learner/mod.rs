//! The algorithms that fit.

pub(in crate::model) mod xgboost;
