//! What people know already, `monitoring/acknowledgements.json`: which alerts are kept from them, and until when.

use chrono::{DateTime, Utc};
use protocol::{Alert, AlertKind, Quiets};
use serde::{Deserialize, Serialize};

use super::StoredAlert;
use crate::{Lake, LakeError, Version, keys, to_json};

/// Acknowledgements that are remembered; the oldest is forgotten first.
const MOST: usize = 1000;

/// Somebody knows what an alert told, and wants to hear no more of it for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// The event of the alert that was acknowledged.
    pub event_id: String,
    /// Its kind; of drift it says the level that is known.
    pub kind: AlertKind,
    /// Its subject.
    pub subject: String,
    /// The columns that are known to have drifted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// What exactly is known, beside the subject; nothing in those of before that was noted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// Its last moment.
    pub until: DateTime<Utc>,
    /// Who knows.
    pub by: String,
    /// Why it may be quiet.
    #[serde(default)]
    pub reason: String,
    /// When it was given.
    pub at: DateTime<Utc>,
    /// When somebody took it back, or gave another one for the same event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<DateTime<Utc>>,
}

/// By whom an alert was known before it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgedBy {
    /// Who knew.
    pub by: String,
    /// Why it was quiet.
    #[serde(default)]
    pub reason: String,
    /// Until when.
    pub until: DateTime<Utc>,
    /// The event of the alert that was acknowledged.
    pub event_id: String,
}

/// All acknowledgements that are remembered, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgements {
    /// The list.
    pub acknowledgements: Vec<Acknowledgement>,
}

impl Acknowledgement {
    /// Whether it counts now.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.lifted.is_none() && now <= self.until
    }

    /// Whether an alert tells only what is known by this: then people do not hear of it.
    pub fn keeps_quiet(&self, alert: &Alert, now: DateTime<Utc>) -> bool {
        self.is_in_force(now)
            && match alert.kind.quiets() {
                Quiets::KnownDrift => self.knows_drift(alert),
                Quiets::SameSubject => {
                    self.kind == alert.kind && self.subject == alert.subject && self.knows_details(alert)
                }
                Quiets::Nothing => false,
            }
    }

    /// When it ended, or will.
    fn end(&self) -> DateTime<Utc> {
        self.lifted.map_or(self.until, |lifted| lifted.min(self.until))
    }

    /// No missing file, no doubt, no failed check that was not known.
    fn knows_details(&self, alert: &Alert) -> bool {
        alert.details.iter().all(|one| self.details.contains(one))
    }

    /// No higher level, and no column that was not known. An alert that names no column is not known.
    fn knows_drift(&self, alert: &Alert) -> bool {
        let known_level = match self.kind {
            AlertKind::DriftCritical => true,
            kind => kind == alert.kind,
        };
        let known_columns = !alert.features.is_empty() && alert.features.iter().all(|one| self.features.contains(one));
        self.kind.quiets() == Quiets::KnownDrift && known_level && known_columns
    }
}

impl AcknowledgedBy {
    /// What an alert that was kept quiet says of it.
    pub fn of(acknowledgement: &Acknowledgement) -> Self {
        let Acknowledgement { by, reason, until, event_id, .. } = acknowledgement.clone();
        Self { by, reason, until, event_id }
    }
}

impl Acknowledgements {
    /// What is remembered, and the version to replace.
    pub async fn find(lake: &Lake) -> Result<(Self, Option<Version>), LakeError> {
        let stored = lake.get_json::<Self>(keys::ACKNOWLEDGEMENTS).await?;
        Ok(stored.map_or_else(|| (Self::default(), None), |(all, seen)| (all, Some(seen))))
    }

    /// Replaces what was remembered; a conflict where somebody else was faster.
    pub async fn store(&self, lake: &Lake, seen: Option<&Version>) -> Result<(), LakeError> {
        lake.compare_and_swap(keys::ACKNOWLEDGEMENTS, seen, to_json(self)).await
    }

    /// The acknowledgement that keeps an alert quiet, if one does.
    pub fn quieting(&self, alert: &Alert, now: DateTime<Utc>) -> Option<&Acknowledgement> {
        self.acknowledgements.iter().rev().find(|one| one.keeps_quiet(alert, now))
    }

    /// The acknowledgement by which an alert that was sent is known: its own, or another that says the same.
    pub fn of(&self, stored: &StoredAlert, now: DateTime<Utc>) -> Option<&Acknowledgement> {
        let own = |one: &&Acknowledgement| one.event_id == stored.event_id && one.is_in_force(now);
        self.acknowledgements.iter().rev().find(own).or_else(|| self.quieting(&stored.alert, now))
    }

    /// Whether what people heard of at a time must be told once more: what kept it quiet since then has ended, and it is
    /// still so. Who looks again and again at one trouble asks this; a run tells anew what it meets.
    pub fn ended_after(&self, kind: AlertKind, subject: &str, told: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let of_it = || self.acknowledgements.iter().filter(move |one| one.kind == kind && one.subject == subject);
        let has_ended = |one: &Acknowledgement| told < one.end() && one.end() <= now;
        of_it().any(has_ended) && !of_it().any(|one| one.is_in_force(now))
    }

    /// Those that count now.
    pub fn in_force(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Acknowledgement> {
        self.acknowledgements.iter().filter(move |one| one.is_in_force(now))
    }

    /// Adds one, in the place of any other of the same event.
    pub fn add(&mut self, acknowledgement: Acknowledgement) {
        self.lift(&acknowledgement.event_id, acknowledgement.at);
        self.acknowledgements.push(acknowledgement);
        let forgotten = self.acknowledgements.len().saturating_sub(MOST);
        self.acknowledgements.drain(..forgotten);
    }

    /// Takes back that of an event; tells whether one was in force.
    pub fn lift(&mut self, event_id: &str, now: DateTime<Utc>) -> bool {
        let own = |one: &&mut Acknowledgement| one.event_id == event_id && one.is_in_force(now);
        let mut lifted = false;
        for one in self.acknowledgements.iter_mut().filter(own) {
            one.lifted = Some(now);
            lifted = true;
        }
        lifted
    }
}

#[cfg(test)]
mod tests {
    use AlertKind::{DeliveryTrouble, DriftCritical, DriftWarn, RunFailed, ScoresStale, TableRepaired};
    use protocol::Run;

    use super::*;
    use crate::FolderLake;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn alert(kind: AlertKind, subject: &str, features: &[&str]) -> Alert {
        let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: String::new() };
        let features = features.iter().map(ToString::to_string).collect();
        Alert { run, kind, subject: subject.to_owned(), body: String::new(), features, details: Vec::new() }
    }

    fn known(kind: AlertKind, subject: &str, features: &[&str]) -> Acknowledgement {
        Acknowledgement {
            event_id: format!("r-{}", kind.as_str()),
            kind,
            subject: subject.to_owned(),
            features: features.iter().map(ToString::to_string).collect(),
            details: Vec::new(),
            until: time("2026-12-31T23:59:59Z"),
            by: "ana".to_owned(),
            reason: "the tariffs changed".to_owned(),
            at: time("2026-12-01T08:00:00Z"),
            lifted: None,
        }
    }

    const NOW: &str = "2026-12-15T02:00:00Z";

    #[test]
    fn known_drift_is_quiet_until_it_worsens() {
        let quiet = |known: &Acknowledgement, kind, features: &[&str]| {
            // How many columns drifted is part of the subject, and decides nothing.
            let subject = format!("drift: {} features", features.len());
            known.keeps_quiet(&alert(kind, &subject, features), time(NOW))
        };
        let warned = known(DriftWarn, "drift warn: 2 features", &["tenure", "margin"]);
        assert!(quiet(&warned, DriftWarn, &["margin", "tenure"]), "the same in another order");
        assert!(quiet(&warned, DriftWarn, &["margin"]), "less of it");
        assert!(!quiet(&warned, DriftWarn, &["margin", "price"]), "another column");
        assert!(!quiet(&warned, DriftCritical, &["margin"]), "a higher level");
        assert!(!quiet(&warned, DriftWarn, &[]), "an alert of before says not what drifted");
        let critical = known(DriftCritical, "drift critical: 1 features", &["margin"]);
        assert!(quiet(&critical, DriftCritical, &["margin"]) && quiet(&critical, DriftWarn, &["margin"]));
        assert!(!quiet(&known(ScoresStale, "drift: 1 features", &["margin"]), DriftWarn, &["margin"]));
    }

    #[test]
    fn other_kinds_are_quiet_by_their_subject_and_a_failed_run_never_is() {
        let quiet = |known: &Acknowledgement, kind, subject| known.keeps_quiet(&alert(kind, subject, &[]), time(NOW));
        let stale = known(ScoresStale, "the scores of the day are not there", &[]);
        assert!(quiet(&stale, ScoresStale, "the scores of the day are not there"));
        assert!(!quiet(&stale, TableRepaired, "the scores of the day are not there"));
        let repaired = known(TableRepaired, "1 stored objects were damaged", &[]);
        assert!(!quiet(&repaired, TableRepaired, "2 stored objects were damaged"), "worse");
        let failed = known(RunFailed, "train run failed: SG0001 BadData", &[]);
        assert!(!quiet(&failed, RunFailed, "train run failed: SG0001 BadData"), "tonight's failure is news");
    }

    #[test]
    fn a_detail_that_was_not_known_is_told_and_fewer_of_them_are_not() {
        let subject = "delivery raw/late is not complete";
        let with = |details: &[&str]| details.iter().map(ToString::to_string).collect::<Vec<_>>();
        let told = |details: &[&str]| Alert { details: with(details), ..alert(DeliveryTrouble, subject, &[]) };
        let two = Acknowledgement {
            details: with(&["price_history.csv", "churn_label.csv"]),
            ..known(DeliveryTrouble, subject, &[])
        };
        assert!(two.keeps_quiet(&told(&["churn_label.csv"]), time(NOW)), "less of it");
        assert!(!two.keeps_quiet(&told(&["churn_label.csv", "customer_contracts.csv"]), time(NOW)), "another file");
        let of_before = known(DeliveryTrouble, subject, &[]);
        assert!(!of_before.keeps_quiet(&told(&["churn_label.csv"]), time(NOW)), "nobody said what was known");
    }

    #[test]
    fn what_a_snooze_kept_quiet_is_told_when_it_has_ended_and_only_once() {
        let subject = "the scores of the day are not there";
        let (mut all, told) = (Acknowledgements::default(), time("2026-12-01T07:00:00Z"));
        let again = |all: &Acknowledgements, told, now| all.ended_after(ScoresStale, subject, told, time(now));
        assert!(!again(&all, told, NOW), "nobody snoozed it");
        all.add(known(ScoresStale, subject, &[]));
        assert!(!again(&all, told, "2026-12-31T23:59:59Z"), "until its last moment");
        assert!(again(&all, told, "2027-01-01T00:00:00Z"));
        assert!(!again(&all, time("2027-01-01T00:00:00Z"), "2027-01-01T00:15:00Z"), "they have heard of it since");
        assert!(!all.ended_after(TableRepaired, subject, told, time("2027-01-01T00:00:00Z")));
        // Taken back, it has ended; a longer one in its place goes on.
        let mut lifted = all.clone();
        assert!(lifted.lift("r-scores_stale", time(NOW)) && again(&lifted, told, NOW));
        let (until, at) = (time("2027-06-30T00:00:00Z"), time(NOW));
        all.add(Acknowledgement { until, at, ..known(ScoresStale, subject, &[]) });
        assert!(!again(&all, told, "2027-01-01T00:00:00Z"));
    }

    #[test]
    fn an_acknowledgement_ends_with_its_last_moment_or_when_it_is_lifted() {
        let subject = "the scores of the day are not there";
        let stale = known(ScoresStale, subject, &[]);
        let at = |known: &Acknowledgement, now| known.keeps_quiet(&alert(ScoresStale, subject, &[]), time(now));
        assert!(at(&stale, "2026-12-31T23:59:59Z") && !at(&stale, "2027-01-01T00:00:00Z"));
        let mut all = Acknowledgements::default();
        all.add(stale.clone());
        assert!(!all.lift("another", time(NOW)));
        assert!(all.lift(&stale.event_id, time(NOW)) && !all.lift(&stale.event_id, time(NOW)));
        assert_eq!(all.quieting(&alert(ScoresStale, subject, &[]), time(NOW)), None);
        // A longer one replaces it, and what was is remembered.
        let longer = Acknowledgement { until: time("2027-06-30T00:00:00Z"), at: time(NOW), ..stale };
        all.add(longer.clone());
        all.add(longer.clone());
        assert_eq!(all.in_force(time(NOW)).collect::<Vec<_>>(), [&longer]);
        assert_eq!(all.acknowledgements.len(), 3);
    }

    #[test]
    fn an_alert_that_was_sent_is_known_by_its_own_acknowledgement_whatever_its_kind() {
        let mut all = Acknowledgements::default();
        let failed = known(RunFailed, "train run failed: SG0001 BadData", &[]);
        all.add(failed.clone());
        let sent = |event_id: &str| StoredAlert {
            alert: alert(RunFailed, "train run failed: SG0001 BadData", &[]),
            at: None,
            event_id: event_id.to_owned(),
            message_id: None,
            acknowledged_by: None,
        };
        assert_eq!(all.of(&sent("r-run_failed"), time(NOW)), Some(&failed));
        assert_eq!(all.of(&sent("r2-run_failed"), time(NOW)), None, "another run's is not");
    }

    #[tokio::test]
    async fn two_people_do_not_overwrite_each_other() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (mut all, seen) = Acknowledgements::find(&lake).await.unwrap();
        assert_eq!(seen, None);
        all.add(known(ScoresStale, "the scores of the day are not there", &[]));
        all.store(&lake, None).await.unwrap();
        assert!(all.store(&lake, None).await.is_err(), "somebody else was faster");
        let (found, seen) = Acknowledgements::find(&lake).await.unwrap();
        assert_eq!(found, all);
        all.store(&lake, seen.as_ref()).await.unwrap();
    }
}
