//! The ladder, straight down.

use churn::SnapshotDate;
use churn::model::TrialName;
use protocol::experiment_ladder::{LadderInput, LadderPlan, LadderStage, Leaderboard, LeaderboardRow, PlanLadder};
use protocol::steps::Report;
use protocol::{Pipeline, TableRef};

use super::ExperimentLadder;
use crate::run::{Call, Failure, Weight, at_most};
use crate::trials::{Delivery, Trials};

/// How many candidates are at work or wait for a slot at the same time.
const TRIALS_AT_ONCE: usize = 8;

/// The raw files and what is to be tried, the tables, the candidates, the leaderboard.
pub async fn run(trials: &Trials<ExperimentLadder>, input: &LadderInput) -> Result<Leaderboard, Failure> {
    let begin = begin(trials, input);
    let (delivery, plan) = trials.stage(LadderStage::Raw, begin, |(delivery, _)| delivery.raw.rows).await?;
    let as_of = input.as_of.unwrap_or(delivery.label.date);
    trials.within_the_limit(&delivery.raw, Box::pin(climb(trials, &delivery, plan, as_of))).await
}

/// Names that the settings do not know fail before anything is computed.
async fn begin(trials: &Trials<ExperimentLadder>, input: &LadderInput) -> Result<(Delivery, LadderPlan), Failure> {
    let request = PlanLadder {
        experiments: input.experiments.clone(),
        algorithms: input.algorithms.clone(),
        grid_budget: input.grid_budget,
    };
    let call = Call::between("plan", Weight::Light, "what is to be tried");
    let plan = trials.execution.call(Pipeline::plan_ladder, request, call).await?;
    let delivery = trials.look(input.raw_prefix(), None, input.as_of).await?;
    Ok((delivery, plan))
}

async fn climb(
    trials: &Trials<ExperimentLadder>,
    delivery: &Delivery,
    plan: LadderPlan,
    as_of: SnapshotDate,
) -> Result<Leaderboard, Failure> {
    let gold = trials.stage(LadderStage::Tables, tables(trials, delivery, as_of), |gold| gold.rows).await?;
    let tried = try_all(trials, &gold, plan.trials);
    let tried = trials.stage(LadderStage::Trials, tried, |tried| tried.len() as u64).await?;
    let leaderboard = leaderboard(trials, delivery, as_of, tried);
    let publish = trials.publish(Report::Ladder(Box::new(leaderboard.clone())));
    trials.stage(LadderStage::Report, publish, |_| 0).await?;
    Ok(leaderboard)
}

async fn tables(
    trials: &Trials<ExperimentLadder>,
    delivery: &Delivery,
    as_of: SnapshotDate,
) -> Result<TableRef, Failure> {
    let months = trials.months(&delivery.raw).await?;
    trials.gold(delivery, &months.table, &delivery.labels, as_of).await
}

async fn try_all(
    trials: &Trials<ExperimentLadder>,
    gold: &TableRef,
    candidates: Vec<TrialName>,
) -> Result<Vec<LeaderboardRow>, Failure> {
    let all = candidates.len() as u64;
    let one = async |trial: TrialName| {
        let figures = trials.try_model(&trial, gold, None, summary(&trial)).await?;
        trials.tracker.slices_done(LadderStage::Trials, 1, all);
        Ok(LeaderboardRow { trial, figures })
    };
    at_most(TRIALS_AT_ONCE, candidates, &trials.rest, one).await
}

fn summary(trial: &TrialName) -> String {
    let TrialName { experiment, algorithm, grid_point } = trial;
    match grid_point {
        Some(point) => format!("{experiment} by {algorithm}, point {point} of the grid"),
        None => format!("{experiment} by {algorithm}"),
    }
}

fn leaderboard(
    trials: &Trials<ExperimentLadder>,
    delivery: &Delivery,
    as_of: SnapshotDate,
    tried: Vec<LeaderboardRow>,
) -> Leaderboard {
    let run = &trials.execution.run;
    let (rows, grid) = LeaderboardRow::ranked(tried);
    Leaderboard {
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        started: run.started.clone(),
        dataset: delivery.raw.digest.short().to_owned(),
        as_of,
        label: delivery.label,
        rows,
        grid,
    }
}
