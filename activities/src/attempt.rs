//! One attempt of an activity, from its first moment to its last: what all of them do around their step.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::error::{Error, Result};
use crate::retry_report;
use crate::traces::Traces;

/// What a process is at work on: what a worker names that has to end before its work does.
#[derive(Debug, Clone, Default)]
pub struct AtWork {
    attempts: Arc<Mutex<BTreeMap<Vec<u8>, String>>>,
    traces: Traces,
}

impl AtWork {
    /// Nothing yet; each attempt that ends becomes a span.
    pub fn traced(traces: Traces) -> Self {
        Self { attempts: Arc::default(), traces }
    }

    /// The attempts that have not ended, as `train_model of churn-pipeline-... (attempt 1)`.
    pub fn names(&self) -> Vec<String> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn begin(&self, ctx: &ActivityContext) -> Working<'_> {
        let info = ctx.info();
        let workflow = info.workflow_id.as_deref().unwrap_or("no workflow");
        let name = format!("{} of {workflow} (attempt {})", info.activity_type, info.attempt);
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).insert(info.task_token.clone(), name);
        Working { at_work: self, token: info.task_token.clone() }
    }

    /// Runs one attempt: it is known to be at work, and its workflow hears when it is not the first to fail.
    pub async fn attempt<T>(
        &self,
        ctx: &ActivityContext,
        step: impl Future<Output = Result<T>>,
    ) -> Result<T, ActivityError> {
        let _working = self.begin(ctx);
        let begin = now();
        retry_report::at_the_beginning(ctx).await;
        let outcome = step.await;
        if let Err(error) = &outcome {
            retry_report::at_the_end(ctx, error).await;
        }
        self.traces.of_attempt(ctx, begin, now(), outcome.as_ref().err().map(Error::type_name));
        outcome.map_err(Error::into_failure)
    }
}

#[expect(clippy::disallowed_methods, reason = "when an attempt began and ended is a fact, not a computation")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Until it is dropped, the attempt is at work.
struct Working<'a> {
    at_work: &'a AtWork,
    token: Vec<u8>,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.at_work.attempts.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.token);
    }
}
