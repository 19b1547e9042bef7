//! What the generator leaves beside its files: their digests, by which it knows them again. So it never
//! replaces a file that somebody else put there, or that was changed since.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::raw::RawTable;

/// The mark's name. A name that begins with `_` is no raw file.
pub const MARK: &str = "_generated.json";

/// What to do with raw files that the generator did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Refuse to write beside them.
    Keep,
    /// Replace those that have the name of a generated file.
    Replace,
}

/// The files that the generator made in a folder, with their SHA-256.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// How many customers were asked for.
    #[serde(default)]
    pub customers: u32,
    /// The seed.
    #[serde(default)]
    pub seed: u64,
    /// What is there when all are in place.
    pub files: BTreeMap<String, String>,
    /// What may be there until then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replaced: BTreeMap<String, String>,
}

impl Mark {
    /// The mark of a folder; one without is a folder of somebody else.
    pub fn of(folder: &Path) -> Result<Self> {
        let path = folder.join(MARK);
        match fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::file("read", &path)(error)),
        }
    }

    /// The digests of the raw files in a folder, which must all be ours, and be as we left them.
    pub fn require_own(&self, folder: &Path) -> Result<BTreeMap<String, String>> {
        let mut own = BTreeMap::new();
        let mut foreign = Vec::new();
        for name in raw_files(folder)? {
            match self.recognise(folder, &name)? {
                Some(digest) => drop(own.insert(name, digest)),
                None => foreign.push(name),
            }
        }
        if foreign.is_empty() {
            return Ok(own);
        }
        let whose =
            format!("{} holds raw files that the generator did not make, or that were changed since", folder.display());
        let advice = "give another folder, move them away, or say --overwrite to lose them";
        Err(Error::settings("generated data", format!("{whose}: {}; {advice}", foreign.join(", "))))
    }

    fn recognise(&self, folder: &Path, name: &str) -> Result<Option<String>> {
        let known: Vec<_> = [&self.files, &self.replaced].into_iter().filter_map(|files| files.get(name)).collect();
        // A file of another name need not be read.
        if known.is_empty() {
            return Ok(None);
        }
        let digest = digest_of(&folder.join(name))?;
        Ok(known.contains(&&digest).then_some(digest))
    }

    /// The mark as it is written.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a struct of texts always serialises");
        bytes.push(b'\n');
        bytes
    }
}

/// The raw files of a folder, and of its folder `consumption`, by name.
fn raw_files(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (below, prefix) in [(folder.to_owned(), ""), (folder.join("consumption"), "consumption/")] {
        let entries = match fs::read_dir(&below) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(Error::file("list", &below))?,
        };
        for entry in entries {
            let name = entry.map_err(Error::file("list", &below))?.file_name().to_string_lossy().into_owned();
            let hidden = name.starts_with(['.', '_']);
            if !hidden && (!prefix.is_empty() || is_raw_file(&name)) {
                found.push(format!("{prefix}{name}"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_raw_file(name: &str) -> bool {
    name.starts_with("consumption_hourly") || RawTable::files().any(|table| table.file_name() == name)
}

/// The SHA-256 of a file, in hexadecimal.
pub fn digest_of(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::file("open", path))?;
    let mut sha = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(Error::file("read", path))?;
        if read == 0 {
            break;
        }
        sha.update(&buffer[..read]);
    }
    Ok(sha.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}
