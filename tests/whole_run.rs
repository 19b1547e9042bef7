//! A whole run on small data: the result is complete, the pointers name what exists, the run can be
//! found and asked; score mode scores with the champion.

use std::time::Duration;

use protocol::Digest;
use serde_json::Value;

use support::lake::{CUSTOMERS, TestLake};
use support::{Published, TestServer, eventually, text};

const STAGES: [&str; 12] = [
    "raw",
    "bronze_customer",
    "bronze_customer_month",
    "silver",
    "gold",
    "train",
    "evaluate",
    "gate",
    "score",
    "recommend",
    "drift",
    "publish",
];

fn stage_names(result: &Value) -> Vec<&str> {
    result["stages"].as_array().expect("stages are a list").iter().map(|stage| text(&stage["name"])).collect()
}

/// The key of an output that a results pointer names; its content is what the pointer says.
fn pointed(lake: &TestLake, pointer: &str, table: &str) -> String {
    let output = &lake.json(pointer)["outputs"][table];
    let key = text(&output["key"]);
    let bytes = lake.find(key).unwrap_or_else(|| panic!("{pointer} names {key}, which is not there"));
    assert_eq!(Digest::of(&bytes).as_str(), text(&output["digest"]), "{pointer} names other content of {key}");
    key.to_owned()
}

#[test]
fn the_result_is_complete() {
    let Published { site, result } = Published::shared();
    for field in ["run_id", "workflow_id", "state", "mode", "as_of", "stages", "model", "verdict", "tiers", "drift"] {
        assert!(!result[field].is_null(), "{field} is missing: {result:#}");
    }
    assert_eq!((text(&result["state"]), text(&result["mode"])), ("completed", "train"));
    // 2024 is the year of the generated readings.
    assert_eq!(text(&result["as_of"]), "2024-12-31");
    assert_eq!(text(&result["verdict"]["outcome"]), "promoted");
    assert!(result["model"]["metrics"]["pr_auc"].as_f64().is_some_and(|value| value > 0.05 && value <= 1.0));
    assert!(result["model"]["metrics"]["roc_auc"].as_f64().is_some_and(|value| value > 0.5 && value <= 1.0));
    let tiers: u64 = result["tiers"].as_object().expect("tiers").values().filter_map(Value::as_u64).sum();
    assert_eq!(tiers, CUSTOMERS, "every customer is in one tier");

    assert_eq!(stage_names(result), STAGES);
    for stage in result["stages"].as_array().expect("stages are a list") {
        assert_eq!((&stage["skipped"], &stage["reason"]), (&Value::Bool(false), &Value::Null), "{stage}");
        assert!(stage["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{stage}");
        let outputs = stage["outputs"].as_object().expect("outputs by table");
        assert!(!outputs.is_empty(), "{stage}");
        for key in outputs.values() {
            assert!(site.lake.has(text(key)), "{stage} names what is not there");
        }
    }
}

#[test]
fn the_pointers_name_complete_results_of_the_champion() {
    let Published { site, result } = Published::shared();
    let version = text(&result["model"]["version"]);
    assert_eq!(text(&site.lake.json("models/champion.json")["version"]), version);
    assert_eq!(text(&site.lake.json("scored/latest.json")["model_version"]), version);
    let judged = ["evaluation.json", "model_card.md", "model_card.html"];
    for file in ["model.ubj", "metadata.json", "calibrator.json"].into_iter().chain(judged) {
        assert!(site.lake.has(&format!("models/{version}/{file}")), "{file}");
    }
    let registration = site.lake.json(&format!("models/{version}/registration.json"));
    assert_eq!(text(&registration["status"]), "Approved");
    let card = site.lake.find(&format!("models/{version}/model_card.md")).expect("a card");
    let card = String::from_utf8(card).expect("text");
    let sections = ["## What is predicted", "## What the gate looked at", "## What offers assume"];
    for said in sections.into_iter().chain(["| table `gold_master` | SHA-256"]) {
        assert!(card.contains(said), "{said} is not in\n{card}");
    }
    assert_eq!(registration["registered_at"], registration["judgements"][0]["at"]);
    pointed(&site.lake, "monitoring/latest.json", "drift");
    for output in ["recommendations", "contributions", "reasons", "offers"] {
        pointed(&site.lake, "scored/latest.json", output);
    }
}

#[test]
fn scores_have_every_customer_once_and_are_sorted() {
    let Published { site, .. } = Published::shared();
    let key = pointed(&site.lake, "scored/latest.json", "scores");
    let scores = churn::table_file::read(&site.lake.at(&key)).expect("the scores can be read");
    assert_eq!(scores.height() as u64, CUSTOMERS);
    assert_eq!(scores.get_column_names().last().map(|name| name.as_str()), Some("in_training"));
    let column = |name: &str| scores.column(name).expect("a declared column").as_materialized_series().clone();
    assert_eq!(column("customer_id").n_unique().expect("ids can be counted") as u64, CUSTOMERS);
    let probabilities: Vec<f64> = column("churn_proba").f64().expect("numbers").iter().flatten().collect();
    assert_eq!(probabilities.len() as u64, CUSTOMERS, "nobody is without a score");
    assert!(probabilities.is_sorted_by(|before, after| before >= after), "highest first");
    assert!(probabilities.iter().all(|value| (0.0..=1.0).contains(value)));
}

#[test]
fn the_run_is_recorded_with_its_inputs_and_quality_reports() {
    let Published { site, result } = Published::shared();
    let run_id = text(&result["run_id"]);
    let record = site.lake.json(&format!("runs/{run_id}/run.json"));
    assert_eq!(&record["result"], result);
    let code = text(&record["code_version"]);
    assert!(code.len() >= 7 && code != "0.0.0", "{code} is no revision");
    assert_eq!(record["stage_versions"], serde_json::json!(churn::versions::all()));
    let ended = text(&record["ended"]);
    assert!(ended > text(&record["run"]["started"]) && record["input"]["mode"] == "train", "{record:#}");
    let index = site.lake.json(&format!("runs/index/{}.json", &text(&record["run"]["started"])[..7]));
    let line = &index["runs"][run_id];
    assert_eq!((&line["outcome"], &line["ended"]), (&result["outcome"], &record["ended"]));
    // Six small files and one of readings, each by content.
    let inputs = record["inputs"].as_object().expect("inputs by name");
    assert_eq!(inputs.len(), 7);
    assert!(inputs.values().all(|input| text(&input["digest"]).len() == 64));
    for layer in ["raw", "bronze", "silver", "gold"] {
        let report = site.lake.json(&format!("monitoring/{run_id}/quality_{layer}.json"));
        assert_eq!(report["passed"], Value::Bool(true), "{layer}");
    }
}

#[test]
fn the_run_is_searchable_by_its_verdict() {
    let published = Published::shared();
    let id = published.workflow_id();
    let query = format!(
        "ChurnVerdict='promoted' AND ChurnMode='train' AND ChurnStage='done' AND ChurnPrAuc > 0.05 AND \
         ChurnModelVersion='{}' AND ChurnDataset='{}' AND ChurnAsOf='2024-12-31' AND ChurnDrift='{}'",
        text(&published.result["model"]["version"]),
        text(&published.result["dataset"]),
        text(&published.result["drift"]["level"]),
    );
    // The visibility store follows the history after a moment.
    eventually("the run is listed", Duration::from_secs(30), || {
        let listed = TestServer::shared().temporal(&["workflow", "list", "--query", &query]);
        let ids: Vec<_> = listed.as_array()?.iter().map(|run| text(&run["execution"]["workflowId"])).collect();
        ids.contains(&id).then_some(())
    });
}

#[test]
fn query_progress_answers() {
    let published = Published::shared();
    let id = published.workflow_id();
    let progress = TestServer::shared().progress(id);
    assert_eq!(progress["percent"], 100, "{progress}");
    assert_eq!(stage_names(&progress), STAGES);
    assert!(progress["stages"].as_array().expect("a list").iter().all(|stage| stage["state"] == "done"));
    assert!(progress["rows"].as_u64().is_some_and(|rows| rows > CUSTOMERS * 8784));
}

#[test]
fn people_hear_of_a_promotion_once() {
    let Published { site, result } = Published::shared();
    let run_id = text(&result["run_id"]);
    let alerts = site.lake.alerts();
    let of_run = alerts.iter().filter(|alert| alert["run"]["run_id"] == run_id);
    let kinds: Vec<_> = of_run.map(|alert| text(&alert["kind"])).collect();
    assert_eq!(kinds, ["model_promoted"]);
    assert_eq!(result["undelivered_alerts"], serde_json::json!([]));
}

#[test]
fn score_mode_scores_with_the_champion_and_trains_nothing() {
    let Published { site, result } = Published::shared();
    let scored = site.score(&["--as-of", "2024-11-30"]);
    assert_eq!((text(&scored["outcome"]), text(&scored["as_of"])), ("scored", "2024-11-30"));
    assert_eq!(scored["champion"], result["model"]["version"]);
    assert_eq!(scored["verdict"], Value::Null);
    let names = stage_names(&scored);
    assert!(["train", "evaluate", "gate"].iter().all(|stage| !names.contains(stage)), "{names:?}");
    let gold = |run: &Value| run["stages"].as_array().map(|stages| stages[4]["outputs"].clone());
    assert_ne!(gold(&scored), gold(result), "another date gives other features");
}
