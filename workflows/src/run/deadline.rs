//! No run is at work for ever. Past its limit it stops its work, waits until that has stopped, and
//! fails with the name of the stage: else a nightly schedule would skip every later night without a word.

use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;
use temporalio_sdk::workflows::select;
use temporalio_sdk::{TimerOptions, WorkflowCancellationToken};

use super::{Execution, Failure};

impl<W> Execution<W> {
    /// Does the work, or fails when it takes longer than `limit`, and says where it was `standing`; no limit, no timer. How
    /// much `more` it may take than the limit is asked when that is reached: it may have grown meanwhile.
    ///
    /// The work is stopped as by a person who cancels the run, so nothing of it goes on in the dark.
    pub async fn within<T>(
        &self,
        limit: Option<Duration>,
        more: impl Fn() -> Duration,
        standing: impl FnOnce() -> String,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Some(limit) = limit else { return work.await };
        // A cancelled run does not cancel the timer, which would look like one that fired.
        let in_time = WorkflowCancellationToken::new();
        let mut work = pin!(work.fuse());
        let (mut over, mut next) = (Duration::ZERO, limit);
        loop {
            let timer = TimerOptions::builder(next)
                .cancellation_token(in_time.clone())
                .summary("the run's time limit".to_owned());
            let mut timer = pin!(self.ctx.timer(timer.build()));
            select! {
                ended = work => {
                    in_time.cancel();
                    return ended;
                }
                _ = timer => {}
            }
            over += next;
            next = left(limit, more(), over);
            if next.is_zero() {
                break;
            }
        }
        let standing = standing();
        self.ctx.cancellation_token().cancel_with_reason("the run's time limit is reached");
        // What came to its end all the same counts.
        work.await.map_err(|_| Failure::run_timed_out(over, &standing))
    }
}

/// What is left of a limit that has grown.
fn left(limit: Duration, more: Duration, over: Duration) -> Duration {
    limit.saturating_add(more).saturating_sub(over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_has_grown_leaves_what_it_grew_by_and_no_more() {
        let secs = Duration::from_secs;
        assert_eq!(left(secs(100), secs(0), secs(100)), Duration::ZERO);
        assert_eq!(left(secs(100), secs(90), secs(100)), secs(90));
        assert_eq!(left(secs(100), secs(90), secs(190)), Duration::ZERO);
        assert_eq!(left(Duration::MAX, secs(90), secs(100)), Duration::MAX.saturating_sub(secs(100)));
    }
}
