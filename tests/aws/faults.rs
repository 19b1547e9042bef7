//! The proxy misbehaves as told, no more often than told, and tells what it saw: the official SDK takes
//! its errors for those of AWS.

use std::time::{Duration, Instant};

use support::aws::sdk::aws_sdk_s3;
use support::aws::sdk::aws_sdk_s3::Client;
use support::aws::sdk::aws_sdk_s3::error::ProvideErrorMetadata;
use support::aws::sdk::aws_sdk_s3::primitives::{AggregatedBytes, ByteStream};

use support::aws::{Emulators, Fault, FaultProxy, Misdeed, clients};

const KEY: &str = "gold/a";
const BODY: &[u8] = b"a table of customers";

/// An object behind a proxy.
struct Stage {
    proxy: FaultProxy,
    s3: Client,
    bucket: String,
}

impl Stage {
    async fn new() -> Self {
        let emulators = Emulators::shared();
        let (proxy, bucket) = (FaultProxy::start(emulators.s3_url()), emulators.new_bucket());
        let direct = emulators.s3().await;
        direct
            .put_object()
            .bucket(&bucket)
            .key(KEY)
            .body(ByteStream::from_static(BODY))
            .send()
            .await
            .expect("an object can be put");
        Self { s3: without_retries(&proxy).await, proxy, bucket }
    }

    /// The object, or the code of the error; `broken` when there is none.
    async fn get(&self) -> Result<Vec<u8>, String> {
        let object = self.s3.get_object().bucket(&self.bucket).key(KEY).send().await;
        let object = object.map_err(|error| error.code().unwrap_or("broken").to_owned())?;
        let body = object.body.collect().await;
        body.map(AggregatedBytes::to_vec).map_err(|_| "broken".to_owned())
    }

    fn inject(&self, what: Misdeed, method: &'static str) {
        self.proxy.inject(Fault::on_key(what, 1, method, "gold/"));
    }
}

async fn without_retries(proxy: &FaultProxy) -> Client {
    let configuration = clients::s3(&proxy.url()).await.config().to_builder();
    Client::from_conf(configuration.retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled()).build())
}

#[tokio::test]
async fn errors_of_s3_have_its_codes_and_pass() {
    let stage = Stage::new().await;
    let words = [
        (Misdeed::Throttled, "SlowDown"),
        (Misdeed::InternalError, "InternalError"),
        (Misdeed::AccessDenied, "AccessDenied"),
        (Misdeed::ExpiredToken, "ExpiredToken"),
        (Misdeed::NoSuchBucket, "NoSuchBucket"),
    ];
    for (misdeed, code) in words {
        stage.inject(misdeed, "GET");
        assert_eq!(stage.get().await, Err(code.to_owned()));
        assert_eq!(stage.get().await, Ok(BODY.to_vec()), "after {code}");
    }
    let statuses = stage.proxy.seen().iter().map(|seen| seen.status.expect("answered")).collect::<Vec<_>>();
    assert_eq!(statuses, [503, 200, 500, 200, 403, 200, 400, 200, 404, 200]);
    let first = &stage.proxy.seen()[0];
    assert_eq!((&*first.method, &*first.path), ("GET", &*format!("/{}/{KEY}", stage.bucket)));
}

#[tokio::test]
async fn broken_connections_and_bytes_are_noticed() {
    let stage = Stage::new().await;
    for misdeed in [Misdeed::CutBefore, Misdeed::CutAfter(5), Misdeed::AnswerLost, Misdeed::Altered] {
        stage.inject(misdeed, "GET");
        assert_eq!(stage.get().await, Err("broken".to_owned()), "{misdeed:?}");
        assert_eq!(stage.get().await, Ok(BODY.to_vec()), "after {misdeed:?}");
    }
    let statuses = stage.proxy.seen().iter().map(|seen| seen.status).collect::<Vec<_>>();
    let well = Some(200);
    assert_eq!(statuses, [None, well, None, well, None, well, well, well]);
}

#[tokio::test]
async fn a_cut_answer_begins_as_a_whole_one() {
    let stage = Stage::new().await;
    stage.inject(Misdeed::CutAfter(5), "GET");
    let object = stage.s3.get_object().bucket(&stage.bucket).key(KEY).send().await.expect("the head is whole");
    assert_eq!(object.content_length(), Some(BODY.len() as i64));
    let mut body = object.body;
    assert_eq!(body.next().await.expect("the beginning").expect("the beginning"), BODY[..5]);
    body.next().await.expect("more was announced").expect_err("the connection is broken");
}

#[tokio::test]
async fn a_lost_answer_is_that_of_a_done_deed_and_a_cut_request_none() {
    let stage = Stage::new().await;
    for (misdeed, done) in [(Misdeed::AnswerLost, true), (Misdeed::CutBefore, false)] {
        let key = format!("gold/{done}");
        stage.inject(misdeed, "PUT");
        let put =
            stage.s3.put_object().bucket(&stage.bucket).key(&key).body(ByteStream::from_static(BODY)).send().await;
        put.expect_err("the connection is broken");
        let found = stage.s3.head_object().bucket(&stage.bucket).key(&key).send().await;
        assert_eq!(found.is_ok(), done, "{misdeed:?}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_late_and_whole() {
    let stage = Stage::new().await;
    let delay = Duration::from_millis(300);
    stage.inject(Misdeed::Slow(delay), "GET");
    let started = Instant::now();
    assert_eq!(stage.get().await, Ok(BODY.to_vec()));
    assert!(started.elapsed() >= delay);
}

#[tokio::test]
async fn ranges_are_seen_and_large_bodies_pass() {
    let stage = Stage::new().await;
    let large: Vec<u8> = (0..9_000_000_u32).map(|i| (i % 251) as u8).collect();
    let put = stage.s3.put_object().bucket(&stage.bucket).key("large").body(large.clone().into()).send().await;
    put.expect("a large object can be put");
    let part = stage.s3.get_object().bucket(&stage.bucket).key("large").range("bytes=100-199").send().await;
    let part = part.expect("a part can be read").body.collect().await.expect("whole").to_vec();
    assert_eq!(part, large[100..200]);
    let ranges = stage.proxy.seen().iter().filter_map(|seen| seen.range.clone()).collect::<Vec<_>>();
    assert_eq!(ranges, ["bytes=100-199"]);
    let all = stage.s3.get_object().bucket(&stage.bucket).key("large").send().await.expect("it can be read");
    assert!(all.body.collect().await.expect("whole").to_vec() == large);
}

#[tokio::test]
async fn the_other_services_fail_in_their_own_words() {
    let emulators = Emulators::shared();
    let proxy = FaultProxy::start(emulators.s3_url());
    let denied = |operation| proxy.inject(Fault::on_operation(Misdeed::AccessDenied, 1, operation));

    denied("CreateTopic");
    let topic = clients::sns(&proxy.url()).await.create_topic().name("denied").send().await;
    let error = topic.expect_err("denied").into_service_error();
    assert!(error.is_authorization_error_exception(), "{error:?}");

    denied("PutMetricData");
    let put = clients::cloudwatch(&proxy.url()).await.put_metric_data().namespace("denied").send().await;
    assert_eq!(put.expect_err("denied").into_service_error().code(), Some("AccessDenied"));

    let moto = FaultProxy::start(emulators.moto_url());
    moto.inject(Fault::on_operation(Misdeed::AccessDenied, 1, "ListTrainingJobs"));
    let sagemaker = clients::sagemaker(&moto.url()).await;
    let listed = sagemaker.list_training_jobs().send().await;
    assert_eq!(listed.expect_err("denied").into_service_error().code(), Some("AccessDeniedException"));
    sagemaker.list_training_jobs().send().await.expect("only once");

    let operations = proxy.seen().into_iter().map(|seen| seen.operation).collect::<Vec<_>>();
    assert_eq!(operations, ["CreateTopic", "PutMetricData"]);
}

#[tokio::test]
async fn a_client_that_tries_again_gets_through() {
    let stage = Stage::new().await;
    stage.proxy.inject(Fault::on_key(Misdeed::Throttled, 2, "GET", "gold/"));
    let patient = clients::s3(&stage.proxy.url()).await;
    patient.get_object().bucket(&stage.bucket).key(KEY).send().await.expect("the third attempt passes");
    assert_eq!(stage.proxy.seen().len(), 3);
    stage.proxy.inject(Fault::on_key(Misdeed::AccessDenied, u32::MAX, "GET", ""));
    stage.get().await.expect_err("always denied");
    stage.proxy.heal();
    stage.get().await.expect("no longer denied");
}
