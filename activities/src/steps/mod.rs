//! The steps of the pipeline: each reads its input from the lake, calls `churn`, writes its output.

pub mod alert;
pub mod bronze;
pub mod drift;
mod environment;
pub mod evaluate;
mod expected;
pub mod gold;
mod judged;
mod lists;
mod model;
pub mod months;
pub mod publication;
pub mod publish;
pub mod quality;
pub mod raw;
pub mod recommend;
pub mod record;
mod run_settings;
pub mod score;
pub mod silver;
#[cfg(test)]
mod specs_test;
pub mod train;
pub mod verdict;
mod versions;

pub use environment::Environment;
