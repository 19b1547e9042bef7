//! The model that scores.

use protocol::steps::Champion;

use crate::error::Result;
use crate::steps::Environment;

/// The champion with its figures, if there is one.
pub async fn find_champion(environment: &Environment) -> Result<Option<Champion>> {
    let Some((pointer, _)) = environment.registry.champion().await? else {
        return Ok(None);
    };
    let evaluation = environment.registry.judged_evaluation(&pointer.version).await?;
    Ok(Some(Champion { version: pointer.version, metrics: evaluation.summary.metrics }))
}
