//! The model registry: what became of every model version, and which one is champion.
//!
//! The entries and the champion pointer are files in the lake in every profile; the `aws` profile keeps
//! a model package in SageMaker's registry beside each entry.

mod admin;
#[cfg(test)]
mod admin_test;
mod champion;
mod direct;
mod judged;
#[cfg(feature = "aws")]
mod packages;
#[cfg(test)]
mod tests;
mod trust;

use churn::model::EvaluationSummary;
use lake::documents::{ChangeByHand, Judgement, Registration};
#[cfg(feature = "aws")]
pub use packages::ModelPackages;
#[cfg(test)]
pub use tests::request as request_for_tests;

use crate::error::{Error, Result};
use crate::signing::Signing;
use lake::{Lake, LakeError, keys, to_json};
use protocol::Digest;
use protocol::TableRef;

/// How often an entry is written again after somebody else has written it in between.
const WRITE_ATTEMPTS: u32 = 5;

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
    signing: Signing,
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
        Self { lake, packages: Packages::None, signing: Signing::Off }
    }

    /// The same, with a package in SageMaker's registry for every version.
    #[cfg(feature = "aws")]
    pub fn with_packages(lake: Lake, packages: ModelPackages) -> Self {
        Self { lake, packages: Packages::SageMaker(packages), signing: Signing::Off }
    }

    /// The same registry where models are signed and checked.
    pub fn with_signing(self, signing: Signing) -> Self {
        Self { signing, ..self }
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
        let key = keys::registration(version);
        Ok(self.lake.get_json(&key).await?.map(|(registration, _)| registration))
    }

    /// Adds a judgement to the version's entry, after its package is decided.
    pub async fn judge(&self, version: &str, judgement: &Judgement) -> Result<Registration> {
        let was_champion = self.was_champion(version).await?;
        let judged = |before| Registration::judged(before, version, judgement.clone(), was_champion);
        self.rewrite(version, |before| Ok(judged(before))).await
    }

    /// Takes a version back: the gate refuses it until somebody reinstates it.
    pub async fn withdraw(&self, version: &str, change: &ChangeByHand) -> Result<Registration> {
        // A champion without an entry (promoted by older code that was cut off) can be left as well.
        let known = |before: Option<Registration>| before.unwrap_or_else(|| Registration::unjudged(version, change));
        self.rewrite(version, |before| Ok(known(before).withdrawn_by(change.clone()))).await
    }

    /// Notes that a person promotes a version against its verdict.
    pub async fn override_verdict(&self, version: &str, change: &ChangeByHand) -> Result<Registration> {
        self.rewrite(version, |before| {
            let before = before.ok_or_else(|| not_registered(version))?;
            Ok(before.overridden_by(change.clone()))
        })
        .await
    }

    /// Takes back what [`Self::override_verdict`] noted, since the promotion did not come about.
    pub async fn forget_override(&self, version: &str, change: &ChangeByHand) -> Result<()> {
        if self.find(version).await?.is_none_or(|entry| !entry.overrides.iter().any(|noted| noted.is_same_as(change))) {
            return Ok(());
        }
        let was_champion = self.was_champion(version).await?;
        self.rewrite(version, |before| {
            let before = before.ok_or_else(|| not_registered(version))?;
            Ok(before.not_overridden_by(change, was_champion))
        })
        .await
        .map(drop)
    }

    /// Gives a withdrawn version free again.
    pub async fn reinstate(&self, version: &str, change: &ChangeByHand) -> Result<Registration> {
        let was_champion = self.was_champion(version).await?;
        self.rewrite(version, |before| {
            let before = before.ok_or_else(|| not_registered(version))?;
            if before.withdrawal().is_none() {
                let reason = "nobody has withdrawn it; there is nothing to lift".to_owned();
                return Err(Error::NotPromotable { version: version.to_owned(), reason });
            }
            Ok(before.reinstated_by(change, was_champion))
        })
        .await
    }

    /// Changes an entry by compare-and-swap. The package is decided first: what the lake says is done, is.
    async fn rewrite(
        &self,
        version: &str,
        change: impl Fn(Option<Registration>) -> Result<Registration>,
    ) -> Result<Registration> {
        let key = keys::registration(version);
        let mut attempt = 1;
        loop {
            let (before, seen) = self.lake.get_json::<Registration>(&key).await?.unzip();
            let mut entry = change(before.clone())?;
            if before.as_ref() == Some(&entry) {
                return Ok(entry);
            }
            if let Some(arn) = self.decide_package(&entry).await? {
                entry.model_package_arn = Some(arn);
            }
            match self.lake.compare_and_swap(&key, seen.as_ref(), to_json(&entry)).await {
                Ok(()) => return Ok(entry),
                Err(LakeError::Conflict { .. }) if attempt < WRITE_ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    #[cfg_attr(not(feature = "aws"), expect(clippy::unused_async, reason = "the same shape as with the feature"))]
    async fn decide_package(&self, entry: &Registration) -> Result<Option<String>> {
        match &self.packages {
            Packages::None => {
                let _ = entry;
                Ok(None)
            }
            #[cfg(feature = "aws")]
            Packages::SageMaker(packages) => Box::pin(packages.decide(entry)).await,
        }
    }

    /// All entries, sorted by version.
    pub async fn all(&self) -> Result<Vec<Registration>> {
        let mut found = Vec::new();
        for object in self.lake.list(keys::MODELS).await? {
            if keys::is_registration(&object.key) {
                found.push(self.lake.read_json(&object.key).await?);
            }
        }
        Ok(found)
    }
}

fn not_registered(version: &str) -> Error {
    let reason = "it is not registered; `spanishgas models list` shows all".to_owned();
    Error::NotPromotable { version: version.to_owned(), reason }
}
