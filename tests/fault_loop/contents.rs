//! What a lake holds, with the names and times of the runs taken out: two lakes with the same contents
//! hold the same result.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use protocol::Digest;
use regex::Regex;

use support::lake::TestLake;

/// The layers whose content the data decides.
const LAYERS: [&str; 7] = ["bronze", "silver", "gold", "models", "evaluated", "scored", "monitoring"];
/// The pointer that stands above them.
const PUBLISHED: &str = "published.json";

/// Run IDs, workflow IDs of the loop, times and seals: all that may differ between two runs of the same data.
static NAMES_AND_TIMES: LazyLock<Regex> = LazyLock::new(|| {
    let run = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    let time = r"\d{4}-\d{2}-\d{2}T\d{2}:?\d{2}:?\d{2}[0-9.]*(?:Z|\+00:00)";
    // A manifest's own digest covers the name of the run that made it.
    let seal = r#""seal": "[0-9a-f]{64}""#;
    Regex::new(&format!("{run}|{time}|{seal}|{}-[0-9]+", super::run::PURPOSE)).expect("a pattern")
});

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    /// Without names and times.
    Text(String),
    /// By its digest.
    Bytes(Digest),
}

/// The objects by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, Content>);

impl Contents {
    /// Everything but what belongs to single runs: their records, reports and alerts.
    pub fn of(lake: &TestLake) -> Self {
        let keys = results(lake).into_iter().filter(|key| !is_of_one_run(key));
        Self(keys.map(|key| (without_names(&key), content(&lake.at(&key)))).collect())
    }

    /// What differs from an undisturbed lake, in words; nothing when they are the same.
    pub fn difference(&self, expected: &Self) -> Option<String> {
        expected.missing_in(self).or_else(|| self.beyond(&[expected]))
    }

    /// What of this another lake lacks, or has otherwise.
    pub fn missing_in(&self, other: &Self) -> Option<String> {
        self.0.iter().find_map(|(key, content)| match other.0.get(key) {
            None => Some(format!("{key} is missing")),
            Some(found) if found != content => Some(format!("{key} has other content: {}", content.unlike(found))),
            Some(_) => None,
        })
    }

    /// What is here and in none of the allowed lakes, or otherwise than in each of them.
    pub fn beyond(&self, allowed: &[&Self]) -> Option<String> {
        self.0.iter().find_map(|(key, content)| {
            if allowed.iter().any(|allowed| allowed.0.get(key) == Some(content)) {
                return None;
            }
            let known = allowed.iter().find_map(|allowed| allowed.0.get(key));
            Some(match known {
                Some(known) => format!("{key} has other content: {}", known.unlike(content)),
                None => format!("{key} is nothing that an undisturbed run makes"),
            })
        })
    }
}

impl Content {
    /// Where two contents part.
    fn unlike(&self, found: &Self) -> String {
        match (self, found) {
            (Self::Text(expected), Self::Text(found)) => {
                let lines = expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
                let (expected, found) = lines.unwrap_or(("its end", "another end"));
                format!("{:?} instead of {:?}", found.trim(), expected.trim())
            }
            _ => "other bytes".to_owned(),
        }
    }
}

/// The keys of everything that runs have made.
pub fn results(lake: &TestLake) -> Vec<String> {
    let published = lake.has(PUBLISHED).then(|| PUBLISHED.to_owned());
    lake.keys(&LAYERS).into_iter().chain(published).collect()
}

/// Records, alerts and reports by run, and which run made a check; the audit of changes by hand.
fn is_of_one_run(key: &str) -> bool {
    let of_run =
        key.strip_prefix("monitoring/").is_some_and(|rest| NAMES_AND_TIMES.find(rest).is_some_and(|m| m.start() == 0));
    let notes = ["monitoring/alerts/", "monitoring/counted/", "monitoring/checked/"];
    of_run || notes.iter().any(|folder| key.starts_with(folder))
}

/// Who judged a version how often is the history of runs.
fn without_history(bytes: &[u8]) -> Vec<u8> {
    let mut entry: serde_json::Value = serde_json::from_slice(bytes).expect("an entry is JSON");
    if let Some(fields) = entry.as_object_mut() {
        fields.remove("judgements");
    }
    entry.to_string().into_bytes()
}

fn without_names(text: &str) -> String {
    NAMES_AND_TIMES.replace_all(text, "…").into_owned()
}

fn content(path: &Path) -> Content {
    let mut bytes = std::fs::read(path).expect("an object can be read");
    if path.ends_with("registration.json") {
        bytes = without_history(&bytes);
    }
    let is_text = path.extension().is_some_and(|ending| ["json", "md", "html"].iter().any(|text| ending == *text));
    match String::from_utf8(bytes) {
        Ok(text) if is_text => Content::Text(without_names(&text)),
        Ok(text) => Content::Bytes(Digest::of(text.as_bytes())),
        Err(binary) => Content::Bytes(Digest::of(binary.as_bytes())),
    }
}

#[test]
fn lakes_differ_by_their_results_and_not_by_the_names_of_runs() {
    let with =
        |key: &str, text: &str| Contents(BTreeMap::from([(without_names(key), Content::Text(without_names(text)))]));
    let run = "0197f3a2-9f0e-7c3a-8a51-6d1fb1a3c9e0";
    let one = with("scored/latest.json", &format!("{run} at 2024-12-31T02:00:00.000Z by {}-7: C", super::run::PURPOSE));
    let same = with("scored/latest.json", &format!("{run} at 2026-01-01T09:30:00Z by {}-12: C", super::run::PURPOSE));
    let other =
        with("scored/latest.json", &format!("{run} at 2024-12-31T02:00:00.000Z by {}-7: D", super::run::PURPOSE));
    assert_eq!(one.difference(&same), None);
    assert!(other.difference(&one).is_some_and(|words| words.contains("other content")));
    assert!(with("gold/x", "").difference(&one).is_some_and(|words| words.contains("missing")));
    assert!(is_of_one_run(&format!("monitoring/{run}/drift.json")) && !is_of_one_run("monitoring/latest.json"));
}
