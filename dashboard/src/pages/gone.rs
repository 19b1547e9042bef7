//! What was deleted of the results or cannot be read, said above a page that shows the rest.

use lake::keys;

use crate::data::{DataError, Torn};
use crate::frame::{Banner, BannerLevel};
use crate::words::{Language, Said, Word};

/// The banner of a table that is gone.
pub fn banner(language: Language, problem: &DataError) -> Banner {
    Banner::new(BannerLevel::Warn, language.say(Word::BannerGone)).detail(Said::english(language, problem.to_string()))
}

/// The banner of a document or a table that cannot be read: what is missing for it, and, in the lake's words, which one
/// it is and what to do.
pub fn torn(language: Language, problem: &DataError) -> Banner {
    let text = language.say(word(problem.unreadable_key().unwrap_or_default()));
    Banner::new(BannerLevel::Fail, text).detail(Said::english(language, problem.to_string()))
}

/// Why something is not there: as usual, or since a document whose key begins so cannot be read.
pub fn or_torn(torn: &Torn, begin: &str, usual: Word) -> Word {
    if !begin.is_empty() && torn.names(begin) { word(begin) } else { usual }
}

/// What a page lacks without the document of a key.
fn word(key: &str) -> Word {
    match key {
        keys::CHAMPION => Word::BannerChampionTorn,
        keys::ACKNOWLEDGEMENTS => Word::BannerKnownTorn,
        key if key.starts_with(keys::RUN_INDEX) => Word::BannerIndexTorn,
        key if key.starts_with(keys::ALERTS) => Word::BannerAlertTorn,
        key if key.starts_with(keys::CHAMPION_MOVES) || keys::is_registration(key) => Word::BannerRegistryTorn,
        key if key.ends_with(".parquet") => Word::BannerTableTorn,
        _ => Word::BannerPartTorn,
    }
}

#[cfg(test)]
mod tests {
    use lake::LakeError;

    use super::*;

    #[test]
    fn a_banner_says_what_is_missing_and_names_the_document() {
        let of = |key: &str| {
            let (key, problem) = (key.to_owned(), "it ends".to_owned());
            torn(Language::Es, &DataError::from(LakeError::Unreadable { key, expected: "JSON", problem }))
        };
        for (key, word) in [
            (keys::CHAMPION, Word::BannerChampionTorn),
            (keys::ACKNOWLEDGEMENTS, Word::BannerKnownTorn),
            ("runs/index/2025-01.json", Word::BannerIndexTorn),
            ("monitoring/alerts/r-1.json", Word::BannerAlertTorn),
            ("models/moves/000001.json", Word::BannerRegistryTorn),
            ("models/4f90bd8cc09437d0/registration.json", Word::BannerRegistryTorn),
            ("models/4f90bd8cc09437d0/verdict.json", Word::BannerPartTorn),
            ("scored/recommendations/0/contributions.parquet", Word::BannerTableTorn),
        ] {
            let banner = of(key);
            assert_eq!(banner.text, Language::Es.say(word), "{key}");
            let detail = banner.detail.unwrap();
            assert!(detail.text.contains(key) && detail.text.contains("restore it"), "{detail:?}");
        }
    }
}
