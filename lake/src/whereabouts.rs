//! Where the content of an object lies. Links may lead out of a lake's folder, and what is there is somebody else's.

use std::io;
use std::path::PathBuf;

use crate::folder::{FolderLake, blocking};
use crate::{Key, LakeError};

/// Where the content of an object lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// In the lake.
    Inside,
    /// The object is a link to this file outside. Who writes the object puts a file in the place of the link, and leaves
    /// the other one as it is.
    LinkedFile(PathBuf),
    /// A link in the lake leads to this folder outside, which the object is in. Who writes the object changes that.
    LinkedFolder(PathBuf),
}

impl FolderLake {
    pub(crate) async fn whereabouts(&self, key: &Key) -> Result<Whereabouts, LakeError> {
        let (lake, key) = (self.clone(), key.clone());
        blocking(move || match lake.whereabouts_now(&key) {
            // Nothing is there any more.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Whereabouts::Inside),
            found => found.map_err(|error| lake.io("find", key.as_str(), error)),
        })
        .await
    }

    fn whereabouts_now(&self, key: &Key) -> io::Result<Whereabouts> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(self.root()).canonicalize()?;
        if !folder.starts_with(self.root()) {
            return Ok(Whereabouts::LinkedFolder(folder));
        }
        let file = path.canonicalize()?;
        Ok(if file.starts_with(self.root()) { Whereabouts::Inside } else { Whereabouts::LinkedFile(file) })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::Lake;

    #[tokio::test]
    async fn a_link_leads_out_of_the_lake_or_to_another_place_of_it() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let outside = elsewhere.path().canonicalize().unwrap();
        for path in [outside.join("a.csv"), root.path().join("b.csv")] {
            fs::write(path, "x").unwrap();
        }
        fs::create_dir_all(root.path().join("raw/folder")).unwrap();
        fs::write(root.path().join("raw/folder/c.csv"), "x").unwrap();
        symlink(outside.join("a.csv"), root.path().join("raw/a.csv")).unwrap();
        symlink(&outside, root.path().join("raw/linked")).unwrap();
        symlink("../b.csv", root.path().join("raw/b.csv")).unwrap();
        symlink("folder", root.path().join("raw/again")).unwrap();
        for (key, expected) in [
            ("b.csv", Whereabouts::Inside),
            ("raw/b.csv", Whereabouts::Inside),
            ("raw/folder/c.csv", Whereabouts::Inside),
            ("raw/again/c.csv", Whereabouts::Inside),
            ("raw/nothing.csv", Whereabouts::Inside),
            ("nowhere/nothing.csv", Whereabouts::Inside),
            ("raw/a.csv", Whereabouts::LinkedFile(outside.join("a.csv"))),
            ("raw/linked/a.csv", Whereabouts::LinkedFolder(outside.clone())),
        ] {
            assert_eq!(lake.whereabouts(key).await.unwrap(), expected, "{key}");
        }
    }
}
