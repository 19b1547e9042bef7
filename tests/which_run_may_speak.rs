//! Who may promote, and whose scores are published: a rollback stays, a run is the one that was asked for, and
//! nothing older or withdrawn replaces what the business reads.

use serde_json::Value;

use support::history::failure;
use support::{A_RUN, LENIENT, STRICT, Site, TestServer, new_name, spanishgas, text, version};

const OTHER: &str = "E4_add_sentiment";

/// `spanishgas models ...` on a site's lake; what it printed.
fn models(site: &Site, arguments: &[&str]) -> String {
    let lake = site.lake.path().to_str().expect("a UTF-8 path");
    let done = spanishgas(None, &[&["models"], arguments, &["--lake", lake]].concat());
    assert_eq!(done.code, Some(0), "{done:#?}");
    done.stdout
}

/// A change by a person, made by the site's worker; what the command printed.
fn change(site: &Site, action: &str, version: &str, by: &str, reason: &str) -> String {
    let lake = site.lake.path().to_str().expect("a UTF-8 path");
    let arguments = ["models", action, version, "--by", by, "--reason", reason];
    let places = ["--lake", lake, "--task-queue", site.queue()];
    let done = spanishgas(Some(TestServer::shared()), &[&arguments[..], &places].concat());
    assert_eq!(done.code, Some(0), "{done:#?}");
    done.stdout
}

fn roll_back(site: &Site, to: &str) -> String {
    change(site, "rollback", to, "ana", "offers went wrong")
}

fn check<'a>(result: &'a Value, name: &str) -> &'a Value {
    let checks = result["verdict"]["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no check {name} in {checks:?}"))
}

fn alerts(site: &Site, run_id: &Value) -> Vec<String> {
    let of_run = site.lake.alerts().into_iter().filter(|alert| alert["run"]["run_id"] == *run_id);
    of_run.map(|alert| text(&alert["kind"]).to_owned()).collect()
}

#[test]
fn a_rollback_is_not_undone_by_the_next_run_and_the_next_scores_are_the_champions_of_now() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let score = || site.run(&["--mode", "score", "--json"]);
    // The model that the rollback goes back to has scored these very files before.
    assert_eq!(text(&score().json()["champion"]), version(&first));
    let second = site.train(&["--experiment", OTHER]);
    let before = score().json();
    assert_eq!(text(&before["champion"]), version(&second));

    let said = roll_back(&site, version(&first));
    assert!(said.contains("still published") && said.contains(version(&second)), "{said}");
    assert!(said.contains("--mode score"), "what to do about it: {said}");

    let scored = score().json();
    assert_ne!(scored["run_id"], before["run_id"], "the old run's answer is not the champion's of now");
    assert_eq!(text(&scored["champion"]), version(&first));
    assert_eq!(text(&site.lake.json("scored/latest.json")["model_version"]), version(&first));
    assert!(models(&site, &["list"]).contains("Withdrawn"));

    let again = site.train(&["--experiment", OTHER]);
    assert_eq!((text(&again["outcome"]), version(&again)), ("rejected", version(&second)));
    let refused = check(&again, "not_withdrawn");
    assert_eq!(refused["passed"], false);
    assert!(
        text(&refused["note"]).contains("ana") && text(&refused["note"]).contains("offers went wrong"),
        "{refused}"
    );
    assert_eq!(text(&site.lake.json("models/champion.json")["version"]), version(&first));

    change(&site, "reinstate", version(&second), "luis", "it was the price file");
    let lifted = site.train(&["--experiment", OTHER]);
    assert_eq!(text(&lifted["outcome"]), "promoted");

    let history = models(&site, &["history"]);
    let causes: Vec<_> = history.lines().skip(1).filter_map(|line| line.split_whitespace().nth(2)).collect();
    assert_eq!(causes, ["promotion", "promotion", "rollback", "promotion"], "{history}");
    assert!(models(&site, &["at", "2999-01-01"]).contains(version(&second)));
}

#[test]
fn rollback_can_score_at_once() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    site.train(&["--experiment", OTHER]);
    let lake = site.lake.path().to_str().expect("a UTF-8 path");
    let back = ["models", "rollback", version(&first), "--by", "ana", "--reason", "offers went wrong", "--score"];
    let arguments = [&back[..], &["--lake", lake, "--task-queue", site.queue()]].concat();
    let done = spanishgas(Some(TestServer::shared()), &arguments);
    assert_eq!(done.code, Some(0), "{done:#?}");
    assert!(done.stdout.contains(&format!("SCORED: champion {}", version(&first))), "{}", done.stdout);
    assert_eq!(text(&site.lake.json("scored/latest.json")["model_version"]), version(&first));
}

#[test]
fn another_question_gets_another_run() {
    let site = Site::new(LENIENT);
    let ask = |arguments: &[&str]| site.run(&[&["--mode", "train", "--json"], arguments].concat()).json();
    let usual = ask(&[]);
    let other = ask(&["--experiment", "E0_baseline"]);
    assert_ne!(usual["workflow_id"], other["workflow_id"]);
    assert_eq!(text(&other["model"]["experiment"]), "E0_baseline");

    // The same files in another lake.
    let elsewhere = Site::new(LENIENT);
    let there = elsewhere.run(&["--mode", "train", "--json"]).json();
    assert_eq!(there["dataset"], usual["dataset"]);
    assert_ne!(there["workflow_id"], usual["workflow_id"]);
    assert!(elsewhere.lake.has("scored/latest.json"));

    // Other settings of the workers.
    let strict = site.change_settings(STRICT);
    let judged = strict.run(&["--mode", "train", "--json"]).json();
    assert_ne!(judged["workflow_id"], usual["workflow_id"]);
}

#[test]
fn a_worker_of_another_lake_or_with_other_files_refuses_the_run() {
    let (site, other) = (Site::new(LENIENT), Site::new(LENIENT));
    let lake = other.lake.path().to_str().expect("a UTF-8 path");
    let arguments = ["run", "--mode", "score", "--lake", lake, "--task-queue", site.queue(), "--json"];
    let refused = spanishgas(Some(TestServer::shared()), &arguments);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    let answer: Value = serde_json::from_str(&refused.stdout).expect("one JSON object");
    assert_eq!(text(&answer["error"]["type"]), "SG0030 OtherLake");
    assert!(site.lake.keys(&["bronze"]).is_empty(), "nothing is computed for another lake");

    for (input, number) in [
        (r#"{"mode":"score","dataset":"000000000000"}"#, "SG0031 OtherData"),
        (r#"{"mode":"score","settings":"000000000000"}"#, "SG0041 OtherSettings"),
    ] {
        let id = site.start(Some(input));
        assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
        assert_eq!(failure(&id).type_name, number);
    }
}

#[test]
fn a_backfill_never_replaces_newer_scores() {
    let site = Site::new(LENIENT);
    site.train(&[]);
    let pointers = ["published.json", "scored/latest.json", "monitoring/latest.json"];
    let before = pointers.map(|pointer| site.lake.find(pointer).expect("published"));
    let past = site.score(&["--as-of", "2024-10-31"]);
    let publish = past["stages"].as_array().and_then(|stages| stages.last()).expect("stages");
    assert_eq!((text(&publish["name"]), &publish["skipped"]), ("publish", &Value::Bool(true)));
    assert!(text(&publish["reason"]).contains("not published"), "{publish}");
    assert_eq!(pointers.map(|pointer| site.lake.find(pointer).expect("published")), before);
}

#[test]
fn a_promotion_is_told_and_recorded_when_the_run_fails_afterwards() {
    let site = Site::new(LENIENT);
    // No score can be written: a file is where their folder must be.
    std::fs::write(site.lake.path().join("scored"), "in the way").expect("a file");
    let ended = site.run(&["--mode", "train", "--json", "--workflow-id", &new_name("fails-late")]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let answer: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!(text(&answer["state"]), "failed");

    let champion = site.lake.json("models/champion.json");
    assert_eq!(champion["run_id"], answer["run_id"], "the promotion is a fact");
    let told = alerts(&site, &answer["run_id"]);
    assert!(told.contains(&"model_promoted".to_owned()) && told.contains(&"run_failed".to_owned()), "{told:?}");
    let record = site.lake.json(&format!("runs/{}/run.json", text(&answer["run_id"])));
    assert_eq!(record["facts"]["promoted"], champion["version"]);
    // The pointer of the scores lies behind the file that is in the way: unknown is not "no".
    assert_eq!((text(&record["result"]["state"]), &record["facts"]["published"]), ("failed", &Value::Null));
    assert_eq!(record["result"]["error"]["type"], answer["error"]["type"]);
    assert_eq!(text(&record["result"]["verdict"]["outcome"]), "promoted");
}

#[test]
fn the_champion_judged_again_stays_available_and_nobody_hears_that_it_stays() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let strict = site.change_settings(STRICT);
    let again = strict.train(&[]);
    assert_eq!((text(&again["outcome"]), version(&again)), ("already_champion", version(&first)));
    assert_eq!(check(&again, "pr_auc_floor")["passed"], false);
    assert_eq!(alerts(&strict, &again["run_id"]), ["champion_fails_gate"]);
    let registration = strict.lake.json(&format!("models/{}/registration.json", version(&first)));
    assert_eq!(text(&registration["status"]), "Approved");
    let passed: Vec<_> =
        registration["judgements"].as_array().expect("a history").iter().map(|j| &j["verdict"]["passed"]).collect();
    assert_eq!(passed, [true, false]);
}
