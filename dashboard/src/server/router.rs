//! The routes, and serving them until somebody says stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use super::{PageError, Site, Visit};
use crate::{access, assets, pages};

/// Whether the lake can be read is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Of gzip: the usual 6 takes twice the time for a tenth less of a page.
const PACKED: CompressionLevel = CompressionLevel::Precise(4);

/// Everything that can be asked for, behind the check of who asks.
pub fn router(site: &Site) -> Router {
    let all = pages::routes().route(assets::ROUTE, get(assets::serve)).fallback(not_found);
    let all = all.layer(CompressionLayer::new().quality(PACKED)).with_state(site.clone());
    access::layers(Arc::clone(site.access()), all)
}

/// Serves the site until `stop` ends; answers that are being made are made.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(&site).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop).into_future();
    tokio::select! {
        served = served => served,
        never = keep_looking(&site) => never,
    }
}

/// Looks without an end. Before the first look nothing is ready; `/readyz` need not wait for a page to find out.
async fn keep_looking(site: &Site) -> std::io::Result<()> {
    loop {
        site.look().await;
        sleep(LOOK_EVERY).await;
    }
}

async fn not_found(visit: Visit) -> Response {
    visit.answer(Err(PageError::NotFound { what: "page" })).await
}
