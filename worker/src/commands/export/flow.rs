//! In which order a run comes to MLflow. Whatever of it is there already is found: by our run's ID, which is a tag.
//! The run is `RUNNING` there until all of it has come, so that a half exported one is known.

use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};

use super::mlflow::Mlflow;
use super::of_run::Exported;

/// MLflow takes no more at once.
const MOST_PARAMETERS: usize = 100;
const TAG: &str = "spanishgas.run_id";
const ALIAS: &str = "champion";

/// How things are called there.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The experiment.
    pub experiment: &'a str,
    /// The registered model.
    pub model: &'a str,
}

/// What is there now.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Our run.
    pub run_id: String,
    /// Its experiment there.
    pub experiment_id: String,
    /// The run there.
    pub mlflow_run_id: String,
    /// Whether it was there before.
    pub run_was_there: bool,
    /// The version there, of a run that trained one.
    pub model_version: Option<String>,
    /// Whether that version has the alias `champion`.
    pub is_champion: bool,
}

/// Exports a run, and its model's version from `source`.
pub async fn export(
    server: &Mlflow,
    exported: &Exported,
    names: Names<'_>,
    source: Option<&str>,
    is_champion: bool,
) -> anyhow::Result<Report> {
    let experiment_id = experiment(server, names.experiment).await?;
    let found = find_run(server, &experiment_id, &exported.run_id).await?;
    let (mlflow_run_id, run_was_there) = match found {
        Some((id, status)) => (id, status != "RUNNING"),
        None => (create_run(server, &experiment_id, exported).await?, false),
    };
    if !run_was_there {
        log(server, &mlflow_run_id, exported).await?;
    }
    let model_version = match source {
        Some(source) => Some(version(server, names.model, &mlflow_run_id, source, exported).await?),
        None => None,
    };
    if let (Some(version), true) = (&model_version, is_champion) {
        let body = json!({ "name": names.model, "alias": ALIAS, "version": version });
        server.post("registered-models/alias", &body).await?;
    }
    Ok(Report {
        run_id: exported.run_id.clone(),
        experiment_id,
        mlflow_run_id,
        run_was_there,
        is_champion: is_champion && model_version.is_some(),
        model_version,
    })
}

async fn experiment(server: &Mlflow, name: &str) -> anyhow::Result<String> {
    if let Some(found) = server.get("experiments/get-by-name", "experiment_name", name).await? {
        return text(&found, "/experiment/experiment_id");
    }
    let made = server.post("experiments/create", &json!({ "name": name })).await?;
    text(&made, "/experiment_id")
}

/// The run there and its status.
async fn find_run(server: &Mlflow, experiment_id: &str, run_id: &str) -> anyhow::Result<Option<(String, String)>> {
    let filter = format!("tags.`{TAG}` = '{run_id}'");
    let body = json!({ "experiment_ids": [experiment_id], "filter": filter, "max_results": 1 });
    let found = server.post("runs/search", &body).await?;
    match found.pointer("/runs/0/info") {
        Some(info) => Ok(Some((text(info, "/run_id")?, text(info, "/status")?))),
        None => Ok(None),
    }
}

async fn create_run(server: &Mlflow, experiment_id: &str, exported: &Exported) -> anyhow::Result<String> {
    let body = json!({
        "experiment_id": experiment_id, "run_name": exported.name, "start_time": exported.started_ms,
        "tags": [{ "key": TAG, "value": exported.run_id }],
    });
    text(&server.post("runs/create", &body).await?, "/run/info/run_id")
}

async fn log(server: &Mlflow, id: &str, exported: &Exported) -> anyhow::Result<()> {
    let pair = |(key, value): (&String, &String)| json!({ "key": key, "value": value });
    let at = exported.ended_ms;
    let metric = |(key, value): (&String, &f64)| json!({ "key": key, "value": value, "timestamp": at, "step": 0 });
    let metrics: Vec<_> = exported.metrics.iter().map(metric).collect();
    let tags: Vec<_> = exported.tags.iter().map(pair).collect();
    server.post("runs/log-batch", &json!({ "run_id": id, "metrics": metrics, "tags": tags })).await?;
    let parameters: Vec<_> = exported.parameters.iter().map(pair).collect();
    for part in parameters.chunks(MOST_PARAMETERS) {
        server.post("runs/log-batch", &json!({ "run_id": id, "params": part })).await?;
    }
    let ended = json!({ "run_id": id, "status": exported.status, "end_time": exported.ended_ms });
    server.post("runs/update", &ended).await?;
    Ok(())
}

/// The version of a run there, which is made once.
async fn version(
    server: &Mlflow,
    name: &str,
    run_id: &str,
    source: &str,
    exported: &Exported,
) -> anyhow::Result<String> {
    server.make("registered-models/create", &json!({ "name": name })).await?;
    let found = server.get("model-versions/search", "filter", &format!("run_id = '{run_id}'")).await?;
    let versions = found.as_ref().and_then(|found| found.get("model_versions")).and_then(Value::as_array);
    let own = versions.into_iter().flatten().find(|version| version["name"] == name);
    if let Some(own) = own {
        return text(own, "/version");
    }
    let ours = exported.version.as_deref().unwrap_or_default();
    let body = json!({
        "name": name, "source": source, "run_id": run_id, "description": format!("model {ours} of SpanishGas Churn"),
        "tags": [{ "key": "spanishgas.model_version", "value": ours }],
    });
    text(&server.post("model-versions/create", &body).await?, "/model_version/version")
}

/// Versions are texts in one release and numbers in another.
fn text(answer: &Value, path: &str) -> anyhow::Result<String> {
    let found = answer.pointer(path).filter(|found| !found.is_null());
    let found = found.with_context(|| format!("MLflow's answer has no {path}: {answer}"))?;
    Ok(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use activities::http::Http;

    use super::super::of_run::tests::record;
    use super::super::stub::Stub;
    use super::*;

    const NAMES: Names<'static> = Names { experiment: "churn", model: "churn" };

    async fn exported_to(stub: &Stub, champion: bool) -> anyhow::Result<Report> {
        let http = Http::new(Duration::from_secs(5)).unwrap();
        let server = Mlflow::new(http, &stub.url, Some("t0ken".to_owned()));
        let exported = Exported::of(&record("train", "completed")).unwrap();
        export(&server, &exported, NAMES, Some("spanishgas:/models/v1"), champion).await
    }

    #[tokio::test]
    async fn a_run_is_there_once_however_often_it_is_exported_and_becomes_champion_later() {
        let stub = Stub::start().await;
        let first = exported_to(&stub, false).await.unwrap();
        assert_eq!((first.run_was_there, first.is_champion, first.model_version.as_deref()), (false, false, Some("1")));
        let again = exported_to(&stub, true).await.unwrap();
        assert_eq!((again.run_was_there, again.is_champion), (true, true));
        assert_eq!((again.mlflow_run_id, again.model_version), (first.mlflow_run_id, first.model_version));
        let made: Vec<_> = stub.asked().into_iter().filter(|what| what.ends_with("/create")).collect();
        assert_eq!(made.len(), 5, "experiment, run, model twice (it may be there), version: {made:?}");
        assert_eq!(stub.asked().iter().filter(|what| what.as_str() == "runs/update").count(), 1);
    }

    #[tokio::test]
    async fn a_half_exported_run_is_completed() {
        let stub = Stub::failing_once("runs/update").await;
        let problem = format!("{:#}", exported_to(&stub, false).await.unwrap_err());
        assert!(problem.contains("runs/update") && problem.contains("--tracking-uri"), "{problem}");
        assert!(!problem.contains("t0ken"), "{problem}");
        let again = exported_to(&stub, false).await.unwrap();
        assert!(!again.run_was_there, "all of it is sent again");
        assert_eq!(stub.asked().iter().filter(|what| what.as_str() == "runs/create").count(), 1);
    }
}
