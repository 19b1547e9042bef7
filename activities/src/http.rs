//! Requests to programs of others, within a time, with whole bodies in memory.
//!
//! No message names the address: that of a webhook is a secret.

use std::error::Error as _;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lake::{RemoteError, RemoteErrorKind};

/// Nobody we ask answers with more.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
/// So much of an answer is repeated in an error.
const QUOTED: usize = 300;

/// A client for `http://` and `https://`, which trusts what the machine trusts.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Duration,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// How.
    pub method: Method,
    /// Where.
    pub url: &'a str,
    /// Headers beside the content's type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON, or nothing.
    pub body: Option<Vec<u8>>,
}

/// Why there is no good answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpProblem {
    /// Nobody answered.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// Nobody answered in time.
    #[error("no answer within {0} s")]
    TooSlow(u64),
    /// The answer is no good one.
    #[error("the answer is {status}: {said}")]
    Status {
        /// The status.
        status: u16,
        /// The begin of the answer.
        said: String,
    },
    /// The address or a header is none.
    #[error("no request can be made of the settings: {0}")]
    Unusable(String),
}

impl HttpProblem {
    /// What kind of failure it is, which decides whether it is tried again.
    pub fn kind(&self) -> RemoteErrorKind {
        match self {
            Self::NoAnswer(_) | Self::TooSlow(_) | Self::Status { status: 408 | 425 | 429 | 500..=599, .. } => {
                RemoteErrorKind::Unavailable
            }
            Self::Status { status: 404 | 410, .. } => RemoteErrorKind::Missing,
            Self::Status { .. } | Self::Unusable(_) => RemoteErrorKind::Refused,
        }
    }

    /// The same as the failure of a service.
    pub fn of(self, service: &'static str, operation: &'static str, target: &str) -> RemoteError {
        RemoteError { service, operation, target: target.to_owned(), kind: self.kind(), said: self.to_string() }
    }
}

impl Http {
    /// A client; no answer takes longer than `patience`.
    pub fn new(patience: Duration) -> churn::Result<Self> {
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector()?), patience })
    }

    /// The body of a good answer.
    pub async fn call(&self, call: Call<'_>) -> Result<Vec<u8>, HttpProblem> {
        let answered = tokio::time::timeout(self.patience, self.answer(call)).await;
        answered.unwrap_or(Err(HttpProblem::TooSlow(self.patience.as_secs())))
    }

    async fn answer(&self, call: Call<'_>) -> Result<Vec<u8>, HttpProblem> {
        let mut request = Request::builder().method(call.method).uri(call.url);
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let body = Full::new(Bytes::from(call.body.unwrap_or_default()));
        let request = request.body(body).map_err(|error| HttpProblem::Unusable(error.to_string()))?;
        let answer = self.client.request(request).await.map_err(|error| HttpProblem::NoAnswer(chain(&error)))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| HttpProblem::NoAnswer(error.to_string()))?.to_bytes();
        if !status.is_success() {
            let said = String::from_utf8_lossy(&body).chars().take(QUOTED).collect();
            return Err(HttpProblem::Status { status: status.as_u16(), said });
        }
        Ok(body.to_vec())
    }
}

/// Connections to `http://` and `https://`, with the authorities that the machine trusts.
pub(crate) fn connector() -> churn::Result<HttpsConnector<HttpConnector>> {
    let trusted = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
        let how = "install the machine's certificates (Debian: ca-certificates)";
        churn::Error::settings("certificates", format!("no authority is trusted here: {error}; {how}"))
    })?;
    Ok(trusted.https_or_http().enable_http1().build())
}

/// An error with all that is behind it: the outer one says "client error (Connect)" alone.
fn chain(error: &hyper_util::client::legacy::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(behind) = cause {
        words = format!("{words}: {behind}");
        cause = behind.source();
    }
    words
}

/// A server that answers as it is told and remembers what it was asked.
#[cfg(test)]
pub(crate) mod stub {
    use std::sync::{Arc, Mutex};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    /// The stub.
    pub struct Stub {
        /// `http://host:port`.
        pub url: String,
        asked: Arc<Mutex<Vec<String>>>,
    }

    impl Stub {
        /// Answers the first request with the first status, and so on; the last one for ever.
        pub async fn answering(statuses: &'static [u16]) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let asked = Arc::new(Mutex::new(Vec::new()));
            let remembered = Arc::clone(&asked);
            tokio::spawn(async move {
                while let Ok((socket, _)) = listener.accept().await {
                    serve(socket, statuses, &remembered).await;
                }
            });
            Self { url, asked }
        }

        /// The requests so far, head and body.
        pub fn asked(&self) -> Vec<String> {
            self.asked.lock().unwrap().clone()
        }
    }

    /// One request, one answer, and the connection ends. The request is remembered before the answer can be read.
    async fn serve(mut socket: TcpStream, statuses: &[u16], asked: &Mutex<Vec<String>>) {
        let mut bytes = Vec::new();
        let mut part = [0; 4096];
        while !is_whole(&bytes) {
            match socket.read(&mut part).await {
                Ok(read) if read > 0 => bytes.extend_from_slice(&part[..read]),
                _ => break,
            }
        }
        let status = {
            let mut asked = asked.lock().unwrap();
            asked.push(String::from_utf8_lossy(&bytes).into_owned());
            statuses[(asked.len() - 1).min(statuses.len() - 1)]
        };
        let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 4\r\nconnection: close\r\n\r\nsaid");
        let _ = socket.write_all(answer.as_bytes()).await;
    }

    fn is_whole(bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.lines().find_map(|line| {
            let line = line.to_ascii_lowercase();
            line.strip_prefix("content-length: ")?.parse::<usize>().ok()
        });
        body.len() >= length.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::stub::Stub;
    use super::*;

    async fn post(url: &str) -> Result<Vec<u8>, HttpProblem> {
        let http = Http::new(Duration::from_secs(5)).unwrap();
        let headers = vec![("x-test", "1".to_owned())];
        http.call(Call { method: Method::POST, url, headers, body: Some(b"{}".to_vec()) }).await
    }

    #[tokio::test]
    async fn an_answer_is_good_or_says_what_it_is_and_whether_to_try_again() {
        let stub = Stub::answering(&[200, 503, 404, 400]).await;
        assert_eq!(post(&stub.url).await.unwrap(), b"said");
        for wanted in [RemoteErrorKind::Unavailable, RemoteErrorKind::Missing, RemoteErrorKind::Refused] {
            assert_eq!(post(&stub.url).await.unwrap_err().kind(), wanted);
        }
        assert!(stub.asked()[0].contains("x-test: 1"), "{:?}", stub.asked());
    }

    #[tokio::test]
    async fn whoever_is_not_there_is_asked_again_and_no_message_names_the_address() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let problem = post(&format!("http://{free}/services/secret")).await.unwrap_err();
        assert_eq!(problem.kind(), RemoteErrorKind::Unavailable);
        assert!(!problem.to_string().contains("secret") && problem.to_string().contains("refused"), "{problem}");
        assert_eq!(post("no address").await.unwrap_err().kind(), RemoteErrorKind::Refused);
    }
}
