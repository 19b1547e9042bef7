//! Links in `raw/` that lead nowhere or in a circle are passed over; what only a person can mend fails the
//! run at once and says what to do.

use std::os::unix::fs::symlink;

use support::history::{failure, retried_activities};
use support::{A_RUN, LENIENT, Site, TestServer, text};

#[test]
fn links_that_lead_nowhere_do_not_hold_up_a_run_and_an_obstacle_ends_it_at_once() {
    let site = Site::new(LENIENT);
    symlink("/nowhere/at/all", site.lake.at("raw/consumption_hourly_2023.parquet")).expect("a link");
    symlink("consumption_hourly_circle.csv", site.lake.at("raw/consumption_hourly_circle.csv")).expect("a link");
    symlink(site.lake.at("raw"), site.lake.at("raw/consumption")).expect("a link");

    std::fs::write(site.lake.at("silver"), "where a folder must be").expect("the lake can be written");
    let id = site.start(Some(r#"{"mode":"train"}"#));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
    let failure = failure(&id);
    assert_eq!(failure.type_name, "SG0038 LakeUnusable", "{}", failure.message);
    for part in ["silver/", "a file stands where a folder must be", "start the run again"] {
        assert!(failure.message.contains(part), "the message does not say {part:?}: {}", failure.message);
    }
    assert_eq!(retried_activities(&id), 0, "time alone does not mend it");

    std::fs::remove_file(site.lake.at("silver")).expect("the obstacle");
    assert_eq!(text(&site.train(&[])["outcome"]), "promoted");
    let log = site.log();
    for link in ["raw/consumption_hourly_2023.parquet", "raw/consumption_hourly_circle.csv", "raw/consumption"] {
        assert!(log.contains(&format!("key=\"{link}\"")), "{link} is not told of:\n{log}");
    }
}
