//! A short list as a file has it: raw names, plain values, and nothing where nothing is known.

use polars::prelude::{Column, DataFrame, PolarsResult};

/// The rows of a list, column by column: what a table of a page, or the numbers of its pictures, are as a file.
#[derive(Debug, Clone, Default)]
pub struct List {
    rows: usize,
    columns: Vec<Column>,
}

/// A list to which columns are added.
#[derive(Debug)]
pub struct Listing<'a, T> {
    items: &'a [T],
    columns: Vec<Column>,
}

impl List {
    /// A list with a row for each of these.
    pub fn of<T>(items: &[T]) -> Listing<'_, T> {
        Listing { items, columns: Vec::new() }
    }

    /// The table of the file.
    pub fn frame(&self) -> PolarsResult<DataFrame> {
        DataFrame::new(self.rows, self.columns.clone())
    }
}

impl<T> Listing<'_, T> {
    /// With a column of words.
    pub fn text<V: Into<Option<String>>>(self, name: &str, of: impl Fn(&T) -> V) -> Self {
        let values: Vec<Option<String>> = self.items.iter().map(|item| of(item).into()).collect();
        self.with(Column::new(name.into(), values))
    }

    /// With a column of measures.
    pub fn number<V: Into<Option<f64>>>(self, name: &str, of: impl Fn(&T) -> V) -> Self {
        let values: Vec<Option<f64>> = self.items.iter().map(|item| of(item).into()).collect();
        self.with(Column::new(name.into(), values))
    }

    /// With a column of counts.
    pub fn count<V: Into<Option<u64>>>(self, name: &str, of: impl Fn(&T) -> V) -> Self {
        let values: Vec<Option<u64>> = self.items.iter().map(|item| of(item).into()).collect();
        self.with(Column::new(name.into(), values))
    }

    /// With a column of yes and no.
    pub fn flag<V: Into<Option<bool>>>(self, name: &str, of: impl Fn(&T) -> V) -> Self {
        let values: Vec<Option<bool>> = self.items.iter().map(|item| of(item).into()).collect();
        self.with(Column::new(name.into(), values))
    }

    fn with(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }
}

impl<T> From<Listing<'_, T>> for List {
    fn from(listing: Listing<'_, T>) -> Self {
        Self { rows: listing.items.len(), columns: listing.columns }
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn what_is_not_known_is_empty_in_the_file_and_never_0() {
        let items = [("a", Some(2.5), 3_u64, Some(true)), ("b", None, 0, None)];
        let list = List::of(&items)
            .text("name", |item| item.0.to_owned())
            .number("share", |item| item.1)
            .count("rows", |item| item.2)
            .flag("kept", |item| item.3);
        let expected = df!(
            "name" => ["a", "b"],
            "share" => [Some(2.5), None],
            "rows" => [3_u64, 0],
            "kept" => [Some(true), None],
        );
        assert!(List::from(list).frame().unwrap().equals_missing(&expected.unwrap()));
    }

    #[test]
    fn a_list_of_nothing_has_its_columns() {
        let none: [u64; 0] = [];
        let frame = List::from(List::of(&none).count("rows", |rows| *rows)).frame().unwrap();
        assert_eq!((frame.height(), frame.width()), (0, 1));
    }
}
