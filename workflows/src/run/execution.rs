//! One execution of a workflow: its context, and which run its activities work for.

use std::cell::RefCell;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use protocol::Run;
use temporalio_sdk::WorkflowContext;

/// An execution of the workflow `W`.
pub struct Execution<W> {
    /// Its context: state, search attributes, timers, cancellation.
    pub ctx: WorkflowContext<W>,
    /// The run that its activities work for.
    pub run: Run,
    /// Alerts that could not be delivered.
    pub(super) undelivered: RefCell<Vec<String>>,
}

impl<W> Execution<W> {
    /// An execution that is a run of its own.
    pub fn of_itself(ctx: WorkflowContext<W>) -> Self {
        let run = Run { workflow_id: ctx.workflow_id().into(), run_id: ctx.run_id().into(), started: text(now(&ctx)) };
        Self::for_run(ctx, run)
    }

    /// An execution that works for another run: that of its parent.
    pub fn for_run(ctx: WorkflowContext<W>, run: Run) -> Self {
        Self { ctx, run, undelivered: RefCell::default() }
    }

    /// Why it did not come to its end, when somebody has cancelled it: then its work may fail in many ways, since
    /// a worker was lost, or could not stop.
    pub fn cause(&self, stop: super::Failure) -> super::Failure {
        if self.ctx.cancellation_token().is_cancelled() { super::Failure::Cancelled } else { stop }
    }
}

/// The workflow's clock: the same in a replay.
pub fn now<W>(ctx: &WorkflowContext<W>) -> DateTime<Utc> {
    moment(ctx.workflow_time())
}

/// A time of the workflow's clock, as any of its contexts tells it.
pub fn moment(time: Option<SystemTime>) -> DateTime<Utc> {
    time.map(DateTime::<Utc>::from).unwrap_or_default()
}

/// RFC 3339, to the millisecond.
pub fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
