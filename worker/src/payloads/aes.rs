//! AES-256-GCM with a nonce of its own for every payload: the nonce, then what is encrypted, then its tag.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use super::Problem;

/// A key of 32 bytes; none of any other length.
pub fn key(bytes: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).ok().map(LessSafeKey::new)
}

/// Encrypts; `key_id` is for the error's words.
pub fn seal(key: &LessSafeKey, key_id: &str, mut bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
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

/// Decrypts what was sealed with this key; refuses what was changed since.
pub fn open(key: &LessSafeKey, key_id: &str, sealed: &[u8]) -> Result<Vec<u8>, Problem> {
    let changed = || Problem::NotGenuine { key_id: key_id.to_owned() };
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(changed)?;
    let mut rest = rest.to_vec();
    let plain = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut rest);
    plain.map(|plain| plain.to_vec()).map_err(|_| changed())
}
