//! Recommendations: what to offer to whom, and why, in numbers and in words.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use churn::model::Bundle;
use churn::recommend::{ReasonTexts, recommend};
use lake::keys::TopFolder;
use lake::{Made, StageSpec, digests};
use protocol::steps::{ScoreCustomers, StageOutcome};
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::{Environment, versions};

/// The output with a row per customer.
const RECOMMENDATIONS: &str = "recommendations";

/// Writes a recommendation for every scored customer, what moved the model, and the words for both.
pub async fn write_recommendations(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: ScoreCustomers,
) -> Result<StageOutcome> {
    let spec = spec(&environment.configuration, &request);
    let write = async |scratch: PathBuf| write(environment, heartbeat, &request, &scratch).await;
    let mut stage = environment.find_or_make(&spec, &request.stage.run, request.stage.reuse, write).await?;
    // The stage counts customers, not their contributions.
    stage.rows = stage.output(RECOMMENDATIONS)?.rows;
    Ok(stage)
}

pub(in crate::steps) fn spec(configuration: &Configuration, request: &ScoreCustomers) -> StageSpec {
    StageSpec {
        layer: TopFolder::Scored,
        stage: "recommendations".to_owned(),
        code_version: versions::RECOMMEND,
        inputs: digests(&request.stage.inputs),
        settings: json!({
            "model_version": request.version,
            "policy": configuration.recommendations_digest,
        }),
    }
}

/// The two tables and the sentences, written to `scratch`.
async fn write(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &ScoreCustomers,
    scratch: &Path,
) -> Result<Vec<Made>> {
    let inputs = environment.fetch(&request.stage.inputs, scratch).await?;
    let model = environment.registry.fetch_model(&request.version, scratch).await?;
    let configuration = Arc::clone(&environment.configuration);
    let folder = scratch.to_owned();
    compute(heartbeat, "the recommendations", move |watch| {
        let bundle = Bundle::load(&model)?;
        let tables = (inputs.table("scores"), inputs.table("gold_master"));
        // Of bytes that were exchanged meanwhile neither tables nor an error tell anything.
        inputs.still_the_same()?;
        let (scores, gold) = (tables.0?, tables.1?);
        let contributions = bundle.contributions_of(&scores, &gold, watch)?;
        let mut table = recommend(&scores, &contributions, &configuration.offers, &configuration.reasons)?;
        let mut top = bundle.top_contributions(&scores, &gold, &contributions)?;
        Ok(vec![
            Made::table(RECOMMENDATIONS, &mut table, &folder)?,
            Made::table("contributions", &mut top, &folder)?,
            texts(&configuration.reasons.texts(&scores)?, &folder)?,
        ])
    })
    .await
}

/// The sentences; no table, so without rows.
fn texts(texts: &ReasonTexts, folder: &Path) -> churn::Result<Made> {
    let path = folder.join("reasons.json");
    std::fs::write(&path, lake::to_json(texts)).map_err(churn::Error::file("write", &path))?;
    Made::file("reasons", "reasons.json".to_owned(), path, 0)
}
