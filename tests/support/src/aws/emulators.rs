//! ministack and moto, started once per test binary.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
};
use bytes::Bytes;
use hyper::Request;

use super::clients::{self, REGION};
use super::http::forward;
use super::runtime::wait_for;
use super::sagemaker::SageMakerPart;
use crate::home::home;
use crate::ports::free_ports;
use crate::supervised::Supervised;
use crate::{eventually, new_name};

/// Half a second on an idle machine.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// The running emulators: ministack (S3, SNS, SQS, CloudWatch) and moto (KMS, SageMaker's registry and the
/// definitions of its jobs).
pub struct Emulators {
    ministack: Emulator,
    moto: Emulator,
}

struct Emulator {
    url: String,
    // Statics are never dropped: the emulator ends because its supervisor sees the test binary end.
    _process: Supervised,
}

impl Emulators {
    /// The emulators; the first caller starts them.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Emulators> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// ministack: S3, and also SNS, SQS and CloudWatch.
    pub fn s3_url(&self) -> &str {
        &self.ministack.url
    }

    /// moto: KMS, and SageMaker, whose jobs are completed at once; see `SageMakerPart` for one that runs them.
    pub fn moto_url(&self) -> &str {
        &self.moto.url
    }

    /// A bucket of one test, with versioning.
    pub fn new_bucket(&self) -> String {
        let (bucket, url) = (new_name("bucket"), self.s3_url().to_owned());
        let name = bucket.clone();
        wait_for(async move {
            let s3 = clients::s3(&url).await;
            let place = CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(REGION))
                .build();
            let created = s3.create_bucket().bucket(&name).create_bucket_configuration(place).send().await;
            created.expect("a bucket can be created");
            let kept = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
            let versioned = s3.put_bucket_versioning().bucket(&name).versioning_configuration(kept).send().await;
            versioned.expect("a bucket can keep versions");
        });
        bucket
    }

    /// The SDK's client for S3.
    pub async fn s3(&self) -> aws_sdk_s3::Client {
        clients::s3(self.s3_url()).await
    }

    /// The SDK's client for SNS.
    pub async fn sns(&self) -> aws_sdk_sns::Client {
        clients::sns(self.s3_url()).await
    }

    /// The SDK's client for CloudWatch.
    pub async fn cloudwatch(&self) -> aws_sdk_cloudwatch::Client {
        clients::cloudwatch(self.s3_url()).await
    }

    /// The SDK's client for KMS, which moto plays.
    pub async fn kms(&self) -> aws_sdk_kms::Client {
        clients::kms(self.moto_url()).await
    }

    /// The SDK's client for SageMaker at `url`: moto's, a `SageMakerPart`'s or a proxy's.
    pub async fn sagemaker(&self, url: &str) -> aws_sdk_sagemaker::Client {
        clients::sagemaker(url).await
    }

    /// SageMaker's part of one test, with moto behind it and ministack for its S3.
    pub fn sagemaker_part(&self) -> SageMakerPart {
        let url = self.s3_url().to_owned();
        SageMakerPart::start(self.moto_url(), wait_for(async move { clients::s3(&url).await }))
    }

    /// The environment of a child process: everything at `aws_url` ([`Self::s3_url`] or a proxy before
    /// it), SageMaker at `sagemaker_url`, and nothing from this machine's own AWS profiles.
    pub fn variables(aws_url: &str, sagemaker_url: &str) -> Vec<(String, String)> {
        let variables = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_ENDPOINT_URL", aws_url),
            ("AWS_ENDPOINT_URL_SAGEMAKER", sagemaker_url),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    fn start() -> Self {
        let [ministack_port, moto_port] = free_ports();
        let port = ministack_port.to_string();
        let settings = [("BIND_HOST", "127.0.0.1"), ("GATEWAY_PORT", &*port)];
        let ministack = program("MINISTACK", "ministack");
        let ministack = Emulator::start(&ministack, &[], &settings, ministack_port, "/_ministack/health");
        let moto = program("MOTO_SERVER", "moto_server");
        let arguments = ["-H", "127.0.0.1", "-p", &moto_port.to_string()];
        let moto = Emulator::start(&moto, &arguments, &[], moto_port, "/moto-api/data.json");
        Self { ministack, moto }
    }
}

impl Emulator {
    fn start(program: &Path, arguments: &[&str], variables: &[(&str, &str)], port: u16, health: &str) -> Self {
        let name = program.file_name().expect("a program has a name").to_string_lossy();
        let mut process = Supervised::start(program, arguments, variables, home().join(format!("{name}.log")));
        let url = format!("http://127.0.0.1:{port}");
        eventually(&format!("{name} is healthy"), READY_WITHIN, || {
            assert!(process.ended().is_none(), "{name} ended (make emulators):\n{}", process.log());
            is_healthy(&url, health).then_some(())
        });
        Self { url, _process: process }
    }
}

fn is_healthy(url: &str, path: &str) -> bool {
    let (url, path) = (url.to_owned(), path.to_owned());
    let request = Request::get(path).body(Bytes::new()).expect("a request");
    wait_for(async move { forward(&url, request).await.is_ok_and(|answer| answer.status().is_success()) })
}

/// Where `make emulators` put it; without `make`, whatever the machine has.
fn program(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| PathBuf::from(name), PathBuf::from)
}
