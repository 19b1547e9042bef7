//! The sections of `outside.yaml`.

use std::path::PathBuf;

use protocol::AlertKind;
use serde::Deserialize;

/// `outside.yaml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutsideSettings {
    /// The address of the Temporal UI, for links in messages.
    pub temporal_ui_url: Option<String>,
    /// Who is told what a run read and made.
    pub openlineage: LineageSettings,
    /// Who is told of alerts.
    pub webhooks: Vec<WebhookSettings>,
}

/// Section `openlineage`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineageSettings {
    /// Where the events of a run are sent; they are a file in the lake alone when absent.
    pub url: Option<String>,
    /// A file with the token that is sent as `Authorization: Bearer`.
    pub token_file: Option<PathBuf>,
    /// The namespace of our jobs.
    pub namespace: String,
    /// How long the receiver may take.
    pub timeout_secs: u64,
}

impl Default for LineageSettings {
    fn default() -> Self {
        Self { url: None, token_file: None, namespace: "spanishgas".to_owned(), timeout_secs: 10 }
    }
}

/// An entry of `webhooks`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// What errors call it.
    pub name: String,
    /// Its address.
    #[serde(default)]
    pub url: Option<String>,
    /// A file with its address, where that is a secret.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// How a message is written; `json` when absent.
    #[serde(default)]
    pub format: WebhookFormat,
    /// A file with the key of the signature.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Which alerts it gets; all when absent.
    #[serde(default)]
    pub kinds: Vec<AlertKind>,
}

/// How a message is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// The alert as our own JSON, for programs.
    #[default]
    Json,
    /// An incoming webhook of Slack.
    Slack,
    /// A workflow of Teams that waits for a webhook.
    Teams,
}
