//! The contacts: a JSON array of flat objects.

use polars::prelude::DataFrame;
use serde_json::{Map, Value};

use super::raw_table::RawTable;
use super::table::TableBuilder;
use crate::error::{Error, Result};

/// Reads the content of the JSON file; an element is named by its place in the array, from 0.
///
/// A field that is null, empty or left out is null; one that no element has is a missing column.
pub(super) fn read(table: RawTable, content: &[u8]) -> Result<DataFrame> {
    let elements = elements(table, content)?;
    refuse_missing_columns(table, &elements)?;
    let mut builder = TableBuilder::new(table);
    for (number, element) in elements.iter().enumerate() {
        for (index, &(name, _)) in table.columns().iter().enumerate() {
            let place = || format!("element {number} (the first is 0)");
            let text = match element.get(name) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(text.as_str()).filter(|text| !text.is_empty()),
                Some(_) => return Err(Error::data(table.file_name(), Some(name), Some(place()), "not text")),
            };
            builder.push(index, text, place)?;
        }
    }
    builder.finish()
}

fn elements(table: RawTable, content: &[u8]) -> Result<Vec<Map<String, Value>>> {
    let broken = |place: String, rule: &str| Error::data(table.file_name(), None, Some(place), rule);
    if let Err(problem) = std::str::from_utf8(content) {
        let line = content[..problem.valid_up_to()].split(|&byte| byte == b'\n').count();
        return Err(broken(format!("line {line}"), "not UTF-8 text"));
    }
    // Only the position is told: serde's own words may quote the text.
    let document: Value = serde_json::from_slice(content)
        .map_err(|problem| broken(format!("line {}, byte {}", problem.line(), problem.column()), "not valid JSON"))?;
    let Value::Array(elements) = document else {
        return Err(broken("line 1".into(), "not a JSON array of objects"));
    };
    elements
        .into_iter()
        .enumerate()
        .map(|(number, element)| match element {
            Value::Object(fields) => Ok(fields),
            _ => Err(broken(format!("element {number} (the first is 0)"), "not a JSON object")),
        })
        .collect()
}

fn refuse_missing_columns(table: RawTable, elements: &[Map<String, Value>]) -> Result<()> {
    let missing = |name: &str| !elements.is_empty() && elements.iter().all(|element| !element.contains_key(name));
    match table.columns().iter().find(|(name, _)| missing(name)) {
        Some((name, _)) => {
            Err(Error::data(table.file_name(), Some(name), None, "the column is missing in every element"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"customer_id": "C1", "date": "2024-10-17", "channel": "phone", "interaction_summary": "All good.", "agent": 7}"#;

    fn read_text(content: &str) -> Result<DataFrame> {
        read(RawTable::CustomerInteractions, content.as_bytes())
    }

    fn message(content: &str) -> String {
        read_text(content).unwrap_err().to_string()
    }

    #[test]
    fn null_empty_and_left_out_fields_are_null() {
        let table =
            read_text(&format!(r#"[{WHOLE}, {{"customer_id": "C2", "date": null, "interaction_summary": ""}}]"#))
                .unwrap();
        assert_eq!(table.get_column_names(), ["customer_id", "date", "channel", "interaction_summary"]);
        let nulls: Vec<usize> = table.columns().iter().map(polars::prelude::Column::null_count).collect();
        assert_eq!(nulls, [0, 1, 1, 1]);
    }

    #[test]
    fn broken_json_is_named_by_line() {
        let message = message(&format!("[{WHOLE},\n{{\"customer_id\": C2}}]"));
        assert!(message.starts_with("customer_interactions.json, line 2, byte 17: not valid JSON"), "{message}");
    }

    #[test]
    fn a_wrong_type_or_date_is_named_by_element() {
        let number = message(&format!(r#"[{WHOLE}, {{"customer_id": 2}}]"#));
        assert!(
            number.starts_with("customer_interactions.json, column customer_id, element 1 (the first is 0): not text")
        );
        let date = message(&format!(r#"[{WHOLE}, {{"date": "17/10/2024"}}]"#));
        assert!(date.contains("column date, element 1 (the first is 0): not a date YYYY-MM-DD"), "{date}");
        assert!(!date.contains("17/10"));
    }

    #[test]
    fn a_column_that_no_element_has_is_missing() {
        let message = message(r#"[{"customer_id": "C1", "date": null, "channel": "phone"}]"#);
        assert!(message.contains("column interaction_summary: the column is missing in every element"), "{message}");
    }

    #[test]
    fn only_a_filled_array_of_objects_is_accepted() {
        assert!(message(r#"{"customer_id": "C1"}"#).contains("not a JSON array"));
        assert!(message(&format!("[{WHOLE}, 3]")).contains("element 1 (the first is 0): not a JSON object"));
        assert_eq!(read_text("[]").unwrap().height(), 0, "nobody need have called");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_by_line() {
        let message = read(RawTable::CustomerInteractions, b"[\n{\"customer_id\": \"\xE9\"}]").unwrap_err().to_string();
        assert!(message.contains("line 2: not UTF-8 text"), "{message}");
    }
}
