//! What was published, month by month: `monitoring/published/<YYYY-MM>.json`, each the publication that was the last for a
//! date in its month. Later runs are held against them.

use super::Publication;
use crate::{Lake, LakeError, keys};

/// The publications of all months, the earliest first. One that cannot be read is left out.
pub async fn published_months(lake: &Lake) -> Result<Vec<Publication>, LakeError> {
    let mut months = Vec::new();
    for object in lake.list(keys::PUBLISHED_MONTHS).await? {
        match lake.get_json::<Publication>(&object.key).await {
            Ok(month) => months.extend(month.map(|(publication, _)| publication)),
            Err(LakeError::Unreadable { problem, .. }) => {
                tracing::warn!(key = object.key, problem, "what was published in a month cannot be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(months)
}
