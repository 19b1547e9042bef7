//! The input of the updates `approve` and `reject`.

use serde::{Deserialize, Serialize};

/// What a person says to a waiting promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who decides.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub comment: String,
}
