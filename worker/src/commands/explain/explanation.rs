//! Everything that is to be said of a finished run.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::model::Check;
use churn::quality::Finding;
use lake::StageManifest;
use lake::documents::{RunRecord, StoredAlert};
use protocol::pipeline::{ModelResult, RunError, RunResult, StageName, VerdictResult};
use protocol::progress::{Pause, StageResult};
use protocol::steps::{DriftSummary, Facts, JobUse};
use protocol::{Digest, ModelVersion, Run, RunId, TableRef, WorkflowId};
use serde::Serialize;
use serde_json::Value;

use super::why::{was_forced, why};
use crate::lineage::Manifests;

/// What `spanishgas explain --json` prints.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The run and when it started.
    pub run: Run,
    /// When it ended.
    pub ended: Option<String>,
    /// `completed`, `failed` or `cancelled`.
    pub state: String,
    /// What became of it.
    pub outcome: Option<String>,
    /// Why it ended early, if it did.
    pub error: Option<RunError>,
    /// The date it looked from.
    pub as_of: Option<SnapshotDate>,
    /// What it was started with.
    pub input: Option<Value>,
    /// When people let it wait, and why.
    pub pauses: Vec<Pause>,
    /// Stage by stage.
    pub stages: Vec<ExplainedStage>,
    /// The raw files.
    pub raw_files: BTreeMap<String, TableRef>,
    /// The settings in force, by part.
    pub settings: Value,
    /// The revision of the code.
    pub code_version: String,
    /// The version of every computation.
    pub stage_versions: BTreeMap<String, u32>,
    /// The model that it is about.
    pub model: Option<ModelResult>,
    /// The gate's checks.
    pub checks: Vec<Check>,
    /// The champion that scored.
    pub champion: Option<ModelVersion>,
    /// The drift verdict.
    pub drift: Option<DriftSummary>,
    /// What was found in the delivery, the worst first.
    pub quality: Vec<Finding>,
    /// Customers by risk tier.
    pub tiers: BTreeMap<String, u64>,
    /// What the lake says that it did.
    pub facts: Facts,
    /// What people were told.
    pub alerts: Vec<StoredAlert>,
    /// What it took.
    pub costs: Costs,
}

/// One stage, with the reason of what was done about it.
#[derive(Debug, Serialize)]
pub struct ExplainedStage {
    /// Which.
    pub name: StageName,
    /// Whether it was found unchanged, or there was nothing to do.
    pub skipped: bool,
    /// Whether it was at work when its run ended without a result.
    pub failed: bool,
    /// Why.
    pub why: String,
    /// How long it took.
    pub seconds: f64,
    /// Rows made (or found).
    pub rows: u64,
    /// The workflow that made what is stored.
    pub made_by: Option<WorkflowId>,
    /// The content of each input.
    pub inputs: BTreeMap<String, Digest>,
    /// Its part of the settings.
    pub settings: Option<Value>,
    /// The tables by name, as keys in the lake.
    pub outputs: BTreeMap<String, String>,
}

/// What a run took.
#[derive(Debug, Serialize)]
pub struct Costs {
    /// The seconds of all stages; two of them may have been at work at once.
    pub stage_seconds: f64,
    /// The remote job that trained, with what it was charged.
    pub job: Option<JobUse>,
}

impl Explanation {
    /// Of a record, with what the lake knows beside it.
    pub fn of(
        record: &RunRecord,
        stages: &[StageResult<StageName>],
        manifests: &Manifests,
        before: &[(RunId, Manifests)],
        alerts: Vec<StoredAlert>,
    ) -> Self {
        let summary = record.summary();
        let end = End::of(record);
        let explain = |stage: &StageResult<StageName>| {
            let forced = was_forced(record, stage.name);
            ExplainedStage::of(stage, forced, summary.error.as_ref(), manifests.get(&stage.name), before)
        };
        let explained = stages.iter().map(explain).collect();
        Self {
            run: record.run.clone(),
            ended: record.ended.clone(),
            state: summary.state,
            outcome: summary.outcome,
            error: summary.error,
            as_of: summary.as_of,
            input: record.input.clone(),
            pauses: record.pauses.clone(),
            stages: explained,
            raw_files: record.inputs.clone(),
            settings: record.settings.clone(),
            code_version: record.code_version.clone(),
            stage_versions: record.stage_versions.clone(),
            checks: end.verdict.map(|verdict| verdict.checks).unwrap_or_default(),
            champion: end.champion,
            drift: end.drift,
            quality: end.quality,
            tiers: end.tiers,
            facts: record.facts.clone(),
            alerts,
            costs: Costs {
                stage_seconds: stages.iter().map(|stage| stage.seconds).sum(),
                job: end.model.as_ref().and_then(|model| model.job.clone()),
            },
            model: end.model,
        }
    }
}

impl ExplainedStage {
    fn of(
        stage: &StageResult<StageName>,
        forced: bool,
        error: Option<&RunError>,
        manifest: Option<&StageManifest>,
        before: &[(RunId, Manifests)],
    ) -> Self {
        Self {
            name: stage.name,
            skipped: stage.skipped,
            failed: stage.failed().is_some(),
            why: why(stage, forced, error, manifest, before),
            seconds: stage.seconds,
            rows: stage.rows,
            made_by: manifest.map(|manifest| manifest.made_by.clone()),
            inputs: manifest.map(|manifest| manifest.spec.inputs.clone()).unwrap_or_default(),
            settings: manifest.map(|manifest| manifest.spec.settings.clone()),
            outputs: stage.outputs.clone(),
        }
    }
}

/// What came of a run, with a result or without one.
#[derive(Default)]
struct End {
    model: Option<ModelResult>,
    verdict: Option<VerdictResult>,
    champion: Option<ModelVersion>,
    drift: Option<DriftSummary>,
    quality: Vec<Finding>,
    tiers: BTreeMap<String, u64>,
}

impl End {
    fn of(record: &RunRecord) -> Self {
        match record.pipeline_result() {
            Ok(RunResult::Completed(result)) => Self {
                model: result.model,
                verdict: result.verdict,
                champion: result.champion,
                drift: result.drift,
                quality: result.quality,
                tiers: result.tiers,
            },
            Ok(RunResult::EndedEarly(end)) => {
                Self { model: end.model, verdict: end.verdict, quality: end.quality, ..Self::default() }
            }
            Err(_) => Self::default(),
        }
    }
}
