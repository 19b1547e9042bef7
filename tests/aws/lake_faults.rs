//! What goes wrong on the way to S3 is gone on from, tried again or reported, by the one error table; and
//! half of anything is never seen.

use std::time::Duration;

use activities::Error;
use lake::S3Settings;
use lake::{Lake, Place, S3Lake};
use protocol::Digest;

use super::troubled_lake::{MIB, Troubled};
use support::aws::{Emulators, Fault, Misdeed, clients};

fn on_get(what: Misdeed, times: u32) -> Fault {
    Fault::on_key(what, times, "GET", "/data")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_passes_is_gone_on_from() {
    let troubled = Troubled::new().await;
    troubled.lake.put("data/small", b"abc".to_vec()).await.unwrap();
    let passing = [
        Misdeed::Throttled,
        Misdeed::InternalError,
        Misdeed::CutBefore,
        Misdeed::CutAfter(1),
        Misdeed::Altered,
        Misdeed::Slow(Duration::from_millis(300)),
    ];
    for misdeed in passing {
        troubled.proxy.inject(on_get(misdeed, 1));
        let before = troubled.proxy.seen().len();
        assert_eq!(troubled.lake.read("data/small").await.unwrap(), b"abc", "{misdeed:?}");
        let calls = troubled.proxy.seen().len() - before;
        assert!(calls == 2 || matches!(misdeed, Misdeed::Slow(_)), "{misdeed:?}: {calls} calls");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_pass_is_reported_by_the_error_table() {
    let troubled = Troubled::new().await;
    troubled.lake.put("data/small", b"abc".to_vec()).await.unwrap();
    let cases = [
        (Misdeed::InternalError, "SG0018 ServiceUnavailable", churn::Kind::Retry),
        (Misdeed::CutBefore, "SG0018 ServiceUnavailable", churn::Kind::Retry),
        (Misdeed::ExpiredToken, "SG0019 CredentialsExpired", churn::Kind::Retry),
        (Misdeed::WrongRegion, "SG0039 WrongRegion", churn::Kind::Permanent),
        (Misdeed::AccessDenied, "SG0021 AccessDenied", churn::Kind::Permanent),
        (Misdeed::NoSuchBucket, "SG0022 MissingResource", churn::Kind::Permanent),
        (Misdeed::Altered, "SG0025 DamagedObject", churn::Kind::Retry),
    ];
    for (misdeed, type_name, kind) in cases {
        troubled.proxy.inject(on_get(misdeed, u32::MAX));
        let error = Error::from(troubled.lake.read("data/small").await.unwrap_err());
        assert_eq!((error.type_name(), error.kind()), (type_name, kind), "{misdeed:?}: {error}");
        assert!(error.to_string().contains("data/small"), "{error}");
        troubled.proxy.heal();
    }
    assert_eq!(troubled.lake.read("data/small").await.unwrap(), b"abc");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_bucket_is_not_a_missing_object() {
    let troubled = Troubled::new().await;
    let place = Place::parse("s3://no-such-bucket-here").unwrap();
    let client = clients::s3(&troubled.proxy.url()).await;
    let lake = Lake::S3(S3Lake::new(client, place, &S3Settings::default(), troubled.scratch.path()));
    let answers = [
        lake.get("models/champion.json").await.map(drop),
        lake.head("models/champion.json").await.map(drop),
        lake.list("raw/").await.map(drop),
        lake.put("x", vec![1]).await,
        lake.local_copy("raw/x", troubled.scratch.path()).await.map(drop),
    ];
    for answer in answers {
        assert_eq!(Error::from(answer.unwrap_err()).type_name(), "SG0022 MissingResource");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_that_breaks_off_goes_on_from_its_last_byte() {
    let troubled = Troubled::new().await;
    let bytes = troubled.large("data/large").await;
    troubled.proxy.inject(on_get(Misdeed::CutAfter(2 * MIB), 1));
    assert!(troubled.copy("data/large").await.unwrap() == bytes, "the copy differs");
    let ranges = troubled.ranges();
    // Four parts of 5 MiB, and the rest of the one that broke off.
    assert_eq!(ranges.len(), 5, "{ranges:?}");
    let starts =
        |range: &String| range.trim_start_matches("bytes=").split('-').next().unwrap().parse::<usize>().unwrap();
    assert!(ranges.iter().map(starts).any(|start| start % (5 * MIB) != 0), "{ranges:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_failed_half_way_loads_only_what_is_missing() {
    let troubled = Troubled::new().await;
    let bytes = troubled.large("data/large").await;
    // The last part is out of reach for the whole first attempt.
    troubled.proxy.inject(Fault::new(Misdeed::InternalError, u32::MAX, |seen| {
        seen.range.as_deref().is_some_and(|range| range.starts_with(&format!("bytes={}-", 15 * MIB)))
    }));
    let failed = troubled.copy("data/large").await.unwrap_err();
    assert_eq!(failed.kind(), churn::Kind::Retry, "{failed}");
    troubled.proxy.heal();
    let before = troubled.ranges().len();
    assert!(troubled.copy("data/large").await.unwrap() == bytes, "the copy differs");
    let loaded = troubled.ranges().len() - before;
    assert!(loaded < 4, "{loaded} of 4 parts were loaded again");
    let before = troubled.ranges().len();
    assert!(troubled.copy("data/large").await.unwrap() == bytes, "the copy differs");
    assert_eq!(troubled.ranges().len(), before, "a whole copy is not loaded again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_copy_with_another_byte_is_thrown_away() {
    let troubled = Troubled::new().await;
    let bytes = troubled.large("data/large").await;
    troubled.proxy.inject(Fault::new(Misdeed::Altered, 1, |seen| seen.range.is_some()));
    let damaged = troubled.copy("data/large").await.unwrap_err();
    assert_eq!((damaged.type_name(), damaged.kind()), ("SG0025 DamagedObject", churn::Kind::Retry));
    assert!(troubled.copy("data/large").await.unwrap() == bytes, "the second attempt brings it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_an_upload_is_never_seen_and_leaves_nothing() {
    let troubled = Troubled::new().await;
    troubled.proxy.inject(Fault::new(Misdeed::AccessDenied, 1, |seen| seen.query.contains("partNumber=3")));
    let file = troubled.scratch.path().join("source");
    std::fs::write(&file, vec![7; 17 * MIB]).unwrap();
    let failed = Error::from(troubled.lake.put_file("data/large", &file).await.unwrap_err());
    assert_eq!(failed.type_name(), "SG0021 AccessDenied", "{failed}");
    assert!(troubled.lake.get("data/large").await.unwrap().is_none());
    let s3 = Emulators::shared().s3().await;
    let open = s3.list_multipart_uploads().bucket(&troubled.bucket).send().await.unwrap();
    assert!(open.uploads().is_empty(), "{:?}", open.uploads());
    troubled.lake.put_file("data/large", &file).await.unwrap();
    let head = troubled.lake.head("data/large").await.unwrap().unwrap();
    assert_eq!((head.bytes, head.digest), (17 << 20, Some(Digest::of(&vec![7; 17 * MIB]).to_string())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conditional_write_whose_answer_is_lost_is_known_as_ones_own() {
    let troubled = Troubled::new().await;
    troubled.proxy.inject(Fault::on_key(Misdeed::AnswerLost, 1, "PUT", "/pointer"));
    assert!(troubled.lake.put_if_absent("pointer", b"one".to_vec()).await.unwrap(), "it was written by this call");
    assert!(!troubled.lake.put_if_absent("pointer", b"one".to_vec()).await.unwrap(), "and now it is there");
    let (_, seen) = troubled.lake.get("pointer").await.unwrap().unwrap();
    troubled.proxy.inject(Fault::on_key(Misdeed::AnswerLost, 1, "PUT", "/pointer"));
    troubled.lake.compare_and_swap("pointer", Some(&seen), b"two".to_vec()).await.unwrap();
    assert_eq!(troubled.lake.read("pointer").await.unwrap(), b"two");
}
