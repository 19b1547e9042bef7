//! The model registry: what became of every model version, and which one is champion.

use churn::model::Verdict;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::lake::{Lake, Version, keys};
use crate::messages::{ChampionPointer, Run};

/// What became of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub enum Approval {
    /// May score.
    Approved,
    /// May not, for the reasons in the verdict.
    Rejected,
}

/// The registry's entry for a version, `models/<version>/registration.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// The version.
    pub version: String,
    /// What became of it.
    pub status: Approval,
    /// The champion it was compared with, if there was one.
    pub compared_with: Option<String>,
    /// The verdict, check by check.
    pub verdict: Verdict,
    /// The workflow that registered it.
    pub registered_by: String,
    /// And the run of it.
    pub run_id: String,
}

/// The registry port; files in the lake (`local` profile).
#[derive(Debug, Clone)]
pub struct Registry {
    lake: Lake,
}

impl Registry {
    /// A registry in the lake.
    pub fn in_lake(lake: Lake) -> Self {
        Self { lake }
    }

    /// The entry of a version, if it was registered.
    pub async fn find(&self, version: &str) -> Result<Option<Registration>> {
        let key = keys::model_file(version, "registration.json");
        Ok(self.lake.get_json(&key).await?.map(|(registration, _)| registration))
    }

    /// Writes the entry of a version.
    pub async fn register(&self, registration: &Registration) -> Result<()> {
        let key = keys::model_file(&registration.version, "registration.json");
        Ok(self.lake.put_json(&key, registration).await?)
    }

    /// The champion, and the pointer's version for a later move.
    pub async fn champion(&self) -> Result<Option<(ChampionPointer, Version)>> {
        Ok(self.lake.get_json(keys::CHAMPION).await?)
    }

    /// Moves the pointer, unless somebody moved it since `seen`.
    pub async fn promote(
        &self,
        run: &Run,
        version: &str,
        seen: Option<(ChampionPointer, Version)>,
    ) -> Result<ChampionPointer> {
        let (previous, seen) = seen.map(|(pointer, seen)| (pointer.version, seen)).unzip();
        let pointer = ChampionPointer {
            version: version.to_owned(),
            promoted_by: run.workflow_id.clone(),
            promoted_at: run.started.clone(),
            previous,
        };
        self.lake.compare_and_swap(keys::CHAMPION, seen.as_ref(), crate::lake::to_json(&pointer)).await?;
        Ok(pointer)
    }
}
