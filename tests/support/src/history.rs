//! Histories of finished runs, in the SDK's own JSON, and what they must not hold.

use std::path::{Path, PathBuf};

use serde_json::Value;
use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, Url, WorkflowFetchHistoryOptions, WorkflowHistory,
};
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use workflows::ChurnPipeline;

use super::{TestServer, text};

/// The histories that are stored in the repository.
pub fn stored() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../histories");
    let entries = std::fs::read_dir(&folder).expect("tests/histories is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// Replays a history with today's workflow code; a difference ends the test.
pub async fn replay(name: &str, history: &[u8]) {
    let mut options = WorkflowReplayerOptions::new().build();
    workflows::register(&mut options).expect("each workflow once");
    let replayer = WorkflowReplayer::new(options).expect("a replayer");
    let history = WorkflowHistory::from_json(history).expect("a history in the SDK's JSON");
    replayer.replay_workflow(history).await.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// The history of the latest run of a workflow.
pub async fn fetch_history(workflow_id: &str) -> Vec<u8> {
    let address = format!("http://{}", TestServer::shared().address());
    let url: Url = address.parse().expect("an address");
    let connection = Connection::connect(ConnectionOptions::new(url).build()).await.expect("the server answers");
    let client = Client::new(connection, ClientOptions::new("default").build()).expect("a client");
    let handle = client.get_workflow_handle::<ChurnPipeline>(workflow_id);
    handle.fetch_history(WorkflowFetchHistoryOptions::default()).to_json().await.expect("the run has a history")
}

/// Everything a history holds as one text: its JSON with the payloads decoded.
pub fn readable(history: &[u8]) -> String {
    let mut history: Value = serde_json::from_slice(history).expect("a history is JSON");
    decode_payloads(&mut history);
    history.to_string()
}

/// How many events a history has.
pub fn event_count(history: &[u8]) -> usize {
    let history: Value = serde_json::from_slice(history).expect("a history is JSON");
    history["events"].as_array().map_or(0, Vec::len)
}

/// The bytes of the largest input or answer in a history.
pub fn largest_payload(history: &[u8]) -> usize {
    let mut largest = 0;
    change_payloads(history, "", |payload| largest = largest.max(payload.to_string().len()));
    largest
}

/// The history with its JSON payloads changed in the events whose attributes are named so ("": in all).
pub fn change_payloads(history: &[u8], attributes: &str, mut change: impl FnMut(&mut Value)) -> Vec<u8> {
    let mut history: Value = serde_json::from_slice(history).expect("a history is JSON");
    for event in history["events"].as_array_mut().expect("events") {
        let of_event = event["attributes"].as_object_mut().expect("attributes");
        of_event.iter_mut().filter(|(name, _)| name.contains(attributes)).for_each(|(_, value)| {
            change_data(value, &mut change);
        });
    }
    serde_json::to_vec(&history).expect("JSON")
}

fn change_data(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| change_data(item, change)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let Value::String(text) = &*field else {
                    change_data(field, change);
                    continue;
                };
                let decoded = (name == "data").then(|| serde_json::from_slice::<Value>(&from_base64(text)).ok());
                if let Some(mut payload) = decoded.flatten() {
                    change(&mut payload);
                    *field = Value::String(to_base64(payload.to_string().as_bytes()));
                }
            }
        }
        _ => {}
    }
}

/// How a run failed.
pub struct RunFailure {
    /// The number and name of the error table.
    pub type_name: String,
    /// What failed, and what to do.
    pub message: String,
}

/// The failure of a run that has failed.
pub fn failure(workflow_id: &str) -> RunFailure {
    let described = TestServer::shared().temporal(&["workflow", "describe", "--workflow-id", workflow_id]);
    let failure = &described["closeEvent"]["workflowExecutionFailedEventAttributes"]["failure"];
    let type_name = text(&failure["applicationFailureInfo"]["type"]).to_owned();
    RunFailure { type_name, message: text(&failure["message"]).to_owned() }
}

/// What a run's workflow tasks have at a place of their events, each once, in their order.
pub fn said_by_tasks(workflow_id: &str, place: &str) -> Vec<String> {
    let shown = TestServer::shared().temporal(&["workflow", "show", "--workflow-id", workflow_id]);
    let events = shown["events"].as_array().expect("a history");
    let mut said: Vec<_> =
        events.iter().filter_map(|event| event.pointer(place)?.as_str().map(ToOwned::to_owned)).collect();
    said.dedup();
    said
}

/// The build IDs of the versions that the server kept a run on.
pub fn build_ids(workflow_id: &str) -> Vec<String> {
    said_by_tasks(workflow_id, "/workflowTaskCompletedEventAttributes/deploymentVersion/buildId")
}

/// How many times an activity of the run was tried again.
pub fn retried_activities(workflow_id: &str) -> usize {
    retried_activities_on(TestServer::shared(), workflow_id)
}

/// The same, on a server of one's own.
pub fn retried_activities_on(server: &TestServer, workflow_id: &str) -> usize {
    let shown = server.temporal(&["workflow", "show", "--workflow-id", workflow_id]);
    let events = shown["events"].as_array().expect("a history has events");
    let started = events.iter().filter_map(|event| event["activityTaskStartedEventAttributes"]["attempt"].as_u64());
    started.filter(|attempt| *attempt > 1).count()
}

/// Whether a text holds a customer's ID: C and digits.
pub fn holds_customer_id(text: &str) -> bool {
    text.as_bytes().windows(6).any(|six| six[0] == b'C' && six[1..].iter().all(u8::is_ascii_digit))
}

/// Payload data is Base64.
fn decode_payloads(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(decode_payloads),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "data" => {
                        *text = String::from_utf8_lossy(&from_base64(text)).into_owned();
                    }
                    _ => decode_payloads(field),
                }
            }
        }
        _ => {}
    }
}

/// RFC 4648, section 4.
fn from_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for symbol in text.trim_end_matches('=').bytes() {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("{other} is no Base64"),
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xFF) as u8);
        }
    }
    bytes
}

/// RFC 4648, section 4.
fn to_base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            text.push(if place <= three.len() { symbol } else { '=' });
        }
    }
    text
}

#[test]
fn the_check_for_customers_sees_through_base64() {
    // RFC 4648, section 10.
    assert_eq!([from_base64("Zg=="), from_base64("Zm8="), from_base64("Zm9vYmFy")], [&b"f"[..], b"fo", b"foobar"]);
    assert_eq!([to_base64(b"f"), to_base64(b"fo"), to_base64(b"foobar")], ["Zg==", "Zm8=", "Zm9vYmFy"]);
    // `"C00123"`
    let history = br#"{"events":[{"payloads":[{"data":"IkMwMDEyMyI="}]}]}"#;
    assert!(!holds_customer_id(&String::from_utf8_lossy(history)) && holds_customer_id(&readable(history)));
    assert!(!holds_customer_id("SG0001, C0012 and CC"));
}
