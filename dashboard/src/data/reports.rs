//! The newest report of a backtest or of the ladder: a pointer, and what it leads to.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use lake::documents::{NewestReport, ReportKind};
use lake::keys;
use protocol::backtest::BacktestReport;
use protocol::experiment_ladder::Leaderboard;
use serde::de::DeserializeOwned;

use super::DataError;
use super::store::Store;
use super::torn::Torn;

impl Store {
    /// The newest backtest, if there was one. It is a part beside others: where its pointer or its report cannot be read,
    /// there is none, and that is noted.
    pub async fn newest_backtest(
        &self,
        now: DateTime<Utc>,
        torn: &Torn,
    ) -> Result<Option<Arc<BacktestReport>>, DataError> {
        torn.or_note(self.newest_of(ReportKind::Backtest, now).await)
    }

    /// The newest leaderboard of the ladder, in the same way.
    pub async fn newest_ladder(&self, now: DateTime<Utc>, torn: &Torn) -> Result<Option<Arc<Leaderboard>>, DataError> {
        torn.or_note(self.newest_of(ReportKind::Ladder, now).await)
    }

    async fn newest_of<T>(&self, kind: ReportKind, now: DateTime<Utc>) -> Result<Option<Arc<T>>, DataError>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let pointer = keys::newest_report(kind.as_str());
        let Some(newest) = self.document::<NewestReport>(&pointer, now).await? else { return Ok(None) };
        self.document(&newest.report.key, now).await
    }
}
