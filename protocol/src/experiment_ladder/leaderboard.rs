//! What the ladder found.

use churn::SnapshotDate;
use churn::label::LabelDates;
use churn::model::{TrialFigures, TrialName};
use serde::{Deserialize, Serialize};

use crate::{RunId, WorkflowId};

/// What workflow `ExperimentLadder` returns, and what the lake keeps of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaderboard {
    /// The run's ID.
    pub run_id: RunId,
    /// The workflow's ID.
    pub workflow_id: WorkflowId,
    /// When it started, RFC 3339.
    pub started: String,
    /// The first characters of the raw files' digest.
    pub dataset: String,
    /// The date that it looked from.
    pub as_of: SnapshotDate,
    /// The labels that it was fitted and measured with.
    pub label: LabelDates,
    /// Every experiment with every algorithm, the best PR-AUC first.
    pub rows: Vec<LeaderboardRow>,
    /// The points of the grid that were tried, the best out of fold first; none unless they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grid: Vec<LeaderboardRow>,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeaderboardRow {
    /// What was tried.
    pub trial: TrialName,
    /// What it reached on the holdout.
    pub figures: TrialFigures,
}

impl LeaderboardRow {
    /// The rows of the ladder, the best PR-AUC on the holdout first, and those of the grid, the best PR-AUC out of fold
    /// first: what is the best of many on the holdout is so by luck, too. Of equal ones the first tried comes first.
    pub fn ranked(rows: Vec<Self>) -> (Vec<Self>, Vec<Self>) {
        let (mut grid, mut ladder): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.trial.grid_point.is_some());
        let out_of_fold = |row: &Self| row.figures.out_of_fold_pr_auc.unwrap_or(f64::NEG_INFINITY);
        grid.sort_by(|a, b| out_of_fold(b).total_cmp(&out_of_fold(a)));
        ladder.sort_by(|a, b| b.figures.pr_auc.total_cmp(&a.figures.pr_auc));
        (ladder, grid)
    }
}

#[cfg(test)]
mod tests {
    use churn::model::Algorithm;

    use super::*;

    fn row(experiment: &str, grid_point: Option<u32>, pr_auc: f64, out_of_fold_pr_auc: Option<f64>) -> LeaderboardRow {
        let (experiment, algorithm) = (experiment.to_owned(), Algorithm::Xgboost);
        let figures = TrialFigures {
            training_rows: 80,
            training_positives: 8,
            rows: 20,
            positives: 2,
            pr_auc,
            pr_auc_interval: None,
            roc_auc: 0.5,
            roc_auc_interval: None,
            out_of_fold_pr_auc,
        };
        LeaderboardRow { trial: TrialName { experiment, algorithm, grid_point }, figures }
    }

    #[test]
    fn the_ladder_is_ranked_by_the_holdout_and_the_grid_by_what_is_out_of_fold() {
        let rows = vec![
            row("a", None, 0.3, None),
            row("b", None, 0.7, None),
            row("a", Some(1), 0.9, Some(0.4)),
            row("a", Some(0), 0.1, Some(0.6)),
        ];
        let (ladder, grid) = LeaderboardRow::ranked(rows);
        assert_eq!(ladder.iter().map(|row| row.figures.pr_auc).collect::<Vec<_>>(), [0.7, 0.3]);
        assert_eq!(grid.iter().map(|row| row.trial.grid_point).collect::<Vec<_>>(), [Some(0), Some(1)]);
    }
}
