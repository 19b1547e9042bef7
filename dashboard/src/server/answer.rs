//! From a template to a response.

use askama::Template;
use axum::http::header::{CONTENT_TYPE, HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use super::error_page;
use super::{PageError, Visit};
use crate::query::{LANG, THEME};

/// A year, in seconds.
const YEAR: u32 = 365 * 24 * 3600;

/// The text of a page.
pub fn render(page: &impl Template) -> Result<String, PageError> {
    let broken = |error: askama::Error| PageError::Broken { doing: "fill a template", problem: error.to_string() };
    page.render().map_err(broken)
}

/// A page as a response.
pub fn html(status: StatusCode, text: String) -> Response {
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
    (status, kind, text).into_response()
}

impl Visit {
    /// The page, or the page about what is wrong; with the reader's choices as cookies.
    pub async fn answer(&self, page: Result<String, PageError>) -> Response {
        let mut response = match page {
            Ok(text) => html(StatusCode::OK, text),
            Err(error) => error_page::of(self, &error).await,
        };
        self.remember(response.headers_mut());
        self.time(response.headers_mut());
        response
    }

    /// How long the page took, for who looks with the tools of a browser.
    fn time(&self, headers: &mut HeaderMap) {
        let millis = (self.site.now() - self.now).num_milliseconds();
        if let Ok(value) = HeaderValue::from_str(&format!("total;dur={millis}")) {
            headers.insert(HeaderName::from_static("server-timing"), value);
        }
    }

    /// A download, or the page about what is wrong.
    pub async fn download(&self, file: Result<Response, PageError>) -> Response {
        match file {
            Ok(response) => response,
            Err(error) => error_page::of(self, &error).await,
        }
    }

    /// What the address says of language and colours counts for the next pages too.
    fn remember(&self, headers: &mut HeaderMap) {
        let choices = [(LANG, self.language.lang()), (THEME, self.theme.name())];
        for (key, value) in choices.into_iter().filter(|(key, _)| self.query.first(key).is_some()) {
            let cookie = format!("{key}={value}; Path=/; Max-Age={YEAR}; SameSite=Strict");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                headers.append(SET_COOKIE, cookie);
            }
        }
    }
}
