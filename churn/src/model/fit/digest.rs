//! The digest that names a training: everything that makes the model and its evaluation.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::train::{ALGORITHM, CODE_VERSION};
use crate::error::{Error, Result};
use crate::features::Feature;
use crate::model::examples::Examples;
use crate::model::learner::xgboost::ENGINE_VERSION;
use crate::model::matrix::Preprocessing;
use crate::model::settings::TrainSettings;

/// SHA-256 in hex over the labelled rows as the model reads them, the features, the settings and the code version.
pub(in crate::model) fn of_training(
    examples: &Examples,
    preprocessing: &Preprocessing,
    experiment: &str,
    features: &[Feature],
    settings: &TrainSettings,
) -> Result<String> {
    let recipe =
        serde_json::to_vec(&(CODE_VERSION, ENGINE_VERSION, ALGORITHM, experiment, features, settings.recorded()))
            .map_err(|e| Error::model("digest the settings", e))?;
    let matrix = preprocessing.transform(&examples.table)?;
    let mut hash = Sha256::new();
    hash.update(&recipe);
    for (row, (id, &label)) in examples.ids.iter().zip(&examples.labels).enumerate() {
        hash.update(id);
        hash.update([0, u8::from(label)]);
        for value in matrix.row(row) {
            hash.update(value.to_bits().to_le_bytes());
        }
    }
    Ok(hex(&hash.finalize()))
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
