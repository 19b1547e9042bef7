//! By which code a model was made: only the same code gives the same bytes.

use std::collections::BTreeMap;
use std::fmt;

use super::VERSION;
use super::digest::code_version;
use super::train::libraries;
use crate::model::bundle::metadata::Metadata;
use crate::model::settings::TrainSettings;

/// The code and the libraries that make a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBy {
    /// Which computation it is.
    pub code_version: String,
    /// The libraries that compute.
    pub libraries: BTreeMap<String, String>,
}

impl MadeBy {
    /// What this program would make a model of these settings by.
    pub fn this_program(settings: &TrainSettings) -> Self {
        let learner = settings.learner.learner();
        Self { code_version: code_version(VERSION), libraries: libraries(&*learner) }
    }

    /// What a model says it was made by.
    pub fn of(metadata: &Metadata) -> Self {
        Self { code_version: metadata.code_version.clone(), libraries: metadata.libraries.clone() }
    }
}

impl fmt::Display for MadeBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let libraries: Vec<_> = self.libraries.iter().map(|(library, found)| format!("{library}: {found}")).collect();
        write!(f, "{} with {}", self.code_version, libraries.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn a_model_of_this_program_says_so_and_one_of_another_library_does_not() {
        let settings = sample::settings();
        let mut metadata = sample::bundle(&sample::gold(600), &settings).metadata().clone();
        assert_eq!(MadeBy::of(&metadata), MadeBy::this_program(&settings));
        metadata.libraries.insert("polars".to_owned(), "0.1".to_owned());
        let other = MadeBy::of(&metadata);
        assert_ne!(other, MadeBy::this_program(&settings));
        assert!(other.to_string().contains("polars: 0.1"), "{other}");
    }
}
