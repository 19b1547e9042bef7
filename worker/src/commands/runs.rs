//! `spanishgas runs`: the runs on record, from the index.

use std::process::ExitCode;

use chrono::{DateTime, NaiveDate};
use lake::documents::{RunLine, newest_runs, runs_of_month};

use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas runs --month 2026-11\n\
    Exit code: 0, also when there is none; 1 when the lake cannot be read")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// Only the runs that started in this month, YYYY-MM [default: the newest].
    #[arg(long, value_parser = parse_month)]
    pub month: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// Print them as one JSON list.
    #[arg(long)]
    pub json: bool,
}

fn parse_month(text: &str) -> Result<String, String> {
    let is_month = text.len() == 7 && NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").is_ok();
    if is_month { Ok(text.to_owned()) } else { Err("give a month: 2026-11".to_owned()) }
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = arguments.places.open_lake(scratch.path()).await?;
    let mut lines = match &arguments.month {
        Some(month) => runs_of_month(&lake, month).await?,
        None => newest_runs(&lake, arguments.limit).await?,
    };
    lines.truncate(arguments.limit);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
    } else if lines.is_empty() {
        println!("no run is on record in {lake}");
    } else {
        print!("{}", table(&lines));
    }
    Ok(ExitCode::SUCCESS)
}

fn table(lines: &[RunLine]) -> String {
    let mut text = row(["started", "mode", "state", "as of", "model", "PR-AUC", "seconds", "run", "workflow"]);
    for line in lines {
        let pr_auc = line.pr_auc.map(|pr_auc| format!("{pr_auc:.3}")).unwrap_or_default();
        let seconds = seconds(line).map(|seconds| format!("{seconds:.1}")).unwrap_or_default();
        text += &row([
            line.started.get(..19).unwrap_or(&line.started),
            line.mode.as_deref().unwrap_or_default(),
            line.outcome.as_deref().or(line.error.as_deref()).unwrap_or(&line.state),
            &line.as_of.map(|date| date.to_string()).unwrap_or_default(),
            line.model_version.as_deref().unwrap_or_default(),
            &pr_auc,
            &seconds,
            &line.run_id,
            &line.workflow_id,
        ]);
    }
    text
}

fn row(cells: [&str; 9]) -> String {
    let [started, mode, state, as_of, model, pr_auc, seconds, run, workflow] = cells;
    let line = format!(
        "{started:<19} {mode:<5} {state:<18} {as_of:<10} {model:<16} {pr_auc:>6} {seconds:>8}  {run:<36} {workflow}"
    );
    line.trim_end().to_owned() + "\n"
}

fn seconds(line: &RunLine) -> Option<f64> {
    let time = |text: &str| DateTime::parse_from_rfc3339(text).ok();
    let took = time(line.ended.as_deref()?)? - time(&line.started)?;
    Some(took.num_milliseconds() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_month_is_a_month() {
        assert_eq!(parse_month("2026-11"), Ok("2026-11".to_owned()));
        for wrong in ["2026", "2026-13", "2026-1", "11-2026", "2026-11-01"] {
            assert!(parse_month(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_run_is_a_line_also_when_it_failed() {
        let line = |more: serde_json::Value| -> RunLine {
            let mut line = json!({ "run_id": "r1", "workflow_id": "w", "started": "2026-11-25T02:00:00.000Z" });
            line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value(line).unwrap()
        };
        let scored = line(json!({ "state": "completed", "outcome": "scored", "mode": "score",
            "ended": "2026-11-25T02:00:12.500Z", "pr_auc": 0.75, "as_of": "2024-12-31", "model_version": "m" }));
        let failed = line(json!({ "state": "failed", "error": "SG0001 BadData" }));
        let text = table(&[scored, failed]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[1].contains("scored") && lines[1].contains(" 12.5 ") && lines[1].contains(" 0.750 "), "{text}");
        assert!(lines[2].contains("SG0001 BadData"), "{text}");
    }
}
