//! Scoring: every customer of the gold table, by the champion.

use std::collections::BTreeMap;

use churn::model::{Bundle, score, tier_counts};
use lake::keys::TopFolder;
use lake::{StageSpec, digests};
use protocol::Digest;
use protocol::steps::{ScoreCustomers, Scored};
use serde_json::json;

use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::{Environment, Inputs, versions};

/// Scores all customers, unless these very scores exist.
pub async fn score_customers(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: ScoreCustomers,
) -> Result<Scored> {
    let as_of = request.stage.as_of;
    let spec = spec(&request);
    let model_folder = environment.scratch()?;
    let model = environment.registry.fetch_model(&request.version, model_folder.path()).await?;
    let build = move |inputs: &Inputs, _watch: &dyn churn::Watch| {
        let bundle = Bundle::load(&model)?;
        let scores = score(&bundle, &inputs.table("gold_master")?, &inputs.table("silver_customer")?, as_of)?;
        Ok(vec![("scores", scores)])
    };
    let stage = environment.find_or_make_tables(heartbeat, &spec, &request.stage, build).await?;
    let scratch = environment.scratch()?;
    let scores =
        environment.fetch(&BTreeMap::from([("scores".to_owned(), stage.output("scores")?)]), scratch.path()).await?;
    let tiers =
        compute(heartbeat, "the count of the tiers", move |_| Ok(tier_counts(&scores.table("scores")?)?)).await?;
    Ok(Scored { stage, tiers })
}

pub(in crate::steps) fn spec(request: &ScoreCustomers) -> StageSpec {
    let mut inputs = digests(&request.stage.inputs);
    inputs.insert("model".to_owned(), Digest::of(request.version.as_bytes()));
    StageSpec {
        layer: TopFolder::Scored,
        stage: "scores".to_owned(),
        code_version: versions::SCORE,
        inputs,
        settings: json!({ "as_of": request.stage.as_of, "model_version": request.version }),
    }
}
