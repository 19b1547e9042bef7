//! The date that a run looks from: what its summed readings cover has the last word.

use churn::hourly::ReadingsReport;
use churn::quality::{first_covered_day, last_covered_day, require_covered};
use protocol::steps::{SettleDate, SettledDate};

use crate::error::Result;
use crate::steps::Environment;

/// The date that was asked for, if the readings cover it; else the last day that enough customers have readings of.
pub async fn settle_date(environment: &Environment, request: SettleDate) -> Result<SettledDate> {
    let report: ReadingsReport = environment.lake.read_json_exactly(&request.readings_report).await?;
    let share = environment.configuration.registry.checks().as_of_share;
    if let Some(asked) = request.date.as_of {
        require_covered(&report.coverage, share, asked)?;
    }
    let covered_to = last_covered_day(&report.coverage, share)?;
    let covered_from = Some(first_covered_day(&report.coverage, share)?);
    Ok(SettledDate { as_of: request.date.with_readings_to(covered_to), covered_from, covered_to })
}
