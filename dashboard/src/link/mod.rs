//! Links to customers that name none: `/customers/<token>`. The token is the same for everybody and on every day, and
//! nobody without the key can say whose it is: so no id stands in a history, a referrer, or a log of requests.

mod search;

use std::fmt;
use std::path::{Path, PathBuf};

use axum::response::Response;
use ring::hmac;

use crate::redirect::see_other;
use crate::secret::{self, Secret, SecretError};

pub use search::{Hits, search};

/// The bytes of a signature that stand in a link: among a million customers, two share them once in 10^12 lakes.
const BYTES: usize = 10;
/// Their characters.
const CHARACTERS: usize = 16;
/// RFC 4648, small letters: none of them is taken for another one when it is read aloud.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What stands in a link for a customer: 16 characters of Base32, the begin of HMAC-SHA-256 of the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token([u8; CHARACTERS]);

impl Token {
    /// The token of a path, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let characters = <[u8; CHARACTERS]>::try_from(text.as_bytes()).ok()?;
        characters.iter().all(|character| ALPHABET.contains(character)).then_some(Self(characters))
    }

    /// As it stands in a path.
    pub fn as_str(&self) -> &str {
        // They are characters of the alphabet, and nothing else gets in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The customer's page.
    pub fn path(&self) -> String {
        format!("/customers/{}", self.as_str())
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What makes tokens.
#[derive(Clone)]
pub struct LinkKey(hmac::Key);

/// Where the key is, 32 bytes or more.
#[derive(Clone)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// Here: the variable `SPANISHGAS_LINK_KEY`, where a container gets no files.
    Text(String),
}

impl KeySource {
    /// The secret of the key.
    pub fn secret(&self) -> Result<Secret, SecretError> {
        const WHAT: &str = "the key of customers' links";
        let key = match self {
            Self::File(path) => secret::read(WHAT, path)?,
            Self::Text(text) => secret::checked(WHAT, Path::new("SPANISHGAS_LINK_KEY"), text)?,
        };
        Ok(Secret::of(&[key.as_bytes()]))
    }
}

impl LinkKey {
    /// The key of a secret.
    pub fn of(secret: &Secret) -> Self {
        Self(secret.key("link"))
    }

    /// The token of a customer.
    pub fn token(&self, customer_id: &str) -> Token {
        let tag = hmac::sign(&self.0, customer_id.as_bytes());
        let mut begin = [0; BYTES];
        begin.copy_from_slice(&tag.as_ref()[..BYTES]);
        Token(base32(&begin))
    }
}

/// Nothing of the key is shown.
impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

/// Ten bytes are sixteen characters of five bits.
fn base32(bytes: &[u8; BYTES]) -> [u8; CHARACTERS] {
    let all = bytes.iter().fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
    std::array::from_fn(|place| ALPHABET[(all >> (5 * (CHARACTERS - 1 - place))) as usize & 31])
}

/// The answer of a search that found its customer: go there, with a `GET`. `query` is that of the page, without `?`.
pub fn go(token: Token, query: &str) -> Response {
    let place = if query.is_empty() { token.path() } else { format!("{}?{query}", token.path()) };
    see_other(&place)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::http::header::LOCATION;
    use proptest::prelude::*;

    use super::*;

    fn key() -> LinkKey {
        LinkKey::of(&Secret::of(&[b"test"]))
    }

    /// The first ten bytes of RFC 4648's alphabet, by hand: `printf foobarbaz0 | base32`.
    #[test]
    fn the_characters_are_those_of_base32() {
        assert_eq!(&base32(b"foobarbaz0"), b"mzxw6ytbojrgc6rq");
        assert_eq!(&base32(&[0; 10]), b"aaaaaaaaaaaaaaaa");
        assert_eq!(&base32(&[255; 10]), b"7777777777777777");
    }

    #[test]
    fn a_customer_has_one_token_and_it_is_that_of_the_key() {
        let token = key().token("24011ae4ebbe3035111d65fa7c15bc57");
        assert_eq!(token, key().token("24011ae4ebbe3035111d65fa7c15bc57"));
        assert_ne!(token, key().token("24011ae4ebbe3035111d65fa7c15bc58"));
        assert_ne!(token, LinkKey::of(&Secret::of(&[b"another"])).token("24011ae4ebbe3035111d65fa7c15bc57"));
        assert_eq!(Token::parse(token.as_str()), Some(token));
        assert_eq!(format!("{:?}", key()), "LinkKey(..)");
    }

    #[test]
    fn a_key_that_can_be_guessed_is_refused_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link.key");
        std::fs::write(&path, "k".repeat(32)).unwrap();
        let token = |source: &KeySource| LinkKey::of(&source.secret().unwrap()).token("c1");
        assert_eq!(token(&KeySource::File(path)), token(&KeySource::Text("k".repeat(32))));
        let problem = KeySource::Text("secret".to_owned()).secret().err().unwrap().to_string();
        assert!(problem.contains("SPANISHGAS_LINK_KEY") && !problem.contains("secret"), "{problem}");
    }

    #[test]
    fn what_is_no_token_is_none() {
        for bad in ["", "abc", "abcdefghijklmno1", "ABCDEFGHIJKLMNOP", "abcdefghijklmnopq", "../../etc/passwd"] {
            assert_eq!(Token::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_found_customer_is_asked_for_with_a_link_that_does_not_name_them() {
        let token = key().token("c1");
        let response = go(token, "lang=es");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()[LOCATION], format!("/customers/{token}?lang=es"));
    }

    proptest! {
        #[test]
        fn every_id_has_a_token_and_no_text_panics(id in "\\PC{0,40}") {
            let token = key().token(&id);
            prop_assert_eq!(Token::parse(&token.to_string()), Some(token));
            let _ = Token::parse(&id);
        }
    }
}
