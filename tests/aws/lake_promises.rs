//! A bucket as a lake: the suite of all lakes, and what only a bucket promises.

use lake::{Digest, Lake, Place, S3Lake, S3Settings, Versions};
use support::aws::sdk::aws_sdk_s3::types::ServerSideEncryption;

use support::aws::Emulators;

use crate::promises_of_a_lake::every_promise_holds;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_a_bucket_that_leads_elsewhere_is_refused_by_name() {
    let emulators = Emulators::shared();
    let (bucket, scratch, client) = (emulators.new_bucket(), tempfile::tempdir().unwrap(), emulators.s3().await);
    let place = Place::parse(&format!("s3://{bucket}")).unwrap();
    let lake = Lake::S3(S3Lake::new(client.clone(), place, &S3Settings::default(), scratch.path()));
    lake.put("raw/a.csv", vec![1]).await.unwrap();
    client.put_object().bucket(&bucket).key("raw/../../outside.csv").body(vec![1].into()).send().await.unwrap();
    let refused = lake.list("raw/").await.unwrap_err().to_string();
    assert!(refused.contains("raw/../../outside.csv") && refused.contains("no key of a lake"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bucket_keeps_every_promise_of_a_lake_and_two_may_share_it() {
    let emulators = Emulators::shared();
    let (bucket, scratch) = (emulators.new_bucket(), tempfile::tempdir().unwrap());
    let settings = S3Settings { part_mib: 5, parallel_parts: 4, ..S3Settings::default() };
    let client = emulators.s3().await;
    let lake = |prefix: &str| {
        let place = Place::parse(&format!("s3://{bucket}/{prefix}")).unwrap();
        Lake::S3(S3Lake::new(client.clone(), place, &settings, scratch.path()))
    };
    every_promise_holds(&lake("")).await;
    let neighbour = lake("team/churn");
    assert!(neighbour.list("files/").await.unwrap().is_empty(), "another prefix is another lake");
    every_promise_holds(&neighbour).await;
    let keys: Vec<_> = lake("").list("team/").await.unwrap().into_iter().map(|object| object.key).collect();
    assert!(keys.contains(&"team/churn/files/whole".to_owned()), "{} keys", keys.len());
    // The bucket keeps old versions: the head names the one it is about.
    assert!(neighbour.head("head/object").await.unwrap().unwrap().version_id.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_are_encrypted_as_the_settings_say() {
    let emulators = Emulators::shared();
    let (bucket, client, scratch) = (emulators.new_bucket(), emulators.s3().await, tempfile::tempdir().unwrap());
    let file = scratch.path().join("large");
    std::fs::write(&file, vec![7; 6 << 20]).unwrap();
    for (prefix, kms_key) in [("plain", None), ("keyed", Some("alias/lake".to_owned()))] {
        let settings = S3Settings { kms_key: kms_key.clone(), part_mib: 5, ..S3Settings::default() };
        let place = Place::parse(&format!("s3://{bucket}/{prefix}")).unwrap();
        let lake = Lake::S3(S3Lake::new(client.clone(), place, &settings, scratch.path()));
        lake.put("small", vec![1]).await.unwrap();
        lake.put_file("large", &file).await.unwrap();
        for key in ["small", "large"] {
            let head = client.head_object().bucket(&bucket).key(format!("{prefix}/{key}")).send().await.unwrap();
            // Without a key the bucket's default decides: to ask for another encryption would override it.
            let wanted = kms_key.as_ref().map(|_| "aws:kms");
            assert_eq!(head.server_side_encryption().map(ServerSideEncryption::as_str), wanted, "{prefix}/{key}");
            assert_eq!(head.ssekms_key_id().map(str::to_owned), kms_key, "{prefix}/{key}");
        }
    }
}

/// Who starts a run of the same objects neither loads nor hashes them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_is_noted_for_one_version_of_an_object_alone() {
    let emulators = Emulators::shared();
    let (bucket, client, scratch) = (emulators.new_bucket(), emulators.s3().await, tempfile::tempdir().unwrap());
    let place = Place::parse(&format!("s3://{bucket}")).unwrap();
    let lake = Lake::S3(S3Lake::new(client, place, &S3Settings::default(), scratch.path()));
    let key = "raw/a.csv";
    assert_eq!(lake.seen_object(key).await.unwrap(), None);
    lake.put(key, b"one".to_vec()).await.unwrap();
    let first = lake.seen_object(key).await.unwrap().unwrap();
    assert_eq!(lake.noted_digest(&first).await.unwrap(), None);
    lake.note_digest(&first, &Digest::of(b"one")).await.unwrap();
    assert_eq!(lake.noted_digest(&first).await.unwrap(), Some(Digest::of(b"one")));

    lake.put(key, b"two".to_vec()).await.unwrap();
    let second = lake.seen_object(key).await.unwrap().unwrap();
    assert_ne!(second, first, "of the same size, in the same second");
    assert_eq!(lake.noted_digest(&second).await.unwrap(), None);
    // It was exchanged while the first was read: nobody knows which was.
    lake.note_digest(&first, &Digest::of(b"two")).await.unwrap();
    assert_eq!(lake.noted_digest(&first).await.unwrap(), Some(Digest::of(b"one")));
}

/// An erasure must reach what a bucket keeps: older versions, and those of objects that were deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_bucket_keeps_of_earlier_objects_goes_for_good() {
    let emulators = Emulators::shared();
    let (bucket, client, scratch) = (emulators.new_bucket(), emulators.s3().await, tempfile::tempdir().unwrap());
    let lake = |prefix: &str| {
        let place = Place::parse(&format!("s3://{bucket}/{prefix}")).unwrap();
        Lake::S3(S3Lake::new(client.clone(), place, &S3Settings::default(), scratch.path()))
    };
    let (ours, theirs) = (lake("ours"), lake("theirs"));
    for text in ["with the customer", "without"] {
        for key in ["raw/labels.csv", "raw/labels.csv.of-another-name", "raw/gone.csv", "models/model"] {
            ours.put(key, text.into()).await.unwrap();
        }
        theirs.put("raw/labels.csv", text.into()).await.unwrap();
    }
    ours.remove("raw/gone.csv").await.unwrap();
    let versions = async |prefix: &str| {
        let listed = client.list_object_versions().bucket(&bucket).prefix(prefix).send().await.unwrap();
        listed.versions().len() + listed.delete_markers().len()
    };
    // Of one object alone, whatever names begin alike.
    assert_eq!(ours.remove_versions("raw/labels.csv", Versions::Older).await.unwrap(), 1);
    assert_eq!(ours.read("raw/labels.csv").await.unwrap(), b"without");
    assert_eq!(versions("ours/raw/labels.csv.of-another-name").await, 2);
    // Of a folder: one version is older, two are of an object that was deleted.
    assert_eq!(ours.remove_history("raw").await.unwrap(), 3);
    assert_eq!((versions("ours/raw/").await, versions("ours/raw/gone.csv").await), (2, 0));
    assert_eq!((versions("ours/models/").await, versions("theirs/").await), (2, 2), "nothing else was touched");
    // Of an object that was deleted the mark goes too.
    assert_eq!(ours.remove_versions("models/model", Versions::All).await.unwrap(), 2);
    assert!(ours.get("models/model").await.unwrap().is_none() && versions("ours/models/").await == 0);
}
