//! The settings that a run decides by, as they are when it begins.

use protocol::steps::RunSettings;

use crate::error::Result;
use crate::steps::Environment;

/// The worker's settings for a run that trains this experiment, or the configuration's own.
pub(in crate::steps) fn run_settings(environment: &Environment, experiment: Option<&str>) -> Result<RunSettings> {
    let configuration = &environment.configuration;
    let experiment = experiment.unwrap_or_else(|| configuration.tiers.champion()).to_owned();
    configuration.tiers.features(&experiment)?;
    Ok(RunSettings {
        experiment,
        gate: configuration.model.gate.clone(),
        approval: configuration.pipeline.approval,
        trains_elsewhere: environment.trainer.is_elsewhere(),
        run_limit_secs: Some(configuration.pipeline.run_limit_secs),
    })
}
