//! What is answered where something is wrong: each trouble has its page, and the others go on.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use lake::documents::{Publication, RunRecord};
use lake::keys;

use crate::logged::Lines;
use crate::test_site::{MODEL, RUN, TestSite};
use crate::words::{Language, Word};

#[tokio::test]
async fn where_nothing_is_published_the_page_says_how_to_begin() {
    let site = TestSite::empty();
    for path in ["/", "/risk"] {
        let page = site.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("spanishgas run --mode train"), "{path}");
    }
}

#[tokio::test]
async fn a_lake_that_is_gone_is_no_empty_lake_and_the_dashboard_is_not_ready() {
    let site = TestSite::published().await;
    site.lose_lake();
    site.site.look().await;
    assert_eq!(site.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    for path in ["/", "/risk", "/model", "/drift", "/runs", "/customers", "/runs/nobody", &format!("/risk?run={RUN}")] {
        let page = site.get(path).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        let text = page.text();
        assert!(text.contains("the lake cannot be read: folder ") && text.contains("/lake: "), "{path}: {text}");
        assert!(!text.contains("spanishgas run --mode train"), "{path}");
    }
    let file = site.get("/risk/export.csv").await;
    assert_eq!((file.status, &file.headers[CONTENT_TYPE]), (StatusCode::SERVICE_UNAVAILABLE, &plain()));
    site.bring_lake_back();
    site.site.look().await;
    assert_eq!(site.get("/readyz").await.status, StatusCode::OK);
    assert!(site.get("/").await.text().contains("spanishgas run --mode train"), "now it is an empty one");
}

#[tokio::test]
async fn a_file_before_anything_is_published_is_none_and_no_page() {
    let site = TestSite::empty();
    for path in
        ["/risk/export.csv", "/risk/export.parquet", "/overview/export.csv", "/recommendations/export.excel.csv"]
    {
        let file = site.get(path).await;
        assert_eq!((file.status, &file.headers[CONTENT_TYPE]), (StatusCode::NOT_FOUND, &plain()), "{path}");
        let text = file.text();
        assert!(text.contains("nothing is published in") && !text.contains('<'), "{path}: {text}");
    }
    let published = TestSite::published().await;
    // Also where no page has files, as a program's slip in an address may be.
    for path in ["/risk/nothing.svg", "/runs/nope.csv", "/customers/nope.excel.csv", "/nothing/at/all.parquet"] {
        let none = published.get(path).await;
        assert_eq!((none.status, &none.headers[CONTENT_TYPE]), (StatusCode::NOT_FOUND, &plain()), "{path}");
    }
    let page = published.follow("/runs/nope.csv").await;
    assert_eq!((page.status, &page.headers[CONTENT_TYPE]), (StatusCode::NOT_FOUND, &html()), "a person reads a page");
}

#[tokio::test]
async fn who_takes_a_file_is_written_down_with_the_run_and_who_only_asks_about_it_is_not() {
    let site = TestSite::published().await;
    let lines = Lines::default();
    let _logged = tracing::subscriber::set_default(lines.clone());
    let files = [
        (format!("/risk/export.csv?run={RUN}&tier=high&q=C00123"), format!("run={RUN} tier=high q=?")),
        (format!("/runs/{RUN}/run.json"), format!("run={RUN}")),
    ];
    // What tests beside this one asked first is taken for silent until it is looked at anew.
    site.get("/risk/tiers.svg").await;
    tracing::callsite::rebuild_interest_cache();
    for (path, filter) in files {
        let before = lines.text().len();
        let asked = site.head(&path).await;
        assert_eq!((asked.status, asked.bytes.len()), (StatusCode::OK, 0), "{path}");
        assert!(!lines.text()[before..].contains("downloaded"), "{path}");
        assert_eq!(site.get(&path).await.status, StatusCode::OK, "{path}");
        let logged = lines.text()[before..].to_owned();
        assert!(logged.contains("downloaded") && logged.contains("person=\"ana\""), "{path}: {logged}");
        assert!(logged.contains(&format!("filter=\"{filter}\"")) && !logged.contains("C00123"), "{path}: {logged}");
    }
}

#[tokio::test]
async fn who_follows_a_link_to_a_file_that_is_not_there_reads_why_on_a_page() {
    let empty = TestSite::empty();
    let page = empty.follow("/risk/export.csv?lang=es").await;
    assert_eq!((page.status, &page.headers[CONTENT_TYPE]), (StatusCode::NOT_FOUND, &html()));
    let text = page.text();
    assert!(text.contains("spanishgas run --mode train") && text.contains("lang=\"es\""), "{text}");
    let gone = TestSite::published().await;
    gone.lose_lake();
    let page = gone.follow("/risk/tiers.svg").await;
    assert_eq!((page.status, &page.headers[CONTENT_TYPE]), (StatusCode::SERVICE_UNAVAILABLE, &html()));
}

/// A browser keeps such a link's answer whatever it is: a sign-in, or why there is no file, would lie on a disk as one.
#[tokio::test]
async fn a_link_to_a_file_tells_the_browser_nothing_of_what_will_come() {
    let site = TestSite::published().await;
    for path in ["/", "/risk", "/recommendations"] {
        let text = site.get(path).await.text();
        assert!(text.contains("/export.csv") && !text.contains(" download>"), "{path}");
    }
}

#[tokio::test]
async fn what_a_program_says_of_a_trouble_is_marked_as_english_on_a_spanish_page() {
    let site = TestSite::published().await;
    let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    site.lake.remove(&pointer.outputs["scores"].key).await.unwrap();
    for (lang, marked) in [("es", true), ("en", false)] {
        let text = site.get(&format!("/risk?lang={lang}")).await.text();
        let message = if marked { "<code><span lang=\"en\">scored/scores/" } else { "<code>scored/scores/" };
        assert!(text.contains(message), "{lang}: {text}");
    }
    let site = TestSite::over(site);
    site.lake.put(keys::PUBLISHED, b"{ torn".to_vec()).await.unwrap();
    let banner = format!("{}</b> <span lang=\"en\">", Language::Es.say(Word::BannerPublishedTorn));
    assert!(site.get("/runs?lang=es").await.text().contains(&banner));
}

fn html() -> HeaderValue {
    HeaderValue::from_static("text/html; charset=utf-8")
}

fn plain() -> HeaderValue {
    HeaderValue::from_static("text/plain; charset=utf-8")
}

#[tokio::test]
async fn every_page_of_the_results_is_there_without_a_temporal_server_and_says_so() {
    let site = TestSite::published().await;
    for path in ["/", "/risk", "/?lang=es", "/risk?lang=es"] {
        let page = site.get(path).await;
        assert_eq!(
            (page.status, &page.headers[CONTENT_TYPE]),
            (StatusCode::OK, &"text/html; charset=utf-8".parse().unwrap())
        );
        assert!(page.text().contains("connection refused"), "{path}");
    }
}

#[tokio::test]
async fn a_torn_pointer_is_said_with_its_number_and_mended_without_a_restart() {
    let site = TestSite::published().await;
    let whole = site.lake.read(keys::PUBLISHED).await.unwrap();
    site.lake.put(keys::PUBLISHED, whole[..whole.len() / 2].to_vec()).await.unwrap();
    let page = site.get("/risk").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("published.json") && page.text().contains("docs/errors/SG0011.md"));
    assert_eq!(site.get("/healthz").await.status, StatusCode::OK);
    site.lake.put(keys::PUBLISHED, whole).await.unwrap();
    assert_eq!(site.get("/risk").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_torn_pointer_to_the_champion_takes_no_page_down_that_does_not_need_it() {
    let site = TestSite::published().await;
    site.lake.put(keys::CHAMPION, b"{ torn".to_vec()).await.unwrap();
    for path in ["/", "/risk", "/risk/export.csv", "/recommendations", "/customers", "/drift"] {
        assert_eq!(site.get(path).await.status, StatusCode::OK, "{path}");
    }
    let page = site.get("/risk?lang=en").await.text();
    assert!(page.contains("The pointer to the champion cannot be read"));
}

#[tokio::test]
async fn a_torn_index_of_the_runs_takes_the_trends_away_and_no_page() {
    let site = TestSite::published().await;
    site.lake.put(&keys::run_index("2025-01"), b"{ torn".to_vec()).await.unwrap();
    for path in ["/", "/drift", "/risk"] {
        let page = site.get(&format!("{path}?lang=en")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text().contains("The index of the runs cannot be read"), "{path}");
    }
}

#[tokio::test]
async fn a_torn_document_beside_the_tables_is_named_and_left_out_and_takes_no_page_down() {
    type KeyOf = fn(&Publication) -> String;
    let torn: [(KeyOf, &[&str]); 4] = [
        (|pointer| keys::run_record(&pointer.run_id), &["/", "/explorer", "/drift", "/risk"]),
        (|_| keys::judged_evaluation(MODEL), &["/", "/risk", "/model"]),
        (|_| keys::verdict(MODEL), &["/", "/model"]),
        (
            |pointer| pointer.outputs["reasons"].key.clone(),
            &["/", "/explorer", "/recommendations", "/recommendations/sheets", "a customer"],
        ),
    ];
    let pages = ["/", "/risk", "/model", "/drift", "/explorer", "/customers", "/runs", "/recommendations"];
    for (key_of, left_out_on) in torn {
        let site = TestSite::published().await;
        let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
        let (key, customer) = (key_of(&pointer), site.site.link_key().token("C00000").path());
        site.lake.put(&key, b"{ torn".to_vec()).await.unwrap();
        let of_calls = [("/recommendations/sheets", "/recommendations/sheets"), ("a customer", customer.as_str())];
        for (page, path) in pages.map(|page| (page, page)).into_iter().chain(of_calls) {
            let answer = site.get(&format!("{path}?lang=en")).await;
            assert_eq!(answer.status, StatusCode::OK, "{page} without {key}");
            let text = answer.text();
            let is_named = text.contains(Language::En.say(Word::BannerPartTorn)) && text.contains(&key);
            assert!(is_named || !left_out_on.contains(&page), "{page} does not say that {key} is left out");
        }
        for file in ["/risk/export.csv", "/recommendations/export.csv", "/overview/export.csv"] {
            assert_eq!(site.get(file).await.status, StatusCode::OK, "{file} without {key}");
        }
    }
}

#[tokio::test]
async fn an_answer_is_packed_as_the_browser_reads_it() {
    let site = TestSite::published().await;
    let plain = site.get("/risk").await;
    for (read, packed) in [("gzip, deflate, br, zstd", "zstd"), ("gzip, deflate, br", "gzip")] {
        let page = site.get_packed("/risk", read).await;
        assert_eq!(page.headers[CONTENT_ENCODING], packed);
        assert!(page.bytes.len() * 3 < plain.bytes.len(), "{packed}: {} of {}", page.bytes.len(), plain.bytes.len());
    }
    assert!(!plain.headers.contains_key(CONTENT_ENCODING));
}

#[tokio::test]
async fn a_pointer_with_newer_words_is_read() {
    let site = TestSite::published().await;
    let mut pointer: serde_json::Value = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    pointer["offers"] = serde_json::json!({ "budget": 7 });
    site.lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
    assert_eq!(site.get("/risk").await.status, StatusCode::OK);
}

#[tokio::test]
async fn results_that_were_deleted_are_gone_and_what_is_left_is_named() {
    let site = TestSite::published().await;
    let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    site.lake.remove(&pointer.outputs["scores"].key).await.unwrap();
    let page = site.get("/risk").await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text().contains("<code>recommendations</code>") && !page.text().contains("<code>scores</code>"));
}

#[tokio::test]
async fn a_page_can_be_pinned_to_a_run_and_says_where_there_is_none() {
    let site = TestSite::published().await;
    let current = site.get(&format!("/risk?run={RUN}")).await;
    assert_eq!(current.status, StatusCode::OK);
    // Somebody else's results are published now: the same run is a past one, found by its record.
    let mut pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    pointer.run_id = "another".into();
    site.lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
    let fresh = TestSite::over(site);
    let past = fresh.get(&format!("/risk?run={RUN}")).await;
    assert_eq!(past.status, StatusCode::OK);
    assert!(past.text().contains(&format!("run={RUN}")), "every link stays with the run");
    let whole = fresh.lake.read(keys::PUBLISHED).await.unwrap();
    fresh.lake.put(keys::PUBLISHED, b"{ torn".to_vec()).await.unwrap();
    let fresh = TestSite::over(fresh);
    let past = fresh.get(&format!("/risk?lang=en&run={RUN}")).await;
    assert_eq!(past.status, StatusCode::OK, "a run on record is there without the pointer");
    assert!(past.text().contains(Language::En.say(Word::BannerPartTorn)) && past.text().contains(keys::PUBLISHED));
    fresh.lake.put(keys::PUBLISHED, whole).await.unwrap();
    let fresh = TestSite::over(fresh);
    for unknown in ["nobody", "..", "a/b", "%2e%2e%2fx"] {
        let page = fresh.get(&format!("/risk?run={unknown}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn an_address_without_a_page_says_so_and_a_choice_of_language_is_remembered() {
    let site = TestSite::published().await;
    let page = site.get("/nothing?lang=es").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("lang=\"es\""));
    assert!(page.headers[SET_COOKIE].to_str().unwrap().starts_with("lang=es;"));
}

#[tokio::test]
async fn a_page_of_results_that_were_never_published_says_so_in_both_languages() {
    let site = TestSite::published().await;
    let mut record = RunRecord::find(&site.lake, RUN).await.unwrap().unwrap();
    record.run.run_id = "unpublished".into();
    record.facts.published = Some(false);
    record.store(&site.lake).await.unwrap();
    for language in Language::ALL {
        let not_published = format!("<b>{}</b>", language.say(Word::ProvenanceNeverPublished));
        let published = format!("{} <b title", language.say(Word::ProvenancePublished));
        for (run, never) in [(RUN, false), ("unpublished", true)] {
            let page = site.get(&format!("/risk?run={run}&lang={}", language.lang())).await;
            assert_eq!(page.status, StatusCode::OK, "{run}");
            let said = (page.text().contains(&not_published), page.text().contains(&published));
            assert_eq!(said, (never, !never), "{run} in {language:?}");
        }
    }
}
