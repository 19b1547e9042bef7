//! The date of the labels that a run works with. A training that looks from another date is refused, before anything is
//! fitted.

use churn::label::LabelDates;
use lake::documents::{LabelOrigin, LabelsOfRun};
use protocol::steps::{DateLabels, LabelUse};

use crate::error::{Error, Result};
use crate::steps::Environment;

/// Finds the date, and remembers it with the run; safe to repeat.
pub async fn date_labels(environment: &Environment, request: DateLabels) -> Result<LabelDates> {
    let DateLabels { run, labels, column, delivered_to, as_of, purpose } = request;
    let settings = &environment.configuration.model.label;
    // Remembered also where nobody asks for it now: the settings may be taken back, and the labels come again.
    let origin = LabelOrigin::find_or_note(&environment.lake, &labels, delivered_to, &run).await?;
    let dates = LabelDates::of(column, settings, origin.delivered_to);
    LabelsOfRun { dates, as_of, purpose }.store(&environment.lake, &run.run_id).await?;
    let as_of = as_of.filter(|_| purpose == LabelUse::Training);
    if let Some(as_of) = as_of.filter(|as_of| !dates.fits(*as_of, settings.tolerance_days)) {
        let days = dates.lead_days(as_of).unsigned_abs();
        return Err(Error::LabelMisfit { as_of, label: dates, days, tolerance_days: settings.tolerance_days });
    }
    Ok(dates)
}
