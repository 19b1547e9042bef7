//! Files are written beside their place and moved there together when all are complete.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::mark::{MARK, Mark, digest_of};
use super::settings::GenerateSettings;
use crate::error::{Error, Result};

/// A hidden folder inside the output folder; dropping it without [`Staging::publish`] removes it.
#[derive(Debug)]
pub struct Staging {
    out: PathBuf,
    folder: PathBuf,
}

impl Staging {
    /// Makes `out` if needed, and an empty staging folder in it.
    pub fn open(out: &Path) -> Result<Self> {
        let folder = out.join(".incomplete");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::file("clear", &folder))?;
        }
        fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
        Ok(Self { out: out.to_owned(), folder })
    }

    /// Where the file `name` is written until it is published.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a text file with `fill`, and returns what `fill` returns.
    pub fn write(&self, name: &str, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<u64>) -> Result<u64> {
        let path = self.path(name);
        let file = File::create(&path).map_err(Error::file("create", &path))?;
        let mut buffered = BufWriter::new(file);
        let rows = fill(&mut buffered).map_err(Error::file("write", &path))?;
        buffered.flush().map_err(Error::file("write", &path))?;
        Ok(rows)
    }

    /// Moves every file to its place, replacing what an earlier run left there, of which `present` are the
    /// digests; what it left and this one does not make goes. The mark knows both for as long as either may be there.
    pub fn publish(self, settings: &GenerateSettings, present: BTreeMap<String, String>) -> Result<()> {
        let mut staged = Vec::new();
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.folder).map_err(Error::file("read", &self.folder))? {
            let path = entry.map_err(Error::file("read", &self.folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name.clone(), digest_of(&path)?);
            staged.push((path, self.out.join(name)));
        }
        let mut mark = Mark { customers: settings.customers, seed: settings.seed, files, replaced: present };
        self.set(&mark)?;
        for (path, place) in staged {
            fs::rename(path, &place).map_err(Error::file("move into place", &place))?;
        }
        for name in mark.replaced.keys().filter(|name| !mark.files.contains_key(*name)) {
            let place = self.out.join(name);
            fs::remove_file(&place).map_err(Error::file("remove", &place))?;
        }
        mark.replaced.clear();
        self.set(&mark)
    }

    fn set(&self, mark: &Mark) -> Result<()> {
        let (path, place) = (self.path(MARK), self.out.join(MARK));
        fs::write(&path, mark.to_json()).map_err(Error::file("write", &path))?;
        fs::rename(&path, &place).map_err(Error::file("move into place", &place))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing to do about a failure here: the next run clears the folder or says why it cannot.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
