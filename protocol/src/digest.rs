//! Content digests: the identity of every input, stage and output.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    /// The digest that a hasher has come to.
    pub fn of_hash(hash: &[u8; 32]) -> Self {
        Self(hex(hash))
    }

    /// The digest of a value's canonical JSON (maps must be ordered).
    pub fn of_json(value: &impl Serialize) -> Self {
        Self::of(&serde_json::to_vec(value).expect("plain structs of strings and numbers always serialise"))
    }

    /// Reads a whole digest; none when the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_one.then(|| Self(text.to_owned()))
    }

    /// The whole digest, 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digest as the AWS interfaces write it: the bytes in Base64.
    pub fn to_base64(&self) -> String {
        use base64::Engine as _;
        let byte = |place: usize| u8::from_str_radix(&self.0[place..place + 2], 16).expect("a digest is hexadecimal");
        let bytes: Vec<u8> = (0..self.0.len()).step_by(2).map(byte).collect();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    /// The first 12 characters, for keys and IDs that people read. A stored text is read as it stands: a shorter one,
    /// which is no digest, is given whole.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_in_hexadecimal() {
        // FIPS 180-2, appendix B.1
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").as_str(), expected);
        assert_eq!(Digest::of(b"abc").to_base64(), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(Digest::parse(expected), Some(Digest::of(b"abc")));
        assert_eq!(Digest::parse(&expected[1..]), None);
    }

    #[test]
    fn a_stored_text_that_is_no_digest_panics_nowhere() {
        assert_eq!(Digest::of(b"").short(), "e3b0c44298fc");
        // The twelfth byte of the last is within its last letter.
        for text in ["", "abc", "0123456789añ"] {
            let stored: Digest = serde_json::from_value(serde_json::json!(text)).unwrap();
            assert_eq!(stored.short(), text);
        }
    }
}
