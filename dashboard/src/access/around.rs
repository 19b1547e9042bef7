//! What is around every request: an ID, the headers, a line in the log, and a page where a handler panicked.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use tracing::Instrument;

use super::audit::{self, Answered};
use super::headers;
use super::notice::{Notice, Reason};
use super::request_id::RequestId;
use super::settings::Access;
use super::visitor;

/// The outermost layer: no answer leaves without passing here.
pub async fn around(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let began = access.now();
    let id = RequestId::new();
    let (mut parts, body) = request.into_parts();
    let route = visitor::route(&parts).unwrap_or("no route").to_owned();
    let (method, language) = (parts.method.clone(), visitor::language(&parts.uri, &parts.headers));
    parts.extensions.insert(id.clone());
    let span = tracing::info_span!("request", id = %id);
    let run = next.run(Request::from_parts(parts, body)).instrument(span.clone());
    let answer = AssertUnwindSafe(run).catch_unwind().await;
    let mut response = answer.unwrap_or_else(|_| {
        span.in_scope(|| tracing::error!(%route, "a page panicked"));
        Notice::new(Reason::Panicked, language, &id).response()
    });
    headers::put(response.headers_mut(), access.hsts, &id);
    let millis = (access.now() - began).num_milliseconds();
    span.in_scope(|| audit::answered(&Answered { method: &method, route: &route, status: response.status(), millis }));
    response
}
