//! Objects of the lake that are gone or garbled: the run fails for good and names the key; running
//! all stages anew heals what can be made again.

use crate::support::history::{failure, retried_activities};
use crate::support::{A_RUN, LENIENT, Site, TestServer, text};

fn fails(site: &Site, error: &str, key: &str) {
    let id = site.start(Some(r#"{"mode":"score"}"#));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED", "{key}");
    let failure = failure(&id);
    assert_eq!(failure.type_name, error, "{}", failure.message);
    assert!(failure.message.contains(key), "the message does not name {key}: {}", failure.message);
    assert_eq!(retried_activities(&id), 0, "{key}: it cannot come back by itself");
}

#[test]
fn each_damage_is_named_and_a_forced_run_makes_tables_again() {
    let site = Site::new(LENIENT);
    let trained = site.train(&[]);
    let gold = text(&trained["stages"][4]["outputs"]["gold_master"]).to_owned();

    let published = site.lake.find("scored/latest.json");
    std::fs::remove_file(site.lake.at(&gold)).unwrap();
    fails(&site, "SG0008 MissingObject", &gold);
    assert_eq!(site.lake.find("scored/latest.json"), published);
    assert_eq!(text(&site.score(&["--force"])["outcome"]), "scored");

    let manifest = gold.replace("gold_master.parquet", "manifest.json");
    std::fs::write(site.lake.at(&manifest), "{").unwrap();
    fails(&site, "SG0011 UnreadableObject", &manifest);
    assert_eq!(text(&site.score(&["--force"])["outcome"]), "scored");

    std::fs::write(site.lake.at("models/champion.json"), "garbled").unwrap();
    fails(&site, "SG0011 UnreadableObject", "models/champion.json");
}
