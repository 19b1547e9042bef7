//! Cuts the readings into slices that separate workers can sum.
//!
//! Slices follow from the files and the target size alone, never from the machine, so every run
//! over the same files merges the same partial sums in the same order.

use serde::{Deserialize, Serialize};

use super::ReadingsFile;

/// A run of neighbouring row groups of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// The name of the file, as given to [`super::inspect`].
    pub file: String,
    /// The first row group, counted from 0.
    pub first_row_group: u32,
    /// How many row groups, at least 1.
    pub row_groups: u32,
    /// How many readings the slice holds.
    pub rows: u64,
}

/// Cuts every file into even slices of at most about `target_bytes` (compressed), in file order.
///
/// A row group is never cut, so a slice may exceed the target by one row group. A target of 0 gives
/// one slice per row group.
pub fn plan_slices(files: &[ReadingsFile], target_bytes: u64) -> Vec<Slice> {
    files.iter().flat_map(|file| slices_of(file, target_bytes.max(1))).collect()
}

fn slices_of(file: &ReadingsFile, target_bytes: u64) -> Vec<Slice> {
    let file_bytes: u64 = file.row_groups.iter().map(|group| group.bytes).sum();
    let wanted = file_bytes.div_ceil(target_bytes).max(1);
    let mut slices: Vec<Slice> = Vec::new();
    let mut bytes_before = 0_u64;
    let mut last_share = None;
    for (index, group) in (0_u32..).zip(&file.row_groups) {
        // The middle of the row group decides which equal share of the file it belongs to.
        let middle = u128::from(bytes_before) + u128::from(group.bytes / 2);
        let share = middle * u128::from(wanted) / u128::from(file_bytes.max(1));
        match slices.last_mut() {
            Some(slice) if last_share == Some(share) => {
                slice.row_groups += 1;
                slice.rows += group.rows;
            }
            _ => {
                slices.push(Slice { file: file.name.clone(), first_row_group: index, row_groups: 1, rows: group.rows });
            }
        }
        last_share = Some(share);
        bytes_before += group.bytes;
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hourly::RowGroup;

    fn file(name: &str, bytes: &[u64]) -> ReadingsFile {
        let row_groups = bytes.iter().map(|&bytes| RowGroup { rows: bytes * 10, bytes }).collect();
        ReadingsFile { name: name.to_owned(), row_groups }
    }

    fn ranges(slices: &[Slice]) -> Vec<(&str, u32, u32)> {
        slices.iter().map(|slice| (slice.file.as_str(), slice.first_row_group, slice.row_groups)).collect()
    }

    #[test]
    fn a_small_file_is_one_slice() {
        let slices = plan_slices(&[file("a", &[5, 5, 5])], 100);
        assert_eq!(slices, [Slice { file: "a".into(), first_row_group: 0, row_groups: 3, rows: 150 }]);
    }

    #[test]
    fn a_large_file_is_cut_into_even_slices() {
        let slices = plan_slices(&[file("a", &[10; 9])], 40);
        assert_eq!(ranges(&slices), [("a", 0, 3), ("a", 3, 3), ("a", 6, 3)]);
    }

    #[test]
    fn files_keep_their_order_and_share_no_slice() {
        let slices = plan_slices(&[file("b", &[10, 10]), file("a", &[1])], 10);
        assert_eq!(ranges(&slices), [("b", 0, 1), ("b", 1, 1), ("a", 0, 1)]);
    }

    #[test]
    fn every_row_group_is_in_exactly_one_slice() {
        let files = [file("a", &[1, 100, 1, 1, 50, 0, 7, 300]), file("b", &[0, 0]), file("c", &[])];
        for target in [0, 1, 10, 60, 1000, u64::MAX] {
            let slices = plan_slices(&files, target);
            for file in &files {
                let mut next = 0;
                for slice in slices.iter().filter(|slice| slice.file == file.name) {
                    assert_eq!(slice.first_row_group, next);
                    assert!(slice.row_groups > 0);
                    next += slice.row_groups;
                }
                assert_eq!(next as usize, file.row_groups.len());
            }
            assert_eq!(slices.iter().map(|slice| slice.rows).sum::<u64>(), 4600);
        }
    }
}
