//! An alert as the receivers of webhooks want it.

use protocol::Alert;
use serde_json::{Value, json};

use crate::outside::WebhookFormat;

/// What is said beside the alert.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The event, by which a receiver knows a message that comes twice.
    pub event_id: &'a str,
    /// When it was raised, RFC 3339.
    pub at: &'a str,
    /// The address of the run in the Temporal UI, where it is known.
    pub run_url: Option<&'a str>,
}

/// The body of the request.
pub fn message(format: WebhookFormat, alert: &Alert, context: Context<'_>) -> Value {
    match format {
        WebhookFormat::Json => of_program(alert, context),
        WebhookFormat::Slack => json!({ "text": in_slack(alert, context) }),
        WebhookFormat::Teams => in_teams(alert, context),
    }
}

fn runbook(alert: &Alert) -> String {
    format!("docs/RUNBOOK.md#{}", alert.kind.as_str())
}

/// The alert with the names that it has in the lake.
fn of_program(alert: &Alert, context: Context<'_>) -> Value {
    json!({
        "event_id": context.event_id,
        "at": context.at,
        "kind": alert.kind,
        "subject": alert.subject,
        "body": alert.body,
        "features": alert.features,
        "run": alert.run,
        "run_url": context.run_url,
        "runbook": runbook(alert),
    })
}

/// Slack's own marks; `&`, `<` and `>` would be some.
fn in_slack(alert: &Alert, context: Context<'_>) -> String {
    let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let run = plain(alert.run.workflow_id.as_str());
    let run = context.run_url.map_or(run.clone(), |url| format!("<{url}|{run}>"));
    format!("*{}*\n{}\n{run} · `{}`", plain(&alert.subject), plain(&alert.body), runbook(alert))
}

/// An adaptive card, as a workflow "when a Teams webhook request is received" takes it.
fn in_teams(alert: &Alert, context: Context<'_>) -> Value {
    let facts = [("run", alert.run.workflow_id.to_string()), ("kind", alert.kind.as_str().to_owned())];
    let facts = facts.into_iter().chain([("runbook", runbook(alert))]);
    let facts: Vec<_> = facts.map(|(title, value)| json!({ "title": title, "value": value })).collect();
    let open = |url| json!({ "type": "Action.OpenUrl", "title": "Temporal", "url": url });
    let actions: Vec<_> = context.run_url.map(open).into_iter().collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    { "type": "TextBlock", "text": alert.subject, "weight": "Bolder", "size": "Medium", "wrap": true },
                    { "type": "TextBlock", "text": alert.body, "wrap": true },
                    { "type": "FactSet", "facts": facts },
                ],
                "actions": actions,
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use protocol::{AlertKind, Run};

    use super::*;

    fn said(format: WebhookFormat) -> String {
        let started = "2026-11-25T02:00:00.000Z".to_owned();
        let run = Run { workflow_id: "nightly".into(), run_id: "r1".into(), started };
        let subject = "train run failed: SG0002 ContractViolation".to_owned();
        let body = "rows < 10 & a key is there twice".to_owned();
        let alert = Alert { run, kind: AlertKind::RunFailed, subject, body, features: Vec::new(), details: Vec::new() };
        let run_url = Some("https://temporal.example/namespaces/default/workflows/nightly/r1/history");
        let context = Context { event_id: "r1-abc", at: "2026-11-25T02:01:00.000Z", run_url };
        serde_json::to_string_pretty(&message(format, &alert, context)).unwrap()
    }

    #[test]
    fn a_message_has_the_words_of_its_receiver() {
        insta::assert_snapshot!("json", said(WebhookFormat::Json));
        insta::assert_snapshot!("slack", said(WebhookFormat::Slack));
        insta::assert_snapshot!("teams", said(WebhookFormat::Teams));
    }
}
