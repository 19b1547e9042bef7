//! One column looked at closely: both sides of it, against Polars on the two tables.

use axum::http::StatusCode;
use churn::drift::PREDICTION;
use polars::prelude::*;

use super::{TRAINED, features, html, site, training};
use crate::format::Format;
use crate::test_site::{numbers, scores};
use crate::words::{Language, Word};

#[tokio::test]
async fn a_column_is_looked_at_closely_with_the_share_without_a_value_on_both_sides() {
    let site = site().await;
    let format = Format(Language::En);
    for name in ["margin", "gone", "empty", "sparse", "fresh"] {
        let page = site.get(&format!("/drift?lang=en&col={name}")).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        assert!(page.text().contains(&Language::En.fill(Word::DriftCloser, &[("column", name)])), "{name}");
        let file = site.get(&format!("/drift/quantiles.csv?col={name}")).await;
        assert_eq!((file.status, file.headers["x-row-count"].to_str().unwrap()), (StatusCode::OK, "11"), "{name}");
    }
    let sparse = site.get("/drift?lang=en&col=sparse").await.text();
    assert!(sparse.contains(&format.percent(1.0 - 10.0 / f64::from(TRAINED))), "the training has ten values");
    assert!(sparse.contains(&html(Language::En.say(Word::DriftNotEnough))));
    let moon = site.get("/drift?lang=en&col=moon&state=moon").await;
    assert!(moon.status == StatusCode::OK && moon.text().contains("moon"));
    assert!(moon.text().contains(&Language::En.fill(Word::DriftCloser, &[("column", "tenure_months")])));
}

#[tokio::test]
async fn a_column_of_texts_is_looked_at_by_its_categories() {
    let site = site().await;
    let page = site.get("/drift?lang=en&col=segment").await;
    assert_eq!(page.status, StatusCode::OK);
    let both = ["SME, now", "SME, in training"];
    assert!(both.iter().all(|name| page.text().contains(name)) && !page.text().contains("id=\"distribution\""));
    let file = site.get("/drift/quantiles.csv?col=segment").await;
    assert_eq!((file.status, file.headers["x-row-count"].to_str().unwrap()), (StatusCode::OK, "3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn quantiles_are_those_of_polars_on_both_sides() {
    let file = site().await.get("/drift/quantiles.parquet?col=tenure_months").await;
    let frame = ParquetReader::new(std::io::Cursor::new(file.bytes.to_vec())).finish().unwrap();
    let measures = frame.column("measure").and_then(Column::str).unwrap();
    let place = measures.iter().position(|name| name == Some("p25")).unwrap();
    for (side, table) in [("reference", training()), ("current", features())] {
        let asked = col("tenure_months").quantile(lit(0.25), QuantileMethod::Linear);
        let theirs = numbers(&table.lazy().select([asked]).collect().unwrap(), "tenure_months")[0].unwrap();
        assert!((numbers(&frame, side)[place].unwrap() - theirs).abs() < 1e-9, "{side}");
    }
}

#[tokio::test]
async fn the_tiers_then_and_now_are_those_of_both_tables() {
    let page = site().await.get("/drift?lang=en").await.text();
    let share = |table: DataFrame| {
        let probabilities = numbers(&table, PREDICTION);
        probabilities.iter().flatten().filter(|probability| **probability >= 0.8).count() as f64 / table.height() as f64
    };
    let format = Format(Language::En);
    let (then, now) = (share(training()), share(scores()));
    assert!(page.contains(&format!("in training {}", format.percent(then))), "{then}");
    assert!(page.contains(&format!("now {}", format.percent(now))), "{now}");
}

#[tokio::test]
async fn the_prediction_has_its_place_once() {
    let site = site().await;
    let beside = site.get("/drift?lang=en").await.text();
    assert!(beside.contains("id=\"prediction-spread\"") && beside.contains("id=\"tiers\""));
    let chosen = site.get(&format!("/drift?lang=en&col={PREDICTION}")).await.text();
    assert!(chosen.contains("id=\"spread\"") && !chosen.contains("id=\"prediction-spread\""));
}
