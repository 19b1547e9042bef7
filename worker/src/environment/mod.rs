//! Builds what the activities work with from what the operator chose: one place, at start-up.

#[cfg(feature = "aws")]
pub mod aws;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use activities::alerts::{Alerts, Webhooks};
use activities::configuration::Configuration;
use activities::events::Events;
use activities::kms::KeySource;
use activities::lineage::Lineage;
use activities::metrics::Metrics;
use activities::outside::OutsideSettings;
use activities::registry::Registry;
use activities::signing::Signing;
use activities::steps::Environment;
use activities::traces::Traces;
use activities::trainer::{ProcessTrainer, Trainer};
use anyhow::{Context, bail};
use clap::ValueEnum;
use lake::{FolderLake, Lake};

/// The revision of the code that this program is made of.
pub const REVISION: &str = env!("SPANISHGAS_REVISION");

/// Which adapters stand behind the ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// A folder, a child process, files.
    Local,
    /// S3, SageMaker, SNS, CloudWatch.
    Aws,
}

/// The places an operator chooses.
#[derive(Debug, Clone, clap::Args)]
pub struct EnvironmentOptions {
    /// What stands behind the ports.
    #[arg(long, env = "SPANISHGAS_PROFILE", value_enum, default_value = "local")]
    pub profile: Profile,
    /// The lake: a folder, or s3://BUCKET/PREFIX in the aws profile.
    #[arg(long, env = "SPANISHGAS_LAKE", default_value = "./data")]
    pub lake: PathBuf,
    /// A folder with configuration files that replace the built-in ones; aws.yaml in the aws profile.
    #[arg(long, env = "SPANISHGAS_CONFIG")]
    pub config: Option<PathBuf>,
    /// The text of aws.yaml, where there is no folder for it: a container, for example.
    #[arg(long, env = "SPANISHGAS_AWS_YAML", hide_env_values = true, value_name = "YAML")]
    pub aws_yaml: Option<String>,
    /// The text of outside.yaml, where there is no folder for it.
    #[arg(long, env = "SPANISHGAS_OUTSIDE_YAML", hide_env_values = true, value_name = "YAML")]
    pub outside_yaml: Option<String>,
    /// Keys that models are signed and checked with, commas between them: files of Ed25519 keys in PEM (a private key signs, public ones only check), or kms: and a key in AWS KMS. The first that can sign signs, all are trusted [default: neither].
    #[arg(long, env = "SPANISHGAS_SIGNING_KEY", value_name = "FILE|kms:KEY", value_delimiter = ',')]
    pub signing_key: Vec<KeySource>,
}

/// How long a training process of this machine may take; a SageMaker job has limits of its own.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct TrainingLimits {
    /// How long a stopped training may take to end before it is killed, in seconds.
    #[arg(long, default_value_t = Self::default().training_grace_secs)]
    pub training_grace_secs: u64,
    /// How long a training may be without a finished boosting round before it is killed, in seconds.
    #[arg(long, default_value_t = Self::default().training_patience_secs, value_parser = clap::value_parser!(u64).range(1..))]
    pub training_patience_secs: u64,
}

impl Default for TrainingLimits {
    fn default() -> Self {
        // Less than the worker itself has to end, so that it can tell how the training ended.
        Self { training_grace_secs: 15, training_patience_secs: 1800 }
    }
}

impl EnvironmentOptions {
    /// The lake alone, which must be there; copies of remote objects go below `scratch`.
    pub async fn open_lake(&self, scratch: &Path) -> anyhow::Result<Lake> {
        match self.profile {
            Profile::Local => self.open_folder(),
            Profile::Aws => Ok(self.connect(scratch).await?.lake),
        }
    }

    /// The same; a folder that is not there is made.
    pub async fn make_lake(&self, scratch: &Path) -> anyhow::Result<Lake> {
        match self.profile {
            Profile::Local => self.make_folder(),
            Profile::Aws => Ok(self.connect(scratch).await?.lake),
        }
    }

    /// The registry alone.
    pub async fn open_registry(&self, scratch: &Path) -> anyhow::Result<Registry> {
        match self.profile {
            Profile::Local => Ok(Registry::in_lake(self.open_folder()?).with_signing(self.load_signing()?)),
            Profile::Aws => Ok(self.connect(scratch).await?.registry.with_signing(self.load_signing()?)),
        }
    }

    /// Whether and how models are signed.
    pub fn load_signing(&self) -> anyhow::Result<Signing> {
        Ok(Signing::load(&self.signing_key)?)
    }

    /// Who outside is told.
    pub fn load_outside(&self) -> churn::Result<OutsideSettings> {
        OutsideSettings::load(self.config.as_deref(), self.outside_yaml.as_deref())
    }

    /// All ports around a configuration. Steps work in `scratch`, which ends with the worker; copies of remote
    /// objects go below `copies`, which may outlive it.
    pub async fn open_world(
        &self,
        configuration: Configuration,
        scratch: &Path,
        copies: &Path,
        training: TrainingLimits,
    ) -> anyhow::Result<World> {
        let signing = self.load_signing()?;
        let outside = self.load_outside()?;
        let lineage = Lineage::open(&outside.openlineage)?;
        let webhooks = Webhooks::open(&outside)?;
        let mut ports = match self.profile {
            Profile::Local => local_ports(self.make_folder()?, training)?,
            Profile::Aws => self.connect(copies).await?,
        };
        ports.registry = ports.registry.with_signing(signing);
        ports.alerts = ports.alerts.with_webhooks(webhooks);
        Ok(ports.into_world(configuration, lineage, scratch))
    }

    /// The configuration, all its problems at once.
    pub fn load_configuration(&self) -> Result<Configuration, activities::Error> {
        Ok(Configuration::load(self.config.as_deref())?)
    }

    /// The lake of the `local` profile, which must be there: a mistyped place would else become an empty one.
    pub fn open_folder(&self) -> anyhow::Result<Lake> {
        let folder = self.folder()?;
        if !folder.is_dir() {
            bail!(
                "there is no lake at {}: give another one with --lake or SPANISHGAS_LAKE; `spanishgas worker`, `run`, \
                 `demo` and `generate-data` make one",
                folder.display()
            );
        }
        Ok(Lake::Folder(FolderLake::open_existing(folder)?))
    }

    /// The same; it is made where it is not there.
    pub fn make_folder(&self) -> anyhow::Result<Lake> {
        Ok(Lake::Folder(FolderLake::open(self.folder()?)?))
    }

    fn folder(&self) -> anyhow::Result<&Path> {
        if self.lake.to_string_lossy().starts_with("s3://") {
            bail!("the lake {} is in S3: choose the aws profile (--profile aws)", self.lake.display());
        }
        Ok(&self.lake)
    }

    #[cfg(feature = "aws")]
    async fn connect(&self, scratch: &Path) -> anyhow::Result<Ports> {
        aws::ports(self, scratch).await.map_err(|problems| anyhow::anyhow!(problems.join("\n  ")))
    }

    #[cfg(not(feature = "aws"))]
    #[expect(clippy::unused_async, reason = "the same shape as with the feature")]
    async fn connect(&self, _scratch: &Path) -> anyhow::Result<Ports> {
        bail!("this program was built without the aws profile; build it with the feature `aws`")
    }
}

/// What a worker works with, and what wakes it.
pub struct World {
    /// What the activities work with.
    pub environment: Environment,
    /// Who tells of new raw files.
    pub events: Events,
}

/// The adapters behind the ports.
pub struct Ports {
    /// Where everything is kept.
    pub lake: Lake,
    /// Where models are trained.
    pub trainer: Trainer,
    /// Which models there are.
    pub registry: Registry,
    /// How people hear.
    pub alerts: Alerts,
    /// Where figures go.
    pub metrics: Metrics,
    /// Who tells of new raw files.
    pub events: Events,
}

impl Ports {
    fn into_world(self, configuration: Configuration, lineage: Lineage, scratch: &Path) -> World {
        let Self { lake, trainer, registry, alerts, metrics, events } = self;
        let configuration = Arc::new(configuration);
        let environment = Environment {
            lake,
            trainer,
            registry,
            alerts,
            metrics,
            lineage,
            traces: Traces::default(),
            configuration,
            revision: REVISION,
            scratch: scratch.to_owned(),
        };
        World { environment, events }
    }
}

fn local_ports(lake: Lake, training: TrainingLimits) -> anyhow::Result<Ports> {
    let binary = std::env::current_exe().context("could not find the program's own file for training jobs")?;
    Ok(Ports {
        registry: Registry::in_lake(lake.clone()),
        trainer: Trainer::Process(ProcessTrainer {
            binary,
            grace: Duration::from_secs(training.training_grace_secs),
            patience: Duration::from_secs(training.training_patience_secs),
        }),
        alerts: Alerts::in_lake(),
        metrics: Metrics::default(),
        events: Events::default(),
        lake,
    })
}
