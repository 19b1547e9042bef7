//! What a folder does beyond what every lake promises.

#![expect(clippy::disallowed_methods, reason = "a file of a certain age")]

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::folder::{FolderLake, INTERNAL, NOBODYS_AFTER};
use crate::{Key, Lake, LakeError};

fn lake() -> (tempfile::TempDir, FolderLake) {
    let root = tempfile::tempdir().unwrap();
    let lake = FolderLake::open(root.path()).unwrap();
    (root, lake)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_umask_decides_who_may_read_what_is_published() {
    let (root, lake) = lake();
    lake.put_now(&Key::parse("a/b").unwrap(), b"x").unwrap();
    let plain = root.path().join("plain");
    fs::write(&plain, "x").unwrap();
    assert_eq!(mode(&root.path().join("a/b")), mode(&plain));
}

#[test]
fn what_is_half_written_goes_with_its_process_or_when_the_next_one_starts() {
    let (root, lake) = lake();
    let internal = root.path().join(INTERNAL);
    let processes = || fs::read_dir(&internal).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(processes(), 0, "whoever only reads leaves nothing");
    lake.put_now(&Key::parse("a").unwrap(), b"x").unwrap();
    // As a killed process leaves it: the folder is there, and nobody holds its lock.
    let killed = internal.join("process-killed");
    fs::create_dir(&killed).unwrap();
    fs::write(killed.join("half"), "made").unwrap();
    // And as an earlier version left it, the day before yesterday and just now.
    let [old, young] = [".tmpOld", ".tmpYoung"].map(|name| internal.join(name));
    for file in [&old, &young] {
        fs::write(file, "half").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - 2 * NOBODYS_AFTER;
    File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    let another = FolderLake::open(root.path()).unwrap();
    assert_eq!(processes(), 1, "only the living one is left");
    assert!(!old.exists() && young.exists());
    drop(another);
    lake.put_now(&Key::parse("b").unwrap(), b"x").unwrap();
    drop(lake);
    assert_eq!(processes(), 0);
}

#[tokio::test]
async fn who_only_looks_makes_nothing_and_may_write_all_the_same() {
    let root = tempfile::tempdir().unwrap();
    let nowhere = root.path().join("nowhere");
    assert!(FolderLake::open_existing(&nowhere).is_err() && !nowhere.exists());
    let lake = FolderLake::open_existing(root.path()).unwrap();
    assert!(!root.path().join(INTERNAL).exists());
    assert!(lake.put_if_absent(&Key::parse("a").unwrap(), b"x".to_vec()).await.unwrap());
}

#[tokio::test]
async fn a_folder_that_was_taken_away_is_no_empty_lake() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("lake");
    let lake = Lake::Folder(FolderLake::open(&folder).unwrap());
    lake.must_be_there().await.unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(lake.list("raw/").await.unwrap().is_empty(), "its objects are missing without a word");
    assert!(lake.must_be_there().await.is_err());
}

#[test]
fn what_only_a_person_can_mend_is_not_tried_again() {
    let (root, lake) = lake();
    fs::write(root.path().join("file"), "x").unwrap();
    fs::create_dir(root.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("loop", root.path().join("loop")).unwrap();
    let write = |key: &str| lake.put_now(&Key::parse(key).unwrap(), b"x").unwrap_err();
    let read = |key: &str| lake.get_now(&Key::parse(key).unwrap()).unwrap_err();
    for error in
        [write("file/below"), write("folder"), write("loop/below"), read("file/below"), read("folder"), read("loop")]
    {
        assert!(matches!(error, LakeError::Unusable { .. }), "{error}");
    }
}
