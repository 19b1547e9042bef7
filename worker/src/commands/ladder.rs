//! `spanishgas ladder`: every feature set with every algorithm, and a leaderboard; points of the grid within a budget.

use std::fmt::Write;
use std::process::ExitCode;

use churn::SnapshotDate;
use churn::model::Algorithm;
use lake::documents::ReportKind;
use protocol::experiment_ladder::{LadderInput, Leaderboard, LeaderboardRow, WORKFLOW_TYPE};

use super::run::parse_date;
use super::trials::{TrialRun, interval};
use crate::connect::ServerArguments;
use crate::environment::EnvironmentOptions;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas ladder --experiment E0_baseline --experiment E5_full\n\
    Exit code: 0 the leaderboard is there; 1 it is not: refused, failed, or with --show none was made yet")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// An experiment to try, as feature_tiers.yaml names it; may be repeated [default: all].
    #[arg(long, value_name = "EXPERIMENT")]
    pub experiment: Vec<String>,
    /// An algorithm to try them with: dummy_most_frequent, dummy_stratified, logistic_regression, random_forest or xgboost; may be repeated [default: all].
    #[arg(long, value_name = "ALGORITHM")]
    pub algorithm: Vec<Algorithm>,
    /// The date to look from, YYYY-MM-DD, which must fit the labels [default: their own date].
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub as_of: Option<SnapshotDate>,
    /// Try so many points of the grid of model.yaml too, with the champion's experiment [default: none].
    #[arg(long, value_name = "POINTS", value_parser = clap::value_parser!(u32).range(1..=200))]
    pub grid: Option<u32>,
    /// The folder of the raw files in the lake, or latest: the newest delivery whose run ended well [default: raw].
    #[arg(long)]
    pub raw_prefix: Option<String>,
    /// Make everything again, whatever is stored.
    #[arg(long)]
    pub force: bool,
    /// Only show the newest leaderboard; starts nothing, and needs no server.
    #[arg(long, conflicts_with_all = ["experiment", "algorithm", "as_of", "grid", "raw_prefix", "force"])]
    pub show: bool,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print the leaderboard as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { places, server, json, .. } = &arguments;
    let trials = TrialRun { workflow_type: WORKFLOW_TYPE, kind: ReportKind::Ladder, places, server, json: *json };
    let board = if arguments.show {
        Some(trials.newest::<Leaderboard>().await?.1)
    } else {
        trials.run::<Leaderboard>(&arguments.input()).await?
    };
    let Some(board) = board else { return Ok(ExitCode::FAILURE) };
    if *json {
        println!("{}", serde_json::to_string_pretty(&board)?);
    } else {
        print!("{}", text(&board));
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn input(&self) -> LadderInput {
        LadderInput {
            experiments: self.experiment.clone(),
            algorithms: self.algorithm.clone(),
            as_of: self.as_of,
            raw_prefix: self.raw_prefix.clone(),
            grid_budget: self.grid,
            force: self.force,
        }
    }
}

fn text(board: &Leaderboard) -> String {
    let Leaderboard { as_of, label, rows, grid, .. } = board;
    let mut text = format!(
        "LADDER: {} candidates as of {as_of}; labels of {label}, {} days ahead\n\n{:<22} {:<20} {:>7}  {:<17} {:>7}\n",
        rows.len() + grid.len(),
        label.horizon_days,
        "experiment",
        "algorithm",
        "PR-AUC",
        "95 % interval",
        "ROC-AUC"
    );
    for LeaderboardRow { trial, figures } in rows {
        let (pr_auc, roc_auc, interval) = (figures.pr_auc, figures.roc_auc, interval(figures.pr_auc_interval));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<22} {:<20} {pr_auc:>7.3}  {interval:<17} {roc_auc:>7.3}",
            trial.experiment,
            trial.algorithm.as_str()
        );
    }
    if !grid.is_empty() {
        let _ = writeln!(text, "\n{:<22} {:>12} {:>7}  95 % interval", "point of the grid", "out of fold", "PR-AUC");
    }
    for LeaderboardRow { trial, figures } in grid {
        let point = trial.grid_point.unwrap_or_default();
        let out_of_fold = figures.out_of_fold_pr_auc.map(|area| format!("{area:.3}")).unwrap_or_default();
        let (pr_auc, interval) = (figures.pr_auc, interval(figures.pr_auc_interval));
        let _ = writeln!(text, "{point:<22} {out_of_fold:>12} {pr_auc:>7.3}  {interval}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_leaderboard_shows_every_candidate_with_its_interval_and_the_grid_apart() {
        let row = |algorithm: &str, point: Option<u32>, pr_auc: f64| {
            json!({
                "trial": { "experiment": "E5_full", "algorithm": algorithm, "grid_point": point },
                "figures": {
                    "training_rows": 80, "training_positives": 8, "rows": 20, "positives": 2, "pr_auc": pr_auc,
                    "roc_auc": 0.9, "pr_auc_interval": { "low": 0.4, "high": 0.6 }, "roc_auc_interval": null,
                    "out_of_fold_pr_auc": point.map(|_| 0.55),
                },
            })
        };
        let board: Leaderboard = serde_json::from_value(json!({
            "run_id": "r", "workflow_id": "ladder-0123", "started": "2025-01-05T04:00:00.000Z", "dataset": "0123456789ab",
            "as_of": "2024-12-31", "label": { "date": "2024-12-31", "horizon_days": 180, "source": "column" },
            "rows": [row("xgboost", None, 0.5), row("random_forest", None, 0.45)], "grid": [row("xgboost", Some(7), 0.52)],
        }))
        .unwrap();
        let said = text(&board);
        assert!(said.starts_with("LADDER: 3 candidates as of 2024-12-31"), "{said}");
        let cells = |begin: &str| {
            let line = said.lines().find(|line| line.starts_with(begin)).unwrap_or_default();
            line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            cells("E5_full                xgb"),
            ["E5_full", "xgboost", "0.500", "0.400", "to", "0.600", "0.900"]
        );
        assert_eq!(cells("7 "), ["7", "0.550", "0.520", "0.400", "to", "0.600"]);
    }
}
