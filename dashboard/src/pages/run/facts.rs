//! What there is to say of a run besides its stages: a line each, and no line for what nobody knows.

use churn::drift::DriftReport;
use lake::documents::RunRecord;
use protocol::progress::{Pause, WaitingApproval};
use serde_json::Value;

use super::seen::Seen;
use crate::data::moment;
use crate::format::Format;
use crate::frame::PageId;
use crate::pages::{alerts, checks, drift};
use crate::server::Visit;
use crate::temporal::Stopped;
use crate::words::{Said, Word};

/// A line of what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What is known.
    pub value: Said,
    /// Where it leads.
    pub href: Option<String>,
}

/// The facts of a run.
pub fn of(visit: &Visit, seen: &Seen) -> Vec<Fact> {
    let mut facts = of_line(visit, seen);
    facts.extend(seen.stopped.iter().map(|told| fact(visit, Word::RunStopped, stopped(visit.format(), told))));
    if let Some(record) = &seen.record {
        facts.extend(of_record(visit, record, seen.drift.as_deref()));
    }
    if let Some(progress) = seen.known_progress() {
        facts.extend(progress.trouble.iter().map(|trouble| fact(visit, Word::RunTrouble, english(visit, trouble))));
        facts.extend(progress.paused.iter().map(|pause| fact(visit, Word::OperatePaused, paused(visit, pause))));
        facts.extend(progress.approval.iter().flat_map(|asked| of_approval(visit, asked)));
    }
    facts
}

fn fact(visit: &Visit, label: Word, value: impl Into<Said>) -> Fact {
    Fact { label: visit.language.say(label), value: value.into(), href: None }
}

/// What a program said.
fn english(visit: &Visit, text: &str) -> Said {
    Said::english(visit.language, text)
}

fn of_line(visit: &Visit, seen: &Seen) -> Vec<Fact> {
    let (format, language, line) = (visit.format(), visit.language, &seen.line);
    let mut facts = vec![
        fact(visit, Word::OverviewOutcome, line.mark(language).text()),
        fact(visit, Word::OperateRun, line.run_id.clone()),
        fact(visit, Word::RunWorkflow, line.workflow_id.clone()),
        fact(visit, Word::OverviewMode, line.mode_name(language)),
    ];
    let known = [
        (Word::StatusAsOf, line.as_of.map(|date| format.date(date))),
        (Word::OverviewStarted, line.started.map(|started| format.moment(started))),
        (Word::OverviewDuration, line.seconds.map(|seconds| format.seconds(seconds))),
    ];
    facts.extend(known.into_iter().filter_map(|(label, value)| Some(fact(visit, label, value?))));
    facts.extend(line.model.as_ref().map(|model| Fact {
        label: language.say(Word::StatusModel),
        value: model.as_str().into(),
        href: Some(visit.query.to(PageId::Model.path(), &[("version", model)])),
    }));
    facts.extend(line.pr_auc.map(|score| fact(visit, Word::OverviewPrAuc, format.score(score))));
    facts.retain(|fact| !fact.value.text.is_empty());
    facts
}

fn of_record(visit: &Visit, record: &RunRecord, drift: Option<&DriftReport>) -> Vec<Fact> {
    let format = visit.format();
    let result = &record.result;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let yes_or_no = |is: bool| visit.language.say(if is { Word::RunYes } else { Word::RunNo }).to_owned();
    let known = [
        (Word::RunEnded, record.ended.as_deref().and_then(moment).map(|ended| format.moment(ended))),
        (Word::RunDataset, text(&result["dataset"])),
        (Word::RunExperiment, text(&result["model"]["experiment"])),
        (Word::RunPromoted, record.facts.promoted.as_ref().map(ToString::to_string)),
        (Word::RunPublished, record.facts.published.map(yes_or_no)),
        (Word::RunJob, job(format, &result["model"]["job"])),
        (Word::RunCode, Some(record.code_version.clone())),
    ];
    let said = [
        (Word::OverviewDrift, drift_reason(visit, drift, &result["drift"]["reason"])),
        (Word::RunNotStopped, result["not_stopped"].as_str().map(|why| english(visit, why))),
        (Word::RunLineage, record.lineage_undelivered.as_deref().map(|why| english(visit, why))),
        (Word::RunMetrics, record.metrics.undelivered.as_deref().map(|why| english(visit, why))),
    ];
    let known = known.into_iter().map(|(label, value)| (label, value.map(Said::from))).chain(said);
    let known = known.filter_map(|(label, value)| Some(fact(visit, label, value?)));
    let listed = |field: &str| result[field].as_array().into_iter().flatten().filter_map(Value::as_str);
    let undelivered = listed("undelivered_alerts").map(|subject| alerts::subject(visit.language, subject));
    let repairs = listed("repairs").map(|damage| english(visit, damage));
    let listed = undelivered
        .map(|said| fact(visit, Word::RunUndelivered, said))
        .chain(repairs.map(|said| fact(visit, Word::RunRepairs, said)));
    let pauses = record.pauses.iter().map(|pause| fact(visit, Word::OperatePaused, paused(visit, pause)));
    known.chain(listed).chain(pauses).collect()
}

/// Why the drift is as serious as it is, in the reader's language; without the report the recorded words stand.
fn drift_reason(visit: &Visit, report: Option<&DriftReport>, recorded: &Value) -> Option<Said> {
    Some(drift::recorded_reason(visit.language, report, recorded.as_str()?))
}

/// The remote job of a training with what it cost.
fn job(format: Format, job: &Value) -> Option<String> {
    let (name, service) = (job["job"].as_str()?, job["service"].as_str().unwrap_or_default());
    let seconds = job["billable_seconds"].as_f64().map(|seconds| format.seconds(seconds));
    let cost = job["cost_usd"].as_f64().map(|cost| format.with_unit(&format.number(cost, 2), "USD"));
    let parts = [Some(service.to_owned()), Some(name.to_owned()), seconds, cost];
    Some(parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
}

/// Why, and in brackets by which program and when.
fn stopped(format: Format, told: &Stopped) -> String {
    let at = told.at.map(|at| format.moment(at));
    let by = Some(told.by.clone()).filter(|by| !by.is_empty());
    let from = by.into_iter().chain(at).collect::<Vec<_>>().join(", ");
    if told.reason.is_empty() {
        return from;
    }
    if from.is_empty() {
        return told.reason.clone();
    }
    format!("{} ({from})", told.reason)
}

fn paused(visit: &Visit, pause: &Pause) -> String {
    let format = visit.format();
    let by = visit.language.fill(Word::OperatePausedBy, &[("name", &pause.by), ("reason", &pause.reason)]);
    let from = moment(&pause.since).map(|at| format.moment(at));
    let to = pause.resumed.as_ref().and_then(|resumed| moment(&resumed.at)).map(|at| format.moment(at));
    match (from, to) {
        (Some(from), Some(to)) => format!("{by} ({})", format.range(&from, &to)),
        (Some(from), None) => format!("{by} ({from})"),
        (None, _) => by,
    }
}

/// What a person is asked.
fn of_approval(visit: &Visit, asked: &WaitingApproval) -> Vec<Fact> {
    let (format, language) = (visit.format(), visit.language);
    let score = format.score(asked.pr_auc);
    let values = [("version", asked.version.as_str()), ("experiment", asked.experiment.as_str()), ("score", &score)];
    let mut facts = vec![fact(visit, Word::OperateModel, language.fill(Word::OperateModelIs, &values))];
    if let (Some(champion), Some(score)) = (&asked.champion, asked.champion_pr_auc) {
        let values = [("version", champion.as_str()), ("score", &format.score(score))];
        facts.push(fact(visit, Word::OperateChampion, language.fill(Word::OperateChampionIs, &values)));
    }
    facts.extend(asked.checks.iter().map(|check| fact(visit, Word::OperateCheck, checks::note(format, check))));
    let expires = moment(&asked.expires_at).map(|at| format.moment(at));
    facts.extend(expires.map(|at| fact(visit, Word::OperateExpires, at)));
    facts
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::words::Language;

    #[test]
    fn who_stopped_a_run_says_why_or_is_named_at_least() {
        let said = |reason: &str, by: &str| {
            stopped(Format(Language::En), &Stopped { reason: reason.to_owned(), by: by.to_owned(), at: None })
        };
        assert_eq!(said("ana: the files are wrong", "7@desk"), "ana: the files are wrong (7@desk)");
        assert_eq!((said("", "7@desk").as_str(), said("why", "").as_str()), ("7@desk", "why"));
        let at = Some(DateTime::UNIX_EPOCH);
        let told = Stopped { reason: "why".to_owned(), by: "7@desk".to_owned(), at };
        assert!(stopped(Format(Language::En), &told).starts_with("why (7@desk, "));
    }
}
