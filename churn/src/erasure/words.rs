//! The words of a file of any kind, as far as its bytes can be understood: plain text, UTF-16, JSON with escapes. What is
//! packed in a way that is not understood here is told by its first bytes.

use super::CustomerNames;

/// No ID is longer.
pub(super) const LONGEST: usize = 32;
/// The first bytes of what is read through.
pub(super) const GZIP: &[u8] = b"\x1f\x8b";
pub(super) const PARQUET: &[u8] = b"PAR1";

/// What a file is that hides its words, from its first bytes.
pub(super) fn packed_form(start: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 14] = [
        (b"PK\x03\x04", "a zip archive, or a workbook"),
        (b"PK\x05\x06", "a zip archive"),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
        (b"\xfd7zXZ\x00", "compressed with xz"),
        (b"BZh", "compressed with bzip2"),
        (b"\x04\x22\x4d\x18", "compressed with lz4"),
        (b"\xff\x06\x00\x00sNaPpY", "compressed with snappy"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"%PDF-", "a PDF document"),
        (b"Obj\x01", "an Avro file"),
        (b"ORC", "an ORC file"),
        (b"PARE", "a Parquet file whose footer is encrypted"),
    ];
    KNOWN.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, form)| *form)
}

/// Where the bytes stand in an escape of JSON.
#[derive(Debug, Clone, Copy)]
enum Escape {
    None,
    /// After a backslash.
    Begun,
    /// After `u`: the number so far, and of how many digits.
    Code(u32, u8),
}

/// Reads bytes one after another, and knows whether one of the words was an ID.
pub(super) struct Words<'a> {
    names: &'a CustomerNames,
    escape: Escape,
    /// The word, where a zero byte ends one.
    word: String,
    /// The word, where a zero byte is half a letter: UTF-16.
    wide: String,
    found: bool,
}

impl<'a> Words<'a> {
    pub fn new(names: &'a CustomerNames) -> Self {
        Self { names, escape: Escape::None, word: String::new(), wide: String::new(), found: false }
    }

    /// Takes the next bytes; whether an ID has come.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            self.take(*byte);
        }
        self.found
    }

    /// Whether an ID came, now that nothing comes any more.
    pub fn finish(mut self) -> bool {
        self.letter(b' ');
        self.found
    }

    fn take(&mut self, byte: u8) {
        self.escape = match (self.escape, byte) {
            (Escape::None, b'\\') => Escape::Begun,
            // In UTF-16 every second byte is zero.
            (Escape::Begun | Escape::Code(..), 0) => self.escape,
            (Escape::Begun, b'u') => Escape::Code(0, 0),
            (Escape::Code(code, digits), byte) if byte.is_ascii_hexdigit() => {
                let code = code * 16 + char::from(byte).to_digit(16).unwrap_or_default();
                if digits < 3 {
                    Escape::Code(code, digits + 1)
                } else {
                    self.letter(u8::try_from(code).unwrap_or(b' '));
                    Escape::None
                }
            }
            // A line end or the like, which is no letter of the word behind it.
            (Escape::Begun, b'b' | b'f' | b'n' | b'r' | b't' | b'\\') => {
                self.letter(b' ');
                Escape::None
            }
            (Escape::Code(..), b'\\') => {
                self.letter(b' ');
                Escape::Begun
            }
            // No escape at all: a backslash, and in the second case a word that begins with `u`, which is no ID.
            (Escape::Begun, byte) => self.plain(&[b' ', byte]),
            (Escape::Code(..), byte) => self.plain(&[b' ', b'u', byte]),
            (Escape::None, byte) => self.plain(&[byte]),
        };
    }

    fn plain(&mut self, letters: &[u8]) -> Escape {
        for letter in letters {
            self.letter(*letter);
        }
        Escape::None
    }

    fn letter(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() {
            for word in [&mut self.word, &mut self.wide] {
                if word.len() <= LONGEST {
                    word.push(char::from(byte));
                }
            }
            return;
        }
        self.found = self.found || self.names.is_one(&self.word);
        self.word.clear();
        if byte != 0 {
            self.found = self.found || self.names.is_one(&self.wide);
            self.wide.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(bytes: &[u8]) -> bool {
        let names = CustomerNames::parse(["C17"]).unwrap();
        let mut words = Words::new(&names);
        words.push(bytes);
        words.finish()
    }

    #[test]
    fn an_id_is_found_however_text_is_written() {
        for text in
            [r#"["C17"]"#, r#"["\u004317"]"#, r#"["\u0043\u0031\u0037"]"#, r#""so\nC17\tsays""#, r"\\C17", "x\\C17"]
        {
            assert!(finds(text.as_bytes()), "{text}");
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert!(finds(&little) && finds(&big), "{text}");
        }
        assert!(finds(b"\x01\0C17\0\0C18") && finds(b"\\u12 C17"));
        for text in [r#"["C171"]"#, r#"["\u0043171"]"#, r"\u00e9", r"xC17", r"\u0078C17", r"\uC17"] {
            assert!(!finds(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_hides_its_words_is_known_by_its_first_bytes() {
        assert_eq!(packed_form(b"PK\x03\x04rest"), Some("a zip archive, or a workbook"));
        assert_eq!(packed_form(b"BZh91AY"), Some("compressed with bzip2"));
        for text in [&b"customer_id,churn"[..], GZIP, PARQUET, &b""[..]] {
            assert_eq!(packed_form(text), None);
        }
    }
}
