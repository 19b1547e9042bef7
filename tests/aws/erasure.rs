//! After an erasure nothing that a bucket keeps names the customers: not what is there now, not older versions, not those of
//! objects that were deleted. People hear of it, and the worker calls nothing that the role `eraser` may not.

use std::collections::BTreeSet;

use churn::Unwatched;
use churn::erasure::CustomerNames;
use serde_json::Value;

use super::permissions::{calls_in, operations_of};
use super::site::AwsSite;
use support::home::folder;
use support::lake::CUSTOMERS;
use support::{LENIENT, text};

const LABELS: &str = "raw/churn_label.csv";

/// The first customers of the labels.
fn some_customers(site: &AwsSite) -> Vec<String> {
    let labels = String::from_utf8(site.find(LABELS).expect("labels")).expect("UTF-8");
    labels.lines().skip(1).filter_map(|line| line.split(',').next()).take(2).map(str::to_owned).collect()
}

/// The keys of which a version names one of the customers; Parquet and gzip are read through.
fn naming(site: &AwsSite, ids: &[String]) -> BTreeSet<String> {
    let names = CustomerNames::parse(ids.iter().map(String::as_str)).expect("IDs");
    let place = folder("versions");
    let file = place.path().join("version");
    let mut named = BTreeSet::new();
    for (key, bytes) in site.versions() {
        std::fs::write(&file, bytes).expect("a version can be written");
        if names.are_in_file(&file, &key, &Unwatched).expect("a version can be read") {
            named.insert(key);
        }
    }
    named
}

#[test]
fn no_version_of_any_object_names_an_erased_customer() {
    let site = AwsSite::new(LENIENT);
    let trained = site.train();
    let ids = some_customers(&site);
    // A delivery that was corrected, and one that was taken back: the bucket keeps both.
    let labels = site.find(LABELS).expect("labels");
    let of_two = [&b"customer_id,churn\n"[..], ids.join(",0\n").as_bytes(), b",0\n"].concat();
    site.put(LABELS, of_two.clone());
    site.put(LABELS, labels);
    site.put("raw/taken_back/churn_label.csv", of_two);
    site.delete("raw/taken_back/churn_label.csv");
    let before = naming(&site, &ids);
    let layers = ["raw/taken_back/", LABELS, "bronze/", "silver/", "gold/", "scored/scores/"];
    for layer in layers {
        assert!(before.iter().any(|key| key.starts_with(layer)), "{layer}: {before:#?}");
    }
    assert_eq!(site.find("raw/taken_back/churn_label.csv"), None);

    let logged = site.log().len();
    let place = folder("ids");
    let file = place.path().join("ids.txt");
    std::fs::write(&file, ids.join("\n")).expect("a file of IDs");
    let from = ["erase-customer", "--task-queue", site.queue(), "--ids-from", file.to_str().expect("a UTF-8 path")];
    let who = ["--by", "ana", "--reason", "request 4711", "--json"];
    let report = site.command(&[&from[..], &who[..]].concat()).json();

    assert_eq!(naming(&site, &ids), BTreeSet::new(), "{report:#}");
    assert!(report["versions"].as_u64().is_some_and(|versions| versions > 3), "{report:#}");
    assert_eq!((&report["scored"]["completed"], &report["left"]), (&Value::from(true), &Value::from(0)));
    assert_eq!(report["learned"], serde_json::json!([trained["model"]["version"]]));
    let published = site.json("published.json");
    assert_eq!(published["outputs"]["scores"]["rows"].as_u64(), Some(CUSTOMERS - 2), "all others are scored");
    for output in published["outputs"].as_object().expect("outputs").values() {
        assert!(site.find(text(&output["key"])).is_some(), "published.json names {output}");
    }
    let certificate = site.json(text(&report["certificate"]));
    assert_eq!(certificate["done"]["versions"], report["versions"], "{certificate:#}");
    assert!(site.keys("erasure/requests/").is_empty() && site.keys("erasure/at-work/").is_empty());

    // One of the promotion, one of the erasure, perhaps some of drift.
    let letters = site.letters(2);
    let told =
        letters.iter().find(|letter| letter.attributes["kind"] == "customers_erased").expect("people hear of it");
    assert!(told.body.contains(text(&report["certificate"])), "{}", told.body);
    let is_named = |said: &str| ids.iter().any(|id| said.contains(id.as_str()));
    assert!(!letters.iter().any(|letter| is_named(&letter.body)), "an alert names a customer");
    let log = site.log();
    assert!(!is_named(&log), "the worker's log names a customer");
    let beyond: Vec<_> = calls_in(&log[logged..]).difference(&operations_of("eraser")).cloned().collect();
    assert!(beyond.is_empty(), "called and not listed for the role eraser in permissions.yaml: {beyond:?}");
}
