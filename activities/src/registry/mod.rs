//! The model registry: what became of every model version, and which one is champion.
//!
//! The entries and the champion pointer are files in the lake in every profile; the `aws` profile keeps
//! a model package in SageMaker's registry beside each entry.

#[cfg(feature = "aws")]
mod packages;

use churn::model::{EvaluationSummary, Verdict};
#[cfg(feature = "aws")]
pub use packages::ModelPackages;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::lake::{Lake, Version, keys, to_json};
use crate::messages::{ChampionPointer, ChangeByHand, Run, TableRef};

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
    /// The model package in SageMaker's registry (`aws` profile).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_package_arn: Option<String>,
}

/// A measured version on which nobody has decided yet.
#[derive(Debug, Clone)]
pub struct Proposal<'a> {
    /// The version.
    pub version: &'a str,
    /// The data it was trained on.
    pub gold: &'a Digest,
    /// The stored evaluation.
    pub evaluation: &'a TableRef,
    /// Its figures on the holdout.
    pub summary: &'a EvaluationSummary,
}

/// The registry port.
#[derive(Debug, Clone)]
pub struct Registry {
    lake: Lake,
    packages: Packages,
}

/// What stands beside the entries.
#[derive(Debug, Clone)]
enum Packages {
    /// Nothing (`local` profile).
    None,
    /// A SageMaker model package each (`aws` profile).
    #[cfg(feature = "aws")]
    SageMaker(ModelPackages),
}

impl Registry {
    /// A registry in the lake.
    pub fn in_lake(lake: Lake) -> Self {
        Self { lake, packages: Packages::None }
    }

    /// The same, with a package in SageMaker's registry for every version.
    #[cfg(feature = "aws")]
    pub fn with_packages(lake: Lake, packages: ModelPackages) -> Self {
        Self { lake, packages: Packages::SageMaker(packages) }
    }

    /// Announces a version that waits for its verdict; one that is known stays as it is.
    #[cfg_attr(not(feature = "aws"), expect(clippy::unused_async, reason = "the same shape as with the feature"))]
    pub async fn propose(&self, proposal: &Proposal<'_>) -> Result<()> {
        match &self.packages {
            Packages::None => {
                let _ = proposal;
                Ok(())
            }
            #[cfg(feature = "aws")]
            Packages::SageMaker(packages) => Box::pin(packages.propose(proposal)).await,
        }
    }

    /// The entry of a version, if it was registered.
    pub async fn find(&self, version: &str) -> Result<Option<Registration>> {
        let key = keys::model_file(version, "registration.json");
        Ok(self.lake.get_json(&key).await?.map(|(registration, _)| registration))
    }

    /// Writes the entry of a version, after its package is decided.
    pub async fn register(&self, registration: &Registration) -> Result<()> {
        let model_package_arn = match &self.packages {
            Packages::None => None,
            #[cfg(feature = "aws")]
            Packages::SageMaker(packages) => Some(Box::pin(packages.decide(registration)).await?),
        };
        let registration = Registration { model_package_arn, ..registration.clone() };
        let key = keys::model_file(&registration.version, "registration.json");
        Ok(self.lake.put_json(&key, &registration).await?)
    }

    /// Whether the registry can be read.
    pub async fn reach(&self) -> Result<()> {
        self.champion().await?;
        match &self.packages {
            Packages::None => Ok(()),
            #[cfg(feature = "aws")]
            Packages::SageMaker(packages) => Box::pin(packages.reach()).await,
        }
    }

    /// All entries, sorted by version.
    pub async fn all(&self) -> Result<Vec<Registration>> {
        let mut found = Vec::new();
        for object in self.lake.list("models/").await? {
            if object.key.ends_with("/registration.json") {
                found.push(self.lake.read_json(&object.key).await?);
            }
        }
        Ok(found)
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
            by_hand: None,
        };
        self.lake.compare_and_swap(keys::CHAMPION, seen.as_ref(), to_json(&pointer)).await?;
        Ok(pointer)
    }

    /// Makes an earlier approved version champion again. Who, why and when stand in the pointer, and stay
    /// under `models/audit/` when it moves on.
    pub async fn roll_back(&self, version: &str, change: &ChangeByHand) -> Result<ChampionPointer> {
        let refuse = |reason: &str| Error::NotPromotable { version: version.to_owned(), reason: reason.to_owned() };
        let registered = self.find(version).await?;
        let registered =
            registered.ok_or_else(|| refuse("it is not registered; `spanishgas models list` shows all"))?;
        if registered.status != Approval::Approved {
            return Err(refuse("it was rejected; only approved versions may score"));
        }
        let (current, seen) = self.champion().await?.ok_or_else(|| refuse("there is no champion to roll back from"))?;
        if current.version == version {
            return Err(refuse("it is champion already"));
        }
        let pointer = ChampionPointer {
            version: version.to_owned(),
            promoted_by: change.by.clone(),
            promoted_at: change.at.clone(),
            previous: Some(current.version),
            by_hand: Some(change.clone()),
        };
        self.lake.compare_and_swap(keys::CHAMPION, Some(&seen), to_json(&pointer)).await?;
        self.lake.put_json(&keys::model_audit(&change.at, version), &pointer).await?;
        Ok(pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::FolderLake;

    fn change() -> ChangeByHand {
        ChangeByHand {
            by: "ana".to_owned(),
            reason: "offers went wrong".to_owned(),
            at: "2024-12-31T08:00:00Z".to_owned(),
        }
    }

    fn run(id: &str) -> Run {
        Run { workflow_id: id.to_owned(), run_id: format!("{id}-1"), started: "2024-12-31T02:00:00Z".to_owned() }
    }

    async fn registry_with(versions: &[(&str, Approval)]) -> (tempfile::TempDir, Registry) {
        let root = tempfile::tempdir().unwrap();
        let registry = Registry::in_lake(Lake::Folder(FolderLake::open(root.path()).unwrap()));
        for (version, status) in versions {
            let registration = Registration {
                version: (*version).to_owned(),
                status: *status,
                compared_with: None,
                verdict: Verdict::of(Vec::new()),
                registered_by: "w".to_owned(),
                run_id: "r".to_owned(),
                model_package_arn: None,
            };
            registry.register(&registration).await.unwrap();
        }
        (root, registry)
    }

    #[tokio::test]
    async fn an_earlier_approved_version_is_champion_again_and_it_stands_who_did_it() {
        let (root, registry) = registry_with(&[("old", Approval::Approved), ("new", Approval::Approved)]).await;
        registry.promote(&run("first"), "old", None).await.unwrap();
        let seen = registry.champion().await.unwrap();
        registry.promote(&run("second"), "new", seen).await.unwrap();

        registry.roll_back("old", &change()).await.unwrap();
        let (pointer, _) = registry.champion().await.unwrap().unwrap();
        assert_eq!((pointer.version.as_str(), pointer.previous.as_deref()), ("old", Some("new")));
        assert_eq!(pointer.by_hand, Some(change()));
        assert!(root.path().join(keys::model_audit(&change().at, "old")).is_file());
    }

    #[tokio::test]
    async fn only_another_approved_version_can_be_rolled_back_to() {
        let (_root, registry) = registry_with(&[("good", Approval::Approved), ("bad", Approval::Rejected)]).await;
        registry.promote(&run("first"), "good", None).await.unwrap();
        for (version, reason) in [("bad", "rejected"), ("good", "already"), ("unknown", "not registered")] {
            let refused = registry.roll_back(version, &change()).await.unwrap_err().to_string();
            assert!(refused.contains(version) && refused.contains(reason), "{refused}");
        }
        assert_eq!(registry.champion().await.unwrap().unwrap().0.version, "good");
    }
}
