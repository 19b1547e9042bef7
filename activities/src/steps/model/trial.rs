//! Candidates: what the ladder tries, and the figures of one. No model is stored, so none of them can become champion.

use std::path::PathBuf;

use churn::model::{Algorithm, Candidate, TrialFigures, TrialName};
use lake::keys::TopFolder;
use lake::{Made, StageSpec};
use protocol::experiment_ladder::{LadderPlan, PlanLadder};
use protocol::steps::{TriedModel, TryModel};
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::{Environment, versions};

/// The output's name.
const TRIAL: &str = "trial";

/// What the ladder tries: every experiment with every algorithm that looks at features, each of the others once, and
/// as many points of the grid as the budget allows. A name that the settings do not know is an error.
pub fn plan_ladder(configuration: &Configuration, request: &PlanLadder) -> Result<LadderPlan> {
    let tiers = &configuration.tiers;
    let all = || -> Vec<String> { tiers.experiments().map(str::to_owned).collect() };
    let experiments = if request.experiments.is_empty() { all() } else { request.experiments.clone() };
    for experiment in &experiments {
        tiers.features(experiment)?;
    }
    let algorithms = if request.algorithms.is_empty() { &Algorithm::ALL[..] } else { &request.algorithms };
    let mut trials = Vec::new();
    for &algorithm in algorithms {
        // To whoever looks at nobody all experiments are one.
        let different = if algorithm.looks_at_features() { experiments.len() } else { 1 };
        let trial = |experiment: &String| TrialName { experiment: experiment.clone(), algorithm, grid_point: None };
        trials.extend(experiments.iter().take(different).map(trial));
    }
    let points = request.grid_budget.map(|budget| configuration.model.ladder.grid.points_within(budget));
    trials.extend(points.unwrap_or_default().into_iter().map(|point| TrialName {
        experiment: tiers.champion().to_owned(),
        algorithm: Algorithm::Xgboost,
        grid_point: Some(point),
    }));
    Ok(LadderPlan { trials })
}

/// The figures of a candidate, unless they are there.
pub async fn try_model(environment: &Environment, heartbeat: &Heartbeat, request: TryModel) -> Result<TriedModel> {
    let candidate = candidate(&environment.configuration, &request.trial)?;
    let spec = spec(&candidate, &request)?;
    let measure = async |scratch: PathBuf| {
        let gold = environment.lake.fetch(&request.gold, &scratch).await?;
        let later = match &request.later {
            Some(later) => Some(environment.lake.fetch(later, &scratch).await?),
            None => None,
        };
        let path = scratch.join("trial.json");
        let candidate = candidate.clone();
        compute(heartbeat, "the trial of a candidate", move |watch| {
            let gold = gold.read(churn::table_file::read)?;
            let later = later.map(|later| later.read(churn::table_file::read)).transpose()?;
            let figures = candidate.try_out(&gold, later.as_ref(), watch)?;
            std::fs::write(&path, lake::to_json(&figures)).map_err(churn::Error::file("write", &path))?;
            Ok(vec![Made::file(TRIAL, "trial.json".to_owned(), path, figures.rows)?])
        })
        .await
    };
    let stage = environment.find_or_make(&spec, &request.run, request.reuse, measure).await?;
    let figures: TrialFigures = environment.lake.read_json_exactly(&stage.output(TRIAL)?).await?;
    Ok(TriedModel { stage, figures })
}

fn candidate(configuration: &Configuration, trial: &TrialName) -> Result<Candidate> {
    let features = configuration.tiers.features(&trial.experiment)?;
    Ok(Candidate::of(trial, features, &configuration.model)?)
}

fn spec(candidate: &Candidate, request: &TryModel) -> Result<StageSpec> {
    let tables = [("gold_master", Some(&request.gold)), ("later_gold_master", request.later.as_ref())];
    let inputs = tables.into_iter().filter_map(|(name, table)| Some((name.to_owned(), table?.digest.clone())));
    Ok(StageSpec {
        layer: TopFolder::Evaluated,
        stage: TRIAL.to_owned(),
        code_version: versions::TRIAL,
        inputs: inputs.collect(),
        // What changes a challenger of the same settings changes what is tried with them.
        settings: json!({ "candidate": candidate.recorded()?, "training": versions::TRAIN }),
    })
}

#[cfg(test)]
mod tests {
    use protocol::{Digest, Reuse, Run, TableRef};

    use super::*;

    fn configuration() -> Configuration {
        Configuration::load(None).unwrap()
    }

    fn plan(request: &PlanLadder) -> Result<Vec<TrialName>> {
        Ok(plan_ladder(&configuration(), request)?.trials)
    }

    #[test]
    fn every_experiment_is_tried_with_every_algorithm_that_sees_it_and_the_grid_only_within_its_budget() {
        let all = PlanLadder { experiments: Vec::new(), algorithms: Vec::new(), grid_budget: None };
        let trials = plan(&all).unwrap();
        let experiments = configuration().tiers.experiments().count();
        assert_eq!(trials.len(), 3 * experiments + 2);
        assert!(trials.iter().all(|trial| trial.grid_point.is_none()));
        let some = PlanLadder {
            experiments: vec!["E0_baseline".to_owned()],
            algorithms: vec![Algorithm::RandomForest],
            grid_budget: Some(4),
        };
        let trials = plan(&some).unwrap();
        assert_eq!(trials.len(), 5);
        let of_grid = trials.iter().filter(|trial| trial.grid_point.is_some());
        assert!(of_grid.clone().all(|trial| trial.experiment == "E5_full" && trial.algorithm == Algorithm::Xgboost));
        let unknown = PlanLadder { experiments: vec!["E99".to_owned()], ..some };
        assert_eq!(plan(&unknown).unwrap_err().type_name(), "SG0003 UnusableSettings");
    }

    #[test]
    fn what_changes_the_figures_makes_them_anew_and_nothing_else_does() {
        let table = |text: &str| TableRef { key: text.to_owned(), digest: Digest::of(text.as_bytes()), rows: 1 };
        let request = |run: &str, gold: &str, later: Option<&str>, experiment: &str, algorithm| TryModel {
            run: Run { workflow_id: "w".into(), run_id: run.into(), started: String::new() },
            gold: table(gold),
            later: later.map(table),
            trial: TrialName { experiment: experiment.to_owned(), algorithm, grid_point: None },
            reuse: Reuse::Unchanged,
        };
        let digest = |configuration: &Configuration, request: &TryModel| {
            spec(&candidate(configuration, &request.trial).unwrap(), request).unwrap().digest()
        };
        let (usual, mut other) = (configuration(), configuration());
        other.model.train.learner.xgboost.rounds = 5;
        let first = request("one", "a", None, "E5_full", Algorithm::Xgboost);
        assert_eq!(digest(&usual, &first), digest(&usual, &request("two", "a", None, "E5_full", Algorithm::Xgboost)));
        for changed in [
            request("one", "b", None, "E5_full", Algorithm::Xgboost),
            request("one", "a", Some("b"), "E5_full", Algorithm::Xgboost),
            request("one", "a", None, "E0_baseline", Algorithm::Xgboost),
            request("one", "a", None, "E5_full", Algorithm::RandomForest),
        ] {
            assert_ne!(digest(&usual, &first), digest(&usual, &changed), "{changed:?}");
        }
        assert_ne!(digest(&usual, &first), digest(&other, &first));
        let forest = request("one", "a", None, "E5_full", Algorithm::RandomForest);
        assert_eq!(digest(&usual, &forest), digest(&other, &forest));
    }
}
