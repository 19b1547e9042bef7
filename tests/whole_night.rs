//! A night from beginning to end: files arrive late and twice, the watcher starts one run for them, its drift warns, a
//! promotion waits for a person while the workers are upgraded, the morning's scores are fresh; then a rollback, a
//! backfill, a gc and an erasure. What each left in lake, alerts and histories is looked at.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use support::history::{fetch_history, holds_customer_id, readable};
use support::home::folder;
use support::lake::{TestLake, raw_files};
use support::people::await_request;
use support::{A_RUN, Finished, LENIENT, Site, TestServer, eventually, new_name, spanishgas, text};

const DEPLOYMENT: &str = "churn-night";

struct Night {
    site: Site,
    /// The workflows that were started, in their order.
    workflows: Vec<String>,
}

impl Night {
    /// A look of a small workflow; its result.
    fn look(&mut self, workflow: &str, input: &str) -> Value {
        let (server, id) = (TestServer::shared(), new_name("night"));
        let queue = self.site.queue();
        let start = ["workflow", "start", "--type", workflow, "--task-queue", queue, "--workflow-id", &id];
        server.temporal(&[&start[..], &["--input", input]].concat());
        let result = server.result(&id);
        self.workflows.push(id);
        result
    }

    /// The watcher looks until all is at rest; the runs that it started.
    fn watch(&mut self) -> Vec<String> {
        let mut started = Vec::new();
        eventually("the deliveries are at rest", A_RUN, || {
            let result = self.look("RawWatcher", r#"{"settle_secs":1}"#);
            started.extend(result["started"].as_array().into_iter().flatten().map(|id| text(id).to_owned()));
            let waits = result["waiting"].as_array().is_some_and(|waiting| !waiting.is_empty());
            (!waits).then_some(())
        });
        self.workflows.extend(started.clone());
        started
    }

    fn start(&mut self, input: &str) -> String {
        let id = self.site.start(Some(input));
        self.workflows.push(id.clone());
        id
    }

    /// How often people heard of something.
    fn told(&self, kind: &str) -> usize {
        let keys = self.site.lake.keys(&["monitoring/alerts"]);
        keys.iter().filter(|key| self.site.lake.json(key)["kind"] == kind).count()
    }

    fn command(&self, arguments: &[&str]) -> Finished {
        self.site.command(&[arguments, &["--task-queue", self.site.queue()]].concat())
    }

    fn champion(&self) -> String {
        text(&self.site.lake.json("models/champion.json")["version"]).to_owned()
    }
}

fn make_current(build_id: &str) {
    let arguments = [
        "worker",
        "deployment",
        "set-current-version",
        "--deployment-name",
        DEPLOYMENT,
        "--build-id",
        build_id,
        "--yes",
    ];
    eventually("the version is current", A_RUN, || TestServer::shared().try_temporal(&arguments).ok());
}

/// Another supplier's mistake, or the market's: every price of energy is half as high again.
fn dearer(prices: &str) -> String {
    let dearer = |(place, field): (usize, &str)| match field.parse::<f64>() {
        Ok(price) if (2..5).contains(&place) => format!("{:.6}", price * 1.5),
        _ => field.to_owned(),
    };
    let line = |line: &str| line.split(',').enumerate().map(dearer).collect::<Vec<_>>().join(",");
    prices.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn deliver(to: &Path, name: &str) {
    let bytes = std::fs::read(raw_files().join(name)).expect("a raw file");
    let bytes = match name {
        "price_history.csv" => dearer(&String::from_utf8(bytes).expect("UTF-8")).into_bytes(),
        _ => bytes,
    };
    std::fs::create_dir_all(to).expect("a folder");
    std::fs::write(to.join(name), bytes).expect("a raw file can be written");
}

#[tokio::test]
async fn it_is_played_through() {
    let options = &["--deployment", DEPLOYMENT, "--build-id", "v1"];
    let mut night = Night { site: Site::with_options(TestLake::new(), LENIENT, options), workflows: Vec::new() };
    make_current("v1");
    let server = TestServer::shared();

    // The evening before: a champion, whose scores are published.
    let first = night.start(r#"{"mode":"train"}"#);
    let first = server.result(&first);
    assert_eq!(text(&first["outcome"]), "promoted");
    let evening = night.champion();
    night.watch();

    // 01:00: a delivery comes late, and its files twice.
    let delivery = night.site.lake.at("raw/night");
    let files = std::fs::read_dir(raw_files()).expect("raw files");
    let names: Vec<_> = files.map(|file| file.expect("a file").file_name().into_string().expect("a name")).collect();
    let (last, others) = names.split_last().expect("seven files");
    for name in others {
        deliver(&delivery, name);
    }
    let waits = night.look("RawWatcher", r#"{"settle_secs":0,"overdue_secs":0}"#);
    assert_eq!(waits["started"].as_array().map_or(0, Vec::len), 0, "{waits:#}");
    night.look("RawWatcher", r#"{"settle_secs":0,"overdue_secs":0}"#);
    assert_eq!(night.told("delivery_trouble"), 1, "people hear of what is missing, once");
    deliver(&delivery, last);
    let started = night.watch();
    for name in &names {
        deliver(&delivery, name);
    }
    assert_eq!(night.watch(), Vec::<String>::new(), "the same files again are no other delivery");
    let [scoring] = started.as_slice() else { panic!("one delivery, one run: {started:?}") };

    // 02:00: dearer energy is drift, and people hear of it.
    let scored = server.result(scoring);
    assert_eq!((text(&scored["outcome"]), text(&scored["champion"])), ("scored", evening.as_str()));
    assert_ne!(text(&scored["drift"]["level"]), "none", "{:#}", scored["drift"]);
    assert_eq!(night.told("drift_warn") + night.told("drift_critical"), 1);

    // 03:00: a challenger waits for a person, while the workers are upgraded.
    let input = r#"{"mode":"train","require_approval":true,"raw_prefix":"raw/night"}"#;
    let waiting = night.start(input);
    await_request(&night.site, &waiting);
    let upgraded = night.site.another_worker(&["--deployment", DEPLOYMENT, "--build-id", "v2"]);
    make_current("v2");
    let queue = ["--task-queue", night.site.queue()];
    let approve = ["approvals", "approve", &waiting, "--by", "ana", "--comment", "checked the card"];
    let approved = spanishgas(Some(server), &[&approve[..], &queue].concat());
    assert_eq!(approved.code, Some(0), "{approved:#?}");
    assert_eq!(text(&server.result(&waiting)["outcome"]), "promoted");
    let morning = night.champion();
    assert_ne!(morning, evening);

    // 07:00: the promise is kept, by the new version.
    let fresh = night.look("Freshness", r#"{"by":"00:00"}"#);
    assert_eq!(text(&fresh["state"]), "fresh", "{fresh:#}");
    assert_eq!(night.told("scores_stale"), 0);
    assert_eq!(text(&night.site.lake.json("published.json")["model_version"]), morning);

    // The day after: back to the model of the evening, whose scores are published again.
    let back = night.command(&["models", "rollback", &evening, "--by", "luis", "--reason", "prices were wrong"]);
    assert_eq!(back.code, Some(0), "{back:#?}");
    assert_eq!(night.champion(), evening);
    let again = server.result(&night.start(r#"{"mode":"score"}"#));
    assert_eq!(text(&again["champion"]), evening);
    assert_eq!(text(&night.site.lake.json("published.json")["model_version"]), evening);

    // A date that was missed is made up for, and replaces nothing.
    let filled =
        night.command(&["backfill", "--mode", "score", "--from", "2024-11-30", "--to", "2024-11-30", "--every", "day"]);
    assert_eq!(filled.code, Some(0), "{filled:#?}");
    assert_eq!(text(&night.site.lake.json("published.json")["as_of"]), "2024-12-31");

    // What nothing reaches goes, a month later; all that is published stays.
    let before = night.site.lake.keys(&["scored", "models", "gold"]);
    let then = SystemTime::now() - Duration::from_hours(40 * 24);
    for key in
        night.site.lake.keys(&["bronze", "silver", "gold", "models", "evaluated", "scored", "monitoring", "runs"])
    {
        let file = std::fs::File::options().write(true).open(night.site.lake.at(&key)).expect("an object");
        file.set_modified(then).expect("its time can be set");
    }
    let collected = night.command(&["gc", "--older-than", "30", "--yes"]);
    assert_eq!(collected.code, Some(0), "{collected:#?}");
    let after = night.site.lake.keys(&["scored", "models", "gold"]);
    assert!(after.len() < before.len(), "something went: {}", collected.stdout);
    for output in night.site.lake.json("published.json")["outputs"].as_object().expect("outputs").values() {
        assert!(night.site.lake.has(text(&output["key"])), "{output}");
    }
    for version in [&evening, &morning] {
        assert!(night.site.lake.has(&format!("models/{version}/model.ubj")), "{version}");
    }

    // A customer wants to be forgotten, and is; all others stay scored by the model of the evening.
    let rows = |night: &Night| night.site.lake.json("published.json")["outputs"]["scores"]["rows"].as_u64();
    let (labels, rows_before) = (night.site.lake.find("raw/churn_label.csv").expect("labels"), rows(&night));
    let customer = String::from_utf8(labels).expect("UTF-8").lines().nth(1).map(|line| line[..6].to_owned());
    let (place, customer) = (folder("ids"), customer.expect("a customer"));
    std::fs::write(place.path().join("ids.txt"), &customer).expect("a file of IDs");
    let ids = place.path().join("ids.txt");
    let ids = ids.to_str().expect("a UTF-8 path");
    let erased = ["erase-customer", "--ids-from", ids, "--by", "ana", "--reason", "request 4711", "--json"];
    let report = night.command(&erased).json();
    assert_eq!(
        (&report["scored"]["completed"], &report["left"]),
        (&Value::from(true), &serde_json::json!([])),
        "{report}"
    );
    assert_eq!(rows(&night), rows_before.map(|rows| rows - 1));
    assert_eq!(text(&night.site.lake.json("published.json")["model_version"]), evening);
    let request = text(&report["request"]);
    night.workflows.push(format!("erase-customers-{request}"));
    night.workflows.push(format!("erase-customers-{request}-score"));

    // The histories of the night hold no customer.
    for id in &night.workflows {
        assert!(!holds_customer_id(&readable(&fetch_history(id).await)), "{id} names a customer");
    }
    let (code, log) = upgraded.terminate(Duration::from_secs(40));
    assert_eq!(code, Some(0), "{log}");
}
