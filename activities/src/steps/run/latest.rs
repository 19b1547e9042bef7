//! Which folder `raw_prefix: latest` stands for: that of the newest delivery whose run ended well.

use chrono::{DateTime, TimeDelta, Utc};
use lake::Lake;
use lake::documents::{KnownContent, RawWatch, WorkflowEnd, end_of_workflow};
use protocol::pipeline::{LATEST_DELIVERY, PipelineInput, RAW_FOLDER};

use crate::error::Result;

/// A run that is not on record yet counts as at work for so long: an older delivery must not be served over it.
const AT_WORK: TimeDelta = TimeDelta::days(1);

/// The input with the folder that it stands for now; one that names a folder stays as it is.
pub async fn with_folder(lake: &Lake, input: PipelineInput, now: DateTime<Utc>) -> Result<PipelineInput> {
    if !input.asks_for_latest() {
        return Ok(input);
    }
    let folder = folder(lake, LATEST_DELIVERY, now).await?;
    Ok(input.reading(folder))
}

/// The folder that a `raw_prefix` stands for now.
pub async fn folder(lake: &Lake, raw_prefix: &str, now: DateTime<Utc>) -> Result<String> {
    if raw_prefix != LATEST_DELIVERY {
        return Ok(raw_prefix.to_owned());
    }
    let (watch, _) = RawWatch::find(lake, RAW_FOLDER).await?;
    for (known, folder) in watch.lying() {
        if counts(end_of_workflow(lake, &known.workflow_id).await?, known, now) {
            return Ok(folder.to_owned());
        }
    }
    Ok(RAW_FOLDER.to_owned())
}

fn counts(end: WorkflowEnd, known: &KnownContent, now: DateTime<Utc>) -> bool {
    let started = known.at.as_ref().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    match end {
        WorkflowEnd::Well => true,
        WorkflowEnd::Badly => false,
        WorkflowEnd::NotOnRecord => started.is_some_and(|started| now - started < AT_WORK),
    }
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;
    use lake::documents::{RunRecord, SeenDelivery};
    use protocol::Digest;
    use protocol::pipeline::Mode;
    use protocol::raw_watcher::{DeliveryNote, Noted};
    use serde_json::json;

    use super::*;

    const STARTED: &str = "2025-01-02T03:00:00.000Z";

    fn at(hours: i64) -> DateTime<Utc> {
        STARTED.parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
    }

    /// A delivery that the watcher started the run of.
    async fn deliver(lake: &Lake, prefix: &str, workflow_id: &str) {
        let (mut watch, seen) = RawWatch::find(lake, RAW_FOLDER).await.unwrap();
        let content = Digest::of(workflow_id.as_bytes());
        let delivery = SeenDelivery {
            listing: content.clone(),
            unchanged_since: STARTED.to_owned(),
            incomplete_since: None,
            content: Some(content.clone()),
            told: false,
            told_at: None,
            refused: None,
            unreadable_since: None,
            ready_since: None,
        };
        watch.deliveries.insert(prefix.to_owned(), delivery);
        let noted = Noted::Run { content, workflow_id: workflow_id.into() };
        watch.note(&DeliveryNote { prefix: prefix.to_owned(), noted }, STARTED);
        watch.store(lake, seen.as_ref()).await.unwrap();
    }

    async fn ended(lake: &Lake, workflow_id: &str, state: &str) {
        let record: RunRecord = serde_json::from_value(json!({
            "run": { "workflow_id": workflow_id, "run_id": format!("{workflow_id}-{state}"), "started": STARTED },
            "inputs": {}, "result": { "state": state }, "code_version": "0", "settings": {},
        }))
        .unwrap();
        record.store(lake).await.unwrap();
    }

    #[tokio::test]
    async fn the_newest_delivery_whose_run_ended_well_is_the_latest() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let latest = async |hours| folder(&lake, LATEST_DELIVERY, at(hours)).await.unwrap();
        assert_eq!(latest(0).await, "raw", "the watcher knows none");
        assert_eq!(folder(&lake, "raw/named", at(0)).await.unwrap(), "raw/named");
        deliver(&lake, "raw", "w1").await;
        ended(&lake, "w1", "completed").await;
        deliver(&lake, "raw/2025-01", "w2").await;
        assert_eq!(latest(1).await, "raw/2025-01", "its run is at work: nothing older is served over it");
        assert_eq!(latest(25).await, "raw", "nobody knows what became of it");
        ended(&lake, "w2", "failed").await;
        assert_eq!(latest(1).await, "raw");
        ended(&lake, "w2", "completed").await;
        assert_eq!(latest(25).await, "raw/2025-01", "it was repeated with success");
    }

    #[tokio::test]
    async fn only_an_input_that_asks_for_it_gets_another_folder() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        deliver(&lake, "raw/2025-01", "w1").await;
        let asked = |raw_prefix: Option<&str>| PipelineInput {
            raw_prefix: raw_prefix.map(str::to_owned),
            ..PipelineInput::new(Mode::Score)
        };
        let served = async |input| with_folder(&lake, input, at(0)).await.unwrap().raw_prefix;
        assert_eq!(served(asked(None)).await, None);
        assert_eq!(served(asked(Some("raw/old"))).await.as_deref(), Some("raw/old"));
        assert_eq!(served(asked(Some("latest"))).await.as_deref(), Some("raw/2025-01"));
    }
}
