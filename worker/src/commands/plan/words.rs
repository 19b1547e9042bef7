//! The plan for a person.

use std::fmt::Write as _;

use activities::steps::plan::Action;
use protocol::progress::Stage;

use super::report::{Lack, PlanReport, StageLine, WorkflowSeen};
use crate::display::size;

/// What would be done first, then the stages, then what is to be known.
pub fn text(report: &PlanReport) -> String {
    let mut text = headline(report) + "\n";
    if !report.stages.is_empty() {
        stages(&mut text, report);
    }
    text.push('\n');
    let mut line = |name: &str, what: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<10} {what}");
    };
    if let (Some(as_of), Some(dataset)) = (&report.as_of, &report.dataset) {
        line("as of", &format!("{as_of}, dataset {dataset} in {}/", report.raw_prefix));
    }
    if let Some(publication) = report.publication() {
        line("publish", publication);
    }
    if let Some(id) = &report.workflow_id {
        line("workflow", &format!("{id}: {}", workflow(&report.workflow)));
    }
    for missing in &report.missing {
        line("missing", missing);
    }
    for finding in &report.quality {
        line("quality", &format!("{} {finding}", finding.severity.as_str()));
    }
    for note in &report.notes {
        line("note", note);
    }
    text
}

fn headline(report: &PlanReport) -> String {
    let mode = report.mode.as_str();
    match report.lacks() {
        Some(Lack::RawFiles) => return format!("CANNOT RUN: mode {mode} has not all raw files."),
        Some(Lack::SoundFiles) => {
            return format!("CANNOT RUN: a run in mode {mode} would refuse the raw files; quality says why.");
        }
        Some(Lack::Champion) => {
            return format!("CANNOT SCORE: there is no champion, so a run in mode {mode} would publish nothing.");
        }
        None => {}
    }
    if !report.work {
        return format!("NOTHING TO DO: a run in mode {mode} would find every stage unchanged.");
    }
    let open = match report.count(Action::Depends) {
        0 => String::new(),
        count => format!(", for {count} the gate decides"),
    };
    let (run, skip) = (report.count(Action::Run), report.count(Action::Skip));
    let cost = cost(report);
    format!("WORK: mode {mode} would run {run} stages and find {skip} unchanged{open}; {cost}.")
}

fn cost(report: &PlanReport) -> String {
    let at_least = if report.all_seconds_known() { "about" } else { "at least" };
    match (report.seconds, report.bytes) {
        (Some(seconds), Some(bytes)) => format!("{at_least} {seconds:.1} s, about {} to write", size(bytes)),
        (Some(seconds), None) => format!("{at_least} {seconds:.1} s"),
        (None, Some(bytes)) => format!("about {} to write, no run on record says how long", size(bytes)),
        (None, None) => "no run on record says how long, or how large".to_owned(),
    }
}

fn stages(text: &mut String, report: &PlanReport) {
    let _ = writeln!(text, "\n{:<22} {:<8} {:>9} {:>10}  why", "stage", "action", "seconds", "space");
    for StageLine { stage, seconds } in &report.stages {
        let action = match stage.action {
            Action::Look => "look",
            Action::Run => "run",
            Action::Skip => "skip",
            Action::Depends => "depends",
        };
        let seconds = seconds.map(|seconds| format!("{seconds:.1}")).unwrap_or_default();
        let space = stage.bytes.map(size).unwrap_or_default();
        let _ = writeln!(text, "{:<22} {action:<8} {seconds:>9} {space:>10}  {}", stage.name.as_str(), stage.reason);
    }
}

fn workflow(seen: &WorkflowSeen) -> String {
    match seen {
        WorkflowSeen::Never => "there is no such run yet".to_owned(),
        WorkflowSeen::Is(state) if state == "completed" => {
            "it ran before and completed; `spanishgas run` shows its result, with --force it runs again".to_owned()
        }
        WorkflowSeen::Is(state) if state == "running" => "it is at work now; `spanishgas run` follows it".to_owned(),
        WorkflowSeen::Is(state) => format!("it ran before and ended as {state}; `spanishgas run` runs it again"),
        WorkflowSeen::NotKnown(reason) => format!("whether there is such a run is not known: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use churn::quality::{Finding, Severity};
    use protocol::pipeline::Mode;

    use super::*;

    #[test]
    fn without_raw_files_it_says_which() {
        let report = PlanReport::without_raw_files(Mode::Train, "raw/", &["churn_label.csv".to_owned()]);
        let words = text(&report);
        assert!(words.starts_with("CANNOT RUN: mode train has not all raw files."), "{words}");
        assert!(words.contains("missing    raw/churn_label.csv"), "{words}");
    }

    #[test]
    fn what_is_seen_of_the_delivery_is_said_and_what_blocks_comes_first() {
        let finding = |severity, rule: &str| Finding::new(severity, "consumption_hourly", rule, format!("{rule} here"));
        let seen = vec![finding(Severity::Warn, "unknown_files"), finding(Severity::Block, "same_readings_twice")];
        let lacking = PlanReport::without_raw_files(Mode::Train, "raw/", &["churn_label.csv".to_owned()]);
        let words = text(&lacking.with_quality(seen));
        assert!(words.starts_with("CANNOT RUN: mode train has not all raw files."), "{words}");
        let lines = "quality    block consumption_hourly: same_readings_twice here\n\
                     quality    warn consumption_hourly: unknown_files here\n";
        assert!(words.contains(lines), "{words}");
    }

    #[test]
    fn what_temporal_knows_of_the_id_says_what_a_run_would_do() {
        let said = |state: &str| workflow(&WorkflowSeen::Is(state.to_owned()));
        assert!(said("completed").contains("--force") && said("running").contains("follows"));
        assert!(said("failed").contains("ended as failed; `spanishgas run` runs it again"));
    }
}
