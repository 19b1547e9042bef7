//! Changes of the registry by people: on record with who, why and which run, made once, refused where another version is
//! champion than they have in mind, and told to everybody. What differs between two versions is told part by part.

use std::collections::BTreeSet;

use serde_json::Value;

use support::{A_RUN, Finished, LENIENT, STRICT, Site, TestServer, new_name, text, version};

const OTHER: &str = "E4_add_sentiment";

/// `spanishgas models ACTION VERSION` by ana, with the site's worker.
fn change(site: &Site, action: &str, version: &str, more: &[&str]) -> Finished {
    let who = ["--by", "ana", "--reason", "offers went wrong", "--task-queue", site.queue(), "--json"];
    site.command(&[&["models", action, version], &who[..], more].concat())
}

fn refused(finished: &Finished) -> (String, String) {
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let answer: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|e| panic!("{e}: {finished:#?}"));
    (text(&answer["error"]["type"]).to_owned(), text(&answer["error"]["message"]).to_owned())
}

#[test]
fn a_change_is_made_once_is_on_record_and_people_hear_of_it() {
    let site = Site::new(LENIENT);
    let (first, second) = (site.train(&[]), site.train(&["--experiment", OTHER]));
    let (first, second) = (version(&first), version(&second));

    // Two people at once.
    let both = std::thread::scope(|scope| {
        let ask = || change(&site, "rollback", first, &[]);
        [scope.spawn(ask), scope.spawn(ask)].map(|asked| asked.join().expect("the command ends"))
    });
    assert!(both.iter().any(|finished| finished.code == Some(0)), "{both:#?}");
    for late in both.iter().filter(|finished| finished.code != Some(0)) {
        // Whoever looked for the champion just before the move asked for a change of that one.
        let (number, message) = refused(late);
        assert!(message.contains("champion already") || number == "SG0043 OtherChampion", "{late:#?}");
    }
    let moves: Vec<_> = site.lake.keys(&["models/moves"]).iter().map(|key| site.lake.json(key)).collect();
    assert_eq!(moves.len(), 3, "two promotions and one rollback: {moves:#?}");
    let pointer = site.lake.json("models/champion.json");
    assert_eq!((&moves[2], text(&pointer["version"])), (&pointer, first));
    let by_hand = &pointer["by_hand"];
    assert_eq!((text(&by_hand["by"]), text(&by_hand["reason"])), ("ana", "offers went wrong"));
    let workflow_id = text(&by_hand["workflow_id"]);
    let lake = site.lake.json("lake.json");
    let lake = text(&lake["id"]).get(..8).expect("an identity");
    assert_eq!(workflow_id, format!("model-admin-rollback-{first}-{lake}-2-0"));
    let result = TestServer::shared().result(workflow_id);
    assert_eq!((text(&result["champion_before"]), &result["at"]), (second, &by_hand["at"]));
    let left = site.lake.json(&format!("models/{second}/registration.json"));
    assert_eq!((text(&left["status"]), &left["withdrawals"][0]["run_id"]), ("Withdrawn", &by_hand["run_id"]));
    let told = site.lake.alerts_of("champion_moved");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(text(&told[0]["body"]).contains("ana") && text(&told[0]["body"]).contains(second), "{told:#?}");
    assert_eq!(text(&site.command(&["models", "at", "2999-01-01", "--json"]).json()["version"]), first);

    // What is withdrawn comes back by a person alone.
    let (number, message) = refused(&change(&site, "promote", second, &[]));
    assert!(number == "SG0027 NotPromotable" && message.contains("reinstate"), "{number} {message}");
    assert_eq!(text(&change(&site, "reinstate", second, &[]).json()["status"]), "Approved");
    assert_eq!(text(&change(&site, "withdraw", second, &[]).json()["status"]), "Withdrawn");
    assert_eq!(text(&change(&site, "reinstate", second, &[]).json()["status"]), "Approved");
    assert_eq!((site.lake.alerts_of("model_withdrawn").len(), site.lake.alerts_of("model_reinstated").len()), (1, 2));
    let (number, message) = refused(&change(&site, "withdraw", first, &[]));
    assert!(number == "SG0027 NotPromotable" && message.contains("it is champion"), "{number} {message}");

    // A person who has another champion in mind changes nothing.
    let (number, message) = refused(&change(&site, "promote", second, &["--expect", second]));
    assert!(number == "SG0043 OtherChampion" && message.contains(first), "{number} {message}");
    assert_eq!(site.lake.json("models/champion.json"), pointer);
    let promoted = change(&site, "promote", second, &["--expect", first]).json();
    assert_eq!((text(&promoted["champion"]), &promoted["number"]), (second, &Value::from(4)));
    assert_eq!(text(&site.score(&[])["champion"]), second);
    // Without a name it goes to the one before.
    let back = site.command(&[
        "models",
        "rollback",
        "--by",
        "ana",
        "--reason",
        "again",
        "--task-queue",
        site.queue(),
        "--json",
    ]);
    assert_eq!(text(&back.json()["version"]), first);
}

#[test]
fn where_nobody_works_the_change_is_refused_or_made_directly() {
    let site = Site::new(LENIENT);
    let (first, second) = (site.train(&[]), site.train(&["--experiment", OTHER]));
    let champion = site.lake.json("models/champion.json");
    let nobody = new_name("nobody");
    let ask = |more: &[&str]| {
        let arguments =
            ["models", "rollback", version(&first), "--by", "ana", "--reason", "x", "--task-queue", &nobody];
        site.command(&[&arguments[..], more].concat())
    };
    let refused = ask(&[]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.stderr.contains("no worker") && refused.stderr.contains("--direct"), "{refused:#?}");
    assert_eq!(site.lake.json("models/champion.json"), champion);
    let done = ask(&["--direct", "--json"]).json();
    assert_eq!((text(&done["champion"]), text(&done["champion_before"])), (version(&first), version(&second)));
    let by_hand = &site.lake.json("models/champion.json")["by_hand"];
    assert_eq!((text(&by_hand["by"]), &by_hand["run_id"]), ("ana", &Value::Null));

    // A worker of another lake refuses the change.
    let other = Site::new(LENIENT);
    let wrong = site.command(&[
        "models",
        "reinstate",
        version(&second),
        "--by",
        "ana",
        "--reason",
        "x",
        "--task-queue",
        other.queue(),
        "--json",
    ]);
    assert_eq!(self::refused(&wrong).0, "SG0030 OtherLake");
    let bad = site.start_workflow("ModelAdmin", Some(r#"{"action":"promote"}"#));
    assert_eq!(TestServer::shared().await_end(&bad, A_RUN), "FAILED");
}

#[test]
fn what_the_gate_rejected_becomes_champion_only_against_its_verdict() {
    let site = Site::new(STRICT);
    let rejected = site.train(&[]);
    assert_eq!(text(&rejected["outcome"]), "no_champion");
    let (number, message) = refused(&change(&site, "promote", version(&rejected), &[]));
    assert!(number == "SG0027 NotPromotable" && message.contains("--override"), "{number} {message}");
    assert!(!site.lake.has("models/champion.json"));
    let promoted = change(&site, "promote", version(&rejected), &["--override"]).json();
    assert!(text(&promoted["overrode"]).contains("pr_auc_floor"), "{promoted:#}");
    assert_eq!(site.lake.json("models/champion.json")["overrode"], promoted["overrode"]);
    assert!(text(&site.lake.alerts_of("champion_moved")[0]["body"]).contains("against its verdict"));
    let listed = site.command(&["models", "list", "--json"]).json();
    assert_eq!((text(&listed[0]["status"]), &listed[0]["champion"]), ("Approved", &Value::Bool(true)));
    assert_eq!(text(&site.score(&[])["champion"]), version(&rejected));
    let history = site.command(&["models", "history"]);
    assert!(history.stdout.contains("against pr_auc_floor"), "{history:#?}");
}

#[test]
fn a_training_for_a_past_date_becomes_champion_only_by_a_person() {
    let site = Site::new(LENIENT);
    let now = site.train(&[]);
    let past = site.train(&["--as-of", "2024-11-30"]);
    assert_ne!(version(&past), version(&now));
    assert_eq!((text(&past["outcome"]), text(&past["champion"])), ("rejected", version(&now)), "{past:#}");
    let older = |result: &Value| {
        let mut checks = result["verdict"]["checks"].as_array().expect("checks").iter();
        checks.find(|check| check["name"] == "not_older_than_champion").cloned()
    };
    assert_eq!(older(&now), None);
    let check = older(&past).expect("the check");
    assert_eq!(check["passed"], false);
    let note = text(&check["note"]);
    assert!(note.contains("as of 2024-11-30") && note.contains(version(&now)), "{note}");
    assert_eq!(text(&site.lake.json("models/champion.json")["version"]), version(&now));

    let promoted = change(&site, "promote", version(&past), &["--override"]).json();
    assert!(text(&promoted["overrode"]).contains("not_older_than_champion"), "{promoted:#}");
    assert_eq!(text(&site.lake.json("models/champion.json")["version"]), version(&past));
    assert_eq!(older(&site.train(&[])), None, "the next night knows more again");
}

#[test]
fn two_versions_are_compared_part_by_part() {
    let site = Site::new(LENIENT);
    let (first, second) = (site.train(&[]), site.train(&["--experiment", OTHER]));
    let (first, second) = (version(&first), version(&second));
    let compared = site.command(&["models", "diff", first, second, "--json"]);
    assert_eq!(compared.code, Some(2), "{compared:#?}");
    let diff: Value = serde_json::from_str(&compared.stdout).expect("one JSON object");
    let parts: BTreeSet<_> = diff["parts"].as_object().expect("parts").keys().map(String::as_str).collect();
    for part in ["settings", "features", "metrics", "importance", "size"] {
        assert!(parts.contains(part), "{part} in {diff:#}");
    }
    assert!(!parts.contains("inputs") && !parts.contains("code"), "the same table and program: {diff:#}");
    assert!(diff["parts"]["settings"].to_string().contains(OTHER), "{diff:#}");
    assert_eq!(diff["notes"], serde_json::json!([]));
    let same = site.command(&["models", "diff", first, first]);
    assert_eq!((same.code, same.stdout.starts_with("THE SAME")), (Some(0), true), "{same:#?}");
    let unknown = site.command(&["models", "diff", first, "0000000000000000"]);
    assert_eq!(unknown.code, Some(1), "{unknown:#?}");
    assert!(unknown.stderr.contains("0000000000000000"), "{unknown:#?}");
}
