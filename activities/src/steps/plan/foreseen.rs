//! What is known of a run's stages before it runs.

use std::collections::BTreeMap;

use lake::{Difference, NewestStage, StageManifest, StageSpec};
use protocol::pipeline::StageName;
use protocol::{TableRef, WorkflowId};
use serde::Serialize;

/// What a run would do about a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Look at it, as every run does.
    Look,
    /// Make it.
    Run,
    /// Find it unchanged, or have nothing to do.
    Skip,
    /// One or the other, as the gate decides in the run.
    Depends,
}

/// One stage of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedStage {
    /// Which.
    pub name: StageName,
    /// What would be done.
    pub action: Action,
    /// Why, in words.
    pub reason: String,
    /// The folder it has or would have; unknown while an input is made anew.
    pub folder: Option<String>,
    /// The workflow that made it, if it is there.
    pub made_by: Option<WorkflowId>,
    /// The newest stored stage of its name, where this one is not there.
    pub compared_with: Option<String>,
    /// What differs from that.
    pub differences: Vec<Difference>,
    /// The bytes of what would be written, as many as that one has.
    pub bytes: Option<u64>,
}

/// A stage and, if it is there, its outputs.
#[derive(Debug)]
pub(super) struct Foreseen {
    pub stage: PlannedStage,
    pub outputs: Option<BTreeMap<String, TableRef>>,
}

impl Foreseen {
    pub fn of(name: StageName, action: Action, reason: String) -> Self {
        let stage = PlannedStage {
            name,
            action,
            reason,
            folder: None,
            made_by: None,
            compared_with: None,
            differences: Vec::new(),
            bytes: None,
        };
        Self { stage, outputs: None }
    }

    /// It is there.
    pub fn found(mut self, spec: &StageSpec, manifest: StageManifest) -> Self {
        self.stage.folder = Some(spec.folder());
        self.stage.made_by = Some(manifest.made_by);
        self.outputs = Some(manifest.outputs);
        self
    }

    /// It is not there, and the newest of its name is.
    pub fn beside(mut self, spec: &StageSpec, newest: Option<NewestStage>, bytes: Option<u64>) -> Self {
        self.stage.folder = Some(spec.folder());
        self.stage.bytes = bytes;
        if let Some(newest) = newest {
            self.stage.differences = newest.manifest.map(|stored| spec.differences(&stored.spec)).unwrap_or_default();
            self.stage.compared_with = Some(newest.folder);
        }
        self
    }

    /// So many bytes would be written.
    pub fn of_size(mut self, bytes: u64) -> Self {
        self.stage.bytes = Some(bytes);
        self
    }

    pub fn because(mut self, reason: String) -> Self {
        self.stage.reason = reason;
        self
    }
}

/// What is known so far: the stages, and the tables that are there.
#[derive(Debug, Default)]
pub(super) struct Known {
    stages: Vec<PlannedStage>,
    tables: BTreeMap<String, TableRef>,
}

impl Known {
    /// Adds a stage; its outputs become tables that others may build on.
    pub fn add(&mut self, foreseen: Foreseen) {
        self.tables.extend(foreseen.outputs.unwrap_or_default());
        self.stages.push(foreseen.stage);
    }

    pub fn add_tables(&mut self, tables: &BTreeMap<String, TableRef>) {
        self.tables.extend(tables.clone());
    }

    /// All tables of these names, if all are there.
    pub fn tables(&self, names: &[&str]) -> Option<BTreeMap<String, TableRef>> {
        names.iter().map(|name| Some(((*name).to_owned(), self.tables.get(*name)?.clone()))).collect()
    }

    /// The tables of these names that are there.
    pub fn those_of(&self, names: &[&str]) -> BTreeMap<String, TableRef> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.tables.get(*name)?.clone()))).collect()
    }

    /// One table, if it is there.
    pub fn table(&self, name: &str) -> Option<TableRef> {
        self.tables.get(name).cloned()
    }

    /// What would be done about a stage that was added.
    pub fn action(&self, name: StageName) -> Option<Action> {
        self.stages.iter().find(|stage| stage.name == name).map(|stage| stage.action)
    }

    pub fn into_stages(self) -> Vec<PlannedStage> {
        self.stages
    }
}
