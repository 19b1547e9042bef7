//! The wall around libraries that read files: what panics behind it is a fault of the file.
//!
//! A damaged file can make a decoder panic where it should return an error. The same bytes would panic
//! again on every worker, so they are bad data, told with the name of the file.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Result};

// Without unwinding a panic ends the process, and with it every other run of the worker.
const _: () = assert!(cfg!(panic = "unwind"), "the profile must not set panic = \"abort\"");

/// Runs `read`, which decodes the file called `file`; a panic in it becomes [`Error::Data`].
///
/// What `read` changes must be thrown away when this fails: it may be half done. A panic in a thread
/// pool arrives here too, because Rayon hands it on to the caller.
pub(crate) fn contained<T>(file: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| Err(Error::data(file, None, None, rule(&*panic))))
}

/// Only a text of the source code is repeated: a formatted one may hold a cell of the file.
fn rule(panic: &(dyn Any + Send)) -> String {
    let detail = panic.downcast_ref::<&'static str>().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("is damaged in a way that its reader did not expect{detail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_panic_of_a_reader_is_bad_data_with_the_files_name_and_no_cell_of_it() {
        let cell = std::hint::black_box("C00017");
        let error = contained("prices.parquet", || -> Result<()> { panic!("no such key: {cell}") }).unwrap_err();
        assert_eq!(error.kind(), Kind::Permanent);
        let message = error.to_string();
        assert!(message.starts_with("prices.parquet: is damaged") && !message.contains(cell), "{message}");
        let error = contained("prices.parquet", || -> Result<()> { panic!("offset overflow") }).unwrap_err();
        assert!(error.to_string().contains("(offset overflow)"), "{error}");
    }

    #[test]
    fn a_panic_in_the_thread_pool_of_the_table_library_stays_behind_the_wall_too() {
        use polars::prelude::*;
        let in_the_pool = || -> Result<DataFrame> {
            let table = df!("x" => [1, 2, 3]).map_err(Error::table("make a table"))?;
            let panics = |_: Column| -> PolarsResult<Column> { panic!("in another thread") };
            let other = |_: &Schema, field: &Field| Ok(field.clone());
            table.lazy().select([col("x").map(panics, other)]).collect().map_err(Error::table("collect"))
        };
        let error = contained("prices.parquet", in_the_pool).unwrap_err();
        assert!(matches!(error, Error::Data(_)), "{error}");
    }

    #[test]
    fn what_is_read_and_what_fails_passes_the_wall_unchanged() {
        assert_eq!(contained("a", || Ok(7)).unwrap(), 7);
        assert!(matches!(contained("a", || Err::<(), _>(Error::Cancelled)), Err(Error::Cancelled)));
    }
}
