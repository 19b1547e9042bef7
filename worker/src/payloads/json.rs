//! The language of Temporal's codec servers: payloads as JSON in, payloads as JSON out.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use churn::Kind;
use serde::{Deserialize, Serialize};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use super::Codec;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Encrypt.
    Encode,
    /// Decrypt.
    Decode,
}

/// Why it is not done, in words for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whether the same request may be answered a moment later.
    pub kind: Kind,
    /// The words.
    pub why: String,
}

impl Refused {
    /// For good.
    pub fn for_good(why: impl Into<String>) -> Self {
        Self { kind: Kind::Permanent, why: why.into() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Told {
    #[serde(default)]
    payloads: Vec<ToldPayload>,
}

/// Bytes are Base64, as in the JSON of Protocol Buffers.
#[derive(Debug, Serialize, Deserialize)]
struct ToldPayload {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    data: String,
}

/// Answers one request: all of its payloads, or none.
pub async fn transcode(codec: &Codec, direction: Direction, body: &[u8]) -> Result<Vec<u8>, Refused> {
    let told: Told = serde_json::from_slice(body)
        .map_err(|error| Refused::for_good(format!("the request is no JSON of payloads: {error}")))?;
    let payloads = told.payloads.into_iter().map(ToldPayload::read).collect::<Result<Vec<_>, _>>()?;
    let changed = codec.changed(direction, payloads).await;
    let changed = changed.map_err(|problem| Refused { kind: problem.kind(), why: problem.to_string() })?;
    let payloads = changed.iter().map(ToldPayload::of).collect();
    serde_json::to_vec(&Told { payloads }).map_err(|error| Refused::for_good(error.to_string()))
}

impl ToldPayload {
    fn read(self) -> Result<Payload, Refused> {
        let no_base64 = |error| Refused::for_good(format!("a payload is no Base64: {error}"));
        let bytes = |text: &str| STANDARD.decode(text).map_err(no_base64);
        let mut metadata = HashMap::new();
        for (name, value) in self.metadata {
            let value = bytes(&value)?;
            metadata.insert(name, value);
        }
        Ok(Payload { metadata, data: bytes(&self.data)?, ..Payload::default() })
    }

    fn of(payload: &Payload) -> Self {
        let metadata = payload.metadata.iter().map(|(name, value)| (name.clone(), STANDARD.encode(value))).collect();
        Self { metadata, data: STANDARD.encode(&payload.data) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lake::RemoteErrorKind;

    use super::super::envelope::Envelope;
    use super::super::fake_kms::FakeWrappingKey;
    use super::super::keyring::{Keyring, Source};
    use super::super::keys::Keys;
    use super::*;

    const PLAIN: &[u8] =
        br#"{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"eyJtb2RlIjoidHJhaW4ifQ=="}]}"#;

    #[tokio::test]
    async fn what_the_web_ui_sends_comes_back_readable() {
        let keys = Keys::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        let codec = Codec(Arc::new(Keyring::of(vec![Source::File(keys)])));
        let sealed = transcode(&codec, Direction::Encode, PLAIN).await.unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("eyJtb2RlIjoidHJhaW4ifQ=="));
        assert_eq!(transcode(&codec, Direction::Decode, &sealed).await.unwrap(), PLAIN);
        let none = transcode(&codec, Direction::Decode, b"{}").await.unwrap();
        assert_eq!(none, br#"{"payloads":[]}"#);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_refused_in_words() {
        let codec = Codec::default();
        for (body, words) in [
            (&b"payloads"[..], "no JSON of payloads"),
            (br#"{"payloads":[{"data":"?"}]}"#, "no Base64"),
            (
                br#"{"payloads":[{"metadata":{"encoding":"YmluYXJ5L2VuY3J5cHRlZA==","encryption-cipher":"QUVTLTI1Ni1HQ00=","encryption-key-id":"YWJj"}}]}"#,
                "encrypted with key abc, and here is no key",
            ),
        ] {
            let refused = transcode(&codec, Direction::Decode, body).await.unwrap_err();
            assert!(refused.kind == Kind::Permanent && refused.why.contains(words), "{refused:?}");
        }
    }

    #[tokio::test]
    async fn what_kms_does_not_open_now_may_be_asked_for_again() {
        let key = FakeWrappingKey::new("alias/payloads", 1);
        let source = || Source::Kms(Box::new(Envelope::new(Arc::new(key.clone()))));
        let codec = || Codec(Arc::new(Keyring::of(vec![source()])));
        let sealed = transcode(&codec(), Direction::Encode, PLAIN).await.unwrap();
        key.fail(Some(RemoteErrorKind::Unavailable));
        let refused = transcode(&codec(), Direction::Decode, &sealed).await.unwrap_err();
        assert!(refused.kind == Kind::Retry && refused.why.contains("kms Decrypt"), "{refused:?}");
        key.fail(None);
        assert_eq!(transcode(&codec(), Direction::Decode, &sealed).await.unwrap(), PLAIN);
    }
}
