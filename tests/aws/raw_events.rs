//! Events of new raw files: seven uploads, a look at once, one run; what is no event stays for people, and a watcher that is
//! paused is left alone.

use std::time::Duration;

use serde_json::{Value, json};

use super::permissions::{calls_in, operations_of};
use super::site::{AwsSite, Choice};
use support::aws::Queue;
use support::lake::raw_files;
use support::{A_RUN, LENIENT, TestServer, eventually, new_name, text};

/// As EventBridge sends it.
fn event(file: &str) -> String {
    let detail = json!({
        "version": "0", "bucket": { "name": "lake" }, "reason": "PutObject",
        "object": { "key": format!("churn/raw/{file}"), "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184" },
    });
    let event = json!({
        "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created",
        "source": "aws.s3", "account": "123456789012", "time": "2025-01-02T03:00:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:s3:::lake"], "detail": detail,
    });
    event.to_string()
}

fn site(queue: &Queue) -> AwsSite {
    AwsSite::of(LENIENT, &Choice { events_queue: Some(queue.url()), ..Choice::default() })
}

/// A schedule of the watcher that looks by itself once a year; its ID.
fn yearly(site: &AwsSite) -> String {
    let (server, id) = (TestServer::shared(), new_name("raw-watcher"));
    let when = ["schedule", "create", "--schedule-id", &id, "--cron", "0 0 1 1 *"];
    let what = ["--type", "RawWatcher", "--task-queue", site.queue(), "--workflow-id", &id];
    server.temporal(&[&when[..], &what[..], &["--input", r#"{"settle_secs":1}"#]].concat());
    eventually("the schedule is in the server's list", Duration::from_mins(1), || {
        server.temporal(&["schedule", "list"]).to_string().contains(&id).then_some(())
    });
    id
}

/// The records of the pipeline's runs.
fn records(site: &AwsSite) -> Vec<Value> {
    let keys = site.keys("runs/").into_iter().filter(|key| key.ends_with("/run.json"));
    keys.map(|key| site.json(key.trim_start_matches("churn/"))).collect()
}

#[test]
fn seven_uploads_are_one_run_long_before_the_schedule_looks_and_the_events_are_gone() {
    let queue = Queue::create();
    let site = site(&queue);
    let watcher = format!("{}-events", yearly(&site));
    for file in std::fs::read_dir(raw_files()).expect("raw files") {
        queue.send(&event(&file.expect("a file").file_name().to_string_lossy()));
    }
    eventually("the run is on record", A_RUN, || (!records(&site).is_empty()).then_some(()));
    eventually("the events are gone", A_RUN, || queue.is_empty().then_some(()));
    assert_eq!(TestServer::shared().await_end(&watcher, A_RUN), "COMPLETED");
    let recorded = records(&site);
    assert_eq!(recorded.len(), 1, "{recorded:#?}");
    assert_eq!(text(&recorded[0]["result"]["outcome"]), "no_champion");

    let called = calls_in(&site.log());
    assert!(called.contains("sqs ReceiveMessage") && called.contains("sqs DeleteMessage"), "{called:?}");
    let beyond: Vec<_> = called.difference(&operations_of("worker")).cloned().collect();
    assert!(beyond.is_empty(), "called and not listed in permissions.yaml: {beyond:?}");
}

#[test]
fn what_is_no_event_stays_in_the_queue_and_nothing_of_it_is_in_the_log() {
    let queue = Queue::create();
    let site = site(&queue);
    queue.send("C00123 is no event");
    eventually("the worker has met it", A_RUN, || site.log().contains("is none of S3").then_some(()));
    assert_eq!(queue.len(), 1);
    let log = site.log();
    assert!(!log.contains("C00123"), "{log}");
    assert!(!log.contains("events of new raw files are followed"), "{log}");
}

#[test]
fn events_of_a_watcher_that_people_have_paused_start_nothing_and_are_gone() {
    let queue = Queue::create();
    let site = site(&queue);
    let (server, schedule) = (TestServer::shared(), yearly(&site));
    server.temporal(&["schedule", "toggle", "--schedule-id", &schedule, "--pause", "--reason", "wrong prices"]);
    queue.send(&event("price_history.csv"));
    eventually("the event is gone", A_RUN, || queue.is_empty().then_some(()));
    assert!(site.log().contains("looks=0"), "{}", site.log());
    let watcher = format!("{schedule}-events");
    server.try_temporal(&["workflow", "describe", "--workflow-id", &watcher]).expect_err("nobody has looked");
}
