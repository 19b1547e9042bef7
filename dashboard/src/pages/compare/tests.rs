//! Two runs on record: what differs, whose tier changed, and a run that is not there.

use axum::http::StatusCode;
use lake::documents::RunRecord;
use lake::keys;
use polars::prelude::*;
use proptest::prelude::*;
use serde_json::json;

use crate::test_site::{RUN, TestSite, scores};
use crate::words::{Language, Word};

/// The record of the published run, as it must be to be compared, and one of the day before with other settings.
async fn two() -> TestSite {
    let site = TestSite::published().await;
    let key = keys::run_record(RUN);
    let mut record: serde_json::Value = site.lake.read_json(&key).await.unwrap();
    record["settings"] = json!({ "model": { "rounds": 600 } });
    let result = json!({
        "run_id": RUN, "workflow_id": "nightly", "dataset": "0", "model": null, "verdict": null, "drift": null,
        "undelivered_alerts": [],
    });
    record["result"].as_object_mut().unwrap().extend(result.as_object().unwrap().clone());
    store(&site, &record).await;
    record["run"]["run_id"] = json!("the-day-before");
    record["run"]["started"] = json!("2024-12-31T02:00:00.000Z");
    record["settings"]["model"]["rounds"] = json!(50);
    store(&site, &record).await;
    TestSite::over(site)
}

async fn store(site: &TestSite, record: &serde_json::Value) {
    let record: RunRecord = serde_json::from_value(record.clone()).unwrap();
    record.store(&site.lake).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_alone_are_shown_and_on_demand_all_with_the_customers_by_tier() {
    let site = two().await;
    let page = site.get(&format!("/runs/the-day-before/compare/{RUN}?lang=en")).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains(Language::En.say(Word::CompareLeadOne)), "{text}");
    assert!(text.contains("model.rounds") && text.contains(">50<") && text.contains(">600<"));
    assert!(!text.contains(Language::En.say(Word::ComparePartRows)), "the rows are the same");
    let low = scores().lazy().filter(col("risk_tier").eq(lit("Low (<40%)"))).collect().unwrap().height();
    assert!(text.contains(&format!(">{low}</text>")), "everybody who was low is low: {low}");
    let all = site.get(&format!("/runs/the-day-before/compare/{RUN}?lang=es&all=yes")).await.text();
    assert!(all.contains(Language::Es.say(Word::ComparePartRows)) && all.contains("model.rounds"));
    let turned = format!("/runs/{RUN}/compare/the-day-before");
    assert!(text.contains(&turned));
}

#[tokio::test]
async fn the_same_run_twice_does_not_differ_and_one_without_scores_says_so() {
    let site = two().await;
    let same = site.get(&format!("/runs/{RUN}/compare/{RUN}?lang=en")).await.text();
    assert!(same.contains(Language::En.say(Word::CompareLeadSame)));
    let pointer: lake::documents::Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    site.lake.remove(&pointer.outputs["scores"].key).await.unwrap();
    let gone = TestSite::over(site).get(&format!("/runs/the-day-before/compare/{RUN}?lang=en")).await;
    assert_eq!(gone.status, StatusCode::OK);
    assert!(gone.text().contains("model.rounds") && gone.text().contains("no tiers are compared"));
}

#[tokio::test]
async fn words_of_ours_are_told_in_spanish_and_what_a_program_said_is_marked_as_english() {
    let site = two().await;
    let mut record: serde_json::Value = site.lake.read_json(&keys::run_record(RUN)).await.unwrap();
    let note = "holdout PR-AUC 0.750 reaches the floor 0.700";
    record["input"] = json!({ "mode": "train" });
    record["result"]["verdict"] = json!({ "outcome": "promoted", "checks": [
        { "name": "pr_auc_floor", "value": 0.75, "limit": 0.7, "passed": true, "note": note }] });
    let reason = "only 7 rows";
    record["result"]["drift"] = json!({ "level": "critical", "rule": "effect", "features": [], "reason": reason });
    store(&site, &record).await;
    let site = TestSite::over(site);
    let path = format!("/runs/the-day-before/compare/{RUN}");
    let spanish = site.get(&format!("{path}?lang=es&all=yes")).await;
    assert_eq!(spanish.status, StatusCode::OK);
    let text = spanish.text();
    assert!(!text.contains(note) && text.contains("0,750"), "{text}");
    let words = [Word::DriftCritical, Word::OverviewTrain, Word::OverviewPromoted, Word::StateDone];
    for word in words.map(|word| Language::Es.say(word)) {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(text.contains(reason) && text.contains("lang=\"en\""), "no report tells it otherwise: {text}");
    assert!(site.get(&format!("{path}?lang=en&all=yes")).await.text().contains(note));
    let file = site.get(&format!("{path}/checks.csv?lang=es&all=yes")).await.text();
    assert!(file.contains(note), "a file has what is recorded: {file}");
}

#[tokio::test]
async fn the_fields_and_the_moves_are_files() {
    let site = two().await;
    let file = site.get(&format!("/runs/the-day-before/compare/{RUN}/export.csv")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.text().contains("settings,model.rounds,50,600"), "{}", file.text());
    let (page, part) = (format!("/runs/the-day-before/compare/{RUN}"), "settings.csv");
    let file = site.get(&format!("{page}/{part}")).await;
    assert_eq!((file.status, file.text().as_str()), (StatusCode::OK, "name,before,after\nmodel.rounds,50,600\n"));
    let text = site.get(&format!("{page}?all=yes")).await.text();
    for part in ["outcome", "rows", "seconds", "tiers", "settings", "code", "export"] {
        assert!(text.contains(&format!("href=\"{page}/{part}.csv?all=yes\"")), "{part} has files: {text}");
        assert_eq!(site.get(&format!("{page}/{part}.parquet?all=yes")).await.status, StatusCode::OK, "{part}");
    }
    let picture = site.get(&format!("/runs/the-day-before/compare/{RUN}/moves.svg")).await;
    assert!(picture.status == StatusCode::OK && picture.text().starts_with("<svg"));
    for missing in [
        format!("/runs/nobody/compare/{RUN}"),
        format!("/runs/{RUN}/compare/nobody"),
        format!("/runs/{RUN}/compare/{RUN}/x.svg"),
    ] {
        assert_eq!(site.get(&missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[test]
fn whatever_the_query_says_there_is_a_page() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(two());
    proptest!(ProptestConfig::with_cases(32), |(all in ".{0,30}", other in ".{0,30}")| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("all", &all).append_pair("page", &other);
        let answer = runtime.block_on(site.get(&format!("/runs/the-day-before/compare/{RUN}?{}", query.finish())));
        prop_assert_eq!(answer.status, StatusCode::OK);
    });
}
