//! Who asks, whether they may, and whether a form is ours: every request passes here before a page sees it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::csrf::{self, is_same_origin};
use super::limits::{BODY_BYTES, BODY_WITHIN};
use super::notice::{Notice, Reason};
use super::request_id::RequestId;
use super::routes::{Needed, needed};
use super::session::Session;
use super::settings::{Access, Guard};
use super::visitor;

/// The session of forms that are sent before there is one: signing in.
const NO_SESSION: &str = "nobody";
/// The only form of a body that is read.
const FORM: &str = "application/x-www-form-urlencoded";

/// The host, then who asks and what they send, then a place: a slow sender takes none.
pub async fn gate(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (language, id) = (visitor::language(&parts.uri, &parts.headers), request_id(&parts));
    let is_health = is_health(&parts);
    let answer = timeout(access.answer_within, async {
        let request = let_in(&access, parts, body).await?;
        let _place = if is_health { None } else { Some(place(&access).await?) };
        Ok(next.run(request).await)
    });
    match answer.await {
        Ok(Ok(response)) => response,
        Ok(Err(reason)) => Notice::new(reason, language, &id).response(),
        Err(_) => {
            tracing::warn!(limit_secs = access.answer_within.as_secs(), "an answer was not ready in time");
            Notice::new(Reason::TooSlow, language, &id).response()
        }
    }
}

/// A place among those whose answers are made. The room is never closed; if it were, there would be none for anybody.
async fn place(access: &Access) -> Result<SemaphorePermit<'_>, Reason> {
    access.room.acquire().await.map_err(|_| Reason::TooSlow)
}

/// Whether somebody asks how we are, who must learn it when all places are taken, too.
fn is_health(parts: &Parts) -> bool {
    matches!(visitor::route(parts), Some("/healthz" | "/readyz"))
}

/// The request as a page may see it, or why none does.
async fn let_in(access: &Access, mut parts: Parts, body: Body) -> Result<Request, Reason> {
    let needed = needed(&parts.method, visitor::route(&parts));
    must_read_or_send(&parts.method)?;
    must_be_for_us(access, &parts)?;
    let session = session(access, &parts, needed).await?;
    must_have_role(session.as_ref(), &parts, needed)?;
    let bound_to = session.as_ref().map_or(NO_SESSION, |session| session.id.as_str());
    let body = ours(access, &parts, body, bound_to).await?;
    let token = access.csrf.token(bound_to).map_err(|_| Reason::Panicked)?;
    parts.extensions.insert(token);
    if let Some(session) = session {
        parts.extensions.insert(session.person);
    }
    Ok(Request::from_parts(parts, body))
}

fn request_id(parts: &Parts) -> RequestId {
    parts.extensions.get().cloned().unwrap_or_default()
}

fn must_read_or_send(method: &Method) -> Result<(), Reason> {
    match *method {
        Method::GET | Method::HEAD | Method::POST => Ok(()),
        _ => Err(Reason::OtherMethod),
    }
}

/// A load balancer asks for our health by our address.
fn must_be_for_us(access: &Access, parts: &Parts) -> Result<(), Reason> {
    if is_health(parts) || access.hosts.answer(&parts.headers, &parts.uri) {
        return Ok(());
    }
    tracing::warn!("a request named a host that is none of ours; --host names more");
    Err(Reason::OtherHost)
}

/// Who asks, as far as anybody knows.
async fn session(access: &Access, parts: &Parts, needed: Needed) -> Result<Option<Session>, Reason> {
    match &access.guard {
        Guard::Loopback(person) => Ok(Some(Session { person: person.clone(), id: "loopback".to_owned() })),
        Guard::Tokens(_, key) => Ok(key.of_request(&parts.headers, access.now())),
        Guard::Oidc(_) if needed == Needed::Nobody => Ok(None),
        Guard::Oidc(oidc) => match oidc.session(&parts.headers, access.now()).await {
            Ok(session) => Ok(Some(session)),
            Err(problem) => {
                tracing::warn!(%problem, "the load balancer vouches for nobody who may come in");
                Err(Reason::of(&problem))
            }
        },
    }
}

fn must_have_role(session: Option<&Session>, parts: &Parts, needed: Needed) -> Result<(), Reason> {
    match (needed, session) {
        (Needed::Nobody, _) => Ok(()),
        (Needed::Role(role), Some(session)) if session.person.role >= role => Ok(()),
        (Needed::Role(_), Some(_)) => Err(Reason::ForOperators),
        (Needed::Role(_), None) if parts.method == Method::POST => Err(Reason::SignInAgain),
        (Needed::Role(_), None) => {
            let place = parts.uri.path_and_query().map_or("/", |place| place.as_str());
            Err(Reason::SignIn { next: place.to_owned() })
        }
    }
}

/// The body of a form that our own page sent; whatever else is sent is refused, and the body of a question dropped.
async fn ours(access: &Access, parts: &Parts, body: Body, session: &str) -> Result<Body, Reason> {
    if parts.method != Method::POST {
        return Ok(Body::empty());
    }
    if !is_same_origin(&parts.headers) {
        return Err(Reason::NotOurForm);
    }
    if !is_form(&parts.headers) {
        return Err(Reason::NoForm);
    }
    let read = timeout(BODY_WITHIN, to_bytes(body, BODY_BYTES)).await.map_err(|_| Reason::TooSlow)?;
    let bytes = read.map_err(|_| Reason::TooLarge)?;
    let token = form_urlencoded::parse(&bytes).find(|(key, _)| key == csrf::FIELD);
    if !token.is_some_and(|(_, token)| access.csrf.fits(session, &token)) {
        return Err(Reason::NotOurForm);
    }
    Ok(Body::from(bytes))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM)))
}
