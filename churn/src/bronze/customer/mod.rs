//! `bronze_customer`: one row per customer of `churn_label`, with its attributes, its contract and
//! its most recent contact, as they were known on the as-of date.
//!
//! Every side is first reduced to one row per customer, so the join cannot multiply rows.

mod contact;
mod rows;

use polars::prelude::*;

use self::rows::Backbone;
use crate::SnapshotDate;
use crate::error::{Error, Result};
use crate::text::{IntentVocabulary, SentimentModel};
use crate::watch::Watch;

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 3;

const LABEL: [&str; 2] = ["customer_id", "churn"];

const ATTRIBUTES: [&str; 7] = [
    "contracted_power_kw",
    "is_industrial",
    "is_second_residence",
    "province_code",
    "region",
    "is_high_competition_province",
    "is_urban",
];

const CONTRACTS: [&str; 5] = [
    "sales_channel",
    "customer_first_activation_date",
    "contract_start_date",
    "last_product_change_date",
    "next_renewal_date",
];

const INTERACTIONS: [&str; 3] = ["date", "channel", "interaction_summary"];

/// Joins the four per-customer files to one row per customer, sorted by `customer_id`.
///
/// - `label` is the backbone: a null or repeated `customer_id` there is an error that names rows.
/// - Of `attributes` and `contracts` the first row of a customer counts; a `last_product_change_date`
///   after `as_of` is null, because nobody knew it then.
/// - Of `interactions` the most recent by `date` counts, those after `as_of` left out; an undated one
///   counts only where there is no dated one; of equals the later row in the file.
/// - To the contact are added `customer_intent`, `has_interaction` (1, or 0 for a contact with neither
///   date nor text) and `sentiment_neg`, `sentiment_neu`, `sentiment_pos`, `sentiment_label` (null
///   for an empty text). All columns of the contact are null for a customer without one.
///
/// `watch` hears the number of texts scored, of all that must be.
#[expect(clippy::too_many_arguments, reason = "four files, one date, two models and a watch: each is one idea")]
pub fn bronze_customer(
    label: &DataFrame,
    attributes: &DataFrame,
    contracts: &DataFrame,
    interactions: &DataFrame,
    as_of: SnapshotDate,
    intents: &IntentVocabulary,
    sentiment: &dyn SentimentModel,
    watch: &dyn Watch,
) -> Result<DataFrame> {
    let backbone = Backbone::of(label)?;
    let attribute_rows = backbone.rows_in(&rows::first(attributes)?);
    let contract_rows = backbone.rows_in(&rows::first(contracts)?);
    let contact_rows = backbone.rows_in(&rows::most_recent(interactions, as_of)?);

    let customers = take(label, &LABEL, backbone.rows())?;
    let attributes = take(attributes, &ATTRIBUTES, &attribute_rows)?;
    let contracts = hide_later_product_change(take(contracts, &CONTRACTS, &contract_rows)?, as_of)?;
    let contacts = take(interactions, &INTERACTIONS, &contact_rows)?;
    let meaning = contact::meaning(&contacts, &contact_rows, intents, sentiment, watch)?;

    let parts = [attributes, contracts, contacts, meaning];
    let columns: Vec<Column> = parts.into_iter().flat_map(DataFrame::into_columns).collect();
    customers.hstack(&columns).map_err(Error::table("join bronze_customer"))
}

/// The named columns of `table` in the given rows; a null row is a row of nulls.
fn take(table: &DataFrame, columns: &[&str], rows: &IdxCa) -> Result<DataFrame> {
    let columns = table.select(columns.iter().copied());
    columns.and_then(|columns| columns.take(rows)).map_err(Error::table("join bronze_customer"))
}

fn hide_later_product_change(mut contracts: DataFrame, as_of: SnapshotDate) -> Result<DataFrame> {
    const CHANGED: &str = "last_product_change_date";
    let last_day = as_of.date().to_epoch_days();
    let failed = || Error::table("read last_product_change_date of customer_contracts");
    let days = contracts.column(CHANGED).and_then(|dates| dates.date()).map_err(failed())?.physical();
    let known = days.iter().map(|day| day.filter(|day| *day <= last_day));
    let known = Int32Chunked::from_iter_options(CHANGED.into(), known).into_date();
    contracts.with_column(known.into_column()).map_err(failed())?;
    Ok(contracts)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::text::lexicon::Lexicon;
    use crate::watch::Unwatched;

    fn day(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
    }

    fn label(ids: &[&str]) -> DataFrame {
        df!("customer_id" => ids, "churn" => vec![0_i32; ids.len()]).unwrap()
    }

    fn attributes(ids: &[&str], powers: &[f64]) -> DataFrame {
        let flags = vec![0_i32; ids.len()];
        df!(
            "customer_id" => ids,
            "contracted_power_kw" => powers,
            "is_industrial" => &flags,
            "is_second_residence" => &flags,
            "province_code" => &flags,
            "region" => vec!["Aragón"; ids.len()],
            "is_high_competition_province" => &flags,
            "is_urban" => &flags,
        )
        .unwrap()
    }

    fn contracts(ids: &[&str], changed: &[Option<&str>]) -> DataFrame {
        let renewals = vec![Some(day("2025-06-01")); ids.len()];
        let changed: Vec<Option<NaiveDate>> = changed.iter().map(|date| date.map(day)).collect();
        df!(
            "customer_id" => ids,
            "sales_channel" => vec!["oficina"; ids.len()],
            "customer_first_activation_date" => &renewals,
            "contract_start_date" => &renewals,
            "last_product_change_date" => changed,
            "next_renewal_date" => &renewals,
        )
        .unwrap()
    }

    fn interactions(rows: &[(&str, Option<&str>, Option<&str>)]) -> DataFrame {
        df!(
            "customer_id" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "date" => rows.iter().map(|row| row.1.map(day)).collect::<Vec<_>>(),
            "channel" => vec!["phone"; rows.len()],
            "interaction_summary" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    fn build(label: &DataFrame, sides: [&DataFrame; 3]) -> Result<DataFrame> {
        let intents = IntentVocabulary::parse(include_str!("../../../../configs/intents.yaml"))?;
        let as_of = SnapshotDate::parse("2024-12-31")?;
        let [attributes, contracts, interactions] = sides;
        bronze_customer(label, attributes, contracts, interactions, as_of, &intents, &Lexicon::new(), &Unwatched)
    }

    fn column<'a>(table: &'a DataFrame, name: &str) -> Vec<AnyValue<'a>> {
        let column = table.column(name).unwrap();
        (0..table.height()).map(|row| column.get(row).unwrap()).collect()
    }

    #[test]
    fn every_customer_has_one_row_sorted_with_the_columns_of_the_contract() {
        let sides = [
            &attributes(&["C3", "C1", "C9"], &[3.0, 1.0, 9.0]),
            &contracts(&["C1"], &[None]),
            &interactions(&[("C3", Some("2024-10-01"), Some("Asked about the bill"))]),
        ];
        let table = build(&label(&["C3", "C1", "C2"]), sides).unwrap();
        let expected = "customer_id churn contracted_power_kw is_industrial is_second_residence province_code region \
                        is_high_competition_province is_urban sales_channel customer_first_activation_date \
                        contract_start_date last_product_change_date next_renewal_date date channel \
                        interaction_summary customer_intent has_interaction sentiment_neg sentiment_neu \
                        sentiment_pos sentiment_label";
        let names: Vec<_> = table.columns().iter().map(|column| column.name().as_str()).collect();
        assert_eq!(names.join(" "), expected);
        assert_eq!(column(&table, "customer_id"), ["C1", "C2", "C3"].map(AnyValue::String));
        let expected = [AnyValue::Float64(1.0), AnyValue::Null, AnyValue::Float64(3.0)];
        assert_eq!(column(&table, "contracted_power_kw"), expected);
        let expected = [AnyValue::String("oficina"), AnyValue::Null, AnyValue::Null];
        assert_eq!(column(&table, "sales_channel"), expected);
        let expected = [AnyValue::Null, AnyValue::Null, AnyValue::String("Billing / Payment")];
        assert_eq!(column(&table, "customer_intent"), expected);
    }

    #[test]
    fn a_customer_without_a_contact_has_null_in_all_its_columns() {
        let sides = [&attributes(&[], &[]), &contracts(&[], &[]), &interactions(&[])];
        let table = build(&label(&["C1"]), sides).unwrap();
        let contact = table.columns().iter().skip_while(|column| column.name() != "date");
        assert_eq!(contact.clone().count(), 9);
        assert!(contact.clone().all(|column| column.null_count() == 1));
        let types: Vec<_> = contact.map(|column| column.dtype().clone()).collect();
        let (text, share) = (DataType::String, DataType::Float64);
        let expected = [&DataType::Date, &text, &text, &text, &DataType::Int32, &share, &share, &share, &text];
        assert_eq!(types, expected.map(Clone::clone));
    }

    #[test]
    fn of_repeated_attributes_and_contracts_the_first_row_counts() {
        let sides = [
            &attributes(&["C1", "C1"], &[1.0, 2.0]),
            &contracts(&["C1", "C1"], &[None, Some("2024-01-01")]),
            &interactions(&[]),
        ];
        let table = build(&label(&["C1"]), sides).unwrap();
        assert_eq!(column(&table, "contracted_power_kw"), [AnyValue::Float64(1.0)]);
        assert_eq!(column(&table, "last_product_change_date"), [AnyValue::Null]);
    }

    #[test]
    fn a_product_change_after_the_as_of_date_is_not_known_yet() {
        let ids = ["C1", "C2", "C3"];
        let changed = [Some("2024-12-31"), Some("2025-01-01"), None];
        let sides = [&attributes(&[], &[]), &contracts(&ids, &changed), &interactions(&[])];
        let table = build(&label(&ids), sides).unwrap();
        let known = AnyValue::Date(day("2024-12-31").to_epoch_days());
        assert_eq!(column(&table, "last_product_change_date"), [known, AnyValue::Null, AnyValue::Null]);
        assert_eq!(table.column("next_renewal_date").unwrap().null_count(), 0);
    }

    #[test]
    fn a_contact_after_the_as_of_date_does_not_hide_an_earlier_one() {
        let sides = [
            &attributes(&[], &[]),
            &contracts(&[], &[]),
            &interactions(&[
                ("C1", Some("2024-11-01"), Some("Asked about the bill")),
                ("C1", Some("2025-01-01"), Some("Will cancel")),
                ("C2", Some("2025-01-01"), Some("Will cancel")),
            ]),
        ];
        let table = build(&label(&["C1", "C2"]), sides).unwrap();
        assert_eq!(column(&table, "customer_intent"), [AnyValue::String("Billing / Payment"), AnyValue::Null]);
        assert_eq!(column(&table, "has_interaction"), [AnyValue::Int32(1), AnyValue::Null]);
    }

    #[test]
    fn a_column_that_is_missing_is_named() {
        let sides = [&label(&["C1"]), &contracts(&[], &[]), &interactions(&[])];
        let problem = build(&label(&["C1"]), sides).unwrap_err().to_string();
        assert!(problem.contains("contracted_power_kw"), "{problem}");
    }
}
