//! The digest that names a training: everything that makes the model and its evaluation.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::features::Feature;
use crate::model::examples::Examples;
use crate::model::learner::Learner;
use crate::model::matrix::Preprocessing;
use crate::model::settings::TrainSettings;

/// What makes a model, beside the customers.
#[derive(Clone, Copy)]
pub(super) struct Recipe<'a> {
    pub version: u32,
    pub learner: &'a dyn Learner,
    pub experiment: &'a str,
    pub features: &'a [Feature],
    pub settings: &'a TrainSettings,
}

impl Recipe<'_> {
    /// The version of the computation, as metadata and the digest have it.
    pub fn code_version(&self) -> String {
        code_version(self.version)
    }

    /// SHA-256 in hex over this recipe and the labelled rows as the learner reads them.
    pub fn digest(&self, examples: &Examples, preprocessing: &Preprocessing) -> Result<String> {
        let mut hash = Sha256::new();
        hash.update(self.to_json()?);
        let matrix = preprocessing.transform(&examples.table)?;
        for (row, (id, &label)) in examples.ids.iter().zip(&examples.labels).enumerate() {
            hash.update(id);
            hash.update([0, u8::from(label)]);
            for value in matrix.row(row) {
                hash.update(value.to_bits().to_le_bytes());
            }
        }
        Ok(hex(&hash.finalize()))
    }

    fn to_json(self) -> Result<Vec<u8>> {
        let Self { learner, experiment, features, settings, .. } = self;
        let parts = (self.code_version(), learner.engine(), learner.name(), experiment, features, settings.recorded());
        serde_json::to_vec(&parts).map_err(|e| Error::model("digest the settings", e))
    }
}

/// A version of the computation, as metadata and the digest have it.
pub(super) fn code_version(version: u32) -> String {
    format!("model-{version}")
}

/// SHA-256 in hex of some bytes.
pub(in crate::model) fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fit::VERSION;
    use crate::model::sample;

    #[test]
    fn raising_the_version_makes_another_model() {
        let (settings, features) = (sample::settings(), sample::features());
        let learner = settings.learner.learner();
        let examples = Examples::of(&sample::gold(60)).unwrap();
        let preprocessing = Preprocessing::fit(&examples.table, &features).unwrap();
        let digest = |version| {
            let recipe =
                Recipe { version, learner: &*learner, experiment: "E5_full", features: &features, settings: &settings };
            recipe.digest(&examples, &preprocessing).unwrap()
        };
        assert_eq!(digest(VERSION), digest(VERSION));
        assert_ne!(digest(VERSION), digest(VERSION + 1));
    }
}
