//! No run is at work for ever. Past its limit it stops its work, waits until that has stopped, and
//! fails with the name of the stage: else a nightly schedule would skip every later night without a word.

use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;
use temporalio_sdk::workflows::select;
use temporalio_sdk::{TimerOptions, WorkflowCancellationToken};

use super::{Execution, Failure};

impl<W> Execution<W> {
    /// Does the work, or fails when it takes longer than `limit`, and says where it was `standing`; no limit, no timer.
    ///
    /// The work is stopped as by a person who cancels the run, so nothing of it goes on in the dark.
    pub async fn within<T>(
        &self,
        limit: Option<Duration>,
        standing: impl FnOnce() -> String,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Some(limit) = limit else { return work.await };
        // A cancelled run does not cancel the timer, which would look like one that fired.
        let in_time = WorkflowCancellationToken::new();
        let timer =
            TimerOptions::builder(limit).cancellation_token(in_time.clone()).summary("the run's time limit".to_owned());
        let mut timer = pin!(self.ctx.timer(timer.build()));
        let mut work = pin!(work.fuse());
        select! {
            ended = work => {
                in_time.cancel();
                return ended;
            }
            _ = timer => {}
        }
        let standing = standing();
        self.ctx.cancellation_token().cancel_with_reason("the run's time limit is reached");
        // What came to its end all the same counts.
        work.await.map_err(|_| Failure::run_timed_out(limit, &standing))
    }
}
