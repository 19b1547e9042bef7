//! What every lake promises: one suite, which each adapter runs as a whole.

#![expect(clippy::unwrap_used, reason = "a suite of tests: the panic is its report")]

use std::path::Path;

use futures::{StreamExt, stream};
use lake::{Digest, Error, Lake, LakeError, Result, Versions};
use protocol::TableRef;

/// Runs every promise against an empty lake.
pub async fn every_promise_holds(lake: &Lake) {
    an_object_is_read_back_as_written(lake).await;
    a_missing_object_is_none_or_a_named_error(lake).await;
    only_the_first_of_many_writes_if_absent(lake).await;
    a_swap_needs_the_version_that_was_seen(lake).await;
    a_listing_is_sorted_and_stays_in_its_folder(lake).await;
    a_long_listing_is_whole(lake).await;
    a_file_arrives_whole_or_not_at_all(lake).await;
    a_large_file_comes_back_as_it_went(lake).await;
    a_head_tells_size_digest_and_version(lake).await;
    only_the_named_content_is_read(lake).await;
    only_a_key_leads_anywhere(lake).await;
    what_is_removed_with_its_versions_is_gone(lake).await;
}

async fn an_object_is_read_back_as_written(lake: &Lake) {
    lake.put("a/b/object", b"first".to_vec()).await.unwrap();
    lake.put("a/b/object", b"second".to_vec()).await.unwrap();
    assert_eq!(lake.read("a/b/object").await.unwrap(), b"second");
    lake.put_json("a/value.json", &vec![1, 2]).await.unwrap();
    assert_eq!(lake.read_json::<Vec<u8>>("a/value.json").await.unwrap(), [1, 2]);
    lake.put("a/text.json", b"no json".to_vec()).await.unwrap();
    let broken = lake.read_json::<Vec<u8>>("a/text.json").await.unwrap_err();
    assert!(matches!(&broken, LakeError::Unreadable { key, .. } if key == "a/text.json"), "{broken}");
}

async fn what_is_removed_with_its_versions_is_gone(lake: &Lake) {
    for text in ["first", "second"] {
        lake.put("versions/object", text.as_bytes().to_vec()).await.unwrap();
    }
    lake.put("versions/object-of-another-name", b"stays".to_vec()).await.unwrap();
    lake.remove_versions("versions/object", Versions::Older).await.unwrap();
    assert_eq!(lake.read("versions/object").await.unwrap(), b"second");
    assert!(lake.remove_versions("versions/object", Versions::All).await.unwrap() > 0);
    assert!(lake.get("versions/object").await.unwrap().is_none());
    assert_eq!(lake.remove_versions("versions/object", Versions::All).await.unwrap(), 0);
    lake.remove_history("versions/").await.unwrap();
    assert_eq!(lake.read("versions/object-of-another-name").await.unwrap(), b"stays");
}

async fn a_missing_object_is_none_or_a_named_error(lake: &Lake) {
    assert!(lake.get("nowhere").await.unwrap().is_none());
    let scratch = tempfile::tempdir().unwrap();
    for missing in [lake.read("nowhere").await.map(drop), lake.local_copy("nowhere", scratch.path()).await.map(drop)] {
        let message = missing.unwrap_err().to_string();
        assert!(message.contains("nowhere is not in"), "{message}");
    }
}

async fn only_the_first_of_many_writes_if_absent(lake: &Lake) {
    let tries = (0_u8..16).map(|writer| {
        let lake = lake.clone();
        tokio::spawn(async move { lake.put_if_absent("race", vec![writer]).await.unwrap() })
    });
    let mut wins = Vec::new();
    for (writer, attempt) in tries.collect::<Vec<_>>().into_iter().enumerate() {
        if attempt.await.unwrap() {
            wins.push(writer);
        }
    }
    assert_eq!(wins.len(), 1);
    assert_eq!(usize::from(lake.read("race").await.unwrap()[0]), wins[0]);
}

async fn a_swap_needs_the_version_that_was_seen(lake: &Lake) {
    lake.compare_and_swap("pointer", None, b"one".to_vec()).await.unwrap();
    let (_, seen) = lake.get("pointer").await.unwrap().unwrap();
    lake.compare_and_swap("pointer", Some(&seen), b"two".to_vec()).await.unwrap();
    for stale in [Some(&seen), None] {
        let lost = lake.compare_and_swap("pointer", stale, b"three".to_vec()).await.unwrap_err();
        assert!(matches!(&lost, LakeError::Conflict { key } if key == "pointer"), "{lost}");
    }
    assert_eq!(lake.read("pointer").await.unwrap(), b"two");
}

async fn a_listing_is_sorted_and_stays_in_its_folder(lake: &Lake) {
    for key in ["list/b", "list/a", "list/deep/c", "listing/d"] {
        lake.put(key, b"x".to_vec()).await.unwrap();
    }
    let listed: Vec<_> =
        lake.list("list/").await.unwrap().into_iter().map(|object| (object.key, object.bytes)).collect();
    assert_eq!(listed, [("list/a".to_owned(), 1), ("list/b".to_owned(), 1), ("list/deep/c".to_owned(), 1)]);
    assert!(lake.list("nothing/").await.unwrap().is_empty());
}

async fn a_file_arrives_whole_or_not_at_all(lake: &Lake) {
    let scratch = tempfile::tempdir().unwrap();
    let source = scratch.path().join("source");
    std::fs::write(&source, b"content").unwrap();
    lake.put_file("files/whole", &source).await.unwrap();
    let copy = lake.local_copy("files/whole", scratch.path()).await.unwrap();
    assert_eq!(std::fs::read(copy).unwrap(), b"content");
    assert!(lake.put_file("files/none", &scratch.path().join("absent")).await.is_err());
    assert!(lake.get("files/none").await.unwrap().is_none());
}

/// S3 answers with at most 1,000 keys at once.
async fn a_long_listing_is_whole(lake: &Lake) {
    let keys: Vec<_> = (0..1005).map(|number| format!("long/{number:04}")).collect();
    stream::iter(&keys).for_each_concurrent(16, |key| async { lake.put(key, vec![7]).await.unwrap() }).await;
    let listed: Vec<_> = lake.list("long/").await.unwrap().into_iter().map(|object| object.key).collect();
    assert!(listed == keys, "{} keys", listed.len());
}

/// Larger than a part, and no whole number of parts.
async fn a_large_file_comes_back_as_it_went(lake: &Lake) {
    let scratch = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> =
        (0_u32..4_000_000).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let source = scratch.path().join("large");
    std::fs::write(&source, &bytes).unwrap();
    lake.put_file("files/large", &source).await.unwrap();
    // Two at once, as the slices of one file ask for it, each with scratch space of its own.
    let [one, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (first, second) =
        tokio::join!(lake.local_copy("files/large", one.path()), lake.local_copy("files/large", other.path()));
    for copy in [first.unwrap(), second.unwrap()] {
        assert!(std::fs::read(copy).unwrap() == bytes, "the copy differs");
    }
    // Twice into the same place, as a step that needs a file for two purposes.
    let again = lake.local_copy("files/large", one.path()).await.unwrap();
    assert_eq!(std::fs::metadata(again).unwrap().len(), bytes.len() as u64);
}

async fn a_head_tells_size_digest_and_version(lake: &Lake) {
    assert!(lake.head("head/none").await.unwrap().is_none());
    lake.put("head/object", b"abc".to_vec()).await.unwrap();
    let head = lake.head("head/object").await.unwrap().unwrap();
    assert_eq!((head.bytes, head.digest), (3, Some(Digest::of(b"abc").to_string())));
    let (_, version) = lake.get("head/object").await.unwrap().unwrap();
    assert_eq!(head.version, version);
    lake.put("head/object", b"abcd".to_vec()).await.unwrap();
    assert_ne!(lake.head("head/object").await.unwrap().unwrap().version, version);
}

/// A small object and one larger than a part, of the pipeline and from outside: as they were named, exchanged, gone.
async fn only_the_named_content_is_read(lake: &Lake) {
    for (key, error) in [("gold/t", "SG0029 TableDamaged"), ("raw/t", "SG0028 InputChanged")] {
        for size in [3, 6 << 20] {
            let (scratch, old) = (tempfile::tempdir().unwrap(), vec![7; size]);
            let source = scratch.path().join("source");
            let object = TableRef { key: key.to_owned(), digest: Digest::of(&old), rows: 0 };
            std::fs::write(&source, &old).unwrap();
            lake.put_file(key, &source).await.unwrap();
            for (way, read) in every_way_to_read(lake, &object, scratch.path()).await {
                assert!(read.unwrap() == old, "{key} of {size} bytes, {way}");
            }
            // The same size, and into the same scratch space.
            let new = vec![8; size];
            std::fs::write(&source, &new).unwrap();
            lake.put_file(key, &source).await.unwrap();
            for (way, read) in every_way_to_read(lake, &object, scratch.path()).await {
                let refused = read.unwrap_err();
                assert_eq!(refused.number().type_name(), error, "{key} of {size} bytes, {way}: {refused}");
            }
            let object = TableRef { digest: Digest::of(&new), ..object };
            for (way, read) in every_way_to_read(lake, &object, scratch.path()).await {
                assert!(read.unwrap() == new, "{key} of {size} bytes, {way}");
            }
        }
        let gone = TableRef { key: format!("{key}-gone"), digest: Digest::of(b""), rows: 0 };
        let scratch = tempfile::tempdir().unwrap();
        for (way, read) in every_way_to_read(lake, &gone, scratch.path()).await {
            assert_eq!(read.unwrap_err().number().type_name(), error, "{way}");
        }
    }
}

async fn every_way_to_read(
    lake: &Lake,
    object: &TableRef,
    scratch: &Path,
) -> Vec<(&'static str, Result<Vec<u8>, Error>)> {
    let bytes = |path: &Path| std::fs::read(path).map_err(churn::Error::file("read", path));
    vec![
        ("read_exactly", lake.read_exactly(object).await),
        ("fetch", lake.fetch(object, scratch).await.and_then(|file| file.read(bytes))),
        ("pin", lake.pin(object, scratch).await.and_then(|file| file.read(bytes))),
        ("copy", lake.copy(object, scratch).await.and_then(|path| Ok(bytes(&path)?))),
    ]
}

async fn only_a_key_leads_anywhere(lake: &Lake) {
    let scratch = tempfile::tempdir().unwrap();
    for key in ["../x", "/x", "a/../../x", "a//x", "a/./x", "", "a\\..\\x", "a\0"] {
        for refused in [
            lake.get(key).await.map(drop),
            lake.put(key, vec![]).await,
            lake.local_copy(key, scratch.path()).await.map(drop),
            lake.head(key).await.map(drop),
        ] {
            assert!(matches!(refused, Err(LakeError::UnsafeKey(_))), "{key}: {refused:?}");
        }
    }
}
