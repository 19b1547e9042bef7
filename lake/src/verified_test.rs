//! What is read is what the reference names, or an error says what is there instead.

#![expect(clippy::disallowed_methods, reason = "whether a file may still change is a question of its age")]

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use protocol::Digest;
use protocol::TableRef;

use crate::error::{Error, Result};
use crate::file_version::FileVersion;
use crate::{FolderLake, Lake, LakeError};

struct Place {
    root: tempfile::TempDir,
    scratch: tempfile::TempDir,
    lake: Lake,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        Self { root, scratch: tempfile::tempdir().unwrap(), lake }
    }

    fn holds(&self, key: &str, content: &[u8]) -> TableRef {
        let path = self.root.path().join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        TableRef { key: key.to_owned(), digest: Digest::of(content), rows: 0 }
    }

    fn replace(&self, key: &str, content: &[u8]) {
        let new = self.root.path().join("new");
        fs::write(&new, content).unwrap();
        fs::rename(new, self.root.path().join(key)).unwrap();
    }

    /// Waits until a further change of the file must show: then it is read where it lies.
    fn settle(&self, key: &str) {
        let path = self.root.path().join(key);
        while !FileVersion::of(&path).unwrap().is_settled(SystemTime::now()) {
            std::thread::yield_now();
        }
    }

    /// Every way to read an object.
    async fn read_in_every_way(&self, object: &TableRef) -> Vec<Result<Vec<u8>>> {
        let [one, two, three, four] = ["fetch", "pin", "copy", "all"].map(|way| self.scratch.path().join(way));
        let bytes = |path: &Path| fs::read(path).map_err(churn::Error::file("read", path));
        vec![
            self.lake.read_exactly(object).await,
            self.lake.fetch(object, &one).await.and_then(|file| file.read(bytes)),
            self.lake.pin(object, &two).await.and_then(|file| file.read(bytes)),
            match self.lake.pin_all(std::slice::from_ref(object), &four).await {
                Ok(files) => files[0].read(bytes),
                Err(error) => Err(error),
            },
            self.lake.copy(object, &three).await.and_then(|path| Ok(bytes(&path)?)),
            self.lake.verify(object).await.map(|()| b"content".to_vec()),
        ]
    }
}

fn is_changed(error: &Error, key: &str) -> bool {
    matches!(error, Error::Lake(LakeError::InputChanged { key: named, .. }) if named == key)
}

fn is_damaged(error: &Error, key: &str) -> bool {
    matches!(error, Error::Lake(LakeError::TableDamaged { key: named, .. }) if named == key)
}

#[tokio::test]
async fn every_way_to_read_gives_the_named_content_or_says_what_is_there() {
    let place = Place::new();
    let raw = place.holds("raw/a.csv", b"content");
    let made = place.holds("gold/t/1/t.parquet", b"content");
    for object in [&raw, &made] {
        for read in place.read_in_every_way(object).await {
            assert_eq!(read.unwrap(), b"content");
        }
    }
    for (content, word) in [(Some(b"Content"), "found SHA-256"), (None, "found nothing")] {
        for object in [&raw, &made] {
            match content {
                Some(content) => place.replace(&object.key, content),
                None => fs::remove_file(place.root.path().join(&object.key)).unwrap(),
            }
        }
        for error in place.read_in_every_way(&raw).await.into_iter().map(Result::unwrap_err) {
            assert!(is_changed(&error, &raw.key) && error.to_string().contains(word), "{error}");
        }
        for error in place.read_in_every_way(&made).await.into_iter().map(Result::unwrap_err) {
            assert!(is_damaged(&error, &made.key) && error.to_string().contains(word), "{error}");
        }
    }
}

#[tokio::test]
async fn a_copy_stays_as_it_was_whatever_becomes_of_the_file() {
    let place = Place::new();
    let object = place.holds("raw/a.csv", b"content");
    let file = place.lake.fetch(&object, place.scratch.path()).await.unwrap();
    place.replace("raw/a.csv", b"another");
    assert_eq!(fs::read(file.path()).unwrap(), b"content");
    file.still_the_same().unwrap();
}

#[tokio::test]
async fn a_file_that_is_exchanged_while_it_is_read_where_it_lies_is_noticed() {
    let place = Place::new();
    let object = place.holds("raw/a.csv", b"content");
    place.settle("raw/a.csv");
    let file = place.lake.pin(&object, place.scratch.path()).await.unwrap();
    assert!(file.path().ends_with("raw/a.csv"), "it was copied");
    // Whatever the computation made of the other bytes, success or an error, it does not count.
    for made in [Ok(()), Err(churn::Error::data("a.csv", None, None, "not what it was"))] {
        let made = std::cell::Cell::new(Some(made));
        let result = file.read(|_| {
            place.replace("raw/a.csv", b"another");
            made.take().unwrap_or(Ok(()))
        });
        assert!(is_changed(&result.unwrap_err(), "raw/a.csv"));
        assert!(is_changed(&file.still_the_same().unwrap_err(), "raw/a.csv"));
    }
}

#[tokio::test]
async fn a_file_that_only_got_another_link_is_read_again_from_a_copy() {
    let place = Place::new();
    let object = place.holds("raw/a.csv", b"content");
    place.settle("raw/a.csv");
    let file = place.lake.pin(&object, place.scratch.path()).await.unwrap();
    let link = |name: &str| fs::hard_link(place.root.path().join("raw/a.csv"), place.root.path().join(name)).unwrap();
    let reads = std::cell::RefCell::new(Vec::new());
    let content = file.read(|path| {
        if reads.borrow().is_empty() {
            link("another name");
        }
        reads.borrow_mut().push(path.to_owned());
        fs::read(path).map_err(churn::Error::file("read", path))
    });
    assert_eq!(content.unwrap(), b"content");
    let reads = reads.into_inner();
    assert!(reads.len() == 2 && reads[1].starts_with(place.scratch.path()), "{reads:?}");
    // Who cannot read again is told to try again.
    assert!(matches!(file.still_the_same(), Err(Error::Lake(LakeError::Conflict { .. }))));
}

#[tokio::test]
async fn a_link_that_is_turned_to_another_file_and_back_changes_nothing() {
    let place = Place::new();
    let object = place.holds("elsewhere/a.csv", b"content");
    place.holds("elsewhere/b.csv", b"another");
    let link = place.root.path().join("raw");
    let turn = |target: &str| {
        drop(fs::remove_file(&link));
        std::os::unix::fs::symlink(place.root.path().join(target), &link).unwrap();
    };
    place.settle("elsewhere/a.csv");
    turn("elsewhere/a.csv");
    let object = TableRef { key: "raw".to_owned(), ..object };
    let file = place.lake.pin(&object, place.scratch.path()).await.unwrap();
    let content = file.read(|path| {
        turn("elsewhere/b.csv");
        let content = fs::read(path).map_err(churn::Error::file("read", path));
        turn("elsewhere/a.csv");
        content
    });
    assert_eq!(content.unwrap(), b"content");
}

#[tokio::test]
async fn a_file_of_just_now_is_copied_since_a_second_change_would_not_show() {
    let place = Place::new();
    let object = place.holds("raw/a.csv", b"content");
    let file = place.lake.pin(&object, place.scratch.path()).await.unwrap();
    assert!(file.path().starts_with(place.scratch.path()));
}

#[tokio::test]
async fn no_key_leads_out_of_the_lake_or_out_of_the_scratch_space() {
    let place = Place::new();
    let outside = tempfile::NamedTempFile::new_in(place.root.path().parent().unwrap()).unwrap();
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    let object = TableRef { key: format!("raw/../../{name}"), digest: Digest::of(b""), rows: 0 };
    for error in place.read_in_every_way(&object).await.into_iter().map(Result::unwrap_err) {
        assert_eq!(error.number().type_name(), "SG0035 UnsafeKey", "{error}");
    }
    let lake = &place.lake;
    for refused in [
        lake.put("../x", vec![]).await,
        lake.put_file("/x", Path::new("/dev/null")).await,
        lake.compare_and_swap("a//b", None, vec![]).await,
        lake.put_if_absent("a/./b", vec![]).await.map(drop),
        lake.get("..").await.map(drop),
        lake.head("a\\b").await.map(drop),
        lake.list("../").await.map(drop),
        lake.local_copy("a/../../b", place.scratch.path()).await.map(drop),
    ] {
        assert!(matches!(refused, Err(LakeError::UnsafeKey(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn of_many_objects_the_first_that_is_another_one_is_named() {
    let place = Place::new();
    let objects: Vec<TableRef> =
        (0..20).map(|number| place.holds(&format!("raw/{number:02}.csv"), b"content")).collect();
    for key in ["raw/07.csv", "raw/08.csv", "raw/19.csv"] {
        place.replace(key, b"other");
    }
    let pinned = place.lake.pin_all(&objects[..7], place.scratch.path()).await.unwrap();
    assert_eq!(pinned.len(), 7);
    let error = place.lake.pin_all(&objects, place.scratch.path()).await.unwrap_err();
    assert!(is_changed(&error, "raw/07.csv"), "{error}");
}
