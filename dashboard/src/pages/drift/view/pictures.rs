//! The pictures: both sides of a column over each other, tiers then and now, the runs before, what moved farthest.

use std::sync::Arc;

use churn::drift::DriftLevel;
use churn::model::RiskTier;

use super::super::kept::{self as promised, Promise};
use super::super::lines::{Line, Status};
use super::super::seen::Closer;
use super::super::shares::{Category, Share};
use super::super::sides::{Distance, Sides};
use super::{Asked, mark, tested};
use crate::chart::{
    self, Bar, Bars, Gap, Histogram, IntervalDot, IntervalDots, Limit, LinePoint, Step, StepSeries, Strip, StripMark,
    Tone, Unit, bars, histogram, interval_dot, line, step, strip,
};
use crate::data::DriftOfRun;
use crate::frame::{Figure, FigureWidth, Link, Mark};
use crate::pages::downloads;
use crate::server::Visit;
use crate::words::Word;

/// The pictures of the column that the reader chose.
const OF_COLUMN: [&str; 3] = ["spread", "distribution", "trend"];
/// So many columns have a bar.
const BARS: usize = 12;
/// So many dates are in the picture of promises.
const PROMISES: usize = 8;
/// The first characters of a version tell it from the others.
const SHORT: usize = 8;

/// Every picture of the page, and those of the prediction wherever it stands.
pub fn pictures(asked: &Asked<'_>) -> Vec<Figure> {
    let figures = [chosen(asked), prediction(asked)].into_iter().flatten();
    let promises = kept(asked, &promised::promises(&asked.seen.runs));
    let others = [mix(asked), levels(asked), trend(asked), by_column(asked), promises].into_iter().flatten();
    figures.chain(others).collect()
}

/// Whether a file, by its name, is a picture of the column that the reader chose, or has its numbers.
pub fn is_of_column(file: &str) -> bool {
    file.split_once('.').is_some_and(|(id, _)| OF_COLUMN.contains(&id))
}

fn file(asked: &Asked<'_>, id: &str) -> Vec<Link> {
    downloads::picture(asked.language(), &asked.visit.query, id)
}

/// Both sides of the column that the reader chose.
pub fn chosen(asked: &Asked<'_>) -> Vec<Figure> {
    asked.seen.chosen.as_ref().map(|closer| both_sides(asked, closer, ["spread", "distribution"])).unwrap_or_default()
}

/// Both sides of what the model says.
pub fn prediction(asked: &Asked<'_>) -> Vec<Figure> {
    let ids = ["prediction-spread", "prediction-distribution"];
    asked.seen.prediction.as_ref().map(|closer| both_sides(asked, closer, ids)).unwrap_or_default()
}

/// Histogram and distribution, or of texts the categories; nothing where no side has values.
fn both_sides(asked: &Asked<'_>, closer: &Closer, [spread_id, distribution_id]: [&'static str; 2]) -> Vec<Figure> {
    if let Some(shares) = &closer.shares {
        return categories(asked, closer, shares, spread_id).into_iter().collect();
    }
    let Some(sides) = closer.sides.as_deref().filter(|sides| !sides.edges.is_empty()) else { return Vec::new() };
    let (format, language) = (asked.format(), asked.language());
    let (spread, distribution) = (spread(asked, &closer.line, sides), distribution(asked, &closer.line, sides));
    let beyond = if sides.beyond { Word::DriftSpreadBeyond } else { Word::DriftSpreadSub };
    let not_compared = || asked.say(Word::DriftNotCompared).to_owned();
    vec![
        Figure::new(language, spread_id, spread.title.clone(), FigureWidth::Half, |px| histogram(&spread, format, px))
            .subtitle(asked.say(beyond))
            .downloads(file(asked, spread_id)),
        Figure::new(language, distribution_id, distribution.title.clone(), FigureWidth::Half, |px| {
            step(&distribution, format, px)
        })
        .subtitle(tested(asked, &closer.line).unwrap_or_else(not_compared))
        .downloads(file(asked, distribution_id)),
    ]
}

/// The categories, now and in the training; nothing where there is none.
fn categories(asked: &Asked<'_>, closer: &Closer, shares: &[Share], id: &'static str) -> Option<Figure> {
    if shares.is_empty() {
        return None;
    }
    let (format, language) = (asked.format(), asked.language());
    let pair = |share: &Share| {
        let name = match &share.what {
            Category::Named(name) => name.clone(),
            Category::Nothing => asked.say(Word::DriftNulls).to_owned(),
            Category::Others => asked.say(Word::DriftOthers).to_owned(),
        };
        let named = |word: Word| language.fill(word, &[("tier", &name)]);
        [
            Bar::new(named(Word::DriftTierNow), share.now, Tone::Current)
                .note(format.points_between(share.then, share.now), share.now - share.then),
            Bar::new(named(Word::DriftTierThen), share.then, Tone::Reference),
        ]
    };
    let title = language.fill(Word::DriftSpread, &[("column", closer.line.name())]);
    let data = Bars {
        title: title.clone(),
        description: described(asked, &closer.line),
        label_head: asked.say(Word::DriftColumn).to_owned(),
        value_head: asked.say(Word::RiskShare).to_owned(),
        note_head: Some(asked.say(Word::DriftDifference).to_owned()),
        unit: Unit::Percent,
        bars: shares.iter().flat_map(pair).collect(),
    };
    let figure = Figure::new(language, id, title, FigureWidth::Half, |px| bars(&data, format, px));
    Some(figure.subtitle(asked.say(Word::DriftMixSub)).downloads(file(asked, id)))
}

/// What the values of a column are on an axis.
fn unit(column: &Line) -> Unit {
    if column.is_prediction() { Unit::Percent } else { Unit::Number(0) }
}

/// How many values each side has, as a sentence.
fn described(asked: &Asked<'_>, column: &Line) -> String {
    let format = asked.format();
    let (then, now) = (format.count(column.found.n_ref), format.count(column.found.n_cur));
    asked.language().fill(Word::DriftDescription, &[("then", &then), ("now", &now)])
}

fn spread(asked: &Asked<'_>, column: &Line, sides: &Sides) -> Histogram {
    let tiers = [(0.4, RiskTier::Medium), (0.6, RiskTier::High), (0.8, RiskTier::Critical)];
    let tiers = tiers.into_iter().filter(|_| column.is_prediction());
    let inside = |at: f64| {
        sides.edges.first().is_some_and(|low| *low <= at) && sides.edges.last().is_some_and(|high| at <= *high)
    };
    let limit = |(at, tier): (f64, RiskTier)| Limit { at, name: Mark::tier(tier, asked.language()).text() };
    Histogram {
        title: asked.language().fill(Word::DriftSpread, &[("column", column.name())]),
        description: described(asked, column),
        bin_head: asked.say(Word::DriftBin).to_owned(),
        name: asked.say(Word::DriftNow).to_owned(),
        axis: unit(column),
        unit: Unit::Percent,
        edges: sides.edges.clone(),
        heights: sides.now.shares.clone(),
        tones: Vec::new(),
        reference: Some((asked.say(Word::DriftThen).to_owned(), sides.then.shares.clone())),
        limits: tiers.filter(|(at, _)| inside(*at)).map(limit).collect(),
    }
}

fn distribution(asked: &Asked<'_>, column: &Line, sides: &Sides) -> Step {
    let series = |word: Word, tone: Tone, points: &[(f64, f64)]| StepSeries {
        name: asked.say(word).to_owned(),
        tone,
        points: points.to_vec(),
    };
    let all = [
        series(Word::DriftThen, Tone::Reference, &sides.then.curve),
        series(Word::DriftNow, Tone::Current, &sides.now.curve),
    ];
    Step {
        title: asked.language().fill(Word::DriftDistribution, &[("column", column.name())]),
        description: tested(asked, column).unwrap_or_else(|| described(asked, column)),
        value_head: asked.say(Word::DriftValue).to_owned(),
        unit: unit(column),
        series: all.into_iter().filter(|one| !one.points.is_empty()).collect(),
        gap: sides.distance.filter(|distance| distance.size() > 0.0).map(|distance| gap(asked, column, distance)),
    }
}

/// The distance with the statistic of the report: of the prediction, the published scores are rounded.
fn gap(asked: &Asked<'_>, column: &Line, distance: Distance) -> Gap {
    let size = column.found.ks.map_or(distance.size(), |ks| ks.statistic);
    let statistic = asked.format().score(size);
    Gap {
        at: distance.at,
        between: (distance.then, distance.now),
        name: asked.language().fill(Word::DriftGap, &[("statistic", &statistic)]),
    }
}

/// Customers by tier, in the training and now.
pub fn mix(asked: &Asked<'_>) -> Option<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let [then, now] = &**asked.seen.mix.as_ref()?;
    let (whole_then, whole_now) = (then.values().sum::<u64>().max(1) as f64, now.values().sum::<u64>().max(1) as f64);
    let pair = |tier: RiskTier| {
        let (before, after) = (then[&tier] as f64 / whole_then, now[&tier] as f64 / whole_now);
        let name = Mark::tier(tier, language).text();
        let named = |word: Word| language.fill(word, &[("tier", &name)]);
        [
            Bar::new(named(Word::DriftTierNow), after, Tone::Tier(tier))
                .note(format.points_between(before, after), after - before),
            Bar::new(named(Word::DriftTierThen), before, Tone::Reference),
        ]
    };
    let title = asked.say(Word::DriftMix);
    let all: Vec<Bar> = RiskTier::ALL.into_iter().rev().flat_map(pair).collect();
    let shown =
        |bar: &Bar| format!("{} {}", bar.label, bar.value.map(|value| format.percent(value)).unwrap_or_default());
    let data = Bars {
        title: title.to_owned(),
        description: all.iter().map(shown).collect::<Vec<_>>().join("; "),
        label_head: asked.say(Word::RiskTier).to_owned(),
        value_head: asked.say(Word::RiskShare).to_owned(),
        note_head: Some(asked.say(Word::DriftDifference).to_owned()),
        unit: Unit::Percent,
        bars: all,
    };
    let figure = Figure::new(language, "tiers", title, FigureWidth::Half, |px| bars(&data, format, px));
    Some(figure.subtitle(asked.say(Word::DriftMixSub)).downloads(file(asked, "tiers")))
}

/// The level of every run; nothing where no run is on record.
pub fn levels(asked: &Asked<'_>) -> Option<Figure> {
    levels_of(asked.visit, &asked.seen.runs)
}

/// The same without a report of the run.
pub fn levels_of(visit: &Visit, runs: &[Arc<DriftOfRun>]) -> Option<Figure> {
    if runs.is_empty() {
        return None;
    }
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let mark = |run: &Arc<DriftOfRun>| StripMark {
        at: at(visit, run),
        run_id: run.run_id.to_string(),
        time: run.at,
        level: Mark::drift(run.level, language).text(),
        tone: tone(run.level),
        event: trained(visit, run),
    };
    let drifted = runs.iter().filter(|run| matches!(run.level, DriftLevel::Warn | DriftLevel::Critical)).count();
    let values = [("runs", format.count(runs.len() as u64)), ("drifted", format.count(drifted as u64))];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let data = Strip {
        title: say(Word::DriftLevels).to_owned(),
        description: language.fill(Word::DriftLevelsDescription, &values),
        at_head: say(Word::OverviewRun).to_owned(),
        level_head: say(Word::DriftLevel).to_owned(),
        event_head: say(Word::ChartEvent).to_owned(),
        marks: runs.iter().map(mark).collect(),
    };
    let links = downloads::picture(language, &visit.query, "levels");
    let figure = Figure::new(language, "levels", say(Word::DriftLevels), FigureWidth::Full, |px| strip(&data, px));
    Some(figure.subtitle(say(Word::DriftLevelsSub)).downloads(links))
}

/// How far the chosen column moved, run after run; nothing where no run compared it.
pub fn trend(asked: &Asked<'_>) -> Option<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let column = asked.seen.chosen.as_ref()?.line.name();
    let effect = |run: &Arc<DriftOfRun>| run.effects.get(column).copied();
    let last = format.score(asked.seen.runs.iter().filter_map(effect).next_back()?);
    let point = |run: &Arc<DriftOfRun>| LinePoint {
        at: at(asked.visit, run),
        run_id: run.run_id.to_string(),
        time: run.at,
        value: effect(run),
        event: trained(asked.visit, run),
    };
    let runs = format.count(asked.seen.runs.len() as u64);
    let title = language.fill(Word::DriftTrend, &[("column", column)]);
    let data = chart::Line {
        title: title.clone(),
        description: language.fill(Word::DriftTrendDescription, &[("runs", &runs), ("last", &last)]),
        at_head: asked.say(Word::OverviewRun).to_owned(),
        value_head: asked.say(Word::DriftEffect).to_owned(),
        unit: Unit::Score,
        points: asked.seen.runs.iter().map(point).collect(),
        limit: None,
    };
    let figure = Figure::new(language, "trend", title, FigureWidth::Half, |px| line(&data, format, px));
    Some(figure.subtitle(asked.say(Word::DriftLevelsSub)).downloads(file(asked, "trend")))
}

/// The PR-AUC that was promised and the one that came to pass, of the last dates; nothing where nobody knows any.
pub fn kept(asked: &Asked<'_>, promises: &[Promise]) -> Option<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let last = &promises[promises.len().saturating_sub(PROMISES)..];
    let dots: Vec<IntervalDot> = last.iter().flat_map(|promise| dots(asked, promise)).collect();
    if dots.is_empty() {
        return None;
    }
    let title = asked.say(Word::DriftKeptTitle);
    let shown = |dot: &IntervalDot| format!("{} {}", dot.label, format.score(dot.value));
    let data = IntervalDots {
        title: title.to_owned(),
        description: dots.iter().map(shown).collect::<Vec<_>>().join("; "),
        label_head: asked.say(Word::DriftScoresOf).to_owned(),
        value_head: "PR-AUC".to_owned(),
        unit: Unit::Score,
        dots,
        limit: None,
    };
    let figure = Figure::new(language, "promises", title, FigureWidth::Half, |px| interval_dot(&data, format, px));
    Some(figure.subtitle(asked.say(Word::DriftKeptPicture)).downloads(file(asked, "promises")))
}

/// What was promised of a date, and what came to pass, one below the other.
fn dots(asked: &Asked<'_>, promise: &Promise) -> Vec<IntervalDot> {
    let date = asked.format().date(promise.as_of.date());
    let label = |word: Word| asked.language().fill(word, &[("date", &date)]);
    let promised = promise.estimated.map(|figure| IntervalDot {
        label: label(Word::DriftPromised),
        value: figure.value,
        interval: Some((figure.low, figure.high)),
        tone: Tone::Reference,
    });
    let came = promise.realised.map(|value| IntervalDot {
        label: label(Word::DriftCame),
        value,
        interval: promise.interval.map(|interval| (interval.low, interval.high)),
        tone: Tone::Current,
    });
    promised.into_iter().chain(came).collect()
}

/// When a run was.
fn at(visit: &Visit, run: &DriftOfRun) -> String {
    run.at.map_or_else(|| run.run_id.to_string(), |at| visit.format().moment(at))
}

/// That a run made a new model champion, and which.
fn trained(visit: &Visit, run: &DriftOfRun) -> Option<String> {
    let version = run.promoted.as_ref()?;
    let short = version.get(..SHORT).unwrap_or(version);
    Some(visit.language.fill(Word::DriftRetrained, &[("model", short)]))
}

fn tone(level: DriftLevel) -> Tone {
    match level {
        DriftLevel::None => Tone::Ok,
        DriftLevel::Warn => Tone::Warn,
        DriftLevel::Critical => Tone::Fail,
        DriftLevel::NotEnoughData => Tone::Quiet,
    }
}

/// The features that moved farthest; nothing where none was compared.
pub fn by_column(asked: &Asked<'_>) -> Option<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let features = asked.seen.reported.lines.iter().filter(|line| !line.is_prediction());
    let measured = features.filter(|line| line.is_measured());
    let mut compared: Vec<(&Line, f64)> = measured.filter_map(|line| Some((line, line.effect()?))).collect();
    compared.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let (first, _) = compared.first()?;
    let values = [("column", first.name())];
    let bar = |(line, effect): &(&Line, f64)| {
        let tone = match line.status {
            Status::Drifted => Tone::Warn,
            Status::Calendar => Tone::Quiet,
            _ => Tone::Ok,
        };
        let label = format!("{} {}", mark(language, line.status).glyph, line.name());
        let p_value = line.p_value().map(|p_value| format.p_value(p_value)).unwrap_or_default();
        Bar::new(label, *effect, tone).note(language.fill(Word::DriftP, &[("p", &p_value)]), line.p_value())
    };
    let title = asked.say(Word::DriftByColumn);
    let data = Bars {
        title: title.to_owned(),
        description: language.fill(Word::DriftByColumnDescription, &values),
        label_head: asked.say(Word::DriftColumn).to_owned(),
        value_head: asked.say(Word::DriftEffect).to_owned(),
        note_head: Some(asked.say(Word::DriftPValue).to_owned()),
        unit: Unit::Score,
        bars: compared.iter().take(BARS).map(bar).collect(),
    };
    let figure = Figure::new(language, "by-column", title, FigureWidth::Half, |px| bars(&data, format, px));
    Some(figure.subtitle(asked.say(Word::DriftByColumnSub)).downloads(file(asked, "by-column")))
}
