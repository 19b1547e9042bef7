//! The signature of a message: who has the key knows that it is ours, whole, and of now.

use std::fmt::Write as _;

use ring::hmac;

/// A shorter key can be guessed.
const SHORTEST: usize = 32;

/// The header that carries it.
pub const HEADER: &str = "x-spanishgas-signature";

/// A key that signs.
#[derive(Clone)]
pub struct Key(hmac::Key);

impl Key {
    /// The key of a text; the error says nothing of it.
    pub fn of(secret: &str) -> Result<Self, String> {
        if secret.len() < SHORTEST {
            return Err(format!("a key must have {SHORTEST} characters or more: openssl rand -hex 32"));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }

    /// `t=<seconds>,v1=<HMAC-SHA-256 of "<seconds>.<body>" in hex>`: with the time in it, an old message cannot be
    /// sent again as a new one.
    pub fn sign(&self, seconds: i64, body: &[u8]) -> String {
        let mut signed = format!("{seconds}.").into_bytes();
        signed.extend_from_slice(body);
        let tag = hmac::sign(&self.0, &signed);
        let mut signature = format!("t={seconds},v1=");
        for byte in tag.as_ref() {
            // Writing to a string cannot fail.
            let _ = write!(signature, "{byte:02x}");
        }
        signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1764547200.{}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`
    #[test]
    fn a_signature_is_that_of_openssl() {
        let key = Key::of("0123456789abcdef0123456789abcdef").unwrap();
        let openssl = "94c91c0bca34ba5bb2cbdeac07573f408d6fb93c30dba087a853e501f67daf92";
        assert_eq!(key.sign(1_764_547_200, b"{}"), format!("t=1764547200,v1={openssl}"));
        assert!(key.sign(1_764_547_200, b"{ }") != key.sign(1_764_547_200, b"{}"));
    }

    #[test]
    fn a_short_key_is_refused_without_being_named() {
        let problem = Key::of("secret").err().unwrap();
        assert!(problem.contains("32") && !problem.contains("secret"), "{problem}");
    }
}
