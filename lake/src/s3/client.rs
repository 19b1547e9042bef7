//! The client of the lake.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;

use super::settings::S3Settings;
use crate::aws::{CONNECT_TIMEOUT, CallLog, READ_TIMEOUT};

/// The client for these settings.
pub fn s3_client(config: &SdkConfig, settings: &S3Settings) -> Client {
    // A part of an upload goes out within it too: a second more for every MiB.
    let read_timeout = READ_TIMEOUT + Duration::from_secs(settings.part_mib);
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(read_timeout).build();
    let config = Builder::from(config)
        .timeout_config(timeouts)
        .force_path_style(settings.path_style)
        .interceptor(CallLog)
        .build();
    Client::from_conf(config)
}
