//! What customers say: the intent of a contact, and how it sounds.

pub mod intent;
pub mod lexicon;
pub mod sentiment;
mod settings;
#[cfg(feature = "transformer")]
pub mod transformer;

pub use intent::IntentVocabulary;
pub use sentiment::{Sentiment, SentimentLabel, SentimentModel};
pub use settings::SentimentSettings;
