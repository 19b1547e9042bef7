//! A lake of one test: the raw files are there, nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::home::{folder, home};
use super::{spanishgas, text};

/// How many customers the small data has; its holdout has 12 churners.
pub const CUSTOMERS: u64 = 400;
/// The seed that gives them.
pub const SEED: &str = "1";

/// The generated raw files, made once.
pub fn raw_files() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let out = home().join("raw");
        let out_text = out.to_str().expect("a UTF-8 path");
        let made = spanishgas(
            None,
            &["generate-data", "--customers", &CUSTOMERS.to_string(), "--seed", SEED, "--out", out_text],
        );
        assert_eq!(made.code, Some(0), "{made:#?}");
        // From here on they are somebody's files.
        std::fs::remove_file(out.join("_generated.json")).expect("the generator leaves its mark");
        out
    })
}

/// The lake's folder.
pub struct TestLake {
    folder: TempDir,
}

impl TestLake {
    /// A lake with the small data in `raw/`.
    #[expect(clippy::new_without_default, reason = "it makes files")]
    pub fn new() -> Self {
        let lake = Self { folder: folder("lake") };
        lake.add_raw("raw");
        lake
    }

    /// The raw files once more, under another prefix. They are links: replace, never change them.
    pub fn add_raw(&self, prefix: &str) {
        let raw = self.at(prefix);
        std::fs::create_dir_all(&raw).expect("a folder for raw files");
        for entry in std::fs::read_dir(raw_files()).expect("the raw files can be listed") {
            let file = entry.expect("a raw file");
            std::fs::hard_link(file.path(), raw.join(file.file_name())).expect("a raw file can be linked");
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file of a key.
    pub fn at(&self, key: &str) -> PathBuf {
        self.folder.path().join(key)
    }

    /// Whether an object is there.
    pub fn has(&self, key: &str) -> bool {
        self.at(key).is_file()
    }

    /// An object's bytes, if it is there.
    pub fn find(&self, key: &str) -> Option<Vec<u8>> {
        self.has(key).then(|| std::fs::read(self.at(key)).expect("an object can be read"))
    }

    /// A JSON object.
    pub fn json(&self, key: &str) -> Value {
        let bytes = self.find(key).unwrap_or_else(|| panic!("{key} is not in the lake"));
        serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{key}: {error}"))
    }

    /// All that people were told, as it is stored.
    pub fn alerts(&self) -> Vec<Value> {
        self.keys(&["monitoring/alerts"]).iter().map(|key| self.json(key)).collect()
    }

    /// What they were told of a kind.
    pub fn alerts_of(&self, kind: &str) -> Vec<Value> {
        self.alerts().into_iter().filter(|alert| alert["kind"] == kind).collect()
    }

    /// Every pointer leads to what is there.
    pub fn require_published(&self) {
        for pointer in ["published.json", "scored/latest.json", "monitoring/latest.json"] {
            for output in self.json(pointer)["outputs"].as_object().expect("outputs").values() {
                assert!(self.has(text(&output["key"])), "{pointer} names {output}");
            }
        }
    }

    /// The keys of all objects that the pipeline wrote in these folders.
    pub fn keys(&self, folders: &[&str]) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for name in folders {
            collect(self.path(), &self.at(name), &mut keys);
        }
        keys
    }
}

fn collect(root: &Path, folder: &Path, keys: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, keys);
        } else {
            let key = path.strip_prefix(root).expect("a path in the lake");
            keys.insert(key.to_str().expect("a UTF-8 key").to_owned());
        }
    }
}
