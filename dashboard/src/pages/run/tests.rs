//! The page of a run on record, and of one that nobody knows.

use std::io::Cursor;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use lake::documents::RunRecord;
use lake::keys;
use polars::prelude::*;
use proptest::prelude::*;
use serde_json::json;

use crate::pages::model::tests::moved;
use crate::test_site::{RUN, TestSite};
use crate::words::{Language, Word};

/// A run that failed in its second stage.
async fn fail(site: &TestSite, run_id: &str) {
    let stage = |name: &str, rows: u64, reason: Option<&str>| json!({ "name": name, "seconds": 2.5, "rows": rows, "skipped": false, "reason": reason, "outputs": {} });
    let run = json!({ "workflow_id": "nightly", "run_id": run_id, "started": "2025-01-02T02:00:00.000Z" });
    let error = json!({ "type": "SG0001 BadData", "message": "row 7 of <churn_label.csv> is no date" });
    let finding = json!({ "severity": "warn", "table": "price_history", "rule": "published_rows", "count": 9, "words": "9 rows <fewer>" });
    let record: RunRecord = serde_json::from_value(json!({
        "run": run, "ended": "2025-01-02T02:01:00.000Z", "code_version": "abc", "input": { "mode": "score" },
        "inputs": { "churn_label": { "key": "raw/churn_label.csv", "digest": "a".repeat(64), "rows": 0 } },
        "settings": { "model": { "seed": 42 } },
        "result": {
            "run_id": run_id, "workflow_id": "nightly", "state": "failed", "mode": "score", "outcome": null, "as_of": null,
            "dataset": null, "model": null, "verdict": null, "tiers": {}, "drift": null, "error": error,
            "quality": [finding],
            "stages": [stage("raw", 9000, None), stage("score", 0, Some("row 7"))],
        },
    }))
    .unwrap();
    record.store(&site.lake).await.unwrap();
}

#[tokio::test]
async fn a_run_says_its_stages_in_both_languages_and_leads_to_its_tables() {
    let site = TestSite::published().await;
    for language in Language::ALL {
        let page = site.get(&format!("/runs/{RUN}?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        assert!(text.contains(language.say(Word::StageScore)) && text.contains(language.say(Word::OverviewPromoted)));
        assert!(text.contains(&format!("run={RUN}&#38;table=scores")) || text.contains("table=scores"), "{language:?}");
        assert!(text.contains(&format!("/runs/{RUN}/run.json")), "{language:?}");
    }
}

#[tokio::test]
async fn a_failed_run_says_why_where_and_what_to_do() {
    let site = TestSite::published().await;
    fail(&site, "failed-run").await;
    let page = TestSite::over(site).get("/runs/failed-run?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("SG0001 BadData") && text.contains("docs/errors/SG0001.md"));
    assert!(text.contains("&#60;churn_label.csv&#62;") && !text.contains("<churn_label.csv>"));
    assert!(text.contains("9 rows &#60;fewer&#62;") && text.contains(Language::En.say(Word::RunQuality)));
    assert!(text.contains("model.seed") && text.contains(&"a".repeat(64)) && text.contains("9,000"));
    assert!(text.contains(&format!("/runs/{RUN}/compare/failed-run")), "the run before came to a result");
    assert!(text.contains(Language::En.say(Word::StateFailed)));
    assert!(!text.contains("/operate/cancel"), "it has ended");
}

#[tokio::test]
async fn what_is_wrong_with_the_results_stands_above_their_own_run_alone() {
    let site = TestSite::published().await;
    fail(&site, "failed-run").await;
    let other = moved("0123456789abcdef", "2025-01-01T03:00:00Z");
    site.lake.put_json(keys::CHAMPION, &other).await.unwrap();
    let site = TestSite::over(site);
    let warned = "The champion is 01234567 now";
    for (path, is_theirs) in [
        ("/risk".to_owned(), true),
        (format!("/runs/{RUN}"), true),
        ("/runs/failed-run".to_owned(), false),
        (format!("/runs/failed-run/compare/{RUN}"), false),
    ] {
        let page = site.get(&format!("{path}?lang=en")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.text().contains(warned), is_theirs, "{path}");
    }
}

#[tokio::test]
async fn a_torn_record_of_the_run_before_is_named_and_its_stages_are_not_said_to_be_none() {
    let site = TestSite::published().await;
    site.record_the_day_before(&json!({})).await;
    let key = keys::run_record("the-day-before");
    site.lake.put(&key, b"{ torn".to_vec()).await.unwrap();
    let site = TestSite::over(site);
    for language in Language::ALL {
        let page = site.get(&format!("/runs/{RUN}?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        assert!(text.contains(language.say(Word::BannerPartTorn)) && text.contains(&key), "{text}");
        assert!(!text.contains(language.say(Word::RunNoRowsBefore)), "{text}");
    }
    for name in ["export.csv", "seconds.svg"] {
        let file = site.get(&format!("/runs/{RUN}/{name}")).await;
        assert_eq!(file.headers["x-not-read"], key.as_str(), "{name}");
    }
}

#[tokio::test]
async fn its_record_its_stages_and_its_picture_are_files() {
    let site = TestSite::published().await;
    let record = site.get(&format!("/runs/{RUN}/run.json")).await;
    assert_eq!((record.status, &record.headers[CONTENT_TYPE]), (StatusCode::OK, &"application/json".parse().unwrap()));
    assert_eq!(record.bytes.to_vec(), site.lake.read(&keys::run_record(RUN)).await.unwrap());
    let file = site.get(&format!("/runs/{RUN}/export.parquet")).await;
    let frame = ParquetReader::new(Cursor::new(file.bytes.to_vec())).finish().unwrap();
    let stages: Vec<_> = frame.column("stage").and_then(Column::str).unwrap().iter().flatten().collect();
    assert_eq!(stages, ["score", "recommend"]);
    let picture = site.get(&format!("/runs/{RUN}/seconds.svg")).await;
    assert!(picture.status == StatusCode::OK && picture.text().starts_with("<svg"));
    assert_eq!(site.get(&format!("/runs/{RUN}/nothing.svg")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn its_lists_are_files_with_their_values_uncut() {
    let site = TestSite::published().await;
    fail(&site, "failed-run").await;
    let site = TestSite::over(site);
    let long = "a".repeat(64);
    for (list, expected) in [
        (
            "quality",
            "severity,table,column,rule,count,share,words\nwarn,price_history,,published_rows,9,,9 rows <fewer>\n"
                .to_owned(),
        ),
        ("inputs", format!("file,digest,key\nchurn_label,{long},raw/churn_label.csv\n")),
        ("settings", "part,name,value\ninput,mode,score\nsettings,model.seed,42\n".to_owned()),
    ] {
        let file = site.get(&format!("/runs/failed-run/{list}.csv")).await;
        assert_eq!((file.status, file.text()), (StatusCode::OK, expected), "{list}");
        let name = format!("attachment; filename=\"spanishgas-run-{list}-2025-01-01-run-iled-run.csv\"");
        assert_eq!(file.headers[CONTENT_DISPOSITION], name.as_str());
    }
    let outputs = site.get(&format!("/runs/{RUN}/outputs.csv")).await;
    let text = outputs.text();
    assert!(text.starts_with("table,stage,key\nscores,score,scored/"), "{text}");
    assert_eq!(outputs.headers["x-row-count"], "2");
    // No verdict is not a verdict without checks.
    for nothing in ["checks", "alerts", "moon"] {
        let file = site.get(&format!("/runs/failed-run/{nothing}.csv")).await;
        assert_eq!(file.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn a_run_that_nobody_knows_has_no_page() {
    let site = TestSite::published().await;
    for unknown in ["nobody", "..", "%2e%2e%2fx", "a%2fb"] {
        assert_eq!(site.get(&format!("/runs/{unknown}")).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
    assert_eq!(site.get("/runs/nobody/run.json").await.status, StatusCode::NOT_FOUND);
}

#[test]
fn whatever_the_address_says_nothing_breaks() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(TestSite::published());
    proptest!(ProptestConfig::with_cases(48), |(name in ".{0,30}", key in "[a-z]{1,6}", value in ".{0,30}")| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair(&key, &value).finish();
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        for path in [format!("/runs/{RUN}?{query}"), format!("/runs/x{name}?{query}"), format!("/runs/{RUN}/x{name}")] {
            let answer = runtime.block_on(site.get(&path));
            prop_assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
        }
    });
}
