//! Every key of the lake, built in one place.

use churn::contract::Layer;
use protocol::Digest;
use serde::{Deserialize, Serialize};

/// Where the champion pointer lives.
pub const CHAMPION: &str = "models/champion.json";
/// The manifests of all trainings.
pub const TRAININGS: &str = "models/train/";
/// Which lake this is.
pub const IDENTITY: &str = "lake.json";
/// The one pointer to everything that is published; the two below are derived from it.
pub const PUBLISHED: &str = "published.json";
/// The pointer to the scores that the business reads.
pub const LATEST_SCORES: &str = "scored/latest.json";
/// The pointer to the monitoring results that the business reads.
pub const LATEST_MONITORING: &str = "monitoring/latest.json";

/// Below this, every month has what was published last for a date in it.
pub const PUBLISHED_MONTHS: &str = "monitoring/published/";

/// What was published last for a date in a month, `YYYY-MM`.
pub fn published_month(month: &str) -> String {
    format!("{PUBLISHED_MONTHS}{month}.json")
}

/// The top folders that the pipeline writes; everything else arrives from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TopFolder {
    /// Raw files joined and enriched, readings summed.
    Bronze,
    /// Cleaned and imputed tables.
    Silver,
    /// The features.
    Gold,
    /// Models, their judgements, the champion and its moves.
    Models,
    /// What models were measured with.
    Evaluated,
    /// Scores and recommendations.
    Scored,
    /// Quality, drift, alerts.
    Monitoring,
    /// What a remote training reads and leaves.
    Training,
    /// The records of runs.
    Runs,
}

impl TopFolder {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Bronze,
        Self::Silver,
        Self::Gold,
        Self::Models,
        Self::Evaluated,
        Self::Scored,
        Self::Monitoring,
        Self::Training,
        Self::Runs,
    ];

    /// Those with the folders of stages, each with its manifest. Models are no such folders, nor is what the records of runs are in.
    pub const WITH_STAGES: [Self; 6] =
        [Self::Bronze, Self::Silver, Self::Gold, Self::Evaluated, Self::Scored, Self::Monitoring];

    /// The first part of its keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
            Self::Models => "models",
            Self::Evaluated => "evaluated",
            Self::Scored => "scored",
            Self::Monitoring => "monitoring",
            Self::Training => "training",
            Self::Runs => "runs",
        }
    }
}

/// Whether an object is the pipeline's own: it then never changes by itself.
pub fn is_made_here(key: &str) -> bool {
    let top = key.split_once('/').map_or(key, |(top, _)| top);
    TopFolder::ALL.iter().any(|folder| folder.as_str() == top)
}

/// The folder of one stage's outputs, ending in `/`.
pub fn stage(folder: TopFolder, stage: &str, digest: &Digest) -> String {
    format!("{}/{stage}/{}/", folder.as_str(), digest.short())
}

/// A list that is too long for a message: files of readings, slices, partial sums.
pub fn list(digest: &Digest) -> String {
    format!("bronze/lists/{}.json", digest.short())
}

/// The folder of one model version, ending in `/`.
pub fn model(version: &str) -> String {
    format!("models/{version}/")
}

/// One artefact of a model version.
pub fn model_file(version: &str, file: &str) -> String {
    model(version) + file
}

/// The registry's entry for a version.
pub fn registration(version: &str) -> String {
    model_file(version, REGISTRATION)
}

/// The evaluation that a version was judged by, as it was then.
pub fn judged_evaluation(version: &str) -> String {
    model_file(version, "evaluation.json")
}

/// The last verdict on a version.
pub fn verdict(version: &str) -> String {
    model_file(version, "verdict.json")
}

/// What people read of a version.
pub fn model_card(version: &str) -> String {
    model_file(version, "model_card.md")
}

/// The same as a page with curves.
pub fn model_card_page(version: &str) -> String {
    model_file(version, "model_card.html")
}

/// The name of a version's model package, where there is one.
pub fn model_package(version: &str) -> String {
    model_file(version, "package.json")
}

/// The signature of a version's files, where models are signed.
pub fn model_signature(version: &str) -> String {
    model_file(version, SIGNATURE)
}

/// The version that a key is the signature of.
pub fn signed_version(key: &str) -> Option<&str> {
    key.strip_prefix(MODELS)?.strip_suffix(SIGNATURE)?.strip_suffix('/').filter(|version| !version.contains('/'))
}

/// The folder of all models and of what is said about them.
pub const MODELS: &str = "models/";
const REGISTRATION: &str = "registration.json";
const SIGNATURE: &str = "signature.json";

/// Whether a key is the registry's entry of some version.
pub fn is_registration(key: &str) -> bool {
    key.starts_with(MODELS) && key.ends_with(&format!("/{REGISTRATION}"))
}

/// The proof that a stage is complete, in its folder.
pub const MANIFEST: &str = "manifest.json";

/// Whether a key is the manifest of a stage.
pub fn is_manifest(key: &str) -> bool {
    key.ends_with(&format!("/{MANIFEST}"))
}

/// The manifest of the stage that an output belongs to.
pub fn manifest_beside(output: &str) -> String {
    let folder = output.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{MANIFEST}")
}

/// The folder of all stages of a name, ending in `/`.
pub fn stages(folder: TopFolder, stage: &str) -> String {
    format!("{}/{stage}/", folder.as_str())
}

/// The folder of all evaluations of a version, ending in `/`.
pub fn evaluations(version: &str) -> String {
    format!("evaluated/{version}/")
}

/// The record of one run: inputs, outputs, durations, verdicts.
pub fn run_record(run_id: &str) -> String {
    format!("runs/{run_id}/run.json")
}

/// What a run read and made, as OpenLineage has it.
pub fn open_lineage(run_id: &str) -> String {
    format!("runs/{run_id}/openlineage.json")
}

/// The folder of all runs.
pub const RUNS: &str = "runs/";

/// The run that a key is the record of.
pub fn run_of_record(key: &str) -> Option<&str> {
    key.strip_prefix(RUNS)?.strip_suffix("/run.json").filter(|run_id| !run_id.contains('/'))
}

/// Below this, every month has an index of its runs.
pub const RUN_INDEX: &str = "runs/index/";

/// The index of the runs that started in a month, `YYYY-MM`.
pub fn run_index(month: &str) -> String {
    format!("{RUN_INDEX}{month}.json")
}

/// The folder of the marks of a run's attempts that are at work, ending in `/`.
pub fn attempts(run_id: &str) -> String {
    format!("runs/{run_id}/attempts/")
}

/// The mark of one attempt that is at work, or that ended with its worker.
pub fn attempt(run_id: &str, activity: &str, activity_id: &str, attempt: u32) -> String {
    format!("{}{activity}-{activity_id}-{attempt}.json", attempts(run_id))
}

/// A quality report of one run.
pub fn quality_report(run_id: &str, layer: Layer) -> String {
    format!("monitoring/{run_id}/quality_{}.json", layer.as_str())
}

/// The drift report of one run.
pub fn drift_report(run_id: &str) -> String {
    format!("monitoring/{run_id}/drift.json")
}

/// The drift report of one run for people, as HTML.
pub fn drift_page(run_id: &str) -> String {
    format!("monitoring/{run_id}/drift.html")
}

/// The performance of one run, promised and come to pass.
pub fn performance_report(run_id: &str) -> String {
    format!("monitoring/{run_id}/performance.json")
}

/// The date of the labels that a run worked with.
pub fn labels_of_run(run_id: &str) -> String {
    format!("monitoring/{run_id}/labels.json")
}

/// With which readings some labels came first, by the content of the labels.
pub fn label_origin(labels: &Digest) -> String {
    format!("monitoring/labels/{}.json", labels.short())
}

/// The report of a run that tried models and published nothing; `kind` is its word.
pub fn report_of_run(run_id: &str, kind: &str) -> String {
    format!("monitoring/{run_id}/{kind}.json")
}

/// The pointer to the newest report of a kind.
pub fn newest_report(kind: &str) -> String {
    format!("monitoring/{kind}.json")
}

/// The folder of all alerts.
pub const ALERTS: &str = "monitoring/alerts/";

/// One alert; the event's ID makes a repeated sending find the first.
pub fn alert(event_id: &str) -> String {
    format!("{ALERTS}{event_id}.json")
}

/// The event of an alert's key.
pub fn event_of_alert(key: &str) -> Option<&str> {
    key.strip_prefix(ALERTS)?.strip_suffix(".json")
}

/// The note that a webhook has got an alert.
pub fn webhook_delivered(event_id: &str, webhook: &str) -> String {
    format!("monitoring/delivered/{event_id}/{webhook}")
}

/// Which alerts people know, and until when they are kept from them.
pub const ACKNOWLEDGEMENTS: &str = "monitoring/acknowledgements.json";

/// The note that a failed run is counted.
pub fn failure_counted(event_id: &str) -> String {
    format!("monitoring/counted/{event_id}")
}

/// Below this, every folder of raw files that is watched has what is known of its deliveries.
pub const DELIVERIES: &str = "monitoring/deliveries/";

/// What is known of the deliveries of a folder of raw files.
pub fn deliveries(folder: &Digest) -> String {
    format!("{DELIVERIES}{}.json", folder.short())
}

/// Below this, the digests of raw objects in a bucket are noted by their versions.
pub const DIGEST_NOTES: &str = "monitoring/digests/";

/// The note of the digest of one version of a raw object.
pub fn digest_note(version: &Digest) -> String {
    format!("{DIGEST_NOTES}{}.json", version.short())
}

/// The last date that is in some readings, by their content and the clock that they are read by.
pub fn last_date(readings: &Digest) -> String {
    format!("monitoring/last-date/{}.json", readings.short())
}

/// Where the report of a check lies that passed, by all that the check depends on.
pub fn check_passed(check: &Digest) -> String {
    format!("monitoring/checked/{}.json", check.short())
}

/// Which watchers people have heard to be silent.
pub const SILENCES: &str = "monitoring/silences.json";

/// Whether the scores of the day are there.
pub const FRESHNESS: &str = "monitoring/freshness.json";

/// A file that is made for a training job.
pub fn training_input(job: &str, channel: &str, file: &str) -> String {
    format!("training/input/{job}/{channel}/{file}")
}

/// Below this, a remote training job leaves its model.
pub const TRAINING_OUTPUT: &str = "training/output";

/// The checkpoints of all attempts at one training.
pub fn training_checkpoints(job: &str) -> String {
    format!("training/checkpoints/{job}/")
}

/// The notes of the training jobs that a run has started or found at work; ends in `/`.
pub fn training_of_run(run_id: &str) -> String {
    format!("training/runs/{run_id}/")
}

/// The note that a run has stopped a job.
pub fn training_stopped(job: &str) -> String {
    format!("training/stopped/{job}")
}

/// Below this, every task queue has the settings of its workers.
pub const SETTINGS: &str = "settings/";

/// The settings that the workers of a task queue work with.
pub fn settings_in_force(task_queue: &Digest) -> String {
    format!("{SETTINGS}{}.json", task_queue.short())
}

/// Below this, every move of the champion has a record of its own.
pub const CHAMPION_MOVES: &str = "models/moves/";

/// The record of one move of the champion; numbers have six digits, so that they sort.
pub fn champion_move(number: u64) -> String {
    format!("{CHAMPION_MOVES}{number:06}.json")
}

/// Below this is whom people want erased, while an erasure is at work.
pub const ERASURE_REQUESTS: &str = "erasure/requests/";

/// Whom nothing may be made of any more, as keyed hashes.
pub const TOMBSTONES: &str = "erasure/tombstones.json";

/// The key of these hashes; without it nobody can tell whom they mean.
pub const TOMBSTONE_KEY: &str = "erasure/key.json";

/// Whom a person wants erased: there while the erasure is at work, and gone at its end.
pub fn erasure_request(request: &str) -> String {
    format!("{ERASURE_REQUESTS}{request}.json")
}

/// Below this, every erasure has a certificate.
pub const CERTIFICATES: &str = "erasure/certificates/";

/// What was done for a request.
pub fn certificate(request: &str) -> String {
    format!("{CERTIFICATES}{request}.json")
}

/// Which erasure takes customers out at this moment.
pub const ERASURE_LOCK: &str = "erasure/lock.json";

/// What an erasure has done so far.
pub fn erasure_notes(request: &str) -> String {
    format!("erasure/at-work/{request}.json")
}
