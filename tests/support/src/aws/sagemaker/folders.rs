//! The folders of the container contract, below a base folder instead of `/opt/ml`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::definition::{Channel, Definition};

/// The reasons of AWS are longer texts cut here.
const FAILURE_CHARACTERS: usize = 1024;

/// The folders of one start of a job.
pub struct Folders {
    base: PathBuf,
}

impl Folders {
    /// New and empty, as on a new machine, with the three configuration files.
    pub fn fresh(base: &Path, definition: &Definition, channels: &[Channel]) -> Self {
        // An earlier start may have left some.
        let _ = std::fs::remove_dir_all(base);
        let folders = Self { base: base.to_owned() };
        for path in ["input/config", "input/data", "model", "output", "checkpoints"] {
            std::fs::create_dir_all(base.join(path)).expect("a job's folder can be made");
        }
        let channels: Map<_, _> = channels.iter().map(|it| (it.name.clone(), it.entry.clone())).collect();
        folders.configure("hyperparameters.json", &definition.hyperparameters());
        folders.configure("inputdataconfig.json", &Value::Object(channels));
        folders.configure("resourceconfig.json", &definition.resources());
        folders
    }

    /// The base, in a container `/opt/ml`.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The files of a channel.
    pub fn channel(&self, name: &str) -> PathBuf {
        self.base.join("input/data").join(name)
    }

    /// What becomes model.tar.gz.
    pub fn model(&self) -> PathBuf {
        self.base.join("model")
    }

    /// What outlives an interruption.
    pub fn checkpoints(&self) -> PathBuf {
        self.base.join("checkpoints")
    }

    /// Why the job failed, in its own words.
    pub fn failure(&self) -> String {
        let text = std::fs::read(self.base.join("output/failure")).unwrap_or_default();
        String::from_utf8_lossy(&text).chars().take(FAILURE_CHARACTERS).collect()
    }

    fn configure(&self, file: &str, value: &Value) {
        let path = self.base.join("input/config").join(file);
        std::fs::write(path, value.to_string()).expect("a job's configuration can be written");
    }
}

/// All files below a folder, with their paths from there; symbolic links are not followed.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(&next).expect("a job's folder can be listed").flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push(path);
                continue;
            }
            let relative = path.strip_prefix(folder).expect("it was found there");
            found.push(relative.to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}
