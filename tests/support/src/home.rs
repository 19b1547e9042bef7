//! One folder for everything the test binary writes: lakes share the raw files by hard links there,
//! and what an earlier, interrupted run left behind is removed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::sys::signal::kill;
use nix::unistd::Pid;
use tempfile::TempDir;

use super::program::program;

const PREFIX: &str = "end-to-end-";

/// The folder of this test binary.
pub fn home() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        // `tmp` in the target folder, as cargo has it for tests of its own package.
        let all = program().ancestors().nth(2).expect("the target folder").join("tmp");
        std::fs::create_dir_all(&all).expect("a folder for tests");
        remove_orphans(&all);
        let home = all.join(format!("{PREFIX}{}", std::process::id()));
        std::fs::create_dir_all(&home).expect("a folder for this test binary");
        home
    })
}

/// A folder of one test, removed when dropped (of a static: by the next test binary).
pub fn folder(purpose: &str) -> TempDir {
    tempfile::Builder::new().prefix(&format!("{purpose}-")).tempdir_in(home()).expect("a folder for a test")
}

fn remove_orphans(all: &Path) {
    for entry in std::fs::read_dir(all).expect("the folder for tests can be listed").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|pid| pid.parse().ok());
        if owner.is_some_and(|pid| kill(Pid::from_raw(pid), None).is_err()) {
            // Another test binary may be removing it too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
