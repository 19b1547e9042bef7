//! From a template to a page.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::PageError;

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
