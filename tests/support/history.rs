//! Histories of finished runs, in the SDK's own JSON, and what they must not hold.

use serde_json::Value;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url, WorkflowFetchHistoryOptions};
use workflows::ChurnPipeline;

use super::{TestServer, text};

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

#[test]
fn the_check_for_customers_sees_through_base64() {
    // RFC 4648, section 10.
    assert_eq!([from_base64("Zg=="), from_base64("Zm8="), from_base64("Zm9vYmFy")], [&b"f"[..], b"fo", b"foobar"]);
    // `"C00123"`
    let history = br#"{"events":[{"payloads":[{"data":"IkMwMDEyMyI="}]}]}"#;
    assert!(!holds_customer_id(&String::from_utf8_lossy(history)) && holds_customer_id(&readable(history)));
    assert!(!holds_customer_id("SG0001, C0012 and CC"));
}
