//! A raw file that holds erased customers is read from a copy without them, so that a delivery that brings them again
//! brings them nowhere. Where nobody was ever erased, nothing of this is done.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use churn::erasure::{count, leave_out};
use lake::keys::TopFolder;
use lake::{Made, StageSpec};
use protocol::{Digest, Reuse, Run, TableRef};
use serde_json::json;

use super::raw::RawFiles;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::erasure::Sieve;
use crate::steps::{Environment, versions};

/// The name of the one output.
const FILE: &str = "file";

/// The same files, each that holds erased customers in a copy without them.
pub(super) async fn without_erased(
    environment: &Environment,
    heartbeat: &Heartbeat,
    run: &Run,
    sieve: Option<&Sieve>,
    mut files: RawFiles,
) -> Result<RawFiles> {
    let Some(sieve) = sieve else { return Ok(files) };
    for file in files.tables.values_mut().chain(&mut files.readings) {
        if let Some(copy) = cleaned(environment, heartbeat, run, sieve, file).await? {
            tracing::warn!(key = %file.key, "a raw file holds customers who were erased; they are left out");
            *file = copy;
        }
    }
    Ok(files)
}

/// The copy; none where the file holds nobody who was erased, which is found out once for a file and these tombstones.
async fn cleaned(
    environment: &Environment,
    heartbeat: &Heartbeat,
    run: &Run,
    sieve: &Sieve,
    file: &TableRef,
) -> Result<Option<TableRef>> {
    let name = file.key.rsplit_once('/').map_or(file.key.as_str(), |(_, name)| name).to_owned();
    let make = async |scratch: PathBuf| {
        let source = environment.lake.pin(file, &scratch).await?;
        let (erased, name, target) = (Arc::clone(&sieve.erased), name.clone(), scratch.join("without_erased"));
        compute(heartbeat, "the removal of erased customers", move |watch| {
            if source.read(|path| count(path, &name, &erased, watch))? == 0 {
                return Ok(Vec::new());
            }
            source.read(|path| leave_out(path, &name, &target, &erased, watch))?;
            Ok(vec![Made::file(FILE, name, target, 0)?])
        })
        .await
    };
    let outcome = environment.find_or_make(&spec(file, &name, &sieve.digest), run, Reuse::Unchanged, make).await?;
    Ok(outcome.outputs.get(FILE).cloned())
}

fn spec(file: &TableRef, name: &str, tombstones: &Digest) -> StageSpec {
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "without_erased".to_owned(),
        code_version: versions::WITHOUT_ERASED,
        inputs: BTreeMap::from([(FILE.to_owned(), file.digest.clone())]),
        settings: json!({ "name": name, "tombstones": tombstones }),
    }
}
