//! What a person wants: an action, a version, who they are and why.

use serde::{Deserialize, Serialize};
use temporalio_common::data_converters::RawValue;

use crate::{ModelVersion, WorkflowId, name_no_customer, workflow_input};

/// The word for the expectation that there is no champion.
pub const NO_CHAMPION: &str = "none";
/// The most characters of a name.
const LONGEST_NAME: usize = 200;
/// So much of the lake's identity is in the workflow's ID: one server may know many lakes with the same models.
const LAKE_CHARACTERS: usize = 8;
/// The most characters of a reason.
const LONGEST_REASON: usize = 2000;

/// What a person can do about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelAction {
    /// Make it champion.
    Promote,
    /// Make it champion again, and withdraw the one that is champion now.
    Rollback,
    /// Take it back: no run promotes it.
    Withdraw,
    /// Give it free again.
    Reinstate,
}

impl ModelAction {
    /// The word on the command line, in IDs and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Rollback => "rollback",
            Self::Withdraw => "withdraw",
            Self::Reinstate => "reinstate",
        }
    }

    /// Whether it makes the version champion.
    pub fn moves_champion(self) -> bool {
        matches!(self, Self::Promote | Self::Rollback)
    }
}

/// The input of workflow `ModelAdmin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelAdminInput {
    /// What is to be done.
    pub action: ModelAction,
    /// The version, as `spanishgas models list` shows it.
    pub version: ModelVersion,
    /// Who does it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The champion that the person has in mind, or `none`; where another one is champion nothing is changed. Any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_champion: Option<ModelVersion>,
    /// Whether a version that the gate rejected is promoted all the same; the failed checks stay on record.
    #[serde(default, rename = "override", skip_serializing_if = "std::ops::Not::not")]
    pub overrides_verdict: bool,
    /// The identity of the lake that it is for; a worker of another lake refuses. Any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake: Option<String>,
}

/// What a bad input should have been.
const EXAMPLE: &str = r#"give for example --input '{"action":"rollback","version":"0123456789abcdef","by":"ana","reason":"offers went wrong"}'; fields: action (promote, rollback, withdraw or reinstate), version, by, reason, expected_champion, override, lake"#;

impl ModelAdminInput {
    /// Reads the workflow's raw input; the message says what is wrong and what would be right.
    pub fn parse(raw: &RawValue) -> Result<Self, String> {
        workflow_input::parse(raw, EXAMPLE, Self::checked)
    }

    /// The same input, or what is wrong with it.
    pub fn checked(self) -> Result<Self, String> {
        let version = self.version.as_str();
        if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!("version must be one that `spanishgas models list` shows, not `{version}`"));
        }
        let texts = [("by", &self.by, LONGEST_NAME), ("reason", &self.reason, LONGEST_REASON)];
        for (name, text, longest) in texts {
            if text.trim().is_empty() {
                return Err(format!("{name} is empty: say who does it and why"));
            }
            if text.chars().any(char::is_control) {
                return Err(format!("{name} holds a line end or another control character: say it in one line"));
            }
            if text.chars().count() > longest {
                return Err(format!("{name} has more than {longest} characters"));
            }
        }
        name_no_customer(&[("by", self.by.as_str()), ("reason", self.reason.as_str())])?;
        if self.overrides_verdict && self.action != ModelAction::Promote {
            return Err("override is for the action promote alone".to_owned());
        }
        Ok(self)
    }

    /// The ID of the workflow: the same wish in the same state of the same lake's registry is one change, however often it
    /// is started. The state is the number of the champion's last move and how often the version was withdrawn or
    /// reinstated, so that a wish may come again after its change was undone.
    pub fn workflow_id(&self, last_move: u64, changes: usize) -> WorkflowId {
        let Self { action, version, lake, .. } = self;
        let lake: String = lake.as_deref().unwrap_or("any").chars().take(LAKE_CHARACTERS).collect();
        format!("model-admin-{}-{version}-{lake}-{last_move}-{changes}", action.as_str()).into()
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;

    use super::*;

    fn parse(json: &str) -> Result<ModelAdminInput, String> {
        ModelAdminInput::parse(&RawValue::new(vec![Payload { data: json.into(), ..Payload::default() }]))
    }

    #[test]
    fn an_action_a_version_a_name_and_a_reason_are_needed() {
        let good =
            parse(r#"{"action":"promote","version":"ab12","by":"ana","reason":"better","override":true}"#).unwrap();
        assert!(good.overrides_verdict && good.expected_champion.is_none());
        let good = ModelAdminInput { lake: Some("0123456789abcdef".to_owned()), ..good };
        assert_eq!(good.workflow_id(3, 1).as_str(), "model-admin-promote-ab12-01234567-3-1");
        for bad in [
            "{}",
            r#"{"action":"delete","version":"ab12","by":"ana","reason":"x"}"#,
            r#"{"action":"promote","version":"../x","by":"ana","reason":"x"}"#,
            r#"{"action":"promote","version":"ab12","by":" ","reason":"x"}"#,
            r#"{"action":"promote","version":"ab12","by":"ana","reason":""}"#,
            r#"{"action":"promote","version":"ab12","by":"ana","reason":"two\nlines"}"#,
            r#"{"action":"promote","version":"ab12","by":"ana","reason":"C00017 complained"}"#,
            r#"{"action":"promote","version":"ab12","by":"ana\u001b[2J","reason":"x"}"#,
            r#"{"action":"withdraw","version":"ab12","by":"ana","reason":"x","override":true}"#,
            r#"{"action":"withdraw","version":"ab12","by":"ana","reason":"x","expect":"y"}"#,
        ] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains("fields: action (promote"), "{bad}: {message}");
        }
        assert!(ModelAdminInput::parse(&RawValue::new(vec![])).unwrap_err().contains("without input"));
    }
}
