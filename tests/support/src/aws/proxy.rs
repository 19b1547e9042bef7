//! A proxy in front of an emulator, which can be told to misbehave as networks and AWS do, and which
//! remembers what came by.

use std::fmt::Write as _;
use std::io::{Error, Result};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Request, Response};

use super::errors::Dialect;
use super::faults::{Fault, Misdeed, Seen};
use super::http::{Connection, Server, answer, forward};

/// A running proxy; it ends when it is dropped.
pub struct FaultProxy {
    server: Server,
    state: Arc<State>,
}

struct State {
    upstream: String,
    faults: Mutex<Vec<Fault>>,
    seen: Mutex<Vec<Seen>>,
}

impl FaultProxy {
    /// Starts one that forwards everything to `upstream` (`http://host:port`).
    pub fn start(upstream: &str) -> Self {
        let upstream = upstream.trim_end_matches('/').to_owned();
        let state = Arc::new(State { upstream, faults: Mutex::default(), seen: Mutex::default() });
        let shared = Arc::clone(&state);
        let server = Server::start(move |request, connection| Arc::clone(&shared).handle(request, connection));
        Self { server, state }
    }

    /// `http://host:port` for clients.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// From now on this goes wrong; of several faults for one request the oldest strikes.
    pub fn inject(&self, fault: Fault) {
        self.state.faults.lock().expect("no holder panics").push(fault);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.state.faults.lock().expect("no holder panics").clear();
    }

    /// What has come by and was answered or cut, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().expect("no holder panics").clone()
    }
}

impl State {
    async fn handle(self: Arc<Self>, request: Request<Bytes>, connection: Connection) -> Result<Response<Bytes>> {
        let mut seen = Seen::of(&request);
        let misdeed = self.misdeed(&seen);
        let outcome = self.answer(request, misdeed, &connection).await;
        seen.status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        self.seen.lock().expect("no holder panics").push(seen);
        outcome
    }

    fn misdeed(&self, seen: &Seen) -> Option<Misdeed> {
        self.faults.lock().expect("no holder panics").iter_mut().find_map(|fault| fault.strike(seen))
    }

    async fn answer(
        &self,
        request: Request<Bytes>,
        misdeed: Option<Misdeed>,
        connection: &Connection,
    ) -> Result<Response<Bytes>> {
        let Some(misdeed) = misdeed else { return self.forward(request).await };
        let dialect = Dialect::of(&request);
        if let Some(wording) = misdeed.wording(dialect) {
            let mut response = dialect.error(wording, "injected by the test");
            if matches!(misdeed, Misdeed::WrongRegion) {
                response.headers_mut().insert("x-amz-bucket-region", HeaderValue::from_static("eu-south-2"));
            }
            return Ok(response);
        }
        if matches!(misdeed, Misdeed::CutBefore) {
            return Err(broken());
        }
        let response = self.forward(request).await?;
        match misdeed {
            Misdeed::CutAfter(bytes) => {
                cut(&response, bytes, connection).await?;
                Err(broken())
            }
            Misdeed::AnswerLost => Err(broken()),
            Misdeed::Slow(delay) => {
                tokio::time::sleep(delay).await;
                Ok(response)
            }
            Misdeed::Altered => Ok(response.map(|body| altered(&body))),
            _ => Ok(response),
        }
    }

    async fn forward(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let forwarded = forward(&self.upstream, request).await;
        Ok(forwarded.unwrap_or_else(|error| answer(502, "text/plain", format!("no upstream: {error}"))))
    }
}

/// Writes the head as if all came, and the body's first bytes. Not through hyper, which would rather
/// send nothing than less than it has announced.
async fn cut(response: &Response<Bytes>, bytes: usize, connection: &Connection) -> Result<()> {
    let body = response.body();
    let mut head = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", response.status(), body.len());
    for (name, value) in response.headers().iter().filter(|(name, _)| *name != header::CONTENT_LENGTH) {
        let _ = write!(head, "{name}: {}\r\n", value.to_str().map_err(Error::other)?);
    }
    let begin = &body[..bytes.min(body.len())];
    connection.write(&[head.as_bytes(), b"\r\n", begin].concat()).await
}

fn altered(body: &[u8]) -> Bytes {
    let mut bytes = body.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    bytes.into()
}

fn broken() -> Error {
    Error::other("broken on purpose")
}
