//! How AWS words an error: each protocol in its own way, which the SDKs tell apart.

use bytes::Bytes;
use hyper::{Request, Response};
use serde_json::json;

use super::http::{answer, header_text};

/// The protocol of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// S3: XML, and codes without a suffix.
    S3,
    /// SNS: a form in the body, XML back.
    Query,
    /// SageMaker and SQS: JSON with `__type`.
    Json,
    /// CloudWatch: the same in CBOR (RFC 8949).
    Cbor,
}

/// An error as one service names it.
#[derive(Debug, Clone, Copy)]
pub struct Wording {
    /// The HTTP status.
    pub status: u16,
    /// The code.
    pub code: &'static str,
}

impl Dialect {
    /// Tells by the headers.
    pub fn of(request: &Request<Bytes>) -> Self {
        let headers = request.headers();
        if header_text(headers, "smithy-protocol") == "rpc-v2-cbor" {
            return Self::Cbor;
        }
        if headers.contains_key("x-amz-target") {
            return Self::Json;
        }
        if header_text(headers, "content-type").starts_with("application/x-www-form-urlencoded") {
            return Self::Query;
        }
        Self::S3
    }

    /// The answer with an error.
    pub fn error(self, Wording { status, code }: Wording, message: &str) -> Response<Bytes> {
        match self {
            Self::S3 => answer(
                status,
                "application/xml",
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message>\
                 <RequestId>injected</RequestId></Error>"
                ),
            ),
            Self::Query => answer(
                status,
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>injected</RequestId></ErrorResponse>"
                ),
            ),
            Self::Json => json_error(status, code, message),
            Self::Cbor => {
                let mut response =
                    answer(status, "application/cbor", cbor_map([("__type", code), ("message", message)]));
                let protocol = hyper::header::HeaderValue::from_static("rpc-v2-cbor");
                response.headers_mut().insert("smithy-protocol", protocol);
                response
            }
        }
    }
}

/// An error of the JSON services, of which the codes are not known beforehand.
pub fn json_error(status: u16, code: &str, message: &str) -> Response<Bytes> {
    let body = json!({"__type": code, "message": message});
    answer(status, "application/x-amz-json-1.1", body.to_string())
}

/// A map of short texts.
fn cbor_map<const N: usize>(entries: [(&str, &str); N]) -> Vec<u8> {
    const MAP: u8 = 0b101_00000;
    let mut bytes = vec![MAP | u8::try_from(N).expect("few entries")];
    for text in entries.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend([0x78, u8::try_from(text.len()).expect("a short text")]);
        bytes.extend(text.bytes());
    }
    bytes
}
