//! A record with quotes, byte by byte. A scan that ends within quotes goes on with the next line.

/// Where the scan of a record stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end of the field, or the first of two.
    QuoteInQuotes,
}

/// The text of a record without its quotes, and where its fields are in it.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub text: Vec<u8>,
    pub fields: Vec<(usize, usize)>,
    start: usize,
    state: State,
}

/// What a scanned line came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scanned {
    Record,
    /// A quote is open: the line end is text, and the next line belongs to the record.
    GoesOn,
}

impl Scan {
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.start = 0;
        self.state = State::FieldStart;
    }

    /// Scans a line, which is text and its end.
    pub fn line(&mut self, body: &[u8], line_end: &[u8], separator: u8) -> Result<Scanned, &'static str> {
        for &byte in body {
            match (self.state, byte) {
                (State::FieldStart, b'"') => self.state = State::Quoted,
                (State::QuoteInQuotes, b'"') => {
                    self.text.push(b'"');
                    self.state = State::Quoted;
                }
                (State::Quoted, b'"') => self.state = State::QuoteInQuotes,
                (State::Quoted, _) => self.text.push(byte),
                (_, _) if byte == separator => self.end_field(),
                (State::QuoteInQuotes, _) => return Err("text after a closing quote"),
                (State::FieldStart | State::Plain, _) => {
                    self.text.push(byte);
                    self.state = State::Plain;
                }
            }
        }
        if self.state == State::Quoted {
            self.text.extend_from_slice(line_end);
            return Ok(Scanned::GoesOn);
        }
        self.end_field();
        Ok(Scanned::Record)
    }

    fn end_field(&mut self) {
        self.fields.push((self.start, self.text.len()));
        self.start = self.text.len();
        self.state = State::FieldStart;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(scan: &Scan) -> Vec<&str> {
        scan.fields.iter().map(|&(from, to)| std::str::from_utf8(&scan.text[from..to]).unwrap()).collect()
    }

    #[test]
    fn quotes_hold_separators_quotes_and_line_ends() {
        let mut scan = Scan::default();
        assert_eq!(scan.line(b"C1,\"a, \"\"b\"\"\"", b"\r\n", b','), Ok(Scanned::Record));
        assert_eq!(fields(&scan), ["C1", r#"a, "b""#]);
        scan.clear();
        assert_eq!(scan.line(b"\"first", b"\r\n", b';'), Ok(Scanned::GoesOn));
        assert_eq!(scan.line(b"second\";2", b"\n", b';'), Ok(Scanned::Record));
        assert_eq!(fields(&scan), ["first\r\nsecond", "2"]);
    }

    #[test]
    fn a_quote_within_a_plain_field_is_text_and_one_behind_a_quoted_field_an_error() {
        let mut scan = Scan::default();
        assert_eq!(scan.line(b"5\" pipe,,", b"", b','), Ok(Scanned::Record));
        assert_eq!(fields(&scan), [r#"5" pipe"#, "", ""]);
        scan.clear();
        assert!(scan.line(b"\"C1\"x,1", b"", b',').is_err());
    }
}
