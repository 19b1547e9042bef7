//! A local copy with the digest that its bytes really have.

use std::path::{Path, PathBuf};

use protocol::Digest;
use protocol::Key;

use super::{S3Lake, make_parent};
use crate::LakeError;

impl S3Lake {
    /// A copy below `scratch` and its digest. A large object is read for it once per version and process,
    /// and its bytes come from one version whatever is written meanwhile.
    pub(crate) async fn exact_copy(&self, key: &Key, scratch: &Path) -> Result<(PathBuf, Digest), LakeError> {
        let (target, key) = (key.below(scratch), key.as_str());
        let stored = self.stored(key).await?.ok_or_else(|| self.missing(key))?;
        make_parent(&target, key, self)?;
        // A link of an earlier version must neither stay nor be written through.
        match std::fs::remove_file(&target) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(self.io("replace the copy of", key, error));
            }
            _ => {}
        }
        if stored.head.bytes <= self.part_bytes {
            let (bytes, _) = self.get(key).await?.ok_or_else(|| self.missing(key))?;
            let digest = Digest::of(&bytes);
            std::fs::write(&target, bytes).map_err(|e| self.io("write the copy of", key, e))?;
            return Ok((target, digest));
        }
        self.link(key, &stored, &target).await?;
        let slot = self.cache.slot(&self.place.uri(key), &stored.head.version, self.part_bytes);
        let slot = slot.map_err(|e| self.io("make room for", key, e))?;
        let held = slot.hold().await.map_err(|e| self.io("lock the copy of", key, e))?;
        let (cache, copy) = (self.cache.clone(), target.clone());
        let digest = tokio::task::spawn_blocking(move || {
            let _held = held;
            cache.digest(&slot, &copy).map_err(std::io::Error::other)
        });
        let digest = digest.await.map_err(std::io::Error::other).and_then(|digest| digest);
        Ok((target, digest.map_err(|e| self.io("read the copy of", key, e))?))
    }
}
