//! Which objects are in a folder of the lake. Links are followed: raw files are often linked in. A link
//! that leads nowhere, or round in a circle, is passed over and told of.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::folder::{FolderLake, blocking};
use crate::{Key, LakeError, ObjectMeta, UnsafeKey};

/// The objects below a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The objects, sorted by key.
    pub objects: Vec<ObjectMeta>,
    /// The keys of what is there and is no object: links that lead nowhere, circles, pipes.
    pub passed_over: Vec<String>,
}

#[cfg(feature = "s3")]
impl Listing {
    /// A bucket has no folders: an object may have the name of one, which a copy of it has not.
    pub(crate) fn of_bucket(listed: Vec<ObjectMeta>) -> Result<Self, LakeError> {
        let mut folders = std::collections::BTreeSet::new();
        for object in &listed {
            let key = Key::parse(&object.key)?;
            folders.extend(key.as_str().match_indices('/').map(|(end, _)| object.key[..end].to_owned()));
        }
        let (named_like_folders, objects): (Vec<_>, Vec<_>) =
            listed.into_iter().partition(|object| folders.contains(&object.key));
        let passed_over = named_like_folders.into_iter().map(|object| object.key).collect();
        Ok(Self { objects, passed_over })
    }
}

/// The folders above an entry, by device and inode: one that comes again is a circle.
type Above<'a> = &'a mut Vec<(u64, u64)>;

impl FolderLake {
    pub(crate) async fn list(&self, folder: Option<&Key>) -> Result<Listing, LakeError> {
        let (lake, folder) = (self.clone(), folder.cloned());
        blocking(move || {
            let mut found = Listing::default();
            let path = folder.as_ref().map_or_else(|| lake.root().to_owned(), |folder| lake.path(folder));
            lake.walk(folder.as_ref(), &path, &mut Vec::new(), &mut found)?;
            found.objects.sort_by(|a, b| a.key.cmp(&b.key));
            found.passed_over.sort();
            Ok(found)
        })
        .await
    }

    fn walk(&self, folder: Option<&Key>, path: &Path, above: Above<'_>, found: &mut Listing) -> Result<(), LakeError> {
        let shown = folder.map_or("", Key::as_str);
        let io = |error| self.io("list", shown, error);
        let entries = match fs::read_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(io)?,
        };
        let this = fs::metadata(path).map_err(io)?;
        above.push((this.dev(), this.ino()));
        for entry in entries {
            let entry = entry.map_err(io)?;
            let key = key_in(folder, &entry.file_name())?;
            if folder.is_none() && key.as_str() == super::folder::INTERNAL {
                continue;
            }
            self.visit(&key, &entry.path(), above, found)?;
        }
        above.pop();
        Ok(())
    }

    fn visit(&self, key: &Key, path: &Path, above: Above<'_>, found: &mut Listing) -> Result<(), LakeError> {
        match fs::metadata(path) {
            Ok(meta) if meta.is_file() => {
                let modified = meta.modified().ok().map(DateTime::<Utc>::from);
                // Not the time of change: a link to the file from elsewhere changes that too.
                let stamp = format!("{} {}.{:09}", meta.ino(), meta.mtime(), meta.mtime_nsec());
                found.objects.push(ObjectMeta { key: key.to_string(), bytes: meta.len(), modified, stamp });
            }
            Ok(meta) if meta.is_dir() && !above.contains(&(meta.dev(), meta.ino())) => {
                self.walk(Some(key), path, above, found)?;
            }
            Ok(_) => found.passed_over.push(key.to_string()),
            // A link, or a file that was taken away since its folder was read.
            Err(error) if leads_nowhere(&error) => found.passed_over.push(key.to_string()),
            Err(error) => return Err(self.io("list", key.as_str(), error)),
        }
        Ok(())
    }
}

fn key_in(folder: Option<&Key>, name: &std::ffi::OsStr) -> Result<Key, LakeError> {
    let join = |name: &str| folder.map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}"));
    let Some(text) = name.to_str() else {
        let problem = "its name is not UTF-8";
        return Err(UnsafeKey { text: join(&name.to_string_lossy()), problem }.into());
    };
    Ok(Key::parse(&join(text))?)
}

fn leads_nowhere(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || crate::os_error::is_circle(error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn listing(root: &Path) -> Result<Listing, LakeError> {
        let lake = FolderLake::open(root).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(lake.list(Some(&Key::parse("raw").unwrap())))
    }

    fn keys(listing: &Listing) -> Vec<&str> {
        listing.objects.iter().map(|object| object.key.as_str()).collect()
    }

    #[test]
    fn links_that_lead_nowhere_or_in_a_circle_are_passed_over_and_told_of() {
        let root = tempfile::tempdir().unwrap();
        let raw = root.path().join("raw");
        fs::create_dir_all(raw.join("consumption")).unwrap();
        for file in ["file.csv", "consumption/a.parquet"] {
            fs::write(raw.join(file), "x").unwrap();
        }
        symlink("/nowhere/at/all", raw.join("dangling.csv")).unwrap();
        symlink("itself.csv", raw.join("itself.csv")).unwrap();
        symlink(&raw, raw.join("consumption/up")).unwrap();
        symlink(raw.join("consumption"), raw.join("again")).unwrap();
        let found = listing(root.path()).unwrap();
        assert_eq!(keys(&found), ["raw/again/a.parquet", "raw/consumption/a.parquet", "raw/file.csv"]);
        let circles = ["raw/again/up", "raw/consumption/up", "raw/dangling.csv", "raw/itself.csv"];
        assert_eq!(found.passed_over, circles);
    }

    #[test]
    fn a_name_that_is_no_key_is_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("raw")).unwrap();
        fs::write(root.path().join("raw").join(r"..\price.csv"), "x").unwrap();
        let refused = listing(root.path()).unwrap_err();
        assert!(matches!(refused, LakeError::UnsafeKey(_)) && refused.to_string().contains(r"price.csv"), "{refused}");
    }

    #[cfg(feature = "s3")]
    #[test]
    fn an_object_with_the_name_of_a_folder_is_passed_over_and_one_that_leads_elsewhere_refused() {
        let listed = |keys: &[&str]| {
            let object =
                |key: &&str| ObjectMeta { key: (*key).to_owned(), bytes: 0, modified: None, stamp: String::new() };
            Listing::of_bucket(keys.iter().map(object).collect())
        };
        let found = listed(&["raw/a", "raw/a.csv", "raw/a/b.csv"]).unwrap();
        assert_eq!(keys(&found), ["raw/a.csv", "raw/a/b.csv"]);
        assert_eq!(found.passed_over, ["raw/a"]);
        for key in ["raw/../../x", "raw//x", "/x"] {
            let refused = listed(&["raw/a", key]).unwrap_err();
            assert!(matches!(&refused, LakeError::UnsafeKey(_)) && refused.to_string().contains(key), "{refused}");
        }
    }

    #[test]
    fn what_is_not_there_is_empty_and_a_file_in_the_place_of_a_folder_is_told() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(listing(root.path()).unwrap(), Listing::default());
        fs::write(root.path().join("raw"), "x").unwrap();
        let refused = listing(root.path()).unwrap_err();
        assert!(matches!(refused, LakeError::Unusable { .. }), "{refused}");
    }
}
