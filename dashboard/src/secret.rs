//! What signs cookies, forms and links: one secret, a key of its own for each purpose; and the files and variables that
//! secrets are read from.

use std::fmt;
use std::path::{Path, PathBuf};

use protocol::ErrorNumber;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// A shorter secret can be guessed.
const SHORTEST: usize = 32;

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// A file with a token or a key cannot be read or made.
    #[error("could not read {what} in {}: {source}; give a file that the dashboard may read", .path.display())]
    File {
        /// What it should hold.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds something that can be guessed, or that does not tell two roles apart.
    #[error("{what} in {} cannot be used: {problem}", .path.display())]
    Unusable {
        /// What it should hold.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What is wrong, and what to do; nothing of the secret itself.
        problem: &'static str,
    },
    /// The system gives no random bytes.
    #[error("the operating system gives no random bytes for the dashboard's keys; look at its random device")]
    NoRandomness,
}

impl SecretError {
    /// Its number.
    pub fn number(&self) -> ErrorNumber {
        match self {
            Self::Unusable { .. } => ErrorNumber::WeakSecret,
            Self::File { .. } | Self::NoRandomness => ErrorNumber::FileTrouble,
        }
    }
}

/// A secret from which keys are made.
#[derive(Clone)]
pub struct Secret(hmac::Key);

impl Secret {
    /// One that ends with the process.
    pub fn random() -> Result<Self, SecretError> {
        Ok(Self::of(&[&random::<32>()?]))
    }

    /// The secret that some parts make. It changes with each of them, and with their order.
    pub fn of(parts: &[&[u8]]) -> Self {
        let label = hmac::Key::new(hmac::HMAC_SHA256, b"spanishgas dashboard");
        let mut context = hmac::Context::with_key(&label);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        Self(hmac::Key::new(hmac::HMAC_SHA256, context.sign().as_ref()))
    }

    /// The key of a purpose: who learns one knows nothing of the others.
    pub fn key(&self, purpose: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&self.0, purpose.as_bytes()).as_ref())
    }
}

/// Nothing of it is shown.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Random bytes of the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SecretError::NoRandomness)?;
    Ok(bytes)
}

/// A token or a key from its file, without the line end.
pub fn read(what: &'static str, path: &Path) -> Result<String, SecretError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| SecretError::File { what, path: path.to_owned(), source })?;
    checked(what, path, &text)
}

/// A token or a key that nobody guesses; `place` is where it stands.
pub fn checked(what: &'static str, place: &Path, text: &str) -> Result<String, SecretError> {
    let token = text.trim();
    let problem = if token.len() < SHORTEST {
        Some("it has fewer than 32 bytes, so it can be guessed; make one: openssl rand -hex 32")
    } else if token.contains(char::is_whitespace) {
        Some("it holds a space or has several lines; a file holds one token")
    } else {
        None
    };
    match problem {
        Some(problem) => Err(SecretError::Unusable { what, path: place.to_owned(), problem }),
        None => Ok(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_its_own_key_and_no_two_lists_of_parts_are_one() {
        let signed = |secret: &Secret, purpose| hmac::sign(&secret.key(purpose), b"x").as_ref().to_vec();
        let secret = Secret::of(&[b"ab", b"c"]);
        assert_eq!(signed(&secret, "cookie"), signed(&Secret::of(&[b"ab", b"c"]), "cookie"));
        assert_ne!(signed(&secret, "cookie"), signed(&secret, "form"));
        assert_ne!(signed(&secret, "cookie"), signed(&Secret::of(&[b"a", b"bc"]), "cookie"));
        assert_ne!(signed(&Secret::random().unwrap(), "cookie"), signed(&Secret::random().unwrap(), "cookie"));
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }
}
