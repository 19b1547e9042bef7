//! The files of texts: how `build.rs` reads them, compares the languages and writes the code of `Word`.
//!
//! A file is a flat TOML table: `key = "text"` on one line, comments, empty lines. A text may name places to fill,
//! `{rows}`; both languages name the same ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A text and where it stands.
pub(super) struct Message {
    /// What is said.
    pub text: String,
    /// `messages/en/overview.toml:12`
    pub place: String,
}

/// Every text of one language by its key.
pub(super) type Messages = BTreeMap<String, Message>;

/// Adds the texts of one file; what is wrong with it goes to `problems`.
pub(super) fn read(file: &str, content: &str, messages: &mut Messages, problems: &mut Vec<String>) {
    for (line, number) in content.lines().zip(1..) {
        let place = format!("{file}:{number}");
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match key_and_text(line) {
            Ok((key, text)) => {
                if let Some(earlier) = messages.get(&key) {
                    problems.push(format!("{place}: {key} is at {} already; name it anew", earlier.place));
                    continue;
                }
                messages.insert(key, Message { text, place });
            }
            Err(problem) => problems.push(format!("{place}: {problem}")),
        }
    }
}

fn key_and_text(line: &str) -> Result<(String, String), String> {
    let (key, value) = line.split_once('=').ok_or("is not key = \"text\"")?;
    let key = key.trim();
    let letters = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    if !key.starts_with(|sign: char| sign.is_ascii_lowercase()) || !key.chars().all(letters) {
        return Err(format!("{key:?} is no key; use lower case, digits and _"));
    }
    let quoted = value.trim().strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let text = unescaped(quoted.ok_or_else(|| format!("the text of {key} is not in double quotes"))?)?;
    if text.trim().is_empty() {
        return Err(format!("{key} says nothing"));
    }
    places(&text).ok_or_else(|| format!("{key} has a brace without its other half or a place without a name"))?;
    Ok((key.to_owned(), text))
}

fn unescaped(quoted: &str) -> Result<String, String> {
    let mut text = String::with_capacity(quoted.len());
    let mut signs = quoted.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => return Err("a quote inside a text needs a backslash before it".to_owned()),
            '\\' => match signs.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                other => return Err(format!("\\{} is not known; only \\\" and \\\\ are", other.unwrap_or(' '))),
            },
            _ => text.push(sign),
        }
    }
    Ok(text)
}

/// The names in braces; nothing where the braces do not match.
fn places(text: &str) -> Option<BTreeSet<&str>> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        let named = !name.is_empty() && name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_');
        if before.contains('}') || !named {
            return None;
        }
        found.insert(name);
        rest = tail;
    }
    (!rest.contains('}')).then_some(found)
}

/// What one language says and the other does not.
pub(super) fn differences(en: &Messages, es: &Messages) -> Vec<String> {
    let mut problems = Vec::new();
    for (key, message) in en {
        match es.get(key) {
            None => problems.push(format!("{}: {key} is missing in Spanish", message.place)),
            Some(other) if places(&message.text) != places(&other.text) => {
                problems.push(format!("{}: {key} fills other places than {}", other.place, message.place));
            }
            Some(_) => {}
        }
    }
    let only_es = es.iter().filter(|(key, _)| !en.contains_key(*key));
    problems.extend(only_es.map(|(key, message)| format!("{}: {key} is missing in English", message.place)));
    problems
}

/// The code of `Word`, its keys and its texts; both languages have the same keys.
pub(super) fn code(en: &Messages, es: &Messages) -> String {
    let mut variants = String::new();
    let mut listed = String::new();
    let mut keys = String::new();
    let mut texts = String::new();
    for ((key, message), other) in en.iter().zip(es.values()) {
        let name = variant(key);
        let said = message.text.replace('`', "'");
        // Writing to a text cannot fail.
        let _ = writeln!(variants, "    #[doc = {:?}]\n    {name},", format!("`{said}`"));
        let _ = writeln!(listed, "        Self::{name},");
        let _ = writeln!(keys, "    {key:?},");
        let _ = writeln!(texts, "    [{:?}, {:?}],", message.text, other.text);
    }
    let count = en.len();
    format!(
        "/// Every text of the dashboard; what it says in English stands beside it.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]\n\
         pub enum Word {{\n{variants}}}\n\n\
         impl Word {{\n    /// All of them, in the order of their keys.\n    \
         pub const ALL: [Self; {count}] = [\n{listed}    ];\n}}\n\n\
         /// The keys of the files of texts, in the order of [`Word::ALL`].\n\
         static KEYS: [&str; {count}] = [\n{keys}];\n\n\
         /// English, Spanish.\n\
         static TEXTS: [[&str; 2]; {count}] = [\n{texts}];\n"
    )
}

/// `overview_title` is `OverviewTitle`.
fn variant(key: &str) -> String {
    let mut name = String::with_capacity(key.len());
    for part in key.split('_').filter(|part| !part.is_empty()) {
        let (first, rest) = part.split_at(1);
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(content: &str) -> (Messages, Vec<String>) {
        let mut read_so_far = Messages::new();
        let mut problems = Vec::new();
        read("en/a.toml", content, &mut read_so_far, &mut problems);
        (read_so_far, problems)
    }

    #[test]
    fn a_line_is_a_key_and_a_text() {
        let (read, problems) = messages("# words\n\nnav_risk = \"Risk\"\nsaid = \"it said \\\"{word}\\\"\"\n");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(read["nav_risk"].text, "Risk");
        assert_eq!(read["said"].text, "it said \"{word}\"");
        assert_eq!(read["said"].place, "en/a.toml:4");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (content, problem) in [
            ("title", "is not key"),
            ("Title = \"x\"", "is no key"),
            ("title = x", "not in double quotes"),
            ("title = \" \"", "says nothing"),
            ("title = \"{a\"", "brace"),
            ("title = \"a}\"", "brace"),
            ("title = \"{}\"", "brace"),
            ("title = \"a\\n\"", "is not known"),
            ("a = \"x\"\na = \"y\"", "already"),
        ] {
            let (_, problems) = messages(content);
            assert!(problems.len() == 1 && problems[0].contains(problem), "{content}: {problems:?}");
            assert!(problems[0].starts_with("en/a.toml:"), "{problems:?}");
        }
    }

    #[test]
    fn languages_that_differ_do_not_build() {
        let (en, _) = messages("a = \"{n} rows\"\nb = \"x\"");
        let (es, _) = messages("a = \"filas\"\nc = \"y\"");
        let problems = differences(&en, &es);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(differences(&en, &messages("a = \"filas: {n}\"\nb = \"x\"").0).is_empty());
    }

    #[test]
    fn a_key_becomes_a_variant_with_both_texts() {
        let (en, _) = messages("page_of = \"a `b`\"");
        let (es, _) = messages("page_of = \"c\"");
        let code = code(&en, &es);
        assert!(code.contains("#[doc = \"`a 'b'`\"]\n    PageOf,"), "{code}");
        assert!(code.contains("[\"a `b`\", \"c\"]"), "{code}");
        assert_eq!(variant("at_24_h"), "At24H");
    }
}
