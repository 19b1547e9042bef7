//! Payloads that the Temporal server cannot read: inputs, answers, signals, queries, heartbeats and the messages of failures
//! are encrypted before they leave a program of ours, and decrypted when they come back. Off without a key.

mod aes;
pub mod agreement;
mod envelope;
#[cfg(test)]
mod fake_kms;
mod json;
mod keyring;
mod keys;
mod opened_keys;
mod problem;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use activities::kms::{KeySource, Purpose, look};
use futures::FutureExt;
use futures::future::BoxFuture;
pub use json::{Direction, Refused, transcode};
use keyring::{Keyring, Source};
use lake::documents::PayloadKeys;
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
/// Ours alone: the key of the payload's data, as only KMS opens it.
const DATA_KEY: &str = "encryption-data-key";
/// What they say of a payload of ours.
const ENCRYPTED: &str = "binary/encrypted";
const AES_256_GCM: &str = "AES-256-GCM";

/// What was encrypted, and what opens it.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The key, as its payload names it.
    key_id: String,
    /// The sealed key of the data; none where the key itself encrypts.
    data_key: Option<Vec<u8>>,
    /// Nonce, data, tag.
    data: Vec<u8>,
}

/// Encrypts and decrypts payloads. Without keys it changes nothing, and refuses what it cannot read.
#[derive(Debug, Clone, Default)]
pub struct Codec(Arc<Keyring>);

impl Codec {
    /// With the keys that are named; without any, none. KMS is not asked for anything yet.
    pub fn load(sources: &[KeySource]) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Keyring::open(sources)?)))
    }

    /// The ID of the key that encrypts, or its name in KMS; none where nothing is encrypted.
    pub fn key_id(&self) -> Option<&str> {
        self.0.sources().first().map(Source::name)
    }

    /// What others need to know of the keys, to be understood.
    pub fn keys(&self) -> PayloadKeys {
        PayloadKeys { encrypts: self.0.sources().first().map(Source::label), decrypts: self.0.names().collect() }
    }

    /// Looks at every key in KMS: reads only.
    pub async fn look(&self) -> Vec<Result<String, String>> {
        let mut found = Vec::new();
        for source in self.0.sources() {
            if let Source::Kms(envelope) = source {
                found.push(look(envelope.key(), Purpose::Payloads).await);
            }
        }
        found
    }

    /// What the client and the workers of the SDK convert with. Where payloads are encrypted, so are the messages of failures.
    pub fn converter(self) -> DataConverter {
        let failures = DefaultFailureConverter::new(self.key_id().is_some());
        DataConverter::new(PayloadConverter::default(), failures, self)
    }

    /// The payload as the server may see it.
    async fn sealed(&self, payload: Payload) -> Result<Payload, Problem> {
        let Some(source) = self.0.sources().first() else { return Ok(payload) };
        let sealed = source.seal(payload.encode_to_vec(), Instant::now()).await?;
        let said = [(ENCODING, ENCRYPTED), (CIPHER, AES_256_GCM), (KEY_ID, sealed.key_id.as_str())];
        let said = said.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        let mut metadata = HashMap::from(said);
        metadata.extend(sealed.data_key.map(|data_key| (DATA_KEY.to_owned(), data_key)));
        Ok(Payload { metadata, data: sealed.data, ..Payload::default() })
    }

    /// The payload that was sealed. One that never was is as it is: those of before the encryption, and of who has no key.
    async fn opened(&self, payload: Payload) -> Result<Payload, Problem> {
        let said =
            |name: &str| String::from_utf8_lossy(payload.metadata.get(name).map(Vec::as_slice).unwrap_or_default());
        if said(ENCODING) != ENCRYPTED {
            return Ok(payload);
        }
        let (cipher, key_id) = (said(CIPHER), said(KEY_ID));
        if cipher != AES_256_GCM {
            return Err(Problem::OtherCipher { cipher: cipher.into_owned() });
        }
        let plain = match payload.metadata.get(DATA_KEY) {
            Some(data_key) => self.0.open_with_kms(&key_id, data_key, &payload.data, Instant::now()).await?,
            None => self.0.open_with_file(&key_id, &payload.data)?,
        };
        Payload::decode(plain.as_slice()).map_err(|_| Problem::NotGenuine { key_id: key_id.into_owned() })
    }

    /// All payloads, or none.
    async fn changed(&self, direction: Direction, payloads: Vec<Payload>) -> Result<Vec<Payload>, Problem> {
        let mut changed = Vec::with_capacity(payloads.len());
        for payload in payloads {
            changed.push(match direction {
                Direction::Encode => self.sealed(payload).await?,
                Direction::Decode => self.opened(payload).await?,
            });
        }
        Ok(changed)
    }

    /// The same for the SDK, which waits for it between a workflow's tasks, never within one.
    fn converted(&self, direction: Direction, payloads: Vec<Payload>) -> Converted {
        let codec = self.clone();
        async move {
            let changed = codec.changed(direction, payloads).await;
            changed.map_err(|problem| PayloadConversionError::EncodingError(Box::new(problem)))
        }
        .boxed()
    }
}

type Converted = BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>>;

impl PayloadCodec for Codec {
    fn encode(&self, _: &SerializationContextData, payloads: Vec<Payload>) -> Converted {
        self.converted(Direction::Encode, payloads)
    }

    fn decode(&self, _: &SerializationContextData, payloads: Vec<Payload>) -> Converted {
        self.converted(Direction::Decode, payloads)
    }
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
    use std::collections::BTreeSet;

    use super::envelope::Envelope;
    use super::fake_kms::FakeWrappingKey;
    use super::keys::Keys;
    use super::*;

    const FIRST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const SECOND: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn file(keys: &str) -> Source {
        Source::File(Keys::parse(keys).unwrap())
    }

    fn kms(key: &FakeWrappingKey) -> Source {
        Source::Kms(Box::new(Envelope::new(Arc::new(key.clone()))))
    }

    fn of(sources: Vec<Source>) -> Codec {
        Codec(Arc::new(Keyring::of(sources)))
    }

    fn codec(keys: &str) -> Codec {
        of(vec![file(keys)])
    }

    fn with_kms(key: &FakeWrappingKey) -> Codec {
        of(vec![kms(key)])
    }

    fn plain() -> Payload {
        let metadata = [(ENCODING.to_owned(), b"json/plain".to_vec())].into();
        Payload { metadata, data: br#"{"mode":"train"}"#.to_vec(), ..Payload::default() }
    }

    #[tokio::test]
    async fn what_is_sealed_opens_again_and_says_which_key_opens_it() {
        let codec = codec(FIRST);
        let sealed = codec.sealed(plain()).await.unwrap();
        assert_eq!(sealed.metadata[ENCODING], ENCRYPTED.as_bytes());
        assert_eq!(Some(sealed.metadata[KEY_ID].as_slice()), codec.key_id().map(str::as_bytes));
        assert!(!sealed.metadata.contains_key(DATA_KEY));
        assert!(!sealed.data.windows(5).any(|five| five == b"train"), "{sealed:?}");
        assert_ne!(sealed.data, codec.sealed(plain()).await.unwrap().data, "the same twice looks differently");
        assert_eq!(codec.opened(sealed).await.unwrap(), plain());
    }

    #[tokio::test]
    async fn tampered_bytes_are_refused() {
        let codec = codec(FIRST);
        let sealed = codec.sealed(plain()).await.unwrap();
        let key_id = codec.key_id().unwrap().to_owned();
        for place in [0, 11, 12, sealed.data.len() - 1] {
            let mut changed = sealed.clone();
            changed.data[place] ^= 1;
            let refused = Err(Problem::NotGenuine { key_id: key_id.clone() });
            assert_eq!(codec.opened(changed).await, refused, "byte {place}");
        }
        for length in [0, 12, sealed.data.len() - 1] {
            let mut short = sealed.clone();
            short.data.truncate(length);
            let refused = Err(Problem::NotGenuine { key_id: key_id.clone() });
            assert_eq!(codec.opened(short).await, refused, "{length} bytes");
        }
    }

    #[tokio::test]
    async fn an_unknown_key_is_named_and_an_old_one_still_opens() {
        let (first, second) = (codec(FIRST), codec(SECOND));
        let sealed = first.sealed(plain()).await.unwrap();
        let old = first.key_id().unwrap();
        for other in [&second, &Codec::default()] {
            let problem = other.opened(sealed.clone()).await.unwrap_err();
            assert!(matches!(&problem, Problem::UnknownKey { key_id, .. } if key_id == old), "{problem}");
            assert!(problem.to_string().contains(old), "{problem}");
        }
        let rotated = codec(&format!("# the new one encrypts\n{SECOND}\n\n{FIRST}\n"));
        assert_eq!(rotated.key_id(), second.key_id());
        assert_eq!(rotated.opened(sealed).await.unwrap(), plain());
    }

    #[test]
    fn others_are_told_the_names_of_all_keys_and_which_one_encrypts() {
        let rotated = codec(&format!("{SECOND}\n{FIRST}\n")).keys();
        let [first, second] = [FIRST, SECOND].map(|key| codec(key).key_id().unwrap().to_owned());
        assert_eq!(rotated.encrypts.as_ref(), Some(&second));
        assert_eq!(rotated.decrypts, BTreeSet::from([first, second]));
        let kms = with_kms(&FakeWrappingKey::new("alias/payloads", 1)).keys();
        assert_eq!(kms.encrypts.as_deref(), Some("kms:alias/payloads"));
        assert_eq!(Codec::default().keys(), PayloadKeys::default());
    }

    #[tokio::test]
    async fn with_a_key_in_kms_its_data_key_goes_sealed_with_the_payload() {
        let key = FakeWrappingKey::new("alias/payloads", 1);
        let (writes, reads) = (with_kms(&key), with_kms(&key));
        assert_eq!(writes.key_id(), Some("alias/payloads"));
        let sealed = writes.sealed(plain()).await.unwrap();
        assert!(sealed.metadata[KEY_ID].starts_with(b"arn:aws:kms:") && sealed.metadata.contains_key(DATA_KEY));
        assert!(!sealed.data.windows(5).any(|five| five == b"train"), "{sealed:?}");
        assert_eq!(reads.opened(sealed.clone()).await.unwrap(), plain());
        for other in [codec(FIRST), Codec::default(), with_kms(&FakeWrappingKey::new("alias/payloads", 2))] {
            let problem = other.opened(sealed.clone()).await.unwrap_err();
            assert!(matches!(problem, Problem::UnknownKey { .. }), "{problem}");
        }
        let shown = format!("{writes:?}");
        assert!(shown.contains("alias/payloads") && shown.len() < 120, "{shown}");
    }

    #[tokio::test]
    async fn a_key_in_kms_takes_over_from_a_file_and_both_still_open() {
        let key = FakeWrappingKey::new("alias/payloads", 1);
        let of_file = codec(FIRST).sealed(plain()).await.unwrap();
        let (first, second) = (of(vec![file(FIRST), kms(&key)]), of(vec![kms(&key), file(FIRST)]));
        assert_eq!(second.key_id(), Some("alias/payloads"));
        let of_kms = second.sealed(plain()).await.unwrap();
        for reads in [&first, &second] {
            assert_eq!(reads.opened(of_file.clone()).await.unwrap(), plain());
            assert_eq!(reads.opened(of_kms.clone()).await.unwrap(), plain());
        }
        // The alias stands for a new key: the old one is named behind it.
        let new = FakeWrappingKey::new("alias/payloads", 2);
        let rotated = of(vec![kms(&new), kms(&key)]);
        assert_eq!(rotated.opened(of_kms.clone()).await.unwrap(), plain());
        // What is in memory needs no call, and a key that is named by itself is asked before an alias.
        assert_eq!(rotated.opened(of_kms.clone()).await.unwrap(), plain());
        assert_eq!(new.calls(), ["Decrypt"]);
        let exact = FakeWrappingKey::new(&format!("arn:aws:kms:eu-west-1:123456789012:key/{:032x}", 1), 1);
        let alias = FakeWrappingKey::new("alias/payloads", 2);
        alias.fail(Some(lake::RemoteErrorKind::Denied));
        assert_eq!(of(vec![kms(&alias), kms(&exact)]).opened(of_kms.clone()).await.unwrap(), plain());
        assert_eq!(alias.calls(), Vec::<&str>::new());
        // A key that cannot be the one that is named is not asked.
        let id = "99999999-2222-3333-4444-555555555555";
        let stranger = FakeWrappingKey::new(id, 9);
        let problem = with_kms(&stranger).opened(of_kms).await.unwrap_err();
        assert!(problem.to_string().contains(&format!("only kms:{id}")), "{problem}");
        assert_eq!(stranger.calls(), Vec::<&str>::new());
        assert!(with_kms(&key).opened(of_file).await.is_err());
    }

    #[tokio::test]
    async fn payloads_of_before_pass_and_without_a_key_nothing_is_changed() {
        assert_eq!(codec(FIRST).opened(plain()).await.unwrap(), plain());
        assert_eq!(codec(FIRST).opened(Payload::default()).await.unwrap(), Payload::default());
        assert_eq!(Codec::default().sealed(plain()).await.unwrap(), plain());
        assert_eq!(Codec::default().key_id(), None);
    }

    #[tokio::test]
    async fn another_cipher_is_named() {
        let mut sealed = codec(FIRST).sealed(plain()).await.unwrap();
        sealed.metadata.insert(CIPHER.to_owned(), b"ROT13".to_vec());
        assert_eq!(codec(FIRST).opened(sealed).await, Err(Problem::OtherCipher { cipher: "ROT13".to_owned() }));
    }
}
