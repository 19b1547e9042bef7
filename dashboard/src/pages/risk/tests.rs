//! Every filter against Polars on the file, the sums on the cards against the file, the download against the filter.

use std::io::Cursor;

use axum::http::StatusCode;
use polars::prelude::*;
use proptest::prelude::*;

use super::{Columns, State, Sums};
use crate::data::cells;
use crate::format::Format;
use crate::query::{Query, Reader};
use crate::test_site::{TestSite, numbers, scores};
use crate::words::{Language, Word};

fn state(query: &str) -> State {
    let query = Query::parse("/risk", Some(query));
    let mut reader = Reader::new(&query);
    let state = State::read(&mut reader);
    assert_eq!(reader.bad(), [], "{query:?}");
    state
}

fn rows(query: &str) -> Vec<usize> {
    state(query).rows(&Columns::of(&scores()).unwrap())
}

/// The rows that Polars lets through.
fn by_polars(filter: Expr) -> Vec<usize> {
    let numbered = scores().with_row_index("row".into(), None).unwrap();
    let passed = numbered.lazy().filter(filter).collect().unwrap();
    cells::numbers(&passed, "row").unwrap().into_iter().flatten().map(|row| row as usize).collect()
}

fn is(column: &str, value: &str) -> Expr {
    col(column).eq(lit(value.to_owned()))
}

#[test]
fn each_filter_equals_polars() {
    let probability = || col("churn_proba");
    let filters = [
        ("", probability().gt_eq(lit(0.0))),
        ("tier=critical", is("risk_tier", "Critical (>80%)")),
        ("tier=high&tier=low", is("risk_tier", "High (60-80%)").or(is("risk_tier", "Low (<40%)"))),
        ("segment=SME", is("segment", "SME")),
        ("segment=SME&segment=unknown", is("segment", "SME").or(col("segment").is_null())),
        ("segment=Nobody", probability().lt(lit(0.0))),
        ("renewal_bucket=0-3m", is("renewal_bucket", "0-3m")),
        ("customer_intent=Complaint+%2F+Escalation", is("customer_intent", "Complaint / Escalation")),
        ("sentiment_label=negative", is("sentiment_label", "negative")),
        ("province=07", col("province_code").eq(lit(7))),
        ("province=unknown", col("province_code").is_null()),
        ("sales_channel=Office", is("sales_channel", "Office")),
        ("has_interaction=yes", col("has_interaction").eq(lit(1))),
        ("has_interaction=no", col("has_interaction").eq(lit(0))),
        ("in_training=yes", col("in_training").eq(lit(1))),
        ("in_training=no", col("in_training").eq(lit(0))),
        ("from=57", probability().gt_eq(lit(0.57))),
        ("to=40,5", probability().lt_eq(lit(0.405))),
        ("loss=10", col("expected_monthly_loss").gt_eq(lit(10.0))),
        (
            "tier=high&segment=SME&has_interaction=yes&loss=1",
            is("risk_tier", "High (60-80%)")
                .and(is("segment", "SME"))
                .and(col("has_interaction").eq(lit(1)))
                .and(col("expected_monthly_loss").gt_eq(lit(1.0))),
        ),
    ];
    for (query, expected) in filters {
        assert_eq!(rows(query), by_polars(expected), "{query}");
    }
}

#[tokio::test]
async fn a_word_that_no_customer_has_is_named_and_filters_nothing() {
    let columns = Columns::of(&scores()).unwrap();
    let mut state = state("segment=Nope&province=nowhere&province=unknown");
    let bad = state.leave_out_unknown(&columns);
    let named: Vec<_> = bad.iter().map(|bad| (bad.key, bad.value.as_str(), bad.used.as_str())).collect();
    assert_eq!(named, [("segment", "Nope", ""), ("province", "nowhere", "")]);
    assert_eq!(state.rows(&columns), rows("province=unknown"));
    let page = TestSite::published().await.get("/risk?segment=Nope&per=25&lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("“Nope” is not a value of segment") && text.contains("1–25 of 120"));
}

#[test]
fn a_table_of_before_does_not_say_who_was_in_training() {
    let columns = Columns::of(&scores().drop("in_training").unwrap()).unwrap();
    assert!(columns.in_training.iter().all(Option::is_none));
    assert_eq!(state("in_training=yes").rows(&columns), [0; 0]);
    assert_eq!(state("").rows(&columns).len(), columns.rows());
}

#[test]
fn the_sums_are_those_of_the_file() {
    let (scores, columns) = (scores(), Columns::of(&scores()).unwrap());
    for query in ["", "tier=high", "segment=unknown&to=50", "segment=Nobody"] {
        let rows = state(query).rows(&columns);
        let file = cells::rows_at(&scores, &rows).unwrap();
        let sums = Sums::of(&columns, &rows);
        let losses = numbers(&file, "expected_monthly_loss");
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(sums.all.loss, losses.iter().flatten().sum()), "{query}");
        assert_eq!(sums.unknown_loss as usize, losses.iter().filter(|loss| loss.is_none()).count(), "{query}");
        assert_eq!(sums.all.customers as usize, file.height(), "{query}");
        assert_eq!(sums.histogram.iter().sum::<u64>() as usize, file.height(), "{query}");
        assert_eq!(sums.tiers.iter().map(|tier| tier.customers).sum::<u64>(), sums.all.customers, "{query}");
        assert!(close(sums.segments.iter().map(|(_, group)| group.loss).sum(), sums.all.loss), "{query}");
        assert_eq!(sums.mean_probability.is_some(), file.height() > 0, "{query}");
    }
}

#[test]
fn the_order_is_that_of_the_column_and_the_unknown_is_last() {
    let columns = Columns::of(&scores()).unwrap();
    for (query, column) in [
        ("", "expected_monthly_loss"),
        ("sort=avg_monthly_margin", "avg_monthly_margin"),
        ("sort=-tenure_months", "tenure_months"),
        ("sort=churn_proba", "churn_proba"),
    ] {
        let state = state(query);
        let mut rows = state.rows(&columns);
        state.sort(&columns, &mut rows);
        let cells = cells::numbers(&cells::rows_at(&scores(), &rows).unwrap(), column).unwrap();
        let known: Vec<f64> = cells.iter().map_while(|cell| *cell).collect();
        assert!(cells[known.len()..].iter().all(Option::is_none), "{query}");
        let descends = query.is_empty() || query.contains('-');
        let ordered = known.windows(2).all(|pair| if descends { pair[0] >= pair[1] } else { pair[0] <= pair[1] });
        assert!(ordered, "{query}");
    }
}

#[tokio::test]
async fn the_page_says_the_sums_in_both_languages_and_names_no_customer_in_a_link() {
    let site = TestSite::published().await;
    let total: f64 = numbers(&scores(), "expected_monthly_loss").into_iter().flatten().sum();
    for language in Language::ALL {
        let page = site.get(&format!("/risk?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        assert!(text.contains(&Format(language).eur(total)), "{language:?}");
        assert!(text.contains(language.say(Word::RiskLossMonth)), "{language:?}");
        assert!(text.contains("/customers/") && !text.contains("/customers/C0"), "{language:?}");
    }
}

#[tokio::test]
async fn a_download_is_the_filtered_rows_with_all_columns() {
    let site = TestSite::published().await;
    let file = site.get("/risk/export.parquet?tier=high&sort=-tenure_months&page=2&per=25").await;
    assert_eq!(file.status, StatusCode::OK);
    let frame = ParquetReader::new(Cursor::new(file.bytes.to_vec())).finish().unwrap();
    assert_eq!(frame.get_column_names(), scores().get_column_names());
    let (state, columns) = (state("tier=high&sort=-tenure_months"), Columns::of(&scores()).unwrap());
    let mut rows = state.rows(&columns);
    state.sort(&columns, &mut rows);
    assert!(frame.equals_missing(&cells::rows_at(&scores(), &rows).unwrap()));
    assert_eq!(file.headers["x-row-count"], rows.len().to_string().as_str());
    assert_eq!(site.get("/risk/export.exe").await.status, StatusCode::NOT_FOUND);
    // The page says that it shows all in place of it; a file could not.
    for page in ["risk", "recommendations"] {
        assert_eq!(site.get(&format!("/{page}?tier=nonsense")).await.status, StatusCode::OK);
        let refused = site.get(&format!("/{page}/export.csv?tier=nonsense")).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text().contains("nonsense"));
    }
    assert_eq!(site.get("/explorer/export.csv?table=nonsense").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let picture = site.get("/risk/tiers.svg?tier=high").await;
    assert!(picture.status == StatusCode::OK && picture.text().starts_with("<svg"));
    assert_eq!(site.get("/risk/nothing.svg").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_shows_its_rows_and_says_which() {
    let site = TestSite::published().await;
    let page = site.get("/risk?per=25&page=2").await.text();
    assert!(page.contains("26–50 of 120"), "the range is said");
    assert_eq!(page.matches("/customers/").count(), 25);
}

#[test]
fn whatever_the_query_says_there_is_a_page() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(TestSite::published());
    let keys =
        ["tier", "segment", "from", "to", "loss", "sort", "page", "per", "has_interaction", "province", "x", "lang"];
    proptest!(ProptestConfig::with_cases(64), |(place in 0..12_usize, value in ".{0,40}", other in "-?[0-9]{0,20}")| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(keys[place], &value).append_pair(keys[(place + 5) % 12], &other);
        let answer = runtime.block_on(site.get(&format!("/risk?{}", query.finish())));
        prop_assert_eq!(answer.status, StatusCode::OK);
    });
}
