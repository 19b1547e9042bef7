//! Where customers are named in a lake, and what can be done about it there: every object is read through.

use std::path::Path;
use std::sync::Arc;

use churn::Unwatched;
use churn::erasure::CustomerNames;
use lake::keys::{self, TopFolder};
use lake::{Lake, LakeError, Whereabouts};

use crate::error::{Error, Result};

/// The lake's own bookkeeping, and the database of a local Temporal server.
pub(super) const NOT_OF_THE_LAKE: [&str; 2] = [".lake/", ".temporal/"];
/// Why a person must look at an object whose content is clean.
pub(super) const NAMED_BY_KEY: &str = "its own name names one of them: delete it, or give it another name";

/// What can be done about an object that names a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cleaning {
    /// A raw file: written anew without their rows.
    Rows,
    /// A stage's folder, ending in `/`: deleted, and made again by the run that needs it.
    Stage(String),
    /// Something that nothing needs any more: deleted.
    Delete,
    /// A document: written anew with another word in the place of an ID.
    Words,
    /// Nothing: a person must look, for this reason.
    ByHand(String),
}

/// An object that names a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its key.
    pub key: String,
    /// What can be done.
    pub cleaning: Cleaning,
}

impl Found {
    /// The folder of the stage that it belongs to, ending in `/`, if it does to one.
    pub fn folder(&self) -> Option<&str> {
        match &self.cleaning {
            Cleaning::Stage(folder) => Some(folder),
            _ => None,
        }
    }
}

/// All objects that name one of the customers, in the order of their keys. `progress` hears of bytes, done and in all.
pub async fn survey(
    lake: &Lake,
    customers: &Arc<CustomerNames>,
    scratch: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<Found>> {
    let listed: Vec<_> = lake.list("").await?.into_iter().filter(|object| is_looked_at(&object.key)).collect();
    let (total, mut done) = (listed.iter().map(|object| object.bytes).sum(), 0);
    let mut found = Vec::new();
    for object in listed {
        found.extend(look(lake, customers, scratch, object.key).await?);
        done += object.bytes;
        progress(done, total);
    }
    Ok(found)
}

async fn look(lake: &Lake, customers: &Arc<CustomerNames>, scratch: &Path, key: String) -> Result<Option<Found>> {
    // A copy of a remote object goes before the next one comes.
    let scratch = tempfile::TempDir::new_in(scratch).map_err(churn::Error::file("make a folder in", scratch))?;
    let path = match lake.local_copy(&key, scratch.path()).await {
        Ok(path) => path,
        // It was deleted since the lake was listed.
        Err(LakeError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let by_key = customers.are_in(&key);
    let (customers, name) = (Arc::clone(customers), key.clone());
    let looked = tokio::task::spawn_blocking(move || customers.are_in_file(&path, &name, &Unwatched)).await;
    match looked.map_err(|source| Error::TaskLost { doing: "the look at an object", source })? {
        Ok(true) => Ok(Some(Found { cleaning: cleaning_in(lake, &key).await?, key })),
        Ok(false) if by_key => Ok(Some(Found { cleaning: of_named_by_key(&key), key })),
        Ok(false) => Ok(None),
        // What cannot be read may name anybody.
        Err(error @ churn::Error::Data(_)) => Ok(Some(Found { cleaning: of_unreadable(&key, &error), key })),
        Err(error) => Err(error.into()),
    }
}

/// The request itself stays until the end.
fn is_looked_at(key: &str) -> bool {
    !NOT_OF_THE_LAKE.iter().any(|folder| key.starts_with(folder)) && !key.starts_with(keys::ERASURE_REQUESTS)
}

fn of_named_by_key(key: &str) -> Cleaning {
    match cleaning(key) {
        gone @ (Cleaning::Stage(_) | Cleaning::Delete) => gone,
        _ => Cleaning::ByHand(NAMED_BY_KEY.to_owned()),
    }
}

fn of_unreadable(key: &str, error: &churn::Error) -> Cleaning {
    match cleaning(key) {
        stage @ Cleaning::Stage(_) => stage,
        _ => Cleaning::ByHand(format!("it cannot be read: {error}")),
    }
}

/// What can be done about an object where it lies: a raw file in a folder that a link leads to is not the lake's to change.
async fn cleaning_in(lake: &Lake, key: &str) -> Result<Cleaning> {
    let cleaning = cleaning(key);
    if cleaning != Cleaning::Rows {
        return Ok(cleaning);
    }
    Ok(match lake.whereabouts(key).await? {
        Whereabouts::LinkedFolder(folder) => Cleaning::ByHand(format!(
            "it is not in the lake: a link leads to {}, where nothing is changed; clean it there, or put the files in the \
             place of the link",
            folder.display()
        )),
        Whereabouts::Inside | Whereabouts::LinkedFile(_) => cleaning,
    })
}

/// What can be done about an object, by its key.
pub(super) fn cleaning(key: &str) -> Cleaning {
    let is_digest = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_stages = |layer: &str| TopFolder::WITH_STAGES.iter().any(|folder| folder.as_str() == layer);
    let by_hand = |reason: &str| Cleaning::ByHand(reason.to_owned());
    match key.split('/').collect::<Vec<_>>().as_slice() {
        ["bronze", "lists", _] | ["training", ..] => Cleaning::Delete,
        ["models", ..] => by_hand("it is part of a model or of its record, which an erasure does not change"),
        ["monitoring", stage, ..] if *stage != "drift" => document(key),
        [layer, stage, digest, _, ..] if has_stages(layer) && is_digest(digest) => {
            Cleaning::Stage(format!("{layer}/{stage}/{digest}/"))
        }
        ["erasure" | "settings" | "runs", ..] | [_] => document(key),
        [..] if keys::is_made_here(key) => document(key),
        [..] if is_raw(key) => Cleaning::Rows,
        _ => by_hand("no rule says how to clean such a file"),
    }
}

fn document(key: &str) -> Cleaning {
    match key.rsplit_once('.') {
        Some((_, "json")) => Cleaning::Words,
        _ => Cleaning::ByHand("no rule says how to clean such a file".to_owned()),
    }
}

fn is_raw(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    [".csv", ".csv.gz", ".json", ".parquet"].iter().any(|ending| key.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;

    use super::*;

    #[test]
    fn every_place_has_its_cleaning() {
        let stage = |folder: &str| Cleaning::Stage(folder.to_owned());
        for (key, expected) in [
            ("raw/churn_label.csv", Cleaning::Rows),
            ("raw/2025-01/consumption/part_0.csv.gz", Cleaning::Rows),
            ("elsewhere/customer_interactions.json", Cleaning::Rows),
            ("gold/gold_master/0123456789ab/gold_master.parquet", stage("gold/gold_master/0123456789ab/")),
            ("scored/scores/0123456789ab/manifest.json", stage("scored/scores/0123456789ab/")),
            ("monitoring/drift/0123456789ab/drift.json", stage("monitoring/drift/0123456789ab/")),
            ("monitoring/0123456789ab/quality_raw.json", Cleaning::Words),
            ("monitoring/alerts/0123456789ab.json", Cleaning::Words),
            ("runs/x/run.json", Cleaning::Words),
            ("training/input/job/train/gold.parquet", Cleaning::Delete),
        ] {
            assert_eq!(cleaning(key), expected, "{key}");
        }
        for key in ["models/0123/reference.parquet", "raw/read_me.txt", "scored/somebodys/own.parquet", "notes.txt"] {
            assert!(matches!(cleaning(key), Cleaning::ByHand(_)), "{key}");
        }
        assert!(!is_looked_at("erasure/requests/0123.json") && !is_looked_at(".temporal/x.db"));
        for key in ["erasure/tombstones.json", "raw/x.csv", ".backup/x.csv", ".notes"] {
            assert!(is_looked_at(key), "{key}");
        }
    }

    #[tokio::test]
    async fn what_names_a_customer_is_found_wherever_it_is() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        for (key, text) in [
            ("raw/churn_label.csv", "customer_id,churn\nC17,0\n"),
            ("runs/x/run.json", "{}"),
            ("monitoring/x/quality_raw.json", r#"{"examples":["C17"]}"#),
            ("erasure/requests/0123.json", r#"{"customer_ids":["C17"]}"#),
            ("gold/gold_master/0123456789ab/gold_master.parquet", "no parquet"),
            (".backup/contacts.json", r#"[{"customer_id":"\u004317"}]"#),
            ("raw/C17/notes.csv", "x\n1\n"),
            ("raw/old.zip", "PK\u{3}\u{4}"),
        ] {
            lake.put(key, text.as_bytes().to_vec()).await.unwrap();
        }
        let customers = Arc::new(CustomerNames::parse(["C17"]).unwrap());
        let found = survey(&lake, &customers, root.path(), &|_, _| {}).await.unwrap();
        let keys: Vec<_> = found.iter().map(|found| found.key.as_str()).collect();
        let unreadable = "gold/gold_master/0123456789ab/gold_master.parquet";
        let (backup, by_key, packed) = (".backup/contacts.json", "raw/C17/notes.csv", "raw/old.zip");
        let report = "monitoring/x/quality_raw.json";
        assert_eq!(keys, [backup, unreadable, report, by_key, "raw/churn_label.csv", packed]);
        for found in found.iter().filter(|found| [by_key, packed].contains(&found.key.as_str())) {
            assert!(matches!(found.cleaning, Cleaning::ByHand(_)), "{found:?}");
        }
    }
}
