//! Work that would hold up others.

use super::DataError;

/// Runs what would hold up others on a thread for such work.
pub async fn blocking<T: Send + 'static>(
    doing: &'static str,
    act: impl FnOnce() -> Result<T, DataError> + Send + 'static,
) -> Result<T, DataError> {
    let work = tokio::task::spawn_blocking(act);
    work.await.map_err(|error| DataError::TaskLost { doing, problem: error.to_string() })?
}
