//! What a killed worker left half written in the lake goes when the next one starts; what a living one has
//! stays.

use std::collections::BTreeSet;

use support::{LENIENT, Site, text};

/// The folders of half-written objects, one for each process that has written.
fn processes(site: &Site) -> BTreeSet<String> {
    let entries = std::fs::read_dir(site.lake.at(".lake")).expect("the folder of a lake's own files");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("process-")).collect()
}

#[test]
fn what_a_killed_worker_left_goes_when_the_next_one_starts() {
    let site = Site::new(LENIENT);
    assert_eq!(text(&site.train(&[])["outcome"]), "promoted");
    let living = processes(&site);
    assert_eq!(living.len(), 1, "{living:?}");
    // Other programs open the lake while the worker lives.
    site.score(&[]);
    assert_eq!(processes(&site), living);

    let site = site.lose_worker();
    assert_eq!(text(&site.train(&["--force"])["outcome"]), "already_champion");
    let now = processes(&site);
    assert!(now.is_disjoint(&living) && now.len() == 1, "{living:?} was left, {now:?} is there");
}
