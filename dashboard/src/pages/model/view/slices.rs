//! For whom the model works: every slice with its figures, or why there are none; and how its calibration was chosen.

use churn::model::{CalibrationFigures, CalibrationMethod, Interval, LEAST_POSITIVES, Weighting};
use churn::model::{Slice, SliceFigures, SliceOutcome, SliceRows};

use super::Asked;
use crate::chart::{IntervalDot, IntervalDots, Limit, Tone, Unit, interval_dot};
use crate::format::{Format, Shown};
use crate::frame::{Cell, Column, Figure, FigureWidth, Row, TablePart};
use crate::pages::{downloads, kinds};
use crate::words::Word;

/// The slices as a picture and as a table; nothing of evaluations of before.
pub fn slices(asked: &Asked<'_>) -> Option<(Figure, TablePart)> {
    Some((by_slice(asked)?, table(asked)?))
}

/// PR-AUC of every slice that was evaluated, with its interval, against that of all.
pub fn by_slice(asked: &Asked<'_>) -> Option<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let summary = &asked.evaluation()?.summary;
    let dot = |slice: &Slice| {
        let figures = slice.figures()?;
        Some(IntervalDot {
            label: format!("{}: {}", asked.say(kinds::by(slice.by)), kinds::which(language, slice.by, &slice.value)),
            value: figures.pr_auc,
            interval: figures.pr_auc_interval.map(|interval| (interval.low, interval.high)),
            tone: Tone::Current,
        })
    };
    let dots: Vec<IntervalDot> = summary.slices.iter().filter_map(dot).collect();
    let worst = dots.iter().min_by(|a, b| a.value.total_cmp(&b.value))?;
    let shown = [("slice", worst.label.clone()), ("value", format.score(worst.value))];
    let shown = shown.each_ref().map(|(name, value)| (*name, value.as_str()));
    let title = asked.say(Word::SlicesTitle);
    let data = IntervalDots {
        title: title.to_owned(),
        description: language.fill(Word::SlicesDescription, &shown),
        label_head: asked.say(Word::SlicesWho).to_owned(),
        value_head: asked.say(Word::OverviewPrAuc).to_owned(),
        unit: Unit::Score,
        limit: Some(Limit { at: summary.metrics.pr_auc, name: asked.say(Word::SlicesAll).to_owned() }),
        dots,
    };
    let figure = Figure::new(language, "for-whom", title, FigureWidth::Full, |px| interval_dot(&data, format, px));
    Some(figure.subtitle(asked.say(Word::SlicesSub)).downloads(downloads::picture(
        language,
        &asked.visit.query,
        "for-whom",
    )))
}

fn table(asked: &Asked<'_>) -> Option<TablePart> {
    let language = asked.language();
    let slices = &asked.evaluation()?.summary.slices;
    if slices.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(asked.say(Word::SlicesBy)),
        Column::text(asked.say(Word::SlicesWho)),
        Column::text(asked.say(Word::SlicesRows)),
        Column::number(asked.say(Word::RiskCustomers)),
        Column::number(asked.say(Word::ModelLeft)),
        Column::number(asked.say(Word::OverviewPrAuc)),
        Column::number(asked.say(Word::SlicesLift)).hint(asked.say(Word::SlicesLiftHint)),
        Column::number(asked.say(Word::ModelRecall)),
        Column::number(asked.say(Word::ModelPrecision)),
        Column::number(asked.say(Word::ModelOverrated)).hint(asked.say(Word::ModelOverratedHint)),
        Column::number(asked.say(Word::SlicesDifference)).hint(asked.say(Word::SlicesDifferenceHint)),
    ];
    let table = TablePart::new(language, "slices", asked.say(Word::SlicesTable), columns)
        .note(asked.say(Word::SlicesNote))
        .rows(slices.iter().map(|slice| row(asked, slice)))
        .downloads(downloads::links_of(language, &asked.visit.query, "slices"));
    Some(table)
}

fn row(asked: &Asked<'_>, slice: &Slice) -> Row {
    let (format, language) = (asked.format(), asked.language());
    let word = match (&slice.outcome, slice.measured_on) {
        (SliceOutcome::NotEvaluated(_), _) => Word::SlicesNotEvaluated,
        (SliceOutcome::Evaluated(_), SliceRows::Holdout) => Word::SlicesHoldout,
        (SliceOutcome::Evaluated(_), SliceRows::Pooled) => Word::SlicesPooled,
    };
    let why = why_not(asked, slice);
    let measured = Shown::new(asked.say(word));
    let measured = if why.is_empty() { measured } else { measured.because(why.as_str()) };
    let figure = |of: &dyn Fn(&SliceFigures) -> String| Cell::number(format.or_unknown(slice.figures().map(of), &why));
    let against = slice.figures().and_then(|figures| figures.champion).map(|champion| {
        let low = champion.pr_auc_difference_low.map(|low| format.signed(low, 3));
        let difference = format.signed(champion.pr_auc_difference, 3);
        low.map_or_else(|| difference.clone(), |low| format!("{difference} (≥ {low})"))
    });
    let no_champion = if slice.figures().is_some() { asked.say(Word::SlicesNoChampion) } else { why.as_str() };
    Row::from(vec![
        Cell::short(asked.say(kinds::by(slice.by))),
        Cell::short(kinds::which(language, slice.by, &slice.value)),
        Cell::short(measured),
        Cell::number(format.count(slice.rows)),
        Cell::number(format!("{} ({})", format.count(slice.positives), format.percent(slice.base_rate()))),
        figure(&|figures| with_interval(format, 3, figures.pr_auc, figures.pr_auc_interval)),
        figure(&|figures| with_interval(format, 1, figures.lift, figures.lift_interval)),
        figure(&|figures| format.score(figures.recall)),
        figure(&|figures| format.score(figures.precision)),
        figure(&|figures| format.points(figures.overrated_by)),
        Cell::number(format.or_unknown(against, no_champion)),
    ])
}

/// Why a slice has no figures; nothing where it has.
fn why_not(asked: &Asked<'_>, slice: &Slice) -> String {
    if slice.figures().is_some() {
        return String::new();
    }
    too_few(asked, slice.positives)
}

/// Why so many churners give no figure.
pub fn too_few(asked: &Asked<'_>, positives: u64) -> String {
    if positives >= LEAST_POSITIVES {
        return asked.say(Word::ModelOneClass).to_owned();
    }
    let format = asked.format();
    let (left, least) = (format.count(positives), format.count(LEAST_POSITIVES));
    asked.language().fill(Word::SlicesTooFew, &[("left", &left), ("least", &least)])
}

fn with_interval(format: Format, digits: usize, value: f64, interval: Option<Interval>) -> String {
    let shown = format.number(value, digits);
    interval.map_or_else(
        || shown.clone(),
        |Interval { low, high }| {
            let range = format.range(&format.number(low, digits), &format.number(high, digits));
            format!("{shown} ({range})")
        },
    )
}

/// The calibrations that were compared; nothing of models of before.
pub fn calibrations(asked: &Asked<'_>) -> Option<TablePart> {
    let (format, language) = (asked.format(), asked.language());
    let report = asked.subject.about.as_deref()?.calibration.as_ref()?;
    let row = |figures: &CalibrationFigures| {
        let kept = if report.keeps(figures) { asked.say(Word::CalibrationKept) } else { "" };
        Row::from(vec![
            Cell::short(asked.say(method(figures.method))),
            Cell::short(asked.say(weighting(figures.weighting()))),
            Cell::number(format.number(figures.brier, 5)),
            Cell::number(format.number(figures.ece, 5)),
            Cell::short(kept),
        ])
    };
    let columns = vec![
        Column::text(asked.say(Word::CalibrationMethod)),
        Column::text(asked.say(Word::CalibrationWeights)),
        Column::number(asked.say(Word::ModelBrier)),
        Column::number(asked.say(Word::ModelEce)),
        Column::text(asked.say(Word::CalibrationKept)),
    ];
    let table = TablePart::new(language, "calibrations", asked.say(Word::CalibrationTitle), columns)
        .note(asked.say(Word::CalibrationNote))
        .rows(report.compared.iter().map(row))
        .downloads(downloads::links_of(language, &asked.visit.query, "calibrations"));
    Some(table)
}

fn weighting(weighting: Weighting) -> Word {
    match weighting {
        Weighting::Balanced => Word::CalibrationBalanced,
        Weighting::Even => Word::CalibrationEven,
    }
}

/// The name of a calibration.
pub fn method(method: CalibrationMethod) -> Word {
    match method {
        CalibrationMethod::Platt => Word::CalibrationPlatt,
        CalibrationMethod::Isotonic => Word::CalibrationIsotonic,
        CalibrationMethod::Beta => Word::CalibrationBeta,
        CalibrationMethod::Unchanged => Word::CalibrationNone,
    }
}
