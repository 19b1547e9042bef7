//! The signed message of the load balancer: a head that says who signed it and how long it lasts, claims, a signature.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::public_key::PublicKey;
use super::{OidcProblem, is_key_id};

/// The load balancer fills the last four characters with `=`, which RFC 7515 forbids: both are read.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The head: the load balancer puts into it what others put among the claims.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Head {
    alg: String,
    kid: String,
    /// The ARN of the load balancer.
    pub signer: String,
    /// What it is for the identity provider.
    #[serde(default)]
    pub client: String,
    /// The identity provider.
    #[serde(default)]
    pub iss: String,
    exp: i64,
}

/// A message that says who signed it; whether that is so is not known yet.
#[derive(Debug)]
pub struct Token<'a> {
    head: Head,
    /// What is signed.
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

/// What is known of the person.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl<'a> Token<'a> {
    /// Takes a message apart.
    pub fn parse(text: &'a str) -> Result<Self, OidcProblem> {
        let unreadable = OidcProblem::Unreadable;
        let (signed, signature) = text.rsplit_once('.').ok_or(unreadable("it has no three parts"))?;
        let (head, claims) = signed.split_once('.').ok_or(unreadable("it has no three parts"))?;
        let head: Head = decoded(head).ok_or(unreadable("its head is not that of a load balancer"))?;
        // Whoever may choose the algorithm chooses none.
        if head.alg != "ES256" {
            return Err(unreadable("its algorithm is not ES256"));
        }
        if !is_key_id(&head.kid) {
            return Err(unreadable("its key has an ID that no load balancer gives"));
        }
        let signature = BASE64.decode(signature).map_err(|_| unreadable("its signature is no Base64"))?;
        Ok(Self { head, signed, claims, signature })
    }

    /// The head.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The ID of the key that is said to have signed it.
    pub fn key_id(&self) -> &str {
        &self.head.kid
    }

    /// Refuses what is over.
    pub fn must_last(&self, now: DateTime<Utc>) -> Result<(), OidcProblem> {
        match DateTime::from_timestamp(self.head.exp, 0) {
            Some(end) if now < end => Ok(()),
            Some(end) => Err(OidcProblem::Over(end)),
            None => Err(OidcProblem::Unreadable("its end is no time")),
        }
    }

    /// The claims, where the key has signed them.
    pub fn verified(&self, key: &PublicKey) -> Result<Claims, OidcProblem> {
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(OidcProblem::Forged);
        }
        decoded(self.claims).map(Claims).ok_or(OidcProblem::Unreadable("its claims are no object"))
    }
}

impl Claims {
    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a list of texts; identity providers write it as a list, as JSON in a text, or with commas.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| {
                text.trim_matches(['[', ']']).split(',').map(|part| part.trim().to_owned()).collect()
            }),
            _ => Vec::new(),
        }
    }
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
}
