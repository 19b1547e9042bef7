//! Histories of real runs replay with today's workflow code: what is running goes on after an
//! upgrade. They hold no customer and no place of a machine.
//!
//! `STORE_HISTORIES=1` writes the runs of this test binary to `tests/histories/`, under the number of the
//! present generation. Do so when a history is added on purpose, never to make a failing replay pass.

use std::path::Path;

use serde_json::Value;
use temporalio_client::WorkflowHistory;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use workflows::ChurnPipeline;

use support::history::{fetch_history, holds_customer_id, readable, replay, stored};
use support::home::home;
use support::people::{await_request, decide};
use support::{A_RUN, LENIENT, Published, STRICT, Site, TestServer, eventually, new_name, text};

/// Raised when the sequence of commands changes on purpose (a patch): the histories of before stay, and replay.
const GENERATION: u32 = 5;

fn tells_nothing(name: &str, history: &[u8]) {
    let text = readable(history);
    let inputs = ["mode", "by", "action", "older_than_days", "request", "months", "experiments"];
    let is_read = inputs.iter().any(|field| text.contains(&format!(r#"{{\"{field}\":"#)));
    assert!(is_read, "{name}: the payloads could not be read");
    assert!(!holds_customer_id(&text), "{name} names a customer");
    let home = home().to_str().expect("a UTF-8 path");
    for place in [home, "/home/", "/tmp/", env!("CARGO_MANIFEST_DIR")] {
        assert!(!text.contains(place), "{name} holds the path {place}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stored_histories_replay() {
    let files = stored();
    assert!(files.len() >= 12, "five of before, seven kinds of now: {files:?}");
    for file in files {
        let history = std::fs::read(&file).expect("a history can be read");
        tells_nothing(&file.display().to_string(), &history);
        replay(&file.display().to_string(), &history).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_of_other_code_is_refused() {
    let file = stored().into_iter().find(|file| file.ends_with("score.json")).expect("score.json");
    let history = std::fs::read_to_string(file).expect("a history can be read");
    // As if the code had called another activity where it calls this one.
    let other = history.replace("find_champion", "find_somebody");
    assert_ne!(history, other);
    let options = WorkflowReplayerOptions::new().register_workflow::<ChurnPipeline>().expect("a workflow").build();
    let replayer = WorkflowReplayer::new(options).expect("a replayer");
    let history = WorkflowHistory::from_json(other.as_bytes()).expect("a history in the SDK's JSON");
    let refused = replayer.replay_workflow(history).await.expect_err("the replay must notice");
    assert!(refused.to_string().contains("nondeterministic"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn todays_runs_replay() {
    let runs = tokio::task::spawn_blocking(runs).await.expect("the runs end");
    for (name, workflow_id) in runs {
        let history = fetch_history(&workflow_id).await;
        tells_nothing(name, &history);
        replay(name, &history).await;
        if std::env::var_os("STORE_HISTORIES").is_some() {
            store(name, &history);
        }
    }
}

/// A run of each kind that the code tells apart.
fn runs() -> [(&'static str, String); 16] {
    let published = Published::shared();
    let site = Site::new(STRICT);
    let started = [
        ("no_champion", site.start(Some(r#"{"mode":"score"}"#)), "COMPLETED"),
        ("score", published.site.start(Some(r#"{"mode":"score"}"#)), "COMPLETED"),
        ("failed", published.site.start(Some(r#"{"mode":"train","experiment":"E99"}"#)), "FAILED"),
    ];
    let [no_champion, score, failed] = started.map(|(name, id, ends)| {
        assert_eq!(TestServer::shared().await_end(&id, A_RUN), ends, "{name}");
        (name, id)
    });
    let champion = Site::new(LENIENT);
    champion.train(&[]);
    let strict = champion.change_settings(STRICT);
    let rejected = strict.train(&["--experiment", "E0_baseline"]);
    assert_eq!(text(&rejected["outcome"]), "rejected");
    let [approved, cancelled, paused] = [decided(), stopped(), paused_and_resumed()];
    [
        ("train_promoted", published.workflow_id().to_owned()),
        ("train_rejected", text(&rejected["workflow_id"]).to_owned()),
        no_champion,
        score,
        failed,
        ("approved_after_a_refused_update", approved),
        ("cancelled_while_people_are_asked", cancelled),
        ("paused_and_resumed", paused),
        ("raw_watcher", look("RawWatcher", r#"{"mode":"score","settle_secs":0}"#)),
        ("raw_watcher_told_of_a_change", told_of_a_change()),
        ("freshness", look("Freshness", r#"{"by":"00:00"}"#)),
        ("model_admin", moved_by_hand()),
        ("garbage_collection", look("GarbageCollection", r#"{"older_than_days":30}"#)),
        ("erase_customers", erased()),
        ("backtest", look("Backtest", r#"{"months":1}"#)),
        ("experiment_ladder", look("ExperimentLadder", r#"{"experiments":["E0_baseline"]}"#)),
    ]
}

/// A version that the gate rejected, promoted by a person.
fn moved_by_hand() -> String {
    let site = Site::new(STRICT);
    let rejected = site.train(&[]);
    let version = text(&rejected["model"]["version"]);
    let wish = serde_json::json!({
        "action": "promote", "version": version, "by": "ana", "reason": "the first model", "override": true,
    });
    let id = site.start_workflow("ModelAdmin", Some(&wish.to_string()));
    TestServer::shared().result(&id);
    id
}

/// A customer who was never there is erased: the tombstone, and nothing else to do.
fn erased() -> String {
    let site = Site::new(LENIENT);
    let place = support::home::folder("ids");
    let file = place.path().join("ids.txt");
    std::fs::write(&file, "C99999999").expect("a file of IDs");
    let file = file.to_str().expect("a UTF-8 path");
    let who = ["--by", "ana", "--reason", "request 4711", "--json"];
    let asked = ["erase-customer", "--task-queue", site.queue(), "--ids-from", file];
    let report = site.command(&[&asked[..], &who[..]].concat()).json();
    format!("erase-customers-{}", text(&report["request"]))
}

/// A look at a new lake, with something to do: a delivery without a run, a day without scores.
fn look(kind: &str, input: &str) -> String {
    begin_look("start", kind, input, &[])
}

/// The same of a watcher that an event has started: it looks again when the files may be at rest.
fn told_of_a_change() -> String {
    let input = r#"{"mode":"score","settle_secs":1}"#;
    begin_look("signal-with-start", "RawWatcher", input, &["--signal-name", "look_again"])
}

fn begin_look(how: &str, kind: &str, input: &str, more: &[&str]) -> String {
    let (site, id, server) = (Site::new(LENIENT), new_name("look"), TestServer::shared());
    let start = ["workflow", how, "--type", kind, "--task-queue", site.queue(), "--workflow-id", &id];
    server.temporal(&[&start[..], &["--input", input], more].concat());
    let result = server.result(&id);
    for run in result["started"].as_array().into_iter().flatten() {
        server.await_end(text(run), A_RUN);
    }
    id
}

/// A promotion that a person allows, after somebody without a name was refused.
fn decided() -> String {
    let site = Site::new(LENIENT);
    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    await_request(&site, &id);
    decide(&id, "approve", r#"{"by":" "}"#).expect_err("nobody decides");
    decide(&id, "approve", r#"{"by":"ana","comment":"looks good"}"#).expect("a decision");
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "COMPLETED");
    id
}

/// A run that somebody pauses before its scoring, and lets go on after somebody without a reason was refused.
fn paused_and_resumed() -> String {
    let site = Site::new(LENIENT);
    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    await_request(&site, &id);
    decide(&id, "pause", r#"{"by":"ana","reason":"wrong prices"}"#).expect("a pause");
    decide(&id, "approve", r#"{"by":"ana"}"#).expect("a decision");
    decide(&id, "resume", r#"{"by":"ana"}"#).expect_err("nobody resumes without a reason");
    eventually("the champion is there", A_RUN, || site.lake.has("models/champion.json").then_some(()));
    decide(&id, "resume", r#"{"by":"ana","reason":"prices are right again"}"#).expect("the run goes on");
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "COMPLETED");
    id
}

fn stopped() -> String {
    let site = Site::new(LENIENT);
    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    await_request(&site, &id);
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "CANCELED");
    id
}

/// Without the names of the machine that ran it.
fn store(name: &str, history: &[u8]) {
    let mut history: Value = serde_json::from_slice(history).expect("a history is JSON");
    hide_identities(&mut history);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/histories");
    std::fs::create_dir_all(&folder).expect("a folder for histories");
    let text = serde_json::to_string(&history).expect("JSON") + "\n";
    std::fs::write(folder.join(format!("{GENERATION}-{name}.json")), text).expect("a history can be written");
}

fn hide_identities(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_identities),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    // A worker's own queue is named after it too.
                    Value::String(text) if (name == "identity" || name == "name") && text.contains('@') => {
                        "worker".clone_into(text);
                    }
                    _ => hide_identities(field),
                }
            }
        }
        _ => {}
    }
}
