//! The traces port: what a run did when, as spans for an OpenTelemetry collector. Nothing of it ever fails a run.
//!
//! The code of a workflow is run again and again, so it makes no spans: the activity that records a run makes those of the
//! run and its stages, and every attempt of an activity makes its own. They fit together, since [their IDs](ids) follow from the
//! run's.

#[cfg(feature = "otel")]
mod collector;
pub mod ids;
#[cfg(not(feature = "otel"))]
mod nowhere;
pub mod spans;

use std::time::SystemTime;

#[cfg(feature = "otel")]
use collector::Collector;
use lake::documents::RunRecord;
#[cfg(not(feature = "otel"))]
use nowhere::Collector;
use protocol::steps::StageTimes;
use spans::{Attempt, Span};
use temporalio_sdk::activities::ActivityContext;

/// Where spans go: to a collector, or nowhere.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    collector: Option<Collector>,
}

impl Traces {
    /// Whether this program can send spans: it was built with the feature `otel`.
    pub const ARE_BUILT_IN: bool = cfg!(feature = "otel");

    /// Spans go to the collector at `endpoint`, by OTLP over HTTP, `v1/traces` below it. To be called in the runtime that sends them.
    pub fn open(endpoint: &str, revision: &'static str) -> churn::Result<Self> {
        Ok(Self { collector: Some(Collector::open(endpoint, revision)?) })
    }

    /// An attempt of an activity has ended.
    pub fn of_attempt(&self, ctx: &ActivityContext, begin: SystemTime, end: SystemTime, problem: Option<&str>) {
        let info = ctx.info();
        let attempt = Attempt {
            workflow_type: info.workflow_type.as_deref().unwrap_or_default(),
            workflow_id: info.workflow_id.as_deref().unwrap_or_default(),
            run_id: info.workflow_run_id.as_deref().unwrap_or_default(),
            activity: &info.activity_type,
            activity_id: &info.activity_id,
            attempt: info.attempt,
            task_queue: &info.task_queue,
            begin,
            end,
            problem,
        };
        self.send(|| [spans::of_attempt(&attempt)]);
    }

    /// A run is recorded.
    pub fn of_run(&self, record: &RunRecord, stages: &[StageTimes]) {
        self.send(|| spans::of_run(record, stages));
    }

    /// Waits a while until all spans of before are sent.
    pub async fn flush(&self) {
        if let Some(collector) = &self.collector {
            collector.flush().await;
        }
    }

    /// What nobody wants is not made.
    fn send<S: IntoIterator<Item = Span>>(&self, spans: impl FnOnce() -> S) {
        if let Some(collector) = &self.collector {
            spans().into_iter().for_each(|span| collector.send(span));
        }
    }
}
