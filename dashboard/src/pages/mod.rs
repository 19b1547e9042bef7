//! The pages, one folder or file each: parse the query, take the snapshot, compute a view by a pure function, fill the
//! template. CONTRIBUTING.md has the recipe for another one.

mod alerts;
pub mod banners;
mod call_sheet;
mod category;
mod checks;
mod compare;
mod customer;
pub mod customers;
pub mod downloads;
mod drift;
mod explorer;
mod filters;
mod findings;
mod gone;
mod kinds;
mod known_alerts;
#[cfg(test)]
mod looks;
mod model;
pub mod names;
pub mod operate;
mod overview;
mod recommendations;
mod risk;
mod run;
mod run_line;
pub mod shown_filter;
mod stages;
mod status;
#[cfg(test)]
mod taken_away;
mod vocabulary;

use axum::Router;
use axum::routing::get;

use crate::server::Site;

pub use downloads::File;
pub use filters::{Choice, Field, Filters};

/// Every page of the dashboard and its downloads.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(overview::page))
        .route("/overview/{file}", get(overview::file))
        .route("/risk", get(risk::page))
        .route("/risk/{file}", get(risk::file))
        .route("/model", get(model::page))
        .route("/model/{file}", get(model::file))
        .route("/customers", get(customer::lookup).post(customer::search))
        .route("/customers/{token}", get(customer::page))
        .route("/customers/{token}/{file}", get(customer::file))
        .route("/recommendations", get(recommendations::page))
        .route("/recommendations/sheets", get(recommendations::sheets))
        .route("/recommendations/{file}", get(recommendations::file))
        .merge(explorer::routes())
        .merge(drift::routes())
        .merge(status::routes())
        .merge(run::routes())
        .merge(compare::routes())
        .merge(operate::routes())
}
