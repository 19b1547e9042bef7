//! The folder of a machine as a lake.

use lake::{FolderLake, Lake};

use crate::promises_of_a_lake::every_promise_holds;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_keeps_every_promise_of_a_lake() {
    let root = tempfile::tempdir().unwrap();
    every_promise_holds(&Lake::Folder(FolderLake::open(root.path()).unwrap())).await;
}

#[tokio::test]
async fn raw_files_may_be_linked_into_a_folder() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(elsewhere.path().join("file.csv"), "x").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join("raw")).unwrap();
    let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
    assert_eq!(lake.list("raw/").await.unwrap()[0].key, "raw/file.csv");
}
