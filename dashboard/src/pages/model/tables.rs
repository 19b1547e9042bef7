//! The tables of the page as files: raw names, all rows.

use churn::model::{
    CalibrationReport, Evaluation, FeatureAlone, GateFigures, GateSettings, GroupMetrics, Interval, Metrics, PureGroup,
    Slice, SliceFigures, SliceLoss, SliceOutcome, TrialFigures,
};
use polars::df;
use polars::prelude::{DataFrame, PolarsResult};
use protocol::backtest::BacktestReport;

use super::board::Line;
use super::subject::Subject;
use super::timeline::{Event, Who, Why};
use crate::export::{List, iso};
use crate::pages::checks as told;

/// A table of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableName {
    /// The checks of the verdict.
    Checks,
    /// What each kind of customers gains or loses.
    GateSlices,
    /// The columns that stand out without any model.
    GateColumns,
    /// For whom it works.
    Slices,
    /// The calibrations that were compared.
    Calibrations,
    /// Beside the champion that it was held against.
    Beside,
    /// The figures by segment.
    Segments,
    /// The figures by sales channel.
    Channels,
    /// The features.
    Importance,
    /// Categories that training never saw.
    Unseen,
    /// The same model as comparable ones are often measured.
    Peer,
    /// Skill by lead time.
    LeadTimes,
    /// Skill at a later date.
    OutOfTime,
    /// The versions.
    Versions,
    /// Who was champion since when, who decided it and why.
    Timeline,
}

impl TableName {
    /// All of them.
    const ALL: [Self; 15] = [
        Self::Checks,
        Self::GateSlices,
        Self::GateColumns,
        Self::Slices,
        Self::Calibrations,
        Self::Beside,
        Self::Segments,
        Self::Channels,
        Self::Importance,
        Self::Unseen,
        Self::Peer,
        Self::LeadTimes,
        Self::OutOfTime,
        Self::Versions,
        Self::Timeline,
    ];

    /// The name in the address and in the page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Checks => "checks",
            Self::GateSlices => "gate-slices",
            Self::GateColumns => "gate-columns",
            Self::Slices => "slices",
            Self::Calibrations => "calibrations",
            Self::Beside => "beside",
            Self::Segments => "segments",
            Self::Channels => "channels",
            Self::Importance => "importance",
            Self::Unseen => "unseen",
            Self::Peer => "peer",
            Self::LeadTimes => "lead-times",
            Self::OutOfTime => "out-of-time",
            Self::Versions => "versions",
            Self::Timeline => "timeline",
        }
    }

    /// The table of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.as_str() == name)
    }
}

/// What the tables are made of.
pub struct Sources<'a> {
    /// The version that is shown.
    pub subject: &'a Subject,
    /// The versions.
    pub lines: &'a [Line],
    /// What happened to them.
    pub events: &'a [Event],
}

/// A table of the version that is shown; none where what it is made of is not there.
pub fn table(name: TableName, sources: &Sources<'_>) -> PolarsResult<Option<DataFrame>> {
    let subject = sources.subject;
    let evaluation = subject.evaluation.as_deref();
    let gate = evaluation.and_then(|found| found.summary.gate.as_ref());
    match name {
        TableName::Checks => checks(subject),
        TableName::GateSlices => gate.map(|found| slice_losses(&found.slices)).transpose(),
        TableName::GateColumns => {
            let limits = subject.verdict.as_ref().and_then(|verdict| verdict.limits.as_ref());
            gate.map(|found| single_columns(found, limits)).transpose()
        }
        TableName::Slices => evaluation.map(|found| slices(&found.summary.slices)).transpose(),
        TableName::Calibrations => {
            subject.about.as_ref().and_then(|about| about.calibration.as_ref()).map(calibrations).transpose()
        }
        TableName::Beside => evaluation.and_then(beside).map(|list| list.frame()).transpose(),
        TableName::Segments => evaluation.map(|found| groups("segment", &found.segments)).transpose(),
        TableName::Channels => evaluation.map(|found| groups("sales_channel", &found.sales_channels)).transpose(),
        TableName::Importance => evaluation.map(importance).transpose(),
        TableName::Unseen => evaluation.and_then(unseen).map(|list| list.frame()).transpose(),
        TableName::Peer => evaluation.map(|found| peer(found).frame()).transpose(),
        TableName::LeadTimes => subject.backtest.as_deref().map(lead_times).transpose(),
        TableName::OutOfTime => subject.backtest.as_deref().map(out_of_time).transpose(),
        TableName::Versions => versions(sources.lines).map(Some),
        TableName::Timeline => timeline(sources.events).map(Some),
    }
}

fn checks(subject: &Subject) -> PolarsResult<Option<DataFrame>> {
    subject.verdict.as_ref().map(|verdict| told::list(&verdict.checks).frame()).transpose()
}

fn slice_losses(slices: &[SliceLoss]) -> PolarsResult<DataFrame> {
    df!(
        "by" => slices.iter().map(|slice| slice.by.as_str()).collect::<Vec<_>>(),
        "value" => slices.iter().map(|slice| slice.value.clone()).collect::<Vec<_>>(),
        "measured_on" => slices.iter().map(|slice| slice.measured_on.as_str()).collect::<Vec<_>>(),
        "rows" => slices.iter().map(|slice| slice.rows).collect::<Vec<_>>(),
        "positives" => slices.iter().map(|slice| slice.positives).collect::<Vec<_>>(),
        "pr_auc" => slices.iter().map(|slice| slice.pr_auc).collect::<Vec<_>>(),
        "champion_pr_auc" => slices.iter().map(|slice| slice.champion).collect::<Vec<_>>(),
        "best_pr_auc" => slices.iter().map(|slice| slice.best).collect::<Vec<_>>(),
        "pr_auc_difference" => slices.iter().map(SliceLoss::difference).collect::<Vec<_>>(),
    )
}

fn single_columns(found: &GateFigures, limits: Option<&GateSettings>) -> PolarsResult<DataFrame> {
    let suspects = &found.leakage.suspects;
    let reason = |alone: &FeatureAlone| limits?.leakage.reason_for(&alone.feature).map(str::to_owned);
    let purest: Vec<Option<&PureGroup>> = suspects.iter().map(|alone| alone.purest.as_ref()).collect();
    df!(
        "feature" => suspects.iter().map(|alone| alone.feature.clone()).collect::<Vec<_>>(),
        "values" => purest.iter().map(|group| group.map(|group| group.values.clone())).collect::<Vec<_>>(),
        "rows" => purest.iter().map(|group| group.map(|group| group.rows)).collect::<Vec<_>>(),
        "churn_rate" => purest.iter().map(|group| group.map(PureGroup::churn_rate)).collect::<Vec<_>>(),
        "roc_auc" => suspects.iter().map(|alone| alone.roc_auc).collect::<Vec<_>>(),
        "reviewed_because" => suspects.iter().map(reason).collect::<Vec<_>>(),
    )
}

fn slices(slices: &[Slice]) -> PolarsResult<DataFrame> {
    let number = |of: fn(&SliceFigures) -> Option<f64>| -> Vec<Option<f64>> {
        slices.iter().map(|slice| slice.figures().and_then(of)).collect()
    };
    let why = |slice: &Slice| match &slice.outcome {
        SliceOutcome::Evaluated(_) => None,
        SliceOutcome::NotEvaluated(why) => Some(why.clone()),
    };
    let difference = number(|figures| figures.champion.map(|champion| champion.pr_auc_difference));
    let low = number(|figures| figures.champion.and_then(|champion| champion.pr_auc_difference_low));
    df!(
        "by" => slices.iter().map(|slice| slice.by.as_str()).collect::<Vec<_>>(),
        "value" => slices.iter().map(|slice| slice.value.clone()).collect::<Vec<_>>(),
        "measured_on" => slices.iter().map(|slice| slice.measured_on.as_str()).collect::<Vec<_>>(),
        "rows" => slices.iter().map(|slice| slice.rows).collect::<Vec<_>>(),
        "positives" => slices.iter().map(|slice| slice.positives).collect::<Vec<_>>(),
        "not_evaluated" => slices.iter().map(why).collect::<Vec<_>>(),
        "pr_auc" => number(|figures| Some(figures.pr_auc)),
        "pr_auc_low" => number(|figures| figures.pr_auc_interval.map(|interval| interval.low)),
        "pr_auc_high" => number(|figures| figures.pr_auc_interval.map(|interval| interval.high)),
        "lift" => number(|figures| Some(figures.lift)),
        "lift_low" => number(|figures| figures.lift_interval.map(|interval| interval.low)),
        "lift_high" => number(|figures| figures.lift_interval.map(|interval| interval.high)),
        "roc_auc" => number(|figures| Some(figures.roc_auc)),
        "precision" => number(|figures| Some(figures.precision)),
        "recall" => number(|figures| Some(figures.recall)),
        "mean_probability" => number(|figures| Some(figures.mean_probability)),
        "overrated_by" => number(|figures| Some(figures.overrated_by)),
        "champion_pr_auc" => number(|figures| figures.champion.map(|champion| champion.pr_auc)),
        "pr_auc_difference" => difference,
        "pr_auc_difference_low" => low,
    )
}

fn calibrations(report: &CalibrationReport) -> PolarsResult<DataFrame> {
    let compared = &report.compared;
    df!(
        "method" => compared.iter().map(|figures| figures.method.as_str()).collect::<Vec<_>>(),
        "weighting" => compared.iter().map(|figures| figures.weighting().as_str()).collect::<Vec<_>>(),
        "brier" => compared.iter().map(|figures| figures.brier).collect::<Vec<_>>(),
        "ece" => compared.iter().map(|figures| figures.ece).collect::<Vec<_>>(),
        "kept" => compared.iter().map(|figures| report.keeps(figures)).collect::<Vec<_>>(),
    )
}

fn groups(name: &str, groups: &[GroupMetrics]) -> PolarsResult<DataFrame> {
    df!(
        name => groups.iter().map(|group| group.group.clone()).collect::<Vec<_>>(),
        "rows" => groups.iter().map(|group| group.rows).collect::<Vec<_>>(),
        "positives" => groups.iter().map(|group| group.positives).collect::<Vec<_>>(),
        "pr_auc" => groups.iter().map(|group| group.pr_auc).collect::<Vec<_>>(),
        "roc_auc" => groups.iter().map(|group| group.roc_auc).collect::<Vec<_>>(),
        "precision" => groups.iter().map(|group| group.precision).collect::<Vec<_>>(),
        "recall" => groups.iter().map(|group| group.recall).collect::<Vec<_>>(),
        "mean_probability" => groups.iter().map(|group| group.mean_probability).collect::<Vec<_>>(),
    )
}

fn importance(evaluation: &Evaluation) -> PolarsResult<DataFrame> {
    let features = &evaluation.importance;
    df!(
        "feature" => features.iter().map(|feature| feature.feature.clone()).collect::<Vec<_>>(),
        "mean_abs_shap" => features.iter().map(|feature| feature.mean_abs_shap).collect::<Vec<_>>(),
        "gain" => features.iter().map(|feature| feature.gain).collect::<Vec<_>>(),
    )
}

/// The figures of this version and of the champion then.
fn beside(evaluation: &Evaluation) -> Option<List> {
    let (ours, theirs) = (&evaluation.summary.metrics, evaluation.summary.champion.as_ref()?);
    let figures = [
        ("pr_auc", ours.pr_auc, theirs.pr_auc),
        ("roc_auc", ours.roc_auc, theirs.roc_auc),
        ("brier", ours.brier, theirs.brier),
    ];
    let list = List::of(&figures)
        .text("figure", |(name, ..)| (*name).to_owned())
        .text("version", |_| evaluation.summary.model_version.clone())
        .number("value", |(_, value, _)| *value)
        .text("champion", |_| theirs.version.clone())
        .number("champion_value", |(.., other)| *other)
        .number("difference", |(_, value, other)| value - other);
    Some(list.into())
}

/// How many customers have a category that training never saw; none where it saw all.
fn unseen(evaluation: &Evaluation) -> Option<List> {
    let features: Vec<_> = evaluation.unseen_categories.iter().collect();
    let list = List::of(&features).text("feature", |(name, _)| (*name).clone()).count("customers", |(_, rows)| **rows);
    (!features.is_empty()).then(|| list.into())
}

fn peer(evaluation: &Evaluation) -> List {
    let (ours, peer) = (&evaluation.summary.metrics, &evaluation.peer_protocol);
    let row = |name: &'static str, of: fn(&Metrics) -> f64| (name, of(ours), of(peer));
    let figures = [
        row("pr_auc", |metrics| metrics.pr_auc),
        row("roc_auc", |metrics| metrics.roc_auc),
        row("precision", |metrics| metrics.precision),
        row("recall", |metrics| metrics.recall),
        row("f1", |metrics| metrics.f1),
        row("brier", |metrics| metrics.brier),
        row("ece", |metrics| metrics.ece),
        row("top_decile_lift", |metrics| metrics.top_decile_lift),
        row("threshold", |metrics| metrics.threshold),
    ];
    List::of(&figures)
        .text("figure", |(name, ..)| (*name).to_owned())
        .number("holdout", |(_, value, _)| *value)
        .number("peer_protocol", |(.., other)| *other)
        .into()
}

fn lead_times(report: &BacktestReport) -> PolarsResult<DataFrame> {
    let lead = &report.lead;
    let dates = df!(
        "as_of" => lead.iter().map(|at| at.as_of.to_string()).collect::<Vec<_>>(),
        "lead_days" => lead.iter().map(|at| at.lead_days).collect::<Vec<_>>(),
    )?;
    dates.hstack(trials(&lead.iter().map(|at| &at.figures).collect::<Vec<_>>())?.columns())
}

fn out_of_time(report: &BacktestReport) -> PolarsResult<DataFrame> {
    let tests = &report.out_of_time;
    let dates = df!(
        "trained_at" => tests.iter().map(|test| test.trained_at.to_string()).collect::<Vec<_>>(),
        "tested_at" => tests.iter().map(|test| test.tested_at.to_string()).collect::<Vec<_>>(),
        "labels_overlap" => tests.iter().map(|test| test.labels_overlap).collect::<Vec<_>>(),
    )?;
    dates.hstack(trials(&tests.iter().map(|test| &test.figures).collect::<Vec<_>>())?.columns())
}

fn trials(trials: &[&TrialFigures]) -> PolarsResult<DataFrame> {
    let end = |of: fn(&TrialFigures) -> Option<Interval>, side: fn(Interval) -> f64| -> Vec<Option<f64>> {
        trials.iter().map(|figures| of(figures).map(side)).collect()
    };
    df!(
        "training_rows" => trials.iter().map(|figures| figures.training_rows).collect::<Vec<_>>(),
        "training_positives" => trials.iter().map(|figures| figures.training_positives).collect::<Vec<_>>(),
        "rows" => trials.iter().map(|figures| figures.rows).collect::<Vec<_>>(),
        "positives" => trials.iter().map(|figures| figures.positives).collect::<Vec<_>>(),
        "pr_auc" => trials.iter().map(|figures| figures.pr_auc).collect::<Vec<_>>(),
        "pr_auc_low" => end(|figures| figures.pr_auc_interval, |interval| interval.low),
        "pr_auc_high" => end(|figures| figures.pr_auc_interval, |interval| interval.high),
        "roc_auc" => trials.iter().map(|figures| figures.roc_auc).collect::<Vec<_>>(),
        "roc_auc_low" => end(|figures| figures.roc_auc_interval, |interval| interval.low),
        "roc_auc_high" => end(|figures| figures.roc_auc_interval, |interval| interval.high),
    )
}

fn versions(lines: &[Line]) -> PolarsResult<DataFrame> {
    let time = |line: &Line| line.registered.map(iso);
    df!(
        "version" => lines.iter().map(|line| line.version.to_string()).collect::<Vec<_>>(),
        "status" => lines.iter().map(|line| line.status.map(|status| format!("{status:?}"))).collect::<Vec<_>>(),
        "champion" => lines.iter().map(|line| line.champion).collect::<Vec<_>>(),
        "experiment" => lines.iter().map(|line| line.experiment.clone()).collect::<Vec<_>>(),
        "algorithm" => lines.iter().map(|line| line.algorithm.clone()).collect::<Vec<_>>(),
        "pr_auc" => lines.iter().map(|line| line.pr_auc).collect::<Vec<_>>(),
        "pr_auc_low" => lines.iter().map(|line| line.interval.map(|interval| interval.low)).collect::<Vec<_>>(),
        "pr_auc_high" => lines.iter().map(|line| line.interval.map(|interval| interval.high)).collect::<Vec<_>>(),
        "roc_auc" => lines.iter().map(|line| line.roc_auc).collect::<Vec<_>>(),
        "brier" => lines.iter().map(|line| line.brier).collect::<Vec<_>>(),
        "holdout_rows" => lines.iter().map(|line| line.rows).collect::<Vec<_>>(),
        "registered_at" => lines.iter().map(time).collect::<Vec<_>>(),
    )
}

fn timeline(events: &[Event]) -> PolarsResult<DataFrame> {
    let by = |event: &Event| match &event.who {
        Who::Workflow(name) | Who::Person(name) => name.clone(),
    };
    let why = |event: &Event| event.why.iter().map(Why::words).collect::<Vec<_>>().join("; ");
    let runs: Vec<_> = events.iter().map(|event| event.run.as_ref()).collect();
    df!(
        "at" => events.iter().map(|event| event.at.map(iso)).collect::<Vec<_>>(),
        "happened" => events.iter().map(|event| event.happened.as_str()).collect::<Vec<_>>(),
        "version" => events.iter().map(|event| event.version.to_string()).collect::<Vec<_>>(),
        "by" => events.iter().map(by).collect::<Vec<_>>(),
        "by_hand" => events.iter().map(|event| matches!(event.who, Who::Person(_))).collect::<Vec<_>>(),
        "why" => events.iter().map(why).collect::<Vec<_>>(),
        "against" => events.iter().map(|event| event.against.as_ref().map(|it| it.words.clone())).collect::<Vec<_>>(),
        "workflow_id" => runs.iter().map(|run| run.map(|(id, _)| id.to_string())).collect::<Vec<_>>(),
        "run_id" => runs.iter().map(|run| run.map(|(_, id)| id.to_string())).collect::<Vec<_>>(),
    )
}
