//! Labels of several dates in one file: each date is a file of its own for what comes after, made once by content.

use std::collections::BTreeMap;
use std::path::PathBuf;

use churn::SnapshotDate;
use churn::label::{Stacked, has_dates, snapshot_for};
use lake::keys::TopFolder;
use lake::{Made, StageSpec};
use protocol::steps::{LabelSnapshot, StageOutcome};
use protocol::{Reuse, Run, TableRef};

use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::{Environment, versions};

/// The labels by date, the first one first; none where they arrive without dates.
pub(super) async fn label_snapshots(
    environment: &Environment,
    heartbeat: &Heartbeat,
    run: &Run,
    labels: &TableRef,
) -> Result<Vec<LabelSnapshot>> {
    let scratch = environment.scratch()?;
    let file = environment.lake.fetch(labels, scratch.path()).await?;
    let dates = compute(heartbeat, "the dates of the labels", move |_| {
        Ok(file.read(|path| if has_dates(path)? { Ok(Stacked::read(path)?.dates()) } else { Ok(Vec::new()) })?)
    })
    .await?;
    if let [date] = dates[..] {
        // The column is nothing to those who come after.
        return Ok(vec![LabelSnapshot { date, labels: labels.clone() }]);
    }
    if dates.is_empty() {
        return Ok(Vec::new());
    }
    let split = split(environment, heartbeat, run, labels).await?;
    let snapshot = |date: SnapshotDate| Ok(LabelSnapshot { date, labels: split.output(&date.to_string())? });
    dates.into_iter().map(snapshot).collect()
}

/// The snapshot that a run with a date works with.
pub(super) fn labels_for(
    snapshots: &[LabelSnapshot],
    as_of: SnapshotDate,
    tolerance_days: u32,
) -> Option<&LabelSnapshot> {
    let dates: Vec<_> = snapshots.iter().map(|snapshot| snapshot.date).collect();
    let date = snapshot_for(&dates, as_of, tolerance_days)?;
    snapshots.iter().find(|snapshot| snapshot.date == date)
}

/// A file per date.
async fn split(environment: &Environment, heartbeat: &Heartbeat, run: &Run, labels: &TableRef) -> Result<StageOutcome> {
    let make = async |scratch: PathBuf| {
        let file = environment.lake.fetch(labels, &scratch).await?;
        compute(heartbeat, "the labels by date", move |_| {
            let stacked = file.read(Stacked::read)?;
            let write = |date: SnapshotDate| {
                let name = format!("churn_label_{date}.csv");
                let path = scratch.join(&name);
                let rows = stacked.write(date, &path)?;
                Made::file(&date.to_string(), name, path, rows)
            };
            Ok(stacked.dates().into_iter().map(write).collect::<churn::Result<Vec<_>>>()?)
        })
        .await
    };
    environment.find_or_make(&spec(labels), run, Reuse::Unchanged, make).await
}

fn spec(labels: &TableRef) -> StageSpec {
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "label_snapshots".to_owned(),
        code_version: versions::LABEL_SNAPSHOTS,
        inputs: BTreeMap::from([("churn_label".to_owned(), labels.digest.clone())]),
        settings: serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use protocol::Digest;

    use super::*;

    #[test]
    fn a_run_works_with_the_labels_that_fit_its_date() {
        let day = |text: &str| SnapshotDate::parse(text).unwrap();
        let snapshots = ["2024-06-30", "2024-12-31"].map(|date| {
            let labels = TableRef { key: date.to_owned(), digest: Digest::of(date.as_bytes()), rows: 1 };
            LabelSnapshot { date: day(date), labels }
        });
        let key = |as_of| labels_for(&snapshots, day(as_of), 31).map(|snapshot| snapshot.labels.key.as_str());
        assert_eq!(key("2024-12-30"), Some("2024-12-31"));
        assert_eq!(key("2024-09-30"), Some("2024-06-30"));
        assert_eq!(labels_for(&[], day("2024-12-31"), 31), None);
    }
}
