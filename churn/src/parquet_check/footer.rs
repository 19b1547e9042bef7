//! The footer: its form, its schema tree, and its sizes against those of the file.

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::problem::Problem;
use super::thrift::{Cursor, Fields, Kind, Malformed};

/// Groups within each other in a schema; ours are flat.
const DEEPEST_SCHEMA: usize = 32;

// The structs of parquet.thrift with the fields that carry counts, and those around them:
// <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>
const KEY_VALUE: Kind = Kind::Struct(&[(1, Kind::Binary), (2, Kind::Binary)]);
const SCHEMA_ELEMENT: Kind = Kind::Struct(&[
    (1, Kind::I32),
    (2, Kind::I32),
    (3, Kind::I32),
    (4, Kind::Binary),
    (5, Kind::I32),
    (6, Kind::I32),
    (7, Kind::I32),
    (8, Kind::I32),
    (9, Kind::I32),
    (10, Kind::Struct(LOGICAL_TYPE)),
]);
const EMPTY: Kind = Kind::Struct(&[]);
const LOGICAL_TYPE: Fields = &[
    (1, EMPTY),
    (2, EMPTY),
    (3, EMPTY),
    (4, EMPTY),
    (5, Kind::Struct(&[(1, Kind::I32), (2, Kind::I32)])),
    (6, EMPTY),
    (7, TIME_TYPE),
    (8, TIME_TYPE),
    (10, Kind::Struct(&[(1, Kind::I8), (2, Kind::Bool)])),
];
const TIME_TYPE: Kind = Kind::Struct(&[(1, Kind::Bool), (2, Kind::Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]))]);
pub(super) const STATISTICS: Kind = Kind::Struct(&[
    (1, Kind::Binary),
    (2, Kind::Binary),
    (3, Kind::I64),
    (4, Kind::I64),
    (5, Kind::Binary),
    (6, Kind::Binary),
    (7, Kind::Bool),
    (8, Kind::Bool),
]);
const COLUMN_META_DATA: Kind = Kind::Struct(&[
    (1, Kind::I32),
    (2, Kind::List(&Kind::I32)),
    (3, Kind::List(&Kind::Binary)),
    (4, Kind::I32),
    (5, Kind::I64),
    (6, Kind::I64),
    (7, Kind::I64),
    (8, Kind::List(&KEY_VALUE)),
    (9, Kind::I64),
    (10, Kind::I64),
    (11, Kind::I64),
    (12, STATISTICS),
    (13, Kind::List(&Kind::Struct(&[(1, Kind::I32), (2, Kind::I32), (3, Kind::I32)]))),
    (14, Kind::I64),
    (15, Kind::I32),
    (16, Kind::Struct(&[(1, Kind::I64), (2, Kind::List(&Kind::I64)), (3, Kind::List(&Kind::I64))])),
]);
const COLUMN_CHUNK: Kind = Kind::Struct(&[
    (1, Kind::Binary),
    (2, Kind::I64),
    (3, COLUMN_META_DATA),
    (4, Kind::I64),
    (5, Kind::I32),
    (6, Kind::I64),
    (7, Kind::I32),
]);
const ROW_GROUP: Kind = Kind::Struct(&[
    (1, Kind::List(&COLUMN_CHUNK)),
    (2, Kind::I64),
    (3, Kind::I64),
    (4, Kind::List(&Kind::Struct(&[(1, Kind::I32), (2, Kind::Bool), (3, Kind::Bool)]))),
    (5, Kind::I64),
    (6, Kind::I64),
    (7, Kind::I16),
]);
const FILE_META_DATA: Fields = &[
    (1, Kind::I32),
    (2, Kind::List(&SCHEMA_ELEMENT)),
    (3, Kind::I64),
    (4, Kind::List(&ROW_GROUP)),
    (5, Kind::List(&KEY_VALUE)),
    (6, Kind::Binary),
    (7, Kind::List(&Kind::Struct(&[(1, EMPTY), (2, EMPTY)]))),
];

/// Whether the bytes are a footer whose lists are as long as they say, with a schema that is one tree.
pub(super) fn check(footer: &[u8]) -> Result<(), Problem> {
    Cursor(footer).walk(FILE_META_DATA).map_err(|Malformed| "its footer is damaged".to_owned())?;
    if is_encrypted(footer).map_err(|Malformed| "its footer is damaged".to_owned())? {
        return Err("some of its columns are encrypted; deliver it without encryption".to_owned());
    }
    let children = children(footer).map_err(|Malformed| "the schema in its footer is damaged".to_owned())?;
    if is_tree(&children) { Ok(()) } else { Err("the schema in its footer is no tree".to_owned()) }
}

/// Whether the footer names an algorithm of encryption: it is plain itself then, and columns are not.
fn is_encrypted(footer: &[u8]) -> Result<bool, Malformed> {
    const ENCRYPTION_ALGORITHM: i16 = 8;
    let mut found = false;
    Cursor(footer).fields(|id, _| {
        found |= id == ENCRYPTION_ALGORITHM;
        Ok(())
    })?;
    Ok(found)
}

/// How many children each element of the schema says it has, in order.
fn children(footer: &[u8]) -> Result<Vec<i64>, Malformed> {
    let mut all = Vec::new();
    Cursor(footer).fields(|id, mut value| {
        if id != 2 {
            return Ok(());
        }
        all.clear();
        value.elements(|element| {
            let mut count = 0;
            element.fields(|id, mut value| {
                if id == 5 {
                    count = value.integer()?;
                }
                Ok(())
            })?;
            all.push(count);
            Ok(())
        })
    })?;
    Ok(all)
}

/// Whether counts of children, parents first, make one tree that is not too deep.
fn is_tree(children: &[i64]) -> bool {
    // How many children each group that is still open lacks.
    let mut open = vec![1_i64];
    for &count in children {
        while open.last() == Some(&0) {
            open.pop();
        }
        let Some(lacking) = open.last_mut() else { return false };
        *lacking -= 1;
        if count < 0 || open.len() > DEEPEST_SCHEMA {
            return false;
        }
        if count > 0 {
            open.push(count);
        }
    }
    open.iter().all(|&lacking| lacking == 0)
}

/// Whether rows add up, and row groups lie in the part of the file before its footer.
pub(super) fn check_sizes(metadata: &ParquetMetaData, footer_at: u64) -> Result<(), Problem> {
    let (mut rows, mut bytes) = (0_i64, 0_u64);
    for group in metadata.row_groups() {
        rows = (group.num_rows() >= 0)
            .then(|| rows.checked_add(group.num_rows()))
            .flatten()
            .ok_or("a row group says that it has an impossible number of rows")?;
        for chunk in group.columns() {
            let (_, length) = byte_range(chunk, footer_at)?;
            bytes = bytes.saturating_add(length);
            if chunk.column_descr().max_rep_level() == 0 && chunk.num_values() != group.num_rows() {
                return Err("a column has another number of values than its row group has rows".to_owned());
            }
        }
    }
    if rows != metadata.file_metadata().num_rows() {
        return Err("its row groups do not have as many rows as the file says".to_owned());
    }
    if bytes > footer_at {
        return Err("its row groups say that they have more bytes than the file".to_owned());
    }
    Ok(())
}

/// Where a column chunk begins, and how many bytes it has: both lie before `end`.
pub(super) fn byte_range(chunk: &ColumnChunkMetaData, end: u64) -> Result<(u64, u64), Problem> {
    let start = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
    let range = u64::try_from(start).ok().zip(u64::try_from(chunk.compressed_size()).ok());
    let inside = range.filter(|&(start, length)| start.checked_add(length).is_some_and(|behind| behind <= end));
    inside.ok_or_else(|| "a column lies outside of the file".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_one_tree_of_as_many_elements_as_its_groups_say() {
        assert!(is_tree(&[2, 0, 0]) && is_tree(&[2, 1, 0, 0]) && is_tree(&[0]) && is_tree(&[2, 2, 0, 0, 0]));
        for broken in [&[][..], &[2, 0], &[1, 0, 0], &[i64::from(i32::MAX), 0], &[1, -1], &[-1], &[0, 0]] {
            assert!(!is_tree(broken), "{broken:?}");
        }
    }

    #[test]
    fn a_footer_that_names_an_encryption_is_told_from_a_plain_one() {
        // A struct with field 1 (version, i32 zigzag 1) alone, and one with an empty struct as field 8 behind it.
        assert_eq!(is_encrypted(&[0x15, 0x02, 0x00]), Ok(false));
        assert_eq!(is_encrypted(&[0x15, 0x02, 0x7c, 0x00, 0x00]), Ok(true));
    }

    #[test]
    fn a_schema_that_is_too_deep_for_a_stack_is_no_schema() {
        let chain = |depth: usize| [vec![1; depth], vec![0]].concat();
        assert!(is_tree(&chain(DEEPEST_SCHEMA - 1)) && !is_tree(&chain(DEEPEST_SCHEMA)));
        assert!(!is_tree(&chain(1_000_000)));
    }
}
