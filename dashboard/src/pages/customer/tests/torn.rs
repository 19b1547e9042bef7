//! What cannot be read beside the customer is named, and the page is there with the rest.

use axum::http::StatusCode;
use lake::documents::{Publication, RunRecord};
use lake::keys;

use super::{path, whole_site};
use crate::test_site::{CUSTOMERS, RUN, TestSite, recommendations, scores};
use crate::words::{Language, Word};

#[tokio::test]
async fn a_cut_table_beside_the_customer_is_named_and_the_page_is_there() {
    let site = whole_site().await;
    let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    let key = &pointer.outputs["contributions"].key;
    site.lake.put(key, b"PAR1".to_vec()).await.unwrap();
    for page in [path(&site, 3), "/recommendations/sheets".to_owned()] {
        let page = site.get(&format!("{page}?lang=en")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(Language::En.say(Word::BannerTableTorn)) && page.text().contains(key));
        assert!(!page.text().contains(Language::En.say(Word::CustomerNoWhy)), "the run stored them");
    }
    let page = site.get(&format!("{}?lang=en", path(&site, 3))).await.text();
    assert!(page.contains(Language::En.say(Word::CustomerWhyTorn)));
}

#[tokio::test]
async fn months_that_cannot_be_read_are_not_said_to_be_none_and_the_page_is_there() {
    let record: RunRecord = whole_site().await.lake.read_json(&keys::run_record(RUN)).await.unwrap();
    let mut stages = record.result["stages"].as_array().unwrap().iter();
    let table = stages.find_map(|stage| stage["outputs"]["silver_customer_month"].as_str()).unwrap();
    let (folder, _) = table.rsplit_once('/').unwrap();
    for (key, banner) in [
        (table.to_owned(), Word::BannerTableTorn),
        (format!("{folder}/{}", keys::MANIFEST), Word::BannerPartTorn),
        (keys::run_record(RUN), Word::BannerPartTorn),
    ] {
        let site = whole_site().await;
        site.lake.put(&key, b"torn".to_vec()).await.unwrap();
        for language in Language::ALL {
            let page = site.get(&format!("{}?lang={}", path(&site, 3), language.lang())).await;
            assert_eq!(page.status, StatusCode::OK, "{key}");
            let text = page.text();
            assert!(text.contains(language.say(Word::CustomerMonthsTorn)), "{key}: {text}");
            assert!(text.contains(language.say(banner)) && text.contains(&key), "{key}: {text}");
            assert!(!text.contains(language.say(Word::CustomerNoMonths)), "{key}: {text}");
        }
        let file = site.get(&format!("{}/months.csv", path(&site, 3))).await;
        assert_eq!(file.status, StatusCode::SERVICE_UNAVAILABLE, "{key}");
        assert!(file.text().contains(&key), "{}", file.text());
    }
}

#[tokio::test]
async fn a_history_of_which_something_cannot_be_read_has_no_number_of_runs() {
    for key in [keys::run_index("2025-01"), keys::run_record(RUN)] {
        let site = whole_site().await;
        site.lake.put(&key, b"{ torn".to_vec()).await.unwrap();
        for language in Language::ALL {
            let page = site.get(&format!("{}?lang={}", path(&site, 3), language.lang())).await;
            assert_eq!(page.status, StatusCode::OK, "{key}");
            let text = page.text();
            assert!(text.contains(language.say(Word::CustomerPastTorn)) && text.contains(&key), "{key}: {text}");
            let none = language.fill(Word::CustomerPastSub, &[("scored", "0"), ("runs", "0")]);
            assert!(!text.contains(&none), "{key}: {text}");
        }
    }
}

#[tokio::test]
async fn torn_scores_of_an_earlier_run_are_named_and_the_history_is_not_whole() {
    for file in ["scores.parquet", keys::MANIFEST] {
        let site = whole_site().await;
        let (then, offered) = (scores().slice(1, CUSTOMERS), recommendations().slice(1, CUSTOMERS));
        let kept =
            site.record_other_results([("scores", then), ("recommendations", offered)], "0123456789abcdef").await;
        let (folder, _) = kept["scores"].key.rsplit_once('/').unwrap();
        let key = format!("{folder}/{file}");
        site.lake.put(&key, b"torn".to_vec()).await.unwrap();
        let site = TestSite::over(site);
        for language in Language::ALL {
            let page = site.get(&format!("{}?lang={}", path(&site, 3), language.lang())).await;
            assert_eq!(page.status, StatusCode::OK, "{key}");
            let text = page.text();
            assert!(text.contains(language.say(Word::CustomerPastTorn)) && text.contains(&key), "{key}: {text}");
        }
        let picture = site.get(&format!("{}/past.svg", path(&site, 3))).await;
        assert_eq!(picture.headers["x-not-read"], key.as_str());
    }
}
