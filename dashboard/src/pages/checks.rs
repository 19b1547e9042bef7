//! The checks of the gate in the reader's language: in English in the verdict's own words, in another language out of
//! the figures, or, of a check without figures or with more than these, out of its words.

mod parts;

use churn::model::{Check, CheckName};

use crate::export::List;
use crate::format::Format;
use crate::words::{Language, Said, Word};

/// Digits of figures, as the verdict has them.
const DIGITS: usize = 3;
/// What is said of checks without figures.
const NOTES: [Word; 6] = [
    Word::CheckSaidNotWithdrawn,
    Word::CheckSaidWithdrawn,
    Word::CheckSaidOlder,
    Word::CheckSaidApproved,
    Word::CheckSaidRejected,
    Word::CheckSaidNobody,
];

/// What a check is called; one of another version of the program stands by its word.
pub fn name(language: Language, name: &CheckName) -> String {
    let word = match name {
        CheckName::PrAucFloor => Word::ModelCheckFloor,
        CheckName::NotWorseThanChampion => Word::ModelCheckChampion,
        CheckName::NotWorseThanBest => Word::GateCheckBest,
        CheckName::Calibration => Word::GateCheckCalibration,
        CheckName::Slices => Word::GateCheckSlices,
        CheckName::Leakage => Word::GateCheckLeakage,
        CheckName::NotOlderThanChampion => Word::ModelCheckNotOlder,
        CheckName::NotWithdrawn => Word::ModelCheckWithdrawn,
        CheckName::ManualApproval => Word::ModelCheckApproval,
        CheckName::Other(word) => return word.clone(),
    };
    language.say(word).to_owned()
}

/// Checks as a file has them, in the verdict's own words.
pub fn list(checks: &[Check]) -> List {
    List::of(checks)
        .text("name", |check| check.name.as_str().to_owned())
        .flag("passed", |check| check.passed)
        .number("value", |check| check.value)
        .number("limit", |check| check.limit)
        .text("note", |check| check.note.clone())
        .into()
}

/// What a check found, in one sentence.
pub fn note(format: Format, check: &Check) -> Said {
    let language = format.0;
    if language == Language::En {
        return check.note.as_str().into();
    }
    let score = |figure: f64| format.number(figure, DIGITS);
    let signed = |figure: f64| format.signed(figure, DIGITS);
    let of_figures = |word: Word, value: String, limit: String| -> Said {
        language.fill(word, &[("value", &value), ("limit", &limit)]).into()
    };
    match (&check.name, check.value) {
        (CheckName::PrAucFloor, Some(value)) => {
            let word = if check.passed { Word::CheckFloorReached } else { Word::CheckFloorMissed };
            of_figures(word, score(value), score(check.limit))
        }
        (CheckName::NotWorseThanChampion, Some(low)) => {
            let word = if check.passed { Word::CheckChampionAbove } else { Word::CheckChampionNotAbove };
            of_figures(word, signed(low), signed(check.limit))
        }
        (CheckName::NotWorseThanChampion, None) => {
            language.say(if check.passed { Word::CheckChampionNone } else { Word::CheckChampionTooSmall }).into()
        }
        (name, _) => match parts::told(format, name, &check.note) {
            Some(said) => said.into(),
            None => language.retell(&check.note, &NOTES),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: CheckName, value: Option<f64>, passed: bool, note: &str) -> Check {
        Check { name, value, limit: 0.7, passed, note: note.to_owned() }
    }

    #[test]
    fn every_check_of_the_gate_is_told_in_spanish_with_its_figures() {
        let es = Format(Language::Es);
        for (name, value, passed, note_of_run) in [
            (CheckName::PrAucFloor, Some(0.75), true, "holdout PR-AUC 0.750 reaches the floor 0.700"),
            (CheckName::PrAucFloor, Some(0.65), false, "holdout PR-AUC 0.650 is below the floor 0.700"),
            (CheckName::NotWorseThanChampion, Some(0.01), true, "PR-AUC differs by +0.020 from champion a"),
            (CheckName::NotWorseThanChampion, Some(-0.03), false, "PR-AUC differs by -0.020 from champion a"),
            (CheckName::NotWorseThanChampion, None, true, "there is no champion to compare with"),
            (CheckName::NotWorseThanChampion, None, false, "the holdout is too small"),
            (CheckName::NotWorseThanBest, None, true, "there is no champion of these labels to compare with"),
            (CheckName::Calibration, None, true, "not evaluated: 99 churners on the holdout, 100 are needed"),
            (CheckName::Slices, None, true, "no kind of customers has 100 churners; all are evaluated"),
            (
                CheckName::Leakage,
                Some(0.951),
                false,
                "score alone has a ROC-AUC of 0.951 gives the outcome away: correct the column, or name it with its \
                 reason in gate.leakage.reviewed of model.yaml",
            ),
            (CheckName::NotWithdrawn, None, true, "nobody has withdrawn it"),
            (
                CheckName::NotWithdrawn,
                None,
                false,
                "ana withdrew it on 2025-01-01: offers; `spanishgas models reinstate 4f90` gives it free again",
            ),
            (
                CheckName::NotOlderThanChampion,
                None,
                false,
                "it was trained as of 2024-11-30, and champion 4f90 as of 2024-12-31; a person makes it champion all \
                 the same: spanishgas models promote 5a --override --by NAME --reason TEXT",
            ),
            (CheckName::ManualApproval, None, true, "approved by ana: looked at it"),
            (CheckName::ManualApproval, None, false, "rejected by ana: too early"),
            (
                CheckName::ManualApproval,
                None,
                false,
                "nobody decided in time: the question expired after 60 s, reminder included",
            ),
        ] {
            let check = check(name, value, passed, note_of_run);
            let said = note(es, &check);
            assert!(said.lang.is_none() && said.text != note_of_run, "{note_of_run}: {said:?}");
            assert_eq!(note(Format(Language::En), &check), Said::from(note_of_run));
        }
        let floor = note(es, &check(CheckName::PrAucFloor, Some(0.75), true, "")).text;
        assert!(floor.contains("0,750") && floor.contains("0,700"), "{floor}");
    }

    #[test]
    fn a_check_of_another_version_stands_in_its_own_words_marked_as_english() {
        let other = check(CheckName::Other("moon".to_owned()), None, true, "the moon is full");
        assert_eq!(note(Format(Language::Es), &other), Said::english(Language::Es, "the moon is full"));
    }
}
