//! Long computations under Temporal's eyes: heartbeats with rows done, and cancellation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use churn::Watch;
use serde::{Deserialize, Serialize};
use temporalio_sdk::activities::ActivityContext;

use crate::error::{Error, Result};

/// How often progress is handed to the SDK, which throttles what it sends.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);

/// What a heartbeat carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Units (rows, bytes, rounds) done.
    pub done: u64,
    /// Units in all; 0 when unknown.
    pub total: u64,
}

/// Progress shared between a computation and its heartbeats.
#[derive(Debug, Default)]
pub struct SharedWatch {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

impl SharedWatch {
    fn progress(&self) -> Progress {
        Progress { done: self.done.load(Ordering::Relaxed), total: self.total.load(Ordering::Relaxed) }
    }

    /// Asks the computation to end at its next report.
    pub fn stop(&self) {
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

/// Runs a computation on a thread of its own while heartbeats flow; a cancelled activity stops it
/// at its next report and waits for it, so that nothing of it goes on in the dark.
pub async fn compute<T: Send + 'static>(
    ctx: &ActivityContext,
    doing: &'static str,
    computation: impl FnOnce(&dyn Watch) -> Result<T> + Send + 'static,
) -> Result<T> {
    let watch = Arc::new(SharedWatch::default());
    let seen = Arc::clone(&watch);
    let work = tokio::task::spawn_blocking(move || computation(&*seen));
    beat_while(ctx, &watch, work).await.map_err(|source| Error::TaskLost { doing, source })?
}

/// Heartbeats until `work` ends; passes a cancellation on to `watch`.
pub async fn beat_while<F: Future>(ctx: &ActivityContext, watch: &SharedWatch, work: F) -> F::Output {
    tokio::pin!(work);
    let mut beat = tokio::time::interval(HEARTBEAT_EVERY);
    loop {
        tokio::select! {
            output = &mut work => return output,
            () = ctx.cancelled(), if !ctx.is_cancelled() => watch.stop(),
            _ = beat.tick() => {
                if ctx.is_cancelled() {
                    watch.stop();
                }
                if let Err(error) = ctx.record_heartbeat(watch.progress()).await {
                    tracing::warn!(%error, "heartbeat could not be encoded");
                }
            }
        }
    }
}
