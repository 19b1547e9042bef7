//! What people know already: an alert that somebody has acknowledged is noted, and told to nobody.

use chrono::{DateTime, Utc};
use lake::Lake;
use lake::documents::{AcknowledgedBy, Acknowledgements};
use protocol::{Alert, Quiets};

/// Who knows what the alert tells, if somebody does. On any doubt nobody does: one alert too many is better than one
/// too few.
pub async fn known_by(lake: &Lake, alert: &Alert, now: DateTime<Utc>) -> Option<AcknowledgedBy> {
    if alert.kind.quiets() == Quiets::Nothing {
        return None;
    }
    let all = match Acknowledgements::find(lake).await {
        Ok((all, _)) => all,
        Err(error) => {
            tracing::warn!(%error, "what people have acknowledged could not be read, so the alert is told");
            return None;
        }
    };
    let known_by = AcknowledgedBy::of(all.quieting(alert, now)?);
    let (workflow_id, kind, by) = (&alert.run.workflow_id, alert.kind.as_str(), &known_by.by);
    tracing::info!(%workflow_id, kind, acknowledged_by = %by, "an alert is known, and told to nobody");
    Some(known_by)
}

#[cfg(test)]
mod tests {
    use lake::documents::{Acknowledgement, StoredAlert};
    use lake::{FolderLake, keys};
    use protocol::{AlertKind, Run};

    use super::*;
    use crate::alerts::{Alerts, event_id};

    const NOW: &str = "2026-12-15T02:00:00Z";

    fn drift(run_id: &str, kind: AlertKind, features: &[&str]) -> Alert {
        let run = Run { workflow_id: "nightly".into(), run_id: run_id.into(), started: String::new() };
        let features: Vec<_> = features.iter().map(ToString::to_string).collect();
        let subject = format!("drift: {} features", features.len());
        Alert { run, kind, subject, body: String::new(), features, details: Vec::new() }
    }

    /// Sends an alert; what is stored of it.
    async fn sent(lake: &Lake, alert: &Alert) -> StoredAlert {
        assert!(Alerts::in_lake().send(lake, alert, "default", NOW.parse().unwrap()).await.unwrap());
        assert!(!Alerts::in_lake().send(lake, alert, "default", NOW.parse().unwrap()).await.unwrap(), "once");
        lake.read_json(&keys::alert(&event_id(alert))).await.unwrap()
    }

    #[tokio::test]
    async fn drift_that_ana_knows_is_noted_with_her_name_and_a_worse_one_is_told() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let first = sent(&lake, &drift("r1", AlertKind::DriftWarn, &["tenure", "margin"])).await;
        assert_eq!(first.acknowledged_by, None);
        let StoredAlert { alert, event_id, .. } = first;
        let mut all = Acknowledgements::default();
        all.add(Acknowledgement {
            event_id: event_id.clone(),
            kind: alert.kind,
            subject: alert.subject,
            features: alert.features,
            details: alert.details,
            until: "2026-12-31T23:59:59Z".parse().unwrap(),
            by: "ana".to_owned(),
            reason: "the tariffs changed".to_owned(),
            at: "2026-12-01T08:00:00Z".parse().unwrap(),
            lifted: None,
        });
        all.store(&lake, None).await.unwrap();

        let again = sent(&lake, &drift("r2", AlertKind::DriftWarn, &["tenure"])).await;
        let by = again.acknowledged_by.unwrap();
        assert_eq!((by.by.as_str(), by.event_id), ("ana", event_id));
        for worse in [
            drift("r3", AlertKind::DriftCritical, &["tenure"]),
            drift("r4", AlertKind::DriftWarn, &["tenure", "price"]),
        ] {
            assert_eq!(sent(&lake, &worse).await.acknowledged_by, None, "{worse:?}");
        }
    }

    #[tokio::test]
    async fn an_acknowledgement_that_has_outlasted_its_date_keeps_nothing_quiet() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let StoredAlert { alert, event_id, .. } = sent(&lake, &drift("r1", AlertKind::DriftWarn, &["tenure"])).await;
        let Alert { kind, subject, features, details, .. } = alert;
        let (by, reason) = ("ana".to_owned(), String::new());
        let (until, at) = ("2026-12-14T23:59:59Z".parse().unwrap(), "2026-12-01T08:00:00Z".parse().unwrap());
        let mut all = Acknowledgements::default();
        all.add(Acknowledgement { event_id, kind, subject, features, details, until, by, reason, at, lifted: None });
        all.store(&lake, None).await.unwrap();
        assert_eq!(sent(&lake, &drift("r2", AlertKind::DriftWarn, &["tenure"])).await.acknowledged_by, None);
    }

    #[tokio::test]
    async fn where_nobody_can_tell_what_is_known_the_alert_is_told() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        lake.put(keys::ACKNOWLEDGEMENTS, b"no JSON".to_vec()).await.unwrap();
        assert_eq!(sent(&lake, &drift("r1", AlertKind::DriftWarn, &["tenure"])).await.acknowledged_by, None);
    }
}
