//! `publish_report`: what was tried and measured, for people to read.

use serde::{Deserialize, Serialize};

use crate::Run;
use crate::backtest::BacktestReport;
use crate::experiment_ladder::Leaderboard;

/// A report of something that publishes no scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Of workflow `Backtest`.
    Backtest(Box<BacktestReport>),
    /// Of workflow `ExperimentLadder`.
    Ladder(Box<Leaderboard>),
}

/// Asks that a report is stored, and that the pointer of its kind leads to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishReport {
    /// The run.
    pub run: Run,
    /// The report.
    pub report: Report,
}
