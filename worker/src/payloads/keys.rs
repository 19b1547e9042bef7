//! A file of keys: 32 random bytes in Base64 a line. The first one encrypts, all decrypt.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol::Digest;
use ring::aead::LessSafeKey;

use super::{Problem, Sealed, aes};

/// So much of the digest of a key names it.
const ID_CHARACTERS: usize = 16;
/// What a line should hold, and how it is made.
const HOW: &str = "a line is 32 random bytes in Base64 (openssl rand -base64 32); what follows a # is passed over";

/// The keys; there is at least one.
pub struct Keys {
    current: String,
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
        let (mut current, mut by_id) = (None, BTreeMap::new());
        for (place, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let bytes = STANDARD.decode(line).map_err(|_| format!("line {} is no Base64; {HOW}", place + 1))?;
            let key = aes::key(&bytes)
                .ok_or_else(|| format!("line {} has {} bytes and not 32; {HOW}", place + 1, bytes.len()))?;
            let id = id_of(&bytes);
            current.get_or_insert_with(|| id.clone());
            by_id.insert(id, key);
        }
        let current = current.ok_or_else(|| format!("it holds no key; {HOW}"))?;
        Ok(Self { current, by_id })
    }

    /// The ID of the key that encrypts.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// The IDs of all keys.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// The key of this ID.
    pub fn find(&self, key_id: &str) -> Option<&LessSafeKey> {
        self.by_id.get(key_id)
    }

    /// Encrypts with the first key.
    pub fn seal(&self, bytes: Vec<u8>) -> Result<Sealed, Problem> {
        let not_sealed = || Problem::NotSealed { key_id: self.current.clone(), bytes: bytes.len() };
        let key = self.find(&self.current).ok_or_else(not_sealed)?;
        let data = aes::seal(key, &self.current, bytes)?;
        Ok(Sealed { key_id: self.current.clone(), data_key: None, data })
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
        assert!(shown.contains(keys.current()) && !shown.contains("AAAA"), "{shown}");
    }
}
