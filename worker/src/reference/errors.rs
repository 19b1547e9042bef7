//! The list of errors.

use protocol::ErrorNumber;

use super::markdown::{cell, table};

pub fn text() -> String {
    let rows = ErrorNumber::ALL.iter().map(|number| {
        let page = number.page();
        let page = page.strip_prefix("docs/").expect("pages are in docs/");
        [
            format!("[{}](../{page})", number.number()),
            number.title().to_owned(),
            number.retries().in_words().to_owned(),
            cell(number.summary()),
            cell(number.advice()),
        ]
    });
    let rows = table(["number", "name", "retried?", "what has happened", "what to do first"], rows);
    format!(
        "# List of errors\n\nWhat \"retried\" means, and how to go on, is in [errors](../errors/README.md).\n\n{rows}"
    )
}
