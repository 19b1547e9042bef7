//! What a table of a grid lacks: costs of a province in a month, labels of everybody.

use std::collections::BTreeSet;

use super::Delivered;
use crate::columns::{integers, texts};
use crate::error::Result;
use crate::quality::{Finding, Severity};
use crate::raw::RawTable;

/// Costs that end early at the end of a line: all that is missing comes after the last row, in the order of the file.
pub fn of_costs(tables: &Delivered) -> Result<Option<Finding>> {
    let table = RawTable::CostsByProvinceMonth;
    let Some((_, frame)) = tables.iter().find(|(name, _)| *name == table.as_str()) else { return Ok(None) };
    let cells = texts(frame, "month")?.into_iter().zip(integers(frame, "province")?);
    let rows: Vec<(&str, i32)> = cells.filter_map(|(month, province)| month.zip(province)).collect();
    let months: BTreeSet<&str> = rows.iter().map(|(month, _)| *month).collect();
    let provinces: BTreeSet<i32> = rows.iter().map(|(_, province)| *province).collect();
    let by_month = months.iter().flat_map(|month| provinces.iter().map(move |province| (*month, *province)));
    let by_province = provinces.iter().flat_map(|province| months.iter().map(move |month| (*month, *province)));
    let there: BTreeSet<(&str, i32)> = rows.iter().copied().collect();
    let missing = months.len() * provinces.len() - there.len();
    if missing == 0 || !(ends_early(by_month, &there) || ends_early(by_province, &there)) {
        return Ok(None);
    }
    let words = format!(
        "{} has {} of the {} x {} pairs of month and province, and the {missing} others come after its last row: is the \
         file cut off? deliver it whole",
        table.file_name(),
        there.len(),
        months.len(),
        provinces.len(),
    );
    let finding = Finding::new(Severity::Warn, table.as_str(), "ends_early", words);
    Ok(Some(finding.counting_of(missing as u64, (missing + there.len()) as u64)))
}

fn ends_early<'a>(pairs: impl Iterator<Item = (&'a str, i32)>, there: &BTreeSet<(&'a str, i32)>) -> bool {
    pairs.skip_while(|pair| there.contains(pair)).all(|pair| !there.contains(&pair))
}

/// Labels that are blank for everybody, which a scoring does not mind.
pub fn of_labels(tables: &Delivered) -> Result<Option<Finding>> {
    let table = RawTable::ChurnLabel;
    let Some((_, frame)) = tables.iter().find(|(name, _)| *name == table.as_str()) else { return Ok(None) };
    let labels = integers(frame, "churn")?;
    if labels.is_empty() || labels.iter().any(Option::is_some) {
        return Ok(None);
    }
    let all = labels.len() as u64;
    let words = format!(
        "churn is blank in all {all} rows of {}: a scoring goes on, and a training has nothing to learn from; for one, \
         deliver 1 for those who left and 0 for those who stayed",
        table.file_name()
    );
    let finding = Finding::new(Severity::Info, table.as_str(), "no_label_at_all", words);
    Ok(Some(finding.of_column("churn").counting_of(all, all)))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    fn costs(rows: &[(&str, i32)]) -> Option<Finding> {
        let months: Vec<&str> = rows.iter().map(|row| row.0).collect();
        let provinces: Vec<i32> = rows.iter().map(|row| row.1).collect();
        let frame = df!("month" => months, "province" => provinces).unwrap();
        of_costs(&[("costs_by_province_month", frame)]).unwrap()
    }

    #[test]
    fn costs_that_end_early_in_either_order_are_asked_about() {
        let whole = [("2024-01", 1), ("2024-01", 2), ("2024-01", 3), ("2024-02", 1), ("2024-02", 2), ("2024-02", 3)];
        assert_eq!(costs(&whole), None);
        let told = costs(&whole[..4]).unwrap();
        assert_eq!((told.rule.as_str(), told.count), ("ends_early", 2));
        assert!(told.words.contains("4 of the 2 x 3 pairs") && told.words.contains("cut off?"), "{}", told.words);
        let by_province = [("2024-01", 1), ("2024-02", 1), ("2024-01", 2)];
        assert_eq!(costs(&by_province).map(|told| told.count), Some(1));
        // A hole in the middle is no cut.
        assert_eq!(costs(&[whole[0], whole[2], whole[3], whole[4], whole[5]]), None);
        assert_eq!(costs(&[]), None);
    }

    #[test]
    fn labels_that_are_all_blank_are_told_with_what_to_do() {
        let labels = |labels: &[Option<i32>]| of_labels(&[("churn_label", df!("churn" => labels).unwrap())]).unwrap();
        let told = labels(&[None, None]).unwrap();
        assert_eq!((told.rule.as_str(), told.count, told.severity), ("no_label_at_all", 2, Severity::Info));
        assert!(told.words.contains("blank in all 2 rows of churn_label.csv"), "{}", told.words);
        assert_eq!(labels(&[None, Some(0)]), None);
        assert_eq!(of_labels(&[]).unwrap(), None);
    }
}
