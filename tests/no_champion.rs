//! Without a champion nothing is scored, and that is an outcome and not a failure.

use support::{STRICT, Site, new_name, text};

#[test]
fn nothing_is_scored_and_the_summary_says_it_first() {
    let site = Site::new(STRICT);

    let scored = site.score(&[]);
    assert_eq!((text(&scored["outcome"]), &scored["model"]), ("no_champion", &serde_json::Value::Null));

    let trained = site.train(&[]);
    assert_eq!((text(&trained["outcome"]), text(&trained["verdict"]["outcome"])), ("no_champion", "rejected"));
    for stage in trained["stages"].as_array().expect("a list").iter().rev().take(4) {
        assert_eq!((&stage["skipped"], text(&stage["reason"])), (&true.into(), "no champion"), "{stage}");
    }

    let shown = site.run(&["--mode", "train", "--workflow-id", &new_name("for-people")]);
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    assert!(shown.stdout.starts_with("NO CHAMPION: "), "{}", shown.stdout);

    assert_eq!(site.lake.keys(&["scored"]), std::collections::BTreeSet::new());
    assert!(!site.lake.has("models/champion.json"));
    assert!(!site.lake.has("monitoring/latest.json"));
}
