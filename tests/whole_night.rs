//! A night from beginning to end: files arrive late and twice, the watcher starts one run for them, its drift warns, a
//! promotion waits for a person while the workers are upgraded, the morning's scores are fresh; then a rollback, a
//! backfill, a gc and an erasure. What each left in lake, alerts, histories and metrics is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use support::history::{build_ids, fetch_history, holds_customer_id, readable};
use support::home::folder;
use support::lake::{TestLake, raw_files};
use support::page::Page;
use support::people::await_request;
use support::versions::make_current;
use support::{A_RUN, Finished, LENIENT, Site, TestServer, Worker, eventually, spanishgas, text};

const DEPLOYMENT: &str = "churn-night";
/// The gauge of deliveries that lack files.
const INCOMPLETE: &str = "spanishgas_deliveries_waiting{state=\"incomplete\"}";

struct Night {
    site: Site,
    /// The workflows that were started, in their order.
    workflows: Vec<String>,
    /// What was in the lake at the end of the last step.
    seen: BTreeSet<String>,
}

/// What a step left.
#[derive(Debug)]
struct Left {
    /// What people have heard, how often, by kind.
    alerts: BTreeMap<String, usize>,
    /// Keys that were not there before.
    new: BTreeSet<String>,
    /// Keys that are not there any more.
    gone: BTreeSet<String>,
}

impl Left {
    fn heard(&self) -> Vec<(&str, usize)> {
        self.alerts.iter().map(|(kind, times)| (kind.as_str(), *times)).collect()
    }

    fn has(&self, key: &str) -> bool {
        self.new.contains(key)
    }
}

impl Night {
    /// A look of a small workflow; its result.
    fn look(&mut self, workflow: &str, input: &str) -> Value {
        let id = self.site.start_workflow(workflow, Some(input));
        let result = TestServer::shared().result(&id);
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
        self.site.lake.alerts_of(kind).len()
    }

    fn command(&self, arguments: &[&str]) -> Finished {
        self.site.command(&[arguments, &["--task-queue", self.site.queue()]].concat())
    }

    /// What came to the lake, and to people, since this was asked last.
    fn left(&mut self) -> Left {
        let now: BTreeSet<_> =
            self.site.lake.keys(&["."]).into_iter().filter(|key| !key.starts_with(".lake/")).collect();
        let (new, gone): (BTreeSet<_>, BTreeSet<_>) = (&now - &self.seen, &self.seen - &now);
        let mut alerts = BTreeMap::new();
        for key in new.iter().filter(|key| key.starts_with("monitoring/alerts/")) {
            *alerts.entry(text(&self.site.lake.json(key)["kind"]).to_owned()).or_default() += 1;
        }
        self.seen = now;
        Left { alerts, new, gone }
    }

    /// The page of the workers that the night began with.
    fn page(&self) -> Page {
        Page::of(&self.site.log())
    }

    /// A model's entry in the registry.
    fn registration(&self, version: &str) -> Value {
        self.site.lake.json(&format!("models/{version}/registration.json"))
    }

    fn published_model(&self) -> String {
        text(&self.site.lake.json("published.json")["model_version"]).to_owned()
    }

    fn scored_rows(&self) -> Option<u64> {
        self.site.lake.json("published.json")["outputs"]["scores"]["rows"].as_u64()
    }

    fn champion(&self) -> String {
        text(&self.site.lake.json("models/champion.json")["version"]).to_owned()
    }
}

fn record(result: &Value, file: &str) -> String {
    format!("runs/{}/{file}", text(&result["run_id"]))
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
    // It is whole at any moment, as of any system that delivers: the run that has begun may be reading the one before.
    let beside_the_lake = to.ancestors().nth(3).expect("LAKE/raw/FOLDER").join(format!("arriving-{name}"));
    std::fs::write(&beside_the_lake, bytes).expect("a raw file can be written");
    std::fs::rename(&beside_the_lake, to.join(name)).expect("a raw file can be delivered");
}

#[tokio::test]
async fn it_is_played_through() {
    let options = &["--deployment", DEPLOYMENT, "--build-id", "v1", "--metrics", "127.0.0.1:0"];
    let site = Site::with_options(TestLake::new(), LENIENT, options);
    let mut night = Night { site, workflows: Vec::new(), seen: BTreeSet::new() };
    make_current(DEPLOYMENT, "v1");
    night.left();

    let evening = the_evening_before(&mut night);
    let scoring = a_delivery_comes_late_and_twice(&mut night);
    its_drift_is_told(&mut night, &scoring, &evening);
    let (morning, upgraded) = a_promotion_waits_during_an_upgrade(&mut night, &evening);
    the_promise_is_kept_by_the_new_version(&mut night, &morning, &upgraded);
    the_day_after_somebody_goes_back(&mut night, &evening, &morning);
    a_date_is_made_up_for(&mut night, &evening);
    what_nothing_reaches_goes(&mut night, [&evening, &morning]);
    a_customer_is_forgotten(&mut night, &evening);
    nothing_was_lost_on_its_way(&night, &upgraded);

    for id in &night.workflows {
        assert_eq!(TestServer::shared().status(id), "COMPLETED", "{id}");
        assert!(!holds_customer_id(&readable(&fetch_history(id).await)), "{id} names a customer");
    }
    let (code, log) = upgraded.terminate(Duration::from_secs(40));
    assert_eq!(code, Some(0), "{log}");
    assert!(!holds_customer_id(&log) && !holds_customer_id(&night.site.log()), "a log names a customer");
}

/// A champion, whose scores are published; its version.
fn the_evening_before(night: &mut Night) -> String {
    let server = TestServer::shared();
    let first = night.start(r#"{"mode":"train"}"#);
    let first = server.result(&first);
    assert_eq!(text(&first["outcome"]), "promoted");
    for started in night.watch() {
        server.result(&started);
    }
    let left = night.left();
    assert_eq!(left.alerts.get("model_promoted"), Some(&1), "{:?}", left.heard());
    let (run, lineage) = (record(&first, "run.json"), record(&first, "openlineage.json"));
    for key in ["models/moves/000001.json", "published.json", "scored/latest.json", &run, &lineage] {
        assert!(left.has(key), "{key}");
    }
    let page = night.page();
    assert!(page.value("spanishgas_runs_succeeded_total") >= Some(1.0), "{}", page.text());
    assert!(page.value("spanishgas_model_pr_auc") > Some(0.0) && page.value("spanishgas_drift_level") < Some(1.0));
    assert_eq!(page.value(INCOMPLETE), Some(0.0));
    night.champion()
}

/// 01:00: of a delivery one file is missing for long, then all of them come twice. The run that the watcher starts for it.
fn a_delivery_comes_late_and_twice(night: &mut Night) -> String {
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
    assert_eq!(night.page().value(INCOMPLETE), Some(1.0));
    deliver(&delivery, last);
    let started = night.watch();
    for name in &names {
        deliver(&delivery, name);
    }
    assert_eq!(night.watch(), Vec::<String>::new(), "the same files again are no other delivery");
    let [scoring] = started.as_slice() else { panic!("one delivery, one run: {started:?}") };
    assert_eq!(night.page().value(INCOMPLETE), Some(0.0));
    scoring.clone()
}

/// 02:00: dearer energy is drift, and people hear of it.
fn its_drift_is_told(night: &mut Night, scoring: &str, evening: &str) {
    let scored = TestServer::shared().result(scoring);
    assert_eq!((text(&scored["outcome"]), text(&scored["champion"])), ("scored", evening));
    assert_ne!(text(&scored["drift"]["level"]), "none", "{:#}", scored["drift"]);
    assert_eq!(night.told("drift_warn") + night.told("drift_critical"), 1);
    let left = night.left();
    let kinds = left.heard();
    // Prices that moved so far are a finding of the delivery, too.
    let [trouble, drift, warning] = kinds.as_slice() else { panic!("{kinds:?}") };
    assert!(*trouble == ("delivery_trouble", 1) && drift.0.starts_with("drift_"), "{kinds:?}");
    assert_eq!(*warning, ("quality_warning", 1));
    assert!(left.has(&format!("monitoring/{}/drift.json", text(&scored["run_id"]))));
    assert_eq!(night.site.lake.json(&record(&scored, "run.json"))["input"]["raw_prefix"], "raw/night");
    assert_eq!(night.site.lake.json("published.json")["run_id"], scored["run_id"]);
    assert_eq!(night.site.lake.keys(&["models/moves"]).len(), 1, "nobody moved the champion");
    let page = night.page();
    for gauge in ["spanishgas_drift_level", "spanishgas_features_drifted"] {
        assert!(page.value(gauge) >= Some(1.0), "{gauge}");
    }
    assert_eq!(build_ids(scoring), ["v1"]);
}

/// 03:00: a challenger waits for a person, while the workers are upgraded; its version, and the new worker.
fn a_promotion_waits_during_an_upgrade(night: &mut Night, evening: &str) -> (String, Worker) {
    let server = TestServer::shared();
    let input = r#"{"mode":"train","require_approval":true,"raw_prefix":"raw/night"}"#;
    let waiting = night.start(input);
    await_request(&night.site, &waiting);
    let options = &["--deployment", DEPLOYMENT, "--build-id", "v2", "--metrics", "127.0.0.1:0"];
    let upgraded = night.site.another_worker(options);
    make_current(DEPLOYMENT, "v2");
    let queue = ["--task-queue", night.site.queue()];
    let approve = ["approvals", "approve", &waiting, "--by", "ana", "--comment", "checked the card"];
    let approved = spanishgas(Some(server), &[&approve[..], &queue].concat());
    assert_eq!(approved.code, Some(0), "{approved:#?}");
    assert_eq!(text(&server.result(&waiting)["outcome"]), "promoted");
    let morning = night.champion();
    assert_ne!(morning, evening);
    let left = night.left();
    assert_eq!((left.alerts.get("approval_requested"), left.alerts.get("model_promoted")), (Some(&1), Some(&1)));
    assert!(left.has("models/moves/000002.json") && left.has(&format!("models/{morning}/model_card.md")), "{left:?}");
    let checks = night.registration(&morning)["verdict"]["checks"].clone();
    let decided = checks.as_array().expect("checks").iter().find(|check| check["name"] == "manual_approval");
    assert!(text(&decided.expect("a person's decision")["note"]).contains("ana"), "{checks}");
    assert_eq!(build_ids(&waiting), ["v1"], "what was begun before the upgrade ends on the old version");
    (morning, upgraded)
}

/// 07:00: the scores are there.
fn the_promise_is_kept_by_the_new_version(night: &mut Night, morning: &str, upgraded: &Worker) {
    let fresh = night.look("Freshness", r#"{"by":"00:00"}"#);
    assert_eq!(text(&fresh["state"]), "fresh", "{fresh:#}");
    assert_eq!(night.published_model(), morning);
    let left = night.left();
    assert!(left.alerts.is_empty() && left.has("monitoring/freshness.json"), "{left:?}");
    assert_eq!(text(&night.site.lake.json("monitoring/freshness.json")["state"]), "fresh");
    assert_eq!(build_ids(night.workflows.last().expect("a look")), ["v2"]);
    // The worker that looked shows it.
    let pages = [Page::of(&upgraded.log()), night.page()];
    let shown = |series: &str| pages.iter().find_map(|page| page.value(series));
    assert_eq!(shown("spanishgas_freshness_state{state=\"fresh\"}"), Some(1.0));
    assert_eq!(shown("spanishgas_scores_stale"), Some(0.0));
}

/// Back to the model of the evening, whose scores are published again.
fn the_day_after_somebody_goes_back(night: &mut Night, evening: &str, morning: &str) {
    let back = night.command(&["models", "rollback", evening, "--by", "luis", "--reason", "prices were wrong"]);
    assert_eq!(back.code, Some(0), "{back:#?}");
    assert_eq!(night.champion(), evening);
    assert_eq!(night.left().heard(), [("champion_moved", 1)]);
    let moved = night.site.lake.json("models/moves/000003.json");
    assert_eq!((text(&moved["cause"]), text(&moved["by_hand"]["by"])), ("rollback", "luis"));
    let withdrawn = night.registration(morning);
    assert_eq!((text(&withdrawn["status"]), text(&withdrawn["withdrawals"][0]["by"])), ("Withdrawn", "luis"));
    night.workflows.push(text(&moved["by_hand"]["workflow_id"]).to_owned());
    assert_eq!(night.published_model(), morning, "until the next scoring");
    let again = night.start(r#"{"mode":"score"}"#);
    let again = TestServer::shared().result(&again);
    assert_eq!((text(&again["champion"]), night.published_model().as_str()), (evening, evening));
    assert!(night.left().has(&record(&again, "run.json")));
}

/// A date that was missed is made up for, and replaces nothing.
fn a_date_is_made_up_for(night: &mut Night, evening: &str) {
    let span = ["backfill", "--mode", "score", "--from", "2024-11-30", "--to", "2024-11-30", "--every", "day"];
    let filled = night.command(&span);
    assert_eq!(filled.code, Some(0), "{filled:#?}");
    assert_eq!(text(&night.site.lake.json("published.json")["as_of"]), "2024-12-31");
    let runs = night.site.command(&["runs", "--json"]).json();
    let of_date = runs.as_array().expect("runs").iter().find(|run| run["as_of"] == "2024-11-30");
    let of_date = of_date.unwrap_or_else(|| panic!("no run of the date: {runs:#}"));
    assert_eq!((text(&of_date["outcome"]), text(&of_date["model_version"])), ("scored", evening));
    night.workflows.push(text(&of_date["workflow_id"]).to_owned());
    let left = night.left();
    assert!(left.has(&record(of_date, "run.json")) && left.gone.is_empty(), "{left:?}");
    assert_eq!(night.site.lake.keys(&["models/moves"]).len(), 3, "it moves no champion");
}

/// A month later; all that is published stays.
fn what_nothing_reaches_goes(night: &mut Night, versions: [&str; 2]) {
    let then = SystemTime::now() - Duration::from_hours(40 * 24);
    for key in
        night.site.lake.keys(&["bronze", "silver", "gold", "models", "evaluated", "scored", "monitoring", "runs"])
    {
        let file = std::fs::File::options().write(true).open(night.site.lake.at(&key)).expect("an object");
        file.set_modified(then).expect("its time can be set");
    }
    let collected = night.command(&["gc", "--older-than", "30", "--yes"]);
    assert_eq!(collected.code, Some(0), "{collected:#?}");
    let left = night.left();
    assert!(left.gone.iter().any(|key| key.starts_with("scored/")), "something went: {}", collected.stdout);
    assert!(left.alerts.is_empty() && left.new.is_empty(), "{left:?}");
    let kept = ["models/", "runs/", "monitoring/alerts/", "raw/"];
    let stays = |key: &&String| kept.iter().any(|top| key.starts_with(top));
    assert_eq!(left.gone.iter().filter(stays).collect::<Vec<_>>(), Vec::<&String>::new());
    for output in night.site.lake.json("published.json")["outputs"].as_object().expect("outputs").values() {
        assert!(night.site.lake.has(text(&output["key"])), "{output}");
    }
    for version in versions {
        assert!(night.site.lake.has(&format!("models/{version}/model.ubj")), "{version}");
    }
}

/// A customer wants to be forgotten, and is; all others stay scored by the model of the evening.
fn a_customer_is_forgotten(night: &mut Night, evening: &str) {
    let (labels, rows_before) = (night.site.lake.find("raw/churn_label.csv").expect("labels"), night.scored_rows());
    let customer = String::from_utf8(labels).expect("UTF-8").lines().nth(1).map(|line| line[..6].to_owned());
    let (place, customer) = (folder("ids"), customer.expect("a customer"));
    std::fs::write(place.path().join("ids.txt"), &customer).expect("a file of IDs");
    let ids = place.path().join("ids.txt");
    let ids = ids.to_str().expect("a UTF-8 path");
    let erased = ["erase-customer", "--ids-from", ids, "--by", "ana", "--reason", "request 4711", "--json"];
    let report = night.command(&erased).json();
    assert_eq!((&report["scored"]["completed"], &report["left"]), (&Value::from(true), &Value::from(0)), "{report}");
    assert_eq!(night.scored_rows(), rows_before.map(|rows| rows - 1));
    assert_eq!(night.published_model(), evening);
    let request = text(&report["request"]);
    night.workflows.push(format!("erase-customers-{request}"));
    night.workflows.push(format!("erase-customers-{request}-score"));
    let left = night.left();
    assert_eq!(left.alerts.get("customers_erased"), Some(&1), "{:?}", left.heard());
    assert!(left.has(text(&report["certificate"])) && left.has("erasure/key.json"), "{left:?}");
    assert_eq!(night.site.lake.json("erasure/tombstones.json")["hashes"].as_array().map(Vec::len), Some(1));
    assert!(night.site.lake.keys(&["erasure/requests", "erasure/at-work"]).is_empty());
}

/// Each run of the night is on record and ended well, with its lineage and its figures; neither alerts nor metrics hold a
/// customer.
fn nothing_was_lost_on_its_way(night: &Night, upgraded: &Worker) {
    let runs: Vec<_> = night.site.lake.keys(&["runs"]).into_iter().filter(|key| key.ends_with("/run.json")).collect();
    assert!(runs.len() >= 6, "{runs:?}");
    for key in &runs {
        let of_run = night.site.lake.json(key);
        assert_eq!(text(&of_run["result"]["state"]), "completed", "{key}");
        assert_eq!(of_run["result"]["undelivered_alerts"], serde_json::json!([]), "{key}");
        assert_eq!((&of_run["metrics"]["undelivered"], &of_run["lineage_undelivered"]), (&Value::Null, &Value::Null));
        assert!(night.site.lake.has(&key.replace("run.json", "openlineage.json")), "{key}");
    }
    let pages = [night.page(), Page::of(&upgraded.log())];
    let sum = |counter: &str| pages.iter().filter_map(|page| page.value(counter)).sum::<f64>();
    assert_eq!(sum("spanishgas_runs_succeeded_total"), runs.len() as f64, "each was counted once");
    assert_eq!(sum("spanishgas_runs_failed_total") + sum("spanishgas_alerts_undelivered_total"), 0.0);
    let kinds = ["run_failed", "quality_blocked", "table_repaired", "no_champion", "garbage_doubtful", "scores_stale"];
    assert_eq!(kinds.map(|kind| night.told(kind)), [0; 6], "people heard of no trouble that was none");
    for alert in night.site.lake.alerts() {
        assert!(!holds_customer_id(&alert.to_string()), "an alert of {} names a customer", alert["kind"]);
    }
    for page in &pages {
        assert!(!holds_customer_id(page.text()), "the metrics name a customer");
    }
}
