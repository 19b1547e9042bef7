//! What is remembered of labels: with which readings they came first, and their date in a run that worked with them.

use churn::SnapshotDate;
use churn::label::LabelDates;
use protocol::steps::LabelUse;
use protocol::{Digest, Run, RunId};
use serde::{Deserialize, Serialize};

use super::sealed;
use crate::{Lake, LakeError, keys, to_json};

/// The first delivery of some labels, `monitoring/labels/<content>.json`: it never changes, so that labels which come again
/// with later readings do not grow younger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelOrigin {
    /// The last day of the readings beside them.
    pub delivered_to: SnapshotDate,
    /// The run that saw them first.
    pub run_id: RunId,
}

impl LabelOrigin {
    /// The first delivery of these labels: that which is remembered, or this one, which is remembered from now on.
    pub async fn find_or_note(
        lake: &Lake,
        labels: &Digest,
        delivered_to: SnapshotDate,
        run: &Run,
    ) -> Result<Self, LakeError> {
        let key = keys::label_origin(labels);
        let seen_now = Self { delivered_to, run_id: run.run_id.clone() };
        // Sealed: a bit that flips in the date would let a training pass, or stop one, without a word.
        if lake.put_if_absent(&key, sealed::seal(&seen_now)).await? {
            return Ok(seen_now);
        }
        let remembered = Self::find(lake, labels).await?;
        remembered.ok_or_else(|| LakeError::Missing { key, lake: lake.to_string() })
    }

    /// The first delivery of these labels; nothing of labels that no run has seen.
    pub async fn find(lake: &Lake, labels: &Digest) -> Result<Option<Self>, LakeError> {
        let key = keys::label_origin(labels);
        let Some((bytes, _)) = lake.get(&key).await? else { return Ok(None) };
        let opened = sealed::open(&bytes).map(Some);
        opened.map_err(|problem| LakeError::Unreadable { key, expected: "the first delivery of labels", problem })
    }
}

/// The labels of a run, `monitoring/<run>/labels.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelsOfRun {
    /// Their date and horizon.
    #[serde(flatten)]
    pub dates: LabelDates,
    /// The date that the run looked from, if it looked from one.
    pub as_of: Option<SnapshotDate>,
    /// What it did with them.
    #[serde(rename = "use")]
    pub purpose: LabelUse,
}

impl LabelsOfRun {
    /// What is remembered of a run's labels; nothing of a run from before that was noted.
    pub async fn find(lake: &Lake, run_id: &str) -> Result<Option<Self>, LakeError> {
        Ok(lake.get_json::<Self>(&keys::labels_of_run(run_id)).await?.map(|(labels, _)| labels))
    }

    /// Remembers them.
    pub async fn store(&self, lake: &Lake, run_id: &str) -> Result<(), LakeError> {
        lake.put(&keys::labels_of_run(run_id), to_json(self)).await
    }
}

#[cfg(test)]
mod tests {
    use churn::label::LabelSettings;

    use super::*;
    use crate::FolderLake;

    fn day(text: &str) -> SnapshotDate {
        SnapshotDate::parse(text).unwrap()
    }

    fn run(id: &str) -> Run {
        Run { workflow_id: "w".into(), run_id: id.into(), started: "2025-01-01T02:00:00.000Z".to_owned() }
    }

    #[tokio::test]
    async fn labels_that_come_again_do_not_grow_younger() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let labels = Digest::of(b"customer_id,churn");
        let first = LabelOrigin::find_or_note(&lake, &labels, day("2024-12-31"), &run("one")).await.unwrap();
        let again = LabelOrigin::find_or_note(&lake, &labels, day("2025-03-31"), &run("two")).await.unwrap();
        assert_eq!((&again, again.delivered_to), (&first, day("2024-12-31")));
        assert_eq!(LabelOrigin::find(&lake, &labels).await.unwrap(), Some(first));
        assert_eq!(LabelOrigin::find(&lake, &Digest::of(b"unseen")).await.unwrap(), None);
        let others = LabelOrigin::find_or_note(&lake, &Digest::of(b"others"), day("2025-03-31"), &run("two")).await;
        assert_eq!(others.unwrap().delivered_to, day("2025-03-31"));
        let path = root.path().join(keys::label_origin(&labels));
        let damaged = std::fs::read_to_string(&path).unwrap().replace("2024-12-31", "2025-12-31");
        std::fs::write(&path, damaged).unwrap();
        let refused = LabelOrigin::find_or_note(&lake, &labels, day("2025-03-31"), &run("two")).await.unwrap_err();
        assert!(refused.to_string().contains("seal"), "{refused}");
    }

    #[tokio::test]
    async fn what_a_run_knew_of_its_labels_is_found_again() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let dates = LabelDates::of(None, &LabelSettings::default(), day("2024-12-31"));
        let labels = LabelsOfRun { dates, as_of: Some(day("2024-12-31")), purpose: LabelUse::Training };
        assert_eq!(LabelsOfRun::find(&lake, "one").await.unwrap(), None);
        labels.store(&lake, "one").await.unwrap();
        assert_eq!(LabelsOfRun::find(&lake, "one").await.unwrap(), Some(labels));
        let stored: serde_json::Value =
            serde_json::from_slice(&std::fs::read(root.path().join("monitoring/one/labels.json")).unwrap()).unwrap();
        assert_eq!(stored["source"], "assumed");
        assert_eq!(stored["use"], "training");
    }
}
