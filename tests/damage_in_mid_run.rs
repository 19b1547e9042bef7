//! A stored table that is damaged while a run is at work is made again by that run, which says so; the results are
//! those of an undisturbed run.

use serde_json::Value;

use support::people::{await_request, decide};
use support::{LENIENT, Published, Site, TestServer, text};

fn output<'a>(result: &'a Value, table: &str) -> &'a str {
    let mut stages = result["stages"].as_array().expect("stages").iter();
    let key = stages.find_map(|stage| stage["outputs"][table].as_str());
    key.unwrap_or_else(|| panic!("no output {table}"))
}

#[test]
fn the_run_goes_back_and_makes_it_again() {
    let site = Site::new(LENIENT);
    let id = site.start(Some(r#"{"mode":"train","require_approval":true}"#));
    // The run has its tables, and waits.
    await_request(&site, &id);
    let gold = site.lake.keys(&["gold"]).into_iter().find(|key| key.ends_with(".parquet")).expect("a gold table");
    let mut bytes = site.lake.find(&gold).expect("a gold table");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(site.lake.at(&gold), bytes).expect("the lake can be written");
    decide(&id, "approve", r#"{"by":"ana"}"#).unwrap();

    let result = TestServer::shared().result(&id);
    assert_eq!(text(&result["outcome"]), "promoted", "by this very run: {result:#}");
    let repairs = result["repairs"].as_array().expect("what was made again is named");
    assert!(repairs.iter().any(|repair| text(repair).contains(&gold)), "{repairs:?}");
    let kinds: Vec<_> = site.lake.alerts().iter().map(|alert| text(&alert["kind"]).to_owned()).collect();
    assert!(kinds.contains(&"table_repaired".to_owned()), "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| *kind == "model_promoted").count(), 1, "told once: {kinds:?}");

    let undisturbed = Published::shared();
    for table in ["gold_master", "scores", "recommendations"] {
        let (here, there) = (output(&result, table), output(&undisturbed.result, table));
        assert_eq!(here, there);
        assert!(site.lake.find(here) == undisturbed.site.lake.find(there), "{table} differs");
    }
}
