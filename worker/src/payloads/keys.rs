//! A file of keys: 32 random bytes in Base64 a line. The first one encrypts, all decrypt.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol::Digest;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use super::Problem;

/// So much of the digest of a key names it.
const ID_CHARACTERS: usize = 16;
/// What a line should hold, and how it is made.
const HOW: &str = "a line is 32 random bytes in Base64 (openssl rand -base64 32); what follows a # is passed over";

/// The keys.
#[derive(Default)]
pub struct Keys {
    current: Option<String>,
    by_id: BTreeMap<String, LessSafeKey>,
}

impl Keys {
    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read the payload keys in {}", path.display()))?;
        Self::parse(&text).map_err(|problem| anyhow::anyhow!("payload keys in {}: {problem}", path.display()))
    }

    /// Reads the text of a file; the error says what is wrong, and nothing of what a key is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Self::default();
        for (place, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let bytes = STANDARD.decode(line).map_err(|_| format!("line {} is no Base64; {HOW}", place + 1))?;
            let key = UnboundKey::new(&AES_256_GCM, &bytes)
                .map_err(|_| format!("line {} has {} bytes and not 32; {HOW}", place + 1, bytes.len()))?;
            let id = id_of(&bytes);
            keys.current.get_or_insert_with(|| id.clone());
            keys.by_id.insert(id, LessSafeKey::new(key));
        }
        if keys.current.is_none() { Err(format!("it holds no key; {HOW}")) } else { Ok(keys) }
    }

    /// The ID of the key that encrypts.
    pub fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// Nonce, then what is encrypted, then its tag; what was given where there is no key.
    pub fn seal(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
        let current = self.current().and_then(|id| Some((id, self.by_id.get(id)?)));
        let Some((key_id, key)) = current else { return Ok(bytes) };
        let not_sealed = Problem::NotSealed { key_id: key_id.to_owned(), bytes: bytes.len() };
        let mut nonce = [0; NONCE_LEN];
        if SystemRandom::new().fill(&mut nonce).is_err() {
            return Err(not_sealed);
        }
        match key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut bytes) {
            Ok(()) => Ok([&nonce[..], &bytes].concat()),
            Err(_) => Err(not_sealed),
        }
    }

    /// What was sealed with the key of this ID.
    pub fn open(&self, key_id: &str, sealed: &[u8]) -> Result<Vec<u8>, Problem> {
        let Some(key) = self.by_id.get(key_id) else {
            return Err(Problem::UnknownKey { key_id: key_id.to_owned(), held: self.held() });
        };
        let changed = || Problem::NotGenuine { key_id: key_id.to_owned() };
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(changed)?;
        let mut rest = rest.to_vec();
        let plain = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut rest);
        plain.map(|plain| plain.to_vec()).map_err(|_| changed())
    }

    fn held(&self) -> String {
        if self.by_id.is_empty() {
            return "is no key".to_owned();
        }
        format!("are only {}", self.by_id.keys().map(String::as_str).collect::<Vec<_>>().join(", "))
    }
}

/// Nothing of a key is shown but its ID.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("ids", &self.by_id.keys()).finish_non_exhaustive()
    }
}

fn id_of(key: &[u8]) -> String {
    let named = [&b"spanishgas payload key "[..], key].concat();
    Digest::of(&named).as_str().chars().take(ID_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_told_by_its_line_and_no_key_is_shown() {
        for (text, words) in [
            ("", "holds no key"),
            ("# only words\n", "holds no key"),
            ("\n?\n", "line 2 is no Base64"),
            ("AAAA", "line 1 has 3 bytes and not 32"),
        ] {
            let problem = Keys::parse(text).err().unwrap();
            assert!(problem.contains(words) && problem.contains("openssl rand -base64 32"), "{problem}");
        }
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let keys = Keys::parse(&format!("{key} # since 2026\n{key}\n")).unwrap();
        let shown = format!("{keys:?}");
        assert!(shown.contains(keys.current().unwrap()) && !shown.contains("AAAA"), "{shown}");
    }
}
