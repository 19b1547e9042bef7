//! The report of a run that tries models and publishes no scores.

use lake::documents;
use protocol::TableRef;
use protocol::steps::PublishReport;

use crate::error::Result;
use crate::steps::Environment;

/// Stores the report, then moves the pointer of its kind; safe to repeat.
pub async fn publish_report(environment: &Environment, request: PublishReport) -> Result<TableRef> {
    Ok(documents::publish_report(&environment.lake, &request.run, &request.report).await?)
}
