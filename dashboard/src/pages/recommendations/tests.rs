//! Every filter against Polars on the tables, the sums and the budget line against the tables, the download against the
//! filter, a sheet for every row.

use std::io::Cursor;
use std::sync::Arc;

use axum::http::StatusCode;
use churn::model::RiskTier;
use churn::recommend::{Action, OfferFigures, OffersReport, PolicyKind, RuleReason, TimingWindow};
use lake::documents::Publication;
use lake::keys;
use polars::prelude::*;
use proptest::prelude::*;
use protocol::{Digest, TableRef};
use serde_json::json;

use super::budget::{Cut, Line};
use super::columns::Offers;
use super::policy::{OfTier, policy};
use super::state::State;
use super::sums::Sums;
use super::worth;
use crate::data::cells;
use crate::format::Format;
use crate::pages::risk::Columns;
use crate::query::{Query, Reader};
use crate::test_site::{CUSTOMERS, TestSite, numbers, recommendations, scores};
use crate::words::{Language, Word};

/// The site's recommendations with reasons of every kind.
fn table() -> DataFrame {
    let mut table = recommendations();
    let codes = |row: usize| match row % 4 {
        0 => "prices;tone",
        1 => "tone;negative_margin_no_offer;segment_sme",
        2 => "unknown_margin_no_offer",
        _ => "prices;control_group",
    };
    let codes: Vec<&str> = (0..table.height()).map(codes).collect();
    table.with_column(Column::new("reason_codes".into(), codes)).unwrap();
    table
}

fn offers() -> Offers {
    Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &table()).unwrap()
}

fn state(query: &str) -> State {
    let query = Query::parse("/recommendations", Some(query));
    let mut reader = Reader::new(&query);
    let state = State::read(&mut reader);
    assert_eq!(reader.bad(), [], "{query:?}");
    state
}

/// The rows that Polars lets through, of both tables side by side.
fn by_polars(filter: Expr) -> Vec<usize> {
    let own = ["action", "timing_window", "max_offer_eur", "reason_codes"];
    let own: Vec<Column> = own.into_iter().map(|name| table().column(name).unwrap().clone()).collect();
    let joined = scores().hstack(&own).unwrap().with_row_index("row".into(), None).unwrap();
    let passed = joined.lazy().filter(filter).collect().unwrap();
    cells::numbers(&passed, "row").unwrap().into_iter().flatten().map(|row| row as usize).collect()
}

fn is(column: &str, value: &str) -> Expr {
    col(column).eq(lit(value.to_owned()))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9 * a.abs().max(1.0)
}

#[test]
fn each_filter_equals_polars() {
    let offers = offers();
    let filters = [
        ("", lit(true)),
        ("action=offer_large", is("action", "offer_large")),
        ("action=no_offer&action=offer_small", is("action", "no_offer").or(is("action", "offer_small"))),
        ("tier=critical", is("risk_tier", "Critical (>80%)")),
        ("timing=immediate", is("timing_window", "immediate")),
        ("timing=60_90_days", lit(false)),
        ("segment=SME&segment=unknown", is("segment", "SME").or(col("segment").is_null())),
        ("province=07", col("province_code").eq(lit(7))),
        ("province=nowhere", lit(false)),
        ("reason=unknown_margin_no_offer", is("reason_codes", "unknown_margin_no_offer")),
        ("reason=prices", is("reason_codes", "prices;tone").or(is("reason_codes", "prices;control_group"))),
        ("reason=nothing", lit(false)),
        (
            "tier=high&segment=SME&action=offer_large&timing=30_60_days",
            is("risk_tier", "High (60-80%)")
                .and(is("segment", "SME"))
                .and(is("action", "offer_large"))
                .and(is("timing_window", "30_60_days")),
        ),
        // A budget marks rows; it takes none away.
        ("budget=10", lit(true)),
    ];
    for (query, expected) in filters {
        assert_eq!(state(query).rows(&offers), by_polars(expected), "{query}");
    }
}

#[test]
fn the_sums_are_those_of_the_tables() {
    let (offers, scores, table) = (offers(), scores(), table());
    for query in ["", "tier=high", "action=no_offer", "reason=tone&segment=SME", "reason=nothing"] {
        let rows = state(query).rows(&offers);
        let sums = Sums::of(&offers, &rows);
        let (of_scores, of_table) = (cells::rows_at(&scores, &rows).unwrap(), cells::rows_at(&table, &rows).unwrap());
        let losses = numbers(&of_scores, "expected_monthly_loss");
        let most = numbers(&of_table, "max_offer_eur");
        let actions = cells::texts(&of_table, "action").unwrap();
        let offered = |place: &usize| actions[*place] != Some("no_offer");
        let all = || 0..rows.len();
        assert_eq!((sums.all, sums.offers), (rows.len() as u64, all().filter(offered).count() as u64), "{query}");
        assert!(close(sums.budget, all().filter(offered).filter_map(|place| most[place]).sum()), "{query}");
        assert!(close(sums.covered, all().filter(offered).filter_map(|place| losses[place]).sum()), "{query}");
        assert!(close(sums.at_risk, losses.iter().flatten().sum()), "{query}");
        for action in Action::ALL {
            let count = actions.iter().filter(|known| **known == Some(action.as_str())).count() as u64;
            assert_eq!(sums.of_action(action as usize), count, "{query} {action:?}");
        }
        let codes = cells::texts(&of_table, "reason_codes").unwrap();
        let with = |code: &str| -> Vec<usize> {
            all().filter(|place| codes[*place].unwrap().split(';').any(|known| known == code)).collect()
        };
        for reason in &sums.reasons {
            let places = with(&offers.reasons.codes[usize::from(reason.code)]);
            assert_eq!(reason.customers, places.len() as u64, "{query}");
            let known: Vec<f64> = places.into_iter().filter_map(|place| losses[place]).collect();
            let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
            assert_eq!(reason.mean_loss().is_some(), mean.is_some(), "{query}");
            assert!(close(reason.mean_loss().unwrap_or_default(), mean.unwrap_or_default()), "{query}");
        }
        assert!(sums.reasons.is_sorted_by_key(|reason| std::cmp::Reverse(reason.customers)), "{query}");
        let withheld: Vec<u64> = sums.withheld.iter().map(|(_, count)| *count).collect();
        assert_eq!(withheld, RuleReason::WITHHOLDING.map(|rule| with(rule.as_str()).len() as u64), "{query}");
    }
}

#[test]
fn the_order_is_that_of_the_column_and_within_a_budget_that_of_what_is_kept() {
    let offers = offers();
    let sorted = |query: &str| {
        let state = state(query);
        let mut rows = state.rows(&offers);
        state.sort(&offers, &mut rows);
        rows
    };
    let descends = |values: Vec<Option<f64>>| {
        let known: Vec<f64> = values.iter().map_while(|value| *value).collect();
        values[known.len()..].iter().all(Option::is_none) && known.windows(2).all(|pair| pair[0] >= pair[1])
    };
    let losses = |rows: &[usize]| rows.iter().map(|&row| offers.customers.loss[row]).collect::<Vec<_>>();
    let gains = |rows: &[usize]| rows.iter().map(|&row| offers.gain(row)).collect::<Vec<_>>();
    assert!(descends(losses(&sorted(""))));
    assert!(descends(gains(&sorted("budget=5"))) && descends(gains(&sorted("sort=-gain"))));
    assert!(descends(sorted("sort=-risk_score").iter().map(|&row| Some(offers.customers.probability[row])).collect()));
    let mut cheapest = sorted("sort=max_offer_eur");
    cheapest.reverse();
    assert!(descends(cheapest.iter().map(|&row| Some(offers.most[row])).collect()));
    let by_id = sorted("sort=customer_id");
    let ids = scores();
    let ids = cells::texts(&ids, "customer_id").unwrap();
    assert!(by_id.iter().map(|&row| ids[row]).is_sorted());
}

#[test]
fn tables_of_other_customers_are_not_joined_and_unknown_words_are_said() {
    let columns = Arc::new(Columns::of(&scores()).unwrap());
    let mixed = Offers::of(&scores(), Arc::clone(&columns), &table().reverse()).unwrap_err().to_string();
    assert!(mixed.contains("same customers"), "{mixed}");
    let mut newer = table();
    newer.with_column(Column::new("action".into(), vec!["offer_a_yacht"; CUSTOMERS])).unwrap();
    let unknown = Offers::of(&scores(), columns, &newer).unwrap_err().to_string();
    assert!(unknown.contains("offer_a_yacht"), "{unknown}");
}

#[test]
fn the_policy_is_what_each_tier_got_where_nothing_withheld_it() {
    let offers = offers();
    let of_tiers = policy(&offers);
    let expected = [
        (RiskTier::Critical, Action::OfferLarge, TimingWindow::Immediate),
        (RiskTier::High, Action::OfferLarge, TimingWindow::Days30To60),
        (RiskTier::Medium, Action::OfferSmall, TimingWindow::Days30To60),
        (RiskTier::Low, Action::NoOffer, TimingWindow::Days30To60),
    ];
    let expected = expected.map(|(tier, action, timing)| (tier, Some((action, timing))));
    assert_eq!(of_tiers.iter().map(|of_tier| (of_tier.tier, of_tier.offer)).collect::<Vec<_>>(), expected);
    let earns = col("avg_monthly_margin").gt(lit(0.0));
    let free = by_polars(is("reason_codes", "prices;tone").and(is("risk_tier", "Critical (>80%)")).and(earns));
    let sum = |of: &dyn Fn(usize) -> f64| free.iter().map(|&row| of(row)).sum::<f64>();
    let share = sum(&|row| offers.most[row]) / sum(&|row| offers.customers.margin[row].unwrap_or_default());
    assert!(close(of_tiers[0].share.unwrap(), share));
    assert_eq!(of_tiers[3].share, None);
    let nobody = OfTier { tier: RiskTier::High, offer: None, share: None };
    let columns = Arc::new(Columns::of(&scores().slice(0, 10)).unwrap());
    let few = Offers::of(&scores().slice(0, 10), columns, &table().slice(0, 10)).unwrap();
    assert_eq!(policy(&few)[1], nobody, "the first ten are critical");
}

proptest! {
    #[test]
    fn a_budget_is_never_exceeded_and_the_next_offer_would_exceed_it(budget in 0.0..2000.0_f64, tier in 0..4_usize) {
        let offers = offers();
        let rows: Vec<usize> = (0..offers.rows()).filter(|&row| offers.customers.tier[row] as usize >= tier).collect();
        let line = Line::of(&offers, &rows);
        let cut = line.cut(budget);
        let taken = &line.rows[..cut.offers];
        prop_assert!(cut.spent <= budget + 1e-6);
        prop_assert!(close(cut.spent, taken.iter().map(|&row| offers.most[row]).sum()));
        prop_assert!(close(cut.covered, taken.iter().filter_map(|&row| offers.customers.loss[row]).sum()));
        if let Some(next) = line.rows.get(cut.offers) {
            prop_assert!(cut.spent + offers.most[*next] > budget);
        }
        // Whoever is in the line keeps more than they cost, and whoever does is in it.
        let worth = |row: &usize| offers.gain(*row).is_some_and(|gain| gain > 0.0);
        prop_assert!(line.rows.iter().all(worth));
        prop_assert_eq!(line.rows.len(), rows.iter().filter(|row| worth(row)).count());
        let gains: Vec<f64> = line.rows.iter().filter_map(|&row| offers.gain(row)).collect();
        prop_assert!(gains.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}

/// The same table as later runs write it: what each offer is worth, and whether it comes too late.
fn valued() -> DataFrame {
    let mut table = recommendations();
    let actions: Vec<bool> = cells::texts(&table, "action").unwrap().iter().map(|a| *a != Some("no_offer")).collect();
    let of_offers = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
        actions.iter().enumerate().map(|(row, offered)| if *offered { of(row) } else { 0.0 }).collect()
    };
    let pays_from: Vec<Option<f64>> =
        actions.iter().enumerate().map(|(row, offered)| (*offered && row % 4 != 1).then_some(0.08)).collect();
    let late: Vec<Option<i32>> =
        actions.iter().enumerate().map(|(row, offered)| offered.then_some(i32::from(row % 3 == 0))).collect();
    let columns = [
        Column::new("expected_value_eur".into(), of_offers(&|row| row as f64 - 20.0)),
        Column::new("break_even_save_rate".into(), pays_from),
        Column::new("due_after_renewal".into(), late),
    ];
    for column in columns {
        table.with_column(column).unwrap();
    }
    table
}

fn report() -> OffersReport {
    let figures = |offers: u64, cost: f64, value: f64| json!({ "offers": offers, "cost_eur": cost, "value_eur": value, "below_zero": 0, "after_renewal": 7 });
    let assumed = |rate: f64| json!({ "rate": rate, "basis": "assumed" });
    let measured =
        json!({ "rate": 0.24, "basis": "measured", "measured": { "value": 0.24, "low": 0.18, "high": 0.31 } });
    let report = json!({
        "policy": "value", "months": 12,
        "save_rates": { "offer_small": assumed(0.1), "offer_medium": assumed(0.2), "offer_large": measured },
        "limits": {
            "budget_eur": 5000.0, "minimum_offer_eur": 1.0, "capacity": { "immediate": 300 }, "days_between_offers": 90,
            "knows_consent": true, "knows_last_offers": false,
        },
        "offered": figures(61, 4990.0, 61_234.0), "tier": figures(72, 6000.0, 41_000.0),
        "tier_within_limits": figures(60, 4980.0, 40_123.0), "value": figures(61, 4990.0, 61_234.0),
        "value_order": "value_per_euro", "control": figures(0, 0.0, 0.0), "is_measurable": false,
        "cut": { "without": 3, "smaller": 2, "forgone_eur": 120.5, "next_euro": 2.5 },
        "withheld": {}, "effects": null, "words": "policy value",
    });
    serde_json::from_value(report).unwrap()
}

#[test]
fn what_offers_are_worth_is_summed_sorted_and_part_of_the_line() {
    let offers = Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &valued()).unwrap();
    let all: Vec<usize> = (0..offers.rows()).collect();
    let sums = Sums::of(&offers, &all);
    let offered: Vec<usize> = all.iter().copied().filter(|&row| offers.is_offered(row)).collect();
    let worth: f64 = offered.iter().map(|&row| row as f64 - 20.0).sum();
    assert!(close(sums.worth.unwrap(), worth));
    assert_eq!(sums.late, offered.iter().filter(|row| *row % 3 == 0).count() as u64);
    let line = Line::of(&offers, &all);
    let cut = line.cut(50.0);
    assert!(close(cut.worth, line.rows[..cut.offers].iter().map(|&row| row as f64 - 20.0).sum()));
    let by_worth = state("sort=-expected_value_eur");
    let mut rows = by_worth.rows(&offers);
    by_worth.sort(&offers, &mut rows);
    let sorted: Vec<Option<f64>> = rows.iter().map(|&row| offers.expected(row)).collect();
    let known: Vec<f64> = sorted.iter().map_while(|worth| *worth).collect();
    assert!(known.len() == offered.len() && known.windows(2).all(|pair| pair[0] >= pair[1]));
    // Runs from before say nothing of it.
    let older = self::offers();
    assert_eq!((Sums::of(&older, &all).worth, older.expected(0)), (None, None));
}

#[tokio::test]
async fn the_page_says_what_the_offers_are_worth_and_by_which_rates_in_both_languages() {
    let site = TestSite::published().await;
    let mut pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recommendations.parquet");
    churn::table_file::write(&mut valued(), &path).unwrap();
    let table = std::fs::read(&path).unwrap();
    let documents = [("recommendations", "parquet", table), ("offers", "json", lake::to_json(&report()))];
    for (table, ending, content) in documents {
        let key = format!("scored/recommendations/0123456789ab/{table}.{ending}");
        let reference = TableRef { key: key.clone(), digest: Digest::of(&content), rows: CUSTOMERS as u64 };
        site.lake.put(&key, content).await.unwrap();
        pointer.outputs.insert(table.to_owned(), reference);
    }
    site.lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
    let site = TestSite::over(site);
    for language in Language::ALL {
        let format = Format(language);
        let page = site.get(&format!("/recommendations?budget=50&lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        let shown = [
            language.say(Word::OffersWorthTitle).to_owned(),
            language.say(Word::OffersNotMeasurable).to_owned(),
            language.say(Word::OffersAssumed).to_owned(),
            language.say(Word::OffersMeasured).to_owned(),
            format.eur(61_234.0),
            format.eur(40_123.0),
            format.eur_cents(2.5),
            format!("({})", format.range(&format.percent(0.18), &format.percent(0.31))),
        ];
        for shown in shown {
            assert!(text.contains(&shown), "{shown} is not on the page in {language:?}");
        }
    }
    // A run from before has neither the cards nor the part.
    let before = TestSite::published().await.get("/recommendations?lang=en").await.text();
    assert!(!before.contains(Language::En.say(Word::OffersWorthTitle)));
    assert!(!before.contains(Language::En.say(Word::OffersNeverPays)));
}

#[test]
fn plans_are_said_beside_each_other_before_anybody_is_held_back_and_within_the_same_limits() {
    let figures = |offers: u64, value_eur: f64| OfferFigures { offers, value_eur, ..OfferFigures::default() };
    let control = figures(2, 1_234.0);
    let value = OffersReport { offered: figures(59, 60_000.0), control, ..report() };
    for language in Language::ALL {
        let format = Format(language);
        let said = worth::chosen(format, &value);
        for shown in [format.eur(60_000.0), format.eur(61_234.0), format.eur(40_123.0)] {
            assert!(said.contains(&shown), "{said}");
        }
        let tier = OffersReport { policy: PolicyKind::Tier, offered: figures(72, 41_000.0), ..report() };
        let said = worth::chosen(format, &tier);
        for shown in [format.eur(40_123.0), format.eur(61_234.0)] {
            assert!(said.contains(&shown), "{said}");
        }
        assert_eq!(said.matches(&format.eur(41_000.0)).count(), 1, "nobody is held back: {said}");
    }
}

#[test]
fn without_money_or_customers_nothing_is_covered() {
    let offers = offers();
    let all: Vec<usize> = (0..offers.rows()).collect();
    assert_eq!(Line::of(&offers, &all).cut(0.0), Cut::default());
    assert_eq!(Line::of(&offers, &[]).cut(1e9), Cut::default());
    let line = Line::of(&offers, &all);
    assert_eq!(line.cut(f64::MAX).offers, line.rows.len());
}

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
fn a_reason_or_word_that_nobody_has_is_named_and_filters_nothing_and_a_rule_is_known() {
    let offers = Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &recommendations()).unwrap();
    let query = Query::parse("/recommendations", Some("segment=Nope&reason=moon&reason=control_group"));
    let mut state = State::read(&mut Reader::new(&query));
    let bad = state.leave_out_unknown(&offers);
    let named: Vec<_> = bad.iter().map(|bad| (bad.key, bad.value.as_str())).collect();
    assert_eq!(named, [("segment", "Nope"), ("reason", "moon")]);
    assert!(state.words.is_empty() && state.reasons == ["control_group"]);
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
