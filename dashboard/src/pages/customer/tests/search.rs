//! A search leads to the customer by an address that names nobody, or says who may be meant.

use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt;

use super::{all_ids, path};
use crate::pages::customer::search::MOST;
use crate::server::router;
use crate::test_site::TestSite;
use crate::words::{Language, Word};

/// What comes of a search, by the form of the page.
async fn searched(site: &TestSite, typed: &str, accept: &'static str) -> (StatusCode, HeaderMap, String) {
    let page = site.get("/customers").await.text();
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    let (csrf, _) = rest.split_once('"').unwrap();
    let form =
        form_urlencoded::Serializer::new(String::new()).append_pair("csrf", csrf).append_pair("id", typed).finish();
    let request = Request::post("/customers?lang=es")
        .header(HOST, "localhost:8080")
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, accept)
        .body(Body::from(form))
        .unwrap();
    let (parts, body) = router(&site.site).oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn a_search_leads_to_the_customer_by_an_address_that_names_nobody() {
    let site = TestSite::published().await;
    let id = &all_ids()[7];
    let (status, headers, _) = searched(&site, &format!(" {id} "), "text/html").await;
    let place = headers[LOCATION].to_str().unwrap();
    assert_eq!((status, place), (StatusCode::SEE_OTHER, format!("{}?lang=es", path(&site, 7)).as_str()));
    assert!(!place.contains(id.as_str()));
    let page = site.get(place).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(&format!("<h1>Cliente {id}</h1>")));
    assert!(!page.text().contains(&format!("<title>Cliente {id}")), "a browser keeps titles in its history");
}

#[tokio::test]
async fn where_several_or_none_are_meant_they_are_named_and_ten_at_most() {
    let site = TestSite::published().await;
    let (status, _, text) = searched(&site, "c00", "text/html").await;
    let begins = all_ids().iter().filter(|id| id.starts_with("C00")).count();
    assert_eq!(status, StatusCode::OK);
    let expected = Language::Es.fill(Word::CustomerSome, &[("count", &begins.to_string())]);
    assert!(text.contains(&expected) && text.matches("href=\"/customers/").count() == begins.min(MOST), "{begins}");
    let (_, _, text) = searched(&site, "C00037x", "text/html").await;
    assert!(text.contains(Language::Es.say(Word::CustomerNear)) && text.contains(">C00037</a>"));
    let (_, _, text) = searched(&site, "zz<b>", "text/html").await;
    assert!(text.contains(Language::Es.say(Word::CustomerNobody)) && !text.contains("zz<b>"));
    let long = format!("C00037{}", "x".repeat(60));
    let (_, _, text) = searched(&site, &long, "text/html").await;
    assert!(text.contains(Language::Es.say(Word::CustomerNobody)));
    let (_, _, text) = searched(&site, &long, "application/json").await;
    assert_eq!(text, "[]");
    let (_, _, text) = searched(&site, "C", "text/html").await;
    assert!(text.contains(Language::Es.say(Word::CustomerTooShort)));
}

#[tokio::test]
async fn who_is_still_typing_gets_ten_ids_that_begin_so_and_nothing_for_one_character() {
    let site = TestSite::published().await;
    let complete = async |typed: &'static str| -> Vec<String> {
        let (status, headers, text) = searched(&site, typed, "application/json").await;
        assert_eq!((status, &headers[CONTENT_TYPE]), (StatusCode::OK, &"application/json".parse().unwrap()));
        serde_json::from_str(&text).unwrap()
    };
    let found = complete("C0").await;
    assert!(found.len() == MOST && found.is_sorted() && found.iter().all(|id| all_ids().contains(id)), "{found:?}");
    assert_eq!(complete("c00037").await, ["C00037"]);
    assert!(complete("C").await.is_empty() && complete("nobody").await.is_empty());
}

#[tokio::test]
async fn a_search_from_elsewhere_is_refused() {
    let site = TestSite::published().await;
    let request = Request::post("/customers").header(HOST, "localhost:8080").header("sec-fetch-site", "cross-site");
    let request =
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from("id=C00037")).unwrap();
    assert_eq!(router(&site.site).oneshot(request).await.unwrap().status(), StatusCode::FORBIDDEN);
}
