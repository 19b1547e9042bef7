//! Two runs at once on one lake do not spoil each other, and nobody becomes champion by a comparison
//! with a champion that is no more. In one run, what needs nothing of each other is done at once.

use serde_json::Value;

use support::people::{await_request, decide};
use support::{A_RUN, LENIENT, Published, Site, TestServer, eventually, text};

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
fn the_slower_of_two_challengers_is_compared_anew_with_the_new_champion() {
    let site = Site::new(LENIENT);
    let experiments = ["E5_full", "E4_add_sentiment"];
    let inputs = experiments.map(|name| format!(r#"{{"mode":"train","require_approval":true,"experiment":"{name}"}}"#));
    let [faster, slower] = inputs.each_ref().map(|input| site.start(Some(input)));
    // Both have passed the gate when there was no champion yet.
    await_request(&site, &faster);
    await_request(&site, &slower);

    decide(&faster, "approve", r#"{"by":"ana"}"#).unwrap();
    let promoted = TestServer::shared().result(&faster);
    decide(&slower, "approve", r#"{"by":"ana"}"#).unwrap();
    // That was about a comparison with nobody: people are asked again, about the one with the new champion.
    eventually("the new comparison waits for a person", A_RUN, || {
        decide(&slower, "approve", r#"{"by":"luis","comment":"better than the new one"}"#).ok()
    });
    let result = TestServer::shared().result(&slower);
    assert_eq!(text(&result["outcome"]), "promoted");
    let version = text(&result["model"]["version"]);
    let registration = site.lake.json(&format!("models/{version}/registration.json"));
    assert_eq!(registration["compared_with"], promoted["model"]["version"]);
    assert_eq!(registration["judgements"].as_array().map(Vec::len), Some(1), "the first comparison decided nothing");
    let note = |check: &Value| check["note"] == "approved by luis: better than the new one";
    assert!(registration["verdict"]["checks"].as_array().expect("checks").iter().any(note), "{registration:#}");
    assert_eq!(site.lake.json("scored/latest.json")["model_version"], *version);
}

#[test]
fn drift_is_looked_for_while_customers_are_scored() {
    let shown =
        TestServer::shared().temporal(&["workflow", "show", "--workflow-id", Published::shared().workflow_id()]);
    let events = shown["events"].as_array().expect("a history");
    let event_of = |activity: &str, place: &str, asked: &Value| {
        let found = events.iter().find(|event| event.pointer(place) == Some(asked));
        text(&found.unwrap_or_else(|| panic!("no {place} of {activity}: {shown:#}"))["eventId"]).to_owned()
    };
    let scheduled = |activity: &str| {
        event_of(activity, "/activityTaskScheduledEventAttributes/activityType/name", &Value::from(activity))
    };
    let completed = |activity: &str| {
        let scheduled = Value::from(scheduled(activity));
        event_of(activity, "/activityTaskCompletedEventAttributes/scheduledEventId", &scheduled)
    };
    let number = |event: String| event.parse::<u32>().expect("events have numbers");
    assert!(number(scheduled("detect_drift")) < number(completed("score_customers")));
    assert!(number(completed("score_customers")) < number(scheduled("write_recommendations")));
    for made in ["write_recommendations", "detect_drift"] {
        assert!(number(completed(made)) < number(scheduled("publish_run")), "{made}");
    }
}
