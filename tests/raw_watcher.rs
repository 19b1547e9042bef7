//! Seven uploads, one run: a delivery starts a run when it is complete and at rest, once by content, wherever it lies.

use std::path::Path;

use serde_json::Value;

use support::lake::raw_files;
use support::{A_RUN, LENIENT, Site, TestServer, eventually, new_name, text};

/// One look of the watcher; its result.
fn watch(site: &Site, input: &str) -> Value {
    site.result_of("RawWatcher", input)
}

/// Looks until what is there is at rest: the runs that were started.
fn watch_until_at_rest(site: &Site) -> Vec<String> {
    let mut started = Vec::new();
    eventually("the deliveries are at rest", A_RUN, || {
        let result = watch(site, r#"{"settle_secs":1}"#);
        let ids = result["started"].as_array().cloned().unwrap_or_default();
        started.extend(ids.iter().map(|id| text(id).to_owned()));
        let waits = result["waiting"].as_array().is_some_and(|waiting| !waiting.is_empty());
        (!waits).then_some(())
    });
    started
}

/// What the watcher calls a missing file: readings may have any of several names.
fn kind(name: &str) -> &str {
    if name.starts_with("consumption") { "consumption_hourly" } else { name }
}

/// Another file in the place of one that may be a link to others' files.
fn replace(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).expect("a raw file can be removed");
    std::fs::write(path, bytes).expect("a raw file can be written");
}

/// A raw file that says the same in other bytes.
fn corrected(path: &Path, more: &str) {
    let mut bytes = std::fs::read(path).expect("a raw file");
    bytes.extend(more.as_bytes());
    replace(path, &bytes);
}

fn alerts(site: &Site) -> Vec<Value> {
    site.lake.alerts_of("delivery_trouble")
}

#[test]
fn seven_uploads_are_one_run_and_only_other_content_is_another() {
    let site = Site::new(LENIENT);
    let server = TestServer::shared();
    let raw = site.lake.at("raw");
    let files: Vec<_> = std::fs::read_dir(raw_files()).expect("raw files").map(|file| file.expect("a file")).collect();
    assert_eq!(files.len(), 7);
    for file in &files {
        std::fs::remove_file(raw.join(file.file_name())).expect("a raw file can be removed");
    }
    for (place, file) in files.iter().enumerate() {
        let result = watch(&site, r#"{"settle_secs":0}"#);
        assert_eq!(result["started"].as_array().map_or(0, Vec::len), 0, "{result}");
        let waits_for = result["waiting"][0]["waits_for"].as_str().unwrap_or_default();
        let named = |file: &std::fs::DirEntry| waits_for.contains(kind(&file.file_name().to_string_lossy()));
        // An empty folder is no delivery.
        let missing = if place == 0 { 0 } else { 7 - place };
        assert_eq!(files.iter().filter(|file| named(file)).count(), missing, "{place}: {waits_for}");
        std::fs::hard_link(file.path(), raw.join(file.file_name())).expect("a raw file can be linked");
    }
    let settling = watch(&site, r#"{"settle_secs":3600}"#);
    assert_eq!(text(&settling["waiting"][0]["waits_for"]), "a moment without changes");
    let first = watch_until_at_rest(&site);
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(text(&server.result(&first[0])["outcome"]), "no_champion");
    assert!(site.run(&["--mode", "score"]).stderr.contains("ran before"), "it has the ID that `run` gives it");

    // The same files once more, in their place and in a folder of their own: nothing is new.
    let labels = raw.join("churn_label.csv");
    replace(&labels, &std::fs::read(&labels).expect("the labels"));
    site.lake.add_raw("raw/2025-01");
    assert_eq!(watch_until_at_rest(&site), Vec::<String>::new());
    assert_eq!(watch(&site, r#"{"settle_secs":1}"#)["known"], 2);

    corrected(&raw.join("customer_interactions.json"), "\n");
    let second = watch_until_at_rest(&site);
    assert_eq!(second.len(), 1, "{second:?}");
    assert_ne!(second, first);
    server.result(&second[0]);

    corrected(&site.lake.at("raw/2025-01/customer_interactions.json"), "\n\n");
    let third = watch_until_at_rest(&site);
    assert_eq!(third.len(), 1, "{third:?}");
    let result = server.result(&third[0]);
    let record = site.lake.json(&format!("runs/{}/run.json", text(&result["run_id"])));
    assert_eq!(text(&record["inputs"]["churn_label"]["key"]), "raw/2025-01/churn_label.csv");

    // The next night reads the corrected delivery, and not the older files in `raw/`.
    let night = site.start(Some(r#"{"mode":"score","raw_prefix":"latest"}"#));
    let latest = server.result(&night);
    assert_eq!(latest["dataset"], result["dataset"]);
    let record = site.lake.json(&format!("runs/{}/run.json", text(&latest["run_id"])));
    assert_eq!(text(&record["input"]["raw_prefix"]), "raw/2025-01", "the record says what `latest` was");
    let plan =
        site.command(&["plan", "--mode", "score", "--raw-prefix", "latest", "--task-queue", site.queue(), "--json"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap_or_else(|error| panic!("{error}: {plan:#?}"));
    assert_eq!(text(&plan["raw_prefix"]), "raw/2025-01", "{plan:#}");
}

/// How often a watcher has looked.
fn looks(id: &str) -> usize {
    let shown = TestServer::shared().temporal(&["workflow", "show", "--workflow-id", id]);
    let events = shown["events"].as_array().expect("a history has events");
    let scheduled = events.iter().map(|event| &event["activityTaskScheduledEventAttributes"]["activityType"]["name"]);
    scheduled.filter(|name| *name == "watch_raw").count()
}

/// As events of new files come: nobody has looked before, and many tell of the same.
#[test]
fn a_watcher_that_is_told_of_changes_looks_until_they_have_settled_and_starts_one_run() {
    let (site, id, server) = (Site::new(LENIENT), new_name("told"), TestServer::shared());
    let start = ["workflow", "signal-with-start", "--type", "RawWatcher", "--task-queue", site.queue()];
    let told = ["--workflow-id", &id, "--signal-name", "look_again", "--input", r#"{"settle_secs":3}"#];
    for _ in 0..7 {
        server.temporal(&[&start[..], &told[..]].concat());
    }
    let result = server.result(&id);
    let started = result["started"].as_array().expect("a list");
    assert_eq!(started.len(), 1, "{result}");
    assert!(result["waiting"].is_null(), "nothing waits, as the last look saw it: {result}");
    assert!((2..=4).contains(&looks(&id)), "{} looks for seven events", looks(&id));
    assert_eq!(text(&server.result(text(&started[0]))["outcome"]), "no_champion");
    assert_eq!(watch(&site, r#"{"settle_secs":3}"#)["known"], 1);
}

#[test]
fn where_the_watcher_knows_no_delivery_the_latest_is_that_of_before() {
    let site = Site::new(LENIENT);
    let result = TestServer::shared().result(&site.start(Some(r#"{"mode":"score","raw_prefix":"latest"}"#)));
    let record = site.lake.json(&format!("runs/{}/run.json", text(&result["run_id"])));
    assert_eq!(text(&record["inputs"]["churn_label"]["key"]), "raw/churn_label.csv");
}

/// A watcher that cannot read what it remembers fails at every look, and freshness tells of it; and the other way round.
#[test]
fn a_watcher_that_fails_at_every_look_is_told_of_by_the_other_once() {
    let site = Site::new(LENIENT);
    watch(&site, r#"{"settle_secs":3600}"#);
    let memory = site.lake.keys(&["monitoring/deliveries"]).pop_first().expect("what the watcher remembers");
    replace(&site.lake.at(&memory), b"no JSON");
    let look = |kind: &str, input: &str| TestServer::shared().await_end(&site.start_workflow(kind, Some(input)), A_RUN);
    assert_eq!(look("RawWatcher", r#"{"settle_secs":3600}"#), "FAILED");
    let told = || {
        let all = site.lake.alerts_of("watcher_silent").into_iter();
        all.map(|alert| text(&alert["subject"]).to_owned()).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(look("Freshness", r#"{"by":"23:59"}"#), "COMPLETED");
    }
    assert_eq!(told().len(), 1, "{:?}", told());
    assert!(told()[0].contains("the raw watcher does not look"), "{:?}", told());

    std::fs::remove_file(site.lake.at(&memory)).expect("what nobody can read is deleted");
    replace(&site.lake.at("monitoring/freshness.json"), b"no JSON");
    assert_eq!(look("Freshness", r#"{"by":"23:59"}"#), "FAILED");
    for _ in 0..2 {
        watch(&site, r#"{"settle_secs":3600}"#);
    }
    let mut all = told();
    all.sort();
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0], "nobody looks whether the scores are fresh");
}

#[test]
fn people_hear_once_of_a_delivery_that_does_not_come_to_its_end() {
    let site = Site::new(LENIENT);
    site.lake.add_raw("raw/late");
    let prices = site.lake.at("raw/late/price_history.csv");
    std::fs::remove_file(&prices).expect("a raw file can be removed");
    let patient = watch(&site, r#"{"settle_secs":3600,"overdue_secs":3600}"#);
    let late = patient["waiting"].as_array().and_then(|waiting| waiting.iter().find(|one| one["prefix"] == "raw/late"));
    assert_eq!(text(&late.expect("it waits")["waits_for"]), "missing: price_history.csv");
    assert_eq!(alerts(&site).len(), 0);
    for _ in 0..3 {
        watch(&site, r#"{"settle_secs":3600,"overdue_secs":0}"#);
    }
    let told = alerts(&site);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(text(&told[0]["body"]).contains("price_history.csv"), "{told:?}");

    // Complete, at rest, and no file of readings at all.
    std::fs::write(&prices, "x").expect("a raw file can be written");
    let readings = std::fs::read_dir(site.lake.at("raw/late")).expect("files").map(|file| file.expect("a file").path());
    let readings = readings.into_iter().find(|path| path.to_string_lossy().contains("consumption")).expect("readings");
    replace(&readings, b"no Parquet");
    for _ in 0..3 {
        watch(&site, r#"{"settle_secs":0}"#);
    }
    let told = alerts(&site);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(|alert| text(&alert["subject"]) == "delivery raw/late cannot be read"), "{told:?}");
    // Uploaded once more as they were: they are read, and that is no news.
    replace(&readings, b"no Parquet");
    for _ in 0..2 {
        watch(&site, r#"{"settle_secs":0}"#);
    }
    assert_eq!(alerts(&site).len(), 2);
}

#[test]
fn bad_input_is_told() {
    let site = &support::Published::shared().site;
    let id = site.start_workflow("RawWatcher", Some(r#"{"settle":1}"#));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
}
