//! HTTP/1.1 with whole bodies in memory, on loopback: what the proxy and SageMaker's part are made of.

use std::io::{Error, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpStream as Socket};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::runtime::{runtime, wait_for};

/// A running server; it and its connections end when it is dropped.
pub struct Server {
    address: SocketAddr,
    task: AbortHandle,
}

/// The client's connection, for an answer that is no proper HTTP.
#[derive(Clone)]
pub struct Connection(Arc<Socket>);

impl Server {
    /// Serves `handler` on a free port. An error from it breaks the connection without an answer.
    pub fn start<H, F>(handler: H) -> Self
    where
        H: Fn(Request<Bytes>, Connection) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response<Bytes>>> + Send + 'static,
    {
        Self::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), handler)
    }

    /// Serves `handler` at an address.
    pub fn listen<H, F>(address: SocketAddr, handler: H) -> Self
    where
        H: Fn(Request<Bytes>, Connection) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response<Bytes>>> + Send + 'static,
    {
        let listener = wait_for(TcpListener::bind(address)).unwrap_or_else(|error| panic!("{address}: {error}"));
        let address = listener.local_addr().expect("a bound address");
        let task = runtime().spawn(accept(listener, handler)).abort_handle();
        Self { address, task }
    }

    /// `http://host:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Writes raw bytes to the client.
    pub async fn write(&self, mut bytes: &[u8]) -> Result<()> {
        let socket = TcpStream::from_std(self.0.try_clone()?)?;
        while !bytes.is_empty() {
            socket.writable().await?;
            match socket.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Sends `request` to `upstream` (`http://host:port`); path, query, headers and body stay.
pub async fn forward(upstream: &str, request: Request<Bytes>) -> Result<Response<Bytes>> {
    static CLIENT: OnceLock<Client<HttpConnector, Full<Bytes>>> = OnceLock::new();
    // No connection is kept: the emulators close idle ones at moments of their own.
    let client = CLIENT.get_or_init(|| Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http());
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("{upstream}{path}").parse::<Uri>().map_err(Error::other)?;
    without_hop_by_hop(&mut parts.headers);
    // Chunked bodies have become whole ones.
    parts.headers.remove(header::CONTENT_LENGTH);
    let answer = client.request(Request::from_parts(parts, Full::new(body))).await.map_err(Error::other)?;
    let (mut parts, body) = answer.into_parts();
    without_hop_by_hop(&mut parts.headers);
    let body = body.collect().await.map_err(Error::other)?.to_bytes();
    Ok(Response::from_parts(parts, body))
}

/// An answer with a body of the given type.
pub fn answer(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}

/// A header's text; empty when it is not there.
pub fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn accept<H, F>(listener: TcpListener, handler: H)
where
    H: Fn(Request<Bytes>, Connection) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Bytes>>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => { connections.spawn(serve(stream, handler.clone())); }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve<H, F>(stream: TcpStream, handler: H)
where
    H: Fn(Request<Bytes>, Connection) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<Bytes>>> + Send + 'static,
{
    let socket = stream.into_std().expect("a socket of this runtime");
    let connection = Connection(Arc::new(socket.try_clone().expect("a socket can be shared")));
    let stream = TcpStream::from_std(socket).expect("a socket for this runtime");
    let service = service_fn(move |request: Request<Incoming>| {
        let (handler, connection) = (handler.clone(), connection.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(Error::other)?.to_bytes();
            let answer = handler(Request::from_parts(parts, body), connection).await?;
            Ok::<_, Error>(answer.map(Full::new))
        }
    });
    // A client that goes away, or one that is cut off on purpose: nobody to report to.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Headers of one connection must not travel on to the next.
fn without_hop_by_hop(headers: &mut HeaderMap) {
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::EXPECT] {
        headers.remove(name);
    }
}
