//! Small losses do not add up: a challenger is held against the best champion before, measured again, until a person
//! takes that one back; and the verdict says by which limits.

use serde_json::Value;

use support::{LENIENT, Site, text};

fn version(result: &Value) -> &str {
    text(&result["model"]["version"])
}

/// What the evaluation of a trained model says of the best champion.
fn best(site: &Site, result: &Value) -> Value {
    site.lake.json(&format!("models/{}/evaluation.json", version(result)))["gate"]["best"].clone()
}

fn check<'a>(result: &'a Value, name: &str) -> &'a Value {
    let mut checks = result["verdict"]["checks"].as_array().expect("checks").iter();
    checks.find(|check| check["name"] == name).expect("the check")
}

#[test]
fn every_champion_before_sets_the_bar_until_a_person_takes_it_back() {
    let site = Site::new(LENIENT);
    let first = site.train(&[]);
    let found = best(&site, &first);
    assert!(found["candidates"] == 0 && found["compared"].is_null(), "{found:#}");
    let checks = first["verdict"]["checks"].as_array().expect("checks");
    let names: Vec<_> = checks.iter().map(|check| text(&check["name"])).collect();
    let expected = [
        "pr_auc_floor",
        "not_worse_than_champion",
        "not_worse_than_best",
        "calibration",
        "slices",
        "leakage",
        "not_withdrawn",
    ];
    assert_eq!(names, expected);
    let verdict = site.lake.json(&format!("models/{}/verdict.json", version(&first)));
    assert_eq!(verdict["limits"]["max_pr_auc_loss"], 1.0);

    // What is known of customers gets less each time; the limits let it pass.
    let second = site.train(&["--experiment", "E2_add_risk"]);
    let third = site.train(&["--experiment", "E0_baseline"]);
    assert_eq!((text(&second["outcome"]), text(&third["outcome"])), ("promoted", "promoted"));
    let found = best(&site, &third);
    assert_eq!(found["candidates"], 2, "{found:#}");
    let expected = check(&third, "not_worse_than_best");
    assert!(text(&expected["note"]).contains(text(&found["compared"]["version"])), "{expected:#}");
    assert!(found["compared"]["pr_auc"].as_f64() >= Some(0.05), "{found:#}");

    let who = ["--by", "ana", "--reason", "it knew the future", "--task-queue", site.queue(), "--json"];
    let withdrawn = site.command(&[&["models", "withdraw", version(&first)], &who[..]].concat());
    assert_eq!(withdrawn.code, Some(0), "{withdrawn:#?}");
    let fourth = site.train(&["--experiment", "E7_market_only"]);
    let found = best(&site, &fourth);
    // The champion of now and the second one; the first one sets no bar any more.
    assert_eq!(found["candidates"], 2, "{found:#}");
    assert_ne!(text(&found["compared"]["version"]), version(&first));
    assert_eq!(site.train(&["--experiment", "E7_market_only"])["outcome"], "already_champion");

    let listed = site.command(&["models", "list", "--json"]).json();
    let listed = listed.as_array().expect("a list");
    let entry = |of: &Value| listed.iter().find(|one| one["version"] == version(of)).expect("it is registered");
    let sets_the_bar = |of: &Value| entry(of)["sets_the_bar"] == true;
    assert_eq!([&first, &second, &third, &fourth].map(sets_the_bar), [false, true, true, true]);
}
