//! How early the model sees it coming: skill by lead time, and out of time, of the newest backtest of its experiment.

use churn::label::LabelSource;
use churn::model::{Interval, LeadTime, OutOfTime, TrialFigures};
use protocol::backtest::BacktestReport;

use super::Asked;
use crate::chart::{IntervalDot, IntervalDots, Tone, Unit, interval_dot};
use crate::data::moment;
use crate::format::{Format, Shown};
use crate::frame::{Cell, Column, Figure, FigureWidth, Row, TablePart};
use crate::pages::downloads;
use crate::words::Word;

/// The picture and the tables; nothing where no backtest was made of the version's experiment.
pub fn lead_time(asked: &Asked<'_>) -> Option<(Figure, Vec<TablePart>)> {
    let report = asked.subject.backtest.as_deref()?;
    let later = (!report.out_of_time.is_empty()).then(|| out_of_time(asked, report));
    let tables = [table(asked, report)].into_iter().chain(later).collect();
    Some((by_lead_time(asked)?, tables))
}

/// PR-AUC at every date, with its interval.
pub fn by_lead_time(asked: &Asked<'_>) -> Option<Figure> {
    let (format, language) = (asked.format(), asked.language());
    let report = asked.subject.backtest.as_deref()?;
    let months = |at: &LeadTime| format.number(at.lead_months(), 1);
    let earliest = report.lead.last()?;
    let shown = [months(earliest), format.score(earliest.figures.pr_auc)];
    let dot = |at: &LeadTime| IntervalDot {
        label: language.fill(Word::LeadTimeMonths, &[("months", &months(at))]),
        value: at.figures.pr_auc,
        interval: at.figures.pr_auc_interval.map(|Interval { low, high }| (low, high)),
        tone: Tone::Current,
    };
    let title = asked.say(Word::LeadTimeTitle);
    let data = IntervalDots {
        title: title.to_owned(),
        description: language.fill(Word::LeadTimeDescription, &[("months", &shown[0]), ("value", &shown[1])]),
        label_head: asked.say(Word::LeadTimeBefore).to_owned(),
        value_head: asked.say(Word::OverviewPrAuc).to_owned(),
        unit: Unit::Score,
        dots: report.lead.iter().map(dot).collect(),
        limit: None,
    };
    let figure = Figure::new(language, "lead-time", title, FigureWidth::Half, |px| interval_dot(&data, format, px));
    let links = downloads::picture(language, &asked.visit.query, "lead-time");
    Some(figure.subtitle(asked.say(Word::LeadTimeSub)).downloads(links))
}

fn table(asked: &Asked<'_>, report: &BacktestReport) -> TablePart {
    let (format, language) = (asked.format(), asked.language());
    let row = |at: &LeadTime| {
        let (date, months) = (format.date(at.as_of.date()), format.number(at.lead_months(), 1));
        Row::from([vec![Cell::short(date), Cell::number(months)], cells(asked, &at.figures)].concat())
    };
    let mut columns =
        vec![Column::text(asked.say(Word::LeadTimeAsOf)), Column::number(asked.say(Word::LeadTimeBefore))];
    columns.extend(heads(asked));
    TablePart::new(language, "lead-times", asked.say(Word::LeadTimeTable), columns)
        .note(note(asked, report))
        .rows(report.lead.iter().map(row))
        .downloads(downloads::links_of(language, &asked.visit.query, "lead-times"))
}

fn out_of_time(asked: &Asked<'_>, report: &BacktestReport) -> TablePart {
    let (format, language) = (asked.format(), asked.language());
    let row = |OutOfTime { trained_at, tested_at, labels_overlap, figures }: &OutOfTime| {
        let known = if *labels_overlap { Word::LeadTimeNo } else { Word::LeadTimeYes };
        let dates = [trained_at, tested_at].map(|at| Cell::short(format.date(at.date())));
        Row::from([Vec::from(dates), cells(asked, figures), vec![Cell::text(asked.say(known))]].concat())
    };
    let mut columns =
        vec![Column::text(asked.say(Word::LeadTimeTrained)), Column::text(asked.say(Word::LeadTimeTested))];
    columns.extend(heads(asked));
    columns.push(Column::text(asked.say(Word::LeadTimeKnown)));
    TablePart::new(language, "out-of-time", asked.say(Word::LeadTimeLater), columns)
        .note(asked.say(Word::LeadTimeLaterNote))
        .rows(report.out_of_time.iter().map(row))
        .downloads(downloads::links_of(language, &asked.visit.query, "out-of-time"))
}

fn note(asked: &Asked<'_>, report: &BacktestReport) -> String {
    let (format, label) = (asked.format(), &report.label);
    let word = match label.source {
        LabelSource::Assumed => Word::LeadTimeAssumed,
        LabelSource::Column | LabelSource::Setting => Word::LeadTimeNote,
    };
    let at = moment(&report.started).map_or_else(|| report.started.clone(), |at| format.moment(at));
    let (date, days) = (format.date(label.date.date()), format.count(u64::from(label.horizon_days)));
    asked.language().fill(word, &[("at", &at), ("date", &date), ("days", &days)])
}

fn heads(asked: &Asked<'_>) -> [Column; 5] {
    [
        Column::number(asked.say(Word::OverviewPrAuc)),
        Column::number(asked.say(Word::LeadTimeBaseRate)).hint(asked.say(Word::LeadTimeBaseRateHint)),
        Column::number(asked.say(Word::OverviewRocAuc)),
        Column::number(asked.say(Word::RiskCustomers)),
        Column::number(asked.say(Word::ModelLeft)),
    ]
}

fn cells(asked: &Asked<'_>, figures: &TrialFigures) -> Vec<Cell> {
    vec![
        Cell::number(with_interval(asked.format(), figures.pr_auc, figures.pr_auc_interval)),
        Cell::number(asked.format().percent(figures.base_rate())),
        Cell::number(with_interval(asked.format(), figures.roc_auc, figures.roc_auc_interval)),
        Cell::number(asked.format().count(figures.rows)),
        Cell::number(asked.format().count(figures.positives)),
    ]
}

/// A measure of something that was tried, with its interval where there is one.
pub fn with_interval(format: Format, value: f64, interval: Option<Interval>) -> Shown {
    match interval {
        Some(Interval { low, high }) => format.score_interval(value, low, high).into(),
        None => Shown::new(format.score(value)).because(format.0.say(Word::LeadTimeNoInterval)),
    }
}
