//! The end of a run of `ChurnPipeline`: for a person what came of it first, then the stages and the figures; for a
//! program one JSON object, also where there is no result.

use std::fmt::Write as _;

use activities::error::Error;
use churn::model::RiskTier;
use churn::quality::{Finding, Severity};
use protocol::pipeline::{AsOf, Mode, Outcome, PipelineInput, PipelineResult, SliceResult, StageName};
use protocol::progress::{Progress, Stage};
use protocol::steps::PerformanceSummary;
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
    let quality = progress.map(|progress| progress.quality.clone()).unwrap_or_default();
    json!({
        "run_id": run_id, "workflow_id": workflow_id, "state": failure.state, "outcome": null, "mode": mode,
        "as_of": as_of, "stages": stages, "model": null, "verdict": null, "tiers": {}, "drift": null,
        "quality": quality,
        "error": { "type": failure.error_type, "message": failure.message },
    })
}

/// The JSON object where no run was started, since what it would read was refused: the same fields, and why.
pub fn refused(error: &anyhow::Error, workflow_id: Option<&str>, input: &PipelineInput) -> Value {
    let known = error.downcast_ref::<Error>();
    let error_type = known.map(Error::type_name).unwrap_or_default();
    json!({
        "run_id": null, "workflow_id": workflow_id, "state": "refused", "outcome": null, "mode": input.mode,
        "as_of": input.as_of.and_then(AsOf::date), "stages": [], "model": null, "verdict": null, "tiers": {},
        "drift": null, "quality": known.map(findings_of).unwrap_or_default(),
        "error": { "type": error_type, "message": format!("{error:#}") },
    })
}

/// What an error says of a file, as a finding.
fn findings_of(error: &Error) -> Vec<Finding> {
    match error {
        Error::Churn(churn::Error::Contract { findings, .. }) => findings.clone(),
        Error::Churn(churn::Error::Data(problem)) => {
            let finding = Finding::new(Severity::Block, &problem.table, "refused_file", problem.to_string());
            vec![match &problem.column {
                Some(column) => finding.of_column(column),
                None => finding,
            }]
        }
        _ => Vec::new(),
    }
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
    if let Some(label) = &result.label {
        push(text, format_args!("labels     {label}, {} days ahead\n", label.horizon_days));
    }
    if let Some(model) = &result.model {
        let metrics = &model.metrics;
        let line = format_args!(
            "model      {}: PR-AUC {:.3}, ROC-AUC {:.3}, Brier {:.4}, precision {:.3}, recall {:.3} on the holdout\n",
            model.version, metrics.pr_auc, metrics.roc_auc, metrics.brier, metrics.precision, metrics.recall,
        );
        push(text, line);
        if let Some(words) = for_whom(&model.slices) {
            push(text, format_args!("for whom   {words}\n"));
        }
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
    if let Some(offers) = &result.offers {
        push(text, format_args!("offers     {}\n", offers.words));
    }
    if let Some(drift) = &result.drift {
        push(text, format_args!("drift      {}: {}\n", drift.level.as_str(), drift.reason));
        drift.performance.iter().for_each(|performance| promised(text, performance));
    }
    for finding in &result.quality {
        push(text, format_args!("quality    {} {finding}\n", finding.severity.as_str()));
    }
    for repair in &result.repairs {
        push(text, format_args!("warning    damaged and made again: {repair}\n"));
    }
    for alert in &result.undelivered_alerts {
        push(text, format_args!("warning    alert not delivered: {alert}\n"));
    }
}

/// With and without a contact: two populations that one figure hides.
fn for_whom(slices: &[SliceResult]) -> Option<String> {
    let of_contact = slices.iter().filter(|slice| slice.by == "contact").map(|slice| match slice.pr_auc {
        Some(pr_auc) => format!("PR-AUC {pr_auc:.3} {} a contact", slice.value),
        None => format!("not evaluated {} a contact", slice.value),
    });
    let of_contact = of_contact.collect::<Vec<_>>().join(", ");
    let evaluated = slices.iter().filter(|slice| slice.pr_auc.is_some()).count();
    let all = slices.len();
    (all > 0).then(|| format!("{of_contact}; {evaluated} of {all} kinds of customers evaluated"))
}

/// What the model promises of customers that it has not seen, and what was not kept.
fn promised(text: &mut String, performance: &PerformanceSummary) {
    let PerformanceSummary { estimated_pr_auc, estimated_low, estimated_high, realised_pr_auc, reason, .. } =
        performance;
    if let (Some(value), Some(low), Some(high)) = (estimated_pr_auc, estimated_low, estimated_high) {
        let kept = realised_pr_auc.map(|kept| format!(", realised {kept:.3}")).unwrap_or_default();
        push(text, format_args!("estimate   PR-AUC {value:.3} ({low:.3} to {high:.3}){kept}\n"));
    }
    if !reason.is_empty() {
        push(text, format_args!("warning    {reason}\n"));
    }
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, passed: bool, note: &str) -> Value {
        json!({ "name": name, "value": 0.5, "limit": 0.7, "passed": passed, "note": note })
    }

    fn stage(name: &str, rows: u64, skipped: bool, reason: Option<&str>) -> Value {
        json!({
            "name": name, "seconds": 12.34, "rows": rows, "skipped": skipped, "reason": reason, "outputs": {},
        })
    }

    /// A run that scored, without a word about a model.
    fn scored() -> Value {
        json!({
            "run_id": "r1", "workflow_id": "nightly", "state": "completed", "outcome": "scored", "mode": "score",
            "as_of": "2024-12-31", "dataset": "0123456789ab", "model": null, "verdict": null, "champion": "old",
            "stages": [
                stage("raw", 1_234_567, false, None),
                stage("gold", 20_099, true, Some("unchanged since run nightly-1")),
                stage("score", 18_000, false, None),
            ],
            "tiers": {
                (RiskTier::Critical.as_str()): 12, (RiskTier::High.as_str()): 1_300, (RiskTier::Low.as_str()): 16_688,
            },
            "drift": { "level": "warn", "rule": "ks", "features": ["tenure_months"], "reason": "1 of 30 features moved" },
            "undelivered_alerts": [], "repairs": [],
        })
    }

    /// A run that trained `new`; `low` is what the check of the floor says when it fails.
    fn trained(outcome: &str, champion: Option<&str>, low: Option<&str>) -> Value {
        let checks = [
            check("pr_auc_floor", low.is_none(), low.unwrap_or("holdout PR-AUC 0.812 reaches the floor 0.700")),
            check("not_worse_than_champion", true, "there is no champion to compare with"),
            check("a_check_of_tomorrow", true, "a word of another version is shown as it is"),
        ];
        let metrics = json!({
            "pr_auc": 0.8123, "roc_auc": 0.9, "precision": 0.75, "recall": 0.8, "f1": 0.77, "accuracy": 0.9,
            "confusion": { "true_positives": 8, "false_positives": 2, "false_negatives": 2, "true_negatives": 88 },
            "threshold": 0.31, "brier": 0.0712, "log_loss": 0.2, "ece": 0.01, "top_decile_lift": 5.0,
        });
        let mut result = scored();
        result["mode"] = json!("train");
        result["outcome"] = json!(outcome);
        result["champion"] = json!(champion);
        result["model"] = json!({ "version": "new", "experiment": "E5_full", "metrics": metrics });
        result["verdict"] = json!({ "outcome": outcome, "checks": checks });
        result
    }

    fn words(result: Value) -> String {
        summary(&serde_json::from_value(result).unwrap())
    }

    const BELOW: &str = "holdout PR-AUC 0.500 is below the floor 0.700";

    #[test]
    fn a_challenger_that_passed() {
        insta::assert_snapshot!("promoted", words(trained("promoted", Some("new"), None)));
    }

    #[test]
    fn a_challenger_that_failed() {
        insta::assert_snapshot!("rejected", words(trained("rejected", Some("old"), Some(BELOW))));
    }

    #[test]
    fn the_same_model_again() {
        insta::assert_snapshot!("already_champion", words(trained("already_champion", Some("new"), None)));
    }

    #[test]
    fn nobody_may_score() {
        let mut first = trained("no_champion", None, Some(BELOW));
        (first["tiers"], first["drift"]) = (json!({}), Value::Null);
        insta::assert_snapshot!("no_champion_after_a_rejection", words(first));
        let mut none = scored();
        (none["outcome"], none["champion"]) = (json!("no_champion"), Value::Null);
        (none["tiers"], none["drift"], none["stages"]) = (json!({}), Value::Null, json!([]));
        insta::assert_snapshot!("no_champion", words(none));
    }

    #[test]
    fn a_champion_scores() {
        insta::assert_snapshot!("scored", words(scored()));
    }

    #[test]
    fn the_offers_are_said_in_the_words_of_their_report() {
        let words = "policy tier: 3 offers for 12 EUR a month; there is no control group";
        let mut result = scored();
        result["offers"] = json!({
            "policy": "tier", "offers": 3, "cost_eur": 12.0, "value_eur": 90.0, "by_value_eur": 95.5,
            "budget_eur": null, "save_rates": "assumed", "control": 0, "measurable": false, "words": words,
        });
        let text = self::words(result);
        assert!(text.contains(&format!("\noffers     {words}\ndrift      warn")), "{text}");
    }

    #[test]
    fn what_went_wrong_beside_the_result_is_told_last() {
        let mut result = scored();
        result["repairs"] = json!(["gold/0123/gold_master.parquet: other bytes than its digest"]);
        result["undelivered_alerts"] = json!(["drift warn: 1 features"]);
        insta::assert_snapshot!("repairs_and_undelivered_alerts", words(result));
    }

    #[test]
    fn what_the_checks_found_is_told_before_what_went_wrong() {
        let mut result = scored();
        result["quality"] = json!([
            {
                "severity": "warn", "table": "consumption_hourly", "column": "timestamp", "rule": "after_as_of", "count": 1,
                "share": 0.5, "words": "1 customer-days of readings lie after 2024-12-31",
            },
            { "severity": "info", "table": "churn_label", "rule": "no_label", "count": 3, "words": "3 have no label" },
        ]);
        let text = words(result);
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("quality")).collect();
        let expected = [
            "quality    warn consumption_hourly.timestamp: 1 customer-days of readings lie after 2024-12-31",
            "quality    info churn_label: 3 have no label",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_run_without_a_result_has_the_same_fields() {
        let failure = Failure {
            state: "failed",
            error_type: "SG0001 BadData".to_owned(),
            message: "churn_label.csv has a label of 2".to_owned(),
        };
        let value = without_result(&failure, "nightly", "r1", Mode::Train, None);
        insta::assert_snapshot!("without_result", serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn a_refused_delivery_has_the_same_fields_and_the_finding() {
        let problem = churn::Error::data("raw/a.csv", Some("timestamp"), Some("row 3".to_owned()), "not a timestamp");
        let error = anyhow::Error::new(Error::from(problem)).context("could not look at the raw files");
        let value = refused(&error, Some("nightly"), &PipelineInput::new(Mode::Score));
        assert_eq!((&value["state"], &value["workflow_id"]), (&json!("refused"), &json!("nightly")));
        assert_eq!(value["error"]["type"], "SG0001 BadData");
        let finding = &value["quality"][0];
        assert_eq!((&finding["severity"], &finding["column"]), (&json!("block"), &json!("timestamp")));
        assert!(finding["words"].as_str().unwrap().starts_with("raw/a.csv, column timestamp, row 3: not a timestamp"));
        let failure = Failure { state: "failed", error_type: String::new(), message: String::new() };
        let of_a_run = without_result(&failure, "nightly", "r1", Mode::Score, None);
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&value), names(&of_a_run));
        assert_eq!(refused(&anyhow::anyhow!("no lake"), None, &PipelineInput::new(Mode::Train))["quality"], json!([]));
    }
}
