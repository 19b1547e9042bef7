//! Telling people.

use chrono::Utc;
use lake::{Lake, keys};
use protocol::{Alert, AlertKind};

use crate::alerts::event_id;
use crate::error::Result;
use crate::metrics;
use crate::steps::Environment;
use crate::steps::serving::publish;

/// Sends an alert once; a repeated activity finds it sent. Drift and performance of results that nobody reads are told to
/// nobody: a run for an older date says nothing of today.
#[expect(clippy::disallowed_methods, reason = "the moment of an alert is a fact, not a computation")]
pub async fn send_alert(environment: &Environment, alert: Alert, namespace: &str, attempt: u32) -> Result<bool> {
    let is_of_results =
        matches!(alert.kind, AlertKind::DriftWarn | AlertKind::DriftCritical | AlertKind::PerformanceShifted);
    if is_of_results && !publish::is_in_force(&environment.lake, &alert.run).await {
        return Ok(false);
    }
    let sent = environment.alerts.send(&environment.lake, &alert, namespace, Utc::now()).await;
    let is_news = !matches!(sent, Ok(false));
    // Whatever became of the message: an alarm may hear what people could not.
    if is_news
        && matches!(alert.kind, AlertKind::RunFailed | AlertKind::QualityBlocked)
        && is_first_count(&environment.lake, &alert, attempt).await
    {
        count_failure(environment, &alert).await;
    }
    sent
}

/// One failed run is one, however often its message is tried.
async fn is_first_count(lake: &Lake, alert: &Alert, attempt: u32) -> bool {
    let noted = lake.put_if_absent(&keys::failure_counted(&event_id(alert)), Vec::new()).await;
    // A lake out of reach may be why the run failed: then the first attempt counts it.
    noted.unwrap_or(attempt == 1)
}

/// People have heard already: a count that is lost is a line in the log, no reason to tell them twice.
async fn count_failure(environment: &Environment, alert: &Alert) {
    if let Err(error) = environment.metrics.publish(&metrics::of_failure()).await {
        tracing::warn!(workflow_id = %alert.run.workflow_id, %error, "the failed run is not counted in the metrics");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lake::FolderLake;
    use protocol::Run;

    #[tokio::test]
    async fn a_failed_run_is_counted_once_even_where_nothing_can_be_noted() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: String::new() };
        let (subject, body) = ("failed".to_owned(), String::new());
        let alert = Alert { run, kind: AlertKind::RunFailed, subject, body, features: Vec::new(), details: Vec::new() };
        // The first attempt died before it counted.
        let mut counted = Vec::new();
        for attempt in 2..6 {
            counted.push(is_first_count(&lake, &alert, attempt).await);
        }
        assert_eq!(counted, [true, false, false, false]);

        let other = Alert { subject: "failed otherwise".to_owned(), ..alert };
        std::fs::remove_dir_all(root.path()).unwrap();
        std::fs::write(root.path(), "no folder").unwrap();
        let mut counted = Vec::new();
        for attempt in 1..6 {
            counted.push(is_first_count(&lake, &other, attempt).await);
        }
        assert_eq!(counted, [true, false, false, false, false]);
    }
}
