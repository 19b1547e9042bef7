//! What goes wrong, when, and how often.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::Request;

use super::errors::{Dialect, Wording};
use super::http::header_text;

/// A request that came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `GET`, `PUT` ...
    pub method: String,
    /// `/bucket/key` for S3.
    pub path: String,
    /// What follows the question mark.
    pub query: String,
    /// The operation's name, where the protocol has one: `Publish`, `PutMetricData`, `CreateTrainingJob`;
    /// empty for S3.
    pub operation: String,
    /// The headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The header of a range read.
    pub range: Option<String>,
    /// The status of the answer; none when the client got no whole answer.
    pub status: Option<u16>,
}

/// One kind of trouble.
#[derive(Debug, Clone, Copy)]
pub enum Misdeed {
    /// Too many requests, says the service.
    Throttled,
    /// The service fails by itself (500).
    InternalError,
    /// Not allowed.
    AccessDenied,
    /// The credentials were good once.
    ExpiredToken,
    /// The bucket is not there; for another service than S3: what it acts on is not there.
    NoSuchBucket,
    /// The bucket is in another region, eu-south-2.
    WrongRegion,
    /// The answer comes late.
    Slow(Duration),
    /// The answer's head is whole, its body ends after so many bytes, then the connection breaks.
    CutAfter(usize),
    /// The connection breaks; the request never reached the service.
    CutBefore,
    /// The connection breaks after the service has done what was asked.
    AnswerLost,
    /// One byte of the answer's body is another one.
    Altered,
}

/// Trouble for the requests that match.
pub struct Fault {
    on: Box<dyn Fn(&Seen) -> bool + Send + Sync>,
    left: u32,
    what: Misdeed,
}

impl Fault {
    /// `what` happens to the first `times` requests of which `on` is true.
    pub fn new(what: Misdeed, times: u32, on: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        Self { on: Box::new(on), left: times, what }
    }

    /// To an S3 method (`GET`) on keys that hold `key`.
    pub fn on_key(what: Misdeed, times: u32, method: &'static str, key: &str) -> Self {
        let key = key.to_owned();
        Self::new(what, times, move |seen| {
            seen.operation.is_empty() && seen.method == method && seen.path.contains(&key)
        })
    }

    /// To an operation of SNS, CloudWatch, SQS or SageMaker.
    pub fn on_operation(what: Misdeed, times: u32, operation: &'static str) -> Self {
        Self::new(what, times, move |seen| seen.operation == operation)
    }

    /// What happens to this request, if anything; counts it.
    pub fn strike(&mut self, seen: &Seen) -> Option<Misdeed> {
        let struck = self.left > 0 && (self.on)(seen);
        self.left -= u32::from(struck);
        struck.then_some(self.what)
    }
}

impl Seen {
    /// A request before its answer.
    pub fn of(request: &Request<Bytes>) -> Self {
        let range = header_text(request.headers(), "range");
        Self {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            operation: operation(request),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            range: Some(range.to_owned()).filter(|range| !range.is_empty()),
            status: None,
        }
    }
}

impl Misdeed {
    /// How a service words it; none when it is no error of a service.
    pub fn wording(self, dialect: Dialect) -> Option<Wording> {
        use Dialect::{Cbor, Json, Query, S3};
        let (status, code) = match (self, dialect) {
            (Self::Throttled, S3) => (503, "SlowDown"),
            (Self::Throttled, Query) => (400, "Throttling"),
            (Self::Throttled, Json | Cbor) => (400, "ThrottlingException"),
            (Self::InternalError, S3) => (500, "InternalError"),
            (Self::InternalError, _) => (500, "InternalFailure"),
            (Self::AccessDenied, S3 | Cbor) => (403, "AccessDenied"),
            (Self::AccessDenied, Query) => (403, "AuthorizationError"),
            (Self::AccessDenied, Json) => (400, "AccessDeniedException"),
            (Self::ExpiredToken, S3) => (400, "ExpiredToken"),
            (Self::ExpiredToken, Query) => (403, "ExpiredToken"),
            (Self::ExpiredToken, Json | Cbor) => (400, "ExpiredTokenException"),
            (Self::NoSuchBucket, S3) => (404, "NoSuchBucket"),
            (Self::NoSuchBucket, Query) => (404, "NotFound"),
            (Self::NoSuchBucket, Json) => (400, "ResourceNotFound"),
            (Self::NoSuchBucket, Cbor) => (404, "ResourceNotFoundException"),
            (Self::WrongRegion, S3) => (301, "PermanentRedirect"),
            (Self::WrongRegion, Query | Json | Cbor)
            | (Self::Slow(_) | Self::CutAfter(_) | Self::CutBefore | Self::AnswerLost | Self::Altered, _) => {
                return None;
            }
        };
        Some(Wording { status, code })
    }
}

/// In a header, at the end of the path, or in the form.
fn operation(request: &Request<Bytes>) -> String {
    let name = match Dialect::of(request) {
        Dialect::S3 => None,
        Dialect::Json => header_text(request.headers(), "x-amz-target").rsplit('.').next(),
        Dialect::Cbor => request.uri().path().rsplit('/').next(),
        Dialect::Query => std::str::from_utf8(request.body())
            .ok()
            .and_then(|form| form.split('&').find_map(|field| field.strip_prefix("Action="))),
    };
    name.unwrap_or_default().to_owned()
}
