//! Training: a job of the trainer port, its model stored under the version that its inputs give.

use std::collections::BTreeMap;
use std::path::Path;

use churn::model::{Bundle, METADATA, Metadata};
use lake::keys::TopFolder;
use lake::{Lake, keys};
use lake::{MODEL_FILES, list_model_files};
use lake::{Made, StageSpec};
use protocol::Digest;
use protocol::steps::{StageOutcome, StopTraining, StoppedTraining, TrainModel, Trained, named};
use protocol::{ModelVersion, Reuse, TableRef};
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::steps::{Environment, versions};
use crate::trainer::entry_point::{CONFIG, GOLD};
use crate::trainer::{Channel, TrainingJob, hyperparameters};

/// Trains the model of an experiment on the gold table, unless this very model exists.
pub async fn train_model(environment: &Environment, heartbeat: &Heartbeat, request: TrainModel) -> Result<Trained> {
    let spec = spec(&environment.configuration, &request)?;
    if let Some(found) = spec.find(&environment.lake, request.reuse).await? {
        let version = version_of(&environment.lake, &found.outputs).await?;
        // Who can write into the lake can write a manifest too: what nobody has signed is trained again.
        if environment.registry.is_trusted(&version).await? {
            return Ok(Trained { stage: found, version: Some(version) });
        }
        tracing::warn!(version = %version, "a stored model is not signed and is trained again");
    }
    environment.registry.signing().require_signer().await?;
    let scratch = environment.scratch()?;
    let job = training_job(environment, &spec, &request);
    // A remote job reads the lake by itself: what it read was the gold table if that was there before and after.
    environment.lake.verify(&request.gold).await?;
    let trained = environment.trainer.train(heartbeat, &environment.lake, &job, scratch.path()).await?;
    environment.lake.verify(&request.gold).await?;
    // The version is the digest of what the training really read: two stages may give one model.
    let bundle = Bundle::load(&trained.model)?;
    let made = artefacts(&trained.model, bundle.reference().height() as u64, scratch.path())?;
    let version = ModelVersion::from(bundle.metadata().version.as_str());
    let folder = keys::model(&version);
    let outcome = spec.publish_in(&environment.lake, &request.run, &folder, made).await?;
    environment.registry.sign_files(&version, &outcome.output(MODEL_FILES)?.digest).await?;
    Ok(Trained { stage: StageOutcome { job: trained.job, ..outcome }, version: Some(version) })
}

/// The version of a stored model, from the outputs of its training.
pub(in crate::steps) async fn version_of(lake: &Lake, outputs: &BTreeMap<String, TableRef>) -> Result<ModelVersion> {
    let metadata: Metadata = lake.read_json_exactly(&named(outputs, METADATA)?).await?;
    Ok(metadata.version.into())
}

/// Stops what a run that has ended early left at work. Safe to repeat: a job that has ended is no work.
pub async fn stop_training(environment: &Environment, request: StopTraining) -> Result<StoppedTraining> {
    Ok(StoppedTraining { jobs: environment.trainer.stop(&request.run).await? })
}

fn training_job(environment: &Environment, spec: &StageSpec, request: &TrainModel) -> TrainingJob {
    // A run that is to run everything must not find the job of another.
    let salt = match request.reuse {
        Reuse::Unchanged => String::new(),
        Reuse::Nothing => format!("-{}", Digest::of(request.run.run_id.as_bytes()).short()),
    };
    let tiers = Channel::Text { file: "feature_tiers.yaml", content: environment.configuration.tiers_text.clone() };
    TrainingJob {
        name: format!("churn-{}{salt}", spec.digest().short()),
        run: request.run.clone(),
        hyperparameters: hyperparameters::flatten(&request.experiment, &environment.configuration.model.train),
        channels: BTreeMap::from([
            (GOLD.to_owned(), Channel::Object(request.gold.clone())),
            (CONFIG.to_owned(), tiers),
        ]),
    }
}

pub(in crate::steps) fn spec(configuration: &Configuration, request: &TrainModel) -> Result<StageSpec> {
    let features = configuration.tiers.features(&request.experiment)?;
    Ok(StageSpec {
        layer: TopFolder::Models,
        stage: "train".to_owned(),
        code_version: versions::TRAIN,
        inputs: BTreeMap::from([("gold_master".to_owned(), request.gold.digest.clone())]),
        settings: json!({
            "experiment": request.experiment,
            "features": features,
            "training": configuration.model.train.recorded(),
        }),
    })
}

/// The model's files in a fixed order and the list of them; the reference counts the customers it was fitted on.
fn artefacts(model: &Path, training_rows: u64, scratch: &Path) -> churn::Result<Vec<Made>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(model).map_err(churn::Error::file("list", model))? {
        paths.push(entry.map_err(churn::Error::file("list", model))?.path());
    }
    paths.sort();
    let mut made = paths
        .into_iter()
        .map(|path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let rows = if file == "reference.parquet" { training_rows } else { 0 };
            Made::file(&file, file.clone(), path, rows)
        })
        .collect::<churn::Result<Vec<_>>>()?;
    made.push(list_model_files(&made, scratch)?);
    Ok(made)
}
