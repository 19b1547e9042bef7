//! Which version of the code a worker is, for a server that keeps every run on the version that began it.

use anyhow::bail;
use temporalio_common::worker::{VersioningBehavior, WorkerDeploymentOptions, WorkerDeploymentVersion};

use crate::environment::REVISION;

/// What an operator chooses.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DeploymentArguments {
    /// The worker deployment of Temporal that this worker is a version of; a run then stays with the version that began it [default: none].
    #[arg(long, env = "SPANISHGAS_DEPLOYMENT", value_name = "NAME")]
    pub deployment: Option<String>,
    /// The build ID of the version [default: the program's git revision].
    #[arg(long, env = "SPANISHGAS_BUILD_ID", value_name = "ID")]
    pub build_id: Option<String>,
}

/// The version of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The worker deployment; without one the server gives any worker any run.
    pub deployment: Option<String>,
    /// The code, as histories name it.
    pub build_id: String,
}

impl DeploymentArguments {
    /// The version of a program of this revision.
    ///
    /// # Errors
    /// When runs are to be kept on versions that nothing tells apart.
    pub fn version(self) -> anyhow::Result<Version> {
        let Self { deployment, build_id } = self;
        let named = |name: Option<String>| name.filter(|name| !name.trim().is_empty());
        let (deployment, build_id) = (named(deployment), named(build_id));
        if let (Some(name), None, "unknown") = (&deployment, &build_id, REVISION) {
            bail!("worker deployment {name}: this program does not know its git revision; give --build-id");
        }
        Ok(Version { deployment, build_id: build_id.unwrap_or_else(|| REVISION.to_owned()) })
    }
}

impl Version {
    /// The options of a worker. All workflows are pinned, as the SDK has one behaviour for all of a worker: a run of hours must
    /// not change its code, and a look of a watcher is a new run on the current version each time.
    pub fn options(&self) -> WorkerDeploymentOptions {
        let Some(deployment) = &self.deployment else {
            return WorkerDeploymentOptions::from_build_id(self.build_id.clone());
        };
        let version = WorkerDeploymentVersion::builder()
            .deployment_name(deployment.clone())
            .build_id(self.build_id.clone())
            .build();
        WorkerDeploymentOptions::new(version)
            .use_worker_versioning(true)
            .default_versioning_behavior(VersioningBehavior::Pinned)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_revision_unless_somebody_says_otherwise() {
        let plain = DeploymentArguments::default().version().unwrap();
        assert_eq!(plain, Version { deployment: None, build_id: REVISION.to_owned() });
        assert!(!plain.options().use_worker_versioning);

        let named = DeploymentArguments { deployment: Some("churn".to_owned()), build_id: Some("v2".to_owned()) };
        let options = named.version().unwrap().options();
        assert!(options.use_worker_versioning);
        assert_eq!(options.default_versioning_behavior, Some(VersioningBehavior::Pinned));
        assert_eq!((options.version.deployment_name.as_str(), options.version.build_id.as_str()), ("churn", "v2"));
    }

    #[test]
    fn an_empty_name_is_none() {
        // As a compose file hands on a variable that nobody set.
        let empty = DeploymentArguments { deployment: Some(String::new()), build_id: Some(" ".to_owned()) };
        assert_eq!(empty.version().unwrap(), DeploymentArguments::default().version().unwrap());
    }
}
