//! Turns `messages/<language>/<page>.toml` into `words::Word`; the build fails where the languages differ.

#[path = "src/words/messages.rs"]
mod messages;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use messages::Messages;

/// Every language has a folder of this name.
const LANGUAGES: [&str; 2] = ["en", "es"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=messages");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/words/messages.rs");
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=templates");
    match write_words() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn write_words() -> Result<(), String> {
    let mut problems = Vec::new();
    let [en, es] = LANGUAGES.map(|language| read_language(language, &mut problems));
    let (en, es) = (en?, es?);
    problems.extend(messages::differences(&en, &es));
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let path = folder("OUT_DIR")?.join("words.rs");
    let unwritable = |source: std::io::Error| format!("could not write {}: {source}", path.display());
    std::fs::write(&path, messages::code(&en, &es)).map_err(unwritable)
}

fn read_language(language: &str, problems: &mut Vec<String>) -> Result<Messages, String> {
    let mut read = Messages::new();
    for path in files(&folder("CARGO_MANIFEST_DIR")?.join("messages").join(language))? {
        let unreadable = |source: std::io::Error| format!("could not read {}: {source}", path.display());
        let content = std::fs::read_to_string(&path).map_err(unreadable)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        messages::read(&format!("messages/{language}/{name}"), &content, &mut read, problems);
    }
    Ok(read)
}

/// The files of texts in a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |source: std::io::Error| format!("could not list {}: {source}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(unreadable)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    Ok(paths)
}

#[expect(clippy::disallowed_methods, reason = "a build is told its folders by the environment")]
fn folder(variable: &str) -> Result<PathBuf, String> {
    std::env::var_os(variable).map(PathBuf::from).ok_or_else(|| format!("{variable} is not set; build with cargo"))
}
