//! Collects the cells of one raw table column by column.

use polars::prelude::{
    ChunkedBuilder, Column, DataFrame, Float64Type, Int32Type, IntoColumn, PrimitiveChunkedBuilder,
    StringChunkedBuilder,
};

use super::cell::{self, CellType, Rule};
use super::raw_table::RawTable;
use crate::error::{Error, Result};

/// The typed columns of a raw table while it is read.
pub(super) struct TableBuilder {
    table: RawTable,
    columns: Vec<TypedColumn>,
}

struct TypedColumn {
    cell_type: CellType,
    cells: Cells,
}

enum Cells {
    Text(StringChunkedBuilder),
    Integer(PrimitiveChunkedBuilder<Int32Type>),
    Number(PrimitiveChunkedBuilder<Float64Type>),
}

impl TableBuilder {
    pub(super) fn new(table: RawTable) -> Self {
        let columns = table.columns().iter().map(|&(name, cell_type)| TypedColumn::new(name, cell_type)).collect();
        Self { table, columns }
    }

    /// Adds a cell to the column at `index` of [`RawTable::columns`]; no text is null.
    pub(super) fn push(&mut self, index: usize, text: Option<&str>, place: impl FnOnce() -> String) -> Result<()> {
        self.columns[index].push(text).map_err(|rule| {
            let (name, _) = self.table.columns()[index];
            Error::data(self.table.file_name(), Some(name), Some(place()), rule)
        })
    }

    /// The finished table; one without rows is an error, unless there need not be any.
    pub(super) fn finish(self) -> Result<DataFrame> {
        let columns: Vec<Column> = self.columns.into_iter().map(TypedColumn::finish).collect();
        let rows = columns.first().map_or(0, Column::len);
        if rows == 0 && !self.table.may_be_empty() {
            return Err(Error::data(self.table.file_name(), None, None, "the file has no rows"));
        }
        DataFrame::new(rows, columns).map_err(Error::table("build a raw table"))
    }
}

impl TypedColumn {
    fn new(name: &str, cell_type: CellType) -> Self {
        let cells = match cell_type {
            CellType::Text | CellType::Month => Cells::Text(StringChunkedBuilder::new(name.into(), 0)),
            CellType::Number => Cells::Number(PrimitiveChunkedBuilder::new(name.into(), 0)),
            CellType::Flag | CellType::Integer | CellType::Date => {
                Cells::Integer(PrimitiveChunkedBuilder::new(name.into(), 0))
            }
        };
        Self { cell_type, cells }
    }

    fn push(&mut self, text: Option<&str>) -> Result<(), Rule> {
        match &mut self.cells {
            Cells::Text(cells) => match self.cell_type {
                CellType::Month => cells.append_option(text.map(cell::month).transpose()?),
                _ => cells.append_option(text),
            },
            Cells::Number(cells) => cells.append_option(text.map(cell::number).transpose()?),
            Cells::Integer(cells) => {
                let parse = match self.cell_type {
                    CellType::Flag => cell::flag,
                    CellType::Date => cell::date,
                    _ => cell::integer,
                };
                cells.append_option(text.map(parse).transpose()?);
            }
        }
        Ok(())
    }

    fn finish(self) -> Column {
        match self.cells {
            Cells::Text(cells) => cells.finish().into_column(),
            Cells::Number(cells) => cells.finish().into_column(),
            Cells::Integer(cells) if self.cell_type == CellType::Date => cells.finish().into_date().into_column(),
            Cells::Integer(cells) => cells.finish().into_column(),
        }
    }
}
