//! The name of an object. Nothing else becomes a path: a key that was checked once cannot lead out of
//! the lake, nor out of the folder that a copy is written to.

use std::path::{Path, PathBuf};

/// S3 takes no longer key, and no file system a longer path below a folder of ordinary depth.
const MOST_BYTES: usize = 1024;
/// The longest name of a file or folder.
const MOST_BYTES_OF_A_NAME: usize = 255;

/// A key of the lake: names joined by `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// A text that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no key of a lake: {problem}", .text.escape_debug())]
pub struct UnsafeKey {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Key {
    /// Checks an object's key.
    pub fn parse(text: &str) -> Result<Self, UnsafeKey> {
        match problem(text) {
            Some(problem) => Err(UnsafeKey { text: text.to_owned(), problem }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Checks a folder's key, which may end in `/`.
    pub fn of_folder(text: &str) -> Result<Self, UnsafeKey> {
        Self::parse(text.strip_suffix('/').unwrap_or(text)).map_err(|e| UnsafeKey { text: text.to_owned(), ..e })
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The path of the key below a folder.
    pub fn below(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn problem(text: &str) -> Option<&'static str> {
    if text.len() > MOST_BYTES {
        return Some("it is longer than 1024 bytes");
    }
    if text.starts_with('/') {
        return Some("it is an absolute path");
    }
    if text.contains('\\') {
        return Some("it holds a backslash");
    }
    if text.contains(char::is_control) {
        return Some("it holds a control character");
    }
    text.split('/').find_map(problem_of_name)
}

fn problem_of_name(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("a name in it is empty"),
        "." | ".." => Some("it holds `.` or `..`, which lead elsewhere"),
        _ if name.len() > MOST_BYTES_OF_A_NAME => Some("a name in it is longer than 255 bytes"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_joined_by_slashes_are_a_key() {
        for good in ["raw", "raw/churn_label.csv", "raw/año 2024/..hidden", "models/champion.json", &"x".repeat(255)] {
            assert_eq!(Key::parse(good).unwrap().below(Path::new("/lake")), Path::new("/lake").join(good));
        }
        assert_eq!(Key::of_folder("raw/").unwrap(), Key::parse("raw").unwrap());
        assert_eq!(Key::parse("a/b/c.csv").unwrap().file_name(), "c.csv");
    }

    #[test]
    fn nothing_that_leads_elsewhere_is_a_key() {
        let (long, long_name) = (["x"; 600].join("/"), "x".repeat(256));
        let bad = [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../x",
            "raw/../../x",
            "raw/..",
            ".",
            "./raw",
            "raw/./x",
            "raw//x",
            "raw/x/",
            "raw\\..\\x",
            "raw/\0",
            "raw/a\nb",
            &long,
            &long_name,
        ];
        for text in bad {
            let refused = Key::parse(text).unwrap_err();
            assert_eq!(refused.text, text);
        }
        for text in ["", "/", "//", "raw//", "../", "/raw/"] {
            assert!(Key::of_folder(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refusal_shows_what_cannot_be_seen() {
        assert_eq!(
            Key::parse("raw/a\0b").unwrap_err().to_string(),
            r"`raw/a\0b` is no key of a lake: it holds a control character"
        );
    }
}
