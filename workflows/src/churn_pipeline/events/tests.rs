//! What people are told, and in which words.

use churn::drift::DriftRule;
use churn::model::{Check, CheckName, Metrics};
use protocol::ErrorNumber;

use super::*;

fn model() -> ModelResult {
    let metrics = Metrics::of(&[true, true, false, false], &[0.9, 0.8, 0.2, 0.1], 0.5).unwrap();
    ModelResult { version: "new".into(), experiment: None, metrics, slices: Vec::new(), job: None }
}

fn verdict(outcome: Outcome, passed: bool) -> VerdictResult {
    let note = "too low".to_owned();
    VerdictResult {
        outcome,
        checks: vec![Check { name: CheckName::PrAucFloor, value: None, limit: 0.7, passed, note }],
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
        let (rule, reason) = (DriftRule::Effect, "1 of 2 features drifted".to_owned());
        drifted(&DriftSummary { level, rule, features, reason, importance: Some(0.25), performance: None })
    };
    assert_eq!(drift(DriftLevel::Warn).unwrap().kind, AlertKind::DriftWarn);
    assert_eq!(drift(DriftLevel::Critical).unwrap().kind, AlertKind::DriftCritical);
    let critical = drift(DriftLevel::Critical).unwrap();
    assert!(critical.body.starts_with("By rule effect (25.0 % of what moves the model): tenure_months. 1 of 2"));
    assert_eq!(critical.features, ["tenure_months"], "whoever knows of it says so by these");
    assert_eq!((drift(DriftLevel::None), drift(DriftLevel::NotEnoughData)), (None, None));
}

#[test]
fn labels_that_say_something_else_than_the_model_are_told_and_who_knows_of_them_knows_of_these() {
    let kept = PerformanceSummary { estimated_pr_auc: Some(0.7), ..PerformanceSummary::default() };
    assert_eq!(not_as_promised(&kept), None);
    let troubles = vec!["pr_auc of 2024-10-31".to_owned()];
    let reason = "pr_auc of 2024-10-31 is 0.500, and was to be 0.600 to 0.800".to_owned();
    let event = not_as_promised(&PerformanceSummary { troubles: troubles.clone(), reason, ..kept }).unwrap();
    assert_eq!((event.kind, event.details), (AlertKind::PerformanceShifted, troubles));
    assert!(event.subject.len() <= 100 && event.body.contains("is 0.500"), "{}", event.body);
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

fn nightly<'a>(version: &'a ModelVersion, workflow_id: &'a WorkflowId) -> Question<'a> {
    let patience = ApprovalSettings { escalate_after_secs: 1800, reject_after_secs: 3600 };
    Question { version, against: Some("old"), order: Order::FactsFirst, workflow_id, patience }
}

#[test]
fn a_question_names_the_champion_and_old_histories_do_not() {
    let version = ModelVersion::from("new");
    let workflow_id = WorkflowId::from("w");
    let question = |order| Question { order, ..nightly(&version, &workflow_id) };
    let now = question(Order::FactsFirst);
    assert_eq!(now.asked().subject, "model new waits for approval against old");
    assert_eq!(now.reminded().subject, "reminder: model new waits for approval against old");
    assert_eq!(question(Order::FactsLast).asked().subject, "model new waits for approval");
}

/// The events as people get them.
fn words<'a>(events: impl IntoIterator<Item = &'a Event>) -> String {
    let in_words = |Event { kind, subject, body, .. }: &Event| format!("{kind:?}\n{subject}\n{body}");
    events.into_iter().map(in_words).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_verdict_has_its_words() {
    let verdicts = [
        (Outcome::Promoted, true, None),
        (Outcome::Rejected, false, Some("old")),
        (Outcome::AlreadyChampion, false, Some("new")),
    ];
    let told = verdicts.map(|(outcome, passed, champion)| of_verdict(&model(), &verdict(outcome, passed), champion));
    insta::assert_snapshot!("verdict", words(told.iter().flatten()));
    let unheard = unheard_promotion(Facts { promoted: Some("new".into()), published: None }, None);
    insta::assert_snapshot!("promotion_nobody_heard_of", words(&unheard));
}

#[test]
fn a_question_has_its_words() {
    let (version, workflow_id) = (ModelVersion::from("new"), WorkflowId::from("nightly"));
    let question = nightly(&version, &workflow_id);
    insta::assert_snapshot!("question", words(&[question.asked(), question.reminded()]));
}

#[test]
fn what_the_end_tells_has_its_words() {
    let damaged = ["gold/x".to_owned(), "silver/y".to_owned()];
    let drifted_and_repaired = of_end(&result("scored", "critical"), &damaged);
    insta::assert_snapshot!("drift_and_repairs", words(&drifted_and_repaired));
    let no_model = of_end(&result("no_champion", "none"), &[]);
    let rejected = Some(verdict(Outcome::Rejected, false));
    let first =
        PipelineResult { mode: Mode::Train, model: Some(model()), verdict: rejected, ..result("no_champion", "none") };
    let first_rejected = of_end(&first, &[]);
    insta::assert_snapshot!("no_champion", words(no_model.iter().chain(&first_rejected)));
    let not_stopped = training_not_stopped("StopTrainingJob was refused");
    insta::assert_snapshot!("training_not_stopped", words(&[not_stopped]));
}

#[test]
fn whoever_must_correct_a_delivery_hears_which() {
    let heard = |folder: Option<&str>, number| {
        let raw_prefix = folder.map(str::to_owned);
        let input = PipelineInput { raw_prefix, ..PipelineInput::new(Mode::Score) };
        failed(&input, &Failure::of(number, "a key twice")).unwrap().body
    };
    let blocked = |folder| heard(folder, ErrorNumber::ContractViolation);
    assert_eq!(blocked(Some("raw/night")), "a key twice. The raw files are those in raw/night/.");
    assert!(blocked(None).ends_with("in raw/."));
    assert!(blocked(Some("latest")).ends_with("of the newest delivery."));
    assert_eq!(heard(Some("raw/night"), ErrorNumber::BadInput), "a key twice");
}

#[test]
fn what_the_checks_found_is_one_alert_with_the_worst_first() {
    let finding = |severity, rule: &str| Finding::new(severity, "consumption_hourly", rule, format!("words of {rule}"));
    assert_eq!(of_quality(&[finding(Severity::Info, "negative_readings")]), None);
    let findings = [
        finding(Severity::Warn, "stray_readings"),
        finding(Severity::Warn, "after_as_of"),
        finding(Severity::Info, "negative_readings"),
    ];
    let event = of_quality(&findings).unwrap();
    assert_eq!(event.kind, AlertKind::QualityWarning);
    assert_eq!(event.subject, "quality warning: after_as_of, stray_readings");
    assert_eq!(event.details, ["after_as_of", "stray_readings"], "who knows of it knows of these rules");
    assert!(
        event.body.contains("consumption_hourly: words of stray_readings; consumption_hourly: words of after_as_of")
    );
    assert!(!event.body.contains("negative_readings"), "{}", event.body);
    let many: Vec<_> = ["a", "b", "c", "d", "e"].map(|rule| finding(Severity::Warn, rule)).into();
    let event = of_quality(&many).unwrap();
    assert_eq!((event.subject.as_str(), event.details.len()), ("quality warning: a, b and 3 more", 5));
}
