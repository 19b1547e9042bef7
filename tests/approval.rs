//! A promotion that needs a person: only a named person decides; silence reminds, then rejects.

use serde_json::Value;

use support::people::{await_request, decide};
use support::{LENIENT, Settings, Site, TestServer, text};

fn manual_check(result: &Value) -> &Value {
    let checks = result["verdict"]["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["name"] == "manual_approval").expect("the decision is a check")
}

#[test]
fn a_named_person_approves_or_rejects() {
    let site = Site::new(LENIENT);

    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    await_request(&site, &id);
    assert!(!site.lake.has("models/champion.json"), "nothing is promoted before the approval");
    let refused = decide(&id, "approve", r#"{"by":" ","comment":"looks good"}"#).unwrap_err();
    assert!(refused.contains("say who decides"), "{refused}");
    assert_eq!(TestServer::shared().status(&id), "RUNNING", "a refused update changes nothing");
    decide(&id, "approve", r#"{"by":"ana","comment":"looks good"}"#).unwrap();
    let approved = TestServer::shared().result(&id);
    assert_eq!(text(&approved["outcome"]), "promoted");
    assert_eq!(text(&manual_check(&approved)["note"]), "approved by ana: looks good");
    let champion = site.lake.find("models/champion.json").expect("a champion");

    let id = site.start(Some(r#"{"mode":"train","require_approval":true,"experiment":"E4_add_sentiment"}"#));
    await_request(&site, &id);
    decide(&id, "reject", r#"{"by":"luis","comment":"wait for January"}"#).unwrap();
    let rejected = TestServer::shared().result(&id);
    assert_eq!(text(&rejected["outcome"]), "rejected");
    assert_eq!(text(&manual_check(&rejected)["note"]), "rejected by luis: wait for January");
    assert_eq!(rejected["champion"], approved["model"]["version"]);
    assert_eq!(site.lake.find("models/champion.json").expect("a champion"), champion);
}

#[test]
fn silence_reminds_and_then_rejects() {
    let site = Site::new(Settings { patience_secs: 1, ..LENIENT });
    let run = site.train(&["--require-approval"]);
    assert_eq!((text(&run["outcome"]), text(&run["verdict"]["outcome"])), ("no_champion", "rejected"));
    let note = text(&manual_check(&run)["note"]);
    assert!(note.starts_with("nobody decided in time: the question expired after 2 s"), "{note}");
    let asked = site.lake.alerts_of("approval_requested");
    assert_eq!(asked.len(), 2, "the request and the reminder: {asked:#?}");
    assert!(!site.lake.has("models/champion.json"));
}
