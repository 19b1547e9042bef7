//! Whom an application load balancer has signed in: it puts what it knows of the person into `x-amzn-oidc-data`, signed
//! with a key of its own. Anybody who reaches the dashboard past the load balancer can write that header; so nothing of
//! it counts before its signature, its signer, its issuer and its end are checked.
//!
//! Source: AWS, "Authenticate users using an Application Load Balancer", user claims encoding and signature verification.

mod keys;
mod public_key;
mod token;

use std::fmt;
use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use super::error::{AccessError, Result};
use super::person::{Person, Role};
use super::session::Session;
use keys::Keys;
use token::Claims;

/// The group of everybody.
const EVERYBODY: &str = "*";
/// What the load balancer says of the person.
const DATA: &str = "x-amzn-oidc-data";

/// Asks for the text at an address; the error says why there is none.
pub type Fetch = Arc<dyn Fn(String) -> BoxFuture<'static, std::result::Result<String, String>> + Send + Sync>;

/// What the load balancer is, and which group may do what.
#[derive(Clone)]
pub struct OidcSettings {
    /// The ARN of the load balancer: nobody else's signature counts.
    pub signer: String,
    /// The client that the load balancer is for the identity provider; any, where none is given.
    pub client: Option<String>,
    /// The identity provider that people sign in at; any, where none is given.
    pub issuer: Option<String>,
    /// The claim that names a person: `email`, for example.
    pub name_claim: String,
    /// The claim that lists the person's groups: `groups`; with Cognito, whose user info has none, `custom:role`.
    pub groups_claim: String,
    /// Groups that may look; `*` is everybody who is signed in.
    pub viewers: Vec<String>,
    /// Groups that may act.
    pub operators: Vec<String>,
    /// How a public key of the load balancer is asked for.
    pub fetch: Fetch,
}

/// Why nobody is let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcProblem {
    /// The request did not come through the load balancer, or that asks nobody to sign in.
    #[error("the request has no x-amzn-oidc-data: let it come through the load balancer, whose rule signs people in")]
    Absent,
    /// It is no signed message of the expected form.
    #[error("x-amzn-oidc-data cannot be read: {0}")]
    Unreadable(&'static str),
    /// Somebody else signed it.
    #[error("x-amzn-oidc-data is signed by {0}, which is not the load balancer of --oidc-signer")]
    OtherSigner(String),
    /// It is for somebody else.
    #[error("x-amzn-oidc-data is for the client {0}, which is not that of --oidc-client")]
    OtherClient(String),
    /// Somebody else vouches for the person.
    #[error("x-amzn-oidc-data is of the identity provider {0}, which is not that of --oidc-issuer")]
    OtherIssuer(String),
    /// Its time is over.
    #[error("x-amzn-oidc-data ended at {0}: look at the clocks")]
    Over(DateTime<Utc>),
    /// The load balancer's key cannot be had.
    #[error("the load balancer's public key {id} cannot be had: {why}")]
    NoKey {
        /// Its ID.
        id: String,
        /// Why.
        why: String,
    },
    /// The signature is not that of the key.
    #[error("the signature of x-amzn-oidc-data is wrong")]
    Forged,
    /// The person has no name.
    #[error("the person has no claim {0}, by which the dashboard would call them")]
    Nameless(String),
    /// The person may not even look.
    #[error("the person is in none of the groups that may look or act")]
    NoMember,
}

/// The check.
pub struct Oidc {
    settings: OidcSettings,
    keys: Keys,
}

impl Oidc {
    /// Checks the settings.
    pub fn open(settings: OidcSettings) -> Result<Self> {
        let wrong = |setting, problem: &str| AccessError::Setting { setting, problem: problem.to_owned() };
        let Some(keys) = keys_at(&settings.signer) else {
            return Err(wrong(
                "--oidc-signer",
                "give the ARN of the load balancer, of the partition aws or aws-us-gov: \
                 arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID",
            ));
        };
        if settings.viewers.is_empty() && settings.operators.is_empty() {
            return Err(wrong(
                "--oidc-viewers",
                "nobody could come in; name the groups that may look (--oidc-viewers) or act (--oidc-operators)",
            ));
        }
        if settings.name_claim.is_empty() || settings.groups_claim.is_empty() {
            return Err(wrong("--oidc-groups-claim", "name the claims that hold a person's name and groups"));
        }
        Ok(Self { keys: Keys::at(keys, Arc::clone(&settings.fetch)), settings })
    }

    /// Who asks, as the load balancer vouches for.
    pub async fn session(&self, headers: &HeaderMap, now: DateTime<Utc>) -> std::result::Result<Session, OidcProblem> {
        let data = only(headers).ok_or(OidcProblem::Absent)?;
        let token = token::Token::parse(data)?;
        self.is_for_us(&token, now)?;
        let key = self.keys.get(token.key_id(), now).await?;
        let claims = token.verified(&key)?;
        self.session_of(&claims)
    }

    fn is_for_us(&self, token: &token::Token<'_>, now: DateTime<Utc>) -> std::result::Result<(), OidcProblem> {
        let OidcSettings { signer, client, issuer, .. } = &self.settings;
        let head = token.head();
        if head.signer != *signer {
            return Err(OidcProblem::OtherSigner(head.signer.clone()));
        }
        if client.as_ref().is_some_and(|client| *client != head.client) {
            return Err(OidcProblem::OtherClient(head.client.clone()));
        }
        if issuer.as_ref().is_some_and(|issuer| *issuer != head.iss) {
            return Err(OidcProblem::OtherIssuer(head.iss.clone()));
        }
        token.must_last(now)
    }

    fn session_of(&self, claims: &Claims) -> std::result::Result<Session, OidcProblem> {
        let nameless = || OidcProblem::Nameless(self.settings.name_claim.clone());
        let role = self.role_of(&claims.texts(&self.settings.groups_claim)).ok_or(OidcProblem::NoMember)?;
        let name = claims.text(&self.settings.name_claim).ok_or_else(nameless)?;
        let person = Person::new(name, role).ok_or_else(nameless)?;
        // The subject stays the same from request to request, which forms are bound to.
        let id = claims.text("sub").unwrap_or(name).to_owned();
        Ok(Session { person, id })
    }

    fn role_of(&self, groups: &[String]) -> Option<Role> {
        let is_in = |wanted: &[String]| groups.iter().any(|group| wanted.contains(group));
        let OidcSettings { viewers, operators, .. } = &self.settings;
        if is_in(operators) {
            return Some(Role::Operator);
        }
        (is_in(viewers) || viewers.iter().any(|group| group == EVERYBODY)).then_some(Role::Viewer)
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc").field("signer", &self.settings.signer).finish_non_exhaustive()
    }
}

/// The header's value, if there is exactly one.
fn only(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(DATA).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Where AWS publishes the keys of a load balancer, by its ARN; nothing where it is none, or of a partition of which
/// that is not known.
fn keys_at(arn: &str) -> Option<String> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", partition, "elasticloadbalancing", region, account, name] = parts.as_slice() else { return None };
    if !is_plain(region) || account.is_empty() || !name.starts_with("loadbalancer/") {
        return None;
    }
    match *partition {
        "aws" => Some(format!("https://public-keys.auth.elb.{region}.amazonaws.com")),
        "aws-us-gov" => Some(format!("https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}")),
        _ => None,
    }
}

/// The ID of a key is a UUID; it becomes part of an address that we ask.
fn is_key_id(text: &str) -> bool {
    is_plain(text)
}

/// What may stand in an address: small letters, digits, hyphens.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests;
