//! Thousands of files and slices come to their end: no message or history grows with them, a cancelled
//! run waits for all of them, and small files that share a slice give the same table.
//!
//! `MANY_FILES=10000` measures with more, and says what it took.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use churn::Unwatched;
use churn::hourly::{RETAILER_ZONE, convert_csv};
use serde_json::Value;

use support::history::{event_count, failure, fetch_history, largest_payload, replay};
use support::lake::TestLake;
use support::{A_RUN, LENIENT, Settings, Site, TestServer, eventually, text};

/// Temporal takes 2,000 pending activities of a workflow, and not one more.
const FILES: usize = 2_010;
const READINGS: &str = "consumption_hourly_2024.parquet";
const HEADER: &str = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3";
/// Ten thousand files take minutes.
const PATIENCE: Duration = Duration::from_mins(30);

/// One slice per row group, and so one per file.
const ONE_BY_ONE: Settings = Settings { slice_mib: 0, ..LENIENT };

#[test]
fn thousands_of_slices_come_to_their_end() {
    let files = std::env::var("MANY_FILES").map_or(FILES, |text| text.parse().expect("a number of files"));
    let site = Site::on(lake_of(files), ONE_BY_ONE);

    let started = site.start(Some(r#"{"mode":"score"}"#));
    let server = TestServer::shared();
    eventually("a first list of slices is summed", PATIENCE, || (slices(&started)?.0 > 0).then_some(()));
    server.temporal(&["workflow", "cancel", "--workflow-id", &started]);
    assert_eq!(server.await_end(&started, Duration::from_mins(1)), "CANCELED");
    let cancelled = events(&started, "EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED");
    assert!((1..=2).contains(&cancelled), "{cancelled} children were at work and are told to have stopped");

    let clock = Instant::now();
    let again = site.start(Some(r#"{"mode":"score"}"#));
    let ended = server.await_end(&again, PATIENCE);
    assert!(ended == "COMPLETED", "{ended}: {}", failure(&again).message);
    let seconds = clock.elapsed().as_secs();
    let result = server.result(&again);
    assert_eq!(text(&result["outcome"]), "no_champion");
    assert_eq!(slices(&again), Some((files as u64, files as u64)));
    let children = events(&again, "EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED");
    assert_eq!(children, files.div_ceil(200), "200 slices to a child");
    assert_eq!(report(&site, &result)["rows"], files);
    let listed = site.lake.json(output(&result, "raw", "readings_list"));
    assert_eq!(listed.as_array().map(Vec::len), Some(files), "the files are listed in the lake");

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let run_id = text(&result["run_id"]);
    for id in [again.clone(), format!("{again}-slices-{run_id}-1")] {
        let history = runtime.block_on(fetch_history(&id));
        let (events, largest) = (event_count(&history), largest_payload(&history));
        eprintln!("{id}: {events} events, {} bytes, largest payload {largest} bytes", history.len());
        assert!(events < 2_500, "{id}: {events} events");
        assert!(largest < 100_000, "{id}: a payload of {largest} bytes");
        runtime.block_on(replay(&id, &history));
    }
    eprintln!("{files} files in as many slices, 200 or more of them summed before: {seconds} s");

    let table = table(&site, &result);
    let shared = site.change_settings(LENIENT);
    let result = shared.score(&[]);
    assert_eq!(slices(text(&result["workflow_id"])), Some((files.div_ceil(100) as u64, files.div_ceil(100) as u64)));
    assert_eq!(report(&shared, &result)["rows"], files);
    assert_eq!(self::table(&shared, &result), table, "the sums do not depend on who shares a slice");
}

#[test]
fn one_bad_file_among_many_ends_the_run_with_its_name() {
    let lake = lake_of(450);
    spoil(&lake.at("raw/consumption/00333.parquet"));
    let site = Site::on(lake, ONE_BY_ONE);
    let id = site.start(Some(r#"{"mode":"score"}"#));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
    let failed = failure(&id);
    assert_eq!(failed.type_name, "SG0001 BadData");
    let says =
        "stage bronze_customer_month: raw/consumption/00333.parquet, column consumption_elec_kwh, row group 1, row 2";
    assert!(failed.message.starts_with(says), "{}", failed.message);
    assert_eq!(events(&id, "EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED"), 1, "of three children");
}

/// The small data with its readings in many files of one reading each.
fn lake_of(files: usize) -> TestLake {
    let lake = TestLake::new();
    std::fs::remove_file(lake.at("raw").join(READINGS)).expect("the readings are there");
    let folder = lake.at("raw/consumption");
    std::fs::create_dir(&folder).expect("a folder for readings");
    let labels = std::fs::read_to_string(lake.at("raw/churn_label.csv")).expect("the labels can be read");
    let customers: Vec<_> = labels.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let prices = std::fs::read_to_string(lake.at("raw/price_history.csv")).expect("the prices can be read");
    let of_gas = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        cells.get(7).filter(|price| !price.is_empty()).map(|_| cells[0].to_owned())
    };
    let burns: BTreeSet<String> = prices.lines().skip(1).filter_map(of_gas).collect();
    let csv = lake.path().join("reading.csv");
    for place in 0..files {
        let (customer, cycle) = (customers[place % customers.len()], place / customers.len());
        // Hour after hour, so that nobody lacks one, and of one month, as long as there are not many more of them.
        let (days, hour) = ((17 + cycle) / 24, (17 + cycle) % 24);
        let date = if days == 0 { "2024-11-30".to_owned() } else { format!("2024-12-{days:02}") };
        // Gas is for those who have a price of it.
        let gas = if burns.contains(customer) { "2.5" } else { "0" };
        let reading = format!("{HEADER}\n{customer},{date} {hour:02}:00:00,5,{gas}\n");
        std::fs::write(&csv, reading).expect("a file of readings");
        convert(&csv, &folder.join(format!("{place:05}.parquet")));
    }
    std::fs::remove_file(csv).expect("the last file");
    lake
}

/// A file of two readings, of which the second is no number.
fn spoil(file: &Path) {
    let csv = file.with_extension("csv");
    let readings = "C00001,2024-01-01 10:00:00,1,0\nC00001,2024-01-01 11:00:00,123.456,0\n";
    std::fs::write(&csv, format!("{HEADER}\n{readings}")).expect("a file of readings");
    convert(&csv, file);
    std::fs::remove_file(csv).expect("the CSV is there");
    let mut bytes = std::fs::read(file).expect("the file can be read");
    let (good, bad) = (123.456_f64.to_le_bytes(), f64::NAN.to_le_bytes());
    for place in 0..bytes.len() - good.len() {
        if bytes[place..].starts_with(&good) {
            bytes[place..place + bad.len()].copy_from_slice(&bad);
        }
    }
    std::fs::write(file, bytes).expect("the file can be written");
}

fn convert(csv: &Path, parquet: &Path) {
    convert_csv(csv, "reading.csv", parquet, RETAILER_ZONE, &Unwatched).expect("readings");
}

/// Slices finished and in all, once the run knows them.
fn slices(id: &str) -> Option<(u64, u64)> {
    let query = ["workflow", "query", "--workflow-id", id, "--type", "progress"];
    let answer = TestServer::shared().try_temporal(&query).ok()?;
    let stages = answer["queryResult"][0]["stages"].as_array()?;
    let months = stages.iter().find(|stage| stage["name"] == "bronze_customer_month")?;
    Some((months["slices"][0].as_u64()?, months["slices"][1].as_u64()?))
}

fn events(id: &str, kind: &str) -> usize {
    let shown = TestServer::shared().temporal(&["workflow", "show", "--workflow-id", id]);
    shown["events"].as_array().expect("events").iter().filter(|event| event["eventType"] == kind).count()
}

fn output<'a>(result: &'a Value, stage: &str, name: &str) -> &'a str {
    let stages = result["stages"].as_array().expect("stages");
    let stage = stages.iter().find(|line| line["name"] == stage).expect("the stage");
    text(&stage["outputs"][name])
}

fn report(site: &Site, result: &Value) -> Value {
    site.lake.json(output(result, "bronze_customer_month", "readings_report"))
}

fn table(site: &Site, result: &Value) -> Vec<u8> {
    site.lake.find(output(result, "bronze_customer_month", "bronze_customer_month")).expect("the table")
}
