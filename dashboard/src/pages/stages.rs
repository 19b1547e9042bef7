//! The stages of the pipeline as readers say them. A stage that is not known here stands as it is.

use crate::words::{Language, Word};

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
    use protocol::progress::Stage;

    use super::*;

    #[test]
    fn every_stage_has_a_name_and_a_newer_one_stays() {
        for stage in StageName::of(Mode::Train) {
            assert_ne!(name(Language::Es, stage.as_str()), stage.as_str());
        }
        assert_eq!(names(Language::En, "moon, "), "moon");
        assert_eq!(names(Language::En, ""), "");
    }
}
