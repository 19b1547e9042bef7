//! What is torn of an earlier run is named, and the page is there with the other runs.

use axum::http::StatusCode;
use lake::keys;

use super::site;
use crate::test_site::RUN;
use crate::words::{Language, Word};

#[tokio::test]
async fn a_torn_report_of_an_earlier_run_is_named_by_the_page_and_its_files() {
    for key in [keys::drift_report("the-day-before"), keys::performance_report("the-day-before")] {
        let site = site().await;
        site.lake.put(&key, b"{ torn".to_vec()).await.unwrap();
        for language in Language::ALL {
            let page = site.get(&format!("/drift?lang={}", language.lang())).await;
            assert_eq!(page.status, StatusCode::OK, "{key}");
            let text = page.text();
            assert!(text.contains(language.say(Word::BannerPartTorn)) && text.contains(&key), "{key}: {text}");
            assert!(text.contains("id=\"levels\"") && text.contains(RUN), "{key}: {text}");
        }
        let file = site.get("/drift/levels.svg").await;
        assert_eq!(file.headers["x-not-read"], key.as_str());
    }
}
