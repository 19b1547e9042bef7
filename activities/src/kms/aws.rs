//! A key in AWS KMS, through the official SDK.

use std::time::Duration;

use aws_sdk_kms::Client;
use aws_sdk_kms::config::Builder;
use aws_sdk_kms::config::timeout::TimeoutConfig;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, MacAlgorithmSpec};
use futures::FutureExt;
use lake::aws::{CallLog, code, connect, explain};
use lake::{RemoteError, RemoteErrorKind};
use tokio::sync::OnceCell;

use super::{Call, DataKey, KeyFacts, KmsKey, KmsKeyName, Mac, MacKey, Opened, PlainKey, WrappingKey};

/// How long a call may take with all its attempts: less than a workflow task has (10 s), which waits for it.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one attempt of it may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// What a sealed key is for: KMS opens it for nothing else, and policies may ask for it.
const CONTEXT: (&str, &str) = ("purpose", "spanishgas payloads");

/// A key; the client is made when it is first used.
#[derive(Debug)]
pub struct AwsKey {
    name: KmsKeyName,
    client: OnceCell<Client>,
}

impl AwsKey {
    /// The key of this name, in the region of its ARN, else in the environment's.
    pub fn new(name: KmsKeyName) -> Self {
        Self { name, client: OnceCell::new() }
    }

    /// The client, for this operation.
    async fn client(&self, operation: &'static str) -> Result<&Client, RemoteError> {
        let connected = async {
            let config = connect(self.name.region()).await;
            if config.region().is_none() {
                let said = "no region: name the key by its ARN, or set AWS_REGION";
                return Err(self.failed(operation, RemoteErrorKind::Refused, said));
            }
            let timeouts =
                TimeoutConfig::builder().operation_timeout(CALL_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT);
            let config = Builder::from(&config).timeout_config(timeouts.build()).interceptor(CallLog).build();
            Ok(Client::from_conf(config))
        };
        Box::pin(self.client.get_or_try_init(|| connected)).await
    }

    /// An answer that lacks what the service promises.
    fn incomplete(&self, operation: &'static str) -> RemoteError {
        self.failed(operation, RemoteErrorKind::Unavailable, "the answer is incomplete")
    }

    fn failed(&self, operation: &'static str, kind: RemoteErrorKind, said: &str) -> RemoteError {
        RemoteError { service: "kms", operation, target: self.name.to_string(), kind, said: said.to_owned() }
    }
}

impl KmsKey for AwsKey {
    fn name(&self) -> &KmsKeyName {
        &self.name
    }

    fn describe(&self) -> Call<'_, KeyFacts> {
        async move {
            let answer = self.client("DescribeKey").await?.describe_key().key_id(self.name.as_str()).send().await;
            let answer = answer.map_err(|error| explain("kms", "DescribeKey", self.name.as_str(), &error))?;
            let key = answer.key_metadata().ok_or_else(|| self.incomplete("DescribeKey"))?;
            Ok(KeyFacts {
                arn: key.arn().unwrap_or_default().to_owned(),
                spec: key.key_spec().map(|spec| spec.as_str().to_owned()).unwrap_or_default(),
                state: key.key_state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
            })
        }
        .boxed()
    }
}

impl MacKey for AwsKey {
    fn mac<'a>(&'a self, message: &'a [u8]) -> Call<'a, Mac> {
        async move {
            let request = self.client("GenerateMac").await?.generate_mac().key_id(self.name.as_str());
            let request = request.mac_algorithm(MacAlgorithmSpec::HmacSha256).message(Blob::new(message));
            let answer = request.send().await;
            let answer = answer.map_err(|error| explain("kms", "GenerateMac", self.name.as_str(), &error))?;
            match (answer.key_id(), answer.mac()) {
                (Some(key_id), Some(mac)) => Ok(Mac { key_id: key_id.to_owned(), bytes: mac.as_ref().to_vec() }),
                _ => Err(self.incomplete("GenerateMac")),
            }
        }
        .boxed()
    }

    fn is_mac<'a>(&'a self, message: &'a [u8], mac: &'a [u8]) -> Call<'a, bool> {
        async move {
            let request = self.client("VerifyMac").await?.verify_mac().key_id(self.name.as_str()).mac(Blob::new(mac));
            let request = request.mac_algorithm(MacAlgorithmSpec::HmacSha256).message(Blob::new(message));
            match request.send().await {
                Ok(answer) => Ok(answer.mac_valid()),
                Err(error) if code(&error) == Some("KMSInvalidMacException") => Ok(false),
                Err(error) => Err(explain("kms", "VerifyMac", self.name.as_str(), &error)),
            }
        }
        .boxed()
    }

    fn require_mac(&self) -> Call<'_, ()> {
        async move {
            let request = self.client("GenerateMac").await?.generate_mac().key_id(self.name.as_str()).dry_run(true);
            let request = request.mac_algorithm(MacAlgorithmSpec::HmacSha256).message(Blob::new(*b"dry run"));
            match request.send().await {
                Ok(_) => Ok(()),
                // So KMS says that it would have answered.
                Err(error) if code(&error) == Some("DryRunOperationException") => Ok(()),
                Err(error) => Err(explain("kms", "GenerateMac", self.name.as_str(), &error)),
            }
        }
        .boxed()
    }
}

impl WrappingKey for AwsKey {
    fn new_data_key(&self) -> Call<'_, DataKey> {
        async move {
            let request = self.client("GenerateDataKey").await?.generate_data_key().key_id(self.name.as_str());
            let request = request.key_spec(DataKeySpec::Aes256).encryption_context(CONTEXT.0, CONTEXT.1);
            let answer = request.send().await;
            let answer = answer.map_err(|error| explain("kms", "GenerateDataKey", self.name.as_str(), &error))?;
            match (answer.key_id(), answer.plaintext(), answer.ciphertext_blob()) {
                (Some(key_id), Some(plain), Some(sealed)) => Ok(DataKey {
                    key_id: key_id.to_owned(),
                    plain: PlainKey(plain.as_ref().to_vec()),
                    sealed: sealed.as_ref().to_vec(),
                }),
                _ => Err(self.incomplete("GenerateDataKey")),
            }
        }
        .boxed()
    }

    fn open<'a>(&'a self, sealed: &'a [u8]) -> Call<'a, Opened> {
        async move {
            let request = self.client("Decrypt").await?.decrypt().key_id(self.name.as_str());
            let request = request.ciphertext_blob(Blob::new(sealed)).encryption_context(CONTEXT.0, CONTEXT.1);
            match request.send().await {
                Ok(answer) => {
                    let plain = answer.plaintext().ok_or_else(|| self.incomplete("Decrypt"))?;
                    Ok(Opened::Key(PlainKey(plain.as_ref().to_vec())))
                }
                Err(error) => match code(&error) {
                    Some("IncorrectKeyException") => Ok(Opened::OtherKey),
                    Some("InvalidCiphertextException") => Ok(Opened::Changed),
                    _ => Err(explain("kms", "Decrypt", self.name.as_str(), &error)),
                },
            }
        }
        .boxed()
    }
}
