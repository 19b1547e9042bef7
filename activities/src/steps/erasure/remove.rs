//! The removal: every object that names one of the customers is cleaned, as its place asks for. It may be done again at any
//! time: what is clean is not found a second time.

use std::collections::BTreeSet;
use std::sync::Arc;

use churn::erasure::CustomerNames;
use lake::documents::{ErasureLock, ErasureNotes, LearnedModel, Publication, ResultsPointer, RunRecord};
use lake::keys::{self, TopFolder};
use lake::{Lake, StageManifest, Versions};
use protocol::erasure::{RemoveCustomers, Removed, Sweep};
use protocol::pipeline::{Mode, PipelineInput};
use protocol::{Digest, ModelVersion};
use serde_json::Value;

use super::begin::wanted;
use super::clean::Cleaner;
use super::survey::{Cleaning, Found, NAMED_BY_KEY, NOT_OF_THE_LAKE, survey};
use crate::error::{Error, Result};
use crate::heartbeat::Heartbeat;
use crate::steps::Environment;
use crate::steps::serving::publish;

/// All that says what the business reads.
const POINTERS: [&str; 3] = [keys::PUBLISHED, keys::LATEST_SCORES, keys::LATEST_MONITORING];

/// Cleans all that may go; one erasure at a time does.
pub async fn remove_customers(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: RemoveCustomers,
) -> Result<Removed> {
    let (lake, id) = (&environment.lake, request.request.clone());
    let customers = wanted(lake, &id).await?.customers();
    let customers = customers.map_err(|error| churn::Error::settings("request of an erasure", error.to_string()))?;
    let customers = Arc::new(customers);
    if let Some(request) = ErasureLock::take(lake, &id).await? {
        return Err(Error::OtherErasure { request });
    }
    let removed = remove(environment, heartbeat, request, &customers).await;
    let released = ErasureLock::release(lake, &id).await;
    let removed = removed.map_err(|error| without_names(error, &customers))?;
    released?;
    Ok(removed)
}

/// A failure goes into the history, and the key of an object may name a customer.
fn without_names(error: Error, customers: &CustomerNames) -> Error {
    let said = error.to_string();
    if !customers.are_in(&said) {
        return error;
    }
    Error::WithoutNames { said: customers.taken_out_of_key(&said), number: error.number(), kind: error.kind() }
}

async fn remove(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: RemoveCustomers,
    customers: &Arc<CustomerNames>,
) -> Result<Removed> {
    let lake = &environment.lake;
    let mut notes = ErasureNotes::find(lake, &request.request).await?;
    notes.left.clear();
    let scratch = environment.scratch()?;
    let progress = |done, total| heartbeat.report(done, total);
    let found = survey(lake, customers, scratch.path(), &progress).await?;
    let published = folders(&published_keys(lake).await?);
    let is_published = |found: &Found| found.folder().is_some_and(|folder| published.contains(folder));
    let (waiting, to_clean): (Vec<_>, Vec<_>) = match request.sweep {
        Sweep::ButPublished => found.into_iter().partition(is_published),
        Sweep::All => {
            if found.iter().any(is_published) {
                unpublish(lake, &mut notes).await?;
            }
            (Vec::new(), found)
        }
    };
    let cleaner = Cleaner { lake, customers: Arc::clone(customers), scratch: scratch.path() };
    let mut gone = BTreeSet::new();
    for Found { key, cleaning } in to_clean {
        let keeps_its_name = matches!(cleaning, Cleaning::Rows | Cleaning::Words) && customers.are_in(&key);
        match cleaning {
            Cleaning::Rows => cleaner.leave_out_rows(&key, &mut notes).await?,
            Cleaning::Stage(folder) if gone.contains(&folder) => {}
            Cleaning::Stage(folder) => {
                cleaner.delete_folder(&folder, &mut notes).await?;
                gone.insert(folder);
            }
            Cleaning::Delete => cleaner.delete(&key, &mut notes).await?,
            Cleaning::Words => cleaner.replace_words(&key, &mut notes).await?,
            Cleaning::ByHand(reason) => cleaner.leave(&key, &reason, &mut notes),
        }
        if keeps_its_name {
            cleaner.leave(&key, NAMED_BY_KEY, &mut notes);
        }
        // An attempt that ends here leaves word of what it did.
        notes.store(lake, &request.request).await?;
    }
    if request.sweep == Sweep::All {
        notes.done.versions += forget_history(lake).await?;
        // Nothing learned from customers whom nothing names.
        notes.learned = if notes.names_nobody() { Vec::new() } else { learned(environment).await? };
    }
    notes.store(lake, &request.request).await?;
    let score = if waiting.is_empty() { None } else { scoring(environment, request.raw_prefix).await? };
    let waiting: BTreeSet<_> = waiting.iter().filter_map(Found::folder).collect();
    Ok(Removed {
        rewritten: notes.done.rewritten_count(),
        deleted: notes.done.deleted_count(),
        published: waiting.len(),
        score,
        left: notes.left.len(),
    })
}

/// The run that makes anew what the business reads; none where nobody can score.
async fn scoring(environment: &Environment, raw_prefix: Option<String>) -> Result<Option<PipelineInput>> {
    let published = publish::current(&environment.lake).await?;
    let champion = environment.registry.champion().await?;
    let (Some(published), Some(_)) = (published, champion) else { return Ok(None) };
    let raw_prefix = match raw_prefix {
        Some(raw_prefix) => Some(raw_prefix),
        None => raw_prefix_of(&environment.lake, &published).await?,
    };
    let lake = Some(environment.lake.identity().await?.to_string());
    // The same date: an earlier one would not be published, a later one is another question.
    let as_of = Some(published.as_of.into());
    Ok(Some(PipelineInput { as_of, raw_prefix, lake, ..PipelineInput::new(Mode::Score) }))
}

/// The folder of the raw files that what is published was made of, where its run named one.
async fn raw_prefix_of(lake: &Lake, published: &Publication) -> Result<Option<String>> {
    let record = RunRecord::find(lake, &published.run_id).await?;
    let input = record.and_then(|record| record.input);
    Ok(input.and_then(|input| input.get("raw_prefix").and_then(Value::as_str).map(str::to_owned)))
}

async fn published_keys(lake: &Lake) -> Result<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    if let Some((published, _)) = lake.get_json::<Publication>(keys::PUBLISHED).await? {
        named.extend(published.outputs.into_values().map(|output| output.key));
    }
    for pointer in [keys::LATEST_SCORES, keys::LATEST_MONITORING] {
        if let Some((pointer, _)) = lake.get_json::<ResultsPointer>(pointer).await? {
            named.extend(pointer.outputs.into_values().map(|output| output.key));
        }
    }
    Ok(named)
}

/// The folders of keys, each ending in `/`.
fn folders(keys: &BTreeSet<String>) -> BTreeSet<String> {
    keys.iter().filter_map(|key| key.rsplit_once('/')).map(|(folder, _)| format!("{folder}/")).collect()
}

/// Pointers must not lead to what is deleted. Nothing without the customers was published in their place.
async fn unpublish(lake: &Lake, notes: &mut ErasureNotes) -> Result<()> {
    for pointer in POINTERS {
        if lake.remove_versions(pointer, Versions::All).await? > 0
            && !notes.done.unpublished.iter().any(|it| it == pointer)
        {
            notes.done.unpublished.push(pointer.to_owned());
        }
    }
    Ok(())
}

/// Of what a bucket keeps of earlier objects nobody can say whom it names: all of it goes, but of models, which name nobody.
async fn forget_history(lake: &Lake) -> Result<u64> {
    let objects = lake.list("").await?;
    let tops = objects.iter().filter_map(|object| object.key.split_once('/')).map(|(top, _)| top.to_owned());
    let made_here = TopFolder::ALL.into_iter().map(|folder| folder.as_str().to_owned());
    let folders: BTreeSet<_> = tops.chain(made_here).filter(|top| top != TopFolder::Models.as_str()).collect();
    let mut removed = 0;
    let is_of_the_lake = |folder: &&String| !NOT_OF_THE_LAKE.iter().any(|other| other.trim_end_matches('/') == *folder);
    for folder in folders.iter().filter(is_of_the_lake) {
        removed += lake.remove_history(folder).await? as u64;
    }
    Ok(removed)
}

/// The models whose training table is there no more, or never was: they learned from the customers, or nobody can say that
/// they did not. A table that is still there names none of them.
async fn learned(environment: &Environment) -> Result<Vec<LearnedModel>> {
    let lake = &environment.lake;
    let mut tables: BTreeSet<Digest> = BTreeSet::new();
    for manifest in manifests(lake, &format!("{}/", TopFolder::Gold.as_str())).await? {
        tables.extend(manifest.outputs.into_values().map(|output| output.digest));
    }
    let mut versions: BTreeSet<ModelVersion> = BTreeSet::new();
    for training in manifests(lake, keys::TRAININGS).await? {
        if training.spec.inputs.values().all(|input| tables.contains(input)) {
            continue;
        }
        let of_model = training.outputs.values().filter_map(|output| output.key.strip_prefix(keys::MODELS));
        versions.extend(of_model.filter_map(|key| key.split_once('/')).map(|(version, _)| version.into()));
    }
    let champion = environment.registry.champion().await?.map(|(pointer, _)| pointer.version);
    let learned = |version: ModelVersion| LearnedModel { is_champion: champion.as_ref() == Some(&version), version };
    Ok(versions.into_iter().map(learned).collect())
}

/// What can be read of the manifests below a folder.
async fn manifests(lake: &Lake, folder: &str) -> Result<Vec<StageManifest>> {
    let mut found = Vec::new();
    for object in lake.list(folder).await?.into_iter().filter(|object| keys::is_manifest(&object.key)) {
        found.extend(StageManifest::open(&lake.read(&object.key).await?).ok());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use churn::Kind;
    use lake::LakeError;

    use super::*;

    #[test]
    fn a_failure_says_no_id_and_keeps_its_number() {
        let customers = CustomerNames::parse(["C00017"]).unwrap();
        let missing =
            |key: &str| Error::from(LakeError::Missing { key: key.to_owned(), lake: "folder lake".to_owned() });
        let told = without_names(missing("raw/C00017/x.csv"), &customers);
        assert!(told.to_string().starts_with("raw/<erased>/x.csv is not in"), "{told}");
        assert_eq!((told.type_name(), told.kind()), ("SG0008 MissingObject", Kind::Permanent));
        assert!(matches!(without_names(missing("raw/x.csv"), &customers), Error::Lake(_)));
    }
}
