//! The promise "scores by": people hear once when it is broken, once when the scores have come, and nothing else.

use serde_json::Value;

use support::{LENIENT, Site, text};

fn look(site: &Site, input: &str) -> Value {
    site.result_of("Freshness", input)
}

fn told(site: &Site, kind: &str) -> usize {
    site.lake.alerts_of(kind).len()
}

#[test]
fn a_late_morning_is_stale_and_then_recovered() {
    let site = Site::new(LENIENT);
    // In the promise's own zone it is always after midnight, and nearly always before the last minute of the day.
    let (broken, kept) = (r#"{"by":"00:00"}"#, r#"{"by":"23:59"}"#);
    assert_eq!(text(&look(&site, kept)["state"]), "due");
    for _ in 0..2 {
        assert_eq!(text(&look(&site, broken)["state"]), "stale");
    }
    assert_eq!((told(&site, "scores_stale"), told(&site, "scores_recovered")), (1, 0));
    site.train(&[]);
    for _ in 0..2 {
        let report = look(&site, broken);
        assert_eq!(text(&report["state"]), "recovered");
        assert_eq!(text(&report["scores"]["as_of"]), "2024-12-31");
    }
    assert_eq!((told(&site, "scores_stale"), told(&site, "scores_recovered")), (1, 1));
    let stored = site.lake.json("monitoring/freshness.json");
    assert_eq!((text(&stored["state"]), text(&stored["told"])), ("recovered", "recovered"));
    assert!(stored["scores"]["age_hours"].as_f64().is_some_and(|hours| hours < 1.0), "{stored}");

    // The readings end in 2024: whoever asks for data of the last days is not served.
    let other = Site::new(LENIENT);
    other.train(&[]);
    assert_eq!(text(&look(&other, broken)["state"]), "fresh");
    assert_eq!(text(&look(&other, r#"{"by":"00:00","max_data_age_days":3}"#)["state"]), "stale");
}
