//! Sums several slices as one: small files that one activity reads together.

use std::path::Path;

use chrono_tz::Tz;

use super::{PartialSums, Slice, aggregate_slice};
use crate::watch::PartOf;
use crate::{Result, Watch};

/// Sums an entry of [`super::plan_slices`], each slice with the local copy of its file.
///
/// Every slice is summed by itself and added to those before it, so a reading that cannot be used
/// is named by its own file and row.
pub fn aggregate_pack(pack: &[(&Path, &Slice)], zone: Tz, watch: &dyn Watch) -> Result<PartialSums> {
    let total = pack.iter().fold(0_u64, |rows, (_, slice)| rows.saturating_add(slice.rows));
    let mut before = 0_u64;
    PartialSums::merge(pack.iter().map(|(path, slice)| {
        let part = PartOf { watch, before, total };
        before = before.saturating_add(slice.rows);
        aggregate_slice(path, slice, zone, &part)
    }))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Mutex;

    use super::super::test_files::{USUAL, write_readings};
    use super::super::{RETAILER_ZONE, inspect, plan_slices};
    use super::*;
    use crate::{Error, Unwatched};

    /// Three small files, of which the second has a row without a timestamp when `bad`.
    fn pack(folder: &std::path::Path, bad: bool) -> Vec<(PathBuf, Slice)> {
        let when = Some("2024-01-10 10:00:00");
        let readings = |customer, elec| (Some(customer), when, Some(elec), Some(1.0));
        let second = (Some("C2"), if bad { None } else { when }, Some(0.2), Some(1.0));
        let contents = [vec![readings("C1", 0.1)], vec![readings("C1", 0.2), second], vec![readings("C1", 0.3)]];
        let names = ["a.parquet", "b.parquet", "c.parquet"];
        let files: Vec<_> = names
            .iter()
            .zip(contents)
            .map(|(name, content)| {
                write_readings(&folder.join(name), USUAL, &content);
                inspect(&folder.join(name), name).unwrap()
            })
            .collect();
        let planned = plan_slices(&files, u64::MAX);
        assert_eq!(planned.len(), 1, "one entry");
        planned.concat().into_iter().map(|slice| (folder.join(&slice.file), slice)).collect()
    }

    fn borrowed(pack: &[(PathBuf, Slice)]) -> Vec<(&Path, &Slice)> {
        pack.iter().map(|(path, slice)| (path.as_path(), slice)).collect()
    }

    #[test]
    fn files_are_added_in_their_order_as_if_each_were_a_slice() {
        let folder = tempfile::tempdir().unwrap();
        let pack = pack(folder.path(), false);
        let apart = pack.iter().map(|(path, slice)| aggregate_slice(path, slice, RETAILER_ZONE, &Unwatched));
        let together = aggregate_pack(&borrowed(&pack), RETAILER_ZONE, &Unwatched).unwrap();
        assert_eq!(together, PartialSums::merge(apart).unwrap());
        assert_eq!((together.rows, together.lines[0].elec_kwh[0]), (4, 0.6));
        assert_eq!(aggregate_pack(&borrowed(&pack[..1]), RETAILER_ZONE, &Unwatched).unwrap().rows, 1);
    }

    #[test]
    fn progress_is_that_of_the_whole_and_a_bad_row_is_named_in_its_file() {
        struct Listing(Mutex<Vec<(u64, Option<u64>)>>);
        impl Watch for Listing {
            fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
                self.0.lock().unwrap().push((done, total));
                Ok(())
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let watch = Listing(Mutex::default());
        aggregate_pack(&borrowed(&pack(folder.path(), false)), RETAILER_ZONE, &watch).unwrap();
        assert_eq!(watch.0.into_inner().unwrap(), [(1, Some(4)), (3, Some(4)), (4, Some(4))]);

        let error = aggregate_pack(&borrowed(&pack(folder.path(), true)), RETAILER_ZONE, &Unwatched).unwrap_err();
        assert!(matches!(error, Error::Data(_)));
        assert!(error.to_string().starts_with("b.parquet, column timestamp, row group 1, row 2"), "{error}");
    }
}
