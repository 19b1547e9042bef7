//! What today's customers are held against besides the training: the last published run, the same month of an earlier
//! year, and earlier scores whose labels may have come.
//!
//! It is a part of the description of the stage, since it decides what comes out. So the same run finds the same again:
//! what a publication of these very customers was held against is read from the description of its own stage, and of
//! other months only earlier ones count, which change no more.

use chrono::Datelike;
use churn::SnapshotDate;
use churn::drift::is_same_month;
use lake::documents::{Publication, published_months};
use lake::{Lake, LakeError, StageManifest, keys};
use protocol::{ModelVersion, TableRef};
use serde::{Deserialize, Serialize};

use super::publish;
use crate::error::Result;
use crate::registry::Registry;

/// The name of the stage and of its report.
pub(in crate::steps) const DRIFT: &str = "drift";
/// Labels of so many earlier months may still come.
const MONTHS_BACK: usize = 12;

/// What a run is held against.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::steps) struct Held {
    /// The date that the model was trained for, as far as its judgements know.
    pub trained_as_of: Option<SnapshotDate>,
    /// The date that the run's labels look from, as far as it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_date: Option<SnapshotDate>,
    /// The last published run before this one.
    pub last: Option<PastCustomers>,
    /// The last published run of the same calendar month of an earlier year.
    pub same_month: Option<PastCustomers>,
    /// What was published last for each of the earlier months, the earliest first.
    #[serde(default)]
    pub earlier: Vec<EarlierScores>,
}

/// The customers of an earlier run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::steps) struct PastCustomers {
    /// The date they were looked at from.
    pub as_of: SnapshotDate,
    /// Their gold table.
    pub features: TableRef,
}

/// The scores of an earlier month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::steps) struct EarlierScores {
    /// The date they are for.
    pub as_of: SnapshotDate,
    /// The model that scored.
    pub model_version: ModelVersion,
    /// The table.
    pub scores: TableRef,
}

/// The run that is held against something.
#[derive(Debug, Clone, Copy)]
pub(in crate::steps) struct Asked<'a> {
    /// The model that scores.
    pub version: &'a ModelVersion,
    /// The date of the run.
    pub as_of: SnapshotDate,
    /// Its gold table.
    pub gold: &'a TableRef,
    /// The date that its labels look from, where somebody noted it.
    pub label_date: Option<SnapshotDate>,
}

impl Held {
    /// Looks for it in the lake.
    pub async fn of(lake: &Lake, registry: &Registry, asked: &Asked<'_>) -> Result<Self> {
        let registration = registry.find(asked.version).await?;
        let trained_as_of = registration.and_then(|entry| entry.as_of());
        let months = published_months(lake).await?;
        let published = publish::current(lake).await?;
        Ok(Self {
            last: last(lake, published, asked).await?,
            same_month: same_month(&months, trained_as_of, asked.as_of),
            earlier: earlier(&months, asked.as_of),
            trained_as_of,
            label_date: asked.label_date,
        })
    }
}

/// The last published run before this one.
async fn last(lake: &Lake, published: Option<Publication>, asked: &Asked<'_>) -> Result<Option<PastCustomers>> {
    let Some(published) = published else { return Ok(None) };
    match customers_of(&published) {
        Some(last) if is_of_these(&last, asked) => held_before(lake, &published).await,
        Some(last) if last.as_of <= asked.as_of => Ok(Some(last)),
        // A backfill is not held against what came after it.
        _ => Ok(None),
    }
}

fn is_of_these(published: &PastCustomers, asked: &Asked<'_>) -> bool {
    published.features.digest == asked.gold.digest && published.as_of == asked.as_of
}

/// What the published results of these very customers were held against.
async fn held_before(lake: &Lake, published: &Publication) -> Result<Option<PastCustomers>> {
    let Some(drift) = published.outputs.get(DRIFT) else { return Ok(None) };
    let manifest = match lake.get(&keys::manifest_beside(&drift.key)).await {
        Ok(manifest) => manifest,
        // Who makes the stage again tells of the damage.
        Err(LakeError::Unreadable { .. } | LakeError::Damaged { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let manifest = manifest.and_then(|(bytes, _)| StageManifest::open(&bytes).ok());
    let held = manifest.and_then(|manifest| manifest.spec.settings.get(SETTING).cloned());
    // A stage of before names nothing, or in other words.
    Ok(held.and_then(|held| serde_json::from_value::<Held>(held).ok()).and_then(|held| held.last))
}

/// The key of it in the description of the stage.
pub(in crate::steps) const SETTING: &str = "held_against";

fn customers_of(published: &Publication) -> Option<PastCustomers> {
    Some(PastCustomers { as_of: published.as_of, features: published.features.clone()? })
}

/// Only where the training itself is not of that month.
fn same_month(
    months: &[Publication],
    trained_as_of: Option<SnapshotDate>,
    as_of: SnapshotDate,
) -> Option<PastCustomers> {
    if trained_as_of.is_some_and(|trained| is_same_month(trained, as_of)) {
        return None;
    }
    let is_like = |month: &&Publication| year_of(month.as_of) < year_of(as_of) && is_same_month(month.as_of, as_of);
    months.iter().rev().filter(is_like).find_map(customers_of)
}

fn year_of(date: SnapshotDate) -> i32 {
    date.date().year()
}

fn earlier(months: &[Publication], as_of: SnapshotDate) -> Vec<EarlierScores> {
    let month = |date: SnapshotDate| (date.date().year(), date.date().month());
    let before = months.iter().filter(|published| month(published.as_of) < month(as_of));
    let mut earlier: Vec<EarlierScores> = before
        .filter_map(|published| {
            let scores = published.outputs.get("scores")?.clone();
            Some(EarlierScores { as_of: published.as_of, model_version: published.model_version.clone(), scores })
        })
        .collect();
    earlier.drain(..earlier.len().saturating_sub(MONTHS_BACK));
    earlier
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lake::keys::TopFolder;
    use lake::{FolderLake, Made, StageSpec};
    use protocol::{Digest, Run};
    use serde_json::json;

    use super::*;

    fn date(text: &str) -> SnapshotDate {
        SnapshotDate::parse(text).unwrap()
    }

    fn table(content: &str) -> TableRef {
        TableRef { key: format!("gold/{content}"), digest: Digest::of(content.as_bytes()), rows: 1 }
    }

    fn published(as_of: &str, content: &str) -> Publication {
        Publication {
            run_id: content.into(),
            workflow_id: "nightly".into(),
            started: "2025-01-01T02:00:00Z".to_owned(),
            as_of: date(as_of),
            model_version: "v".into(),
            published_at: String::new(),
            outputs: BTreeMap::from([("scores".to_owned(), table(content))]),
            features: Some(table(content)),
            found_newer: None,
        }
    }

    async fn lake(root: &std::path::Path, published: &[Publication]) -> Lake {
        let lake = Lake::Folder(FolderLake::open(root).unwrap());
        for publication in published {
            lake.put_json(keys::PUBLISHED, publication).await.unwrap();
            lake.put_json(&keys::published_month(&publication.month()), publication).await.unwrap();
        }
        lake
    }

    async fn held(lake: &Lake, as_of: &str, content: &str) -> Held {
        let (version, gold) = ("v".into(), table(content));
        let asked = Asked { version: &version, as_of: date(as_of), gold: &gold, label_date: None };
        Held::of(lake, &Registry::in_lake(lake.clone()), &asked).await.unwrap()
    }

    #[tokio::test]
    async fn a_run_is_held_against_the_published_one_before_it_and_a_backfill_against_none() {
        let root = tempfile::tempdir().unwrap();
        let lake = lake(root.path(), &[published("2025-01-30", "yesterday")]).await;
        let last = held(&lake, "2025-01-31", "today").await.last.unwrap();
        assert_eq!((last.as_of, last.features), (date("2025-01-30"), table("yesterday")));
        assert_eq!(held(&lake, "2025-01-29", "older").await.last, None);
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(held(&self::lake(empty.path(), &[]).await, "2025-01-31", "today").await, Held::default());
    }

    #[tokio::test]
    async fn the_same_run_again_is_held_against_the_same() {
        let root = tempfile::tempdir().unwrap();
        let lake = lake(root.path(), &[published("2025-01-30", "yesterday")]).await;
        let first = held(&lake, "2025-01-31", "today").await;
        // It makes its drift, and is published.
        let path = root.path().join("drift.json");
        std::fs::write(&path, "{}").unwrap();
        let settings = json!({ SETTING: first });
        let (layer, stage) = (TopFolder::Monitoring, DRIFT.to_owned());
        let spec = StageSpec { layer, stage, code_version: 1, inputs: BTreeMap::new(), settings };
        let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: String::new() };
        let made = vec![Made::file(DRIFT, "drift.json".to_owned(), path, 0).unwrap()];
        let outputs = spec.publish(&lake, &run, made).await.unwrap().outputs;
        let mut today = published("2025-01-31", "today");
        today.outputs.extend(outputs.clone());
        lake.put_json(keys::PUBLISHED, &today).await.unwrap();
        lake.put_json(&keys::published_month("2025-01"), &today).await.unwrap();
        assert_eq!(held(&lake, "2025-01-31", "today").await, first);
        // Other customers of the same date are held against these.
        let corrected = held(&lake, "2025-01-31", "corrected").await;
        assert_eq!(corrected.last.unwrap().features, table("today"));
        // A description that cannot be read tells nothing, and stops nobody.
        lake.put(&keys::manifest_beside(&outputs[DRIFT].key), b"half".to_vec()).await.unwrap();
        assert_eq!(held(&lake, "2025-01-31", "today").await.last, None);
    }

    #[tokio::test]
    async fn like_months_are_of_earlier_years_and_earlier_scores_of_earlier_months() {
        let root = tempfile::tempdir().unwrap();
        let months = [
            published("2023-10-31", "long ago"),
            published("2024-10-31", "october"),
            published("2024-12-31", "december"),
            published("2025-10-30", "yesterday"),
        ];
        let lake = lake(root.path(), &months).await;
        let held = held(&lake, "2025-10-31", "today").await;
        assert_eq!(held.same_month.unwrap().features, table("october"));
        let earlier: Vec<_> = held.earlier.iter().map(|scores| scores.as_of.to_string()).collect();
        assert_eq!(earlier, ["2023-10-31", "2024-10-31", "2024-12-31"], "this month's may still change");
        assert_eq!(same_month(&months, Some(date("2024-10-31")), date("2025-10-31")), None, "the training is of it");
    }
}
