//! Alerts as SNS messages: mail for people, attributes for programs that filter.

use std::fmt::Write as _;

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use lake::aws::explain;
use protocol::Alert;
use protocol::Digest;

use crate::aws::settings::AlertSettings;
use crate::error::Result;

/// SNS takes subjects of less than 100 characters, all of them ASCII.
const LONGEST_SUBJECT: usize = 99;

/// The topic, and where the links lead.
#[derive(Debug, Clone)]
pub struct SnsAlerts {
    client: Client,
    settings: AlertSettings,
}

impl SnsAlerts {
    /// Alerts to the topic of the settings.
    pub fn new(client: Client, settings: AlertSettings) -> Self {
        Self { client, settings }
    }

    /// Publishes; the message's ID.
    pub(super) async fn publish(&self, alert: &Alert, event_id: &str, namespace: &str) -> Result<String> {
        let topic = &self.settings.topic_arn;
        let kind = serde_json::to_value(alert.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
        let attributes = [
            ("kind", kind.unwrap_or_default()),
            ("event_id", event_id.to_owned()),
            ("run_id", alert.run.run_id.to_string()),
            ("workflow_id", alert.run.workflow_id.to_string()),
        ];
        let mut request = self.client.publish().topic_arn(topic).subject(subject(&alert.subject)).message(message(
            alert,
            &self.settings,
            namespace,
        ));
        for (name, value) in attributes {
            request = request.message_attributes(name, text(value));
        }
        if is_fifo(topic) {
            request = request.message_group_id(group(&alert.run.workflow_id)).message_deduplication_id(event_id);
        }
        let sent = request.send().await.map_err(|error| explain("sns", "Publish", topic, &error))?;
        Ok(sent.message_id().unwrap_or_default().to_owned())
    }
}

/// SNS takes fewer characters there than Temporal does in an ID.
fn group(workflow_id: &str) -> String {
    Digest::of(workflow_id.as_bytes()).short().to_owned()
}

/// The name of a FIFO topic ends so, in lower case.
fn is_fifo(topic_arn: &str) -> bool {
    topic_arn.rsplit('.').next() == Some("fifo")
}

fn text(value: String) -> MessageAttributeValue {
    let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
    value.expect("a data type is given")
}

fn subject(words: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
    format!("churn: {words}").chars().map(plain).take(LONGEST_SUBJECT).collect()
}

/// What happened and what to do; then where to look.
fn message(alert: &Alert, settings: &AlertSettings, namespace: &str) -> String {
    let run = &alert.run;
    let mut text = format!("{}\n\nrun        {} ({})\n", alert.body, run.workflow_id, run.run_id);
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<10} {value}");
    };
    if let Some(ui) = &settings.temporal_ui_url {
        let ui = ui.trim_end_matches('/');
        line("Temporal", format!("{ui}/namespaces/{namespace}/workflows/{}/{}/history", run.workflow_id, run.run_id));
    }
    if let Some(dashboard) = &settings.dashboard_url {
        line("dashboard", format!("{}/runs/{}", dashboard.trim_end_matches('/'), run.run_id));
    }
    line("runbook", format!("docs/RUNBOOK.md#{}", alert.kind.as_str()));
    if let Some(number) = error_number(&alert.subject) {
        line("error page", format!("docs/errors/{number}.md"));
    }
    text
}

/// `SG0002` in `train run failed: SG0002 ContractViolation`.
fn error_number(subject: &str) -> Option<&str> {
    let number = subject.get(subject.find("SG0")?..)?.get(..6)?;
    number[2..].bytes().all(|digit| digit.is_ascii_digit()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{AlertKind, Run};

    #[test]
    fn a_subject_is_ascii_and_short() {
        assert_eq!(subject("model ñ promoted\n"), "churn: model ? promoted?");
        assert_eq!(subject(&"x".repeat(300)).len(), LONGEST_SUBJECT);
    }

    #[test]
    fn a_message_says_what_happened_and_where_to_look() {
        let run = Run { workflow_id: "nightly".into(), run_id: "r1".into(), started: String::new() };
        let subject = "train run failed: SG0002 ContractViolation".to_owned();
        let body = "a key is there twice".to_owned();
        let alert = Alert { run, kind: AlertKind::RunFailed, subject, body, features: Vec::new(), details: Vec::new() };
        let everywhere = AlertSettings {
            temporal_ui_url: Some("https://temporal.example/".to_owned()),
            dashboard_url: Some("https://dashboard.example".to_owned()),
            ..AlertSettings::default()
        };
        insta::assert_snapshot!("message_with_links", message(&alert, &everywhere, "default"));
        let promoted = Alert { kind: AlertKind::ModelPromoted, subject: "model new promoted".to_owned(), ..alert };
        insta::assert_snapshot!("message_without_links", message(&promoted, &AlertSettings::default(), "default"));
    }
}
