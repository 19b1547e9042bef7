//! What a table lacks at its end, or altogether: costs of provinces, prices of the last month, labels of everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::DeliveryRules;
use super::{Delivered, ends_early};
use crate::columns::{dates, integers, texts};
use crate::error::Result;
use crate::month::Month;
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
    let by_month: Vec<(&str, i32)> =
        months.iter().flat_map(|month| provinces.iter().map(move |province| (*month, *province))).collect();
    let by_province: Vec<(&str, i32)> =
        provinces.iter().flat_map(|province| months.iter().map(move |month| (*month, *province))).collect();
    let there: BTreeSet<(&str, i32)> = rows.iter().copied().collect();
    let missing = months.len() * provinces.len() - there.len();
    if !ends_early(&by_month, &there) && !ends_early(&by_province, &there) {
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

/// Prices of the last month that end early: all customers who have none, and had one the month before, come after the
/// last row.
pub fn of_prices(rules: &DeliveryRules, tables: &Delivered) -> Result<Option<Finding>> {
    let table = RawTable::PriceHistory;
    let Some((_, frame)) = tables.iter().find(|(name, _)| *name == table.as_str()) else { return Ok(None) };
    let mut by_month: BTreeMap<Month, Vec<&str>> = BTreeMap::new();
    for (id, date) in texts(frame, "customer_id")?.into_iter().zip(dates(frame, "pricing_date")?) {
        if let (Some(id), Some(date)) = (id, date) {
            by_month.entry(Month::of(date)).or_default().push(id);
        }
    }
    let mut newest = by_month.into_iter().rev();
    let (Some((month, last)), Some((_, before))) = (newest.next(), newest.next()) else { return Ok(None) };
    let has: BTreeSet<&str> = last.into_iter().collect();
    let missing = before.iter().filter(|id| !has.contains(*id)).count();
    let share = missing as f64 / before.len() as f64;
    if share <= rules.lost_customers_warn || !ends_early(&before, &has) {
        return Ok(None);
    }
    let words = format!(
        "{} has prices of {month} for {} customers, and the {missing} others of the month before come after its last row: \
         is the file cut off? deliver it whole",
        table.file_name(),
        has.len(),
    );
    let finding = Finding::new(Severity::Warn, table.as_str(), "ends_early", words);
    Ok(Some(finding.of_column("pricing_date").counting_of(missing as u64, before.len() as u64)))
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
    fn prices_of_the_last_month_that_end_early_are_asked_about() {
        let day = |text| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let told = |last: &[&str]| {
            let mut rows: Vec<_> = ["C1", "C2", "C3", "C4"].map(|id| (id, day("2024-01-01"))).to_vec();
            rows.extend(last.iter().map(|id| (*id, day("2024-02-01"))));
            let (ids, days): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            let frame = df!("customer_id" => ids, "pricing_date" => days).unwrap();
            of_prices(&DeliveryRules::default(), &[("price_history", frame)]).unwrap()
        };
        let finding = told(&["C1", "C2"]).unwrap();
        assert_eq!((finding.rule.as_str(), finding.count, finding.share), ("ends_early", 2, Some(0.5)));
        assert!(finding.words.contains("prices of 2024-02 for 2 customers"), "{}", finding.words);
        for whole in [&["C1", "C2", "C3", "C4"][..], &["C1", "C3", "C4"], &["C2", "C3", "C4"], &[]] {
            assert_eq!(told(whole), None, "{whole:?}");
        }
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
