//! The pictures: beside the champion, curves, reliability, confusion, importance.

use churn::model::{ChampionComparison, CheckName, Evaluation, ReliabilityBin};

use super::{Asked, lead_time, short, slices};
use crate::chart::{
    Bar, Bars, Curve, CurvePoint, Guide, Heat, HeatCell, IntervalDot, IntervalDots, Limit, Spot, Tone, Unit, bars,
    curve, heat, interval_dot,
};
use crate::frame::{Cell, Column, Figure, FigureWidth, Link, Row, TablePart};
use crate::pages::downloads;
use crate::words::Word;

/// So many features are shown.
const FEATURES: usize = 20;

/// Every picture of the page.
pub fn pictures(asked: &Asked<'_>) -> Vec<Figure> {
    let against = against(asked).map(|(figure, _)| figure);
    let early = lead_time::by_lead_time(asked);
    let of_this = figures(asked).into_iter().chain(slices::by_slice(asked));
    against.into_iter().chain(of_this).chain(importance(asked)).chain(early).collect()
}

fn file(asked: &Asked<'_>, id: &str) -> Vec<Link> {
    downloads::picture(asked.language(), &asked.visit.query, id)
}

/// The differences that decide: from the champion then, and from the best champion before where that is another one.
fn beside(asked: &Asked<'_>, found: &Evaluation) -> Vec<IntervalDot> {
    let summary = &found.summary;
    let dot = |word: Word, champion: &ChampionComparison| IntervalDot {
        label: asked.say(word).to_owned(),
        value: champion.pr_auc_difference,
        // The bound is one-sided: nothing is said above the difference.
        interval: champion.pr_auc_difference_low.map(|low| (low, champion.pr_auc_difference)),
        tone: Tone::Current,
    };
    let last = summary.champion.as_ref();
    let best = summary.gate.as_ref().and_then(|figures| figures.best.compared.as_ref());
    let another = best.filter(|best| last.is_none_or(|last| last.version != best.version));
    let dots = last.map(|last| dot(Word::GateDotLast, last)).into_iter();
    dots.chain(another.map(|best| dot(Word::GateDotBest, best))).collect()
}

/// The version beside the champion that it was held against: the difference with its bound, and the figures.
pub fn against(asked: &Asked<'_>) -> Option<(Figure, TablePart)> {
    let (format, language, found) = (asked.format(), asked.language(), asked.evaluation()?);
    let (ours, theirs) = (&found.summary.metrics, found.summary.champion.as_ref()?);
    let title = asked.say(Word::ModelAgainst);
    let mut checks = asked.subject.verdict.iter().flat_map(|verdict| &verdict.checks);
    let check = checks.find(|check| check.name == CheckName::NotWorseThanChampion);
    let limit = check.map(|check| Limit { at: check.limit, name: asked.say(Word::ModelAllowedLoss).to_owned() });
    let difference = theirs.pr_auc_difference;
    let shown = format.signed(difference, 3);
    let data = IntervalDots {
        title: title.to_owned(),
        description: language.fill(Word::ModelAgainstDescription, &[("difference", &shown)]),
        label_head: asked.say(Word::ModelFigure).to_owned(),
        value_head: asked.say(Word::ModelDifference).to_owned(),
        unit: Unit::Number(3),
        dots: beside(asked, found),
        limit,
    };
    let figure = Figure::new(language, "against", title, FigureWidth::Half, |px| interval_dot(&data, format, px));
    let sub = if theirs.same_split { Word::ModelAgainstSub } else { Word::ModelAgainstOtherSplit };
    let figure = figure.subtitle(asked.say(sub)).downloads(file(asked, "against"));
    let row = |label: Word, ours: f64, theirs: f64, digits: usize| {
        Row::from(vec![
            Cell::short(asked.say(label)),
            Cell::number(format.number(ours, digits)),
            Cell::number(format.number(theirs, digits)),
            Cell::number(format.signed(ours - theirs, digits)),
        ])
    };
    let columns = vec![
        Column::text(asked.say(Word::ModelFigure)),
        Column::number(short(&asked.subject.version)),
        Column::number(short(&theirs.version)),
        Column::number(asked.say(Word::ModelDifference)),
    ];
    let table = TablePart::new(language, "beside", asked.say(Word::ModelBeside), columns).rows([
        row(Word::OverviewPrAuc, ours.pr_auc, theirs.pr_auc, 3),
        row(Word::OverviewRocAuc, ours.roc_auc, theirs.roc_auc, 3),
        row(Word::ModelBrier, ours.brier, theirs.brier, 4),
    ]);
    Some((figure, table.downloads(downloads::links_of(language, &asked.visit.query, "beside"))))
}

/// Curves, reliability, confusion.
pub fn figures(asked: &Asked<'_>) -> Vec<Figure> {
    let Some(found) = asked.evaluation() else { return Vec::new() };
    let (format, language) = (asked.format(), asked.language());
    let third = FigureWidth::Third;
    let curves = [
        ("precision-recall", Word::ModelPrCurve, Word::ModelCurveSub, precision_recall(asked, found)),
        ("roc", Word::ModelRocCurve, Word::ModelCurveSub, roc(asked, found)),
        ("reliability", Word::ModelReliability, Word::ModelReliabilitySub, reliability(asked, found)),
    ];
    let mut figures: Vec<Figure> = curves
        .into_iter()
        .map(|(id, title, sub, data)| {
            Figure::new(language, id, asked.say(title), third, |px| curve(&data, format, px))
                .subtitle(asked.say(sub))
                .downloads(file(asked, id))
        })
        .collect();
    let confusion = confusion(asked, found);
    figures.push(
        Figure::new(language, "confusion", asked.say(Word::ModelConfusion), FigureWidth::Half, |px| {
            heat(&confusion, px)
        })
        .subtitle(asked.say(Word::ModelConfusionSub))
        .downloads(file(asked, "confusion")),
    );
    figures
}

/// A curve of this version, over that of the champion that it was held against.
fn with_champion(
    asked: &Asked<'_>,
    found: &Evaluation,
    of: impl Fn(&Evaluation) -> Vec<CurvePoint>,
) -> Vec<(String, Tone, Vec<CurvePoint>)> {
    let theirs = asked.subject.compared.as_ref();
    let theirs = theirs.map(|(version, found)| (short(version).to_owned(), Tone::Reference, of(found)));
    let ours = (short(&asked.subject.version).to_owned(), Tone::Current, of(found));
    theirs.into_iter().chain([ours]).collect()
}

fn spot(asked: &Asked<'_>, found: &Evaluation, x: f64, y: f64) -> Spot {
    let threshold = asked.format().number(found.summary.metrics.threshold, 2);
    Spot { x, y, name: asked.language().fill(Word::ModelSpot, &[("threshold", &threshold)]) }
}

fn place(x: f64, y: f64) -> CurvePoint {
    CurvePoint { x, y, rows: 0 }
}

fn precision_recall(asked: &Asked<'_>, found: &Evaluation) -> Curve {
    let (format, metrics) = (asked.format(), &found.summary.metrics);
    let base_rate = found.summary.holdout_positives as f64 / found.summary.holdout_rows.max(1) as f64;
    let points = |found: &Evaluation| -> Vec<CurvePoint> {
        found.curves.precision_recall.iter().map(|at| place(at.recall, at.precision)).collect()
    };
    let area = format.score(metrics.pr_auc);
    Curve {
        title: asked.say(Word::ModelPrCurve).to_owned(),
        description: asked.language().fill(Word::ModelCurveDescription, &[("area", &area)]),
        x_head: asked.say(Word::ModelRecall).to_owned(),
        y_head: asked.say(Word::ModelPrecision).to_owned(),
        series: with_champion(asked, found, points),
        guide: Some(Guide::Level(asked.say(Word::ModelBaseRate).to_owned(), base_rate)),
        spot: Some(spot(asked, found, metrics.recall, metrics.precision)),
    }
}

fn roc(asked: &Asked<'_>, found: &Evaluation) -> Curve {
    let (format, metrics) = (asked.format(), &found.summary.metrics);
    let counts = metrics.confusion;
    let stayers = (counts.false_positives + counts.true_negatives).max(1) as f64;
    let points = |found: &Evaluation| -> Vec<CurvePoint> {
        found.curves.roc.iter().map(|at| place(at.false_positive_rate, at.true_positive_rate)).collect()
    };
    let area = format.score(metrics.roc_auc);
    Curve {
        title: asked.say(Word::ModelRocCurve).to_owned(),
        description: asked.language().fill(Word::ModelCurveDescription, &[("area", &area)]),
        x_head: asked.say(Word::ModelFalseAlarms).to_owned(),
        y_head: asked.say(Word::ModelRecall).to_owned(),
        series: with_champion(asked, found, points),
        guide: Some(Guide::Diagonal),
        spot: Some(spot(asked, found, counts.false_positives as f64 / stayers, metrics.recall)),
    }
}

fn reliability(asked: &Asked<'_>, found: &Evaluation) -> Curve {
    let points = |bins: &[ReliabilityBin]| -> Vec<CurvePoint> {
        bins.iter().map(|bin| CurvePoint { x: bin.predicted, y: bin.observed, rows: bin.rows }).collect()
    };
    let ece = asked.format().number(found.summary.metrics.ece, 4);
    let series = |word: Word, tone: Tone, bins: &[ReliabilityBin]| (asked.say(word).to_owned(), tone, points(bins));
    Curve {
        title: asked.say(Word::ModelReliability).to_owned(),
        description: asked.language().fill(Word::ModelReliabilityDescription, &[("ece", &ece)]),
        x_head: asked.say(Word::ModelPredicted).to_owned(),
        y_head: asked.say(Word::ModelObserved).to_owned(),
        series: vec![
            series(Word::ModelRaw, Tone::Reference, &found.curves.reliability_raw),
            series(Word::ModelCalibrated, Tone::Current, &found.curves.reliability),
        ],
        guide: Some(Guide::Diagonal),
        spot: None,
    }
}

fn confusion(asked: &Asked<'_>, found: &Evaluation) -> Heat {
    let (format, counts) = (asked.format(), found.summary.metrics.confusion);
    let row = |name: Word, cells: [(u64, Word); 2]| {
        let whole = (cells[0].0 + cells[1].0).max(1) as f64;
        let cell = |(count, note): (u64, Word)| {
            let share = count as f64 / whole;
            let value = format!("{} · {}", format.count(count), format.percent(share));
            HeatCell { count, value, note: asked.say(note).to_owned(), shade: share }
        };
        (asked.say(name).to_owned(), Vec::from(cells.map(cell)))
    };
    let needless = format.count(counts.false_positives);
    let missed = format.count(counts.false_negatives);
    let values = [("needless", needless.as_str()), ("missed", missed.as_str())];
    Heat {
        title: asked.say(Word::ModelConfusion).to_owned(),
        description: asked.language().fill(Word::ModelConfusionDescription, &values),
        row_head: asked.say(Word::ModelOutcome).to_owned(),
        columns: vec![asked.say(Word::ModelFlagged).to_owned(), asked.say(Word::ModelNotFlagged).to_owned()],
        rows: vec![
            row(
                Word::ModelLeft,
                [(counts.true_positives, Word::ModelCaught), (counts.false_negatives, Word::ModelMissed)],
            ),
            row(
                Word::ModelStayed,
                [(counts.false_positives, Word::ModelNeedless), (counts.true_negatives, Word::ModelAtPeace)],
            ),
        ],
    }
}

/// The features that move the model most.
pub fn importance(asked: &Asked<'_>) -> Option<Figure> {
    let (format, language, found) = (asked.format(), asked.language(), asked.evaluation()?);
    let shown = found.importance.iter().take(FEATURES);
    let bar = |feature: &churn::model::Importance| {
        let bar = Bar::new(feature.feature.as_str(), feature.mean_abs_shap, Tone::Current);
        bar.note(format.percent(feature.gain), feature.gain)
    };
    let title = asked.say(Word::ModelImportance);
    let first = found.importance.first().map(|feature| feature.feature.as_str()).unwrap_or_default();
    let data = Bars {
        title: title.to_owned(),
        description: language.fill(Word::ModelImportanceDescription, &[("feature", first)]),
        label_head: asked.say(Word::ModelFeature).to_owned(),
        value_head: asked.say(Word::ModelShap).to_owned(),
        note_head: Some(asked.say(Word::ModelGain).to_owned()),
        unit: Unit::Score,
        bars: shown.map(bar).collect(),
    };
    let figure = Figure::new(language, "importance", title, FigureWidth::Half, |px| bars(&data, format, px));
    // Its numbers are those of all features.
    Some(figure.subtitle(asked.say(Word::ModelImportanceSub)).downloads(file(asked, "importance")))
}
