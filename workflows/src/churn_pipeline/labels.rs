//! The date of the labels: a training that looks from another is refused, and every run notes with which readings its labels
//! came, so that labels which come again do not grow younger.

use chrono::{DateTime, Utc};
use churn::SnapshotDate;
use protocol::pipeline::{AsOf, Mode};
use protocol::steps::{AskedDate, DateLabels, LabelUse, RawSnapshot};
use protocol::{Pipeline, Run};

use super::stages::Stages;
use crate::run::{Call, Failure, Weight};

/// The patch of runs that ask for the date of their labels.
const DATED_LABELS: &str = "dated-labels";

impl Stages {
    /// Asks for the date of the labels, which must fit a training. Runs from before go on without.
    pub async fn date_labels(&self, raw: &RawSnapshot, as_of: SnapshotDate) -> Result<(), Failure> {
        if !self.execution.ctx.patched(DATED_LABELS) {
            return Ok(());
        }
        let Some(labels) = raw.labels() else { return Ok(()) };
        let request = DateLabels {
            run: self.execution.run.clone(),
            labels: labels.digest.clone(),
            column: raw.label_date(),
            delivered_to: delivered_to(self.asked, self.covered_to(raw), as_of, &self.execution.run),
            as_of: Some(as_of),
            purpose: match self.input().mode {
                Mode::Train => LabelUse::Training,
                Mode::Score => LabelUse::Scoring,
            },
        };
        let call = Call::between("the date of the labels", Weight::Light, "the date of the labels");
        let label = self.execution.call(Pipeline::date_labels, request, call).await?;
        self.so_far.borrow_mut().label = Some(label);
        Ok(())
    }
}

/// The last day of the delivery. A run that asks for no date looks from it; one that asks for a date may look from before, and
/// then no reading can be of a later day than the last whole one before the run began.
fn delivered_to(asked: AskedDate, last_date: SnapshotDate, as_of: SnapshotDate, run: &Run) -> SnapshotDate {
    if asked == AskedDate::default() {
        return as_of;
    }
    let yesterday = run.started.parse::<DateTime<Utc>>().ok().map(AsOf::last_whole_day);
    yesterday.map_or(last_date, |yesterday| yesterday.min(last_date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_as_old_as_the_readings_beside_them_whatever_date_a_run_asks_for() {
        let day = |text: &str| SnapshotDate::parse(text).unwrap();
        let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: "2025-01-15T05:00:00.000Z".to_owned() };
        let of = |as_of, no_later_than, last| {
            let asked = AskedDate { as_of, no_later_than };
            delivered_to(asked, day(last), asked.with_readings_to(day(last)), &run).to_string()
        };
        assert_eq!(of(None, None, "2024-12-31"), "2024-12-31");
        assert_eq!(of(Some(day("2024-06-30")), None, "2024-12-31"), "2024-12-31", "a backfill");
        assert_eq!(of(None, Some(day("2024-10-14")), "2024-12-31"), "2024-12-31", "a night that is made up for");
        assert_eq!(of(Some(day("2024-12-31")), None, "2070-01-01"), "2025-01-14", "a reading of no day that was");
    }
}
