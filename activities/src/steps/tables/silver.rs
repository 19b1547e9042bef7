//! Silver: segments, channels, imputed prices and margins.

use churn::silver::customer::silver_customer;
use churn::silver::customer_month::silver_customer_month;
use lake::keys::TopFolder;
use lake::{StageSpec, digests};
use protocol::steps::{BuildStage, StageOutcome};
use serde_json::json;

use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::steps::{Environment, Inputs, versions};

/// Makes `silver_customer` and `silver_customer_month` from bronze.
pub async fn build_silver(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: BuildStage,
) -> Result<StageOutcome> {
    let as_of = request.as_of;
    let spec = spec(&request);
    let build = move |inputs: &Inputs, _watch: &dyn churn::Watch| {
        let customers = silver_customer(&inputs.table("bronze_customer")?)?;
        let months = silver_customer_month(&inputs.table("bronze_customer_month")?, &customers, as_of)?;
        Ok(vec![("silver_customer", customers), ("silver_customer_month", months)])
    };
    environment.find_or_make_tables(heartbeat, &spec, &request, build).await
}

pub(in crate::steps) fn spec(request: &BuildStage) -> StageSpec {
    StageSpec {
        layer: TopFolder::Silver,
        stage: "silver".to_owned(),
        code_version: versions::SILVER,
        inputs: digests(&request.inputs),
        settings: json!({ "as_of": request.as_of }),
    }
}
