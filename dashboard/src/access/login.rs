//! Signing in with a token and a name, and signing out.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::audit::{self, Done};
use super::csrf;
use super::person::Person;
use super::ready::{healthz, readyz};
use super::session;
use super::settings::{Access, Guard};
use super::visitor;
use crate::assets;
use crate::redirect::see_other;
use crate::words::{Language, Word};

/// The routes of access itself.
pub fn routes(access: Arc<Access>) -> Router {
    let ready = access.readiness().clone();
    Router::new()
        .route("/login", get(show).post(enter))
        .route("/logout", post(leave))
        .route("/healthz", get(healthz))
        .route("/readyz", get(move || std::future::ready(readyz(&ready))))
        .with_state(access)
}

/// What the form says.
#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

/// Why nobody is signed in yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    /// No token of ours.
    Token,
    /// No name that can stand in a log.
    Name,
    /// Too many tries.
    Wait(i64),
}

impl Problem {
    fn status(self) -> StatusCode {
        match self {
            Self::Token => StatusCode::FORBIDDEN,
            Self::Name => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn say(self, language: Language) -> String {
        match self {
            Self::Token => language.say(Word::LoginWrongToken).to_owned(),
            Self::Name => language.say(Word::LoginWrongName).to_owned(),
            Self::Wait(secs) => language.fill(Word::LoginWait, &[("secs", &secs.to_string())]),
        }
    }
}

async fn show(State(access): State<Arc<Access>>, Extension(csrf): Extension<csrf::Token>, parts: Parts) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    let asked =
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "next").map(|(_, next)| next.into_owned());
    let next = inside(asked.as_deref().unwrap_or_default());
    if !matches!(access.guard, Guard::Tokens(..)) {
        return see_other(next);
    }
    page(&parts, &csrf, next, "", None)
}

async fn enter(
    State(access): State<Arc<Access>>,
    Extension(csrf): Extension<csrf::Token>,
    parts: Parts,
    Form(given): Form<Given>,
) -> Response {
    let next = inside(&given.next);
    match try_to_enter(&access, &parts, &given) {
        Ok(Some(cookie)) => ([(SET_COOKIE, cookie)], see_other(next)).into_response(),
        Ok(None) => see_other(next),
        Err(problem) => page(&parts, &csrf, next, &given.name, Some(problem)),
    }
}

/// The cookie of who may come in; none where there is nothing to sign in to.
fn try_to_enter(access: &Access, parts: &Parts, given: &Given) -> Result<Option<String>, Problem> {
    let Guard::Tokens(tokens, key) = &access.guard else { return Ok(None) };
    let address = visitor::address(&parts.extensions, &parts.headers, access.proxy);
    let refused = |problem: Problem, why: &str| {
        let address = address.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
        audit::refused_sign_in(&address, why);
        problem
    };
    // Taken before the token is looked at: whoever sends a thousand at once has five tries, too.
    let taken = access.tries.take(address, access.now());
    let taken = taken.map_err(|secs| refused(Problem::Wait(secs), "too many tries"))?;
    let role = tokens.role_of(&given.token).ok_or_else(|| refused(Problem::Token, "no token of ours"))?;
    access.tries.give_back(taken);
    let person = Person::new(&given.name, role).ok_or(Problem::Name)?;
    let value = key.seal(&person, access.now()).map_err(|_| Problem::Wait(1))?;
    audit::record(&person, Done::SignedIn);
    Ok(Some(session::set(&value)))
}

async fn leave(Extension(person): Extension<Person>) -> Response {
    audit::record(&person, Done::SignedOut);
    ([(SET_COOKIE, session::unset())], see_other("/login")).into_response()
}

/// A place of ours to go to: a path, and nothing that a browser takes for another host.
fn inside(next: &str) -> &str {
    let path = next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/login");
    let plain = next.chars().all(|sign| sign.is_ascii_graphic() && sign != '\\');
    if path && plain { next } else { "/" }
}

#[derive(Template)]
#[template(path = "access/login.html")]
struct Page<'a> {
    lang: &'static str,
    style: &'static str,
    title: &'static str,
    text: &'static str,
    name_label: &'static str,
    name_help: &'static str,
    token_label: &'static str,
    token_help: &'static str,
    button: &'static str,
    csrf: String,
    next: &'a str,
    name: &'a str,
    problem: Option<String>,
}

fn page(parts: &Parts, csrf: &csrf::Token, next: &str, name: &str, problem: Option<Problem>) -> Response {
    let language = visitor::language(&parts.uri, &parts.headers);
    let page = Page {
        lang: language.lang(),
        style: assets::style().path(),
        title: language.say(Word::LoginTitle),
        text: language.say(Word::LoginText),
        name_label: language.say(Word::LoginName),
        name_help: language.say(Word::LoginNameHelp),
        token_label: language.say(Word::LoginToken),
        token_help: language.say(Word::LoginTokenHelp),
        button: language.say(Word::LoginButton),
        csrf: csrf.to_string(),
        next,
        name,
        problem: problem.map(|problem| problem.say(language)),
    };
    // A template that only places texts does not fail.
    let html = Html(page.render().unwrap_or_default());
    let mut response = (problem.map_or(StatusCode::OK, Problem::status), html).into_response();
    if let Some(Problem::Wait(secs)) = problem {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nobody_is_led_to_another_host() {
        for good in ["/", "/risk?tier=High&page=2", "/customers/abcdefghijklmnop"] {
            assert_eq!(inside(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "/a b",
            "/\t/evil",
            "/\u{a0}",
            "/login",
        ] {
            assert_eq!(inside(bad), "/", "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_is_a_path_of_ours(next in "\\PC{0,40}") {
            let place = inside(&next);
            prop_assert!(place.starts_with('/') && !place.starts_with("//") && HeaderValue::from_str(place).is_ok());
        }
    }
}
