//! Every timeout and retry, and which task queue does the work.

use std::time::Duration;

use protocol::task_queues::{cpu_queue, wait_queue};
use temporalio_common::RetryPolicy;
use temporalio_sdk::{ActivityCancellationType, ActivityCloseTimeouts, ActivityOptions};

/// How much an activity asks of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Moves a pointer, reads a small object.
    Light,
    /// Computes on tables: own queue, heartbeats.
    Heavy,
    /// Looks at the raw files: as heavy, and limited in all, since the run's own limit is among the
    /// settings that only this activity knows.
    First,
    /// Trains a model: as heavy, and may take hours.
    Training,
    /// Looks at a training that another machine does: as long, own queue.
    Waiting,
    /// Stops what a run left at work.
    CleanUp,
    /// Tells people: given up after a while, since it must not hold up a good run.
    Alert,
}

/// | weight | one attempt | heartbeat | retries |
/// |---|---|---|---|
/// | light | 2 min | none | 1 s doubling to 1 min, 100 attempts |
/// | heavy | 24 h | 30 s | the same |
/// | first | the same, 48 h with all attempts | 30 s | the same |
/// | training | 26 h (SageMaker's own limit is a day) | 30 s | the same |
/// | waiting | the same | the same | the same |
/// | clean-up | 2 min | none | 1 s doubling to 1 min, 30 attempts |
/// | alert | 2 min | none | 1 s doubling, 5 attempts |
///
/// Attempts are many because a worker's restart counts as one; permanent failures never retry. What
/// finds a lost worker is the heartbeat, so an attempt may be long: a file of readings that arrives as
/// CSV is converted by one attempt, however large it is. What ends a run that is stuck all the same is its
/// deadline.
pub fn options(weight: Weight, task_queue: &str, summary: impl Into<String>) -> ActivityOptions {
    let (attempt, heartbeat) = match weight {
        Weight::Light | Weight::CleanUp | Weight::Alert => (Duration::from_mins(2), None),
        Weight::Heavy | Weight::First => (Duration::from_hours(24), Some(Duration::from_secs(30))),
        Weight::Training | Weight::Waiting => (Duration::from_hours(26), Some(Duration::from_secs(30))),
    };
    let queue = match weight {
        Weight::Light | Weight::CleanUp | Weight::Alert => task_queue.to_owned(),
        Weight::Heavy | Weight::First | Weight::Training => cpu_queue(task_queue),
        Weight::Waiting => wait_queue(task_queue),
    };
    let attempts = match weight {
        Weight::Alert => 5,
        // Half an hour: then people must know that something goes on and costs.
        Weight::CleanUp => 30,
        _ => 100,
    };
    let closes = match weight {
        Weight::First => ActivityCloseTimeouts::ScheduleAndStartToClose {
            start_to_close: attempt,
            schedule_to_close: Duration::from_hours(48),
        },
        _ => ActivityCloseTimeouts::StartToClose(attempt),
    };
    ActivityOptions::with_close_timeouts(closes)
        .maybe_heartbeat_timeout(heartbeat)
        .task_queue(queue)
        // A cancelled run ends after its work has stopped, not before.
        .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
        .retry_policy(
            RetryPolicy::builder()
                .initial_interval(Duration::from_secs(1))
                .backoff_coefficient(2.0)
                .maximum_interval(Duration::from_mins(1))
                .maximum_attempts(attempts)
                .build(),
        )
        .summary(summary.into())
        .build()
}

impl Weight {
    /// Whether the run's cancellation stops it: what cleans up comes after one, and people hear of one.
    pub fn hears_cancellation(self) -> bool {
        !matches!(self, Self::CleanUp | Self::Alert)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHTS: [Weight; 7] = [
        Weight::Light,
        Weight::Heavy,
        Weight::First,
        Weight::Training,
        Weight::Waiting,
        Weight::CleanUp,
        Weight::Alert,
    ];

    /// The table in the documentation above: one attempt, heartbeat, queue, attempts.
    fn promised(weight: Weight) -> (u64, Option<u64>, &'static str, u32) {
        match weight {
            Weight::Light => (2 * 60, None, "q", 100),
            Weight::Heavy | Weight::First => (24 * 3600, Some(30), "q-cpu", 100),
            Weight::Training => (26 * 3600, Some(30), "q-cpu", 100),
            Weight::Waiting => (26 * 3600, Some(30), "q-wait", 100),
            Weight::CleanUp => (2 * 60, None, "q", 30),
            Weight::Alert => (2 * 60, None, "q", 5),
        }
    }

    #[test]
    fn every_weight_has_its_time_its_queue_and_its_attempts() {
        for weight in WEIGHTS {
            let (attempt, heartbeat, queue, attempts) = promised(weight);
            let options = options(weight, "q", "a summary");
            let closes = options.close_timeouts;
            assert_eq!(closes.start_to_close(), Some(Duration::from_secs(attempt)), "{weight:?}");
            let in_all = (weight == Weight::First).then_some(Duration::from_hours(48));
            assert_eq!(closes.schedule_to_close(), in_all, "{weight:?}");
            assert_eq!(options.heartbeat_timeout, heartbeat.map(Duration::from_secs), "{weight:?}");
            assert_eq!(options.task_queue.as_deref(), Some(queue), "{weight:?}");
            let retries = options.retry_policy.expect("a retry policy");
            assert_eq!(retries.maximum_attempts(), attempts, "{weight:?}");
            assert_eq!(retries.initial_interval(), Duration::from_secs(1), "{weight:?}");
            assert_eq!(retries.backoff_coefficient(), 2.0, "{weight:?}");
            assert_eq!(retries.maximum_interval(), Some(Duration::from_mins(1)), "{weight:?}");
            assert_eq!(options.cancellation_type, ActivityCancellationType::WaitCancellationCompleted, "{weight:?}");
            assert_eq!(options.summary.as_deref(), Some("a summary"));
            let comes_after_a_cancellation = matches!(weight, Weight::CleanUp | Weight::Alert);
            assert_eq!(weight.hears_cancellation(), !comes_after_a_cancellation, "{weight:?}");
        }
    }
}
