//! The page on a lake whose run has a report, training values, features, a performance and a run before; what is shown
//! where one of them is not there.

mod closer;
mod files;
mod torn;

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::StatusCode;
use churn::SnapshotDate;
use churn::drift::{
    ColumnDrift, Comparison, DriftLevel, DriftReport, DriftRule, DriftSettings, LastRun, PREDICTION, compare,
};
use churn::watch::Unwatched;
use lake::documents::{MoveCause, Publication, RunRecord};
use lake::keys::TopFolder;
use lake::{Lake, MODEL_FILES, Made, StageSpec, keys, list_model_files};
use polars::prelude::*;
use proptest::prelude::*;
use protocol::{Run, TableRef};
use serde_json::{Value, json};

use super::said;
use crate::format::Format;
use crate::frame::Mark;
use crate::pages::model::tests::evaluation;
use crate::test_site::{MODEL, RUN, TestSite, scores};
use crate::words::{Language, Word};

/// Customers of the training.
const TRAINED: i32 = 240;

/// The values that the model learnt from.
fn training() -> DataFrame {
    let rows = || (0..TRAINED).map(f64::from);
    df!(
        "tenure_months" => rows().map(|row| row % 40.0).collect::<Vec<_>>(),
        "margin" => rows().map(|row| row % 50.0).collect::<Vec<_>>(),
        "gone" => rows().collect::<Vec<_>>(),
        "empty" => rows().collect::<Vec<_>>(),
        "sparse" => rows().map(|row| (row < 10.0).then_some(row)).collect::<Vec<_>>(),
        "segment" => vec!["SME"; TRAINED as usize],
        "odd" => vec![true; TRAINED as usize],
        PREDICTION => rows().map(|row| (row + 0.5) / f64::from(TRAINED)).collect::<Vec<_>>(),
    )
    .unwrap()
}

/// The features of now: tenure has moved by 25 months, a column is empty, one is gone, one is new.
fn features() -> DataFrame {
    let scores = scores();
    let rows = || (0..scores.height()).map(|row| row as f64);
    df!(
        "customer_id" => scores.column("customer_id").unwrap().as_materialized_series(),
        "tenure_months" => rows().map(|row| row % 40.0 + 25.0).collect::<Vec<_>>(),
        "margin" => rows().map(|row| row % 50.0).collect::<Vec<_>>(),
        "empty" => vec![None::<f64>; scores.height()],
        "sparse" => rows().collect::<Vec<_>>(),
        "fresh" => rows().collect::<Vec<_>>(),
        "segment" => vec!["SME"; scores.height()],
        "odd" => vec![true; scores.height()],
    )
    .unwrap()
}

/// What a run finds of them, by a rule. Of the run before it has the training's customers.
fn report_by(rule: DriftRule) -> DriftReport {
    let mut observed = features().drop("customer_id").unwrap();
    observed.with_column(scores().column(PREDICTION).unwrap().clone()).unwrap();
    let settings = DriftSettings { rule, min_rows: 50, ..DriftSettings::default() };
    let (then, as_of) = (training(), SnapshotDate::parse("2024-12-30").unwrap());
    let found = || compare(&Comparison::of(&then, &observed), &settings, &Unwatched).unwrap();
    found().with_skew(LastRun { as_of }, found())
}

fn report() -> DriftReport {
    report_by(DriftRule::Ks)
}

/// What its model promised, and what came to pass of this run and of an earlier one.
fn performance() -> Value {
    let figure = |value: f64| json!({ "value": value, "low": value - 0.1, "high": value + 0.1 });
    let estimated = json!({
        "rows": 900, "coverage": 0.99, "churn_rate": figure(0.1), "pr_auc": figure(0.7), "roc_auc": figure(0.9),
        "recall": figure(0.7),
    });
    let realised = |pr_auc: f64| {
        json!({
            "rows": 900, "positives": 90, "churn_rate": 0.1, "pr_auc": pr_auc, "pr_auc_interval": null, "roc_auc": 0.8,
            "brier": 0.1, "recall": 0.6,
        })
    };
    let departed = json!([{ "figure": "pr_auc", "estimated": figure(0.7), "realised": 0.431 }]);
    json!({
        "model_version": MODEL, "as_of": "2024-12-31", "estimated": estimated,
        "realised": [
            { "whose": "this_run", "as_of": "2024-12-31", "model_version": MODEL, "realised": realised(0.712),
              "estimated": estimated, "departures": [] },
            { "whose": "earlier", "as_of": "2024-09-30", "model_version": MODEL, "realised": realised(0.431),
              "estimated": estimated, "departures": departed },
        ],
    })
}

fn column(name: &str) -> ColumnDrift {
    report().columns.into_iter().find(|column| column.column == name).unwrap()
}

async fn stage(lake: &Lake, layer: TopFolder, stage: &str, made: Vec<Made>) -> BTreeMap<String, TableRef> {
    let run = Run { workflow_id: "nightly".into(), run_id: RUN.into(), started: "2025-01-01T02:00:00.000Z".to_owned() };
    let stage = stage.to_owned();
    let spec = StageSpec { layer, stage, code_version: 1, inputs: BTreeMap::new(), settings: json!({}) };
    spec.publish(lake, &run, made).await.unwrap().outputs
}

/// The training values beside the model, with the list that names their digest.
async fn store_training(lake: &Lake, scratch: &Path) {
    let made = Made::table("reference", &mut training(), scratch).unwrap();
    list_model_files(&[made], scratch).unwrap();
    for file in ["reference.parquet", MODEL_FILES] {
        lake.put_file(&keys::model_file(MODEL, file), &scratch.join(file)).await.unwrap();
    }
}

/// A published run that trained the model anew, with everything that the page shows, and one of the day before that
/// found no drift.
async fn site() -> TestSite {
    let site = TestSite::published().await;
    let scratch = tempfile::tempdir().unwrap();
    store_training(&site.lake, scratch.path()).await;
    let gold = Made::table("gold_master", &mut features(), scratch.path()).unwrap();
    let gold = stage(&site.lake, TopFolder::Gold, "gold_master", vec![gold]).await;
    let file = |name: &str, file: &str, bytes: Vec<u8>| {
        let path = scratch.path().join(file);
        std::fs::write(&path, bytes).unwrap();
        Made::file(name, file.to_owned(), path, 0).unwrap()
    };
    let drift = vec![
        file("drift", "drift.json", lake::to_json(&report())),
        file("drift_page", "drift.html", b"<!doctype html>".to_vec()),
        file("performance", "performance.json", lake::to_json(&performance())),
    ];
    let drift = stage(&site.lake, TopFolder::Monitoring, "drift", drift).await;

    let mut pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    pointer.outputs.extend(drift.clone());
    site.lake.put_json(keys::PUBLISHED, &pointer).await.unwrap();
    let mut record: Value = site.lake.read_json(&keys::run_record(RUN)).await.unwrap();
    for (table, output) in gold.into_iter().chain(drift) {
        let stage = json!({ "name": table, "seconds": 1.0, "rows": 1, "skipped": false, "reason": null, "outputs": { table: output.key } });
        record["result"]["stages"].as_array_mut().unwrap().push(stage);
    }
    record["result"]["model"] = json!({ "version": MODEL, "metrics": { "pr_auc": 0.75 } });
    let record: RunRecord = serde_json::from_value(record).unwrap();
    record.store(&site.lake).await.unwrap();

    site.lake.put_json(&keys::judged_evaluation(MODEL), &evaluation(MODEL, None)).await.unwrap();
    site.lake.put_json(&keys::drift_report(RUN), &report()).await.unwrap();
    site.lake.put_json(&keys::performance_report(RUN), &performance()).await.unwrap();
    site.record_the_day_before(&json!({})).await;
    let mut quiet = report();
    quiet.verdict.level = DriftLevel::None;
    site.lake.put_json(&keys::drift_report("the-day-before"), &quiet).await.unwrap();
    TestSite::over(site)
}

/// A text as a page has it.
fn html(text: &str) -> String {
    let signs = [("&", "&#38;"), ("<", "&#60;"), (">", "&#62;"), ("\"", "&#34;"), ("'", "&#39;")];
    signs.into_iter().fold(text.to_owned(), |text, (sign, name)| text.replace(sign, name))
}

#[tokio::test]
async fn deleted_scores_take_their_pictures_away_and_not_the_page() {
    let site = site().await;
    let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    site.lake.remove(&pointer.outputs["scores"].key).await.unwrap();
    let page = site.get("/drift?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains(Language::En.say(Word::BannerGone)) && text.contains("tenure_months"), "{text}");
    assert_eq!(site.get("/risk").await.status, StatusCode::GONE, "this page is nothing without them");
}

#[tokio::test]
async fn the_page_says_what_moved_and_whether_it_matters_in_both_languages() {
    let (site, report) = (site().await, report());
    assert_eq!(report.verdict.drifted, ["tenure_months"]);
    let tenure = column("tenure_months");
    for language in Language::ALL {
        let format = Format(language);
        let page = site.get(&format!("/drift?lang={}", language.lang())).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        let (drifted, compared) = (format.count(1), format.count(report.verdict.features_compared));
        let (effect, p_value) = (format.score(tenure.effect.unwrap()), format.p_value(tenure.p_value.unwrap()));
        let shown = [
            Mark::drift(DriftLevel::Warn, language).text(),
            said::reason(language, &report.verdict).text,
            language.fill(Word::DriftOf, &[("drifted", &drifted), ("compared", &compared)]),
            language.fill(Word::DriftMoved, &[("effect", &effect), ("p", &p_value)]),
            language.fill(Word::DriftCloser, &[("column", "tenure_months")]),
            language.fill(Word::DriftRetrained, &[("model", &MODEL[..8])]),
            said::note(language, &column("gone").note.unwrap()),
            said::note(language, &column("sparse").note.unwrap()),
            said::skipped(language, &report.skipped[0].reason).text,
            said::reason(language, report.beside.as_ref().unwrap()).text,
            format.score(tenure.ks.unwrap().statistic),
            language.say(Word::DriftColumnsNote).to_owned(),
            language.say(Word::DriftStateNew).to_owned(),
            format.percent(tenure.importance.unwrap()),
        ];
        for value in shown {
            assert!(text.contains(&html(&value)), "{value} is not on the page in {language:?}");
        }
        assert!(text.contains("class=\"gap\"") && text.contains("class=\"event\""), "{language:?}");
    }
}

#[tokio::test]
async fn a_level_is_told_with_the_day_since_when_it_holds() {
    let page = site().await.get("/drift?lang=en").await.text();
    let day = Format(Language::En).date(chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap());
    let since = Language::En.fill(Word::DriftSinceOne, &[("date", &day), ("runs", "1")]);
    assert!(page.contains(&since), "the day before there was no drift");
    let both = Language::En.fill(Word::DriftLevelsDescription, &[("runs", "2"), ("drifted", "1")]);
    assert!(page.contains(&both));
}

#[tokio::test]
async fn promises_and_what_came_to_pass_stand_beside_each_other_and_in_a_file() {
    let site = site().await;
    for language in Language::ALL {
        let page = site.get(&format!("/drift?lang={}", language.lang())).await.text();
        let format = Format(language);
        let shown = [
            format.score_interval(0.7, 0.6, 0.8),
            format.score(0.712),
            format.score(0.431),
            language.say(Word::DriftAsPromised).to_owned(),
            language.say(Word::DriftNotAsPromised).to_owned(),
        ];
        for value in shown {
            assert!(page.contains(&html(&value)), "{value} is not on the page in {language:?}");
        }
    }
    let file = site.get("/drift/performance.csv").await.text();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 3, "{file}");
    assert!(lines[1].starts_with("2024-09-30,") && lines[1].ends_with(",false"), "{file}");
}

#[tokio::test]
async fn what_changed_since_the_last_published_run_has_its_place() {
    let site = site().await;
    let page = site.get("/drift?lang=en").await.text();
    assert!(page.contains("30\u{a0}Dec\u{a0}2024") && page.contains(&html(Language::En.say(Word::DriftSkew))));
    let file = site.get("/drift/skew.csv").await.text();
    assert_eq!(file.lines().count(), report().columns.len() + 1);
}

#[tokio::test]
async fn the_rule_of_effects_says_how_much_of_the_model_drifted() {
    let site = site().await;
    let by_effect = report_by(DriftRule::Effect);
    assert_eq!(by_effect.verdict.level, DriftLevel::Critical, "two of six columns are lost");
    let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    site.lake.put_json(&pointer.outputs["drift"].key, &by_effect).await.unwrap();
    let site = TestSite::over(site);
    for language in Language::ALL {
        let page = site.get(&format!("/drift?lang={}", language.lang())).await.text();
        let share = Format(language).percent(by_effect.verdict.importance_drifted.unwrap());
        let shown = [
            said::reason(language, &by_effect.verdict).text,
            language.fill(Word::DriftOfModel, &[("share", &share)]),
            language.say(Word::DriftRuleEffect).to_owned(),
        ];
        for value in shown {
            assert!(page.contains(&html(&value)), "{value} is not on the page in {language:?}");
        }
    }
}

#[tokio::test]
async fn without_the_training_values_or_the_features_the_report_stays() {
    for (table, key) in [("training", keys::model_file(MODEL, "reference.parquet")), ("features", String::new())] {
        let site = site().await;
        let record: Value = site.lake.read_json(&keys::run_record(RUN)).await.unwrap();
        let stages = record["result"]["stages"].as_array().unwrap();
        let gold = stages.iter().find_map(|stage| stage["outputs"]["gold_master"].as_str()).unwrap();
        site.lake.remove(if key.is_empty() { gold } else { key.as_str() }).await.unwrap();
        let page = site.get("/drift?lang=en").await;
        assert_eq!(page.status, StatusCode::OK, "{table}");
        let text = page.text();
        assert!(text.contains(&html(&Language::En.fill(Word::DriftGone, &[("model", MODEL)]))), "{table}");
        let effect = Format(Language::En).score(column("tenure_months").effect.unwrap());
        assert!(text.contains(&effect) && !text.contains("id=\"spread\""), "{table}");
        assert_eq!(site.get("/drift/quantiles.csv").await.status, StatusCode::OK, "{table}");
        assert_eq!(site.get("/drift/spread.svg").await.status, StatusCode::NOT_FOUND, "{table}");
    }
}

#[tokio::test]
async fn where_there_is_nothing_to_compare_the_page_says_why_and_what_helps() {
    let says = |text: String, word: Word| text.contains(&html(Language::En.say(word)));
    let site = TestSite::empty();
    let empty = site.get("/drift?lang=en").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(empty.text().contains("spanishgas run --mode train") && says(empty.text(), Word::DriftNoChampion));
    assert_eq!(site.get("/drift/export.csv").await.status, StatusCode::NOT_FOUND);

    let site = TestSite::over(site);
    let moved = json!({
        "version": MODEL, "promoted_by": "nightly", "promoted_at": "2025-01-01T02:00:00Z", "previous": null,
        "number": 1, "cause": MoveCause::Promotion,
    });
    site.lake.put_json(keys::CHAMPION, &moved).await.unwrap();
    let unpublished = site.get("/drift?lang=en").await;
    assert!(unpublished.status == StatusCode::OK && says(unpublished.text(), Word::DriftNotPublished));

    let unreported = TestSite::published().await.get("/drift?lang=en").await;
    assert!(unreported.status == StatusCode::OK && says(unreported.text(), Word::DriftNoReport));
}

#[test]
fn whatever_the_query_says_there_is_a_page() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(site());
    let keys = ["col", "state", "sort", "page", "per", "run", "lang", "x"];
    let values =
        ["tenure_months", "gone", "sparse", PREDICTION, "segment", "lost", "new", "-weight", "p_value", "0", "all"];
    proptest!(ProptestConfig::with_cases(64), |(picks in proptest::collection::vec((0..8_usize, 0..11_usize), 0..6), other in ".{0,30}", place in 0..8_usize)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in picks {
            query.append_pair(keys[key], values[value]);
        }
        query.append_pair(keys[place], &other);
        let query = query.finish();
        for path in ["/drift", "/drift/export.csv", "/drift/spread.svg"] {
            let answer = runtime.block_on(site.get(&format!("{path}?{query}")));
            prop_assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
        }
    });
}
