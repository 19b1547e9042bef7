//! What is listed and belongs to no run: the newest runs of the index, the newest alerts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use lake::documents::{AcknowledgedBy, Acknowledgements, RunLine, StoredAlert, newest_runs};
use lake::keys;

use super::DataError;
use super::if_known::IfKnown;
use super::looked::Looked;
use super::store::Store;
use super::torn::Torn;

/// So many alerts are looked at; older ones are in `spanishgas alerts list --all`.
const MOST_ALERTS: usize = 50;

/// An alert, and who knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedAlert {
    /// What people were told.
    pub alert: Arc<StoredAlert>,
    /// Who knows of it now.
    pub known: KnownTo,
}

/// Who knows of an alert.
#[derive(Debug, Clone, PartialEq)]
pub enum KnownTo {
    /// This person said so.
    Somebody(AcknowledgedBy),
    /// Nobody said so.
    Nobody,
    /// What people said cannot be read.
    Unreadable,
}

impl KnownTo {
    /// Who said so, where somebody did.
    pub fn somebody(&self) -> Option<&AcknowledgedBy> {
        match self {
            Self::Somebody(known) => Some(known),
            Self::Nobody | Self::Unreadable => None,
        }
    }
}

impl Store {
    /// The runs on record that started last, the newest first.
    pub async fn newest_runs(&self, most: usize, now: DateTime<Utc>) -> Result<Arc<Vec<RunLine>>, DataError> {
        let question = format!("runs {most}");
        if let Some(known) = self.lists.get::<Arc<Vec<RunLine>>>(&question, now) {
            return Ok(known);
        }
        let runs = Arc::new(newest_runs(self.lake(), most).await?);
        if runs.is_empty() {
            self.must_be_there().await?;
        }
        self.lists.keep(question, now, Arc::clone(&runs));
        Ok(runs)
    }

    /// The same for a page that shows them beside other things: none where the index cannot be read, which is noted.
    pub async fn newest_runs_if_readable(
        &self,
        most: usize,
        now: DateTime<Utc>,
        torn: &Torn,
    ) -> Result<Arc<Vec<RunLine>>, DataError> {
        let found = torn.or_note(self.newest_runs(most, now).await.map(Some))?;
        Ok(found.unwrap_or_default())
    }

    /// The alerts that were sent last, the newest first. One of a newer version, with a kind that is not known here, is
    /// left out; so is one that cannot be read, which is noted.
    pub async fn newest_alerts(&self, now: DateTime<Utc>, torn: &Torn) -> Result<Arc<Vec<ListedAlert>>, DataError> {
        self.looked("alerts", now, torn, || self.look_at_alerts(now)).await
    }

    async fn look_at_alerts(&self, now: DateTime<Utc>) -> Result<Looked<Vec<ListedAlert>>, DataError> {
        let torn = Torn::default();
        let acknowledged = torn.or_note(self.document::<Acknowledgements>(keys::ACKNOWLEDGEMENTS, now).await)?;
        let is_readable = !torn.names(keys::ACKNOWLEDGEMENTS);
        let known_to = |alert: &StoredAlert| match acknowledged.as_ref().and_then(|all| all.of(alert, now)) {
            Some(known) => KnownTo::Somebody(AcknowledgedBy::of(known)),
            None if is_readable => KnownTo::Nobody,
            None => KnownTo::Unreadable,
        };
        let mut objects = self.lake().list(keys::ALERTS).await?;
        if objects.is_empty() {
            self.must_be_there().await?;
        }
        objects.sort_by(|a, b| (b.modified, &b.key).cmp(&(a.modified, &a.key)));
        let mut alerts = Vec::new();
        for object in objects.into_iter().take(MOST_ALERTS) {
            let found = torn.or_note(self.document::<IfKnown<StoredAlert>>(&object.key, now).await)?;
            let Some(alert) = found.as_ref().and_then(|found| found.known()) else { continue };
            alerts.push(ListedAlert { known: known_to(alert), alert: Arc::new(alert.clone()) });
        }
        alerts.sort_by(|a, b| b.alert.at.cmp(&a.alert.at));
        Ok((alerts, torn))
    }

    /// Forgets what was listed: somebody has just changed something.
    pub fn forget_lists(&self) {
        self.lists.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_site::{TestSite, now};

    #[tokio::test]
    async fn a_torn_index_is_an_error_for_who_needs_it_and_no_runs_for_who_does_not() {
        let site = TestSite::published().await;
        let store = site.site.store();
        let torn = Torn::default();
        assert_eq!(store.newest_runs_if_readable(5, now(), &torn).await.unwrap().len(), 1);
        assert!(torn.noted().is_empty());
        store.forget_lists();
        site.lake.put(&keys::run_index("2025-01"), b"{ torn".to_vec()).await.unwrap();
        assert!(store.newest_runs(5, now()).await.unwrap_err().is_unreadable());
        assert!(store.newest_runs_if_readable(5, now(), &torn).await.unwrap().is_empty());
        assert!(torn.names(keys::RUN_INDEX));
        let torn = Torn::default();
        assert!(store.published_runs(5, now(), &torn).await.unwrap().is_empty());
        assert!(torn.names(keys::RUN_INDEX));
        let torn = Torn::default();
        assert!(store.drift_of_runs(5, now(), &torn).await.unwrap().is_empty());
        assert!(torn.names(keys::RUN_INDEX));
    }

    #[tokio::test]
    async fn who_knows_of_an_alert_is_not_known_where_that_cannot_be_read_and_a_torn_alert_is_noted() {
        let site = TestSite::published().await;
        let alert = serde_json::json!({
            "run": { "workflow_id": "w", "run_id": "r", "started": "" }, "kind": "scores_stale", "subject": "late",
            "body": "", "event_id": "r-1", "at": "2025-01-01T03:00:00.000Z",
        });
        site.lake.put_json(&keys::alert("r-1"), &alert).await.unwrap();
        let newer = serde_json::json!({ "kind": "moon", "at": "2025-01-01T03:00:00.000Z" });
        site.lake.put_json(&keys::alert("r-2"), &newer).await.unwrap();
        let store = site.site.store();
        let torn = Torn::default();
        let alerts = store.newest_alerts(now(), &torn).await.unwrap();
        assert_eq!((alerts.len(), &alerts[0].known), (1, &KnownTo::Nobody));
        assert!(torn.noted().is_empty(), "a kind of a newer version is no damage");
        store.forget_lists();
        for (key, content) in
            [(keys::ACKNOWLEDGEMENTS.to_owned(), "[]"), (keys::alert("r-3"), ""), (keys::alert("r-4"), "[]")]
        {
            site.lake.put(&key, content.as_bytes().to_vec()).await.unwrap();
        }
        // The second answer is the kept one, and lacks the same.
        for torn in [Torn::default(), Torn::default()] {
            let alerts = store.newest_alerts(now(), &torn).await.unwrap();
            assert_eq!((alerts.len(), &alerts[0].known), (1, &KnownTo::Unreadable));
            assert_eq!(torn.noted().len(), 3);
        }
    }
}
