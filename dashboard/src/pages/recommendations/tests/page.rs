//! The page, its download, its pictures and its call sheets: what passes the filter, and nobody else.

use std::io::Cursor;
use std::sync::Arc;

use axum::http::StatusCode;
use polars::prelude::*;
use proptest::prelude::*;

use super::super::budget::Line;
use super::super::columns::Offers;
use super::super::state::State;
use super::super::sums::Sums;
use super::{offers, state};
use crate::data::cells;
use crate::format::Format;
use crate::pages::risk::Columns;
use crate::query::{Query, Reader};
use crate::test_site::{TestSite, recommendations, scores};
use crate::words::{Language, Word};

#[tokio::test]
async fn the_page_says_the_sums_and_the_cut_in_both_languages_and_names_no_customer_in_a_link() {
    let site = TestSite::published().await;
    let offers = Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &recommendations()).unwrap();
    let all: Vec<usize> = (0..offers.rows()).collect();
    let (sums, cut) = (Sums::of(&offers, &all), Line::of(&offers, &all).cut(100.0));
    for language in Language::ALL {
        let format = Format(language);
        let page = site.get(&format!("/recommendations?budget=100&per=25&lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        let values = [
            ("budget", format.eur(100.0)),
            ("count", format.count(cut.offers as u64)),
            ("spent", format.eur(cut.spent)),
            ("share", format.percent(cut.covered / sums.at_risk)),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        let said = language.count(cut.offers as u64, Word::OffersCutOne, Word::OffersCut, &values);
        for shown in [said, format.eur(sums.budget), format.eur(sums.covered), format.count(sums.offers)] {
            assert!(text.contains(&shown), "{shown} is not on the page in {language:?}");
        }
        assert_eq!(text.matches(language.say(Word::OffersWithin)).count(), cut.offers.min(25), "{language:?}");
        assert!(text.contains("/customers/") && !text.contains("/customers/C0"), "{language:?}");
    }
    let without = site.get("/recommendations?lang=en").await.text();
    assert!(!without.contains(Language::En.say(Word::OffersWithin)));
    assert!(
        without.contains("Prices rose")
            && site.get("/recommendations?lang=es").await.text().contains("Los precios subieron")
    );
}

#[tokio::test]
async fn a_run_of_the_same_offers_and_other_scores_is_filtered_by_its_own_scores() {
    let site = TestSite::published().await;
    let (mut other, all) = (scores(), scores().height());
    other.with_column(Column::new("segment".into(), vec!["SME"; all])).unwrap();
    let tables = [("scores", other), ("recommendations", recommendations())];
    site.record_other_results(tables, "0123456789abcdef").await;
    let rows = async |run: &str| {
        let file = site.get(&format!("/recommendations/export.csv?segment=SME{run}")).await;
        assert_eq!(file.status, StatusCode::OK);
        file.headers["x-row-count"].to_str().unwrap().parse::<usize>().unwrap()
    };
    assert!(rows("").await < all);
    assert_eq!(rows("&run=the-day-before").await, all);
}

#[tokio::test]
async fn a_download_is_the_filtered_rows_with_all_columns_and_pictures_are_files() {
    let site = TestSite::published().await;
    let query = "tier=high&sort=-risk_score&page=2&per=25";
    let file = site.get(&format!("/recommendations/export.parquet?{query}")).await;
    assert_eq!(file.status, StatusCode::OK);
    let frame = ParquetReader::new(Cursor::new(file.bytes.to_vec())).finish().unwrap();
    let state = state("tier=high&sort=-risk_score");
    let offers = offers();
    let mut rows = state.rows(&offers);
    state.sort(&offers, &mut rows);
    assert!(frame.equals_missing(&cells::rows_at(&recommendations(), &rows).unwrap()));
    assert!(frame.column("reason_codes").is_ok());
    assert_eq!(file.headers["x-row-count"], rows.len().to_string().as_str());
    for picture in ["actions", "reasons", "budget"] {
        let file = site.get(&format!("/recommendations/{picture}.svg?{query}&budget=50")).await;
        assert!(file.status == StatusCode::OK && file.text().starts_with("<svg"), "{picture}");
    }
    assert_eq!(site.get("/recommendations/nothing.svg").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn there_is_a_call_sheet_for_every_row_of_the_page_in_its_order() {
    let site = TestSite::published().await;
    let page = site.get("/recommendations/sheets?tier=critical&tier=low&sort=customer_id&per=25&page=2&lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    let (state, offers) = (state("tier=critical&tier=low&sort=customer_id"), offers());
    let mut rows = state.rows(&offers);
    state.sort(&offers, &mut rows);
    let ids = scores();
    let ids = cells::texts(&ids, "customer_id").unwrap();
    let expected: Vec<String> =
        rows[25..50].iter().map(|&row| format!("<h2>Call sheet: {}</h2>", ids[row].unwrap())).collect();
    assert_eq!(text.matches("<section class=\"sheet\">").count(), 25);
    let found: Vec<usize> = expected.iter().filter_map(|heading| text.find(heading)).collect();
    assert!(found.len() == 25 && found.is_sorted());
    assert_eq!(ids.iter().flatten().filter(|id| text.contains(**id)).count(), 25, "and nobody else's");
    assert!(text.contains("/recommendations?tier=critical&#38;") && text.contains("26–50 of "));
    let nobody = site.get("/recommendations/sheets?action=no_offer&tier=critical").await;
    assert!(nobody.status == StatusCode::OK && !nobody.text().contains("<section class=\"sheet\">"));
}

#[test]
fn whatever_the_query_says_there_is_a_page_and_only_rows_that_pass_are_on_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(TestSite::published());
    let ids = scores();
    let ids = cells::texts(&ids, "customer_id").unwrap();
    let offers = Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &recommendations()).unwrap();
    let keys =
        ["action", "tier", "timing", "segment", "reason", "province", "budget", "sort", "page", "per", "x", "lang"];
    proptest!(ProptestConfig::with_cases(48), |(place in 0..12_usize, value in ".{0,40}", other in "-?[0-9]{0,20}", sheets in any::<bool>())| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(keys[place], &value).append_pair(keys[(place + 5) % 12], &other).append_pair("tier", "critical");
        let query = query.finish();
        let path = if sheets { "/recommendations/sheets" } else { "/recommendations" };
        let page = runtime.block_on(site.get(&format!("{path}?{query}")));
        prop_assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        let parsed = Query::parse(path, Some(&query));
        let mut state = State::read(&mut Reader::new(&parsed));
        state.leave_out_unknown(&offers);
        let passing = state.rows(&offers);
        for (row, id) in ids.iter().enumerate().filter(|(row, _)| !passing.contains(row)) {
            prop_assert!(!text.contains(id.unwrap()), "row {row} is on the page");
        }
    });
}
