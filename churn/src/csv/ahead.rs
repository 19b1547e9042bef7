//! A reader from which whole lines can be taken at once, before somebody goes on to read them one by one.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

/// Reads as the reader in it does; what was read ahead and not taken comes first.
pub(crate) struct Ahead<R> {
    reader: R,
    /// What was read ahead; up to `at` it is used up.
    kept: Vec<u8>,
    at: usize,
    /// What went wrong behind `kept`, for whoever comes that far.
    failed: Option<Error>,
}

impl<R: BufRead> Ahead<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, kept: Vec::new(), at: 0, failed: None }
    }

    /// Takes the next whole lines, of about so many bytes. None where fewer bytes are left, where they hold no line end,
    /// or a quote, within which a line end is text: then they are all still there.
    pub fn take_lines(&mut self, bytes: usize, line_end: u8) -> Option<Vec<u8>> {
        self.kept.drain(..self.at);
        self.at = 0;
        self.read_ahead(bytes);
        if self.kept.len() < bytes {
            return None;
        }
        let end = memchr::memrchr(line_end, &self.kept)? + 1;
        if memchr::memchr(b'"', &self.kept[..end]).is_some() {
            return None;
        }
        let behind = self.kept.split_off(end);
        Some(std::mem::replace(&mut self.kept, behind))
    }

    fn read_ahead(&mut self, bytes: usize) {
        self.kept.reserve(bytes);
        while self.kept.len() < bytes && self.failed.is_none() {
            match self.reader.fill_buf() {
                Ok([]) => return,
                Ok(more) => {
                    let read = more.len();
                    self.kept.extend_from_slice(more);
                    self.reader.consume(read);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.failed = Some(error),
            }
        }
    }
}

impl<R: BufRead> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.at < self.kept.len() {
            return Ok(&self.kept[self.at..]);
        }
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.reader.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        if self.at < self.kept.len() {
            self.at += amount;
        } else {
            self.reader.consume(amount);
        }
    }
}

impl<R: BufRead> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn rest(ahead: &mut Ahead<impl BufRead>) -> String {
        let mut rest = String::new();
        ahead.read_to_string(&mut rest).unwrap();
        rest
    }

    #[test]
    fn whole_lines_are_taken_and_the_others_stay() {
        let mut ahead = Ahead::new(BufReader::with_capacity(3, &b"a,1\nb,2\nc,3\nd"[..]));
        let mut first = String::new();
        ahead.read_line(&mut first).unwrap();
        assert_eq!(first, "a,1\n");
        assert_eq!(ahead.take_lines(5, b'\n').unwrap(), b"b,2\n");
        assert_eq!(ahead.take_lines(5, b'\n').unwrap(), b"c,3\n");
        assert_eq!(ahead.take_lines(5, b'\n'), None, "fewer bytes are left");
        assert_eq!(rest(&mut ahead), "d");
    }

    #[test]
    fn what_has_a_quote_or_no_line_end_is_left_as_it_was() {
        let mut ahead = Ahead::new(&b"a,1\nb,\"2\n3\"\n"[..]);
        assert_eq!(ahead.take_lines(4, b'\n'), None);
        assert_eq!(rest(&mut ahead), "a,1\nb,\"2\n3\"\n");
        let mut ahead = Ahead::new(&b"a,1\rb,2"[..]);
        assert_eq!(ahead.take_lines(4, b'\n'), None);
        assert_eq!(ahead.take_lines(4, b'\r').unwrap(), b"a,1\r");
        assert_eq!(rest(&mut ahead), "b,2");
    }

    #[test]
    fn a_failure_comes_behind_what_was_read_before_it() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> Result<usize> {
                Err(ErrorKind::UnexpectedEof.into())
            }
        }
        let mut ahead = Ahead::new(BufReader::new((&b"a,1\nb"[..]).chain(Fails)));
        assert_eq!(ahead.take_lines(100, b'\n'), None);
        let mut read = Vec::new();
        assert_eq!(ahead.read_to_end(&mut read).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(read, b"a,1\nb");
    }
}
