//! Gold: one row per customer, with every feature.

use churn::gold::gold_master;
use lake::keys::TopFolder;
use lake::{StageSpec, digests};
use protocol::steps::{BuildStage, StageOutcome};
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::steps::{Environment, Inputs, versions};

/// Makes `gold_master` from silver.
pub async fn build_gold(environment: &Environment, heartbeat: &Heartbeat, request: BuildStage) -> Result<StageOutcome> {
    let as_of = request.as_of;
    let spec = spec(&environment.configuration, &request);
    let build = move |inputs: &Inputs, _watch: &dyn churn::Watch| {
        let gold = gold_master(&inputs.table("silver_customer")?, &inputs.table("silver_customer_month")?, as_of)?;
        Ok(vec![("gold_master", gold)])
    };
    environment.find_or_make_tables(heartbeat, &spec, &request, build).await
}

pub(in crate::steps) fn spec(configuration: &Configuration, request: &BuildStage) -> StageSpec {
    StageSpec {
        layer: TopFolder::Gold,
        stage: "gold_master".to_owned(),
        code_version: versions::GOLD,
        inputs: digests(&request.inputs),
        // A model trained on one sentiment model's output never scores another's.
        settings: json!({ "as_of": request.as_of, "sentiment": configuration.sentiment.digest() }),
    }
}
