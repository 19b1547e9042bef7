//! The routes, and serving them until somebody says stop.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;

use super::{PageError, Site, Visit};
use crate::{access, assets, pages};

/// Everything that can be asked for, behind the check of who asks.
pub fn router(site: &Site) -> Router {
    let all = pages::routes().route(assets::ROUTE, get(assets::serve)).fallback(not_found);
    let all = all.layer(CompressionLayer::new()).with_state(site.clone());
    access::layers(Arc::clone(site.access()), all)
}

/// Serves the site until `stop` ends; answers that are being made are made.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(&site).into_make_service_with_connect_info::<SocketAddr>();
    site.access().readiness().set(true);
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

async fn not_found(visit: Visit) -> Response {
    visit.answer(Err(PageError::NotFound { what: "page" })).await
}
