//! Input that is no input: the run fails with a message that says what would be right, and never hangs.

use std::time::Duration;

use serde_json::Value;

use support::history::failure;
use support::{Published, TestServer, new_name, spanishgas, text};

#[test]
fn the_run_fails_at_once_and_says_what_would_be_right() {
    let site = &Published::shared().site;
    let cases = [
        (Some(r#"{"mode":"nope"}"#), "unknown variant `nope`"),
        (Some(r#"{"mode":"train","asof":"2024-12-31"}"#), "unknown field `asof`"),
        (Some(r#"{"mode":"score","as_of":"31.12.2024"}"#), "`31.12.2024` is not a date"),
        (Some(r#"{"as_of":"2024-12-31"}"#), "missing field `mode`"),
        (Some(r#"{"mode":"train","raw_prefix":"../elsewhere"}"#), "`../elsewhere` is no key of a lake"),
        (Some(r#"{"mode":"train","raw_prefix":"/etc"}"#), "absolute path"),
        (Some("[]"), "unusable"),
        (Some("\"train\""), "unusable"),
        (None, "started without input"),
    ];
    let started = cases.map(|(input, says)| (site.start(input), says));
    for (id, says) in started {
        assert_eq!(TestServer::shared().await_end(&id, Duration::from_mins(1)), "FAILED", "{says}");
        let failure = failure(&id);
        assert_eq!(failure.type_name, "SG0015 BadInput");
        assert!(failure.message.contains(says), "{says}: {}", failure.message);
        assert!(failure.message.contains(r#"--input '{"mode":"train"}'"#), "{}", failure.message);
    }
}

#[test]
fn an_unknown_experiment_fails_the_run_and_names_the_known_ones() {
    let site = &Published::shared().site;
    let id = site.start(Some(r#"{"mode":"train","experiment":"E99"}"#));
    assert_eq!(TestServer::shared().await_end(&id, Duration::from_mins(1)), "FAILED");
    let failure = failure(&id);
    assert_eq!(failure.type_name, "SG0003 UnusableSettings");
    assert!(failure.message.contains("E99") && failure.message.contains("E5_full"), "{}", failure.message);
}

#[test]
fn a_failed_run_ends_the_program_with_its_error_and_one_object() {
    let id = new_name("failed");
    let ended =
        Published::shared().site.run(&["--mode", "train", "--experiment", "E99", "--workflow-id", &id, "--json"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let object: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!((text(&object["state"]), text(&object["workflow_id"])), ("failed", id.as_str()));
    assert_eq!(text(&object["error"]["type"]), "SG0003 UnusableSettings");
    assert!(ended.stderr.contains(text(&object["error"]["message"])), "{ended:#?}");
}

#[test]
fn a_wrong_option_of_the_program_starts_nothing() {
    for arguments in [&["run", "--mode", "nope"][..], &["run"], &["run", "--mode", "train", "--as-of", "31.12.2024"]] {
        let ended = spanishgas(Some(TestServer::shared()), arguments);
        // Not 2, by which `plan` says that there is work.
        assert_eq!(ended.code, Some(64), "{ended:#?}");
        assert_eq!(ended.stdout, "");
    }
}
