//! Publication: one pointer moves by compare-and-swap, after all it points to is complete; the two that the
//! business reads follow it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{SecondsFormat, Utc};
use lake::documents::{Publication, ResultsPointer};
use lake::{Lake, LakeError, Version, keys, to_json};
use protocol::steps::{PublishRun, Published, StageOutcome};
use protocol::{Digest, Run, TableRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::publication::{Move, decide};
use crate::error::Result;
use crate::steps::Environment;

/// Publishes this run's results, unless what is published is newer.
#[expect(clippy::disallowed_methods, reason = "the moment of a publication is a fact, not a computation")]
pub async fn publish_run(environment: &Environment, request: PublishRun) -> Result<Published> {
    let lake = &environment.lake;
    let (published, seen) = published(lake).await?;
    // Read after the scores were made: a model that is champion no more is not published.
    let champion = environment.registry.champion().await?.map(|(pointer, _)| pointer.version);
    let decision = decide(&request, published.as_ref(), champion.as_deref());
    if matches!(decision, Move::Advance | Move::Already(_)) {
        require_there(lake, &request.outputs).await?;
    }
    if decision == Move::Advance {
        let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let publication = Publication::of(&request, at);
        lake.compare_and_swap(keys::PUBLISHED, seen.as_ref(), to_json(&publication)).await?;
        // Once more, now that the pointer keeps them: a collection of garbage may have begun with them before it moved.
        require_there(lake, &request.outputs).await?;
    }
    if let (Move::Already(_), Some(published)) = (&decision, &published)
        && let Some(confirmed) = published.confirmed_by(&request)
    {
        lake.compare_and_swap(keys::PUBLISHED, seen.as_ref(), to_json(&confirmed)).await?;
    }
    if let (Move::Stay(_), Some(published)) = (&decision, &published)
        && let Some(newer) = published.found_newer_by(&request)
    {
        lake.compare_and_swap(keys::PUBLISHED, seen.as_ref(), to_json(&newer)).await?;
    }
    derive(lake).await?;
    // A rollback may have come between the look and the move: then the scores are made again.
    let now = environment.registry.champion().await?.map(|(pointer, _)| pointer.version);
    let decision = if now.as_deref() == Some(&request.version) { decision } else { Move::ChampionChanged };
    Ok(answer(&request, &decision))
}

/// What a pointer names must be there, and its stage finished: of what is deleted, the manifest goes first. What is not
/// there counts as damaged, so that the run goes back and makes it again.
pub(in crate::steps) async fn require_there(lake: &Lake, outputs: &BTreeMap<String, TableRef>) -> Result<()> {
    // Tables of one stage have one manifest.
    let mut looked_for = BTreeSet::new();
    for output in outputs.values() {
        for key in [output.key.clone(), keys::manifest_beside(&output.key)] {
            if looked_for.insert(key.clone()) && lake.head(&key).await?.is_none() {
                let (expected, found) = (output.digest.clone(), format!("nothing at {key}"));
                return Err(LakeError::TableDamaged { key: output.key.clone(), expected, found }.into());
            }
        }
    }
    Ok(())
}

/// What is published now.
pub async fn current(lake: &Lake) -> Result<Option<Publication>> {
    Ok(published(lake).await?.0)
}

/// Whether what the business reads now is what this run found, or made. Where that cannot be read it is taken to be so:
/// people rather hear too much.
pub async fn is_in_force(lake: &Lake, run: &Run) -> bool {
    match current(lake).await {
        Ok(published) => published.is_none_or(|published| published.are_of(run)),
        Err(error) => {
            tracing::debug!(%error, "what is published could not be read");
            true
        }
    }
}

/// What is published now, and the pointer's version.
async fn published(lake: &Lake) -> Result<(Option<Publication>, Option<Version>)> {
    if let Some((publication, seen)) = lake.get_json::<Publication>(keys::PUBLISHED).await? {
        return Ok((Some(publication), Some(seen)));
    }
    // A lake of before the one pointer: the scores' own tells what the business reads.
    let scores = lake.get_json::<ResultsPointer>(keys::LATEST_SCORES).await?;
    Ok((scores.map(|(pointer, _)| before_the_one_pointer(pointer)), None))
}

fn before_the_one_pointer(pointer: ResultsPointer) -> Publication {
    let ResultsPointer { run_id, workflow_id, as_of, model_version, published_at, outputs } = pointer;
    let (started, found_newer) = (String::new(), None);
    let features = None;
    Publication { run_id, workflow_id, started, as_of, model_version, published_at, outputs, features, found_newer }
}

/// Brings both pointers in line with the publication, and what is known of its month. Another run may publish meanwhile:
/// the last one to look sets them right, whoever wrote in between.
async fn derive(lake: &Lake) -> Result<()> {
    while let Some((publication, seen)) = lake.get_json::<Publication>(keys::PUBLISHED).await? {
        write_if_other(lake, keys::LATEST_SCORES, &publication.scores()).await?;
        write_if_other(lake, keys::LATEST_MONITORING, &publication.monitoring()).await?;
        note_month(lake, &publication).await?;
        let now = lake.get_json::<Publication>(keys::PUBLISHED).await?.map(|(_, now)| now);
        if now.as_ref() == Some(&seen) {
            break;
        }
    }
    Ok(())
}

/// Notes what was published last for a date in its month; a note that cannot be read is written anew.
async fn note_month(lake: &Lake, publication: &Publication) -> Result<(), LakeError> {
    let key = keys::published_month(&publication.month());
    match lake.get_json::<Publication>(&key).await {
        Ok(Some((noted, _))) if noted == *publication => Ok(()),
        Ok(_) | Err(LakeError::Unreadable { .. }) => lake.put_json(&key, publication).await,
        Err(error) => Err(error),
    }
}

async fn write_if_other<T: Serialize + DeserializeOwned + PartialEq + Sync>(
    lake: &Lake,
    key: &str,
    wanted: &T,
) -> Result<(), LakeError> {
    let stored = lake.get_json::<T>(key).await?;
    if stored.is_some_and(|(stored, _)| stored == *wanted) {
        return Ok(());
    }
    lake.put_json(key, wanted).await
}

fn answer(request: &PublishRun, decision: &Move) -> Published {
    let skipped = match decision {
        Move::Advance => None,
        Move::Already(run) => Some(format!("published by run {run}")),
        Move::Stay(reason) => Some(reason.clone()),
        Move::ChampionChanged => Some(format!("not published: model {} is champion no more", request.version)),
    };
    let digest = Digest::of_json(&request.outputs);
    let pointer = |key: &str| TableRef { key: key.to_owned(), digest: digest.clone(), rows: 0 };
    let outputs = [("scored_latest", keys::LATEST_SCORES), ("monitoring_latest", keys::LATEST_MONITORING)];
    let outputs = outputs.into_iter().map(|(name, key)| (name.to_owned(), pointer(key))).collect();
    Published {
        stage: StageOutcome { digest, outputs, rows: 0, skipped, repaired: None, job: None },
        champion_changed: *decision == Move::ChampionChanged,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use lake::FolderLake;
    use lake::documents::{Judgement, published_months};

    use super::*;
    use crate::alerts::Alerts;
    use crate::configuration::Configuration;
    use crate::lineage::Lineage;
    use crate::metrics::Metrics;
    use crate::outside::LineageSettings;
    use crate::registry::{Registry, request_for_tests};
    use crate::traces::Traces;
    use crate::trainer::{ProcessTrainer, Trainer};

    fn environment(root: &Path) -> Environment {
        let lake = Lake::Folder(FolderLake::open(root).unwrap());
        let no_time = Duration::ZERO;
        Environment {
            trainer: Trainer::Process(ProcessTrainer { binary: root.into(), grace: no_time, patience: no_time }),
            registry: Registry::in_lake(lake.clone()),
            alerts: Alerts::in_lake(),
            metrics: Metrics::default(),
            lineage: Lineage::open(&LineageSettings::default()).unwrap(),
            traces: Traces::default(),
            configuration: Arc::new(Configuration::load(None).unwrap()),
            revision: "test",
            scratch: root.join(".scratch"),
            lake,
        }
    }

    async fn promote(registry: &Registry) {
        let judged = request_for_tests("judge", "champion", None, true);
        let at = "2024-12-30T02:00:00Z";
        registry.judge("champion", &Judgement::new(&judged, at.to_owned())).await.unwrap();
        registry.promote(&judged.run, "champion", None, at).await.unwrap();
    }

    fn request(run: &str) -> PublishRun {
        let output = |table: &str| {
            let key = format!("scored/{table}/{run:0>12}/{table}.parquet");
            (table.to_owned(), TableRef { key, digest: Digest::of(run.as_bytes()), rows: 1 })
        };
        let outputs: BTreeMap<String, TableRef> = ["scores", "recommendations"].map(output).into();
        serde_json::from_value(serde_json::json!({
            "run": { "workflow_id": run, "run_id": run, "started": "2024-12-31T02:00:00Z" }, "as_of": "2024-12-31",
            "version": "champion", "outputs": outputs,
        }))
        .unwrap()
    }

    async fn store(lake: &Lake, request: &PublishRun) {
        for output in request.outputs.values() {
            lake.put(&output.key, b"a table".to_vec()).await.unwrap();
            lake.put(&keys::manifest_beside(&output.key), b"a manifest".to_vec()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_published_and_what_was_found_published_must_be_there_still() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let lake = &environment.lake;
        promote(&environment.registry).await;
        let (first, second) = (request("1"), request("2"));
        store(lake, &first).await;
        publish_run(&environment, first.clone()).await.unwrap();
        let published = lake.read(keys::PUBLISHED).await.unwrap();

        // Somebody deletes old outputs while the run that found them comes to its end: the manifest goes first.
        store(lake, &second).await;
        let manifest = keys::manifest_beside(&second.outputs["scores"].key);
        lake.remove(&manifest).await.unwrap();
        let refused = publish_run(&environment, second.clone()).await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0029 TableDamaged");
        assert!(refused.to_string().contains(&manifest), "{refused}");
        assert_eq!(lake.read(keys::PUBLISHED).await.unwrap(), published, "the pointer stays");
        lake.put(&manifest, b"made again".to_vec()).await.unwrap();
        publish_run(&environment, second.clone()).await.unwrap();
        assert_eq!(current(lake).await.unwrap().unwrap().run_id, "2");

        lake.remove(&second.outputs["recommendations"].key).await.unwrap();
        let refused = publish_run(&environment, second).await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0029 TableDamaged", "published before, and gone since");
    }

    #[tokio::test]
    async fn every_month_keeps_what_was_published_last_for_it() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let lake = &environment.lake;
        promote(&environment.registry).await;
        let date = |text: &str| churn::SnapshotDate::parse(text).unwrap();
        let features = || Some(request("gold").outputs["scores"].clone());
        for (run, as_of) in [("1", "2024-12-30"), ("2", "2024-12-31"), ("3", "2025-01-31")] {
            let request = PublishRun { as_of: date(as_of), features: features(), ..request(run) };
            store(lake, &request).await;
            publish_run(&environment, request).await.unwrap();
        }
        let months = published_months(lake).await.unwrap();
        let noted: Vec<_> = months.iter().map(|month| (month.run_id.as_str(), month.as_of.to_string())).collect();
        assert_eq!(noted, [("2", "2024-12-31".to_owned()), ("3", "2025-01-31".to_owned())]);
        assert_eq!(months[0].features, features());
        // What cannot be read is left out, and written anew by whoever publishes next.
        lake.put(&keys::published_month("2025-01"), b"half".to_vec()).await.unwrap();
        assert_eq!(published_months(lake).await.unwrap().len(), 1);
        let again = PublishRun { as_of: date("2025-01-31"), features: features(), ..request("3") };
        publish_run(&environment, again).await.unwrap();
        assert_eq!(published_months(lake).await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn of_an_older_date_nothing_is_in_force_and_of_the_same_results_the_last_run() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        let lake = &environment.lake;
        promote(&environment.registry).await;
        let first = request("1");
        assert!(is_in_force(lake, &first.run).await, "nothing is published: nobody knows better");
        store(lake, &first).await;
        publish_run(&environment, first.clone()).await.unwrap();

        let run = |id: &str, started: &str| Run { workflow_id: id.into(), run_id: id.into(), started: started.into() };
        let past = PublishRun {
            run: run("2", "2025-01-01T02:00:00Z"),
            as_of: churn::SnapshotDate::parse("2024-10-31").unwrap(),
            ..request("2")
        };
        store(lake, &past).await;
        publish_run(&environment, past.clone()).await.unwrap();
        assert!(is_in_force(lake, &first.run).await && !is_in_force(lake, &past.run).await);

        let again = PublishRun { run: run("3", "2025-01-02T02:00:00Z"), ..first };
        publish_run(&environment, again.clone()).await.unwrap();
        assert!(is_in_force(lake, &again.run).await);
    }
}
