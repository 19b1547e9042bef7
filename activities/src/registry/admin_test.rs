//! Changes by people: each action with its refusals, compare-and-swap, and one change per run.

use std::fs;

use lake::documents::VersionStatus;
use lake::{FolderLake, Made, list_model_files};
use protocol::model_admin::{Administered, ModelAction, ModelAdminInput, NO_CHAMPION};
use protocol::{ModelVersion, Run};

use super::*;
use crate::signing::KeyFile;
use crate::signing::sample::private;

/// A registry in which each version was judged once and has its files.
async fn registry_with(versions: &[(&str, bool)]) -> (tempfile::TempDir, Registry) {
    let root = tempfile::tempdir().unwrap();
    let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
    let registry = Registry::in_lake(lake.clone());
    for (version, passed) in versions {
        let request = request_for_tests("judge", version, None, *passed);
        let judgement = Judgement::new(&request, "2024-12-30T02:00:00Z".to_owned());
        registry.judge(version, &judgement).await.unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("model.ubj");
        fs::write(&path, version).unwrap();
        let made = vec![Made::file("model.ubj", "model.ubj".to_owned(), path, 0).unwrap()];
        list_model_files(&made, scratch.path()).unwrap();
        for file in ["model.ubj", "files.json"] {
            lake.put_file(&keys::model_file(version, file), &scratch.path().join(file)).await.unwrap();
        }
    }
    (root, registry)
}

fn wish(action: ModelAction, version: &str) -> ModelAdminInput {
    ModelAdminInput {
        action,
        version: version.into(),
        by: "ana".to_owned(),
        reason: "offers went wrong".to_owned(),
        expected_champion: None,
        overrides_verdict: false,
        lake: None,
    }
}

/// Each by a run of its own.
fn change(run: &str) -> ChangeByHand {
    ChangeByHand {
        workflow_id: Some(format!("w-{run}").into()),
        run_id: Some(run.into()),
        ..ChangeByHand::new("ana", "offers went wrong", format!("2024-12-31T08:00:00.{run:0>3}Z"))
    }
}

async fn done(registry: &Registry, action: ModelAction, version: &str, run: &str) -> Administered {
    registry.administer(&wish(action, version), &change(run)).await.unwrap()
}

async fn refused(registry: &Registry, wish: &ModelAdminInput) -> String {
    let champion = registry.champion().await.unwrap();
    let error = registry.administer(wish, &change("refused")).await.unwrap_err();
    assert_eq!(registry.champion().await.unwrap(), champion, "a refusal moves nothing");
    format!("{}: {error}", error.type_name())
}

#[tokio::test]
async fn every_change_is_on_record_with_who_why_when_and_which_run() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    done(&registry, ModelAction::Promote, "old", "1").await;
    done(&registry, ModelAction::Promote, "new", "2").await;
    let back = done(&registry, ModelAction::Rollback, "old", "3").await;
    assert_eq!((back.champion_before.as_deref(), back.number), (Some("new"), Some(3)));
    assert_eq!((back.champion.as_deref(), back.status.as_str()), (Some("old"), "Approved"));

    let moves = registry.moves().await.unwrap();
    let told: Vec<_> = moves.iter().map(|moved| (moved.version.as_str(), moved.by_hand.clone().unwrap())).collect();
    assert_eq!(told, [("old", change("1")), ("new", change("2")), ("old", change("3"))]);
    let left = registry.find("new").await.unwrap().unwrap();
    assert_eq!(left.withdrawal(), Some(&change("3")), "a rollback withdraws the version that it leaves");

    let free = done(&registry, ModelAction::Reinstate, "new", "4").await;
    assert_eq!((free.status.as_str(), free.champion.as_deref(), free.number), ("Approved", Some("old"), None));
    let taken = done(&registry, ModelAction::Withdraw, "new", "5").await;
    assert_eq!(taken.status, "Withdrawn");
    let entry = registry.find("new").await.unwrap().unwrap();
    assert_eq!((entry.withdrawals.len(), entry.withdrawal()), (2, Some(&change("5"))));
    assert_eq!(entry.withdrawals[0].lifted, Some(change("4")));
    assert_eq!(registry.changes_of("new").await.unwrap(), 3);
}

#[tokio::test]
async fn the_second_attempt_of_a_run_answers_as_the_first_and_changes_nothing() {
    let (root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    for (action, version, run) in [
        (ModelAction::Promote, "old", "1"),
        (ModelAction::Promote, "new", "2"),
        (ModelAction::Rollback, "old", "3"),
        (ModelAction::Reinstate, "new", "4"),
        (ModelAction::Withdraw, "new", "5"),
    ] {
        let first = done(&registry, action, version, run).await;
        let before = registry.find(version).await.unwrap();
        let later = ChangeByHand { at: "2025-01-01T00:00:00.000Z".to_owned(), ..change(run) };
        let second = registry.administer(&wish(action, version), &later).await.unwrap();
        assert_eq!(second, first, "{action:?}");
        assert_eq!(registry.find(version).await.unwrap(), before, "{action:?}");
    }
    assert_eq!(registry.moves().await.unwrap().len(), 3);

    // Another one moved the champion since: still the answer of the first attempt.
    done(&registry, ModelAction::Reinstate, "new", "6").await;
    done(&registry, ModelAction::Promote, "new", "7").await;
    assert_eq!(done(&registry, ModelAction::Rollback, "old", "3").await.number, Some(3));
    assert_eq!(registry.champion().await.unwrap().unwrap().0.version, "new");

    // The attempt before died between pointer and record.
    fs::remove_file(root.path().join(keys::champion_move(4))).unwrap();
    done(&registry, ModelAction::Promote, "new", "7").await;
    assert!(root.path().join(keys::champion_move(4)).is_file());
}

#[tokio::test]
async fn nothing_is_changed_where_another_version_is_champion_than_expected() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true), ("newest", true)]).await;
    let none = expecting(ModelAction::Promote, "old", NO_CHAMPION);
    registry.administer(&none, &change("1")).await.unwrap();
    let told = refused(&registry, &expecting(ModelAction::Promote, "new", NO_CHAMPION)).await;
    assert!(told.starts_with("SG0043 OtherChampion: the champion is old"), "{told}");
    registry.administer(&expecting(ModelAction::Promote, "new", "old"), &change("2")).await.unwrap();
    for action in [ModelAction::Promote, ModelAction::Rollback, ModelAction::Withdraw, ModelAction::Reinstate] {
        let told = refused(&registry, &expecting(action, "newest", "old")).await;
        assert!(told.starts_with("SG0043"), "{told}");
    }
    assert_eq!(registry.find("new").await.unwrap().unwrap().withdrawal(), None, "a refused rollback withdraws nothing");
}

fn expecting(action: ModelAction, version: &str, champion: &str) -> ModelAdminInput {
    ModelAdminInput { expected_champion: Some(ModelVersion::from(champion)), ..wish(action, version) }
}

fn conflict() -> Error {
    LakeError::Conflict { key: keys::CHAMPION.to_owned() }.into()
}

#[tokio::test]
async fn a_rollback_that_does_not_move_the_champion_leaves_nothing_withdrawn() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true), ("newest", true)]).await;
    done(&registry, ModelAction::Promote, "old", "1").await;
    done(&registry, ModelAction::Promote, "new", "2").await;
    let back = expecting(ModelAction::Rollback, "old", "new");
    let withdrawal = async || registry.find("new").await.unwrap().unwrap().withdrawal().cloned();

    // Between the withdrawal and the move somebody else moved the champion: by this attempt, or by one that died there.
    registry.withdraw("new", &change("3")).await.unwrap();
    let lost = registry.after_no_move(&back, &change("3"), conflict()).await.unwrap_err();
    assert_eq!((lost.type_name(), withdrawal().await), ("SG0009 PointerMoved", None));
    registry.withdraw("new", &change("4")).await.unwrap();
    done(&registry, ModelAction::Promote, "newest", "5").await;
    let refused = registry.administer(&back, &change("4")).await.unwrap_err();
    assert_eq!((refused.type_name(), withdrawal().await), ("SG0043 OtherChampion", None));
    let entry = registry.find("new").await.unwrap().unwrap();
    assert_eq!((entry.status, entry.withdrawals.len()), (VersionStatus::Approved, 2));
    let lifted = entry.withdrawals[1].lifted.as_ref().unwrap();
    assert!(lifted.is_of(&"4".into()) && lifted.reason.contains("did not move the champion"), "{lifted:?}");

    // What another person withdrew stays so, whatever becomes of a rollback.
    done(&registry, ModelAction::Withdraw, "new", "6").await;
    registry.administer(&back, &change("7")).await.unwrap_err();
    assert_eq!(withdrawal().await, Some(change("6")));
}

#[tokio::test]
async fn a_move_whose_answer_was_lost_is_no_lost_move() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    done(&registry, ModelAction::Promote, "old", "1").await;
    done(&registry, ModelAction::Promote, "new", "2").await;
    let first = done(&registry, ModelAction::Rollback, "old", "3").await;
    let back = expecting(ModelAction::Rollback, "old", "new");
    assert_eq!(registry.after_no_move(&back, &change("3"), conflict()).await.unwrap(), first);
    assert_eq!(registry.find("new").await.unwrap().unwrap().withdrawal(), Some(&change("3")));
}

#[tokio::test]
async fn of_a_promotion_and_a_rollback_in_one_moment_one_comes_about_and_the_other_leaves_nothing() {
    for _ in 0..20 {
        let (_root, registry) = registry_with(&[("old", true), ("new", true), ("newest", true)]).await;
        done(&registry, ModelAction::Promote, "old", "1").await;
        done(&registry, ModelAction::Promote, "new", "2").await;
        let seen = registry.champion().await.unwrap();
        let run = Run { workflow_id: "w".into(), run_id: "nightly".into(), started: "2024-12-31T02:00:00Z".into() };
        let (back, by_hand) = (expecting(ModelAction::Rollback, "old", "new"), change("3"));
        let (promoted, rolled_back) = tokio::join!(
            registry.promote(&run, "newest", seen, "2024-12-31T08:00:00Z"),
            registry.administer(&back, &by_hand)
        );
        assert_ne!(promoted.is_ok(), rolled_back.is_ok(), "{promoted:?} {rolled_back:?}");
        let withdrawn = registry.find("new").await.unwrap().unwrap().withdrawal().is_some();
        assert_eq!(withdrawn, rolled_back.is_ok(), "{rolled_back:?}");
        let champion = registry.champion().await.unwrap().unwrap().0.version;
        assert_eq!(champion, if withdrawn { "old" } else { "newest" });
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_words() {
    let (root, registry) = registry_with(&[("good", true), ("bad", false), ("taken", true), ("broken", true)]).await;
    done(&registry, ModelAction::Promote, "good", "1").await;
    done(&registry, ModelAction::Withdraw, "taken", "2").await;
    registry.withdraw("unjudged", &change("3")).await.unwrap();
    registry.reinstate("unjudged", &change("4")).await.unwrap();
    fs::write(root.path().join("models/broken/model.ubj"), "changed").unwrap();
    for (action, version, words) in [
        (ModelAction::Promote, "good", "champion already"),
        (ModelAction::Promote, "taken", "ana withdrew it"),
        (ModelAction::Promote, "bad", "--override"),
        (ModelAction::Promote, "unknown", "not registered"),
        (ModelAction::Promote, "unjudged", "no run has ever judged it"),
        (ModelAction::Promote, "broken", "SG0029"),
        (ModelAction::Rollback, "taken", "reinstate"),
        (ModelAction::Rollback, "broken", "SG0029"),
        (ModelAction::Withdraw, "good", "it is champion"),
        (ModelAction::Withdraw, "taken", "withdrew it already"),
        (ModelAction::Withdraw, "unknown", "could not withdraw model unknown: it is not registered"),
        (ModelAction::Reinstate, "good", "nobody has withdrawn it"),
    ] {
        let told = refused(&registry, &wish(action, version)).await;
        assert!(told.contains(words), "{action:?} {version}: {told}");
    }
}

#[tokio::test]
async fn a_rejected_version_is_promoted_only_against_its_verdict_and_on_record() {
    let (_root, registry) = registry_with(&[("old", true), ("bad", false)]).await;
    done(&registry, ModelAction::Promote, "old", "1").await;
    let against = ModelAdminInput { overrides_verdict: true, ..wish(ModelAction::Promote, "bad") };
    // An attempt that died between the entry and the pointer.
    registry.override_verdict("bad", &change("2")).await.unwrap();
    let promoted = registry.administer(&against, &change("2")).await.unwrap();
    assert_eq!(promoted.overrode.as_deref(), Some("pr_auc_floor: a note"));
    assert_eq!(registry.champion().await.unwrap().unwrap().0.overrode, promoted.overrode);
    let entry = registry.find("bad").await.unwrap().unwrap();
    assert_eq!((entry.status, entry.verdict.passed), (VersionStatus::Approved, false));
    assert_eq!(entry.overrides, [change("2")]);
    assert_eq!(registry.administer(&against, &change("2")).await.unwrap(), promoted);
}

#[tokio::test]
async fn a_promotion_against_the_verdict_that_does_not_come_about_counts_for_nothing() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true), ("bad", false)]).await;
    done(&registry, ModelAction::Promote, "old", "1").await;
    let before = registry.find("bad").await.unwrap();
    let against = ModelAdminInput { overrides_verdict: true, ..expecting(ModelAction::Promote, "bad", "old") };
    registry.override_verdict("bad", &change("2")).await.unwrap();
    let lost = registry.after_no_move(&against, &change("2"), conflict()).await.unwrap_err();
    assert_eq!((lost.type_name(), registry.find("bad").await.unwrap()), ("SG0009 PointerMoved", before.clone()));

    // The attempt before this one noted it and died, and another version became champion.
    registry.override_verdict("bad", &change("2")).await.unwrap();
    done(&registry, ModelAction::Promote, "new", "3").await;
    let told = refused(&registry, &against).await;
    assert!(told.starts_with("SG0043") && registry.find("bad").await.unwrap() != before, "of another run: {told}");
    let lost = registry.administer(&against, &change("2")).await.unwrap_err();
    assert_eq!((lost.type_name(), registry.find("bad").await.unwrap()), ("SG0043 OtherChampion", before));
    let back = registry.administer(&wish(ModelAction::Rollback, "bad"), &change("4")).await.unwrap_err().to_string();
    assert!(back.contains("rejected"), "a rollback does not take it for approved: {back}");
}

#[tokio::test]
async fn where_models_are_signed_no_unsigned_one_becomes_champion() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    done(&registry, ModelAction::Promote, "old", "1").await;
    let signed = registry.with_signing(KeyFile::parse(&private(1)).unwrap().into());
    assert!(refused(&signed, &wish(ModelAction::Promote, "new")).await.starts_with("SG0042"));
    signed.sign("new").await.unwrap();
    done(&signed, ModelAction::Promote, "new", "2").await;
    assert!(refused(&signed, &wish(ModelAction::Rollback, "old")).await.starts_with("SG0042"));
    assert_eq!(signed.find("new").await.unwrap().unwrap().withdrawal(), None, "a refused rollback withdraws nothing");
}
