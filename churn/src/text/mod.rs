//! What customers say: the intent of a contact, and how it sounds.

mod html;
pub mod intent;
pub mod lexicon;
pub mod sentiment;
mod settings;
#[cfg(feature = "transformer")]
pub mod transformer;

pub use html::without_html;
pub use intent::IntentVocabulary;
pub use sentiment::{Sentiment, SentimentLabel, SentimentModel};
pub use settings::SentimentSettings;
