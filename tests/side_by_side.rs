//! Two runs at once on one lake do not spoil each other, and nobody becomes champion by a comparison
//! with a champion that is no more.

use std::time::Duration;

use crate::support::history::{failure, retried_activities};
use crate::support::people::{await_request, decide};
use crate::support::{LENIENT, Site, TestServer, text};

#[test]
fn the_same_data_gives_one_model() {
    let site = Site::new(LENIENT);
    let started = [(); 2].map(|()| site.start(Some(r#"{"mode":"train"}"#)));
    let [one, other] = started.map(|id| TestServer::shared().result(&id));
    assert_eq!(one["model"], other["model"]);
    assert_eq!(one["tiers"], other["tiers"]);
    let champion = site.lake.json("models/champion.json");
    assert_eq!(champion["version"], one["model"]["version"]);
    assert_eq!(site.lake.json("scored/latest.json")["model_version"], champion["version"]);
}

#[test]
fn the_slower_of_two_challengers_must_be_compared_anew() {
    let site = Site::new(LENIENT);
    let experiments = ["E5_full", "E4_add_sentiment"];
    let inputs = experiments.map(|name| format!(r#"{{"mode":"train","require_approval":true,"experiment":"{name}"}}"#));
    let [faster, slower] = inputs.each_ref().map(|input| site.start(Some(input)));
    // Both have passed the gate when there was no champion yet.
    await_request(&site, &faster);
    await_request(&site, &slower);

    decide(&faster, "approve", r#"{"by":"ana"}"#).unwrap();
    let promoted = TestServer::shared().result(&faster);
    let champion = site.lake.find("models/champion.json").expect("a champion");
    decide(&slower, "approve", r#"{"by":"ana"}"#).unwrap();
    assert_eq!(TestServer::shared().await_end(&slower, Duration::from_mins(1)), "FAILED");
    let message = failure(&slower).message;
    assert!(message.contains("another run has moved the champion") && message.contains("run again"), "{message}");
    assert_eq!(retried_activities(&slower), 0, "the same comparison cannot become true");
    assert_eq!(site.lake.find("models/champion.json").expect("a champion"), champion);
    let registered = site.lake.keys(&["models"]).into_iter().filter(|key| key.ends_with("registration.json"));
    assert_eq!(registered.count(), 1, "only the promoted one is registered");

    let again = site.train(&["--experiment", experiments[1]]);
    assert_eq!(text(&again["outcome"]), "promoted");
    let version = text(&again["model"]["version"]);
    let registration = site.lake.json(&format!("models/{version}/registration.json"));
    assert_eq!(registration["compared_with"], promoted["model"]["version"]);
}
