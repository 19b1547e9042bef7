//! Outcomes of offers that contradict themselves.

use super::Delivered;
use crate::columns::integers;
use crate::error::Result;
use crate::quality::{Finding, Severity};
use crate::raw::RawTable;

/// Above this share of the control group with an accepted offer the run stops.
const ACCEPTED_BLOCK: f64 = 0.01;

/// What is told of `offer_outcomes`, where it is delivered: a control group that accepted offers.
pub fn of_outcomes(tables: &Delivered) -> Result<Vec<Finding>> {
    let name = RawTable::OfferOutcomes.as_str();
    let Some((_, frame)) = tables.iter().find(|(table, _)| *table == name) else { return Ok(Vec::new()) };
    let (control, accepted) = (integers(frame, "control")?, integers(frame, "accepted")?);
    let mut findings = Vec::new();
    let of_control = control.iter().filter(|flag| **flag == Some(1)).count() as u64;
    let pairs = control.iter().zip(&accepted);
    let contradicting =
        pairs.filter(|(control, accepted)| **control == Some(1) && **accepted == Some(1)).count() as u64;
    if contradicting > 0 {
        let share = contradicting as f64 / of_control as f64;
        let severity = if share > ACCEPTED_BLOCK { Severity::Block } else { Severity::Warn };
        let words = format!(
            "{contradicting} of {of_control} rows of the control group (control 1) have accepted an offer, though they got none: \
             it looks like control the other way round; leave accepted empty in the control group"
        );
        let finding = Finding::new(severity, name, "control_accepted", words).of_column("accepted");
        findings.push(finding.counting_of(contradicting, of_control));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    /// A hundred rows of the control group, of which the first `accepting` accepted an offer, and a hundred others that all did.
    fn found(accepting: usize) -> Vec<(String, Severity, u64)> {
        let accepted = (0..200).map(|row| (row >= 100 || row < accepting).then_some(1)).collect::<Vec<Option<i32>>>();
        let control = (0..200).map(|row| i32::from(row < 100)).collect::<Vec<_>>();
        let frame = df!("control" => control, "accepted" => accepted).unwrap();
        let findings = of_outcomes(&[(RawTable::OfferOutcomes.as_str(), frame)]).unwrap();
        findings.into_iter().map(|found| (found.rule, found.severity, found.count)).collect()
    }

    #[test]
    fn a_control_group_that_accepted_offers_is_told() {
        assert!(found(0).is_empty());
        assert_eq!(found(1), [("control_accepted".to_owned(), Severity::Warn, 1)]);
        assert_eq!(found(2), [("control_accepted".to_owned(), Severity::Block, 2)]);
    }
}
