//! A signed-in person as a cookie: signed, so that the server keeps no list of sessions.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use serde::{Deserialize, Serialize};

use super::error::Result;
use super::person::{Person, Role};
use crate::secret::{Secret, random};

/// `__Host-`: a browser takes it over TLS alone, for this host alone, for all its paths.
pub const COOKIE_NAME: &str = "__Host-spanishgas";
/// A working day, and no further one.
pub const LASTS: TimeDelta = TimeDelta::hours(12);

/// A person, and what tells this session from every other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub person: Person,
    /// What the token of a form is bound to.
    pub id: String,
}

/// What a cookie says.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    /// The name.
    n: String,
    /// The role.
    r: String,
    /// The last second of its life.
    e: i64,
    /// The session.
    i: String,
}

/// What signs cookies.
#[derive(Debug)]
pub struct SessionKey(hmac::Key);

impl SessionKey {
    /// The key of a secret.
    pub fn of(secret: &Secret) -> Self {
        Self(secret.key("cookie"))
    }

    /// A new session of a person, as the value of a cookie.
    pub fn seal(&self, person: &Person, now: DateTime<Utc>) -> Result<String> {
        let said = Said {
            n: person.name.clone(),
            r: person.role.as_str().to_owned(),
            e: (now + LASTS).timestamp(),
            i: URL_SAFE_NO_PAD.encode(random::<12>()?),
        };
        // Four texts and numbers always become JSON.
        let said = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&said).unwrap_or_default());
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, said.as_bytes()));
        Ok(format!("{said}.{tag}"))
    }

    /// The session that a request brings, if its cookie is ours and not too old.
    pub fn of_request(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Session> {
        cookies(headers, COOKIE_NAME).find_map(|value| self.open(value, now))
    }

    fn open(&self, value: &str, now: DateTime<Utc>) -> Option<Session> {
        let (said, tag) = value.split_once('.')?;
        hmac::verify(&self.0, said.as_bytes(), &URL_SAFE_NO_PAD.decode(tag).ok()?).ok()?;
        let said: Said = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).ok()?).ok()?;
        let person = Person::new(&said.n, Role::parse(&said.r)?)?;
        (now.timestamp() <= said.e).then_some(Session { person, id: said.i })
    }
}

/// The header that gives a browser its session.
pub fn set(value: &str) -> String {
    format!("{COOKIE_NAME}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict", LASTS.num_seconds())
}

/// The header that takes it away.
pub fn unset() -> String {
    format!("{COOKIE_NAME}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

/// The values of all cookies of a name, in the order of the request.
pub fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs =
        headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok()).flat_map(|text| text.split(';'));
    pairs.filter_map(move |pair| {
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then_some(value.trim())
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn key() -> SessionKey {
        SessionKey::of(&Secret::of(&[b"test"]))
    }

    fn request(cookie: &str) -> HeaderMap {
        [(COOKIE, HeaderValue::from_str(cookie).unwrap())].into_iter().collect()
    }

    #[test]
    fn a_session_is_that_of_its_person_for_twelve_hours() {
        let (key, now) = (key(), DateTime::UNIX_EPOCH);
        let ana = Person::new("ana Ñ=;", Role::Operator).unwrap();
        let value = key.seal(&ana, now).unwrap();
        let headers = request(&format!("theme=dark; {COOKIE_NAME}={value}"));
        let session = key.of_request(&headers, now + LASTS).unwrap();
        assert_eq!(session.person, ana);
        assert_ne!(
            session.id,
            key.of_request(&request(&format!("{COOKIE_NAME}={}", key.seal(&ana, now).unwrap())), now).unwrap().id
        );
        assert_eq!(key.of_request(&headers, now + LASTS + TimeDelta::seconds(1)), None, "it is over");
        let other = SessionKey::of(&Secret::of(&[b"another token file"]));
        assert_eq!(other.of_request(&headers, now), None, "tokens were changed");
    }

    #[test]
    fn a_viewer_cannot_write_themselves_an_operators_cookie() {
        let (key, now) = (key(), DateTime::UNIX_EPOCH);
        let value = key.seal(&Person::new("ana", Role::Viewer).unwrap(), now).unwrap();
        let (said, tag) = value.split_once('.').unwrap();
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(said).unwrap()).unwrap();
        let forged = URL_SAFE_NO_PAD.encode(text.replace("viewer", "operator"));
        assert!(key.of_request(&request(&format!("{COOKIE_NAME}={said}.{tag}")), now).is_some());
        assert_eq!(key.of_request(&request(&format!("{COOKIE_NAME}={forged}.{tag}")), now), None);
    }

    #[test]
    fn the_cookie_says_that_it_is_for_this_host_over_tls_and_not_for_scripts() {
        for header in [set("value"), unset()] {
            for word in ["__Host-", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
                assert!(header.contains(word), "{header}");
            }
            assert!(!header.contains("Domain"), "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_cookie_text_opens_a_session_or_a_hole(text in "[ -~]{0,200}") {
            let header = HeaderValue::from_str(&format!("{COOKIE_NAME}={text}")).unwrap();
            let headers: HeaderMap = [(COOKIE, header)].into_iter().collect();
            prop_assert_eq!(key().of_request(&headers, DateTime::UNIX_EPOCH), None);
        }
    }
}
