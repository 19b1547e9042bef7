//! What becomes a span: a run, its stages, and every attempt of an activity. They name no customer and no reason in words,
//! only IDs, counts and error numbers.

use std::time::{Duration, SystemTime};

use chrono::DateTime;
use lake::documents::RunRecord;
use protocol::pipeline::{RunResult, StageName, WORKFLOW_TYPE};
use protocol::progress::{Stage, StageState};
use protocol::run_of_batch;
use protocol::steps::StageTimes;

use super::ids::{SpanId, TraceId, span_of, trace_of};

const RUN: &str = "run";

/// A span as OpenTelemetry has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The trace that it belongs to.
    pub trace: TraceId,
    /// Its ID.
    pub id: SpanId,
    /// The span that it is a part of.
    pub parent: Option<SpanId>,
    /// What people read.
    pub name: String,
    /// When it began.
    pub begin: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// More about it.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// The error that ended it: a number and a name, or `cancelled`.
    pub problem: Option<String>,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Attribute {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// An attempt of an activity that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The type of the workflow that wanted it.
    pub workflow_type: &'a str,
    /// The workflow.
    pub workflow_id: &'a str,
    /// Its run.
    pub run_id: &'a str,
    /// The activity's type.
    pub activity: &'a str,
    /// Its ID in the run.
    pub activity_id: &'a str,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// The queue that it came from.
    pub task_queue: &'a str,
    /// When it began.
    pub begin: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// The error that ended it.
    pub problem: Option<&'a str>,
}

/// The span of an attempt: part of its stage, or of its run. An activity of another workflow, which has neither, is a part of
/// nothing, in the trace of its run.
pub fn of_attempt(attempt: &Attempt<'_>) -> Span {
    // Batches of slices are children of the run: their work is the run's.
    let run = run_of_batch(attempt.workflow_id).unwrap_or(attempt.run_id);
    let is_of_pipeline = attempt.workflow_type == WORKFLOW_TYPE || run != attempt.run_id;
    let stage = StageName::of_activity(attempt.activity);
    let parent = stage.map_or_else(|| RUN.to_owned(), |stage| in_words(stage.as_str()));
    let what = format!("{} attempt {} of {}", attempt.run_id, attempt.attempt, attempt.activity_id);
    Span {
        trace: trace_of(run),
        id: span_of(run, &what),
        parent: is_of_pipeline.then(|| span_of(run, &parent)),
        name: attempt.activity.to_owned(),
        begin: attempt.begin,
        end: attempt.end,
        attributes: vec![
            ("temporalWorkflowID", attempt.workflow_id.into()),
            ("temporalRunID", attempt.run_id.into()),
            ("temporalActivityID", attempt.activity_id.into()),
            ("spanishgas.attempt", u64::from(attempt.attempt).into()),
            ("spanishgas.task_queue", attempt.task_queue.into()),
        ],
        problem: attempt.problem.map(str::to_owned),
    }
}

/// The spans of a run that is recorded, and of its stages. A run whose times cannot be read has none.
pub fn of_run(record: &RunRecord, stages: &[StageTimes]) -> Vec<Span> {
    let run_id = record.run.run_id.as_str();
    let ended = record.ended.as_deref().and_then(moment);
    let Some((begin, end)) = moment(&record.run.started).zip(ended) else { return Vec::new() };
    let (trace, id) = (trace_of(run_id), span_of(run_id, RUN));
    let mut attributes: Vec<(&'static str, Attribute)> = vec![
        ("temporalWorkflowID", record.run.workflow_id.as_str().into()),
        ("temporalRunID", run_id.into()),
        ("spanishgas.code_version", record.code_version.as_str().into()),
    ];
    let mut name = WORKFLOW_TYPE.to_owned();
    let mut problem = None;
    let (mode, as_of) = match record.pipeline_result() {
        Ok(RunResult::Completed(result)) => {
            attributes.push(("spanishgas.outcome", result.outcome.as_str().into()));
            (Some(result.mode), Some(result.as_of))
        }
        Ok(RunResult::EndedEarly(ended)) => {
            problem = Some(ended.error.error_type.clone());
            (Some(ended.mode), ended.as_of)
        }
        // A newer worker's words.
        Err(_) => (None, None),
    };
    if let Some(mode) = mode {
        name = format!("{WORKFLOW_TYPE} {}", mode.as_str());
    }
    attributes.extend(as_of.map(|as_of| ("spanishgas.as_of", Attribute::Text(as_of.to_string()))));
    let run = Span { trace, id, parent: None, name, begin, end, attributes, problem };
    let stages = stages.iter().filter_map(|stage| of_stage(run_id, stage));
    [run].into_iter().chain(stages).collect()
}

fn of_stage(run_id: &str, stage: &StageTimes) -> Option<Span> {
    let begin = moment(&stage.started)?;
    let end = begin.checked_add(Duration::try_from_secs_f64(stage.seconds).ok()?)?;
    let state = match stage.state {
        StageState::Pending | StageState::Running => return None,
        StageState::Done => "done",
        StageState::Skipped => "skipped",
        StageState::Failed => "failed",
    };
    Some(Span {
        trace: trace_of(run_id),
        id: span_of(run_id, &in_words(&stage.name)),
        parent: Some(span_of(run_id, RUN)),
        name: stage.name.clone(),
        begin,
        end,
        attributes: vec![("spanishgas.state", state.into()), ("spanishgas.rows", stage.rows.into())],
        problem: (stage.state == StageState::Failed).then(|| state.to_owned()),
    })
}

fn in_words(stage: &str) -> String {
    format!("stage {stage}")
}

fn moment(text: &str) -> Option<SystemTime> {
    DateTime::parse_from_rfc3339(text).ok().map(SystemTime::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RUN_ID: &str = "01a2146e-4068-78f2-aa22-895acf865826";

    fn at(second: u32) -> String {
        format!("2024-12-31T02:00:{second:02}.000Z")
    }

    fn record(result: &serde_json::Value) -> RunRecord {
        serde_json::from_value(json!({
            "run": { "workflow_id": "nightly", "run_id": RUN_ID, "started": at(0) }, "ended": at(30),
            "inputs": {}, "result": result, "code_version": "abc", "settings": {},
        }))
        .unwrap()
    }

    fn stage(name: &str, second: u32, state: StageState) -> StageTimes {
        StageTimes { name: name.to_owned(), started: at(second), seconds: 2.5, rows: 7, state }
    }

    fn attempt<'a>(workflow_type: &'a str, workflow_id: &'a str, run_id: &'a str, activity: &'a str) -> Attempt<'a> {
        let begin = moment(&at(4)).unwrap();
        Attempt {
            workflow_type,
            workflow_id,
            run_id,
            activity,
            activity_id: "7",
            attempt: 2,
            task_queue: "spanishgas-cpu",
            begin,
            end: begin + Duration::from_secs(1),
            problem: Some("SG0013 TrainingInterrupted"),
        }
    }

    #[test]
    fn a_run_is_one_trace_with_its_stages_below_it_and_their_attempts_below_them() {
        let early = json!({
            "run_id": RUN_ID, "workflow_id": "nightly", "state": "failed", "outcome": null, "mode": "train",
            "as_of": "2024-12-31", "dataset": null, "stages": [], "model": null, "verdict": null, "tiers": {},
            "drift": null, "error": { "type": "SG0012 TrainingFailed", "message": "a message" },
        });
        let stages = [stage("gold", 1, StageState::Done), stage("train", 3, StageState::Failed)];
        let spans = of_run(&record(&early), &stages);
        let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
        assert_eq!(names, ["ChurnPipeline train", "gold", "train"]);
        assert!(spans.iter().all(|span| span.trace == trace_of(RUN_ID)));
        assert_eq!((spans[0].parent, spans[0].problem.as_deref()), (None, Some("SG0012 TrainingFailed")));
        assert_eq!(spans[0].end.duration_since(spans[0].begin).unwrap(), Duration::from_secs(30));
        assert!(spans[1..].iter().all(|span| span.parent == Some(spans[0].id)));
        assert_eq!(spans[1].end.duration_since(spans[1].begin).unwrap(), Duration::from_millis(2500));
        assert_eq!((spans[1].problem.as_deref(), spans[2].problem.as_deref()), (None, Some("failed")));

        let training = of_attempt(&attempt(WORKFLOW_TYPE, "nightly", RUN_ID, "train_model"));
        assert_eq!((training.trace, training.parent), (spans[0].trace, Some(spans[2].id)));
        assert_eq!(training.problem.as_deref(), Some("SG0013 TrainingInterrupted"));
        let alert = of_attempt(&attempt(WORKFLOW_TYPE, "nightly", RUN_ID, "send_alert"));
        assert_eq!(alert.parent, Some(spans[0].id), "what is between the stages is a part of the run");
        assert!(!format!("{spans:?}").contains("a message"), "what went wrong is a number here");
    }

    #[test]
    fn a_batch_of_slices_is_a_part_of_its_run_and_another_workflow_is_a_trace_of_its_own() {
        let batch = format!("nightly-slices-{RUN_ID}-2");
        let slice = of_attempt(&attempt("AggregateSlices", &batch, "own-of-the-child", "aggregate_slice"));
        assert_eq!(slice.trace, trace_of(RUN_ID));
        assert_eq!(slice.parent, Some(span_of(RUN_ID, "stage bronze_customer_month")));
        let of_run_itself = of_attempt(&attempt(WORKFLOW_TYPE, "nightly", RUN_ID, "aggregate_slice"));
        assert_ne!(slice.id, of_run_itself.id, "activity 7 of each");

        let other = of_attempt(&attempt("Freshness", "look", "other", "judge_freshness"));
        assert_eq!((other.trace, other.parent), (trace_of("other"), None));
    }

    #[test]
    fn what_did_not_begin_and_what_nobody_can_read_has_no_span() {
        let unknown = record(&json!({ "state": "paused by a newer worker" }));
        let pending = [stage("publish", 1, StageState::Pending)];
        let spans = of_run(&unknown, &pending);
        assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["ChurnPipeline"]);
        assert!(of_run(&RunRecord { ended: None, ..unknown }, &pending).is_empty());
    }
}
