//! What every answer tells the browser: load nothing from elsewhere, run nothing that is not ours, keep nothing.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use super::request_id::RequestId;
use super::settings::Hsts;

/// Nothing but what this host serves; no inline script or style, no frame around us.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Of the devices of a visitor, none is wanted. Names that some browsers do not know would be lines in their consoles.
const NO_DEVICE: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
/// A year.
const TLS_ALONE: &str = "max-age=31536000";

/// The header of the request's ID.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is the same in every answer. A name of a customer's page must not leave by a referrer, and no answer may be
/// read, framed or embedded by a page of others.
pub const EVERYWHERE: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, CSP),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), NO_DEVICE),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Puts them on an answer. Only what is named by its content (`immutable`) may be kept by a browser.
pub fn put(headers: &mut HeaderMap, hsts: Hsts, id: &RequestId) {
    for (name, value) in EVERYWHERE {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if hsts == Hsts::Year {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ALONE));
    }
    let named_by_content = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("immutable"));
    if !headers.get(CACHE_CONTROL).is_some_and(named_by_content) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_its_content_names_is_kept() {
        let kept = |given: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(given) = given {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static(given));
            }
            put(&mut headers, Hsts::Off, &RequestId::new());
            headers[CACHE_CONTROL].to_str().unwrap().to_owned()
        };
        assert_eq!(kept(None), "no-store");
        assert_eq!(kept(Some("public, max-age=60")), "no-store");
        assert_eq!(kept(Some("public, max-age=31536000, immutable")), "public, max-age=31536000, immutable");
    }

    #[test]
    fn tls_alone_is_a_promise_that_somebody_must_give() {
        for (hsts, promised) in [(Hsts::Year, true), (Hsts::Off, false)] {
            let mut headers = HeaderMap::new();
            put(&mut headers, hsts, &RequestId::new());
            assert_eq!(headers.contains_key(STRICT_TRANSPORT_SECURITY), promised);
        }
    }

    #[test]
    fn the_policy_allows_nothing_inline_and_nobody_else() {
        assert!(CSP.starts_with("default-src 'none'"));
        for word in ["unsafe", "http:", "https:", "*"] {
            assert!(!CSP.contains(word), "{word}");
        }
    }
}
