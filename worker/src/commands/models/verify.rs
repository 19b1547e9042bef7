//! `spanishgas models verify`: whether the files of models are what the training noted, who has signed them, and whether a
//! new training gives the same bytes.

use std::path::Path;
use std::process::ExitCode;

use activities::registry::Registry;
use anyhow::bail;
use lake::documents::ModelList;
use lake::{Lake, LakeError};
use protocol::ModelVersion;
use serde::Serialize;

use super::facts::metadata_of;
use super::rebuild::{Rebuilt, rebuild};
use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

/// Something is not as it should be.
const DIFFERENT: u8 = 2;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas models verify --all --rebuild --json\n\
    Exit code: 0 everything is the same, 2 a file differs, a signature is missing or a rebuild gives other bytes, 1 an error, \
    or a rebuild that cannot be made")]
pub struct Verify {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The version, as `models list` shows it [default: the champion].
    #[arg(value_name = "VERSION", conflicts_with = "all")]
    pub model_version: Option<String>,
    /// Every registered version.
    #[arg(long)]
    pub all: bool,
    /// Train each again on this machine from the stored table, and compare the bytes.
    #[arg(long)]
    pub rebuild: bool,
    /// Print one JSON list.
    #[arg(long)]
    pub json: bool,
}

/// What was found of a version.
#[derive(Debug, Serialize)]
struct Verified {
    version: ModelVersion,
    /// What is wrong with its files; nothing is good.
    damage: Vec<String>,
    /// Who has signed them.
    signature: Signed,
    /// What a new training gave; nothing unless it was asked for.
    rebuilt: Option<Rebuilt>,
}

/// What the signature is worth.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Signed {
    /// Nobody asks for one: there is no key to check with.
    NotAsked,
    /// It is one of a key that is trusted.
    Trusted {
        /// Which.
        key_id: String,
    },
    /// There is none, or it is not one that is trusted.
    Untrusted {
        /// Why not.
        problem: String,
    },
}

pub async fn run(verify: &Verify) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = verify.places.open_lake(scratch.path()).await?;
    let registry = verify.places.open_registry(scratch.path()).await?;
    let mut found = Vec::new();
    for version in versions(verify, &registry).await? {
        let one = one(&lake, &registry, &version, verify.rebuild, scratch.path()).await?;
        if !verify.json {
            println!("{}", words(&one));
        }
        found.push(one);
    }
    if verify.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    }
    // What is wrong weighs more than what is not known: 2 before 1.
    Ok(ExitCode::from(found.iter().map(code).max().unwrap_or_default()))
}

async fn versions(verify: &Verify, registry: &Registry) -> anyhow::Result<Vec<ModelVersion>> {
    if let Some(version) = &verify.model_version {
        return Ok(vec![version.as_str().into()]);
    }
    if verify.all {
        return Ok(registry.all().await?.into_iter().map(|entry| entry.version).collect());
    }
    match registry.champion().await? {
        Some((pointer, _)) => Ok(vec![pointer.version]),
        None => bail!("there is no champion; name a version, or give --all"),
    }
}

async fn one(
    lake: &Lake,
    registry: &Registry,
    version: &ModelVersion,
    rebuilds: bool,
    scratch: &Path,
) -> anyhow::Result<Verified> {
    let list = match ModelList::find(lake, version).await {
        Ok(list) => list,
        Err(error) => {
            let signature = Signed::Untrusted { problem: "it has no list of files".to_owned() };
            let signature = if registry.signing().is_on() { signature } else { Signed::NotAsked };
            return Ok(Verified { version: version.clone(), damage: vec![damage(error)?], signature, rebuilt: None });
        }
    };
    let mut damaged = Vec::new();
    for file in list.files() {
        // Read whole, not only asked for: a bucket may remember another digest than its object has.
        if let Err(error) = lake.copy(file, scratch).await {
            damaged.push(damage(error)?);
        }
    }
    if damaged.is_empty() {
        // Files of another version, list and all, fit each other.
        let says = metadata_of(lake, &list).await?.version;
        if says != version.as_str() {
            damaged.push(format!("its metadata.json is of model {says}"));
        }
    }
    let signature = signature(registry, version).await?;
    let rebuilt = match (rebuilds, damaged.is_empty()) {
        (false, _) => None,
        (true, true) => Some(rebuild(lake, &list, version, scratch).await?),
        (true, false) => Some(Rebuilt::Unknown { reason: "its own files are damaged".to_owned() }),
    };
    Ok(Verified { version: version.clone(), damage: damaged, signature, rebuilt })
}

/// The words for an object that is not what it must be; any other trouble stays an error.
fn damage(error: lake::Error) -> anyhow::Result<String> {
    match error {
        lake::Error::Lake(LakeError::TableDamaged { key, expected, found }) => {
            Ok(format!("{key} had SHA-256 {expected} and has {found}"))
        }
        lake::Error::Lake(
            error @ (LakeError::Missing { .. } | LakeError::Unreadable { .. } | LakeError::Damaged { .. }),
        ) => Ok(error.to_string()),
        other => Err(other.into()),
    }
}

async fn signature(registry: &Registry, version: &str) -> anyhow::Result<Signed> {
    if !registry.signing().is_on() {
        return Ok(Signed::NotAsked);
    }
    match registry.trusted(version).await {
        Ok(_) => {
            let signature = registry.signature(version).await?;
            Ok(Signed::Trusted { key_id: signature.map(|signature| signature.key_id).unwrap_or_default() })
        }
        Err(activities::Error::UntrustedModel { problem, .. }) => Ok(Signed::Untrusted { problem }),
        Err(error) => Err(error.into()),
    }
}

fn code(found: &Verified) -> u8 {
    let is_wrong = !found.damage.is_empty()
        || matches!(found.signature, Signed::Untrusted { .. })
        || matches!(found.rebuilt, Some(Rebuilt::Different { .. }));
    let is_unknown = matches!(found.rebuilt, Some(Rebuilt::Unknown { .. }));
    if is_wrong { DIFFERENT } else { u8::from(is_unknown) }
}

fn words(found: &Verified) -> String {
    let mut parts = Vec::new();
    if found.damage.is_empty() {
        parts.push("its files are as the training left them".to_owned());
    }
    parts.extend(found.damage.iter().map(|damage| format!("DAMAGED: {damage}")));
    parts.push(match &found.signature {
        Signed::NotAsked => "no signature is asked for".to_owned(),
        Signed::Trusted { key_id } => format!("signed with key {key_id}"),
        Signed::Untrusted { problem } => format!("NOT TRUSTED: {problem}"),
    });
    parts.extend(found.rebuilt.as_ref().map(|rebuilt| match rebuilt {
        Rebuilt::Same => "a new training gives the same bytes".to_owned(),
        Rebuilt::Different { files, reason } => {
            let reason = reason.as_ref().map(|reason| format!("; {reason}")).unwrap_or_default();
            format!("DIFFERENT: a new training gives other bytes in {}{reason}", files.join(", "))
        }
        Rebuilt::Unknown { reason } => format!("NOT REBUILT: {reason}"),
    }));
    format!("{}  {}", found.version, parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(damage: &[&str], signature: Signed, rebuilt: Option<Rebuilt>) -> Verified {
        let damage = damage.iter().map(|damage| (*damage).to_owned()).collect();
        Verified { version: "v".into(), damage, signature, rebuilt }
    }

    #[test]
    fn the_exit_code_tells_what_is_wrong_from_what_is_not_known() {
        let untrusted = || Signed::Untrusted { problem: "it has no signature".to_owned() };
        let different = || Rebuilt::Different { files: vec!["model.ubj".to_owned()], reason: None };
        let unknown = || Rebuilt::Unknown { reason: "gone".to_owned() };
        for (found, expected, word) in [
            (found(&[], Signed::NotAsked, Some(Rebuilt::Same)), 0, "the same bytes"),
            (found(&[], Signed::Trusted { key_id: "k".to_owned() }, None), 0, "signed with key k"),
            (found(&["x"], Signed::NotAsked, None), 2, "DAMAGED: x"),
            (found(&[], untrusted(), None), 2, "NOT TRUSTED"),
            (found(&[], Signed::NotAsked, Some(different())), 2, "other bytes in model.ubj"),
            (found(&[], Signed::NotAsked, Some(unknown())), 1, "NOT REBUILT: gone"),
            (found(&[], untrusted(), Some(unknown())), 2, "NOT REBUILT"),
        ] {
            assert_eq!(code(&found), expected, "{found:?}");
            assert!(words(&found).contains(word), "{}", words(&found));
        }
    }
}
