//! The customers that a person wants erased, by their IDs: checked once, looked for in any file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::words::{GZIP, LONGEST, PARQUET, Words, packed_form};
use super::{Erased, parquet};
use crate::{Error, Result, Watch};

/// What stands in the place of an ID in a document that stays.
const INSTEAD: &str = "erased";
/// The same in a key that is shown: nobody takes it for the key of an object.
const INSTEAD_IN_A_KEY: &str = "<erased>";

/// IDs of customers, as the contracts know them: C and digits. It shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerNames(BTreeSet<String>);

/// A line that is no ID. It does not say what stands there: it may be one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} is no customer ID (C and digits, one a line)")]
pub struct NotAName {
    /// Which one, from 1; empty ones are not counted.
    pub number: usize,
}

impl CustomerNames {
    /// Takes IDs as they are written; what is empty is passed over.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotAName> {
        let mut names = BTreeSet::new();
        let texts = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
        for (place, text) in texts.enumerate() {
            let digits = text.strip_prefix('C').unwrap_or_default();
            let is_one =
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= LONGEST;
            if !is_one {
                return Err(NotAName { number: place + 1 });
            }
            names.insert(text.to_owned());
        }
        Ok(Self(names))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The IDs, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The rule that leaves out exactly these; blanks around an ID are padding.
    pub fn rule(&self) -> Erased {
        let names = Arc::new(self.0.clone());
        Arc::new(move |customer: &str| names.contains(customer.trim()))
    }

    /// Whether a text names one of them, as a word of its own.
    pub fn are_in(&self, text: &str) -> bool {
        text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| self.is_one(word))
    }

    /// The text with another word in the place of each.
    pub fn taken_out_of(&self, text: &str) -> String {
        self.replaced(text, INSTEAD)
    }

    /// The same of an object's key, or of words with keys: what is left is plainly no key of an object.
    pub fn taken_out_of_key(&self, key: &str) -> String {
        self.replaced(key, INSTEAD_IN_A_KEY)
    }

    fn replaced(&self, text: &str, instead: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(word);
            result.push_str(if self.is_one(word) { instead } else { word });
            let between = after.find(|letter: char| letter.is_ascii_alphanumeric()).unwrap_or(after.len());
            let (between, after) = after.split_at(between);
            result.push_str(between);
            rest = after;
        }
        result
    }

    /// Whether a file names one of them; Parquet and gzip are read through. What hides its words otherwise is an error of
    /// the data: it may name anybody.
    pub fn are_in_file(&self, path: &Path, name: &str, watch: &dyn Watch) -> Result<bool> {
        let file = File::open(path).map_err(Error::file("open", path))?;
        let mut plain = BufReader::with_capacity(1 << 20, file);
        let start = plain.fill_buf().map_err(Error::file("read", path))?;
        if name.to_ascii_lowercase().ends_with(".parquet") || start.starts_with(PARQUET) {
            return parquet::any_text(path, name, &|text| self.are_in(text), watch);
        }
        if start.starts_with(GZIP) {
            let unpacked = BufReader::with_capacity(1 << 16, MultiGzDecoder::new(plain));
            return self.are_in_bytes(unpacked, path, name, watch);
        }
        self.are_in_bytes(plain, path, name, watch)
    }

    fn are_in_bytes(&self, mut reader: impl BufRead, path: &Path, name: &str, watch: &dyn Watch) -> Result<bool> {
        let unreadable = |error: std::io::Error| match error.kind() {
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput => {
                Error::data(name, None, None, "the compressed file is damaged or ends early")
            }
            _ => Error::file("read", path)(error),
        };
        let start = reader.fill_buf().map_err(unreadable)?;
        let is_packed_again = [GZIP, PARQUET].iter().any(|magic| start.starts_with(magic));
        if let Some(form) = packed_form(start).or(is_packed_again.then_some("compressed twice")) {
            return Err(Error::data(name, None, None, format!("is {form}, which is not looked into")));
        }
        let mut buffer = vec![0; 1 << 16];
        let (mut words, mut done) = (Words::new(self), 0);
        loop {
            let read = Read::read(&mut reader, &mut buffer).map_err(unreadable)?;
            if read == 0 {
                return Ok(words.finish());
            }
            if words.push(&buffer[..read]) {
                return Ok(true);
            }
            done += read as u64;
            watch.report(done, None)?;
        }
    }

    pub(super) fn is_one(&self, word: &str) -> bool {
        word.starts_with('C') && self.0.contains(word)
    }
}

impl std::fmt::Debug for CustomerNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} customers", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unwatched;

    fn names() -> CustomerNames {
        CustomerNames::parse(["C1", " C22 ", "", "C1"]).unwrap()
    }

    #[test]
    fn what_is_no_id_is_refused_without_showing_it() {
        assert_eq!(names().len(), 2);
        for bad in ["c1", "C", "C1x", "ana@example.org"] {
            let refused = CustomerNames::parse(["C1", "", bad]).unwrap_err();
            assert_eq!(refused.to_string(), "entry 2 is no customer ID (C and digits, one a line)");
        }
        assert_eq!(format!("{:?}", names()), "2 customers");
    }

    #[test]
    fn an_id_is_found_as_a_word_and_not_in_a_longer_one() {
        for (text, is_there) in [("C1", true), ("x,C22\n", true), ("C221 xC1 c1 1C1", false), ("[\"C1\"]", true)] {
            assert_eq!(names().are_in(text), is_there, "{text}");
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x");
            std::fs::write(&path, text).unwrap();
            assert_eq!(names().are_in_file(&path, "x.json", &Unwatched).unwrap(), is_there, "{text}");
        }
        assert_eq!(names().taken_out_of("(C1), C11; C22"), "(erased), C11; erased");
        assert_eq!(names().taken_out_of_key("raw/C22_x/C221.csv"), "raw/<erased>_x/C221.csv");
        assert!(names().rule()("C22") && !names().rule()("C2"));
        assert!(names().rule()(" C22\u{a0}") && !names().rule()(" C2 "));
    }

    #[test]
    fn an_id_across_two_reads_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, format!("{}C22", " ".repeat((1 << 16) - 2))).unwrap();
        assert!(names().are_in_file(&path, "x.txt", &Unwatched).unwrap());
    }

    #[test]
    fn what_cannot_be_looked_into_is_never_said_to_name_nobody() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let look = |content: &[u8]| {
            std::fs::write(&path, content).unwrap();
            names().are_in_file(&path, "raw/x.dat", &Unwatched)
        };
        let gzip = |content: &[u8]| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(content).unwrap();
            gzip.finish().unwrap()
        };
        assert!(look(&gzip(b"so C22")).unwrap() && !look(&gzip(b"C23")).unwrap());
        let cut = gzip(b"nobody");
        for content in
            [b"PK\x03\x04".to_vec(), gzip(b"BZh9"), gzip(&gzip(b"C1")), b"PAR1C1".to_vec(), cut[..9].to_vec()]
        {
            let refused = look(&content).unwrap_err();
            assert!(matches!(refused, Error::Data(_)), "{refused}");
        }
    }
}
