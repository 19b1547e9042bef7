//! A backtest, straight down.

use churn::SnapshotDate;
use churn::label::{LaterTest, later_tests};
use churn::model::{Algorithm, LeadTime, OutOfTime, TrialName};
use protocol::backtest::{BacktestInput, BacktestReport, BacktestStage};
use protocol::progress::StageState;
use protocol::steps::{LabelSnapshot, Report};
use protocol::{ErrorNumber, TableRef};

use super::Backtest;
use crate::run::{Failure, at_most};
use crate::trials::{Delivery, Months, Trials};

/// The patch of runs that hold their dates against what the readings cover.
const DATES_BY_COVERAGE: &str = "backtest-dates-by-coverage";

/// How many dates are looked from at the same time: so many that no worker waits, so few that others have their turn.
const DATES_AT_ONCE: usize = 4;

/// The raw files, the months, a model at every date, a model at every later date, the report.
pub async fn run(trials: &Trials<Backtest>, input: &BacktestInput) -> Result<BacktestReport, Failure> {
    let look = trials.look(input.raw_prefix(), input.experiment.clone(), None);
    let delivery = trials.stage(BacktestStage::Raw, look, |delivery| delivery.raw.rows).await?;
    let dates = input.dates(&delivery.label).map_err(|problem| Failure::of(ErrorNumber::BadInput, problem))?;
    trials.within_the_limit(&delivery.raw, Box::pin(measure(trials, input, &delivery, dates))).await
}

async fn measure(
    trials: &Trials<Backtest>,
    input: &BacktestInput,
    delivery: &Delivery,
    dates: Vec<SnapshotDate>,
) -> Result<BacktestReport, Failure> {
    let trial = challenger(delivery);
    let months = async {
        let months = trials.months(&delivery.raw).await?;
        let dates = in_the_readings(trials, input, &months, dates).await?;
        Ok::<_, Failure>((months.table, dates))
    };
    let (months, dates) = trials.stage(BacktestStage::Months, months, |(months, _)| months.rows).await?;
    let (dates, left_out) = dates;
    let lead = lead_times(trials, delivery, &months, &trial, dates);
    let lead = trials.stage(BacktestStage::Dates, lead, |lead| lead.len() as u64).await?;
    let out_of_time = out_of_time(trials, delivery, &months, &trial).await?;
    let report = BacktestReport { left_out, ..report(trials, delivery, trial, lead, out_of_time) };
    let publish = trials.publish(Report::Backtest(Box::new(report.clone())));
    trials.stage(BacktestStage::Report, publish, |_| 0).await?;
    Ok(report)
}

/// The dates that the readings tell of, and those before them: a date that somebody asked for is refused there, another is
/// left out.
async fn in_the_readings(
    trials: &Trials<Backtest>,
    input: &BacktestInput,
    months: &Months,
    dates: Vec<SnapshotDate>,
) -> Result<(Vec<SnapshotDate>, Vec<SnapshotDate>), Failure> {
    if !trials.execution.ctx.patched(DATES_BY_COVERAGE) {
        return Ok((dates, Vec::new()));
    }
    if input.as_of.is_empty() {
        let covered = trials.covered(months, None).await?;
        let (known, left_out) = from(covered.covered_from, dates);
        if known.is_empty() {
            let problem = "the readings begin after the date of the labels; deliver earlier readings, or later labels";
            return Err(Failure::of(ErrorNumber::BadInput, problem.to_owned()));
        }
        return Ok((known, left_out));
    }
    // Between two dates that are covered all are.
    let mut ends: Vec<_> = dates.last().into_iter().chain(dates.first()).copied().collect();
    ends.dedup();
    for as_of in ends {
        trials.covered(months, Some(as_of)).await?;
    }
    Ok((dates, Vec::new()))
}

/// The dates from the first covered day on, and those before it.
fn from(first: Option<SnapshotDate>, dates: Vec<SnapshotDate>) -> (Vec<SnapshotDate>, Vec<SnapshotDate>) {
    dates.into_iter().partition(|date| first.is_none_or(|first| *date >= first))
}

/// What is fitted: the experiment of the run by the learner of a challenger.
fn challenger(delivery: &Delivery) -> TrialName {
    let experiment = delivery.raw.settings.experiment.clone();
    TrialName { experiment, algorithm: Algorithm::Xgboost, grid_point: None }
}

/// At every date the tables, then a model, measured on the holdout: all with the labels of one date.
async fn lead_times(
    trials: &Trials<Backtest>,
    delivery: &Delivery,
    months: &TableRef,
    trial: &TrialName,
    dates: Vec<SnapshotDate>,
) -> Result<Vec<LeadTime>, Failure> {
    let all = dates.len() as u64;
    let one = async |as_of: SnapshotDate| {
        let gold = trials.gold(delivery, months, &delivery.labels, as_of).await?;
        let summary = format!("{} as of {as_of}", trial.experiment);
        let figures = trials.try_model(trial, &gold, None, summary).await?;
        trials.tracker.slices_done(BacktestStage::Dates, 1, all);
        Ok(LeadTime { as_of, lead_days: delivery.label.lead_days(as_of), figures })
    };
    at_most(DATES_AT_ONCE, dates, &trials.rest, one).await
}

/// The models of earlier labels at later dates, with the labels of then; where the labels are of one date there is nothing to
/// measure, and the stage says so.
async fn out_of_time(
    trials: &Trials<Backtest>,
    delivery: &Delivery,
    months: &TableRef,
    trial: &TrialName,
) -> Result<Vec<OutOfTime>, Failure> {
    let snapshots = &delivery.raw.label_snapshots;
    let dates: Vec<_> = snapshots.iter().map(|snapshot| snapshot.date).collect();
    let tests = later_tests(&dates, delivery.label.horizon_days);
    if tests.is_empty() {
        let why = "the labels are of one date".to_owned();
        trials.tracker.close(BacktestStage::OutOfTime, StageState::Skipped, 0, Some(why));
        return Ok(Vec::new());
    }
    let all = tests.len() as u64;
    let one = async |LaterTest { trained_at, tested_at, labels_overlap }: LaterTest| {
        let gold = trials.gold(delivery, months, labels_of(snapshots, trained_at)?, trained_at).await?;
        let later = trials.gold(delivery, months, labels_of(snapshots, tested_at)?, tested_at).await?;
        let summary = format!("{} of {trained_at} as of {tested_at}", trial.experiment);
        let figures = trials.try_model(trial, &gold, Some(&later), summary).await?;
        trials.tracker.slices_done(BacktestStage::OutOfTime, 1, all);
        Ok(OutOfTime { trained_at, tested_at, labels_overlap, figures })
    };
    let measured = at_most(DATES_AT_ONCE, tests, &trials.rest, one);
    trials.stage(BacktestStage::OutOfTime, measured, |tests| tests.len() as u64).await
}

fn labels_of(snapshots: &[LabelSnapshot], date: SnapshotDate) -> Result<&TableRef, Failure> {
    let found = snapshots.iter().find(|snapshot| snapshot.date == date).map(|snapshot| &snapshot.labels);
    found.ok_or_else(|| Failure::of(ErrorNumber::MissingObject, format!("there are no labels of {date}; report it")))
}

fn report(
    trials: &Trials<Backtest>,
    delivery: &Delivery,
    trial: TrialName,
    lead: Vec<LeadTime>,
    out_of_time: Vec<OutOfTime>,
) -> BacktestReport {
    let run = &trials.execution.run;
    BacktestReport {
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        started: run.started.clone(),
        dataset: delivery.raw.digest.short().to_owned(),
        experiment: trial.experiment,
        algorithm: trial.algorithm,
        label: delivery.label,
        lead,
        left_out: Vec::new(),
        out_of_time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_before_the_readings_are_left_out() {
        let days = |texts: &[&str]| texts.iter().filter_map(|text| SnapshotDate::parse(text).ok()).collect::<Vec<_>>();
        let dates = days(&["2024-02-29", "2024-01-31", "2023-12-31"]);
        let first = SnapshotDate::parse("2024-01-01").ok();
        assert_eq!(from(first, dates.clone()), (days(&["2024-02-29", "2024-01-31"]), days(&["2023-12-31"])));
        assert_eq!(from(None, dates.clone()), (dates, Vec::new()));
    }
}
