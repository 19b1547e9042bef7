//! A worker that was killed leaves a folder of temporary files; the next start removes it, and never that of a
//! worker that lives.

use std::collections::BTreeSet;
use std::path::PathBuf;

use support::{LENIENT, Site, TestServer, Worker, new_name};

#[test]
fn the_next_start_removes_what_a_killed_worker_left() {
    let site = Site::new(LENIENT);
    let killed = folders(&site);
    assert_eq!(killed.len(), 1, "a worker has one folder: {killed:?}");
    let site = site.lose_worker();
    let after = folders(&site);
    assert!(after.len() == 1 && after != killed, "{killed:?} is left: {after:?}");

    let scratch = site.scratch().to_str().expect("a UTF-8 path");
    let other = Worker::start(TestServer::shared(), site.lake.path(), &new_name("queue"), &["--scratch", scratch]);
    assert_eq!(folders(&site).len(), 2, "the folder of a living worker is gone");
    assert!(after.iter().all(|folder| folder.is_dir()), "the folder of a living worker is gone");
    drop(other);
}

fn folders(site: &Site) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(site.scratch()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let named: BTreeSet<_> = entries
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("spanishgas-")))
        .collect();
    named.into_iter().collect()
}
