//! What is computed: pure functions on tables and numbers.
//!
//! Nothing here touches the network, Temporal, the clock or the environment. Paths, dates, seeds
//! and settings come in as arguments; tables and numbers go out.

pub mod bronze;
mod columns;
pub mod contract;
pub mod cores;
mod csv;
pub mod delivery;
mod draw;
pub mod drift;
pub mod erasure;
pub mod error;
pub mod features;
pub mod generator;
pub mod gold;
pub mod hourly;
mod html;
pub mod label;
pub mod markdown;
pub mod model;
mod month;
pub mod outcomes;
mod parquet_check;
pub mod quality;
pub mod raw;
pub mod recommend;
pub mod silver;
pub mod snapshot_date;
pub mod table_file;
pub mod text;
pub mod versions;
mod violation;
mod wall;
pub mod watch;

pub use polars::prelude::DataFrame;

pub use error::{Error, Kind, Result};
pub use snapshot_date::SnapshotDate;
pub use watch::{Unwatched, Watch};
