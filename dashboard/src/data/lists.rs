//! What is listed and belongs to no run: the newest runs of the index, the newest alerts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use lake::documents::{AcknowledgedBy, Acknowledgements, RunLine, StoredAlert, newest_runs};
use lake::keys;

use super::DataError;
use super::store::Store;

/// So many alerts are looked at; older ones are in `spanishgas alerts list --all`.
const MOST_ALERTS: usize = 50;

/// An alert, and who knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedAlert {
    /// What people were told.
    pub alert: Arc<StoredAlert>,
    /// Who knows of it now.
    pub known: Option<AcknowledgedBy>,
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

    /// The same for a page that shows them beside other things: none where the index cannot be read.
    pub async fn newest_runs_if_readable(
        &self,
        most: usize,
        now: DateTime<Utc>,
    ) -> Result<Arc<Vec<RunLine>>, DataError> {
        match self.newest_runs(most, now).await {
            Err(error) if error.is_unreadable() => Ok(Arc::default()),
            found => found,
        }
    }

    /// The alerts that were sent last, the newest first. One of a newer version, with a kind that is not known here, is
    /// left out.
    pub async fn newest_alerts(&self, now: DateTime<Utc>) -> Result<Arc<Vec<ListedAlert>>, DataError> {
        const QUESTION: &str = "alerts";
        if let Some(known) = self.lists.get::<Arc<Vec<ListedAlert>>>(QUESTION, now) {
            return Ok(known);
        }
        let acknowledged = self.document::<Acknowledgements>(keys::ACKNOWLEDGEMENTS, now).await?;
        let mut objects = self.lake().list(keys::ALERTS).await?;
        if objects.is_empty() {
            self.must_be_there().await?;
        }
        objects.sort_by(|a, b| (b.modified, &b.key).cmp(&(a.modified, &a.key)));
        let mut alerts = Vec::new();
        for object in objects.into_iter().take(MOST_ALERTS) {
            let Ok(Some(alert)) = self.document::<StoredAlert>(&object.key, now).await else { continue };
            let known = acknowledged.as_ref().and_then(|all| all.of(&alert, now)).map(AcknowledgedBy::of);
            alerts.push(ListedAlert { alert, known });
        }
        alerts.sort_by(|a, b| b.alert.at.cmp(&a.alert.at));
        let alerts = Arc::new(alerts);
        self.lists.keep(QUESTION.to_owned(), now, Arc::clone(&alerts));
        Ok(alerts)
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
        assert_eq!(store.newest_runs_if_readable(5, now()).await.unwrap().len(), 1);
        store.forget_lists();
        site.lake.put(&keys::run_index("2025-01"), b"{ torn".to_vec()).await.unwrap();
        assert!(store.newest_runs(5, now()).await.unwrap_err().is_unreadable());
        assert!(store.newest_runs_if_readable(5, now()).await.unwrap().is_empty());
        assert!(store.published_runs(5, now()).await.unwrap().is_empty());
        assert!(store.drift_of_runs(5, now()).await.unwrap().is_empty());
    }
}
