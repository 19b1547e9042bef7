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
use crate::trials::{Delivery, Trials};

/// How many dates are looked from at the same time: so many that no worker waits, so few that others have their turn.
const DATES_AT_ONCE: usize = 4;

/// The raw files, the months, a model at every date, a model at every later date, the report.
pub async fn run(trials: &Trials<Backtest>, input: &BacktestInput) -> Result<BacktestReport, Failure> {
    let look = trials.look(input.raw_prefix(), input.experiment.clone(), None);
    let delivery = trials.stage(BacktestStage::Raw, look, |delivery| delivery.raw.rows).await?;
    let dates = input.dates(&delivery.label).map_err(|problem| Failure::of(ErrorNumber::BadInput, problem))?;
    trials.within_the_limit(&delivery.raw, measure(trials, &delivery, dates)).await
}

async fn measure(
    trials: &Trials<Backtest>,
    delivery: &Delivery,
    dates: Vec<SnapshotDate>,
) -> Result<BacktestReport, Failure> {
    let trial = challenger(delivery);
    let months = trials.stage(BacktestStage::Months, trials.months(&delivery.raw), |months| months.rows).await?;
    let lead = lead_times(trials, delivery, &months, &trial, dates);
    let lead = trials.stage(BacktestStage::Dates, lead, |lead| lead.len() as u64).await?;
    let out_of_time = out_of_time(trials, delivery, &months, &trial).await?;
    let report = report(trials, delivery, trial, lead, out_of_time);
    let publish = trials.publish(Report::Backtest(Box::new(report.clone())));
    trials.stage(BacktestStage::Report, publish, |_| 0).await?;
    Ok(report)
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
        out_of_time,
    }
}
