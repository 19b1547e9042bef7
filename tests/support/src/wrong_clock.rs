//! A clock of the day that goes wrong in one process, as when a machine's clock is set. The server's clock stays: it is a
//! static program, which nothing can be preloaded into.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::home::{folder, home};

/// The clock of a process that is started with its variables.
pub struct WrongClock {
    library: &'static Path,
    place: TempDir,
}

impl WrongClock {
    /// A clock that is right until it is set; or why this machine has none.
    pub fn new() -> Result<Self, String> {
        let library = library().as_deref().map_err(Clone::clone)?;
        Ok(Self { library, place: folder("clock") })
    }

    /// The variables of the process.
    pub fn variables(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
        let variables = [("LD_PRELOAD", text(self.library)), ("WRONG_CLOCK", text(&self.seconds()))];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// From now on it is wrong by so many seconds.
    pub fn set(&self, by: i64) {
        std::fs::write(self.seconds(), by.to_string()).expect("the clock can be set");
    }

    fn seconds(&self) -> PathBuf {
        self.place.path().join("seconds")
    }
}

/// What is preloaded, compiled once.
fn library() -> &'static Result<PathBuf, String> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    MADE.get_or_init(|| {
        let library = home().join("wrong_clock.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wrong_clock.c");
        let compiled =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").output();
        match compiled {
            Ok(compiled) if compiled.status.success() => Ok(library),
            Ok(compiled) => panic!("the clock does not compile: {}", String::from_utf8_lossy(&compiled.stderr)),
            Err(error) => Err(format!("a wrong clock needs a C compiler: cc: {error}")),
        }
    })
}
