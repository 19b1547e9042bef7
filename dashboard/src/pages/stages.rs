//! The stages of the pipeline as readers say them. A stage that is not known here stands as it is.

use crate::words::{Language, Said, Word};

/// Why a stage was not made, or was made again.
const REASONS: [Word; 9] = [
    Word::StageSaidUnchanged,
    Word::StageSaidMadeAgain,
    Word::StageSaidChampion,
    Word::StageSaidRejected,
    Word::StageSaidPublished,
    Word::StageSaidChampionNoMore,
    Word::StageSaidLaterDate,
    Word::StageSaidLaterStart,
    Word::StageSaidCancelled,
];

/// A stage by its name in records and in the progress.
pub fn name(language: Language, stage: &str) -> String {
    let word = match stage {
        "raw" => Word::StageRaw,
        "bronze_customer" => Word::StageBronzeCustomer,
        "bronze_customer_month" => Word::StageBronzeCustomerMonth,
        "silver" => Word::StageSilver,
        "gold" => Word::StageGold,
        "train" => Word::StageTrain,
        "evaluate" => Word::StageEvaluate,
        "gate" => Word::StageGate,
        "score" => Word::StageScore,
        "recommend" => Word::StageRecommend,
        "drift" => Word::StageDrift,
        "publish" => Word::StagePublish,
        "done" => Word::StateDone,
        other => return other.to_owned(),
    };
    language.say(word).to_owned()
}

/// Why a stage was skipped, made again or ended; what is not known here, as the text of a failure, is English.
pub fn reason(language: Language, reason: &str) -> Said {
    language.retell(reason, &REASONS)
}

/// Several stages, joined by `, ` as the progress has them.
pub fn names(language: Language, stages: &str) -> String {
    stages
        .split(", ")
        .filter(|stage| !stage.is_empty())
        .map(|stage| name(language, stage))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use protocol::pipeline::{Mode, StageName};
    use protocol::progress::{MADE_AGAIN, Stage};

    use super::*;

    #[test]
    fn every_reason_of_today_is_told_in_spanish_and_a_failure_is_english() {
        for english in [
            "unchanged since run nightly",
            "champion since run nightly",
            "rejected before by run nightly",
            "published by run nightly",
            "not published: model 4f90 is champion no more",
            "not published: run nightly has published results of a later date (as of 2024-12-31, model 4f90)",
            "not published: run nightly has published results of a later start (as of 2024-12-31, model 4f90)",
            "cancelled",
            format!("{MADE_AGAIN}scored/x is damaged").as_str(),
        ] {
            let said = reason(Language::Es, english);
            assert!(said.lang.is_none() && said.text != english, "{english}: {said:?}");
            assert_eq!(reason(Language::En, english), Said::from(english));
        }
        assert_eq!(reason(Language::Es, "SG0012 Gone").lang, Some("en"));
    }

    #[test]
    fn every_stage_has_a_name_and_a_newer_one_stays() {
        for stage in StageName::of(Mode::Train) {
            assert_ne!(name(Language::Es, stage.as_str()), stage.as_str());
        }
        assert_eq!(names(Language::En, "moon, "), "moon");
        assert_eq!(names(Language::En, ""), "");
    }
}
