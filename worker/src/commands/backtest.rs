//! `spanishgas backtest`: how much skill is left so long before the labels look, and at a later date.

use std::fmt::Write;
use std::process::ExitCode;

use churn::SnapshotDate;
use lake::documents::ReportKind;
use protocol::backtest::{BacktestInput, BacktestReport, WORKFLOW_TYPE};

use super::run::parse_date;
use super::trials::{TrialRun, interval};
use crate::connect::ServerArguments;
use crate::environment::EnvironmentOptions;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas backtest --months 6\n\
    Exit code: 0 the report is there; 1 it is not: refused, failed, or with --show none was made yet")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// A date to look from, YYYY-MM-DD, none after the label's date; may be repeated [default: the label's date and the ends of the months before it].
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub as_of: Vec<SnapshotDate>,
    /// The ends of so many months before the label's date [default: 6].
    #[arg(long, conflicts_with = "as_of", value_parser = clap::value_parser!(u32).range(0..=36))]
    pub months: Option<u32>,
    /// The experiment to fit [default: the champion's].
    #[arg(long)]
    pub experiment: Option<String>,
    /// The folder of the raw files in the lake, or latest: the newest delivery whose run ended well [default: raw].
    #[arg(long)]
    pub raw_prefix: Option<String>,
    /// Make everything again, whatever is stored.
    #[arg(long)]
    pub force: bool,
    /// Only show the newest report; starts nothing, and needs no server.
    #[arg(long, conflicts_with_all = ["as_of", "months", "experiment", "raw_prefix", "force"])]
    pub show: bool,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print the report as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { places, server, json, .. } = &arguments;
    let trials = TrialRun { workflow_type: WORKFLOW_TYPE, kind: ReportKind::Backtest, places, server, json: *json };
    let report = if arguments.show {
        Some(trials.newest::<BacktestReport>().await?.1)
    } else {
        trials.run::<BacktestReport>(&arguments.input()).await?
    };
    let Some(report) = report else { return Ok(ExitCode::FAILURE) };
    if *json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", text(&report));
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn input(&self) -> BacktestInput {
        BacktestInput {
            as_of: self.as_of.clone(),
            months: self.months,
            experiment: self.experiment.clone(),
            raw_prefix: self.raw_prefix.clone(),
            force: self.force,
        }
    }
}

fn text(report: &BacktestReport) -> String {
    let BacktestReport { experiment, algorithm, label, lead, left_out, out_of_time, .. } = report;
    let mut text = format!(
        "BACKTEST: {experiment} by {algorithm}; labels of {label}, {} days ahead\n\n{:<12} {:>7} {:>7}  {:<17} {:>7} {:>7}\n",
        label.horizon_days, "as of", "months", "PR-AUC", "95 % interval", "ROC-AUC", "churn"
    );
    for at in lead {
        let (figures, months) = (&at.figures, at.lead_months());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<12} {months:>7.1} {:>7.3}  {:<17} {:>7.3} {:>7.3}",
            at.as_of.to_string(),
            figures.pr_auc,
            interval(figures.pr_auc_interval),
            figures.roc_auc,
            figures.base_rate(),
        );
    }
    if !left_out.is_empty() {
        let dates = left_out.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "\nleft out, before the readings begin: {dates}");
    }
    if out_of_time.is_empty() {
        text.push_str("\nout of time: not evaluated, since the labels are of one date\n");
        return text;
    }
    let _ = writeln!(
        text,
        "\n{:<12} {:<12} {:>7}  {:<17} {:>7}",
        "trained", "measured", "PR-AUC", "95 % interval", "ROC-AUC"
    );
    for test in out_of_time {
        let note = if test.labels_overlap { "  the labels were not known yet" } else { "" };
        let (figures, trained, tested) = (&test.figures, test.trained_at.to_string(), test.tested_at.to_string());
        let (pr_auc, roc_auc, interval) = (figures.pr_auc, figures.roc_auc, interval(figures.pr_auc_interval));
        let _ = writeln!(text, "{trained:<12} {tested:<12} {pr_auc:>7.3}  {interval:<17} {roc_auc:>7.3}{note}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figures(pr_auc: f64) -> serde_json::Value {
        json!({
            "training_rows": 80, "training_positives": 8, "rows": 20, "positives": 2, "pr_auc": pr_auc, "roc_auc": 0.9,
            "pr_auc_interval": { "low": 0.4, "high": 0.6 }, "roc_auc_interval": null,
        })
    }

    fn report(out_of_time: &serde_json::Value) -> BacktestReport {
        serde_json::from_value(json!({
            "run_id": "r", "workflow_id": "backtest-0123", "started": "2025-01-05T04:00:00.000Z", "dataset": "0123456789ab",
            "experiment": "E5_full", "algorithm": "xgboost",
            "label": { "date": "2024-12-31", "horizon_days": 180, "source": "setting" },
            "lead": [
                { "as_of": "2024-12-31", "lead_days": 0, "figures": figures(0.5) },
                { "as_of": "2024-11-30", "lead_days": 31, "figures": figures(0.45) },
            ],
            "out_of_time": out_of_time,
        }))
        .unwrap()
    }

    #[test]
    fn a_report_says_the_skill_by_months_of_lead_and_what_was_not_evaluated() {
        let said = text(&report(&json!([])));
        assert!(said.starts_with("BACKTEST: E5_full by xgboost; labels of 2024-12-31 (by label.date"), "{said}");
        let line = said.lines().find(|line| line.starts_with("2024-11-30")).unwrap();
        let cells: Vec<_> = line.split_whitespace().collect();
        assert_eq!(cells, ["2024-11-30", "1.0", "0.450", "0.400", "to", "0.600", "0.900", "0.100"]);
        assert!(said.contains("out of time: not evaluated") && !said.contains("left out"), "{said}");
        let mut early = report(&json!([]));
        early.left_out = vec![parse_date("2023-12-31").unwrap()];
        assert!(text(&early).contains("\nleft out, before the readings begin: 2023-12-31\n"), "{}", text(&early));
        let later = json!([{
            "trained_at": "2024-12-31", "tested_at": "2025-06-30", "labels_overlap": true, "figures": figures(0.3),
        }]);
        let said = text(&report(&later));
        assert!(said.ends_with("0.900  the labels were not known yet\n"), "{said}");
    }
}
