//! The CSV files: comma separated, quoted where needed (RFC 4180), LF or CRLF.
//!
//! A pass of our own, because an error must name the row as a person sees it in an editor.

use std::borrow::Cow;

use polars::prelude::DataFrame;

use super::raw_table::RawTable;
use super::table::TableBuilder;
use crate::error::{Error, Result};

/// Reads the content of a CSV file (without byte order mark).
pub(super) fn read(table: RawTable, content: &[u8]) -> Result<DataFrame> {
    let mut records = Records { table, rest: content, row: 0 };
    let mut fields = Vec::new();
    records.next_into(&mut fields)?;
    let positions = positions(table, &fields)?;
    let width = fields.len();
    let mut builder = TableBuilder::new(table);
    while records.next_into(&mut fields)? {
        if fields.len() != width {
            return Err(records.broken(format!("{} fields where the header has {width}", fields.len())));
        }
        for (index, &position) in positions.iter().enumerate() {
            let place = || format!("row {}", records.row);
            let text = std::str::from_utf8(&fields[position])
                .map_err(|_| Error::data(table.file_name(), Some(table.columns()[index].0), Some(place()), NOT_UTF8))?;
            builder.push(index, Some(text).filter(|text| !text.is_empty()), place)?;
        }
    }
    builder.finish()
}

const NOT_UTF8: &str = "not UTF-8 text";

/// Where each declared column stands in the header.
fn positions(table: RawTable, header: &[Cow<'_, [u8]>]) -> Result<Vec<usize>> {
    let in_header =
        |column: Option<&str>, rule: String| Error::data(table.file_name(), column, Some("row 1".into()), rule);
    let names: Vec<&str> = header
        .iter()
        .map(|field| std::str::from_utf8(field).map_err(|_| in_header(None, NOT_UTF8.into())))
        .collect::<Result<_>>()?;
    if let [only] = names[..]
        && only.contains([';', '\t'])
    {
        return Err(in_header(None, "fields must be separated by commas".into()));
    }
    let declared = table.columns();
    let missing: Vec<&str> = declared.iter().map(|&(name, _)| name).filter(|name| !names.contains(name)).collect();
    if let Some(first) = missing.first() {
        let rule = match missing.len() {
            1 => "the column is missing".to_owned(),
            _ => format!("the columns {} are missing", missing.join(", ")),
        };
        return Err(in_header(Some(first), rule));
    }
    declared
        .iter()
        .map(|&(name, _)| {
            let mut found = names.iter().enumerate().filter(|(_, other)| **other == name).map(|(position, _)| position);
            let first = found.next().expect("no declared column is missing, as checked above");
            match found.next() {
                None => Ok(first),
                Some(_) => Err(in_header(Some(name), "the column is there twice".into())),
            }
        })
        .collect()
}

/// Walks over the records of a CSV file.
struct Records<'a> {
    table: RawTable,
    rest: &'a [u8],
    /// The number of the record read last, the header being 1.
    row: u64,
}

/// What stands after a field.
enum End {
    Comma,
    Record,
}

impl<'a> Records<'a> {
    /// Reads the next record into `fields`; `false` at the end. Blank lines at the end are no records.
    fn next_into(&mut self, fields: &mut Vec<Cow<'a, [u8]>>) -> Result<bool> {
        fields.clear();
        let nothing_follows =
            matches!(self.rest.first(), None | Some(b'\n' | b'\r')) && self.rest.trim_ascii().is_empty();
        if nothing_follows {
            return Ok(false);
        }
        self.row += 1;
        loop {
            let (field, end) = self.field()?;
            fields.push(field);
            if let End::Record = end {
                return Ok(true);
            }
        }
    }

    fn field(&mut self) -> Result<(Cow<'a, [u8]>, End)> {
        if self.rest.first() == Some(&b'"') {
            return self.quoted_field();
        }
        let length = self.rest.iter().position(|byte| matches!(byte, b',' | b'\n')).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(length);
        let Some((separator, rest)) = rest.split_first() else {
            self.rest = rest;
            return Ok((Cow::Borrowed(field.strip_suffix(b"\r").unwrap_or(field)), End::Record));
        };
        self.rest = rest;
        match separator {
            b',' => Ok((Cow::Borrowed(field), End::Comma)),
            _ => Ok((Cow::Borrowed(field.strip_suffix(b"\r").unwrap_or(field)), End::Record)),
        }
    }

    fn quoted_field(&mut self) -> Result<(Cow<'a, [u8]>, End)> {
        let mut text: Cow<'a, [u8]> = Cow::Borrowed(&[]);
        self.rest = &self.rest[1..];
        loop {
            let Some(length) = self.rest.iter().position(|&byte| byte == b'"') else {
                return Err(self.broken("a quote is opened and never closed"));
            };
            let piece = &self.rest[..length];
            if text.is_empty() {
                text = Cow::Borrowed(piece);
            } else {
                text.to_mut().extend_from_slice(piece);
            }
            self.rest = &self.rest[length + 1..];
            if self.rest.first() != Some(&b'"') {
                break;
            }
            text.to_mut().push(b'"');
            self.rest = &self.rest[1..];
        }
        let (end, length) = match self.rest {
            [] => (End::Record, 0),
            [b',', ..] => (End::Comma, 1),
            [b'\n', ..] => (End::Record, 1),
            [b'\r', b'\n', ..] => (End::Record, 2),
            _ => return Err(self.broken("text after a closing quote")),
        };
        self.rest = &self.rest[length..];
        Ok((text, end))
    }

    fn broken(&self, rule: impl Into<String>) -> Error {
        Error::data(self.table.file_name(), None, Some(format!("row {}", self.row)), rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(content: &str) -> Result<DataFrame> {
        read(RawTable::ChurnLabel, content.as_bytes())
    }

    fn message(table: RawTable, content: &[u8]) -> String {
        read(table, content).unwrap_err().to_string()
    }

    #[test]
    fn columns_come_typed_and_in_the_declared_order() {
        let table = label("churn,extra,customer_id\n1,x,C1\n0,,C2\n").unwrap();
        assert_eq!(table.get_column_names(), ["customer_id", "churn"]);
        let ids: Vec<_> = table.column("customer_id").unwrap().str().unwrap().iter().collect();
        let flags: Vec<_> = table.column("churn").unwrap().i32().unwrap().iter().collect();
        assert_eq!(ids, [Some("C1"), Some("C2")]);
        assert_eq!(flags, [Some(1), Some(0)]);
    }

    #[test]
    fn empty_cells_are_null_and_text_stays_as_it_is() {
        let table = label("customer_id,churn\n,1\n\"\",\n C1 ,0").unwrap();
        let ids: Vec<_> = table.column("customer_id").unwrap().str().unwrap().iter().collect();
        assert_eq!(ids, [None, None, Some(" C1 ")]);
        assert_eq!(table.column("churn").unwrap().null_count(), 1);
    }

    #[test]
    fn quotes_hold_commas_quotes_and_line_ends() {
        let table = label("customer_id,churn\r\n\"a,\"\"b\"\"\r\nc\",1\r\nC2,\"0\"\r\n\r\n").unwrap();
        let ids: Vec<_> = table.column("customer_id").unwrap().str().unwrap().iter().collect();
        assert_eq!(ids, [Some("a,\"b\"\r\nc"), Some("C2")]);
    }

    #[test]
    fn a_row_with_the_wrong_number_of_fields_is_named() {
        for content in
            ["customer_id,churn\nC1,1\nC2\n", "customer_id,churn\nC1,1\nC2,1,0\n", "customer_id,churn\nC1,1\n\nC2,0\n"]
        {
            let message = message(RawTable::ChurnLabel, content.as_bytes());
            assert!(message.starts_with("churn_label.csv, row 3: "), "{message}");
            assert!(message.contains("the header has 2"), "{message}");
        }
    }

    #[test]
    fn a_wrong_cell_is_named_by_column_and_row_and_never_shown() {
        let message = message(RawTable::ChurnLabel, b"customer_id,churn\nC1,1\nC2,secret\n");
        assert_eq!(
            message,
            "churn_label.csv, column churn, row 3: not a flag (0 or 1); correct the file and start again"
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error_of_their_cell() {
        let message = message(RawTable::ChurnLabel, b"customer_id,churn\nC1,1\nC\xE9,0\n");
        assert!(message.starts_with("churn_label.csv, column customer_id, row 3: not UTF-8 text"), "{message}");
    }

    #[test]
    fn missing_columns_are_all_listed() {
        let one = message(RawTable::ChurnLabel, b"customer_id,left\nC1,1\n");
        assert!(one.starts_with("churn_label.csv, column churn, row 1: the column is missing"), "{one}");
        let two = message(RawTable::CostsByProvinceMonth, b"month,province,peaje_elec_eur_kwh\n2024-01,1,0.05\n");
        assert!(two.contains("the columns elec_var_cost_eur_kwh, gas_var_cost_eur_m3 are missing"), "{two}");
    }

    #[test]
    fn a_column_that_is_there_twice_is_an_error() {
        let message = message(RawTable::ChurnLabel, b"customer_id,churn,churn\nC1,1,0\n");
        assert!(message.contains("column churn, row 1: the column is there twice"), "{message}");
    }

    #[test]
    fn another_separator_is_called_by_its_name() {
        assert!(message(RawTable::ChurnLabel, b"customer_id;churn\nC1;1\n").contains("separated by commas"));
    }

    #[test]
    fn a_header_alone_is_an_empty_file() {
        assert!(message(RawTable::ChurnLabel, b"customer_id,churn\n").contains("the file has no rows"));
    }

    #[test]
    fn broken_quotes_are_named() {
        assert!(
            message(RawTable::ChurnLabel, b"customer_id,churn\n\"C1,1\nC2,0\n").contains("row 2: a quote is opened")
        );
        assert!(message(RawTable::ChurnLabel, b"customer_id,churn\n\"C1\"x,1\n").contains("row 2: text after"));
    }

    #[test]
    fn prices_without_a_customer_stay_in_the_table() {
        let header = RawTable::PriceHistory.columns().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        let content =
            format!("{header}\n,2024-01-01,0.1,0.1,0.1,9,8,,63.6,50\nC1,2024-02-01,0,0.1,0.1,9,8,0.7,63.6,-0.2\n");
        let table = read(RawTable::PriceHistory, content.as_bytes()).unwrap();
        assert_eq!(table.height(), 2);
        assert_eq!(table.column("customer_id").unwrap().null_count(), 1);
        let dates: Vec<_> = table.column("pricing_date").unwrap().date().unwrap().physical().iter().collect();
        // 2024-01-01 is day 19,723 since 1970-01-01 (Python's datetime); January has 31 days
        assert_eq!(dates, [Some(19_723), Some(19_754)]);
    }
}
