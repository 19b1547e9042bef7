//! The page on a lake whose run has features, a contract with a finding, and hourly readings.

use std::collections::BTreeMap;
use std::io::Cursor;

use axum::http::StatusCode;
use churn::contract::Layer;
use lake::documents::RunRecord;
use lake::{Made, StageSpec, keys};
use polars::prelude::*;
use proptest::prelude::*;
use protocol::Run;
use serde_json::{Value, json};

use crate::data::cells;
use crate::test_site::{RUN, TestSite, scores};
use crate::words::{Language, Word};

/// The scores as features with the outcome, and one fuel or two.
fn gold() -> DataFrame {
    let mut frame = scores();
    let flags = |every: i32| (0..frame.height() as i32).map(|row| i32::from(row % every == 0)).collect::<Vec<_>>();
    let (left, dual) = (flags(3), flags(2));
    frame.with_column(Column::new("churn".into(), left)).unwrap();
    frame.with_column(Column::new("is_dual_fuel".into(), dual)).unwrap();
    frame
}

/// A published run with a table of features, hourly readings and the reports of raw, bronze and gold.
async fn site() -> TestSite {
    let site = TestSite::published().await;
    let run = Run { workflow_id: "nightly".into(), run_id: RUN.into(), started: "2025-01-01T02:00:00.000Z".to_owned() };
    let scratch = tempfile::tempdir().unwrap();
    let spec = StageSpec {
        layer: keys::TopFolder::Gold,
        stage: "gold_master".to_owned(),
        code_version: 1,
        inputs: BTreeMap::new(),
        settings: json!({}),
    };
    let made = Made::table("gold_master", &mut gold(), scratch.path()).unwrap();
    let outputs = spec.publish(&site.lake, &run, vec![made]).await.unwrap().outputs;
    let key = keys::run_record(RUN);
    let mut record: Value = site.lake.read_json(&key).await.unwrap();
    let stage = |name: &str, outputs: Value| json!({ "name": name, "seconds": 1.0, "rows": 1, "skipped": false, "reason": null, "outputs": outputs });
    let stages = record["result"]["stages"].as_array_mut().unwrap();
    stages.push(stage("raw", json!({ "readings_0": "raw/consumption_hourly_2024.parquet" })));
    stages.push(stage("gold", json!({ "gold_master": outputs["gold_master"].key })));
    record["settings"] = json!({ "sentiment": "lexicon 1" });
    let record: RunRecord = serde_json::from_value(record).unwrap();
    record.store(&site.lake).await.unwrap();
    let violation = json!({ "table": "gold_master", "column": "segment", "rule": "null <rate>", "count": 30,
        "examples": ["C00001"], "severity": "warn" });
    let report = |layer: &str, tables: Value, violations: Value, readings: Value| json!({ "layer": layer, "passed": true, "violations": violations, "tables": tables, "readings": readings });
    let column = json!({ "name": "churn", "dtype": "i32", "nulls": 0, "null_rate": 0.25, "min": 0.0, "max": 1.0 });
    let raw = json!([{ "table": "churn_label", "rows": 120, "columns": 1, "duplicate_keys": 0, "schema": [column] }]);
    let readings = json!({ "rows": 176_549_616, "dropped_rows": 3, "negative_elec": 11, "negative_gas": 12, "customers": 1, "customer_months": 12 });
    let reports = [
        (Layer::Raw, report("raw", raw, json!([]), Value::Null)),
        (Layer::Bronze, report("bronze", json!([]), json!([]), readings)),
        (Layer::Gold, report("gold", json!([]), json!([violation]), Value::Null)),
    ];
    for (layer, report) in reports {
        site.lake.put_json(&keys::quality_report(RUN, layer), &report).await.unwrap();
    }
    TestSite::over(site)
}

#[tokio::test]
async fn the_features_come_first_with_their_contract_and_the_pictures_in_both_languages() {
    let site = site().await;
    for language in Language::ALL {
        let page = site.get(&format!("/explorer?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        for word in [Word::ExplorerSegments, Word::ExplorerByRenewal, Word::ExplorerMargins, Word::ExplorerByFuel] {
            assert!(text.contains(language.say(word)), "{word:?} in {language:?}");
        }
        assert!(text.contains("null &#60;rate&#62;") && !text.contains("null <rate>"), "{language:?}");
        assert!(text.contains("lexicon 1") && text.contains("is_dual_fuel"), "{language:?}");
        assert!(text.contains("/customers/") && !text.contains("/customers/C0"), "{language:?}");
    }
    let english = site.get("/explorer?lang=en").await.text();
    let without = gold().column("sentiment_label").unwrap().null_count() as f64 / gold().height() as f64;
    let share = crate::format::Format(Language::En).percent(without);
    assert!(english.contains(&Language::En.fill(Word::ExplorerNoContact, &[("share", &share)])));
}

#[tokio::test]
async fn what_the_checks_found_stands_with_the_worst_first_and_coverage_names_nobody() {
    let site = site().await;
    let finding = |severity: &str, words: &str| json!({ "severity": severity, "table": "gold_master", "rule": "r", "count": 3, "share": 0.25, "words": words });
    let findings = json!([finding("info", "three <b> have no label"), finding("warn", "three lack months")]);
    let coverage = json!({ "customers": 120, "complete": 117, "incomplete": { "C00001": 0.5 } });
    let report = json!({ "layer": "gold", "passed": true, "violations": [], "tables": [], "findings": findings, "coverage": coverage });
    site.lake.put_json(&keys::quality_report(RUN, Layer::Gold), &report).await.unwrap();
    let gold = site.get("/explorer?lang=en").await.text();
    let place = |words: &str| gold.find(words).unwrap_or_else(|| panic!("{words} is not on the page"));
    assert!(place("three lack months") < place("three &#60;b&#62; have no label"));
    assert!(gold.contains(&Language::En.fill(Word::ExplorerPassed, &[("layer", "gold"), ("warnings", "1")])));
    let raw = site.get("/explorer?lang=en&table=churn_label").await.text();
    assert!(raw.contains("117 of 120") && !raw.contains("C00001"));
    assert!(!raw.contains(Language::En.say(Word::ExplorerWithoutValue)), "a report of before does not know it");
}

#[tokio::test]
async fn a_report_that_is_torn_or_checks_nothing_is_no_good_news() {
    let key = keys::quality_report(RUN, Layer::Gold);
    for torn in ["", "{ torn", "[]"] {
        let site = site().await;
        site.lake.put(&key, torn.as_bytes().to_vec()).await.unwrap();
        let page = site.get("/explorer?lang=en&table=gold_master").await;
        assert_eq!(page.status, StatusCode::OK, "{torn}");
        let text = page.text();
        assert!(text.contains(&key) && text.contains(Language::En.say(Word::BannerPartTorn)), "{torn}: {text}");
        assert!(!text.contains(&Language::En.fill(Word::ExplorerNoReport, &[("layer", "gold")])), "{torn}");
    }
    let site = site().await;
    let nothing = json!({ "layer": "gold", "passed": true, "violations": [], "tables": [], "checks": [] });
    site.lake.put_json(&key, &nothing).await.unwrap();
    for language in Language::ALL {
        let text = site.get(&format!("/explorer?table=gold_master&lang={}", language.lang())).await.text();
        let layer = language.say(Word::ExplorerLayerGold);
        assert!(
            text.contains(&language.fill(Word::ExplorerNothingChecked, &[("layer", layer)])),
            "{language:?}: {text}"
        );
        assert!(!text.contains(&language.fill(Word::ExplorerClean, &[("layer", layer)])), "{language:?}");
    }
}

#[tokio::test]
async fn a_column_is_looked_at_closely() {
    let site = site().await;
    for column in ["tenure_months", "renewal_bucket", "has_interaction", "as_of", "churn", "segment"] {
        let page = site.get(&format!("/explorer?lang=en&table=gold_master&col={column}")).await;
        assert_eq!(page.status, StatusCode::OK, "{column}");
        let title = Language::En.fill(Word::ExplorerSpreadOf, &[("column", column)]);
        assert!(page.text().contains(&format!("<h2>{title}</h2>")), "{column}");
    }
    let churn = site.get("/explorer?lang=en&col=tenure_months").await.text();
    assert!(churn.contains("class=\"whisker\"") && churn.contains(Language::En.say(Word::ExplorerChurnSub)));
    let picture = site.get("/explorer/churn.svg?col=tenure_months").await;
    assert!(picture.status == StatusCode::OK && picture.text().starts_with("<svg"));
    assert_eq!(site.get("/explorer/nothing.svg").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_filtered_sorted_paged_and_taken_away() {
    let site = site().await;
    let query = "table=gold_master&c1=segment&v1=SME&c2=tenure_months&o2=ge&v2=5&sort=-tenure_months&per=25";
    let file = site.get(&format!("/explorer/export.parquet?{query}")).await;
    assert_eq!(file.status, StatusCode::OK);
    let frame = ParquetReader::new(Cursor::new(file.bytes.to_vec())).finish().unwrap();
    let filter = col("segment").eq(lit("SME".to_owned())).and(col("tenure_months").gt_eq(lit(5.0)));
    let expected = gold().lazy().filter(filter).collect().unwrap();
    assert_eq!((frame.height(), frame.width()), (expected.height(), gold().width()));
    let tenure: Vec<f64> = cells::numbers(&frame, "tenure_months").unwrap().into_iter().flatten().collect();
    assert!(tenure.windows(2).all(|pair| pair[0] >= pair[1]));
    let page = site.get(&format!("/explorer?{query}&lang=en")).await.text();
    assert!(page.contains(&format!("of {}", expected.height())), "the total is said");
    let second = site.get("/explorer?table=scores&per=25&page=2&lang=en").await.text();
    assert!(second.contains("26–50 of 120"));
}

#[tokio::test]
async fn the_figures_of_the_columns_can_be_taken_away_and_name_nobody() {
    let file = site().await.get("/explorer/columns.csv?table=gold_master").await;
    assert_eq!(file.headers["x-row-count"], gold().width().to_string().as_str());
    let text = file.text();
    assert!(text.starts_with("column,type,rows,nulls,null_share,distinct,min,p25,median,p75,max,first_day,last_day\n"));
    let tenure = text.lines().find(|line| line.starts_with("tenure_months,f64,120,")).unwrap();
    let values: Vec<f64> = cells::numbers(&gold(), "tenure_months").unwrap().into_iter().flatten().collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(tenure.split(',').nth(6), Some(least.to_string().as_str()));
    assert!(!text.contains("C00"), "the figures of the customers' column are counts");
}

#[tokio::test]
async fn the_name_of_a_file_says_which_table_it_is_of() {
    let site = site().await;
    for (file, name) in [
        ("export.csv?table=scores", "spanishgas-explorer-scores-2024-12-31-"),
        ("export.csv", "spanishgas-explorer-gold_master-2024-12-31-"),
        ("columns.csv?table=scores", "spanishgas-explorer-scores-columns-2024-12-31-"),
        ("spread.csv?table=scores&col=churn_proba", "spanishgas-explorer-scores-churn_proba-spread-2024-12-31-"),
        ("spread.svg?table=scores&col=churn_proba", "spanishgas-explorer-scores-churn_proba-spread-2024-12-31-"),
        ("violations.csv?table=gold_master", "spanishgas-explorer-gold_master-violations-2024-12-31-"),
    ] {
        let answer = site.get(&format!("/explorer/{file}")).await;
        let said = answer.headers["content-disposition"].to_str().unwrap();
        assert!(said.contains(name), "{file}: {said}");
    }
}

#[tokio::test]
async fn what_the_checks_found_can_be_taken_away_and_viewers_get_no_customers() {
    let site = site().await;
    let file = "/explorer/violations.csv?table=gold_master";
    let (operator, viewer) = (site.get(file).await, site.get_as_viewer(file).await);
    assert_eq!((operator.status, viewer.status), (StatusCode::OK, StatusCode::OK));
    let line = "warn,gold_master,segment,,30,,null <rate>";
    assert_eq!(operator.text(), format!("severity,table,column,rule,count,share,words,examples\n{line},C00001\n"));
    assert_eq!(viewer.text(), format!("severity,table,column,rule,count,share,words\n{line}\n"));
    // Nothing was found in it.
    assert_eq!(site.get("/explorer/violations.csv?table=readings_0").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_columns_of_a_raw_file_are_those_of_its_report() {
    let site = site().await;
    let file = site.get("/explorer/columns.csv?table=churn_label").await;
    let expected = "column,type,rows,nulls,null_share,min,max,first_day,last_day\nchurn,i32,120,0,0.25,0,1,,\n";
    assert_eq!((file.status, file.text()), (StatusCode::OK, expected.to_owned()));
}

#[tokio::test]
async fn hourly_readings_are_too_many_and_of_a_raw_file_there_is_the_report() {
    let site = site().await;
    let hourly = site.get("/explorer?lang=en&table=readings_0").await;
    assert_eq!(hourly.status, StatusCode::OK);
    assert!(hourly.text().contains(&Language::En.fill(Word::ExplorerTooLarge, &[("table", "readings_0")])));
    assert!(hourly.text().contains("176,549,616"));
    let raw = site.get("/explorer?lang=en&table=churn_label").await.text();
    assert!(
        raw.contains("25.0%")
            && raw.contains(&Language::En.fill(Word::ExplorerReportAlone, &[("table", "churn_label")]))
    );
    assert_eq!(site.get("/explorer/export.csv?table=readings_0").await.status, StatusCode::NOT_FOUND);
    let by_layer = site.get("/explorer?lang=en&layer=scores").await.text();
    assert!(by_layer.contains("proba_low"));
    let none = site.get("/explorer?lang=en&table=moon").await;
    assert!(none.status == StatusCode::OK && none.text().contains("moon"));
}

#[test]
fn whatever_the_query_says_there_is_a_page() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(site());
    let keys = ["table", "layer", "col", "by", "sort", "page", "per", "c1", "o1", "v1", "c2", "v2", "x", "lang"];
    let values = [
        "scores",
        "gold_master",
        "tenure_months",
        "segment",
        "-churn",
        "nulls",
        "has",
        "lt",
        "0",
        "as_of",
        "customer_id",
    ];
    proptest!(ProptestConfig::with_cases(64), |(picks in proptest::collection::vec((0..14_usize, 0..11_usize), 0..6), other in ".{0,30}", place in 0..14_usize)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in picks {
            query.append_pair(keys[key], values[value]);
        }
        query.append_pair(keys[place], &other);
        let answer = runtime.block_on(site.get(&format!("/explorer?{}", query.finish())));
        prop_assert_eq!(answer.status, StatusCode::OK);
    });
}
