//! Whether the files of a delivery mean the same customers: ids that differ in spelling only, told for all files at once,
//! customers that a file has no row of, as after a cut, and readings of nobody.

use std::collections::{BTreeSet, HashSet};

use polars::prelude::DataFrame;

use super::rules::DeliveryRules;
use super::spelling::{bare, usual_shape};
use super::{Delivered, column, ends_early};
use crate::columns::texts;
use crate::error::Result;
use crate::quality::{Finding, Severity};
use crate::raw::{RawTable, placeholders};

const CUSTOMER: &str = "customer_id";
const READINGS: &str = "consumption_hourly";
/// Hardly any of a file's ids is known where fewer than one in so many are.
const HARDLY_ANY: usize = 20;
/// So many ids of the readings tell that they are of others.
const FEWEST_IDS: usize = 5;
/// The files that must have a row of every customer.
const OF_EVERYBODY: [RawTable; 3] = [RawTable::CustomerAttributes, RawTable::CustomerContracts, RawTable::PriceHistory];
/// The files that name customers, besides `churn_label`.
const NAMING: [RawTable; 4] =
    [RawTable::CustomerAttributes, RawTable::CustomerContracts, RawTable::PriceHistory, RawTable::CustomerInteractions];

/// Compares the ids of all files with those of `churn_label`; `all_labels` are those of every date, where the table has the
/// labels of one, and `in_readings` some of the ids that the readings name.
pub fn of_ids(
    rules: &DeliveryRules,
    tables: &Delivered,
    all_labels: Option<&DataFrame>,
    in_readings: &[String],
) -> Result<Vec<Finding>> {
    let in_labels = in_order(tables, RawTable::ChurnLabel)?;
    let mut customers: BTreeSet<&str> = in_labels.iter().copied().collect();
    if let Some(labels) = all_labels {
        // Who left between two dates is a customer of the other files all the same.
        customers.extend(texts(labels, CUSTOMER)?.into_iter().flatten());
    }
    let known = Known::of(&customers);
    let mut findings = Vec::new();
    let mut too_few = None;
    for table in NAMING {
        let in_file = in_order(tables, table)?;
        let ids: BTreeSet<&str> = in_file.iter().copied().collect();
        findings.extend(known.spelled_otherwise(rules, table.as_str(), table.file_name(), &ids));
        if OF_EVERYBODY.contains(&table) {
            findings.extend(lost(rules, table, &in_labels, &ids));
        }
        if table.key() == [CUSTOMER] && too_few.is_none() {
            too_few = known.too_few(rules, table, &in_file);
        }
    }
    findings.extend(too_few);
    let ids: BTreeSet<&str> = in_readings.iter().map(String::as_str).collect();
    findings.extend(of_nobody(&ids));
    let spelled = known.spelled_otherwise(rules, READINGS, "the readings", &ids);
    // Of ids with a check digit some seem to be others in another spelling.
    let is_spelling = spelled.as_ref().is_some_and(|found| found.share >= Some(0.5));
    let others = if is_spelling { None } else { of_others(&customers, &ids) };
    findings.extend(others.or(spelled));
    Ok(findings)
}

/// Readings whose ids are not those of the customers, in whatever spelling: they are counted once they are summed.
fn of_others(customers: &BTreeSet<&str>, ids: &BTreeSet<&str>) -> Option<Finding> {
    let words = strangers(customers, ids, "the readings").filter(|_| ids.len() >= FEWEST_IDS)?;
    let unknown = ids.difference(customers).count();
    let finding = Finding::new(Severity::Warn, READINGS, "id_spelling", words);
    Some(finding.of_column(CUSTOMER).counting_of(unknown as u64, ids.len() as u64))
}

/// What to say of a file that has hardly any id of the customers: it is not short of rows.
fn strangers(customers: &BTreeSet<&str>, ids: &BTreeSet<&str>, file: &str) -> Option<String> {
    let known = ids.intersection(customers).count();
    (!ids.is_empty() && known * HARDLY_ANY < ids.len()).then(|| {
        format!(
            "hardly any of the ids of {file} is one of churn_label.csv: `{}` in {file}, `{}` there; look whether both are of \
             the same customers, and spelled alike (a check digit, a prefix)",
            usual_shape(ids.iter().copied()),
            usual_shape(customers.iter().copied()),
        )
    })
}

/// Readings with a word in place of an id would be summed as one customer who is delivered many times.
fn of_nobody(ids: &BTreeSet<&str>) -> Option<Finding> {
    let found: Vec<String> = placeholders(ids.iter().copied()).iter().map(|word| format!("`{word}`")).collect();
    if found.is_empty() {
        return None;
    }
    let words = format!(
        "readings have {} in place of an id, and would be summed as one customer; deliver the ids, or leave the field empty: \
         readings of nobody are left out and counted",
        found.join(", ")
    );
    let finding = Finding::new(Severity::Block, READINGS, "placeholder_ids", words);
    Some(finding.of_column(CUSTOMER).counting(found.len() as u64))
}

/// The ids of a file as they stand in it.
fn in_order(tables: &Delivered, table: RawTable) -> Result<Vec<&str>> {
    Ok(column(tables, table, CUSTOMER)?.into_iter().flatten().collect())
}

/// The customers of `churn_label`.
struct Known<'a> {
    ids: &'a BTreeSet<&'a str>,
    bare: HashSet<String>,
}

impl<'a> Known<'a> {
    fn of(ids: &'a BTreeSet<&'a str>) -> Self {
        Self { ids, bare: ids.iter().map(|id| bare(id)).collect() }
    }

    /// The ids of a file that are known but for their spelling.
    fn spelled_otherwise(
        &self,
        rules: &DeliveryRules,
        table: &str,
        file: &str,
        ids: &BTreeSet<&str>,
    ) -> Option<Finding> {
        let unknown: Vec<&str> = ids.iter().filter(|id| !self.ids.contains(*id)).copied().collect();
        let alike: Vec<&str> = unknown.iter().filter(|id| self.bare.contains(&bare(id))).copied().collect();
        if alike.is_empty() {
            return None;
        }
        let (all, as_written) = (ids.len(), ids.len() - unknown.len());
        let share = alike.len() as f64 / all as f64;
        let words = format!(
            "ids are spelled otherwise than in churn_label.csv: `{}` in {file}, `{}` there. {} of its {all} ids match as \
             they are written, and {} would without leading letters and zeros, `.0`, case, width and characters that \
             cannot be seen; deliver one spelling in all files",
            usual_shape(alike.iter().copied()),
            usual_shape(self.ids.iter().copied()),
            percent(as_written, all),
            percent(as_written + alike.len(), all),
        );
        let finding = Finding::new(severity(rules, share), table, "id_spelling", words);
        Some(finding.of_column(CUSTOMER).counting_of(alike.len() as u64, all as u64))
    }

    /// Whether a file of one row per customer has many whom `churn_label` does not have, in whatever spelling.
    fn too_few(&self, rules: &DeliveryRules, table: RawTable, in_file: &[&str]) -> Option<Finding> {
        let ids: BTreeSet<&str> = in_file.iter().copied().collect();
        let unknown = ids.iter().filter(|id| !self.ids.contains(*id) && !self.bare.contains(&bare(id))).count();
        let share = unknown as f64 / ids.len().max(1) as f64;
        if share <= rules.lost_customers_warn {
            return None;
        }
        let words = format!(
            "{} of the customers of {} ({unknown} of {}) are not in churn_label.csv, which has {}{}; deliver both whole and \
             of one day",
            percent(unknown, ids.len()),
            table.file_name(),
            ids.len(),
            self.ids.len(),
            cut_words(in_file, self.ids),
        );
        let finding = Finding::new(severity(rules, share), RawTable::ChurnLabel.as_str(), "too_few_customers", words);
        Some(finding.of_column(CUSTOMER).counting_of(unknown as u64, ids.len() as u64))
    }
}

/// Whether all that a file lacks comes after all that it has: then it may be cut off at the end of a line, which nothing
/// else shows.
fn cut_words(in_order: &[&str], has: &BTreeSet<&str>) -> &'static str {
    let mut sorted = in_order.to_vec();
    sorted.sort_unstable();
    if ends_early(in_order, has) || ends_early(&sorted, has) {
        return "; all of them come after its last row, as if it were cut off there";
    }
    ""
}

/// The customers that a file has no row of, where they are many.
fn lost(rules: &DeliveryRules, table: RawTable, in_labels: &[&str], ids: &BTreeSet<&str>) -> Option<Finding> {
    let customers: BTreeSet<&str> = in_labels.iter().copied().collect();
    let (missing, all) = (customers.difference(ids).count(), customers.len());
    let share = missing as f64 / all.max(1) as f64;
    if share <= rules.lost_customers_warn {
        return None;
    }
    let what_to_do = strangers(&customers, ids, table.file_name()).unwrap_or_else(|| "deliver it whole".to_owned());
    let words = format!(
        "{} of the customers of churn_label.csv ({missing} of {all}) have no row in {}{}; {what_to_do}",
        percent(missing, all),
        table.file_name(),
        cut_words(in_labels, ids),
    );
    let finding = Finding::new(severity(rules, share), table.as_str(), "lost_customers", words);
    Some(finding.of_column(CUSTOMER).counting_of(missing as u64, all as u64))
}

fn severity(rules: &DeliveryRules, share: f64) -> Severity {
    match share {
        share if share > rules.lost_customers_block => Severity::Block,
        share if share > rules.lost_customers_warn => Severity::Warn,
        _ => Severity::Info,
    }
}

fn percent(part: usize, all: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / all.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    fn table(name: RawTable, ids: &[String]) -> (&'static str, DataFrame) {
        (name.as_str(), df!(CUSTOMER => ids).unwrap())
    }

    fn ids(form: impl Fn(u32) -> String) -> Vec<String> {
        (1..=200).map(form).collect()
    }

    fn usual(number: u32) -> String {
        format!("C{number:05}")
    }

    fn told(tables: &Delivered, in_readings: &[String]) -> Vec<Finding> {
        of_ids(&DeliveryRules::default(), tables, None, in_readings).unwrap()
    }

    fn delivery(contracts: &[String]) -> Vec<(&'static str, DataFrame)> {
        let all = ids(usual);
        vec![
            table(RawTable::ChurnLabel, &all),
            table(RawTable::CustomerAttributes, &all),
            table(RawTable::CustomerContracts, contracts),
            table(RawTable::PriceHistory, &all),
            table(RawTable::CustomerInteractions, &all[..9]),
        ]
    }

    #[test]
    fn files_that_mean_the_same_customers_are_told_of_nothing() {
        let all = ids(usual);
        assert_eq!(told(&delivery(&all), &all[..5]), []);
        // Somebody whom the labels do not know is no other spelling.
        let mut more = all;
        more.push("C99999".to_owned());
        assert_eq!(told(&delivery(&more), &[]), []);
    }

    #[test]
    fn all_files_with_another_spelling_are_told_at_once_and_nobody_is_named() {
        let other = ids(|number| format!("{number}.0"));
        let findings = told(&delivery(&other), &ids(|number| format!("{number}"))[..7]);
        let rules: Vec<_> = findings.iter().map(|finding| (finding.table.as_str(), finding.rule.as_str())).collect();
        let expected = [
            ("customer_contracts", "id_spelling"),
            ("customer_contracts", "lost_customers"),
            ("consumption_hourly", "id_spelling"),
        ];
        assert_eq!(rules, expected);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Block));
        let words = &findings[0].words;
        assert!(words.contains("`###.#` in customer_contracts.csv, `C#####` there"), "{words}");
        assert!(words.contains("0.0 % of its 200 ids match") && words.contains("100.0 % would"), "{words}");
        assert!(!words.contains("C00"), "{words}");
    }

    #[test]
    fn ids_with_a_check_digit_are_named_by_both_shapes() {
        let all = ids(usual);
        let with_digit = ids(|number| format!("C{number:05}{}", number % 7));
        let found = told(&delivery(&with_digit), &with_digit);
        let lost = found.iter().find(|finding| finding.rule == "lost_customers").unwrap();
        let expected = "hardly any of the ids of customer_contracts.csv is one of churn_label.csv: `C######` in \
                        customer_contracts.csv, `C#####` there";
        assert!(lost.words.contains(expected) && !lost.words.contains("deliver it whole"), "{}", lost.words);
        let in_readings = found.iter().find(|finding| finding.table == READINGS).unwrap();
        assert_eq!((in_readings.rule.as_str(), in_readings.severity), ("id_spelling", Severity::Warn));
        assert!(in_readings.words.contains("`C######` in the readings, `C#####` there"), "{}", in_readings.words);
        assert!(told(&delivery(&all[..100]), &[])[0].words.ends_with("; deliver it whole"));
    }

    #[test]
    fn a_file_that_ends_early_at_the_end_of_a_line_is_asked_about() {
        let all = ids(usual);
        let cut = told(&delivery(&all[..120]), &[]);
        let expected = "customer_contracts.csv; all of them come after its last row, as if it were cut off there";
        assert!(cut[0].words.contains(expected), "{}", cut[0].words);
        let every_third: Vec<String> = all.iter().step_by(3).cloned().collect();
        assert!(!told(&delivery(&every_third), &[])[0].words.contains("cut off"));

        let mut labels = delivery(&all);
        labels[0] = table(RawTable::ChurnLabel, &all[..120]);
        let told = told(&labels, &[]);
        let [too_few] = told.as_slice() else { panic!("one finding, not {told:?}") };
        assert_eq!((too_few.table.as_str(), too_few.rule.as_str()), ("churn_label", "too_few_customers"));
        assert_eq!((too_few.count, too_few.severity), (80, Severity::Block));
        let expected = "(80 of 200) are not in churn_label.csv, which has 120; all of them come after its last row";
        assert!(too_few.words.contains(expected), "{}", too_few.words);
    }

    #[test]
    fn who_left_between_two_dates_of_labels_is_a_customer_of_the_other_files() {
        let all = ids(usual);
        let mut later = delivery(&all);
        later[0] = table(RawTable::ChurnLabel, &all[..168]);
        let (_, of_both_dates) = table(RawTable::DatedLabel, &all);
        let found = of_ids(&DeliveryRules::default(), &later, Some(&of_both_dates), &[]).unwrap();
        assert_eq!((found, told(&later, &[]).len()), (Vec::new(), 1));
    }

    #[test]
    fn readings_of_a_word_in_place_of_an_id_stop_the_run() {
        let all = ids(usual);
        let found = told(&delivery(&all), &["C00001".to_owned(), "NULL".to_owned()]);
        assert_eq!((found.len(), found[0].rule.as_str(), found[0].severity), (1, "placeholder_ids", Severity::Block));
        assert!(found[0].words.contains("readings have `NULL` in place of an id"), "{}", found[0].words);
    }

    #[test]
    fn a_few_lost_customers_warn_and_many_block() {
        let severity = |rows: usize| {
            let findings = told(&delivery(&ids(usual)[..rows]), &[]);
            findings.first().map(|finding| finding.severity)
        };
        assert_eq!([200, 199, 190, 170].map(severity), [None, None, Some(Severity::Warn), Some(Severity::Block)]);
    }
}
