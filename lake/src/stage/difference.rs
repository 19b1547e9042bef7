//! Why a stage is not the one that is stored: what differs between two descriptions.

use std::fmt;

use protocol::Digest;
use serde::Serialize;

use super::StageSpec;
use crate::json_changes::{JsonChange, json_changes};

/// One thing that differs between two stages of a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// The computation itself.
    CodeVersion {
        /// Of the stored stage.
        was: u32,
        /// Of the wanted one.
        is: u32,
    },
    /// A setting.
    Setting(JsonChange),
    /// The content of an input.
    Input {
        /// The input's name.
        name: String,
        /// Its digest in the stored stage, if it was an input.
        was: Option<Digest>,
        /// Its digest in the wanted one, if it is an input.
        is: Option<Digest>,
    },
}

impl StageSpec {
    /// What is different in this description from that of a stored stage.
    pub fn differences(&self, stored: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        if self.code_version != stored.code_version {
            differences.push(Difference::CodeVersion { was: stored.code_version, is: self.code_version });
        }
        differences.extend(json_changes(&stored.settings, &self.settings).into_iter().map(Difference::Setting));
        let new = self.inputs.keys().filter(|name| !stored.inputs.contains_key(*name));
        for name in stored.inputs.keys().chain(new) {
            let (was, is) = (stored.inputs.get(name), self.inputs.get(name));
            if was != is {
                differences.push(Difference::Input { name: name.clone(), was: was.cloned(), is: is.cloned() });
            }
        }
        differences
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CodeVersion { was, is } => write!(f, "code version {is}, was {was}"),
            Self::Setting(change) => write!(f, "setting {change}"),
            Self::Input { name, was: Some(was), is: Some(is) } => {
                write!(f, "input {name} {}, was {}", is.short(), was.short())
            }
            Self::Input { name, was: None, .. } => write!(f, "input {name} is new"),
            Self::Input { name, is: None, .. } => write!(f, "input {name} is not there any more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::keys::TopFolder;

    fn spec(code_version: u32, inputs: &[(&str, &str)], rounds: u32) -> StageSpec {
        StageSpec {
            layer: TopFolder::Models,
            stage: "train".to_owned(),
            code_version,
            inputs: inputs.iter().map(|(name, text)| ((*name).to_owned(), Digest::of(text.as_bytes()))).collect(),
            settings: json!({ "training": { "rounds": rounds } }),
        }
    }

    #[test]
    fn code_settings_and_inputs_are_named_one_by_one() {
        let stored = spec(1, &[("gold", "a"), ("old", "a")], 600);
        let wanted = spec(2, &[("gold", "b"), ("more", "a")], 50);
        let words: Vec<_> = wanted.differences(&stored).iter().map(ToString::to_string).collect();
        let gold = format!("input gold {}, was {}", Digest::of(b"b").short(), Digest::of(b"a").short());
        let expected = [
            "code version 2, was 1",
            "setting training.rounds 50, was 600",
            &gold,
            "input old is not there any more",
            "input more is new",
        ];
        assert_eq!(words, expected);
        assert_eq!(stored.differences(&stored), []);
    }
}
