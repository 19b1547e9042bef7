//! The model that a job has left in S3, unpacked.

use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use lake::{Lake, S3Lake};

use crate::error::{Error, Result};

/// The folder with the files of the job's `model.tar.gz`.
pub(super) async fn fetch(lake: &S3Lake, job: &str, uri: &str, scratch: &Path) -> Result<PathBuf> {
    let elsewhere = || Error::TrainingFailed {
        job: job.to_owned(),
        reason: format!("its model is at `{uri}`, which is not in the lake {lake}"),
    };
    let key = lake.key_of(uri).ok_or_else(elsewhere)?;
    let packed = Lake::S3(lake.clone()).local_copy(&key, scratch).await?;
    let folder = scratch.join(job).join("model");
    let target = folder.clone();
    let unpacked = tokio::task::spawn_blocking(move || unpack(&packed, &target)).await;
    unpacked.map_err(|source| Error::TaskLost { doing: "the unpacking of a model", source })??;
    Ok(folder)
}

/// Nothing in the archive can leave the folder: `tar` refuses paths that would.
fn unpack(packed: &Path, folder: &Path) -> churn::Result<()> {
    std::fs::create_dir_all(folder).map_err(churn::Error::file("make", folder))?;
    let file = std::fs::File::open(packed).map_err(churn::Error::file("open", packed))?;
    tar::Archive::new(GzDecoder::new(file)).unpack(folder).map_err(churn::Error::file("unpack", packed))
}
