//! Long work under Temporal's eyes: heartbeats with what is done, from the first byte loaded to the
//! last byte stored, and cancellation.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use churn::Watch;
use serde::{Deserialize, Serialize};
use temporalio_sdk::activities::ActivityContext;

use crate::error::{Error, Result};

/// How often progress is handed to the SDK, which throttles what it sends.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);

/// What a heartbeat carries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HeartbeatDetails {
    /// Units (rows, bytes, rounds, seconds) done.
    pub done: u64,
    /// Units in all; 0 when unknown.
    pub total: u64,
    /// What a remote job says of itself, for example `Training`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// HeartbeatDetails shared between a computation and its heartbeats.
#[derive(Debug, Default)]
pub struct SharedWatch {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
    status: Mutex<Option<String>>,
}

impl SharedWatch {
    fn progress(&self) -> HeartbeatDetails {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        HeartbeatDetails { done: self.done.load(Ordering::Relaxed), total: self.total.load(Ordering::Relaxed), status }
    }

    fn begin(&self) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(0, Ordering::Relaxed);
    }

    /// Asks the computation to end at its next report.
    fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Watch for SharedWatch {
    fn report(&self, done: u64, total: Option<u64>) -> churn::Result<()> {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total.unwrap_or(0), Ordering::Relaxed);
        if self.stop.load(Ordering::Relaxed) { Err(churn::Error::Cancelled) } else { Ok(()) }
    }
}

/// The life of one attempt of an activity: it beats while the step works, and hears a cancellation.
pub struct Heartbeat {
    /// None of a step that is called by itself: nobody hears it, and nobody cancels it.
    ctx: Option<ActivityContext>,
    watch: Arc<SharedWatch>,
    held: AtomicUsize,
}

/// While it lives, a cancellation waits for the work to end by itself.
pub struct CancellationGuard<'a>(&'a AtomicUsize);

impl Drop for CancellationGuard<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Heartbeat {
    /// The heartbeat of an attempt.
    pub fn of(ctx: &ActivityContext) -> Self {
        Self { ctx: Some(ctx.clone()), ..Self::unheard() }
    }

    /// Of a step that is called without a workflow, as benchmarks do.
    pub fn unheard() -> Self {
        Self { ctx: None, watch: Arc::default(), held: AtomicUsize::new(0) }
    }

    /// Beats until the step ends.
    ///
    /// A cancelled step that loads or stores is dropped on the spot; one that computes, or runs a job,
    /// holds on until that has stopped, so that nothing of it goes on in the dark.
    pub async fn keep<T>(&self, step: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::pin!(step);
        let mut beat = tokio::time::interval(HEARTBEAT_EVERY);
        loop {
            tokio::select! {
                output = &mut step => return output,
                () = self.cancelled(), if !self.is_cancelled() => {}
                _ = beat.tick() => self.beat().await,
            }
            if self.is_cancelled() {
                self.watch.stop();
                if self.held.load(Ordering::Relaxed) == 0 {
                    return Err(churn::Error::Cancelled.into());
                }
            }
        }
    }

    async fn beat(&self) {
        if let Some(ctx) = &self.ctx
            && let Err(error) = ctx.record_heartbeat(self.watch.progress()).await
        {
            tracing::warn!(%error, "heartbeat could not be encoded");
        }
    }

    /// Whether the attempt was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.ctx.as_ref().is_some_and(ActivityContext::is_cancelled)
    }

    /// Resolves when the attempt is cancelled.
    pub async fn cancelled(&self) {
        match &self.ctx {
            Some(ctx) => ctx.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// The number of the attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.ctx.as_ref().map_or(1, |ctx| ctx.info().attempt)
    }

    /// The attempt's context, if a workflow has called the step.
    pub fn context(&self) -> Option<&ActivityContext> {
        self.ctx.as_ref()
    }

    /// What the heartbeats carry from now on.
    pub fn report(&self, done: u64, total: u64) {
        self.watch.done.store(done, Ordering::Relaxed);
        self.watch.total.store(total, Ordering::Relaxed);
    }

    /// What the heartbeats say of a remote job.
    pub fn status(&self, status: impl Into<String>) {
        *self.watch.status.lock().unwrap_or_else(PoisonError::into_inner) = Some(status.into());
    }

    /// A cancellation waits while the answer lives.
    pub fn delay_cancellation(&self) -> CancellationGuard<'_> {
        self.held.fetch_add(1, Ordering::Relaxed);
        CancellationGuard(&self.held)
    }
}

/// Runs a computation on a thread of its own; a cancelled activity stops it at its next report and
/// waits for it.
pub async fn compute<T: Send + 'static>(
    heartbeat: &Heartbeat,
    doing: &'static str,
    computation: impl FnOnce(&dyn Watch) -> Result<T> + Send + 'static,
) -> Result<T> {
    let _guard = heartbeat.delay_cancellation();
    heartbeat.watch.begin();
    let watch = Arc::clone(&heartbeat.watch);
    let work = tokio::task::spawn_blocking(move || computation(&*watch));
    work.await.map_err(|source| Error::TaskLost { doing, source })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_step_that_no_workflow_has_called_runs_to_its_end() {
        let heartbeat = Heartbeat::unheard();
        let count = compute(&heartbeat, "a test", |watch| {
            watch.report(1, Some(2))?;
            Ok(7)
        });
        assert_eq!(heartbeat.keep(count).await.unwrap(), 7);
        assert!(!heartbeat.is_cancelled() && heartbeat.context().is_none());
    }
}
