//! What people should hear of a run: pure, in the order in which it is told.

use std::collections::BTreeSet;

use churn::drift::DriftLevel;
use churn::quality::{Finding, Severity};
use protocol::pipeline::{Mode, ModelResult, Outcome, PipelineInput, PipelineResult, VerdictResult};
use protocol::steps::{ApprovalSettings, DriftSummary, Facts, PerformanceSummary};
use protocol::{AlertKind, ModelVersion, WorkflowId};

use super::order::Order;
use crate::run::{Event, Failure};

/// How many rules a subject names; it has room for 100 characters.
const NAMED_RULES: usize = 2;

/// What a person is asked about a challenger that passed.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The challenger.
    pub version: &'a ModelVersion,
    /// The champion that it was compared with.
    pub against: Option<&'a str>,
    /// The order of the run's facts.
    pub order: Order,
    /// The workflow whose run asks.
    pub workflow_id: &'a WorkflowId,
    /// How long it waits for an answer.
    pub patience: ApprovalSettings,
}

impl Question<'_> {
    /// It is asked.
    pub fn asked(&self) -> Event {
        let ApprovalSettings { escalate_after_secs, reject_after_secs } = self.patience;
        let in_all = escalate_after_secs.saturating_add(reject_after_secs);
        Event {
            kind: AlertKind::ApprovalRequested,
            subject: self.subject(),
            body: format!(
                "It passed every check, and is rejected in {in_all} s unless somebody approves it. {}",
                self.how()
            ),
            features: Vec::new(),
            details: Vec::new(),
        }
    }

    /// It is asked once more, before silence rejects.
    pub fn reminded(&self) -> Event {
        let reject_after_secs = self.patience.reject_after_secs;
        Event {
            kind: AlertKind::ApprovalRequested,
            subject: format!("reminder: {}", self.subject()),
            body: format!("It is rejected in {reject_after_secs} s unless somebody approves it. {}", self.how()),
            features: Vec::new(),
            details: Vec::new(),
        }
    }

    /// How a person answers.
    fn how(&self) -> String {
        let id = self.workflow_id;
        format!(
            "To see its figures: spanishgas approvals list. To decide: spanishgas approvals approve {id} --by NAME, or \
             spanishgas approvals reject {id} --by NAME --comment WHY."
        )
    }

    /// A comparison with another champion is another question: people must hear of it too.
    fn subject(&self) -> String {
        let against = match (self.against, self.order) {
            (Some(champion), Order::FactsFirst) => format!(" against {champion}"),
            (None, _) | (_, Order::FactsLast) => String::new(),
        };
        format!("model {} waits for approval{against}", self.version)
    }
}

/// A challenger became champion.
fn promoted(version: &ModelVersion, pr_auc: Option<f64>) -> Event {
    let reached = pr_auc.map(|pr_auc| format!("It reached PR-AUC {pr_auc:.3} on the holdout and scores from now on."));
    Event {
        kind: AlertKind::ModelPromoted,
        subject: format!("model {version} promoted"),
        body: reached.unwrap_or_else(|| "It scores from now on; the run that promoted it ended early.".to_owned()),
        features: Vec::new(),
        details: Vec::new(),
    }
}

/// The run failed. Where its data blocked it, people hear which delivery is to be corrected.
pub fn failed(input: &PipelineInput, stop: &Failure) -> Option<Event> {
    let event = Event::of_failure(input.mode.as_str(), stop)?;
    if event.kind != AlertKind::QualityBlocked {
        return Some(event);
    }
    let delivery = if input.asks_for_latest() {
        "of the newest delivery".to_owned()
    } else {
        format!("in {}/", input.raw_prefix())
    };
    Some(Event { body: format!("{}. The raw files are those {delivery}.", event.body), ..event })
}

/// A training may go on without its run.
pub fn training_not_stopped(why: &str) -> Event {
    Event {
        kind: AlertKind::TrainingNotStopped,
        subject: "a training job may go on: it could not be stopped".to_owned(),
        body: format!("The run has ended. Look for its job in the SageMaker console and stop it there. {why}"),
        features: Vec::new(),
        details: Vec::new(),
    }
}

/// What is told of a verdict when it has become a fact.
pub fn at_the_verdict(
    order: Order,
    model: &ModelResult,
    verdict: &VerdictResult,
    champion: Option<&str>,
) -> Option<Event> {
    match order {
        Order::FactsFirst => of_verdict(model, verdict, champion),
        Order::FactsLast => None,
    }
}

/// What the checks found that people should know of: one alert a run, whatever they found.
pub fn of_quality(findings: &[Finding]) -> Option<Event> {
    let told: Vec<&Finding> = findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
    if told.is_empty() {
        return None;
    }
    // The same findings have the same subject and details, by which people say that they know of them.
    let rules: BTreeSet<&str> = told.iter().map(|finding| finding.rule.as_str()).collect();
    let named: Vec<&str> = rules.iter().copied().take(NAMED_RULES).collect();
    let more =
        if rules.len() > NAMED_RULES { format!(" and {} more", rules.len() - NAMED_RULES) } else { String::new() };
    let body: Vec<String> = told.iter().map(ToString::to_string).collect();
    Some(Event {
        kind: AlertKind::QualityWarning,
        subject: format!("quality warning: {}{more}", named.join(", ")),
        body: format!("The run went on. {}. All of it is in the quality reports of the run.", body.join("; ")),
        features: Vec::new(),
        details: rules.into_iter().map(str::to_owned).collect(),
    })
}

/// What is told when a run has come to its result.
pub fn at_the_end(order: Order, result: &PipelineResult, repairs: &[String]) -> Vec<Event> {
    let verdict = match (order, &result.model, &result.verdict) {
        (Order::FactsLast, Some(model), Some(verdict)) if result.outcome != Outcome::NoChampion => {
            of_verdict(model, verdict, result.champion.as_deref())
        }
        _ => None,
    };
    verdict.into_iter().chain(of_end(result, repairs)).collect()
}

/// A promotion that the run did and never heard of: the answer of the activity was lost.
pub fn unheard_promotion(facts: Facts, told: Option<&(ModelResult, VerdictResult)>) -> Option<Event> {
    let version = facts.promoted?;
    let is_told = told.is_some_and(|(model, verdict)| model.version == version && verdict.outcome == Outcome::Promoted);
    (!is_told).then(|| promoted(&version, None))
}

/// What became of a challenger. A rejection without any champion is told when the run ends without scores.
fn of_verdict(model: &ModelResult, verdict: &VerdictResult, champion: Option<&str>) -> Option<Event> {
    let version = &model.version;
    let failed = reasons(verdict);
    match verdict.outcome {
        Outcome::Promoted => Some(promoted(version, Some(model.metrics.pr_auc))),
        Outcome::AlreadyChampion if !failed.is_empty() => Some(Event {
            kind: AlertKind::ChampionFailsGate,
            subject: format!("champion {version} fails the gate on new data"),
            body: format!("It stays champion until another one is promoted. Failed checks: {failed}."),
            features: Vec::new(),
            details: verdict.checks.iter().filter(|check| !check.passed).map(|check| check.name.to_string()).collect(),
        }),
        Outcome::Rejected => champion.map(|champion| Event {
            kind: AlertKind::ModelRejected,
            subject: format!("model {version} rejected"),
            body: format!("The champion {champion} stays and scores. Failed checks: {failed}."),
            features: Vec::new(),
            details: Vec::new(),
        }),
        Outcome::AlreadyChampion | Outcome::NoChampion | Outcome::Scored => None,
    }
}

fn of_end(result: &PipelineResult, repairs: &[String]) -> Vec<Event> {
    let mut events = Vec::new();
    if result.outcome == Outcome::NoChampion {
        events.push(no_champion(result));
    }
    events.extend(result.drift.as_ref().and_then(drifted));
    events.extend(result.drift.as_ref().and_then(|drift| not_as_promised(drift.performance.as_ref()?)));
    if !repairs.is_empty() {
        events.push(Event {
            kind: AlertKind::TableRepaired,
            subject: format!("{} stored objects were damaged and made again", repairs.len()),
            body: format!("Look at the storage of the lake: {}.", repairs.join("; ")),
            features: Vec::new(),
            details: Vec::new(),
        });
    }
    events
}

fn no_champion(result: &PipelineResult) -> Event {
    let version = result.model.as_ref().map_or("none", |model| model.version.as_str());
    let failed = result.verdict.as_ref().map(reasons).unwrap_or_default();
    let body = match result.mode {
        Mode::Train => format!("The challenger {version} was rejected. Failed checks: {failed}."),
        Mode::Score => "Train a model first: start the workflow with mode train.".to_owned(),
    };
    let subject = "no champion: nothing was scored".to_owned();
    Event { kind: AlertKind::NoChampion, subject, body, features: Vec::new(), details: Vec::new() }
}

fn drifted(drift: &DriftSummary) -> Option<Event> {
    let kind = match drift.level {
        DriftLevel::Critical => AlertKind::DriftCritical,
        DriftLevel::Warn => AlertKind::DriftWarn,
        DriftLevel::None | DriftLevel::NotEnoughData => return None,
    };
    let named = drift.features.join(", ");
    let weight = drift.importance.map(|share| format!(" ({:.1} % of what moves the model)", 100.0 * share));
    let reason = if drift.reason.is_empty() { String::new() } else { format!(" {}.", drift.reason) };
    Some(Event {
        kind,
        subject: format!("drift {}: {} features", drift.level.as_str(), drift.features.len()),
        body: format!(
            "By rule {}{}: {named}.{reason} Look at the drift report, then consider a training run.",
            drift.rule.as_str(),
            weight.unwrap_or_default()
        ),
        features: drift.features.clone(),
        details: Vec::new(),
    })
}

/// Labels have come, and say something else than the model.
fn not_as_promised(performance: &PerformanceSummary) -> Option<Event> {
    (!performance.troubles.is_empty()).then(|| Event {
        kind: AlertKind::PerformanceShifted,
        subject: "customers churn otherwise than the model promised".to_owned(),
        body: format!(
            "{}. No feature needs to have drifted for it. Look at the performance report, then consider a training run.",
            performance.reason
        ),
        features: Vec::new(),
        details: performance.troubles.clone(),
    })
}

/// The failed checks in words.
fn reasons(verdict: &VerdictResult) -> String {
    let failed = verdict.checks.iter().filter(|check| !check.passed);
    failed.map(|check| format!("{}: {}", check.name, check.note)).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
