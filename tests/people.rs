//! People in the loop, with the commands that they type: what waits for a person is listed and decided, a run waits
//! between its stages for a reason, and what people know is not told again.

use serde_json::Value;

use support::people::await_request;
use support::processes::training_below;
use support::{A_RUN, Drift, Finished, LENIENT, Settings, Site, TestServer, eventually, new_name, spanishgas, text};

/// A command that asks the server and needs no lake.
fn ask(site: &Site, arguments: &[&str]) -> Finished {
    spanishgas(Some(TestServer::shared()), &[arguments, &["--task-queue", site.queue()]].concat())
}

fn progress(id: &str) -> Value {
    TestServer::shared().progress(id)
}

#[test]
fn what_waits_is_listed_with_its_figures_and_decided_by_a_command() {
    let site = Site::new(LENIENT);
    let none = ask(&site, &["approvals", "list"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), "no promotion waits for a person\n"), "{none:#?}");

    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    let early = ask(&site, &["approvals", "approve", &id, "--by", "ana"]);
    assert_eq!(early.code, Some(1));
    assert!(early.stderr.contains("no promotion of this run waits for a decision"), "{early:#?}");
    await_request(&site, &id);

    let listed = eventually("the run is in the server's list", A_RUN, || {
        let listed = ask(&site, &["approvals", "list", "--json"]);
        (listed.code == Some(2)).then_some(listed.stdout)
    });
    let listed: Value = serde_json::from_str(&listed).expect("one JSON list");
    let [line] = listed.as_array().expect("a list").as_slice() else { panic!("one waits: {listed:#}") };
    let approval = &line["approval"];
    assert_eq!(text(&line["workflow_id"]), id);
    assert!(approval["pr_auc"].as_f64().is_some_and(|pr_auc| pr_auc > 0.05), "{approval:#}");
    assert!(approval["checks"].as_array().is_some_and(|checks| checks.iter().all(|check| check["passed"] == true)));
    let times = ["asked", "remind_at", "expires_at"].map(|time| text(&approval[time]).to_owned());
    assert!(times.is_sorted() && times[0] != times[1], "{times:?}");
    let queried = progress(&id);
    for field in ["version", "asked", "expires_at"] {
        assert_eq!(approval[field], queried["approval"][field], "the query says the same");
    }
    let shown = ask(&site, &["approvals", "list"]);
    assert!(shown.code == Some(2) && shown.stdout.contains(text(&approval["version"])), "{shown:#?}");
    let asked = site.lake.alerts_of("approval_requested");
    for command in ["approvals list", &format!("approvals approve {id} --by"), &format!("approvals reject {id} --by")] {
        assert!(text(&asked[0]["body"]).contains(command), "{command}: {asked:#?}");
    }

    let nobody = ask(&site, &["approvals", "approve", &id, "--by", " "]);
    assert!(nobody.code == Some(1) && nobody.stderr.contains("say who decides"), "{nobody:#?}");
    let unknown = ask(&site, &["approvals", "approve", "nothing-of-this-name", "--by", "ana"]);
    assert!(unknown.code == Some(1) && unknown.stderr.contains(&id), "it names those at work: {unknown:#?}");
    // No other run is at work on this queue, so any beginning names it.
    let decided = ask(&site, &["approvals", "reject", &id[..3], "--by", "ana", "--comment", "wait for January"]);
    assert!(decided.code == Some(0) && decided.stdout.contains("rejected by ana"), "{decided:#?}");
    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["verdict"]["outcome"]), "rejected");
    assert!(progress(&id).get("approval").is_none_or(Value::is_null), "nothing waits any more");
    let late = ask(&site, &["approvals", "approve", &id, "--by", "ana"]);
    assert!(late.code == Some(1) && late.stderr.contains("it is completed"), "{late:#?}");
}

#[test]
fn a_paused_run_begins_no_stage_until_somebody_resumes_it_and_its_record_says_so() {
    // Long enough for somebody to pause it in mid-training.
    let site = Site::new(Settings { rounds: 8_000, ..LENIENT });
    let scratch = site.scratch().to_str().expect("a UTF-8 path");
    let id = new_name("paused");
    let followed = std::thread::scope(|scope| {
        let run = scope.spawn(|| site.run(&["--mode", "train", "--workflow-id", &id, "--json"]));
        eventually("training has started", A_RUN, || training_below(scratch));
        let change = |word: &str, reason: &str| ask(&site, &[word, &id, "--by", "ana", "--reason", reason]);
        let paused = change("pause", "wrong prices");
        assert!(paused.code == Some(0) && paused.stdout.contains("paused by ana"), "{paused:#?}");
        let nobody = change("resume", " ");
        assert!(nobody.code == Some(1) && nobody.stderr.contains("say who asks for it and why"), "{nobody:#?}");
        let again = change("pause", "wrong costs");
        assert!(again.code == Some(1) && again.stderr.contains("is paused by ana since"), "{again:#?}");

        // What was at work ends well. The next stage would begin in the same moment, and does not.
        let waiting = eventually("the training has ended", A_RUN, || {
            Some(progress(&id)).filter(|progress| stage(progress, "train") == "done")
        });
        assert_eq!(text(&waiting["paused"]["reason"]), "wrong prices");
        assert_eq!((text(&waiting["stage"]), stage(&waiting, "evaluate")), ("", "pending"));
        let metadata = TestServer::shared().temporal(&["workflow", "metadata", "--workflow-id", &id]);
        assert!(metadata.to_string().contains("Paused by ana"), "the UI shows it: {metadata:#}");
        let resumed = change("resume", "prices are right again");
        assert!(resumed.code == Some(0) && resumed.stdout.contains("resumed by ana"), "{resumed:#?}");
        run.join().expect("the run ends")
    });
    assert_eq!(text(&followed.json()["outcome"]), "promoted");
    for line in ["paused by ana since", "wrong prices", &format!("spanishgas resume {id}"), "\nresumed\n"] {
        assert!(followed.stderr.contains(line), "{line}: {}", followed.stderr);
    }
    let record = site.lake.json(&format!("runs/{}/run.json", text(&followed.json()["run_id"])));
    let [pause] = record["pauses"].as_array().expect("pauses").as_slice() else { panic!("{record:#}") };
    assert_eq!((text(&pause["by"]), text(&pause["resumed"]["reason"])), ("ana", "prices are right again"));
    assert!(text(&pause["since"]) < text(&pause["resumed"]["at"]), "{pause:#}");
    let explained = site.command(&["explain", "latest"]);
    assert!(explained.stdout.contains("paused     by ana at"), "{}", explained.stdout);
    let late = ask(&site, &["pause", &id, "--by", "ana", "--reason", "wrong prices"]);
    assert!(late.code == Some(1) && late.stderr.contains("it is completed"), "{late:#?}");
}

fn stage<'a>(progress: &'a Value, name: &str) -> &'a str {
    let stages = progress["stages"].as_array().expect("stages");
    text(&stages.iter().find(|stage| stage["name"] == name).expect("a stage of this name")["state"])
}

#[test]
fn a_paused_run_can_be_cancelled() {
    let site = Site::new(LENIENT);
    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    await_request(&site, &id);
    let change = |word| ask(&site, &[word, &id, "--by", "ana", "--reason", "wrong prices"]);
    let early = change("resume");
    assert!(early.code == Some(1) && early.stderr.contains("the run is not paused"), "{early:#?}");
    let paused = change("pause");
    assert_eq!(paused.code, Some(0), "{paused:#?}");
    // The question may be answered meanwhile; the stage after it does not begin.
    assert_eq!(ask(&site, &["approvals", "reject", &id, "--by", "luis"]).code, Some(0));
    let waiting = eventually("the gate has decided", A_RUN, || {
        Some(progress(&id)).filter(|progress| stage(progress, "gate") == "done")
    });
    assert_eq!((stage(&waiting, "score"), text(&waiting["paused"]["by"])), ("pending", "ana"));
    TestServer::shared().temporal(&["workflow", "cancel", "--workflow-id", &id]);
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "CANCELED");
    assert!(progress(&id).get("paused").is_none_or(Value::is_null), "what has ended is not paused");
    let run = site.command(&["explain", &id, "--json"]).json();
    assert_eq!((text(&run["state"]), &run["pauses"][0]["resumed"]), ("cancelled", &Value::Null));
}

#[test]
fn a_run_that_is_paused_beyond_its_limit_fails_and_says_who_paused_it() {
    let site = Site::new(Settings { rounds: 2_000, run_limit_secs: 25, ..LENIENT });
    let scratch = site.scratch().to_str().expect("a UTF-8 path");
    let id = site.start(Some(r#"{"mode":"train"}"#));
    eventually("training has started", A_RUN, || training_below(scratch));
    assert_eq!(ask(&site, &["pause", &id, "--by", "ana", "--reason", "wrong prices"]).code, Some(0));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
    let failed = support::history::failure(&id);
    assert_eq!(failed.type_name, "SG0032 RunTimedOut");
    assert!(failed.message.contains("ana had paused the run since"), "{}", failed.message);
}

#[test]
fn what_somebody_knows_is_noted_and_told_to_nobody_until_it_is_taken_back() {
    let site = Site::new(LENIENT);
    let score = || {
        let id = site.start(Some(r#"{"mode":"score"}"#));
        assert_eq!(text(&TestServer::shared().result(&id)["outcome"]), "no_champion");
        id
    };
    let first = score();
    let open = site.command(&["alerts", "list", "--json"]).json();
    let [alert] = open.as_array().expect("a list").as_slice() else { panic!("one is open: {open:#}") };
    assert_eq!((text(&alert["kind"]), text(&alert["run"]["workflow_id"])), ("no_champion", first.as_str()));
    let id = text(&alert["id"]).to_owned();

    let until = ["--until", "2999-12-31", "--by", "ana", "--reason", "the first model comes on Monday"];
    let past = site.command(&["alerts", "ack", &id, "--until", "2001-01-01", "--by", "ana"]);
    assert!(past.code == Some(1) && past.stderr.contains("is over already"), "{past:#?}");
    let unknown = site.command(&[&["alerts", "ack", "zz"], &until[..]].concat());
    assert!(unknown.code == Some(1) && unknown.stderr.contains("no alert zz"), "{unknown:#?}");
    let known = site.command(&[&["alerts", "ack", &id[..6]], &until[..]].concat());
    assert!(known.code == Some(0) && known.stdout.contains("no champion: nothing was scored"), "{known:#?}");
    assert!(site.command(&["alerts", "list"]).stdout.contains("no alert of the last 30 days is open"));

    let second = score();
    let of = |id: &str| {
        let stored = site.lake.alerts_of("no_champion");
        stored.into_iter().find(|alert| alert["run"]["workflow_id"] == id).expect("an alert of the run")
    };
    assert_eq!(text(&of(&second)["acknowledged_by"]["by"]), "ana");
    assert!(of(&first).get("acknowledged_by").is_none());
    let log = site.log();
    assert_eq!(log.matches("no champion: nothing was scored").count(), 1, "people heard once:\n{log}");
    let all = site.command(&["alerts", "list", "--all"]);
    assert!(all.stdout.contains("quiet") && all.stdout.contains("the first model comes on Monday"), "{all:#?}");

    let back = site.command(&["alerts", "unack", &id]);
    assert_eq!(back.code, Some(0), "{back:#?}");
    assert_eq!(site.command(&["alerts", "unack", &id]).code, Some(1), "only once");
    let third = score();
    assert!(of(&third).get("acknowledged_by").is_none(), "it is told again");

    // A failed run is told whatever anybody knows of the one before.
    let fail = || {
        let id = site.start(Some(r#"{"mode":"train","experiment":"E99"}"#));
        assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
        site.lake.alerts_of("run_failed").into_iter().find(|alert| alert["run"]["workflow_id"] == id).expect("an alert")
    };
    let failed = fail();
    let seen = site.command(&[&["alerts", "ack", text(&failed["event_id"])], &until[..]].concat());
    assert!(seen.code == Some(0) && seen.stdout.contains("told all the same"), "{seen:#?}");
    assert!(fail().get("acknowledged_by").is_none());
}

#[test]
fn known_drift_is_quiet_until_another_column_drifts() {
    let site = Site::new(Settings { drift: Drift::AnyPValue, ..LENIENT });
    site.train(&[]);
    // Customers of some months ago: what counts months is another.
    let past = site.score(&["--as-of", "2024-10-31"]);
    assert_eq!(text(&past["drift"]["level"]), "warn", "{:#}", past["drift"]);
    let told = site.lake.alerts_of("drift_warn");
    assert_eq!(told, Vec::<Value>::new(), "of results that are not published nobody hears");
    let drifted = |as_of: &str| {
        // As if they were those of today.
        for pointer in ["published.json", "scored/latest.json", "monitoring/latest.json"] {
            std::fs::remove_file(site.lake.at(pointer)).expect("a pointer can be taken away");
        }
        let run = site.score(&["--as-of", as_of, "--force"]);
        let told = site.lake.alerts_of("drift_warn").into_iter().find(|alert| alert["run"]["run_id"] == run["run_id"]);
        told.unwrap_or_else(|| panic!("no drift at {as_of}: {:#}", run["drift"]))
    };
    let first = drifted("2024-10-31");
    let known = text(&first["event_id"]);
    let ack = site.command(&["alerts", "ack", known, "--until", "2999-12-31", "--by", "ana", "--reason", "a backfill"]);
    assert!(ack.code == Some(0) && ack.stdout.contains(text(&first["features"][0])), "{ack:#?}");
    let again = drifted("2024-10-31");
    assert_eq!((&again["features"], text(&again["acknowledged_by"]["by"])), (&first["features"], "ana"));
    let worse = drifted("2024-03-31");
    let columns = |alert: &Value| alert["features"].as_array().map_or(0, Vec::len);
    assert!(columns(&worse) > columns(&first) && worse.get("acknowledged_by").is_none(), "{first:#} {worse:#}");
}
