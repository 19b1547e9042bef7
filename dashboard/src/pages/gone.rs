//! What was deleted of the results or cannot be read, said above a page that shows the rest.

use lake::keys;

use crate::data::{DataError, Torn};
use crate::frame::{Banner, BannerLevel};
use crate::words::{Language, Said, Word};

/// So many documents are named beside the first that cannot be read.
const MOST_NAMED: usize = 5;

/// The banner of a table that is gone.
pub fn banner(language: Language, problem: &DataError) -> Banner {
    Banner::new(BannerLevel::Warn, language.say(Word::BannerGone)).detail(Said::english(language, problem.to_string()))
}

/// The banners of documents and tables that cannot be read, one for all that are missing in the same place: what is
/// missing, and, in the lake's words, which is the first, what to do, and which are the others.
pub fn torn(language: Language, problems: &[DataError]) -> Vec<Banner> {
    let mut kinds: Vec<(Word, Vec<&DataError>)> = Vec::new();
    for problem in problems {
        let kind = word(key_of(problem));
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, alike)) => alike.push(problem),
            None => kinds.push((kind, vec![problem])),
        }
    }
    let banner = |(kind, alike): (Word, Vec<&DataError>)| {
        let (first, others) = alike.split_first()?;
        let named: Vec<&str> = others.iter().take(MOST_NAMED).map(|problem| key_of(problem)).collect();
        let mut detail = first.to_string();
        if !named.is_empty() {
            detail = format!("{detail}; nor can these be read: {}", named.join(", "));
        }
        if others.len() > named.len() {
            detail = format!("{detail}, and {} more", others.len() - named.len());
        }
        Some(Banner::new(BannerLevel::Fail, language.say(kind)).detail(Said::english(language, detail)))
    };
    kinds.into_iter().filter_map(banner).collect()
}

fn key_of(problem: &DataError) -> &str {
    problem.unreadable_key().unwrap_or_default()
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

    fn unreadable(key: &str) -> DataError {
        let (key, problem) = (key.to_owned(), "it ends".to_owned());
        DataError::from(LakeError::Unreadable { key, expected: "JSON", problem })
    }

    #[test]
    fn many_torn_records_are_one_banner_that_names_some_of_them() {
        let mut problems: Vec<_> = (0..9).map(|run| unreadable(&keys::run_record(&format!("r{run}")))).collect();
        problems.insert(1, unreadable(keys::CHAMPION));
        let banners = torn(Language::En, &problems);
        assert_eq!(banners.len(), 2);
        let detail = banners[0].detail.as_ref().unwrap();
        assert!(detail.text.contains("runs/r0/run.json") && detail.text.contains("restore it"), "{detail:?}");
        assert!(detail.text.ends_with("runs/r4/run.json, runs/r5/run.json, and 3 more"), "{detail:?}");
        assert_eq!(banners[1].text, Language::En.say(Word::BannerChampionTorn));
    }

    #[test]
    fn a_banner_says_what_is_missing_and_names_the_document() {
        let of = |key: &str| torn(Language::Es, &[unreadable(key)]).remove(0);
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
