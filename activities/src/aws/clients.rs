//! The clients of the five services, built once at start-up.

use aws_config::SdkConfig;
use lake::aws::CallLog;

use super::settings::AwsSettings;

/// One client per service; cheap to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The lake's.
    pub s3: aws_sdk_s3::Client,
    /// The trainer's and the registry's.
    pub sagemaker: aws_sdk_sagemaker::Client,
    /// The alerts'.
    pub sns: aws_sdk_sns::Client,
    /// The metrics'.
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    /// The events'.
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// The clients for these settings.
    pub fn new(config: &SdkConfig, settings: &AwsSettings) -> Self {
        let sagemaker = aws_sdk_sagemaker::config::Builder::from(config).interceptor(CallLog).build();
        let sns = aws_sdk_sns::config::Builder::from(config).interceptor(CallLog).build();
        let cloudwatch = aws_sdk_cloudwatch::config::Builder::from(config).interceptor(CallLog).build();
        let sqs = aws_sdk_sqs::config::Builder::from(config).interceptor(CallLog).build();
        Self {
            s3: lake::s3_client(config, &settings.lake),
            sagemaker: aws_sdk_sagemaker::Client::from_conf(sagemaker),
            sns: aws_sdk_sns::Client::from_conf(sns),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch),
            sqs: aws_sdk_sqs::Client::from_conf(sqs),
        }
    }
}
