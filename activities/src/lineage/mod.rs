//! The lineage port: what a run read and made, in the lake and for a program of others.

mod openlineage;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use churn::contract::{Layer, QualityReport, TableProfile};
use hyper::Method;
use lake::documents::RunRecord;
use lake::{Lake, keys};
pub use openlineage::{Context, events};
use serde_json::Value;

use crate::http::{Call, Http};
use crate::outside::LineageSettings;

/// Where the events of a run go: into the lake, and perhaps to a receiver.
#[derive(Debug, Clone)]
pub struct Lineage {
    namespace: String,
    receiver: Option<Receiver>,
}

/// A receiver of events, Marquez for example.
#[derive(Clone)]
struct Receiver {
    http: Http,
    url: String,
    token: Option<String>,
}

/// The token is nobody's business.
impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Lineage {
    /// As the settings say; the token is read now.
    pub fn open(settings: &LineageSettings) -> churn::Result<Self> {
        let receiver = match &settings.url {
            None => None,
            Some(url) => {
                let token = settings.token_file.as_deref().map(read_secret).transpose()?;
                let http = Http::new(Duration::from_secs(settings.timeout_secs))?;
                Some(Receiver { http, url: url.clone(), token })
            }
        };
        Ok(Self { namespace: settings.namespace.clone(), receiver })
    }

    /// Stores and sends the events of a run; why not all of it came through, if not all did: nothing of this ever
    /// fails a run.
    pub async fn tell(&self, lake: &Lake, record: &RunRecord) -> Option<String> {
        let tables = tables_of(lake, &record.run.run_id).await;
        let context = Context { namespace: &self.namespace, lake: &namespace_of(lake), tables: &tables };
        let events = events(record, context);
        let mut problems = Vec::new();
        if let Err(error) = lake.put_json(&keys::open_lineage(&record.run.run_id), &events).await {
            problems.push(error.to_string());
        }
        if let Some(receiver) = &self.receiver
            && let Err(problem) = receiver.send(&events).await
        {
            problems.push(problem);
        }
        if problems.is_empty() {
            return None;
        }
        let problem = problems.join("; ");
        tracing::warn!(run_id = %record.run.run_id, %problem, "the lineage of a run is not told everywhere");
        Some(problem)
    }
}

impl Receiver {
    /// One after the other: an end without its begin would be a run that began twice.
    async fn send(&self, events: &[Value]) -> Result<(), String> {
        for event in events {
            let headers = self.token.iter().map(|token| ("authorization", format!("Bearer {token}"))).collect();
            let body = Some(event.to_string().into_bytes());
            let call = Call { method: Method::POST, url: &self.url, headers, body };
            let sent = self.http.call(call).await;
            sent.map_err(|problem| problem.of("openlineage", "POST", &self.url).happened())?;
        }
        Ok(())
    }
}

/// What the run's own checks counted; a report that is not there is none.
async fn tables_of(lake: &Lake, run_id: &str) -> BTreeMap<String, TableProfile> {
    let mut tables = BTreeMap::new();
    for layer in [Layer::Raw, Layer::Bronze, Layer::Silver, Layer::Gold] {
        let report = lake.get_json::<QualityReport>(&keys::quality_report(run_id, layer)).await;
        if let Ok(Some((report, _))) = report {
            tables.extend(report.tables.into_iter().map(|profile| (profile.table.clone(), profile)));
        }
    }
    tables
}

/// As OpenLineage names datasets: a bucket by its address, a folder as a file.
fn namespace_of(lake: &Lake) -> String {
    let place = lake.to_string();
    match place.strip_prefix("folder ") {
        Some(folder) => format!("file://{folder}"),
        None => place,
    }
}

/// The content of a file that holds one secret.
pub(crate) fn read_secret(path: &Path) -> churn::Result<String> {
    let text = std::fs::read_to_string(path).map_err(churn::Error::file("read", path))?;
    let secret = text.trim();
    if secret.is_empty() {
        let problem = format!("{} is empty: it must hold a secret", path.display());
        return Err(churn::Error::settings("outside.yaml", problem));
    }
    Ok(secret.to_owned())
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;
    use serde_json::json;

    use super::*;
    use crate::http::stub::Stub;

    fn record() -> RunRecord {
        serde_json::from_value(json!({
            "run": { "workflow_id": "w", "run_id": "r", "started": "2026-11-25T02:00:00.000Z" },
            "inputs": {}, "result": { "state": "completed", "mode": "score" }, "code_version": "abc", "settings": {},
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn events_are_in_the_lake_and_at_the_receiver_and_a_receiver_in_trouble_is_told_of() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let token_file = root.path().join("token");
        std::fs::write(&token_file, "s3cret\n").unwrap();
        let stub = Stub::answering(&[201, 201, 500]).await;
        let (url, token_file) = (Some(stub.url.clone()), Some(token_file));
        let settings = LineageSettings { url, token_file, ..LineageSettings::default() };
        let lineage = Lineage::open(&settings).unwrap();

        assert_eq!(lineage.tell(&lake, &record()).await, None);
        let stored: Vec<Value> = lake.read_json(&keys::open_lineage("r")).await.unwrap();
        let asked = stub.asked();
        assert_eq!((asked.len(), stored.len()), (2, 2));
        for (asked, stored) in asked.iter().zip(&stored) {
            let (head, body) = asked.split_once("\r\n\r\n").unwrap();
            assert!(head.contains("authorization: Bearer s3cret"), "{head}");
            assert_eq!(serde_json::from_str::<Value>(body).unwrap(), *stored);
        }

        let problem = lineage.tell(&lake, &record()).await.unwrap();
        assert!(problem.contains("the answer is 500") && !problem.contains("s3cret"), "{problem}");
    }

    #[tokio::test]
    async fn without_a_receiver_there_is_the_file_alone() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let lineage = Lineage::open(&LineageSettings::default()).unwrap();
        assert_eq!(lineage.tell(&lake, &record()).await, None);
        let stored: Vec<Value> = lake.read_json(&keys::open_lineage("r")).await.unwrap();
        assert_eq!(stored[1]["eventType"], "COMPLETE");
    }
}
