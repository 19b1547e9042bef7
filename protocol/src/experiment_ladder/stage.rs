//! The stages of a ladder.

use serde::{Deserialize, Serialize};

use crate::progress::Stage;

/// The stages, in the order of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderStage {
    /// Snapshot of the raw files, the date of the labels, and what is to be tried.
    Raw,
    /// The tables, up to gold.
    Tables,
    /// The candidates, side by side.
    Trials,
    /// The leaderboard.
    Report,
}

impl LadderStage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Tables, Self::Trials, Self::Report];
}

impl Stage for LadderStage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Tables => "tables",
            Self::Trials => "trials",
            Self::Report => "report",
        }
    }

    fn of_activity(activity: &str) -> Option<Self> {
        Some(match activity {
            "snapshot_raw" | "date_labels" | "plan_ladder" => Self::Raw,
            "plan_months"
            | "aggregate_slice"
            | "merge_months"
            | "build_bronze_customer"
            | "build_silver"
            | "build_gold" => Self::Tables,
            "try_model" => Self::Trials,
            "publish_report" => Self::Report,
            _ => return None,
        })
    }
}
