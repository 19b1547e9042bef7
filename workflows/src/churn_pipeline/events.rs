//! What people should hear of a run: pure, in the order in which it is told.

use churn::drift::DriftLevel;
use protocol::pipeline::{Mode, ModelResult, Outcome, PipelineResult, VerdictResult};
use protocol::steps::{DriftSummary, Facts};
use protocol::{AlertKind, ModelVersion, WorkflowId};

use super::order::Order;
use crate::run::Event;

/// What a person is asked about a challenger that passed.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The challenger.
    pub version: &'a ModelVersion,
    /// The champion that it was compared with.
    pub against: Option<&'a str>,
    /// The order of the run's facts.
    pub order: Order,
}

impl Question<'_> {
    /// It is asked, by a workflow.
    pub fn asked(&self, workflow_id: &WorkflowId) -> Event {
        Event {
            kind: AlertKind::ApprovalRequested,
            subject: self.subject(),
            body: format!("It passed every check. Approve or reject it in workflow {workflow_id}."),
        }
    }

    /// It is asked once more, before silence rejects.
    pub fn reminded(&self, reject_after_secs: u64) -> Event {
        Event {
            kind: AlertKind::ApprovalRequested,
            subject: format!("reminder: {}", self.subject()),
            body: format!("It is rejected in {reject_after_secs} s unless somebody approves it."),
        }
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
    }
}

/// A training may go on without its run.
pub fn training_not_stopped(why: &str) -> Event {
    Event {
        kind: AlertKind::TrainingNotStopped,
        subject: "a training job may go on: it could not be stopped".to_owned(),
        body: format!("The run has ended. Look for its job in the SageMaker console and stop it there. {why}"),
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
        }),
        Outcome::Rejected => champion.map(|champion| Event {
            kind: AlertKind::ModelRejected,
            subject: format!("model {version} rejected"),
            body: format!("The champion {champion} stays and scores. Failed checks: {failed}."),
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
    if !repairs.is_empty() {
        events.push(Event {
            kind: AlertKind::TableRepaired,
            subject: format!("{} stored objects were damaged and made again", repairs.len()),
            body: format!("Look at the storage of the lake: {}.", repairs.join("; ")),
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
    Event { kind: AlertKind::NoChampion, subject: "no champion: nothing was scored".to_owned(), body }
}

fn drifted(drift: &DriftSummary) -> Option<Event> {
    let kind = match drift.level {
        DriftLevel::Critical => AlertKind::DriftCritical,
        DriftLevel::Warn => AlertKind::DriftWarn,
        DriftLevel::None | DriftLevel::NotEnoughData => return None,
    };
    let named = drift.features.join(", ");
    Some(Event {
        kind,
        subject: format!("drift {}: {} features", drift.level.as_str(), drift.features.len()),
        body: format!(
            "By rule {}: {named}. Look at the drift report, then consider a training run.",
            drift.rule.as_str()
        ),
    })
}

/// The failed checks in words.
fn reasons(verdict: &VerdictResult) -> String {
    let failed = verdict.checks.iter().filter(|check| !check.passed);
    failed.map(|check| format!("{}: {}", check.name, check.note)).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use churn::drift::DriftRule;
    use churn::model::{Check, Metrics};

    use super::*;

    fn model() -> ModelResult {
        let metrics = Metrics::of(&[true, true, false, false], &[0.9, 0.8, 0.2, 0.1], 0.5).unwrap();
        ModelResult { version: "new".into(), experiment: None, metrics, job: None }
    }

    fn verdict(outcome: Outcome, passed: bool) -> VerdictResult {
        let note = "too low".to_owned();
        VerdictResult {
            outcome,
            checks: vec![Check { name: "pr_auc_floor".into(), value: None, limit: 0.7, passed, note }],
        }
    }

    fn told(outcome: Outcome, passed: bool, champion: Option<&str>) -> Option<AlertKind> {
        of_verdict(&model(), &verdict(outcome, passed), champion).map(|event| event.kind)
    }

    #[test]
    fn a_verdict_is_told_by_what_became_of_the_model() {
        assert_eq!(told(Outcome::Promoted, true, None), Some(AlertKind::ModelPromoted));
        assert_eq!(told(Outcome::Rejected, false, Some("old")), Some(AlertKind::ModelRejected));
        assert_eq!(told(Outcome::AlreadyChampion, true, Some("old")), None);
        // Nothing stays and nothing scores: `no champion` is told instead.
        assert_eq!(told(Outcome::Rejected, false, None), None);
    }

    #[test]
    fn nobody_hears_that_the_champion_stays_when_the_champion_itself_failed() {
        let event = of_verdict(&model(), &verdict(Outcome::AlreadyChampion, false), Some("old")).unwrap();
        assert_eq!(event.kind, AlertKind::ChampionFailsGate);
        assert!(event.subject.contains("champion new fails") && event.body.contains("too low"), "{event:?}");
    }

    #[test]
    fn drift_is_told_by_its_level() {
        let drift = |level| {
            let features = vec!["tenure_months".to_owned()];
            drifted(&DriftSummary { level, rule: DriftRule::Ks, features, reason: String::new() })
        };
        assert_eq!(drift(DriftLevel::Warn).unwrap().kind, AlertKind::DriftWarn);
        assert_eq!(drift(DriftLevel::Critical).unwrap().kind, AlertKind::DriftCritical);
        assert!(drift(DriftLevel::Critical).unwrap().body.contains("tenure_months"));
        assert_eq!((drift(DriftLevel::None), drift(DriftLevel::NotEnoughData)), (None, None));
    }

    /// A result in score mode, by default without anything to tell.
    fn result(outcome: &str, drift: &str) -> PipelineResult {
        serde_json::from_value(serde_json::json!({
            "run_id": "r", "workflow_id": "w", "state": "completed", "outcome": outcome, "mode": "score",
            "as_of": "2024-12-31", "dataset": "d", "stages": [], "model": null, "verdict": null, "champion": null,
            "tiers": {}, "undelivered_alerts": [], "repairs": [],
            "drift": { "level": drift, "rule": "ks", "features": ["tenure_months"], "reason": "" },
        }))
        .unwrap()
    }

    #[test]
    fn the_end_tells_everything_that_happened_and_nothing_else() {
        let told = |outcome, drift, repairs: &[String]| {
            of_end(&result(outcome, drift), repairs).into_iter().map(|event| event.kind).collect::<Vec<_>>()
        };
        let damaged = ["gold/x".to_owned()];
        assert_eq!(told("scored", "none", &[]), []);
        assert_eq!(told("scored", "warn", &[]), [AlertKind::DriftWarn]);
        assert_eq!(told("scored", "critical", &damaged), [AlertKind::DriftCritical, AlertKind::TableRepaired]);
        assert_eq!(told("no_champion", "none", &[]), [AlertKind::NoChampion]);
        // Told when it became a fact.
        assert_eq!(told("promoted", "none", &[]), []);
        assert_eq!(told("rejected", "warn", &[]), [AlertKind::DriftWarn]);
    }

    fn kinds(events: &[Event]) -> Vec<AlertKind> {
        events.iter().map(|event| event.kind).collect()
    }

    #[test]
    fn a_verdict_is_told_once_by_the_order_of_the_run() {
        let verdict = verdict(Outcome::Rejected, false);
        let told = |order| at_the_verdict(order, &model(), &verdict, Some("old"));
        assert_eq!(told(Order::FactsFirst).map(|event| event.kind), Some(AlertKind::ModelRejected));
        assert_eq!(told(Order::FactsLast), None);

        let result = PipelineResult {
            model: Some(model()),
            verdict: Some(verdict.clone()),
            champion: Some("old".into()),
            ..result("rejected", "warn")
        };
        let damaged = ["gold/x".to_owned()];
        let end = |order| kinds(&at_the_end(order, &result, &damaged));
        assert_eq!(end(Order::FactsFirst), [AlertKind::DriftWarn, AlertKind::TableRepaired]);
        assert_eq!(end(Order::FactsLast), [AlertKind::ModelRejected, AlertKind::DriftWarn, AlertKind::TableRepaired]);
        // That nothing scores says it all.
        let nobody = PipelineResult { outcome: Outcome::NoChampion, ..result };
        assert_eq!(kinds(&at_the_end(Order::FactsLast, &nobody, &[])), [AlertKind::NoChampion, AlertKind::DriftWarn]);
    }

    #[test]
    fn a_promotion_whose_answer_was_lost_is_told_and_no_other() {
        let facts = |version: Option<&str>| Facts { promoted: version.map(Into::into), published: None };
        let told = (model(), verdict(Outcome::Promoted, true));
        assert_eq!(unheard_promotion(facts(None), None), None);
        assert_eq!(unheard_promotion(facts(Some("new")), Some(&told)), None);
        assert_eq!(unheard_promotion(facts(Some("new")), None).unwrap().kind, AlertKind::ModelPromoted);
        assert!(unheard_promotion(facts(Some("other")), Some(&told)).is_some());
        let rejected = (model(), verdict(Outcome::Rejected, false));
        assert!(unheard_promotion(facts(Some("new")), Some(&rejected)).is_some());
    }

    #[test]
    fn a_question_names_the_champion_and_old_histories_do_not() {
        let version = ModelVersion::from("new");
        let question = |order| Question { version: &version, against: Some("old"), order };
        let now = question(Order::FactsFirst);
        assert_eq!(now.asked(&"w".into()).subject, "model new waits for approval against old");
        assert_eq!(now.reminded(30).subject, "reminder: model new waits for approval against old");
        assert_eq!(question(Order::FactsLast).asked(&"w".into()).subject, "model new waits for approval");
    }
}
