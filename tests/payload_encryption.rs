//! With a payload key the Temporal server sees nothing of what a run was asked, did and gave; who has the key sees all of
//! it: our own commands, and the Temporal CLI through the codec server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use support::history::{fetch_history, readable};
use support::home::{folder, home};
use support::lake::TestLake;
use support::program::program;
use support::supervised::Supervised;
use support::{
    A_RUN, Finished, LENIENT, Published, Site, TestServer, eventually, new_name, ports::free_ports, spanishgas, text,
};

/// The encoding of a payload that nobody can read, in Base64 as a history has it: `binary/encrypted`.
const ENCRYPTED: &str = "YmluYXJ5L2VuY3J5cHRlZA==";
/// Words of inputs, answers and results that no ID, search attribute or summary has.
const WORDS_OF_PAYLOADS: [&str; 3] = [".parquet", "raw_prefix", "gold/gold_master/"];

/// A file of keys that lasts as long as the test binary's folder.
fn key_file(keys: &str) -> &'static str {
    let folder = folder("payload-key").keep();
    let file = folder.join("payload.key");
    std::fs::write(&file, keys).expect("a file can be written");
    Box::leak(file.to_str().expect("a UTF-8 path").to_owned().into_boxed_str())
}

/// A file with one key, in the form of `openssl rand -base64 32`.
fn key_of_zeros() -> &'static str {
    key_file(&format!("{}=\n", "A".repeat(43)))
}

fn site_with(key: &'static str) -> Site {
    let options: &'static [&'static str] = Box::leak(Box::new(["--payload-key", key]));
    Site::with_options(TestLake::new(), LENIENT, options)
}

/// The history as the server shows it.
fn raw(workflow_id: &str) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let history = runtime.expect("a runtime").block_on(fetch_history(workflow_id));
    String::from_utf8(history).expect("JSON")
}

/// The same, its payloads out of Base64.
fn shown(workflow_id: &str) -> String {
    readable(raw(workflow_id).as_bytes())
}

/// Counts the payloads that are encrypted, and notes where the others are. Left out is what the server must read (search
/// attributes), what a command says of a run at its start, and the names of patches, which the SDK writes by itself.
fn look_for_payloads(value: &Value, place: &str, encrypted: &mut usize, plain: &mut Vec<String>) {
    match value {
        Value::Object(fields) if fields.contains_key("metadata") && fields.contains_key("data") => {
            if fields["metadata"]["encoding"] == ENCRYPTED {
                *encrypted += 1;
            } else {
                plain.push(place.to_owned());
            }
        }
        Value::Object(fields) => {
            let left_out = ["search_attributes", "MarkerRecordedEventAttributes"];
            let fields = fields.iter().filter(|(name, _)| !left_out.contains(&name.as_str()));
            for (name, field) in fields.filter(|(name, _)| place != "/0" || *name != "user_metadata") {
                look_for_payloads(field, &format!("{place}/{name}"), encrypted, plain);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                look_for_payloads(item, &format!("{place}/{number}"), encrypted, plain);
            }
        }
        _ => {}
    }
}

/// One request as a browser or the CLI sends it; the whole answer.
fn asked(address: &str, method: &str, origin: Option<&str>, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the codec server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out can be set");
    let origin = origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
    let length = body.len();
    let request = format!(
        "{method} /decode HTTP/1.1\r\nHost: {address}\r\n{origin}Content-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("it takes the request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.to_lowercase()
}

#[test]
fn no_payload_of_a_run_is_readable_without_the_key_and_all_are_with_it() {
    let (key, server) = (key_of_zeros(), TestServer::shared());
    let site = site_with(key);
    let id = new_name("encrypted");
    let run = |more: &[&str]| site.run(&[&["--mode", "train", "--workflow-id", &id, "--json"], more].concat());
    let result = run(&["--payload-key", key]).json();
    assert_eq!(text(&result["outcome"]), "promoted", "our own command shows the result");

    let history = shown(&id);
    let readable_in = |history: &str| WORDS_OF_PAYLOADS.map(|word| history.contains(word));
    assert_eq!(readable_in(&history), [false; 3], "{history}");
    assert_eq!(readable_in(&shown(Published::shared().workflow_id())), [true; 3], "the words say nothing");

    let events: Value = serde_json::from_str(&raw(&id)).expect("JSON");
    let (mut encrypted, mut plain) = (0, Vec::new());
    look_for_payloads(&events["events"], "", &mut encrypted, &mut plain);
    assert!(encrypted > 20 && plain.is_empty(), "{encrypted} are encrypted, and these are not: {plain:#?}");

    // Who has no key is told which one it takes.
    let without = run(&[]);
    let key_id = key_id(&site);
    assert_eq!(without.code, Some(1), "{without:#?}");
    assert!(without.stderr.contains(&key_id), "{key_id}: {without:#?}");

    // The Temporal CLI reads through the codec server, and pages of a named origin alone do.
    let [port] = free_ports();
    let address = format!("127.0.0.1:{port}");
    let arguments = ["codec-server", "--listen", &address, "--payload-key", key, "--ui", "http://ui.example"];
    let mut codec = Supervised::start(program(), arguments, &[], home().join(format!("{}.log", new_name("codec"))));
    codec.await_log("codec server is ready", Duration::from_mins(1));
    let endpoint = format!("http://{address}");
    let through = |arguments: &[&str]| {
        server.temporal(&[arguments, &["--workflow-id", &id, "--codec-endpoint", &endpoint]].concat())
    };
    assert_eq!(through(&["workflow", "result"])["result"]["outcome"], "promoted");
    let events = through(&["workflow", "show"]).to_string();
    // Some versions of the CLI show payloads as they are, others in Base64.
    let is_readable = events.contains(".parquet") || readable(events.as_bytes()).contains(".parquet");
    assert!(is_readable && !events.contains(ENCRYPTED), "{events}");

    let nothing = r#"{"payloads":[]}"#;
    assert!(asked(&address, "POST", None, nothing).starts_with("http/1.1 200"));
    let page = asked(&address, "POST", Some("http://ui.example"), nothing);
    assert!(page.contains("access-control-allow-origin: http://ui.example"), "{page}");
    assert!(asked(&address, "OPTIONS", Some("http://ui.example"), "").starts_with("http/1.1 204"));
    for method in ["POST", "OPTIONS"] {
        let foreign = asked(&address, method, Some("http://evil.example"), nothing);
        assert!(foreign.starts_with("http/1.1 403") && !foreign.contains("access-control-allow-origin"), "{foreign}");
    }
    let (status, log) = codec.terminate(Duration::from_secs(20));
    assert!(status.success(), "{log}");
}

/// As the worker's log names it.
fn key_id(site: &Site) -> String {
    let log = site.log();
    let line = log.lines().find(|line| line.contains("payloads are encrypted")).expect("the worker names its key");
    let (_, id) = line.split_once("key_id=").expect("the key's ID");
    id.trim().trim_matches('"').to_owned()
}

/// Whoever has other keys than the workers would wait for a run that nobody can read, or for an answer that they cannot.
#[test]
fn who_has_not_the_keys_of_the_workers_is_told_so_and_nothing_is_started() {
    let (key, other) = (key_of_zeros(), key_file(&format!("{}AQE=\n", "AQEB".repeat(10))));
    let site = site_with(key);
    let theirs = key_id(&site);
    let id = new_name("never_started");
    let place = folder("ids");
    let ids = place.path().join("ids.txt");
    std::fs::write(&ids, "C00001").expect("a file of IDs");
    let who = ["--by", "ana", "--reason", "x", "--task-queue", site.queue()];
    let erase = ["erase-customer", "--ids-from", ids.to_str().expect("a UTF-8 path")];
    for keys in [&[][..], &["--payload-key", other][..]] {
        let asked = [
            site.run(&[&["--mode", "score", "--workflow-id", &id], keys].concat()),
            site.command(&[&["models", "withdraw", "0123456789abcdef"], &who[..], keys].concat()),
            site.command(&[&erase[..], &who, keys].concat()),
        ];
        for refused in asked {
            assert_eq!(refused.code, Some(1), "{refused:#?}");
            assert!(refused.stderr.contains(&theirs) && refused.stderr.contains("nothing was started"), "{refused:#?}");
        }
    }
    // Nor where the workers have no key.
    let plain = Site::new(LENIENT);
    let refused = plain.run(&["--mode", "score", "--workflow-id", &id, "--payload-key", key]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.stderr.contains(&theirs) && refused.stderr.contains("nothing was started"), "{refused:#?}");
    let described = TestServer::shared().try_temporal(&["workflow", "describe", "--workflow-id", &id]);
    assert!(described.is_err(), "{described:#?}");
    assert!(site.lake.keys(&["erasure"]).is_empty(), "nobody is named in the lake");
}

#[test]
fn why_a_run_failed_is_told_to_who_has_the_key_alone() {
    let key = key_of_zeros();
    let site = site_with(key);
    let id = new_name("encrypted_failure");
    let arguments = ["--mode", "train", "--experiment", "E99_of_nobody", "--workflow-id", &id, "--payload-key", key];
    let failed = site.run(&arguments);
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    assert!(format!("{failed:?}").contains("E99_of_nobody"), "{failed:#?}");
    assert!(!shown(&id).contains("E99_of_nobody"), "the failure is readable on the server");
}

#[test]
fn a_run_that_somebody_starts_without_the_key_is_done_and_people_decide_with_it() {
    let key = key_of_zeros();
    let site = site_with(key);
    // As before the encryption, and as a schedule starts it: the input is plain.
    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    let with_key = |arguments: &[&str]| -> Finished {
        let more = ["--task-queue", site.queue(), "--payload-key", key];
        spanishgas(Some(TestServer::shared()), &[arguments, &more[..]].concat())
    };
    eventually("the promotion waits for a person", A_RUN, || {
        let listed = with_key(&["approvals", "list", "--json"]);
        (listed.code == Some(2) && listed.stdout.contains(&id)).then_some(())
    });
    let refused = with_key(&["resume", &id, "--by", "ana", "--reason", "nothing waits"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("the run is not paused"), "{refused:#?}");
    assert_eq!(with_key(&["approvals", "approve", &id, "--by", "ana"]).code, Some(0));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "COMPLETED");
    assert!(site.lake.has("models/champion.json"));
}

#[test]
fn a_server_that_needs_no_key_is_none() {
    let without = spanishgas(None, &["codec-server"]);
    assert!(without.code == Some(1) && without.stderr.contains("--payload-key"), "{without:#?}");
    let empty = key_file("# no key\n");
    let refused = spanishgas(None, &["codec-server", "--payload-key", empty]);
    assert!(refused.code == Some(1) && refused.stderr.contains("openssl rand -base64 32"), "{refused:#?}");
    let lake = folder("lake");
    let lake = lake.path().to_str().expect("a UTF-8 path");
    let checked = spanishgas(None, &["config", "check", "--lake", lake, "--payload-key", empty]);
    assert!(checked.code == Some(1) && checked.stdout.contains("openssl rand -base64 32"), "{checked:#?}");
}
