//! Notes that are made of parts, told part by part: a part is known by its form, figures are written as the reader writes
//! them, kinds of customers have the words of the page.

use churn::model::CheckName;

use crate::format::Format;
use crate::pages::kinds;
use crate::words::Word;

/// What stands between parts, and within a reason now and then.
const BETWEEN: &str = "; ";

const BEST: [Word; 12] = [
    Word::CheckBestDiffers,
    Word::CheckBestAbove,
    Word::CheckBestNotAbove,
    Word::CheckBestOtherSplit,
    Word::CheckBestOfNow,
    Word::CheckBestOf,
    Word::CheckBestLeftOut,
    Word::CheckBestNone,
    Word::CheckBestTooSmall,
    Word::CheckBestMoreCustomers,
    Word::CheckBestUnknown,
    Word::CheckBestMend,
];
const CALIBRATION: [Word; 6] = [
    Word::CheckCalibrationFew,
    Word::CheckCalibrationWithin,
    Word::CheckCalibrationNotWithin,
    Word::CheckCalibrationNone,
    Word::CheckCalibrationBrier,
    Word::CheckCalibrationBrierAbove,
];
const SLICES: [Word; 7] = [
    Word::CheckSlicesNone,
    Word::CheckSlicesFew,
    Word::CheckSlicesNotEvaluated,
    Word::CheckSlicesAll,
    Word::CheckSlicesKept,
    Word::CheckSlicesMost,
    Word::CheckSlicesLost,
];
const LEAKAGE: [Word; 3] = [Word::CheckLeakageFound, Word::CheckLeakageClean, Word::CheckLeakageReviewed];
/// What a column gives away.
const LEAKS: [Word; 2] = [Word::CheckLeakValue, Word::CheckLeakAlone];

/// The note of a check in the reader's language; nothing where a part of it is not known here.
pub fn told(format: Format, name: &CheckName, note: &str) -> Option<String> {
    let forms: &[Word] = match name {
        CheckName::NotWorseThanBest => &BEST,
        CheckName::Calibration => &CALIBRATION,
        CheckName::Slices => &SLICES,
        CheckName::Leakage => &LEAKAGE,
        _ => return None,
    };
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in note.split(BETWEEN) {
        let known = retold(format, part, forms).map(|said| (part.to_owned(), said));
        let known = known.or_else(|| {
            let (before, _) = parts.pop()?;
            let whole = format!("{before}{BETWEEN}{part}");
            let said = retold(format, &whole, forms)?;
            Some((whole, said))
        });
        parts.push(known?);
    }
    let said: Vec<String> = parts.into_iter().map(|(_, said)| said).collect();
    Some(said.join(BETWEEN))
}

fn retold(format: Format, part: &str, forms: &[Word]) -> Option<String> {
    format.0.retell_part(part, forms, &|place, text| value(format, place, text))
}

/// What stands in a place; nothing where it is not of the place's kind.
fn value(format: Format, place: &str, text: &str) -> Option<String> {
    match place {
        "version" | "feature" => Some(text.to_owned()),
        // What a file's problem is stands in the words of who found it.
        "reason" => retold(format, text, &[Word::CheckReasonSplit]).or_else(|| Some(text.to_owned())),
        "kinds" => joined(text.split(", ").map(|name| kinds::named(format.0, name))),
        "kind" => {
            let (name, difference) = text.rsplit_once(' ')?;
            Some(format!("{} {}", kinds::named(format.0, name)?, number(format, difference)?))
        }
        "lost" => {
            let lost = text.split_inclusive("), ").map(|one| one.trim_end_matches(", "));
            joined(lost.map(|one| retold(format, one, &[Word::CheckSlicesOne])))
        }
        // Of columns that somebody has reviewed all but the first stand by their names alone.
        "leaks" => joined(text.split(", ").map(|one| retold(format, one, &LEAKS).or_else(|| Some(one.to_owned())))),
        "values" => {
            let ends = text.split_once(" to ").and_then(|(from, to)| number(format, from).zip(number(format, to)));
            Some(ends.map_or_else(|| text.to_owned(), |(from, to)| format.range(&from, &to)))
        }
        _ => number(format, text),
    }
}

fn joined(all: impl Iterator<Item = Option<String>>) -> Option<String> {
    Some(all.collect::<Option<Vec<String>>>()?.join(", "))
}

/// A figure with the digits and the sign that it has in English.
fn number(format: Format, text: &str) -> Option<String> {
    let value: f64 = text.parse().ok()?;
    let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let is_signed = text.starts_with(['+', '-']);
    Some(if is_signed { format.signed(value, digits) } else { format.number(value, digits) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    /// As `churn::model::decide::checks` writes them.
    const NOTES: [(CheckName, &str); 16] = [
        (
            CheckName::NotWorseThanBest,
            "PR-AUC differs by +0.010 from best champion 4f90 on the same customers; the lower 95 % bound -0.005 is above \
             -0.020; it is the best of 3, and the champion of now",
        ),
        (
            CheckName::NotWorseThanBest,
            "PR-AUC differs by -0.030 from best champion 4f90 on the same customers; the lower 95 % bound -0.040 is not \
             above -0.020; the champion was trained with another split and may have seen these customers; it is the best \
             of 2; champion 5a sets no bar: its files are gone; run gc",
        ),
        (CheckName::NotWorseThanBest, "there is no champion of these labels to compare with"),
        (
            CheckName::NotWorseThanBest,
            "the holdout is too small to compare with the best champion; use more customers; it is the best of 1",
        ),
        (
            CheckName::NotWorseThanBest,
            "the best champion so far, 4f90, cannot be measured: its files are gone; make it readable again, or let it \
             set no bar any more: spanishgas models withdraw 4f90 --by NAME --reason TEXT",
        ),
        (CheckName::Calibration, "not evaluated: 99 churners on the holdout, 100 are needed"),
        (
            CheckName::Calibration,
            "calibration slope 1.02 lies within 0.80 to 1.25; there is no champion to compare the Brier score with",
        ),
        (
            CheckName::Calibration,
            "calibration slope 1.00 lies within 0.80 to 1.25; Brier score 0.0450 is +0.0060 from that of champion 4f90, \
             more than +0.0050",
        ),
        (
            CheckName::Calibration,
            "calibration slope 0.70 is not within 0.80 to 1.25; Brier score 0.0450 is +0.0010 from that of champion 4f90, \
             not more than +0.0050",
        ),
        (CheckName::Slices, "there is no champion to compare with that has not seen these customers"),
        (CheckName::Slices, "no kind of customers has 100 churners; not evaluated: segment SME, contact with"),
        (
            CheckName::Slices,
            "none of 2 kinds of customers with at least 100 churners loses more than 0.050 PR-AUC; the most: segment \
             Residential -0.010 (0.510 to 0.500, 300 churners); not evaluated: sales_channel Own Website",
        ),
        (
            CheckName::Slices,
            "more than 0.050 PR-AUC is lost: segment SME -0.060 (0.560 to 0.500, 200 churners), tenure 0-6m -0.080 (0.580 \
             to 0.500, 150 churners); all are evaluated",
        ),
        (
            CheckName::Leakage,
            "mark = 1.5 to 2: 100.0 % churn on 1000 customers, score alone has a ROC-AUC of 0.951 gives the outcome away: \
             correct the column, or name it with its reason in gate.leakage.reviewed of model.yaml",
        ),
        (
            CheckName::Leakage,
            "of 56 features none that nobody has reviewed ranks above ROC-AUC 0.95 alone, or has a value of at least 200 \
             customers with more than 95.0 % churn",
        ),
        (
            CheckName::Leakage,
            "of 56 features none that nobody has reviewed ranks above ROC-AUC 0.95 alone, or has a value of at least 200 \
             customers with more than 95.0 % churn; reviewed, each with its reason in gate.leakage.reviewed: mark = 1: \
             100.0 % churn on 1000 customers, word",
        ),
    ];

    #[test]
    fn every_note_of_these_checks_is_told_in_spanish_without_an_english_word_of_ours() {
        for (name, note) in NOTES {
            let said = told(Format(Language::Es), &name, note).unwrap_or_else(|| panic!("not known: {note}"));
            for english in [" the ", "churners", "customers", "champion", "above", "within", "features", " of "] {
                assert!(!said.contains(english), "{english}: {said}");
            }
            assert!(!said.contains("0.0") && !said.contains("0.5"), "figures are written with a comma: {said}");
        }
    }

    #[test]
    fn the_figures_and_the_kinds_are_those_of_the_note() {
        let es = |place: usize| told(Format(Language::Es), &NOTES[place].0, NOTES[place].1).unwrap();
        let lost = es(12);
        let kind = kinds::named(Language::Es, "tenure 0-6m").unwrap();
        assert!(lost.contains("0,580") && lost.contains("150") && lost.contains(&kind), "{lost}");
        assert!(es(1).ends_with("its files are gone; run gc"), "a reason stands as it is: {}", es(1));
        assert!(es(13).contains("0,951") && es(15).ends_with(", word"), "{} {}", es(13), es(15));
    }

    #[test]
    fn a_part_of_another_version_makes_the_note_one_of_no_known_form() {
        let es = |note: &str| told(Format(Language::Es), &CheckName::Slices, note);
        assert_eq!(es("all are evaluated; the moon is full"), None);
        assert_eq!(es("not evaluated: moon full"), None);
        assert_eq!(told(Format(Language::Es), &CheckName::ManualApproval, "all are evaluated"), None);
    }
}
