//! The champions before the last one: they set the bar too, so that small losses do not add up.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use churn::SnapshotDate;
use lake::LakeError;
use lake::documents::{ChampionPointer, Registration};
use protocol::ModelVersion;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::registry::Registry;

/// So many are measured again at most: the best one when the last champion was let in, then the best on record. The bar
/// passes from one to the next only where the next was measured to be better, so more of them would not raise it.
const MOST: usize = 5;

/// An earlier champion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::steps) struct Earlier {
    /// Its version.
    pub version: ModelVersion,
    /// Whether it was better than the last champion when that was let in.
    pub held_the_bar: bool,
}

/// Whom a challenger is held against beside the last champion: earlier ones that nobody has withdrawn, and that did not
/// learn labels which are known to be of another date.
pub(in crate::steps) async fn earlier(
    registry: &Registry,
    challenger: &str,
    champion: Option<&str>,
    label_date: Option<SnapshotDate>,
) -> Result<Vec<Earlier>> {
    let Some(champion) = champion else { return Ok(Vec::new()) };
    let best_then = best_when_let_in(registry, champion).await?;
    let mut found = Vec::new();
    for version in champions(registry.moves().await?) {
        if version == challenger || version == champion {
            continue;
        }
        let entry = registry.find(&version).await?;
        let is_withdrawn = entry.as_ref().is_some_and(|entry| entry.withdrawal().is_some());
        let learned = entry.as_ref().and_then(Registration::label_date);
        if is_withdrawn || are_of_other_dates(learned, label_date) {
            continue;
        }
        let was_best = best_then.as_ref().filter(|best| best.version == version);
        found.push(Known {
            is_first: was_best.is_some(),
            pr_auc: entry.and_then(|entry| entry.best_pr_auc()),
            earlier: Earlier { version, held_the_bar: was_best.is_some_and(|best| best.held_the_bar) },
        });
    }
    found.sort_by(Known::order);
    Ok(found.into_iter().take(MOST).map(|known| known.earlier).collect())
}

/// What is known of an earlier champion.
struct Known {
    is_first: bool,
    pr_auc: Option<f64>,
    earlier: Earlier,
}

impl Known {
    /// The best one then before all others, then the highest figure on record.
    fn order(&self, other: &Self) -> Ordering {
        let figure = |known: &Self| known.pr_auc.unwrap_or(f64::NEG_INFINITY);
        let by_first = other.is_first.cmp(&self.is_first);
        let by_figure = figure(other).total_cmp(&figure(self));
        by_first.then(by_figure).then_with(|| self.earlier.version.cmp(&other.earlier.version))
    }
}

/// Every version that is or was champion.
fn champions(moves: Vec<ChampionPointer>) -> BTreeSet<ModelVersion> {
    moves.into_iter().flat_map(|moved| [Some(moved.version), moved.previous]).flatten().collect()
}

/// The best champion that the last one was held against; nothing where its evaluation is lost, or of before that was looked at.
async fn best_when_let_in(registry: &Registry, champion: &str) -> Result<Option<Earlier>> {
    let evaluation = match registry.judged_evaluation(champion).await {
        Ok(evaluation) => evaluation,
        Err(error) if is_lost(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let best = evaluation.summary.gate.and_then(|figures| figures.best.compared);
    Ok(best.map(|best| Earlier { version: best.version.into(), held_the_bar: best.pr_auc_difference < 0.0 }))
}

/// Only where both dates are known: a bar that falls where something was not noted would wear down.
fn are_of_other_dates(learned: Option<SnapshotDate>, now: Option<SnapshotDate>) -> bool {
    learned.zip(now).is_some_and(|(learned, now)| learned != now)
}

/// The files of an earlier champion, or why they cannot be had. What passes, or is refused to this worker, is an error.
pub(in crate::steps) async fn fetch(
    registry: &Registry,
    earlier: &Earlier,
    scratch: &Path,
) -> Result<std::result::Result<PathBuf, String>> {
    match registry.fetch_model(&earlier.version, scratch).await {
        Ok(folder) => Ok(Ok(folder)),
        Err(error) if is_lost(&error) => {
            tracing::warn!(version = %earlier.version, error = %error, "an earlier champion cannot be measured");
            Ok(Err(error.to_string()))
        }
        Err(error) => Err(error),
    }
}

/// Whether something stored is gone, damaged or vouched for by nobody: then no attempt finds it.
fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::UntrustedModel { .. }
            | Error::Lake(LakeError::Missing { .. } | LakeError::Unreadable { .. } | LakeError::TableDamaged { .. })
    )
}

#[cfg(test)]
mod tests {
    use churn::model::{Check, CheckName, Verdict};
    use lake::documents::{ChangeByHand, Judgement};
    use lake::{FolderLake, Lake, keys};
    use protocol::Run;
    use serde_json::{Value, json};

    use super::*;
    use crate::registry::request_for_tests;

    /// A registry in which each version was judged with a figure, and became champion after the one before it.
    struct Nights {
        root: tempfile::TempDir,
        registry: Registry,
    }

    impl Nights {
        async fn of(champions: &[(&str, f64, Option<&str>)]) -> Self {
            let root = tempfile::tempdir().unwrap();
            let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
            for (version, pr_auc, label_date) in champions {
                let check = Check {
                    name: CheckName::PrAucFloor,
                    value: Some(*pr_auc),
                    limit: 0.7,
                    passed: true,
                    note: String::new(),
                };
                let mut request = request_for_tests("run", version, None, true);
                request.verdict = Verdict::of(vec![check]);
                request.label_date = label_date.and_then(|date| SnapshotDate::parse(date).ok());
                registry.judge(version, &Judgement::new(&request, "2024-12-30T02:00:00Z".to_owned())).await.unwrap();
                let run = Run { workflow_id: "w".into(), run_id: (*version).into(), started: String::new() };
                let seen = registry.champion().await.unwrap();
                registry.promote(&run, version, seen, "2024-12-30T02:00:00Z").await.unwrap();
            }
            Self { root, registry }
        }

        async fn earlier(&self, champion: &str, label_date: Option<&str>) -> Vec<(String, bool)> {
            let label_date = label_date.and_then(|date| SnapshotDate::parse(date).ok());
            let found = earlier(&self.registry, "challenger", Some(champion), label_date).await.unwrap();
            found.into_iter().map(|one| (one.version.to_string(), one.held_the_bar)).collect()
        }

        /// The evaluation that the champion was let in by, with the best one then.
        fn let_in_beside(&self, champion: &str, best: Option<(&str, f64)>) {
            let best = best.map_or(Value::Null, |(version, difference)| {
                json!({
                    "version": version, "pr_auc": 0.75, "roc_auc": 0.9, "brier": 0.04, "pr_auc_difference": difference,
                    "pr_auc_difference_low": -0.01, "same_split": true,
                })
            });
            let metrics = json!({
                "pr_auc": 0.7, "roc_auc": 0.9, "precision": 0.5, "recall": 0.7, "f1": 0.6, "accuracy": 0.9,
                "confusion": { "true_positives": 1, "false_positives": 1, "false_negatives": 1, "true_negatives": 1 },
                "threshold": 0.3, "brier": 0.04, "log_loss": 0.2, "ece": 0.01, "top_decile_lift": 5.0,
            });
            let evaluation = json!({
                "model_version": champion, "holdout_rows": 4, "holdout_positives": 2, "metrics": metrics,
                "threshold_rule": "min_recall", "pr_auc_interval": null, "roc_auc_interval": null, "champion": null,
                "gate": {
                    "at_floor_rate": { "base_rate": 0.097, "pr_auc": 0.7 },
                    "best": { "compared": best, "candidates": 1, "left_out": [] },
                    "calibration": { "slope": 1.0, "intercept": 0.0 }, "slices": [],
                    "leakage": { "rows": 4, "support": 30, "features": 1, "suspects": [] },
                },
                "ece_before_calibration": 0.01, "brier_before_calibration": 0.04, "interval_coverage": 0.9,
                "segments": [], "sales_channels": [], "importance": [], "peer_protocol": metrics,
                "unseen_categories": {},
                "curves": { "precision_recall": [], "roc": [], "reliability": [], "reliability_raw": [] },
            });
            // The judgement is made to name this one.
            let entry = self.root.path().join(keys::registration(champion));
            let mut registration: Value = serde_json::from_slice(&std::fs::read(&entry).unwrap()).unwrap();
            let content = evaluation.to_string().into_bytes();
            let digest = protocol::Digest::of(&content);
            registration["judgements"][0]["evaluation"]["digest"] = json!(digest);
            std::fs::write(entry, registration.to_string()).unwrap();
            std::fs::write(self.root.path().join(keys::judged_evaluation(champion)), content).unwrap();
        }
    }

    fn names(found: &[(String, bool)]) -> Vec<&str> {
        found.iter().map(|(version, _)| version.as_str()).collect()
    }

    #[tokio::test]
    async fn all_champions_but_the_last_set_the_bar_the_best_on_record_first() {
        let nights = Nights::of(&[("a", 0.74, None), ("b", 0.76, None), ("c", 0.75, None), ("d", 0.72, None)]).await;
        let found = nights.earlier("d", None).await;
        assert_eq!(names(&found), ["b", "c", "a"]);
        assert!(found.iter().all(|(_, held_the_bar)| !held_the_bar), "nothing is known of d's evaluation: {found:?}");
        // The champion judged again is held against those that it followed, and never against itself.
        let again = earlier(&nights.registry, "d", Some("c"), None).await.unwrap();
        assert_eq!(again.iter().map(|one| one.version.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(earlier(&nights.registry, "challenger", None, None).await.unwrap(), []);
    }

    #[tokio::test]
    async fn the_best_one_when_the_last_was_let_in_stays_among_them_whatever_the_records_say() {
        let versions = ["first", "b", "c", "d", "e", "f", "last"];
        let figure = |(i, name): (u32, &'static str)| (name, 0.7 + f64::from(i) / 100.0, None);
        let figures: Vec<_> = (0..).zip(versions).map(figure).collect();
        let nights = Nights::of(&figures).await;
        assert_eq!(names(&nights.earlier("last", None).await), ["f", "e", "d", "c", "b"], "the five best on record");
        nights.let_in_beside("last", Some(("first", -0.003)));
        let found = nights.earlier("last", None).await;
        assert_eq!(names(&found), ["first", "f", "e", "d", "c"]);
        assert!(found[0].1 && !found[1].1, "it was better than the last one: {found:?}");
        nights.let_in_beside("last", Some(("first", 0.001)));
        assert_eq!(nights.earlier("last", None).await[0], ("first".to_owned(), false));
        nights.let_in_beside("last", None);
        assert_eq!(names(&nights.earlier("last", None).await)[0], "f");
    }

    #[tokio::test]
    async fn a_withdrawn_champion_sets_no_bar_until_it_is_reinstated() {
        let nights = Nights::of(&[("a", 0.80, None), ("b", 0.75, None), ("c", 0.75, None)]).await;
        let change = ChangeByHand::new("ana", "it knew the future", "2024-12-31T08:00:00Z");
        nights.registry.withdraw("a", &change).await.unwrap();
        assert_eq!(names(&nights.earlier("c", None).await), ["b"]);
        nights.registry.reinstate("a", &change).await.unwrap();
        assert_eq!(names(&nights.earlier("c", None).await), ["a", "b"]);
    }

    #[tokio::test]
    async fn a_champion_of_labels_of_another_date_sets_no_bar_and_one_of_unknown_labels_does() {
        let (then, now) = (Some("2024-06-30"), Some("2024-12-31"));
        let nights = Nights::of(&[("a", 0.80, then), ("b", 0.75, None), ("c", 0.70, now), ("d", 0.70, now)]).await;
        assert_eq!(names(&nights.earlier("d", now).await), ["b", "c"]);
        assert_eq!(names(&nights.earlier("d", None).await), ["a", "b", "c"]);
    }
}
