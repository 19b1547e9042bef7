//! Whom nothing may be made of: HMAC-SHA-256 of their IDs, so that the list names nobody to whom lacks the key.

use std::collections::BTreeSet;

use churn::erasure::{CustomerNames, Erased};
use lake::documents::{TombstoneKey, Tombstones};
use lake::{Lake, keys, to_json};
use protocol::Digest;
use ring::hmac::{HMAC_SHA256, Key, sign};
use ring::rand::{SecureRandom, SystemRandom};

use crate::error::Result;

/// Bytes of the key: as many as the hash has.
const KEY_BYTES: usize = 32;

/// The rule that keeps erased customers out.
pub struct Sieve {
    /// Whether somebody was erased.
    pub erased: Erased,
    /// The identity of the tombstones.
    pub digest: Digest,
}

impl Sieve {
    /// The rule of a lake; none where nobody was ever erased.
    pub async fn find(lake: &Lake) -> Result<Option<Self>> {
        let (tombstones, _) = Tombstones::find(lake).await?;
        let Some(digest) = tombstones.digest() else { return Ok(None) };
        // Without it nobody could be kept out: that must stop the run.
        let key = key_of(&lake.read_json(keys::TOMBSTONE_KEY).await?);
        let hashes = tombstones.hashes;
        Ok(Some(Self {
            // Blanks around an ID are padding, wherever it is read.
            erased: std::sync::Arc::new(move |customer: &str| hashes.contains(&hash(&key, customer.trim()))),
            digest,
        }))
    }
}

/// The hashes of customers; the first erasure of a lake makes its key.
pub(super) async fn hashes(lake: &Lake, customers: &CustomerNames) -> Result<BTreeSet<String>> {
    let key = key_of(&find_or_make_key(lake).await?);
    Ok(customers.ids().map(|customer| hash(&key, customer)).collect())
}

async fn find_or_make_key(lake: &Lake) -> Result<TombstoneKey> {
    if let Some((key, _)) = lake.get_json(keys::TOMBSTONE_KEY).await? {
        return Ok(key);
    }
    let mut bytes = [0; KEY_BYTES];
    let failed = |_| churn::Error::settings("key of the tombstones", "the system gave no random bytes; try again");
    SystemRandom::new().fill(&mut bytes).map_err(failed)?;
    let key = TombstoneKey { hmac_sha256: Digest::of_hash(&bytes).to_string() };
    // Somebody else may be the first: then theirs counts.
    lake.put_if_absent(keys::TOMBSTONE_KEY, to_json(&key)).await?;
    Ok(lake.read_json(keys::TOMBSTONE_KEY).await?)
}

fn key_of(stored: &TombstoneKey) -> Key {
    Key::new(HMAC_SHA256, stored.hmac_sha256.as_bytes())
}

fn hash(key: &Key, customer: &str) -> String {
    let tag = sign(key, customer.as_bytes());
    let hash: &[u8; 32] = tag.as_ref().try_into().expect("SHA-256 has 32 bytes");
    Digest::of_hash(hash).to_string()
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;

    use super::*;

    #[test]
    fn the_hash_is_hmac_sha_256() {
        // RFC 4231, section 4.3
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hash(&Key::new(HMAC_SHA256, b"Jefe"), "what do ya want for nothing?"), expected);
    }

    #[tokio::test]
    async fn a_lake_keeps_its_key_and_knows_whom_it_erased() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        assert!(Sieve::find(&lake).await.unwrap().is_none());
        let customers = CustomerNames::parse(["C00017"]).unwrap();
        let first = hashes(&lake, &customers).await.unwrap();
        assert_eq!(hashes(&lake, &customers).await.unwrap(), first);
        Tombstones::add(&lake, first).await.unwrap();
        let sieve = Sieve::find(&lake).await.unwrap().unwrap();
        assert!((sieve.erased)("C00017") && !(sieve.erased)("C00018"));
        assert!((sieve.erased)(" C00017 ") && (sieve.erased)("C00017\u{a0}") && !(sieve.erased)(" "));
        lake.remove(keys::TOMBSTONE_KEY).await.unwrap();
        assert!(Sieve::find(&lake).await.is_err(), "without the key nobody could be kept out");
    }
}
