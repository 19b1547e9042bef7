//! Taking customers out of files: which rows of a raw file are theirs, the file without these rows, and whether any file
//! names them. Rows of others keep their order, and those of a CSV file their bytes.

mod csv;
mod json;
mod names;
mod parquet;
#[cfg(test)]
mod reader_test;
mod words;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

pub use names::{CustomerNames, NotAName};
use polars::prelude::DataFrame;

use crate::{Error, Result, Watch};

/// The version of this computation; see [`crate::versions`].
pub const VERSION: u32 = 3;

/// The column, or the field, that says whose a row is.
const CUSTOMER: &str = "customer_id";

/// Says of a customer whether nothing of theirs may stay. Blanks around an ID are no part of it.
pub type Erased = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
    Parquet,
}

impl Format {
    fn of(name: &str) -> Option<Self> {
        const ENDINGS: [(&str, Format); 4] =
            [(".csv", Format::Csv), (".csv.gz", Format::Csv), (".json", Format::Json), (".parquet", Format::Parquet)];
        let name = name.to_ascii_lowercase();
        ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| *format)
    }
}

/// How many rows of a raw file are of erased customers; `name` says what it is. None of a file of another kind.
pub fn count(path: &Path, name: &str, erased: &Erased, watch: &dyn Watch) -> Result<u64> {
    match Format::of(name) {
        Some(Format::Csv) => csv::copy(path, name, &mut io::sink(), erased, watch),
        Some(Format::Json) => json::copy(path, name, &mut io::sink(), erased),
        Some(Format::Parquet) => parquet::count(path, name, erased, watch),
        None => Ok(0),
    }
}

/// How many rows of a table that a run has read are of erased customers; none of a table without customers.
pub fn rows_in_table(table: &DataFrame, erased: &Erased) -> Result<usize> {
    let Ok(customers) = table.column(CUSTOMER) else { return Ok(0) };
    let customers = customers.str().map_err(Error::table("look for erased customers"))?;
    Ok(customers.iter().flatten().filter(|customer| erased(customer)).count())
}

/// Writes a raw file without the rows of erased customers to `target`; how many rows these were.
pub fn leave_out(path: &Path, name: &str, target: &Path, erased: &Erased, watch: &dyn Watch) -> Result<u64> {
    if Format::of(name) == Some(Format::Parquet) {
        return parquet::copy(path, name, target, erased, watch);
    }
    let file = File::create(target).map_err(Error::file("write", target))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let left_out = match Format::of(name) {
        Some(Format::Json) => json::copy(path, name, &mut out, erased)?,
        _ => csv::copy(path, name, &mut out, erased, watch)?,
    };
    out.flush().map_err(Error::file("write", target))?;
    Ok(left_out)
}

#[cfg(test)]
mod tests {
    use flate2::read::MultiGzDecoder;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::Unwatched;
    use crate::hourly::test_files::{Layout, USUAL, write_readings};

    fn of(id: &'static str) -> Erased {
        Arc::new(move |customer: &str| customer == id)
    }

    fn left(name: &str, content: &[u8], id: &'static str) -> (u64, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("source"), folder.path().join("target"));
        std::fs::write(&source, content).unwrap();
        let counted = count(&source, name, &of(id), &Unwatched).unwrap();
        let left_out = leave_out(&source, name, &target, &of(id), &Unwatched).unwrap();
        assert_eq!(counted, left_out);
        (left_out, std::fs::read(target).unwrap())
    }

    #[test]
    fn the_rows_of_others_keep_their_bytes() {
        let text = "\u{feff}price,customer_id,text\r\n1,C1,\"a, \"\"b\"\"\nC2\"\r\n2,\"C2\",x\r\n3,C12,y\r\n";
        let (rows, bytes) = left("price_history.csv", text.as_bytes(), "C2");
        assert_eq!((rows, bytes), (1, text.replace("2,\"C2\",x\r\n", "").into_bytes()));
        let (rows, bytes) = left("costs_by_province_month.csv", b"province,cost\n8,1\n", "C2");
        assert_eq!((rows, bytes), (0, b"province,cost\n8,1\n".to_vec()));
    }

    #[test]
    fn what_is_compressed_stays_so() {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"customer_id,x\nC1,1\nC2,2").unwrap();
        let (rows, bytes) = left("consumption_hourly.csv.gz", &gzip.finish().unwrap(), "C1");
        let mut text = String::new();
        io::Read::read_to_string(&mut MultiGzDecoder::new(bytes.as_slice()), &mut text).unwrap();
        assert_eq!((rows, text.as_str()), (1, "customer_id,x\nC2,2"));
    }

    #[test]
    fn the_contacts_of_others_stay_as_they_are() {
        let text = r#"[{"customer_id":"C1","n":1.10},{"customer_id":"C2","date":null},{"date":"x"}]"#;
        let (rows, bytes) = left("customer_interactions.json", text.as_bytes(), "C1");
        let kept: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((rows, kept), (1, serde_json::json!([{"customer_id":"C2","date":null},{"date":"x"}])));
    }

    #[test]
    fn a_file_of_readings_loses_the_rows_of_the_customer_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("source"), folder.path().join("target"));
        let at = Some("2024-01-01 00:00:00");
        let rows = [Some("C1"), Some("C2"), None, Some("C1"), Some("C3")].map(|id| (id, at, Some(1.0), None));
        write_readings(&source, Layout { rows_per_group: 2, ..USUAL }, &rows);
        for (id, gone) in [("C1", 2), ("C9", 0)] {
            let (name, erased) = ("consumption_hourly_2024.parquet", of(id));
            assert_eq!(count(&source, name, &erased, &Unwatched).unwrap(), gone);
            assert_eq!(leave_out(&source, name, &target, &erased, &Unwatched).unwrap(), gone);
            assert_eq!(count(&target, name, &erased, &Unwatched).unwrap(), 0);
            let left: u64 =
                crate::hourly::inspect(&target, name).unwrap().row_groups.iter().map(|group| group.rows).sum();
            assert_eq!(left, 5 - gone);
        }
        let names = |id: &str| CustomerNames::parse([id]).unwrap();
        assert!(names("C1").are_in_file(&source, "x.parquet", &Unwatched).unwrap());
        leave_out(&source, "x.parquet", &target, &of("C1"), &Unwatched).unwrap();
        assert!(!names("C1").are_in_file(&target, "x.parquet", &Unwatched).unwrap());
        assert!(names("C2").are_in_file(&target, "x.parquet", &Unwatched).unwrap());
    }

    #[test]
    fn every_form_that_a_run_reads_loses_its_rows() {
        let spanish = "price;Customer_ID\r1,5; C2 \r2,5;C1\r";
        let (rows, bytes) = left("PRICE_HISTORY.CSV", spanish.as_bytes(), "C2");
        assert_eq!((rows, bytes), (1, b"price;Customer_ID\r2,5;C1\r".to_vec()));
        let text = "{\"customer_id\":\" C1 \"}\n{\"customer_id\":\"C2\",\"n\":1}\n";
        let (rows, bytes) = left("customer_interactions.json", text.as_bytes(), "C1");
        assert_eq!((rows, bytes), (1, b"{\"customer_id\":\"C2\",\"n\":1}\n".to_vec()));
    }

    #[test]
    fn padded_ids_in_binary_columns_lose_their_rows_too() {
        use arrow_array::{ArrayRef, BinaryArray, Float64Array, StringArray};
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("source"), folder.path().join("target"));
        let number: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("customer_id", Arc::new(BinaryArray::from(vec![&b"C1   "[..], &b"C2"[..]]))),
            ("timestamp", Arc::new(StringArray::from(vec!["2024-01-01 00:00:00"; 2]))),
            ("consumption_elec_kwh", Arc::clone(&number)),
            ("consumption_gas_m3", number),
        ];
        crate::hourly::test_files::write_columns(&source, USUAL, columns);
        let name = "consumption/part-0.PARQUET";
        assert_eq!(leave_out(&source, name, &target, &of("C1"), &Unwatched).unwrap(), 1);
        assert_eq!(count(&target, name, &of("C1"), &Unwatched).unwrap(), 0);
        let names = |id: &str| CustomerNames::parse([id]).unwrap();
        assert!(names("C1").are_in_file(&source, name, &Unwatched).unwrap());
        assert!(!names("C1").are_in_file(&target, name, &Unwatched).unwrap());
    }

    #[test]
    fn a_quote_that_never_ends_is_an_error_and_shows_no_cell() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        std::fs::write(&source, "customer_id,x\nC17,\"y\n").unwrap();
        let error = count(&source, "churn_label.csv", &of("C1"), &Unwatched).unwrap_err().to_string();
        assert!(error.contains("never closed") && !error.contains("C17"), "{error}");
    }
}
