//! Builds what the activities work with from what the operator chose: one place, at start-up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use activities::alerts::Alerts;
use activities::configuration::Configuration;
use activities::lake::{FolderLake, Lake};
use activities::registry::Registry;
use activities::steps::World;
use activities::trainer::{ProcessTrainer, Trainer};
use anyhow::Context;

/// The places an operator chooses.
#[derive(Debug, Clone, clap::Args)]
pub struct Places {
    /// The lake: a folder.
    #[arg(long, env = "SPANISHGAS_LAKE", default_value = "./lake")]
    pub lake: PathBuf,
    /// A folder with configuration files that replace the built-in ones.
    #[arg(long, env = "SPANISHGAS_CONFIG")]
    pub config: Option<PathBuf>,
}

impl Places {
    /// The lake alone.
    pub fn open_lake(&self) -> anyhow::Result<Lake> {
        Ok(Lake::Folder(FolderLake::open(&self.lake)?))
    }

    /// The configuration, all its problems at once.
    pub fn load_configuration(&self) -> anyhow::Result<Configuration> {
        Ok(Configuration::load(self.config.as_deref())?)
    }
}

/// The ports of the `local` profile around a configuration.
pub fn local_world(lake: Lake, configuration: Configuration, scratch: &Path) -> anyhow::Result<World> {
    let binary = std::env::current_exe().context("could not find the program's own file for training jobs")?;
    Ok(World {
        registry: Registry::in_lake(lake.clone()),
        trainer: Trainer::Process(ProcessTrainer { binary }),
        alerts: Alerts::Lake,
        configuration: Arc::new(configuration),
        scratch: scratch.to_owned(),
        lake,
    })
}
