//! Every stored snapshot belongs to a test. That one is missing is told by its test itself, which never writes one
//! unless asked; that one is left over would be told by nobody.

use std::fs;
use std::path::{Path, PathBuf};

/// The crates' own folders, in the root of the workspace.
const CRATES: [&str; 7] = ["churn", "protocol", "lake", "activities", "workflows", "dashboard", "worker"];

/// All files in the folders `snapshots` below `folder`.
fn snapshots(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of sources can be read");
    let paths: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let below = folders.iter().flat_map(|folder| snapshots(folder));
    let here = files.into_iter().filter(|_| folder.ends_with("snapshots"));
    here.chain(below).collect()
}

/// Why nobody compares with a snapshot, by its file's name (`crate__module__tests__NAME.snap`) and header.
fn left_over(root: &Path, snapshot: &Path) -> Option<String> {
    let Some(stem) = snapshot.file_name()?.to_str()?.strip_suffix(".snap") else {
        return Some("is no snapshot".to_owned());
    };
    let name = stem.rsplit("__").next()?;
    let text = fs::read_to_string(snapshot).expect("a snapshot can be read");
    let Some(source) = text.lines().find_map(|line| line.strip_prefix("source: ")) else {
        return Some("does not say which source it is of".to_owned());
    };
    let source = root.join(source);
    if source.parent() != snapshot.parent().and_then(Path::parent) {
        return Some(format!("is not beside its source {}", source.display()));
    }
    let code: String = fs::read_to_string(&source).unwrap_or_default().split_whitespace().collect();
    let compared = code.contains(&format!("assert_snapshot!(\"{name}\","));
    (!compared).then(|| format!("is compared by no test of {}", source.display()))
}

#[test]
fn every_snapshot_is_compared_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace");
    let all: Vec<_> = CRATES.iter().flat_map(|name| snapshots(&root.join(name).join("src"))).collect();
    assert!(!all.is_empty(), "the snapshots are looked for in the wrong place");
    let wrong: Vec<_> = all
        .iter()
        .filter_map(|path| left_over(root, path).map(|why| format!("{} {why}: remove it", path.display())))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
