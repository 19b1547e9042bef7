//! The versions that a bucket keeps of an object: listed, and removed for good, which takes rights of their own
//! (role `eraser`).

use super::S3Lake;
use crate::{LakeError, Versions};

/// A version of an object, or the mark that it was deleted.
struct Kept {
    object: String,
    version_id: String,
    is_latest: bool,
    is_mark: bool,
}

impl S3Lake {
    /// Removes versions of one object; how many. In a bucket without versions the object itself is the only one.
    pub(crate) async fn remove_versions(&self, key: &str, which: Versions) -> Result<usize, LakeError> {
        let object = self.place.object(key);
        // Longer keys that begin alike are listed too.
        let kept = self.versions(key).await?.into_iter().filter(|kept| kept.object == object);
        self.remove_all(key, kept.filter(|kept| !kept.stays(which))).await
    }

    /// Removes all versions below a folder but those of now; how many.
    pub(crate) async fn remove_history(&self, folder: &str) -> Result<usize, LakeError> {
        let kept = self.versions(folder).await?.into_iter();
        self.remove_all(folder, kept.filter(|kept| kept.is_mark || !kept.is_latest)).await
    }

    async fn remove_all(&self, key: &str, kept: impl Iterator<Item = Kept>) -> Result<usize, LakeError> {
        let mut removed = 0;
        for kept in kept {
            let request = self.client.delete_object().bucket(&self.place.bucket).key(&kept.object);
            let deleted = request.version_id(&kept.version_id).send().await;
            deleted.map_err(|error| self.remote("DeleteObject", key, &error))?;
            removed += usize::from(!kept.is_mark);
        }
        Ok(removed)
    }

    async fn versions(&self, prefix: &str) -> Result<Vec<Kept>, LakeError> {
        let mut found = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let request = self.client.list_object_versions().bucket(&self.place.bucket);
            let request = request.prefix(self.place.object(prefix));
            let request = request.set_key_marker(key_marker).set_version_id_marker(version_marker);
            let page = request.send().await.map_err(|error| self.remote("ListObjectVersions", prefix, &error))?;
            for version in page.versions() {
                found.push(Kept::of(version.key(), version.version_id(), version.is_latest(), false));
            }
            for mark in page.delete_markers() {
                found.push(Kept::of(mark.key(), mark.version_id(), mark.is_latest(), true));
            }
            if !page.is_truncated().unwrap_or_default() {
                return Ok(found);
            }
            key_marker = page.next_key_marker().map(str::to_owned);
            version_marker = page.next_version_id_marker().map(str::to_owned);
        }
    }
}

impl Kept {
    fn of(object: Option<&str>, version_id: Option<&str>, is_latest: Option<bool>, is_mark: bool) -> Self {
        // What was written before the bucket kept versions has this one.
        let version_id = version_id.unwrap_or("null").to_owned();
        let object = object.unwrap_or_default().to_owned();
        Self { object, version_id, is_latest: is_latest.unwrap_or_default(), is_mark }
    }

    fn stays(&self, which: Versions) -> bool {
        which == Versions::Older && self.is_latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_now_stays_where_only_older_ones_go() {
        let now = Kept::of(Some("a"), Some("2"), Some(true), false);
        let (before, mark) =
            (Kept::of(Some("a"), None, Some(false), false), Kept::of(Some("a"), Some("1"), None, true));
        assert!(now.stays(Versions::Older) && !now.stays(Versions::All));
        assert!(!before.stays(Versions::Older) && !mark.stays(Versions::Older));
        assert_eq!(before.version_id, "null");
    }
}
