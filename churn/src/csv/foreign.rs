//! Files that are not what their name says, told by their first bytes.

/// What a file is that is no plain text of ours, and what to do; from its first bytes.
pub(crate) fn foreign_format(start: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "is a zip archive or an Excel workbook, not CSV; save it as CSV (UTF-8)"),
        (b"\xD0\xCF\x11\xE0", "is an old Excel workbook, not CSV; save it as CSV (UTF-8)"),
        (b"\xFF\xFE", "is UTF-16 text; save it as UTF-8"),
        (b"\xFE\xFF", "is UTF-16 text; save it as UTF-8"),
        (b"PAR1", "is Parquet; give it the ending .parquet"),
        (b"\x1f\x8b", "is compressed with gzip; deliver this file plain"),
    ];
    KNOWN.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_called_one_and_text_is_text() {
        assert!(foreign_format(b"PK\x03\x04rest").is_some_and(|words| words.contains("Excel")));
        assert!(foreign_format(b"\xFF\xFEc\0").is_some_and(|words| words.contains("UTF-16")));
        assert_eq!(foreign_format(b"customer_id,churn"), None);
        assert_eq!(foreign_format(b""), None);
    }
}
