//! The page without a server: what is on record, by the same filters; and whatever the query says.

use std::io::Cursor;

use axum::http::StatusCode;
use lake::keys;
use polars::prelude::*;
use proptest::prelude::*;
use serde_json::json;

use crate::test_site::{RUN, TestSite};
use crate::words::{Language, Word};

#[tokio::test]
async fn without_a_server_the_runs_are_those_on_record_and_the_page_says_so_with_their_age() {
    let site = TestSite::published().await;
    for language in Language::ALL {
        let page = site.get(&format!("/runs?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        assert!(text.contains(&format!("/runs/{RUN}")) && text.contains(language.say(Word::OverviewPromoted)));
        assert!(text.contains(language.say(Word::StatusOnRecord)), "{language:?}");
        assert!(text.contains(language.say(Word::StatusSchedules)), "{language:?}");
    }
}

#[tokio::test]
async fn where_nothing_is_published_the_page_is_there_all_the_same() {
    let page = TestSite::empty().get("/runs?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(Language::En.say(Word::StatusNoRuns)));
}

#[tokio::test]
async fn a_filter_leaves_out_other_runs_and_the_one_before_can_be_compared() {
    let site = TestSite::published().await;
    site.record_the_day_before(&json!({})).await;
    let site = TestSite::over(site);
    let all = site.get("/runs").await.text();
    assert!(all.contains("/runs/the-day-before") && all.contains(&format!("/runs/the-day-before/compare/{RUN}")));
    let late = site.get("/runs?from=2025-01-01").await.text();
    assert!(late.contains(&format!("/runs/{RUN}")) && !late.contains("href=\"/runs/the-day-before"));
    let none = site.get("/runs?lang=en&state=failed").await.text();
    assert!(none.contains(Language::En.say(Word::StatusNoRuns)));
    let bad = site.get("/runs?lang=en&state=happy&from=tomorrow").await;
    assert!(bad.status == StatusCode::OK && bad.text().contains("happy") && bad.text().contains("tomorrow"));
}

#[tokio::test]
async fn operators_find_what_they_may_start() {
    // On a loopback address whoever sits there is an operator.
    let page = TestSite::published().await.get("/runs").await.text();
    assert!(page.contains("/operate/start-train") && page.contains("/operate/start-score"));
}

#[tokio::test]
async fn a_file_has_the_runs_that_pass() {
    let site = TestSite::published().await;
    let file = site.get("/runs/export.parquet?mode=train").await;
    assert_eq!(file.status, StatusCode::OK);
    let frame = ParquetReader::new(Cursor::new(file.bytes.to_vec())).finish().unwrap();
    let ids: Vec<_> = frame.column("run_id").and_then(Column::str).unwrap().iter().flatten().collect();
    assert_eq!(ids, [RUN]);
    let none = site.get("/runs/export.csv?mode=score").await;
    assert_eq!(none.headers["x-row-count"], "0");
}

#[tokio::test]
async fn a_file_says_the_drift_of_runs_on_record_and_names_a_record_that_it_cannot_read() {
    let site = TestSite::published().await;
    let key = keys::run_record(RUN);
    let mut record: serde_json::Value = site.lake.read_json(&key).await.unwrap();
    record["result"]["drift"] = json!({ "level": "warn" });
    site.lake.put(&key, serde_json::to_vec(&record).unwrap()).await.unwrap();
    let site = TestSite::over(site);
    let file = site.get("/runs/export.csv").await;
    assert!(file.text().lines().any(|line| line.contains(RUN) && line.contains("warn")), "{}", file.text());

    site.lake.put(&key, b"{ torn".to_vec()).await.unwrap();
    let file = TestSite::over(site).get("/runs/export.csv").await;
    assert_eq!(file.headers["x-not-read"], key.as_str());
}

#[tokio::test]
async fn schedules_that_nobody_knows_are_no_empty_file() {
    let site = TestSite::published().await;
    assert!(!site.get("/runs").await.text().contains("/runs/schedules.csv"));
    for form in ["csv", "excel.csv", "parquet"] {
        assert_eq!(site.get(&format!("/runs/schedules.{form}")).await.status, StatusCode::NOT_FOUND, "{form}");
    }
}

#[test]
fn whatever_the_query_says_there_is_a_page() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(TestSite::published());
    let keys = ["state", "mode", "outcome", "from", "to", "token", "page", "per", "x", "lang"];
    proptest!(ProptestConfig::with_cases(64), |(place in 0..10_usize, value in ".{0,40}", other in "-?[0-9]{0,20}")| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(keys[place], &value).append_pair(keys[(place + 3) % 10], &other);
        let answer = runtime.block_on(site.get(&format!("/runs?{}", query.finish())));
        prop_assert_eq!(answer.status, StatusCode::OK);
    });
}
