//! No run is at work for ever. Past its limit it stops its work, waits until that has stopped, and
//! fails with the name of the stage: else a nightly schedule would skip every later night without a word.

use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;
use protocol::steps::RawSnapshot;
use temporalio_sdk::workflows::select;
use temporalio_sdk::{TimerOptions, WorkflowCancellationToken};

use super::stages::Stages;
use crate::failure::Failure;

/// What the stages after the raw one may take in all; people may take the time they are given on top.
///
/// It begins anew where a run goes back to the raw files, because a stored table was damaged. The raw stage
/// has a limit of its own ([`crate::options::Weight::First`]): the settings come with its answer.
pub fn after_the_raw_stage(raw: &RawSnapshot, require_approval: bool) -> Option<Duration> {
    let patience = if require_approval {
        raw.settings.approval.escalate_after_secs.saturating_add(raw.settings.approval.reject_after_secs)
    } else {
        0
    };
    raw.settings.run_limit_secs.map(|secs| Duration::from_secs(secs.saturating_add(patience)))
}

impl Stages {
    /// Does the work, or fails when it takes longer than `limit`; no limit, no timer.
    ///
    /// The work is stopped as by a person who cancels the run, so nothing of it goes on in the dark.
    pub async fn within<T>(
        &self,
        limit: Option<Duration>,
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
        let at_work = self.ctx.state(|state| state.progress.stage.clone());
        self.ctx.cancellation_token().cancel_with_reason("the run's time limit is reached");
        // What came to its end all the same counts.
        work.await.map_err(|_| Failure::run_timed_out(limit, &at_work))
    }
}

#[cfg(test)]
mod tests {
    use protocol::Digest;
    use serde_json::json;

    use super::*;

    fn raw(run_limit_secs: Option<u64>) -> RawSnapshot {
        let mut raw = json!({
            "digest": Digest::of(b"raw"), "tables": {}, "readings": [], "last_date": "2024-12-31", "rows": 0,
            "experiment": "E5_full", "gate": { "pr_auc_floor": 0.7, "max_pr_auc_loss": 0.02 },
            "approval": { "escalate_after_secs": 60, "reject_after_secs": 30 },
        });
        if let Some(secs) = run_limit_secs {
            raw["run_limit_secs"] = json!(secs);
        }
        serde_json::from_value(raw).unwrap()
    }

    #[test]
    fn people_may_take_their_time_on_top_and_old_histories_have_no_limit() {
        assert_eq!(after_the_raw_stage(&raw(Some(100)), false), Some(Duration::from_secs(100)));
        assert_eq!(after_the_raw_stage(&raw(Some(100)), true), Some(Duration::from_secs(190)));
        assert_eq!(after_the_raw_stage(&raw(Some(u64::MAX)), true), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(after_the_raw_stage(&raw(None), true), None);
    }
}
