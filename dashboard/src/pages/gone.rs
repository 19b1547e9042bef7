//! What was deleted of the results or cannot be read, said above a page that shows the rest.

use crate::data::DataError;
use crate::frame::{Banner, BannerLevel};
use crate::words::{Language, Said, Word};

/// The banner of a table that is gone.
pub fn banner(language: Language, problem: &DataError) -> Banner {
    Banner::new(BannerLevel::Warn, language.say(Word::BannerGone)).detail(Said::english(language, problem.to_string()))
}

/// The banner of a document that cannot be read.
pub fn torn(language: Language, problem: &str) -> Banner {
    Banner::new(BannerLevel::Fail, language.say(Word::BannerPartTorn)).detail(Said::english(language, problem))
}
