//! Payloads that the Temporal server cannot read: inputs, answers, signals, queries, heartbeats and the messages of failures
//! are encrypted before they leave a program of ours, and decrypted when they come back. Off without a key.

mod json;
mod keys;
mod problem;

use std::path::Path;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
pub use json::{Direction, Refused, transcode};
use keys::Keys;
pub use problem::Problem;
use prost::Message;
use temporalio_client::Client;
use temporalio_common::data_converters::{
    DataConverter, DefaultFailureConverter, PayloadCodec, PayloadConversionError, PayloadConverter,
    SerializationContextData, WorkflowSerializationContext,
};
use temporalio_common::payload_visitor::decode_payloads;
use temporalio_common::protos::temporal::api::common::v1::Payload;
use temporalio_common::protos::temporal::api::failure::v1::Failure;

/// The names in a payload's metadata, as Temporal's own samples of encryption have them.
const ENCODING: &str = "encoding";
const CIPHER: &str = "encryption-cipher";
const KEY_ID: &str = "encryption-key-id";
/// What they say of a payload of ours.
const ENCRYPTED: &str = "binary/encrypted";
const AES_256_GCM: &str = "AES-256-GCM";

/// Encrypts and decrypts payloads. Without keys it changes nothing, and refuses what it cannot read.
#[derive(Debug, Clone, Default)]
pub struct Codec(Arc<Keys>);

impl Codec {
    /// With the keys of a file; without a file, none.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let keys = file.map(Keys::read).transpose()?.unwrap_or_default();
        Ok(Self(Arc::new(keys)))
    }

    /// The ID of the key that encrypts; none where nothing is encrypted.
    pub fn key_id(&self) -> Option<&str> {
        self.0.current()
    }

    /// What the client and the workers of the SDK convert with. Where payloads are encrypted, so are the messages of failures.
    pub fn converter(self) -> DataConverter {
        let failures = DefaultFailureConverter::new(self.key_id().is_some());
        DataConverter::new(PayloadConverter::default(), failures, self)
    }

    /// The payload as the server may see it.
    fn sealed(&self, payload: Payload) -> Result<Payload, Problem> {
        let Some(key_id) = self.key_id() else { return Ok(payload) };
        let data = self.0.seal(payload.encode_to_vec())?;
        let metadata = [(ENCODING, ENCRYPTED), (CIPHER, AES_256_GCM), (KEY_ID, key_id)];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        Ok(Payload { metadata: metadata.into(), data, ..Payload::default() })
    }

    /// The payload that was sealed. One that never was is as it is: those of before the encryption, and of who has no key.
    fn opened(&self, payload: Payload) -> Result<Payload, Problem> {
        let said =
            |name: &str| String::from_utf8_lossy(payload.metadata.get(name).map(Vec::as_slice).unwrap_or_default());
        if said(ENCODING) != ENCRYPTED {
            return Ok(payload);
        }
        let (cipher, key_id) = (said(CIPHER), said(KEY_ID));
        if cipher != AES_256_GCM {
            return Err(Problem::OtherCipher { cipher: cipher.into_owned() });
        }
        let plain = self.0.open(&key_id, &payload.data)?;
        Payload::decode(plain.as_slice()).map_err(|_| Problem::NotGenuine { key_id: key_id.into_owned() })
    }
}

type Converted = BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>>;

impl PayloadCodec for Codec {
    fn encode(&self, _: &SerializationContextData, payloads: Vec<Payload>) -> Converted {
        converted(payloads.into_iter().map(|payload| self.sealed(payload)).collect())
    }

    fn decode(&self, _: &SerializationContextData, payloads: Vec<Payload>) -> Converted {
        converted(payloads.into_iter().map(|payload| self.opened(payload)).collect())
    }
}

fn converted(payloads: Result<Vec<Payload>, Problem>) -> Converted {
    ready(payloads.map_err(|problem| PayloadConversionError::EncodingError(Box::new(problem)))).boxed()
}

/// The message of a failure as the server hands it out: of some the SDK leaves it encrypted.
pub async fn message_of(client: &Client, mut failure: Failure) -> anyhow::Result<String> {
    let converter = &client.options().data_converter;
    let context = SerializationContextData::Workflow(WorkflowSerializationContext::new());
    decode_payloads(&mut failure, converter.codec(), &context).await?;
    let error = converter.failure_converter().to_error(failure, converter.payload_converter(), &context)?;
    Ok(error.failure().message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const SECOND: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn codec(keys: &str) -> Codec {
        Codec(Arc::new(Keys::parse(keys).unwrap()))
    }

    fn plain() -> Payload {
        let metadata = [(ENCODING.to_owned(), b"json/plain".to_vec())].into();
        Payload { metadata, data: br#"{"mode":"train"}"#.to_vec(), ..Payload::default() }
    }

    #[test]
    fn what_is_sealed_opens_again_and_says_which_key_opens_it() {
        let codec = codec(FIRST);
        let sealed = codec.sealed(plain()).unwrap();
        assert_eq!(sealed.metadata[ENCODING], ENCRYPTED.as_bytes());
        assert_eq!(Some(sealed.metadata[KEY_ID].as_slice()), codec.key_id().map(str::as_bytes));
        assert!(!sealed.data.windows(5).any(|five| five == b"train"), "{sealed:?}");
        assert_ne!(sealed.data, codec.sealed(plain()).unwrap().data, "the same twice looks differently");
        assert_eq!(codec.opened(sealed).unwrap(), plain());
    }

    #[test]
    fn tampered_bytes_are_refused() {
        let codec = codec(FIRST);
        let sealed = codec.sealed(plain()).unwrap();
        let key_id = codec.key_id().unwrap().to_owned();
        for place in [0, 11, 12, sealed.data.len() - 1] {
            let mut changed = sealed.clone();
            changed.data[place] ^= 1;
            assert_eq!(codec.opened(changed), Err(Problem::NotGenuine { key_id: key_id.clone() }), "byte {place}");
        }
        for length in [0, 12, sealed.data.len() - 1] {
            let mut short = sealed.clone();
            short.data.truncate(length);
            assert_eq!(codec.opened(short), Err(Problem::NotGenuine { key_id: key_id.clone() }), "{length} bytes");
        }
    }

    #[test]
    fn an_unknown_key_is_named_and_an_old_one_still_opens() {
        let (first, second) = (codec(FIRST), codec(SECOND));
        let sealed = first.sealed(plain()).unwrap();
        let old = first.key_id().unwrap();
        for other in [&second, &Codec::default()] {
            let problem = other.opened(sealed.clone()).unwrap_err();
            assert!(matches!(&problem, Problem::UnknownKey { key_id, .. } if key_id == old), "{problem}");
            assert!(problem.to_string().contains(old), "{problem}");
        }
        let rotated = codec(&format!("# the new one encrypts\n{SECOND}\n\n{FIRST}\n"));
        assert_eq!(rotated.key_id(), second.key_id());
        assert_eq!(rotated.opened(sealed).unwrap(), plain());
    }

    #[test]
    fn payloads_of_before_pass_and_without_a_key_nothing_is_changed() {
        assert_eq!(codec(FIRST).opened(plain()).unwrap(), plain());
        assert_eq!(codec(FIRST).opened(Payload::default()).unwrap(), Payload::default());
        assert_eq!(Codec::default().sealed(plain()).unwrap(), plain());
        assert_eq!(Codec::default().key_id(), None);
    }

    #[test]
    fn another_cipher_is_named() {
        let mut sealed = codec(FIRST).sealed(plain()).unwrap();
        sealed.metadata.insert(CIPHER.to_owned(), b"ROT13".to_vec());
        assert_eq!(codec(FIRST).opened(sealed), Err(Problem::OtherCipher { cipher: "ROT13".to_owned() }));
    }
}
