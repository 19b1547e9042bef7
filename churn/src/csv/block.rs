//! Whole rows cut off from a file, for others to read while it is read on.

use std::io::BufRead;

use super::ahead::Ahead;
use super::records::Records;

/// Rows without a quote, each of them a line, and how many rows the file has before them.
pub(crate) struct Block {
    pub lines: Vec<u8>,
    pub rows_before: u64,
}

impl<R: BufRead> Records<Ahead<R>> {
    /// Cuts off the next rows, of about so many bytes. None where they must be read one by one: quotes stand in them,
    /// they are the file's last ones, or it is damaged there.
    pub fn cut_off(&mut self, bytes: usize) -> Option<Block> {
        let lines = self.reader.take_lines(bytes, self.line_end)?;
        let rows_before = self.row;
        self.row += memchr::memchr_iter(self.line_end, &lines).count() as u64;
        Some(Block { lines, rows_before })
    }
}

impl<'a> Records<&'a [u8]> {
    /// What is not read yet, where the next record begins.
    pub fn ahead(&self) -> &'a [u8] {
        self.reader
    }

    /// Which byte ends a line.
    pub fn line_end(&self) -> u8 {
        self.line_end
    }

    /// Goes on behind a record of so many bytes that somebody has read.
    pub fn skip_record(&mut self, bytes: usize) {
        self.reader = &self.reader[bytes..];
        self.row += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::csv::require_columns;

    #[test]
    fn rows_keep_their_numbers_and_what_is_passed_over_is_counted() {
        let content = "id\nfirst\n\nid\n second\n,\nlast";
        let mut records = Records::new(Ahead::new(content.as_bytes()), Path::new("x.csv"), "x.csv").unwrap();
        require_columns(&mut records, &["id"]).unwrap();
        let block = records.cut_off(12).unwrap();
        assert_eq!((block.lines.as_slice(), block.rows_before), (&b"first\n\nid\n second\n,\n"[..], 1));
        let mut rows = records.of_lines(&block.lines, block.rows_before);
        assert!(rows.ahead().starts_with(b"first\n"));
        rows.skip_record(6);
        assert!(rows.advance_to_data().unwrap());
        assert_eq!((rows.row(), rows.field(0)), (5, &b" second"[..]));
        assert!(!rows.advance_to_data().unwrap());
        records.count(rows.passed_over());
        assert!(records.cut_off(12).is_none());
        assert!(records.advance_to_data().unwrap());
        assert_eq!((records.row(), records.field(0)), (7, &b"last"[..]));
        let told: Vec<_> = records.findings("x").into_iter().map(|finding| (finding.rule, finding.count)).collect();
        let expected = [("blank_rows", 2), ("repeated_header", 1), ("no_last_line_end", 1)];
        assert_eq!(told, expected.map(|(rule, count)| (rule.to_owned(), count)));
    }
}
