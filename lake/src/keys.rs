//! Every key of the lake, built in one place.

use churn::contract::Layer;
use protocol::Digest;

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

/// The top folders that the pipeline writes; everything else arrives from outside.
const MADE_HERE: [&str; 9] =
    ["bronze", "silver", "gold", "models", "evaluated", "scored", "monitoring", "training", "runs"];

/// Whether an object is the pipeline's own: it then never changes by itself.
pub fn is_made_here(key: &str) -> bool {
    let top = key.split_once('/').map_or(key, |(top, _)| top);
    MADE_HERE.contains(&top)
}

/// The folder of one stage's outputs, ending in `/`.
pub fn stage(layer: &str, stage: &str, digest: &Digest) -> String {
    format!("{layer}/{stage}/{}/", digest.short())
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

/// The folder of all evaluations of a version, ending in `/`.
pub fn evaluations(version: &str) -> String {
    format!("evaluated/{version}/")
}

/// The record of one run: inputs, outputs, durations, verdicts.
pub fn run_record(run_id: &str) -> String {
    format!("runs/{run_id}/run.json")
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

/// One alert; the event's ID makes a repeated sending find the first.
pub fn alert(event_id: &str) -> String {
    format!("monitoring/alerts/{event_id}.json")
}

/// The note that a failed run is counted.
pub fn failure_counted(event_id: &str) -> String {
    format!("monitoring/counted/{event_id}")
}

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

/// The settings that the workers of a task queue work with.
pub fn settings_in_force(task_queue: &Digest) -> String {
    format!("settings/{}.json", task_queue.short())
}

/// Below this, every move of the champion has a record of its own.
pub const CHAMPION_MOVES: &str = "models/moves/";

/// The record of one move of the champion; numbers have six digits, so that they sort.
pub fn champion_move(number: u64) -> String {
    format!("{CHAMPION_MOVES}{number:06}.json")
}
