//! `spanishgas codec-server`: decrypts payloads for the Web UI in a browser and for the Temporal CLI, on this machine.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use churn::Kind;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::connect::PayloadArguments;
use crate::payloads::{Codec, Direction, Refused, transcode};
use crate::worker_process::stop_signal;

/// A page of a history is a few MB.
const LARGEST_REQUEST: usize = 64 << 20;
/// What the Web UI sends beside the payloads.
const HEADERS_OF_THE_UI: &str = "content-type, x-namespace";

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas codec-server --payload-key payload.key --ui http://127.0.0.1:8233\n\
    Or: spanishgas codec-server --payload-key kms:alias/spanishgas-payloads --ui http://127.0.0.1:8233\n\
    Then: temporal workflow show --workflow-id ID --codec-endpoint http://127.0.0.1:8888\n\
    Exit code: 0 it was stopped; 1 no key, or it cannot listen")]
pub struct Arguments {
    /// Where it listens. Whoever reaches it can read every payload.
    #[arg(long, default_value = "127.0.0.1:8888", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The origin of the Web UI, whose pages alone may ask from a browser; may be repeated.
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    pub ui: Vec<String>,
    #[command(flatten)]
    pub payloads: PayloadArguments,
}

/// As a browser sends it: scheme, host, port, and no path.
fn parse_origin(text: &str) -> Result<String, String> {
    let origin = text.trim_end_matches('/');
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '*', ' ']) => Ok(origin.to_owned()),
        _ => Err("give an origin like http://127.0.0.1:8233: scheme, host and port, no path".to_owned()),
    }
}

/// What it answers with.
#[derive(Debug)]
struct Service {
    codec: Codec,
    /// Whose pages may ask.
    origins: Vec<String>,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let stopped = stop_signal()?;
    tokio::pin!(stopped);
    let codec = arguments.payloads.codec()?;
    let Some(key_id) = codec.key_id().map(str::to_owned) else {
        bail!(
            "there is no key to decrypt with; name the file of keys, or kms: and a key, with --payload-key (or \
             SPANISHGAS_PAYLOAD_KEY)"
        )
    };
    let listens = arguments.listen;
    let listener = TcpListener::bind(listens).await.with_context(|| format!("could not listen at {listens}"))?;
    if !listens.ip().is_loopback() {
        tracing::warn!(address = %listens, "the codec server listens beyond this machine: who reaches it reads all payloads");
    }
    let service = Arc::new(Service { codec, origins: arguments.ui });
    let (address, origins) = (listener.local_addr()?, service.origins.join(" "));
    tracing::info!(%address, key_id, origins, "codec server is ready");
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&service)))),
                Err(error) => tracing::warn!(%error, "the codec server could not take a connection"),
            },
            () = &mut stopped => return Ok(ExitCode::SUCCESS),
        }
    }
}

async fn serve(stream: TcpStream, service: Arc<Service>) {
    let answer = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request).await) }
    });
    // A client that goes away: nobody to report to.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

impl Service {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let allowed = match self.allowed(&parts.headers) {
            Ok(allowed) => allowed,
            Err(refused) => return response(StatusCode::FORBIDDEN, refused.why),
        };
        let answered = match (&parts.method, direction(parts.uri.path())) {
            (&Method::OPTIONS, Some(_)) => response(StatusCode::NO_CONTENT, Bytes::new()),
            (&Method::POST, Some(direction)) => match Limited::new(body, LARGEST_REQUEST).collect().await {
                Ok(body) => self.changed(direction, &body.to_bytes()).await,
                Err(error) => response(StatusCode::PAYLOAD_TOO_LARGE, format!("the request cannot be read: {error}")),
            },
            _ => response(StatusCode::NOT_FOUND, "this is a codec server: POST /encode or /decode"),
        };
        with_origin(answered, allowed)
    }

    /// The origin to name in the answer; none for who is no browser. The page of another origin is refused.
    fn allowed(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Refused> {
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(None) };
        if self.origins.iter().any(|known| known.as_bytes() == origin.as_bytes()) {
            return Ok(Some(origin.clone()));
        }
        let origin = String::from_utf8_lossy(origin.as_bytes()).into_owned();
        Err(Refused::for_good(format!("pages of {origin} may not read payloads; --ui names those that may")))
    }

    async fn changed(&self, direction: Direction, body: &[u8]) -> Response<Full<Bytes>> {
        match transcode(&self.codec, direction, body).await {
            Ok(json) => {
                let mut response = response(StatusCode::OK, json);
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(Refused { kind: Kind::Permanent, why }) => response(StatusCode::BAD_REQUEST, why),
            Err(Refused { kind: Kind::Retry, why }) => response(StatusCode::SERVICE_UNAVAILABLE, why),
        }
    }
}

/// An endpoint may have a path of its own before the verb.
fn direction(path: &str) -> Option<Direction> {
    match path.rsplit('/').next() {
        Some("encode") => Some(Direction::Encode),
        Some("decode") => Some(Direction::Decode),
        _ => None,
    }
}

fn response(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response
}

/// Says to the browser that the page may read the answer.
fn with_origin(mut response: Response<Full<Bytes>>, origin: Option<HeaderValue>) -> Response<Full<Bytes>> {
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, OPTIONS"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS_OF_THE_UI));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_a_named_origin_may_ask() {
        assert_eq!(parse_origin("http://127.0.0.1:8233/").as_deref(), Ok("http://127.0.0.1:8233"));
        for bad in ["*", "127.0.0.1:8233", "http://", "http://*", "http://ui.example/path"] {
            assert!(parse_origin(bad).is_err(), "{bad}");
        }
        let service = Service { codec: Codec::default(), origins: vec!["http://ui.example".to_owned()] };
        let asked = |origin: &'static str| {
            let headers: HeaderMap = [(header::ORIGIN, HeaderValue::from_static(origin))].into_iter().collect();
            service.allowed(&headers)
        };
        assert_eq!(service.allowed(&HeaderMap::new()), Ok(None), "the Temporal CLI names none");
        assert_eq!(asked("http://ui.example"), Ok(Some(HeaderValue::from_static("http://ui.example"))));
        assert!(asked("http://evil.example").unwrap_err().why.contains("evil.example"));
        assert!(asked("null").is_err());
    }

    #[test]
    fn the_verb_is_at_the_end_of_the_path() {
        assert_eq!(direction("/decode"), Some(Direction::Decode));
        assert_eq!(direction("/codec/default/encode"), Some(Direction::Encode));
        assert_eq!(direction("/"), None);
    }
}
