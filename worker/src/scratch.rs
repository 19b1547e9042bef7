//! The folder for temporary files: it goes away with its process, or at the next start when that was killed.

use std::path::Path;

use anyhow::Context;
use lake::{Leftover, OwnFolder, OwnFolders, Parent};
use tracing::{debug, info, warn};

/// What the folders of this program are called.
const PREFIX: &str = "spanishgas-";

/// A folder for temporary files that goes away with the process.
#[derive(Debug)]
pub struct Scratch(OwnFolder);

impl Scratch {
    /// Makes it, in the system's place or in another, and removes what dead processes left there.
    pub fn new(parent: Option<&Path>) -> anyhow::Result<Self> {
        let place = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let folders = OwnFolders { place: &place, parent: Parent::Everybodys, prefix: PREFIX };
        match folders.remove_leftovers() {
            Ok(leftovers) => leftovers.iter().for_each(tell),
            Err(error) => debug!(place = %place.display(), %error, "nobody knows what dead processes left"),
        }
        let folder = folders.make().with_context(|| {
            format!("could not make a folder for temporary files in {}; give --scratch", place.display())
        })?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

fn tell(leftover: &Leftover) {
    let folder = leftover.folder.display();
    match &leftover.removed {
        Ok(()) => info!(%folder, "removed what a dead process left"),
        Err(error) => warn!(%folder, %error, "what a dead process left cannot be removed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_once_have_a_folder_each_which_goes_with_its_owner() {
        let parent = tempfile::tempdir().unwrap();
        let count = || std::fs::read_dir(parent.path()).unwrap().count();
        let first = Scratch::new(Some(parent.path())).unwrap();
        std::fs::write(first.path().join("file"), "at work").unwrap();
        let second = Scratch::new(Some(parent.path())).unwrap();
        assert!(first.path().join("file").is_file());
        assert_eq!(count(), 2);
        drop((first, second));
        assert_eq!(count(), 0);
    }
}
