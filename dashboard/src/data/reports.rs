//! The newest report of a backtest: a pointer, and what it leads to.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use lake::documents::{NewestReport, ReportKind};
use lake::keys;
use protocol::backtest::BacktestReport;

use super::DataError;
use super::store::Store;

impl Store {
    /// The newest backtest, if there was one. It is a part beside others: where its pointer or its report cannot be read,
    /// there is none.
    pub async fn newest_backtest(&self, now: DateTime<Utc>) -> Result<Option<Arc<BacktestReport>>, DataError> {
        match self.find_backtest(now).await {
            Err(error) if error.is_unreadable() => Ok(None),
            found => found,
        }
    }

    async fn find_backtest(&self, now: DateTime<Utc>) -> Result<Option<Arc<BacktestReport>>, DataError> {
        let pointer = keys::newest_report(ReportKind::Backtest.as_str());
        let Some(newest) = self.document::<NewestReport>(&pointer, now).await? else { return Ok(None) };
        self.document(&newest.report.key, now).await
    }
}
