//! Alerts to programs of others: each webhook gets an event once, and none keeps it from the others.

mod message;
mod signature;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use futures::future::join_all;
use hyper::Method;
use lake::{Lake, RemoteError, RemoteErrorKind, keys};
use message::{Context, message};
use protocol::Alert;
use signature::Key;

use crate::error::Result;
use crate::http::{Call, Http, HttpProblem};
use crate::lineage::read_secret;
use crate::outside::{OutsideSettings, WebhookSettings, is_address};

/// No receiver gets longer; an alert has two minutes.
const PATIENCE: Duration = Duration::from_secs(15);

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Webhooks {
    hooks: Arc<Vec<Webhook>>,
    temporal_ui_url: Option<String>,
}

/// One of them, ready to be called.
struct Webhook {
    settings: WebhookSettings,
    url: String,
    key: Option<Key>,
    http: Http,
}

/// Address and key are nobody's business.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("name", &self.settings.name).finish_non_exhaustive()
    }
}

impl Webhooks {
    /// As the settings say; addresses and keys are read now.
    pub fn open(settings: &OutsideSettings) -> churn::Result<Self> {
        let hooks = settings.webhooks.iter().map(Webhook::open).collect::<churn::Result<Vec<_>>>()?;
        Ok(Self { hooks: Arc::new(hooks), temporal_ui_url: settings.temporal_ui_url.clone() })
    }

    /// Tells every webhook that has not got this event yet; the error names those that could not be told, and is worth
    /// another try while one of them may come back.
    pub async fn send(
        &self,
        lake: &Lake,
        alert: &Alert,
        event_id: &str,
        namespace: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let at = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let run_url = self.run_url(alert, namespace);
        let context = Context { event_id, at: &at, run_url: run_url.as_deref() };
        let mut calls = Vec::new();
        for hook in self.hooks.iter() {
            if hook.wants(alert) {
                calls.push(hook.tell(lake, alert, context, now));
            }
        }
        let failed: Vec<_> = join_all(calls).await.into_iter().filter_map(std::result::Result::err).collect();
        Ok(together(&failed)?)
    }

    fn run_url(&self, alert: &Alert, namespace: &str) -> Option<String> {
        let ui = self.temporal_ui_url.as_ref()?.trim_end_matches('/');
        let run = &alert.run;
        Some(format!("{ui}/namespaces/{namespace}/workflows/{}/{}/history", run.workflow_id, run.run_id))
    }
}

impl Webhook {
    fn open(settings: &WebhookSettings) -> churn::Result<Self> {
        let refuse =
            |problem: &str| churn::Error::settings("outside.yaml", format!("webhooks: {}: {problem}", settings.name));
        let url = match (&settings.url, &settings.url_file) {
            (Some(url), _) => url.clone(),
            (None, Some(file)) => read_secret(file)?,
            (None, None) => return Err(refuse("it has no address")),
        };
        if !is_address(&url) {
            return Err(refuse("its address must begin with http:// or https://"));
        }
        let key = match &settings.key_file {
            Some(file) => Some(Key::of(&read_secret(file)?).map_err(|problem| refuse(&problem))?),
            None => None,
        };
        Ok(Self { settings: settings.clone(), url, key, http: Http::new(PATIENCE)? })
    }

    fn wants(&self, alert: &Alert) -> bool {
        self.settings.kinds.is_empty() || self.settings.kinds.contains(&alert.kind)
    }

    /// Sent first and noted then: an attempt that dies between the two sends twice rather than never, and the
    /// receiver knows the second by its event ID.
    async fn tell(
        &self,
        lake: &Lake,
        alert: &Alert,
        context: Context<'_>,
        now: DateTime<Utc>,
    ) -> std::result::Result<(), (&str, HttpProblem)> {
        let name = self.settings.name.as_str();
        let note = keys::webhook_delivered(context.event_id, name);
        if let Ok(Some(_)) = lake.head(&note).await {
            return Ok(());
        }
        let body = message(self.settings.format, alert, context).to_string().into_bytes();
        let mut headers = vec![("x-spanishgas-event", context.event_id.to_owned())];
        headers.extend(self.key.as_ref().map(|key| (signature::HEADER, key.sign(now.timestamp(), &body))));
        let call = Call { method: Method::POST, url: &self.url, headers, body: Some(body) };
        self.http.call(call).await.map_err(|problem| (name, problem))?;
        if let Err(error) = lake.put_if_absent(&note, Vec::new()).await {
            tracing::warn!(webhook = name, %error, "a webhook was told and that could not be noted in the lake");
        }
        Ok(())
    }
}

/// All of them in one error, which is tried again while one may pass.
fn together(failed: &[(&str, HttpProblem)]) -> std::result::Result<(), RemoteError> {
    let Some((_, first)) = failed.first() else { return Ok(()) };
    let may_pass = failed.iter().any(|(_, problem)| problem.kind() == RemoteErrorKind::Unavailable);
    let kind = if may_pass { RemoteErrorKind::Unavailable } else { first.kind() };
    let names: Vec<_> = failed.iter().map(|(name, _)| *name).collect();
    let said: Vec<_> = failed.iter().map(|(name, problem)| format!("{name}: {problem}")).collect();
    Err(RemoteError { service: "webhook", operation: "POST", target: names.join(", "), kind, said: said.join("; ") })
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;
    use protocol::{AlertKind, Run};

    use super::*;
    use crate::alerts::Alerts;
    use crate::http::stub::Stub;

    const NOW: &str = "2026-12-15T02:00:00Z";
    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn alert(kind: AlertKind) -> Alert {
        let run = Run { workflow_id: "nightly".into(), run_id: "r1".into(), started: String::new() };
        Alert {
            run,
            kind,
            subject: "something".to_owned(),
            body: String::new(),
            features: Vec::new(),
            details: Vec::new(),
        }
    }

    fn webhooks(yaml: &str) -> Webhooks {
        Webhooks::open(&OutsideSettings::parse(yaml).unwrap()).unwrap()
    }

    async fn send(alerts: &Alerts, lake: &Lake, kind: AlertKind) -> Result<bool> {
        alerts.send(lake, &alert(kind), "default", NOW.parse().unwrap()).await
    }

    #[tokio::test]
    async fn a_webhook_gets_an_event_signed_and_once_and_another_that_fails_gets_it_again() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let key_file = root.path().join("key");
        std::fs::write(&key_file, KEY).unwrap();
        let (good, bad) = (Stub::answering(&[200]).await, Stub::answering(&[503, 200]).await);
        let hooks = webhooks(&format!(
            "webhooks: [{{ name: ops, url: '{}', key_file: '{}' }}, {{ name: chat, url: '{}', format: slack }}]",
            good.url,
            key_file.display(),
            bad.url,
        ));
        let alerts = Alerts::in_lake().with_webhooks(hooks);

        let error = send(&alerts, &lake, AlertKind::RunFailed).await.unwrap_err();
        assert_eq!(error.kind(), churn::Kind::Retry);
        let said = error.to_string();
        assert!(said.contains("webhook POST of chat failed: chat: the answer is 503"), "{said}");
        assert!(!send(&alerts, &lake, AlertKind::RunFailed).await.unwrap(), "the lake has it since the first attempt");
        assert!(!send(&alerts, &lake, AlertKind::RunFailed).await.unwrap());

        assert_eq!((good.asked().len(), bad.asked().len()), (1, 2));
        let asked = &good.asked()[0];
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let signature = Key::of(KEY).unwrap().sign(now.timestamp(), body.as_bytes());
        assert!(head.contains(&format!("x-spanishgas-signature: {signature}")), "{head}");
        assert!(head.contains("x-spanishgas-event: r1-"), "{head}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap()["kind"], "run_failed");
    }

    #[tokio::test]
    async fn a_webhook_gets_the_kinds_that_it_wants() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let stub = Stub::answering(&[200]).await;
        let entry = format!("{{ name: chat, url: '{}', format: teams, kinds: [drift_warn] }}", stub.url);
        let alerts = Alerts::in_lake().with_webhooks(webhooks(&format!("webhooks: [{entry}]")));
        assert!(send(&alerts, &lake, AlertKind::RunFailed).await.unwrap());
        assert!(stub.asked().is_empty());
        assert!(send(&alerts, &lake, AlertKind::DriftWarn).await.unwrap());
        assert_eq!(stub.asked().len(), 1);
    }

    #[tokio::test]
    async fn whoever_refuses_is_not_asked_for_ever() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let stub = Stub::answering(&[400]).await;
        let entry = format!("{{ name: chat, url: '{}', format: slack }}", stub.url);
        let alerts = Alerts::in_lake().with_webhooks(webhooks(&format!("webhooks: [{entry}]")));
        let error = send(&alerts, &lake, AlertKind::RunFailed).await.unwrap_err();
        assert_eq!(error.kind(), churn::Kind::Permanent);
    }
}
