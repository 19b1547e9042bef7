//! What the report says in English, in the reader's language. Our English words are those of the report, so that each
//! sentence is known by its English form; one that is not known stands as it is.

use churn::drift::{DriftLevel, DriftVerdict};

use crate::format::Format;
use crate::words::{Language, Word};

/// The notes about columns.
const NOTES: [Word; 9] = [
    Word::DriftSaidAllNull,
    Word::DriftSaidMissing,
    Word::DriftSaidNew,
    Word::DriftSaidNullBoth,
    Word::DriftSaidNullThen,
    Word::DriftSaidSameConstant,
    Word::DriftSaidOtherConstant,
    Word::DriftSaidConstantThen,
    Word::DriftSaidConstantNow,
];

/// The verdict in one sentence.
pub fn reason(language: Language, verdict: &DriftVerdict) -> String {
    if verdict.level == DriftLevel::NotEnoughData {
        return with_place(language, &verdict.reason, Word::DriftSaidNotEnough, "rows");
    }
    let known = of_figures(Language::En, verdict) == verdict.reason;
    if known { of_figures(language, verdict) } else { verdict.reason.clone() }
}

/// What a reader should know of a column.
pub fn note(language: Language, note: &str) -> String {
    match NOTES.into_iter().find(|word| Language::En.say(*word) == note) {
        Some(word) => language.say(word).to_owned(),
        None => with_place(language, note, Word::DriftSaidFew, "rows"),
    }
}

/// Why a column is not compared.
pub fn skipped(language: Language, reason: &str) -> String {
    with_place(language, reason, Word::DriftSaidSkipped, "type")
}

/// A limit for p-values, with its own digits.
pub fn alpha(format: Format, alpha: f64) -> String {
    let digits = alpha.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    format.number(alpha, digits)
}

/// The sentence about what drifted, of the figures of the verdict.
fn of_figures(language: Language, verdict: &DriftVerdict) -> String {
    let values = [
        ("drifted", verdict.features_drifted.to_string()),
        ("compared", verdict.features_compared.to_string()),
        ("alpha", alpha(Format(language), verdict.alpha)),
        ("lost", verdict.lost.len().to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    if verdict.level == DriftLevel::None {
        return language.fill(Word::DriftSaidNothing, &values);
    }
    let word = if verdict.prediction_drifted { Word::DriftSaidFeaturesAndPrediction } else { Word::DriftSaidFeatures };
    let lost = if verdict.lost.is_empty() { String::new() } else { language.fill(Word::DriftSaidLost, &values) };
    language.fill(word, &values) + &lost
}

/// A sentence with one place, of which the English form tells what stands in it.
fn with_place(language: Language, original: &str, word: Word, place: &str) -> String {
    let filled = || {
        let (before, after) = Language::En.say(word).split_once(&format!("{{{place}}}"))?;
        let value = original.strip_prefix(before)?.strip_suffix(after)?;
        Some(language.fill(word, &[(place, value)]))
    };
    filled().unwrap_or_else(|| original.to_owned())
}

#[cfg(test)]
mod tests {
    use churn::drift::{DriftReport, DriftRule, DriftSettings, PREDICTION, compare};
    use churn::watch::Unwatched;
    use polars::df;
    use polars::prelude::DataFrame;

    use super::*;

    const SETTINGS: DriftSettings = DriftSettings { rule: DriftRule::Ks, alpha: 0.01, min_rows: 5 };

    fn report(then: &DataFrame, now: &DataFrame) -> DriftReport {
        compare(then, now, &SETTINGS, &Unwatched).unwrap()
    }

    fn even(shift: f64) -> Vec<f64> {
        (0..20).map(|place| f64::from(place) + shift).collect()
    }

    /// Everything that a report can say of a column.
    fn everything() -> DriftReport {
        let (nothing, constant) = (vec![None::<f64>; 20], |value: f64| vec![value; 20]);
        let few: Vec<Option<f64>> = (0..20).map(|place| (place < 3).then_some(1.0)).collect();
        let then = df!(
            "all_null" => even(0.0), "missing" => even(0.0), "null_both" => &nothing, "null_then" => &nothing,
            "few" => &few, "same" => constant(1.0), "other" => constant(1.0), "constant_then" => constant(1.0),
            "constant_now" => even(0.0), "segment" => vec!["SME"; 20], PREDICTION => even(0.0),
        );
        let now = df!(
            "all_null" => &nothing, "new" => even(0.0), "null_both" => &nothing, "null_then" => even(0.0),
            "few" => even(0.0), "same" => constant(1.0), "other" => constant(2.0), "constant_then" => even(0.0),
            "constant_now" => constant(1.0), "segment" => vec!["SME"; 20], PREDICTION => even(100.0),
        );
        report(&then.unwrap(), &now.unwrap())
    }

    #[test]
    fn every_note_and_reason_of_a_report_is_known_in_spanish() {
        let report = everything();
        let notes: Vec<_> = report.columns.iter().filter_map(|column| column.note.as_deref()).collect();
        assert_eq!(notes.len(), NOTES.len() + 1, "one of each: {notes:?}");
        for said in notes {
            assert_eq!(note(Language::En, said), said);
            assert_ne!(note(Language::Es, said), said);
        }
        let why = &report.skipped[0].reason;
        assert_eq!(&skipped(Language::En, why), why);
        assert!(skipped(Language::Es, why).starts_with("str: "), "{}", skipped(Language::Es, why));
    }

    #[test]
    fn the_verdict_is_said_in_both_languages() {
        let table = |shift: f64| df!("x" => even(shift), PREDICTION => even(shift)).unwrap();
        let alone = |shift: f64| df!("x" => even(shift), PREDICTION => even(0.0)).unwrap();
        let reports = [
            everything(),
            report(&table(0.0), &table(0.0)),
            report(&table(0.0), &table(100.0)),
            report(&alone(0.0), &alone(100.0)),
            report(&table(0.0).head(Some(3)), &table(0.0)),
        ];
        for report in &reports {
            let verdict = &report.verdict;
            assert_eq!(reason(Language::En, verdict), verdict.reason);
            assert_ne!(reason(Language::Es, verdict), verdict.reason, "{verdict:?}");
            assert_eq!(reason(Language::Es, verdict).contains("0,01"), verdict.reason.contains("0.01"));
        }
    }

    #[test]
    fn what_a_newer_version_says_stands_as_it_is() {
        let mut verdict = everything().verdict;
        verdict.reason = "the moon fell".to_owned();
        assert_eq!(reason(Language::Es, &verdict), "the moon fell");
        verdict.level = DriftLevel::NotEnoughData;
        assert_eq!(reason(Language::Es, &verdict), "the moon fell");
        assert_eq!(note(Language::Es, "the moon fell"), "the moon fell");
        assert_eq!(skipped(Language::Es, "the moon fell"), "the moon fell");
        assert_eq!(alpha(Format(Language::Es), 0.005), "0,005");
    }
}
