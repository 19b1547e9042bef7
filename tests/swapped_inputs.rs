//! A raw file that is exchanged while a run is at work: nothing that was made of the new file stands under
//! the digest of the old one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use churn::raw::RawTable;
use serde_json::Value;

use support::history::failure;
use support::lake::TestLake;
use support::{A_RUN, LENIENT, Site, TestServer};

/// Every stage of the lake by its folder, with the digests of its outputs.
fn stages(lake: &TestLake) -> BTreeMap<String, BTreeMap<String, Value>> {
    let keys = lake.keys(&["bronze", "silver", "gold"]).into_iter().filter(|key| key.ends_with("/manifest.json"));
    keys.map(|key| {
        let manifest = lake.json(&key);
        let outputs = manifest["outputs"].as_object().expect("outputs are by table");
        let digests = outputs.iter().map(|(table, output)| (table.clone(), output["digest"].clone())).collect();
        (key, digests)
    })
    .collect()
}

/// The file with another last digit, or of a Parquet file another byte in the middle.
fn another(content: &[u8], name: &str) -> Vec<u8> {
    let mut changed = content.to_vec();
    let digit = changed.iter().rposition(u8::is_ascii_digit).expect("a raw file holds digits");
    let place = if name.ends_with(".parquet") { changed.len() / 2 } else { digit };
    changed[place] = if changed[place] == b'1' { b'2' } else { b'1' };
    changed
}

/// The raw stage has digested all files, and the next stages have not read them yet.
fn await_snapshot(lake: &TestLake, already: usize) {
    let started = Instant::now();
    while quality_reports(lake) == already {
        assert!(started.elapsed() < Duration::from_mins(1), "the raw files were not checked");
        std::thread::yield_now();
    }
}

fn quality_reports(lake: &TestLake) -> usize {
    let runs = std::fs::read_dir(lake.at("monitoring")).into_iter().flatten().flatten();
    runs.filter(|run| run.path().join("quality_raw.json").is_file()).count()
}

#[test]
fn what_is_made_of_an_exchanged_file_never_stands_under_the_digest_of_the_old_one() {
    let site = Site::new(LENIENT);
    site.train(&[]);
    let undisturbed = stages(&site.lake);
    let mut refused = 0;
    let tables = RawTable::ALL.map(|table| table.file_name().to_owned());
    let readings = site.lake.keys(&["raw"]).into_iter().filter_map(|key| key.strip_prefix("raw/").map(str::to_owned));
    let names: Vec<_> = readings.filter(|name| name.starts_with("consumption")).chain(tables).collect();
    for name in &names {
        for folder in ["bronze", "silver", "gold"] {
            // A run that was refused has left some of them only.
            if site.lake.at(folder).exists() {
                std::fs::remove_dir_all(site.lake.at(folder)).expect("the stages of the run before");
            }
        }
        let key = format!("raw/{name}");
        let old = site.lake.find(&key).expect("a raw file");
        let (new, kept) = (site.lake.at("new"), site.lake.at("kept"));
        std::fs::write(&new, another(&old, name)).expect("the lake can be written");
        let already = quality_reports(&site.lake);

        let id = site.start(Some(r#"{"mode":"train"}"#));
        await_snapshot(&site.lake, already);
        std::fs::rename(site.lake.at(&key), &kept).expect("the old file is moved away");
        std::fs::rename(&new, site.lake.at(&key)).expect("the new one takes its place");
        let end = TestServer::shared().await_end(&id, A_RUN);
        if end != "COMPLETED" {
            let failure = failure(&id);
            assert_eq!(failure.type_name, "SG0028 InputChanged", "{name}: {}", failure.message);
            assert!(failure.message.contains(&key) && failure.message.contains("start again"), "{}", failure.message);
            refused += 1;
        }
        for (stage, outputs) in stages(&site.lake) {
            assert_eq!(undisturbed.get(&stage), Some(&outputs), "{stage}, while {name} was exchanged");
        }
        std::fs::rename(&kept, site.lake.at(&key)).expect("the old file is put back");
    }
    assert!(refused > 0, "no file was exchanged in time");
    assert_eq!(site.train(&[])["outcome"], "already_champion");
    assert_eq!(stages(&site.lake), undisturbed);
}
