//! `bronze_customer`: the small raw files, one row per customer.

use std::sync::Arc;

use churn::bronze::customer::bronze_customer;
use churn::raw::{RawTable, read};
use lake::keys::TopFolder;
use lake::{StageSpec, digests};
use protocol::steps::{BuildStage, StageOutcome};
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::steps::{Environment, Inputs, versions};

/// Joins label, attributes, contracts and the enriched latest interaction.
pub async fn build_bronze_customer(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: BuildStage,
) -> Result<StageOutcome> {
    let configuration = Arc::clone(&environment.configuration);
    let as_of = request.as_of;
    let spec = spec(&configuration, &request);
    let build = move |inputs: &Inputs, watch: &dyn churn::Watch| {
        let raw = |table: RawTable| read(table, inputs.path(table.as_str())?);
        let table = bronze_customer(
            &raw(RawTable::ChurnLabel)?,
            &raw(RawTable::CustomerAttributes)?,
            &raw(RawTable::CustomerContracts)?,
            &raw(RawTable::CustomerInteractions)?,
            as_of,
            &configuration.intents,
            configuration.sentiment.as_ref(),
            watch,
        )?;
        Ok(vec![("bronze_customer", table)])
    };
    environment.find_or_make_tables(heartbeat, &spec, &request, build).await
}

pub(in crate::steps) fn spec(configuration: &Configuration, request: &BuildStage) -> StageSpec {
    StageSpec {
        layer: TopFolder::Bronze,
        stage: "bronze_customer".to_owned(),
        code_version: versions::BRONZE_CUSTOMER,
        inputs: digests(&request.inputs),
        settings: json!({
            "as_of": request.as_of,
            "intents": configuration.intents_digest,
            "sentiment": configuration.sentiment.digest(),
        }),
    }
}
