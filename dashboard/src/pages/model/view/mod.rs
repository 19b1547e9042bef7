//! What the reader sees of a version: the figures in their language, with the links that go on from them.

mod gate;
mod ladder;
mod lead_time;
mod lists;
mod pictures;
mod slices;

use churn::model::{CalibrationMethod, Evaluation, Interval, ThresholdRule};
use lake::documents::VersionStatus;
use lake::keys;
use protocol::ModelVersion;

use super::offers::Offers;
use super::state::{State, THRESHOLD, VERSION};
use super::subject::{Looked, Subject};
use super::what_if::WhatIf;
use crate::data::moment;
use crate::format::{Format, Shown};
use crate::frame::{Card, Cards, Link, PageId};
use crate::pages::{Choice, checks as told, gone};
use crate::server::Visit;
use crate::words::{Language, Said, Word};

pub use gate::{checks, single_columns, slice_losses};
pub use ladder::{LADDER, ladder};
pub use lead_time::lead_time;
pub use lists::{board, groups, peer, timeline, unseen};
pub use pictures::{against, figures, importance, pictures};
pub use slices::{calibrations, slices};

/// What the parts of the page are made for.
pub struct Asked<'a> {
    /// Who asks for what.
    pub visit: &'a Visit,
    /// Which versions there are.
    pub looked: &'a Looked<'a>,
    /// The one that is shown.
    pub subject: &'a Subject,
    /// What the URL says.
    pub state: &'a State,
    /// What a threshold means for the customers of the results.
    pub offers: Offers,
}

impl Asked<'_> {
    fn format(&self) -> Format {
        self.visit.format()
    }

    fn language(&self) -> Language {
        self.visit.language
    }

    fn say(&self, word: Word) -> &'static str {
        self.visit.language.say(word)
    }

    fn evaluation(&self) -> Option<&Evaluation> {
        self.subject.evaluation.as_deref()
    }

    /// The same page of another version.
    fn href(&self, version: &str) -> String {
        self.visit.query.except(&[THRESHOLD]).with(VERSION, version)
    }

    /// A file of the page, of the version that is shown.
    fn file(&self, name: &str) -> String {
        self.visit.query.set(VERSION, self.subject.version.as_str()).at(&format!("{}/{name}", PageId::Model.path()))
    }
}

/// The form that chooses a version.
pub struct Choices {
    /// What is chosen.
    pub label: &'static str,
    /// The button's words.
    pub button: &'static str,
    /// The versions.
    pub versions: Vec<Choice>,
    /// What else the URL says.
    pub hidden: Vec<(String, String)>,
}

/// The form that tries a threshold, and what would come of it.
pub struct Explorer {
    /// What is tried.
    pub label: &'static str,
    /// The button's words.
    pub button: &'static str,
    /// The threshold, as a field has it.
    pub value: String,
    /// What else the URL says.
    pub hidden: Vec<(String, String)>,
    /// What would come of it.
    pub cards: Cards,
}

/// A line of the header.
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What it says.
    pub value: Shown,
}

/// The first characters of a version tell it from the others.
fn short(version: &str) -> &str {
    version.get(..8).unwrap_or(version)
}

/// The versions to choose from.
pub fn choices(asked: &Asked<'_>) -> Choices {
    let choice = |version: &ModelVersion| {
        let status = asked.looked.entry(version).map(|entry| asked.say(status_word(entry.status)));
        let standing = if asked.looked.is_champion(version) { Some(asked.say(Word::ModelChampion)) } else { status };
        let text = standing.map_or_else(|| version.to_string(), |standing| format!("{version} · {standing}"));
        Choice::new(version.as_str(), text, *version == asked.subject.version)
    };
    Choices {
        label: asked.say(Word::ModelVersion),
        button: asked.say(Word::ModelShow),
        versions: asked.looked.versions.iter().map(choice).collect(),
        hidden: asked.visit.query.hidden(&[VERSION, THRESHOLD]),
    }
}

/// What a version may do.
fn status_word(status: VersionStatus) -> Word {
    match status {
        VersionStatus::Approved => Word::ModelApproved,
        VersionStatus::Rejected => Word::ModelRejected,
        VersionStatus::Withdrawn => Word::ModelWithdrawn,
    }
}

/// Why the version was not let in, where no version is champion or ever was.
pub fn refused(asked: &Asked<'_>) -> Option<Vec<Said>> {
    let was_champion = asked.looked.champion.is_some() || !asked.looked.registry.moves.is_empty();
    if was_champion || !asked.looked.knows_champion() {
        return None;
    }
    let verdict = asked.subject.verdict.as_ref().filter(|verdict| !verdict.passed)?;
    let failed = verdict.checks.iter().filter(|check| !check.passed);
    Some(failed.map(|check| told::note(asked.format(), check)).collect())
}

/// Why the registry has no note of a version.
fn no_entry(asked: &Asked<'_>, version: &ModelVersion) -> Word {
    gone::or_torn(&asked.looked.torn, &keys::registration(version), Word::ModelNoEntry)
}

/// The header.
pub fn facts(asked: &Asked<'_>) -> Vec<Fact> {
    let (format, language, subject) = (asked.format(), asked.language(), asked.subject);
    let about = subject.about.as_deref();
    let fact = |label: Word, value: Option<String>| Fact {
        label: asked.say(label),
        value: format.or_unknown(value, asked.say(Word::ModelNoMetadata)),
    };
    let entry = asked.looked.entry(&subject.version);
    let no_entry = asked.say(no_entry(asked, &subject.version));
    let standing = if asked.looked.is_champion(&subject.version) {
        Some(asked.say(Word::ModelChampion).to_owned())
    } else {
        entry.map(|entry| asked.say(status_word(entry.status)).to_owned())
    };
    let registered = entry.and_then(|entry| entry.registered_at.as_deref()).and_then(moment);
    let threshold = about.map(|about| {
        let rule = match (about.threshold.rule, about.threshold.confidence) {
            (ThresholdRule::MinRecall, None) => asked.say(Word::ModelRuleMinRecall).to_owned(),
            (ThresholdRule::MinRecall, Some(confidence)) => {
                language.fill(Word::ThresholdWithMargin, &[("share", &format.percent_digits(confidence, 0))])
            }
            (ThresholdRule::BestF1, _) => asked.say(Word::ModelRuleBestF1).to_owned(),
            (ThresholdRule::LowestCost, _) => asked.say(Word::ThresholdByCost).to_owned(),
        };
        format!("{}, {rule}", format.number(about.threshold.value, 4))
    });
    // Models of before had Platt scaling without a choice.
    let calibration = about.map(|about| {
        let kept = about.calibration.as_ref().map_or(CalibrationMethod::Platt, |report| report.kept);
        asked.say(slices::method(kept)).to_owned()
    });
    let counted = |word: Word, rows: usize, left: usize| {
        let (rows, left) = (format.count(rows as u64), format.count(left as u64));
        language.fill(word, &[("rows", &rows), ("left", &left)])
    };
    let split = about.map(|about| &about.split);
    let libraries = about.map(|about| about.libraries.values().cloned().collect::<Vec<_>>().join(", "));
    vec![
        Fact { label: asked.say(Word::ModelVersion), value: subject.version.as_str().into() },
        Fact { label: asked.say(Word::ModelStanding), value: format.or_unknown(standing, no_entry) },
        Fact {
            label: asked.say(Word::ModelRegistered),
            value: format.or_unknown(registered.map(|at| format.moment(at)), no_entry),
        },
        fact(Word::ModelExperiment, about.map(|about| about.experiment.clone())),
        fact(Word::ModelAlgorithm, about.map(|about| about.algorithm.clone())),
        fact(Word::ModelThreshold, threshold),
        fact(Word::CalibrationLabel, calibration),
        fact(
            Word::ModelTrained,
            split.map(|split| counted(Word::ModelRows, split.training_rows, split.training_positives)),
        ),
        fact(
            Word::ModelHoldout,
            split.map(|split| counted(Word::ModelRows, split.holdout_rows, split.holdout_positives)),
        ),
        fact(Word::ModelUnlabelled, split.map(|split| format.count(split.unlabelled_rows as u64))),
        fact(Word::ModelLibraries, libraries),
    ]
}

/// The documents of the version, as files.
pub fn documents(asked: &Asked<'_>) -> Vec<Link> {
    let subject = asked.subject;
    let documents = [
        (Word::ModelCardPage, "model_card.html", subject.has_card_page),
        (Word::ModelCardFile, "model_card.md", subject.card.is_some()),
        (Word::ModelEvaluationFile, "evaluation.json", subject.evaluation.is_some()),
        (Word::ModelVerdictFile, "verdict.json", subject.verdict.is_some()),
    ];
    let there = documents.into_iter().filter(|(_, _, is_there)| *is_there);
    there.map(|(word, name, _)| Link::new(asked.say(word), asked.file(name))).collect()
}

/// The figures on the holdout.
pub fn cards(asked: &Asked<'_>) -> Cards {
    let (format, language) = (asked.format(), asked.language());
    let found = asked.evaluation();
    let unknown = asked.say(Word::OverviewNoEvaluation);
    let card = |label: Word, help: Word, of: &dyn Fn(&Evaluation) -> String| {
        Card::new(asked.say(label), format.or_unknown(found.map(of), unknown)).help(asked.say(help))
    };
    let within = |interval: Interval| {
        let range = format.range(&format.score(interval.low), &format.score(interval.high));
        language.fill(Word::OverviewInterval, &[("range", &range)])
    };
    let summary = found.map(|found| &found.summary);
    let before = |value: f64| language.fill(Word::ModelBeforeCalibration, &[("value", &format.number(value, 4))]);
    let pr_auc =
        card(Word::OverviewPrAuc, Word::OverviewPrAucHelp, &|found| format.score(found.summary.metrics.pr_auc));
    let roc_auc =
        card(Word::OverviewRocAuc, Word::OverviewRocAucHelp, &|found| format.score(found.summary.metrics.roc_auc));
    let brier = card(Word::ModelBrier, Word::ModelBrierHelp, &|found| format.number(found.summary.metrics.brier, 4));
    let ece = card(Word::ModelEce, Word::ModelEceHelp, &|found| format.number(found.summary.metrics.ece, 4));
    let cards = vec![
        pr_auc.noted(summary.and_then(|summary| summary.pr_auc_interval).map(within)),
        roc_auc.noted(summary.and_then(|summary| summary.roc_auc_interval).map(within)),
        card(Word::ModelPrecision, Word::ModelPrecisionHelp, &|found| format.score(found.summary.metrics.precision)),
        card(Word::ModelRecall, Word::ModelRecallHelp, &|found| format.score(found.summary.metrics.recall)),
        card(Word::ModelF1, Word::ModelF1Help, &|found| format.score(found.summary.metrics.f1)),
        brier.noted(found.map(|found| before(found.brier_before_calibration))),
        ece.noted(found.map(|found| before(found.ece_before_calibration))),
        card(Word::ModelLift, Word::ModelLiftHelp, &|found| format.number(found.summary.metrics.top_decile_lift, 2)),
        card(Word::ModelCoverage, Word::ModelCoverageHelp, &|found| format.percent(found.interval_coverage)),
    ];
    Cards { language, cards }
}

/// What another threshold would do.
pub fn explorer(asked: &Asked<'_>) -> Option<Explorer> {
    let (format, language, found) = (asked.format(), asked.language(), asked.evaluation()?);
    let own = found.summary.metrics.threshold;
    let threshold = asked.state.threshold.unwrap_or(own);
    let seen = WhatIf::of(found, threshold);
    let card = |label: Word, value: Option<String>, why: Word, help: Word| {
        Card::new(asked.say(label), format.or_unknown(value, asked.say(why))).help(asked.say(help))
    };
    let count = |value: f64| format.number(value, 0);
    let why = |table: &str, usual: Word| {
        let key =
            asked.looked.snapshot.and_then(|snapshot| snapshot.output(table).ok()).map(|output| output.key.as_str());
        gone::or_torn(&asked.looked.torn, key.unwrap_or_default(), usual)
    };
    let cost = asked.offers.mean_cost.and_then(|offer| seen.cost(offer));
    let offer = asked.offers.mean_cost.map(|offer| format.eur_cents(offer));
    let at_each = offer.map(|offer| language.fill(Word::ModelCostNote, &[("offer", &offer)]));
    let found_and_missed = [("found", count(seen.found)), ("missed", count(seen.missed))];
    let found_and_missed = found_and_missed.each_ref().map(|(name, value)| (*name, value.as_str()));
    let precision = seen.precision.map(|precision| format.percent(precision));
    let flagged = seen.flagged.map(count);
    let now = asked.offers.flagged_now.map(|flagged| format.count(flagged));
    let cards = vec![
        card(Word::ModelPrecision, precision, Word::ModelNobodyFlagged, Word::ModelPrecisionHelp),
        card(Word::ModelRecall, Some(format.percent(seen.recall)), Word::ModelNobodyFlagged, Word::ModelRecallHelp)
            .note(language.fill(Word::ModelFoundAndMissed, &found_and_missed)),
        card(Word::ModelFlagged, flagged, Word::ModelFlaggedUnknown, Word::ModelFlaggedHelp),
        card(
            Word::ModelCost,
            cost.map(|cost| format.eur(cost)),
            why("recommendations", Word::ModelNoOffers),
            Word::ModelCostHelp,
        )
        .noted(at_each),
        card(Word::ModelFlaggedNow, now, why("scores", Word::ModelOtherModel), Word::ModelFlaggedNowHelp),
    ];
    Some(Explorer {
        label: asked.say(Word::ModelTry),
        button: asked.say(Word::ModelTryButton),
        value: format!("{}", (threshold * 1e4).round() / 1e4),
        hidden: asked.visit.query.hidden(&[THRESHOLD]),
        cards: Cards { language, cards },
    })
}

/// Whether a version can be shown here.
fn is_known(asked: &Asked<'_>, version: &str) -> bool {
    asked.looked.versions.iter().any(|known| known.as_str() == version)
}
