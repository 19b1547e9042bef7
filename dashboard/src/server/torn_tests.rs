//! A document that is torn takes no page down beside whose subject it stands, and nothing is told as if it were whole.

use axum::http::StatusCode;
use axum::http::header::CONTENT_DISPOSITION;
use lake::keys;
use serde_json::json;

use crate::test_site::{MODEL, RUN, TestSite};
use crate::words::{Language, Word};

/// Empty, half of a document, JSON of another kind.
const TORN: [&str; 3] = ["", "{ torn", "[]"];

async fn tear(site: &TestSite, key: &str, torn: &str) {
    site.lake.put(key, torn.as_bytes().to_vec()).await.unwrap();
}

/// A site whose run people were told of.
async fn with_an_alert() -> TestSite {
    let site = TestSite::published().await;
    let alert = json!({
        "run": { "workflow_id": "nightly", "run_id": RUN, "started": "2025-01-01T02:00:00.000Z" },
        "kind": "scores_stale", "subject": "late", "body": "", "event_id": "r-1", "at": "2025-01-01T03:00:00.000Z",
    });
    site.lake.put_json(&keys::alert("r-1"), &alert).await.unwrap();
    site
}

#[tokio::test]
async fn torn_acknowledgements_are_named_and_nobody_is_said_to_know_of_nothing() {
    for torn in TORN {
        let site = with_an_alert().await;
        assert!(site.get("/?lang=en").await.text().contains("/operate/acknowledge"), "nobody knows of it");
        let site = TestSite::over(site);
        tear(&site, keys::ACKNOWLEDGEMENTS, torn).await;
        for language in Language::ALL {
            for path in ["/", &format!("/runs/{RUN}")] {
                let page = site.get(&format!("{path}?lang={}", language.lang())).await;
                assert_eq!(page.status, StatusCode::OK, "{path} with {torn:?}");
                let text = page.text();
                let is_named = text.contains(language.say(Word::BannerKnownTorn));
                assert!(is_named && text.contains(keys::ACKNOWLEDGEMENTS), "{path}: {text}");
                assert!(!text.contains("/operate/acknowledge"), "{path}: who knows of it is not known");
            }
        }
    }
}

#[tokio::test]
async fn a_torn_alert_is_named_and_the_others_are_there() {
    let site = with_an_alert().await;
    tear(&site, &keys::alert("r-2"), "[]").await;
    let page = site.get("/?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(Language::En.say(Word::BannerAlertTorn)) && page.text().contains("late"));
}

#[tokio::test]
async fn a_torn_index_of_the_runs_takes_no_page_of_runs_down_and_no_run_is_not_said_to_be_none() {
    for torn in TORN {
        let site = TestSite::published().await;
        let key = keys::run_index("2025-01");
        tear(&site, &key, torn).await;
        for language in Language::ALL {
            for path in ["/", "/runs", &format!("/runs/{RUN}")] {
                let page = site.get(&format!("{path}?lang={}", language.lang())).await;
                assert_eq!(page.status, StatusCode::OK, "{path} with {torn:?}");
                let text = page.text();
                let is_named = text.contains(language.say(Word::BannerIndexTorn)) && text.contains(&key);
                assert!(is_named, "{path}: {text}");
                for none in [Word::StatusNoRuns, Word::OverviewNoRuns, Word::StatusNoRecords] {
                    assert!(!text.contains(language.say(none)), "{path}: {none:?}");
                }
            }
        }
        let file = site.get("/runs/export.csv").await;
        assert_eq!(file.status, StatusCode::SERVICE_UNAVAILABLE, "no empty file of runs");
        assert!(file.text().contains(&key), "{}", file.text());
    }
}

#[tokio::test]
async fn a_torn_record_of_an_earlier_run_is_named_by_all_that_is_made_without_it() {
    let site = TestSite::published().await;
    site.record_the_day_before(&json!({ "High (60-80%)": 1 })).await;
    let key = keys::run_record("the-day-before");
    let site = TestSite::over(site);
    assert!(site.get("/?lang=en").await.text().contains("<p class=\"caption\"><a href=\"/runs/the-day-before"));
    let site = TestSite::over(site);
    tear(&site, &key, "{ torn").await;
    let customer = site.site.link_key().token("C00000").path();
    for path in ["/", "/runs", customer.as_str()] {
        for _ in 0..2 {
            let page = site.get(&format!("{path}?lang=en")).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            let text = page.text();
            assert!(text.contains(Language::En.say(Word::BannerPartTorn)) && text.contains(&key), "{path}: {text}");
            assert!(!text.contains("<p class=\"caption\"><a href=\"/runs/the-day-before"), "{path}");
        }
    }
    let file = site.get("/overview/runs.csv").await;
    assert_eq!(file.headers["x-not-read"], key.as_str());
}

#[tokio::test]
async fn a_file_that_was_made_while_a_document_is_torn_says_so_in_its_name_and_others_do_not() {
    let site = with_an_alert().await;
    tear(&site, keys::ACKNOWLEDGEMENTS, "{ torn").await;
    tear(&site, &keys::run_record(RUN), "{ torn").await;
    let named = async |path: &str| {
        let file = site.get(path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        let name = file.headers[CONTENT_DISPOSITION].to_str().unwrap().to_owned();
        (name, file.headers.get("x-not-read").map(|keys| keys.to_str().unwrap().to_owned()))
    };
    let (name, unread) = named("/overview/alerts.excel.csv").await;
    assert!(name.ends_with("-not-all-read.excel.csv\""), "{name}");
    let expected = format!("{}, {}", keys::run_record(RUN), keys::ACKNOWLEDGEMENTS);
    assert_eq!(unread, Some(expected), "the trend lacks the run");
    for whole in ["/risk/export.csv", "/overview/export.csv", "/risk/tiers.svg"] {
        let (name, unread) = named(whole).await;
        assert!(!name.contains("not-all-read") && unread.is_none(), "{whole}: {name}");
    }
}

#[tokio::test]
async fn a_file_of_what_is_torn_is_refused_with_the_name_of_the_document() {
    let site = TestSite::published().await;
    let key = keys::verdict(MODEL);
    tear(&site, &key, "[]").await;
    let file = site.get("/model/verdict.json").await;
    assert_eq!(file.status, StatusCode::SERVICE_UNAVAILABLE);
    let text = file.text();
    assert!(text.contains(&key) && text.contains("restore it") && !text.contains('<'), "{text}");
}
