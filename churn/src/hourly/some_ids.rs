//! Some of the customers that a file of readings names, read from a few of its row groups: enough to see how it spells them
//! before all of it is read.

use std::collections::BTreeSet;
use std::path::Path;

use arrow_array::DictionaryArray;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;

use super::column_types::is_integer;
use super::readings_file::OpenReadings;
use crate::Result;

/// Row groups of a file that are looked at.
const ROW_GROUPS: usize = 4;

/// What was seen of the ids of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SomeIds {
    /// Some of them, blanks around them left out.
    pub ids: BTreeSet<String>,
    /// Whether the file keeps them as numbers.
    pub are_numbers: bool,
}

/// Looks at the first rows of a few row groups; messages call the file `name`.
pub fn some_ids(path: &Path, name: &str) -> Result<SomeIds> {
    let readings = OpenReadings::open(path, name)?;
    let mut some = SomeIds { ids: BTreeSet::new(), are_numbers: is_integer(readings.customer_type()) };
    let all = readings.row_groups().len();
    for row_group in (0..all).step_by(all.div_ceil(ROW_GROUPS).max(1)) {
        if readings.row_groups()[row_group].num_rows() == 0 {
            continue;
        }
        let Some(batch) = readings.read_customers(row_group)?.next() else { continue };
        let batch = batch?;
        let Some(column) = batch.columns().first() else { continue };
        // Of a dictionary all texts are taken, the ones of later rows too.
        let dictionary = column.as_dictionary_opt::<Int32Type>().map(DictionaryArray::values);
        let Some(texts) = dictionary.unwrap_or(column).as_string_opt::<i32>() else { continue };
        let mut last = "";
        for text in texts.iter().flatten().map(str::trim).filter(|text| !text.is_empty()) {
            if text != last {
                some.ids.insert(text.to_owned());
                last = text;
            }
        }
    }
    Ok(some)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};

    use super::super::test_files::{Layout, PLAIN, USUAL, write_columns, write_readings};
    use super::*;

    #[test]
    fn ids_of_the_begin_the_middle_and_the_end_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.parquet");
        let ids: Vec<String> = (0..40).map(|number| format!(" C{number:02} ")).collect();
        let readings: Vec<_> =
            ids.iter().map(|id| (Some(id.as_str()), Some("2024-01-10 10:00:00"), Some(1.0), None)).collect();
        for layout in [Layout { rows_per_group: 2, ..USUAL }, Layout { rows_per_group: 2, ..PLAIN }] {
            write_readings(&path, layout, &readings);
            let some = some_ids(&path, "x.parquet").unwrap();
            assert_eq!(
                some.ids.iter().map(String::as_str).collect::<Vec<_>>(),
                ["C00", "C01", "C10", "C11", "C20", "C21", "C30", "C31"]
            );
            assert!(!some.are_numbers);
        }
    }

    #[test]
    fn ids_that_are_numbers_are_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.parquet");
        let number: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
        write_columns(
            &path,
            USUAL,
            vec![
                ("customer_id", Arc::new(Int64Array::from(vec![17]))),
                ("timestamp", Arc::new(StringArray::from(vec!["2024-01-10 10:00:00"]))),
                ("consumption_elec_kwh", Arc::clone(&number)),
                ("consumption_gas_m3", number),
            ],
        );
        let some = some_ids(&path, "x.parquet").unwrap();
        assert_eq!((some.ids.first().map(String::as_str), some.are_numbers), (Some("17"), true));
    }
}
