//! `outside.yaml`: which programs of others are told what. It decides no result.

mod settings;

use std::path::Path;

pub use settings::{LineageSettings, OutsideSettings, WebhookFormat, WebhookSettings};

const NAME: &str = "outside.yaml";
const BUILT_IN: &str = include_str!("../../../configs/outside.yaml");
/// More would keep an alert from its activity's time.
const MOST_WEBHOOKS: usize = 8;

impl OutsideSettings {
    /// Parses `text` when it is given, else the file of a folder, else the built-in one; the error lists every problem.
    pub fn load(folder: Option<&Path>, text: Option<&str>) -> churn::Result<Self> {
        let path = folder.map(|folder| folder.join(NAME)).filter(|path| path.exists());
        match (text, path) {
            (Some(_), Some(path)) => {
                let twice = "as a text (SPANISHGAS_OUTSIDE_YAML or --outside-yaml) and as";
                let problem = format!("it is given twice: {twice} {}; leave one of them out", path.display());
                Err(churn::Error::settings(NAME, problem))
            }
            (Some(text), None) => Self::parse(text),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(&path).map_err(churn::Error::file("read", &path))?;
                Self::parse(&text)
            }
            (None, None) => Self::parse(BUILT_IN),
        }
    }

    /// Parses and checks the text of the file.
    pub fn parse(yaml: &str) -> churn::Result<Self> {
        let settings: Self =
            serde_norway::from_str(yaml).map_err(|error| churn::Error::settings(NAME, error.to_string()))?;
        let problems = settings.problems();
        if problems.is_empty() { Ok(settings) } else { Err(churn::Error::settings(NAME, problems.join("; "))) }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.openlineage.url.as_deref().is_some_and(|url| !is_address(url)) {
            problems.push("openlineage.url must begin with http:// or https://".to_owned());
        }
        if self.openlineage.timeout_secs == 0 || self.openlineage.timeout_secs > 60 {
            problems.push("openlineage.timeout_secs must lie in 1..=60".to_owned());
        }
        if self.webhooks.len() > MOST_WEBHOOKS {
            problems.push(format!("webhooks must be {MOST_WEBHOOKS} at most"));
        }
        for (position, hook) in self.webhooks.iter().enumerate() {
            let name = &hook.name;
            let mut refuse = |problem: &str| problems.push(format!("webhooks: {name}: {problem}"));
            let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
            if name.is_empty() || !name.bytes().all(plain) {
                refuse("its name must be of a-z, 0-9 and -, since it names a file");
            }
            if self.webhooks[..position].iter().any(|other| other.name == *name) {
                refuse("the name is there twice");
            }
            match (&hook.url, &hook.url_file) {
                (Some(url), None) if !is_address(url) => refuse("its url must begin with http:// or https://"),
                (Some(_), None) | (None, Some(_)) => {}
                _ => refuse("give either its url or its url_file"),
            }
            if hook.format == WebhookFormat::Json && hook.key_file.is_none() {
                refuse("the format json needs a key_file: without a signature anybody may send the same");
            }
        }
        problems
    }
}

/// Whether a text is an address that is understood.
pub fn is_address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_tells_nobody() {
        let settings = OutsideSettings::load(None, None).unwrap();
        assert!(settings.webhooks.is_empty() && settings.openlineage.url.is_none());
        assert_eq!(settings.openlineage.namespace, "spanishgas");
    }

    #[test]
    fn a_text_counts_and_beside_a_file_it_is_one_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let text = "temporal_ui_url: https://temporal.example";
        let loaded = OutsideSettings::load(Some(folder.path()), Some(text)).unwrap();
        assert_eq!(loaded.temporal_ui_url.as_deref(), Some("https://temporal.example"));
        std::fs::write(folder.path().join(NAME), "webhooks: []").unwrap();
        assert!(OutsideSettings::load(Some(folder.path()), None).is_ok());
        let twice = OutsideSettings::load(Some(folder.path()), Some(text)).unwrap_err().to_string();
        assert!(twice.contains("given twice"), "{twice}");
    }

    #[test]
    fn every_problem_is_said_at_once() {
        let problem = OutsideSettings::parse(
            "openlineage: { url: marquez, timeout_secs: 0 }\n\
             webhooks: [{ name: 'Ops 1' }, { name: a, url: 'https://a', url_file: b, format: slack }, \
             { name: a, url: 'ftp://a', format: teams }]",
        )
        .unwrap_err()
        .to_string();
        for part in [
            "openlineage.url",
            "openlineage.timeout_secs",
            "Ops 1: its name",
            "Ops 1: give either",
            "Ops 1: the format json needs a key_file",
            "a: give either",
            "a: the name is there twice",
            "a: its url must begin",
        ] {
            assert!(problem.contains(part), "{part} is not in {problem}");
        }
    }
}
