//! `DescribeTrainingJob`: moto's answer with what really happened in it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::job::Job;
use super::metrics::metrics_of;
use super::state::State;

/// What AWS promises to spare on spare capacity differs; this is a usual part that remains.
const SPOT_SHARE: f64 = 0.6;
/// What moto invents.
const INVENTED: [&str; 9] = [
    "BillableTimeInSeconds",
    "FailureReason",
    "FinalMetricDataList",
    "ModelArtifacts",
    "SecondaryStatusTransitions",
    "TrainingEndTime",
    "TrainingStartTime",
    "TrainingTimeInSeconds",
    "SecondaryStatus",
];

/// The description of a job.
pub fn description(job: &Job) -> Value {
    let state = job.state();
    let mut described = job.definition.value().clone();
    if let Some(fields) = described.as_object_mut() {
        fields.retain(|field, _| !INVENTED.contains(&field.as_str()));
    }
    described["TrainingJobStatus"] = json!(state.status);
    described["SecondaryStatus"] = json!(state.secondary_status());
    described["SecondaryStatusTransitions"] = transitions(&state);
    described["LastModifiedTime"] = epoch_secs(state.transitions.last().expect("there is a first one").1);
    described["FinalMetricDataList"] = metrics(job, &state);
    if let Some(reason) = &state.failure_reason {
        described["FailureReason"] = json!(reason);
    }
    if let Some(uri) = &state.artifacts {
        described["ModelArtifacts"] = json!({ "S3ModelArtifacts": uri });
    }
    if let Some((started, _)) = state.started {
        described["TrainingStartTime"] = epoch_secs(started);
    }
    if let Some((ended, took)) = state.trained.filter(|_| state.has_ended()) {
        described["TrainingEndTime"] = epoch_secs(ended);
        described["TrainingTimeInSeconds"] = json!(whole_secs(took));
        let billed = if job.definition.is_spot() { took.mul_f64(SPOT_SHARE) } else { took };
        described["BillableTimeInSeconds"] = json!(whole_secs(billed));
    }
    described
}

fn transitions(state: &State) -> Value {
    let ends = state.transitions.iter().skip(1).map(|(_, at)| Some(*at)).chain([None]);
    let all = state.transitions.iter().zip(ends).map(|((status, start), end)| {
        let mut transition = json!({ "Status": status, "StartTime": epoch_secs(*start), "StatusMessage": status });
        if let Some(end) = end {
            transition["EndTime"] = epoch_secs(end);
        }
        transition
    });
    all.collect()
}

fn metrics(job: &Job, state: &State) -> Value {
    let output = std::fs::read(job.log_file()).unwrap_or_default();
    let found = metrics_of(&String::from_utf8_lossy(&output), &job.definition.metrics());
    let at = epoch_secs(state.trained.map_or_else(SystemTime::now, |(ended, _)| ended));
    found.iter().map(|(name, value)| json!({ "MetricName": name, "Value": value, "Timestamp": at })).collect()
}

fn epoch_secs(time: SystemTime) -> Value {
    let since = time.duration_since(UNIX_EPOCH).expect("after 1970");
    json!(since.as_millis() as f64 / 1000.0)
}

fn whole_secs(duration: Duration) -> u64 {
    duration.as_secs_f64().ceil() as u64
}
