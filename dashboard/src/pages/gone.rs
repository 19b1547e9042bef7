//! What was deleted of the results, said above a page that shows the rest.

use crate::data::DataError;
use crate::frame::{Banner, BannerLevel};
use crate::words::{Language, Said, Word};

/// The banner of a table that is gone.
pub fn banner(language: Language, problem: &DataError) -> Banner {
    Banner::new(BannerLevel::Warn, language.say(Word::BannerGone)).detail(Said::english(language, problem.to_string()))
}
