//! `spanishgas gc` deletes what nothing reaches any more, and nothing else: after it every pointer leads to whole tables,
//! the champion scores, and an unchanged run finds every stage. On any doubt nothing is deleted.

use std::collections::BTreeSet;
use std::fs::File;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use support::lake::TestLake;
use support::people::await_request;
use support::{A_RUN, Finished, LENIENT, Settings, Site, TestServer, eventually, spanishgas, text};

const FOLDERS: [&str; 8] = ["bronze", "silver", "gold", "models", "evaluated", "scored", "monitoring", "runs"];

/// Everything that is in the lake was written so many days ago.
fn age(lake: &TestLake, days: u64) {
    let then = SystemTime::now() - Duration::from_secs(days * 24 * 3600);
    for key in lake.keys(&FOLDERS) {
        let file = File::options().write(true).open(lake.at(&key)).expect("an object can be opened");
        file.set_modified(then).expect("its time can be set");
    }
}

fn gc(site: &Site, more: &[&str]) -> Finished {
    site.command(&[&["gc", "--older-than", "30", "--task-queue", site.queue()], more].concat())
}

fn folders(finished: &Finished) -> BTreeSet<String> {
    let collection: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|e| panic!("{e}: {finished:#?}"));
    let folders = collection["folders"].as_array().expect("a list of folders");
    folders.iter().map(|folder| text(&folder["folder"]).to_owned()).collect()
}

/// The folder of an output of a stage of a result.
fn folder(result: &Value, stage: &str) -> String {
    let stages = result["stages"].as_array().expect("a list of stages");
    let stage = stages.iter().find(|one| one["name"] == stage).expect("the stage");
    let output = stage["outputs"].as_object().expect("outputs").values().next().expect("an output");
    format!("{}/", text(output).rsplit_once('/').expect("a folder").0)
}

#[test]
fn what_nothing_reaches_goes_and_all_else_stays() {
    let site = Site::new(LENIENT);
    // A champion of before, its scores replaced; a backfill that nobody publishes; a stage that was never finished.
    let before = site.train(&[]);
    let backfilled = site.score(&["--as-of", "2024-10-31"]);
    let site = site.change_settings(Settings { rounds: 50, ..LENIENT });
    let now = site.train(&[]);
    let unfinished = "gold/gold_master/0123456789ab/";
    std::fs::create_dir_all(site.lake.at(unfinished)).expect("a folder");
    std::fs::write(site.lake.at(unfinished).join("gold_master.parquet"), "half").expect("half a table");
    let nothing = gc(&site, &[]);
    assert_eq!((nothing.code, nothing.stdout.starts_with("NOTHING TO DELETE")), (Some(0), true), "{nothing:#?}");

    age(&site.lake, 40);
    let everything = site.lake.keys(&FOLDERS);
    let dry = gc(&site, &["--json"]);
    assert_eq!(dry.code, Some(2), "{dry:#?}");
    let expected: BTreeSet<_> = folders(&dry);
    for gone in [folder(&before, "score"), folder(&backfilled, "gold"), folder(&backfilled, "score"), unfinished.into()]
    {
        assert!(expected.contains(&gone), "{gone} in {expected:#?}");
    }
    for (result, stage) in [
        (&now, "score"),
        (&now, "recommend"),
        (&now, "drift"),
        (&now, "gold"),
        (&now, "silver"),
        (&now, "evaluate"),
        (&before, "evaluate"),
    ] {
        let kept = folder(result, stage);
        assert!(!expected.contains(&kept), "{kept} of {stage} is reached");
    }
    assert!(
        !expected.iter().any(|folder| folder.starts_with("models/") || folder.starts_with("runs/")),
        "{expected:#?}"
    );
    assert_eq!(site.lake.keys(&FOLDERS), everything, "a dry run deletes nothing");
    // A run that somebody names keeps what it reaches.
    let keep = folders(&gc(&site, &["--json", "--keep", text(&backfilled["run_id"])]));
    assert!(!keep.contains(&folder(&backfilled, "gold")) && keep.contains(&folder(&before, "score")), "{keep:#?}");

    let done = gc(&site, &["--json", "--yes"]);
    assert_eq!((done.code, folders(&done)), (Some(0), expected.clone()), "{done:#?}");
    let left = site.lake.keys(&FOLDERS);
    let gone: BTreeSet<_> = everything.difference(&left).collect();
    assert!(gone.iter().all(|key| expected.iter().any(|folder| key.starts_with(folder.as_str()))), "{gone:#?}");
    assert!(
        !left.iter().any(|key| expected.iter().any(|folder| key.starts_with(folder.as_str()))),
        "all of it is gone"
    );
    site.lake.require_published();
    assert_eq!(gc(&site, &["--yes"]).code, Some(0), "a second time there is nothing");

    // The same run finds all of it, and what was deleted comes back where somebody asks for it.
    let again = site.train(&[]);
    let made = again["stages"].as_array().expect("a list").iter().filter(|stage| stage["skipped"] == false);
    assert_eq!(made.map(|stage| text(&stage["name"])).collect::<Vec<_>>(), ["raw"]);
    assert_eq!(folder(&site.score(&["--as-of", "2024-10-31"]), "gold"), folder(&backfilled, "gold"));
}

#[test]
fn an_old_table_that_a_pointer_names_and_what_a_young_run_reaches_stay() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let backfilled = site.score(&["--as-of", "2024-10-31"]);
    age(&site.lake, 40);
    // This run is young, and finds stages that are old.
    let found = site.score(&["--as-of", "2024-10-31"]);
    assert_ne!(found["run_id"], backfilled["run_id"]);
    let listed = folders(&gc(&site, &["--json"]));
    for kept in [folder(&first, "score"), folder(&first, "drift"), folder(&found, "score"), folder(&found, "gold")] {
        assert!(!listed.contains(&kept), "{kept} is reached: {listed:#?}");
    }
    // Partial sums are needed by nothing once they are merged.
    assert!(
        listed.iter().all(|folder| folder.starts_with("bronze/hourly_sums/") || folder.starts_with("bronze/lists/"))
    );
    assert_eq!(gc(&site, &["--yes"]).code, Some(0));
    site.lake.require_published();
}

#[test]
fn on_any_doubt_nothing_is_deleted() {
    let site = Site::new(LENIENT);
    site.train(&[]);
    let backfilled = site.score(&["--as-of", "2024-10-31"]);
    age(&site.lake, 40);
    let everything = site.lake.keys(&FOLDERS);
    let refused = |finished: &Finished, words: &str| {
        assert_eq!(finished.code, Some(1), "{words}: {finished:#?}");
        assert!(finished.stdout.contains("nothing was deleted") && finished.stdout.contains(words), "{finished:#?}");
        assert_eq!(site.lake.keys(&FOLDERS), everything, "{words}");
    };
    // Nobody says whether a run is at work.
    let lake = site.lake.path().to_str().expect("a UTF-8 path");
    let alone = ["gc", "--older-than", "30", "--yes", "--lake", lake, "--address", "127.0.0.1:1"];
    refused(&spanishgas(None, &alone), "not known");
    // What cannot be read might name anything.
    let manifest = folder(&backfilled, "gold") + "manifest.json";
    for key in ["published.json", "models/champion.json", manifest.as_str()] {
        let whole = site.lake.find(key).expect("it is there");
        std::fs::write(site.lake.at(key), b"{ damaged").expect("it can be damaged");
        refused(&gc(&site, &["--yes"]), "cannot be read");
        std::fs::write(site.lake.at(key), whole).expect("it can be repaired");
    }
    // A run is at work.
    let id = site.start(Some(r#"{"mode":"train","require_approval":true,"experiment":"E4_add_sentiment"}"#));
    await_request(&site, &id);
    let everything = site.lake.keys(&FOLDERS);
    let busy = gc(&site, &["--yes"]);
    assert_eq!(busy.code, Some(1), "{busy:#?}");
    assert!(busy.stdout.contains(&format!("run {id} is at work")), "{busy:#?}");
    assert_eq!(site.lake.keys(&FOLDERS), everything);
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "CANCELED");
}

/// One collection by the workflow; its result.
fn collect(site: &Site, input: &str) -> Value {
    site.result_of("GarbageCollection", input)
}

#[test]
fn the_workflow_counts_and_deletes_by_the_same_rules_and_tells_only_of_a_doubt() {
    let site = Site::new(LENIENT);
    site.train(&[]);
    site.score(&["--as-of", "2024-10-31"]);
    age(&site.lake, 40);
    let listed = folders(&gc(&site, &["--json"]));
    let everything = site.lake.keys(&FOLDERS);

    let dry = collect(&site, r#"{"older_than_days":30}"#);
    assert_eq!((text(&dry["outcome"]), dry["unreached"]["folders"].as_u64()), ("found", Some(listed.len() as u64)));
    assert_eq!((dry["deleted"]["folders"].as_u64(), dry["doubts"].as_u64()), (Some(0), Some(0)), "{dry}");
    assert!(dry["unreached"]["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{dry}");
    assert_eq!(site.lake.keys(&FOLDERS), everything, "a dry run deletes nothing");

    // On a doubt nothing is deleted, and people hear of it.
    let whole = site.lake.find("published.json").expect("it is there");
    std::fs::write(site.lake.at("published.json"), b"{ damaged").expect("it can be damaged");
    let doubtful = collect(&site, r#"{"older_than_days":30,"delete":true}"#);
    assert_eq!((text(&doubtful["outcome"]), doubtful["doubts"].as_u64()), ("doubtful", Some(1)), "{doubtful}");
    std::fs::write(site.lake.at("published.json"), whole).expect("it can be repaired");
    let told = site.lake.alerts_of("garbage_doubtful");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(everything.is_subset(&site.lake.keys(&FOLDERS)), "a doubt deletes nothing");

    // While a run is at work it waits for the next time, without a word.
    let id = site.start(Some(r#"{"mode":"train","require_approval":true,"experiment":"E4_add_sentiment"}"#));
    await_request(&site, &id);
    let busy = collect(&site, r#"{"older_than_days":30,"delete":true}"#);
    assert_eq!((text(&busy["outcome"]), busy["runs_at_work"].as_u64()), ("postponed", Some(1)), "{busy}");
    assert!(everything.is_subset(&site.lake.keys(&FOLDERS)));
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "CANCELED");

    // The list of the server shows a moment later that the run has ended.
    let done = eventually("the collection deletes", A_RUN, || {
        let done = collect(&site, r#"{"older_than_days":30,"delete":true}"#);
        Some(done).filter(|done| done["runs_at_work"].as_u64() == Some(0))
    });
    assert_eq!((text(&done["outcome"]), &done["deleted"]), ("deleted", &done["unreached"]), "{done}");
    assert!(done["deleted"]["folders"].as_u64().is_some_and(|folders| folders > 0), "{done}");
    site.lake.require_published();
    assert_eq!(text(&collect(&site, r#"{"older_than_days":30,"delete":true}"#)["outcome"]), "nothing");
}
