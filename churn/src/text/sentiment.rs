//! How a text sounds: the interface of every sentiment model, and the settings that choose one.
//!
//! A churn model trained on one sentiment model must not score with another; the digest of the
//! sentiment model is therefore part of the digest of every table that holds its shares.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::text::lexicon::Lexicon;

/// The shares of a text, each 0..=1 and together 1 up to rounding, and its label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sentiment {
    /// Share that is negative.
    pub neg: f64,
    /// Share that is neutral.
    pub neu: f64,
    /// Share that is positive.
    pub pos: f64,
    /// What the model makes of it; not always the largest share.
    pub label: SentimentLabel,
}

/// The three ways a text can sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentimentLabel {
    /// `negative`
    Negative,
    /// `neutral`
    Neutral,
    /// `positive`
    Positive,
}

impl SentimentLabel {
    /// The word in the column `sentiment_label`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

impl fmt::Display for SentimentLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Scores texts; the same text gives the same bits every time.
pub trait SentimentModel: Send + Sync {
    /// Tells two models apart that may score a text differently.
    fn digest(&self) -> &str;

    /// The sentiment of one text. Empty text is the caller's to leave out.
    fn score(&self, text: &str) -> Result<Sentiment>;
}

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
