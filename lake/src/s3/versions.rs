//! The versions that a bucket keeps of an object: listed, and removed for good, which takes rights of their own
//! (role `eraser`).

use super::S3Lake;
use crate::{LakeError, Versions};

/// A version of an object, or the mark that it was deleted.
struct Kept {
    version_id: String,
    is_latest: bool,
    is_mark: bool,
}

impl S3Lake {
    /// Removes versions; how many. In a bucket without versions the object itself is the only one.
    pub(crate) async fn remove_versions(&self, key: &str, which: Versions) -> Result<usize, LakeError> {
        let mut removed = 0;
        for kept in self.versions(key).await? {
            if kept.stays(which) {
                continue;
            }
            let request = self.client.delete_object().bucket(&self.place.bucket).key(self.place.object(key));
            let deleted = request.version_id(&kept.version_id).send().await;
            deleted.map_err(|error| self.remote("DeleteObject", key, &error))?;
            removed += usize::from(!kept.is_mark);
        }
        Ok(removed)
    }

    async fn versions(&self, key: &str) -> Result<Vec<Kept>, LakeError> {
        let object = self.place.object(key);
        let mut found = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let request = self.client.list_object_versions().bucket(&self.place.bucket).prefix(&object);
            let request = request.set_key_marker(key_marker).set_version_id_marker(version_marker);
            let page = request.send().await.map_err(|error| self.remote("ListObjectVersions", key, &error))?;
            // Longer keys that begin alike are listed too.
            for version in page.versions().iter().filter(|version| version.key() == Some(object.as_str())) {
                found.push(Kept::of(version.version_id(), version.is_latest(), false));
            }
            for mark in page.delete_markers().iter().filter(|mark| mark.key() == Some(object.as_str())) {
                found.push(Kept::of(mark.version_id(), mark.is_latest(), true));
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
    fn of(version_id: Option<&str>, is_latest: Option<bool>, is_mark: bool) -> Self {
        // What was written before the bucket kept versions has this one.
        let version_id = version_id.unwrap_or("null").to_owned();
        Self { version_id, is_latest: is_latest.unwrap_or_default(), is_mark }
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
        let now = Kept::of(Some("2"), Some(true), false);
        let (before, mark) = (Kept::of(None, Some(false), false), Kept::of(Some("1"), None, true));
        assert!(now.stays(Versions::Older) && !now.stays(Versions::All));
        assert!(!before.stays(Versions::Older) && !mark.stays(Versions::Older));
        assert_eq!(before.version_id, "null");
    }
}
