//! The list of search attributes.

use protocol::search_attributes::ALL;

use super::markdown::{cell, code, table};

pub fn text() -> String {
    let rows = ALL.iter().map(|one| [code(one.name), one.kind.as_str().to_owned(), cell(one.holds)]);
    let rows = table(["name", "type", "value"], rows);
    format!("# Search attributes\n\nThe worker registers them at its start.\n\n{rows}")
}
