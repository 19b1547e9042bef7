//! The settings: every key of the files that one of our types describes.

use std::fmt::Write as _;

use serde_norway::Value;
use syn::{Field, ItemEnum, ItemStruct};

use super::markdown::{cell, code, table};
use super::sources::{self, Serde, Sources, doc};
use super::{defaults, tokens, words};

/// A file, the type that reads it, and where that type and its parts are.
struct SettingsFile {
    name: &'static str,
    read_by: &'static str,
    sources: &'static [&'static str],
    /// Where values are refused, beside the sources.
    rules: &'static [&'static str],
}

const FILES: [SettingsFile; 7] = [
    SettingsFile {
        name: "pipeline.yaml",
        read_by: "PipelineSettings",
        sources: &[
            "activities/src/configuration.rs",
            "protocol/src/steps/snapshot_raw.rs",
            "churn/src/text/settings.rs",
        ],
        rules: &[],
    },
    SettingsFile {
        name: "model.yaml",
        read_by: "ModelSettings",
        sources: &[
            "churn/src/model/settings.rs",
            "churn/src/model/bundle/calibration.rs",
            "churn/src/model/decide/settings.rs",
            "churn/src/model/learner/registry.rs",
            "churn/src/model/learner/xgboost/settings.rs",
            "churn/src/label/settings.rs",
            "churn/src/model/trial/settings.rs",
            "churn/src/model/learner/logistic/settings.rs",
            "churn/src/model/learner/xgboost/forest.rs",
            "churn/src/model/learner/dummy.rs",
        ],
        rules: &[],
    },
    SettingsFile {
        name: "drift.yaml",
        read_by: "DriftSettings",
        sources: &["churn/src/drift/settings.rs", "churn/src/model/performance/settings.rs"],
        rules: &[],
    },
    SettingsFile {
        name: "offer_policy.yaml",
        read_by: "OfferPolicy",
        sources: &[
            "churn/src/recommend/policy.rs",
            "churn/src/recommend/action.rs",
            "churn/src/recommend/value_settings.rs",
            "churn/src/recommend/control.rs",
            "churn/src/outcomes/settings.rs",
        ],
        rules: &[],
    },
    SettingsFile {
        name: "schedules.yaml",
        read_by: "SchedulesFile",
        sources: &["worker/src/schedules/file.rs", "worker/src/schedules/calendar.rs"],
        rules: &[],
    },
    SettingsFile {
        name: "outside.yaml",
        read_by: "OutsideSettings",
        sources: &["activities/src/outside/settings.rs", "protocol/src/alert.rs"],
        rules: &["activities/src/outside/mod.rs"],
    },
    SettingsFile {
        name: "aws.yaml",
        read_by: "AwsSettings",
        sources: &["activities/src/aws/settings.rs", "lake/src/s3/settings.rs"],
        rules: &["activities/src/aws/checks.rs"],
    },
];

pub fn text() -> String {
    let mut text = String::from(
        "# Settings, key by key\n\nHow files are found and replaced, and what a changed setting makes again, is in \
         [settings](../settings.md). \"Built in\" is the value of the file that is compiled in (of `aws.yaml`: what \
         holds without the key).\n",
    );
    for file in FILES {
        write!(text, "\n## {}\n\n{}", file.name, Reading::of(&file).table(file.read_by)).unwrap();
    }
    text
}

/// A file with all that is said of it.
struct Reading {
    sources: Sources,
    values: Value,
    /// The texts of the sources: among them those that refuse a value.
    texts: Vec<String>,
}

impl Reading {
    fn of(file: &SettingsFile) -> Self {
        let values = serde_norway::from_str(&sources::read(&format!("configs/{}", file.name))).expect(file.name);
        let mut texts = Vec::new();
        for path in file.sources.iter().chain(file.rules) {
            tokens::texts(&tokens::of_file(path), &mut texts);
        }
        Self { sources: Sources::of(file.sources), values, texts }
    }

    fn table(&self, read_by: &str) -> String {
        let mut rows = Vec::new();
        self.rows(read_by, &[], &mut rows);
        table(["key", "type", "built in", "rule", "meaning"], rows)
    }

    fn rows(&self, name: &str, above: &[String], rows: &mut Vec<[String; 5]>) {
        let section = self.sources.find_struct(name).unwrap_or_else(|| panic!("{name} is in no file of its settings"));
        for field in &section.fields {
            let serde = Serde::of(&field.attrs);
            let mut path = above.to_vec();
            if !serde.flatten {
                path.push(serde.rename.clone().unwrap_or_else(|| name_of(field)));
            }
            let inner = words::name_of(words::of_option(&field.ty)).0;
            if self.sources.find_struct(&inner).is_some() {
                self.rows(&inner, &path, rows);
            } else if let Some(entry) = self.entry_of(field) {
                if let Some(list) = path.last_mut() {
                    list.push_str("[]");
                }
                self.rows(&entry, &path, rows);
            } else {
                rows.push(self.row(section, field, &path));
            }
        }
    }

    /// The type of a list's entries, where one of ours describes them.
    fn entry_of(&self, field: &Field) -> Option<String> {
        let (outer, arguments) = words::name_of(&field.ty);
        let entry = arguments.first().filter(|_| outer == "Vec").map(|entry| words::name_of(entry).0)?;
        self.sources.find_struct(&entry).map(|_| entry)
    }

    fn row(&self, section: &ItemStruct, field: &Field, path: &[String]) -> [String; 5] {
        let key = path.join(".");
        let own = doc(&field.attrs);
        // A key without words of its own is said by its section's.
        let meaning = if own.is_empty() { doc(&section.attrs) } else { own };
        let built_in = defaults::value_at(&self.values, path)
            .or_else(|| defaults::of_field(&self.sources, &section.ident.to_string(), &name_of(field)))
            .unwrap_or_else(|| "none".to_owned());
        let kind = words::of_type(words::of_option(&field.ty), &|name| self.choice(name));
        [code(&key), kind, built_in, self.rule(&key), cell(&meaning)]
    }

    /// The words that a setting chooses from.
    fn choice(&self, name: &str) -> Option<String> {
        let found = self.sources.find_enum(name)?;
        let serde = Serde::of(&found.attrs);
        let words = found.variants.iter().map(|variant| match &serde.tag {
            Some(tag) => code(&tagged(tag, &serde.word(variant), found, variant)),
            None => code(&serde.word(variant)),
        });
        // Commas are within the braces of a tagged one.
        Some(words.collect::<Vec<_>>().join(if serde.tag.is_some() { " or " } else { ", " }))
    }

    /// What is said when a value is refused: a text that begins with the end of the key, or follows one that ends so.
    fn rule(&self, key: &str) -> String {
        let is_key = |word: &str| key == word || key.ends_with(&format!(".{word}"));
        let found = self.texts.iter().enumerate().find_map(|(position, text)| {
            let (file, word) = text.split_once(": ").unwrap_or_default();
            if file.strip_suffix(".yaml").is_some() && is_key(word) {
                return rule_of(&format!(" {}", self.texts.get(position + 1)?), text);
            }
            let word = text.split([' ', ':']).next().filter(|word| !word.is_empty() && is_key(word))?;
            rule_of(&text[word.len()..], text)
        });
        found.unwrap_or_default()
    }
}

/// What a value must be, from what is said when it is not; the whole text where it is about two keys.
fn rule_of(problem: &str, text: &str) -> Option<String> {
    let starts = [" must lie ", " must be ", " must ", ": no ", ": ", " is missing or no "];
    let Some((start, rule)) = starts.iter().find_map(|start| Some((*start, problem.strip_prefix(start)?))) else {
        return text.contains(" must ").then(|| text.to_owned());
    };
    Some(match start {
        ": no " => format!("a {rule}"),
        " is missing or no " => format!("needed: {rule}"),
        _ => rule.to_owned(),
    })
}

fn name_of(field: &Field) -> String {
    field.ident.as_ref().expect("a named field").to_string()
}

/// `{ model: transformer, folder: text }`.
fn tagged(tag: &str, word: &str, of: &ItemEnum, variant: &syn::Variant) -> String {
    let nothing_known = |_: &str| None;
    let fields = variant.fields.iter().map(|field| {
        assert!(field.ident.is_some(), "{} has a variant without names", of.ident);
        format!(", {}: {}", name_of(field), words::of_type(&field.ty, &nothing_known))
    });
    format!("{{ {tag}: {word}{} }}", fields.collect::<String>())
}
