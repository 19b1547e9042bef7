//! Money and contributions against the tables; a page says what they say, and of no other customer a word.

mod search;
mod torn;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use churn::recommend::{ReasonTexts, RuleReason, Sentence};
use lake::documents::{Publication, RunRecord};
use lake::{Lake, Made, StageSpec, keys};
use polars::df;
use polars::prelude::*;
use proptest::prelude::*;
use protocol::{Run, TableRef};
use serde_json::json;

use super::*;
use crate::format::Format;
use crate::pages::call_sheet::{Known, Money, Sources, Why, places};
use crate::test_site::{CUSTOMERS, RUN, TestSite, numbers, recommendations, scores};
use crate::words::Language;

/// Features of the model, so many that two of the ten are drawn with the others.
const FEATURES: [&str; 10] =
    ["price_trend", "is_dual_fuel", "sentiment_label", "tenure", "f4", "f5", "f6", "f7", "f8", "f9"];
/// Where every customer begins, in log-odds.
const BASE: f64 = -1.5;
/// What the features without a row come to.
const REST: f64 = 0.25;

/// What a feature does to the customer of a row.
fn moved(row: usize, feature: usize) -> f64 {
    ((row * 7 + feature * 3) % 11) as f64 / 8.0 - 0.5
}

/// As `recommend` writes them: ten rows for each customer, in the order of the scores.
fn contributions() -> DataFrame {
    let scores = scores();
    let ids = cells::texts(&scores, "customer_id").unwrap();
    let rows: Vec<(usize, usize)> =
        (0..CUSTOMERS).flat_map(|row| (0..FEATURES.len()).map(move |place| (row, place))).collect();
    let log_odds = |row: usize| BASE + REST + (0..FEATURES.len()).map(|feature| moved(row, feature)).sum::<f64>();
    let is_text = |feature: usize| FEATURES[feature] == "sentiment_label";
    let column =
        |of: &dyn Fn(usize, usize) -> f32| rows.iter().map(|&(row, feature)| of(row, feature)).collect::<Vec<_>>();
    df!(
        "customer_id" => rows.iter().map(|&(row, _)| ids[row]).collect::<Vec<_>>(),
        "rank" => rows.iter().map(|&(_, feature)| feature as i32 + 1).collect::<Vec<_>>(),
        "feature" => rows.iter().map(|&(_, feature)| FEATURES[feature]).collect::<Vec<_>>(),
        "feature_number" => rows.iter().map(|&(row, feature)| (!is_text(feature)).then_some((row % 2) as f64)).collect::<Vec<_>>(),
        "feature_text" => rows.iter().map(|&(_, feature)| is_text(feature).then_some("negative")).collect::<Vec<_>>(),
        "contribution" => column(&|row, feature| moved(row, feature) as f32),
        "base_value" => column(&|_, _| BASE as f32),
        "rest_contribution" => column(&|_, _| REST as f32),
        "log_odds" => column(&|row, _| log_odds(row) as f32),
    )
    .unwrap()
}

/// Two years of every customer.
fn months() -> DataFrame {
    let scores = scores();
    let ids = cells::texts(&scores, "customer_id").unwrap();
    let rows: Vec<(usize, usize)> = (0..CUSTOMERS).flat_map(|row| (0..24).map(move |month| (row, month))).collect();
    df!(
        "customer_id" => rows.iter().map(|&(row, _)| ids[row]).collect::<Vec<_>>(),
        "month" => rows.iter().map(|&(_, month)| format!("{}-{:02}", 2023 + month / 12, month % 12 + 1)).collect::<Vec<_>>(),
        "total_margin" => rows.iter().map(|&(row, month)| (row * 100 + month) as f64).collect::<Vec<_>>(),
        "monthly_elec_kwh" => rows.iter().map(|&(row, month)| (row + 10 * month) as f64).collect::<Vec<_>>(),
        "monthly_gas_m3" => rows.iter().map(|&(row, _)| (row % 2) as f64).collect::<Vec<_>>(),
        "elec_margin" => vec![0.0; rows.len()],
    )
    .unwrap()
}

/// A lake with everything that the page can show.
async fn whole_site() -> TestSite {
    let site = TestSite::published().await;
    let lake = &site.lake;
    let mut pointer: Publication = lake.read_json(keys::PUBLISHED).await.unwrap();
    let run = Run { workflow_id: "nightly".into(), run_id: RUN.into(), started: "2025-01-01T02:00:00.000Z".to_owned() };
    pointer.outputs.extend(store(lake, &run, keys::TopFolder::Scored, "contributions", contributions()).await);
    lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
    let silver = store(lake, &run, keys::TopFolder::Silver, "silver_customer_month", months()).await;
    let outputs: BTreeMap<&str, &str> =
        silver.iter().map(|(name, output)| (name.as_str(), output.key.as_str())).collect();
    let mut record: RunRecord = lake.read_json(&keys::run_record(RUN)).await.unwrap();
    let stage =
        json!({ "name": "silver", "seconds": 1.0, "rows": 1, "skipped": false, "reason": null, "outputs": outputs });
    record.result["stages"].as_array_mut().unwrap().push(stage);
    record.store(lake).await.unwrap();
    let calibrator = json!({ "platt": { "slope": -1.0, "intercept": 0.0 }, "rows": 1, "newer": true });
    lake.put_json(&keys::model_file(&pointer.model_version, "calibrator.json"), &calibrator).await.unwrap();
    let mut texts: ReasonTexts = lake.read_json(&pointer.outputs["reasons"].key).await.unwrap();
    texts.features.insert("price_trend".to_owned(), "prices".to_owned());
    let rule = RuleReason::NegativeMarginNoOffer.as_str().to_owned();
    texts.reasons.insert(rule, Sentence { en: "Margin below zero".to_owned(), es: "Margen negativo".to_owned() });
    lake.put_json(&pointer.outputs["reasons"].key, &texts).await.unwrap();
    TestSite::over(site)
}

async fn store(
    lake: &Lake,
    run: &Run,
    layer: keys::TopFolder,
    name: &str,
    mut frame: DataFrame,
) -> BTreeMap<String, TableRef> {
    let scratch = tempfile::tempdir().unwrap();
    let made = Made::table(name, &mut frame, scratch.path()).unwrap();
    let spec =
        StageSpec { layer, stage: name.to_owned(), code_version: 1, inputs: BTreeMap::new(), settings: json!({}) };
    spec.publish(lake, run, vec![made]).await.unwrap().outputs
}

/// The IDs, in the order of the scores.
fn all_ids() -> Vec<String> {
    cells::texts(&scores(), "customer_id").unwrap().into_iter().flatten().map(str::to_owned).collect()
}

/// The page of the customer in a row.
fn path(site: &TestSite, row: usize) -> String {
    site.site.link_key().token(&all_ids()[row]).path()
}

#[test]
fn a_customer_is_the_same_row_of_both_tables_and_of_mixed_tables_there_is_none() {
    let (scores, recommendations) = (scores(), recommendations());
    let losses = numbers(&scores, "expected_monthly_loss");
    for row in [0, 3, 50, CUSTOMERS - 1] {
        let known = Known::of(&scores, &recommendations, row).unwrap();
        assert_eq!(
            (known.id.as_str(), known.rank, known.of),
            (all_ids()[row].as_str(), row as u64 + 1, CUSTOMERS as u64)
        );
        assert_eq!((known.loss(), known.codes.len()), (losses[row], 2));
    }
    assert!(Known::of(&scores, &recommendations.reverse(), 0).unwrap_err().to_string().contains("same customers"));
    assert!(Known::of(&scores, &recommendations, CUSTOMERS).is_err());
}

#[test]
fn what_is_lost_kept_and_paid_is_said_only_where_it_is_known() {
    let (scores, recommendations) = (scores(), recommendations());
    let (losses, margins) = (numbers(&scores, "expected_monthly_loss"), numbers(&scores, "avg_monthly_margin"));
    let most = numbers(&recommendations, "max_offer_eur");
    let mut seen = [0; 3];
    for row in 0..CUSTOMERS {
        let known = Known::of(&scores, &recommendations, row).unwrap();
        let money = Money::of(&known);
        match margins[row] {
            Some(margin) if margin >= 0.0 => {
                seen[0] += 1;
                assert_eq!(money.loss, losses[row]);
                let offer = most[row].filter(|_| known.is_offered());
                assert_eq!((money.most, money.kept), (offer, offer.map(|offer| losses[row].unwrap() - offer)));
                let pays_from = offer.filter(|_| losses[row].unwrap() > 0.0).map(|offer| offer / losses[row].unwrap());
                assert_eq!(money.break_even, pays_from);
                assert_eq!(money.share, offer.filter(|_| margin > 0.0).map(|offer| offer / margin));
            }
            // A margin below zero that goes is no loss, and no offer keeps any of it.
            Some(_) => {
                seen[1] += 1;
                assert_eq!((money.loss, money.kept, money.break_even, money.share), (None, None, None, None));
            }
            None => {
                seen[2] += 1;
                assert_eq!((money.loss, money.kept), (None, None));
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn one_break_even_is_said_and_it_is_the_save_rate_where_the_run_has_it() {
    let (scores, before, en) = (scores(), recommendations(), Format(Language::En));
    let money = |row: usize| Money::of(&Known::of(&scores, &before, row).unwrap());
    let row = (0..CUSTOMERS).find(|row| money(*row).break_even.is_some_and(|share| share > 0.0)).unwrap();
    let with = |rate: Option<f64>| {
        let mut table = before.clone();
        table.with_column(Column::new("expected_value_eur".into(), vec![Some(20.0); CUSTOMERS])).unwrap();
        table.with_column(Column::new("break_even_save_rate".into(), vec![rate; CUSTOMERS])).unwrap();
        table
    };
    let said = |table: &DataFrame| {
        let known = Known::of(&scores, table, row).unwrap();
        let sheet = Sheet::of(en, Sources { known: &known, why: None, texts: None });
        let label = Language::En.say(Word::CustomerPaysFrom);
        sheet.facts.into_iter().find(|fact| fact.label == label).unwrap().value
    };
    assert_eq!(said(&before).text, en.percent_digits(money(row).break_even.unwrap(), 0));
    assert_eq!(said(&with(Some(0.041))).text, en.percent(0.041));
    assert_eq!(said(&with(None)).title.as_deref(), Some(Language::En.say(Word::OffersNeverPays)));
}

#[test]
fn what_is_drawn_leads_from_everybody_to_the_customer() {
    let (scores, contributions) = (scores(), contributions());
    let places = places(&scores, &contributions).unwrap();
    for row in 0..CUSTOMERS {
        let why = Why::of(&contributions, &places, row).unwrap().unwrap();
        let (drawn, others) = why.drawn();
        assert_eq!(drawn.len(), 8);
        let sum = why.base + drawn.iter().map(|mover| mover.contribution).sum::<f64>() + others;
        assert!((sum - why.log_odds).abs() < 1e-4, "row {row}: {sum} is not {}", why.log_odds);
        assert!((drawn[3].contribution - moved(row, 3)).abs() < 1e-6, "row {row}");
    }
    assert_eq!(Why::of(&contributions, &places, CUSTOMERS).unwrap(), None);
    for wrong in
        [contributions.reverse(), contributions.slice(0, 50), contributions.slice(10, 1190), contributions.clear()]
    {
        assert!(crate::pages::call_sheet::places(&scores, &wrong).is_err());
    }
}

#[tokio::test]
async fn the_page_says_what_the_tables_say_in_both_languages() {
    let site = whole_site().await;
    let (scores, recommendations) = (scores(), recommendations());
    // Of the first customers some have a margin, some a negative one, some none that is known.
    for row in 0..8 {
        let known = Known::of(&scores, &recommendations, row).unwrap();
        let money = Money::of(&known);
        for language in Language::ALL {
            let format = Format(language);
            let page = site.get(&format!("{}?lang={}", path(&site, row), language.lang())).await;
            assert_eq!(page.status, StatusCode::OK);
            let text = page.text();
            let rank = [("rank", format.count(row as u64 + 1)), ("all", format.count(CUSTOMERS as u64))];
            let rank = language.fill(Word::CustomerRank, &rank.each_ref().map(|(name, value)| (*name, value.as_str())));
            assert!(text.contains(&rank) && text.contains(&format.percent(known.probability())), "{row} {language:?}");
            for shown in [money.loss, money.most, money.kept].into_iter().flatten() {
                assert!(text.contains(&format.eur_cents(shown)), "{shown} of row {row} in {language:?}");
            }
            if money.loss.is_none() {
                assert!(text.contains(language.say(Word::FormatUnknown)), "{row} {language:?}");
            }
            let reason = if language == Language::En { "Prices rose: <b>" } else { "Los precios subieron: <b>" };
            assert!(text.contains(reason), "the reason has its value: {row} {language:?}");
            // The year before is not in the twelve months.
            assert!(text.contains(&format.eur_cents((row * 100 + 23) as f64)), "the last month of {row}");
            assert!(text.contains(&format.eur_cents((row * 100 + 12) as f64)), "the lowest of twelve months of {row}");
            assert_eq!(text.contains("m³"), row % 2 == 1, "gas is shown where there is some");
        }
    }
}

#[tokio::test]
async fn the_picture_begins_at_the_calibrated_level_of_everybody() {
    let site = whole_site().await;
    let text = site.get(&format!("{}?lang=en", path(&site, 0))).await.text();
    let begin = 1.0 / (1.0 + (-BASE).exp());
    assert!(text.contains(&format!(">{}</text>", Format(Language::En).percent(begin))));
    for picture in ["sure", "past", "why"] {
        let file = site.get(&format!("{}/{picture}.svg", path(&site, 0))).await;
        assert!(file.status == StatusCode::OK && file.text().starts_with("<svg"), "{picture}");
        let name = file.headers["content-disposition"].to_str().unwrap();
        assert!(name.contains(picture) && !name.contains(&all_ids()[0]), "{name}");
    }
    for nothing in ["nothing.svg", "export.csv", "why"] {
        assert_eq!(site.get(&format!("{}/{nothing}", path(&site, 0))).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn the_months_of_a_customer_are_a_file_whose_name_and_address_name_nobody() {
    let site = whole_site().await;
    let (row, id) = (5, &all_ids()[5]);
    let href = format!("{}/months.csv", path(&site, row));
    assert!(site.get(&path(&site, row)).await.text().contains(&format!("href=\"{href}\"")));
    let file = site.get(&href).await;
    assert_eq!((file.status, file.headers["x-row-count"].to_str().unwrap()), (StatusCode::OK, "12"));
    let name = file.headers["content-disposition"].to_str().unwrap();
    assert!(name.contains("spanishgas-customers-months-2024-12-31") && !name.contains(id), "{name}");
    let text = file.text();
    assert!(text.starts_with("customer_id,month,total_margin,monthly_elec_kwh,monthly_gas_m3\n"), "{text}");
    // The last of 24 months of the customer in this row.
    assert!(text.ends_with(&format!("{id},2024-12,{},{},1\n", row * 100 + 23, row + 10 * 23)), "{text}");
}

#[tokio::test]
async fn a_run_without_contributions_months_and_record_has_a_page_that_says_so() {
    let site = TestSite::published().await;
    let page = site.get(&format!("{}?lang=en", path(&site, 0))).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(
        text.contains(Language::En.say(Word::CustomerNoWhy)) && text.contains(Language::En.say(Word::CustomerNoMonths))
    );
}

#[tokio::test]
async fn the_past_is_that_of_every_published_run() {
    let site = whole_site().await;
    let tiers = json!({ "Critical (>80%)": 1, "High (60-80%)": 0, "Medium (40-60%)": 0, "Low (<40%)": 0 });
    site.record_the_day_before(&tiers).await;
    let site = TestSite::over(site);
    let text = site.get(&format!("{}?lang=en", path(&site, 3))).await.text();
    let said = Language::En.fill(Word::CustomerPastSub, &[("scored", "2"), ("runs", "2")]);
    assert!(text.contains(&said), "{said}");
}

#[tokio::test]
async fn the_printed_page_is_a_call_sheet_of_this_customer() {
    let site = whole_site().await;
    let text = site.get(&format!("{}?lang=en", path(&site, 4))).await.text();
    let (_, sheet) = text.split_once("<section class=\"sheet\">").unwrap();
    let known = Known::of(&scores(), &recommendations(), 4).unwrap();
    assert!(sheet.contains(&all_ids()[4]) && sheet.contains("<li>Call</li>"));
    assert!(sheet.contains(&Format(Language::En).percent(known.probability())) && sheet.contains("Prices rose"));
    assert_eq!(text.matches("<section class=\"sheet\">").count(), 1);
}

#[tokio::test]
async fn a_link_to_nobody_leads_nowhere() {
    let site = TestSite::published().await;
    for nobody in ["aaaaaaaaaaaaaaaa", "C00037", "%2e%2e", "AAAAAAAAAAAAAAAA", "complete"] {
        assert_eq!(site.get(&format!("/customers/{nobody}")).await.status, StatusCode::NOT_FOUND, "{nobody}");
    }
    assert_eq!(TestSite::empty().get("/customers").await.status, StatusCode::OK);
}

#[test]
fn whatever_is_asked_for_there_is_an_answer_and_of_no_other_customer_a_word() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(whole_site());
    let ids = all_ids();
    let keys = ["run", "lang", "theme", "id", "customer_id", "page", "per", "sort", "token", "q"];
    let config = ProptestConfig::with_cases(48);
    proptest!(config, |(row in 0..CUSTOMERS, key in 0..10_usize, value in ".{0,30}", other in 0..CUSTOMERS)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(keys[key], &value);
        // Who asks with somebody else's ID gets nothing of theirs either.
        query.append_pair("id", &ids[other]).append_pair("customer_id", &ids[other]);
        let page = runtime.block_on(site.get(&format!("{}?{}", path(&site, row), query.finish())));
        prop_assert!(page.status.as_u16() < 500, "{}", page.status);
        let text = page.text();
        let said = text.replace(&format!("id={}", ids[other]), "");
        for (stranger, id) in ids.iter().enumerate().filter(|(stranger, _)| *stranger != row) {
            prop_assert!(!said.contains(id.as_str()), "row {row} names {stranger}");
            prop_assert!(!said.contains(&path_of(&site, id)), "row {row} links to {stranger}");
        }
    });
}

fn path_of(site: &TestSite, id: &str) -> String {
    site.site.link_key().token(id).path()
}
