//! The stages of a backtest.

use serde::{Deserialize, Serialize};

use crate::progress::Stage;

/// The stages, in the order of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BacktestStage {
    /// Snapshot of the raw files, and the date of the labels.
    Raw,
    /// One row per customer and month: the same for every date.
    Months,
    /// Tables and a model at every date, side by side.
    Dates,
    /// Models measured at a later date.
    OutOfTime,
    /// The report.
    Report,
}

impl BacktestStage {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Raw, Self::Months, Self::Dates, Self::OutOfTime, Self::Report];
}

impl Stage for BacktestStage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Months => "months",
            Self::Dates => "dates",
            Self::OutOfTime => "out_of_time",
            Self::Report => "report",
        }
    }

    fn of_activity(activity: &str) -> Option<Self> {
        Some(match activity {
            "snapshot_raw" | "date_labels" => Self::Raw,
            "plan_months" | "aggregate_slice" | "merge_months" | "settle_date" => Self::Months,
            "build_bronze_customer" | "build_silver" | "build_gold" | "try_model" => Self::Dates,
            "publish_report" => Self::Report,
            _ => return None,
        })
    }
}
