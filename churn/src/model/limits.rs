//! What settings of `model.yaml` may be, and how a section is refused.

use crate::error::{Error, Result};

/// With fewer churners than this, pooled, a slice is not evaluated.
pub const LEAST_POSITIVES: u64 = 30;

/// Whether a share is neither nothing nor all.
pub(in crate::model) fn open_share(value: f64) -> bool {
    value > 0.0 && value < 1.0
}

/// An error that names all broken rules of a section; nothing where all hold.
pub(in crate::model) fn refuse(section: &str, rules: &[(bool, &str)]) -> Result<()> {
    let broken: Vec<_> = rules.iter().filter(|(holds, _)| !holds).map(|(_, rule)| *rule).collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(Error::settings(format!("model.yaml, section {section}"), broken.join("; ")))
}
