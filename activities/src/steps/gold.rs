//! Gold: one row per customer, with every feature.

use churn::gold::gold_master;
use lake::{StageSpec, digests};
use protocol::steps::{BuildStage, StageOutcome};
use serde_json::json;

use super::{World, versions};
use crate::configuration::Configuration;
use crate::error::Result;
use crate::watched::Pulse;

/// Makes `gold_master` from silver.
pub async fn build_gold(world: &World, pulse: &Pulse, request: BuildStage) -> Result<StageOutcome> {
    let as_of = request.as_of;
    let spec = spec(&world.configuration, &request);
    let build = move |inputs: &super::world::Inputs, _watch: &dyn churn::Watch| {
        let gold = gold_master(&inputs.table("silver_customer")?, &inputs.table("silver_customer_month")?, as_of)?;
        Ok(vec![("gold_master", gold)])
    };
    world.make_tables(pulse, &spec, &request, build).await
}

pub(super) fn spec(configuration: &Configuration, request: &BuildStage) -> StageSpec {
    StageSpec {
        layer: "gold".to_owned(),
        stage: "gold_master".to_owned(),
        code_version: versions::GOLD,
        inputs: digests(&request.inputs),
        // A model trained on one sentiment model's output never scores another's.
        settings: json!({ "as_of": request.as_of, "sentiment": configuration.sentiment.digest() }),
    }
}
