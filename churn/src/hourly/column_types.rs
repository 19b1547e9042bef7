//! Which Parquet types hold readings, and how they become the few types that the sums are taken of: text, timestamps,
//! and 64-bit numbers. A file in those types is not copied.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field};

use super::columns::{CUSTOMER, ELEC, GAS, TIMESTAMP};

pub(super) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Text that nobody called text: it is checked when it is read.
pub(super) fn is_binary(data_type: &DataType) -> bool {
    match data_type {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::Dictionary(_, values) => is_binary(values),
        _ => false,
    }
}

pub(super) fn is_integer(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_integer(values),
        other => other.is_integer(),
    }
}

/// Numbers of any width, decimals, or a column that a writer called `null` because it holds nothing else.
pub(super) fn is_number(data_type: &DataType) -> bool {
    use DataType as T;
    match data_type {
        T::Null
        | T::Float16
        | T::Float32
        | T::Float64
        | T::Decimal32(..)
        | T::Decimal64(..)
        | T::Decimal128(..)
        | T::Decimal256(..) => true,
        T::Dictionary(_, values) => is_number(values),
        other => other.is_integer(),
    }
}

/// The type in which the reader is asked for a column; `None` leaves it as it is. Dictionaries of text are asked for
/// elsewhere, row group by row group.
pub(super) fn asked_for(field: &Field) -> Option<DataType> {
    match field.data_type() {
        binary if is_binary(binary) => Some(DataType::Binary),
        DataType::Dictionary(_, values) if !is_text(values) => Some(values.as_ref().clone()),
        _ => None,
    }
}

/// The batch in the types that the sums are taken of; `Err` is the column whose pages hold something else.
pub(super) fn canonical(batch: RecordBatch) -> Result<RecordBatch, &'static str> {
    let names = [CUSTOMER, TIMESTAMP, ELEC, GAS];
    let is_usual = |field: &Arc<Field>| match field.data_type() {
        DataType::Float64 | DataType::Utf8 | DataType::Timestamp(..) => true,
        DataType::Dictionary(_, values) => **values == DataType::Utf8,
        _ => false,
    };
    if batch.schema_ref().fields().iter().all(is_usual) {
        return Ok(batch);
    }
    let mut columns: Vec<(&str, ArrayRef, bool)> = Vec::with_capacity(names.len());
    for name in names {
        let Some(column) = batch.column_by_name(name) else { continue };
        let column = match name {
            CUSTOMER | TIMESTAMP => text_or_timestamp(column),
            _ => number(column),
        };
        columns.push((name, column.ok_or(name)?, true));
    }
    RecordBatch::try_from_iter_with_nullable(columns).map_err(|_| CUSTOMER)
}

fn text_or_timestamp(column: &ArrayRef) -> Option<ArrayRef> {
    if let Some(bytes) = column.as_binary_opt::<i32>() {
        return Some(Arc::new(StringArray::try_from_binary(bytes.clone()).ok()?));
    }
    match column.data_type() {
        DataType::Int8 => whole_numbers::<Int8Type>(column),
        DataType::Int16 => whole_numbers::<Int16Type>(column),
        DataType::Int32 => whole_numbers::<Int32Type>(column),
        DataType::Int64 => whole_numbers::<Int64Type>(column),
        DataType::UInt8 => whole_numbers::<UInt8Type>(column),
        DataType::UInt16 => whole_numbers::<UInt16Type>(column),
        DataType::UInt32 => whole_numbers::<UInt32Type>(column),
        DataType::UInt64 => whole_numbers::<UInt64Type>(column),
        _ => Some(Arc::clone(column)),
    }
}

/// Whole numbers as text: ids that a supplier keeps as numbers.
fn whole_numbers<T: ArrowPrimitiveType<Native: std::fmt::Display>>(column: &ArrayRef) -> Option<ArrayRef> {
    let mut texts = StringBuilder::new();
    let mut text = String::new();
    for value in column.as_primitive_opt::<T>()? {
        let Some(value) = value else {
            texts.append_null();
            continue;
        };
        text.clear();
        // Writing to a string cannot fail.
        let _ = write!(text, "{value}");
        texts.append_value(&text);
    }
    Some(Arc::new(texts.finish()))
}

fn number(column: &ArrayRef) -> Option<ArrayRef> {
    use DataType as T;
    let numbers: Float64Array = match *column.data_type() {
        T::Float64 => return Some(Arc::clone(column)),
        T::Null => Float64Array::new_null(column.len()),
        T::Float16 => as_f64::<Float16Type>(column, f64::from)?,
        T::Float32 => as_f64::<Float32Type>(column, f64::from)?,
        T::Int8 => as_f64::<Int8Type>(column, f64::from)?,
        T::Int16 => as_f64::<Int16Type>(column, f64::from)?,
        T::Int32 => as_f64::<Int32Type>(column, f64::from)?,
        T::Int64 => as_f64::<Int64Type>(column, |value| value as f64)?,
        T::UInt8 => as_f64::<UInt8Type>(column, f64::from)?,
        T::UInt16 => as_f64::<UInt16Type>(column, f64::from)?,
        T::UInt32 => as_f64::<UInt32Type>(column, f64::from)?,
        T::UInt64 => as_f64::<UInt64Type>(column, |value| value as f64)?,
        T::Decimal32(_, scale) => as_f64::<Decimal32Type>(column, |value| f64::from(value) / unit(scale))?,
        T::Decimal64(_, scale) => as_f64::<Decimal64Type>(column, |value| value as f64 / unit(scale))?,
        T::Decimal128(_, scale) => as_f64::<Decimal128Type>(column, |value| value as f64 / unit(scale))?,
        // A value beyond 128 bits is no reading, and what is no number is refused as such.
        T::Decimal256(_, scale) => as_f64::<Decimal256Type>(column, |value| {
            value.to_i128().map_or(f64::NAN, |value| value as f64 / unit(scale))
        })?,
        _ => return None,
    };
    Some(Arc::new(numbers))
}

/// What stands for one in a decimal column.
fn unit(scale: i8) -> f64 {
    10_f64.powi(i32::from(scale))
}

fn as_f64<T: ArrowPrimitiveType>(column: &ArrayRef, value: impl Fn(T::Native) -> f64) -> Option<Float64Array> {
    Some(column.as_primitive_opt::<T>()?.unary::<_, Float64Type>(value))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use arrow_array::types::UInt16Type as Key;
    use arrow_array::{
        BinaryArray, BinaryViewArray, Decimal128Array, DictionaryArray, Float32Array, Int64Array, LargeStringArray,
        NullArray, StringViewArray, UInt8Array,
    };

    use super::super::test_files::{USUAL, sum_file, write_columns};
    use super::*;
    use crate::hourly::PartialSums;
    use crate::{Error, Result};

    const CUSTOMERS: [&str; 3] = ["C1", "C1", "C2"];
    const TIMES: [&str; 3] = ["2024-01-10 10:00:00", "2024-01-10 11:00:00", "2024-02-01 00:00:00"];

    fn sums(columns: [ArrayRef; 4]) -> Result<PartialSums> {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("readings.parquet");
        let names = [CUSTOMER, TIMESTAMP, ELEC, GAS];
        write_columns(&path, USUAL, names.into_iter().zip(columns).collect());
        sum_file(&path, u64::MAX)
    }

    fn usual() -> [ArrayRef; 4] {
        [
            Arc::new(StringArray::from(CUSTOMERS.to_vec())),
            Arc::new(StringArray::from(TIMES.to_vec())),
            Arc::new(Float64Array::from(vec![Some(1.0), Some(2.0), None])),
            Arc::new(Float64Array::from(vec![None::<f64>; 3])),
        ]
    }

    #[test]
    fn any_type_that_holds_the_same_texts_gives_the_same_sums() {
        let expected = sums(usual()).unwrap();
        let bytes = |texts: [&'static str; 3]| texts.map(str::as_bytes).to_vec();
        let pairs: [[ArrayRef; 2]; 5] = [
            [Arc::new(LargeStringArray::from(CUSTOMERS.to_vec())), Arc::new(LargeStringArray::from(TIMES.to_vec()))],
            [Arc::new(StringViewArray::from(CUSTOMERS.to_vec())), Arc::new(StringViewArray::from(TIMES.to_vec()))],
            [Arc::new(BinaryArray::from(bytes(CUSTOMERS))), Arc::new(BinaryArray::from(bytes(TIMES)))],
            [Arc::new(BinaryViewArray::from(bytes(CUSTOMERS))), Arc::new(BinaryViewArray::from(bytes(TIMES)))],
            [
                Arc::new(CUSTOMERS.into_iter().collect::<DictionaryArray<Key>>()),
                Arc::new(TIMES.into_iter().collect::<DictionaryArray<Key>>()),
            ],
        ];
        for [customers, times] in pairs {
            let shown = customers.data_type().clone();
            let [_, _, elec, gas] = usual();
            assert_eq!(sums([customers, times, elec, gas]).unwrap(), expected, "{shown}");
        }
    }

    #[test]
    fn any_type_that_holds_the_same_numbers_gives_the_same_sums() {
        let expected = sums(usual()).unwrap();
        let elecs: [ArrayRef; 4] = [
            Arc::new(Float32Array::from(vec![Some(1.0), Some(2.0), None])),
            Arc::new(Int64Array::from(vec![Some(1), Some(2), None])),
            Arc::new(UInt8Array::from(vec![Some(1), Some(2), None])),
            Arc::new(
                Decimal128Array::from(vec![Some(1_000), Some(2_000), None]).with_precision_and_scale(10, 3).unwrap(),
            ),
        ];
        for elec in elecs {
            let shown = elec.data_type().clone();
            let [customers, times, _, _] = usual();
            let nothing: ArrayRef = Arc::new(NullArray::new(3));
            assert_eq!(sums([customers, times, elec, nothing]).unwrap(), expected, "{shown}");
        }
    }

    #[test]
    fn a_decimal_is_the_number_that_its_text_is() {
        let [customers, times, _, gas] = usual();
        let elec = Decimal128Array::from(vec![1_234, 5, 1]).with_precision_and_scale(10, 3).unwrap();
        let sums = sums([customers, times, Arc::new(elec), gas]).unwrap();
        assert_eq!(sums.lines[0].elec_kwh[0], 1.234 + 0.005);
    }

    #[test]
    fn whole_numbers_are_ids_too() {
        let [_, times, elec, gas] = usual();
        let sums = sums([Arc::new(Int64Array::from(vec![17, 17, 4])), times, elec, gas]).unwrap();
        assert_eq!(sums.customers, ["17", "4"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error_of_the_data() {
        let [_, times, elec, gas] = usual();
        let customers: ArrayRef = Arc::new(BinaryArray::from(vec![&b"C\xff"[..], &b"C1"[..], &b"C1"[..]]));
        let error = sums([customers, times, elec, gas]).unwrap_err();
        assert!(matches!(error, Error::Data(_)), "{error}");
        assert!(error.to_string().contains("column customer_id, row group 1"), "{error}");
    }
}
