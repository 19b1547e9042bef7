use churn::model::{Check, CheckName, Verdict};
use lake::FolderLake;
use lake::documents::{MoveCause, VersionStatus, champion_at};
use protocol::Run;
use protocol::steps::ApplyVerdict;

use super::*;

/// What a run asks for after its challenger was judged.
pub fn request(run: &str, version: &str, champion: Option<&str>, passed: bool) -> ApplyVerdict {
    let check = Check { name: CheckName::PrAucFloor, value: None, limit: 0.7, passed, note: "a note".into() };
    ApplyVerdict {
        run: Run { workflow_id: "w".into(), run_id: run.into(), started: "2024-12-31T02:00:00Z".into() },
        version: version.into(),
        champion: champion.map(Into::into),
        evaluation: TableRef { key: "evaluated/v/evaluation.json".into(), digest: Digest::of(b""), rows: 0 },
        verdict: Verdict::of(vec![check]),
        as_of: None,
        label_date: None,
    }
}

fn change(by: &str) -> ChangeByHand {
    ChangeByHand::new(by, "offers went wrong", "2024-12-31T08:00:00Z")
}

fn run(id: &str) -> Run {
    Run { workflow_id: id.into(), run_id: format!("{id}-1").into(), started: "2024-12-31T02:00:00Z".to_owned() }
}

/// A registry in which each version was judged once.
async fn registry_with(versions: &[(&str, bool)]) -> (tempfile::TempDir, Registry) {
    let root = tempfile::tempdir().unwrap();
    let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
    for (version, passed) in versions {
        let judgement = Judgement::new(&request("judge", version, None, *passed), "2024-12-30T02:00:00Z".to_owned());
        registry.judge(version, &judgement).await.unwrap();
    }
    (root, registry)
}

async fn promote(registry: &Registry, by: &str, version: &str, at: &str) {
    let seen = registry.champion().await.unwrap();
    registry.promote(&run(by), version, seen, at).await.unwrap();
}

#[tokio::test]
async fn a_rollback_withdraws_the_version_it_leaves_and_is_one_record_of_history() {
    let (root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    promote(&registry, "first", "old", "2024-12-29T02:00:00Z").await;
    promote(&registry, "second", "new", "2024-12-30T02:00:00Z").await;

    registry.roll_back("old", None, &change("ana")).await.unwrap();
    let (pointer, _) = registry.champion().await.unwrap().unwrap();
    assert_eq!((pointer.version.as_str(), pointer.previous.as_deref()), ("old", Some("new")));
    assert_eq!((&pointer.by_hand, pointer.cause), (&Some(change("ana")), MoveCause::Rollback));
    let left = registry.find("new").await.unwrap().unwrap();
    assert_eq!((left.status, left.withdrawal()), (VersionStatus::Withdrawn, Some(&change("ana"))));

    let moves = registry.moves().await.unwrap();
    let told: Vec<_> = moves.iter().map(|moved| (moved.number, moved.version.as_str())).collect();
    assert_eq!(told, [(1, "old"), (2, "new"), (3, "old")]);
    assert!(root.path().join(keys::champion_move(3)).is_file());
    for (time, version) in
        [("2024-12-29", Some("old")), ("2024-12-30T12:00:00Z", Some("new")), ("2024-12-31", Some("old"))]
    {
        assert_eq!(champion_at(&moves, time).map(|moved| moved.version.as_str()), version, "{time}");
    }
    assert_eq!(champion_at(&moves, "2024-12-28"), None);
}

#[tokio::test]
async fn a_promotion_tells_whom_it_follows() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    promote(&registry, "first", "old", "2024-12-29T02:00:00Z").await;
    promote(&registry, "second", "new", "2024-12-30T02:00:00Z").await;
    let moves = registry.moves().await.unwrap();
    let told: Vec<_> = moves.iter().map(|moved| (moved.previous.as_deref(), moved.promoted_by.as_str())).collect();
    assert_eq!(told, [(None, "first"), (Some("old"), "second")]);
    assert!(moves.iter().all(|moved| moved.cause == MoveCause::Promotion && moved.by_hand.is_none()));
}

#[tokio::test]
async fn only_a_version_that_may_score_can_be_rolled_back_to() {
    let (_root, registry) = registry_with(&[("good", true), ("bad", false), ("better", true)]).await;
    promote(&registry, "first", "good", "2024-12-29T02:00:00Z").await;
    for (version, reason) in [("bad", "rejected"), ("good", "already"), ("unknown", "not registered")] {
        let refused = registry.roll_back(version, None, &change("ana")).await.unwrap_err().to_string();
        assert!(refused.contains(version) && refused.contains(reason), "{refused}");
    }
    assert_eq!(registry.champion().await.unwrap().unwrap().0.version, "good");

    promote(&registry, "second", "better", "2024-12-30T02:00:00Z").await;
    registry.roll_back("good", None, &change("ana")).await.unwrap();
    let refused = registry.roll_back("better", None, &change("luis")).await.unwrap_err().to_string();
    assert!(refused.contains("ana withdrew it") && refused.contains("reinstate"), "{refused}");
    registry.reinstate("better", &change("luis")).await.unwrap();
    registry.roll_back("better", None, &change("luis")).await.unwrap();
}

#[tokio::test]
async fn a_former_champion_that_failed_on_other_data_can_still_be_gone_back_to() {
    let (_root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    promote(&registry, "first", "old", "2024-12-29T02:00:00Z").await;
    promote(&registry, "second", "new", "2024-12-30T02:00:00Z").await;
    let judgement = Judgement::new(&request("later", "old", Some("new"), false), "2024-12-31T02:00:00Z".into());
    let entry = registry.judge("old", &judgement).await.unwrap();
    assert_eq!((entry.status, entry.judgements.len()), (VersionStatus::Approved, 2));
    registry.roll_back("old", None, &change("ana")).await.unwrap();
}

#[tokio::test]
async fn a_move_that_died_before_its_record_is_recorded_by_the_next() {
    let (root, registry) = registry_with(&[("old", true), ("new", true)]).await;
    promote(&registry, "first", "old", "2024-12-29T02:00:00Z").await;
    std::fs::remove_file(root.path().join(keys::champion_move(1))).unwrap();
    let versions = async || registry.moves().await.unwrap().into_iter().map(|moved| moved.version).collect::<Vec<_>>();
    assert_eq!(versions().await, ["old"], "the pointer itself tells it");
    promote(&registry, "second", "new", "2024-12-30T02:00:00Z").await;
    assert_eq!(versions().await, ["old", "new"]);
}

#[tokio::test]
async fn only_what_is_withdrawn_can_be_reinstated() {
    let (_root, registry) = registry_with(&[("good", true)]).await;
    let refused = registry.reinstate("good", &change("ana")).await.unwrap_err().to_string();
    assert!(refused.contains("nobody has withdrawn it"), "{refused}");
}
