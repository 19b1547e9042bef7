//! A run is seen from outside: on the worker's page for Prometheus, in the lineage that it leaves, and by a webhook.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use support::lake::TestLake;
use support::page::{Page, WITH_METRICS};
use support::{LENIENT, Site, text};

#[test]
fn a_run_is_on_the_page_for_prometheus_and_in_the_lineage() {
    let site = Site::with_options(TestLake::new(), LENIENT, WITH_METRICS);
    let at_first = Page::of(&site.log());
    assert_eq!(at_first.value("spanishgas_runs_succeeded_total"), Some(0.0), "counters begin at none");
    let result = site.train(&[]);
    let page = Page::of(&site.log());
    for (counter, value) in [("spanishgas_runs_succeeded_total", 1.0), ("spanishgas_runs_failed_total", 0.0)] {
        assert_eq!(page.value(counter), Some(value), "{counter} in\n{}", page.text());
    }
    for part in [
        "spanishgas_stage_seconds{stage=\"train\"}",
        "spanishgas_findings{layer=\"raw\"}",
        "spanishgas_findings{layer=\"gold\"}",
        "spanishgas_model_pr_auc ",
        "temporal_worker_task_slots_available{",
        "temporal_worker_task_slots_used{",
    ] {
        assert!(page.text().contains(part), "{part} is not in\n{}", page.text());
    }
    let gold = result["stages"].as_array().expect("stages").iter().find(|stage| stage["name"] == "gold");
    let rows = gold.and_then(|stage| stage["rows"].as_u64()).expect("rows of gold");
    assert_eq!(page.value("spanishgas_stage_rows{stage=\"gold\"}"), Some(rows as f64), "{}", page.text());

    let events = site.lake.json(&format!("runs/{}/openlineage.json", text(&result["run_id"])));
    let [begin, end] = [&events[0], &events[1]];
    assert_eq!((text(&begin["eventType"]), text(&end["eventType"])), ("START", "COMPLETE"));
    assert!(end["inputs"].as_array().is_some_and(|inputs| inputs.len() >= 7), "{end}");
    let outputs = end["outputs"].as_array().expect("outputs");
    let gold = outputs.iter().find(|output| text(&output["name"]).ends_with("/gold_master.parquet"));
    let gold = gold.expect("the table of gold");
    assert_eq!(gold["outputFacets"]["outputStatistics"]["rowCount"].as_u64(), Some(rows));
    assert!(gold["facets"]["schema"]["fields"].as_array().is_some_and(|fields| fields.len() > 50), "{gold}");
}

/// Takes what comes and says that it is good.
fn receiver() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a bound address"));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let remembers = Arc::clone(&heard);
    // It ends with the test binary.
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a connection");
            let mut part = [0; 16 * 1024];
            let mut request = String::new();
            while !request.contains("\r\n\r\n{") || !request.ends_with('}') {
                let read = socket.read(&mut part).expect("a request");
                if read == 0 {
                    break;
                }
                request += &String::from_utf8_lossy(&part[..read]);
            }
            remembers.lock().expect("a list").push(request);
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (url, heard)
}

#[test]
fn a_webhook_hears_of_a_promotion_signed_and_once() {
    let (url, heard) = receiver();
    let lake = TestLake::new();
    let key = lake.at("key");
    std::fs::write(&key, "0123456789abcdef0123456789abcdef").expect("the key can be written");
    let hook = format!("{{ name: ops, url: '{url}', key_file: '{}', kinds: [model_promoted] }}", key.display());
    let site = Site::on(lake, LENIENT);
    std::fs::write(site.config_folder().join("outside.yaml"), format!("webhooks: [{hook}]\n")).expect("a setting");
    let site = site.restart_worker();
    site.train(&[]);
    // The result of a run comes after its alerts.
    let heard = heard.lock().expect("a list");
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].contains("x-spanishgas-signature: t="), "{heard:?}");
    assert!(heard[0].contains("\"kind\":\"model_promoted\""), "{heard:?}");
    assert_eq!(site.lake.keys(&["monitoring/delivered"]).len(), 1);
}
