//! The end of a run of `ChurnPipeline`: for a person what came of it first, then the stages and the figures; for a
//! program one JSON object, also where there is no result.

use std::fmt::Write as _;

use churn::model::RiskTier;
use protocol::pipeline::{Mode, Outcome, PipelineResult, StageName};
use protocol::progress::{Progress, Stage};
use serde_json::{Value, json};

use crate::display::thousands;
use crate::follow::Failure;

/// The summary table, the outcome first.
pub fn summary(result: &PipelineResult) -> String {
    let mut text = format!("{}\n\n", headline(result));
    stages(&mut text, result);
    figures(&mut text, result);
    text
}

/// The JSON object of a run without a result: the same fields, as far as it came.
pub fn without_result(
    failure: &Failure,
    workflow_id: &str,
    run_id: &str,
    mode: Mode,
    progress: Option<&Progress<StageName>>,
) -> Value {
    let stages = progress.map(Progress::results).unwrap_or_default();
    let as_of = progress.and_then(|progress| progress.as_of);
    json!({
        "run_id": run_id, "workflow_id": workflow_id, "state": failure.state, "outcome": null, "mode": mode,
        "as_of": as_of, "stages": stages, "model": null, "verdict": null, "tiers": {}, "drift": null,
        "error": { "type": failure.error_type, "message": failure.message },
    })
}

fn headline(result: &PipelineResult) -> String {
    let version = result.model.as_ref().map_or("none", |model| model.version.as_str());
    let champion = result.champion.as_deref().unwrap_or("none");
    let failed = || {
        let checks = result.verdict.iter().flat_map(|verdict| &verdict.checks).filter(|check| !check.passed);
        checks.map(|check| format!("{} ({})", check.name, check.note)).collect::<Vec<_>>().join("; ")
    };
    match result.outcome {
        Outcome::Promoted => format!("PROMOTED: model {version} passed the gate and is champion now."),
        Outcome::AlreadyChampion => format!("UNCHANGED: model {version} is the champion already."),
        Outcome::Rejected => {
            format!(
                "REJECTED: model {version} failed the gate: {}. The champion {champion} stays and scored.",
                failed()
            )
        }
        Outcome::NoChampion if result.verdict.is_some() => {
            format!("NO CHAMPION: model {version} failed the gate: {}. Nothing was scored.", failed())
        }
        Outcome::NoChampion => "NO CHAMPION: nothing was scored. Train a model first (mode train).".to_owned(),
        Outcome::Scored => format!("SCORED: champion {champion}."),
    }
}

fn stages(text: &mut String, result: &PipelineResult) {
    push(text, format_args!("{:<22} {:>9} {:>14}  {}\n", "stage", "seconds", "rows", ""));
    for stage in &result.stages {
        let word = if stage.skipped { "skipped: " } else { "" };
        let note = stage.reason.as_deref().map(|reason| format!("{word}{reason}")).unwrap_or_default();
        let line = format!("{:<22} {:>9.1} {:>14}  {note}", stage.name.as_str(), stage.seconds, thousands(stage.rows));
        push(text, format_args!("{}\n", line.trim_end()));
    }
}

fn figures(text: &mut String, result: &PipelineResult) {
    push(text, format_args!("\nrun        {} ({})\n", result.workflow_id, result.run_id));
    push(text, format_args!("as of      {}, dataset {}\n", result.as_of, result.dataset));
    if let Some(model) = &result.model {
        let metrics = &model.metrics;
        let line = format_args!(
            "model      {}: PR-AUC {:.3}, ROC-AUC {:.3}, Brier {:.4}, precision {:.3}, recall {:.3} on the holdout\n",
            model.version, metrics.pr_auc, metrics.roc_auc, metrics.brier, metrics.precision, metrics.recall,
        );
        push(text, line);
    }
    for check in result.verdict.iter().flat_map(|verdict| &verdict.checks) {
        let word = if check.passed { "passed" } else { "FAILED" };
        push(text, format_args!("check      {} {word}: {}\n", check.name, check.note));
    }
    if !result.tiers.is_empty() {
        let count = |tier: RiskTier| result.tiers.get(tier.as_str()).copied().unwrap_or_default();
        let tiers = RiskTier::ALL.map(|tier| format!("{} {}", tier.as_str(), thousands(count(tier))));
        push(text, format_args!("tiers      {}\n", tiers.join(", ")));
    }
    if let Some(drift) = &result.drift {
        push(text, format_args!("drift      {}: {}\n", drift.level.as_str(), drift.reason));
    }
    for repair in &result.repairs {
        push(text, format_args!("warning    damaged and made again: {repair}\n"));
    }
    for alert in &result.undelivered_alerts {
        push(text, format_args!("warning    alert not delivered: {alert}\n"));
    }
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(line);
}
