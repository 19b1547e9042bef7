//! Recommendations: what to offer to whom, and why, in numbers and in words.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use churn::model::Bundle;
use churn::raw::{RawTable, read, read_consent};
use churn::recommend::{InView, OffersReport, recommend};
use lake::keys::TopFolder;
use lake::{Made, StageSpec, digests};
use protocol::steps::{OffersSummary, Recommended, ScoreCustomers};
use serde::Serialize;
use serde_json::json;

use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::{Environment, Inputs, versions};

/// The output with a row per customer.
const RECOMMENDATIONS: &str = "recommendations";
/// The output that says what the offers are as a whole.
const OFFERS: &str = "offers";

/// Writes a recommendation for every scored customer, what moved the model, the words for both, and what the offers are
/// as a whole.
pub async fn write_recommendations(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: ScoreCustomers,
) -> Result<Recommended> {
    let spec = spec(&environment.configuration, &request);
    let write = async |scratch: PathBuf| write(environment, heartbeat, &request, &scratch).await;
    let mut stage = environment.find_or_make(&spec, &request.stage.run, request.stage.reuse, write).await?;
    // The stage counts customers, not their contributions.
    stage.rows = stage.output(RECOMMENDATIONS)?.rows;
    let report: OffersReport = environment.lake.read_json_exactly(&stage.output(OFFERS)?).await?;
    Ok(Recommended { stage, offers: Some(OffersSummary::of(&report)) })
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

/// The two tables, the sentences and the report, written to `scratch`.
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
    let as_of = request.stage.as_of;
    compute(heartbeat, "the recommendations", move |watch| {
        let bundle = Bundle::load(&model)?;
        let tables = (inputs.table("scores"), inputs.table("gold_master"), Beside::of(&inputs));
        // Of bytes that were exchanged meanwhile neither tables nor an error tell anything.
        inputs.still_the_same()?;
        let (scores, gold, beside) = (tables.0?, tables.1?, tables.2?);
        let contributions = bundle.contributions_of(&scores, &gold, watch)?;
        let view = InView {
            as_of,
            customers: beside.customers.as_ref(),
            consent: beside.consent.as_ref(),
            outcomes: beside.outcomes.as_ref(),
        };
        let mut recommended = recommend(&scores, &contributions, &view, &configuration.offers, &configuration.reasons)?;
        let mut top = bundle.top_contributions(&scores, &gold, &contributions)?;
        Ok(vec![
            Made::table(RECOMMENDATIONS, &mut recommended.table, &folder)?,
            Made::table("contributions", &mut top, &folder)?,
            document("reasons", &configuration.reasons.texts(&scores)?, &folder)?,
            document(OFFERS, &recommended.report, &folder)?,
        ])
    })
    .await
}

/// What is known beside scores and gold. Of a run that began before it was asked for, nothing; and a delivery may come
/// without consent and outcomes.
struct Beside {
    customers: Option<churn::DataFrame>,
    consent: Option<churn::DataFrame>,
    outcomes: Option<churn::DataFrame>,
}

impl Beside {
    fn of(inputs: &Inputs) -> churn::Result<Self> {
        let consent = inputs.find(RawTable::CustomerContracts.as_str()).map(read_consent).transpose()?;
        let outcomes = inputs.find(RawTable::OfferOutcomes.as_str());
        Ok(Self {
            customers: inputs.find("silver_customer").map(churn::table_file::read).transpose()?,
            consent: consent.flatten(),
            outcomes: outcomes.map(|path| read(RawTable::OfferOutcomes, path)).transpose()?,
        })
    }
}

/// A document beside the tables; no table, so without rows.
fn document(name: &'static str, document: &impl Serialize, folder: &Path) -> churn::Result<Made> {
    let path = folder.join(format!("{name}.json"));
    std::fs::write(&path, lake::to_json(document)).map_err(churn::Error::file("write", &path))?;
    Made::file(name, format!("{name}.json"), path, 0)
}
