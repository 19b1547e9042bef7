//! What every step works with: the ports, the configuration, scratch space.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use churn::raw::RawTable;
use churn::{DataFrame, Watch};
use lake::{Fetched, Lake};
use lake::{Made, StageSpec};
use protocol::steps::{BuildStage, StageOutcome};
use protocol::{Reuse, Run, TableRef};

use crate::alerts::Alerts;
use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::lineage::Lineage;
use crate::metrics::Metrics;
use crate::registry::Registry;
use crate::traces::Traces;
use crate::trainer::Trainer;

/// The ports and the configuration, built once at start-up.
#[derive(Clone)]
pub struct Environment {
    /// Where everything is kept.
    pub lake: Lake,
    /// Where models are trained.
    pub trainer: Trainer,
    /// Which models there are.
    pub registry: Registry,
    /// How people hear.
    pub alerts: Alerts,
    /// Where the figures of a run go.
    pub metrics: Metrics,
    /// Who is told what a run read and made.
    pub lineage: Lineage,
    /// Where it is told what a run did when.
    pub traces: Traces,
    /// What decides results.
    pub configuration: Arc<Configuration>,
    /// The revision of the code, for the record.
    pub revision: &'static str,
    /// The folder for temporary files; each step has its own sub-folder and removes it.
    pub scratch: PathBuf,
}

/// Local files with the content that a stage's inputs name.
pub struct Inputs(BTreeMap<String, Fetched>);

impl Inputs {
    /// The path of one input.
    pub fn path(&self, name: &str) -> churn::Result<&Path> {
        let missing = || churn::Error::settings("stage inputs", format!("`{name}` was not given; this is a bug"));
        self.0.get(name).map(Fetched::path).ok_or_else(missing)
    }

    /// The path of an input that runs from before it was one do not give.
    pub fn find(&self, name: &str) -> Option<&Path> {
        self.0.get(name).map(Fetched::path)
    }

    /// To be asked after they were read: whether the bytes were the ones that were compared.
    pub fn still_the_same(&self) -> Result<()> {
        Ok(self.0.values().try_for_each(Fetched::still_the_same)?)
    }

    /// One stored table.
    pub fn table(&self, name: &str) -> churn::Result<DataFrame> {
        churn::table_file::read(self.path(name)?)
    }

    /// A table of ours, or a raw file by its table's name.
    pub fn any_table(&self, name: &str) -> churn::Result<DataFrame> {
        match RawTable::files().find(|raw| raw.as_str() == name) {
            Some(raw) => churn::raw::read(raw, self.path(name)?),
            None => self.table(name),
        }
    }
}

impl Environment {
    /// A folder of this step's own, removed when dropped.
    pub fn scratch(&self) -> Result<tempfile::TempDir> {
        std::fs::create_dir_all(&self.scratch).map_err(churn::Error::file("make", &self.scratch))?;
        Ok(tempfile::TempDir::new_in(&self.scratch).map_err(churn::Error::file("make a folder in", &self.scratch))?)
    }

    /// Local files of stored inputs, each compared with its digest; copies go to `scratch`.
    pub async fn fetch(&self, inputs: &BTreeMap<String, TableRef>, scratch: &Path) -> Result<Inputs> {
        let mut paths = BTreeMap::new();
        for (name, input) in inputs {
            paths.insert(name.clone(), self.lake.fetch(input, scratch).await?);
        }
        Ok(Inputs(paths))
    }

    /// Finds the stage, or makes and stores it: `make` gets a scratch folder and answers the files it made there.
    pub async fn find_or_make<F>(
        &self,
        spec: &StageSpec,
        run: &Run,
        reuse: Reuse,
        make: impl FnOnce(PathBuf) -> F,
    ) -> Result<StageOutcome>
    where
        F: Future<Output = Result<Vec<Made>>>,
    {
        if let Some(found) = spec.find(&self.lake, reuse).await? {
            return Ok(found);
        }
        let scratch = self.scratch()?;
        let made = make(scratch.path().to_owned()).await?;
        Ok(spec.publish(&self.lake, run, made).await?)
    }

    /// Finds the stage, or computes its tables from its inputs and stores them.
    pub async fn find_or_make_tables<F>(
        &self,
        heartbeat: &Heartbeat,
        spec: &StageSpec,
        request: &BuildStage,
        make: F,
    ) -> Result<StageOutcome>
    where
        F: FnOnce(&Inputs, &dyn Watch) -> churn::Result<Vec<(&'static str, DataFrame)>> + Send + 'static,
    {
        let make_files = async |scratch: PathBuf| {
            let inputs = self.fetch(&request.inputs, &scratch).await?;
            compute(heartbeat, "the computation of a stage", move |watch| {
                let tables = make(&inputs, watch);
                // Of bytes that were exchanged meanwhile neither tables nor an error tell anything.
                inputs.still_the_same()?;
                let store = |(name, mut frame): (&str, DataFrame)| Made::table(name, &mut frame, &scratch);
                Ok(tables?.into_iter().map(store).collect::<churn::Result<Vec<_>>>()?)
            })
            .await
        };
        self.find_or_make(spec, &request.run, request.reuse, make_files).await
    }
}

#[cfg(test)]
mod for_tests {
    use std::time::Duration;

    use lake::FolderLake;

    use super::*;
    use crate::outside::LineageSettings;
    use crate::trainer::ProcessTrainer;

    impl Environment {
        /// A lake in a folder with nothing around it, and the settings as they are shipped.
        pub(in crate::steps) fn for_tests(root: &Path) -> Self {
            let lake = Lake::Folder(FolderLake::open(root).unwrap());
            let (grace, patience) = (Duration::ZERO, Duration::ZERO);
            Self {
                trainer: Trainer::Process(ProcessTrainer { binary: root.into(), grace, patience }),
                registry: Registry::in_lake(lake.clone()),
                alerts: Alerts::in_lake(),
                metrics: Metrics::default(),
                lineage: Lineage::open(&LineageSettings::default()).unwrap(),
                traces: Traces::default(),
                configuration: Arc::new(Configuration::load(None).unwrap()),
                revision: "test",
                scratch: root.join(".scratch"),
                lake,
            }
        }
    }
}
