//! After an erasure nothing in the lake names the customers, nor does a history, a log or an alert; all others are scored as
//! before. A delivery that brings them again brings them nowhere, and a second erasure finds nothing to do.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use churn::Unwatched;
use churn::erasure::CustomerNames;
use serde_json::Value;

use support::history::{fetch_history, readable, replay};
use support::home::folder;
use support::lake::{TestLake, raw_files};
use support::people::decide;
use support::wrong_clock::WrongClock;
use support::{A_RUN, Finished, LENIENT, Site, TestServer, Worker, eventually, new_name, spanishgas, text};

/// The first customers of the labels.
fn some_customers(lake: &TestLake) -> Vec<String> {
    let labels = String::from_utf8(lake.find("raw/churn_label.csv").expect("labels")).expect("UTF-8");
    let ids = labels.lines().skip(1).filter_map(|line| line.split(',').next()).take(2);
    ids.map(str::to_owned).collect()
}

/// Every object of the lake.
fn objects(lake: &TestLake) -> BTreeMap<String, Vec<u8>> {
    let all = lake.keys(&["."]).into_iter().filter(|key| !key.starts_with(".lake/"));
    all.map(|key| (key.clone(), lake.find(&key).expect("an object"))).collect()
}

/// The objects that name one of the customers; Parquet is read through.
fn naming(lake: &TestLake, ids: &[String]) -> Vec<String> {
    let names = CustomerNames::parse(ids.iter().map(String::as_str)).expect("IDs");
    let is_named = |key: &String| names.are_in_file(&lake.at(key), key, &Unwatched).expect("an object can be read");
    let named: Vec<_> = objects(lake).into_keys().filter(is_named).collect();
    // The bytes themselves too: what is not compressed shows an ID wherever it stands.
    for (key, bytes) in objects(lake) {
        let is_there = ids.iter().any(|id| bytes.windows(id.len()).any(|window| window == id.as_bytes()));
        let ends_in_parquet = Path::new(&key).extension().is_some_and(|extension| extension == "parquet");
        assert!(
            !is_there || ends_in_parquet || named.contains(&key),
            "{key} shows an ID, and the reader did not find it"
        );
    }
    named
}

/// What became of offers, of the first customers of the labels and of two others.
fn deliver_outcomes(lake: &TestLake, ids: &[String]) {
    let labels = std::fs::read_to_string(raw_files().join("churn_label.csv")).expect("labels");
    let others = labels.lines().skip(3).filter_map(|line| line.split(',').next()).take(2);
    let row = |id: &str| format!("{id},2024-05-01,offer_small,0,1,0\n");
    let rows: String = ids.iter().map(String::as_str).chain(others).map(row).collect();
    let file = format!("customer_id,date,action,control,accepted,churned\n{rows}");
    let place = lake.at("raw/offer_outcomes.csv");
    std::fs::write(place, file).expect("the eighth file can be written");
}

fn erase(site: &Site, ids: &[String], more: &[&str]) -> Finished {
    let place = folder("ids");
    let file = place.path().join("ids.txt");
    std::fs::write(&file, ids.join("\n")).expect("a file of IDs");
    let from = ["erase-customer", "--task-queue", site.queue(), "--ids-from", file.to_str().expect("a UTF-8 path")];
    site.command(&[&from[..], more].concat())
}

const WHO: [&str; 4] = ["--by", "ana", "--reason", "request 4711"];

fn scored_rows(lake: &TestLake) -> u64 {
    lake.json("published.json")["outputs"]["scores"]["rows"].as_u64().expect("a count")
}

/// What people have heard of erasures.
fn erasures_told(lake: &TestLake) -> Vec<Value> {
    lake.alerts_of("customers_erased")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_erasure_nothing_names_the_customers() {
    let (ids, workflows, log) = tokio::task::spawn_blocking(an_erasure).await.expect("the erasure ends");
    let is_named = |text: &str| ids.iter().any(|id| text.contains(id.as_str()));
    assert!(!is_named(&log), "the worker's log names a customer");
    for workflow_id in workflows {
        let history = fetch_history(&workflow_id).await;
        assert!(!is_named(&readable(&history)), "the history of {workflow_id} names a customer");
        replay(&workflow_id, &history).await;
    }
}

/// The customers, the workflows that had to do with them, and the worker's log.
fn an_erasure() -> (Vec<String>, Vec<String>, String) {
    let site = Site::new(LENIENT);
    let ids = some_customers(&site.lake);
    deliver_outcomes(&site.lake, &ids);
    let trained = site.train(&[]);
    let version = text(&trained["model"]["version"]).to_owned();
    let before = naming(&site.lake, &ids);
    assert!(before.iter().any(|key| key == "raw/offer_outcomes.csv"), "{before:#?}");
    for layer in ["raw/", "bronze/", "silver/", "gold/", "scored/scores/", "scored/recommendations/"] {
        assert!(before.iter().any(|key| key.starts_with(layer)), "{layer}: {before:#?}");
    }
    let rows = scored_rows(&site.lake);

    // A dry run shows it, and changes nothing.
    let everything = objects(&site.lake);
    let dry = erase(&site, &ids, &["--dry-run", "--json"]);
    assert_eq!(dry.code, Some(2), "{dry:#?}");
    let shown: Value = serde_json::from_str(&dry.stdout).expect("one JSON object");
    assert_eq!(shown["objects"].as_array().map(Vec::len), Some(before.len()), "{shown}");
    assert!(objects(&site.lake) == everything, "a dry run changes nothing");

    let report = erase(&site, &ids, &[&WHO[..], &["--json"]].concat()).json();
    assert_eq!(naming(&site.lake, &ids), Vec::<String>::new(), "{report}");
    assert_eq!((&report["customers"], &report["new_tombstones"]), (&Value::from(2), &Value::from(2)));
    assert_eq!(report["scored"]["completed"], true, "{report}");
    assert_eq!(report["learned"], serde_json::json!([version]), "the model that was trained with them is named");
    assert!(report["unpublished"].as_array().is_some_and(Vec::is_empty), "{report}");
    assert_eq!(scored_rows(&site.lake), rows - 2, "all others are scored");
    let left = String::from_utf8(site.lake.find("raw/offer_outcomes.csv").expect("the file stays")).expect("UTF-8");
    assert_eq!(left.lines().count(), 3, "the rows of others stay");
    site.lake.require_published();
    assert_eq!(text(&site.lake.json("models/champion.json")["version"]), version);

    let certificate = site.lake.json(text(&report["certificate"]));
    assert_eq!((text(&certificate["by"]), text(&certificate["reason"])), ("ana", "request 4711"));
    assert_eq!(certificate["learned"][0]["is_champion"], true);
    for layer in ["raw", "gold", "scored"] {
        let of_layer = |done: &str| certificate["done"][done][layer].as_array().map_or(0, Vec::len);
        assert!(of_layer("rewritten") + of_layer("deleted") > 0, "{layer}: {certificate}");
    }
    assert!(site.lake.keys(&["erasure/requests", "erasure/at-work"]).is_empty(), "the request is gone");
    assert!(!site.lake.has("erasure/lock.json"), "and nobody is at work");
    let told = erasures_told(&site.lake);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(text(&told[0]["body"]).contains(text(&report["certificate"])), "{told:#?}");
    assert_eq!(report["undelivered_alerts"], Value::Null, "all of them came");

    // A second time there is nothing to do.
    let again = erase(&site, &ids, &WHO);
    assert!(again.code == Some(0) && again.stdout.starts_with("NOTHING TO DO"), "{again:#?}");
    assert_eq!(erasures_told(&site.lake).len(), 1, "nothing to do is no news");

    // The same files are delivered once more: nothing is made of these customers.
    for entry in std::fs::read_dir(raw_files()).expect("the raw files can be listed") {
        let file = entry.expect("a raw file");
        let place = site.lake.at("raw").join(file.file_name());
        std::fs::remove_file(&place).expect("a raw file can be removed");
        std::fs::copy(file.path(), place).expect("a raw file can be delivered");
    }
    deliver_outcomes(&site.lake, &ids);
    let delivered = site.score(&[]);
    assert_eq!(scored_rows(&site.lake), rows - 2);
    let named = naming(&site.lake, &ids);
    assert!(!named.is_empty() && named.iter().all(|key| key.starts_with("raw/")), "{named:#?}");
    let third = erase(&site, &ids, &[&WHO[..], &["--json"]].concat()).json();
    assert_eq!(third["new_tombstones"], 0);
    assert_eq!(naming(&site.lake, &ids), Vec::<String>::new(), "{third}");

    // Somebody whom nothing names is kept out, and no model is said to have learned from them.
    let nobody = ["C99999999".to_owned()];
    let kept_out = erase(&site, &nobody, &WHO);
    assert!(kept_out.code == Some(0) && kept_out.stdout.starts_with("KEPT OUT"), "{kept_out:#?}");

    let request = text(&report["request"]);
    let workflows = vec![
        format!("erase-customers-{request}"),
        format!("erase-customers-{request}-score"),
        text(&delivered["workflow_id"]).to_owned(),
    ];
    (ids, workflows, site.log())
}

/// What a link leads to is not the lake's: nothing there is changed, and the certificate says what names them still.
#[test]
fn what_is_linked_into_the_lake_is_as_it_was_and_the_certificate_says_so() {
    let site = Site::new(LENIENT);
    let ids = some_customers(&site.lake);
    let elsewhere = folder("elsewhere");
    let elsewhere = elsewhere.path().canonicalize().expect("a folder");
    let originals = ["churn_label.csv", "price_history.csv"].map(|name| elsewhere.join(name));
    for original in &originals {
        let here = site.lake.at("raw").join(original.file_name().expect("a name"));
        std::fs::copy(here, original).expect("a raw file can be copied");
    }
    // A raw file, and a folder of a delivery.
    let labels = site.lake.at("raw/churn_label.csv");
    std::fs::remove_file(&labels).expect("a raw file can be removed");
    symlink(&originals[0], &labels).expect("a link");
    symlink(&elsewhere, site.lake.at("raw/2025-01")).expect("a link");
    let contents = || originals.each_ref().map(|original| std::fs::read(original).expect("a file"));
    let before = contents();

    let dry = erase(&site, &ids, &["--dry-run"]);
    assert!(dry.stdout.contains("look    raw/2025-01/price_history.csv"), "{dry:#?}");
    let erased = erase(&site, &ids, &[&WHO[..], &["--json"]].concat());
    assert_eq!(erased.code, Some(1), "something is left: {erased:#?}");
    assert!(contents() == before, "what is outside was changed");
    let report: Value = serde_json::from_str(&erased.stdout).expect("one JSON object");
    let certificate = site.lake.json(text(&report["certificate"]));
    assert_eq!(certificate["outside"]["raw/churn_label.csv"], originals[0].to_str().expect("a UTF-8 path"));
    let left = ["raw/2025-01/churn_label.csv", "raw/2025-01/price_history.csv"];
    assert_eq!(certificate["left"].as_object().map(serde_json::Map::len), Some(2), "{certificate:#}");
    for key in left {
        let reason = text(&certificate["left"][key]);
        assert!(reason.contains(elsewhere.to_str().expect("a UTF-8 path")), "{reason}");
    }
    assert!(!labels.is_symlink(), "the lake has a file of its own now");
    assert_eq!(naming(&site.lake, &ids), left);
}

/// When a run began the server says; the worker that writes the tombstones may have a clock that is an hour slow.
#[test]
fn a_run_that_began_before_is_waited_for_whatever_the_worker_s_clock_says() {
    let clock = WrongClock::new().expect("a clock that can be set");
    clock.set(-3600);
    let (lake, config, scratch) = (TestLake::new(), LENIENT.write(), folder("scratch"));
    let (queue, id, server) = (new_name("slow_clock"), new_name("before"), TestServer::shared());
    let ids = some_customers(&lake);
    let path = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
    let (config, scratch, place) = (path(config.path()), path(scratch.path()), path(lake.path()));
    let options = ["--config", &config, "--scratch", &scratch];
    let worker = Worker::start_with(server, &place, &queue, &options, &clock.variables());
    let input = r#"{"mode":"train","require_approval":true}"#;
    let run = ["workflow", "start", "--type", "ChurnPipeline", "--task-queue", &queue, "--workflow-id", &id];
    server.temporal(&[&run[..], &["--input", input]].concat());
    eventually("a person is asked", A_RUN, || lake.alerts_of("approval_requested").pop());

    let file = Path::new(&scratch).join("ids.txt");
    std::fs::write(&file, ids.join("\n")).expect("a file of IDs");
    let file = path(&file);
    let erase = ["erase-customer", "--lake", &place, "--task-queue", &queue, "--ids-from", &file];
    let erased = std::thread::scope(|scope| {
        let erased = scope.spawn(|| spanishgas(Some(server), &[&erase[..], &WHO].concat()));
        let waits = eventually("the erasure has looked for runs of before", A_RUN, || {
            let request = lake.keys(&["erasure/requests"]).pop_first()?;
            let request = request.strip_prefix("erasure/requests/")?.strip_suffix(".json")?;
            waits(&format!("erase-customers-{request}"))
        });
        assert!(waits, "it did not wait for {id}, which began before it");
        decide(&id, "approve", r#"{"by":"ana"}"#).expect("a decision");
        erased.join().expect("the command ends")
    });
    assert_eq!(erased.code, Some(0), "{erased:#?}");
    assert_eq!(naming(&lake, &ids), Vec::<String>::new());
    assert_eq!(worker.terminate(Duration::from_secs(40)).0, Some(0));
}

/// What an erasure did after its first look at runs of before: whether it waited, before it took anything out.
fn waits(workflow_id: &str) -> Option<bool> {
    let shown = TestServer::shared().try_temporal(&["workflow", "show", "--workflow-id", workflow_id]).ok()?;
    shown["events"].as_array()?.iter().find_map(|event| {
        let activity = event["activityTaskScheduledEventAttributes"]["activityType"]["name"].as_str();
        let takes_out = activity.filter(|name| *name == "remove_customers").map(|_| false);
        takes_out.or(event.get("timerStartedEventAttributes").map(|_| true))
    })
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_written_and_shows_no_id() {
    let site = Site::new(LENIENT);
    let ids = some_customers(&site.lake);
    let everything = objects(&site.lake);
    let refused = |finished: &Finished, words: &str| {
        assert_eq!(finished.code, Some(1), "{finished:#?}");
        assert!(finished.stderr.contains(words) && finished.stderr.contains("nothing was erased"), "{finished:#?}");
        assert!(!ids.iter().any(|id| finished.stderr.contains(id.as_str())), "{finished:#?}");
        assert!(objects(&site.lake) == everything, "{words}");
    };
    let reason = format!("{} asked for it", ids[0]);
    refused(&erase(&site, &ids, &["--by", "ana", "--reason", &reason]), "names a customer");
    refused(&erase(&site, &["ana@example.org".to_owned()], &WHO), "entry 1 is no customer ID");
    refused(&erase(&site, &[], &WHO), "names no customer");
    // Nobody is there to do it.
    let place = folder("ids");
    let file = place.path().join("ids.txt");
    std::fs::write(&file, &ids[0]).expect("a file of IDs");
    let (lake, file) = (site.lake.path().to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
    let alone = ["erase-customer", "--lake", lake, "--ids-from", file, "--address", "127.0.0.1:1"];
    refused(&spanishgas(None, &[&alone[..], &WHO[..]].concat()), "no Temporal server");
    let nobody = ["erase-customer", "--lake", lake, "--ids-from", file, "--task-queue", "erased-by-nobody"];
    refused(&spanishgas(Some(TestServer::shared()), &[&nobody[..], &WHO[..]].concat()), "nothing was erased");
}
