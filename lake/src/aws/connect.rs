//! Region, credentials chain and endpoints, where AWS users put them: the environment and the shared
//! profile files.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// How long a connection may take to come about.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take to go out, and the first byte of its answer to come.
pub const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How often one call is tried within an attempt of an activity; Temporal tries the activity again.
const CALL_ATTEMPTS: u32 = 4;

/// Reads region, credentials and endpoints where AWS users put them.
pub async fn connect(region: Option<&str>) -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(CALL_ATTEMPTS));
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    loader.load().await
}

/// Region and access key in use (never the secret), or everything that is missing.
pub async fn describe_identity(config: &SdkConfig) -> Result<String, Vec<String>> {
    let mut missing = Vec::new();
    let region = config.region().map(ToString::to_string);
    if region.is_none() {
        missing.push("no region: set `region` in aws.yaml, AWS_REGION, or `region` of the AWS profile".to_owned());
    }
    let key = match config.credentials_provider() {
        None => Err("no credentials provider".to_owned()),
        Some(provider) => provider.provide_credentials().await.map_err(|error| error.to_string()),
    };
    if let Err(error) = &key {
        missing.push(format!(
            "no credentials ({error}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run where a role gives them"
        ));
    }
    match (region, key) {
        (Some(region), Ok(key)) => Ok(format!("region {region}, access key {}", key.access_key_id())),
        _ => Err(missing),
    }
}
