//! Where objects stand that are deeper in a JSON file than they are expected.

use serde_json::Value;

use super::json_element::is_alike;

/// A longer key is none that people gave.
const LONGEST_KEY: usize = 40;

/// The way from the top of the content to the first object with two of these keys or more, such as
/// `data.customers[].contacts[]`; of JSON lines the first line is looked at. A key that may be an ID is not told.
pub(super) fn path_to(content: &[u8], keys: &[&str]) -> Option<String> {
    let top = serde_json::Deserializer::from_slice(content).into_iter::<Value>().next()?.ok()?;
    let path = path_within(&top, keys)?;
    Some(path.strip_prefix('.').unwrap_or(&path).to_owned())
}

fn path_within(value: &Value, keys: &[&str]) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| path_within(item, keys)).map(|path| format!("[]{path}")),
        Value::Object(fields) => {
            let has = |key: &&&str| fields.keys().any(|field| is_alike(field, key));
            if keys.iter().filter(has).count() > 1 {
                return Some(String::new());
            }
            fields.iter().find_map(|(key, value)| Some(format!(".{}{}", sayable(key), path_within(value, keys)?)))
        }
        _ => None,
    }
}

/// A key as it may be told: an ID has digits.
fn sayable(key: &str) -> &str {
    let is_word = key.len() <= LONGEST_KEY && key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if is_word { key } else { "<key>" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(content: &str) -> Option<String> {
        path_to(content.as_bytes(), &["date", "channel"])
    }

    #[test]
    fn the_way_is_told_through_objects_and_arrays() {
        let contact = r#"{"Date": null, "channel": "phone"}"#;
        let cases = [
            (
                format!(r#"{{"data": {{"customers": [{{"id": 1}}, {{"contacts": [{contact}]}}]}}}}"#),
                "data.customers[].contacts[]",
            ),
            (format!(r#"[{{"id": "C1", "contacts": [{contact}]}}]"#), "[].contacts[]"),
            (format!("{{\"contacts\": [{contact}]}}\n{{\"contacts\": []}}"), "contacts[]"),
            (format!(r#"{{"C00001": {{"last call": {contact}}}}}"#), "<key>.<key>"),
        ];
        for (content, expected) in cases {
            assert_eq!(path(&content).as_deref(), Some(expected), "{content}");
        }
    }

    #[test]
    fn one_key_in_common_is_no_contact_and_what_is_no_json_has_no_way() {
        assert_eq!(path(r#"[{"agent": {"channel": "phone"}}]"#), None);
        assert_eq!(path(r#"{"data": ["#), None);
        assert_eq!(path(""), None);
    }
}
