//! From a challenger's figures to a verdict, and what the verdict leads to: registration, and for a
//! promoted challenger the pointer's move.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, Utc};
use churn::SnapshotDate;
use churn::model::{
    Bundle, CardContext, CardSection, Check, CheckName, Evaluation, GateSettings, ModelCard, Verdict, gate,
};
use churn::recommend::assumptions;
use lake::documents::{ChampionPointer, ChangeByHand, Judgement, Registration};
use lake::{LakeError, Version, keys, to_json};
use protocol::steps::{Applied, ApplyVerdict, JudgeModel, StageOutcome};
use protocol::{Digest, ModelVersion, TableRef};

use super::card_lineage;
use super::card_time::CardTime;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::registry::Registry;
use crate::steps::Environment;

/// The gate: the figures by the limits that the run began with, whether the champion knows more by its date, and
/// whether a person has taken the version back. Here and not in the workflow, so that a changed rule changes no replay.
pub async fn judge_model(environment: &Environment, request: JudgeModel) -> Result<Verdict> {
    judge(&environment.registry, &request).await
}

pub(in crate::steps) async fn judge(registry: &Registry, request: &JudgeModel) -> Result<Verdict> {
    let registered = registry.find(&request.version).await?;
    let withdrawal = registered.as_ref().and_then(Registration::withdrawal);
    let champion = registry.champion_with_date().await?.filter(|(champion, _)| *champion != request.version);
    let unmeasured = request.summary.gate.is_none().then(|| unmeasured(&request.gate));
    let older = request.as_of.zip(champion).and_then(|(as_of, champion)| older(&request.version, as_of, &champion));
    let not_withdrawn = not_withdrawn(&request.version, withdrawal);
    Ok(gate(&request.summary, &request.gate).and(unmeasured.into_iter().chain(older).chain([not_withdrawn])))
}

/// During an upgrade an older worker may have measured. What nobody looked at is not good; the next training is measured whole.
fn unmeasured(limits: &GateSettings) -> Check {
    let note = "an older program measured it, and looked neither at the best champion nor at calibration, slices and \
                single columns; the next training is measured by them";
    let limit = -limits.max_pr_auc_loss;
    Check { name: CheckName::NotWorseThanBest, value: None, limit, passed: false, note: note.to_owned() }
}

/// A training for a past date, as a backfill makes it, takes no later champion's place by itself. Said only where it is so.
fn older(version: &str, as_of: SnapshotDate, (champion, newest): &(ModelVersion, SnapshotDate)) -> Option<Check> {
    if as_of >= *newest {
        return None;
    }
    let note = format!(
        "it was trained as of {as_of}, and champion {champion} as of {newest}; a person makes it champion all the same: \
         spanishgas models promote {version} --override --by NAME --reason TEXT"
    );
    Some(Check { name: CheckName::NotOlderThanChampion, value: None, limit: 0.0, passed: false, note })
}

fn not_withdrawn(version: &str, withdrawal: Option<&ChangeByHand>) -> Check {
    let note = match withdrawal {
        None => "nobody has withdrawn it".to_owned(),
        Some(ChangeByHand { by, reason, at, .. }) => {
            format!("{by} withdrew it on {at}: {reason}; `spanishgas models reinstate {version}` gives it free again")
        }
    };
    Check { name: CheckName::NotWithdrawn, value: None, limit: 0.0, passed: withdrawal.is_none(), note }
}

/// What is to be done about a verdict.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::steps) enum Plan {
    /// It was done before.
    Nothing(String),
    /// The judgement is registered; the pointer stays.
    Register,
    /// The judgement is registered, then the pointer moves.
    Promote,
    /// The comparison is out of date: another model is champion by now.
    CompareAgain,
}

/// Registers the verdict with its evaluation and card; promotes when it passed. Safe to repeat.
///
/// From the registration on there is no way back: a cancellation waits until the pointer has moved.
#[expect(clippy::disallowed_methods, reason = "the moment of a move is a fact, not a computation")]
pub async fn apply_verdict(environment: &Environment, heartbeat: &Heartbeat, request: ApplyVerdict) -> Result<Applied> {
    let champion = environment.registry.champion().await?;
    let registered = environment.registry.find(&request.version).await?;
    let plan = plan(&request, champion.as_ref().map(|(pointer, _)| pointer), registered.as_ref());
    match plan {
        Plan::Nothing(reason) => return Ok(applied(&request, Some(reason))),
        Plan::CompareAgain => return Ok(Applied { champion_changed: true, ..applied(&request, None) }),
        Plan::Register | Plan::Promote => {}
    }
    let Written { pr_auc, files } = write_evaluation(environment, heartbeat, &request).await?;
    let _point_of_no_return = heartbeat.delay_cancellation();
    let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let judgement = Judgement::new(&request, at).measured(pr_auc).with_files(files);
    let entered = enter(&environment.registry, &request, &plan, champion, &judgement).await?;
    let champion_changed = entered == Entered::Withdrawn;
    Ok(Applied { champion_changed, ..applied(&request, None) })
}

/// What the registration found.
#[derive(Debug, PartialEq, Eq)]
enum Entered {
    /// All is as it was planned.
    AsPlanned,
    /// A person took the version back in between: it must be judged again.
    Withdrawn,
}

/// The registration before the pointer: nobody must ever find a champion that is not registered.
async fn enter(
    registry: &Registry,
    request: &ApplyVerdict,
    plan: &Plan,
    champion: Option<(ChampionPointer, Version)>,
    judgement: &Judgement,
) -> Result<Entered> {
    let entry = registry.judge(&request.version, judgement).await?;
    if *plan == Plan::Promote {
        // Read after the champion: who rolls back withdraws first, and then moves the pointer.
        if entry.withdrawal().is_some() {
            return Ok(Entered::Withdrawn);
        }
        registry.promote(&request.run, &request.version, champion, &judgement.at).await?;
        return Ok(Entered::AsPlanned);
    }
    // An attempt before this one may have died between the pointer and the record of its move.
    registry.record_last_move().await?;
    Ok(Entered::AsPlanned)
}

pub(in crate::steps) fn plan(
    request: &ApplyVerdict,
    champion: Option<&ChampionPointer>,
    registered: Option<&Registration>,
) -> Plan {
    let current = champion.map(|pointer| &pointer.version);
    if let Some(reason) = done_before(request, champion, registered) {
        return Plan::Nothing(reason);
    }
    if !request.verdict.passed || current == Some(&request.version) {
        return Plan::Register;
    }
    // Taken back since it was judged: the next judgement refuses it in words.
    if registered.is_some_and(|entry| entry.withdrawal().is_some()) {
        return Plan::CompareAgain;
    }
    if current == request.champion.as_ref() { Plan::Promote } else { Plan::CompareAgain }
}

fn done_before(
    request: &ApplyVerdict,
    champion: Option<&ChampionPointer>,
    registered: Option<&Registration>,
) -> Option<String> {
    let registered = registered?;
    let said_before = registered.verdict == request.verdict && registered.compared_with == request.champion;
    if let Some(pointer) = champion.filter(|pointer| pointer.version == request.version) {
        // An earlier attempt of this very run may have come this far: then it was this run's doing.
        let mine = pointer.run_id.as_ref() == Some(&request.run.run_id);
        let known = !mine && (said_before || request.verdict.passed);
        return known.then(|| format!("champion since run {}", pointer.promoted_by));
    }
    let repeated = said_before && !request.verdict.passed && registered.run_id != request.run.run_id;
    repeated.then(|| format!("rejected before by run {}", registered.registered_by))
}

/// What stands beside the model of a judgement.
struct Written {
    /// On the holdout.
    pr_auc: f64,
    /// The verdict and both cards, by key.
    files: BTreeMap<String, Digest>,
}

/// Beside the model, with verdict and card.
async fn write_evaluation(environment: &Environment, heartbeat: &Heartbeat, request: &ApplyVerdict) -> Result<Written> {
    let lake = &environment.lake;
    let stored = lake.read_exactly(&request.evaluation).await?;
    let evaluation: Evaluation = serde_json::from_slice(&stored).map_err(|e| LakeError::Unreadable {
        key: request.evaluation.key.clone(),
        expected: "an evaluation",
        problem: e.to_string(),
    })?;
    let scratch = environment.scratch()?;
    let model = environment.registry.fetch_model(&request.version, scratch.path()).await?;
    let time = CardTime::read(lake, &request.run.run_id).await?;
    let gold = card_lineage::measured_on(lake, request).await?;
    let lineage = card_lineage::section(request, gold.as_ref(), environment.revision);
    let offers = CardSection::text(assumptions(&environment.configuration.offers));
    let (verdict, pr_auc) = (request.verdict.clone(), evaluation.summary.metrics.pr_auc);
    let card = compute(heartbeat, "the model card", move |_| {
        let bundle = Bundle::load(&model)?;
        let lead_time = time.lead_time(&bundle.metadata().experiment);
        let context = CardContext { label: time.label(), lead_time, offers, lineage };
        Ok(ModelCard::of(&bundle, &evaluation, &verdict, context)?)
    })
    .await?;
    lake.put(&keys::judged_evaluation(&request.version), stored).await?;
    let version = &request.version;
    let made = [
        (keys::verdict(version), to_json(&request.verdict)),
        (keys::model_card(version), card.markdown().into_bytes()),
        (keys::model_card_page(version), card.html().into_bytes()),
    ];
    let files = made.iter().map(|(key, bytes)| (key.clone(), Digest::of(bytes))).collect();
    for (key, bytes) in made {
        lake.put(&key, bytes).await?;
    }
    Ok(Written { pr_auc, files })
}

fn applied(request: &ApplyVerdict, skipped: Option<String>) -> Applied {
    let key = keys::verdict(&request.version);
    let digest = Digest::of(&to_json(&request.verdict));
    let verdict = TableRef { key, digest: digest.clone(), rows: 0 };
    let outputs = BTreeMap::from([("verdict".to_owned(), verdict)]);
    Applied {
        stage: StageOutcome { digest, outputs, rows: 0, skipped, repaired: None, job: None },
        champion_changed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::request_for_tests;
    use lake::{FolderLake, Lake};
    use protocol::Run;

    fn request(passed: bool, champion: Option<&str>) -> ApplyVerdict {
        request_for_tests("this", "new", champion, passed)
    }

    /// While nothing is champion.
    async fn enter_at(registry: &Registry, request: &ApplyVerdict, plan: &Plan, at: &str) -> Result<Entered> {
        enter(registry, request, plan, None, &Judgement::new(request, at.to_owned()).measured(0.75)).await
    }

    fn pointer(version: &str) -> ChampionPointer {
        serde_json::from_value(serde_json::json!({
            "version": version, "promoted_by": "w", "promoted_at": "2024-12-30T02:00:00Z", "previous": null
        }))
        .unwrap()
    }

    fn entry(run_id: &str, request: &ApplyVerdict) -> Registration {
        let run = Run { run_id: run_id.into(), ..request.run.clone() };
        let judgement = Judgement::new(&ApplyVerdict { run, ..request.clone() }, String::new());
        Registration::judged(None, &request.version, judgement, false)
    }

    #[test]
    fn a_challenger_that_passed_is_promoted_only_against_the_champion_it_was_compared_with() {
        assert_eq!(plan(&request(true, None), None, None), Plan::Promote);
        assert_eq!(plan(&request(true, Some("old")), Some(&pointer("old")), None), Plan::Promote);
        assert_eq!(plan(&request(true, Some("old")), Some(&pointer("other")), None), Plan::CompareAgain);
        assert_eq!(plan(&request(true, None), Some(&pointer("other")), None), Plan::CompareAgain);
        assert_eq!(plan(&request(false, Some("old")), Some(&pointer("other")), None), Plan::Register);
    }

    #[tokio::test]
    async fn a_version_that_could_not_be_registered_is_not_promoted() {
        let root = tempfile::tempdir().unwrap();
        let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
        // As a full disk would have it: the entry cannot be written.
        let entry = root.path().join(keys::registration("new"));
        std::fs::create_dir_all(entry.join("obstacle")).unwrap();
        let request = request(true, None);
        enter_at(&registry, &request, &Plan::Promote, "2024-12-31T02:00:00Z").await.unwrap_err();
        assert!(!root.path().join(keys::CHAMPION).exists());

        std::fs::remove_dir_all(&entry).unwrap();
        enter_at(&registry, &request, &Plan::Promote, "2024-12-31T02:00:00Z").await.unwrap();
        assert_eq!(registry.champion().await.unwrap().unwrap().0.version, "new");
        assert!(entry.is_file());
    }

    #[tokio::test]
    async fn the_attempt_after_one_that_died_between_the_pointer_and_its_record_records_the_move() {
        let root = tempfile::tempdir().unwrap();
        let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
        let request = request(true, None);
        enter_at(&registry, &request, &Plan::Promote, "2024-12-31T02:00:00Z").await.unwrap();
        let record = root.path().join(keys::champion_move(1));
        let told = std::fs::read(&record).unwrap();
        std::fs::remove_file(&record).unwrap();
        enter_at(&registry, &request, &Plan::Register, "2024-12-31T02:01:00Z").await.unwrap();
        assert_eq!(std::fs::read(&record).unwrap(), told);
    }

    #[tokio::test]
    async fn a_rejected_version_is_registered_and_moves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
        enter_at(&registry, &request(false, None), &Plan::Register, "2024-12-31T02:00:00Z").await.unwrap();
        let entry = registry.find("new").await.unwrap().unwrap();
        assert_eq!((entry.registered_by.as_str(), entry.best_pr_auc()), ("w", Some(0.75)));
        assert_eq!(registry.champion().await.unwrap(), None);
    }

    #[test]
    fn what_another_run_did_is_not_done_again_and_what_this_run_began_is_finished() {
        let passed = request(true, None);
        let promoted_by = |run_id: &str| ChampionPointer { run_id: Some(run_id.into()), ..pointer("new") };
        // Who judged last says nothing about who promoted: the pointer does.
        for judged_last in ["this", "another"] {
            let planned = |champion| plan(&passed, Some(&champion), Some(&entry(judged_last, &passed)));
            assert_eq!(planned(promoted_by("another")), Plan::Nothing("champion since run w".into()));
            // The first attempt registered and moved the pointer, and its answer was lost.
            assert_eq!(planned(promoted_by("this")), Plan::Register);
        }

        let failed = request(false, Some("old"));
        let again = plan(&failed, Some(&pointer("old")), Some(&entry("another", &failed)));
        assert_eq!(again, Plan::Nothing("rejected before by run w".into()));
        let other_words = request(false, Some("older"));
        assert_eq!(plan(&failed, Some(&pointer("old")), Some(&entry("another", &other_words))), Plan::Register);
    }

    #[test]
    fn a_champion_that_fails_on_other_data_is_judged_on_record() {
        let passed = entry("another", &request(true, None));
        assert_eq!(plan(&request(false, None), Some(&pointer("new")), Some(&passed)), Plan::Register);
    }

    #[test]
    fn a_version_that_was_taken_back_since_it_was_judged_is_judged_again_and_not_promoted() {
        // The attempt before this one promoted it, and a person has rolled back since.
        let passed = request(true, Some("old"));
        let change = ChangeByHand::new("ana", "offers went wrong", "2024-12-31");
        let withdrawn = entry("this", &passed).withdrawn_by(change);
        assert_eq!(plan(&passed, Some(&pointer("old")), Some(&withdrawn)), Plan::CompareAgain);
    }

    #[tokio::test]
    async fn a_training_for_a_past_date_fails_in_words_and_one_of_the_same_or_a_later_date_does_not() {
        let root = tempfile::tempdir().unwrap();
        let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
        assert_eq!(registry.champion_with_date().await.unwrap(), None);
        let date = |text| SnapshotDate::parse(text).unwrap();
        let champion = ApplyVerdict { as_of: Some(date("2024-12-31")), ..request(true, None) };
        enter_at(&registry, &champion, &Plan::Promote, "2024-12-31T02:00:00Z").await.unwrap();
        let champion = registry.champion_with_date().await.unwrap().unwrap();
        assert_eq!(champion, ("new".into(), date("2024-12-31")));

        let check = older("past", date("2024-12-30"), &champion).unwrap();
        assert!(
            !check.passed && check.note.contains("as of 2024-12-30, and champion new as of 2024-12-31"),
            "{check:?}"
        );
        assert!(check.note.contains("models promote past --override"), "{}", check.note);
        for later in ["2024-12-31", "2025-01-01"] {
            assert_eq!(older("later", date(later), &champion), None);
        }
    }

    #[tokio::test]
    async fn the_date_of_a_champion_from_before_dates_were_noted_is_that_of_the_run_that_judged_it() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let registry = Registry::in_lake(lake.clone());
        enter_at(&registry, &request(true, None), &Plan::Promote, "2024-12-31T02:00:00Z").await.unwrap();
        assert_eq!(registry.champion_with_date().await.unwrap(), None);
        let record = serde_json::json!({
            "run": { "workflow_id": "w", "run_id": "this", "started": "2024-12-31T02:00:00Z" }, "inputs": {},
            "result": { "state": "completed", "as_of": "2024-12-30" }, "code_version": "abc", "settings": {},
        });
        lake.put_json(&keys::run_record("this"), &record).await.unwrap();
        let date = SnapshotDate::parse("2024-12-30").unwrap();
        assert_eq!(registry.champion_with_date().await.unwrap(), Some(("new".into(), date)));
    }

    #[tokio::test]
    async fn what_an_older_program_measured_is_judged_by_what_it_has_and_does_not_pass() {
        let root = tempfile::tempdir().unwrap();
        let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
        let metrics = serde_json::json!({
            "pr_auc": 0.75, "roc_auc": 0.9, "precision": 0.5, "recall": 0.7, "f1": 0.6, "accuracy": 0.9,
            "confusion": { "true_positives": 1, "false_positives": 1, "false_negatives": 1, "true_negatives": 1 },
            "threshold": 0.3, "brier": 0.04, "log_loss": 0.2, "ece": 0.01, "top_decile_lift": 5.0,
        });
        let request: JudgeModel = serde_json::from_value(serde_json::json!({
            "version": "new", "gate": { "pr_auc_floor": 0.7, "max_pr_auc_loss": 0.02, "of_a_newer_program": 1 },
            "summary": {
                "model_version": "new", "holdout_rows": 4000, "holdout_positives": 400, "metrics": metrics,
                "threshold_rule": "min_recall", "pr_auc_interval": null, "roc_auc_interval": null, "champion": null,
            },
        }))
        .unwrap();
        let verdict = judge(&registry, &request).await.unwrap();
        let failed: Vec<_> = verdict.checks.iter().filter(|check| !check.passed).collect();
        let [check] = failed.as_slice() else { panic!("{verdict:?}") };
        assert!(check.name == CheckName::NotWorseThanBest && check.note.starts_with("an older program"), "{check:?}");
        assert_eq!(verdict.limits.map(|limits| limits.pr_auc_floor), Some(0.7));
    }

    #[test]
    fn a_withdrawn_version_fails_in_words() {
        let change = ChangeByHand::new("ana", "offers went wrong", "2024-12-31");
        let check = not_withdrawn("new", Some(&change));
        assert!(!check.passed);
        assert!(check.note.contains("ana withdrew it on 2024-12-31: offers went wrong"), "{}", check.note);
        assert!(not_withdrawn("new", None).passed);
    }
}
