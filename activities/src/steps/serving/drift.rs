//! Monitoring: this run's customers against the champion's training data and against earlier runs, and the performance
//! that the champion promises and has kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use churn::SnapshotDate;
use churn::drift::DriftReport;
use churn::model::Bundle;
use churn::model::performance::PerformanceReport;
use lake::documents::LabelsOfRun;
use lake::keys;
use lake::keys::TopFolder;
use lake::{Lake, Made, StageSpec, digests};
use protocol::steps::{DriftFound, ScoreCustomers, StageOutcome, named};
use serde_json::json;

use super::held::{Asked, DRIFT, Held, SETTING};
use super::monitored::{Monitored, Past, Told, summary};
use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::registry::Registry;
use crate::steps::earlier_table::fetch_earlier;
use crate::steps::{Environment, versions};

/// The name of the same for people.
const PAGE: &str = "drift_page";
/// The name of what is promised and came to pass.
const PERFORMANCE: &str = "performance";

/// Compares features and predictions with what they are held against, and estimates and measures the performance.
pub async fn detect_drift(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: ScoreCustomers,
) -> Result<DriftFound> {
    let labels = LabelsOfRun::find(&environment.lake, &request.stage.run.run_id).await?;
    let label_date = labels.map(|labels| labels.dates.date);
    let held = held_against(&environment.lake, &environment.registry, &request, label_date).await?;
    let spec = spec(&environment.configuration, &request, &held);
    let look = async |scratch: PathBuf| look(environment, heartbeat, &request, &held, &scratch).await;
    let stage = environment.find_or_make(&spec, &request.stage.run, request.stage.reuse, look).await?;
    let (report, performance) = keep_by_run(environment, &stage, &request).await?;
    Ok(DriftFound { stage, drift: summary(&report, &performance) })
}

/// What the customers of a run are held against, whose labels look from a date.
pub(in crate::steps) async fn held_against(
    lake: &Lake,
    registry: &Registry,
    request: &ScoreCustomers,
    label_date: Option<SnapshotDate>,
) -> Result<Held> {
    let gold = named(&request.stage.inputs, "gold_master")?;
    let asked = Asked { version: &request.version, as_of: request.stage.as_of, gold: &gold, label_date };
    Held::of(lake, registry, &asked).await
}

pub(in crate::steps) fn spec(configuration: &Configuration, request: &ScoreCustomers, held: &Held) -> StageSpec {
    StageSpec {
        layer: TopFolder::Monitoring,
        stage: DRIFT.to_owned(),
        code_version: versions::DRIFT,
        inputs: digests(&request.stage.inputs),
        settings: json!({
            "model_version": request.version,
            "as_of": request.stage.as_of,
            "rules": configuration.drift,
            "calendar": configuration.tiers.calendar(),
            SETTING: held,
        }),
    }
}

/// Stores the documents of the stage once more, by the run; tells what they say.
async fn keep_by_run(
    environment: &Environment,
    stage: &StageOutcome,
    request: &ScoreCustomers,
) -> Result<(DriftReport, PerformanceReport)> {
    let (lake, run_id) = (&environment.lake, &request.stage.run.run_id);
    let report: DriftReport = lake.read_json_exactly(&stage.output(DRIFT)?).await?;
    let performance: PerformanceReport = lake.read_json_exactly(&stage.output(PERFORMANCE)?).await?;
    lake.put(&keys::drift_page(run_id), lake.read_exactly(&stage.output(PAGE)?).await?).await?;
    lake.put_json(&keys::performance_report(run_id), &performance).await?;
    lake.put_json(&keys::drift_report(run_id), &report).await?;
    Ok((report, performance))
}

/// The comparison and the performance, written as documents to `scratch`.
async fn look(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &ScoreCustomers,
    held: &Held,
    scratch: &Path,
) -> Result<Vec<Made>> {
    let inputs = environment.fetch(&request.stage.inputs, scratch).await?;
    let model = environment.registry.fetch_model(&request.version, scratch).await?;
    let past = past(environment, held, scratch).await?;
    let configuration = Arc::clone(&environment.configuration);
    let Held { trained_as_of, label_date, .. } = *held;
    let told = Told { as_of: request.stage.as_of, trained_as_of, label_date };
    let scratch = scratch.to_owned();
    compute(heartbeat, "the drift comparison", move |watch| {
        let bundle = Bundle::load(&model)?;
        let gold = inputs.table("gold_master");
        inputs.still_the_same()?;
        let gold = gold?;
        let monitored = Monitored::of(&bundle, &gold, &told, past, &configuration, watch)?;
        let write = |file: &str, bytes: Vec<u8>| {
            let path = scratch.join(file);
            std::fs::write(&path, bytes).map_err(churn::Error::file("write", &path)).map(|()| path)
        };
        let report = write("drift.json", lake::to_json(&monitored.report))?;
        let page = write("drift.html", monitored.page.into_bytes())?;
        let performance = write("performance.json", lake::to_json(&monitored.performance))?;
        Ok(vec![
            Made::file(DRIFT, "drift.json".to_owned(), report, gold.height() as u64)?,
            Made::file(PAGE, "drift.html".to_owned(), page, 0)?,
            Made::file(PERFORMANCE, "performance.json".to_owned(), performance, 0)?,
        ])
    })
    .await
}

/// Local files of what the run is held against, as far as it is still there.
async fn past(environment: &Environment, held: &Held, scratch: &Path) -> Result<Past> {
    let mut past = Past::default();
    if let Some(last) = &held.last {
        past.last = fetch_earlier(environment, &last.features, scratch).await?.map(|file| (last.as_of, file));
    }
    if let Some(month) = &held.same_month {
        past.same_month = fetch_earlier(environment, &month.features, scratch).await?.map(|file| (month.as_of, file));
    }
    for scores in &held.earlier {
        let file = fetch_earlier(environment, &scores.scores, scratch).await?;
        past.earlier.extend(file.map(|file| (scores.as_of, scores.model_version.clone(), file)));
    }
    Ok(past)
}
