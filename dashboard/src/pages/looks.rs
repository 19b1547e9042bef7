//! The eight pages as they are, in both languages: what a change does to a page is seen in the difference of
//! `snapshots/*.snap`, which `make snapshots` writes. The lake and the clock are those of [`TestSite`].

use axum::http::StatusCode;
use churn::quality::{Finding, Severity};
use lake::documents::{RunRecord, StoredAlert};
use lake::keys;
use protocol::{Alert, AlertKind, Run};
use serde_json::json;

use crate::frame::PageId;
use crate::pages::model::tests::{moved, register};
use crate::test_site::{MODEL, RUN, TestSite};
use crate::words::{Language, Word};

/// What a check of the run found, in its own words.
const FOUND: &str = "391 rows, 9 fewer than in the last published run";

/// A lake with results, the model that made them, something that the checks warn of, and what people heard of it.
pub async fn site() -> TestSite {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, true).await;
    site.lake.put_json(keys::CHAMPION, &moved(MODEL, "2025-01-01T02:00:00Z")).await.unwrap();
    warn(&site).await;
    tell(&site).await;
    TestSite::over(site)
}

async fn warn(site: &TestSite) {
    let mut record: serde_json::Value = site.lake.read_json(&keys::run_record(RUN)).await.unwrap();
    let finding = Finding::new(Severity::Warn, "price_history", "published_rows", FOUND).counting_of(9, 400);
    let result = json!({
        "run_id": RUN, "workflow_id": "nightly", "dataset": "0", "model": null, "verdict": null, "drift": null,
        "undelivered_alerts": [], "quality": [finding],
    });
    record["result"].as_object_mut().unwrap().extend(result.as_object().unwrap().clone());
    record["result"]["stages"][0]["skipped"] = json!(true);
    record["result"]["stages"][0]["reason"] = json!("unchanged since run before");
    let record: RunRecord = serde_json::from_value(record).unwrap();
    record.store(&site.lake).await.unwrap();
}

async fn tell(site: &TestSite) {
    let run = Run { workflow_id: "nightly".into(), run_id: RUN.into(), started: "2025-01-01T02:00:00.000Z".to_owned() };
    let (kind, subject) = (AlertKind::QualityWarning, "quality warning: published_rows".to_owned());
    let details = vec!["published_rows".to_owned()];
    let alert = Alert { run, kind, subject, body: String::new(), features: Vec::new(), details };
    let at = Some("2025-01-01T02:00:10.000Z".to_owned());
    let stored = StoredAlert { alert, at, event_id: "r-1".to_owned(), message_id: None, acknowledged_by: None };
    site.lake.put_json(&keys::alert("r-1"), &stored).await.unwrap();
}

/// The main part of a page, a tag a line, without the tokens of customers and forms: every process has its own.
async fn look(site: &TestSite, page: PageId, language: Language) -> String {
    let answer = site.get(&format!("{}?lang={}", page.path(), language.lang())).await;
    assert_eq!(answer.status, StatusCode::OK, "{page:?} {language:?}");
    let text = answer.text();
    let main = text.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).unwrap().0;
    let main = masked(&masked(main, "/customers/"), "name=\"csrf\" value=\"");
    format!("<main{}", main.replace("><", ">\n<"))
}

/// A text with what follows these words, up to the end of a value or of a path, left out.
fn masked(text: &str, words: &str) -> String {
    let mut parts = text.split(words);
    let first = parts.next().unwrap_or_default().to_owned();
    let ends = |sign: char| !matches!(sign, '"' | '?' | '/' | '<' | '&');
    parts.fold(first, |shown, part| shown + words + "~" + part.trim_start_matches(ends))
}

/// The pages with their names in the files.
fn all() -> impl Iterator<Item = (PageId, Language, String)> {
    PageId::ALL
        .into_iter()
        .flat_map(|page| Language::ALL.map(|language| (page, language, format!("{}_{}", page.name(), language.lang()))))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_looks_as_it_did() {
    let site = site().await;
    assert_eq!(PageId::ALL.len(), 8, "a new page is compared here, too");
    insta::assert_snapshot!("overview_en", look(&site, PageId::Overview, Language::En).await);
    insta::assert_snapshot!("overview_es", look(&site, PageId::Overview, Language::Es).await);
    insta::assert_snapshot!("risk_en", look(&site, PageId::Risk, Language::En).await);
    insta::assert_snapshot!("risk_es", look(&site, PageId::Risk, Language::Es).await);
    insta::assert_snapshot!("customers_en", look(&site, PageId::Lookup, Language::En).await);
    insta::assert_snapshot!("customers_es", look(&site, PageId::Lookup, Language::Es).await);
    insta::assert_snapshot!("recommendations_en", look(&site, PageId::Recommendations, Language::En).await);
    insta::assert_snapshot!("recommendations_es", look(&site, PageId::Recommendations, Language::Es).await);
    insta::assert_snapshot!("model_en", look(&site, PageId::Model, Language::En).await);
    insta::assert_snapshot!("model_es", look(&site, PageId::Model, Language::Es).await);
    insta::assert_snapshot!("drift_en", look(&site, PageId::Drift, Language::En).await);
    insta::assert_snapshot!("drift_es", look(&site, PageId::Drift, Language::Es).await);
    insta::assert_snapshot!("explorer_en", look(&site, PageId::Explorer, Language::En).await);
    insta::assert_snapshot!("explorer_es", look(&site, PageId::Explorer, Language::Es).await);
    insta::assert_snapshot!("runs_en", look(&site, PageId::Status, Language::En).await);
    insta::assert_snapshot!("runs_es", look(&site, PageId::Status, Language::Es).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_lake_gives_the_same_pages() {
    let (one, other) = (site().await, site().await);
    for (page, language, name) in all() {
        assert!(look(&one, page, language).await == look(&other, page, language).await, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_wrote_in_english_is_spanish_on_spanish_pages() {
    let site = site().await;
    let spanish = site.get("/?lang=es").await.text();
    let banner = Language::Es.fill(Word::FindingPublishedRows, &[("count", "9")]);
    assert!(spanish.contains(&format!("price_history: {banner}")), "{spanish}");
    let alert = Language::Es.fill(Word::AlertQuality, &[("rules", "published_rows")]);
    assert!(spanish.contains(&alert));
    assert!(!spanish.contains(FOUND) && !spanish.contains("quality warning"), "{spanish}");
    let english = site.get("/?lang=en").await.text();
    assert!(english.contains(&format!("price_history: {FOUND}")) && english.contains("quality warning"));

    let run = site.get(&format!("/runs/{RUN}?lang=es")).await.text();
    let unchanged = Language::Es.fill(Word::StageSaidUnchanged, &[("run", "before")]);
    assert!(run.contains(&unchanged) && !run.contains("unchanged since"), "{run}");
    assert!(run.contains(&banner));
    assert!(run.contains(&format!("<p lang=\"en\">{FOUND}</p>")), "the run's own words are there, and marked");
}
