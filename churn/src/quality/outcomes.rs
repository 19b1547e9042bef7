//! Outcomes of offers that lie in the future.

use polars::prelude::DataFrame;

use super::rules::CheckRules;
use super::{Evaluation, Finding};
use crate::columns::dates;
use crate::error::Result;
use crate::snapshot_date::SnapshotDate;

const OUTCOMES: &str = "offer_outcomes";
const AFTER: &str = "outcomes_after_as_of";

/// Offers after the day that the readings cover, which a run does not see; `covered_to` is that day, where nobody asked for
/// an earlier one.
pub fn of_outcomes(
    offer_outcomes: &DataFrame,
    covered_to: Option<SnapshotDate>,
    rules: &CheckRules,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let Some(as_of) = covered_to else {
        let reason = "the run's date was asked for: later outcomes may be there";
        return Ok((Vec::new(), vec![Evaluation::not_made(OUTCOMES, AFTER, reason)]));
    };
    let dates = dates(offer_outcomes, "date")?;
    let later: Vec<_> = dates.iter().flatten().filter(|date| **date > as_of.date()).collect();
    let (count, all) = (later.len() as u64, dates.len() as u64);
    let mut findings = Vec::new();
    if let Some(latest) = later.iter().max() {
        let words = format!(
            "{count} of {all} offers lie after {as_of}, the date of the run (the latest on {latest}): they are left out; look at \
             their dates where they lie in the future"
        );
        let severity = rules.outcomes_after_as_of.severity(count as f64 / all.max(1) as f64);
        findings.push(Finding::new(severity, OUTCOMES, AFTER, words).of_column("date").counting_of(count, all));
    }
    let checks = vec![Evaluation::of(OUTCOMES, AFTER, &findings)];
    Ok((findings, checks))
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::quality::Severity;

    #[test]
    fn offers_after_the_date_of_the_run_are_counted_and_many_warn() {
        let found = |later: usize| {
            // 2024-12-31 is day 20,088 since 1970-01-01.
            let days: Vec<i32> = (0..20).map(|row| if row < later { 20_089 } else { 20_088 }).collect();
            let days = Column::new("date".into(), days).cast(&DataType::Date).unwrap();
            let table = DataFrame::new(20, vec![days]).unwrap();
            let covered_to = SnapshotDate::parse("2024-12-31").ok();
            let finding = of_outcomes(&table, covered_to, &CheckRules::default()).unwrap().0.pop();
            finding.map(|found| (found.severity, found.count))
        };
        assert_eq!([0, 1, 20].map(found), [None, Some((Severity::Info, 1)), Some((Severity::Warn, 20))]);
    }
}
