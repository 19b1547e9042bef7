//! That a form was sent from our page: the browser says so, and the form holds what only our page knows.
//!
//! The token differs on every page, though the session stays: a page is compressed, and what is compressed beside
//! something that a stranger chooses could be guessed by its length.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::error::Result;
use crate::secret::{Secret, random};

/// The name of the hidden field in every form.
pub const FIELD: &str = "csrf";
/// So many bytes of the signature are enough: a wrong guess costs a request.
const LENGTH: usize = 16;

/// What a form carries: `<input type="hidden" name="csrf" value="{{ token }}">`. An extension of every request that
/// reaches a page.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Nothing of it gets into a log.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What makes and checks them.
#[derive(Debug)]
pub struct CsrfKey(hmac::Key);

impl CsrfKey {
    /// The key of a secret.
    pub fn of(secret: &Secret) -> Self {
        Self(secret.key("form"))
    }

    /// A token for the forms of one page of a session.
    pub fn token(&self, session: &str) -> Result<Token> {
        let mask = random::<LENGTH>()?;
        let masked = mixed(&mask, &self.secret_of(session));
        Ok(Token(URL_SAFE_NO_PAD.encode([mask, masked].concat())))
    }

    /// Whether a form's token is one of the session.
    pub fn fits(&self, session: &str, given: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(given) else { return false };
        let Some((mask, masked)) = bytes.split_first_chunk::<LENGTH>() else { return false };
        let Ok(masked) = <[u8; LENGTH]>::try_from(masked) else { return false };
        // Compared by a signature of each, so that time says nothing.
        let expected = hmac::sign(&self.0, &self.secret_of(session));
        hmac::verify(&self.0, &mixed(mask, &masked), expected.as_ref()).is_ok()
    }

    fn secret_of(&self, session: &str) -> [u8; LENGTH] {
        let tag = hmac::sign(&self.0, session.as_bytes());
        let mut secret = [0; LENGTH];
        secret.copy_from_slice(&tag.as_ref()[..LENGTH]);
        secret
    }
}

fn mixed(mask: &[u8; LENGTH], bytes: &[u8; LENGTH]) -> [u8; LENGTH] {
    std::array::from_fn(|place| mask[place] ^ bytes[place])
}

/// Whether the browser says that the request comes from a page of this host: by `Sec-Fetch-Site`, or, where it is too
/// old for that, by an `Origin` that is our `Host`.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site.as_bytes() == b"same-origin";
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(ORIGIN), text(HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, place)| place.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn key() -> CsrfKey {
        CsrfKey::of(&Secret::of(&[b"test"]))
    }

    #[test]
    fn a_token_is_new_on_every_page_and_good_for_its_session_alone() {
        let key = key();
        let (one, two) = (key.token("session").unwrap(), key.token("session").unwrap());
        assert_ne!(one, two);
        for token in [one, two] {
            assert!(key.fits("session", &token.to_string()));
            assert!(!key.fits("another", &token.to_string()));
            assert!(!CsrfKey::of(&Secret::of(&[b"another"])).fits("session", &token.to_string()));
        }
        assert!(!key.fits("session", ""));
        assert!(!key.fits("session", &URL_SAFE_NO_PAD.encode([0; 32])));
    }

    #[test]
    fn only_our_own_page_sends_a_form() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
        };
        for (pairs, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "same-site"), ("origin", "http://a:1"), ("host", "a:1")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://churn.example"), ("host", "churn.example")], true),
            (&[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true),
            (&[("origin", "http://localhost:9090"), ("host", "localhost:8080")], false),
            (&[("origin", "null"), ("host", "localhost:8080")], false),
            (&[("host", "localhost:8080")], false),
            (&[], false),
        ] {
            assert_eq!(is_same_origin(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_token(text in "\\PC{0,80}") {
            prop_assert!(!key().fits("session", &text));
        }
    }
}
