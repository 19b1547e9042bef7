//! An input that ended two workers is not tried on a third: the run fails and names it. (It is an operator's
//! `kill -9` here, which the message does not exclude.)

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use support::history::failure;
use support::lake::CUSTOMERS;
use support::{A_RUN, LENIENT, Site, TestServer, eventually};

/// Hours of each customer: enough that the raw stage is met at work on them.
const HOURS: u64 = 7_500;

#[test]
fn the_third_worker_is_spared() {
    let mut site = Site::new(LENIENT);
    std::fs::remove_file(site.lake.at("raw/consumption_hourly_2024.parquet")).expect("the readings are there");
    let mut csv = String::from("customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n");
    let prices = std::fs::read_to_string(site.lake.at("raw/price_history.csv")).expect("the prices can be read");
    let rows = prices.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
    let burns: BTreeSet<String> = rows.filter(|cells| !cells[7].is_empty()).map(|cells| cells[0].to_owned()).collect();
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");
    for reading in 0..CUSTOMERS * HOURS {
        let (customer, hour) = (reading / HOURS + 1, reading % HOURS);
        let (day, hour) = (first + chrono::Days::new(hour / 24), hour % 24);
        let id = format!("C{customer:05}");
        // Gas is for those who have a price of it.
        let gas = if burns.contains(&id) { "0.1" } else { "0.0" };
        writeln!(csv, "{id},{day} {hour:02}:00:00,1.0,{gas}").expect("a string");
    }
    std::fs::write(site.lake.at("raw/consumption_hourly_2024.csv"), csv).expect("a raw file can be written");

    let id = site.start(Some(r#"{"mode":"train"}"#));
    for attempt in 1..=2 {
        // Temporal gives an attempt up when its heartbeat is half a minute late.
        let mark = format!("-{attempt}.json");
        eventually("the raw stage is at work", A_RUN, || {
            let runs = site.lake.keys(&["runs"]);
            runs.into_iter().find(|key| key.contains("/attempts/snapshot_raw-") && key.ends_with(&mark))
        });
        site = site.lose_worker();
    }
    assert_eq!(TestServer::shared().await_end(&id, A_RUN + Duration::from_mins(1)), "FAILED");
    let failure = failure(&id);
    assert_eq!(failure.type_name, "SG0036 PoisonedInput", "{}", failure.message);
    for part in ["2 workers", "the raw files in raw/", "kill -9", "start the run again"] {
        assert!(failure.message.contains(part), "{part} is not in: {}", failure.message);
    }

    let again = site.start(Some(r#"{"mode":"score"}"#));
    assert_eq!(TestServer::shared().result(&again)["outcome"], "no_champion", "a new run begins to count anew");
}
