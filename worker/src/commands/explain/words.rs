//! The explanation for a person.

use std::fmt::Write as _;

use protocol::progress::{Pause, Stage};

use super::explanation::{ExplainedStage, Explanation};
use crate::display::thousands;

/// What became of the run first, then why of every stage, then what went in and what it cost.
pub fn text(run: &Explanation) -> String {
    let mut text = headline(run) + "\n\n";
    let mut line = |words: String| text += &(words.trim_end().to_owned() + "\n");
    line(format!("{:<22} {:<8} {:>9} {:>14}  why", "stage", "", "seconds", "rows"));
    for stage in &run.stages {
        line(of_stage(stage));
    }
    line(String::new());
    line(format!("run        {} ({})", run.run.workflow_id, run.run.run_id));
    let ended = run.ended.as_deref().unwrap_or("not noted");
    line(format!("time       {} to {ended}", run.run.started));
    if let Some(as_of) = run.as_of {
        line(format!("as of      {as_of}"));
    }
    if let Some(input) = &run.input {
        line(format!("input      {input}"));
    }
    run.pauses.iter().for_each(|pause| line(of_pause(pause)));
    line(format!("code       {}", run.code_version));
    for (name, file) in &run.raw_files {
        line(format!("raw file   {name}: {} ({})", file.key, file.digest.short()));
    }
    outcome(run, &mut line);
    text
}

fn headline(run: &Explanation) -> String {
    match (&run.error, &run.outcome) {
        (Some(error), _) => format!("{}: {} {}", run.state.to_uppercase(), error.error_type, error.message),
        (None, Some(outcome)) => outcome.to_uppercase().replace('_', " "),
        (None, None) => run.state.to_uppercase(),
    }
}

fn of_stage(stage: &ExplainedStage) -> String {
    let did = match (stage.failed, stage.skipped) {
        (true, _) => "failed",
        (false, true) => "skipped",
        (false, false) => "ran",
    };
    let name = stage.name.as_str();
    format!("{name:<22} {did:<8} {:>9.1} {:>14}  {}", stage.seconds, thousands(stage.rows), stage.why)
}

fn of_pause(Pause { by, reason, since, resumed }: &Pause) -> String {
    let end = match resumed {
        Some(resumed) => format!("resumed by {} at {}: {}", resumed.by, resumed.at, resumed.reason),
        None => "never resumed".to_owned(),
    };
    format!("paused     by {by} at {since}: {reason}; {end}")
}

fn outcome(run: &Explanation, line: &mut impl FnMut(String)) {
    if let Some(model) = &run.model {
        line(format!("model      {}: PR-AUC {:.3}", model.version, model.metrics.pr_auc));
    }
    for check in &run.checks {
        let word = if check.passed { "passed" } else { "FAILED" };
        line(format!("check      {} {word}: {}", check.name, check.note));
    }
    if let Some(champion) = &run.champion {
        line(format!("champion   {champion}"));
    }
    if let Some(promoted) = &run.facts.promoted {
        line(format!("promoted   {promoted}"));
    }
    if run.facts.published == Some(true) {
        line("published  its results were the published ones when it ended".to_owned());
    }
    if let Some(drift) = &run.drift {
        line(format!("drift      {}: {}", drift.level.as_str(), drift.reason));
        let not_kept = drift.performance.iter().filter(|performance| !performance.reason.is_empty());
        not_kept.for_each(|performance| line(format!("promised   {}", performance.reason)));
    }
    for finding in &run.quality {
        line(format!("quality    {} {finding}", finding.severity.as_str()));
    }
    for alert in &run.alerts {
        let at = alert.at.as_deref().unwrap_or("time not noted");
        let known = alert.acknowledged_by.as_ref().map(|known| format!(" (known to {}, told to nobody)", known.by));
        let (kind, subject) = (alert.alert.kind.as_str(), &alert.alert.subject);
        line(format!("alert      {kind} {at}: {subject}{}", known.unwrap_or_default()));
    }
    let mut costs = format!("costs      {:.1} s in all stages", run.costs.stage_seconds);
    if let Some(job) = &run.costs.job {
        let money = job.cost_usd.map(|usd| format!(", {usd:.2} USD")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(costs, "; job {}: {} s charged{money}", job.job, job.billable_seconds);
    }
    line(costs);
}
