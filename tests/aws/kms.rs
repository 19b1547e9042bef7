//! Keys in AWS KMS: a model that KMS signed scores, a changed one does not; and payloads whose keys KMS sealed are
//! read by who may ask it, and by nobody else.

use std::time::Duration;

use serde_json::Value;
use support::aws::sdk::aws_sdk_kms::types::{KeySpec, KeyUsageType};

use super::permissions::{calls_in, operations_of};
use super::site::{AwsSite, Choice};
use support::aws::Emulators;
use support::aws::runtime::wait_for;
use support::history::{fetch_history, readable};
use support::home::home;
use support::ports::free_ports;
use support::program::program;
use support::supervised::Supervised;
use support::{A_RUN, Finished, LENIENT, TestServer, eventually, new_name, text};

/// The encoding of a payload that nobody can read, in Base64 as a history has it: `binary/encrypted`.
const ENCRYPTED: &str = "YmluYXJ5L2VuY3J5cHRlZA==";

/// A key in KMS behind an alias of its own; `kms:alias/...`, as the settings take it.
fn key(usage: KeyUsageType, spec: KeySpec) -> &'static str {
    let alias = format!("alias/{}", new_name("key"));
    let name = alias.clone();
    wait_for(async move {
        let kms = Emulators::shared().kms().await;
        let made = kms.create_key().key_usage(usage).key_spec(spec).send().await.expect("a key can be made");
        let id = made.key_metadata().expect("what it is").key_id().to_owned();
        kms.create_alias().alias_name(name).target_key_id(id).send().await.expect("an alias can be made");
    });
    Box::leak(format!("kms:{alias}").into_boxed_str())
}

fn signing_key() -> &'static str {
    key(KeyUsageType::GenerateVerifyMac, KeySpec::Hmac256)
}

fn payload_key() -> &'static str {
    key(KeyUsageType::EncryptDecrypt, KeySpec::SymmetricDefault)
}

/// A site whose worker has an option more.
fn site_with(option: &'static str, key: &'static str) -> AwsSite {
    let worker: &'static [&'static str] = Box::leak(Box::new([option, key]));
    AwsSite::of(LENIENT, &Choice { worker, ..Choice::default() })
}

/// A private key as `openssl genpkey -algorithm ed25519` writes it.
fn key_file() -> String {
    let label = "PRIVATE KEY";
    let content = format!("MC4CAQAwBQYDK2VwBCIEI{}", "C".repeat(43));
    let path = home().join(format!("{}.pem", new_name("signing")));
    std::fs::write(&path, format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")).expect("a key file");
    path.to_str().expect("a UTF-8 path").to_owned()
}

/// `models verify` of the champion: the exit code and what it says of the signature.
fn verified(site: &AwsSite, keys: &str) -> (Option<i32>, Value) {
    let done = site.command(&["models", "verify", "--json", "--signing-key", keys]);
    let found: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:#?}"));
    (done.code, found[0]["signature"].clone())
}

/// How a scoring ends.
fn scored(site: &AwsSite) -> String {
    TestServer::shared().await_end(&site.start(r#"{"mode":"score"}"#), A_RUN)
}

/// Every call that a program made to KMS must be one of its role.
fn may_call(role: &str, log: &str) {
    let allowed = operations_of(role);
    let called: Vec<_> = calls_in(log).into_iter().filter(|call| call.starts_with("kms ")).collect();
    assert!(!called.is_empty(), "KMS was not asked:\n{log}");
    assert!(called.iter().all(|call| allowed.contains(call)), "{role}: {called:?}");
}

#[test]
fn a_model_that_kms_signed_is_champion_and_scores_and_a_changed_one_does_not() {
    let key = signing_key();
    let site = site_with("--signing-key", key);
    let result = site.train();
    assert_eq!(text(&result["outcome"]), "promoted", "{result:#}");
    let version = text(&result["model"]["version"]);
    let (list, signature) = (format!("models/{version}/files.json"), format!("models/{version}/signature.json"));
    let signed = site.json(&signature);
    assert_eq!(text(&signed["algorithm"]), "hmac_sha256", "{signed:#}");
    assert_eq!(scored(&site), "COMPLETED");
    let (code, found) = verified(&site, key);
    assert_eq!((code, text(&found["state"])), (Some(0), "trusted"), "{found:#}");
    assert_eq!(found["key_id"], signed["key_id"]);
    // A model of a bucket is trained again as one of a folder is.
    let again = site.command(&["models", "verify", version, "--json", "--signing-key", key]).json();
    assert_eq!(again[0]["rebuilt"], serde_json::json!({ "state": "same" }), "{again:#}");
    let (code, found) = verified(&site, signing_key());
    assert_eq!((code, text(&found["state"])), (Some(2), "untrusted"), "{found:#}");

    // Somebody who can write into the lake and may not ask KMS for a code.
    let stored = site.find(&list).expect("the list");
    let changed = [&stored[..], b"\n"].concat();
    site.put(&list, changed.clone());
    assert_eq!(scored(&site), "FAILED");
    let (_, found) = verified(&site, key);
    assert!(text(&found["problem"]).contains("its signature is about other files"), "{found:#}");
    let mut forged = signed.clone();
    forged["files"] = protocol::Digest::of(&changed).as_str().into();
    site.put(&signature, forged.to_string().into_bytes());
    let (_, found) = verified(&site, key);
    assert!(text(&found["problem"]).contains("not one of the key"), "{found:#}");
    assert_eq!(scored(&site), "FAILED");

    site.put(&list, stored);
    site.put(&signature, signed.to_string().into_bytes());
    assert_eq!(scored(&site), "COMPLETED");
    may_call("worker", &site.log());
}

#[test]
fn a_model_that_was_signed_with_a_file_stays_trusted_when_kms_takes_over() {
    let (kms, file) = (signing_key(), key_file());
    let site = site_with("--signing-key", kms);
    let result = site.train();
    let version = text(&result["model"]["version"]);
    let by_file = site.command(&["models", "sign", version, "--signing-key", &file, "--json"]).json();
    assert_eq!(text(&by_file["algorithm"]), "ed25519");
    let (code, found) = verified(&site, kms);
    assert_eq!(code, Some(2), "{found:#}");
    assert!(text(&found["problem"]).contains("not trusted"), "{found:#}");
    let (code, found) = verified(&site, &format!("{kms},{file}"));
    assert_eq!((code, &found["key_id"]), (Some(0), &by_file["key_id"]), "{found:#}");
    // The first that can sign signs.
    let both = format!("{kms},{file}");
    let by_kms = site.command(&["models", "sign", version, "--signing-key", &both, "--json"]).json();
    assert_eq!(text(&by_kms["algorithm"]), "hmac_sha256");
}

#[test]
fn a_run_whose_payload_keys_kms_sealed_is_read_by_who_may_ask_it_alone() {
    let (key, server) = (payload_key(), TestServer::shared());
    let site = site_with("--payload-key", key);
    let alias = key.trim_start_matches("kms:");
    let id = new_name("kms_encrypted");
    // The lake's first worker gives it its identity; an operator may not.
    eventually("the worker has noted its settings", A_RUN, || (!site.keys("settings/").is_empty()).then_some(()));
    let run = |more: &[&str]| -> Finished {
        let arguments = ["run", "--mode", "train", "--workflow-id", &id, "--task-queue", site.queue(), "--json"];
        site.command(&[&arguments[..], more].concat())
    };
    let asked = run(&["--payload-key", key]);
    let result = asked.json();
    assert_eq!(text(&result["outcome"]), "promoted", "our own command shows the result");
    may_call("operator", &asked.stderr);
    may_call("worker", &site.log());
    let made = site.log().lines().filter(|line| line.contains("GenerateDataKey")).count();
    assert_eq!(made, 1, "one data key serves for an hour:\n{}", site.log());

    let history = raw(&id);
    let shown = readable(history.as_bytes());
    for word in [".parquet", "raw_prefix", "gold/gold_master/"] {
        assert!(!shown.contains(word), "{word} can be read: {shown}");
    }
    assert!(history.contains(ENCRYPTED) && history.contains("encryption-data-key"), "{history}");

    // Who has no key, and who has another one, is told which one it takes.
    let without = run(&[]);
    assert!(without.code == Some(1) && without.stderr.contains(alias), "{without:#?}");
    let other = payload_key();
    let refused = run(&["--payload-key", other]);
    assert!(refused.code == Some(1) && refused.stderr.contains(other.trim_start_matches("kms:")), "{refused:#?}");

    // The Temporal CLI reads through the codec server.
    let [port] = free_ports();
    let address = format!("127.0.0.1:{port}");
    let arguments = ["codec-server", "--listen", &address, "--payload-key", key];
    let variables = site.variables();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let log = home().join(format!("{}.log", new_name("codec")));
    let mut codec = Supervised::start(program(), arguments, &variables, log);
    codec.await_log("codec server is ready", Duration::from_mins(1));
    let endpoint = format!("http://{address}");
    let shown = server.temporal(&["workflow", "result", "--workflow-id", &id, "--codec-endpoint", &endpoint]);
    assert_eq!(shown["result"]["outcome"], "promoted");
    let (status, log) = codec.terminate(Duration::from_secs(20));
    assert!(status.success() && log.contains(alias), "{log}");
    may_call("operator", &log);
}

/// The history as the server shows it.
fn raw(workflow_id: &str) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let history = runtime.expect("a runtime").block_on(fetch_history(workflow_id));
    String::from_utf8(history).expect("JSON")
}

#[test]
fn a_key_that_is_not_there_or_of_another_kind_is_found_by_looking() {
    let site = AwsSite::new(LENIENT);
    let check = |option: &str, key: &str| site.command(&["config", "check", "--connect", option, key]);
    for (option, good, wrong) in
        [("--signing-key", signing_key(), payload_key()), ("--payload-key", payload_key(), signing_key())]
    {
        let found = check(option, good);
        assert_eq!(found.code, Some(0), "{found:#?}");
        assert!(found.stdout.contains(good.trim_start_matches("kms:")), "{}", found.stdout);
        may_call("operator", &found.stderr);
        let nowhere = ("kms:alias/nowhere", "DescribeKey of alias/nowhere failed");
        for (key, words) in [(wrong, "name another one"), nowhere] {
            let found = check(option, key);
            assert!(found.code == Some(1) && found.stdout.contains(words), "{found:#?}");
        }
    }
    let unreadable = check("--signing-key", "kms:nowhere");
    assert!(unreadable.code == Some(64) && unreadable.stderr.contains("alias/NAME"), "{unreadable:#?}");
}
