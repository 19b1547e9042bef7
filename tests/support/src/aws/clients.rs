//! The official SDK's clients, for the tests' own look at the emulators.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// The region of everything here.
pub const REGION: &str = "eu-west-1";

/// S3 at `url`; an emulator has no host name per bucket.
pub async fn s3(url: &str) -> aws_sdk_s3::Client {
    let configuration = aws_sdk_s3::config::Builder::from(&configuration(url).await).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(configuration)
}

/// SNS at `url`.
pub async fn sns(url: &str) -> aws_sdk_sns::Client {
    aws_sdk_sns::Client::new(&configuration(url).await)
}

/// CloudWatch at `url`.
pub async fn cloudwatch(url: &str) -> aws_sdk_cloudwatch::Client {
    aws_sdk_cloudwatch::Client::new(&configuration(url).await)
}

/// KMS at `url`.
pub async fn kms(url: &str) -> aws_sdk_kms::Client {
    aws_sdk_kms::Client::new(&configuration(url).await)
}

/// SageMaker at `url`.
pub async fn sagemaker(url: &str) -> aws_sdk_sagemaker::Client {
    aws_sdk_sagemaker::Client::new(&configuration(url).await)
}

/// Nothing comes from this machine's profiles. Made for each client: its connections belong to the
/// runtime of the test that uses them.
async fn configuration(url: &str) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(REGION)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .load()
        .await
}
