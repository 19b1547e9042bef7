//! Who hears what: the result, the record, the alerts. An alert that cannot be sent never fails a
//! good run; the record names it.

use std::collections::BTreeMap;

use activities::PipelineActivities;
use activities::messages::{Alert, AlertKind, RawSnapshot, RecordRun, TableRef};
use churn::SnapshotDate;
use temporalio_sdk::{WorkflowCancellationToken, WorkflowTermination};

use super::input::Mode;
use super::result::{ModelResult, Outcome, PipelineResult, VerdictResult};
use super::stages::Stages;
use super::stop::Stop;
use crate::options::{Weight, options};
use crate::search_attributes as attributes;

impl Stages {
    /// The result so far; scoring fills in the rest.
    pub fn result(
        &self,
        raw: &RawSnapshot,
        as_of: SnapshotDate,
        model: Option<ModelResult>,
        verdict: Option<VerdictResult>,
    ) -> PipelineResult {
        PipelineResult {
            run_id: self.run.run_id.clone(),
            workflow_id: self.run.workflow_id.clone(),
            state: "completed".to_owned(),
            outcome: verdict.as_ref().map_or(Outcome::Scored, |verdict| verdict.outcome),
            mode: self.input().mode,
            as_of,
            dataset: raw.digest.short().to_owned(),
            stages: Vec::new(),
            model,
            verdict,
            champion: None,
            tiers: BTreeMap::new(),
            drift: None,
            undelivered_alerts: Vec::new(),
        }
    }

    /// Makes the result searchable and tells people what they should hear of.
    pub async fn announce(&self, result: &PipelineResult) {
        let drift = result.drift.as_ref().map(|drift| drift.level.clone());
        let version = result.model.as_ref().map(|model| model.version.clone());
        self.ctx.upsert_search_attributes(
            [
                attributes::VERDICT.value_set(result.outcome.as_str().to_owned()),
                attributes::STAGE.value_set("done".to_owned()),
            ]
            .into_iter()
            .chain(drift.map(|level| attributes::DRIFT.value_set(level)))
            .chain(version.map(|version| attributes::MODEL_VERSION.value_set(version))),
        );
        for (kind, subject, body) in events(result) {
            self.tell(kind, subject, body).await;
        }
    }

    /// Records the run, which is the last thing it does.
    pub async fn record(&self, raw: &RawSnapshot, mut result: PipelineResult) -> Result<PipelineResult, Stop> {
        result.undelivered_alerts.clone_from(&self.undelivered.borrow());
        let readings = raw.readings.iter().enumerate().map(|(place, file)| (format!("readings_{place}"), file.clone()));
        let inputs: BTreeMap<String, TableRef> = raw.tables.clone().into_iter().chain(readings).collect();
        let request =
            RecordRun { run: self.run.clone(), result: serde_json::to_value(&result).unwrap_or_default(), inputs };
        self.execute("record", PipelineActivities::record_run, request, Weight::Light, "write run.json").await?;
        Ok(result)
    }

    /// Sends one alert.
    pub(super) async fn tell(&self, kind: AlertKind, subject: String, body: String) {
        let alert = Alert { run: self.run.clone(), kind, subject: subject.clone(), body };
        let mut options = options(Weight::Alert, self.ctx.task_queue(), subject.clone());
        // People hear of a cancelled or failed run too.
        options.cancellation_token = Some(WorkflowCancellationToken::new());
        if self.ctx.execute_activity(PipelineActivities::send_alert, alert, options).await.is_err() {
            self.undelivered.borrow_mut().push(subject);
        }
    }

    /// Ends a run that has no result: people hear of it, the failure keeps its number.
    pub async fn end(&self, stop: Stop) -> WorkflowTermination {
        self.fail_running(match &stop {
            Stop::Failed { type_name, .. } => type_name,
            Stop::Cancelled => "cancelled",
        });
        if let Stop::Failed { type_name, message } = &stop {
            let kind = if type_name.contains("Contract") { AlertKind::QualityBlocked } else { AlertKind::RunFailed };
            let subject = format!("{} run failed: {type_name}", self.input().mode.as_str());
            self.tell(kind, subject, message.clone()).await;
        }
        stop.into()
    }
}

/// What people should hear of a finished run.
fn events(result: &PipelineResult) -> Vec<(AlertKind, String, String)> {
    let version = result.model.as_ref().map_or("none", |model| model.version.as_str());
    let pr_auc = result.model.as_ref().map_or(f64::NAN, |model| model.metrics.pr_auc);
    let reasons = result.verdict.iter().flat_map(|verdict| &verdict.checks).filter(|check| !check.passed);
    let reasons: Vec<_> = reasons.map(|check| format!("{}: {}", check.name, check.note)).collect();
    let mut events = Vec::new();
    match result.outcome {
        Outcome::Promoted => events.push((
            AlertKind::ModelPromoted,
            format!("model {version} promoted"),
            format!("It reached PR-AUC {pr_auc:.3} on the holdout and scores from now on."),
        )),
        Outcome::Rejected => events.push((
            AlertKind::ModelRejected,
            format!("model {version} rejected"),
            format!("The champion stays and scored. Failed checks: {}.", reasons.join("; ")),
        )),
        Outcome::NoChampion => events.push((
            AlertKind::NoChampion,
            "no champion: nothing was scored".to_owned(),
            match result.mode {
                Mode::Train => format!("The challenger {version} was rejected. Failed checks: {}.", reasons.join("; ")),
                Mode::Score => "Train a model first: start the workflow with mode train.".to_owned(),
            },
        )),
        Outcome::AlreadyChampion | Outcome::Scored => {}
    }
    if let Some(drift) = &result.drift {
        let kind = match drift.level.as_str() {
            "critical" => Some(AlertKind::DriftCritical),
            "warn" => Some(AlertKind::DriftWarn),
            _ => None,
        };
        let named = || drift.features.join(", ");
        events.extend(kind.map(|kind| {
            let subject = format!("drift {}: {} features", drift.level, drift.features.len());
            (
                kind,
                subject,
                format!("By rule {}: {}. Look at the drift report, then consider a training run.", drift.rule, named()),
            )
        }));
    }
    events
}
