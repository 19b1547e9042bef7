//! What is torn in the registry, or cut of the results, is named, and the page is there with the rest.

use axum::http::StatusCode;
use lake::documents::Publication;
use lake::keys;

use super::tests::register;
use crate::format::Format;
use crate::test_site::{MODEL, TestSite};
use crate::words::{Language, Word};

#[tokio::test]
async fn one_torn_document_of_the_registry_takes_no_model_away() {
    let torn = [
        (keys::registration(MODEL), Word::BannerRegistryTorn),
        (keys::registration("0123456789abcdef"), Word::BannerRegistryTorn),
        (keys::champion_move(1), Word::BannerRegistryTorn),
        (keys::CHAMPION.to_owned(), Word::BannerChampionTorn),
    ];
    for (key, word) in torn {
        for content in ["", "{ torn", "[]"] {
            let site = TestSite::published().await;
            register(&site.lake, MODEL, None, true).await;
            site.lake.put(&key, content.as_bytes().to_vec()).await.unwrap();
            for language in Language::ALL {
                let page = site.get(&format!("/model?lang={}", language.lang())).await;
                assert_eq!(page.status, StatusCode::OK, "{key}: {content:?}");
                let text = page.text();
                let times = text.matches(language.say(word)).count();
                assert!(times == 1 || (times > 1 && key != keys::CHAMPION), "{key} is said {times} times: {text}");
                assert!(text.contains(&key) && text.contains(&Format(language).score(0.7512)), "{key}: {text}");
            }
            let file = site.get("/model/versions.csv").await;
            let is_there = file.status == StatusCode::OK;
            assert!(is_there && file.headers["x-not-read"] == key.as_str(), "{key}: {}", file.text());
        }
    }
}

#[tokio::test]
async fn a_cut_table_of_offers_takes_no_model_away_and_its_cost_is_not_none() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, true).await;
    let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    let key = &pointer.outputs["recommendations"].key;
    site.lake.put(key, b"PAR1".to_vec()).await.unwrap();
    let page = site.get("/model?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains(Language::En.say(Word::BannerTableTorn)) && text.contains(key), "{text}");
    assert!(!text.contains(Language::En.say(Word::ModelNoOffers)), "{text}");
    assert!(!text.contains(&Language::En.fill(Word::ModelCostNote, &[("offer", "")])), "{text}");
}
