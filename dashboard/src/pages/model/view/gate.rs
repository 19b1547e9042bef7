//! Why the version was let in, or not: each check with what it asks for, in the reader's language, and the figures behind it.

use churn::model::{BestChampion, Check, CheckName, FeatureAlone, FloorRule, GateFigures, GateSettings, SliceLoss};

use super::{Asked, short};
use crate::frame::{Cell, Column, Mark, Row, RunState, TablePart};
use crate::pages::{checks as told, downloads, kinds};
use crate::words::Word;

/// The verdict check by check.
pub fn checks(asked: &Asked<'_>) -> TablePart {
    let (format, language) = (asked.format(), asked.language());
    let verdict = asked.subject.verdict.as_ref();
    let limits = limits(asked);
    let row = |check: &Check| {
        let (state, word) =
            if check.passed { (RunState::Done, Word::ModelPassed) } else { (RunState::Failed, Word::ModelFailed) };
        let value = check.value.map(|value| format.score(value));
        let rule = rule(asked, check, limits);
        Row::from(vec![
            Cell::text(told::name(language, &check.name)),
            Cell::mark(Mark::state(state, language).called(asked.say(word))),
            Cell::number(format.or_unknown(value, asked.say(Word::ModelNothingMeasured))),
            Cell::number(format.score(check.limit)),
            Cell::text(format.or_unknown(rule, asked.say(Word::GateRuleUnknown))),
            Cell::said_quietly(told::note(format, check)),
        ])
    };
    let columns = vec![
        Column::text(asked.say(Word::ModelCheck)),
        Column::text(asked.say(Word::OverviewOutcome)),
        Column::number(asked.say(Word::ModelValue)),
        Column::number(asked.say(Word::ModelLimit)),
        Column::text(asked.say(Word::GateRule)),
        Column::text(asked.say(Word::ModelNote)),
    ];
    let outcome =
        verdict.map(|verdict| asked.say(if verdict.passed { Word::ModelAllPassed } else { Word::ModelNotLetIn }));
    let bar = figures(asked).map(|figures| bar(asked, &figures.best));
    let note: Vec<String> = outcome.map(str::to_owned).into_iter().chain(bar).collect();
    TablePart::new(language, "checks", asked.say(Word::ModelChecks), columns)
        .note(note.join(". "))
        .rows(verdict.into_iter().flat_map(|verdict| &verdict.checks).map(row))
        .empty(asked.say(Word::ModelNoVerdict))
        .downloads(downloads::links_of(language, &asked.visit.query, "checks"))
}

/// What the evaluation has of the gate; nothing of evaluations of before.
fn figures<'a>(asked: &'a Asked<'_>) -> Option<&'a GateFigures> {
    asked.evaluation()?.summary.gate.as_ref()
}

/// The limits that the version was judged by; nothing of verdicts of before.
fn limits<'a>(asked: &'a Asked<'_>) -> Option<&'a GateSettings> {
    asked.subject.verdict.as_ref()?.limits.as_ref()
}

/// What a check asks for, with the numbers that it was judged by. A verdict of before has only the limits of its checks.
fn rule(asked: &Asked<'_>, check: &Check, limits: Option<&GateSettings>) -> Option<String> {
    let (format, language) = (asked.format(), asked.language());
    let limit = format.score(check.limit);
    let with_limit = |word: Word| Some(language.fill(word, &[("limit", &limit)]));
    match &check.name {
        CheckName::PrAucFloor => match limits.filter(|limits| limits.floor_rule == FloorRule::LiftOverBaseRate) {
            Some(limits) => {
                let rate = format.percent(limits.floor_base_rate);
                Some(language.fill(Word::GateRuleFloorLift, &[("rate", &rate), ("limit", &limit)]))
            }
            None => with_limit(Word::GateRuleFloor),
        },
        CheckName::NotWorseThanChampion => with_limit(Word::GateRuleChampion),
        CheckName::NotWorseThanBest => with_limit(Word::GateRuleBest),
        CheckName::Calibration => {
            let limits = &limits?.calibration;
            let [low, high] = [limits.min_slope, limits.max_slope].map(|slope| format.number(slope, 2));
            let loss = format.number(limits.max_brier_loss, 3);
            let values = [("low", low.as_str()), ("high", high.as_str()), ("loss", loss.as_str())];
            Some(language.fill(Word::GateRuleCalibration, &values))
        }
        CheckName::Slices => {
            let limits = &limits?.slices;
            let (left, limit) = (format.count(limits.min_positives), format.score(limits.max_pr_auc_loss));
            Some(language.fill(Word::GateRuleSlices, &[("left", &left), ("limit", &limit)]))
        }
        CheckName::Leakage => {
            let limits = &limits?.leakage;
            let area = format.number(limits.max_roc_auc, 2);
            let [share, rate] = [limits.min_support, limits.max_churn_rate].map(|share| format.percent(share));
            let values = [("area", area.as_str()), ("share", share.as_str()), ("rate", rate.as_str())];
            Some(language.fill(Word::GateRuleLeakage, &values))
        }
        CheckName::NotOlderThanChampion => Some(asked.say(Word::GateRuleOlder).to_owned()),
        CheckName::NotWithdrawn => Some(asked.say(Word::GateRuleWithdrawn).to_owned()),
        CheckName::ManualApproval => Some(asked.say(Word::GateRuleApproval).to_owned()),
        CheckName::Other(_) => None,
    }
}

/// Who sets the bar, and how many could not be held against it.
fn bar(asked: &Asked<'_>, best: &BestChampion) -> String {
    let (format, language) = (asked.format(), asked.language());
    let bar = match &best.compared {
        Some(champion) => {
            let (value, count) = (format.score(champion.pr_auc), format.count(best.candidates));
            let values = [("version", short(&champion.version)), ("value", value.as_str()), ("count", count.as_str())];
            language.fill(Word::GateBar, &values)
        }
        None => asked.say(Word::GateNoBar).to_owned(),
    };
    if best.left_out.is_empty() {
        return bar;
    }
    let count = format.count(best.left_out.len() as u64);
    format!("{bar} {}", language.fill(Word::GateLeftOut, &[("count", &count)]))
}

/// Every slice beside both champions; nothing where there was none.
pub fn slice_losses(asked: &Asked<'_>) -> Option<TablePart> {
    let slices = &figures(asked)?.slices;
    if slices.iter().all(|slice| slice.champion.is_none() && slice.best.is_none()) {
        return None;
    }
    let columns = vec![
        Column::text(asked.say(Word::SlicesBy)),
        Column::text(asked.say(Word::SlicesWho)),
        Column::number(asked.say(Word::ModelLeft)),
        Column::number(asked.say(Word::GateThen)),
        Column::number(asked.say(Word::GateBest)),
        Column::number(asked.say(Word::GateThis)),
        Column::number(asked.say(Word::ModelDifference)),
    ];
    let table = TablePart::new(asked.language(), "gate-slices", asked.say(Word::GateSlices), columns)
        .note(asked.say(Word::GateSlicesNote))
        .rows(slices.iter().map(|slice| slice_row(asked, slice)))
        .downloads(downloads::links_of(asked.language(), &asked.visit.query, "gate-slices"));
    Some(table)
}

fn slice_row(asked: &Asked<'_>, slice: &SliceLoss) -> Row {
    let (format, language) = (asked.format(), asked.language());
    let area = |area: Option<f64>, why: Word| {
        Cell::number(format.or_unknown(area.map(|area| format.score(area)), asked.say(why)))
    };
    let least = limits(asked).map_or(0, |limits| limits.slices.min_positives);
    let too_few = || {
        let (left, least) = (format.count(slice.positives), format.count(least));
        language.fill(Word::GateNotJudged, &[("left", &left), ("least", &least)])
    };
    let difference = if slice.positives < least {
        format.unknown(&too_few())
    } else {
        let difference = slice.difference().map(|difference| format.signed(difference, 3));
        format.or_unknown(difference, asked.say(Word::SlicesNoChampion))
    };
    Row::from(vec![
        Cell::short(asked.say(kinds::by(slice.by))),
        Cell::short(kinds::which(language, slice.by, &slice.value)),
        Cell::number(format.count(slice.positives)),
        area(slice.champion, Word::SlicesNoChampion),
        area(slice.best, Word::SlicesNoChampion),
        area(slice.pr_auc, Word::SlicesNotEvaluated),
        Cell::number(difference),
    ])
}

/// The columns that stand out without any model; nothing where none does.
pub fn single_columns(asked: &Asked<'_>) -> Option<TablePart> {
    let (format, language) = (asked.format(), asked.language());
    let found = &figures(asked)?.leakage;
    if found.suspects.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(asked.say(Word::ModelFeature)),
        Column::text(asked.say(Word::GateValues)),
        Column::number(asked.say(Word::GateShare)),
        Column::number(asked.say(Word::RiskCustomers)),
        Column::number(asked.say(Word::GateArea)),
        Column::text(asked.say(Word::GateReviewed)),
    ];
    let (features, support) = (format.count(found.features), format.count(found.support));
    let note = language.fill(Word::GateColumnsNote, &[("features", &features), ("support", &support)]);
    let table = TablePart::new(language, "gate-columns", asked.say(Word::GateColumns), columns)
        .note(note)
        .rows(found.suspects.iter().map(|alone| column_row(asked, alone)))
        .downloads(downloads::links_of(language, &asked.visit.query, "gate-columns"));
    Some(table)
}

fn column_row(asked: &Asked<'_>, alone: &FeatureAlone) -> Row {
    let format = asked.format();
    let no_value = asked.say(Word::GateNoValue);
    let purest = alone.purest.as_ref();
    let reason = limits(asked).and_then(|limits| limits.leakage.reason_for(&alone.feature)).map(str::to_owned);
    let area = alone.roc_auc.map(|area| format.score(area));
    Row::from(vec![
        Cell::short(alone.feature.as_str()),
        Cell::text(format.or_unknown(purest.map(|group| group.values.clone()), no_value)),
        Cell::number(format.or_unknown(purest.map(|group| format.percent(group.churn_rate())), no_value)),
        Cell::number(format.or_unknown(purest.map(|group| format.count(group.rows)), no_value)),
        Cell::number(format.or_unknown(area, asked.say(Word::ModelOneClass))),
        Cell::quiet(format.or_unknown(reason, asked.say(Word::GateNotReviewed))),
    ])
}
