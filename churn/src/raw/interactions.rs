//! The contacts: a JSON array of flat objects, or one object a line (JSON lines). An object around the one array is
//! understood.

use serde_json::Value;

use super::RawRead;
use super::cell::{CellType, not_a_date};
use super::json_element::{Element, list_under};
use super::json_path::path_to;
use super::raw_table::RawTable;
use super::table::TableBuilder;
use crate::csv::{NOT_UTF8, foreign_format};
use crate::error::{Error, Result};
use crate::quality::{Finding, Severity};

/// Reads the content of the JSON file; an element is named by its place in the file, from 0.
///
/// A field that is null, blank or left out is null; one that no element has is a missing column. Of a key that an
/// object has twice the last counts, and it is told.
pub(super) fn read(table: RawTable, content: &[u8]) -> Result<RawRead> {
    let (elements, wrapping) = elements(table, content)?;
    refuse_missing_columns(table, &elements, content)?;
    let mut builder = TableBuilder::new(table);
    let mut numbers = 0;
    for (number, element) in elements.iter().enumerate() {
        for (index, &(name, cell_type)) in table.columns().iter().enumerate() {
            let broken = |rule: &str| Error::data(table.file_name(), Some(name), Some(place(number)), rule);
            let id;
            let text = match element.get(name) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(text.as_str()),
                // What writes ids without quotes has whole numbers for ids.
                Some(Value::Number(value)) if cell_type == CellType::Id && !value.is_f64() => {
                    numbers += 1;
                    id = value.to_string();
                    Some(id.as_str())
                }
                Some(Value::Number(value)) if cell_type == CellType::Date => {
                    return Err(broken(not_a_date(&value.to_string())));
                }
                Some(_) => return Err(broken("not text")),
            };
            let trimmed = text.map(|text| if cell_type == CellType::Text { text } else { text.trim() });
            builder.push(index, trimmed.filter(|text| !text.trim().is_empty())).map_err(broken)?;
        }
    }
    Ok(RawRead { findings: findings(table, &elements, numbers, wrapping), frame: builder.finish()? })
}

/// What stands around the contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapping {
    None,
    /// An object with one list in it, as services answer: `{"data": [...]}`.
    Object,
}

fn place(number: usize) -> String {
    format!("element {number} (the first is 0)")
}

fn elements(table: RawTable, content: &[u8]) -> Result<(Vec<Element>, Wrapping)> {
    let broken = |place: Option<String>, rule: &str| Error::data(table.file_name(), None, place, rule);
    if let Some(words) = foreign_format(content) {
        return Err(broken(None, &words.replace("CSV", "JSON")));
    }
    if let Err(problem) = std::str::from_utf8(content) {
        let line = content[..problem.valid_up_to()].split(|&byte| byte == b'\n').count();
        return Err(broken(Some(format!("line {line}")), NOT_UTF8));
    }
    // Only the position is told: serde's own words may quote the text.
    let not_json = |problem: &serde_json::Error| {
        let place = Some(format!("line {}, byte {}", problem.line(), problem.column()));
        if problem.is_eof() {
            return broken(place, "not valid JSON: it ends too early; is the file cut off?");
        }
        match word_at(content, problem.line(), problem.column()) {
            Some(word) => {
                let rule =
                    format!("not valid JSON: it has no {word}; write null, without quotes, for what is not known");
                broken(place, &rule)
            }
            None => broken(place, "not valid JSON (an array of objects, or one object a line)"),
        }
    };
    let elements: Vec<Element> = match content.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(content).map_err(|problem| not_json(&problem))?,
        Some(b'{') => serde_json::Deserializer::from_slice(content)
            .into_iter::<Element>()
            .collect::<Result<Vec<_>, _>>()
            .map_err(|problem| not_json(&problem))?,
        _ => return Err(broken(Some("line 1".to_owned()), "neither a JSON array of objects nor JSON lines")),
    };
    if let Some(number) = elements.iter().position(|element| !element.is_object()) {
        return Err(broken(Some(place(number)), "not a JSON object"));
    }
    match lists_around(table, content, &elements).as_slice() {
        [] => Ok((elements, Wrapping::None)),
        [key] => {
            if let Some(told_by) = elements.first().and_then(|object| object.key_of_more(key)) {
                let rule = format!("one page of several, by its key {told_by}; deliver all contacts in one file");
                return Err(broken(Some("line 1".to_owned()), &rule));
            }
            let list = list_under(content, key).map_err(|problem| not_json(&problem))?;
            Ok((list, Wrapping::Object))
        }
        several => {
            let count = several.len();
            let rule = format!("an object around {count} lists; deliver the contacts as one array of objects");
            Err(broken(Some("line 1".to_owned()), &rule))
        }
    }
}

/// What programs write in place of a value and JSON does not know.
const NO_JSON: [&str; 6] = ["NaN", "nan", "Infinity", "None", "NULL", "undefined"];

/// Such a word at a place where the reading of JSON ended; lines and bytes count from 1.
fn word_at(content: &[u8], line: usize, byte: usize) -> Option<&'static str> {
    let text = content.split(|&byte| byte == b'\n').nth(line.checked_sub(1)?)?;
    let at = byte.checked_sub(1)?;
    let (before, behind) = text.split_at_checked(at)?;
    let start = before.iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |place| place + 1);
    let length = behind.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = text.get(start..at + length)?;
    NO_JSON.into_iter().find(|known| known.as_bytes() == word)
}

/// The lists of an object that is the whole file and no contact.
fn lists_around(table: RawTable, content: &[u8], elements: &[Element]) -> Vec<String> {
    match elements {
        [object] if content.trim_ascii_start().starts_with(b"{") => {
            let is_contact = table.columns().iter().any(|(name, _)| object.get(name).is_some());
            if is_contact { Vec::new() } else { object.lists() }
        }
        _ => Vec::new(),
    }
}

fn refuse_missing_columns(table: RawTable, elements: &[Element], content: &[u8]) -> Result<()> {
    let is_missing = |name: &str| elements.iter().all(|element| element.get(name).is_none());
    let columns = || table.columns().iter().map(|(name, _)| *name);
    let missing: Vec<&str> = columns().filter(|name| !elements.is_empty() && is_missing(name)).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let all = columns().collect::<Vec<_>>().join(", ");
    if let Some(path) = path_to(content, &missing) {
        let rule = format!(
            "the contacts stand in {path}, and are expected as one array of objects at the top of the file (or as the one \
             list of an object around it); take them out, each with the keys {all}, and deliver again"
        );
        return Err(Error::data(table.file_name(), None, None, rule));
    }
    let rule = if missing.len() == columns().count() {
        format!("the column is missing in every element, and so are all others; each needs the keys {all} by itself")
    } else {
        "the column is missing in every element".to_owned()
    };
    Err(Error::data(table.file_name(), Some(first), None, rule))
}

fn findings(table: RawTable, elements: &[Element], numbers: u64, wrapping: Wrapping) -> Vec<Finding> {
    let (name, all) = (table.as_str(), elements.len() as u64);
    let mut findings = Vec::new();
    if wrapping == Wrapping::Object {
        let words = "the contacts are the one list of an object around them, and were taken out of it";
        findings.push(Finding::new(Severity::Info, name, "wrapped_json", words).counting(1));
    }
    let keys = || table.columns().iter().map(|(key, _)| *key);
    let other_case = elements.iter().filter(|element| element.has_other_case(keys())).count() as u64;
    if other_case > 0 {
        let words = format!("{other_case} objects have keys in another case, which are taken as the usual ones");
        findings.push(Finding::new(Severity::Info, name, "json_key_case", words).counting_of(other_case, all));
    }
    let repeated = elements.iter().filter(|element| element.has_repeated_key()).count() as u64;
    if repeated > 0 {
        let words = format!("{repeated} objects have a key twice; the last value counts");
        findings.push(Finding::new(Severity::Warn, name, "repeated_json_key", words).counting_of(repeated, all));
    }
    if numbers > 0 {
        let words = "ids are numbers without quotes and are taken as text";
        findings.push(Finding::new(Severity::Info, name, "integer_ids", words).counting_of(numbers, all));
    }
    findings
}

#[cfg(test)]
mod tests {
    use polars::prelude::DataFrame;

    use super::*;

    const WHOLE: &str = r#"{"customer_id": "C1", "date": "2024-10-17", "channel": "phone", "interaction_summary": "All good.", "agent": 7}"#;

    fn read_text(content: &str) -> Result<DataFrame> {
        read(RawTable::CustomerInteractions, content.as_bytes()).map(|read| read.frame)
    }

    fn told(content: &str) -> Vec<Finding> {
        read(RawTable::CustomerInteractions, content.as_bytes()).map(|read| read.findings).unwrap_or_default()
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
        let number = message(&format!(r#"[{WHOLE}, {{"channel": 2}}]"#));
        assert!(number.starts_with("customer_interactions.json, column channel, element 1 (the first is 0): not text"));
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
    fn only_objects_are_accepted() {
        assert!(message(r#"{"customer_id": "C1"}"#).contains("the column is missing in every element"));
        assert!(message("17").contains("neither a JSON array of objects nor JSON lines"));
        assert!(message(&format!("[{WHOLE}, 3]")).contains("element 1 (the first is 0): not a JSON object"));
        assert_eq!(read_text("[]").unwrap().height(), 0, "nobody need have called");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_by_line() {
        let read = read(RawTable::CustomerInteractions, b"[\n{\"customer_id\": \"\xE9\"}]");
        let message = read.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("line 2: not UTF-8 text"), "{message}");
    }

    #[test]
    fn json_lines_are_the_same_as_an_array() {
        let second = r#"{"customer_id": " C2 ", "date": null, "channel": " ", "interaction_summary": " x "}"#;
        let array = read_text(&format!("[{WHOLE},{second}]")).unwrap();
        for lines in [format!("{WHOLE}\n{second}\n"), format!("\n{WHOLE}\r\n\r\n{second}"), format!("{WHOLE}{second}")]
        {
            assert!(read_text(&lines).unwrap().equals_missing(&array), "{lines}");
        }
        let ids: Vec<_> = array.column("customer_id").unwrap().str().unwrap().iter().collect();
        assert_eq!(ids, [Some("C1"), Some("C2")], "ids are trimmed");
        assert_eq!(array.column("interaction_summary").unwrap().str().unwrap().get(1), Some(" x "), "texts are not");
    }

    #[test]
    fn words_that_json_does_not_know_are_named_with_what_to_write() {
        for word in ["NaN", "nan", "-Infinity", "None", "NULL", "undefined"] {
            for content in [
                format!("[{WHOLE},\n{}]", WHOLE.replace("\"phone\"", word)),
                format!("{WHOLE}\n{}", WHOLE.replace("\"phone\"", word)),
            ] {
                let message = message(&content);
                let names = format!("it has no {}; write null", word.trim_start_matches('-'));
                assert!(message.contains("line 2, byte ") && message.contains(&names), "{message}");
            }
        }
        let quotes = message(&WHOLE.replace("\"phone\"", "'phone'"));
        assert!(quotes.contains("not valid JSON (an array of objects"), "{quotes}");
    }

    #[test]
    fn a_date_that_is_a_number_says_what_it_looks_like() {
        let message = message(&WHOLE.replace("\"2024-10-17\"", "1729116000000"));
        assert!(message.contains("column date, element 0 (the first is 0): not a date YYYY-MM-DD"), "{message}");
        assert!(message.contains("the time since 1970") && !message.contains("1729116"), "{message}");
    }

    #[test]
    fn a_file_that_is_cut_off_says_so() {
        let array = format!("[{WHOLE},\n{WHOLE}]");
        let lines = format!("{WHOLE}\n{WHOLE}");
        for content in [&array[..array.len() - 20], &lines[..lines.len() - 20]] {
            let message = message(content);
            assert!(message.contains("line 2") && message.contains("is the file cut off?"), "{message}");
        }
    }

    #[test]
    fn a_key_that_is_there_twice_is_told_and_the_last_counts() {
        let twice =
            r#"{"customer_id": "C1", "date": "2024-10-17", "channel": "a", "channel": "b", "interaction_summary": ""}"#;
        let content = format!("[{WHOLE}, {twice}]");
        let channels = read_text(&content).unwrap();
        assert_eq!(channels.column("channel").unwrap().str().unwrap().get(1), Some("b"));
        let told = told(&content);
        assert_eq!((told[0].rule.as_str(), told[0].count, told[0].share), ("repeated_json_key", 1, Some(0.5)));
    }

    #[test]
    fn an_object_around_the_one_list_is_taken_off_and_told() {
        let plain = read_text(&format!("[{WHOLE}, {WHOLE}]")).unwrap();
        let wrapped = format!(r#"{{"count": 2, "tags": ["a"], "data": [{WHOLE}, {WHOLE}]}}"#);
        assert!(read_text(&wrapped).unwrap().equals_missing(&plain));
        assert_eq!(told(&wrapped)[0].rule, "wrapped_json");
        assert_eq!(read_text(r#"{"data": []}"#).unwrap().height(), 0);
        let two = message(&format!(r#"{{"open": [{WHOLE}], "closed": [{WHOLE}]}}"#));
        assert!(two.contains("line 1: an object around 2 lists; deliver the contacts as one array"), "{two}");
        let deep = message(&format!(r#"{{"answer": {{"data": [{WHOLE}]}}}}"#));
        assert!(deep.starts_with("customer_interactions.json: the contacts stand in answer.data[], and are"), "{deep}");
        let other = message(r#"{"answer": {"data": [{"id": "C1"}]}}"#);
        assert!(other.contains("all others; each needs the keys customer_id, date, channel"), "{other}");
        // One contact that happens to hold a list is one contact.
        let one = WHOLE.replace("\"agent\": 7", "\"calls\": [{\"to\": 1}]");
        assert_eq!((read_text(&one).unwrap().height(), told(&one).len()), (1, 0));
    }

    #[test]
    fn contacts_within_each_customer_are_refused_with_where_they_stand_and_where_they_should() {
        let contact = r#"{"date": "2024-10-17", "channel": "phone", "interaction_summary": "All good."}"#;
        let customer = format!(r#"{{"customer_id": "C1", "interactions": [{contact}]}}"#);
        for (content, path) in [
            (format!(r#"{{"data": {{"customers": [{customer}]}}}}"#), "data.customers[].interactions[]"),
            (format!(r#"{{"customers": [{customer}]}}"#), "customers[].interactions[]"),
            (format!("[{customer}, {customer}]"), "[].interactions[]"),
            (format!("{customer}\n{customer}"), "interactions[]"),
        ] {
            let message = message(&content);
            let says = [
                format!("stand in {path}, and are expected as one array of objects at the top"),
                "each with the keys customer_id, date,".to_owned(),
            ];
            assert!(says.iter().all(|words| message.contains(words)), "{message}");
        }
        let by_id = message(&format!(r#"{{"C00001": {WHOLE}, "C00002": {WHOLE}}}"#));
        assert!(by_id.contains("stand in <key>, and are expected") && !by_id.contains("C0000"), "{by_id}");
    }

    #[test]
    fn one_page_of_several_is_refused_and_a_whole_answer_is_not() {
        let page = |beside: &str| format!(r#"{{"data": [{WHOLE}, {WHOLE}], {beside}}}"#);
        for more in [
            r#""total": 99, "next": "/p/2""#,
            r#""count": 3"#,
            r#""has_more": true"#,
            r#""@odata.nextLink": "x""#,
            r#""meta": {"totalPages": 2}"#,
            r#""_links": {"next": {"href": "/p/2"}}"#,
        ] {
            let message = message(&page(more));
            assert!(message.contains("line 1: one page of several, by its key "), "{message}");
        }
        let whole =
            r#""total": 2, "next": null, "cursor": "", "has_more": false, "pages": 1, "next_export": "2025-02-01""#;
        assert_eq!(read_text(&page(whole)).unwrap().height(), 2);
    }

    #[test]
    fn keys_in_another_case_are_the_same_keys_and_told() {
        let shouted = WHOLE.replace("customer_id", "CUSTOMER_ID").replace("date", "Date");
        let content = format!("[{WHOLE}, {shouted}]");
        assert!(read_text(&content).unwrap().equals_missing(&read_text(&format!("[{WHOLE}, {WHOLE}]")).unwrap()));
        let told = told(&content);
        assert_eq!((told[0].rule.as_str(), told[0].count), ("json_key_case", 1));
    }

    #[test]
    fn ids_without_quotes_are_text_and_told() {
        let content = WHOLE.replace("\"C1\"", "17");
        let table = read_text(&content).unwrap();
        assert_eq!(table.column("customer_id").unwrap().str().unwrap().get(0), Some("17"));
        assert_eq!(told(&content)[0].rule, "integer_ids");
        assert!(message(&WHOLE.replace("\"C1\"", "17.0")).contains("not text"));
    }
}
