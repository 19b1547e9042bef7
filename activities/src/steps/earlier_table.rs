//! A table of an earlier run, beside which those of this one are held.

use std::path::Path;

use lake::{Fetched, LakeError};
use protocol::TableRef;

use super::Environment;
use crate::error::{Error, Result};

/// A table of an earlier run. One that was deleted or damaged is no trouble of this run: it is held against less.
pub(super) async fn fetch_earlier(
    environment: &Environment,
    table: &TableRef,
    scratch: &Path,
) -> Result<Option<Fetched>> {
    match environment.lake.fetch(table, scratch).await.map_err(Error::from) {
        Ok(fetched) => Ok(Some(fetched)),
        Err(Error::Lake(error)) if is_gone(&error) => {
            tracing::warn!(key = table.key, %error, "a table of an earlier run is gone, and nothing is held against it");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn is_gone(error: &LakeError) -> bool {
    use LakeError::{InputChanged, Missing, TableDamaged};
    matches!(error, Missing { .. } | TableDamaged { .. } | InputChanged { .. })
}
