//! The `aws` profile's outside world for the tests: emulators that nobody here wrote (ministack plays
//! S3, SNS, SQS and CloudWatch, moto KMS, the model registry and the definitions of training jobs), a small
//! part of our own that really runs training jobs, and a proxy that makes S3 and its neighbours fail.
//!
//! What they cannot do, and who plays that part:
//! - ministack has no SageMaker: moto plays it.
//! - moto overwrites a training job of the same name, calls every job completed at once, invents
//!   metrics, forgets a job's environment and cannot stop it: [`SageMakerPart`] does all of that.
//! - Neither fails as AWS does (throttling, lost connections, expired credentials): [`FaultProxy`] does.
//! - Neither checks signatures, permissions or quotas, and nothing here plays IAM, ECR or the time that
//!   instances take to start. Only an account can show these.
//!
//! `docs/aws-emulators.md` says the same at length.

pub mod clients;
pub mod emulators;
pub mod errors;
pub mod faults;
pub mod http;
pub mod inbox;
pub mod proxy;
pub mod queue;
pub mod runtime;
pub mod sagemaker;

/// The SDKs, for what a test asks of AWS itself.
pub mod sdk {
    pub use {aws_sdk_cloudwatch, aws_sdk_kms, aws_sdk_s3, aws_sdk_sagemaker, aws_sdk_sns};
}

pub use emulators::Emulators;
pub use faults::{Fault, Misdeed};
pub use inbox::Inbox;
pub use proxy::FaultProxy;
pub use queue::Queue;
pub use sagemaker::SageMakerPart;
