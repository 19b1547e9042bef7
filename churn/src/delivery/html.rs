//! Contacts that are kept in HTML: it is taken out before anything is read of them.

use std::borrow::Cow;

use super::{Delivered, column};
use crate::error::Result;
use crate::quality::{Finding, Severity};
use crate::raw::RawTable;
use crate::text::without_html;

/// What is told of contacts with HTML in their text.
pub fn of_html(tables: &Delivered) -> Result<Option<Finding>> {
    let texts = column(tables, RawTable::CustomerInteractions, "interaction_summary")?;
    let all = texts.len() as u64;
    let with_html = texts.into_iter().flatten().filter(|text| matches!(without_html(text), Cow::Owned(_)));
    let count = with_html.count() as u64;
    if count == 0 {
        return Ok(None);
    }
    let words = format!(
        "{count} of {all} contacts hold HTML (tags, or names of signs like &nbsp;), which intents and sentiment do not read; \
         deliver plain text where the system can export it"
    );
    let finding = Finding::new(Severity::Info, RawTable::CustomerInteractions.as_str(), "html_contacts", words);
    Ok(Some(finding.of_column("interaction_summary").counting_of(count, all)))
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    #[test]
    fn contacts_with_html_are_counted_and_plain_ones_are_not() {
        let told = |texts: [Option<&str>; 3]| {
            let contacts = df!("interaction_summary" => texts).unwrap();
            of_html(&[(RawTable::CustomerInteractions.as_str(), contacts)]).unwrap()
        };
        assert_eq!(told([Some("5 < 6 & R&D"), None, Some("The bill.")]), None);
        let finding = told([Some("<p>The bill.</p>"), None, Some("The&nbsp;bill.")]).unwrap();
        assert_eq!((finding.severity, finding.count), (Severity::Info, 2));
    }
}
