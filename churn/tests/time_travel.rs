//! No feature reads what happened after the snapshot date, and each reads what the catalogue says of it.
//!
//! The customers of `golden/input`, with and without rows dated later that are as absurd as they can be.

#![expect(clippy::unwrap_used, reason = "a test may stop where its fixture is broken")]

#[path = "golden/reading.rs"]
mod reading;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{Months, NaiveDate};
use churn::bronze::customer::bronze_customer;
use churn::bronze::customer_month::bronze_customer_month;
use churn::features::FeatureTiers;
use churn::gold::{Window, gold_master, windows};
use churn::silver::customer::silver_customer;
use churn::silver::customer_month::silver_customer_month;
use churn::text::{IntentVocabulary, SentimentSettings};
use churn::{SnapshotDate, Unwatched, table_file};
use polars::prelude::*;
use reading::input;

/// One day before the last month of the readings is complete.
const AS_OF: &str = "2024-06-29";
/// So late the poison has become the truth.
const LATER: &str = "2025-06-30";

const ATTRIBUTES: [&str; 8] = [
    "customer_id",
    "contracted_power_kw",
    "is_industrial",
    "is_second_residence",
    "province_code",
    "region",
    "is_high_competition_province",
    "is_urban",
];
const CONTRACTS: [&str; 6] = [
    "customer_id",
    "sales_channel",
    "customer_first_activation_date",
    "contract_start_date",
    "last_product_change_date",
    "next_renewal_date",
];
const CONTACTS: [&str; 4] = ["customer_id", "date", "channel", "interaction_summary"];

/// What was delivered.
struct Delivered {
    customers: DataFrame,
    contracts: DataFrame,
    contacts: DataFrame,
    sums: DataFrame,
    prices: DataFrame,
    costs: DataFrame,
}

impl Delivered {
    fn honest() -> Self {
        let customers = input("bronze_customer");
        let contacts = customers.select(CONTACTS).unwrap();
        let dated = contacts.column("date").unwrap().is_not_null();
        let said = contacts.column("interaction_summary").unwrap().is_not_null();
        Self {
            contracts: customers.select(CONTRACTS).unwrap(),
            contacts: contacts.filter(&(&dated | &said)).unwrap(),
            sums: input("monthly_sums"),
            prices: input("price_history"),
            costs: input("costs_by_province_month"),
            customers,
        }
    }

    /// The same, and after the snapshot date everything that could mislead.
    fn poisoned() -> Self {
        let honest = Self::honest();
        Self {
            contracts: changed_later(&honest.contracts),
            contacts: honest.contacts.vstack(&contacts_of(&honest.customers, &["2024-06-30", "2025-06-29"])).unwrap(),
            sums: absurd_june(&honest.sums).vstack(&a_year_later(&honest.sums)).unwrap(),
            prices: honest.prices.vstack(&a_year_later(&honest.prices)).unwrap(),
            costs: honest.costs.vstack(&a_year_later(&honest.costs)).unwrap(),
            customers: honest.customers,
        }
    }

    fn silver(&self, as_of: SnapshotDate) -> (DataFrame, DataFrame) {
        let label = self.customers.select(["customer_id", "churn"]).unwrap();
        let attributes = self.customers.select(ATTRIBUTES).unwrap();
        let intents = IntentVocabulary::parse(&fs::read_to_string(config("intents.yaml")).unwrap()).unwrap();
        let sentiment = SentimentSettings::default().build().unwrap();
        let (contracts, contacts) = (&self.contracts, &self.contacts);
        let bronze =
            bronze_customer(&label, &attributes, contracts, contacts, as_of, &intents, sentiment.as_ref(), &Unwatched);
        let customers = silver_customer(&bronze.unwrap()).unwrap();
        let months = bronze_customer_month(&self.sums, &self.prices, &self.costs, &attributes).unwrap();
        let months = silver_customer_month(&months, &customers, as_of).unwrap();
        (customers, months)
    }

    /// The file of gold.
    fn gold(&self, as_of: &str) -> Vec<u8> {
        let as_of = SnapshotDate::parse(as_of).unwrap();
        let (customers, months) = self.silver(as_of);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gold_master.parquet");
        table_file::write(&mut gold_master(&customers, &months, as_of).unwrap(), &path).unwrap();
        fs::read(path).unwrap()
    }
}

fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs").join(name)
}

fn day(text: &str) -> i32 {
    SnapshotDate::parse(text).unwrap().date().to_epoch_days()
}

fn days(name: &str, days: impl Iterator<Item = Option<i32>>) -> Column {
    Int32Chunked::from_iter_options(name.into(), days).into_date().into_column()
}

/// Whoever has not changed product yet does so on the next day.
fn changed_later(contracts: &DataFrame) -> DataFrame {
    const CHANGED: &str = "last_product_change_date";
    let next_day = day(AS_OF) + 1;
    let changes = contracts.column(CHANGED).unwrap().date().unwrap();
    let changes = days(CHANGED, changes.physical().iter().map(|day| day.or(Some(next_day))));
    let mut contracts = contracts.clone();
    contracts.with_column(changes).unwrap();
    contracts
}

/// Everybody is angry and leaves, on each of these days.
fn contacts_of(customers: &DataFrame, dates: &[&str]) -> DataFrame {
    let ids = customers.column("customer_id").unwrap().str().unwrap();
    let rows: Vec<(&str, i32)> =
        dates.iter().flat_map(|date| ids.iter().flatten().map(move |id| (id, day(date)))).collect();
    let text = |name: &str, text: &str| Column::new(name.into(), vec![text; rows.len()]);
    DataFrame::new(
        rows.len(),
        vec![
            Column::new("customer_id".into(), rows.iter().map(|(id, _)| *id).collect::<Vec<_>>()),
            days("date", rows.iter().map(|(_, day)| Some(*day))),
            text("channel", "phone"),
            text("interaction_summary", "I am furious and hate this company. I want to cancel and switch to another."),
        ],
    )
    .unwrap()
}

/// The last month of the readings holds their last day, which is not over.
fn absurd_june(sums: &DataFrame) -> DataFrame {
    let is_june: Vec<bool> =
        sums.column("month").unwrap().str().unwrap().iter().map(|month| month == Some("2024-06")).collect();
    numbers(sums, |row, value| if is_june[row] { value * 1e9 + 1e12 } else { value })
}

/// Every row once more a year later, with numbers that nobody would believe.
fn a_year_later(table: &DataFrame) -> DataFrame {
    let mut table = numbers(table, |row, value| if row % 2 == 0 { value * 1e6 } else { -1e6 });
    let later = |day: i32| {
        let date = NaiveDate::from_epoch_days(day).unwrap().checked_add_months(Months::new(12));
        date.unwrap().to_epoch_days()
    };
    let months = table.column("month").ok().map(|months| {
        let months = months.str().unwrap().iter().flatten();
        Column::new("month".into(), months.map(|month| month.replace("2024", "2025")).collect::<Vec<_>>())
    });
    let dates = table.column("pricing_date").ok().map(|dates| {
        let dates = dates.date().unwrap().physical();
        days("pricing_date", dates.iter().map(|day| day.map(later)))
    });
    for column in months.into_iter().chain(dates) {
        table.with_column(column).unwrap();
    }
    table
}

/// The same table with other measures.
fn numbers(table: &DataFrame, of: impl Fn(usize, f64) -> f64) -> DataFrame {
    let column = |column: &Column| match column.f64() {
        Ok(cells) => {
            let cells = cells.iter().enumerate().map(|(row, cell)| cell.map(|cell| of(row, cell)));
            Column::new(column.name().clone(), cells.collect::<Vec<_>>())
        }
        Err(_) => column.clone(),
    };
    DataFrame::new(table.height(), table.columns().iter().map(column).collect()).unwrap()
}

#[test]
fn rows_dated_after_the_snapshot_date_change_no_byte_of_gold() {
    let (honest, poisoned) = (Delivered::honest(), Delivered::poisoned());
    assert!(honest.gold(AS_OF) == poisoned.gold(AS_OF), "gold has seen what happened after {AS_OF}");
    assert!(honest.gold(LATER) != poisoned.gold(LATER), "it is no poison: {LATER} would see it");
}

/// The columns of `silver_customer` that are of a window; the others are of `silver_customer_month`.
fn columns_of(window: Window) -> &'static [&'static str] {
    match window {
        Window::AsDelivered => &["segment", "sales_channel", "is_high_competition_province", "is_second_residence"],
        Window::NextRenewal => &["next_renewal_date"],
        Window::Relationship => &["customer_first_activation_date"],
        Window::LastContact => &["date", "has_interaction", "customer_intent", "sentiment_label"],
        Window::LastChange => &["last_product_change_date"],
        Window::TwelveMonths | Window::SixMonths => &[],
    }
}

/// Gives the cells of some columns to other rows.
fn exchanged(table: &DataFrame, columns: &[&str]) -> DataFrame {
    let mut table = table.clone();
    for column in table.select(columns.iter().copied()).unwrap().reverse().columns() {
        table.with_column(column.clone()).unwrap();
    }
    table
}

#[test]
fn every_feature_reads_the_windows_of_the_catalogue_and_no_others() {
    let as_of = SnapshotDate::parse(AS_OF).unwrap();
    let tiers = FeatureTiers::parse(&fs::read_to_string(config("feature_tiers.yaml")).unwrap()).unwrap();
    let features: BTreeSet<&str> = tiers.by_tier().map(|(_, feature)| feature.name.as_str()).collect();
    let (customers, months) = Delivered::honest().silver(as_of);
    let before = gold_master(&customers, &months, as_of).unwrap();
    let measures: Vec<&str> =
        months.columns().iter().filter(|column| column.f64().is_ok()).map(|column| column.name().as_str()).collect();
    // The last six months are of the twelve.
    for window in Window::ALL.into_iter().filter(|window| *window != Window::SixMonths) {
        let after = match window {
            Window::TwelveMonths => gold_master(&customers, &exchanged(&months, &measures), as_of),
            _ => gold_master(&exchanged(&customers, columns_of(window)), &months, as_of),
        };
        let after = after.unwrap();
        let mut moved = 0;
        for feature in &features {
            let of = |gold: &DataFrame| gold.select([*feature]).unwrap();
            if of(&before).equals_missing(&of(&after)) {
                continue;
            }
            moved += 1;
            let reads = windows(feature).unwrap_or_else(|| panic!("the catalogue does not know {feature}"));
            let reads_it =
                reads.contains(&window) || (window == Window::TwelveMonths && reads.contains(&Window::SixMonths));
            assert!(reads_it, "{feature} reads \"{}\", which the catalogue does not say", window.name());
        }
        assert!(moved > 0, "nothing reads \"{}\"", window.name());
    }
    let unknown: Vec<_> = features.iter().filter(|feature| windows(feature).is_none()).collect();
    assert!(unknown.is_empty(), "the catalogue does not know {unknown:?}");
}
