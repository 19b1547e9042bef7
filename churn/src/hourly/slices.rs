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

/// A slice of small files holds no more of them than this: each is waited for, and a slice that waits
/// for all would leave nothing to the other workers.
const MOST_FILES: usize = 100;

/// Cuts the files into activities' worths of about `target_bytes` (compressed), in file order.
///
/// A file above the target is cut into even slices, each an entry of its own. A row group is never
/// cut, so a slice may exceed the target by one row group; a target of 0 gives one slice per row
/// group. Neighbouring files that fit into the target together share an entry, each as a whole.
pub fn plan_slices(files: &[ReadingsFile], target_bytes: u64) -> Vec<Vec<Slice>> {
    let target_bytes = u128::from(target_bytes.max(1));
    let mut planned: Vec<Vec<Slice>> = Vec::new();
    // The bytes that may still join the last entry, if it holds whole files.
    let mut room = None;
    for file in files {
        let file_bytes = file.row_groups.iter().map(|group| u128::from(group.bytes)).sum();
        let slices = slices_of(file, file_bytes, target_bytes);
        match (planned.last_mut(), room) {
            (Some(last), Some(left)) if file_bytes <= left && last.len() < MOST_FILES => {
                last.extend(slices);
                room = Some(left - file_bytes);
            }
            _ => {
                planned.extend(slices.into_iter().map(|slice| vec![slice]));
                room = target_bytes.checked_sub(file_bytes);
            }
        }
    }
    planned
}

fn slices_of(file: &ReadingsFile, file_bytes: u128, target_bytes: u128) -> Vec<Slice> {
    let wanted = file_bytes.div_ceil(target_bytes).max(1);
    let mut slices: Vec<Slice> = Vec::new();
    let mut bytes_before = 0_u128;
    let mut last_share = None;
    for (index, group) in (0_u32..).zip(&file.row_groups) {
        // The middle of the row group decides which equal share of the file it belongs to.
        let middle = bytes_before + u128::from(group.bytes / 2);
        let share = middle.saturating_mul(wanted) / file_bytes.max(1);
        match slices.last_mut() {
            Some(slice) if last_share == Some(share) => {
                slice.row_groups += 1;
                // What a damaged file says of itself may be anything; the aggregation counts again.
                slice.rows = slice.rows.saturating_add(group.rows);
            }
            _ => {
                slices.push(Slice { file: file.name.clone(), first_row_group: index, row_groups: 1, rows: group.rows });
            }
        }
        last_share = Some(share);
        bytes_before += u128::from(group.bytes);
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

    fn names(planned: &[Vec<Slice>]) -> Vec<Vec<&str>> {
        planned.iter().map(|entry| entry.iter().map(|slice| slice.file.as_str()).collect()).collect()
    }

    #[test]
    fn a_small_file_is_one_slice() {
        let slices = plan_slices(&[file("a", &[5, 5, 5])], 100);
        assert_eq!(slices.concat(), [Slice { file: "a".into(), first_row_group: 0, row_groups: 3, rows: 150 }]);
    }

    #[test]
    fn a_large_file_is_cut_into_even_slices() {
        let slices = plan_slices(&[file("a", &[10; 9])], 40);
        assert_eq!(ranges(&slices.concat()), [("a", 0, 3), ("a", 3, 3), ("a", 6, 3)]);
    }

    #[test]
    fn files_keep_their_order_and_share_nothing_with_a_file_that_is_cut() {
        let slices = plan_slices(&[file("c", &[0]), file("b", &[10, 10]), file("z", &[0]), file("a", &[1])], 10);
        assert_eq!(names(&slices), [vec!["c"], vec!["b"], vec!["b"], vec!["z", "a"]]);
        assert_eq!(ranges(&slices.concat()), [("c", 0, 1), ("b", 0, 1), ("b", 1, 1), ("z", 0, 1), ("a", 0, 1)]);
    }

    #[test]
    fn neighbouring_small_files_share_an_entry_up_to_the_target() {
        let files = [file("a", &[3, 3]), file("b", &[4]), file("c", &[1]), file("d", &[10]), file("e", &[9])];
        let planned = plan_slices(&files, 10);
        assert_eq!(names(&planned), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
        assert_eq!(ranges(&planned[0]), [("a", 0, 2), ("b", 0, 1)], "each as a whole");
        assert_eq!(names(&plan_slices(&files, 0)).len(), 6, "one slice per row group");
    }

    #[test]
    fn ten_thousand_small_files_are_a_hundred_slices() {
        let files: Vec<_> = (0..10_000).map(|place| file(&format!("{place:05}"), &[1])).collect();
        let planned = plan_slices(&files, 1 << 29);
        assert_eq!(planned.len(), 100);
        let in_order = planned.concat();
        assert!(in_order.iter().map(|slice| &slice.file).eq(files.iter().map(|file| &file.name)));
    }

    #[test]
    fn sizes_beyond_belief_are_cut_like_others() {
        let huge =
            ReadingsFile { name: "a".to_owned(), row_groups: vec![RowGroup { rows: u64::MAX, bytes: u64::MAX }; 3] };
        for target in [1, u64::MAX] {
            let slices = plan_slices(std::slice::from_ref(&huge), target).concat();
            assert_eq!(slices.iter().map(|slice| slice.row_groups).sum::<u32>(), 3);
        }
    }

    #[test]
    fn every_row_group_is_in_exactly_one_slice() {
        let files = [file("a", &[1, 100, 1, 1, 50, 0, 7, 300]), file("b", &[0, 0]), file("c", &[])];
        for target in [0, 1, 10, 60, 1000, u64::MAX] {
            let slices = plan_slices(&files, target).concat();
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
