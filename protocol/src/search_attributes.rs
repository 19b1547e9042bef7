//! What runs can be searched by in the Temporal UI and CLI. Prefixed: the namespace may be shared.
//!
//! One list: workflows set the attributes by their keys, and the worker registers [`ALL`] at its start, before
//! a workflow sets one (an unknown attribute would stall every workflow).

use temporalio_common::search_attributes::SearchAttributeKey;

/// One search attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchAttribute {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: SearchAttributeKind,
    /// What it holds.
    pub holds: &'static str,
}

/// The types in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchAttributeKind {
    /// A word that is compared as a whole.
    Keyword,
    /// A number.
    Double,
}

impl SearchAttributeKind {
    /// The name as the Temporal CLI takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keyword => "Keyword",
            Self::Double => "Double",
        }
    }
}

/// Makes a typed key of every attribute, and the list of all.
macro_rules! search_attributes {
    ($($key:ident = $kind:ident $name:literal, $holds:literal;)*) => {
        $(
            #[doc = $holds]
            pub const $key: search_attributes!(@key $kind) = search_attributes!(@new $kind $name);
        )*

        /// All of them.
        pub const ALL: &[SearchAttribute] =
            &[$(SearchAttribute { name: $name, kind: SearchAttributeKind::$kind, holds: $holds }),*];
    };
    (@key Keyword) => { SearchAttributeKey<String> };
    (@key Double) => { SearchAttributeKey<f64> };
    (@new Keyword $name:literal) => { SearchAttributeKey::keyword($name) };
    (@new Double $name:literal) => { SearchAttributeKey::float($name) };
}

search_attributes! {
    MODE = Keyword "ChurnMode", "`train` or `score`";
    AS_OF = Keyword "ChurnAsOf", "the as-of date, `YYYY-MM-DD`";
    STAGE = Keyword "ChurnStage", "the stages that were at work when one last began; `done` after a result";
    DATASET = Keyword "ChurnDataset", "the first 12 characters of the raw files' digest";
    MODEL_VERSION = Keyword "ChurnModelVersion", "the model that was trained, or that scored";
    VERDICT = Keyword "ChurnVerdict", "the outcome of the run";
    DRIFT = Keyword "ChurnDrift", "the drift level";
    PR_AUC = Double "ChurnPrAuc", "the challenger's PR-AUC on the holdout";
}
