//! Outcomes of offers that contradict themselves, or are there twice.

use std::collections::HashSet;

use super::Delivered;
use crate::columns::{dates, integers, texts};
use crate::error::Result;
use crate::quality::{Finding, Severity};
use crate::raw::RawTable;

/// Above this share of the control group with an accepted offer the run stops.
const ACCEPTED_BLOCK: f64 = 0.01;

/// What is told of `offer_outcomes`, where it is delivered: a control group that accepted offers, and repeated rows.
pub fn of_outcomes(tables: &Delivered) -> Result<Vec<Finding>> {
    let name = RawTable::OfferOutcomes.as_str();
    let Some((_, frame)) = tables.iter().find(|(table, _)| *table == name) else { return Ok(Vec::new()) };
    let (control, accepted) = (integers(frame, "control")?, integers(frame, "accepted")?);
    let all = control.len() as u64;
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
    let (customers, days, actions) = (texts(frame, "customer_id")?, dates(frame, "date")?, texts(frame, "action")?);
    let churned = integers(frame, "churned")?;
    let mut seen = HashSet::with_capacity(customers.len());
    let row = |row: &usize| (customers[*row], days[*row], actions[*row], control[*row], accepted[*row], churned[*row]);
    let repeats = (0..customers.len()).filter(|place| !seen.insert(row(place))).count() as u64;
    if repeats > 0 {
        let words = format!("{repeats} rows are the same as an earlier one, and count once");
        findings.push(Finding::new(Severity::Info, name, "repeated_outcomes", words).counting_of(repeats, all));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    /// A hundred rows of the control group and as many others, all of which accepted but for the control group: there the
    /// first `accepting` did. The last `repeated` rows are the same.
    fn found(accepting: usize, repeated: usize) -> Vec<(String, Severity, u64)> {
        let ids: Vec<String> = (0..200).map(|row| format!("C{}", row.min(200 - repeated.max(1)))).collect();
        let accepted: Vec<Option<i32>> =
            (0..200).map(|row| if row < 100 { (row < accepting).then_some(1) } else { Some(1) }).collect();
        let mut frame = df!(
            "customer_id" => ids,
            "action" => vec!["offer_small"; 200],
            "control" => (0..200).map(|row| i32::from(row < 100)).collect::<Vec<_>>(),
            "accepted" => accepted,
            "churned" => vec![Some(0_i32); 200],
        )
        .unwrap();
        let days = Column::new("date".into(), vec![19_723_i32; 200]).cast(&DataType::Date).unwrap();
        frame.with_column(days).unwrap();
        let findings = of_outcomes(&[(RawTable::OfferOutcomes.as_str(), frame)]).unwrap();
        findings.into_iter().map(|found| (found.rule, found.severity, found.count)).collect()
    }

    #[test]
    fn a_control_group_that_accepted_offers_is_told_and_repeats_are_counted() {
        assert!(found(0, 0).is_empty());
        assert_eq!(found(1, 0), [("control_accepted".to_owned(), Severity::Warn, 1)]);
        assert_eq!(found(2, 0), [("control_accepted".to_owned(), Severity::Block, 2)]);
        assert_eq!(found(0, 3), [("repeated_outcomes".to_owned(), Severity::Info, 2)]);
    }
}
