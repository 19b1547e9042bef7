//! A challenger that fails the gate is an outcome, not a failure: the champion stays and scores.

use support::{LENIENT, STRICT, Site, text};

#[test]
fn the_champion_keeps_scoring() {
    let site = Site::new(LENIENT);
    let champion = site.train(&[])["model"]["version"].clone();
    let before = site.lake.find("models/champion.json");

    let site = site.change_settings(STRICT);
    // `train` checks the exit code: a rejection is a success of the run.
    let run = site.train(&["--experiment", "E0_baseline"]);
    assert_eq!((text(&run["outcome"]), text(&run["verdict"]["outcome"])), ("rejected", "rejected"));
    let challenger = text(&run["model"]["version"]);
    assert_ne!(champion, challenger);
    let failed: Vec<_> = run["verdict"]["checks"].as_array().expect("checks").iter().collect();
    assert!(failed.iter().any(|check| check["name"] == "pr_auc_floor" && check["passed"] == false), "{failed:?}");

    assert_eq!(run["champion"], champion);
    assert_eq!(site.lake.find("models/champion.json"), before, "the champion's pointer is untouched");
    assert_eq!(site.lake.json("scored/latest.json")["model_version"], champion);
    let registration = site.lake.json(&format!("models/{challenger}/registration.json"));
    assert_eq!((text(&registration["status"]), &registration["compared_with"]), ("Rejected", &champion));

    let id = support::new_name("for-people");
    let shown = site.run(&["--mode", "train", "--experiment", "E0_baseline", "--workflow-id", &id]);
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    assert!(shown.stdout.starts_with("REJECTED: "), "the summary says it first: {}", shown.stdout);

    let scored = site.score(&[]);
    assert_eq!((text(&scored["outcome"]), &scored["champion"]), ("scored", &champion));
}
