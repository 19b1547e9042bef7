//! `train_model` and `stop_training`.

use serde::{Deserialize, Serialize};

use crate::{Reuse, Run, TableRef};

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
