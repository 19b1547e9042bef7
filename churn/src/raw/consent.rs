//! Consent: the column `contact_consent` of the contracts, where it is delivered.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use polars::prelude::DataFrame;

use super::{RawTable, read};
use crate::error::{Error, Result};

/// The column.
const COLUMN: &[u8] = b"contact_consent";
/// No header is longer.
const LONGEST_HEADER: u64 = 1 << 16;

/// Who may be contacted: `customer_id`, `contact_consent` (1 or 0; null where the cell is empty). None where the file
/// has no such column: then nobody is known to have refused.
pub fn read_consent(contracts: &Path) -> Result<Option<DataFrame>> {
    if !has_column(contracts)? {
        return Ok(None);
    }
    read(RawTable::ContactConsent, contracts).map(Some)
}

/// Whether the header names it, in any case.
fn has_column(contracts: &Path) -> Result<bool> {
    let file = std::fs::File::open(contracts).map_err(Error::file("open", contracts))?;
    let mut header = Vec::new();
    BufReader::new(file.take(LONGEST_HEADER)).read_until(b'\n', &mut header).map_err(Error::file("read", contracts))?;
    Ok(header.windows(COLUMN.len()).any(|name| name.eq_ignore_ascii_case(COLUMN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::integers;

    fn consent(content: &str) -> Result<Option<DataFrame>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a local copy");
        std::fs::write(&path, content).unwrap();
        read_consent(&path)
    }

    #[test]
    fn consent_is_read_where_it_is_delivered_and_is_no_obstacle_where_it_is_not() {
        let delivered = consent("customer_id,sales_channel,contact_consent\nC1,oficina,1\nC2,,0\nC3,,\n").unwrap();
        let flags = integers(&delivered.unwrap(), "contact_consent").unwrap();
        assert_eq!(flags, [Some(1), Some(0), None]);
        assert!(consent("customer_id,sales_channel\nC1,contact_consent\n").unwrap().is_none());
    }

    #[test]
    fn a_consent_that_is_no_flag_is_an_error_of_the_contracts() {
        let message = consent("customer_id,contact_consent\nC1,perhaps\n").unwrap_err().to_string();
        assert!(message.starts_with("customer_contracts.csv, column contact_consent, row 2: not a flag"), "{message}");
    }
}
