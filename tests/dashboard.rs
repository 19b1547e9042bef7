//! `spanishgas dashboard` after a real run: its numbers are those of the files; without results, with a torn pointer and
//! without a Temporal server it says so, and goes on.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use support::home::{folder, home};
use support::lake::TestLake;
use support::program::program;
use support::supervised::Supervised;
use support::{LENIENT, Site, TestServer, eventually, new_name, text};

/// It opens the lake and listens; an idle machine needs 0.1 s.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A dashboard that listens.
struct Dashboard {
    address: SocketAddr,
    process: Supervised,
}

impl Dashboard {
    fn start(lake: &Path, queue: &str, temporal: &str) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address");
        let (listen, lake) = (address.to_string(), lake.to_str().expect("a UTF-8 path"));
        let arguments = ["dashboard", "--lake", lake, "--task-queue", queue, "--listen", &listen, "--name", "ana"];
        let log = home().join(format!("{}.log", new_name("dashboard")));
        let mut process = Supervised::start(program(), arguments, &[("TEMPORAL_ADDRESS", temporal)], log);
        process.await_log("dashboard is ready", READY_WITHIN);
        Self { address, process }
    }

    /// Status, headers and body of a path.
    fn get(&self, path: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("the dashboard listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).expect("a request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        Answer::of(&bytes)
    }

    fn stop(self) {
        let (status, log) = self.process.terminate(Duration::from_secs(15));
        assert_eq!(status.code(), Some(0), "the dashboard did not stop well:\n{log}");
    }
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("the end of the headers");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let pairs = lines.filter_map(|line| line.split_once(": "));
        let headers: BTreeMap<_, _> = pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let mut body = bytes[end + 4..].to_vec();
        if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
            body = unchunked(&body);
        }
        Self { status: status.expect("a status"), headers, body }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16).expect("the size of a chunk");
        if size == 0 {
            break;
        }
        body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
    body
}

/// `20,099`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn after_a_run_the_pages_show_what_the_files_hold() {
    let site = Site::new(LENIENT);
    let result = site.train(&[]);
    let dashboard = Dashboard::start(site.lake.path(), site.queue(), TestServer::shared().address());

    let overview = dashboard.get("/?lang=en");
    assert_eq!(overview.status, 200);
    let page = overview.text();
    let tiers: BTreeMap<String, u64> = serde_json::from_value(result["tiers"].clone()).expect("counts");
    let critical = grouped(tiers["Critical (>80%)"]);
    for shown in [grouped(tiers.values().sum()), critical, text(&result["run_id"]).to_owned(), "promoted".to_owned()] {
        assert!(page.contains(&shown), "{shown} is not on the overview");
    }
    let pr_auc = result["model"]["metrics"]["pr_auc"].as_f64().expect("a number");
    assert!(page.contains(&format!("{pr_auc:.3}")), "PR-AUC is not on the overview");

    let rows = dashboard.get("/risk/export.csv?tier=critical");
    assert_eq!((rows.status, rows.text().lines().count() as u64), (200, 1 + tiers["Critical (>80%)"]));
    assert_eq!(rows.headers["x-row-count"], tiers["Critical (>80%)"].to_string());
    let past = dashboard.get(&format!("/risk?run={}", text(&result["run_id"])));
    assert_eq!(past.status, 200);
    for (header, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
        assert_eq!(overview.headers[header], value);
    }
    assert!(overview.headers["content-security-policy"].contains("default-src 'none'"));
    dashboard.stop();
}

#[test]
fn without_results_or_a_server_and_with_a_torn_pointer_each_is_said_and_mended_without_a_restart() {
    let lake = folder("dashboard");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address");
    let dashboard = Dashboard::start(lake.path(), "spanishgas", &nobody.to_string());
    let empty = dashboard.get("/");
    assert_eq!(empty.status, 200);
    assert!(empty.text().contains("spanishgas run --mode train"), "{}", empty.text());
    assert_eq!(dashboard.get("/healthz").status, 200);

    std::fs::write(lake.path().join("published.json"), "{ \"run_id\": \"r").expect("a torn pointer");
    let torn = eventually("the torn pointer is seen", Duration::from_secs(20), || {
        Some(dashboard.get("/risk")).filter(|page| page.status == 503)
    });
    assert!(torn.text().contains("published.json") && torn.text().contains("SG0011"), "{}", torn.text());
    std::fs::remove_file(lake.path().join("published.json")).expect("the pointer goes");
    eventually("the pages go on", Duration::from_secs(20), || {
        Some(dashboard.get("/risk")).filter(|page| page.status == 200)
    });
    dashboard.stop();
}

#[test]
fn without_a_temporal_server_the_results_are_shown_and_the_runs_come_from_the_lake() {
    let site = Site::new(LENIENT);
    let result: Value = site.train(&[]);
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address");
    let dashboard = Dashboard::start(site.lake.path(), site.queue(), &nobody.to_string());
    let page = dashboard.get("/?lang=en");
    assert_eq!(page.status, 200);
    let shown = page.text();
    assert!(shown.contains("The Temporal server does not answer"), "{shown}");
    assert!(shown.contains(text(&result["run_id"])), "the run is known from the lake");
    dashboard.stop();
}

#[test]
fn an_address_of_others_is_not_served_without_a_check_of_who_asks() {
    let lake = TestLake::new();
    let place = lake.path().to_str().expect("a UTF-8 path");
    let ended = support::spanishgas(None, &["dashboard", "--lake", place, "--listen", "0.0.0.0:0", "--name", "ana"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.stderr.contains("SG0044"), "{ended:#?}");
}
