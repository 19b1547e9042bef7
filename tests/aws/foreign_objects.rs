//! What others have put into the bucket, and how they have set it up, is taken as it is: its checksums are
//! checked, its folders are no files, its encryption is its own.

#![expect(clippy::unwrap_used, reason = "the panic of a test is its report")]

use lake::S3Settings;

use super::troubled_lake::{MIB, Troubled};
use support::aws::sdk::aws_sdk_s3;
use support::aws::{Emulators, Fault, Misdeed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_uploaded_is_checked_by_s3_s_own_checksum() {
    let troubled = Troubled::new().await;
    let bytes = vec![7; 12 * MIB];
    let s3 = Emulators::shared().s3().await;
    let put = s3.put_object().bucket(&troubled.bucket).key("data/theirs").body(bytes.clone().into());
    put.checksum_algorithm(aws_sdk_s3::types::ChecksumAlgorithm::Crc32C).send().await.unwrap();
    troubled.proxy.inject(Fault::new(Misdeed::Altered, 1, |seen| seen.range.is_some()));
    let damaged = troubled.copy("data/theirs").await.unwrap_err();
    assert_eq!(damaged.type_name(), "SG0025 DamagedObject", "{damaged}");
    assert!(troubled.copy("data/theirs").await.unwrap() == bytes, "the second attempt brings it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_is_not_gone_on_with_in_parts_of_another_size() {
    let troubled = Troubled::new().await;
    let bytes: Vec<u8> = (0..17 * MIB).map(|place| (place * 31 % 251) as u8).collect();
    let s3 = Emulators::shared().s3().await;
    // Without a checksum of the whole, nothing else would notice.
    upload_in_parts(&s3, &troubled.bucket, "data/theirs", &bytes).await;
    troubled.proxy.inject(Fault::new(Misdeed::InternalError, u32::MAX, |seen| {
        seen.range.as_deref().is_some_and(|range| range.starts_with(&format!("bytes={}-", 15 * MIB)))
    }));
    troubled.copy("data/theirs").await.unwrap_err();
    troubled.proxy.heal();

    let lake = troubled.with_parts_of(6).await;
    let folder = tempfile::tempdir_in(troubled.scratch.path()).unwrap();
    let copied = std::fs::read(lake.local_copy("data/theirs", folder.path()).await.unwrap()).unwrap();
    assert!(copied == bytes, "the copy has holes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_that_stand_for_folders_are_no_files() {
    let troubled = Troubled::new().await;
    for (key, body) in [("raw", ""), ("raw/", ""), ("raw/readings", ""), ("raw/readings/x.csv", "a,b")] {
        let s3 = Emulators::shared().s3().await;
        s3.put_object().bucket(&troubled.bucket).key(key).body(body.as_bytes().to_vec().into()).send().await.unwrap();
    }
    let listed = troubled.lake.list("raw/").await.unwrap();
    assert_eq!(listed.iter().map(|object| object.key.as_str()).collect::<Vec<_>>(), ["raw/readings/x.csv"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_s_own_encryption_is_not_overridden() {
    let troubled = Troubled::new().await;
    troubled.lake.put("data/small", b"abc".to_vec()).await.unwrap();
    troubled.large("data/large").await;
    assert_eq!(troubled.encryption(), [], "nothing is asked for where the settings have no key");

    let key = "arn:aws:kms:eu-west-1:123456789012:key/1234".to_owned();
    let settings = S3Settings { kms_key: Some(key.clone()), part_mib: 5, ..S3Settings::default() };
    let troubled = Troubled::with(settings).await;
    troubled.lake.put("data/small", b"abc".to_vec()).await.unwrap();
    troubled.large("data/large").await;
    let asked = ("aws:kms".to_owned(), key);
    assert_eq!(troubled.encryption(), [asked.clone(), asked]);
}

async fn upload_in_parts(s3: &aws_sdk_s3::Client, bucket: &str, key: &str, bytes: &[u8]) {
    let begun = s3.create_multipart_upload().bucket(bucket).key(key).send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let mut parts = Vec::new();
    for (number, part) in (1..).zip(bytes.chunks(5 * MIB)) {
        let sent = s3.upload_part().bucket(bucket).key(key).upload_id(id).part_number(number);
        let sent = sent.body(part.to_vec().into()).send().await.unwrap();
        let done = aws_sdk_s3::types::CompletedPart::builder().part_number(number);
        parts.push(done.set_e_tag(sent.e_tag().map(str::to_owned)).build());
    }
    let all = aws_sdk_s3::types::CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    s3.complete_multipart_upload().bucket(bucket).key(key).upload_id(id).multipart_upload(all).send().await.unwrap();
}
