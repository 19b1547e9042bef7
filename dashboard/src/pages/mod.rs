//! The pages, one folder or file each: parse the query, take the snapshot, compute a view by a pure function, fill the
//! template. CONTRIBUTING.md has the recipe for another one.

pub mod banners;
mod customers;
pub mod downloads;
mod filters;
mod model;
pub mod names;
pub mod operate;
mod overview;
mod risk;

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
        .merge(operate::routes())
}
