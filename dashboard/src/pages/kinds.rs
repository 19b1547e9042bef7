//! Kinds of customers, by which the gate and the figures of a model tell them apart, in the reader's language.

use churn::model::SliceBy;

use super::names;
use crate::words::{Language, Word};

/// By what customers are told apart.
pub fn by(by: SliceBy) -> Word {
    match by {
        SliceBy::Contact => Word::RiskContact,
        SliceBy::Segment => Word::RiskSegment,
        SliceBy::SalesChannel => Word::RiskChannel,
        SliceBy::Tenure => Word::RiskTenure,
        SliceBy::Renewal => Word::RiskRenewal,
        SliceBy::ProvinceGroup => Word::RiskProvince,
    }
}

/// Which of them. Tenure and renewal have buckets of the same names, which do not mean the same.
pub fn which(language: Language, by: SliceBy, name: &str) -> String {
    let word = match (by, name) {
        (_, "missing") => Word::NameUnknown,
        (SliceBy::Contact, "with") => Word::RiskContactSome,
        (SliceBy::Contact, "without") => Word::RiskContactNone,
        (SliceBy::ProvinceGroup, "high_competition") => Word::SlicesHighCompetition,
        (SliceBy::ProvinceGroup, "other") => Word::SlicesOtherProvinces,
        (SliceBy::Tenure, "0-6m") => Word::SlicesTenureHalfYear,
        (SliceBy::Tenure, "6-12m") => Word::SlicesTenureYear,
        (SliceBy::Tenure, "1-2y") => Word::SlicesTenureTwoYears,
        (SliceBy::Tenure, "2-5y") => Word::SlicesTenureFiveYears,
        (SliceBy::Tenure, "5y+") => Word::SlicesTenureLonger,
        (_, other) => return names::word(language, other),
    };
    language.say(word).to_owned()
}

/// "Segment: SME" of `segment SME`, as a verdict names it; nothing where it is of no kind known here.
pub fn named(language: Language, name: &str) -> Option<String> {
    let (by, which) = name.split_once(' ')?;
    let by = SliceBy::ALL.into_iter().find(|one| one.as_str() == by)?;
    Some(format!("{}: {}", language.say(self::by(by)), self::which(language, by, which)))
}
