//! The settings that choose the sentiment model.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::text::lexicon::Lexicon;
use crate::text::sentiment::SentimentModel;

/// Which sentiment model makes the tables, for example `{ model: lexicon }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum SentimentSettings {
    /// VADER, embedded in the program. The braces make serde refuse fields that it does not have.
    Lexicon {},
    /// A RoBERTa-type sequence classifier, `{ model: transformer, folder: models/roberta }`.
    Transformer {
        /// Holds `config.json`, `tokenizer.json` and `model.safetensors`.
        folder: PathBuf,
    },
}

impl Default for SentimentSettings {
    fn default() -> Self {
        Self::Lexicon {}
    }
}

impl SentimentSettings {
    /// Builds the model; a transformer whose folder is missing or broken is a settings error that
    /// names what is missing.
    pub fn build(&self) -> Result<Box<dyn SentimentModel>> {
        match self {
            Self::Lexicon {} => Ok(Box::new(Lexicon::new())),
            Self::Transformer { folder } => transformer(folder),
        }
    }
}

#[cfg(feature = "transformer")]
fn transformer(folder: &Path) -> Result<Box<dyn SentimentModel>> {
    Ok(Box::new(crate::text::transformer::Transformer::load(folder)?))
}

#[cfg(not(feature = "transformer"))]
fn transformer(_folder: &Path) -> Result<Box<dyn SentimentModel>> {
    let problem =
        "`transformer` is not part of this program; build it with `--features transformer`, or choose `lexicon`";
    Err(crate::error::Error::settings("sentiment.model", problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sentiment::SentimentLabel;

    fn parse(yaml: &str) -> Result<SentimentSettings, serde_norway::Error> {
        serde_norway::from_str(yaml)
    }

    #[test]
    fn the_settings_choose_the_model() {
        assert_eq!(parse("{ model: lexicon }").unwrap(), SentimentSettings::Lexicon {});
        let folder = PathBuf::from("models/roberta");
        let expected = SentimentSettings::Transformer { folder };
        assert_eq!(parse("{ model: transformer, folder: models/roberta }").unwrap(), expected);
    }

    #[test]
    fn settings_that_do_not_fit_the_model_are_refused() {
        assert!(parse("{ model: transformer }").is_err());
        assert!(parse("{ model: transformer, folder: a, url: b }").is_err());
        assert!(parse("{ model: lexicon, folder: a }").is_err());
        assert!(parse("{ model: guess }").is_err());
    }

    #[test]
    fn the_embedded_default_is_the_lexicon() {
        let model = SentimentSettings::default().build().unwrap();
        assert_eq!(model.score("Very unhappy").unwrap().label, SentimentLabel::Negative);
        assert!(model.digest().starts_with("lexicon"));
    }

    #[cfg(not(feature = "transformer"))]
    #[test]
    fn a_program_without_the_transformer_says_how_to_get_it() {
        let settings = SentimentSettings::Transformer { folder: PathBuf::from("models/roberta") };
        let problem = settings.build().err().unwrap().to_string();
        assert!(problem.contains("--features transformer"), "{problem}");
    }

    #[cfg(feature = "transformer")]
    #[test]
    fn a_transformer_without_its_folder_is_a_settings_error_that_names_it() {
        let settings = SentimentSettings::Transformer { folder: PathBuf::from("models/absent") };
        let problem = settings.build().err().unwrap().to_string();
        assert!(problem.starts_with("settings: models/absent: the folder has no config.json"), "{problem}");
    }
}
