//! The language of Temporal's codec servers: payloads as JSON in, payloads as JSON out.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
pub struct Refused(pub String);

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
pub fn transcode(codec: &Codec, direction: Direction, body: &[u8]) -> Result<Vec<u8>, Refused> {
    let told: Told = serde_json::from_slice(body)
        .map_err(|error| Refused(format!("the request is no JSON of payloads: {error}")))?;
    let mut payloads = Vec::with_capacity(told.payloads.len());
    for payload in told.payloads {
        let payload = payload.read()?;
        let changed = match direction {
            Direction::Encode => codec.sealed(payload),
            Direction::Decode => codec.opened(payload),
        };
        payloads.push(ToldPayload::of(&changed.map_err(|problem| Refused(problem.to_string()))?));
    }
    serde_json::to_vec(&Told { payloads }).map_err(|error| Refused(error.to_string()))
}

impl ToldPayload {
    fn read(self) -> Result<Payload, Refused> {
        let no_base64 = |error| Refused(format!("a payload is no Base64: {error}"));
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

    use super::super::keys::Keys;
    use super::*;

    #[test]
    fn what_the_web_ui_sends_comes_back_readable() {
        let codec = Codec(Arc::new(Keys::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap()));
        let plain = br#"{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"eyJtb2RlIjoidHJhaW4ifQ=="}]}"#;
        let sealed = transcode(&codec, Direction::Encode, plain).unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("eyJtb2RlIjoidHJhaW4ifQ=="));
        assert_eq!(transcode(&codec, Direction::Decode, &sealed).unwrap(), plain);
        let none = transcode(&codec, Direction::Decode, b"{}").unwrap();
        assert_eq!(none, br#"{"payloads":[]}"#);
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        let codec = Codec::default();
        for (body, words) in [
            (&b"payloads"[..], "no JSON of payloads"),
            (br#"{"payloads":[{"data":"?"}]}"#, "no Base64"),
            (
                br#"{"payloads":[{"metadata":{"encoding":"YmluYXJ5L2VuY3J5cHRlZA==","encryption-cipher":"QUVTLTI1Ni1HQ00=","encryption-key-id":"YWJj"}}]}"#,
                "encrypted with key abc, and here is no key",
            ),
        ] {
            let Refused(said) = transcode(&codec, Direction::Decode, body).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
    }
}
