//! `train_model` and `stop_training`.

use serde::{Deserialize, Serialize};

use super::stage::{MissingOutput, StageOutcome};
use crate::{ModelVersion, Reuse, Run, TableRef};

/// Asks for a trained model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainModel {
    /// The run.
    pub run: Run,
    /// The gold table.
    pub gold: TableRef,
    /// The experiment: which features.
    pub experiment: String,
    /// Whether a stored model counts.
    pub reuse: Reuse,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// The stage.
    #[serde(flatten)]
    pub stage: StageOutcome,
    /// The model's version; of histories from before this field only its files' keys tell it.
    #[serde(default)]
    pub version: Option<ModelVersion>,
}

impl Trained {
    /// The model's version.
    pub fn version(&self) -> Result<ModelVersion, MissingOutput> {
        if let Some(version) = &self.version {
            return Ok(version.clone());
        }
        let metadata = self.stage.output("metadata.json")?;
        // models/<version>/metadata.json
        Ok(metadata.key.rsplit('/').nth(1).unwrap_or_default().into())
    }
}

/// Asks that nothing which a run has started for its training goes on without it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StopTraining {
    /// The run.
    pub run: Run,
}

/// What had to be stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedTraining {
    /// The jobs that were at work and have been told to stop; none when there was nothing to stop.
    pub jobs: Vec<String>,
}
