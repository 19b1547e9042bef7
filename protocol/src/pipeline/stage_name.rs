//! The stages of the pipeline.

use serde::{Deserialize, Serialize};

use super::Mode;
use crate::progress::{Counted, Stage};

/// The stages, in the order of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// Snapshot and check of the raw files.
    Raw,
    /// One row per customer.
    BronzeCustomer,
    /// One row per customer and month, from the hourly readings.
    BronzeCustomerMonth,
    /// Segments, prices, margins.
    Silver,
    /// Features.
    Gold,
    /// The challenger.
    Train,
    /// The challenger's figures.
    Evaluate,
    /// The verdict, and the promotion.
    Gate,
    /// Scores by the champion.
    Score,
    /// Offers and reasons.
    Recommend,
    /// Today's customers against the champion's training data.
    Drift,
    /// The pointers that the business reads.
    Publish,
}

/// The stages whose activity counts what it has done.
pub const COUNTED: [Counted; 5] = [
    Counted { stage: "raw", activity: "snapshot_raw", unit: "bytes" },
    Counted { stage: "bronze_customer", activity: "build_bronze_customer", unit: "contacts" },
    Counted { stage: "bronze_customer_month", activity: "aggregate_slice", unit: "rows" },
    Counted { stage: "train", activity: "train_model", unit: "rounds" },
    Counted { stage: "recommend", activity: "write_recommendations", unit: "rows" },
];

impl Stage for StageName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::BronzeCustomer => "bronze_customer",
            Self::BronzeCustomerMonth => "bronze_customer_month",
            Self::Silver => "silver",
            Self::Gold => "gold",
            Self::Train => "train",
            Self::Evaluate => "evaluate",
            Self::Gate => "gate",
            Self::Score => "score",
            Self::Recommend => "recommend",
            Self::Drift => "drift",
            Self::Publish => "publish",
        }
    }

    fn of_activity(activity: &str) -> Option<Self> {
        Some(match activity {
            "snapshot_raw" => Self::Raw,
            "build_bronze_customer" => Self::BronzeCustomer,
            "plan_months" | "aggregate_slice" | "merge_months" => Self::BronzeCustomerMonth,
            "build_silver" => Self::Silver,
            "build_gold" => Self::Gold,
            "train_model" => Self::Train,
            "evaluate_model" => Self::Evaluate,
            "apply_verdict" => Self::Gate,
            "score_customers" => Self::Score,
            "write_recommendations" => Self::Recommend,
            "detect_drift" => Self::Drift,
            "publish_run" => Self::Publish,
            _ => return None,
        })
    }
}

impl StageName {
    /// The stages of a mode, in the order of the work.
    pub fn of(mode: Mode) -> Vec<Self> {
        use StageName as S;
        let tables = [S::Raw, S::BronzeCustomer, S::BronzeCustomerMonth, S::Silver, S::Gold];
        let model: &[S] = match mode {
            Mode::Train => &[S::Train, S::Evaluate, S::Gate],
            Mode::Score => &[],
        };
        let results = [S::Score, S::Recommend, S::Drift, S::Publish];
        tables.iter().chain(model).chain(&results).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn score_mode_trains_nothing() {
        let stages = StageName::of(Mode::Score);
        assert!(!stages.contains(&StageName::Train));
        assert_eq!(stages.len() + 3, StageName::of(Mode::Train).len());
    }

    #[test]
    fn every_activity_that_counts_works_for_its_stage() {
        for Counted { stage, activity, .. } in COUNTED {
            assert_eq!(StageName::of_activity(activity).map(Stage::as_str), Some(stage));
        }
    }
}
