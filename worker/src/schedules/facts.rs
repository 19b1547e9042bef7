//! A schedule as facts that people can read: so what is wanted and what is there are compared, and told.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use temporalio_common::protos::temporal::api::enums::v1::ScheduleOverlapPolicy;
use temporalio_common::protos::temporal::api::schedule::v1::{
    Range, Schedule, ScheduleSpec, StructuredCalendarSpec, schedule_action::Action,
};
use temporalio_common::protos::temporal::api::workflow::v1::NewWorkflowExecutionInfo;

use super::wanted::MARK;

/// The priority of what has none.
const USUAL_PRIORITY: i32 = 3;

/// A fact that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The name of the fact.
    pub fact: &'static str,
    /// What the server has.
    pub is: String,
    /// What the file says.
    pub wanted: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} -> {}", self.fact, self.is, self.wanted)
    }
}

/// What is not as it should be. Notes are people's own.
pub fn differences(is: &Schedule, wanted: &Schedule) -> Vec<Difference> {
    let (is, wanted) = (facts(is), facts(wanted));
    let different = is.into_iter().zip(wanted).filter(|(is, wanted)| is != wanted);
    different.map(|((fact, is), (_, wanted))| Difference { fact, is, wanted }).collect()
}

/// The task queue that a schedule was made for, if it was made from a file.
pub fn mark(schedule: &Schedule) -> Option<String> {
    let Action::StartWorkflow(started) = schedule.action.as_ref()?.action.as_ref()?;
    serde_json::from_slice(&started.memo.as_ref()?.fields.get(MARK)?.data).ok()
}

/// Every fact of a schedule, always the same names. The server fills in what was left out: both mean the same.
fn facts(schedule: &Schedule) -> BTreeMap<&'static str, String> {
    let spec = schedule.spec.clone().unwrap_or_default();
    let policies = schedule.policies.unwrap_or_default();
    let state = schedule.state.clone().unwrap_or_default();
    let action = match schedule.action.clone().and_then(|action| action.action) {
        Some(Action::StartWorkflow(started)) => started,
        None => NewWorkflowExecutionInfo::default(),
    };
    let overlap = match policies.overlap_policy() {
        ScheduleOverlapPolicy::Unspecified => ScheduleOverlapPolicy::Skip,
        other => other,
    };
    let limit = if state.limited_actions { format!("{} more", state.remaining_actions) } else { "none".to_owned() };
    let priority = action.priority.as_ref().map_or(0, |priority| priority.priority_key);
    let priority = if priority == 0 { USUAL_PRIORITY } else { priority };
    BTreeMap::from([
        ("times", times(&spec)),
        ("time zone", if spec.timezone_name.is_empty() { "UTC".to_owned() } else { spec.timezone_name.clone() }),
        ("jitter", duration(spec.jitter.and_then(|jitter| jitter.try_into().ok()))),
        ("bounds", bounds(&spec)),
        ("overlap", overlap.as_str_name().trim_start_matches("SCHEDULE_OVERLAP_POLICY_").to_lowercase()),
        ("catch-up window", duration(policies.catchup_window.and_then(|window| window.try_into().ok()))),
        ("pause on failure", policies.pause_on_failure.to_string()),
        ("own workflow id", policies.keep_original_workflow_id.to_string()),
        ("paused", state.paused.to_string()),
        ("limit", limit),
        ("workflow", action.workflow_type.clone().unwrap_or_default().name),
        ("workflow id", action.workflow_id.clone()),
        ("task queue", action.task_queue.clone().unwrap_or_default().name),
        ("input", input(&action)),
        ("execution timeout", duration(action.workflow_execution_timeout.and_then(|time| time.try_into().ok()))),
        ("run timeout", duration(action.workflow_run_timeout.and_then(|time| time.try_into().ok()))),
        ("priority", priority.to_string()),
        ("mark", mark(schedule).unwrap_or_else(|| "none".to_owned())),
    ])
}

fn times(spec: &ScheduleSpec) -> String {
    let mut all: Vec<_> = spec.structured_calendar.iter().map(calendar).collect();
    all.extend(spec.cron_string.iter().map(|line| format!("cron {line}")));
    all.extend(spec.calendar.iter().map(|calendar| format!("{calendar:?}")));
    all.extend(spec.interval.iter().map(|interval| {
        let [every, phase] =
            [interval.interval, interval.phase].map(|time| duration(time.and_then(|t| t.try_into().ok())));
        format!("every {every} from {phase}")
    }));
    all.extend(spec.exclude_structured_calendar.iter().map(|times| format!("not {}", calendar(times))));
    all.join(" and ")
}

/// A cron line where it can be one.
fn calendar(times: &StructuredCalendarSpec) -> String {
    let usual = [(&times.minute, 0, 59), (&times.hour, 0, 23), (&times.day_of_month, 1, 31), (&times.month, 1, 12)];
    let line = usual.into_iter().chain([(&times.day_of_week, 0, 6)]).map(|(ranges, from, to)| field(ranges, from, to));
    let mut parts = line.collect::<Vec<_>>();
    let seconds = field(&times.second, 0, 59);
    if seconds != "0" {
        parts.push(format!("second {seconds}"));
    }
    if !times.year.is_empty() {
        parts.push(format!("year {}", field(&times.year, 0, 9999)));
    }
    parts.join(" ")
}

fn field(ranges: &[Range], from: i32, to: i32) -> String {
    let part = |range: &Range| {
        // What the server leaves out is 0.
        let (start, end, step) = (range.start, range.end.max(range.start), range.step.max(1));
        let span = match (start, end) {
            (start, end) if start == from && end == to => "*".to_owned(),
            (start, end) if start == end => start.to_string(),
            (start, end) => format!("{start}-{end}"),
        };
        if step == 1 || start == end { span } else { format!("{span}/{step}") }
    };
    let mut parts: Vec<_> = ranges.iter().map(part).collect();
    parts.sort();
    parts.join(",")
}

fn bounds(spec: &ScheduleSpec) -> String {
    let shown = [("from", spec.start_time), ("to", spec.end_time)];
    let shown =
        shown.into_iter().filter_map(|(word, time)| Some(format!("{word} {}", super::time(time?)?.to_rfc3339())));
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(" ") }
}

fn duration(time: Option<Duration>) -> String {
    format!("{} s", time.unwrap_or_default().as_secs_f64())
}

/// The input as JSON with sorted keys: the order in which somebody typed them is nothing.
fn input(action: &NewWorkflowExecutionInfo) -> String {
    let payloads = action.input.clone().unwrap_or_default().payloads;
    let values = payloads.iter().map(|payload| match serde_json::from_slice::<Value>(&payload.data) {
        Ok(value) => sorted(&value).to_string(),
        Err(_) => String::from_utf8_lossy(&payload.data).into_owned(),
    });
    values.collect::<Vec<_>>().join(", ")
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), value)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::schedule::v1::ScheduleState;

    use super::*;
    use crate::schedules::{SchedulesFile, wanted};

    fn nightly() -> Schedule {
        let file = SchedulesFile::load(None).unwrap();
        wanted(file.find("nightly-retrain").unwrap(), "q", ScheduleState::default()).unwrap()
    }

    #[test]
    fn what_the_server_leaves_out_is_no_difference() {
        let mut kept = nightly();
        let times = &mut kept.spec.as_mut().unwrap().structured_calendar[0];
        times.second = vec![Range::default()];
        times.hour = vec![Range { start: 1, end: 0, step: 0 }];
        kept.spec.as_mut().unwrap().jitter = None;
        assert_eq!(differences(&kept, &nightly()), []);
        assert_eq!(facts(&kept)["times"], "30 1 * * *");
    }

    #[test]
    fn what_somebody_changed_is_told() {
        let mut changed = nightly();
        changed.spec.as_mut().unwrap().structured_calendar[0].hour = vec![Range { start: 3, end: 3, step: 1 }];
        changed.policies.as_mut().unwrap().overlap_policy = ScheduleOverlapPolicy::AllowAll.into();
        let found = differences(&changed, &nightly());
        let told: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["overlap: allow_all -> skip", "times: 30 3 * * * -> 30 1 * * *"]);
    }
}
