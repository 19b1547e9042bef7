//! Recommendations: what to offer to whom, and why, in words.

use std::sync::Arc;

use churn::model::Bundle;
use churn::recommend::recommend;
use lake::fetch_model;
use lake::{StageSpec, digests};
use protocol::steps::{ScoreCustomers, StageOutcome};
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::steps::{Environment, Inputs, versions};

/// Writes a recommendation for every scored customer.
pub async fn write_recommendations(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: ScoreCustomers,
) -> Result<StageOutcome> {
    let configuration = Arc::clone(&environment.configuration);
    let spec = spec(&configuration, &request);
    let model_folder = environment.scratch()?;
    let model = fetch_model(&environment.lake, &request.version, model_folder.path()).await?;
    let build = move |inputs: &Inputs, watch: &dyn churn::Watch| {
        let bundle = Bundle::load(&model)?;
        let scores = inputs.table("scores")?;
        let contributions = bundle.contributions_of(&scores, &inputs.table("gold_master")?, watch)?;
        let table = recommend(&scores, &contributions, &configuration.offers, &configuration.reasons)?;
        Ok(vec![("recommendations", table)])
    };
    environment.find_or_make_tables(heartbeat, &spec, &request.stage, build).await
}

pub(in crate::steps) fn spec(configuration: &Configuration, request: &ScoreCustomers) -> StageSpec {
    StageSpec {
        layer: "scored".to_owned(),
        stage: "recommendations".to_owned(),
        code_version: versions::RECOMMEND,
        inputs: digests(&request.stage.inputs),
        settings: json!({
            "model_version": request.version,
            "policy": configuration.recommendations_digest,
        }),
    }
}
