//! What offers are worth, by which rates, and the plans beside each other, of runs that say it.

use std::sync::Arc;

use axum::http::StatusCode;
use churn::recommend::{OfferFigures, OffersReport, PolicyKind};
use lake::documents::Publication;
use lake::keys;
use polars::prelude::*;
use protocol::{Digest, TableRef};
use serde_json::json;

use super::super::budget::Line;
use super::super::columns::Offers;
use super::super::sums::Sums;
use super::super::worth;
use super::{close, state};
use crate::data::cells;
use crate::format::Format;
use crate::pages::risk::Columns;
use crate::test_site::{CUSTOMERS, TestSite, recommendations, scores};
use crate::words::{Language, Word};

/// The same table as later runs write it: what each offer is worth, and whether it comes too late.
fn valued() -> DataFrame {
    let mut table = recommendations();
    let actions: Vec<bool> = cells::texts(&table, "action").unwrap().iter().map(|a| *a != Some("no_offer")).collect();
    let of_offers = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
        actions.iter().enumerate().map(|(row, offered)| if *offered { of(row) } else { 0.0 }).collect()
    };
    let pays_from: Vec<Option<f64>> =
        actions.iter().enumerate().map(|(row, offered)| (*offered && row % 4 != 1).then_some(0.08)).collect();
    let late: Vec<Option<i32>> =
        actions.iter().enumerate().map(|(row, offered)| offered.then_some(i32::from(row % 3 == 0))).collect();
    let columns = [
        Column::new("expected_value_eur".into(), of_offers(&|row| row as f64 - 20.0)),
        Column::new("break_even_save_rate".into(), pays_from),
        Column::new("due_after_renewal".into(), late),
    ];
    for column in columns {
        table.with_column(column).unwrap();
    }
    table
}

fn report() -> OffersReport {
    let figures = |offers: u64, cost: f64, value: f64| json!({ "offers": offers, "cost_eur": cost, "value_eur": value, "below_zero": 0, "after_renewal": 7 });
    let assumed = |rate: f64| json!({ "rate": rate, "basis": "assumed" });
    let measured =
        json!({ "rate": 0.24, "basis": "measured", "measured": { "value": 0.24, "low": 0.18, "high": 0.31 } });
    let report = json!({
        "policy": "value", "months": 12,
        "save_rates": { "offer_small": assumed(0.1), "offer_medium": assumed(0.2), "offer_large": measured },
        "limits": {
            "budget_eur": 5000.0, "minimum_offer_eur": 1.0, "capacity": { "immediate": 300 }, "days_between_offers": 90,
            "knows_consent": true, "knows_last_offers": false,
        },
        "offered": figures(61, 4990.0, 61_234.0), "tier": figures(72, 6000.0, 41_000.0),
        "tier_within_limits": figures(60, 4980.0, 40_123.0), "value": figures(61, 4990.0, 61_234.0),
        "value_order": "value_per_euro", "control": figures(0, 0.0, 0.0), "is_measurable": false,
        "cut": { "without": 3, "smaller": 2, "forgone_eur": 120.5, "next_euro": 2.5 },
        "withheld": {}, "effects": null, "words": "policy value",
    });
    serde_json::from_value(report).unwrap()
}

#[test]
fn what_offers_are_worth_is_summed_sorted_and_part_of_the_line() {
    let offers = Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &valued()).unwrap();
    let all: Vec<usize> = (0..offers.rows()).collect();
    let sums = Sums::of(&offers, &all);
    let offered: Vec<usize> = all.iter().copied().filter(|&row| offers.is_offered(row)).collect();
    let worth: f64 = offered.iter().map(|&row| row as f64 - 20.0).sum();
    assert!(close(sums.worth.unwrap(), worth));
    assert_eq!(sums.late, offered.iter().filter(|row| *row % 3 == 0).count() as u64);
    let line = Line::of(&offers, &all);
    let cut = line.cut(50.0);
    assert!(close(cut.worth, line.rows[..cut.offers].iter().map(|&row| row as f64 - 20.0).sum()));
    let by_worth = state("sort=-expected_value_eur");
    let mut rows = by_worth.rows(&offers);
    by_worth.sort(&offers, &mut rows);
    let sorted: Vec<Option<f64>> = rows.iter().map(|&row| offers.expected(row)).collect();
    let known: Vec<f64> = sorted.iter().map_while(|worth| *worth).collect();
    assert!(known.len() == offered.len() && known.windows(2).all(|pair| pair[0] >= pair[1]));
    // Runs from before say nothing of it.
    let older = super::offers();
    assert_eq!((Sums::of(&older, &all).worth, older.expected(0)), (None, None));
}

#[tokio::test]
async fn the_page_says_what_the_offers_are_worth_and_by_which_rates_in_both_languages() {
    let site = TestSite::published().await;
    let mut pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recommendations.parquet");
    churn::table_file::write(&mut valued(), &path).unwrap();
    let table = std::fs::read(&path).unwrap();
    let documents = [("recommendations", "parquet", table), ("offers", "json", lake::to_json(&report()))];
    for (table, ending, content) in documents {
        let key = format!("scored/recommendations/0123456789ab/{table}.{ending}");
        let reference = TableRef { key: key.clone(), digest: Digest::of(&content), rows: CUSTOMERS as u64 };
        site.lake.put(&key, content).await.unwrap();
        pointer.outputs.insert(table.to_owned(), reference);
    }
    site.lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
    let site = TestSite::over(site);
    for language in Language::ALL {
        let format = Format(language);
        let page = site.get(&format!("/recommendations?budget=50&lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        let shown = [
            language.say(Word::OffersWorthTitle).to_owned(),
            language.say(Word::OffersNotMeasurable).to_owned(),
            language.say(Word::OffersAssumed).to_owned(),
            language.say(Word::OffersMeasured).to_owned(),
            format.eur(61_234.0),
            format.eur(40_123.0),
            format.eur_cents(2.5),
            format!("({})", format.range(&format.percent(0.18), &format.percent(0.31))),
        ];
        for shown in shown {
            assert!(text.contains(&shown), "{shown} is not on the page in {language:?}");
        }
    }
    let plans = site.get("/recommendations/plans.csv").await.text();
    assert!(
        plans.starts_with("plan,offers,cost_eur,value_eur,below_zero,after_renewal\noffered,61,4990,61234,0,7\n"),
        "{plans}"
    );
    let rates = site.get("/recommendations/rates.csv").await.text();
    assert!(rates.ends_with("offer_large,0.24,measured,0.24,0.18,0.31\n"), "{rates}");
    assert!(rates.contains("offer_small,0.1,assumed,,,\n"), "what nobody measured is empty: {rates}");
    // A run from before has neither the cards nor the part, nor its files.
    let older = TestSite::published().await;
    for table in ["plans", "rates"] {
        let file = older.get(&format!("/recommendations/{table}.csv")).await;
        assert_eq!(file.status, StatusCode::NOT_FOUND, "{table}");
    }
    let before = older.get("/recommendations?lang=en").await.text();
    assert!(!before.contains(Language::En.say(Word::OffersWorthTitle)));
    assert!(!before.contains(Language::En.say(Word::OffersNeverPays)));
}

#[test]
fn plans_are_said_beside_each_other_before_anybody_is_held_back_and_within_the_same_limits() {
    let figures = |offers: u64, value_eur: f64| OfferFigures { offers, value_eur, ..OfferFigures::default() };
    let control = figures(2, 1_234.0);
    let value = OffersReport { offered: figures(59, 60_000.0), control, ..report() };
    for language in Language::ALL {
        let format = Format(language);
        let said = worth::chosen(format, &value);
        for shown in [format.eur(60_000.0), format.eur(61_234.0), format.eur(40_123.0)] {
            assert!(said.contains(&shown), "{said}");
        }
        let tier = OffersReport { policy: PolicyKind::Tier, offered: figures(72, 41_000.0), ..report() };
        let said = worth::chosen(format, &tier);
        for shown in [format.eur(40_123.0), format.eur(61_234.0)] {
            assert!(said.contains(&shown), "{said}");
        }
        assert_eq!(said.matches(&format.eur(41_000.0)).count(), 1, "nobody is held back: {said}");
    }
}
