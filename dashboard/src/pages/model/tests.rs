//! The page against the documents of the lake, what is shown where one is not there, and the files.

use axum::http::StatusCode;
use churn::model::{Check, CheckName, Evaluation, GateSettings, Verdict};
use lake::documents::{
    ChampionPointer, ChangeByHand, Judgement, MoveCause, NewestReport, Publication, Registration, ReportKind,
    publish_report,
};
use lake::{Lake, keys};
use proptest::prelude::*;
use protocol::steps::Report;
use protocol::{Digest, Run, TableRef};
use serde_json::{Value, json};

use crate::format::Format;
use crate::pages::checks;
use crate::test_site::{MODEL, TestSite};
use crate::words::{Language, Word};

/// Ten churners among a hundred customers; points at 0.8 (precision 1, recall 0.4) and at 0.4 (0.5, 0.8).
pub fn evaluation(version: &str, champion: Option<&str>) -> Evaluation {
    let metrics = json!({
        "pr_auc": 0.7512, "roc_auc": 0.9123, "precision": 0.5, "recall": 0.8, "f1": 0.6154, "accuracy": 0.9,
        "confusion": { "true_positives": 8, "false_positives": 8, "false_negatives": 2, "true_negatives": 82 },
        "threshold": 0.4, "brier": 0.0421, "log_loss": 0.1, "ece": 0.0123, "top_decile_lift": 5.5,
    });
    let theirs = champion.map(|version| {
        json!({
            "version": version, "pr_auc": 0.74, "roc_auc": 0.9, "brier": 0.05, "pr_auc_difference": 0.0112,
            "pr_auc_difference_low": -0.005, "same_split": true,
        })
    });
    let group = json!({
        "group": "SME", "rows": 40, "positives": 4, "pr_auc": 0.7, "roc_auc": null, "precision": 0.5, "recall": 0.75,
        "mean_probability": 0.12,
    });
    let slices = json!([
        {
            "by": "contact", "value": "without", "measured_on": "pooled", "rows": 1300, "positives": 88,
            "outcome": { "evaluated": {
                "pr_auc": 0.385, "pr_auc_interval": { "low": 0.31, "high": 0.46 }, "lift": 5.6875, "lift_interval": null,
                "roc_auc": 0.8, "precision": 0.4, "recall": 0.55, "mean_probability": 0.07, "overrated_by": 0.0023,
                "champion": { "pr_auc": 0.37, "pr_auc_difference": 0.015, "pr_auc_difference_low": -0.01 },
            } },
        },
        {
            "by": "tenure", "value": "6-12m", "measured_on": "holdout", "rows": 40, "positives": 4,
            "outcome": { "not_evaluated": "4 churners among 40 customers; 30 are needed" },
        },
    ]);
    let bins =
        json!([{ "predicted": 0.1, "observed": 0.08, "rows": 90 }, { "predicted": 0.7, "observed": 0.6, "rows": 10 }]);
    serde_json::from_value(json!({
        "model_version": version, "holdout_rows": 100, "holdout_positives": 10, "metrics": metrics,
        "threshold_rule": "min_recall", "pr_auc_interval": { "low": 0.705, "high": 0.792 }, "roc_auc_interval": null,
        "slices": slices, "gate": gate(theirs.as_ref()), "champion": theirs,
        "ece_before_calibration": 0.05, "brier_before_calibration": 0.06, "interval_coverage": 0.912,
        "segments": [group], "sales_channels": [],
        "importance": [{ "feature": "tenure_months", "mean_abs_shap": 0.43, "gain": 0.75 }],
        "peer_protocol": metrics, "unseen_categories": { "segment": 3 },
        "curves": {
            "precision_recall": [
                { "threshold": 0.8, "precision": 1.0, "recall": 0.4 },
                { "threshold": 0.4, "precision": 0.5, "recall": 0.8 },
            ],
            "roc": [
                { "false_positive_rate": 0.0, "true_positive_rate": 0.0 },
                { "false_positive_rate": 1.0, "true_positive_rate": 1.0 },
            ],
            "reliability": bins, "reliability_raw": bins,
        },
    }))
    .unwrap()
}

/// What the gate looked at: the champion then is the best one too, and one column stands out.
fn gate(theirs: Option<&Value>) -> Value {
    let slice = |value: &str, positives: u32, champion: Option<f64>| {
        json!({
            "by": "contact", "value": value, "measured_on": "pooled", "rows": 1300, "positives": positives,
            "pr_auc": 0.385, "champion": champion, "best": champion,
        })
    };
    let had = theirs.map(|_| 0.3981);
    json!({
        "at_floor_rate": { "base_rate": 0.097, "pr_auc": 0.7433 },
        "best": {
            "compared": theirs, "candidates": 3,
            "left_out": [{ "version": "aaaa", "reason": "its files are gone", "held_the_bar": false }],
        },
        "calibration": { "slope": 1.02, "intercept": 0.01 },
        "slices": [slice("without", 888, had), slice("with", 44, had)],
        "leakage": {
            "rows": 500, "support": 30, "features": 56,
            "suspects": [{
                "feature": "complaint_x_negative_sentiment", "roc_auc": 0.634,
                "purest": { "values": "1", "rows": 554, "positives": 554 },
            }],
        },
    })
}

fn verdict(passed: bool) -> Verdict {
    let check = |name, limit, note: &str| Check { name, value: Some(0.7512), limit, passed, note: note.into() };
    let checks = vec![
        check(CheckName::PrAucFloor, 0.7, "a note"),
        check(CheckName::Calibration, 1.25, "another note"),
        check(CheckName::Leakage, 0.95, "a third note"),
    ];
    Verdict { limits: Some(GateSettings::default()), ..Verdict::of(checks) }
}

/// A version that the run `run-VERSION` judged.
pub fn entry(version: &str, at: &str, passed: bool) -> Registration {
    let evaluation =
        TableRef { key: format!("evaluated/{version}/0/evaluation.json"), digest: Digest::of(b""), rows: 0 };
    let judgement = Judgement {
        at: at.to_owned(),
        workflow_id: "nightly".into(),
        run_id: format!("run-{version}").into(),
        compared_with: None,
        verdict: verdict(passed),
        evaluation,
        as_of: None,
        label_date: None,
        pr_auc: None,
        files: std::collections::BTreeMap::new(),
    };
    Registration::judged(None, version, judgement, false)
}

/// The move by which the same run made it champion.
pub fn moved(version: &str, at: &str) -> ChampionPointer {
    ChampionPointer {
        version: version.into(),
        promoted_by: "nightly".to_owned(),
        promoted_at: at.to_owned(),
        previous: None,
        by_hand: None,
        number: 1,
        cause: MoveCause::Promotion,
        run_id: Some(format!("run-{version}").into()),
        overrode: None,
    }
}

/// Everything that a gate writes about a version.
pub async fn register(lake: &Lake, version: &str, champion: Option<&str>, passed: bool) {
    lake.put_json(&keys::registration(version), &entry(version, "2024-12-30T02:00:00Z", passed)).await.unwrap();
    lake.put_json(&keys::judged_evaluation(version), &evaluation(version, champion)).await.unwrap();
    lake.put_json(&keys::verdict(version), &verdict(passed)).await.unwrap();
    let card = b"# Churn model\n\n| check | why |\n|---|---|\n| `floor` | <script>alert(1)</script> |\n".to_vec();
    lake.put(&keys::model_card(version), card).await.unwrap();
    lake.put(&keys::model_card_page(version), b"<!doctype html>\n<title>Churn model</title>\n".to_vec()).await.unwrap();
    let metadata = json!({
        "experiment": "E5_full", "algorithm": "xgboost", "libraries": { "xgboost": "XGBoost 3.1" }, "newer": 1,
        "threshold": { "value": 0.4, "rule": "min_recall", "precision": 0.5, "recall": 0.8, "confidence": 0.9 },
        "calibration": {
            "kept": "beta",
            "compared": [
                { "method": "platt", "brier": 0.04384, "ece": 0.011 }, { "method": "beta", "brier": 0.04341, "ece": 0.01 },
            ],
        },
        "split": {
            "training_rows": 486, "training_positives": 67, "holdout_rows": 100, "holdout_positives": 10,
            "unlabelled_rows": 7, "churn_rate": 0.13, "within_one_point": true,
        },
    });
    lake.put_json(&keys::model_file(version, "metadata.json"), &metadata).await.unwrap();
}

#[tokio::test]
async fn the_page_says_how_good_the_champion_is_and_why_it_was_let_in() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, Some("0123456789abcdef"), true).await;
    register(&site.lake, "0123456789abcdef", None, true).await;
    site.lake.put_json(keys::CHAMPION, &moved(MODEL, "2025-01-01T02:00:00Z")).await.unwrap();
    for language in Language::ALL {
        let (format, page) = (Format(language), site.get(&format!("/model?lang={}", language.lang())).await);
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        let shown = [
            format.score(0.7512),
            format.score(0.9123),
            format.number(0.0421, 4),
            format.percent(0.912),
            format.signed(0.0112, 3),
            format.points(0.12 - 0.1),
            language.say(Word::ModelNeedless).to_owned(),
            language.say(Word::ModelCheckFloor).to_owned(),
            language.say(Word::GateCheckCalibration).to_owned(),
            language.fill(Word::GateRuleFloor, &[("limit", &format.score(0.7))]),
            language.fill(Word::GateLeftOut, &[("count", "1")]),
            language.fill(Word::GateNotJudged, &[("left", "44"), ("least", "100")]),
            format.signed(0.385 - 0.3981, 3),
            format.percent(1.0),
            GateSettings::default().leakage.reason_for("complaint_x_negative_sentiment").unwrap().to_owned(),
            language.say(Word::ModelPromoted).to_owned(),
            checks::note(format, &verdict(true).checks[0]).text,
            checks::note(format, &verdict(true).checks[1]).text,
            format.score(0.385),
            format.percent(88.0 / 1300.0),
            language.say(Word::SlicesNotEvaluated).to_owned(),
            language.say(Word::SlicesTenureYear).to_owned(),
            language.fill(Word::ThresholdWithMargin, &[("share", &format.percent_digits(0.9, 0))]),
            language.say(Word::CalibrationBeta).to_owned(),
            format.number(0.04341, 5),
            "XGBoost 3.1".to_owned(),
            "tenure_months".to_owned(),
            language.say(Word::ModelCardPage).to_owned(),
        ];
        for value in shown {
            assert!(text.contains(&value), "{value} is not on the page in {language:?}");
        }
        assert!(text.contains("&#60;script&#62;alert") && !text.contains("<script>alert"), "the card is escaped");
    }
}

#[tokio::test]
async fn a_torn_pointer_or_a_deleted_table_takes_no_model_away() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, true).await;
    site.lake.put_json(keys::CHAMPION, &moved(MODEL, "2025-01-01T02:00:00Z")).await.unwrap();
    let pointer: Publication = site.lake.read_json(keys::PUBLISHED).await.unwrap();
    for table in ["scores", "recommendations"] {
        site.lake.remove(&pointer.outputs[table].key).await.unwrap();
    }
    let page = site.get("/model?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(Language::En.say(Word::BannerGone)), "what is left out is said");
    assert!(page.text().contains(&Format(Language::En).score(0.7512)));
    let site = TestSite::over(site);
    site.lake.put(keys::PUBLISHED, b"{ torn".to_vec()).await.unwrap();
    let page = site.get("/model?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(Language::En.say(Word::BannerPublishedTorn)));
    assert!(page.text().contains(&Format(Language::En).score(0.7512)), "the champion is that of the registry");
}

#[tokio::test]
async fn what_is_not_known_of_a_version_is_said_and_the_page_is_there() {
    let site = TestSite::published().await;
    let page = site.get("/model?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(MODEL) && page.text().contains(Language::En.say(Word::OverviewNoEvaluation)));
    assert!(page.text().contains("verdict on this version is not in the lake"));
    let other = site.get("/model?version=nobody&lang=en").await;
    assert!(other.status == StatusCode::OK && other.text().contains("nobody"));
}

#[tokio::test]
async fn without_a_model_the_command_is_named_and_one_that_was_rejected_says_why() {
    let site = TestSite::empty();
    let empty = site.get("/model").await;
    assert_eq!(empty.status, StatusCode::OK);
    for command in ["spanishgas run --mode train", "spanishgas ladder"] {
        assert!(empty.text().contains(&format!("<code>{command}</code>")), "{command}");
    }
    let site = TestSite::over(site);
    register(&site.lake, "0123456789abcdef", None, false).await;
    let page = site.get("/model?lang=en").await.text();
    assert!(page.contains(Language::En.say(Word::ModelRefused)) && page.contains("<li>a note</li>"), "{page}");
}

#[tokio::test]
async fn a_threshold_to_try_changes_the_figures_and_nothing_else() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, true).await;
    let page = site.get("/model?lang=en&t=0,5").await.text();
    let values = [("found", "4"), ("missed", "6")];
    assert!(page.contains(&Language::En.fill(Word::ModelFoundAndMissed, &values)), "{page}");
    assert!(page.contains(&Format(Language::En).score(0.7512)), "the model's own figures stay");
}

#[tokio::test]
async fn documents_tables_and_pictures_are_files() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, Some("0123456789abcdef"), true).await;
    for file in ["evaluation.json", "verdict.json", "model_card.md", "model_card.html"] {
        let stored = site.lake.read(&keys::model_file(MODEL, file)).await.unwrap();
        assert_eq!(site.get(&format!("/model/{file}")).await.bytes.to_vec(), stored, "{file}");
    }
    for picture in ["against", "precision-recall", "roc", "reliability", "confusion", "for-whom", "importance"] {
        let file = site.get(&format!("/model/{picture}.svg")).await;
        assert!(file.status == StatusCode::OK && file.text().starts_with("<svg"), "{picture}");
    }
    let tables = [("checks", "3"), ("slices", "2"), ("calibrations", "2"), ("segments", "1"), ("channels", "0")];
    let of_gate = [("gate-slices", "2"), ("gate-columns", "1")];
    let of_all =
        [("importance", "1"), ("versions", "1"), ("timeline", "0"), ("unseen", "1"), ("peer", "9"), ("beside", "3")];
    for (table, rows) in tables.into_iter().chain(of_gate).chain(of_all) {
        let file = site.get(&format!("/model/{table}.csv")).await;
        assert_eq!((file.status, file.headers["x-row-count"].to_str().unwrap()), (StatusCode::OK, rows), "{table}");
    }
    let columns = site.get("/model/gate-columns.csv").await.text();
    assert!(columns.starts_with("feature,values,rows,churn_rate,roc_auc,reviewed_because\n"), "{columns}");
    let reason = GateSettings::default().leakage.reason_for("complaint_x_negative_sentiment").unwrap().to_owned();
    assert!(columns.replace('"', "").contains(&reason), "{columns}");
    let unseen = site.get("/model/unseen.csv").await.text();
    assert_eq!(unseen, "feature,customers\nsegment,3\n");
    let beside = site.get("/model/beside.csv").await.text();
    assert!(beside.contains(&format!("pr_auc,{MODEL},0.7512,0123456789abcdef,0.74,")), "{beside}");
    assert_eq!(site.get("/model/metadata.json").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_was_champion_when_can_be_taken_away() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, false).await;
    let change = ChangeByHand::new("ana", "the only one", "2024-12-31T08:00:00Z");
    let moved = ChampionPointer {
        by_hand: Some(change),
        run_id: None,
        overrode: Some("pr_auc_floor: a note".to_owned()),
        ..moved(MODEL, "2024-12-31T08:00:00Z")
    };
    site.lake.put_json(keys::CHAMPION, &moved).await.unwrap();
    let site = TestSite::over(site);
    let file = site.get("/model/timeline.csv").await.text();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 3, "{file}");
    assert!(lines[0].starts_with("at,happened,version,by,by_hand,why,against,"), "{file}");
    let promoted = format!("2024-12-31T08:00:00Z,promoted,{MODEL},ana,true,the only one,pr_auc_floor: a note,");
    assert!(lines[1].starts_with(&promoted), "{file}");
    assert!(lines[2].contains(",rejected,") && lines[2].contains("a note; another note; a third note"), "{file}");
}

#[tokio::test]
async fn the_newest_backtest_says_how_early_models_of_its_experiment_see_it_coming() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, true).await;
    assert_eq!(site.get("/model/lead-times.csv").await.status, StatusCode::NOT_FOUND);
    let figures = |pr_auc: f64| {
        json!({
            "training_rows": 486, "training_positives": 67, "rows": 100, "positives": 10, "pr_auc": pr_auc,
            "pr_auc_interval": { "low": 0.41, "high": 0.63 }, "roc_auc": 0.81, "roc_auc_interval": null,
        })
    };
    let later = json!({
        "trained_at": "2024-12-31", "tested_at": "2025-06-30", "labels_overlap": false, "figures": figures(0.4321),
    });
    let report = |experiment: &str, started: &str| {
        let report = json!({
            "run_id": "b", "workflow_id": "backtest", "started": started, "dataset": "0123456789ab",
            "experiment": experiment, "algorithm": "xgboost", "out_of_time": [later],
            "lead": [{ "as_of": "2024-10-31", "lead_days": 61, "figures": figures(0.5678) }],
            "label": { "date": "2024-12-31", "horizon_days": 180, "source": "assumed" },
        });
        Report::Backtest(serde_json::from_value(report).unwrap())
    };
    let run = |started: &str| Run { workflow_id: "backtest".into(), run_id: "b".into(), started: started.to_owned() };
    let first = "2025-01-04T02:00:00Z";
    publish_report(&site.lake, &run(first), &report("E5_full", first)).await.unwrap();
    let site = TestSite::over(site);
    for language in Language::ALL {
        let (format, page) = (Format(language), site.get(&format!("/model?lang={}", language.lang())).await.text());
        let (months, value) = (format.number(2.0, 1), format.score(0.5678));
        let sentence = language.fill(Word::LeadTimeDescription, &[("months", &months), ("value", &value)]);
        let shown = [sentence, format.score_interval(0.4321, 0.41, 0.63), language.say(Word::LeadTimeYes).to_owned()];
        for value in shown {
            assert!(page.contains(&value), "{value} is not on the page in {language:?}");
        }
    }
    for table in ["lead-times", "out-of-time"] {
        let file = site.get(&format!("/model/{table}.csv")).await;
        assert_eq!((file.status, file.headers["x-row-count"].to_str().unwrap()), (StatusCode::OK, "1"), "{table}");
    }
    assert!(site.get("/model/lead-time.svg").await.text().starts_with("<svg"));

    // One of other features says nothing of this version.
    let second = "2025-01-11T02:00:00Z";
    publish_report(&site.lake, &run(second), &report("E2_market", second)).await.unwrap();
    let site = TestSite::over(site);
    assert_eq!(site.get("/model/lead-times.csv").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_ladder_tried_stands_beside_the_versions_and_where_there_is_no_model() {
    let site = TestSite::empty();
    assert_eq!(site.get("/model/ladder.csv").await.status, StatusCode::NOT_FOUND);
    let row = |experiment: &str, algorithm: &str, pr_auc: f64| {
        let figures = json!({
            "training_rows": 486, "training_positives": 67, "rows": 100, "positives": 10, "pr_auc": pr_auc,
            "pr_auc_interval": { "low": 0.41, "high": 0.63 }, "roc_auc": 0.81, "roc_auc_interval": null,
        });
        json!({ "trial": { "experiment": experiment, "algorithm": algorithm }, "figures": figures })
    };
    let started = "2025-01-04T02:00:00Z";
    let board = json!({
        "run_id": "l", "workflow_id": "climb", "started": started, "dataset": "0123456789ab", "as_of": "2024-12-31",
        "label": { "date": "2024-12-31", "horizon_days": 180, "source": "assumed" },
        "rows": [row("E5_full", "xgboost", 0.5432), row("E0_baseline", "logistic_regression", 0.4321)],
    });
    let run = Run { workflow_id: "climb".into(), run_id: "l".into(), started: started.to_owned() };
    let report = Report::Ladder(serde_json::from_value(board).unwrap());
    publish_report(&site.lake, &run, &report).await.unwrap();
    let site = TestSite::over(site);
    for language in Language::ALL {
        let (format, page) = (Format(language), site.get(&format!("/model?lang={}", language.lang())).await.text());
        assert!(page.contains("<code>spanishgas ladder</code>") && page.contains(language.say(Word::ModelLadder)));
        assert!(page.contains(&format.score_interval(0.5432, 0.41, 0.63)), "{language:?}");
    }
    let file = site.get("/model/ladder.csv").await;
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"spanishgas-model-ladder-2024-12-31-run-l.csv\""
    );
    let text = file.text();
    assert!(text.starts_with("experiment,algorithm,pr_auc,pr_auc_low,pr_auc_high,roc_auc,roc_auc_low,"), "{text}");
    assert!(text.contains("\nE0_baseline,logistic_regression,0.4321,0.41,0.63,0.81,,,486,67,100,10\n"), "{text}");
    register(&site.lake, MODEL, None, true).await;
    let page = TestSite::over(site).get("/model?lang=en").await.text();
    let (_, table) = page.split_once("id=\"ladder\"").unwrap();
    assert_eq!(table.split("</section>").next().unwrap().matches("class=\"out\"").count(), 1, "what it is made of");
}

#[tokio::test]
async fn a_torn_backtest_or_its_torn_pointer_takes_no_model_away() {
    let site = TestSite::published().await;
    register(&site.lake, MODEL, None, true).await;
    let (key, torn) = ("reports/backtest/b.json".to_owned(), b"{ torn".to_vec());
    let newest = NewestReport {
        run_id: "b".into(),
        workflow_id: "backtest".into(),
        started: "2025-01-04T02:00:00Z".to_owned(),
        report: TableRef { key: key.clone(), digest: Digest::of(&torn), rows: 0 },
    };
    let pointer = keys::newest_report(ReportKind::Backtest.as_str());
    site.lake.put_json(&pointer, &newest).await.unwrap();
    site.lake.put(&key, torn.clone()).await.unwrap();
    let page = site.get("/model?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(&Format(Language::En).score(0.7512)) && page.text().contains(&key), "it is named");
    let site = TestSite::over(site);
    site.lake.put(&pointer, torn).await.unwrap();
    let page = site.get("/model?lang=en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(&Format(Language::En).score(0.7512)) && page.text().contains(&pointer), "it is named");
}

#[test]
fn whatever_the_query_says_there_is_a_page() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(TestSite::published());
    runtime.block_on(register(&site.lake, MODEL, None, true));
    let keys = ["version", "t", "run", "lang", "x"];
    proptest!(ProptestConfig::with_cases(64), |(place in 0..5_usize, value in ".{0,40}", other in "-?[0-9]{0,20}")| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(keys[place], &value).append_pair(keys[(place + 2) % 5], &other);
        let answer = runtime.block_on(site.get(&format!("/model?{}", query.finish())));
        prop_assert!(answer.status.as_u16() < 500, "{}", answer.status);
    });
}
