//! Signed models: with a key no unsigned and no changed model scores or becomes champion, what is trained is signed, and
//! `models verify` tells what is wrong, down to the bytes of a new training.

use std::path::Path;

use churn::model::Bundle;
use serde_json::Value;

use support::home::home;
use support::{Finished, LENIENT, Site, text, version};

const OTHER: &str = "E4_add_sentiment";

/// A private key as `openssl genpkey -algorithm ed25519` writes it; `letter` (A to P) makes another one.
fn key(letter: &str) -> &'static str {
    let label = "PRIVATE KEY";
    let content = format!("MC4CAQAwBQYDK2VwBCIEI{}", letter.repeat(43));
    let path = home().join(format!("signing-{letter}.pem"));
    std::fs::write(&path, format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")).expect("a key file");
    Box::leak(path.to_str().expect("a UTF-8 path").to_owned().into_boxed_str())
}

/// The options of a worker that signs. They live as long as the tests.
fn signing(key: &'static str) -> &'static [&'static str] {
    Box::leak(Box::new(["--signing-key", key]))
}

fn verify(site: &Site, more: &[&str]) -> (Option<i32>, Value) {
    let done = site.command(&[&["models", "verify", "--json"], more].concat());
    let found = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:#?}"));
    (done.code, found)
}

fn error_of(finished: &Finished) -> String {
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    let answer: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|e| panic!("{e}: {finished:#?}"));
    format!("{} {}", text(&answer["error"]["type"]), text(&answer["error"]["message"]))
}

/// Scores, whatever was scored before.
fn score(site: &Site) -> Finished {
    site.run(&["--mode", "score", "--workflow-id", &support::new_name("score"), "--json"])
}

/// Every file of one version in the place of another's, as somebody does who can write into the lake.
fn exchange(site: &Site, from: &str, to: &str) {
    let (from, to) = (site.lake.at(&format!("models/{from}")), site.lake.at(&format!("models/{to}")));
    let of_folds = (0..5).map(Bundle::fold_file);
    let names = Bundle::FILES.map(str::to_owned).into_iter().chain(of_folds).chain(["files.json".to_owned()]);
    for name in names {
        replace(&to.join(&name), &std::fs::read(from.join(&name)).expect("a file of a model"));
    }
}

/// A file of a version and its line in the list of files, so that every digest fits.
fn replace_listed(site: &Site, version: &str, file: &str, bytes: &[u8]) {
    let key = format!("models/{version}/files.json");
    let mut list = site.lake.json(&key);
    list["files"][file] = lake::Digest::of(bytes).as_str().into();
    list.as_object_mut().expect("an object").remove("seal");
    replace(&site.lake.at(&format!("models/{version}/{file}")), bytes);
    replace(&site.lake.at(&key), list.to_string().as_bytes());
}

/// Every object that the pipeline made, with its bytes.
fn everything(site: &Site) -> Vec<(String, Vec<u8>)> {
    let keys = site.lake.keys(&["models", "gold", "evaluated", "scored", "monitoring"]);
    keys.into_iter().map(|key| (key.clone(), site.lake.find(&key).expect("an object"))).collect()
}

fn replace(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("a file of a model can be written");
}

#[test]
fn with_a_key_no_unsigned_and_no_changed_model_scores_or_becomes_champion() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let first = version(&first);
    let (ours, others) = (key("A"), key("B"));

    // A champion of before signing was turned on.
    let site = site.change_options(signing(ours));
    assert!(site.log().contains("models are signed and checked"), "{}", site.log());
    assert!(error_of(&score(&site)).starts_with("SG0042 UntrustedModel"));
    let (code, found) = verify(&site, &["--signing-key", ours]);
    assert_eq!((code, text(&found[0]["signature"]["state"])), (Some(2), "untrusted"), "{found:#}");
    assert_eq!(text(&found[0]["signature"]["problem"]), "it has no signature");
    let unsigned = site.command(&["models", "sign", first]);
    assert!(unsigned.code == Some(1) && unsigned.stderr.contains("--signing-key"), "{unsigned:#?}");
    let signed = site.command(&["models", "sign", first, "--signing-key", ours, "--json"]).json();
    assert_eq!(signed, site.lake.json(&format!("models/{first}/signature.json")));
    assert_eq!(text(&score(&site).json()["champion"]), first);

    // What is trained from now on is signed.
    let second = site.train(&["--experiment", OTHER]);
    let second = version(&second);
    assert_eq!(site.lake.json(&format!("models/{second}/signature.json"))["key_id"], signed["key_id"]);
    let (code, found) = verify(&site, &["--all", "--signing-key", ours]);
    assert_eq!((code, found.as_array().map(Vec::len)), (Some(0), Some(2)), "{found:#}");
    let (code, found) = verify(&site, &["--all", "--signing-key", others]);
    assert_eq!(code, Some(2), "{found:#}");
    assert!(text(&found[0]["signature"]["problem"]).contains("not trusted"), "{found:#}");

    // An earlier version was exchanged, list and all: nobody goes back to it.
    exchange(&site, second, first);
    let back = ["--by", "ana", "--reason", "x", "--task-queue", site.queue(), "--json"];
    let refused = site.command(&[&["models", "rollback", first], &back[..]].concat());
    assert!(error_of(&refused).contains("its signature is about other files"), "{refused:#?}");
    assert_eq!(text(&site.lake.json("models/champion.json")["version"]), second);
    assert_eq!(text(&site.lake.json(&format!("models/{second}/registration.json"))["status"]), "Approved");

    // So was the champion: it does not score, and a new training of it makes it whole.
    let list = site.lake.at(&format!("models/{second}/files.json"));
    let stored = std::fs::read(&list).expect("the list");
    replace(&list, &[&stored[..], b"\n"].concat());
    assert!(error_of(&score(&site)).starts_with("SG0042"));
    replace(&list, &stored);
    assert_eq!(text(&score(&site).json()["champion"]), second);

    // A key file that cannot be used stops the start.
    let bad = home().join("no-key.pem");
    std::fs::write(&bad, "no key").expect("a file");
    let checked = site.command(&["config", "check", "--signing-key", bad.to_str().expect("a UTF-8 path")]);
    assert_eq!(checked.code, Some(1), "{checked:#?}");
    assert!(checked.stdout.contains("openssl genpkey -algorithm ed25519"), "{checked:#?}");
}

/// Whether models are signed is no choice of who acts in an emergency: the workers have said it.
#[test]
fn who_acts_without_a_worker_is_asked_for_the_signatures_that_the_workers_ask_for() {
    let site = Site::new(LENIENT);
    let (first, second) = (site.train(&[]), site.train(&["--experiment", OTHER]));
    let (first, second) = (version(&first), version(&second));
    let (ours, others) = (key("C"), key("D"));
    let site = site.change_options(signing(ours));
    let who = ["--by", "ana", "--reason", "x", "--direct", "--json"];
    let roll_back = |more: &[&str]| site.command(&[&["models", "rollback", first], &who[..], more].concat());

    // Neither version has a signature.
    for (more, says) in [(&[][..], "give it with --signing-key"), (&["--signing-key", others][..], "give theirs")] {
        let refused = error_of(&roll_back(more));
        assert!(refused.starts_with("SG0003 UnusableSettings") && refused.contains(says), "{refused}");
    }
    assert!(error_of(&roll_back(&["--signing-key", ours])).starts_with("SG0042 UntrustedModel"));
    assert_eq!(text(&site.lake.json("models/champion.json")["version"]), second);

    let signed = site.command(&["models", "sign", first, "--signing-key", ours, "--json"]).json();
    assert_eq!(text(&signed["version"]), first);
    let moved = roll_back(&["--signing-key", ours]).json();
    assert_eq!((text(&moved["champion"]), text(&moved["champion_before"])), (first, second));
    // What makes nobody champion needs no key.
    let free = site.command(&[&["models", "reinstate", second], &who[..]].concat()).json();
    assert_eq!(text(&free["status"]), "Approved");
}

#[test]
fn verify_compares_the_files_and_a_new_training() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let first = version(&first);
    let before = everything(&site);
    let (code, found) = verify(&site, &[first]);
    assert_eq!((code, text(&found[0]["version"])), (Some(0), first), "{found:#}");
    assert!(everything(&site) == before, "a rebuild changes nothing of the lake");
    assert_eq!(found[0]["rebuilt"], serde_json::json!({ "state": "same" }));
    assert_eq!((text(&found[0]["signature"]["state"]), &found[0]["damage"]), ("not_asked", &serde_json::json!([])));

    // The files of another version, list and all, fit each other and not the name.
    let second = site.train(&["--experiment", OTHER]);
    let second = version(&second);
    let kept = site.lake.keys(&[&format!("models/{first}")]);
    let kept: Vec<_> = kept.into_iter().map(|key| (site.lake.find(&key).expect("a file"), key)).collect();
    exchange(&site, second, first);
    let (code, found) = verify(&site, &[first, "--rebuild"]);
    assert_eq!((code, text(&found[0]["damage"][0])), (Some(2), &*format!("its metadata.json is of model {second}")));
    for (bytes, key) in &kept {
        replace(&site.lake.at(key), bytes);
    }

    // Somebody changed a file and the list by hand: every digest fits, and a new training gives other bytes.
    let calibrator = site.lake.at(&format!("models/{first}/calibrator.json"));
    let stored = std::fs::read(&calibrator).expect("a file");
    let changed = [&stored[..], b" "].concat();
    replace_listed(&site, first, "calibrator.json", &changed);
    let (code, found) = verify(&site, &[first, "--rebuild"]);
    assert_eq!((code, &found[0]["damage"]), (Some(2), &serde_json::json!([])), "{found:#}");
    assert_eq!(found[0]["rebuilt"]["files"], serde_json::json!(["calibrator.json"]), "{found:#}");
    for (bytes, key) in &kept {
        replace(&site.lake.at(key), bytes);
    }

    // Other code trained it: nothing is said against its files.
    let mut metadata = site.lake.json(&format!("models/{first}/metadata.json"));
    metadata["code_version"] = "model-0".into();
    replace_listed(&site, first, "metadata.json", metadata.to_string().as_bytes());
    let (code, found) = verify(&site, &[first]);
    assert_eq!((code, text(&found[0]["rebuilt"]["state"])), (Some(4), "other_code"), "{found:#}");
    assert!(text(&found[0]["rebuilt"]["reason"]).contains("model-0"), "{found:#}");
    for (bytes, key) in &kept {
        replace(&site.lake.at(key), bytes);
    }

    // So is a card of another judgement.
    let card = site.lake.at(&format!("models/{first}/model_card.md"));
    replace(&card, b"# Churn model\n");
    let (code, found) = verify(&site, &[first, "--files-only"]);
    assert_eq!((code, text(&found[0]["card"])), (Some(2), "stale"), "{found:#}");
    for (bytes, key) in &kept {
        replace(&site.lake.at(key), bytes);
    }

    // What else the judgement left is as it was, or named: the card is not blamed for another file.
    for file in ["evaluation.json", "verdict.json"] {
        let key = format!("models/{first}/{file}");
        let stored = site.lake.find(&key).expect("a file");
        replace(&site.lake.at(&key), &[&stored[..], b" "].concat());
        let (code, found) = verify(&site, &[first, "--files-only"]);
        let told = format!("{key} is not as its last judgement left it");
        assert_eq!((code, &found[0]["damage"]), (Some(2), &serde_json::json!([told])), "{found:#}");
        assert_eq!(text(&found[0]["card"]), "current", "{found:#}");
        replace(&site.lake.at(&key), &stored);
    }
    let page = site.lake.at(&format!("models/{first}/model_card.html"));
    let stored_page = std::fs::read(&page).expect("a page");
    replace(&page, &[&stored_page[..], b" "].concat());
    let (code, found) = verify(&site, &[first, "--files-only"]);
    assert_eq!((code, text(&found[0]["card"])), (Some(2), "stale"), "{found:#}");
    replace(&page, &stored_page);

    // A changed file is named, and the tables that are gone too.
    replace(&calibrator, &changed);
    let people = site.command(&["models", "verify", "--all"]);
    assert_eq!(people.code, Some(2), "{people:#?}");
    assert!(people.stdout.contains("calibrator.json had SHA-256"), "{people:#?}");
    replace(&calibrator, &stored);
    std::fs::remove_dir_all(site.lake.at("gold")).expect("the gold tables can be removed");
    let (code, found) = verify(&site, &[first, "--rebuild"]);
    assert_eq!((code, text(&found[0]["rebuilt"]["state"])), (Some(3), "inputs_gone"), "{found:#}");
    assert!(text(&found[0]["rebuilt"]["reason"]).contains("is gone"), "{found:#}");
    assert_eq!(site.command(&["models", "verify", first, "--files-only"]).code, Some(0));
}
