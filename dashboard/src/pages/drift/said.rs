//! What the report says in English, in the reader's language. Our English words are those of the report, so that each
//! sentence is known by its English form; one that is not known stands as it is, marked as English.

use churn::drift::{ColumnDrift, DriftLevel, DriftReport, DriftRule, DriftVerdict};

use crate::format::Format;
use crate::words::{Language, Said, Word};

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

/// The notes with a number in them.
const COUNTS: [Word; 3] = [Word::DriftSaidFew, Word::DriftSaidCame, Word::DriftSaidUnseen];

/// The verdict in one sentence; one of another version of the program as it stands.
pub fn reason(language: Language, verdict: &DriftVerdict) -> Said {
    let english = verdict.reason.as_str();
    if verdict.level == DriftLevel::NotEnoughData {
        let places = [(Word::DriftSaidNotEnough, "rows"), (Word::DriftSaidNothingCounts, "moving")];
        return Said::translated(language, with_places(language, english, &places), english);
    }
    let known = of_figures(Language::En, verdict) == english;
    if known { of_figures(language, verdict).into() } else { Said::english(language, english) }
}

/// The reason that a run has on record; without its report, or with one of other words, the recorded ones stand.
pub fn recorded_reason(language: Language, report: Option<&DriftReport>, recorded: &str) -> Said {
    let same = report.filter(|report| report.verdict.reason == recorded);
    same.map_or_else(|| Said::english(language, recorded), |report| reason(language, &report.verdict))
}

/// All that a reader should know of a column: its note, and what it was held against in place of the training as it is.
pub fn of_column(language: Language, found: &ColumnDrift) -> Option<String> {
    let format = Format(language);
    let held =
        found.held_against.map(|as_of| language.fill(Word::DriftHeldAgainst, &[("date", &format.date(as_of.date()))]));
    let older = found
        .months_taken_off
        .map(|months| language.fill(Word::DriftTakenOff, &[("months", &format.number(months, 0))]));
    let said = [found.note.as_deref().map(|said| note(language, said)), held, older];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// The note of a report about a column.
pub fn note(language: Language, note: &str) -> String {
    match NOTES.into_iter().find(|word| Language::En.say(*word) == note) {
        Some(word) => language.say(word).to_owned(),
        None => with_places(language, note, &COUNTS.map(|word| (word, "rows"))),
    }
}

/// Why a column is not compared; in reports of before no text was.
pub fn skipped(language: Language, reason: &str) -> Said {
    let said = with_places(language, reason, &[(Word::DriftSaidSkipped, "type"), (Word::DriftSaidSkippedKs, "type")]);
    Said::translated(language, said, reason)
}

/// A limit for p-values, with its own digits.
pub fn alpha(format: Format, alpha: f64) -> String {
    let digits = alpha.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    format.number(alpha, digits)
}

/// The sentence about what drifted, of the figures of the verdict.
fn of_figures(language: Language, verdict: &DriftVerdict) -> String {
    match verdict.rule {
        DriftRule::Effect => of_effects(language, verdict),
        DriftRule::Ks => of_p_values(language, verdict),
    }
}

fn of_effects(language: Language, verdict: &DriftVerdict) -> String {
    let share = 100.0 * verdict.importance_drifted.unwrap_or_default();
    let values = [
        ("drifted", verdict.features_drifted.to_string()),
        ("compared", verdict.features_compared.to_string()),
        ("share", Format(language).number(share, 1)),
        ("lost", verdict.lost.len().to_string()),
        ("moving", verdict.features_not_counted.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let prediction = match (verdict.prediction_compared, verdict.prediction_drifted) {
        (_, true) => Some(Word::DriftSaidPredictionDrifted),
        (true, false) => Some(Word::DriftSaidPredictionDidNot),
        (false, false) => None,
    };
    let lost = (!verdict.lost.is_empty()).then_some(Word::DriftSaidLost);
    let calendar = (verdict.features_not_counted > 0).then_some(Word::DriftSaidCalendar);
    let parts = [Some(Word::DriftSaidEffect), prediction, lost, calendar].into_iter().flatten();
    parts.map(|word| language.fill(word, &values)).collect()
}

fn of_p_values(language: Language, verdict: &DriftVerdict) -> String {
    let values = [
        ("drifted", verdict.features_drifted.to_string()),
        ("compared", verdict.features_compared.to_string()),
        ("alpha", alpha(Format(language), verdict.alpha)),
        ("lost", verdict.lost.len().to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    if verdict.level == DriftLevel::None {
        // A verdict of before does not note whether the prediction was compared; its sentence says so.
        let of_both = verdict.prediction_compared || verdict.reason.contains("prediction");
        return language.fill(if of_both { Word::DriftSaidNothing } else { Word::DriftSaidNoFeature }, &values);
    }
    let word = if verdict.prediction_drifted { Word::DriftSaidFeaturesAndPrediction } else { Word::DriftSaidFeatures };
    let lost = if verdict.lost.is_empty() { String::new() } else { language.fill(Word::DriftSaidLost, &values) };
    language.fill(word, &values) + &lost
}

/// A sentence that is one of these with a value in its place; what stands there, its English form tells.
fn with_places(language: Language, original: &str, sentences: &[(Word, &str)]) -> String {
    let filled = |(word, place): &(Word, &str)| {
        let (before, after) = Language::En.say(*word).split_once(&format!("{{{place}}}"))?;
        let value = original.strip_prefix(before)?.strip_suffix(after)?;
        Some(language.fill(*word, &[(*place, value)]))
    };
    sentences.iter().find_map(filled).unwrap_or_else(|| original.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use churn::SnapshotDate;
    use churn::drift::{Comparison, DriftSettings, PREDICTION, compare};
    use churn::features::Calendar;
    use churn::watch::Unwatched;
    use polars::df;
    use polars::prelude::DataFrame;

    use super::*;

    fn settings(rule: DriftRule) -> DriftSettings {
        DriftSettings { rule, min_rows: 5, ..DriftSettings::default() }
    }

    fn report(rule: DriftRule, then: &DataFrame, now: &DataFrame) -> DriftReport {
        compare(&Comparison::of(then, now), &settings(rule), &Unwatched).unwrap()
    }

    fn even(shift: f64) -> Vec<f64> {
        (0..20).map(|place| f64::from(place) + shift).collect()
    }

    /// Everything that a report can say of a column.
    fn everything(rule: DriftRule) -> DriftReport {
        let (nothing, constant) = (vec![None::<f64>; 20], |value: f64| vec![value; 20]);
        let few: Vec<Option<f64>> = (0..20).map(|place| (place < 3).then_some(1.0)).collect();
        let then = df!(
            "all_null" => even(0.0), "missing" => even(0.0), "null_both" => &nothing, "null_then" => &nothing,
            "few" => &few, "same" => constant(1.0), "other" => constant(1.0), "constant_then" => constant(1.0),
            "constant_now" => even(0.0), "segment" => vec!["SME"; 20], "odd" => vec![true; 20], PREDICTION => even(0.0),
        );
        let now = df!(
            "all_null" => &nothing, "new" => even(0.0), "null_both" => &nothing, "null_then" => even(0.0),
            "few" => even(0.0), "same" => constant(1.0), "other" => constant(2.0), "constant_then" => even(0.0),
            "constant_now" => constant(1.0), "segment" => vec!["Home"; 20], "odd" => vec![true; 20],
            PREDICTION => even(100.0),
        );
        report(rule, &then.unwrap(), &now.unwrap())
    }

    #[test]
    fn every_note_and_reason_of_a_report_is_known_in_spanish() {
        let report = everything(DriftRule::Ks);
        let notes: Vec<_> = report.columns.iter().filter_map(|column| column.note.as_deref()).collect();
        assert_eq!(notes.len(), NOTES.len() + 2, "one of each, too few and unseen: {notes:?}");
        for said in notes {
            assert_eq!(note(Language::En, said), said);
            assert_ne!(note(Language::Es, said), said);
        }
        let why = &report.skipped[0].reason;
        assert_eq!(&skipped(Language::En, why).text, why);
        let spanish = skipped(Language::Es, why);
        assert!(spanish.text.starts_with("bool: ") && spanish.lang.is_none(), "{spanish:?}");
        let of_before = "str: the rule ks compares numeric columns only";
        assert_eq!(skipped(Language::En, of_before).text, of_before);
        assert_ne!(skipped(Language::Es, of_before).text, of_before);
    }

    #[test]
    fn what_a_column_was_held_against_is_said_with_its_note() {
        let table =
            |shift: f64| df!("tenure" => even(shift), "season" => even(shift), PREDICTION => even(0.0)).unwrap();
        let (then, now, month) = (table(0.0), table(0.5), table(0.25));
        let date = |text| SnapshotDate::parse(text).ok();
        let mut comparison = Comparison::of(&then, &now);
        (comparison.reference.as_of, comparison.current.as_of) = (date("2024-12-31"), date("2025-01-31"));
        comparison.same_month = Some(churn::drift::Customers { table: &month, as_of: date("2024-01-31") });
        let behaviours = [("tenure", Calendar::AgesInMonths), ("season", Calendar::Seasonal)];
        comparison.calendar = behaviours.map(|(name, calendar)| (name.to_owned(), calendar)).into();
        let report = compare(&comparison, &settings(DriftRule::Effect), &Unwatched).unwrap();
        let said: BTreeMap<&str, String> = report
            .columns
            .iter()
            .filter_map(|column| Some((column.column.as_str(), of_column(Language::En, column)?)))
            .collect();
        assert_eq!(
            said["tenure"],
            "1 who came in between are left out; 1 months taken off, by which everybody is older"
        );
        assert_eq!(said["season"], "held against the customers of 31\u{a0}Jan\u{a0}2024");
        let spanish = of_column(Language::Es, &report.columns[0]).unwrap();
        assert!(!spanish.contains("who") && !spanish.contains("off"), "{spanish}");
    }

    #[test]
    fn the_verdict_is_said_in_both_languages() {
        let table = |shift: f64| df!("x" => even(shift), PREDICTION => even(shift)).unwrap();
        let alone = |shift: f64| df!("x" => even(shift), PREDICTION => even(0.0)).unwrap();
        for rule in [DriftRule::Ks, DriftRule::Effect] {
            let reports = [
                everything(rule),
                report(rule, &table(0.0), &table(0.0)),
                report(rule, &table(0.0), &table(100.0)),
                report(rule, &alone(0.0), &alone(100.0)),
                report(rule, &table(0.0).head(Some(3)), &table(0.0)),
            ];
            for report in &reports {
                let verdict = &report.verdict;
                let spanish = reason(Language::Es, verdict);
                assert_eq!(reason(Language::En, verdict), Said::from(verdict.reason.as_str()));
                assert!(spanish.text != verdict.reason && spanish.lang.is_none(), "{verdict:?}");
                assert!(!spanish.text.contains('.'), "{spanish:?}");
            }
        }
    }

    #[test]
    fn a_verdict_about_the_calendar_is_said_in_both_languages() {
        let table = df!("renewal" => even(0.0), PREDICTION => even(0.0)).unwrap();
        let mut comparison = Comparison::of(&table, &table);
        comparison.calendar = BTreeMap::from([("renewal".to_owned(), Calendar::Moves)]);
        for rule in [DriftRule::Ks, DriftRule::Effect] {
            let verdict = compare(&comparison, &settings(rule), &Unwatched).unwrap().verdict;
            assert_eq!(verdict.reason, "nothing counts: 1 features move with the calendar");
            assert_eq!(reason(Language::En, &verdict).text, verdict.reason);
            assert_ne!(reason(Language::Es, &verdict).text, verdict.reason);
        }
        let both = df!("renewal" => even(0.0), "margin" => even(0.0), PREDICTION => even(0.0)).unwrap();
        let comparison = Comparison { calendar: comparison.calendar, ..Comparison::of(&both, &both) };
        for rule in [DriftRule::Ks, DriftRule::Effect] {
            let verdict = compare(&comparison, &settings(rule), &Unwatched).unwrap().verdict;
            assert_eq!(reason(Language::En, &verdict).text, verdict.reason);
            assert_ne!(reason(Language::Es, &verdict).text, verdict.reason, "{rule:?}");
        }
    }

    #[test]
    fn a_verdict_of_before_is_said_as_it_was() {
        let verdict = serde_json::json!({
            "level": "none", "rule": "ks", "alpha": 0.01, "features_compared": 49, "features_drifted": 0,
            "prediction_drifted": false, "drifted": [], "lost": [],
            "reason": "none of 49 features and not the prediction has p < 0.01",
        });
        let verdict: DriftVerdict = serde_json::from_value(verdict).unwrap();
        assert_eq!(reason(Language::En, &verdict).text, verdict.reason);
        let spanish = reason(Language::Es, &verdict);
        assert!(spanish.text.contains("0,01") && spanish.lang.is_none(), "{spanish:?}");
    }

    #[test]
    fn what_a_newer_version_says_stands_as_it_is_marked_as_english() {
        let moon = Said::english(Language::Es, "the moon fell");
        let mut verdict = everything(DriftRule::Ks).verdict;
        verdict.reason.clone_from(&moon.text);
        assert_eq!(reason(Language::Es, &verdict), moon);
        verdict.level = DriftLevel::NotEnoughData;
        assert_eq!(reason(Language::Es, &verdict), moon);
        assert_eq!(note(Language::Es, &moon.text), moon.text);
        assert_eq!(skipped(Language::Es, &moon.text), moon);
        assert_eq!(alpha(Format(Language::Es), 0.005), "0,005");
    }
}
