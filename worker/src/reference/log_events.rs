//! Every line that we write to the log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::TokenTree;

use super::markdown::{code, table};
use super::{sources, tokens};

const CRATES: [&str; 7] = ["activities", "churn", "dashboard", "lake", "protocol", "worker", "workflows"];
const LEVELS: [(&str, &str); 5] =
    [("error", "ERROR"), ("warn", "WARN"), ("info", "INFO"), ("debug", "DEBUG"), ("trace", "TRACE")];

/// A line of the log.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    message: String,
    level: &'static str,
    fields: Vec<String>,
}

pub fn text() -> String {
    let rows = events().into_iter().map(|(event, files)| {
        let fields = event.fields.iter().map(|field| code(field)).collect::<Vec<_>>().join(", ");
        let files = files.iter().map(|file| code(file)).collect::<Vec<_>>().join(", ");
        [event.level.to_owned(), code(&event.message), fields, files]
    });
    let rows = table(["level", "message", "fields", "source"], rows);
    format!(
        "# Log events\n\nWhen each is written is in [logging](../../LOGGING.md). A message in braces is the text of \
         what it tells of.\n\n{rows}"
    )
}

/// All events, each with the files that write it.
fn events() -> BTreeMap<Event, BTreeSet<String>> {
    let mut files = Vec::new();
    for name in CRATES {
        collect_files(&sources::repository().join(name).join("src"), &format!("{name}/src"), &mut files);
    }
    let mut events = BTreeMap::<_, BTreeSet<_>>::new();
    for file in files {
        let mut found = Vec::new();
        look_for_events(&tokens::of_file(&file), &mut found);
        for event in found {
            events.entry(event).or_default().insert(file.clone());
        }
    }
    events
}

fn collect_files(folder: &Path, path: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{path}/{name}");
        if entry.path().is_dir() {
            collect_files(&entry.path(), &path, files);
        } else if Path::new(&name).extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// `warn!(...)`, with or without `tracing::` before it, wherever it stands.
fn look_for_events(tokens: &[TokenTree], found: &mut Vec<Event>) {
    for (position, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let inner: Vec<_> = group.stream().into_iter().collect();
        let before = position.checked_sub(2).map(|start| &tokens[start..position]);
        if let Some([TokenTree::Ident(name), mark]) = before
            && is_mark(mark, '!')
        {
            let level = LEVELS.iter().find(|(level, _)| name == level);
            found.extend(level.map(|&(_, level)| event(level, &inner)));
        }
        look_for_events(&inner, found);
    }
}

fn event(level: &'static str, tokens: &[TokenTree]) -> Event {
    let mut event = Event { message: String::new(), level, fields: Vec::new() };
    for part in tokens.split(|token| is_mark(token, ',')).filter(|part| !part.is_empty()) {
        match part {
            // `target: "..."` is no field.
            [TokenTree::Ident(name), mark, ..] if name == "target" && is_mark(mark, ':') => {}
            [only] if tokens::text(only).is_some() => {
                event.message = tokens::text(only).unwrap_or_default();
            }
            _ if event.message.is_empty() => event.fields.push(field(part)),
            // What fills the braces of the message.
            _ => {}
        }
    }
    event
}

/// The name before `=`, without the mark that says how its value is written.
fn field(part: &[TokenTree]) -> String {
    let name = part.split(|token| is_mark(token, '=')).next().unwrap_or(part);
    name.iter().map(ToString::to_string).collect::<String>().trim_start_matches(['%', '?']).to_owned()
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

/// A message in braces is said there in words.
#[test]
fn logging_explains_every_event_and_no_other() {
    let document = sources::read("LOGGING.md");
    let rows =
        document.lines().filter(|line| LEVELS.iter().any(|(_, level)| line.starts_with(&format!("| {level} |"))));
    let explained: BTreeSet<String> = rows
        .filter_map(|row| row.split('|').nth(2))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    let events = events();
    let fixed = || events.keys().filter(|event| !event.message.starts_with('{'));
    let silent: Vec<_> =
        fixed().filter(|event| event.level != "DEBUG" && !explained.contains(&event.message)).collect();
    assert!(silent.is_empty(), "LOGGING.md does not say when these are written: {silent:#?}");
    let known: BTreeSet<_> = fixed().map(|event| event.message.as_str()).chain(["aws_calls"]).collect();
    let gone: Vec<_> = explained.iter().filter(|message| !known.contains(message.as_str())).collect();
    assert!(gone.is_empty(), "LOGGING.md explains what nothing writes: {gone:#?}");
}
