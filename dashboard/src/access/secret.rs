//! What signs cookies, forms and links: one secret, a key of its own for each purpose.

use std::fmt;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::error::{AccessError, Result};

/// A secret from which keys are made.
#[derive(Clone)]
pub struct Secret(hmac::Key);

impl Secret {
    /// One that ends with the process.
    pub fn random() -> Result<Self> {
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
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| AccessError::NoRandomness)?;
    Ok(bytes)
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
